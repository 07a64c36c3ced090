"""Rows of text into typed columns: every cell cleaned, judged by its value type, checked against its constraints.

A `TableJudge` is compiled once for a table and the columns of one file, and then judges chunk after chunk, a column at
a time; then the checks across fields. Pure: the same rows give the same result in any process.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import compress
from types import NoneType
from typing import TYPE_CHECKING, Any, TypeAlias

from custrec.jobs.reading import judged_as, stored
from custrec.model.digest import SEPARATOR, seals
from custrec.model.problem import Fault
from custrec.model.schema import Check, Field, Schema, Table
from custrec.rules.constraints import compile_constraints
from custrec.values.cleaning import clean_column, missing_words
from custrec.values.protocol import Stored, ValueType
from custrec.values.registry import for_field

if TYPE_CHECKING:
    from custrec.rules.checks import RowCheck
    from custrec.rules.recipes import Making, Placed

FieldFault = tuple[str | None, Fault]
Shower: TypeAlias = Callable[[Sequence[str], str], str]

REQUIRED = Fault("required")
STRAY = Fault("stray-cell")


@dataclass(frozen=True)
class Layout:
    """Which column of a file is which field, how many columns there are, and which have no header.

    `recipes` are the fields that are made of columns, by a saved map; none of them stands in `places`.
    """

    places: Mapping[str, int]
    width: int
    headless: tuple[int, ...] = ()
    recipes: Mapping[str, Placed] = field(default_factory=dict)

    @property
    def names(self) -> list[str]:
        """The fields that rows of the file have."""
        return [*self.places, *self.recipes]

    @property
    def fields_by_column(self) -> dict[int, str]:
        """The field that a column is, by its place: as it is, or changed by a recipe that reads no other column."""
        if not self.recipes:
            return {place: name for name, place in self.places.items()}
        from custrec.model.mapping import Taken

        alone = {one.places[0]: name for name, one in self.recipes.items() if isinstance(one.recipe.beginning, Taken)}
        return alone | {place: name for name, place in self.places.items()}

    def shower(self) -> Shower:
        """A function that says what stands in a row, given whole, for a field of `names`: its cell, or the made text.

        Recipes are compiled here: ask once and use it for many rows.
        """
        places, makings = self.places, makings_of(self.recipes)

        def show(cells: Sequence[str], name: str) -> str:
            if name in places:
                return cells[places[name]]
            (text,) = makings[name]([(cell,) for cell in cells], 1)
            return text or ""

        return show


@dataclass
class Judged:
    """What became of some rows.

    `lines`, `columns` (a list for each field of the file, in schema order) and `originals` are of the good rows. `bad`
    are faults by row as given, `keys` the natural keys of bad rows that have one. `doubtful` are good rows without a
    required value, or that break a check by a blank: their place among the good rows, their row as given, what is
    wrong. `warned` are the rows as given, good or bad, that break a check which refuses nothing, with that check.
    """

    lines: list[int]
    columns: list[list[Stored]]
    originals: list[str | None]
    bad: dict[int, list[FieldFault]] = field(default_factory=dict)
    keys: dict[int, str] = field(default_factory=dict)
    doubtful: list[tuple[int, int, list[FieldFault]]] = field(default_factory=list)
    warned: list[tuple[int, RowCheck]] = field(default_factory=list)


class TableJudge:
    """Judges rows of a file for a table. `sealing`: whether rows are sealed here (store.canonical says when).

    Checks that name a field which the file does not have are not judged: the rows alone cannot tell.
    """

    def __init__(self, table: Table, schema: Schema, layout: Layout, sealing: bool, today: date) -> None:
        self.table = table
        self.layout = layout
        self.sealing = sealing
        self.missing = missing_words(table.missing_values)
        self.makings = makings_of(layout.recipes)
        present = {*layout.places, *layout.recipes}
        written = [_as_written(f, table, schema) for f in table.fields if f.name in present]
        self.types: dict[str, ValueType] = {f.name: for_field(f, schema.defaults) for f in written}
        self.constraints = {f.name: compile_constraints(f, self.types[f.name]) for f in written}
        self.fields = [f.name for f in written]
        self.required = [f.name for f in table.fields if f.required or f.name in table.primary_key]
        self.checks = checks_of(table, schema, self.fields, today)

    def judge(self, lines: list[int], rows: Sequence[Sequence[str]]) -> Judged:
        """Judge rows, each with all the file's columns."""
        if not rows:
            return Judged([], [[] for _ in self.fields], [])
        raw = list(zip(*rows, strict=True))
        places = self.layout.places.items()
        cleaned = {name: clean_column(raw[place], self.missing, guarded=True) for name, place in places}
        cleaned |= {name: make(raw, len(rows)) for name, make in self.makings.items()}
        bad, lossy, values = self.read(cleaned)
        for place in self.layout.headless:
            for row, text in enumerate(raw[place]):
                if text.strip():
                    bad.setdefault(row, []).append((None, STRAY))
        missing = self._missing(values, bad, len(rows))
        warned = self._check(values, bad, missing, len(rows))
        for row in bad.keys() & missing.keys():
            bad[row] += missing.pop(row)
        for row in [row for row, faults in missing.items() if any(n in self.table.primary_key for n, _ in faults)]:
            bad[row] = missing.pop(row)
        judged = self._sorted_out(lines, values, bad, missing, self._originals(lossy, cleaned, len(rows)))
        judged.warned = warned
        return judged

    def seals(self, judged: Judged) -> list[bytes] | list[None]:
        """A seal for each good row (model.digest), or None each where only the store can make it."""
        count = len(judged.lines)
        if not self.sealing:
            return [None] * count
        by_name = dict(zip(self.fields, map(_texts, judged.columns), strict=True))
        blank = [""] * count
        texts = [by_name.get(f.name, blank) for f in self.table.fields]
        return seals(map(SEPARATOR.join, zip(*texts, _texts(judged.originals), strict=True)), count)

    def read(
        self, cleaned: Mapping[str, list[str | None]]
    ) -> tuple[dict[int, list[FieldFault]], dict[str, set[int]], dict[str, list[Stored]]]:
        """What cleaned columns mean, each for itself: faults by row, lossy rows by field, values by field."""
        bad: dict[int, list[FieldFault]] = {}
        lossy: dict[str, set[int]] = {}
        values: dict[str, list[Stored]] = {}
        for name, kind in self.types.items():
            beside = cleaned.get(kind.beside) if kind.beside else None
            reading = kind.judge_column(cleaned[name], beside)
            if not self.missing.isdisjoint(reading.values):  # a full-width －, normalised, is the - that means blank
                reading.values = [None if value in self.missing else value for value in reading.values]
            values[name] = reading.values
            faults = reading.faults | self.constraints[name](reading.values, reading.faults, beside)
            for row, fault in faults.items():
                bad.setdefault(row, []).append((name, fault))
            if reading.lossy:
                lossy[name] = reading.lossy
        return bad, lossy, values

    def _missing(
        self, values: Mapping[str, list[Stored]], bad: Mapping[int, list[FieldFault]], count: int
    ) -> dict[int, list[FieldFault]]:
        """The blanks in required fields. A cell at fault is not blank."""
        missing: dict[int, list[FieldFault]] = {}
        for name in self.required:
            column = values.get(name)
            for row in range(count) if column is None else _blanks(column):
                if row not in bad or not _at_fault(bad[row], (name,)):
                    missing.setdefault(row, []).append((name, REQUIRED))
        return missing

    def _check(
        self,
        values: Mapping[str, list[Stored]],
        bad: dict[int, list[FieldFault]],
        missing: dict[int, list[FieldFault]],
        count: int,
    ) -> list[tuple[int, RowCheck]]:
        """Add the faults of checks; returns the rows that break one which refuses nothing.

        A field at fault has no value to be compared. A row that breaks a rule by a blank is in doubt: a blank cell
        changes nothing, so the record it meets may have the value.
        """
        warned: list[tuple[int, RowCheck]] = []
        for check in self.checks:
            found = check.broken(values, count)
            if bad:
                found = [row for row in found if row not in bad or not _at_fault(bad[row], check.fields)]
            if not check.refuses:
                warned += [(row, check) for row in found]
                continue
            for row in found:
                faults = missing if check.for_a_blank(values, row) else bad
                faults.setdefault(row, []).append((check.field, check.fault))
        return warned

    def _originals(
        self, lossy: Mapping[str, set[int]], cleaned: Mapping[str, list[str | None]], count: int
    ) -> list[str | None]:
        originals: list[str | None] = [None] * count
        if lossy:
            for row in set().union(*lossy.values()):
                texts = {name: cleaned[name][row] for name, rows in lossy.items() if row in rows}
                originals[row] = json.dumps(texts, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return originals

    def _sorted_out(
        self,
        lines: list[int],
        values: Mapping[str, list[Stored]],
        bad: dict[int, list[FieldFault]],
        missing: Mapping[int, list[FieldFault]],
        originals: list[str | None],
    ) -> Judged:
        count = len(lines)
        columns = [values[name] for name in self.fields]
        good = [row not in bad for row in range(count)]
        if bad:
            columns = [list(compress(column, good)) for column in columns]
            lines, originals = list(compress(lines, good)), list(compress(originals, good))
        judged = Judged(lines, columns, originals, bad)
        judged.keys = {row: key for row in bad if (key := self._key(values, row)) is not None}
        if missing:
            places = dict(zip(compress(range(count), good), range(count), strict=False))
            judged.doubtful = [(places[row], row, faults) for row, faults in missing.items()]
        return judged

    def _key(self, values: Mapping[str, list[Stored]], row: int) -> str | None:
        """A bad row's natural key, where its key cells are good: it counts as seen."""
        key = [values[name][row] if name in values else None for name in self.table.primary_key]
        return SEPARATOR.join(map(str, key)) if key and None not in key else None


def makings_of(recipes: Mapping[str, Placed]) -> dict[str, Making]:
    """The recipes of fields, compiled."""
    if not recipes:
        return {}
    from custrec.rules.recipes import compiled

    return {name: compiled(recipe) for name, recipe in recipes.items()}


def checks_of(table: Table, schema: Schema, present: Sequence[str], today: date) -> list[RowCheck]:
    """The checks of a table that rows with these fields can be held to. Raises ExpressionInvalid."""
    if not may_name(table.checks, present):
        return []
    from custrec.rules.checks import compile_checks  # expressions take long to load

    timezone = schema.defaults.timezone
    return compile_checks(table, present, lambda f, text: stored(schema, table, f, text), today, timezone)


def may_name(checks: Sequence[Check], names: Sequence[str]) -> bool:
    """Whether one of some checks may name one of some fields: told from its text, without reading it."""
    return any(name in check.rule or not name.isidentifier() for check in checks for name in names)


def _at_fault(faults: Sequence[FieldFault], names: Sequence[str]) -> bool:
    """Whether the value of one of these fields is at fault."""
    return any(name in names and fault.rule != "check" for name, fault in faults)


def _as_written(field: Field, table: Table, schema: Schema) -> Field:
    """A reference is written, and judged, as its parent's key is. Blanks are judged here."""
    return replace(judged_as(schema, table, field), name=field.name, required=False)


def _blanks(column: Sequence[Stored]) -> list[int]:
    return [row for row, value in enumerate(column) if value is None] if None in column else []


def _texts(column: list[Any]) -> list[str]:
    """Stored values as the store casts them to text: '' for NULL."""
    kinds = set(map(type, column))
    if kinds == {str}:
        return column
    if kinds == {NoneType}:
        return [""] * len(column)
    return [value if type(value) is str else "" if value is None else str(value) for value in column]
