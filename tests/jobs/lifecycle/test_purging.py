"""jobs.lifecycle.purging, and what follows it: who goes, who stays, what is cleaned, and that nothing undoes it."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import time
from pathlib import Path

import pytest

from custrec.errors import CountWanted, CountWrong, KeyStays, RecordsOnHold, TooManyChanges, UndoConflict
from custrec.files import ledger_file
from custrec.files.cell_limit import cells_up_to
from custrec.jobs.edits.naming import record_named
from custrec.jobs.importing.imports import plan_import
from custrec.jobs.lifecycle.holding import HoldRequest, plan_hold
from custrec.jobs.lifecycle.purging import PurgeRequest, plan_purge
from custrec.session.destruction import Count
from custrec.session.session import Consent
from pseudo_terminal import on_terminal
from shops import NOW, PLENTY, RunCustrec, Shop, command, environment

THREE = "no,name,company,code\nC1,Ann Lee,Acme Ltd,a1\nC2,王芳,,a2\nC3,Bo Diaz,,\n"
NOTES = "no,text\nC1,called\nC2,wrote\n"


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    made = Shop(tmp_path / "shop")
    made.import_csv(THREE)
    made.import_csv(NOTES, "notes")
    return made


def hold(shop: Shop, name: str) -> None:
    with shop.session() as session:
        named = record_named(session.store, None, name)
        request = HoldRequest(named.table, "a dispute with Ann Lee", [named])
        session.run(plan_hold(session.store, request, session.draft()), PLENTY)


def purge_with(shop: Shop, consent: Consent, *names: str) -> None:
    with shop.session() as session:
        named = [record_named(session.store, None, name) for name in names]
        session.run(plan_purge(session.store, PurgeRequest(named=named), session.draft()), consent)


@pytest.mark.parametrize("name", ["C1", "notes#1"])
def test_what_is_on_hold_is_not_destroyed_nor_what_it_belongs_to(shop: Shop, name: str) -> None:
    hold(shop, name)
    before = shop.digest()
    with pytest.raises(RecordsOnHold):
        shop.purge("C1")
    assert shop.digest() == before


def test_a_rule_that_leaves_what_is_on_hold_destroys_the_rest(shop: Shop) -> None:
    hold(shop, "notes#1")
    with shop.session() as session:
        request = PurgeRequest(table=shop.schema.tables[0], leave_held=True)
        file = plan_purge(session.store, request, session.draft())
        assert (file.plan.counts.delete, file.plan.counts.skipped) == (3, 1)
        session.run(file, PLENTY)
    assert [row[2] for row in shop.tables()["customers"]] == ["C1"]
    assert shop.faults() == []


def test_a_plan_that_destroys_wants_the_very_number_whoever_carries_it_out(shop: Shop) -> None:
    with pytest.raises(CountWanted):
        purge_with(shop, Consent(yes=True), "C1")
    with pytest.raises(CountWanted):
        purge_with(shop, Consent(yes=True, ask=lambda _: True), "C1")
    with pytest.raises(CountWrong):
        purge_with(shop, Consent(count=Count(exactly=1)), "C1")
    with pytest.raises(CountWrong):
        purge_with(shop, Consent(count=Count(up_to=1)), "C1")
    with pytest.raises(CountWrong):
        purge_with(shop, Consent(count=Count(ask=lambda _, __: 3)), "C1")
    with pytest.raises(TooManyChanges):
        purge_with(shop, Consent(max_change=1, count=Count(by_rule=True)), "C1")
    purge_with(shop, Consent(count=Count(ask=lambda _, number: number)), "C1")
    assert [row[2] for row in shop.tables()["customers"]] == ["C2", "C3"]


def test_a_saved_plan_wants_it_too_and_holds_no_value(shop: Shop, run_custrec: RunCustrec) -> None:
    saved = run_custrec("purge", "C1", "--save-plan", "--json", "--store", shop.path)
    plan = json.loads(saved.out)["plan"]
    for path in (shop.folder / "custrec.plans").glob(f"{plan}*"):
        assert b"Ann Lee" not in path.read_bytes()
    assert run_custrec("plan", "apply", plan, "--store", shop.path).code == 9
    done = run_custrec("plan", "apply", plan, "--confirm", "2", "--store", shop.path)
    assert done.code == 0, done.err
    assert "final: there is no undo" in done.err


def test_a_part_of_a_record_goes_with_it_and_never_alone(shop: Shop) -> None:
    shop.merge("C1", "C2")
    with shop.session() as session:
        file = plan_purge(session.store, PurgeRequest(records={"customers": [2]}), session.draft())
        assert file.plan.empty
        assert file.plan.counts.skipped == 1
        file.drop()
    shop.purge("C1")
    assert [row[2] for row in shop.tables()["customers"]] == ["C3"]


def test_undo_of_an_older_event_leaves_out_the_destroyed_and_counts_it_as_blocked(shop: Shop) -> None:
    shop.import_csv("no,city\nC1,Leeds\nC2,York\n")
    shop.purge("C1")
    with pytest.raises(UndoConflict) as conflict:
        shop.undo(3)
    assert (conflict.value.params["reversed"], conflict.value.params["blocked"]) == (1, 1)
    shop.undo(3, partial=True)
    assert shop.faults() == []


def test_numbers_of_the_destroyed_are_never_given_again(shop: Shop) -> None:
    shop.purge("C3")
    shop.import_csv("no,name\nC9,New One\n")
    assert [row[0] for row in shop.tables()["customers"]] == [1, 2, 4]


def test_rows_about_them_go_from_the_lists_and_the_others_stay(shop: Shop, run_custrec: RunCustrec) -> None:
    bad = "no,name,company,visits\nC1,Ann Lee,Acme,many\nC7,Someone Else,,many\nC8,ANN  LEE,,none\n"
    for encoding in ("utf-8", "gb18030", "utf-16"):
        file = shop.folder / f"{encoding}.csv"
        file.write_bytes((bad + "C9,张伟,深圳,x\n").encode(encoding))
        assert run_custrec("import", file, "-t", "customers", "--store", shop.path).code == 3
    shop.purge("C1")
    lists = list((shop.folder / "custrec.rejects").glob("*.csv"))
    assert len(lists) == 3
    for path in lists:
        raw = path.read_bytes()
        assert b"Someone Else" in raw
        assert b"Ann Lee" not in raw
        assert b"ANN" not in raw
        assert run_custrec("import", path, "-t", "customers", "-n", "--store", shop.path).code == 3


def test_rows_about_others_stay_in_a_list_with_a_long_text(shop: Shop, run_custrec: RunCustrec) -> None:
    file = shop.folder / "long.csv"
    file.write_text(f"no,name,company,visits\nC1,Ann Lee,Acme,many\nC7,Someone Else,{'long ' * 30_000},many\n")
    assert run_custrec("import", file, "-t", "customers", "--store", shop.path).code == 3
    with cells_up_to(131_072):  # as a process begins
        shop.purge("C1")
    (path,) = (shop.folder / "custrec.rejects").glob("*.csv")
    assert b"Someone Else" in path.read_bytes()
    assert b"Ann Lee" not in path.read_bytes()


def test_saved_plans_that_mention_them_go_and_the_others_stay(shop: Shop) -> None:
    about = shop.save_plan("no,city\nC1,Leeds\n")
    below = shop.save_plan("no,text\nC1,new\n", "notes")
    again = shop.save_plan("no,name,code\nC77,Ann Lee,zz\n")
    other = shop.save_plan("no,city\nC2,Leeds\n")
    shop.purge("C1")
    left = {name.partition(".")[0] for name in shop.leftovers()}
    assert left == {other}, (about, below, again)
    shop.apply_saved(other)


def test_notes_and_file_names_that_may_name_them_go_and_the_chain_verifies(tmp_path: Path) -> None:
    shop = Shop(tmp_path / "shop")
    rows = "".join(f"K{n},Name {n},,k{n}\n" for n in range(40))
    shop.import_csv(THREE + rows)
    with shop.session() as session:
        draft = session.draft("from the list of Bo Diaz")
        session.run(plan_import(session.store, shop.request("no,city\nC1,York\n"), draft), PLENTY)
    shop.purge("C1")
    told = {row[0]: row[1:] for row in shop.rows("SELECT id, note, source FROM _event")}
    assert told[1] == ("", "file1.csv")  # a large file stays known, for it names nobody
    assert told[2] == ("", None)
    assert shop.faults() == []
    shop.tamper("UPDATE _event SET note = 'planted' WHERE id = 2")
    assert [str(fault) for fault in shop.faults()] == ["event 2: the event, or which changes it holds, was altered"]


def test_values_that_were_taken_out_behind_our_back_are_found(shop: Shop) -> None:
    shop.edit("C2", city="Leeds")
    shop.tamper(
        "UPDATE _change SET diff = NULL, seal = substr(seal, -20) WHERE record = 2 AND tbl = 1",
        "UPDATE customers SET city = 'Rome' WHERE _id = 2",
    )
    assert [str(fault) for fault in shop.faults()] == [
        "customers record 2: values were taken out of its history outside custrec"
    ]


def test_a_destroyed_record_that_is_put_back_is_found(shop: Shop) -> None:
    shop.purge("C3")
    shop.tamper("INSERT INTO customers (_id, _event, _state, no) VALUES (3, 3, 0, 'C3')")
    assert [str(fault) for fault in shop.faults()] == ["customers record 3: it was brought back outside custrec"]


def test_the_history_of_a_deleted_child_goes_with_its_parent(shop: Shop) -> None:
    shop.import_csv("no,text\nC1,a secret\n", "notes")
    shop.undo()
    shop.purge("C1")
    assert b"a secret" not in shop.path.read_bytes()
    assert shop.faults() == []


def test_a_key_is_no_field_that_goes_alone(shop: Shop) -> None:
    for fields in ("no", "name no"):
        with pytest.raises(KeyStays):
            shop.anonymise(fields, "C1")
    shop.anonymise("name code company", "C1")
    assert shop.tables()["customers"][0][2:6] == ("C1", None, None, None)
    assert b"Ann Lee" not in shop.path.read_bytes()
    shop.edit("C1", city="Rome")
    assert shop.faults() == []


def test_a_certificate_tells_what_went_and_nothing_of_anybody(shop: Shop) -> None:
    shop.purge("C1")
    folder = shop.folder / "custrec.certificates"
    said = json.loads((folder / "event-000003.json").read_text(encoding="utf-8"))
    assert said["ids"] == {"customers": [[1, 1]], "notes": [[1, 1]]}
    assert said["records"] == {"customers": 1, "notes": 1}
    assert said["ledger"]["position"] == 2
    assert said["destroyed_at"] == NOW.strftime("%Y-%m-%dT%H:%M:%SZ")
    both = "".join(path.read_text(encoding="utf-8") for path in folder.iterdir())
    assert not any(word in both for word in ("Ann", "Lee", "Acme", "called"))
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in folder.iterdir())


def test_the_trash_is_emptied_of_what_has_been_there_for_its_days(shop: Shop, run_custrec: RunCustrec) -> None:
    assert run_custrec("delete", "C1", "--yes", "--store", shop.path).code == 0
    early = run_custrec("trash", "empty", "--confirm-up-to", "9", "--store", shop.path)
    assert (early.code, "no records go for good" in early.err) == (0, True)
    assert run_custrec("trash", "empty", "--older-than", "0", "--yes", "--store", shop.path).code == 9
    done = run_custrec("trash", "empty", "--older-than", "0", "--confirm", "2", "--store", shop.path)
    assert done.code == 0, done.err
    assert [row[2] for row in shop.tables()["customers"]] == ["C2", "C3"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are ended by a signal")
@pytest.mark.parametrize("number", range(10))
def test_killed_at_any_moment_the_next_command_finishes_it(tmp_path: Path, number: int) -> None:
    shop = Shop(tmp_path / "shop")
    shop.import_csv("no,name\n" + "".join(f"D{n},Doomed Zebedee{n}\n" for n in range(3000)) + "C1,Ann Lee\n")
    words = ("purge", "--where", "no != C1", "--confirm", "3000", "--max-change", "5000", "--store", shop.path)
    process = subprocess.Popen(
        command(*words), stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environment(), cwd=shop.folder
    )
    folder, plans = shop.folder / "custrec.certificates", shop.folder / "custrec.plans"
    while process.poll() is None and not (plans.is_dir() and any(plans.glob("*.making"))):
        time.sleep(0.002)
    time.sleep(random.Random(number).random() * 0.06 * (number + 1))
    process.send_signal(signal.SIGKILL)
    process.communicate()
    count = len(shop.tables()["customers"])
    assert count in (1, 3001)
    pending = bool(shop.rows("SELECT name FROM sqlite_schema WHERE name = '_wiping'"))
    assert not folder.exists() or count == 1
    done = shop.import_csv("no,name\nC2,Bo Diaz\n")
    if pending:
        assert done.wiped is not None
        assert done.wiped.done
    if count == 1:
        assert (folder / "event-000002.txt").exists()
        assert ledger_file.check(shop.folder / "custrec.ledger").head.position == 3000
        files = [path for path in shop.folder.rglob("*") if path.is_file() and path.suffix not in (".csv", ".yaml")]
        assert not [path for path in files if b"Zebedee" in path.read_bytes()]
    assert not shop.rows("SELECT name FROM sqlite_schema WHERE name LIKE '_wiping%'")
    assert shop.faults() == []


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="there are no pseudo terminals")
@pytest.mark.parametrize(("typed", "code", "left"), [("2\n", 0, 2), ("1\n", 9, 3), ("yes\n", 9, 3), ("\n", 9, 3)])
def test_at_a_terminal_the_number_is_typed_back(shop: Shop, typed: str, code: int, left: int) -> None:
    words = command("purge", "C1", "--store", shop.path)
    ended, shown = on_terminal(words, shop.folder, environment(), keys=typed)
    assert ended == code, shown
    assert "type 2 to go on:" in shown
    assert len(shop.tables()["customers"]) == left
