"""A shop: a real store in a temporary folder, used through the same session and jobs as the commands.

    Shop(folder)              a store of the compact schema below, or of another one
    command, environment      how custrec is started as a process of its own
    Done                      what became of such a process

Nothing here is a stand-in for anything: every store is a file, every plan goes through the session. The fixtures over
these stand in conftest.
"""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import os
import shutil
import sqlite3
import sys
import tempfile
from collections.abc import Callable, Iterator
from copy import copy
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from custrec.files.schema_file import load_schema
from custrec.jobs.duplicates.clusters import Cluster
from custrec.jobs.duplicates.judging_pairs import every_two, plan_different
from custrec.jobs.duplicates.merging import MergeRequest, chosen_values, plan_merge
from custrec.jobs.duplicates.splitting import SplitRequest, plan_split
from custrec.jobs.edits.editing import Chosen, EditRequest, plan_edit
from custrec.jobs.edits.naming import record_named, refuse_aside
from custrec.jobs.importing.imports import plan_import
from custrec.jobs.importing.intake import ImportRequest
from custrec.jobs.lifecycle.moving import (
    MoveRequest,
    plan_archive,
    plan_delete,
    plan_restrict,
    plan_unarchive,
    plan_undelete,
    plan_unrestrict,
)
from custrec.jobs.lifecycle.purging import AnonymiseRequest, PurgeRequest, plan_anonymise, plan_purge
from custrec.jobs.reshaping.planning import SchemaRequest, plan_schema
from custrec.jobs.undo import UndoRequest, plan_redo, plan_undo
from custrec.model.decisions import tables_of
from custrec.model.schema import Schema
from custrec.model.schema_json import same_tables
from custrec.session.destruction import Count
from custrec.session.founding import found
from custrec.session.session import Consent, Report, Session
from custrec.session.waiting_plans import WaitingPlans
from custrec.store.plan_file import PlanFile
from custrec.store.reconcile import Policy
from custrec.store.verification import faults
from terminal import UNSAID

SCHEMA = """\
version: 1
defaults: {region: CN, currency: CNY, timezone: Asia/Shanghai}
tables:
  - name: customers
    primaryKey: [no]
    fields:
      - {name: no, type: string, aliases: [客户编号]}
      - {name: name, kind: person_name, constraints: {required: true}}
      - {name: company, kind: org_name}
      - {name: code, type: string, constraints: {unique: true}}
      - {name: city, type: string}
      - {name: visits, type: integer}
      - {name: credit, kind: money}
  - name: notes
    foreignKeys: [{fields: [no], reference: {resource: customers, fields: [no]}}]
    fields:
      - {name: no, type: string, constraints: {required: true}}
      - {name: text, type: string, constraints: {required: true}, search: true}
      - {name: stars, type: integer}
"""
"""customers have a key, a unique code and a required name; notes have no key and refer to customers."""

NOW = datetime(2026, 6, 1, 8, 30, tzinfo=UTC)
TODAY = date(2026, 6, 1)
MOVES = {
    "archive": plan_archive,
    "unarchive": plan_unarchive,
    "delete": plan_delete,
    "undelete": plan_undelete,
    "restrict": plan_restrict,
    "unrestrict": plan_unrestrict,
}
"""What puts records aside and brings them back, by verb."""
PLENTY = Consent(max_change=1_000_000, count=Count(up_to=1_000_000))
"""Consent for any number of changes: what guards do is tested where they are the subject."""


class Shop:
    """One store, and what a test asks of it. Each method is a command of its own: a session opened and closed."""

    def __init__(self, folder: Path, schema_text: str = SCHEMA) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.path = folder / "custrec.db"
        schema_file = folder / "schema.yaml"
        schema_file.write_text(schema_text, encoding="utf-8")
        self.schema: Schema = found(self.path, schema_file, "default", "2026-01-01T00:00:00Z").schema
        self._files = itertools.count(1)

    def copy_to(self, folder: Path) -> Shop:
        """A shop like this one in another folder, for tests that each begin with the same long history."""
        shutil.copytree(self.folder, folder)
        other = copy(self)
        other.folder, other.path = folder, folder / self.path.name
        return other

    @contextlib.contextmanager
    def session(self, actor: str = "tester", wait: float = 1) -> Iterator[Session]:
        """A session with this store; time stands still in it."""
        session = Session(self.path, actor, lambda: NOW, TODAY, wait)
        try:
            yield session
        finally:
            session.close()

    def csv(self, text: str) -> Path:
        """A CSV file with this text, in the shop's folder."""
        path = self.folder / f"file{next(self._files)}.csv"
        path.write_text(text, encoding="utf-8")
        return path

    def request(self, text: str, table: str | None = None, **request: Any) -> ImportRequest:
        """A request to import a text into a table (the first by default).

        `on_existing` and `in_file` make its policy, what else is given goes to ImportRequest.
        """
        policy = Policy(request.pop("on_existing", "update"), request.pop("in_file", "reject"))
        chosen = self.schema.by_name[table] if table else self.schema.tables[0]
        return ImportRequest(str(self.csv(text)), chosen, policy, **request)

    def plan_csv(self, session: Session, text: str, table: str | None = None, **request: Any) -> PlanFile:
        """The plan to import a text, not applied."""
        return plan_import(session.store, self.request(text, table, **request), session.draft())

    def import_csv(self, text: str, table: str | None = None, consent: Consent = PLENTY, **request: Any) -> Report:
        """Import a text."""
        with self.session() as session:
            return session.run(self.plan_csv(session, text, table, **request), consent)

    def save_plan(self, text: str, table: str | None = None, **request: Any) -> str:
        """Plan an import and leave it on disk; returns the plan's id."""
        with self.session() as session:
            file = self.plan_csv(session, text, table, **request)
            plan = file.plan
            file.settle()
            return plan.id

    def apply_saved(self, plan: str, consent: Consent = PLENTY) -> Report:
        """Apply a saved plan."""
        with self.session() as session:
            return WaitingPlans(session).run(WaitingPlans(session).named(plan), consent)

    def undo(self, event: int | None = None, partial: bool = False) -> Report:
        """Undo an event, the last one by default."""
        with self.session() as session:
            return session.run(plan_undo(session.store, UndoRequest(event, partial), session.draft()), Consent())

    def redo(self, event: int | None = None, partial: bool = False) -> Report:
        """Redo an event, the one undone last by default."""
        with self.session() as session:
            return session.run(plan_redo(session.store, UndoRequest(event, partial), session.draft()), Consent())

    def edit(self, record: str, **texts: str) -> Report:
        """Edit one record."""
        with self.session() as session:
            named = record_named(session.store, None, record)
            refuse_aside([named])
            chosen = Chosen(named.table, [named.record])
            return session.run(plan_edit(session.store, EditRequest(chosen, texts), session.draft()), PLENTY)

    def delete(self, *names: str) -> Report:
        """Put records into the trash."""
        return self.move("delete", *names)

    def undelete(self, *names: str) -> Report:
        """Take records out of the trash."""
        return self.move("undelete", *names)

    def move(self, verb: str, *names: str) -> Report:
        """Put records aside, or bring them back, by a verb of model.lifecycle."""
        with self.session() as session:
            request = MoveRequest([record_named(session.store, None, name) for name in names])
            return session.run(MOVES[verb](session.store, request, session.draft()), PLENTY)

    def merge(self, *names: str, **texts: str) -> Report:
        """Make one record of several."""
        with self.session() as session:
            found = [record_named(session.store, None, name) for name in names]
            table, records, draft = found[0].table, [one.record for one in found], session.draft()
            values = chosen_values(session.store, table, texts, records, draft) if texts else {}
            request = MergeRequest(table, [Cluster(records, values=values)], alone=True)
            return session.run(plan_merge(session.store, request, draft), PLENTY)

    def split(self, name: str, *members: str) -> Report:
        """Take a record apart."""
        with self.session() as session:
            named, *others = (record_named(session.store, None, one) for one in (name, *members))
            return session.run(plan_split(session.store, SplitRequest(named, others), session.draft()), PLENTY)

    def differ(self, *names: str) -> Report:
        """Say that records are not the same."""
        with self.session() as session:
            request = every_two([record_named(session.store, None, name) for name in names])
            return session.run(plan_different(session.store, request, session.draft()), PLENTY)

    def purge(self, *names: str) -> Report:
        """Destroy records."""
        with self.session() as session:
            request = PurgeRequest(named=[record_named(session.store, None, name) for name in names])
            return session.run(plan_purge(session.store, request, session.draft()), PLENTY)

    def anonymise(self, fields: str, *names: str) -> Report:
        """Take fields of records for good."""
        with self.session() as session:
            named = [record_named(session.store, None, name) for name in names]
            going = {one.table.name: fields.split() for one in named}
            request = AnonymiseRequest(PurgeRequest(named=named), going)
            return session.run(plan_anonymise(session.store, request, session.draft()), PLENTY)

    def rows(self, query: str, *params: Any) -> list[tuple[Any, ...]]:
        """What a plain SQLite program reads from the store."""
        with self.reader() as reader:
            return reader.execute(query, params).fetchall()

    @contextlib.contextmanager
    def reader(self) -> Iterator[sqlite3.Connection]:
        """A plain SQLite program that reads the store."""
        with contextlib.closing(sqlite3.connect(f"file:{self.path}?mode=ro", uri=True)) as reader:
            yield reader

    def tables(self) -> dict[str, list[tuple[Any, ...]]]:
        """All live records by table, with their ids and states, without the event that touched them last; decisions
        too, where there are any. The fields are those of the applied schema, named beside the tables where it is not
        the one of the beginning."""
        with self.session() as session:
            schema = session.store.schema
        changed = not same_tables(schema, self.schema)
        with self.reader() as reader:
            found = {
                f"{table.name}: {', '.join(table.by_name)}" if changed else table.name: reader.execute(
                    f"SELECT _id, _state, {', '.join(quoted(f.name) for f in table.fields)} "
                    f"FROM {quoted(table.name)} ORDER BY _id"
                ).fetchall()
                for table in tables_of(schema)
            }
        return {name: rows for name, rows in found.items() if rows or not name.startswith("_")}

    def change_schema(self, text: str, leave_blank: bool = False, consent: Consent = PLENTY) -> Report:
        """Write schema.yaml anew and bring the store to it."""
        with self.session() as session:
            return session.run(self.plan_schema(session, text, leave_blank), consent)

    def plan_schema(self, session: Session, text: str, leave_blank: bool = False) -> PlanFile:
        """The plan to bring the store to a changed schema.yaml, not applied."""
        place = self.folder / "schema.yaml"
        place.write_text(text, encoding="utf-8")
        digest = hashlib.sha256(place.read_bytes()).hexdigest()
        request = SchemaRequest(load_schema(place), digest, leave_blank)
        return plan_schema(session.store, request, session.draft())

    def digest(self) -> str:
        """A digest of everything in the store: its tables, custrec's own among them, indexes and guards."""
        seen = hashlib.sha256()
        with self.reader() as reader:
            for line in reader.iterdump():
                seen.update(line.encode())
        return seen.hexdigest()

    def faults(self) -> list[str]:
        """What does not verify."""
        with self.session() as session:
            return list(faults(session.store))

    def ids_given(self) -> list[tuple[int, int]]:
        """(table id, record id) of every record that was ever made, once for each time it was made anew.

        A record that comes back (undo of a delete, redo) keeps its id and is not counted again.
        """
        return self.rows(
            "SELECT tbl, record FROM _change c WHERE op = 1 AND NOT EXISTS "
            "(SELECT 1 FROM _change d WHERE d.tbl = c.tbl AND d.record = c.record AND d.op = 3 AND d.n < c.n)"
        )

    def tamper(self, *statements: str) -> None:
        """Write to the store as somebody would who means harm: guards dropped, past custrec."""
        with contextlib.closing(sqlite3.connect(self.path)) as writer:
            for (name,) in writer.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
                writer.execute(f"DROP TRIGGER {quoted(name)}")
            for statement in statements:
                writer.execute(statement)
            writer.commit()

    def leftovers(self) -> list[str]:
        """The names of files in the plans folder."""
        folder = self.folder / "custrec.plans"
        return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []


def quoted(name: str) -> str:
    """An SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


@dataclass(frozen=True)
class Done:
    """What became of a process."""

    code: int
    out: str
    err: str


def environment(**more: str) -> dict[str, str]:
    """The environment for a process: nothing of custrec's, a fixed width, no colours."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("CUSTREC_", "PYTEST_", "COV_"))}
    for name in UNSAID:
        kept.pop(name, None)
    nobody = {"XDG_CONFIG_HOME": str(Path(tempfile.gettempdir()) / "custrec-has-none")}
    return kept | nobody | {"COLUMNS": "140", "PYTHONUTF8": "1"} | more


def command(*arguments: object) -> list[str]:
    """The words that start custrec."""
    return [sys.executable, "-m", "custrec", *map(str, arguments)]


RunCustrec = Callable[..., Done]
"""What the fixture `run_custrec` gives."""
