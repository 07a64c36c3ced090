from __future__ import annotations

import sys

from hypothesis import given
from hypothesis import strategies as st

from custrec.model.folding import fold, folds_like_ascii, is_caseless


def test_letters_of_any_script_lose_their_case() -> None:
    assert fold("ÉCOLE Ölüdeniz ΣΊΣΥΦΟΣ ДОМ 深圳 VIP") == "école ölüdeniz σίσυφοσ дом 深圳 vip"


def test_no_letter_beyond_ascii_becomes_an_ascii_one() -> None:
    assert fold("\u212a") == "\u212a"  # the Kelvin sign
    assert fold("İ") == "İ"


@given(st.text())
def test_folding_keeps_the_length_and_is_idempotent(text: str) -> None:
    assert len(fold(text)) == len(text)
    assert fold(fold(text)) == fold(text)


def test_a_caseless_character_is_one_that_no_other_folds_to() -> None:
    reached = {ord(folded) for point in range(sys.maxunicode + 1) if (folded := fold(chr(point))) != chr(point)}
    changing = {point for point in range(sys.maxunicode + 1) if fold(chr(point)) != chr(point)}
    assert not [chr(point) for point in reached | changing if is_caseless(chr(point))]


@given(st.text(), st.text(alphabet=st.characters(max_codepoint=127) | st.sampled_from("深圳，。１２")))
def test_what_folds_like_ascii_is_found_by_folding_ascii_alone(text: str, sought: str) -> None:
    assert folds_like_ascii(sought)
    only_ascii = str.maketrans({chr(n): chr(n).lower() for n in range(128)})
    assert (fold(sought) in fold(text)) == (sought.translate(only_ascii) in text.translate(only_ascii))


def test_what_has_case_beyond_ascii_does_not_fold_like_ascii() -> None:
    assert not folds_like_ascii("école")
    assert is_caseless("深圳 138")
    assert not is_caseless("VIP")
