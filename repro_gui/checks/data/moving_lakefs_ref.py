"""Data in lakeFS is named by a commit or a tag.

## Why it matters
`lakefs://repository/main/data.csv` is whatever the branch `main` holds today; tomorrow's commit changes it without a trace in the
project. A commit never changes, a tag does not move. The same holds for paths of the S3 gateway and for folders of `lakectl local`.

## How to fix it
Put the commit, or a tag, in place of the branch:

```
lakectl branch show lakefs://repository/main
```

The fix asks the server of your `~/.lakectl.yaml` (or of the `LAKECTL_…` variables) which commit the branch has, and writes it; nothing
is asked before you allow it.

## When to leave it
When the program is meant to take the newest data each time, for example in production; then let each run record the commit it read.

## References
- [lakeFS, the model: refs](https://docs.lakefs.io/understand/model.html)
- [lakectl local](https://docs.lakefs.io/howto/local-checkouts.html)
"""

from __future__ import annotations

from collections.abc import Iterator

from repro_gui.changes.change_set import ChangeSet, FileChange
from repro_gui.checks.check import (
    CannotTell,
    Check,
    Effort,
    Evidence,
    Example,
    Finding,
    Fix,
    NotApplicable,
    Observation,
    Pillar,
    Safety,
    Sketch,
    Weight,
)
from repro_gui.errors import CannotPlan
from repro_gui.facts.configs import Configs
from repro_gui.facts.data_files import DataFiles
from repro_gui.facts.lakefs_refs import LakefsUse, RefKind, lakefs_uses, pin_ref, ref_kind, ref_of_address
from repro_gui.facts.launchers import Launchers
from repro_gui.facts.lookup import Answers, FileContent, LakefsCommit, Lookup
from repro_gui.facts.program import Program
from repro_gui.facts.unavailable import Unavailable
from repro_gui.text import text


def find(
    program: Program | Unavailable,
    configs: Configs | Unavailable,
    launchers: Launchers | Unavailable,
    data_files: DataFiles,
) -> Iterator[Observation]:
    """One finding for each place that names a branch."""
    uses = lakefs_uses(program, configs, launchers)
    if not uses and not data_files.lakefs:
        yield NotApplicable(text("Nothing in the project names data in lakeFS."))
    for use in uses:
        yield _judged(use)
    for path in sorted(data_files.lakefs):
        index = data_files.lakefs[path]
        ref = ref_of_address(index.source)
        if index.commit or ref_kind(ref) is RefKind.COMMIT:
            what = text("The folder is at the commit {commit}.", commit=(index.commit or ref)[:10])
            yield Evidence(what, index.location, {"commit": index.commit or ref})
        elif not ref:
            yield CannotTell(text("{path} names no address of lakeFS that can be read.", path=path), index.location)
        else:
            yield Finding(
                text("{path} follows {ref} and notes no commit.", path=path, ref=ref),
                index.location,
                expression=path,
                values={"repository": "", "ref": ref, "written": ""},
            )


def _judged(use: LakefsUse) -> Observation:
    match use.kind:
        case RefKind.COMMIT:
            return Evidence(text("lakeFS is named at the commit {commit}.", commit=use.ref[:10]), use.location)
        case RefKind.UNKNOWN:
            return CannotTell(
                text(
                    "Which ref of {repository} is read is known only when the program runs.", repository=use.repository
                ),
                use.location,
            )
        case RefKind.MAYBE_TAG:
            what = "{ref} of {repository} may be a tag, which stays, or a branch, which moves."
            return CannotTell(text(what, ref=use.ref, repository=use.repository), use.location)
        case RefKind.BRANCH:
            return Finding(
                text("{repository} is read at {ref}, which can move.", repository=use.repository, ref=use.ref),
                use.location,
                symbol=use.symbol,
                expression=f"{use.repository}/{use.ref}",
                cause=f"{use.repository}/{use.ref}",
                values={"repository": use.repository, "ref": use.ref, "written": use.written},
            )


def needs(finding: Finding) -> Iterator[Lookup]:
    """The file, and the commit that the server has for the ref."""
    values = finding.values
    if finding.location is not None and values["repository"]:
        yield FileContent(finding.location.path)
        yield LakefsCommit(str(values["repository"]), str(values["ref"]))


def plan_fix(finding: Finding, answers: Answers) -> ChangeSet:
    """Write the commit in place of the branch."""
    assert finding.location is not None
    repository, ref = str(finding.values["repository"]), str(finding.values["ref"])
    if not repository:
        raise CannotPlan(
            text("What a folder of lakectl follows is noted by lakectl."),
            text("Run `lakectl local checkout` with a commit or a tag as --ref, and commit the index."),
        )
    commit = str(answers.get(LakefsCommit(repository, ref)))
    path = finding.location.path
    content = answers.file(path)
    use = LakefsUse(repository, ref, finding.location, str(finding.values["written"]))
    after = pin_ref(content, use, commit)
    return ChangeSet(
        text("Read {repository} at a commit", repository=repository),
        CHECK.id,
        files=(
            FileChange(path, content, after, reason=text("{ref} is at {commit} now.", ref=ref, commit=commit[:10])),
        ),
        effect=text("The program reads what {ref} holds now; later commits do not reach it.", ref=ref),
        notes=(text("Your lakeFS server gave the commit: {commit}.", commit=commit),),
    )


_COMMIT = "9d1b0c6f2f1a7e7f4b4d0f9c1c3a5e7790a1b2c3d4e5f60718293a4b5c6d7e8f"
_CODE = """\
import pandas as pd
from sklearn.linear_model import LinearRegression

frame = pd.read_parquet("lakefs://prices/{}/train.parquet")
LinearRegression().fit(frame[["x"]], frame["y"])
"""

CHECK = Check(
    id="moving-lakefs-ref",
    pillar=Pillar.DATA,
    weight=Weight.MUST,
    title="Data in lakeFS is named by a commit",
    failure_title="Data in lakeFS is named by a branch, which moves",
    explanation=__doc__ or "",
    find=find,
    fix=Fix("Write the commit that the branch has now", plan_fix, Safety.SAFE, Effort.SECONDS, needs),
    examples=(
        Example(
            bad=Sketch({"train.py": _CODE.format("main")}, answers={LakefsCommit("prices", "main"): _COMMIT}),
            good=_CODE.format(_COMMIT),
        ),
    ),
)
