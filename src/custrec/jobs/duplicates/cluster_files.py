"""Clusters in a file of JSON lines, as `custrec dedupe list --format jsonl` writes them: a cluster a line.

    {"members": [{"id": 1, …}, {"id": 7, …}], "into": 1, …}

Only the numbers of the members are read, and `into`, if it is there: the one that survives.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterable

from custrec.errors import ClustersUnreadable
from custrec.files.texts import text_of
from custrec.jobs.duplicates.clusters import Cluster

MOST_MEMBERS = 100_000
"""A line with more members is a mistake."""


def clusters_in(path: str) -> list[Cluster]:
    """The clusters of a file; - reads standard input.

    Raises FileMissing, FileIsDirectory, FileUnreadable, ClustersUnreadable with the line.
    """
    name, text = text_of(path)
    return _read(io.StringIO(text), name)


def _read(lines: Iterable[str], name: str) -> list[Cluster]:
    found = []
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                found.append(_cluster(json.loads(line)))
            except (ValueError, RecursionError) as error:
                why = str(error) if isinstance(error, _Unfit) else "it is no JSON"
                raise ClustersUnreadable(name=name, line=number, why=why) from error
    return found


class _Unfit(ValueError):
    """A line of JSON that is no cluster."""


def _cluster(said: object) -> Cluster:
    members = said.get("members") if isinstance(said, dict) else None
    if not isinstance(members, list) or not isinstance(said, dict):
        raise _Unfit("a cluster has a list of members")
    if len(members) > MOST_MEMBERS:
        raise _Unfit(f"a cluster has at most {MOST_MEMBERS:,} members")
    records = [_number(one.get("id") if isinstance(one, dict) else None) for one in members]
    into = _number(said["into"]) if said.get("into") is not None else None
    if into is not None and into not in records:
        raise _Unfit("into names a record that is not among the members")
    return Cluster(tuple(records), into)


def _number(said: object) -> int:
    """The number of a record. An id that is no whole number, or beyond what a store numbers, is none."""
    if isinstance(said, bool) or not isinstance(said, int) or not 0 < said < 2**63:
        raise _Unfit("each member is an object with the number of a record as id")
    return said
