"""The laws of plans, over every producer in jobs.producers: what holds for import holds for whatever makes a plan.

A producer that enters the register needs a `Case` here, or `test_every_producer_has_a_case` fails; with a case it is
held to every law below. A case brings a store to where a plan can be made, makes the plan, and knows how to move a
record from under it.
"""

from __future__ import annotations

import dis
import importlib
import inspect
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

import pytest
import typer

import grades
from custrec.cli import running
from custrec.cli.app import app_for
from custrec.errors import ErasureIsFinal, PlanApplied, StalePlan, UsageError
from custrec.files.age import identities_in
from custrec.jobs.backups.creating import BackupRequest, create_backup
from custrec.jobs.backups.keys import Founding, found_keys
from custrec.jobs.backups.places import FolderPlace
from custrec.jobs.backups.records import RecordsRequest, plan_restore_records
from custrec.jobs.backups.targets import backups_in, default_target
from custrec.jobs.confirming.campaigns import StartRequest, campaign_named, plan_close, plan_extend, plan_start
from custrec.jobs.confirming.letters import LettersRequest, write_letters
from custrec.jobs.confirming.records import ConfirmRequest, plan_confirm
from custrec.jobs.confirming.replies import RepliesRequest, plan_replies
from custrec.jobs.duplicates.clusters import Cluster
from custrec.jobs.duplicates.judging_pairs import every_two, plan_different, plan_same
from custrec.jobs.duplicates.merging import MergeRequest, plan_merge
from custrec.jobs.duplicates.splitting import SplitRequest, plan_split
from custrec.jobs.edits.adding import AddRequest, plan_add
from custrec.jobs.edits.editing import Chosen, EditRequest, plan_edit
from custrec.jobs.edits.naming import record_named
from custrec.jobs.edits.noting import NoteRequest, plan_note
from custrec.jobs.edits.tagging import TagRequest, plan_tag
from custrec.jobs.importing.opening import How
from custrec.jobs.lifecycle.holding import HoldRequest, plan_hold, plan_release
from custrec.jobs.lifecycle.moving import MoveRequest, plan_unarchive
from custrec.jobs.lifecycle.noticing import Letter, Reply, plan_notify, plan_reply
from custrec.jobs.lifecycle.purging import AnonymiseRequest, PurgeRequest, plan_anonymise, plan_purge
from custrec.jobs.normalizing import NormalizeRequest, plan_normalize
from custrec.jobs.producers import PRODUCERS
from custrec.jobs.progress import Progress
from custrec.jobs.undo import UndoRequest, plan_redo, plan_undo
from custrec.model.plan import ERASING, WHOLE, Op
from custrec.session.session import Report, Session
from custrec.session.waiting_plans import WaitingPlans
from custrec.store.extract import extract
from custrec.store.plan_file import PlanFile
from shops import MOVES, PLENTY, SCHEMA, Shop

AT = "2026-06-01T08:00:00Z"
THREE = (
    "no,name,company,code,city,visits,credit\n"
    "C1,Ann Lee,Acme Ltd,a1,Leeds,3,10.50\n"
    "C2,王芳,,a2,深圳,,\n"
    "C3,Bo Diaz,,,,0,7\n"
)
CHANGED = (
    "no,name,company,code,city,visits,credit\nC1,Ann Lee,Beta Ltd,a1,York,4,\nC2,,,a9,,1,99.99\nC4,New One,,a4,,,\n"
)
NOTES = "no,text,stars\nC1,called,5\nC1,called,5\nC2,wrote,\nC9,lost,1\n"

KINDS = """\
version: 1
defaults: {currency: CNY, timezone: Asia/Shanghai}
tables:
  - name: things
    primaryKey: [key]
    fields:
      - {name: key, type: string}
      - {name: amount, kind: money}
      - {name: paid, kind: money, currencyField: currency}
      - {name: currency, type: string}
      - {name: size, type: number}
      - {name: rate, type: number, decimals: 4}
      - {name: open, type: boolean}
      - {name: labels, kind: tags}
      - {name: met, type: datetime, format: any}
      - {name: day, type: date, format: any}
"""
KINDS_BEFORE = (
    "key,amount,paid,currency,size,rate,open,labels,met,day\n"
    "a,1234.56,10,JPY,0.30000000000000004,0.0001,yes,VIP;new,2024-05-01 12:30,2024-02-29\n"
    "b,,9.99,USD,1234567890123456.7,,no,,,\n"
    "c,0,,,1e-7,-12.5,,x,2011-12-30T10:00:00Z,\n"
)
KINDS_AFTER = (
    "key,amount,paid,currency,size,rate,open,labels,met,day\n"
    "a,1234.57,11,KWD,0.1,0.0002,no,VIP,2024-05-01 12:31,2024-03-01\n"
    "b,5,9.98,USD,2.5e300,1,yes,late,2024-01-01 00:00,\n"
    "d,,,,0.1,,,,,\n"
)

COMPOSITE = """\
version: 1
tables:
  - name: prices
    primaryKey: [product, valid from, region]
    fields:
      - {name: product, type: integer}
      - {name: valid from, type: date}
      - {name: region, type: string}
      - {name: price, type: number, decimals: 2}
"""

ODD = """\
version: 1
tables:
  - name: "order"
    primaryKey: ["select"]
    fields:
      - {name: select, type: string}
      - {name: id, type: integer}
      - {name: "group by", type: string}
      - {name: 客户 姓名, kind: person_name}
      - {name: line, type: integer}
      - {name: seq, type: string}
      - {name: seal, type: string}
      - {name: original, type: string}
      - {name: op, type: string}
      - {name: record, type: string}
      - {name: rowid, type: string}
      - {name: "a.b;c--", type: string}
      - {name: "NULL", type: number}
  - name: order line
    foreignKeys: [{fields: [select], reference: {resource: "order", fields: ["select"]}}]
    fields:
      - {name: select, type: string}
      - {name: n, type: integer}
"""
ODD_HEADER = "select,id,group by,客户 姓名,line,seq,seal,original,op,record,rowid,a.b;c--,NULL"

WIDE_FIELDS = 230
WIDE = "version: 1\ntables:\n  - name: wide\n    primaryKey: [f0]\n    fields:\n" + "".join(
    f"      - {{name: f{n}, type: {('string', 'integer', 'number', 'boolean')[n % 4]}}}\n" for n in range(WIDE_FIELDS)
)

DATED = """\
version: 1
defaults: {timezone: Asia/Shanghai}
tables:
  - name: customers
    primaryKey: [no]
    fields:
      - {name: no, type: string}
      - {name: name, type: string}
      - {name: marks, kind: tags}
  - name: talks
    foreignKeys: [{fields: [no], reference: {resource: customers, fields: [no]}}]
    fields:
      - {name: no, type: string, constraints: {required: true}}
      - {name: at, type: datetime, format: any, constraints: {required: true}}
      - {name: by, type: string}
      - {name: via, type: string, constraints: {required: true, enum: [phone, other]}}
      - {name: said, type: string}
"""

PUPILS = "code,name,seat,mark,best\na1,Ann,s1,b (late),a\nA2,Bo,,c,\na3,Cy,S3,D,none\n"

COUNTED = """\
version: 1
tables:
  - name: parents
    primaryKey: [number]
    fields:
      - {name: number, type: integer}
      - {name: name, type: string}
  - name: children
    primaryKey: [key]
    foreignKeys: [{fields: [parent], reference: {resource: parents, fields: [number]}}]
    fields:
      - {name: key, type: string}
      - {name: parent, type: integer}
      - {name: more, type: string}
"""


def wide(key: str, value: int) -> str:
    """A row of the wide table: every field set, the numbers from `value` on."""
    cells = [key] + [
        ("t%d", "%d", "%d.25", "%d")[n % 4] % (value + n if n % 4 != 3 else 1) for n in range(1, WIDE_FIELDS)
    ]
    return ",".join(cells)


WIDE_HEADER = ",".join(f"f{n}" for n in range(WIDE_FIELDS))


@dataclass(frozen=True)
class Case:
    """One way to make a plan of a producer.

    `prepare` brings the store to where it can be made, `plan` makes it, and `move` changes what the plan is about.
    """

    name: str
    producer: str
    prepare: Callable[[Shop], Any]
    plan: Callable[[Shop, Session], PlanFile]
    move: Callable[[Shop], Any]
    schema: str = SCHEMA

    @property
    def reversible(self) -> bool:
        """Whether it can be undone."""
        return self.producer not in ERASING


def importing(
    name: str, text: str, move: str, *before: str, table: str | None = None, schema: str = SCHEMA, **request: Any
) -> Case:
    """A case of import: after the texts `before`, `text` is planned; importing `move` moves its records."""

    def prepare(shop: Shop) -> None:
        for one in before:
            shop.import_csv(one)

    return Case(
        f"import {name}",
        "import",
        prepare,
        lambda shop, session: shop.plan_csv(session, text, table, **request),
        lambda shop: shop.import_csv(move, table),
        schema,
    )


def undoing(
    name: str, prepare: Callable[[Shop], Any], event: int | None, move: Callable[[Shop], Any], partial: bool = False
) -> Case:
    """A case of undo."""

    def plan(shop: Shop, session: Session) -> PlanFile:
        return plan_undo(session.store, UndoRequest(event, partial), session.draft())

    return Case(f"undo {name}", "undo", prepare, plan, move)


def redoing(name: str, prepare: Callable[[Shop], Any], event: int | None, move: Callable[[Shop], Any]) -> Case:
    """A case of redo."""

    def plan(shop: Shop, session: Session) -> PlanFile:
        return plan_redo(session.store, UndoRequest(event), session.draft())

    return Case(f"redo {name}", "redo", prepare, plan, move)


def normalizing(name: str, prepare: Callable[[Shop], Any], move: Callable[[Shop], Any], where: str = "") -> Case:
    """A case of normalize: what `prepare` stores by the older rules is judged by the newer ones."""

    def plan(shop: Shop, session: Session) -> PlanFile:
        tables = shop.schema.tables[:1] if where else shop.schema.tables
        return plan_normalize(session.store, NormalizeRequest(tables, (), where or None), session.draft())

    return Case(f"normalize {name}", "normalize", prepare, plan, move, grades.SCHEMA)


def reshaping(name: str, *steps: Callable[[Shop], Any]) -> Case:
    """A case of schema: in a shop with three customers and their notes, texts of schema.yaml are exchanged."""

    def plan(shop: Shop, session: Session) -> PlanFile:
        text = SCHEMA
        for old, new in CHANGES_OF_SCHEMA[name].items():
            assert old in text
            text = text.replace(old, new)
        return shop.plan_schema(session, text, leave_blank=True)

    return Case(
        f"schema {name}", "schema", after(with_three, with_notes, *steps), plan, imported("no,name\nC1,Other One\n")
    )


CHANGES_OF_SCHEMA = {
    "that adds and renames": {
        "{name: city, type: string}": "{name: town, was: city, type: string}\n      - {name: tier, type: string}"
    },
    "that drops": {"      - {name: city, type: string}\n": "", "      - {name: stars, type: integer}\n": ""},
    "of kinds": {
        "{name: visits, type: integer}": "{name: visits, type: number}",
        "{name: credit, kind: money}": "{name: credit, type: string}",
        "{name: city, type: string}": "{name: city, type: string, constraints: {enum: [Leeds, York]}}",
    },
    "of a table, a new one and one that goes": {
        "  - name: customers\n    primaryKey: [no]": "  - name: clients\n    was: customers\n    primaryKey: [no]",
        SCHEMA[SCHEMA.index("  - name: notes") :]: "  - name: calls\n    fields:\n      - {name: at, type: date}\n",
    },
    "of a reference that ends": {
        "    foreignKeys: [{fields: [no], reference: {resource: customers, fields: [no]}}]\n": ""
    },
    "that touches no record": {"aliases: [客户编号]": "title: 编号", "{unique: true}": "{maxLength: 40}"},
}
"""What is exchanged in the text of schema.yaml, by the name of the case."""


def adding(name: str, *rows: dict[str, str], table: str | None = None, move: Callable[[Shop], Any]) -> Case:
    """A case of add, to a shop with three customers."""

    def plan(shop: Shop, session: Session) -> PlanFile:
        chosen = shop.schema.by_name[table] if table else shop.schema.tables[0]
        return plan_add(session.store, AddRequest(chosen, rows), session.draft())

    return Case(f"add {name}", "add", with_three, plan, move)


def editing(name: str, where: str | None, move: Callable[[Shop], Any], **texts: str) -> Case:
    """A case of edit: of one record that is named `where`, or of all that meet a condition."""

    def plan(shop: Shop, session: Session) -> PlanFile:
        table = shop.schema.tables[0]
        one = where is not None and "=" not in where
        records = [record_named(session.store, table, where).record] if where and one else None
        chosen = Chosen(table, records, None if one else where)
        return plan_edit(session.store, EditRequest(chosen, texts), session.draft())

    return Case(f"edit {name}", "edit", with_three, plan, move)


def tagging(what: str, where: str | None, tag: str, other: str = "") -> Case:
    """A case of tag, in a shop with three customers of which two have tags."""

    def plan(shop: Shop, session: Session) -> PlanFile:
        request = TagRequest(Chosen(shop.schema.tables[0], None, where), "marks", what, tag, other)
        return plan_tag(session.store, request, session.draft())

    return Case(f"tag {what}", "tag", with_marks, plan, imported("no,name\nC1,Moved\n"), DATED)


def moving(
    verb: str,
    name: str,
    *names: str,
    where: str | None = None,
    move: Callable[[Shop], Any],
    before: Callable[[Shop], Any] | None = None,
) -> Case:
    """A case of putting records aside, in a shop with three customers and their notes; or of bringing them back, where
    all customers were put aside. `before` is the last step before that."""

    def plan(shop: Shop, session: Session) -> PlanFile:
        named = [record_named(session.store, None, name) for name in names]
        request = MoveRequest(named, None if names else shop.schema.tables[0], where)
        return MOVES[verb](session.store, request, session.draft())

    first = [all_put_aside(verb.removeprefix("un"))] if verb.startswith("un") else []
    return Case(
        f"{verb} {name}", verb, after(with_three, with_notes, *first, *([before] if before else [])), plan, move
    )


def from_archive_file(move: Callable[[Shop], Any]) -> Case:
    """A case of unarchive from an archive file: of one that is archived, with its notes, and of one that is gone."""

    def prepare(shop: Shop) -> None:
        after(with_three, with_notes, imported("no,name\nC8,Gone Soon\n"))(shop)
        with shop.session() as session:
            extract(session.store, {"customers": [1, 4], "notes": [1, 2]}, shop.folder / "extract.db")
        shop.undo()
        shop.move("archive", "C1")

    def plan(shop: Shop, session: Session) -> PlanFile:
        request = MoveRequest(archive=shop.folder / "extract.db")
        return plan_unarchive(session.store, request, session.draft())

    return Case("unarchive from an archive file", "unarchive", prepare, plan, move)


def recalling(name: str, text: str, table: str | None = None) -> Case:
    """A case of an import that brings archived customers back, with their notes."""
    prepare = after(with_three, with_notes, all_put_aside("archive"))
    return Case(
        f"import {name}",
        "import",
        prepare,
        lambda shop, session: shop.plan_csv(session, text, table),
        imported("no,name\nC1,Ann Leigh\n"),
    )


def all_put_aside(verb: str) -> Callable[[Shop], None]:
    """The step that puts all customers aside."""

    def run(shop: Shop) -> None:
        with shop.session() as session:
            request = MoveRequest(table=shop.schema.tables[0])
            session.run(MOVES[verb](session.store, request, session.draft()), PLENTY)

    return run


def purging(name: str, *names: str, before: Callable[[Shop], Any], move: Callable[[Shop], Any]) -> Case:
    """A case of purge: of customers with their notes."""

    def plan(shop: Shop, session: Session) -> PlanFile:
        request = PurgeRequest(named=[record_named(session.store, None, one) for one in names])
        return plan_purge(session.store, request, session.draft())

    return Case(f"purge {name}", "purge", after(with_three, with_notes, before), plan, move)


def anonymising(name: str, *names: str, before: Callable[[Shop], Any], move: Callable[[Shop], Any]) -> Case:
    """A case of anonymise: of customers."""

    def plan(shop: Shop, session: Session) -> PlanFile:
        request = PurgeRequest(named=[record_named(session.store, None, one) for one in names])
        fields = {"customers": ["name", "company", "code"]}
        return plan_anonymise(session.store, AnonymiseRequest(request, fields), session.draft())

    return Case(f"anonymise {name}", "anonymise", after(with_three, with_notes, before), plan, move)


def merging(name: str, *clusters: tuple[int, ...], move: Callable[[Shop], Any], before: str = "") -> Case:
    """A case of merge: of customers with their notes, by number."""

    def plan(shop: Shop, session: Session) -> PlanFile:
        request = MergeRequest(shop.schema.tables[0], [Cluster(cluster) for cluster in clusters])
        return plan_merge(session.store, request, session.draft())

    steps = (with_three, with_notes, *([merged(before)] if before else []))
    return Case(f"merge {name}", "merge", after(*steps), plan, move)


def splitting(name: str, record: str, *members: str, move: Callable[[Shop], Any]) -> Case:
    """A case of split, where all three customers became one in two steps and were edited since."""

    def plan(shop: Shop, session: Session) -> PlanFile:
        named = [record_named(session.store, shop.schema.tables[0], one) for one in (record, *members)]
        return plan_split(session.store, SplitRequest(named[0], named[1:]), session.draft())

    steps = (with_three, with_notes, merged("C2 C3"), imported("no,city\nC3,Hull\n"), merged("C1 C2"))
    return Case(f"split {name}", "split", after(*steps, imported("no,text\nC2,since\n", "notes")), plan, move)


def merged(names: str) -> Callable[[Shop], None]:
    """The step that makes one of some customers."""

    def run(shop: Shop) -> None:
        shop.merge(*names.split())

    return run


def judging(verb: str, *names: str, before: Callable[[Shop], Any], move: Callable[[Shop], Any]) -> Case:
    """A case of a verdict."""
    make = plan_different if verb == "different" else plan_same

    def plan(shop: Shop, session: Session) -> PlanFile:
        named = [record_named(session.store, None, name) for name in names]
        return make(session.store, every_two(named), session.draft())

    return Case(f"{verb} {' '.join(names)}", verb, after(with_three, before), plan, move)


Planned = Callable[[Session], PlanFile]


def deciding(verb: str, plan: Planned, *before: Planned, move: Planned) -> Case:
    """A case of a hold, a notice or an answer; `before` and `move` are such plans, too."""

    def made(one: Callable[[Session], PlanFile]) -> Callable[[Shop], Any]:
        def run(shop: Shop) -> None:
            with shop.session() as session:
                session.run(one(session), PLENTY)

        return run

    return Case(verb, verb, after(with_three, *map(made, before)), lambda _, session: plan(session), made(move))


def holding(session: Session, *names: str, reason: str = "audit", release: bool = False) -> PlanFile:
    """The plan to hold customers, or to release them."""
    named = [record_named(session.store, None, name) for name in names]
    request = HoldRequest(named[0].table, reason, named)
    return (plan_release if release else plan_hold)(session.store, request, session.draft())


def writing_to(session: Session, *records: int) -> PlanFile:
    """The plan to note that customers were written to."""
    table = session.store.schema.tables[0]
    letters = [Letter(table.name, record, None, "", "gone", "purge", "2026-07-01", "2026-07-01") for record in records]
    return plan_notify(session.store, table, letters, session.draft())


def answering(session: Session, record: int, answer: str) -> PlanFile:
    """The plan to note an answer."""
    table = session.store.schema.tables[0]
    return plan_reply(session.store, Reply(table, [(record, answer)]), session.draft())


def said_different(*names: str) -> Callable[[Shop], Any]:
    """The step that says that customers are not the same."""
    return lambda shop: shop.differ(*names)


def starting(name: str, where: str | None = None) -> Callable[[Shop, Session], PlanFile]:
    """What plans a campaign about the city and the name of customers."""

    def plan(shop: Shop, session: Session) -> PlanFile:
        request = StartRequest(name, shop.schema.tables[0], where, ["name", "city"], "company")
        return plan_start(session.store, request, session.draft())

    return plan


def begun(name: str, where: str | None = None) -> Callable[[Shop], Any]:
    """The step that begins such a campaign."""
    return carried(starting(name, where))


def saying(*names: str, fields: tuple[str, ...] = (), **texts: str) -> Callable[[Shop, Session], PlanFile]:
    """What plans to confirm values of customers, and to correct some."""

    def plan(shop: Shop, session: Session) -> PlanFile:
        named = [record_named(session.store, None, name) for name in names]
        return plan_confirm(session.store, ConfirmRequest(named, fields, texts), session.draft())

    return plan


def said_right(*names: str, fields: tuple[str, ...] = ()) -> Callable[[Shop], Any]:
    """The step that confirms values of customers."""
    return carried(saying(*names, fields=fields))


def carried(plan: Callable[[Shop, Session], PlanFile]) -> Callable[[Shop], Any]:
    """The step that carries a plan out."""

    def step(shop: Shop) -> None:
        with shop.session() as session:
            session.run(plan(shop, session), PLENTY)

    return step


def of_campaign(make: Callable[..., PlanFile], *more: Any) -> Callable[[Shop, Session], PlanFile]:
    """What plans something about the campaign Q4."""

    def plan(_: Shop, session: Session) -> PlanFile:
        return make(session.store, campaign_named(session.store, "Q4"), *more, session.draft())

    return plan


def lettered(shop: Shop) -> None:
    """The step that writes letters to all customers, and answers beside them: right, corrected, and of no use."""
    with shop.session() as session:
        campaign = campaign_named(session.store, "Q4")
        request = LettersRequest(campaign, shop.folder / "letters", date(2026, 12, 31), "csv")
        write_letters(session.store, request, Progress())
    _, *rows = (shop.folder / "letters" / "Q4.csv").read_text(encoding="utf-8-sig").splitlines()
    tokens = [row.split(",")[0] for row in rows]
    said = [f"{tokens[0]},confirmed,", f"{tokens[1]},corrected,Rome", "nonsense,,", f"{tokens[2]},,"]
    (shop.folder / "replies.csv").write_text("\n".join(["token,answer,city", *said]), encoding="utf-8")


def taking_answers() -> Callable[[Shop, Session], PlanFile]:
    """What plans these answers."""

    def plan(shop: Shop, session: Session) -> PlanFile:
        request = RepliesRequest(str(shop.folder / "replies.csv"), How())
        return plan_replies(session.store, request, session.draft())

    return plan


def confirming(
    verb: str,
    name: str,
    plan: Callable[[Shop, Session], PlanFile],
    move: Callable[[Shop], Any],
    *before: Callable[[Shop], Any],
) -> Case:
    """A case of a campaign, or of values that are confirmed."""
    return Case(f"{verb} {name}", verb, after(with_three, *before), plan, move)


def restoring(name: str, *names: str, move: Callable[[Shop], Any]) -> Case:
    """A case of restore --records: customers and notes are backed up, changed, trashed and undone, and then wanted."""

    def prepare(shop: Shop) -> None:
        shop.import_csv(THREE)
        shop.import_csv(NOTES, "notes")
        shop.import_csv("no,name\nC8,Gone Soon\n")
        found_keys(shop.path, Founding(shop.folder / "key", lonely=True), AT, "me", lambda _: "")
        with shop.session() as session:
            create_backup(session.store, BackupRequest([FolderPlace(default_target(shop.path))], AT, "me"))
        shop.undo()
        shop.import_csv("no,name,city,code\nC1,Ann Lee,Hull,z9\n")
        shop.delete("C2")

    def plan(shop: Shop, session: Session) -> PlanFile:
        (backup,) = backups_in([FolderPlace(default_target(shop.path))], shop.path)
        keys = identities_in(shop.folder / "key", lambda _: "")
        return plan_restore_records(session.store, RecordsRequest(backup, names), keys, session.draft())

    return Case(f"restore-records {name}", "restore-records", prepare, plan, move)


def noting(name: str, text: str) -> Case:
    """A case of note."""

    def plan(shop: Shop, session: Session) -> PlanFile:
        return plan_note(session.store, NoteRequest(record_named(session.store, None, name), text), session.draft())

    same = f"no,at,via,said\n{name},2026-06-01T08:30:00Z,other,{text}\n"
    return Case("note", "note", with_marks, plan, imported(same, "talks"), DATED)


def graded(*texts: str) -> Callable[[Shop], None]:
    """The step that imports texts by the older rules, and then brings the newer ones."""

    def run(shop: Shop) -> None:
        grades.use(shop.folder, 1)
        for text in texts:
            shop.import_csv(text, "notes" if "name" not in text else None)
        grades.use(shop.folder, 2)

    return run


def imported(text: str, table: str | None = None) -> Callable[[Shop], Any]:
    """The step that imports a text."""
    return lambda shop: shop.import_csv(text, table)


def undone(event: int | None = None) -> Callable[[Shop], Any]:
    """The step that undoes an event."""
    return lambda shop: shop.undo(event)


def after(*steps: Callable[[Shop], Any]) -> Callable[[Shop], None]:
    """The steps one after the other."""

    def run(shop: Shop) -> None:
        for step in steps:
            step(shop)

    return run


with_three = imported(THREE)
with_changes = imported(CHANGED)
with_notes = imported(NOTES, "notes")
with_marks = imported("no,name,marks\nC1,Ann,VIP;new\nC2,Bo,new\nC3,Cy,\n")
another_c2 = imported("no,name\nC2,Somebody Else\n")

CASES = [
    importing("of new records", THREE, "no,name\nC2,Somebody Else\n"),
    importing("of new, changed and equal rows", CHANGED, "no,name,city\nC1,Ann Lee,Hull\n", THREE),
    importing("of a few columns", "no,visits\nC1,9\nC3,\n", "no,name,city\nC1,Ann Lee,Hull\n", THREE),
    importing("that fills blanks", CHANGED, "no,name,city\nC2,王芳,广州\n", THREE, on_existing="fill"),
    importing("that skips what is there", CHANGED, "no,name\nC4,First\n", THREE, on_existing="skip"),
    importing(
        "with bad rows and repeated ones",
        THREE + "C3,Bo Diaz,,,,0,7\nC5,,,,,,\nC6,Ok,,,,many,\nC7,Twice,,,,1,\nC7,Twice,,,,2,\nC8,Taken,,a1,,,\n",
        "no,name\nC2,Somebody Else\n",
    ),
    importing(
        "where the last row of a key stands",
        "no,name\nC1,One\nC2,Two\nC1,Three\n",
        "no,name,city\nC1,Ann Lee,Hull\n",
        THREE,
        in_file="last",
    ),
    importing("of child rows without a key", NOTES, NOTES, THREE, table="notes"),
    importing("of every kind of value", KINDS_BEFORE, "key,size\nb,1\n", schema=KINDS),
    importing("that changes every kind of value", KINDS_AFTER, "key,size\nb,1\n", KINDS_BEFORE, schema=KINDS),
    importing(
        "by a key of three fields",
        "product,valid from,region,price\n7,2024-01-01,CN,1.50\n7,2024-01-01,DE,2\n8,2024-01-01,CN,3\n",
        "product,valid from,region,price\n7,2024-01-01,DE,2.5\n",
        "product,valid from,region,price\n7,2024-01-01,CN,1.25\n7,2024-02-01,CN,9\n",
        schema=COMPOSITE,
    ),
    importing(
        "of fields with names of every sort",
        f"{ODD_HEADER}\nk1,7,g,张伟,1,2,3,4,5,6,7,8,0.1\nk2,8,h,,,,,,,,,,\n",
        "select,id\nk2,9\n",
        f"{ODD_HEADER}\nk1,6,f,,0,0,0,0,0,0,0,0,0.7\n",
        schema=ODD,
    ),
    importing(
        f"of {WIDE_FIELDS} fields", f"{WIDE_HEADER}\n{wide('a', 1)}\n{wide('b', 2)}\n", "f0,f1\nb,7\n", schema=WIDE
    ),
    importing(
        f"that changes {WIDE_FIELDS} fields",
        f"{WIDE_HEADER}\n{wide('a', 5)}\n{wide('c', 2)}\n",
        "f0,f1\na,7\n",
        f"{WIDE_HEADER}\n{wide('a', 1)}\n{wide('b', 2)}\n",
        schema=WIDE,
    ),
    importing(
        "of children of parents whose key is a number",
        "key,parent,more\nx,7,new\ny,1,\nz,,\nw,3,no such parent\n",
        "key,parent\ny,9\n",
        "number,name\n7,seven\n9,nine\n1,one\n",
        table="children",
        schema=COUNTED,
    ),
    adding("of one", {"no": "C9", "name": "张伟", "credit": "3.5万"}, move=imported("no,name\nC9,First\n")),
    adding(
        "of several without a key",
        {"no": "C1", "text": "called"},
        {"no": "C1", "text": "called"},
        table="notes",
        move=imported("no,text\nC1,called\n", "notes"),
    ),
    editing("of one", "C1", imported("no,city\nC1,Hull\n"), city="", visits="9", no="C7"),
    editing("of many, of which some would break something", "no != C3", imported("no,city\nC2,Hull\n"), city="Rome"),
    editing("of all", None, imported("no,city\nC1,Hull\n"), credit="12"),
    tagging("add", None, "late"),
    tagging("remove", "marks has new", "new"),
    tagging("rename", None, "new", "VIP"),
    restoring("of one that changed", "C1", move=imported("no,city\nC1,Rome\n")),
    restoring(
        "of one in the trash, one that is gone, and what is the same",
        "C2",
        "C8",
        "C3",
        "notes#1",
        "notes#3",
        move=imported("no,name\nC8,Somebody Else\n"),
    ),
    moving("delete", "of one with its children", "C1", move=imported("no,city\nC1,Hull\n")),
    moving("delete", "of all", where="no != C9", move=imported("no,text\nC1,new here\n", "notes")),
    moving("delete", "of a child and a parent", "notes#3", "C2", move=undone(2)),
    moving("delete", "of what is archived", "C1", before=all_put_aside("archive"), move=undone()),
    moving("undelete", "of one with its children", "C1", move=undone()),
    moving("undelete", "of all", where="no != C9", move=undone()),
    moving("archive", "of one with its children", "C1", move=imported("no,city\nC1,Hull\n")),
    moving("archive", "of all", where="no != C9", move=imported("no,text\nC1,new here\n", "notes")),
    moving("unarchive", "of one with its children", "C1", move=imported("no,city\nC1,Hull\n")),
    moving("unarchive", "of all", where="no != C9", move=undone()),
    from_archive_file(move=imported("no,city\nC1,Hull\n")),
    moving("restrict", "of one with its children", "C1", move=imported("no,city\nC1,Hull\n")),
    moving("restrict", "of what is archived", "C1", before=all_put_aside("archive"), move=undone()),
    moving("restrict", "of what is in the trash", "C1", before=all_put_aside("delete"), move=undone()),
    moving("unrestrict", "of one with its children", "C1", move=undone()),
    moving("unrestrict", "of all", where="no != C9", move=undone()),
    recalling("that says something new of what is archived", "no,city\nC1,Rome\nC2,\n"),
    recalling("below what is archived", "no,text\nC1,called\nC1,ordered again\nC9,lost\n", "notes"),
    noting("C2", "called back"),
    purging("of one with what belongs to it", "C1", before=with_changes, move=imported("no,city\nC1,Hull\n")),
    purging("of all, trashed", "C1", "C2", "C3", before=all_put_aside("delete"), move=undone()),
    purging("of a survivor", "C1", before=merged("C1 C2"), move=imported("no,city\nC1,Hull\n")),
    purging(
        "of one that is said to be another",
        *("C2", "notes#1"),
        before=lambda shop: shop.differ("C1", "C2"),
        move=imported("no,city\nC2,Hull\n"),
    ),
    anonymising("of two", "C1", "C2", before=with_changes, move=imported("no,city\nC1,Hull\n")),
    anonymising("of a survivor", "C1", before=merged("C1 C2"), move=imported("no,city\nC1,Hull\n")),
    merging("of two with their children", (1, 2), move=imported("no,city\nC2,Hull\n")),
    merging("of three, and of one twice", (1, 2), (3, 2), (1, 3), move=imported("no,city\nC3,Hull\n")),
    merging("of what was merged", (1, 2), before="C2 C3", move=imported("no,city\nC3,Hull\n")),
    splitting("of all", "C1", move=imported("no,city\nC3,York\n")),
    splitting("of one that had been merged into another", "C1", "C3", move=imported("no,city\nC1,York\n")),
    splitting("of one with what is inside it", "C1", "C2", move=imported("no,city\nC1,York\n")),
    deciding("hold", lambda session: holding(session, "C1", "C2"), move=lambda session: holding(session, "C2")),
    deciding(
        "release",
        lambda session: holding(session, "C1", release=True),
        lambda session: holding(session, "C1", "C2"),
        lambda session: writing_to(session, 1),
        move=lambda session: holding(session, "C1", "C2", release=True),
    ),
    deciding(
        "notify",
        lambda session: writing_to(session, 1, 2),
        lambda session: writing_to(session, 2),
        lambda session: answering(session, 2, "keep"),
        move=lambda session: writing_to(session, 1, 3),
    ),
    deciding(
        "reply",
        lambda session: answering(session, 1, "keep"),
        lambda session: writing_to(session, 1, 2),
        move=lambda session: answering(session, 1, "delete"),
    ),
    judging("different", "C1", "C2", "C3", before=with_notes, move=said_different("C1", "C3")),
    judging("same", "C1", "C2", before=said_different("C1", "C2"), move=undone()),
    confirming("confirm-start", "of all", starting("Q4"), begun("q4")),
    confirming("confirm-start", "beside another one", starting("Q4", "visits > 1"), begun("Q4"), begun("Q3")),
    confirming("confirm", "of a few values", saying("C1", "C2", fields=("city",)), said_right("C1", fields=("city",))),
    confirming(
        "confirm", "of what campaigns ask", saying("C1"), said_right("C1", fields=("name",)), begun("Q3"), begun("Q4")
    ),
    confirming(
        "confirm",
        "again, with a correction",
        saying("C1", "C2", fields=("name",), city="Rome"),
        imported("no,city\nC2,Hull\n"),
        begun("Q4"),
        said_right("C1"),
    ),
    confirming(
        "confirm-extend",
        "by a month and a record",
        of_campaign(plan_extend, date(2026, 7, 1)),
        carried(of_campaign(plan_close)),
        begun("Q4"),
        imported("no,name\nC4,New One\n"),
    ),
    confirming(
        "confirm-import", "of what was written to all", taking_answers(), said_right("C1"), begun("Q4"), lettered
    ),
    confirming("confirm-close", "of one", of_campaign(plan_close), undone(), begun("Q4")),
    undoing("of a merge", after(with_three, with_notes, merged("C1 C2")), None, imported("no,city\nC1,Hull\n")),
    redoing(
        "of a merge", after(with_three, with_notes, merged("C1 C2"), undone()), None, imported("no,city\nC1,Hull\n")
    ),
    undoing(
        "of a split",
        after(with_three, with_notes, merged("C1 C2 C3"), lambda shop: shop.split("C1")),
        None,
        imported("no,city\nC2,Hull\n"),
    ),
    undoing("of a delete", after(with_three, with_notes, all_put_aside("delete")), None, undone()),
    redoing(
        "of a delete",
        after(with_three, with_notes, all_put_aside("delete"), undone()),
        3,
        imported("no,city\nC1,Hull\n"),
    ),
    undoing("of an import", with_three, None, imported("no,city\nC1,Hull\n")),
    undoing("of changes", after(with_three, with_changes), None, imported("no,city\nC1,Hull\n")),
    undoing("of child rows", after(with_three, with_notes), None, undone(2)),
    undoing(
        "of an earlier event",
        after(with_three, imported("no,visits\nC1,8\n"), imported("no,city\nC1,Rome\n")),
        2,
        imported("no,visits\nC1,11\n"),
    ),
    undoing("in part", after(with_three, with_changes), 1, imported("no,city\nC3,Hull\n"), partial=True),
    redoing("of an import", after(with_three, undone()), None, another_c2),
    redoing("of changes", after(with_three, with_changes, undone()), None, imported("no,city\nC1,Hull\n")),
    normalizing("of all records", graded(PUPILS, "code,mark\na1,x\nA2,y\n"), imported("code,name\nA2,Bob\n")),
    normalizing(
        "of a few, with values that are refused and keys that are taken",
        graded(PUPILS + "b1,No,,x?,\nB1,Taken,,,\n"),
        imported("code,name\nA2,Bob\n"),
        "name != Ann",
    ),
    *map(reshaping, CHANGES_OF_SCHEMA),
    reshaping("of kinds", lambda shop: shop.delete("C2")),
    redoing("of the second undo", after(with_three, undone(), lambda shop: shop.redo(1), undone(1)), 1, another_c2),
]
"""Each producer's ways to make a plan. A new producer needs one here, and a function like those above."""

for_every_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)


@pytest.fixture(autouse=True)
def older_rules(tmp_path: Path) -> Iterator[None]:
    """A kind whose rules are upgraded, still with the older ones."""
    grades.use(tmp_path, 1)
    yield
    grades.remove()


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Case, Path], Shop]:
    """Makes the case's store in a folder, brought to where its plan can be made: a copy of one that was made once."""
    made: dict[Case, Shop] = {}

    def make(case: Case, folder: Path) -> Shop:
        if case.schema == grades.SCHEMA:  # which leaves newer rules behind, in this process
            shop = Shop(folder, case.schema)
            case.prepare(shop)
            return shop
        if case not in made:
            made[case] = Shop(tmp_path_factory.mktemp("case") / "shop", case.schema)
            case.prepare(made[case])
        return made[case].copy_to(folder)

    return make


@pytest.fixture
def ready(case: Case, prepared: Callable[[Case, Path], Shop], tmp_path: Path) -> Shop:
    """The case's store, brought to where its plan can be made."""
    return prepared(case, tmp_path / "shop")


def applied(shop: Shop, case: Case) -> Report:
    with shop.session() as session:
        return session.run(case.plan(shop, session), PLENTY)


def saved(shop: Shop, case: Case) -> str:
    with shop.session() as session:
        file = case.plan(shop, session)
        plan = file.plan
        file.settle()
        return plan.id


def written(shop: Shop, event: int) -> dict[Op, int]:
    found = dict(shop.rows("SELECT op, count(*) FROM _change WHERE event = ? GROUP BY op", event))
    return {op: found.get(op, 0) for op in Op}


# --- the register ---------------------------------------------------------------------------------------------------


def test_every_producer_has_a_case_here() -> None:
    assert {case.producer for case in CASES} == set(PRODUCERS)


@pytest.mark.parametrize("producer", PRODUCERS)
def test_a_producer_is_the_function_that_the_register_names(producer: str) -> None:
    module, _, function = PRODUCERS[producer].partition(":")
    assert callable(getattr(importlib.import_module(module), function))


@for_every_case
def test_a_plan_says_which_producer_made_it(case: Case, ready: Shop) -> None:
    with ready.session() as session:
        file = case.plan(ready, session)
        assert file.plan.verb == case.producer
        assert not file.plan.empty, "a case whose plan changes nothing proves nothing"
        file.drop()


def commands(group: typer.Typer, path: str = "") -> Iterator[tuple[str, FunctionType]]:
    """The commands of an app: the words they are called by, and their functions."""
    for registered in group.registered_commands:
        assert registered.callback is not None
        name = "" if path == f"{registered.name} " else registered.name  # it may stand for its group
        yield f"{path}{name}".strip(), inspect.unwrap(registered.callback)  # type: ignore[misc]
    for sub in group.registered_groups:
        assert sub.typer_instance is not None
        yield from commands(sub.typer_instance, f"{path}{sub.name} ")


def carries_out(function: FunctionType) -> bool:
    """Whether a function of the face, or one of the face that it calls, gives a plan to the session (`session.run`)."""
    left: list[tuple[CodeType, dict[str, Any]]] = [(function.__code__, function.__globals__)]
    seen: set[CodeType] = set()
    while left:
        code, known = left.pop()
        if "session" in (*code.co_names, *code.co_varnames) and calls_run(code):
            return True
        seen.add(code)
        called = [known.get(name) for name in code.co_names] + list(imported_from_the_face(code))
        called += [method for kind in called if isinstance(kind, type) for method in vars(kind).values()]
        found = [(one.__code__, one.__globals__) for one in called if isinstance(one, FunctionType)]
        left += [one for one in found if one[0] not in seen]
    return False


def calls_run(code: CodeType) -> bool:
    """Whether something's method `run` is called: a field of that name is none, nor is that of subprocess."""
    steps = [step for step in dis.get_instructions(code) if step.argval == "run"]
    called = any(step.opname == "LOAD_METHOD" or "NULL|self" in step.argrepr for step in steps)
    return called and "subprocess" not in code.co_names


def imported_from_the_face(code: CodeType) -> Iterator[object]:
    """What a function imports from other modules of the face as it runs."""
    module = None
    for step in dis.get_instructions(code):
        if step.opname == "IMPORT_NAME":
            inside = str(step.argval).startswith("custrec.cli.")
            module = importlib.import_module(step.argval) if inside else None
        elif step.opname == "IMPORT_FROM" and module is not None:
            yield getattr(module, step.argval, None)


def test_every_command_that_writes_names_its_producer() -> None:
    writing = {words: function for words, function in commands(app_for()) if carries_out(function)}
    assert {"import", "undo", "redo", "plan apply", "add", "tag add"} <= set(writing)
    assert set(writing.values()) == set(running.WRITERS)
    assert set(running.WRITERS.values()) <= set(PRODUCERS)


def test_a_writing_command_without_a_registered_producer_cannot_be_defined() -> None:
    here, before = typer.Typer(), dict(running.WRITERS)
    with pytest.raises(ValueError, match="erase everything"):
        running.command(here, "oops", examples=[], writes="erase everything")
    assert before == running.WRITERS
    assert not here.registered_commands


# --- the laws -------------------------------------------------------------------------------------------------------


@for_every_case
def test_making_a_plan_writes_nothing_to_the_store(case: Case, ready: Shop) -> None:
    before = ready.digest()
    with ready.session() as session:
        file = case.plan(ready, session)
        assert ready.digest() == before
        file.drop()
    assert ready.digest() == before
    assert ready.leftovers() == []


@for_every_case
def test_apply_then_undo_is_as_if_nothing_had_happened(case: Case, ready: Shop) -> None:
    before = ready.tables()
    if not case.reversible:
        return
    report = applied(ready, case)
    assert report.event is not None
    then = ready.tables()
    assert then != before
    assert ready.faults() == []
    assert ready.undo(report.event.id).event is not None
    assert ready.tables() == before
    assert ready.faults() == []
    assert ready.redo(report.event.id).event is not None
    assert ready.tables() == then
    assert ready.faults() == []
    assert ready.leftovers() == []


@for_every_case
def test_what_destroys_cannot_be_undone_and_leaves_a_chain_that_verifies(case: Case, ready: Shop) -> None:
    if case.reversible:
        return
    report = applied(ready, case)
    assert report.event is not None
    assert report.wiped is not None
    assert report.wiped.done
    assert ready.faults() == []
    before = ready.digest()
    for event in (None, report.event.id):
        with pytest.raises(ErasureIsFinal):
            ready.undo(event)
    assert ready.digest() == before
    assert ready.leftovers() == []


@for_every_case
def test_the_same_plan_twice_is_refused(case: Case, ready: Shop) -> None:
    plan = saved(ready, case)
    plans = ready.folder / "custrec.plans"
    shutil.copytree(plans, ready.folder / "aside")
    event = ready.apply_saved(plan).event
    assert event is not None
    assert event.plan == plan
    shutil.copytree(ready.folder / "aside", plans, dirs_exist_ok=True)
    before = ready.digest()
    with pytest.raises(PlanApplied) as refused:
        ready.apply_saved(plan)
    assert refused.value.params["event"] == event.id
    assert ready.digest() == before


@for_every_case
def test_the_summary_counts_what_is_written(case: Case, ready: Shop) -> None:
    rows = sum(map(len, ready.tables().values()))
    report = applied(ready, case)
    assert report.event is not None
    counts = report.plan.counts
    expected = {Op.INSERT: counts.insert, Op.UPDATE: counts.update, Op.DELETE: counts.delete}
    assert written(ready, report.event.id) == expected
    assert sum(map(len, ready.tables().values())) == rows + counts.insert - counts.delete
    assert report.event.counts == counts.as_dict()
    if case.producer == "import":  # where a row of the file is a record; an answer says several things of one
        parts = (counts.insert, counts.update, counts.same, counts.collapsed, counts.rejected, counts.skipped)
        assert counts.read == sum(parts) - counts.recalled


@for_every_case
def test_a_plan_that_was_saved_does_what_it_would_have_done_at_once(
    case: Case, ready: Shop, prepared: Callable[[Case, Path], Shop], tmp_path: Path
) -> None:
    twin = prepared(case, tmp_path / "twin")
    at_once = applied(twin, case)
    later = ready.apply_saved(saved(ready, case))
    assert ready.tables() == twin.tables()
    assert later.plan.counts == at_once.plan.counts
    assert ready.faults() == []


@for_every_case
def test_a_dry_run_counts_as_the_real_run_does(case: Case, ready: Shop) -> None:
    with ready.session() as session:
        file = case.plan(ready, session)
        dry = file.plan
        file.drop()
    real = applied(ready, case).plan
    assert (dry.counts, dry.rules, dry.tables) == (real.counts, real.rules, real.tables)


@for_every_case
def test_a_plan_whose_records_moved_is_refused_and_changes_nothing(case: Case, ready: Shop) -> None:
    plan = saved(ready, case)
    case.move(ready)
    before = ready.digest()
    with pytest.raises(StalePlan):
        ready.apply_saved(plan)
    assert ready.digest() == before
    assert ready.faults() == []


@for_every_case
def test_record_ids_are_never_given_twice(case: Case, ready: Shop) -> None:
    report = applied(ready, case)
    assert report.event is not None
    if case.reversible:
        ready.undo(report.event.id)
        case.move(ready)
    given = ready.ids_given()
    assert len(given) == len(set(given))
    for table, record in given:
        assert ready.rows("SELECT next > ? FROM _sequence WHERE tbl = ?", record, table) == [(1,)]


# --- the laws of review and refresh ---------------------------------------------------------------------------------


def decided(shop: Shop, plan: str, reject_every: int) -> int:
    """Review a saved plan: every so many changes are rejected, the others approved; returns how many were rejected."""
    with shop.session("reviewer") as session, WaitingPlans(session).reviewing(plan) as review:
        for number, row in enumerate(list(review.rows.all())):
            if number % reject_every == 0:
                review.reject(row)
        review.approve_rest()
        assert review.tally().open == 0
        return review.tally().rejected


def is_whole(shop: Shop, plan: str) -> bool:
    """Whether a saved plan is one thing; then it can be neither reviewed nor made again, and waits as it was."""
    with shop.session("reviewer") as session:
        file = WaitingPlans(session).named(plan)
        whole = file.plan.whole
        file.close()
        if whole:
            with pytest.raises(UsageError, match="as a whole"), WaitingPlans(session).reviewing(plan):
                pass
            with pytest.raises(UsageError, match="as a whole"):
                WaitingPlans(session).refresh(plan)
    return whole


@for_every_case
def test_a_plan_that_is_one_thing_is_applied_after_it_was_refused_to_be_taken_apart(
    case: Case, ready: Shop, prepared: Callable[[Case, Path], Shop], tmp_path: Path
) -> None:
    plan = saved(ready, case)
    if is_whole(ready, plan):
        twin = prepared(case, tmp_path / "twin")
        applied(twin, case)
        ready.apply_saved(plan)
        assert ready.tables() == twin.tables()
    else:
        assert case.producer not in WHOLE


@for_every_case
def test_a_plan_that_was_approved_does_what_it_would_have_done_at_once(
    case: Case, ready: Shop, prepared: Callable[[Case, Path], Shop], tmp_path: Path
) -> None:
    twin = prepared(case, tmp_path / "twin")
    applied(twin, case)
    plan = saved(ready, case)
    if is_whole(ready, plan):
        return
    assert decided(ready, plan, 1_000_000) == 1
    with ready.session("reviewer") as session, WaitingPlans(session).reviewing(plan) as review:
        row = next(iter(review.rows.all()))
        review.approve(row)
    report = ready.apply_saved(plan)
    assert ready.tables() == twin.tables()
    assert report.plan.detail["reviewed"][0]["actor"] == "reviewer"
    assert ready.leftovers() == []
    assert ready.faults() == []


@for_every_case
@pytest.mark.parametrize("reject_every", [1, 2, 3])
def test_a_reviewed_plan_leaves_out_what_was_rejected_and_obeys_the_laws(
    case: Case, ready: Shop, reject_every: int
) -> None:
    before = ready.tables()
    plan = saved(ready, case)
    if is_whole(ready, plan):
        return
    rejected = decided(ready, plan, reject_every)
    report = ready.apply_saved(plan)
    counts = report.plan.counts
    assert counts.declined >= rejected
    assert ready.faults() == []
    assert ready.leftovers() == []
    if report.event is None:
        assert ready.tables() == before
        return
    expected = {Op.INSERT: counts.insert, Op.UPDATE: counts.update, Op.DELETE: counts.delete}
    assert written(ready, report.event.id) == expected
    if report.plan.source:
        parts = (counts.insert, counts.update, counts.same, counts.collapsed, counts.rejected, counts.skipped)
        assert counts.read == sum(parts) - counts.recalled + counts.declined
    then = ready.tables()
    ready.undo(report.event.id)
    assert ready.tables() == before
    ready.redo(report.event.id)
    assert ready.tables() == then
    assert ready.faults() == []


@for_every_case
def test_a_plan_that_was_refreshed_can_be_applied_and_writes_over_nothing_that_moved(case: Case, ready: Shop) -> None:
    plan = saved(ready, case)
    if is_whole(ready, plan):
        return
    was = ready.tables()
    case.move(ready)
    before = ready.tables()
    moved = {
        (table, record[0], place): value
        for table, records in before.items()
        for record in records
        for place, value in enumerate(record)
        if record not in was[table] and value != {one[0]: one for one in was[table]}.get(record[0], record)[place]
    }
    with ready.session() as session:
        refreshed = WaitingPlans(session).refresh(plan)
    report = ready.apply_saved(plan)
    assert refreshed.moved
    after = {table: {one[0]: one for one in records} for table, records in ready.tables().items()}
    for (table, record, place), value in moved.items():
        assert after[table][record][place] == value
    assert ready.faults() == []
    assert ready.leftovers() == []
    if report.event is not None:
        counts = report.plan.counts
        expected = {Op.INSERT: counts.insert, Op.UPDATE: counts.update, Op.DELETE: counts.delete}
        assert written(ready, report.event.id) == expected
        ready.undo(report.event.id)
    assert ready.tables() == before


@for_every_case
def test_a_plan_whose_records_did_not_move_is_the_same_when_it_was_refreshed(
    case: Case, ready: Shop, prepared: Callable[[Case, Path], Shop], tmp_path: Path
) -> None:
    twin = prepared(case, tmp_path / "twin")
    applied(twin, case)
    plan = saved(ready, case)
    if is_whole(ready, plan):
        return
    with ready.session() as session:
        assert WaitingPlans(session).refresh(plan).moved == 0
    ready.apply_saved(plan)
    assert ready.tables() == twin.tables()
