"""Check: all that is to be looked at in the records of the store, in one pass of named sections.

A section is a function of SECTIONS that reads the store and says what it found, as counted lines. It decides nothing:
which record, and what to do about it, tells the command that the section names. What a section cannot do is an error of
that section, and the others go on.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from custrec.errors import CustrecError, NothingToCompare
from custrec.jobs.progress import Progress
from custrec.model.schema import Table
from custrec.store.database import Store


@dataclass(frozen=True)
class CheckRequest:
    """What is checked on which day (`said`: by a person, not by the clock): these tables. `at` is the time (ISO 8601,
    UTC), `wait` how long to wait for a lock, in seconds."""

    tables: Sequence[Table]
    today: date
    at: str
    wait: float
    said: bool = False


class Line(NamedTuple):
    """So many findings of a sort in a table."""

    table: str
    what: str
    findings: int


@dataclass(frozen=True)
class Section:
    """What a section found; `look` is the command that shows it. `error` is why it could not be done, or not wholly."""

    name: str
    lines: tuple[Line, ...]
    look: str
    seconds: float
    error: CustrecError | None = None

    @property
    def found(self) -> int:
        """How many findings."""
        return sum(line.findings for line in self.lines)

    @property
    def exit_code(self) -> int:
        """As if it had been a command of its own."""
        return self.error.exit_code if self.error else 3 if self.found else 0


Found = Callable[[Store, CheckRequest, Progress], Iterator[Line]]


def checked(store: Store, request: CheckRequest, progress: Progress, only: Collection[str] = ()) -> Iterator[Section]:
    """Check the store, a section after the other: all, or `only` some."""
    for name, (find, look) in SECTIONS.items():
        if only and name not in only:
            continue
        progress.phase(f"checking {name}")
        began, lines = time.monotonic(), list[Line]()
        error: CustrecError | None = None
        try:
            lines += find(store, request, progress)
        except CustrecError as raised:
            error = raised
        yield Section(name, tuple(lines), look, round(time.monotonic() - began, 3), error)


def _records(store: Store, request: CheckRequest, progress: Progress) -> Iterator[Line]:
    """Values and rows that would not be taken today, by rule (jobs.validation)."""
    from custrec.jobs.validation import validated_store

    found: Counter[tuple[str, str]] = Counter()
    with validated_store(store, request.tables, None, request.today, progress) as findings:
        for finding in findings:
            found[finding.table, finding.rule if finding.rule != "check" else finding.message] += 1
    yield from _lines(found)


def _duplicates(store: Store, request: CheckRequest, progress: Progress) -> Iterator[Line]:
    """Clusters of records that may be one, brought up to date (jobs.duplicates): of the tables that have a `match`
    section, or where none has one, of the schema's first."""
    from custrec.jobs.duplicates.finding import FindRequest, find_duplicates
    from custrec.jobs.duplicates.found import found_duplicates

    named = [table for table in store.schema.tables if "match" in table.policies] or store.schema.tables[:1]
    for table in request.tables:
        if table not in named:
            continue
        try:
            find_duplicates(store, FindRequest(table), request.at, request.wait, progress)
        except NothingToCompare:
            continue
        with found_duplicates(store, table) as known:
            clusters, records = known.kept.count()
        if clusters:
            yield Line(table.name, f"clusters of {records:,} records that may be one", clusters)


def _stale(store: Store, request: CheckRequest, progress: Progress) -> Iterator[Line]:
    """Records that nobody has confirmed for too long, by the `stale` section of their table (jobs.lifecycle)."""
    from custrec.jobs.lifecycle.staleness import stale_records, stale_tables

    for table in stale_tables(store.schema):
        if table in request.tables:
            progress.phase("checking stale")
            if count := stale_records(store, table, request.today).stale:
                yield Line(table.name, "stale", count)


def _retention(store: Store, request: CheckRequest, progress: Progress) -> Iterator[Line]:
    """Records whose time has come, by rule of retention and what is to be done (jobs.lifecycle)."""
    from custrec.jobs.lifecycle.clock import check_clock
    from custrec.jobs.lifecycle.proposing import retention_due, ruled_tables

    if not ruled_tables(store.schema):
        return
    check_clock(store, request.today, said=request.said)
    progress.phase("checking retention")
    names = {table.name for table in request.tables}
    due = {key: count for key, count in retention_due(store, request.today).items() if key[0] in names}
    yield from _lines({(table, f"to {action}: {rule}"): count for (table, rule, action), count in due.items()})


def _lines(found: Mapping[tuple[str, str], int]) -> Iterator[Line]:
    """Counted lines, the most frequent of a table first."""
    tables = list(dict.fromkeys(table for table, _ in found))
    for (table, what), count in sorted(found.items(), key=lambda one: (tables.index(one[0][0]), -one[1], one[0][1])):
        yield Line(table, what, count)


SECTIONS: dict[str, tuple[Found, str]] = {
    "records": (_records, "custrec validate"),
    "duplicates": (_duplicates, "custrec dedupe list"),
    "stale": (_stale, "custrec stale list"),
    "retention": (_retention, "custrec retention plan"),
}
"""The sections by name, in their order: what finds, and which command shows it."""
