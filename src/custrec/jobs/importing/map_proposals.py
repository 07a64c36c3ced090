"""Making a map for a file that nobody has made one for yet, and showing what a map makes of a file's first rows."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from custrec.files.headers import HeaderMatch, header_key, match_headers
from custrec.files.map_file import parse_map
from custrec.files.map_text import ProposedColumn, map_text
from custrec.files.printable import printable
from custrec.jobs.importing.layouts import placed
from custrec.jobs.importing.opening import How, known_headers, open_rows
from custrec.model.mapping import SavedMap
from custrec.model.schema import Schema, Table
from custrec.rules.recipes import compiled

Rows = Iterator[tuple[int, list[str]]]
"""Physical lines and the cells that begin there."""


@dataclass(frozen=True)
class Proposal:
    """A map for a file: its text, how many columns become a field, the headers of those left out, required fields
    that nothing fills."""

    text: str
    known: int
    left_out: tuple[str, ...]
    unfilled: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Example:
    """What stands in a row for a field, and what a map makes of it; a text for each column that it is made of."""

    line: int
    field: str
    before: tuple[str, ...]
    after: str


def proposed(schema: Schema, table: Table, name: str, path: str, how: How, source: str = "") -> Proposal:
    """A map for a file by its header: known columns are their fields, the others are left out, each with a remark.

    Raises InputError for a file that cannot be used; MapInvalid where a map cannot hold its header.
    """
    with beginning(path, table, how) as (header, _):
        pass
    columns = _columns(header, table)
    filled = {column.field for column in columns}
    needed = [f.name for f in table.fields if f.required or f.name in table.primary_key]
    unfilled = tuple(field for field in needed if field not in filled)
    text = map_text(table.name, source, Path(path).name, columns, unfilled)
    if len(filled) > 1 or None not in filled:
        parse_map(text, name, schema)
    left_out = tuple(column.header for column in columns if column.field is None)
    return Proposal(text, len(columns) - len(left_out), left_out, unfilled)


def preview(saved: SavedMap, path: str, how: How, most: int) -> list[Example]:
    """What a map makes of the first rows of a file. Raises InputError for a file that it does not fit."""
    with beginning(path, saved.table, how) as (header, rows):
        recipes = placed(saved, header, printable(Path(path).name, 200))
        makings = {field: compiled(one) for field, one in recipes.items()}
        found: list[Example] = []
        for line, cells in islice(rows, most):
            columns = [(cell,) for cell in cells]
            for field, one in recipes.items():
                (after,) = makings[field](columns, 1)
                found.append(Example(line, field, tuple(cells[place].strip() for place in one.places), after or ""))
        return found


@contextmanager
def beginning(path: str, table: Table, how: How) -> Iterator[tuple[Sequence[str], Rows]]:
    """The header of a file, and its rows as far as they are asked for, without those that are no rows of it."""
    with (
        tempfile.TemporaryDirectory(prefix="custrec-") as scratch,
        open_rows(path, known_headers([table]), how, Path(scratch) / "kept") as opened,
    ):
        header = opened.reader.header.cells

        def rows() -> Rows:
            for chunk in opened.reader:
                parsed = opened.form.parse(chunk, len(header), {})
                yield from zip(parsed.lines, parsed.rows, strict=True)

        yield header, rows()


def _columns(header: Sequence[str], table: Table) -> list[ProposedColumn]:
    match = match_headers(header, table)
    there: dict[str, list[int]] = {}
    for index, text in enumerate(header):
        there.setdefault(header_key(text), []).append(index)
    nearest = {unknown.index: unknown.nearest for unknown in match.unknown}
    columns = []
    for key, indexes in there.items():
        first = indexes[0]
        if key and first not in match.ignored and key != "<<":
            columns.append(_column(header[first].strip(), indexes, match, nearest.get(first)))
    return columns


def _column(header: str, indexes: Sequence[int], match: HeaderMatch, near: str | None) -> ProposedColumn:
    field = match.columns.get(indexes[0])
    if len(indexes) > 1:
        numbers = ", ".join(str(index + 1) for index in indexes[:5])
        return ProposedColumn(header, None, f"stands in columns {numbers}: rename all but one")
    if field is not None:
        return ProposedColumn(header, field)
    for duplicate in match.duplicates:
        if indexes[0] in duplicate.indexes:
            return ProposedColumn(header, None, f"another column is {duplicate.field} already")
    return ProposedColumn(header, None, f"unknown; did you mean {near}?" if near else "unknown")
