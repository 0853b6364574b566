"""What dvc imports by name; its own hook stops the build for want of optional packages."""

from __future__ import annotations

from PyInstaller.utils.hooks import collect_data_files, collect_submodules, copy_metadata

# Its command line is never called: its daemon starts `sys.executable`, which is us.
_LEFT_OUT = ("dvc.cli", "dvc.commands", "dvc.__pyinstaller", "dvc.testing")

hiddenimports = collect_submodules("dvc", filter=lambda name: not name.startswith(_LEFT_OUT))
datas = [*collect_data_files("dvc", excludes=["**/__pyinstaller/**"]), *copy_metadata("dvc")]
