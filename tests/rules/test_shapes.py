from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custrec.rules.shapes import LONGEST, shape


@pytest.mark.parametrize(
    ("text", "looks"),
    [
        ("2024-13-01", "9999-99-99"),
        ("C0001", "A9999"),
        ("张伟", "汉汉"),
        ("Müller & Söhne", "Aaaaaa & Aaaaa"),
        ("１３９", "９９９"),
        ("ＶＩＰ客户", "ＡＡＡ汉汉"),
        ("a.b@c.cn", "a.a@a.aa"),
        ("かな", "文文"),
        ("a\tb\x00", "a�a�"),
        ("\udcff", "�"),
        ("", ""),
    ],
)
def test_a_text_looks_like(text: str, looks: str) -> None:
    assert shape(text) == looks


@given(st.text(max_size=80))
def test_a_shape_prints_and_holds_no_letter_of_the_text(text: str) -> None:
    looks = shape(text)
    assert looks.isprintable()
    assert len(looks) == min(len(text), LONGEST + 1)
    assert {c for c in looks if c.isalnum()} <= set("9AaＡａ９汉文")
