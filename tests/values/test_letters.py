"""values/letters.py and values/likeness.py"""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from custrec.values.letters import fold, folded, halve, squeeze, tidy, words
from custrec.values.likeness import edit_distance, overlap


@given(st.text())
def test_tidying_twice_is_tidying_once(text):
    assert tidy(tidy(text)) == tidy(text)
    assert halve(halve(text)) == halve(text)


def test_folding_drops_accents_but_not_what_makes_another_letter():
    assert fold("Zoë MÜLLER") == "zoe muller"
    assert fold("が") != fold("か")


def test_words_are_runs_of_one_script():
    assert words("张伟 Jack-Smith 2号") == ("张伟", "jack", "smith", "2", "号")


@given(st.text("ab张", max_size=6), st.text("ab张", max_size=6), st.integers(0, 6))
def test_edit_distance_is_symmetric_and_bounded(a, b, limit):
    assert edit_distance(a, b, limit) == edit_distance(b, a, limit) <= limit + 1
    assert (edit_distance(a, b, limit) == 0) == (a == b)
    assert edit_distance(a, b, 12) <= max(len(a), len(b))


def test_a_swap_is_one_edit():
    assert edit_distance("jonh", "john", 2) == 1
    assert edit_distance("kitten", "sitting", 5) == 3


def test_overlap_of_nothing_is_nothing():
    assert overlap((), ()) == 0.0
    assert overlap("ab", "bc") == 1 / 3


UNTIDY = st.text(st.sampled_from("aB1 -\t\n\x1c\u3000é张ß"), max_size=8)


@given(st.lists(UNTIDY) | st.lists(st.sampled_from(["Ann Lee", "BOB", "", "a  b", " c", "d\n"])))
def test_many_texts_are_folded_as_each_is(texts):
    assert folded(texts) == [squeeze(fold(text)) for text in texts]
