"""A saved map: which column of somebody's file becomes which field, and how.

Frozen nouns only, all of them can be pickled. Reading the file stands in files.map_file, the words that change texts in
model.transforms, making the columns in rules.recipes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

from custrec.model.schema import Table
from custrec.model.transforms import Step


@dataclass(frozen=True)
class Taken:
    """The cells of a column."""

    column: str


@dataclass(frozen=True)
class Part:
    """One part of a column's cells that are split by a text into so many; the last part takes the rest.

    `number` counts from 0. Split by white space, any run of it counts as one. Where the parts run out: blank.
    """

    column: str
    by: str
    number: int
    of: int


@dataclass(frozen=True)
class Joined:
    """The cells of several columns, blanks passed over, with a text between them."""

    columns: tuple[str, ...]
    between: str = ""


@dataclass(frozen=True)
class Constant:
    """The same text in every row."""

    text: str


Beginning: TypeAlias = Taken | Part | Joined | Constant


@dataclass(frozen=True)
class Recipe:
    """How one field is made: what it begins with, the steps that change it, a table of replacements for the result.

    What the table does not hold stays as it is. Nothing is done to a blank.
    """

    beginning: Beginning
    steps: tuple[Step, ...] = ()
    values: tuple[tuple[str, str], ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """The headers that it reads, in its order."""
        match self.beginning:
            case Taken(column) | Part(column):
                return (column,)
            case Joined(columns):
                return columns
            case Constant():
                return ()

    @property
    def plain(self) -> bool:
        """Whether the field is a column as it is."""
        return isinstance(self.beginning, Taken) and not self.steps and not self.values

    def __str__(self) -> str:
        """How, in a few words."""
        match self.beginning:
            case Part(_, by, number, of):
                how = [f'part {number + 1} of {of}, split by "{by}"']
            case Joined(_, between):
                how = [f'joined with "{between}"' if between else "joined"]
            case Constant(text):
                how = [f'always "{text}"']
            case Taken():
                how = []
        how += map(str, self.steps)
        if self.values:
            how.append(f"{len(self.values):,} value{'' if len(self.values) == 1 else 's'} replaced")
        return "; ".join(how) or "as it is"


@dataclass(frozen=True)
class SavedMap:
    """One map: its name, the table it is for, where its files come from, a recipe by field, what is left out."""

    name: str
    table: Table
    source: str
    recipes: Mapping[str, Recipe]
    left_out: tuple[str, ...] = ()

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """The headers that a file must have, each once."""
        return tuple(dict.fromkeys(column for recipe in self.recipes.values() for column in recipe.columns))
