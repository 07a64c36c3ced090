"""Validate: all that is wrong with a file, or with the records of the store, finding by finding. Nothing is changed.

A file goes the way of an import as far as the plan (jobs.imports), which is then dropped: so it is told exactly what
an import would refuse. Records of the store are judged by what they show, as if they came from a file; that two share
a key or that a parent is lost, which the store itself forbids, is asked of the store (store.soundness). Findings are
yielded one by one, in the order of the file or of the records' ids; however many, memory stays the same.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from heapq import merge
from itertools import islice

from custrec.jobs.drafting import Draft, draft
from custrec.jobs.imports import Compared, ImportRequest, Progress, read_and_compare
from custrec.jobs.judging import FieldFault, Judged, Layout, TableJudge, checks_of
from custrec.jobs.reading import condition, value_type
from custrec.model.problem import Fault
from custrec.model.schema import Schema, Table
from custrec.rules.checks import ERROR, RowCheck, named
from custrec.rules.suggestions import suggestion
from custrec.store import records, soundness
from custrec.store.database import Store, snapshot
from custrec.store.records import Condition
from custrec.store.sqlite_errors import translated
from custrec.values.cleaning import clean, missing_words
from custrec.values.protocol import Stored, ValueType

BATCH = 10_000
"""Records that are judged at once."""
NOT_NORMAL = Fault("not-normal")
NOT_UNIQUE = Fault("not-unique")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong: where (the line of a file, the id of a record), which fields (joined by `;`) and rule, how bad
    (error, warn, info), what stands in the fields, where it can be told, and what was probably meant."""

    table: str
    place: int
    field: str | None
    rule: str
    level: str
    texts: tuple[str, ...]
    message: str
    suggestion: str | None = None


@dataclass
class Tally:
    """Findings counted as they pass, in the words of an import: places with errors, those by rule, warnings, notes."""

    places: int = 0
    rules: Counter[str] = field(default_factory=Counter)
    warnings: Counter[str] = field(default_factory=Counter)
    notes: Counter[str] = field(default_factory=Counter)
    _last: tuple[str, int] | None = None
    _seen: set[str] = field(default_factory=set)

    def watch(self, findings: Iterator[Finding]) -> Iterator[Finding]:
        """The findings, counted."""
        for finding in findings:
            if finding.level == ERROR:
                self._count(finding)
            else:
                (self.notes if finding.level == "info" else self.warnings)[finding.message] += 1
            yield finding

    def _count(self, finding: Finding) -> None:
        if (finding.table, finding.place) != self._last:
            self._last = (finding.table, finding.place)
            self._seen.clear()
            self.places += 1
        if finding.rule not in self._seen:
            self._seen.add(finding.rule)
            self.rules[finding.rule] += 1

    @property
    def found(self) -> bool:
        """Whether there was any finding."""
        return bool(self.places or self.warnings or self.notes)


# --- a file ------------------------------------------------------------------------------------------------------


@contextmanager
def validated_file(
    store: Store, request: ImportRequest, by: Draft, progress: Progress, suggest: bool = False
) -> Iterator[tuple[Compared, Iterator[Finding]]]:
    """What an import of a file would find. The plan that it takes is dropped at the end.

    Raises InputError for a file that cannot be used, DiskFull, SourceMoved.
    """
    file = draft(store, by)
    try:
        with translated(store.path):
            compared = read_and_compare(file, store, request, by.day, progress, sealing=False)
            yield (
                compared,
                merge(_refused(compared, suggest), _warned(compared, by.day), key=lambda finding: finding.place),
            )
    finally:
        file.drop()


def _refused(compared: Compared, suggest: bool) -> Iterator[Finding]:
    schema, table, places = compared.file.schema, compared.request.table, compared.layout.places
    adviser = _Adviser(schema, table) if suggest else None
    for row in compared.refused():
        for problem in row.problems:
            names = [name for name in _names(table, problem.field) if name in places]
            whole = len(row.cells) == compared.layout.width
            texts = tuple(row.cells[places[name]] for name in names) if whole else ()
            yield _finding(table, row.line, problem.field, problem.fault, texts, adviser)


def _warned(compared: Compared, today: date) -> Iterator[Finding]:
    table = compared.request.table
    checks = {c.number: c for c in checks_of(table, compared.file.schema, list(compared.layout.places), today)}
    if all(check.refuses for check in checks.values()):
        return
    for line, number, cells in compared.file.warnings():
        yield _broken(table, line, checks[number], json.loads(cells))


# --- the store ---------------------------------------------------------------------------------------------------


@contextmanager
def validated_store(
    store: Store,
    tables: Sequence[Table],
    where: str | None,
    today: date,
    progress: Progress,
    suggest: bool = False,
) -> Iterator[Iterator[Finding]]:
    """What is wrong with the active records of some tables; `where` is a condition for a single one.

    Raises ExpressionInvalid, StoreUnwell.
    """
    with translated(store.path):
        chosen = [(table, condition(store, table, where, today)) for table in tables]
        with snapshot(store.reader):
            yield (
                finding
                for table, which in chosen
                for finding in _in_table(store, table, which, today, progress, suggest)
            )


def _in_table(
    store: Store, table: Table, which: Condition, today: date, progress: Progress, suggest: bool
) -> Iterator[Finding]:
    finders = [_judged_again(store, table, which, today, progress, suggest)]
    unique = [(f.name,) for f in table.fields if f.unique and (f.name,) != table.primary_key]
    finders += [_repeated(store, table, names, which) for names in (table.primary_key, *unique) if names]
    finders += [_orphaned(store, table, number, which) for number in range(len(table.foreign_keys))]
    yield from merge(*finders, key=lambda finding: finding.place)


def _repeated(store: Store, table: Table, names: tuple[str, ...], which: Condition) -> Iterator[Finding]:
    shows = [value_type(store.schema, table, table.by_name[name]).show for name in names]
    for record, *values in soundness.repeated(store, table, names, which):
        texts = tuple(_text(show, value, None) or "" for show, value in zip(shows, values, strict=True))
        yield _finding(table, record, named(names), NOT_UNIQUE, texts)


def _orphaned(store: Store, table: Table, number: int, which: Condition) -> Iterator[Finding]:
    reference = table.foreign_keys[number]
    fault = Fault("no-parent", {"table": reference.table, "field": reference.target})
    for (record,) in soundness.orphans(store, table, reference, which):
        yield _finding(table, record, reference.field, fault, ())


def _judged_again(
    store: Store, table: Table, which: Condition, today: date, progress: Progress, suggest: bool
) -> Iterator[Finding]:
    """Every value through judge(show(value)), constraints, required fields and checks."""
    again = _Again(store.schema, table, today)
    adviser = _Adviser(store.schema, table) if suggest else None
    rows = records.select(store, table, again.names, which)
    while batch := list(islice(rows, BATCH)):
        ids, *columns = map(list, zip(*batch, strict=True))
        texts = again.texts(columns)
        progress.rows += len(batch)
        progress.phase("judging")
        for row, faults, warned in again.judge(columns, texts):
            for name, fault in faults:
                found = tuple(texts[again.places[n]][row] for n in _names(table, name))
                yield _finding(table, ids[row], name, fault, found, adviser)
            for check in warned:
                yield _broken(table, ids[row], check, [texts[again.places[n]][row] for n in check.fields])


class _Again:
    """Judges stored values as if they came from a file with all the table's columns."""

    def __init__(self, schema: Schema, table: Table, today: date) -> None:
        self.names = [f.name for f in table.fields]
        self.places = {name: place for place, name in enumerate(self.names)}
        self.kinds = [value_type(schema, table, f) for f in table.fields]
        # What means a blank in files means itself in the store.
        layout = Layout(self.places, len(self.names))
        self.rows = TableJudge(replace(table, missing_values=()), schema, layout, sealing=False, today=today)

    def texts(self, columns: Sequence[Sequence[Stored]]) -> list[list[str]]:
        """Columns of stored values as people read them."""
        shown: list[list[str]] = []
        for kind, column in zip(self.kinds, columns, strict=True):
            beside = columns[self.places[kind.beside]] if kind.beside else [None] * len(column)
            shown.append([_text(kind.show, value, near) for value, near in zip(column, beside, strict=True)])
        return shown

    def judge(
        self, columns: Sequence[Sequence[Stored]], texts: Sequence[Sequence[str]]
    ) -> Iterator[tuple[int, list[FieldFault], list[RowCheck]]]:
        """The rows with faults, in order: what is wrong, and the checks broken that refuse nothing."""
        count = len(columns[0])
        judged = self.rows.judge(list(range(count)), list(zip(*texts, strict=True)))
        faults: dict[int, list[FieldFault]] = judged.bad | {row: found for _, row, found in judged.doubtful}
        for row, name in self._restated(columns, judged):
            faults.setdefault(row, []).append((name, NOT_NORMAL))
        warned: dict[int, list[RowCheck]] = {}
        for row, check in judged.warned:
            warned.setdefault(row, []).append(check)
        for row in sorted(faults.keys() | warned.keys()):
            yield row, faults.get(row, []), warned.get(row, [])

    def _restated(self, columns: Sequence[Sequence[Stored]], judged: Judged) -> Iterator[tuple[int, str]]:
        """Fields of rows without a fault that would be stored otherwise now."""
        for name, column, now in zip(self.names, columns, judged.columns, strict=True):
            stored = [column[row] for row in judged.lines] if judged.bad else column
            if list(stored) != now:
                pairs = zip(judged.lines, stored, now, strict=True)
                yield from ((row, name) for row, was, will in pairs if was != will)


def _text(show: Callable[[Stored, str | None], str], value: Stored, beside: object) -> str:
    """A stored value as people read it; as it lies there, where it is none of its kind."""
    if value is None:
        return ""
    try:
        return show(value, None if beside is None else str(beside))
    except ValueError:
        return str(value)


# --- findings ----------------------------------------------------------------------------------------------------


class _Adviser:
    """Suggests what a text was meant to be."""

    def __init__(self, schema: Schema, table: Table) -> None:
        self.missing = missing_words(table.missing_values)
        self.kinds = {f.name: value_type(schema, table, f) for f in table.fields if f.name not in table.references}

    def __call__(self, name: str | None, text: str, fault: Fault) -> str | None:
        """The suggestion for a field's text, if there is one."""
        kind: ValueType | None = self.kinds.get(name or "")
        cleaned = clean(text, self.missing)
        return suggestion(kind, cleaned, fault) if kind is not None and cleaned is not None else None


def _finding(
    table: Table, place: int, name: str | None, fault: Fault, texts: tuple[str, ...], adviser: _Adviser | None = None
) -> Finding:
    level = "warn" if fault is NOT_NORMAL else ERROR
    advice = adviser(name, texts[0], fault) if adviser is not None and len(texts) == 1 else None
    return Finding(table.name, place, name, fault.rule, level, texts, fault.message, advice)


def _broken(table: Table, place: int, check: RowCheck, texts: Sequence[str]) -> Finding:
    fault = check.fault
    return Finding(table.name, place, check.field, fault.rule, check.check.level, tuple(texts), fault.message)


def _names(table: Table, field: str | None) -> list[str]:
    """The fields that a fault names."""
    if field is None:
        return []
    return [field] if field in table.by_name else [name for name in field.split(";") if name in table.by_name]
