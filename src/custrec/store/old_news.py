"""Rows of a file that say again what records held before they became one: a part of store.old_keys.

The list that a record came from still says what it said before the merge. As long as nobody said anything else of a
field since, that is no news, and what the merge chose stays: neither does a consent come back that it took away, nor an
older telephone. What a row says otherwise than then is taken as ever.

Where nobody can tell what was said before, because it was destroyed or the field was of another kind, no row gives a
consent: of a field of which the strictest stays, what is less strict than the record counts for no news, until somebody
has set the field since.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from typing import Any

from custrec.model.match import match_of, strict_order
from custrec.model.schema import Table
from custrec.store.before_merging import History, merged_rows
from custrec.store.canonical import same_key
from custrec.store.layout import column_type
from custrec.store.parents_now import refer_to_parents_of_now
from custrec.store.quoting import quote


def forget_old_news(db: sqlite3.Connection, table: Table, parts: Sequence[str], survivors: str) -> None:
    """Blank in the rows of the parts, which have their own keys yet, what is no news; the rows are about these
    `survivors`, a SELECT of their numbers, or about nobody who was merged. Needs the store attached."""
    history = merged_rows(db, table, f"i.survivor IN ({survivors})")
    names = [f.name for f in table.fields if f.name not in table.primary_key]
    columns = ", ".join(f"{quote(f.name)} {column_type(table, f)}" for f in table.fields)
    db.execute(f"CREATE TEMP TABLE said_before ({columns}) STRICT")
    rows: list[list[Any]] = []
    for one in history.befores:
        since = {**history.set_otherwise.get(one.survivor, {}), **dict.fromkeys(table.primary_key, 0)}
        rows.append([one.values[f.name] if since.get(f.name, 0) < one.event else None for f in table.fields])
    places = ", ".join("?" * len(table.fields))
    db.executemany(f"INSERT INTO temp.said_before VALUES ({places})", rows)
    refer_to_parents_of_now(db, table, "temp.said_before")
    db.execute(f"CREATE INDEX temp.said_by_key ON said_before ({', '.join(map(quote, table.primary_key))})")
    known = f"SELECT 1 FROM temp.said_before b WHERE {same_key(table, 'b', 'r')}"
    beside = {f.name: f.currency_field for f in table.fields if f.currency_field}
    paired = {name for pair in beside.items() for name in pair}
    sets = [_blanked([name], known) for name in names if name not in paired]
    sets += [_blanked([*pair], known) for pair in beside.items()]
    for part in parts if rows else ():
        for blanked in sets:
            db.execute(f"UPDATE {part}.rows AS r SET {blanked}")
    db.execute("DROP TABLE temp.said_before")
    _keep_strict(db, table, parts, history)


def _keep_strict(db: sqlite3.Connection, table: Table, parts: Sequence[str], history: History) -> None:
    """Blank in rows of records whose past nobody knows what is less strict than what they hold."""
    live, rules = f"store.{quote(table.name)}", match_of(table).survivors
    db.execute("CREATE TEMP TABLE untold (record INTEGER, survivor INTEGER)")
    for field in table.fields:
        order = strict_order(field, rules[field.name])
        if not order or not (unknown := [*_untold(history, field.name)]):
            continue
        db.executemany("INSERT INTO temp.untold VALUES (?, ?)", unknown)
        column, places = quote(field.name), " ".join(f"WHEN ? THEN {place}" for place in range(len(order)))
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


def _untold(history: History, field: str) -> Iterator[tuple[int, int]]:
    """The records, each with who it is, or is part of, now, of which nobody knows what they said of a field, and that
    nobody has set since."""
    for record, (survivor, unknown) in history.untold.items():
        theirs = history.untold.get(survivor, (survivor, {}))[1]
        event = max(unknown.get(field, 0), theirs.get(field, 0))
        if event and history.set_otherwise.get(survivor, {}).get(field, 0) <= event:
            yield record, survivor


def _blanked(together: Sequence[str], known: str) -> str:
    """What blanks a field, or an amount with its currency, where all was said before."""
    same = " AND ".join(f"b.{quote(name)} IS r.{quote(name)}" for name in together)
    sets = ", ".join(f"{quote(name)} = NULL" for name in together)
    return f"{sets} WHERE r.{quote(together[0])} IS NOT NULL AND EXISTS ({known} AND {same})"
