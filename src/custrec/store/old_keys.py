"""Rows of a file whose key is that of a merged record: they are about the record that it was merged into.

Their key becomes that one's, before anything is compared, so that all which follows takes them for its rows. Where the
file has a row by that one's own key, too, that row says what it says of itself, and the others are passed over. Only
of a field of which the strictest stays (every yes and no for which the schema has no other rule) the strictest that any
of them says holds, as in the merge: or the next file would give a consent again that was refused.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from custrec.model.match import match_of, strict_order
from custrec.model.schema import Table
from custrec.store.existence import any_row
from custrec.store.quoting import quote
from custrec.store.states import is_merged


def follow_merged(db: sqlite3.Connection, table: Table, parts: Sequence[str]) -> int:
    """Give the rows of the parts the keys of what merged records were merged into; how many were passed over.

    Needs the store attached as `store`, and temp.dropped.
    """
    live = f"store.{quote(table.name)}"
    if not any_row(db, f"SELECT 1 FROM {live} WHERE {is_merged()}"):
        return 0
    keys = [quote(name) for name in table.primary_key]
    was = [f"was{n}" for n in range(len(keys))]
    own = [f"own{n}" for n in range(len(keys))]
    columns = ", ".join(f"{name} ANY" for name in (*was, *own))
    db.execute(f"CREATE TEMP TABLE old_keys ({columns}, PRIMARY KEY ({', '.join(was)})) WITHOUT ROWID")
    chosen = ", ".join([f"m.{key}" for key in keys] + [f"s.{key}" for key in keys])
    db.execute(
        f"INSERT INTO temp.old_keys SELECT {chosen} FROM {live} m JOIN {live} s ON s._id = -m._state "
        f"WHERE {is_merged('m')}"
    )
    db.execute(f"CREATE INDEX temp.own_keys ON old_keys ({', '.join(own)})")
    by_own = " AND ".join(f"r.{key} = k.{name}" for key, name in zip(keys, own, strict=True))
    by_was = " AND ".join(f"k.{name} = r.{key}" for key, name in zip(keys, was, strict=True))
    db.execute(f"CREATE TEMP TABLE spoken_for ({', '.join(f'{name} ANY' for name in own)})")
    for part in parts:
        found = f"FROM {part}.rows r JOIN temp.old_keys k ON {by_own}"
        db.execute(f"INSERT INTO temp.spoken_for SELECT DISTINCT {', '.join(f'k.{name}' for name in own)} {found}")
    spoken = f"({', '.join(f'k.{name}' for name in own)}) IN (SELECT {', '.join(own)} FROM temp.spoken_for)"
    _keep_strictest(db, table, parts, (own, by_was, spoken))
    passed = 0
    for part in parts:
        found = f"FROM {part}.rows r JOIN temp.old_keys k ON {by_was}"
        passed += db.execute(f"INSERT OR IGNORE INTO temp.dropped SELECT r._seq {found} WHERE {spoken}").rowcount
        sets = ", ".join(f"{key} = k.{name}" for key, name in zip(keys, own, strict=True))
        db.execute(f"UPDATE {part}.rows AS r SET {sets} FROM temp.old_keys k WHERE {by_was} AND NOT {spoken}")
    db.execute("DROP TABLE temp.old_keys")
    db.execute("DROP TABLE temp.spoken_for")
    return passed


def _keep_strictest(
    db: sqlite3.Connection, table: Table, parts: Sequence[str], passed_over: tuple[Sequence[str], str, str]
) -> None:
    """Give rows by own keys what rows that are passed over say more strictly."""
    own, by_was, spoken = passed_over
    rules = match_of(table).survivors
    for field in table.fields:
        order = strict_order(field, rules[field.name])
        if not order:
            continue
        column = quote(field.name)
        whens = " ".join(f"WHEN ? THEN {place}" for place in range(len(order)))
        db.execute(f"CREATE TEMP TABLE said_of ({', '.join(f'{name} ANY' for name in own)}, value ANY, rank INTEGER)")
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
