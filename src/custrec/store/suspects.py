"""The rows that an import takes and that are likely there already, noted in its plan: line, chunk and what is said."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, groupby
from operator import itemgetter
from typing import Any

from custrec.store.coded_columns import AT_ONCE
from custrec.store.existence import any_row
from custrec.store.plan_file import CHUNK_BITS, PlanFile

_CREATE = "CREATE TABLE IF NOT EXISTS main.suspect (line INTEGER, chunk INTEGER, rule TEXT, params TEXT) STRICT"


def suspect(file: PlanFile, rule: str, names: Sequence[str], rows: Iterable[tuple[Any, ...]]) -> None:
    """Note rows for a rule, as (seq, line, *its parameters in the order of their `names`)."""
    file.connection.execute(_CREATE)
    params = ", ".join(f"'{name}', ?{place}" for place, name in enumerate(names, 3))
    file.connection.executemany(
        f"INSERT INTO main.suspect VALUES (?2, ?1 >> {CHUNK_BITS}, '{rule}', json_object({params}))", rows
    )


def suspected(file: PlanFile, rule: str) -> int:
    """How many rows are noted for a rule."""
    if not _any(file):
        return 0
    return int(file.connection.execute("SELECT count(*) FROM main.suspect WHERE rule = ?", (rule,)).fetchone()[0])


def suspects(file: PlanFile) -> Iterator[tuple[int, int, str | None, str]]:
    """The rows as `PlanFile.rejects` gives those that are refused; their cells are to be read again."""
    if not _any(file):
        return
    found = file.connection.execute("SELECT line, chunk, rule, params FROM main.suspect ORDER BY line, rowid")
    every = chain.from_iterable(iter(lambda: found.fetchmany(AT_ONCE), []))
    for (line, chunk), notes in groupby(every, key=itemgetter(0, 1)):
        faults = ",".join([f'[null,"{rule}",{params}]' for _, _, rule, params in notes])
        yield line, chunk, None, f"[{faults}]"


def _any(file: PlanFile) -> bool:
    return any_row(file.connection, "SELECT 1 FROM main.sqlite_schema WHERE name = 'suspect'")
