"""Texts in order (matching/ordering.py): what numpy sorts is what Python would sort."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from custrec.matching import ordering

PLAIN = st.text(st.characters(codec="ascii"), max_size=20)
ANY = st.text(max_size=20)


@given(st.lists(PLAIN) | st.lists(ANY))
@example([])
@example([""])
@example(["", "a", ""])
@example(["a\0", "a"])
@example(["a" * 8, "a" * 9, "a" * 70])
@example(["a" * 70, "b" * 70, "a" * 64 + "b"])
def test_texts_are_sorted_each_once_and_each_has_its_place(texts):
    least, ordering._FEW = ordering._FEW, 0
    try:
        found, codes = ordering.ordered(texts)
    finally:
        ordering._FEW = least
    assert found == sorted(set(texts) - {""})
    assert [found[code] if code >= 0 else "" for code in codes.tolist()] == texts
