"""Texts of the windows in the person's language, through gettext: `_("…")` for words that stand in the code."""

from __future__ import annotations

import gettext
import locale
from typing import TYPE_CHECKING

from repro_gui.resource_files import list_resources, resource_path

if TYPE_CHECKING:
    from repro_gui.text import Text

_DOMAIN = "repro-gui"
# What checks and answers say is a catalogue of its own: it stands outside the windows, and may be translated in part.
_CHECKS = "repro-gui-checks"
_catalogue: gettext.NullTranslations = gettext.NullTranslations()
_language = "en"


def set_language(code: str) -> None:
    """Translate into this language from now on; empty follows the system, an unknown one is English."""
    global _catalogue, _language  # noqa: PLW0603 -- gettext's own install() is a global as well
    wanted = code or _language_of_system()
    _catalogue = gettext.translation(_DOMAIN, resource_path("translations"), [wanted], fallback=True)
    _language = wanted if isinstance(_catalogue, gettext.GNUTranslations) else "en"
    if _language != "en":
        _catalogue.add_fallback(gettext.translation(_CHECKS, resource_path("translations"), [wanted], fallback=True))


def language() -> str:
    """The language that is shown, as a code such as `de`."""
    return _language


def languages() -> dict[str, str]:
    """The languages there are: code and name in that language."""
    names = {"en": "English", "de": "Deutsch"}
    sources = (name.rsplit("/", 1)[-1] for name in list_resources("translations/sources"))
    found = sorted(name.removesuffix(".po") for name in sources if name.endswith(".po"))
    return {code: names.get(code, code) for code in ("en", *found)}


def _(message: str) -> str:
    """A literal of the windows, translated."""
    return _catalogue.gettext(message) if message else ""


def counted(singular: str, plural: str, count: int, **values: str) -> str:
    """The right form for a number; `{count}` and the other names in it are filled."""
    return _catalogue.ngettext(singular, plural, count).format(count=f"{count:,}", **values)


def shown(text: Text | None) -> str:
    """A text from the worker, translated where its template is known; values stay what they are."""
    return "" if text is None else text.render(_)


def _language_of_system() -> str:
    name = locale.getlocale()[0] or ""
    return name.split("_", 1)[0].lower() or "en"
