from hypothesis import given
from hypothesis import strategies as st

from repro_gui.location import LineIndex, Location


def test_a_place_reads_like_an_editor_expects() -> None:
    assert str(Location("train.py", 3, 5)) == "train.py:3"
    assert str(Location("a.ipynb", 2, 1, cell=0)) == "a.ipynb [cell 1]:2"
    assert str(Location("data.csv")) == "data.csv"


def test_lines_are_cut_at_line_feeds_only() -> None:
    index = LineIndex("a\x0cb\u2028c\r\nlast")
    assert len(index) == 2
    assert index.line(1) == "a\x0cb\u2028c"
    assert index.line(2) == "last"
    assert index.line(3) == ""


@given(st.text(alphabet="ab\n\r\u20ac"), st.integers(0, 40))
def test_offset_and_position_are_inverse(content: str, offset: int) -> None:
    offset = min(offset, len(content))
    index = LineIndex(content)
    assert index.offset(*index.position(offset)) == offset
