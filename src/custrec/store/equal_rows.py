"""Rows of a table without a key, compared as wholes: a part of store.reconcile.

What stands n times in the file and m times in the store is inserted n - m times. What stands in the trash comes last of
the m, and such a row is refused: it is not made anew, nor does it come back. What a record was before a merge
changed it stands in the store, too (store.before_merging).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import NamedTuple

from custrec.model.plan import State
from custrec.model.schema import Table
from custrec.store.canonical import row_text
from custrec.store.quoting import quote


class Equal(NamedTuple):
    """How many rows are the same as an active record, and the rows (seq, line) that are the same as a trashed one."""

    same: int
    trashed: list[tuple[int, int]]


def drop_equal_rows(db: sqlite3.Connection, table: Table, parts: Sequence[str]) -> Equal:
    """Note in temp.dropped the rows of the parts that are the same as an active record.

    Needs the function `_hash` (`content_hash`), the store attached as `store`, and temp.before_merging.
    """
    _number_equal_rows(db, table, parts)
    met = "temp.file_rows r JOIN temp.live_rows l USING (h, nth)"
    same = db.execute(
        f"INSERT OR IGNORE INTO temp.dropped SELECT r.seq FROM {met} WHERE l.state <> {State.TRASHED:d}"
    ).rowcount
    trashed = [seq for (seq,) in db.execute(f"SELECT r.seq FROM {met} WHERE l.state = {State.TRASHED:d}").fetchall()]
    lines: dict[int, int] = {}
    for part in parts if trashed else ():
        lines.update(db.execute(f"SELECT _seq, _line FROM {part}.rows").fetchall())
    db.execute("DROP TABLE temp.file_rows")
    db.execute("DROP TABLE temp.live_rows")
    return Equal(same, [(seq, lines[seq]) for seq in trashed])


def _number_equal_rows(db: sqlite3.Connection, table: Table, parts: Sequence[str]) -> None:
    related = ""
    for reference in table.foreign_keys[:1]:
        name = quote(reference.field)
        parents = " UNION ".join(f"SELECT {name} FROM {part}.rows" for part in parts)
        optional = "" if table.by_name[reference.field].required else f" OR l.{name} IS NULL"
        related = f"WHERE l.{name} IN ({parents}){optional}"
    numbered = "row_number() OVER (PARTITION BY h ORDER BY state, seq) AS nth"
    rows = " UNION ALL ".join(
        f"SELECT r._seq AS seq, 0 AS state, _hash({row_text(table, 'r')}) AS h FROM {part}.rows r "
        "WHERE r._seq NOT IN (SELECT seq FROM temp.dropped)"
        for part in parts
    )
    live = (
        f"SELECT l._id AS seq, l._state AS state, _hash({row_text(table, 'l')}) AS h "
        f"FROM store.{quote(table.name)} l {related} "
        "UNION ALL SELECT record, state, h FROM temp.before_merging"
    )
    for name, source in (("file_rows", rows), ("live_rows", live)):
        db.execute(
            f"CREATE TEMP TABLE {name} (h BLOB, nth INTEGER, seq INTEGER, state INTEGER, PRIMARY KEY (h, nth)) "
            "WITHOUT ROWID"
        )
        db.execute(f"INSERT INTO temp.{name} SELECT h, {numbered}, seq, state FROM ({source})")


def content_hash(text: str) -> bytes:
    """A digest of a row's canonical text."""
    from hashlib import blake2b

    return blake2b(text.encode(), digest_size=16).digest()
