"""A list of pairs as rows: the names of the records, and what other columns tell of them.

one.FIELD, other.FIELD       what the records hold, as `custrec dedupe review --export` writes it: for the eyes, and
                             the key to tell whether the record that is named is the one that was written
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from custrec.errors import PairsUnreadable
from custrec.files.cell_limit import cells_up_to
from custrec.jobs.edits.naming import written_by_custrec
from custrec.model.schema import Schema, Table
from custrec.values.guard import unguarded

VERDICT, ONE, OTHER = "verdict", "one", "other"
SIDES = (ONE, OTHER)
OTHER_NAMES = {"expected": VERDICT}
"""Names that columns may have as well."""

_SPOILT = re.compile(r"[0-9](?:[.,][0-9]+)?E\+[0-9]+", re.ASCII).fullmatch
"""A long number as a spreadsheet saves it."""
_KEPT = 15
"""So many digits of a number a spreadsheet keeps."""


@dataclass(frozen=True, slots=True)
class PairRow:
    """A row: its line, what is said, how the records are named, and of each what keys its columns tell, by field."""

    line: int
    said: str
    names: tuple[str, str]
    keys: tuple[Mapping[str, str], Mapping[str, str]]


@dataclass(frozen=True)
class PairRows:
    """The rows of a list, what it calls the `column` of verdicts, and the fields that it has columns of."""

    name: str
    column: str
    rows: Sequence[PairRow]
    fields: frozenset[str]

    def table(self, schema: Schema, given: Table | None) -> Table:
        """The table that the list is of: the `given` one, else the one that its names say, else the first.

        Raises PairsUnreadable where its names say none, and its columns are of another one.
        """
        said = {own[0].name: own[0] for row in self.rows for one in row.names if (own := _own(schema, one))}
        table = given or (next(iter(said.values())) if len(said) == 1 else schema.tables[0])
        strange = sorted(self.fields - {field.name.casefold() for field in table.fields})
        if strange and not said:
            why = f"the column one.{strange[0]} is of no field of {table.name}"
            raise PairsUnreadable(name=self.name, line=1, why=why, hint="say with --table which table the list is of")
        return table


def _own(schema: Schema, name: str) -> tuple[Table, int] | None:
    return written_by_custrec(schema, None, name) if "#" in name else None


def pair_rows(name: str, text: str, keys: frozenset[str]) -> PairRows:
    """The rows of a list, with the cells of the fields that are `keys`. Raises PairsUnreadable."""
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        with cells_up_to():
            columns = _Columns(name, next(reader, []), keys)
            rows = [columns.row(reader.line_num, cells) for cells in reader if any(cell.strip() for cell in cells)]
    except csv.Error as error:
        raise PairsUnreadable(name=name, line=reader.line_num, why="it is no CSV") from error
    return PairRows(name, columns.verdicts, rows, columns.fields)


class _Columns:
    """The columns of a list. Raises PairsUnreadable where one is lacking."""

    def __init__(self, name: str, header: Sequence[str], keys: frozenset[str]) -> None:
        self.name = name
        columns = [OTHER_NAMES.get(one, one) for one in (cell.strip().casefold() for cell in header)]
        if lacking := [one for one in (VERDICT, *SIDES) if columns.count(one) != 1]:
            names = [lacking[0], *(other for other, one in OTHER_NAMES.items() if one == lacking[0])]
            raise PairsUnreadable(name=name, line=1, why=f"a column {' or '.join(names)} is wanted, once")
        self.places = [columns.index(one) for one in (VERDICT, *SIDES)]
        self.verdicts = header[self.places[0]].strip()
        told = [
            {cell.removeprefix(f"{side}."): n for n, cell in enumerate(columns) if cell.startswith(f"{side}.")}
            for side in SIDES
        ]
        self.fields = frozenset(field for of in told for field in of)
        self.keys = [{field: place for field, place in of.items() if field in keys} for of in told]

    def row(self, line: int, cells: Sequence[str]) -> PairRow:
        """What a row of the list says. Raises PairsUnreadable."""
        if len(cells) <= max(self.places):
            raise PairsUnreadable(name=self.name, line=line, why="the row ends before its last column")
        said, one, other = (cells[place].strip() for place in self.places)
        of_one, of_other = (
            {field: cells[place] for field, place in of.items() if place < len(cells) and cells[place].strip()}
            for of in self.keys
        )
        return PairRow(line, said, (one, other), (of_one, of_other))


def same_key(key: str, cell: str) -> bool:
    """Whether a cell may tell this key: a spreadsheet drops zeros before a number, and the end of a long one."""
    told, key = unguarded(cell.strip()), unguarded(key)
    if told == key:
        return True
    if not (key.isascii() and key.isdigit()):
        return False
    if _SPOILT(told):
        return True
    key, told = key.lstrip("0"), told.lstrip("0")
    return (len(key) == len(told) > _KEPT and key[:_KEPT] == told[:_KEPT]) or key == told
