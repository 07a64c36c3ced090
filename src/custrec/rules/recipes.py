"""Making the columns of a saved map: from the raw columns of a file to the texts of a field, a column at a time.

A recipe is placed once, when the header of a file is known, and compiled in each worker. Cells are cleaned before they
are used (guards off, what means a blank is blank), so that a join passes over `N/A`, and the result once more.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias, assert_never

from custrec.model.mapping import Constant, Joined, Part, Recipe, Taken
from custrec.model.transforms import chain
from custrec.values.cleaning import clean_column

Texts: TypeAlias = list[str | None]
Columns: TypeAlias = Sequence[Sequence[str]]
Making: TypeAlias = Callable[[Columns, int], Texts]
"""All raw columns of a file, and how many rows they have, to the cleaned texts of one field."""


@dataclass(frozen=True)
class Placed:
    """A recipe and where its columns stand in a file; `missing` are the cleaned texts that mean blank, in order, so
    that the same recipe looks the same in every process."""

    recipe: Recipe
    places: tuple[int, ...]
    missing: tuple[str, ...] = ()


def compiled(placed: Placed) -> Making:
    """The recipe as a function to run over chunk after chunk."""
    recipe = placed.recipe
    begin = _beginning(placed)
    if not recipe.steps and not recipe.values and isinstance(recipe.beginning, Taken):
        return begin
    change = _change(recipe)
    clean = partial(clean_column, missing=frozenset(placed.missing))

    def make(columns: Columns, rows: int) -> Texts:
        texts = begin(columns, rows)
        known = {text: change(text) for text in set(texts) if text is not None}
        return clean(["" if text is None else known[text] for text in texts])

    return make


def _beginning(placed: Placed) -> Making:
    """The texts that the steps are taken on."""
    clean = partial(clean_column, missing=frozenset(placed.missing), guarded=True)
    beginning = placed.recipe.beginning
    match beginning:
        case Constant(text):
            return lambda _, rows: [text] * rows
        case Taken():
            (place,) = placed.places
            return lambda columns, _: clean(columns[place])
        case Part(_, by, number, of):
            (place,) = placed.places
            split = _splitter(by, number, of)
            return lambda columns, _: _each(split, clean(columns[place]))
        case Joined(_, between):
            return lambda columns, _: _joined([clean(columns[place]) for place in placed.places], between)
        case _:
            assert_never(beginning)


def _splitter(by: str, number: int, of: int) -> Callable[[str], str]:
    separator = by if by.strip() else None

    def part(text: str) -> str:
        parts = text.split(separator, of - 1)
        return parts[number].strip() if number < len(parts) else ""

    return part


def _joined(columns: Sequence[Texts], between: str) -> Texts:
    return [between.join(cell for cell in row if cell is not None) or None for row in zip(*columns, strict=True)]


def _each(change: Callable[[str], str], texts: Texts) -> Texts:
    return [None if text is None else change(text) or None for text in texts]


def _change(recipe: Recipe) -> Callable[[str], str]:
    """Steps, then the table of replacements. A text that the steps leave nothing of has no replacement."""
    change = chain(recipe.steps)
    if not recipe.values:
        return change
    values = dict(recipe.values)

    def changed(text: str) -> str:
        text = change(text).strip()
        return values.get(text, text)

    return changed
