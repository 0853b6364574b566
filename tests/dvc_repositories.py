"""Real DVC repositories for tests, made by the dvc library in another process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def run_dvc(folder: Path, *commands: Sequence[str]) -> None:
    """Run dvc commands in a folder, all in one process; each is the words after `dvc`."""
    script = (
        "import json, sys\n"
        "from dvc.cli import main\n"
        "for words in json.loads(sys.argv[1]):\n"
        "    if main(words):\n"
        "        sys.exit('dvc ' + ' '.join(words) + ' failed')\n"
    )
    own = folder.parent / f"{folder.name}-dvc-settings"
    environment = {
        **os.environ,
        "DVC_NO_ANALYTICS": "1",
        "DVC_TEST": "1",
        "DVC_SITE_CACHE_DIR": str(own / "site"),
        "DVC_GLOBAL_CONFIG_DIR": str(own / "global"),
        "DVC_SYSTEM_CONFIG_DIR": str(own / "system"),
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_AUTHOR_NAME": "A",
        "GIT_AUTHOR_EMAIL": "a@example.org",
        "GIT_COMMITTER_NAME": "A",
        "GIT_COMMITTER_EMAIL": "a@example.org",
    }
    done = subprocess.run(
        [sys.executable, "-c", script, json.dumps([list(words) for words in commands])],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=280,
    )
    assert done.returncode == 0, done.stdout + done.stderr
