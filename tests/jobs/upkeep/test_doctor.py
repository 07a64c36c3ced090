"""The doctor: what each check finds, what it mends, and what its report keeps to itself."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from custrec.errors import SettingsInvalid
from custrec.jobs.upkeep.diagnosis import Finding, Level, admit, lasting, megabytes
from custrec.jobs.upkeep.doctor import AROUND, WITHIN, examine, fix, report, worst
from custrec.store.upkeep import Caretaker
from shops import NOW, Shop

BY = Caretaker("tester", "doctor", 1)


def found(shop: Shop, full: bool = False) -> dict[str, Finding]:
    """What was found, without what is well."""
    patient = admit(shop.path, NOW + timedelta(days=1), full)
    try:
        return {one.check: one for one in examine(patient) if one.level is not Level.OK}
    finally:
        if patient.store:
            patient.store.close()


def mend(shop: Shop, full: bool = False) -> list[str]:
    patient = admit(shop.path, NOW, full)
    try:
        return list(fix(patient, BY))
    finally:
        if patient.store:
            patient.store.close()


@pytest.fixture
def used(shop: Shop) -> Shop:
    """A shop in which something was imported."""
    shop.import_csv("no,name,city\nC1,Ann Lee,Paris\nC2,张伟,深圳\n")
    shop.import_csv("no,text\nC1,hello\n", "notes")
    return shop


def test_all_is_well_in_a_new_store_and_in_one_that_is_used(shop: Shop) -> None:
    assert found(shop) == {}
    shop.import_csv("no,name\nC1,Ann Lee\n")
    assert found(shop, full=True) == {}
    assert mend(shop) == []
    patient = admit(shop.path, NOW)
    assert {one.check for one in examine(patient)} >= {*WITHIN, *AROUND} - {"companions"}
    assert worst(examine(patient)) is Level.OK


def by_hand(statement: str) -> Callable[[Shop], None]:
    """Somebody changes the store with another program."""

    def change(shop: Shop) -> None:
        with closing(sqlite3.connect(shop.path)) as other:
            other.execute(statement)
            other.commit()

    return change


def index_gone(shop: Shop) -> None:
    for tail in ("", "-wal", "-shm"):
        (shop.folder / f"custrec.derived.db{tail}").unlink(missing_ok=True)


def index_damaged(shop: Shop) -> None:
    index_gone(shop)
    place = shop.folder / "custrec.derived.db"
    place.write_bytes(b"garbage" * 1000)
    place.chmod(0o600)


def readable_store(shop: Shop) -> None:
    shop.path.chmod(0o644)


def readable_folder(shop: Shop) -> None:
    (shop.folder / "custrec.plans").mkdir(exist_ok=True)
    (shop.folder / "custrec.plans").chmod(0o755)


def readable_archive(shop: Shop) -> None:
    (shop.folder / "custrec.archive").mkdir()
    (shop.folder / "custrec.archive").chmod(0o755)


def readable_key(shop: Shop) -> None:
    (shop.folder / "custrec.confirm-key").write_text("00" * 32)
    (shop.folder / "custrec.confirm-key").chmod(0o644)


def readable_copy(shop: Shop) -> None:
    (shop.folder / "custrec.before-event-3.db").write_text("x")
    (shop.folder / "custrec.before-event-3.db").chmod(0o644)


def killed_plan(shop: Shop) -> None:
    folder = shop.folder / "custrec.plans"
    folder.mkdir(mode=0o700, exist_ok=True)
    for name in ("p00000001.db", "p00000001.4194303.making"):
        (folder / name).write_text("x")


def killed_writer(shop: Shop) -> None:
    (shop.folder / "custrec.writer").write_text(json.dumps({"pid": 4_194_303, "actor": "li", "verb": "import"}))


def killed_list(shop: Shop) -> None:
    folder = shop.folder / "custrec.rejects"
    folder.mkdir(mode=0o700, exist_ok=True)
    for name in ("p00000001.csv", ".1.csv.abcdef.part"):
        (folder / name).write_text("x")
        os.utime(folder / name, (time.time() - 90_000,) * 2)


@pytest.mark.parametrize(
    ("trouble", "check"),
    [
        (by_hand("DROP TRIGGER _guard_customers_insert"), "layout"),
        (by_hand("DROP INDEX _unique_1_4"), "layout"),
        (by_hand("DROP VIEW notes_live"), "layout"),
        (by_hand("PRAGMA journal_mode = DELETE"), "store"),
        (index_gone, "search"),
        (index_damaged, "search"),
        (readable_store, "modes"),
        (readable_folder, "modes"),
        (readable_archive, "modes"),
        (readable_key, "modes"),
        (readable_copy, "modes"),
        (killed_plan, "leftovers"),
        (killed_writer, "leftovers"),
        (killed_list, "leftovers"),
    ],
    ids=lambda value: getattr(value, "__name__", value),
)
def test_what_can_be_mended_is_found_and_mended(used: Shop, trouble: Callable[[Shop], None], check: str) -> None:
    records = used.tables()
    trouble(used)
    before = found(used)
    assert {name: (one.level, one.fixable) for name, one in before.items()} == {check: (Level.WARN, True)}
    assert before[check].do == "custrec doctor --fix"
    assert mend(used)
    assert found(used) == {}
    assert mend(used) == []
    assert used.tables() == records
    assert used.faults() == []


def no_parent(shop: Shop) -> None:
    shop.tamper("UPDATE notes SET no = 99")
    mend(shop)


def other_table(shop: Shop) -> None:
    shop.tamper("ALTER TABLE customers ADD COLUMN more TEXT")
    mend(shop)


def page_lost(shop: Shop) -> None:
    with closing(sqlite3.connect(shop.path)) as other:
        (root,) = other.execute("SELECT rootpage FROM sqlite_schema WHERE name = '_change_record'").fetchone()
        other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    whole = bytearray(shop.path.read_bytes())
    whole[(root - 1) * 4096 : root * 4096] = b"\xa5" * 4096
    shop.path.write_bytes(whole)


@pytest.mark.parametrize(
    ("trouble", "check", "words"),
    [
        (no_parent, "references", "notes #1"),
        (other_table, "layout", "customers"),
        (page_lost, "integrity", "SQLite finds damage"),
    ],
)
def test_what_cannot_be_mended_is_bad_and_stays(
    used: Shop, trouble: Callable[[Shop], None], check: str, words: str
) -> None:
    trouble(used)
    one = found(used)[check]
    assert (one.level, one.fixable) == (Level.BAD, False)
    assert words in one.says
    assert one.do
    mend(used)
    assert found(used)[check].level is Level.BAD


def test_a_trigger_of_somebody_else_is_told_but_a_view_is_not(used: Shop) -> None:
    by_hand("CREATE VIEW mine AS SELECT 1")(used)
    assert found(used) == {}
    by_hand("CREATE TRIGGER evil AFTER UPDATE ON customers BEGIN SELECT 1; END")(used)
    assert (found(used)["layout"].level, found(used)["layout"].fixable) == (Level.WARN, False)


def test_an_older_copy_of_the_store_is_told_by_its_search_index_and_that_is_kept(used: Shop) -> None:
    with closing(sqlite3.connect(used.path)) as other:
        other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    shutil.copy(used.path, used.folder / "copy.db")
    used.import_csv("no,name\nC3,Cy Ito\n")
    for tail in ("-wal", "-shm"):
        (used.folder / f"custrec.db{tail}").unlink(missing_ok=True)
    shutil.move(used.folder / "copy.db", used.path)
    for _ in range(2):
        one = found(used)["newest"]
        assert (one.level, "knows event 3, and the store ends at 2" in one.says) == (Level.BAD, True)
        mend(used)


def test_a_log_without_its_store_is_told(used: Shop) -> None:
    used.path.rename(used.folder / "elsewhere.db")
    (used.folder / "custrec.db-wal").write_bytes(b"x")
    said = found(used)
    assert (said["store"].level, said["companions"].level) == (Level.BAD, Level.BAD)
    assert "custrec.db-wal lies there without its store" in said["companions"].says


def test_a_store_that_cannot_be_opened_is_bad_and_the_rest_is_looked_at(used: Shop) -> None:
    used.path.write_bytes(b"garbage" * 1000)
    said = list(examine(admit(used.path, NOW)))
    assert (said[0].check, said[0].level) == ("store", Level.BAD)
    assert {one.check for one in said} >= {"modes", "leftovers", "versions"}


@pytest.mark.parametrize("statement", ["DROP TABLE _schema", "DELETE FROM _schema", "UPDATE _schema SET text = '[]'"])
def test_a_store_without_a_readable_schema_is_bad(used: Shop, statement: str) -> None:
    used.tamper(statement)
    assert found(used)["store"].level is Level.BAD


def test_a_clock_that_is_behind_is_told(used: Shop) -> None:
    patient = admit(used.path, NOW - timedelta(days=3, hours=5))
    (one,) = (one for one in examine(patient) if one.check == "clock")
    assert (one.level, "3 days behind the last event" in one.says) == (Level.WARN, True)


def test_the_place_is_told(used: Shop) -> None:
    (used.folder / ".stfolder").mkdir()
    assert "Syncthing" in found(used)["place"].says


def test_schema_and_settings_are_read(used: Shop) -> None:
    schema = used.folder / "schema.yaml"
    schema.write_text(schema.read_text().replace("name: city", "name: town"))
    assert "says something else" in found(used)["schema"].says
    schema.write_text("tables: [")
    assert "schema.yaml has 1 fault" in found(used)["schema"].says
    patient = admit(used.path, NOW, settings=[SettingsInvalid(name="custrec.yaml", count=2)])
    (one,) = (one for one in examine(patient) if one.check == "settings")
    assert (one.level, "custrec.yaml has 2 faults" in one.says) == (Level.WARN, True)


def test_kinds_that_judge_otherwise_since_an_import_are_told_until_it_is_normalised(used: Shop) -> None:
    used.tamper("UPDATE _event SET detail = json_set(detail, '$.kinds.person_name', 0) WHERE id = 1")
    mend(used)
    one = found(used)["rules"]
    assert (one.level, one.do) == (Level.WARN, "see what would change: custrec normalize -n")
    assert "person_name 0 → " in one.says
    used.tamper(
        "INSERT INTO _event SELECT 3, at, actor, 'normalize', note, source, sha256, 'p3', schema, undoes, "
        "json_object('judged', json_array('customers'), 'kinds', json_object()), counts, 0, digest "
        "FROM _event WHERE id = 1"
    )
    mend(used)
    assert "rules" not in found(used)


def test_a_kind_that_no_package_brings_is_bad(used: Shop) -> None:
    used.tamper("UPDATE _schema SET text = replace(text, 'person_name', 'star_sign')")
    one = found(used)["kinds"]
    assert (one.level, "star_sign (customers.name)" in one.says) == (Level.BAD, True)


PERSONAL = ("Ann Lee", "Paris", "张伟", "深圳", "hello", "tester", "file1.csv", "secret")


def test_a_report_holds_nothing_of_anybody(tmp_path: Path) -> None:
    shop = Shop(
        tmp_path / "secret-shop",
        "version: 1\ntables:\n  - name: people\n    title: secret\n    primaryKey: [no]\n    fields:\n"
        "      - {name: no, type: string, aliases: [secret]}\n      - {name: name, kind: person_name}\n"
        "      - {name: city, type: string, description: secret, constraints: {enum: [Paris, 深圳, secret]}}\n"
        "      - {name: code, type: string, constraints: {pattern: secret}}\n"
        "    checks: [{rule: 'no != secret', message: secret}]\n",
    )
    shop.import_csv("no,name,city\nC1,Ann Lee,Paris\nC2,张伟,深圳\n")
    shop.path.chmod(0o644)
    (shop.folder / "schema.yaml").write_text("secret: [")
    patient = admit(shop.path, NOW, settings=[SettingsInvalid(name="secret.yaml", count=1)])
    said = report(patient, list(examine(patient)))
    text = json.dumps(said, ensure_ascii=False)
    assert [word for word in (*PERSONAL, str(tmp_path)) if word in text] == []
    (table,) = said["tables"]
    assert (table["name"], table["records"]) == ("people", {"active": 2})
    assert table["fields"][0] == {"name": "no", "kind": "text", "type": "string", "key": True, "required": True}
    assert table["fields"][2]["enum"] == 3
    assert {"check": "modes", "level": "warn"} in said["findings"]


def test_a_report_can_be_made_of_what_cannot_be_opened(used: Shop) -> None:
    used.path.write_bytes(b"")
    patient = admit(used.path, NOW)
    said = report(patient, examine(patient))
    assert said["trouble"] == "not-a-store"
    assert "tables" not in said


def test_sizes_and_spans_are_told_in_their_largest_unit() -> None:
    sizes = (0, 999, 1000, 81_920, 999_600, 412_345_678, 80.6e9)
    told = ["0 bytes", "999 bytes", "1 kB", "81.9 kB", "1 MB", "412 MB", "80.6 GB"]
    assert [megabytes(size) for size in sizes] == told
    spans = (timedelta(seconds=59), timedelta(minutes=1), timedelta(hours=47), timedelta(days=2))
    assert [lasting(span) for span in spans] == ["less than a minute", "1 minute", "1 day", "2 days"]
