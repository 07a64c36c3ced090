"""model.nearest: the word that was probably meant."""

from __future__ import annotations

from time import process_time

from custrec.model.nearest import did_you_mean, nearest


def test_the_nearest_word_is_found_whatever_its_case() -> None:
    assert nearest("EMIAL", ["Email", "phone"]) == "Email"


def test_a_word_like_none_has_no_nearest() -> None:
    assert nearest("zzz", ["email", "phone"]) is None
    assert did_you_mean("zzz", ["email"]) == ""


def test_the_end_of_a_sentence_names_it() -> None:
    assert did_you_mean("feilds", ["fields"]) == "; did you mean 'fields'?"


def test_a_word_of_a_million_characters_is_answered_at_once() -> None:
    began = process_time()
    nearest("ab" * 500_000, ["ab" * 20, "email"])
    assert process_time() - began < 1
