"""What people said of the changes of a saved plan: a journal of decisions beside it, `<id>.review`.

    meta        nonce: which review it is (the plan's .sha256 names it from then on)
    decision    n, at, actor, uid, word, tbl, seq, op, said, digest

A decision is about one change (`tbl` and `seq`), or about all the rest that nobody has decided on: of the plan, or of
a table and an operation. `said` holds what an edit made of the change: the
stored values by field, and the texts that they do not tell all of (JSON). Decisions are only ever added, each in a
transaction of its own that is on disk when it ends, so that whoever is interrupted loses nothing. Each `digest` covers
the decision and the digest before it, so a review that was altered, or that has gone, is refused as an altered plan is.

What holds of a change: the last decision about itself; where there is none, or that took back what was said, the first
later one about the rest. The temporary tables `said` and `rest` hold just that, for SQL.
"""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import astuple, dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any

from custrec.errors import PlanBusy, PlanDamaged
from custrec.model.digest import canonical_json
from custrec.model.review import Person, Verdict
from custrec.store.existence import any_row
from custrec.store.place import private
from custrec.store.plan_file import PlanFile
from custrec.store.plan_signing import review_named, sign
from custrec.store.sqlite_errors import translated

CONFLICT = 0
"""The operation that a change in conflict goes by: all the rest does not mean it."""
_COLUMNS = "at, actor, uid, word, tbl, seq, op, said"


@dataclass(frozen=True)
class Decision:
    """One decision: about the change `seq` of a table, or where that is None about the rest, as narrowed down."""

    word: Verdict
    tbl: int | None = None
    seq: int | None = None
    op: int | None = None
    said: str | None = None


@dataclass(frozen=True)
class Saying:
    """What holds of one change: the word, who said it; and who edited it to what values and originals, if anybody."""

    word: Verdict
    by: Person
    editor: Person | None = None
    values: dict[str, Any] | None = None
    originals: dict[str, str] | None = None


class Review:
    """The review of one plan, whose file sees it as temporary tables. Close it with the plan."""

    def __init__(self, file: PlanFile, path: Path, db: sqlite3.Connection | None) -> None:
        self.file = file
        self.path = path
        self._db = db
        self._digest = b""
        self._n = 0
        for name in ("said", "rest"):
            file.connection.execute(f"DROP TABLE IF EXISTS temp.{name}")
        file.connection.execute(
            "CREATE TEMP TABLE said (tbl INTEGER, seq INTEGER, n INTEGER NOT NULL, word TEXT NOT NULL, actor TEXT, "
            "uid INTEGER, editor TEXT, editor_uid INTEGER, said TEXT, PRIMARY KEY (tbl, seq)) WITHOUT ROWID"
        )
        file.connection.execute(
            "CREATE TEMP TABLE rest (n INTEGER PRIMARY KEY, word TEXT NOT NULL, actor TEXT, uid INTEGER, "
            "tbl INTEGER, op INTEGER)"
        )
        self._read()

    @classmethod
    def of(cls, file: PlanFile) -> Review:
        """What was said of a saved plan so far. Raises PlanDamaged where it is not what was written."""
        path, nonce = file.path.with_suffix(".review"), review_named(file.path)
        if not path.exists():
            if nonce:
                raise PlanDamaged(plan=file.path.stem)
            return cls(file, path, None)
        db = _connect(path)
        try:
            found = db.execute("SELECT value FROM meta WHERE key = 'nonce'").fetchone()
            begun = any_row(db, "SELECT 1 FROM decision")
            if (nonce and (found is None or found[0] != nonce)) or (not nonce and begun):
                raise PlanDamaged(plan=file.path.stem)
            if not nonce:  # interrupted right after it was made
                db.close()
                path.unlink()
                return cls(file, path, None)
            return cls(file, path, db)
        except sqlite3.DatabaseError as error:
            raise PlanDamaged(plan=file.path.stem) from error

    @property
    def begun(self) -> bool:
        """Whether anybody has said anything."""
        return self._n > 0

    def decide(self, decisions: Iterable[Decision], by: Person, at: str) -> None:
        """Write decisions down, all of them or none. Raises DiskFull."""
        if self._db is None:
            self._db = self._made()
        fresh: list[tuple[Any, ...]] = []
        for decision in decisions:
            told: tuple[Any, ...] = (at, by.actor, by.uid, *astuple(decision))
            self._n += 1
            self._digest = _chained(self._digest, self._n, told)
            fresh.append((self._n, *told, self._digest))
        with translated(self.path):
            self._db.execute("BEGIN IMMEDIATE")
            self._db.executemany(
                f"INSERT INTO decision (n, {_COLUMNS}, digest) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", fresh
            )
            self._db.execute("COMMIT")
        for n, *row, _ in fresh:
            self._hold(n, row)

    def saying(self, tbl: int, seq: int, op: int) -> Saying | None:
        """What holds of a change, if anybody has said anything."""
        db = self.file.connection
        own = db.execute(
            "SELECT word, actor, uid, editor, editor_uid, said FROM temp.said WHERE tbl = ? AND seq = ?", (tbl, seq)
        ).fetchone()
        if own and own[0] != Verdict.MOVED:
            edited = json.loads(own[5]) if own[5] else {}
            return Saying(
                Verdict(own[0]),
                Person(own[1], own[2]),
                Person(own[3], own[4]) if own[5] else None,
                edited.get("values"),
                edited.get("originals"),
            )
        found = db.execute(f"SELECT word, actor, uid FROM ({_rest(str(tbl), '?1', '?2')})", (seq, op)).fetchone()
        return Saying(Verdict(found[0]), Person(found[1], found[2])) if found else None

    def reviewers(self) -> list[tuple[str, str, int]]:
        """Who said something: the actor, when last, how many decisions; in the order of the first."""
        if self._db is None:
            return []
        return self._db.execute(
            "SELECT actor, max(at), count(*) FROM decision WHERE word <> ? GROUP BY actor ORDER BY min(n)",
            (Verdict.MOVED,),
        ).fetchall()

    def close(self) -> None:
        """Close the review's file."""
        if self._db is not None:
            self._db.close()

    def _made(self) -> sqlite3.Connection:
        private(self.path)
        with translated(self.path):
            db = _connect(self.path)
            nonce = os.urandom(8).hex()
            db.execute("BEGIN")
            db.execute("CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT")
            db.execute(
                "CREATE TABLE decision (n INTEGER PRIMARY KEY, at TEXT NOT NULL, actor TEXT NOT NULL, uid INTEGER, "
                "word TEXT NOT NULL, tbl INTEGER, seq INTEGER, op INTEGER, said TEXT, "
                "digest BLOB NOT NULL) STRICT"
            )
            db.execute("INSERT INTO meta VALUES ('nonce', ?)", (nonce,))
            db.execute("COMMIT")
        sign(self.file.path, nonce)
        return db

    def _read(self) -> None:
        if self._db is None:
            return
        for n, *said, digest in self._db.execute(f"SELECT n, {_COLUMNS}, digest FROM decision ORDER BY n"):
            self._n += 1
            self._digest = _chained(self._digest, self._n, tuple(said))
            if n != self._n or digest != self._digest:
                raise PlanDamaged(plan=self.file.path.stem)
            self._hold(n, said)

    def _hold(self, n: int, row: Sequence[Any]) -> None:
        _, actor, uid, word, tbl, seq, op, said = row
        db = self.file.connection
        if seq is None:
            db.execute("INSERT INTO temp.rest VALUES (?, ?, ?, ?, ?, ?)", (n, word, actor, uid, tbl, op))
            return
        editing = word == Verdict.EDIT
        keeps = "NULL" if word == Verdict.MOVED else "{0}"
        kept = ", ".join(
            f"{name} = " + (f"excluded.{name}" if editing else keeps.format(name))
            for name in ("editor", "editor_uid", "said")
        )
        db.execute(
            "INSERT INTO temp.said VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET n = excluded.n, "
            f"word = excluded.word, actor = excluded.actor, uid = excluded.uid, {kept}",
            (tbl, seq, n, word, actor, uid, *((actor, uid, said) if editing else (None, None, None))),
        )


def verdict(tbl: int, seq: str, op: str) -> str:
    """The SQL of the word that holds of a change; NULL where there is none."""
    own = f"SELECT nullif(word, '{Verdict.MOVED}') FROM temp.said d WHERE d.tbl = {tbl} AND d.seq = {seq}"
    return f"coalesce(({own}), (SELECT word FROM ({_rest(str(tbl), seq, op)})))"


def _rest(tbl: str, seq: str, op: str) -> str:
    """The SQL of the decision about the rest that holds of a change about which nothing else does."""
    since = f"SELECT d.n FROM temp.said d WHERE d.tbl = {tbl} AND d.seq = {seq}"
    return (
        f"SELECT x.word, x.actor, x.uid FROM temp.rest x WHERE (x.tbl IS NULL OR x.tbl = {tbl}) "
        f"AND (x.op = {op} OR (x.op IS NULL AND {op} <> {CONFLICT})) "
        f"AND x.n > coalesce(({since}), 0) ORDER BY x.n LIMIT 1"
    )


@contextlib.contextmanager
def held(plan: Path, actor: str) -> Iterator[None]:
    """Hold a saved plan, so that nobody else reviews, refreshes or applies it meanwhile; its end frees it, however it
    comes. Raises PlanBusy at once where somebody has it, who is named."""
    note, lock = plan.with_suffix(".holder"), plan.with_suffix(".lock")
    if not lock.exists():
        with contextlib.suppress(FileExistsError):
            os.close(os.open(lock, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    connection = sqlite3.connect(lock, isolation_level=None, timeout=0)
    try:
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            raise PlanBusy(plan=plan.stem, **_holder(note)) from error
        private(note)
        note.write_text(json.dumps({"actor": actor, "process": os.getpid()}), encoding="utf-8")
        yield
    finally:
        connection.close()
        if not plan.exists():
            for path in (lock, note):
                with contextlib.suppress(OSError):
                    path.unlink(missing_ok=True)


def _holder(note: Path) -> dict[str, Any]:
    try:
        said = json.loads(note.read_text(encoding="utf-8"))
        return {"actor": said["actor"], "process": said["process"]}
    except (OSError, ValueError, KeyError, TypeError):
        return {"actor": "somebody", "process": "unknown"}


def _connect(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    db.execute("PRAGMA synchronous = FULL")
    return db


def _chained(previous: bytes, n: int, row: tuple[Any, ...]) -> bytes:
    return blake2b(previous + canonical_json([n, *row]).encode(), digest_size=32).digest()
