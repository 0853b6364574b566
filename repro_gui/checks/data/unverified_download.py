"""What code or shell fetches is compared with a checksum.

## Why it matters
A file on a server may be replaced, cut off in transit, or answered by an error page, and nobody notices: the program goes on with
whatever came. Without a checksum nobody can later say which bytes a result was made from.

## How to fix it
Take the digest once (`sha256sum FILE`) and compare at every download:

```
echo "DIGEST  data/train.zip" | sha256sum --check
```

In Python `pooch.retrieve(url, known_hash="sha256:…")`, or the parameter that the function has (`md5=`, `file_hash=`, `hash_prefix=`). With
DVC, `dvc import-url` records the digest itself. Where the fetched file lies in the project already, the fix takes its digest and
writes the comparison.

## When to leave it
When the fetched file is committed, or under DVC, as soon as it is here.

## References
- [pooch](https://www.fatiando.org/pooch/), [sha256sum](https://www.gnu.org/software/coreutils/manual/coreutils.html)
- [dvc import-url](https://dvc.org/doc/command-reference/import-url)
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

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
from repro_gui.facts.checksum_edits import (
    algorithm_of,
    compare_in_code,
    compare_in_shell,
    file_of_command,
    kept_file,
    takes_digest_of,
)
from repro_gui.facts.events import Attribute, Constant, Name, Value
from repro_gui.facts.fetch_commands import fetch_commands
from repro_gui.facts.knowledge import Knowledge
from repro_gui.facts.launchers import Launchers
from repro_gui.facts.lookup import Answers, FileContent, FileDigest, Lookup
from repro_gui.facts.path_values import path_reader
from repro_gui.facts.program import Program
from repro_gui.facts.steps import CallSite
from repro_gui.facts.tree import FileTree
from repro_gui.facts.walk import evaluated
from repro_gui.location import Location
from repro_gui.text import text

# What fetches a file, and the parameters with which each compares a digest: name and position.
_DOWNLOADS: dict[str, tuple[tuple[str, int], ...]] = {
    "urllib.request.urlretrieve": (),
    "urllib.urlretrieve": (),
    "wget.download": (),
    "gdown.download": (),
    "gdown.cached_download": (("md5", 2), ("hash", -1)),
    "torch.hub.download_url_to_file": (("hash_prefix", 2),),
    "torch.hub.load_state_dict_from_url": (("check_hash", 4),),
    "torchvision.datasets.utils.download_url": (("md5", 3),),
    "torchvision.datasets.utils.download_and_extract_archive": (("md5", 4),),
    "tensorflow.keras.utils.get_file": (("md5_hash", 3), ("file_hash", 4)),
    "keras.utils.get_file": (("md5_hash", 3), ("file_hash", 4)),
    "pooch.retrieve": (("known_hash", 1),),
}
_URL_POSITIONS = {"keras.utils.get_file": 1, "tensorflow.keras.utils.get_file": 1}
_URL_NAMES = ("url", "origin", "id")
_REQUESTS = frozenset({"requests.get", "httpx.get", "urllib.request.urlopen"})
_BODIES = frozenset({"content", "text", "iter_content", "iter_bytes", "read"})
_WRITES = frozenset({"write", "write_bytes", "write_text"})
_URL = re.compile(r"(https?|ftp)://\S+")
# Programs and keys are told by what sets up the environment.
_NO_DATA = re.compile(r".*\.(sh|deb|rpm|whl|gpg|asc|key|exe|AppImage|py|ya?ml|toml)([?#].*)?", re.IGNORECASE)
_FIXED = re.compile(r".*(/|@)[0-9a-f]{40}(/|\b).*")
_TESTS = re.compile(r"(^|/)(tests?|docs?)/|(^|/)(test_[^/]*|conftest)\.py$")


def find(program: Program, launchers: Launchers, tree: FileTree, knowledge: Knowledge) -> Iterator[Observation]:
    """One finding for each call or command that fetches a file and compares it with nothing."""
    observed = [*_in_code(program, tree, knowledge), *_in_commands(program, launchers, tree)]
    if not observed:
        yield NotApplicable(text("Nothing that fetches a file was found."))
    yield from observed


def _in_code(program: Program, tree: FileTree, knowledge: Knowledge) -> Iterator[Observation]:
    paths = path_reader(program)
    for site, name in _fetching(program, knowledge):
        if _TESTS.search(site.module.path):
            continue
        given = _given(site, name)
        read = () if given is None else paths.paths(site.module.path, site.symbol, given)
        url = read[0].path if len(read) == 1 and not read[0].open_start else ""
        if url and _URL.match(url) and (_NO_DATA.fullmatch(url) or _FIXED.fullmatch(url)):
            yield Evidence(text("{url} is no data, or names a commit.", url=url), site.location)
            continue
        what = (f"{url}…" if read[0].open_end else url) if url else name
        if _is_compared(site, name):
            yield Evidence(text("{call} compares what it fetches with a digest.", call=name), site.location)
        elif site.call.has_star and _DOWNLOADS.get(name):
            yield CannotTell(
                text("Whether {call} gets a digest is known only when the program runs.", call=name), site.location
            )
        elif takes_digest_of(program, site, paths):
            yield Evidence(text("The digest of what {call} fetches is compared below it.", call=name), site.location)
        elif any(called.startswith("hashlib.") for called in site.module.called):
            wording = "{what} is fetched; whether the digest that this module takes is of it is not followed."
            yield CannotTell(text(wording, what=what), site.location)
        else:
            kept = kept_file(program, site, name, paths, tree)
            is_reached = site.module.path in program.reached
            yield _finding(what, site.location, name, site.symbol, is_reached=is_reached, path=kept)


def _fetching(program: Program, knowledge: Knowledge) -> Iterator[tuple[CallSite, str]]:
    """Calls that fetch a file, and requests whose answer is written to one, each with its canonical name."""
    for site in program.all_calls(_last_names(_DOWNLOADS)):
        name = knowledge.randomness.canonical(site.name) if site.name else ""
        if name in _DOWNLOADS:
            yield site, name
    bodies = _written_bodies(program)
    for site in program.all_calls(_last_names(_REQUESTS), within={path for path, _ in bodies}):
        name = knowledge.randomness.canonical(site.name) if site.name else ""
        if name in _REQUESTS and (site.module.path, site.symbol) in bodies:
            yield site, name


def _last_names(names: Iterable[str]) -> set[str]:
    return {name.rpartition(".")[2] for name in names}


def _given(site: CallSite, name: str) -> Value | None:
    position = _URL_POSITIONS.get(name, 0)
    named = (site.call.argument(one) for one in _URL_NAMES)
    return next((value for value in named if value is not None), None) or site.call.argument("", position)


def _is_compared(site: CallSite, name: str) -> bool:
    for parameter, position in _DOWNLOADS.get(name, ()):
        value = site.call.argument(parameter, position)
        if value is not None and not (isinstance(value, Constant) and value.value in {None, False, ""}):
            return True
    return False


def _written_bodies(program: Program) -> frozenset[tuple[str, str]]:
    """Functions that write the body of an answer to a file: `f.write(response.content)`."""
    found: set[tuple[str, str]] = set()
    for site in program.all_calls(_WRITES | {"copyfileobj"}):
        if (site.target.method or site.name.rpartition(".")[2]) in _WRITES or site.name == "shutil.copyfileobj":
            for argument in site.call.positional:
                if (
                    any(_last_name(value) in _BODIES for value in evaluated(argument))
                    or site.name == "shutil.copyfileobj"
                ):
                    found.add((site.module.path, site.symbol))
    return frozenset(found)


def _last_name(value: Value) -> str:
    if isinstance(value, Attribute):
        return value.name
    return value.dotted.rpartition(".")[2] if isinstance(value, Name) and "." in value.dotted else ""


def _in_commands(program: Program, launchers: Launchers, tree: FileTree) -> Iterator[Observation]:
    for command in fetch_commands(program, launchers):
        for url in command.urls if command.by_url else ():
            if _NO_DATA.fullmatch(url) or _FIXED.fullmatch(url):
                yield Evidence(text("{url} is no data, or names a commit.", url=url), command.location)
            elif command.is_compared:
                yield Evidence(text("{url} is fetched where digests are compared.", url=url), command.location)
            else:
                kept = file_of_command(command, tree)
                yield _finding(
                    url, command.location, command.program, "", is_reached=False, path=kept, into=command.into
                )


def _finding(
    what: str, place: Location, call: str, symbol: str, *, is_reached: bool, path: str = "", into: str = ""
) -> Finding:
    wording = "{what} is fetched and compared with no checksum."
    if what == call:
        wording = "What {what} fetches is compared with no checksum."
    return Finding(
        text(wording, what=what),
        place,
        symbol=symbol,
        expression=f"{call} {what}",
        cause=what if _URL.match(what) else "",
        values={"call": call, "what": what, "is_reached": is_reached, "path": path, "into": into},
    )


def needs(finding: Finding) -> Iterator[Lookup]:
    """The file with the call, and the digest of what was fetched, where it lies in the project."""
    if finding.location is not None and finding.values["path"]:
        yield FileContent(finding.location.path)
        yield FileDigest(str(finding.values["path"]), algorithm_of(str(finding.values["call"])))


def plan_fix(finding: Finding, program: Program, answers: Answers) -> ChangeSet:
    """Compare with the digest of the file that lies in the project already."""
    assert finding.location is not None
    fetched, call = str(finding.values["path"]), str(finding.values["call"])
    if not fetched:
        raise CannotPlan(
            text("What is fetched does not lie in the project, so its digest is not known."),
            text("Fetch it, check that it is what you want, and audit again."),
        )
    digest = answers.get(FileDigest(fetched, algorithm_of(call)))
    path = finding.location.path
    content = answers.file(path)
    if finding.values["into"]:
        after = compare_in_shell(content, finding.location, str(finding.values["into"]), digest)
    else:
        after = compare_in_code(program, content, finding.location, call, digest)
    return ChangeSet(
        text("Compare {path} with its checksum", path=fetched),
        CHECK.id,
        files=(FileChange(path, content, after, reason=text("{path} has this digest now.", path=fetched)),),
        effect=text("The program stops when the server gives other bytes than the ones that lie here."),
        notes=(text("The digest is that of {path} as it lies here: {digest}.", path=fetched, digest=digest),),
    )


_CODE = """\
import pooch
from sklearn.linear_model import LinearRegression

path = pooch.retrieve("https://example.org/train.csv", known_hash={})
LinearRegression().fit([[1.0], [2.0]], [1.0, 2.0])
"""

_GET = "wget -O data/train.csv https://example.org/train.csv\n"
_FETCHED = {"get.sh": _GET, "data/train.csv": "x,y\n1,2\n"}

CHECK = Check(
    id="unverified-download",
    pillar=Pillar.DATA,
    weight=Weight.SHOULD,
    title="What is fetched is compared with a checksum",
    failure_title="Files are fetched without a checksum",
    explanation=__doc__ or "",
    find=find,
    fix=Fix("Compare with the checksum of the file that is here", plan_fix, Safety.SAFE, Effort.SECONDS, needs),
    examples=(
        Example(bad=_CODE.format("None"), good=_CODE.format('"sha256:' + "0" * 64 + '"'), fixes=False),
        Example(
            bad=Sketch(_FETCHED, answers={FileDigest("data/train.csv"): "0" * 64}),
            good=Sketch({**_FETCHED, "get.sh": f'{_GET}echo "{"0" * 64}  data/train.csv" | sha256sum --check\n'}),
        ),
    ),
)
