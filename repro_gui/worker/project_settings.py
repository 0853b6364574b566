"""What the person chose for a project, remembered in the user's own folder and never in the project."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

import msgspec

from repro_gui.facts.settings import Settings
from repro_gui.own_folders import data_folder, project_key, write_whole


class _Remembered(msgspec.Struct):
    project: str
    settings: Settings


def read_settings(root: Path) -> Settings:
    """The remembered choices with today's date; those of a first opening when there are none that can be read."""
    try:
        content = _file_of(root).read_bytes()
        settings = msgspec.json.decode(content, type=_Remembered).settings
    except (OSError, msgspec.DecodeError):
        settings = Settings()
    return msgspec.structs.replace(settings, today=dt.datetime.now(dt.UTC).date())


def save_settings(root: Path, settings: Settings) -> None:
    """Remember the choices for this folder."""
    shown = os.fsencode(root.resolve()).decode("utf-8", "backslashreplace")
    undated = msgspec.structs.replace(settings, today=Settings().today)
    write_whole(_file_of(root), msgspec.json.encode(_Remembered(shown, undated)))


def _file_of(root: Path) -> Path:
    return data_folder("projects") / f"{project_key(root)}.json"
