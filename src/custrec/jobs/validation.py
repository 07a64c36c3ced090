"""Validate: all that is wrong with a file, or with the records of the store, finding by finding. Nothing is changed.

A file goes the way of an import as far as the plan (jobs.importing.imports), which is then dropped: so it is told
exactly what an import would refuse. Records of the store are judged by what they show, as if they came from a file;
that two share a key or that a parent is lost, which the store itself forbids, is asked of the store (store.soundness).
Findings are yielded one by one, in the order of the file or of the records' ids; however many, memory stays the same.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from heapq import merge
from itertools import islice

from custrec.jobs.drafting import Draft, drafted
from custrec.jobs.importing.intake import Compared, ImportRequest, read_and_compare
from custrec.jobs.judging import checks_of
from custrec.jobs.judging_again import BATCH, NOT_NORMAL, StoredJudge, by_row, text_of
from custrec.jobs.progress import Progress
from custrec.jobs.reading import condition, value_type
from custrec.model.problem import Fault
from custrec.model.schema import Schema, Table
from custrec.rules.checks import ERROR, RowCheck, named
from custrec.rules.suggestions import suggestion
from custrec.store import originals, records, soundness
from custrec.store.database import Store, snapshot
from custrec.store.records import Condition
from custrec.store.sqlite_errors import translated
from custrec.values.cleaning import clean, missing_words
from custrec.values.protocol import ValueType

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
    with drafted(store, by) as file:
        compared = read_and_compare(file, store, request, by.day, progress, applicable=False)
        yield (
            compared,
            merge(
                _refused(compared, suggest),
                _warned(compared, by.day),
                _suspected(compared),
                key=lambda finding: finding.place,
            ),
        )
        file.drop()


def _refused(compared: Compared, suggest: bool) -> Iterator[Finding]:
    schema, table, layout = compared.file.schema, compared.table, compared.layout
    present, shown = set(layout.names), layout.shower()
    adviser = _Adviser(schema, table) if suggest else None
    for row in compared.refused():
        for problem in row.problems:
            names = [name for name in _names(table, problem.field) if name in present]
            whole = len(row.cells) == layout.width
            texts = tuple(shown(row.cells, name) for name in names) if whole else ()
            yield _finding(table, row.line, problem.field, problem.fault, texts, adviser)


def _warned(compared: Compared, today: date) -> Iterator[Finding]:
    table = compared.table
    checks = {c.number: c for c in checks_of(table, compared.file.schema, compared.layout.names, today)}
    if all(check.refuses for check in checks.values()):
        return
    shown = compared.layout.shower()
    for line, number, cells in compared.file.warnings():
        row, check = json.loads(cells), checks[number]
        yield _broken(table, line, check, [shown(row, name) for name in check.fields])


def _suspected(compared: Compared) -> Iterator[Finding]:
    for row in compared.suspected():
        for problem in row.problems:
            yield _finding(compared.table, row.line, None, problem.fault, (), suspected=True)


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
        texts = tuple(text_of(show, value, None) or "" for show, value in zip(shows, values, strict=True))
        yield _finding(table, record, named(names), NOT_UNIQUE, texts)


def _orphaned(store: Store, table: Table, number: int, which: Condition) -> Iterator[Finding]:
    reference = table.foreign_keys[number]
    fault = Fault("no-parent", {"table": reference.table, "field": reference.target})
    for (record,) in soundness.orphans(store, table, reference, which):
        yield _finding(table, record, reference.field, fault, ())


def _judged_again(
    store: Store, table: Table, which: Condition, today: date, progress: Progress, suggest: bool
) -> Iterator[Finding]:
    """Every value judged again (jobs.judging_again), constraints, required fields and checks."""
    again = StoredJudge(store.schema, table, today)
    typed = originals.teller(store, table, again.beside)
    adviser = _Adviser(store.schema, table) if suggest else None
    rows = records.select(store, table, again.names, which)
    while batch := list(islice(rows, BATCH)):
        ids, *columns = map(list, zip(*batch, strict=True))
        texts = again.texts(columns)
        progress.rows += len(batch)
        progress.phase("judging")
        for row, faults, warned in again.judge(columns, texts, by_row(ids, typed(ids))):
            for name, fault in faults:
                found = tuple(texts[again.places[n]][row] for n in _names(table, name))
                yield _finding(table, ids[row], name, fault, found, adviser)
            for check in warned:
                yield _broken(table, ids[row], check, [texts[again.places[n]][row] for n in check.fields])


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
    table: Table,
    place: int,
    name: str | None,
    fault: Fault,
    texts: tuple[str, ...],
    adviser: _Adviser | None = None,
    suspected: bool = False,
) -> Finding:
    level = "warn" if fault is NOT_NORMAL or suspected else ERROR
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
