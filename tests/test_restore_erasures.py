"""No restore of an older backup brings back whom somebody erased, and no ledger means no restore."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from custrec.errors import LedgerDamaged, LedgerTooOld
from custrec.files import ledger_file
from custrec.files.age import identities_in
from custrec.jobs.backups.creating import BackupRequest, create_backup
from custrec.jobs.backups.erased import LedgerSearch
from custrec.jobs.backups.keys import Founding, found_keys
from custrec.jobs.backups.places import FolderPlace
from custrec.jobs.backups.records import RecordsRequest, plan_restore_records
from custrec.jobs.backups.restoring import Restored, RestoreRequest, restore
from custrec.jobs.backups.targets import backups_in, default_target
from custrec.model.ledger import Head
from shops import PLENTY, RunCustrec, Shop
from test_erasure import CANARIES, FIRST, NOTES, SCHEMA

AT = "2026-06-01T08:00:00Z"


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    """A shop with customers and notes, and keys for backups."""
    made = Shop(tmp_path / "shop", SCHEMA)
    made.import_csv(FIRST)
    made.import_csv(NOTES, "notes")
    found_keys(made.path, Founding(made.folder / "key", lonely=True), AT, "me", lambda _: "")
    return made


def backed_up(shop: Shop) -> int:
    """Make a backup, put it into the history; its generation."""
    with shop.session() as session:
        made = create_backup(session.store, BackupRequest([FolderPlace(default_target(shop.path))], AT, "me"))
        session.record("backup", {"generation": made.manifest.generation})
    assert made.sent.failures == []
    return made.manifest.generation


def restored(shop: Shop, generation: int, name: str = "old.db", **more: object) -> tuple[Shop, Restored]:
    """Restore a backup beside the store; the shop with that one."""
    known = backups_in([FolderPlace(default_target(shop.path))], shop.path)
    (backup,) = [one for one in known if one.generation == generation]
    request = RestoreRequest(backup, shop.path, shop.folder / name, AT, 1, actor="me", **more)  # type: ignore[arg-type]
    done = restore(request, identities_in(shop.folder / "key", lambda _: ""), known)
    other = shop.copy_to(shop.folder.parent / f"of-{name}-{generation}")
    other.path = other.folder / name
    return other, done


def canaries_in(path: Path) -> list[str]:
    raw = path.read_bytes()
    both = raw + raw.lower()
    return [word for word in CANARIES if word.encode() in both]


def test_an_older_backup_comes_back_without_whom_was_purged_since(shop: Shop) -> None:
    first = backed_up(shop)
    shop.purge("X1", "X2")
    backed_up(shop)
    other, done = restored(shop, first)
    assert (done.buried.again.destroyed, done.buried.lost) == (4, 0)
    assert [row[2] for row in other.tables()["customers"]] == ["C1", "C2", "C3"]
    assert len(other.tables()["notes"]) == 2
    assert canaries_in(other.path) == []
    assert other.faults() == []


def test_the_store_that_is_replaced_gives_out_no_number_of_who_was_erased(shop: Shop) -> None:
    first = backed_up(shop)
    shop.import_csv("no,name\nX9,Zebedeequux Late\n")
    shop.purge("X9")
    known = backups_in([FolderPlace(default_target(shop.path))], shop.path)
    request = RestoreRequest(known[0], shop.path, shop.path, AT, 1, replaces=True, actor="me")
    assert known[0].generation == first
    restore(request, identities_in(shop.folder / "key", lambda _: ""), known)
    shop.import_csv("no,name\nN1,New One\n")
    assert max(row[0] for row in shop.tables()["customers"]) == 7
    assert shop.faults() == []


def test_a_survivor_gets_back_what_it_held_before_it_took_values_of_the_erased(shop: Shop) -> None:
    shop.merge("C1", "X1")
    shop.merge("C2", "X2")
    merged = backed_up(shop)
    shop.split("C1")
    shop.split("C2")
    before = {row[2]: row[3:] for row in shop.tables()["customers"]}
    shop.purge("X1", "X2")
    backed_up(shop)
    other, done = restored(shop, merged)
    after = {row[2]: row[3:] for row in other.tables()["customers"]}
    assert after == {key: before[key] for key in ("C1", "C2", "C3")}
    assert done.buried.again.loosened >= 2
    assert canaries_in(other.path) == []
    assert other.faults() == []


def test_what_hung_on_the_erased_then_and_was_moved_away_since_is_cut_loose_and_stays(shop: Shop) -> None:
    first = backed_up(shop)
    shop.edit("notes#2", no="C1")
    shop.merge("C3", "X2")
    shop.split("C3")
    shop.purge("X1")
    other, done = restored(shop, first)
    notes = {row[0]: row[2] for row in other.tables()["notes"]}
    assert notes[2] is None
    assert 1 not in notes
    assert done.buried.again.loosened == 1
    assert other.faults() == []


def test_who_was_merged_into_the_erased_stands_for_himself_again(shop: Shop) -> None:
    shop.merge("X1", "C3")
    first = backed_up(shop)
    shop.split("X1")
    shop.purge("X1")
    other, _ = restored(shop, first)
    assert {row[2]: row[1] for row in other.tables()["customers"]}["C3"] == 0
    assert other.faults() == []


def test_anonymised_fields_stay_blank(shop: Shop) -> None:
    first = backed_up(shop)
    shop.anonymise("name phone email code address marks", "X1")
    other, done = restored(shop, first)
    row = next(row for row in other.tables()["customers"] if row[2] == "X1")
    assert set(row[3:]) == {None}
    assert done.buried.again.blanked == 1
    assert not set(canaries_in(other.path)) & {"zebedeequux", "quuxfield", "zq7788", "quuxlane"}
    assert other.faults() == []


def test_without_a_ledger_as_new_as_the_newest_backup_nothing_is_restored(shop: Shop) -> None:
    first = backed_up(shop)
    shop.purge("X1")
    backed_up(shop)
    older = shop.folder / "custrec.ledger"
    lines = older.read_text(encoding="utf-8").splitlines(keepends=True)
    for place in (older, default_target(shop.path) / "custrec.ledger"):
        place.write_text(lines[0], encoding="utf-8")
    with pytest.raises(LedgerTooOld):
        restored(shop, first)
    assert not (shop.folder / "old.db").exists()
    other, done = restored(shop, first, search=LedgerSearch(lost=True))
    assert done.buried.lost == 3
    assert "X1" in [row[2] for row in other.tables()["customers"]]


def test_the_copy_beside_the_backups_is_enough_on_another_machine(shop: Shop, tmp_path: Path) -> None:
    first = backed_up(shop)
    shop.purge("X1")
    backed_up(shop)
    shutil.move(default_target(shop.path), tmp_path / "usb")
    for name in ("custrec.ledger", "custrec.ledger-key", "custrec.db"):
        (shop.folder / name).unlink()
    known = backups_in([FolderPlace(tmp_path / "usb")], shop.path)
    (backup,) = [one for one in known if one.generation == first]
    request = RestoreRequest(backup, shop.path, shop.path, AT, 1, actor="me")
    done = restore(request, identities_in(shop.folder / "key", lambda _: ""), known)
    assert done.buried.again.destroyed == 3
    assert {path.name for path in done.companions} >= {"custrec.ledger", "custrec.ledger-key"}
    assert "X1" not in [row[2] for row in shop.tables()["customers"]]
    shop.purge("X2")
    assert ledger_file.check(shop.folder / "custrec.ledger").head.position == 4


@pytest.mark.parametrize("how", ["an entry", "a batch", "the end"])
def test_a_ledger_that_was_altered_or_cut_short_is_noticed(shop: Shop, how: str) -> None:
    first = backed_up(shop)
    shop.purge("X1")
    shop.purge("X2")
    path = shop.folder / "custrec.ledger"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    if how == "an entry":
        lines[1] = lines[1].replace('"record":3', '"record":1')
    elif how == "a batch":
        lines = [lines[0], *lines[5:]]
    else:
        lines = lines[:-2]
    path.write_text("".join(lines), encoding="utf-8")
    with pytest.raises(LedgerTooOld):
        restored(shop, first)
    if how != "the end":
        with pytest.raises(LedgerDamaged):
            ledger_file.check(path)


def test_a_line_that_was_torn_by_a_crash_is_cut_off_and_written_again(shop: Shop) -> None:
    shop.purge("X1")
    path = shop.folder / "custrec.ledger"
    whole = path.read_bytes()
    path.write_bytes(whole + b'{"at":"2026-06-01T')
    assert ledger_file.tail_of(path) == ledger_file.Tail(ledger_file.check(path).head, len(whole))
    shop.purge("X2")
    assert path.read_bytes().startswith(whole)
    assert ledger_file.check(path).head.position == 4
    assert ledger_file.seal_at(path, 0) == Head().digest


def test_single_records_of_a_backup_do_not_bring_the_erased_back(shop: Shop) -> None:
    backed_up(shop)
    shop.purge("X1")
    shop.anonymise("name phone", "X2")
    with shop.session() as session:
        (backup,) = backups_in([FolderPlace(default_target(shop.path))], shop.path)
        keys = identities_in(shop.folder / "key", lambda _: "")
        names = ["X1", "X2", "notes#1", "C1"]
        file = plan_restore_records(session.store, RecordsRequest(backup, names), keys, session.draft())
        assert (file.plan.counts.blocked, file.plan.counts.same, file.plan.counts.changes) == (3, 1, 0)
        file.drop()


def test_a_backup_that_is_made_before_the_wipe_copies_no_freed_pages(shop: Shop) -> None:
    with shop.session() as session:
        reader = session.store.reader
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM customers").fetchone()
        report = shop.purge("X1")
        assert report.wiped is not None
        assert not report.wiped.done
        reader.execute("ROLLBACK")
    generation = backed_up(shop)
    other, _ = restored(shop, generation)
    assert not set(canaries_in(other.path)) & {"zebedeequux", "quuxfield", "zq7788"}
    assert other.faults() == []


def test_the_next_command_finishes_what_a_reader_held_up(shop: Shop) -> None:
    certificates = shop.folder / "custrec.certificates"
    with shop.session() as session:
        reader = session.store.reader
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM customers").fetchone()
        report = shop.purge("X1")
        assert report.wiped is not None
        assert report.wiped.hindrances == ["somebody reads or writes the store"]
        assert not certificates.exists()
        reader.execute("ROLLBACK")
    done = shop.import_csv("no,name\nC8,New One\n")
    assert done.wiped is not None
    assert done.wiped.done
    assert sorted(path.name for path in certificates.iterdir()) == ["event-000003.json", "event-000003.txt"]
    assert shop.rows("SELECT name FROM sqlite_schema WHERE name LIKE '_wiping%'") == []
    assert "zebedeequux" not in canaries_in(shop.path)
    assert shop.import_csv("no,name\nC9,Newer One\n", consent=PLENTY).wiped is None


def test_a_purge_puts_the_ledger_beside_the_backups_at_once(shop: Shop, run_custrec: RunCustrec) -> None:
    first = backed_up(shop)
    assert run_custrec("purge", "X1", "--confirm", "3", "--store", shop.path).code == 0
    copy = default_target(shop.path) / "custrec.ledger"
    assert copy.read_bytes() == (shop.folder / "custrec.ledger").read_bytes()
    (shop.folder / "custrec.ledger").unlink()
    other, done = restored(shop, first)
    assert done.buried.again.destroyed == 3
    assert "X1" not in [row[2] for row in other.tables()["customers"]]


def test_who_shares_a_phone_with_the_erased_is_named_and_stays(shop: Shop) -> None:
    shop.import_csv("no,name,phone\nC7,Somebody Else,13877665544\n")
    first = backed_up(shop)
    shop.purge("X1")
    other, done = restored(shop, first)
    assert done.buried.recognised == {"customers": [6]}
    assert "C7" in [row[2] for row in other.tables()["customers"]]
