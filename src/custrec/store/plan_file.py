"""A plan on disk: an SQLite file of typed rows that has not happened yet.

    rows_<t>      after-images of records of table id t: _seq, _line, _original, _seal, _state, a column a field.
                  Complete: NULL means blank. `_seal` is NULL where store.apply is to make it.
    change_<t>    what is done: seq (of its after-image; a delete has none), op, record, version (`_event` seen)
    conflict      changes that a refresh left out (store.rebasing): tbl, seq, op, record and version as in change_<t>;
                  the `_event` that the record has now, why, the fields that the change sets, those that moved, by which
                  event
    contested_<t> their after-images, as rows_<t>
    run           many inserts in few numbers: the rows of a part with seqs lo to hi become records from `record` on
    doubtful      (in parts) rows that may change a record but not make one: seq, cells, faults
    warning       (in parts) rows that break a check which refuses nothing: line, number of the check in its table,
                  the row's cells (JSON)
    reject        rows refused: line, chunk, cells (JSON; NULL when they are to be read again), faults (JSON), key
    meta          the model.plan.Plan as JSON; of a plan that changes the schema also the schema that is to be

    done          (in parts) the chunks that stand in the part: number, digest of the bytes, what was found (JSON)

Workers write rows in parts of their own (`<id>.<n>.part`: rows, reject, doubtful, warning, done), in parallel; `settle`
brings the parts into the one file, for a plan that is saved. Nothing here reads or writes live records.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from custrec.errors import PlanDamaged, PlanUnknown
from custrec.model.decisions import tables_of
from custrec.model.plan import Counts, Plan, Source
from custrec.model.schema import Schema, Table
from custrec.model.schema_json import schema_from_json, schema_to_json
from custrec.store import fractions
from custrec.store.database import read_only
from custrec.store.layout import column_type
from custrec.store.leftovers import sweep
from custrec.store.place import private
from custrec.store.plan_signing import is_signed, sign
from custrec.store.quoting import quote
from custrec.store.sqlite_errors import translated

LOCKS = (".lock", ".holder")
"""Files of whoever holds a plan, who removes them (store.reviews)."""
CHUNK_BITS = 24
"""A seq is chunk number × 2²⁴ + row in the chunk: ascending in file order, whoever parsed the chunk."""


@dataclass(frozen=True)
class Run:
    """Inserts without gaps: the rows of `part` (a schema-qualified table) with seqs lo to hi become the records
    `record`, `record` + 1, …"""

    part: str
    lo: int
    hi: int
    record: int


def create_rows(table: Table, name: str) -> str:
    """The statement that makes a table of after-images. A reference holds the parent's key as text until resolved."""
    fields = "".join(
        f", {quote(f.name)} {'ANY' if f.name in table.references else column_type(table, f)}" for f in table.fields
    )
    return (
        f"CREATE TABLE {name} (_seq INTEGER PRIMARY KEY, _line INTEGER, _original TEXT, _seal BLOB, "
        f"_state INTEGER NOT NULL DEFAULT 0{fields}) STRICT"
    )


def connect_scratch(path: Path) -> sqlite3.Connection:
    """Open a file of a plan. It is no journalled store: a crash loses a plan that nobody has seen yet."""
    connection = sqlite3.connect(path, isolation_level=None, uri=True, check_same_thread=False)
    connection.execute("PRAGMA journal_mode = OFF")
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute("PRAGMA temp_store = FILE")
    connection.execute("PRAGMA cache_size = -16384")
    fractions.register(connection)
    return connection


CREATE_REJECT = (
    "CREATE TABLE reject (line INTEGER PRIMARY KEY, chunk INTEGER, cells TEXT, faults TEXT NOT NULL, key TEXT) STRICT"
)
CREATE_CONFLICT = (
    "CREATE TABLE conflict (tbl INTEGER NOT NULL, seq INTEGER NOT NULL, op INTEGER NOT NULL, record INTEGER, "
    "version INTEGER, seen INTEGER, why TEXT NOT NULL, touched TEXT NOT NULL, fields TEXT NOT NULL, event INTEGER, "
    "PRIMARY KEY (tbl, seq)) STRICT"
)
INSERT_REJECT = "INSERT INTO reject VALUES (?, ?, ?, ?, ?)"


def _lay_out(connection: sqlite3.Connection, schema: Schema, becomes: Schema | None) -> None:
    """Make the tables of a plan."""
    connection.execute("BEGIN")
    connection.execute("CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT")
    connection.execute(
        "CREATE TABLE run (n INTEGER PRIMARY KEY, tbl INTEGER NOT NULL, part TEXT NOT NULL, "
        "lo INTEGER NOT NULL, hi INTEGER NOT NULL, record INTEGER NOT NULL) STRICT"
    )
    connection.execute(CREATE_REJECT)
    connection.execute(CREATE_CONFLICT)
    for table in tables_of(becomes or schema):
        connection.execute(create_rows(table, f"rows_{table.id}"))
        connection.execute(create_rows(table, f"contested_{table.id}"))
    for number in sorted({t.id for one in (schema, becomes or schema) for t in tables_of(one)}):
        connection.execute(
            f"CREATE TABLE change_{number} (seq INTEGER PRIMARY KEY, op INTEGER NOT NULL, "
            "record INTEGER, version INTEGER) STRICT"
        )
    if becomes:
        connection.execute("INSERT INTO meta VALUES ('schema', ?)", (schema_to_json(becomes),))
    connection.execute("COMMIT")


class PlanFile:
    """A plan being made or about to be applied. `plan` is its head; the file goes with `drop`.

    `schema` is the one that its rows are laid out by; where it `reshapes`, the one that the store is to have.
    """

    def __init__(self, path: Path, schema: Schema, connection: sqlite3.Connection, reshapes: bool = False) -> None:
        self.path = path
        self.schema = schema
        self.connection = connection
        self.reshapes = reshapes
        self.parts: list[Path] = []

    @classmethod
    def create(cls, folder: Path, plan_id: str, schema: Schema, becomes: Schema | None = None) -> PlanFile:
        """Begin a plan, with a table of rows and of changes for each table of the schema.

        `becomes` is the schema that the store is to have, of a plan that changes it: rows are laid out by that one, and
        tables that it has not any more have changes only.
        """
        path = folder / f"{plan_id}.db"
        sweep(folder)
        private(path.with_suffix(f".{os.getpid()}.making"))
        private(path)
        connection = None
        try:
            with translated(path):
                connection = connect_scratch(path)
                _lay_out(connection, schema, becomes)
        except BaseException:  # the disk is full: half a plan is none
            if connection is not None:
                connection.close()
            _remove(path)
            raise
        return cls(path, becomes or schema, connection, reshapes=becomes is not None)

    @classmethod
    def open(cls, path: Path, schema_at: Callable[[int], Schema]) -> PlanFile:
        """Open a saved plan; `schema_at` gives the schema that a store had under a number.

        Raises PlanUnknown, or PlanDamaged when it is not what was saved, or no plan at all.
        """
        if not path.is_file():
            raise PlanUnknown(plan=path.stem)
        try:
            whole = is_signed(path)
        except OSError:
            whole = False
        if not whole:
            raise PlanDamaged(plan=path.stem)
        try:
            file = cls(path, Schema(()), connect_scratch(path))
            becomes = file.connection.execute("SELECT value FROM meta WHERE key = 'schema'").fetchone()
            file.reshapes = becomes is not None
            file.schema = schema_from_json(becomes[0]) if becomes else schema_at(file.plan.schema_version)
        except (sqlite3.DatabaseError, TypeError, ValueError, KeyError) as error:
            raise PlanDamaged(plan=path.stem) from error
        return file

    def part_path(self, number: int) -> Path:
        """Where worker `number` writes."""
        return self.path.with_suffix(f".{number}.part")

    def attach(self, parts: Sequence[Path]) -> None:
        """Attach finished parts as p0, p1, …"""
        for part in parts:
            self.connection.execute(f"ATTACH ? AS p{len(self.parts)}", (str(part),))
            self.parts.append(part)

    def forget_parts(self) -> None:
        """Detach and remove the parts: they are to be made anew."""
        for number, part in enumerate(self.parts):
            self.connection.execute(f"DETACH p{number}")
            part.unlink(missing_ok=True)
        self.parts = []

    def see(self, store: Path) -> None:
        """Let SQL on this plan read the records of a store, as `store`."""
        self.connection.execute("ATTACH ? AS store", (read_only(store),))

    def add_runs(self, table: Table, runs: Iterable[Run]) -> None:
        """Add inserts of a table, in the order of their ids."""
        self.connection.executemany(
            "INSERT INTO run (tbl, part, lo, hi, record) VALUES (?, ?, ?, ?, ?)",
            [(table.id, r.part, r.lo, r.hi, r.record) for r in runs],
        )

    def runs(self, table: Table) -> list[Run]:
        """The runs of a table, in the order of their ids."""
        found = self.connection.execute(
            "SELECT part, lo, hi, record FROM run WHERE tbl = ? ORDER BY n", (table.id,)
        ).fetchall()
        return [Run(*row) for row in found]

    def conflicts(self) -> dict[str, int]:
        """How many changes a refresh has left out, by reason."""
        return dict(self.connection.execute("SELECT why, count(*) FROM conflict GROUP BY why ORDER BY why").fetchall())

    def touches(self, table: Table) -> bool:
        """Whether the plan changes records of a table."""
        found = self.connection.execute(
            f"SELECT EXISTS (SELECT 1 FROM change_{table.id}) OR EXISTS (SELECT 1 FROM run WHERE tbl = ?)", (table.id,)
        ).fetchone()
        return bool(found[0])

    def changes_of(self, table: Table) -> int:
        """How many records of a table the plan changes."""
        (count,) = self.connection.execute(
            f"SELECT (SELECT count(*) FROM change_{table.id}) "
            "+ (SELECT coalesce(sum(hi - lo + 1), 0) FROM run WHERE tbl = ?)",
            (table.id,),
        ).fetchone()
        return int(count)

    def save_head(self, plan: Plan) -> None:
        """Write the plan's head into its file."""
        self.connection.execute("INSERT OR REPLACE INTO meta VALUES ('plan', ?)", (json.dumps(asdict(plan)),))

    def put_aside(self, what: Mapping[str, Any]) -> None:
        """Keep what a person may look at before the plan is applied; it does not go into the history."""
        self.connection.execute("INSERT OR REPLACE INTO meta VALUES ('aside', ?)", (json.dumps(what),))

    @property
    def aside(self) -> dict[str, Any]:
        """What was put aside."""
        found = self.connection.execute("SELECT value FROM meta WHERE key = 'aside'").fetchone()
        return dict(json.loads(found[0])) if found else {}

    @property
    def plan(self) -> Plan:
        """The plan's head."""
        (text,) = self.connection.execute("SELECT value FROM meta WHERE key = 'plan'").fetchone()
        said = json.loads(text)
        said["counts"] = Counts(**said["counts"])
        said["source"] = Source(**said["source"]) if said["source"] else None
        said["tables"] = tuple(said["tables"])
        return Plan(**said)

    def rejects(self) -> Iterator[tuple[int, int, str | None, str]]:
        """The refused rows as (line, chunk, cells, faults), in the order of the file."""
        tables = ["main.reject", *(f"p{n}.reject" for n in range(len(self.parts)))]
        union = " UNION ALL ".join(f"SELECT line, chunk, cells, faults FROM {table}" for table in tables)
        cursor = self.connection.execute(f"SELECT * FROM ({union}) ORDER BY line")
        # Not from the cursor itself: whoever stops reading would have it closed after the connection was.
        yield from iter(cursor.fetchone, None)

    def warnings(self, taken: bool = False) -> Iterator[tuple[int, int, str]]:
        """The rows of the parts that break a check which refuses nothing, as (line, number of the check, cells), in
        the order of the file; also those that are refused for something else, unless only rows `taken` are asked for.
        """
        parts = range(len(self.parts))
        union = " UNION ALL ".join(f"SELECT line, number, cells FROM p{n}.warning" for n in parts)
        where = f"WHERE {self._not_refused()}" if taken else ""
        found = self.connection.execute(f"SELECT * FROM ({union}) {where} ORDER BY line, number")
        yield from iter(found.fetchone, None)

    def warned(self) -> dict[int, int]:
        """How many rows that are not refused break each check which refuses nothing, by the check's number."""
        warnings = " UNION ALL ".join(f"SELECT line, number FROM p{n}.warning" for n in range(len(self.parts)))
        found = self.connection.execute(
            f"SELECT number, count(*) FROM ({warnings}) WHERE {self._not_refused()} GROUP BY number ORDER BY number"
        )
        return dict(found.fetchall())

    def _not_refused(self) -> str:
        tables = ["main.reject", *(f"p{n}.reject" for n in range(len(self.parts)))]
        return " AND ".join(f"line NOT IN (SELECT line FROM {table})" for table in tables)

    def settle(self) -> None:
        """Bring the parts into this file and sign it, so that it can wait on disk. Closes the connection."""
        with translated(self.path):
            self.connection.execute("BEGIN")
            for table in self.schema.tables:
                for run in self.runs(table):
                    if not run.part.startswith("main."):
                        self.connection.execute(
                            f"INSERT INTO main.rows_{table.id} SELECT * FROM {run.part} WHERE _seq BETWEEN ? AND ?",
                            (run.lo, run.hi),
                        )
                self.connection.execute("UPDATE run SET part = ? WHERE tbl = ?", (f"main.rows_{table.id}", table.id))
            for number in range(len(self.parts)):
                self.connection.execute(f"INSERT INTO main.reject SELECT * FROM p{number}.reject")
            self.connection.execute("COMMIT")
            self.close()
        for part in self.parts:
            part.unlink(missing_ok=True)
        sign(self.path)
        self.path.with_suffix(f".{os.getpid()}.making").unlink(missing_ok=True)

    @property
    def saved(self) -> bool:
        """Whether the plan was settled, to wait on disk."""
        return self.path.with_suffix(".sha256").exists()

    def close(self) -> None:
        """Close the connection; the file stays."""
        self.connection.close()

    def drop(self) -> None:
        """Close and remove the plan with its parts."""
        self.close()
        _remove(self.path)


def drop_saved(path: Path) -> None:
    """Remove a saved plan, whatever became of its file. Raises PlanUnknown."""
    if not path.is_file():
        raise PlanUnknown(plan=path.stem)
    _remove(path)


def _remove(plan: Path) -> None:
    for path in sorted(plan.parent.glob(f"{plan.stem}.*")):
        if path.suffix not in LOCKS:
            path.unlink(missing_ok=True)


def saved_plans(folder: Path) -> Iterator[Path]:
    """The files of saved plans, oldest first. Files of a plan whose process died are not among them."""
    if folder.is_dir():
        signed = [p for p in folder.glob("*.db") if p.with_suffix(".sha256").exists()]
        yield from sorted(signed, key=lambda p: (p.stat().st_mtime, p.name))
