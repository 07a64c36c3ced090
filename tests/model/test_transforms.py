"""The words that change a text on its way into a field."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custrec.model.transforms import MOST, WORDS, Step, chain

EXAMPLES: dict[str, list[tuple[tuple[Any, ...], str, str]]] = {
    "trim": [((), " \u3000张伟\t", "张伟")],
    "squeeze": [((), "a  b\n\u3000c ", "a b c")],
    "upper": [((), "straße", "STRASSE")],
    "lower": [((), "ÄB", "äb")],
    "title": [((), "JOHN o'brien-smith, 3rd", "John O'brien-Smith, 3Rd"), ((), "élan vital", "Élan Vital")],
    "digits": [((), "No. １2-٣x", "123"), ((), "none", "")],
    "halfwidth": [((), "ＡＢＣ　１２㈱", "ABC 12(株)")],
    "remove": [(("(VIP)",), "张伟(VIP)", "张伟"), (("a", "b"), "abcab", "c")],
    "replace": [((("a", "b"), ("b", "c")), "ab", "cc"), ((("先生", ""),), "张先生", "张")],
    "before": [(("@",), "a@b@c", "a"), (("@",), "abc", "abc")],
    "after": [(("@",), "a@b@c", "b@c"), (("@",), "abc", "abc")],
    "first": [((2,), "张三丰", "张三"), ((9,), "张", "张")],
    "last": [((2,), "张三丰", "三丰"), ((9,), "张", "张")],
    "pad": [((5, "0"), "12", "00012"), ((1, "0"), "12", "12")],
    "prefix": [(("+86 ",), "138", "+86 138")],
    "suffix": [(("号",), "12", "12号")],
}
STEPS = [Step(word, arguments) for word, found in EXAMPLES.items() for arguments, _, _ in found]


def test_every_word_has_an_example_and_a_sentence() -> None:
    assert EXAMPLES.keys() == WORDS.keys()
    assert all(word.says and not word.says.endswith(".") for word in WORDS.values())


@pytest.mark.parametrize(
    ("step", "text", "made"),
    [(Step(word, args), text, made) for word, found in EXAMPLES.items() for args, text, made in found],
    ids=str,
)
def test_a_word_does_what_it_says(step: Step, text: str, made: str) -> None:
    assert chain([step])(text) == made


@given(st.lists(st.sampled_from(STEPS), max_size=8), st.text())
def test_no_chain_raises_for_any_text_and_blank_stays_blank(steps: list[Step], text: str) -> None:
    change = chain(steps)
    assert change(text) == change(text)
    if steps and not text.strip():
        assert change(text) == ""


def test_a_chain_ends_where_nothing_is_left() -> None:
    assert chain([Step("digits"), Step("prefix", ("+86",)), Step("pad", (5, "0"))])("none") == ""


def test_no_chain_makes_a_text_grow_beyond_all_measure() -> None:
    doubling = [Step("replace", (("a", "a" * 200),)), Step("prefix", ("a" * 200,)), Step("suffix", ("a" * 200,))]
    assert len(chain(doubling * 20)("a" * 1000)) <= MOST
    assert chain(doubling)("a" * (MOST + 1)) == "a" * (MOST + 1)


def test_a_step_is_written_as_people_read_it() -> None:
    assert str(Step("replace", (("a", "b"), ("c", "")))) == 'replace "a" → "b" "c" → ""'
    assert str(Step("pad", (5, "0"))) == 'pad 5 "0"'
    assert str(Step("trim")) == "trim"
