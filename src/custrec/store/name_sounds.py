"""How the names of a table sound, in the derived file: so that 张伟 is found by zhangwei, weizhang and zw.

Each different name once, with what it sounds like; the caller says how (values.sounds), this module knows no names.
Made when it is first asked for, and brought along then: an import does not wait for it. A name that no record bears
any more stays until the derived file is made anew; it finds nothing, and nobody sees it.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Iterable, Sequence

from custrec.model.schema import Table
from custrec.store.database import Store, read_only
from custrec.store.derived import SEARCHED, openable
from custrec.store.quoting import quote
from custrec.store.sqlite_errors import translated
from custrec.store.writable import begin, connect

MOST = 200
"""How many different names of one sound are looked at."""


Tell = Callable[[str], tuple[str, str] | None]
"""How a name sounds, and its initials; None where that cannot be said."""


def names_sounding(
    store: Store, table: Table, fields: Iterable[str], texts: Sequence[str], tell: Tell, wait: float
) -> list[str]:
    """The names in some fields of a table that sound like one of `texts` or begin so, or have these initials; best
    first. Raises StoreBusy, DiskFull.
    """
    place = openable(store.path)
    with translated(place, wait), contextlib.closing(connect(place, wait)) as index:
        index.execute("ATTACH ? AS store", (read_only(store.path),))
        _catch_up(index, table, list(fields), tell, wait)
        found: dict[str, None] = {}
        for query in (_SOUND, _INITIALS, _BEGINNING):
            for text in texts:
                found.update(dict.fromkeys(name for (name,) in index.execute(query, (table.id, text, MOST))))
        return list(found)[:MOST]


# The index is named, because SQLite would rather take the one that has the order, and look at every name.
_SOUND = "SELECT name FROM main.sounding INDEXED BY sounding_sound WHERE tbl = ? AND sound = ? ORDER BY name LIMIT ?"
_INITIALS = (
    "SELECT name FROM main.sounding INDEXED BY sounding_initials WHERE tbl = ? AND initials = ? "
    "ORDER BY sound, name LIMIT ?"
)
_BEGINNING = (
    "SELECT name FROM main.sounding INDEXED BY sounding_sound WHERE tbl = ?1 AND sound > ?2 AND sound < ?2 || '~' "
    "ORDER BY length(sound), sound, name LIMIT ?3"
)


def _catch_up(index: sqlite3.Connection, table: Table, fields: list[str], tell: Tell, wait: float) -> None:
    """Add the names that came since the last time."""
    (last,) = index.execute("SELECT coalesce(max(n), 0) FROM store._change").fetchone()
    index.execute("CREATE TABLE IF NOT EXISTS main.sounding (tbl INTEGER, sound TEXT, initials TEXT, name TEXT)")
    index.execute("CREATE TABLE IF NOT EXISTS main.sounded (tbl INTEGER PRIMARY KEY, change INTEGER)")
    known = index.execute("SELECT change FROM main.sounded WHERE tbl = ?", (table.id,)).fetchone()
    done = known[0] if known and known[0] <= last else 0
    if known and done == last:
        return
    begin(index, wait)
    try:
        if not done:
            index.execute("DROP INDEX IF EXISTS main.sounding_sound")
            index.execute("DROP INDEX IF EXISTS main.sounding_initials")
            index.execute("DELETE FROM main.sounding WHERE tbl = ?", (table.id,))
        for field in fields:
            names = index.execute(*_names_since(table, field, done))
            heard = ((name, tell(name)) for name in {name for (name,) in names})
            rows = ((table.id, *sounds, name) for name, sounds in heard if sounds is not None)
            index.executemany("INSERT INTO main.sounding VALUES (?, ?, ?, ?)", rows)
        index.execute("CREATE INDEX IF NOT EXISTS main.sounding_sound ON sounding (tbl, sound)")
        index.execute("CREATE INDEX IF NOT EXISTS main.sounding_initials ON sounding (tbl, initials)")
        index.execute("INSERT OR REPLACE INTO main.sounded VALUES (?, ?)", (table.id, last))
        index.execute("COMMIT")
    except BaseException:
        index.execute("ROLLBACK")
        raise


def _names_since(table: Table, field: str, change: int) -> tuple[str, tuple[int, ...]]:
    since = " AND _id IN (SELECT record FROM store._change WHERE n > ? AND tbl = ?)" if change else ""
    query = (
        f"SELECT {quote(field)} FROM store.{quote(table.name)} "
        f"WHERE {quote(field)} IS NOT NULL AND _state IN ({SEARCHED}){since}"
    )
    return query, (change, table.id) if change else ()
