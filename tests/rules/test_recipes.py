"""Making the columns of a saved map."""

from __future__ import annotations

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custrec.model.mapping import Constant, Joined, Part, Recipe, Taken
from custrec.model.transforms import Step
from custrec.rules.recipes import Placed, compiled

MISSING = ("-", "N/A")


def made(recipe: Recipe, *rows: tuple[str, ...], places: tuple[int, ...] = (0,)) -> list[str | None]:
    return compiled(Placed(recipe, places, MISSING))(list(zip(*rows, strict=True)), len(rows))


def test_steps_and_values_change_what_a_column_holds() -> None:
    recipe = Recipe(Taken("业务员"), (Step("lower"),), (("zhang", "zhang@shop.cn"), ("li", "")))
    assert made(recipe, (" ZHANG ",), ("Wang",), ("LI",), ("",), ("N/A",)) == [
        "zhang@shop.cn", "wang", None, None, None,
    ]  # fmt: skip


def test_a_join_passes_over_blanks() -> None:
    recipe = Recipe(Joined(("a", "b", "c"), ", "))
    rows = [("x", "y", "z"), ("x", " ", "z"), ("-", "N/A", "z"), ("", "", "")]
    assert made(recipe, *rows, places=(2, 0, 1)) == ["z, x, y", "z, x", "z", None]


def test_a_join_is_changed_as_a_whole() -> None:
    recipe = Recipe(Joined(("a", "b")), (Step("upper"), Step("first", (3,))))
    assert made(recipe, ("ab", "cd"), ("", "x"), places=(0, 1)) == ["ABC", "X"]


@pytest.mark.parametrize(
    ("by", "text", "parts"),
    [
        (" ", "北京  朝阳区\u3000建国路 1号", ["北京", "朝阳区", "建国路 1号"]),
        (" ", "北京", ["北京", None, None]),
        (",", "a, ,c,d", ["a", None, "c,d"]),
        ("--", "a--b", ["a", "b", None]),
        (",", "", [None, None, None]),
    ],
)
def test_the_last_part_takes_the_rest_and_missing_ones_are_blank(by: str, text: str, parts: list[str | None]) -> None:
    assert [made(Recipe(Part("x", by, number, 3)), (text,))[0] for number in range(3)] == parts


def test_a_constant_stands_in_every_row() -> None:
    assert made(Recipe(Constant("active")), ("x",), ("",), places=()) == ["active", "active"]


def test_a_guarded_formula_loses_its_guard_before_it_is_joined() -> None:
    assert made(Recipe(Joined(("a", "b"))), ("'+86", "'-1"), places=(0, 1)) == ["+86-1"]


def test_what_means_blank_is_blank_before_and_after_the_steps() -> None:
    recipe = Recipe(Taken("a"), (Step("remove", ("x",)), Step("suffix", ("!",))))
    assert made(recipe, ("-",), ("x",), ("x-",)) == [None, None, "-!"]
    assert made(Recipe(Taken("a"), (Step("remove", ("x",)),)), ("x-",), ("N/Ax",)) == [None, None]


CELLS = st.text(alphabet="ab ,x-'=\u3000\n", max_size=8)
RECIPES = st.builds(
    Recipe,
    st.sampled_from([Taken("a"), Part("a", ",", 1, 2), Part("a", " ", 0, 2), Joined(("a", "b"), ","), Constant("k")]),
    st.lists(
        st.sampled_from([Step("trim"), Step("upper"), Step("remove", ("x",)), Step("prefix", ("x",))]), max_size=3
    ).map(tuple),
    st.just(()) | st.just((("a", "b"), ("x", ""))),
)


@given(RECIPES, st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=6))
def test_a_row_is_made_the_same_whatever_stands_beside_it(recipe: Recipe, rows: list[tuple[str, str]]) -> None:
    placed = Placed(recipe, tuple(range(len(recipe.columns))), MISSING)
    make = compiled(pickle.loads(pickle.dumps(placed)))  # noqa: S301 (as a worker gets it)
    together = make(list(zip(*rows, strict=True)), len(rows))
    assert together == [make([(a,), (b,)], 1)[0] for a, b in rows]
    assert all(text is None or (text == text.strip() and text and text not in MISSING) for text in together)


def test_a_recipe_says_in_a_few_words_what_it_does() -> None:
    assert str(Recipe(Taken("a"))) == "as it is"
    assert str(Recipe(Part("a", " ", 0, 2), (Step("upper"),))) == 'part 1 of 2, split by " "; upper'
    assert str(Recipe(Joined(("a", "b"), ", "), (), (("x", "y"),))) == 'joined with ", "; 1 value replaced'
    assert str(Recipe(Constant("k"))) == 'always "k"'
    assert Recipe(Taken("a")).plain
    assert not Recipe(Taken("a"), (Step("trim"),)).plain
