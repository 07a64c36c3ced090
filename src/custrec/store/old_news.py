"""Rows of a file that say again what records held before they became one: a part of store.old_keys.

The list that a record came from still says what it said before the merge. What one of those within said last, or held
right before a merge that stands, is no news, as long as nobody set the field of the survivor since: since that merge,
or since he came to the survivor. So what the merge chose stays: neither does a consent come back that it took away, nor
an older telephone. What a row says otherwise than its record then, or than who that was part of by then, is taken as
ever. Of a field of which the strictest stays nothing was said since where it is again what a merge left.

Where nobody can tell what was said before, because it was destroyed or the field was of another kind, no row gives a
consent: of a field of which the strictest stays, what is less strict than the record counts for no news, until somebody
has set the field since.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from custrec.model.match import match_of, strict_order
from custrec.model.schema import Table
from custrec.store.before_merging import Family, Member, families
from custrec.store.canonical import same_key
from custrec.store.in_force import STATE, said_last
from custrec.store.layout import column_type
from custrec.store.parents_now import refer_to_parents_of_now
from custrec.store.quoting import quote


class _Untold(NamedTuple):
    """That nobody knows what a record said of a field, nor has anybody set it since."""

    field: str
    record: int
    survivor: int


def forget_old_news(db: sqlite3.Connection, table: Table, parts: Sequence[str], survivors: str) -> None:
    """Blank in the rows of the parts, which have their own keys yet, what is no news; the rows are about these
    `survivors`, a SELECT of their numbers, or about nobody who was merged. Needs the store attached."""
    names = [f.name for f in table.fields if f.name not in table.primary_key]
    columns = ", ".join(f"{quote(f.name)} {column_type(table, f)}" for f in table.fields)
    db.execute(f"CREATE TEMP TABLE said_before ({columns}) STRICT")
    places = ", ".join("?" * len(table.fields))
    untold: list[_Untold] = []
    strict = {f.name: order for f in table.fields if (order := strict_order(f, match_of(table).survivors[f.name]))}

    def rows() -> Iterator[tuple[Any, ...]]:
        for family in families(db, table, f"i.survivor IN ({survivors})"):
            words = _Words(table, family, strict)
            untold.extend(words.untold())
            yield from dict.fromkeys(words.rows())

    db.executemany(f"INSERT INTO temp.said_before VALUES ({places})", rows())
    refer_to_parents_of_now(db, table, "temp.said_before")
    db.execute(f"CREATE INDEX temp.said_by_key ON said_before ({', '.join(map(quote, table.primary_key))})")
    known = f"SELECT 1 FROM temp.said_before b WHERE {same_key(table, 'b', 'r')}"
    beside = {f.name: f.currency_field for f in table.fields if f.currency_field}
    paired = {name for pair in beside.items() for name in pair}
    sets = [_blanked([name], known) for name in names if name not in paired]
    sets += [_blanked([*pair], known) for pair in beside.items()]
    for part in parts:
        for blanked in sets:
            db.execute(f"UPDATE {part}.rows AS r SET {blanked}")
    db.execute("DROP TABLE temp.said_before")
    _keep_strict(db, table, parts, strict, untold)


class _Words:
    """What those who are one now said before, which is no news.

    `since` has the fields of the survivor that somebody set, each with the event that did it last.
    """

    def __init__(self, table: Table, family: Family, strict: Mapping[str, Sequence[str | int]]) -> None:
        self.key = table.primary_key
        self.names = [f.name for f in table.fields]
        self.family = family
        self.strict = strict
        self.since = self._since()

    def _since(self) -> dict[str, int]:
        own, merges = self.family.survivor, self.family.merges(self.family.members[0])
        found = {name: one.event for name, one in own.said().items() if name not in (STATE, *self.key)}
        for name in found.keys() & self.strict.keys():  # it is again what a merge left, whatever was between
            left = next((one for one in merges if own.after(one, name) == own.live[name]), None)
            found[name] = said_last(own.settings[name], left).event
        return {name: event for name, event in found.items() if event}

    def rows(self) -> Iterator[tuple[Any, ...]]:
        """The words as rows, each by the keys that a list may have them under; blank is what is news."""
        for member in self.family.members:
            yield from dict.fromkeys((*self._said(member), *self._held(member)))

    def _said(self, member: Member) -> Iterator[tuple[Any, ...]]:
        """What was said of a record last, by its key and, since they came, by those of whoever was part of it."""
        past, said = member.past, member.past.said()
        yield self._row({**past.live, **{name: one.value for name, one in said.items()}}, past.live, member.came)
        if member.came is not None:
            yield self._row(past.live, past.live, member.came)  # in the form that it has by now
        for came, part in self.family.parts_of(member):
            if later := {name: one.value for name, one in said.items() if one.event > came}:
                yield self._row({**dict.fromkeys(self.names), **later}, part.past.live, member.came)

    def _held(self, member: Member) -> Iterator[tuple[Any, ...]]:
        """What a record held right before merges, by its key then and by those of whoever was part of it by then."""
        for event in self.family.merges(member):
            held, standing = member.past.before(event), member.came or event
            yield self._row(held, held, standing)
            for came, part in self.family.parts_of(member):
                if came < event:
                    yield self._row(held, part.past.live, standing)

    def _row(self, values: Mapping[str, Any], key: Mapping[str, Any], standing: int | None) -> tuple[Any, ...]:
        """Values under a key; only those that stood at an event after which nobody said otherwise."""
        row = {**values, **{name: key[name] for name in self.key}}
        if self.since and standing is not None:
            row |= dict.fromkeys(name for name, event in self.since.items() if event >= standing)
        return tuple(map(row.__getitem__, self.names))

    def untold(self) -> Iterator[_Untold]:
        """Of whom nobody knows what he said of a strict field."""
        own = self.family.survivor
        theirs: dict[str, int] = {}
        for member in self.family.members:
            unknown = self._unknown(member)
            theirs = theirs if member.chain else unknown
            for name in self.strict:
                event = max(unknown.get(name, 0), theirs.get(name, 0))
                if event and self.since.get(name, 0) <= event:
                    yield _Untold(name, member.past.record, own.record)

    def _unknown(self, member: Member) -> dict[str, int]:
        """The event before which nobody knows what a record held, by strict field."""
        past, merges = member.past, self.family.merges(member)
        if not past.lost and not past.rewritten:
            return {}
        found = {name: event for name, event in past.rewritten.items() if any(merge < event for merge in merges)}
        if past.lost and (past.lost[1] < 0 or any(merge <= past.lost[0] for merge in merges)):
            found = {**dict.fromkeys(self.strict, past.lost[0]), **found}
        return found


def _keep_strict(
    db: sqlite3.Connection,
    table: Table,
    parts: Sequence[str],
    strict: Mapping[str, Sequence[str | int]],
    untold: Sequence[_Untold],
) -> None:
    """Blank in rows of records whose past nobody knows what is less strict than what they hold."""
    live = f"store.{quote(table.name)}"
    db.execute("CREATE TEMP TABLE untold (record INTEGER, survivor INTEGER)")
    for name, order in strict.items():
        unknown = [(one.record, one.survivor) for one in untold if one.field == name]
        if not unknown:
            continue
        db.executemany("INSERT INTO temp.untold VALUES (?, ?)", unknown)
        column, places = quote(name), " ".join(f"WHEN ? THEN {place}" for place in range(len(order)))
        stricter = f"CASE s.{column} {places} ELSE {len(order)} END < CASE r.{column} {places} ELSE {len(order)} END"
        known = f"{live} l ON l._id = u.record JOIN {live} s ON s._id = u.survivor"
        for part in parts:
            db.execute(
                f"UPDATE {part}.rows AS r SET {column} = NULL WHERE r.{column} IS NOT NULL AND EXISTS "
                f"(SELECT 1 FROM temp.untold u JOIN {known} WHERE {same_key(table, 'l', 'r')} AND {stricter})",
                (*order, *order),
            )
        db.execute("DELETE FROM temp.untold")
    db.execute("DROP TABLE temp.untold")


def _blanked(together: Sequence[str], known: str) -> str:
    """What blanks a field, or an amount with its currency, where all was said before."""
    same = " AND ".join(f"b.{quote(name)} IS r.{quote(name)}" for name in together)
    sets = ", ".join(f"{quote(name)} = NULL" for name in together)
    return f"{sets} WHERE r.{quote(together[0])} IS NOT NULL AND EXISTS ({known} AND {same})"
