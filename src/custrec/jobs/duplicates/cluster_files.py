"""Clusters in a file of JSON lines, as `custrec dedupe list --format jsonl` writes them: a cluster a line.

    {"table": "people", "members": [{"id": 1, "key": "P1"}, {"id": 7, "key": "P7"}], "into": 1, …}

The numbers of the members are read, and `into`, if it is there: the one that survives. The table is the one that the
lines name, if they do; where a line tells the key of a member, it is held against the store.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterable
from dataclasses import dataclass

from custrec.errors import ClustersUnreadable
from custrec.files.texts import text_of
from custrec.jobs.duplicates.clusters import Cluster
from custrec.jobs.duplicates.merged import keys_of
from custrec.model.schema import Table
from custrec.store.database import Store

MOST_MEMBERS = 100_000
"""A line with more members is a mistake."""


@dataclass(frozen=True)
class _Line:
    """A cluster, the table that its line names, and the keys that it tells of its members, by number."""

    number: int
    cluster: Cluster
    table: str | None
    keys: dict[int, str]


def clusters_in(store: Store, table: Table | None, path: str) -> tuple[Table, list[Cluster]]:
    """The clusters of a file, and the table that they are of; - reads standard input.

    Raises FileMissing, FileIsDirectory, FileUnreadable; ClustersUnreadable with the line, also where it is of another
    table than the given one or the lines before, or tells another key of a member than the store.
    """
    name, text = text_of(path)
    lines = _read(io.StringIO(text), name)
    chosen = _table_of(store, table, lines, name)
    if chosen.primary_key and not any(field in chosen.references for field in chosen.primary_key):
        held = keys_of(store, chosen, {record for line in lines for record in line.keys})
        for line in lines:
            for record, key in line.keys.items():
                if held.get(record, key) != key:
                    raise ClustersUnreadable(
                        name=name,
                        line=line.number,
                        why=f"the key of member {record} is another one in {chosen.name}",
                        hint="the file is of another store, or older; list the clusters anew with: custrec dedupe list",
                    )
    return chosen, [line.cluster for line in lines]


def _table_of(store: Store, table: Table | None, lines: Iterable[_Line], name: str) -> Table:
    """The table that is given, or that the lines name, or the first. Raises ClustersUnreadable."""
    for line in lines:
        if line.table is None:
            continue
        named = store.schema.by_name.get(line.table)
        if named is None:
            raise ClustersUnreadable(name=name, line=line.number, why="it is of a table that there is not")
        if table is not None and named.name != table.name:
            why, hint = f"it is of {named.name}, not of {table.name}", "merge the clusters of one table at once"
            raise ClustersUnreadable(name=name, line=line.number, why=why, hint=hint)
        table = named
    return table or store.schema.tables[0]


def _read(lines: Iterable[str], name: str) -> list[_Line]:
    found = []
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                found.append(_line(number, json.loads(line)))
            except (ValueError, RecursionError) as error:
                why = str(error) if isinstance(error, _Unfit) else "it is no JSON"
                raise ClustersUnreadable(name=name, line=number, why=why) from error
    return found


class _Unfit(ValueError):
    """A line of JSON that is no cluster."""


def _line(number: int, said: object) -> _Line:
    members = said.get("members") if isinstance(said, dict) else None
    if not isinstance(members, list) or not isinstance(said, dict):
        raise _Unfit("a cluster has a list of members")
    if len(members) > MOST_MEMBERS:
        raise _Unfit(f"a cluster has at most {MOST_MEMBERS:,} members")
    table = said.get("table")
    if not isinstance(table, str | None):
        raise _Unfit("the table is no name")
    records = [_number(one.get("id") if isinstance(one, dict) else None) for one in members]
    into = _number(said["into"]) if said.get("into") is not None else None
    if into is not None and into not in records:
        raise _Unfit("into names a record that is not among the members")
    keys = {record: str(one["key"]) for record, one in zip(records, members, strict=True) if one.get("key") is not None}
    return _Line(number, Cluster(tuple(records), into), table, keys)


def _number(said: object) -> int:
    """The number of a record. An id that is no whole number, or beyond what a store numbers, is none."""
    if isinstance(said, bool) or not isinstance(said, int) or not 0 < said < 2**63:
        raise _Unfit("each member is an object with the number of a record as id")
    return said
