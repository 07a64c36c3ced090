"""Rows of a file whose key is that of a merged record: they are about the record that it was merged into.

Their key becomes that one's, before anything is compared, so that all which follows takes them for its rows. Where the
file has a row by that one's own key, too, that row says what it says of itself, and the others are passed over; so is
one that says nothing but what it said before the merge (store.old_news). Only of a field of which the strictest stays
(every yes and no for which the schema has no other rule) the strictest that any of them says holds, as in the merge: or
the next file would give a consent again that was refused.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import NamedTuple

from custrec.model.match import match_of, strict_order
from custrec.model.schema import Table
from custrec.store.canonical import joined
from custrec.store.layout import column_type
from custrec.store.old_news import forget_old_news
from custrec.store.parents_now import parent_by_now
from custrec.store.quoting import quote
from custrec.store.states import any_merged, is_merged


class Followed(NamedTuple):
    """How many rows were passed over because another one speaks for the record, and how many because they say nothing
    new."""

    superseded: int = 0
    same: int = 0


def follow_merged(db: sqlite3.Connection, table: Table, parts: Sequence[str]) -> Followed:
    """Give the rows of the parts the keys of what merged records were merged into.

    Needs the store attached as `store`, and temp.dropped.
    """
    live = f"store.{quote(table.name)}"
    if not any_merged(db, live):
        return Followed()
    keys = [quote(name) for name in table.primary_key]
    was = [f"was{n}" for n in range(len(keys))]
    own = [f"own{n}" for n in range(len(keys))]
    # By their types, or SQLite would take 007 for 7, and read all of them for each row.
    types = [column_type(table, table.by_name[name]) for name in table.primary_key]
    columns = ", ".join(f"{name} {type_}" for name, type_ in zip((*was, *own), types * 2, strict=True))
    db.execute(
        f"CREATE TEMP TABLE old_keys ({columns}, survivor INTEGER NOT NULL, PRIMARY KEY ({', '.join(was)})) "
        "STRICT, WITHOUT ROWID"
    )
    _note_old_keys(db, table, live)
    db.execute(f"CREATE INDEX temp.own_keys ON old_keys ({', '.join(own)})")
    by_own = " AND ".join(f"r.{key} = k.{name}" for key, name in zip(keys, own, strict=True))
    by_was = " AND ".join(f"k.{name} = r.{key}" for key, name in zip(keys, was, strict=True))
    named = ", ".join(f"{name} {type_}" for name, type_ in zip(own, types, strict=True))
    db.execute(f"CREATE TEMP TABLE spoken_for ({named}) STRICT")
    for part in parts:
        found = f"FROM {part}.rows r JOIN temp.old_keys k ON {by_own}"
        db.execute(f"INSERT INTO temp.spoken_for SELECT DISTINCT {', '.join(f'k.{name}' for name in own)} {found}")
    spoken = f"({', '.join(f'k.{name}' for name in own)}) IN (SELECT {', '.join(own)} FROM temp.spoken_for)"
    _keep_strictest(db, table, parts, named, (own, by_was, spoken))
    asked = [
        f"SELECT k.survivor FROM {part}.rows r JOIN temp.old_keys k ON {on}"
        for part in parts
        for on in (by_was, by_own)
    ]
    forget_old_news(db, table, parts, " UNION ".join(asked))
    superseded = same = 0
    blank = [f"r.{quote(f.name)} IS NULL" for f in table.fields if f.name not in table.primary_key]
    silent = joined(["TRUE", *blank], "AND")
    for part in parts:
        found = f"FROM {part}.rows r JOIN temp.old_keys k ON {by_was}"
        into = f"INSERT OR IGNORE INTO temp.dropped SELECT r._seq {found} WHERE"
        superseded += db.execute(f"{into} {spoken}").rowcount
        same += db.execute(f"{into} NOT {spoken} AND {silent}").rowcount
        sets = ", ".join(f"{key} = k.{name}" for key, name in zip(keys, own, strict=True))
        left = f"{by_was} AND NOT {spoken} AND r._seq NOT IN (SELECT seq FROM temp.dropped)"
        db.execute(f"UPDATE {part}.rows AS r SET {sets} FROM temp.old_keys k WHERE {left}")
    db.execute("DROP TABLE temp.old_keys")
    db.execute("DROP TABLE temp.spoken_for")
    return Followed(superseded, same)


def _note_old_keys(db: sqlite3.Connection, table: Table, live: str) -> None:
    """Fill temp.old_keys: the keys of merged records, those of what they are part of, and its number.

    A merged record keeps its place below a parent that was itself merged since, but a row is below what that is part of
    now: so its key is, too, unless another record bears that very one.
    """
    bears = {name: parent_by_now(key, f"m.{quote(name)}") for name, key in table.references.items()}
    was = [bears.get(name, f"m.{quote(name)}") for name in table.primary_key]
    own = [f"s.{quote(name)}" for name in table.primary_key]
    source = f"FROM {live} m JOIN {live} s ON s._id = -m._state WHERE {is_merged('m')}"
    if not bears.keys().isdisjoint(table.primary_key):
        its = " AND ".join(f"o.{quote(name)} = {key}" for name, key in zip(table.primary_key, was, strict=True))
        source += f" AND NOT EXISTS (SELECT 1 FROM {live} o WHERE {its} AND o._id <> m._id)"
    db.execute(f"INSERT OR IGNORE INTO temp.old_keys SELECT {', '.join([*was, *own])}, s._id {source}")


def _keep_strictest(
    db: sqlite3.Connection, table: Table, parts: Sequence[str], named: str, passed_over: tuple[Sequence[str], str, str]
) -> None:
    """Give rows by own keys what rows that are passed over say more strictly; `named` are the columns of own keys."""
    own, by_was, spoken = passed_over
    rules = match_of(table).survivors
    for field in table.fields:
        order = strict_order(field, rules[field.name])
        if not order:
            continue
        column = quote(field.name)
        whens = " ".join(f"WHEN ? THEN {place}" for place in range(len(order)))
        db.execute(f"CREATE TEMP TABLE said_of ({named}, value ANY, rank INTEGER) STRICT")
        for part in parts:
            db.execute(
                f"INSERT INTO temp.said_of SELECT {', '.join(f'k.{name}' for name in own)}, r.{column}, "
                f"CASE r.{column} {whens} END FROM {part}.rows r JOIN temp.old_keys k ON {by_was} "
                f"WHERE {spoken} AND r.{column} IN ({', '.join('?' * len(order))})",
                (*order, *order),
            )
        db.execute(f"CREATE INDEX temp.said_of_own ON said_of ({', '.join(own)}, rank)")
        mine = " AND ".join(f"s.{name} = r.{quote(key)}" for key, name in zip(table.primary_key, own, strict=True))
        stricter = f"FROM temp.said_of s WHERE {mine} AND s.rank < CASE r.{column} {whens} ELSE {len(order)} END"
        for part in parts:
            db.execute(
                f"UPDATE {part}.rows AS r SET {column} = (SELECT s.value {stricter} ORDER BY s.rank LIMIT 1) "
                f"WHERE r.{column} IS NOT NULL AND EXISTS (SELECT 1 {stricter})",
                (*order, *order),
            )
        db.execute("DROP TABLE temp.said_of")
