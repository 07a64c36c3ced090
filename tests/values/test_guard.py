"""The formula guard and its inverse, and that only cells of files lose it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custrec.values.cleaning import clean, clean_column
from custrec.values.guard import guarded, may_be_guarded, told_apart, unguarded


@pytest.mark.parametrize("sign", "=+-@＝＋－＠")
def test_a_text_that_begins_like_a_formula_is_guarded_and_comes_back(sign: str) -> None:
    assert guarded(f"{sign}1+1") == f"'{sign}1+1"
    assert unguarded(f"'{sign}1+1") == f"{sign}1+1"


@pytest.mark.parametrize("text", ["", "a", "O'Brien", "'tis", "'", "''", "1=1", "' =1"])
def test_other_texts_are_left_alone(text: str) -> None:
    assert guarded(text) == told_apart(text) == unguarded(text) == text
    assert not may_be_guarded(text)


@pytest.mark.parametrize("text", ["'90s", 'a="1"', '="1"x', '="a"b"', "'1a"])
def test_what_only_resembles_a_guard_stays(text: str) -> None:
    assert told_apart(text) == unguarded(text) == text


def test_a_text_that_looks_guarded_by_itself_gets_one_more() -> None:
    assert guarded("'=1") == told_apart("'=1") == "''=1"
    assert unguarded("''=1") == "'=1"


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ('="00501"', "00501"),
        ('="+8613800138000"', "+8613800138000"),
        ('="a ""b"""', 'a "b"'),
        ('=""', ""),
        ("'13800138000", "13800138000"),
        ("'0755-8888 8888", "0755-8888 8888"),
    ],
)
def test_guards_of_other_programs_come_off_and_texts_that_look_so_come_back(text: str, meant: str) -> None:
    assert may_be_guarded(text)
    assert unguarded(text) == meant
    assert unguarded(told_apart(text)) == unguarded(guarded(text)) == text


@given(st.text(alphabet="'=\"+-0519 a", max_size=12))
def test_every_text_comes_back_from_its_guards(text: str) -> None:
    assert unguarded(guarded(text)) == unguarded(told_apart(text)) == text
    assert may_be_guarded(text) or unguarded(text) == text


def test_the_guard_comes_off_cells_of_files_and_not_off_typed_texts() -> None:
    texts = [" '=1 ", "O'Brien", "'\u200b-x", "x '=1"]
    assert clean_column(texts, frozenset(), guarded=True) == ["=1", "O'Brien", "-x", "x '=1"]
    assert clean_column(texts, frozenset()) == ["'=1", "O'Brien", "'-x", "x '=1"]
    assert clean("'=1", frozenset()) == "'=1"


def test_what_means_blank_is_blank_behind_a_guard_too() -> None:
    assert clean_column(["'-", "-"], frozenset({"-"}), guarded=True) == [None, None]
