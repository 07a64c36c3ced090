"""The rows that an import takes and that are likely there already, noted in its plan: line, chunk and fault."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from custrec.store.existence import any_row
from custrec.store.plan_file import CHUNK_BITS, PlanFile

_CREATE = (
    "CREATE TABLE IF NOT EXISTS main.suspect (line INTEGER PRIMARY KEY, chunk INTEGER, faults TEXT NOT NULL) STRICT"
)


def suspect(file: PlanFile, faults: Iterable[tuple[int, int, list[object]]]) -> None:
    """Note rows as (seq, line, fault)."""
    file.connection.execute(_CREATE)
    file.connection.executemany(
        "INSERT INTO main.suspect VALUES (?, ?, ?) ON CONFLICT DO UPDATE "
        "SET faults = json_insert(suspect.faults, '$[#]', excluded.faults -> '$[0]')",
        ((line, seq >> CHUNK_BITS, json.dumps([fault])) for seq, line, fault in faults),
    )


def suspected(file: PlanFile, rule: str) -> int:
    """How many rows are noted for a rule."""
    if not _any(file):
        return 0
    for_it = "SELECT 1 FROM json_each(s.faults) f WHERE f.value ->> '$[1]' = ?"
    query = f"SELECT count(*) FROM main.suspect s WHERE EXISTS ({for_it})"
    return int(file.connection.execute(query, (rule,)).fetchone()[0])


def suspects(file: PlanFile) -> Iterator[tuple[int, int, str | None, str]]:
    """The rows as `PlanFile.rejects` gives those that are refused; their cells are to be read again."""
    if _any(file):
        found = file.connection.execute("SELECT line, chunk, NULL, faults FROM main.suspect ORDER BY line")
        yield from iter(found.fetchone, None)


def _any(file: PlanFile) -> bool:
    return any_row(file.connection, "SELECT 1 FROM main.sqlite_schema WHERE name = 'suspect'")
