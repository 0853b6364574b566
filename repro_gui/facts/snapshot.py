"""Everything that is known of a project at one moment, as one value."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from repro_gui.changes.change_set import UndoKind
from repro_gui.facts.configs import Configs
from repro_gui.facts.data_files import DataFiles
from repro_gui.facts.determinism import Determinism
from repro_gui.facts.documents import Documents
from repro_gui.facts.environment import Environment
from repro_gui.facts.git import PLANNED, GitFacts, GitState, NoRepository
from repro_gui.facts.launchers import Launchers
from repro_gui.facts.machine import Machine
from repro_gui.facts.notebooks import Notebooks
from repro_gui.facts.proofs import Proofs
from repro_gui.facts.rebuild import Rebuild
from repro_gui.facts.settings import Settings
from repro_gui.facts.sources import PythonSources
from repro_gui.facts.tracking import Tracking
from repro_gui.facts.tree import FileTree, TreeEntry
from repro_gui.facts.unavailable import Unavailable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from repro_gui.changes.change_set import ChangeSet, FileChange


class ProjectSnapshot(msgspec.Struct, frozen=True):
    """Each field is facts, or `Unavailable` with the reason; checks ask for fields by their type.

    `name` is the folder's name, never its path.
    """

    name: str
    tree: FileTree | Unavailable
    git: GitFacts
    sources: PythonSources | Unavailable
    notebooks: Notebooks | Unavailable
    configs: Configs | Unavailable
    launchers: Launchers | Unavailable
    data_files: DataFiles | Unavailable
    environment: Environment | Unavailable
    tracking: Tracking | Unavailable
    machine: Machine | Unavailable
    documents: Documents | Unavailable = Documents()
    settings: Settings = Settings()
    determinism: Determinism | Unavailable = Determinism()
    proofs: Proofs | Unavailable = Proofs()
    rebuild: Rebuild | Unavailable = Rebuild()

    def after(self, changes: ChangeSet) -> ProjectSnapshot:
        """The snapshot as it would be with the files of a change set written.

        Of its commands one is foreseen: the start of a repository, since what comes after it is another thing in Git than outside.
        """
        tree = self.tree if isinstance(self.tree, Unavailable) else _tree_after(self.tree, changes.files)
        contents = {change.path: change.after for change in changes.files}
        return msgspec.structs.replace(
            self,
            tree=tree,
            git=_git_after(_started(self.git, changes), changes.files),
            sources=self.sources if isinstance(self.sources, Unavailable) else self.sources.after(contents),
            notebooks=self.notebooks if isinstance(self.notebooks, Unavailable) else self.notebooks.after(contents),
            configs=self.configs if isinstance(self.configs, Unavailable) else self.configs.after(contents),
            launchers=self.launchers if isinstance(self.launchers, Unavailable) else self.launchers.after(contents),
            data_files=self.data_files if isinstance(self.data_files, Unavailable) else self.data_files.after(contents),
            environment=(
                self.environment if isinstance(self.environment, Unavailable) else self.environment.after(contents)
            ),
            tracking=self.tracking if isinstance(self.tracking, Unavailable) else self.tracking.after(contents),
            rebuild=self.rebuild if isinstance(self.rebuild, Unavailable) else self.rebuild.after(contents),
            documents=self.documents if isinstance(self.documents, Unavailable) else self.documents.after(contents),
        )


def snapshot_of_files(name: str, files: Mapping[str, bytes], git: GitFacts | None = None) -> ProjectSnapshot:
    """A snapshot of a project that exists only as file contents by path; without `git`: all committed, clean, pushed."""
    tree = FileTree(tuple(TreeEntry(path, len(content)) for path, content in sorted(files.items())))
    if git is None:
        git = GitState(head="1" * 40, branch="main", tracked=frozenset(files), is_pushed=True)
    return ProjectSnapshot(
        name=name,
        tree=tree,
        git=git,
        sources=PythonSources().after(files),
        notebooks=Notebooks().after(files),
        configs=Configs().after(files),
        launchers=Launchers().after(files),
        data_files=DataFiles().after(files),
        environment=Environment().after(files),
        tracking=Tracking().after(files),
        documents=Documents().after(files),
        machine=Machine(),
    )


def _tree_after(tree: FileTree, changes: tuple[FileChange, ...]) -> FileTree:
    entries = dict(tree.by_path)
    for change in changes:
        if change.after is None:
            entries.pop(change.path, None)
        else:
            executable = entries[change.path].executable if change.path in entries else change.executable
            entries[change.path] = TreeEntry(change.path, len(change.after), executable=executable)
    return msgspec.structs.replace(tree, entries=tuple(entries[path] for path in sorted(entries)))


def _started(git: GitFacts, changes: ChangeSet) -> GitFacts:
    """The repository that a change set makes, with the files of its first commit."""
    if not isinstance(git, NoRepository) or not any(
        command.undo is UndoKind.MOVE_REPOSITORY_AWAY for command in changes.commands
    ):
        return git
    adding = [command.argv for command in changes.commands if "add" in command.argv[:3]]
    added = (path for argv in adding for path in argv[argv.index("--") + 1 :])
    return GitState(head=PLANNED, branch="main", tracked=frozenset(added), is_pushed=False)


def _git_after(git: GitFacts, changes: tuple[FileChange, ...]) -> GitFacts:
    """Tracked files that a change touches become modified (or deleted), new ones untracked."""
    if isinstance(git, Unavailable | NoRepository):
        return git
    modified, deleted, untracked = set(git.modified), set(git.deleted), set(git.untracked)
    for change in changes:
        if change.before == change.after:
            continue
        is_tracked = change.path in git.tracked
        for group in (modified, deleted, untracked):
            group.discard(change.path)
        if change.after is None:
            if is_tracked:
                deleted.add(change.path)
        # A first commit that is still to be made takes its files as they are by then.
        elif not is_tracked or git.head != PLANNED:
            (modified if is_tracked else untracked).add(change.path)
    return msgspec.structs.replace(
        git,
        modified=tuple(sorted(modified)),
        deleted=tuple(sorted(deleted)),
        untracked=tuple(sorted(untracked)),
    )
