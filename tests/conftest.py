"""What every test stands on: a home of its own, and nothing of the person's settings or of the session around it."""

from __future__ import annotations

import faulthandler
import os
import re
import shutil
import sys
import tempfile
from pathlib import Path

import hypothesis
import platformdirs
import pytest

# Imported before the home changes: it remembers where the user's cache and pip's settings are.
from tests.foreign_environments import foreign_python

# Would lead Git, Python, trackers or the colours of our own output astray.
_LEFT_OUT = re.compile(
    "CLICOLOR|COLUMNS|COMET_|CONDA|DVC_|FORCE_COLOR|GIT_|HYDRA_|LANGUAGE|LC_|MLFLOW_|NEPTUNE_|NO_COLOR|PYTHONHASHSEED"
    "|PYTHONPATH|PYTHONWARNINGS|QT_FONT_DPI|QT_SCALE|QT_STYLE|REPRO_GUI_|SOURCE_DATE_EPOCH|VIRTUAL_ENV|WANDB_"
)
_SET = {
    "LC_ALL": "C.UTF-8",
    "TZ": "UTC",
    "DVC_NO_ANALYTICS": "1",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "MPLBACKEND": "agg",
    "WANDB_MODE": "offline",
}
_HOME = pytest.StashKey[Path]()


def pytest_configure(config: pytest.Config) -> None:
    """Change the environment before any test module is imported; programs that tests start inherit it."""
    # Only caches and where to install from are the person's: nothing is fetched twice, nothing from elsewhere.
    kept = {
        "PIP_CONFIG_FILE": _first(platformdirs.user_config_path("pip") / "pip.conf", Path.home() / ".pip" / "pip.conf"),
        "PIP_CACHE_DIR": platformdirs.user_cache_path("pip"),
        "UV_CACHE_DIR": platformdirs.user_cache_path("uv"),
    }
    for name in [name for name in os.environ if _LEFT_OUT.match(name)]:
        del os.environ[name]
    for name, path in kept.items():
        if path is not None:
            os.environ.setdefault(name, str(path))
    home = config.stash[_HOME] = Path(tempfile.mkdtemp(prefix="repro-gui-tests-"))
    runtime = home / "runtime"
    runtime.mkdir(mode=0o700)
    os.environ.update(_SET, HOME=str(home), USERPROFILE=str(home), XDG_RUNTIME_DIR=str(runtime))
    os.environ.update({name: str(path) for name, path in _places(home).items()})
    (home / ".gitconfig").write_text(
        "[user]\nname = A. Tester\nemail = tester@example.org\n[init]\ndefaultBranch = main\n"
    )
    if os.name == "posix":
        # Debian has no `python`, and elsewhere it can be anything: pipelines of the tests call it by that name.
        python = home / "bin" / "python"
        python.parent.mkdir()
        python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
        python.chmod(0o755)
        os.environ["PATH"] = f"{python.parent}{os.pathsep}{os.environ['PATH']}"
    if sys.platform == "linux" and not os.environ.get("DISPLAY"):
        # The tests of windows still run; `make test` runs them on a virtual screen.
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    os.umask(0o022)
    # Two shared cores: an example, or the making of its values, that takes long says nothing.
    too_slow = hypothesis.HealthCheck.too_slow
    hypothesis.settings.register_profile("repro-gui", deadline=None, suppress_health_check=[too_slow])
    hypothesis.settings.load_profile("repro-gui")


def pytest_unconfigure(config: pytest.Config) -> None:
    """Remove the home; fail with every thread's place when the interpreter cannot end, which no time-out of a test sees."""
    shutil.rmtree(config.stash[_HOME], ignore_errors=True)
    faulthandler.dump_traceback_later(60, exit=True, file=sys.__stderr__ or sys.stderr)


@pytest.fixture(autouse=True)
def own_folders(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Settings, journals, trust and caches of this test alone; gives the folder they are in."""
    folder = tmp_path_factory.mktemp("own-folders")
    for name, path in _places(folder).items():
        monkeypatch.setenv(name, str(path))
    return folder


@pytest.fixture(scope="session")
def training_python() -> Path:
    """An interpreter with torch, NumPy and scikit-learn, for sample projects that really train."""
    return foreign_python("training")


def _places(folder: Path) -> dict[str, Path]:
    return {f"XDG_{kind.upper()}_HOME": folder / kind for kind in ("data", "config", "cache", "state")}


def _first(*paths: Path) -> Path | None:
    return next((path for path in paths if path.is_file()), None)
