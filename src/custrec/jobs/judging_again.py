"""Stored values judged again, by today's rules: what validate finds in a store, and what normalize mends.

A record is judged by what it shows, as if it came from a file with all the table's columns. Where the journal kept a
text as it was typed, because normalising had lost something, and that text still is what the present value came from
(store.originals), the text is judged instead: what was lost is just what newer rules may keep, and only the text has
it. Should today's rules refuse that text, the value itself is judged after all: it is what is there to be right or
wrong. What means a blank in files means itself in the store.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from custrec.jobs.judging import FieldFault, Judged, Layout, TableJudge
from custrec.jobs.reading import value_type
from custrec.model.problem import Fault
from custrec.model.schema import Schema, Table
from custrec.values.cleaning import clean_column
from custrec.values.guard import may_be_guarded, told_apart
from custrec.values.protocol import ColumnReading, Stored, ValueType

if TYPE_CHECKING:
    from custrec.rules.checks import RowCheck

BATCH = 10_000
"""Records that are judged at once."""
NOT_NORMAL = Fault("not-normal")
NOTHING: frozenset[str] = frozenset()

Columns = Sequence[Sequence[Stored]]
Texts = Sequence[Sequence[str]]
Typed = Mapping[int, Mapping[str, str]]
"""By row, the texts by field name that values came from."""


@dataclass(frozen=True)
class Again:
    """What stored values mean today, each for itself, by field name and row.

    A value at fault is None among the `values`. `lossy` are the texts that a value does not tell all of.
    """

    values: dict[str, list[Stored]]
    faults: dict[str, dict[int, Fault]]
    lossy: dict[str, dict[int, str]]


class StoredJudge:
    """Judges stored values of one table again."""

    def __init__(self, schema: Schema, table: Table, today: date) -> None:
        self.names = [f.name for f in table.fields]
        self.places = {name: place for place, name in enumerate(self.names)}
        self.kinds = [value_type(schema, table, f) for f in table.fields]
        layout = Layout(self.places, len(self.names))
        self.rows = TableJudge(replace(table, missing_values=()), schema, layout, sealing=False, today=today)

    @property
    def beside(self) -> dict[str, str]:
        """By field, the field that its texts are understood by."""
        return {name: kind.beside for name, kind in zip(self.names, self.kinds, strict=True) if kind.beside}

    def texts(self, columns: Columns) -> list[list[str]]:
        """Columns of stored values as people read them."""
        shown: list[list[str]] = []
        for kind, column in zip(self.kinds, columns, strict=True):
            if type(kind).show is ValueType.show:
                shown.append(["" if value is None else str(value) for value in column])
                continue
            beside = columns[self.places[kind.beside]] if kind.beside else [None] * len(column)
            shown.append([text_of(kind.show, value, near) for value, near in zip(column, beside, strict=True)])
        return shown

    def judge(
        self, columns: Columns, texts: Texts, typed: Typed
    ) -> Iterator[tuple[int, list[FieldFault], list[RowCheck]]]:
        """The rows with faults, in order: what is wrong, and the checks broken that refuse nothing."""
        count = len(columns[0])
        judged = self.rows.judge(list(range(count)), list(zip(*map(_as_in_a_file, texts), strict=True)))
        faults: dict[int, list[FieldFault]] = judged.bad | {row: found for _, row, found in judged.doubtful}
        for row, name in self._restated(columns, judged, texts, typed):
            faults.setdefault(row, []).append((name, NOT_NORMAL))
        warned: dict[int, list[RowCheck]] = {}
        for row, check in judged.warned:
            warned.setdefault(row, []).append(check)
        for row in sorted(faults.keys() | warned.keys()):
            yield row, faults.get(row, []), warned.get(row, [])

    def _restated(self, columns: Columns, judged: Judged, texts: Texts, typed: Typed) -> Iterator[tuple[int, str]]:
        """Fields of rows without a fault that would be stored otherwise now."""
        good = {row: place for place, row in enumerate(judged.lines)} if typed else {}
        by_field = _by_field({row: told for row, told in typed.items() if row in good})
        for name, column, now in zip(self.names, columns, judged.columns, strict=True):
            stored = [column[row] for row in judged.lines] if judged.bad else column
            if name in by_field:
                now = list(now)
                for row, (value, _) in self._by_text(name, by_field[name], texts).items():
                    now[good[row]] = value
            if list(stored) != now:
                pairs = zip(judged.lines, stored, now, strict=True)
                yield from ((row, name) for row, was, will in pairs if was != will)

    def read(self, texts: Texts, typed: Typed) -> Again:
        """What the values mean today, each for itself."""
        cleaned = {name: clean_column(column, NOTHING) for name, column in zip(self.names, texts, strict=True)}
        bad, lossy_rows, values = self.rows.read(cleaned)
        faults: dict[str, dict[int, Fault]] = {}
        for row, found in bad.items():
            for name, fault in found:
                faults.setdefault(str(name), {}).setdefault(row, fault)
                values[str(name)][row] = None
        lossy = {name: {row: cleaned[name][row] or "" for row in rows} for name, rows in lossy_rows.items()}
        for name, told in _by_field(typed).items():
            for row, (value, text) in self._by_text(name, told, texts).items():
                values[name][row] = value
                faults.get(name, {}).pop(row, None)
                if text is not None:
                    lossy.setdefault(name, {})[row] = text
        return Again(values, faults, lossy)

    def _by_text(self, name: str, told: Mapping[int, str], texts: Texts) -> dict[int, tuple[Stored, str | None]]:
        """The values of typed texts by row, without those that are refused; and the text, where it tells more."""
        kind, rows = self.rows.types[name], list(told)
        cleaned = clean_column([told[row] for row in rows], NOTHING)
        nears = texts[self.places[kind.beside]] if kind.beside else None
        beside = None if nears is None else clean_column([nears[row] for row in rows], NOTHING)
        reading: ColumnReading = kind.judge_column(cleaned, beside)
        faults = reading.faults | self.rows.constraints[name](reading.values, reading.faults, beside)
        return {
            row: (value, cleaned[place] if place in reading.lossy else None)
            for place, (row, value) in enumerate(zip(rows, reading.values, strict=True))
            if value is not None and place not in faults
        }


def by_row(records: Sequence[int], told: Mapping[int, Mapping[str, str]]) -> Typed:
    """Texts by record as texts by row, of the records in these rows."""
    return {row: told[record] for row, record in enumerate(records) if record in told} if told else {}


def text_of(show: Callable[[Stored, str | None], str], value: Stored, beside: object) -> str:
    """A stored value as people read it; as it lies there, where it is none of its kind."""
    if value is None:
        return ""
    try:
        return show(value, None if beside is None else str(beside))
    except ValueError:
        return str(value)


def _as_in_a_file(texts: Sequence[str]) -> Sequence[str]:
    """Stored texts as an export writes them, so that none is taken for a guarded formula."""
    return list(map(told_apart, texts)) if may_be_guarded("|".join(texts)) else texts


def _by_field(typed: Typed) -> dict[str, dict[int, str]]:
    fields: dict[str, dict[int, str]] = {}
    for row, told in typed.items():
        for name, text in told.items():
            fields.setdefault(name, {})[row] = text
    return fields
