"""files.printable: nothing that a terminal would obey."""

from hypothesis import given
from hypothesis import strategies as st

from custrec.files.printable import printable


def test_plain_text_stays_as_it_is():
    assert printable("客户编号 No.1") == "客户编号 No.1"


def test_control_characters_are_shown_not_sent():
    assert printable("a\x1b[31m\n\u202eb\udcff") == "a\\x1b[31m\\n\\u202eb\\udcff"


@given(st.text(st.characters(), max_size=300), st.integers(1, 80))
def test_what_is_shown_is_printable_and_short(text, limit):
    shown = printable(text, limit)
    assert shown.isprintable()
    assert len(shown) <= limit
