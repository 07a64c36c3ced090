"""Policies tried on cases: records that are made up, put into a store in memory, and judged as any records are."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from typing import Any, NamedTuple

from custrec.errors import CasesInvalid
from custrec.files.case_file import Case, Record
from custrec.jobs.lifecycle.judging import Judge, Judged
from custrec.jobs.lifecycle.verdict_words import because
from custrec.jobs.reading import stored
from custrec.model.anchor import child_key
from custrec.model.schema import Schema, Table
from custrec.store.scratch import ScratchStore


class Outcome(NamedTuple):
    """What became of a case: the fate, the fields that go besides, the reason; and in which way that is not what was
    expected (None: it is)."""

    case: Case
    fate: str
    fields: tuple[str, ...]
    because: str
    failure: str | None


def tried(schema: Schema, cases: Sequence[Case], name: str) -> list[Outcome]:
    """What becomes of cases by the policies of a schema. Raises CasesInvalid for values that no record could hold."""
    with closing(ScratchStore(schema)) as store:
        numbers = [_put(store, case, name) for case in cases]
        return [_outcome(case, _judged(store, case, number)) for case, number in zip(cases, numbers, strict=True)]


def _put(store: ScratchStore, case: Case, name: str) -> int:
    record = store.put(case.table, _values(store.schema, case.table, case.record, case, name), case.state)
    if case.held:
        store.hold(case.table, record)
    for table, rows in case.children.items():
        child = store.schema.by_name[table]
        key = child_key(child, case.table)
        assert key is not None  # held to by files.case_file
        for row in rows:
            store.put(child, _values(store.schema, child, row, case, name) | {key.field: record}, case.state)
    return record


def _values(schema: Schema, table: Table, record: Record, case: Case, name: str) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for field, text in record.items():
        try:
            values[field] = stored(schema, table, table.by_name[field], text)
        except ValueError as error:
            said = f"line {case.line}: {table.name}.{field}: {error}"
            raise CasesInvalid(name=name, count=1, details=(said,)) from None
    return {field: value for field, value in values.items() if field not in table.primary_key}


def _judged(store: ScratchStore, case: Case, record: int) -> Judged:
    (found,) = Judge(store, case.table, case.on).some([record])
    return found


def _outcome(case: Case, found: Judged) -> Outcome:
    verdict = found.verdict
    fields = tuple(sorted(name for _, part in verdict.fields for name in part.fields))
    reason = because(verdict)
    fate = verdict.action.word
    failure = None
    if verdict.action is not case.expect:
        failure = f"expected {case.expect.word}, got {fate}"
    elif case.fields is not None and case.fields != fields:
        failure = f"expected the fields {', '.join(case.fields) or 'none'} to go, got {', '.join(fields) or 'none'}"
    elif case.because and case.because.casefold() not in f"{reason} {verdict.why.value}".casefold():
        failure = f"expected it because of '{case.because}'"
    return Outcome(case, fate, fields, reason, failure)
