from hypothesis import given
from hypothesis import strategies as st

from repro_gui.text import neutralise, text


def test_values_are_never_read_as_a_template() -> None:
    assert str(text("{path} is new", path="{0.__class__}")) == "{0.__class__} is new"


def test_values_are_neutralised_and_the_template_is_not() -> None:
    assert str(text("a\n{name}", name="b\n\x1b[31m\u202ec")) == "a\nb\\n\\x1b[31m\\u202ec"


def test_undecodable_bytes_are_shown_by_value() -> None:
    assert neutralise(b"caf\xe9.csv".decode("utf-8", "surrogateescape")) == "caf\\xe9.csv"


def test_letters_of_all_scripts_stay() -> None:
    assert neutralise("Größe 数据 данные עברית") == "Größe 数据 данные עברית"


def test_translation_gets_the_template() -> None:
    assert text("{count} files", count=3).render({"{count} files": "{count} Dateien"}.__getitem__) == "3 Dateien"


@given(st.text())
def test_neutral_text_has_no_controls(value: str) -> None:
    shown = neutralise(value)
    assert not any(ord(character) < 32 or 0x7F <= ord(character) < 0xA0 for character in shown)
    assert not any(0xD800 <= ord(character) <= 0xDFFF for character in shown)
    assert neutralise(shown) == shown


def test_a_number_chooses_between_two_wordings() -> None:
    template = "{count:,} {count:file is|files are} new in {path}"
    assert str(text(template, count=1, path="a")) == "1 file is new in a"
    assert str(text(template, count=1200, path="{count:x|y}")) == "1,200 files are new in {count:x|y}"
    assert text(template, count=2, path="a").render(lambda _: "{count} {count:Datei|Dateien}") == "2 Dateien"
