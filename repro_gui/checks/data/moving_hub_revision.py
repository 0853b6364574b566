"""Data sets and models from a hub are named by a commit that cannot move.

## Why it matters
A name on a hub means its branch `main`: whoever owns it may push other weights or other rows tomorrow. Then the same code trains
on other data, or starts from another model, and nothing in the project shows it. A branch or a tag can be moved as well.

## How to fix it
Give the full commit, which the hub's page *Files and versions* shows under *History*:

```python
AutoModel.from_pretrained("bert-base-uncased", revision="86b5e0934494bd15c9632b12f734a8a67f723594")
```

In links replace `resolve/main` by `resolve/COMMIT`. For OpenML give `data_id=` or a number as `version=`; for `torch.hub` write
`"owner/repository:COMMIT"`. The fix writes the commit that this machine's cache of the hub fetched last, so that the program goes on
with the files it had.

## When to leave it
When the model is one that your own code saved: a folder needs no revision.

## References
- [Hugging Face Hub, downloading files](https://huggingface.co/docs/huggingface_hub/guides/download)
- [Loading a data set, revision](https://huggingface.co/docs/datasets/loading)
"""

from __future__ import annotations

import re
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
from repro_gui.facts.events import Constant, Value
from repro_gui.facts.lookup import Answers, FileContent, HubRevision, Lookup
from repro_gui.facts.path_values import NOTHING_KNOWN, PathReader, WrittenPath, path_reader
from repro_gui.facts.program import Program
from repro_gui.facts.source_edits import edited, set_keyword
from repro_gui.facts.source_text import SourceText, Splice
from repro_gui.facts.steps import CallSite
from repro_gui.facts.tree import FileTree
from repro_gui.text import text

# Calls that fetch from the Hugging Face hub, and what names the repository there.
_CALLS = {
    "datasets.load_dataset": "path",
    "datasets.load_dataset_builder": "path",
    "huggingface_hub.hf_hub_download": "repo_id",
    "huggingface_hub.snapshot_download": "repo_id",
    "transformers.pipeline": "model",
}
_CALL_POSITIONS = {"transformers.pipeline": 1}
_LIBRARIES = ("transformers", "diffusers", "peft", "sentence_transformers", "timm", "tokenizers", "trl", "optimum")
_METHOD = "from_pretrained"
_NAMES = ("pretrained_model_name_or_path", "pretrained_model_or_path", "model_id", "repo_id", "model_name_or_path")
# What `load_dataset` takes as a name without a hub: readers of local files.
_READERS = frozenset(
    {"csv", "json", "parquet", "text", "arrow", "imagefolder", "audiofolder", "pandas", "webdataset", "xml"}
)
_COMMIT = re.compile(r"[0-9a-f]{40}")
_LINK = re.compile(
    r"https://(huggingface\.co|hf\.co)/(datasets/|spaces/)?(?P<name>[\w.-]+/[\w.-]+)/(resolve|raw|blob)/(?P<revision>[^/]+)/"
)
_REPOSITORY = re.compile(r"[\w.-]+(/[\w.-]+)?")
_FILE = re.compile(r".*\.(json|bin|pt|pth|safetensors|ckpt|h5|model|txt)")


def find(program: Program, tree: FileTree) -> Iterator[Observation]:
    """One finding for each call on the way to results that fetches by a name, a branch or a tag."""
    if not program.result_entry_points:
        yield CannotTell(program.why_none or text("No entry point that makes results was found."))
        return
    paths = path_reader(program)
    folders = {part for entry in tree.entries for part in _folders(entry.path)}
    seen = set()
    for site in program.calls():
        if site.location in seen:
            continue
        for link in _links(site):
            seen.add(site.location)
            yield link
        given = _fetched(site)
        if given is None:
            other = _other_hub(site, paths)
            if other is not None:
                seen.add(site.location)
                yield other
            continue
        seen.add(site.location)
        yield from _judged(site, given, paths, folders)
    if not seen:
        yield NotApplicable(text("Nothing on the way of the programs comes from a hub."))


def _links(site: CallSite) -> Iterator[Observation]:
    """Links into a repository of the hub that a call is given as they are."""
    for value in (*site.call.positional, *[keyword.value for keyword in site.call.keywords]):
        link = _LINK.match(value.value) if isinstance(value, Constant) and isinstance(value.value, str) else None
        if link is None:
            continue
        place = site.module.location(value)
        if _COMMIT.fullmatch(link["revision"]):
            yield Evidence(text("A link names the commit {commit}.", commit=link["revision"][:10]), place)
            continue
        yield Finding(
            text("A link into {name} names {revision}, which can move.", name=link["name"], revision=link["revision"]),
            place,
            symbol=site.symbol,
            expression=link[0],
            cause=link["name"],
            values={
                "call": site.name,
                "name": link["name"],
                "revision": link["revision"],
                "kind": "dataset" if link[2] == "datasets/" else "model",
                "is_link": True,
            },
        )


def _fetched(site: CallSite) -> Value | None:
    """What a call fetches from the hub; None for any other call."""
    name = site.name
    if name in _CALLS:
        return site.call.argument(_CALLS[name], _CALL_POSITIONS.get(name, 0))
    library, _, rest = name.partition(".")
    if library in _LIBRARIES and rest.rpartition(".")[2] == _METHOD:
        return next(
            (value for one in _NAMES if (value := site.call.argument(one)) is not None), None
        ) or site.call.argument("", 0)
    return None


def _other_hub(site: CallSite, paths: PathReader) -> Observation | None:
    """OpenML and torch.hub, which name what they give in their own ways."""
    call = site.name
    if call not in {"sklearn.datasets.fetch_openml", "torch.hub.load"}:
        return None
    is_openml = call == "sklearn.datasets.fetch_openml"
    given = site.call.argument("name" if is_openml else "repo_or_dir", 0)
    data_id = site.call.argument("data_id") if is_openml else None
    source = site.call.argument("source")
    if isinstance(source, Constant) and source.value == "local":
        return None
    read = () if given is None else paths.paths(site.module.path, site.symbol, given)
    name = read[0].path if len(read) == 1 and read[0].is_known and not read[0].open_end else ""
    version = site.call.argument("version", 1) if is_openml else None
    fixed = data_id if data_id is not None else version
    if (isinstance(fixed, Constant) and isinstance(fixed.value, int)) or _COMMIT.fullmatch(name.rpartition(":")[2]):
        return Evidence(text("{call} names a version that does not move.", call=call), site.location)
    if not name or site.call.has_star or (fixed is not None and not isinstance(fixed, Constant)):
        return CannotTell(text("What {call} fetches is known only when the program runs.", call=call), site.location)
    return Finding(
        text("{call} fetches {name}, which can move.", call=call, name=name),
        site.location,
        symbol=site.symbol,
        expression=f"{call} {name}",
        cause=name,
        values={"call": call, "name": name, "revision": "", "kind": "", "is_link": False},
    )


def _judged(site: CallSite, given: Value, paths: PathReader, folders: set[str]) -> Iterator[Observation]:
    call = f"{site.name.split('.', 1)[0]} … {_METHOD}" if site.name.endswith(_METHOD) else site.name
    local = any(site.call.argument(one) is not None for one in ("data_files", "data_dir"))
    where = (site.module.path, site.symbol)
    if (revision := site.call.argument("revision")) is not None:
        yield from _revised(site, call, paths.paths(*where, given), paths.paths(*where, revision))
        return
    named = paths.paths(*where, given)
    if named and all(not one.open_start and one.path and _is_local(one, folders) for one in named):
        return
    for one in named[:1] or (NOTHING_KNOWN,):
        # Of several names some may never be asked for: which branch gets here is not followed.
        if len(named) > 1 or one.open_start or one.open_end or not one.path:
            yield CannotTell(text("What {call} fetches is known only when the program runs.", call=call), site.location)
            continue
        if _is_local(one, folders) or (local and one.path in _READERS):
            continue
        if site.call.has_star:
            wording = "Whether {call} gets a revision for {name} is known only when the program runs."
            yield CannotTell(text(wording, call=call, name=one.path), site.location)
            continue
        yield Finding(
            text("{call} fetches {name} without a commit.", call=call, name=one.path),
            site.location,
            symbol=site.symbol,
            expression=f"{site.name} {one.path}",
            cause=f"{one.path}",
            values={"call": site.name, "name": one.path, "revision": "", "kind": _kind(site), "is_link": False},
        )


def _kind(site: CallSite) -> str:
    given = site.call.argument("repo_type")
    is_dataset = isinstance(given, Constant) and given.value == "dataset"
    return "dataset" if is_dataset or site.name.startswith("datasets.") else "model"


def _revised(
    site: CallSite, call: str, named: tuple[WrittenPath, ...], revisions: tuple[WrittenPath, ...]
) -> Iterator[Observation]:
    if not revisions:
        # None is what the library takes when nothing is given.
        revisions = (WrittenPath("main"),)
    for one in revisions:
        if one.open_start or one.open_end:
            yield CannotTell(
                text("The revision of {call} is known only when the program runs.", call=call), site.location
            )
        elif _COMMIT.fullmatch(one.path):
            yield Evidence(text("{call} names the commit {commit}.", call=call, commit=one.path[:10]), site.location)
        else:
            yield Finding(
                text("{call} names {revision}, which can move.", call=call, revision=one.path),
                site.location,
                symbol=site.symbol,
                expression=f"{site.name} @{one.path}",
                values={
                    "call": site.name,
                    "name": named[0].path if len(named) == 1 and named[0].is_known else "",
                    "revision": one.path,
                    "kind": _kind(site),
                    "is_link": False,
                },
            )


def _is_local(one: WrittenPath, folders: set[str]) -> bool:
    path = one.path
    if one.from_project or path.startswith((".", "/", "~")) or path.removesuffix("/") in folders:
        return True
    return not _REPOSITORY.fullmatch(path) or _FILE.fullmatch(path) is not None


def _folders(path: str) -> Iterator[str]:
    folder = path.rpartition("/")[0]
    while folder:
        yield folder
        folder = folder.rpartition("/")[0]


def needs(finding: Finding) -> Iterator[Lookup]:
    """The file, and the commit that the hub's cache has."""
    values = finding.values
    if finding.location is not None and values["name"] and values["kind"]:
        yield FileContent(finding.location.path)
        yield HubRevision(str(values["name"]), str(values["kind"]), str(values["revision"]) or "main")


def plan_fix(finding: Finding, answers: Answers) -> ChangeSet:
    """Write the commit that was fetched last: as `revision=`, or in the link."""
    assert finding.location is not None
    name, revision = str(finding.values["name"]), str(finding.values["revision"])
    if not name or not finding.values["kind"]:
        raise CannotPlan(
            text("Which version is meant is known to its hub only."),
            text("Take the number of the version, or the commit, from its page, and write it there."),
        )
    commit = answers.get(HubRevision(name, str(finding.values["kind"]), revision or "main"))
    path = finding.location.path
    content = answers.file(path)
    source = SourceText(content, path, finding.location.cell)
    if finding.values["is_link"]:
        start, end = source.segment(finding.location)
        written = source.text[start:end]
        changed = re.sub(rf"/(resolve|raw|blob)/{re.escape(revision)}/", rf"/\g<1>/{commit}/", written, count=1)
        splices = [Splice(start, end, changed)]
    else:
        splices = set_keyword(source, finding.location, "revision", f'"{commit}"')
    return ChangeSet(
        text("Name the commit of {name}", name=name),
        CHECK.id,
        files=(
            FileChange(
                path, content, edited(source, splices), reason=text("{name} at {commit}", name=name, commit=commit[:10])
            ),
        ),
        effect=text("The program goes on with the files that this machine fetched last; others get the same."),
        notes=(text("The commit is read from this machine's cache of the hub: {commit}.", commit=commit),),
    )


_COMMITTED = "86b5e0934494bd15c9632b12f734a8a67f723594"
_CODE = """\
from datasets import load_dataset
from transformers import AutoModelForSequenceClassification, Trainer

rows = load_dataset("imdb"{0})
model = AutoModelForSequenceClassification.from_pretrained("bert-base-uncased"{0})
Trainer(model=model, train_dataset=rows["train"]).train()
"""

CHECK = Check(
    id="moving-hub-revision",
    pillar=Pillar.DATA,
    weight=Weight.SHOULD,
    title="What comes from a hub is named by a commit",
    failure_title="What comes from a hub can change under its name",
    explanation=__doc__ or "",
    find=find,
    fix=Fix("Write the commit that the hub's cache has", plan_fix, Safety.SAFE, Effort.SECONDS, needs),
    examples=(
        Example(
            bad=Sketch(
                {"train.py": _CODE.format("")},
                answers={
                    HubRevision("imdb", "dataset"): _COMMITTED,
                    HubRevision("bert-base-uncased", "model"): _COMMITTED,
                },
            ),
            good=_CODE.format(f', revision="{_COMMITTED}"'),
        ),
    ),
)
