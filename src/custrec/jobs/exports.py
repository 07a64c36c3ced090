"""Export: records as a file that people and programs can read, and that import reads back as the very same records.

    records (store) → shown values, a column at a time → a format (files)

Nothing here changes a record: an export is no plan.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from custrec.errors import SheetTooSmall, UsageError
from custrec.files.columns import Batch, OutputColumn
from custrec.files.delimited import write_delimited
from custrec.files.headers import titles_for
from custrec.files.output import STANDARD_OUTPUT, open_binary_output, open_output, write_rows
from custrec.jobs.reading import condition, field_named, fields_named, value_type
from custrec.jobs.showing import Shown
from custrec.model.plan import State
from custrec.model.schema import Field, Table
from custrec.store import records
from custrec.store.database import Store, snapshot
from custrec.store.place import OWN_FILES, beside, with_logs
from custrec.values.protocol import ValueType

FORMATS = ("csv", "tsv", "jsonl", "json", "xlsx")
ENDINGS = {".csv": "csv", ".tsv": "tsv", ".tab": "tsv", ".jsonl": "jsonl", ".ndjson": "jsonl", ".json": "json"} | {
    ".xlsx": "xlsx"
}
"""The format of a file by its ending."""

BATCH = 1_000
"""Records that are in memory at a time."""

_NUMBERS = frozenset({"integer", "number", "money"})
_HARMLESS = _NUMBERS | {"date", "datetime", "phone"}
"""Kinds whose texts are no formulas, though + or - may stand first."""


@dataclass(frozen=True)
class ExportRequest:
    """What to write where: `path` is a file or `-`, `sort` names fields, with a leading `-` for descending.

    `spreadsheet` writes CSV or TSV for Excel and its kin (files.delimited); `titles` heads columns with what people
    call them. `state`: active or archived records.
    """

    path: str
    form: str
    table: Table
    where: str | None = None
    fields: Sequence[str] = ()
    sort: Sequence[str] = ()
    spreadsheet: bool = False
    titles: bool = False
    state: State = State.ACTIVE


def format_of(path: str, given: str | None) -> str:
    """The format that was given, or that of the file's ending; CSV for standard output. Raises UsageError."""
    if given is not None:
        if given not in FORMATS:
            raise UsageError(what=f"there is no format {given}", hint=f"it is one of {', '.join(FORMATS)}")
        return given
    if path == STANDARD_OUTPUT:
        return "csv"
    found = ENDINGS.get(Path(path).suffix.lower())
    if found is None:
        raise UsageError(
            what=f"the ending of {Path(path).name} names no format", hint=f"add --format: {', '.join(FORMATS)}"
        )
    return found


def export(store: Store, request: ExportRequest, today: date, progress: Callable[[int], None] = lambda _: None) -> int:
    """Write the records that are asked for; says how many. `progress` is told how many so far.

    Raises UsageError, ExpressionInvalid or FieldUnknown by the request, SheetTooSmall, CurrencyUnreadable, IoFailure;
    a file is then as it was.
    """
    check_target(store, request.path)
    if request.spreadsheet and request.form not in ("csv", "tsv", "xlsx"):
        raise UsageError(what=f"--excel is for csv, tsv and xlsx, not for {request.form}")
    with snapshot(store.reader):
        source = _Source(store, request, today, progress)
        if request.form == "xlsx":
            return _workbook(source)
        with open_output(request.path) as stream:
            if request.form in ("json", "jsonl"):
                rows = (row for batch in source.batches() for row in zip(*batch, strict=True))
                return write_rows(stream, request.form, [column.header for column in source.columns], rows)
            delimiter = "\t" if request.form == "tsv" else ","
            return write_delimited(stream, source.columns, source.batches(), delimiter, spreadsheet=request.spreadsheet)


def check_target(store: Store, path: str) -> None:
    """Refuse to write over the store, what belongs to it, or its schema. Raises UsageError."""
    if path == STANDARD_OUTPUT:
        return
    own = store.path.resolve()
    kept = {*with_logs(own), own.with_name("schema.yaml"), *(beside(own, what) for what in OWN_FILES)}
    if Path(path).resolve() in kept:
        raise UsageError(what=f"{Path(path).name} belongs to the store; it is not written over")


def folder_for(path: str) -> Path | None:
    """Where temporary files of an output may lie: beside it, unless it is standard output, a device or a pipe."""
    place = Path(path)
    return None if path == STANDARD_OUTPUT or (place.exists() and not place.is_file()) else place.resolve().parent


def headers(table: Table, names: Sequence[str], titles: bool) -> list[str]:
    """The headers of some fields: their names, or what people call them."""
    return titles_for(table, names) if titles else list(names)


def _workbook(source: _Source) -> int:
    from custrec.files.workbook import MOST_RECORDS, write_workbook

    request = source.request
    if (count := source.count()) > MOST_RECORDS:
        raise SheetTooSmall(what=f"there are {count:,} records")
    with open_binary_output(request.path) as stream:
        title = request.table.title or request.table.name
        return write_workbook(stream, folder_for(request.path), title, source.columns, source.batches())


class _Source:
    """The records of a request, a batch of columns at a time."""

    def __init__(self, store: Store, request: ExportRequest, today: date, progress: Callable[[int], None]) -> None:
        table = request.table
        self.request = request
        self._store = store
        self._progress = progress
        self._names = fields_named(table, request.fields)
        self._sort = [(field_named(table, name.lstrip("-")).name, name.startswith("-")) for name in request.sort]
        self._condition = condition(store, table, request.where, today)
        self._types = [value_type(store.schema, table, table.by_name[name]) for name in self._names]
        titles = request.titles and request.form not in ("json", "jsonl")
        self.columns = list(map(_column, headers(table, self._names, titles), self._types))

    def count(self) -> int:
        """How many records there are."""
        return records.count(self._store, self.request.table, self._condition, self.request.state)

    def batches(self) -> Iterator[Batch]:
        """The shown values of all records."""
        # An amount of money is shown by its row's currency, whether or not that is exported.
        table = self.request.table
        shown = [Shown(kind, table.name, self.request.form in ("json", "jsonl")) for kind in self._types]
        wanted = list(dict.fromkeys([*self._names, *(one.beside for one in shown if one.beside)]))
        places = {name: place for place, name in enumerate(wanted, 1)}
        done = 0
        for batch in self._selected(wanted):
            stored = list(zip(*batch, strict=True))
            yield [
                one.column(stored[places[name]], stored[0], stored[places[one.beside]] if one.beside else None)
                for name, one in zip(self._names, shown, strict=True)
            ]
            done += len(batch)
            self._progress(done)

    def _selected(self, wanted: Sequence[str]) -> Iterator[list[tuple[Any, ...]]]:
        table, state = self.request.table, self.request.state
        return records.select_many(self._store, table, wanted, self._condition, self._sort, BATCH, state)


def _column(header: str, kind: ValueType) -> OutputColumn:
    decimal = str(kind.field.options.get("decimalChar") or ".") if kind.kind in _NUMBERS else None
    return OutputColumn(header, plain=kind.kind in _HARMLESS, decimal=decimal)


def needs_beside(table: Table, names: Sequence[str]) -> list[tuple[Field, str]]:
    """Amounts of money that are exported without the field that says their currency."""
    return [
        (field, field.currency_field)
        for name in names
        if (field := table.by_name[name]).currency_field and field.currency_field not in names
    ]
