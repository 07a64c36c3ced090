"""What records said and held before they became one, read back from the journal, for parts of store.reconcile.

A merge gives the survivor other values, and takes the unique ones from whoever becomes part of it; the lists that they
came from still have the old rows, and these are no news: of a table without a key as wholes (here), of one with a key
field by field (store.old_news).

What counts as old is what those who are one now held right before a merge that stands, and what they said last: also
where somebody else came and went since, for a merge stands as long as one that it brought is within. What was undone
was never said (store.in_force).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from custrec.model.schema import Table
from custrec.store.canonical import row_text
from custrec.store.in_force import STATE, Past, pasts
from custrec.store.layout import column_type
from custrec.store.parents_now import refer_to_parents_of_now
from custrec.store.quoting import quote
from custrec.store.states import any_merged, is_merged


@dataclass(frozen=True, slots=True)
class Member:
    """The survivor, or who is part of it: of whom he became part, one after the other, each with the event."""

    past: Past
    chain: tuple[tuple[int, int], ...] = ()

    @property
    def came(self) -> int | None:
        """The event by which he became part of the survivor, who did not."""
        return self.chain[-1][1] if self.chain else None


class Family:
    """A survivor and those within it."""

    def __init__(self, survivor: Member, parts: Sequence[Member]) -> None:
        self.survivor = survivor.past
        self.members = [survivor, *parts]
        self._joined: dict[int, list[tuple[int, Member]]] = {}
        for part in parts:
            for into, event in part.chain:
                self._joined.setdefault(into, []).append((event, part))

    def merges(self, member: Member) -> list[int]:
        """The merges into one of them, and of it, that stand, by event, oldest first."""
        into = {event for event, _ in self._joined.get(member.past.record, ())}
        return sorted(into.union(event for _, event in member.chain))

    def parts_of(self, member: Member) -> Sequence[tuple[int, Member]]:
        """Who became part of one of them, each with the event."""
        return self._joined.get(member.past.record, ())


def families(db: sqlite3.Connection, table: Table, only: str = "TRUE") -> Iterator[Family]:
    """Those who were merged, with their survivors; `only` some of the survivors, called `i.survivor`. To be read to the
    end."""
    live = f"store.{quote(table.name)}"
    db.execute(
        "CREATE TEMP TABLE involved (survivor INTEGER, record INTEGER, PRIMARY KEY (survivor, record)) WITHOUT ROWID"
    )
    db.execute(f"INSERT INTO temp.involved SELECT -_state, _id FROM {live} WHERE {is_merged()}")
    db.execute("INSERT INTO temp.involved SELECT DISTINCT survivor, survivor FROM temp.involved")
    asked = f"SELECT DISTINCT survivor FROM temp.involved i WHERE {only}"
    db.execute(f"DELETE FROM temp.involved WHERE survivor NOT IN ({asked})")
    for survivor, members in pasts(db, table, "temp.involved"):
        by_record = {past.record: past for past in members}
        own = by_record.pop(survivor)
        yield Family(Member(own), [Member(past, _chain(past)) for past in by_record.values()])
    db.execute("DROP TABLE temp.involved")


def _chain(past: Past) -> tuple[tuple[int, int], ...]:
    """Of whom a record became part. Where it came back to one it is as though it had never left that one."""
    chain: list[tuple[int, int]] = []
    for setting in past.settings.get(STATE, ()):
        into = -setting.value
        back = next((n for n, (record, _) in enumerate(chain) if record == into), None)
        if into <= 0:
            chain.clear()
        elif back is None:
            chain.append((into, setting.event))
        else:
            del chain[back + 1 :]
    return tuple(chain) or ((-past.live[STATE], past.lost[0] if past.lost else 0),)


def _said(past: Past) -> dict[str, Any]:
    """What was said last of a record, field by field."""
    return {**past.live, **{name: one.value for name, one in past.said().items()}}


def note_rows_before_merging(db: sqlite3.Connection, table: Table) -> None:
    """Fill temp.before_merging: `record`, the `state` it has now, and the digest `h` of each row that it was.

    Needs the function `_hash` (store.equal_rows), and the store attached as `store`.
    """
    db.execute(
        "CREATE TEMP TABLE before_merging (h BLOB, record INTEGER, state INTEGER, PRIMARY KEY (h, record)) "
        "WITHOUT ROWID"
    )
    live = f"store.{quote(table.name)}"
    if not any_merged(db, live):
        return
    columns = ", ".join(f"{quote(f.name)} {column_type(table, f)}" for f in table.fields)
    db.execute(f"CREATE TEMP TABLE rows_before (_id INTEGER, _state INTEGER, {columns}) STRICT")
    places = ", ".join("?" * (len(table.fields) + 2))
    names = [f.name for f in table.fields]
    rows = (
        (member.past.record, member.past.live[STATE], *map(row.__getitem__, names))
        for family in families(db, table)
        for member in family.members
        for row in (_said(member.past), *map(member.past.before, family.merges(member)))
    )
    db.executemany(f"INSERT INTO temp.rows_before VALUES ({places})", rows)
    if table.foreign_keys:  # merged records keep their place below parents that were themselves merged
        listed = ", ".join(["_id", "_state", *map(quote, names)])
        db.execute(f"INSERT INTO temp.rows_before SELECT {listed} FROM {live} WHERE {is_merged()}")
        refer_to_parents_of_now(db, table, "temp.rows_before")
    db.execute(
        f"INSERT OR IGNORE INTO temp.before_merging SELECT _hash({row_text(table, 'b')}), b._id, b._state "
        f"FROM temp.rows_before b WHERE NOT EXISTS "
        f"(SELECT 1 FROM {live} l WHERE l._id = b._id AND {row_text(table, 'l')} = {row_text(table, 'b')})"
    )
    db.execute("DROP TABLE temp.rows_before")
