"""Qt's model tester on every model of the windows, from its first moment on.

The package is walked, so that a new model cannot be forgotten. The tester warns where it could also abort: a warning of
Qt fails the test (`qt_log_level_fail`), and the other tests still run.
"""

from __future__ import annotations

import functools
import importlib
import pkgutil
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractItemModel
from PySide6.QtTest import QAbstractItemModelTester

import repro_gui.ui

if TYPE_CHECKING:
    import pytest


def import_windows() -> None:
    """Import every module of the windows."""
    for module in pkgutil.walk_packages(repro_gui.ui.__path__, "repro_gui.ui."):
        importlib.import_module(module.name)


@functools.cache
def model_classes() -> tuple[type[QAbstractItemModel], ...]:
    """Every model that is written in `repro_gui.ui`."""
    import_windows()
    found: list[type[QAbstractItemModel]] = []
    waiting: list[type[Any]] = [QAbstractItemModel]
    while waiting:
        for kind in waiting.pop().__subclasses__():
            waiting.append(kind)
            if kind.__module__.startswith("repro_gui.") and kind not in found:
                found.append(kind)
    return tuple(sorted(found, key=lambda kind: f"{kind.__module__}.{kind.__name__}"))


def watch_models(monkeypatch: pytest.MonkeyPatch) -> list[type[QAbstractItemModel]]:
    """Give every model that is made from now on a tester; the classes of those made are in the list."""
    made: list[type[QAbstractItemModel]] = []
    for kind in model_classes():
        monkeypatch.setattr(kind, "__init__", _watched(kind, kind.__init__, made))
    return made


def watched(model: QAbstractItemModel) -> QAbstractItemModelTester:
    """A tester that lives as long as its model."""
    return QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Warning, model)


def _watched(kind: type[QAbstractItemModel], original: Any, made: list[type[QAbstractItemModel]]) -> Any:
    @functools.wraps(original)
    def start(self: QAbstractItemModel, *arguments: Any, **named: Any) -> None:
        original(self, *arguments, **named)
        # Of a class that inherits from another model of ours only the outermost counts.
        if type(self) is kind:
            made.append(kind)
            watched(self)

    return start
