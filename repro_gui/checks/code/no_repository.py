"""The code is under version control: results can be traced to the exact lines that made them.

## Why it matters

Without version control nobody, you in a month included, can tell which code produced a table or a figure. A copy in a
folder named `final_v2` records neither what changed nor when; a commit does, and its name can stand beside the result.

## How to fix it

Make a repository in the project's folder, tell Git what not to keep (environments, caches, secrets, checkpoints), and
commit what the results come from:

```
git init
git add .gitignore train.py configs/
git commit -m "First commit"
```

The button writes a `.gitignore` for machine-learning projects, or completes the one that is there, and commits the
sources, configurations and environment files that it lists. Data files stay out: they belong under DVC or Git LFS.

## When to leave it

When the project is under another version control system (Mercurial, Perforce, a company's monorepo): waive it and name
the system and the revision.

## References

- Sandve et al., [Ten Simple Rules for Reproducible Computational Research](https://doi.org/10.1371/journal.pcbi.1003285),
  rule 4: version control all custom scripts.
- [git init](https://git-scm.com/docs/git-init), [gitignore](https://git-scm.com/docs/gitignore)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pathspec import GitIgnoreSpec

from repro_gui.changes.change_set import ChangeSet, FileChange
from repro_gui.checks.check import Check, Effort, Evidence, Example, Finding, Fix, Pillar, Safety, Sketch, Weight
from repro_gui.facts.file_roles import FileRole, role_of
from repro_gui.facts.git import GitState, NoRepository
from repro_gui.facts.git_commands import start_repository
from repro_gui.facts.knowledge import Knowledge
from repro_gui.facts.lookup import Answers, FileContent, Lookup
from repro_gui.facts.tree import EntryKind, FileTree, TreeEntry
from repro_gui.text import text

_MOST_BYTES = 10 * 1024 * 1024


def find(git: GitState | NoRepository) -> Iterator[Finding | Evidence]:
    """A repository holds the project, or none does."""
    if isinstance(git, NoRepository):
        yield Finding(text("The project is in no Git repository."), expression="no repository")
        return
    if git.is_folder_ignored:
        yield Finding(
            text("The Git repository above this folder ignores the folder as a whole."), expression="ignored folder"
        )
        return
    values: dict[str, str | int | float | bool | None] = {
        "commit": git.head,
        "branch": git.branch,
        "files": len(git.tracked),
    }
    if not git.head:
        yield Evidence(text("There is a Git repository without a commit yet."), values=values)
    elif git.branch:
        wording = text(
            "Git has {files} {files:file|files} of the project at commit {commit} on branch {branch}.",
            files=len(git.tracked),
            commit=git.head[:10],
            branch=git.branch,
        )
        yield Evidence(wording, values=values)
    else:
        wording = text(
            "Git has {files} {files:file|files} of the project at commit {commit}.",
            files=len(git.tracked),
            commit=git.head[:10],
        )
        yield Evidence(wording, values=values)


def look_up(_finding: Finding) -> Iterable[Lookup]:
    """The ignore rules that are there already."""
    return (FileContent(".gitignore"),)


def plan_fix(_finding: Finding, tree: FileTree, knowledge: Knowledge, answers: Answers) -> ChangeSet:
    """Complete `.gitignore`, make the repository, and commit what is neither ignored nor data."""
    before = answers.file_or_none(".gitignore")
    after = _completed(before, knowledge.templates["gitignore"])
    ignored = GitIgnoreSpec.from_lines(after.decode("utf-8", "replace").splitlines())
    wanted: list[str] = [".gitignore"]
    data: list[str] = []
    secrets: list[str] = []
    for entry in tree.entries:
        if ignored.match_file(entry.path) or entry.path == ".gitignore" or not _can_be_committed(entry):
            continue
        if role_of(entry.path) is FileRole.SECRET:
            secrets.append(entry.path)
            continue
        if entry.size > _MOST_BYTES or _is_data(entry, knowledge):
            data.append(entry.path)
        else:
            wanted.append(entry.path)
    notes = [text("The first commit holds {count} {count:file|files}.", count=len(wanted))]
    if data:
        wording = "{count} data files stay out, {first} among them: put them under DVC or Git LFS."
        notes.append(text(wording, count=len(data), first=data[0]))
    if secrets:
        wording = "{first} stays out: its name says that it holds a secret ({count} such files)."
        notes.append(text(wording, first=secrets[0], count=len(secrets)))
    return ChangeSet(
        title=text("Make a Git repository and commit the project"),
        check_id=CHECK.id,
        files=() if before == after else (FileChange(".gitignore", before, after),),
        commands=start_repository(wanted),
        notes=tuple(notes),
    )


def _completed(before: bytes | None, template: str) -> bytes:
    """The ignore rules with those of the template that are missing, after them and in their line ends."""
    if not before:
        return template.encode("utf-8")
    newline = b"\r\n" if b"\r\n" in before else b"\n"
    there = {line.strip().rstrip(b"/") for line in before.splitlines()}
    missing: list[bytes] = []
    for line in template.encode("utf-8").splitlines():
        is_rule = bool(line) and not line.startswith(b"#")
        if not is_rule or line.rstrip(b"/") not in there:
            missing.append(line)
    if not any(line and not line.startswith(b"#") for line in missing):
        return before
    gap = b"" if before.endswith(b"\n") else newline
    return before + gap + newline + newline.join(missing) + newline


def _can_be_committed(entry: TreeEntry) -> bool:
    if entry.kind is EntryKind.LINK:
        return not entry.link_target.startswith(("/", "..")) and ":" not in entry.link_target
    return entry.kind is EntryKind.FILE


def _is_data(entry: TreeEntry, knowledge: Knowledge) -> bool:
    known = knowledge.data.format_of(entry.path)
    return known is not None and not known.is_ambiguous and entry.size > knowledge.data.smallest


CHECK = Check(
    id="no-repository",
    pillar=Pillar.CODE,
    weight=Weight.MUST,
    title="The project is in a Git repository",
    failure_title="The project is in no Git repository",
    explanation=__doc__,
    find=find,
    fix=Fix("Make a repository and commit the project", plan_fix, Safety.SAFE, Effort.SECONDS, look_up),
    examples=(
        Example(
            bad=Sketch({"train.py": "print('training')\n"}, git=NoRepository()),
            good=Sketch({"train.py": "print('training')\n"}),
            fixes=False,
        ),
    ),
)
