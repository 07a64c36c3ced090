"""Files of custrec's own that somebody altered, emptied or put something else in the place of: each is named."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from pathlib import Path

import pytest

from conftest import RunCustrec, Shop

TWO = "no,name\nC1,Ann Lee\nC2,Bo Diaz\n"


def test_a_plan_that_is_no_database_can_be_dropped(shop: Shop, run_custrec: RunCustrec) -> None:
    plan = shop.save_plan(TWO)
    (shop.folder / "custrec.plans" / f"{plan}.db").write_bytes(b"no database at all, and longer than a header" * 40)
    shown = run_custrec("plan", "show", plan, cwd=shop.folder)
    assert (shown.code, shown.err.partition("\n")[0]) == (
        4, f"custrec: the file of plan {plan} was altered or cut short since it was saved",
    )  # fmt: skip
    assert run_custrec("plan", "drop", plan, cwd=shop.folder).code == 0
    assert shop.leftovers() == []
    assert run_custrec("plan", "drop", plan, cwd=shop.folder).code == 2


@pytest.mark.parametrize("signed", [b"\xff\xfe\x00", "不是摘要".encode(), b""])
def test_a_signature_that_is_none_makes_a_damaged_plan(shop: Shop, run_custrec: RunCustrec, signed: bytes) -> None:
    plan = shop.save_plan(TWO)
    (shop.folder / "custrec.plans" / f"{plan}.sha256").write_bytes(signed)
    applied = run_custrec("plan", "apply", plan, cwd=shop.folder)
    assert (applied.code, f"the file of plan {plan} was altered" in applied.err) == (4, True)


def test_a_database_that_is_no_plan_is_damaged_though_it_is_signed(shop: Shop, run_custrec: RunCustrec) -> None:
    place = shop.folder / "custrec.plans" / "p1a2b3c4.db"
    place.parent.mkdir()
    with sqlite3.connect(place) as other:
        other.execute("CREATE TABLE t (a)")
    other.close()
    place.with_suffix(".sha256").write_text(hashlib.sha256(place.read_bytes()).hexdigest(), "ascii")
    for words in (["plan", "list"], ["plan", "apply", "p1a2b3c4"]):
        done = run_custrec(*words, cwd=shop.folder)
        assert (done.code, "plan p1a2b3c4" in done.err) == (4, True)


def test_an_empty_file_is_no_store_and_said_to_be_empty(shop: Shop, run_custrec: RunCustrec) -> None:
    (shop.folder / "empty.db").touch()
    done = run_custrec("list", "--store", "empty.db", cwd=shop.folder)
    assert (done.code, done.err.partition("\n")[0]) == (
        7, "custrec: empty.db is not a custrec store (the file is empty)",
    )  # fmt: skip


def test_find_in_a_damaged_store_blames_the_store(shop: Shop, run_custrec: RunCustrec) -> None:
    rows = "".join(f"C{n},Name{n} Lee\n" for n in range(4000))
    shop.import_csv(f"no,name\n{rows}")
    (shop.folder / "custrec.derived.db").unlink()
    page, whole = 4096, shop.path.read_bytes()
    (root,) = shop.rows("SELECT rootpage FROM sqlite_schema WHERE name = 'customers'")[0]
    shop.path.write_bytes(whole[: (root - 1) * page] + b"\x07" * page + whole[root * page :])
    done = run_custrec("find", "Name7", cwd=shop.folder)
    assert (done.code, done.err.partition("\n")[0]) == (7, "custrec: custrec.db is damaged: SQLite cannot read it")


def test_a_damaged_index_is_made_anew(shop: Shop, run_custrec: RunCustrec) -> None:
    shop.import_csv(TWO)
    (shop.folder / "custrec.derived.db").write_bytes(b"no database at all" * 400)
    done = run_custrec("find", "Ann", "--format", "csv", cwd=shop.folder)
    assert (done.code, done.out.splitlines()[1][:6]) == (0, "1,C1,A")


@pytest.mark.parametrize("what", ["plans", "rejects"])
def test_a_file_in_the_place_of_a_folder_is_named(shop: Shop, run_custrec: RunCustrec, what: str) -> None:
    (shop.folder / f"custrec.{what}").touch()
    shop.csv(TWO).rename(shop.folder / "in.csv")
    done = run_custrec("import", "in.csv", "--json", cwd=shop.folder)
    said = json.loads(done.err)
    assert (done.code, said["error"], f"custrec.{what} is a file" in said["message"]) == (10, "folder-in-the-way", True)


@pytest.mark.parametrize(
    ("words", "as_json"),
    [
        (["--json"], True),
        (["--format", "json"], True),
        (["--format=json"], True),
        (["--format", "jsonl"], False),
        (["--format=jsonl"], False),
        (["--where", "name = '--format json'"], False),
    ],
)
def test_an_error_is_json_only_where_json_was_asked_for(
    shop: Shop, run_custrec: RunCustrec, words: list[str], as_json: bool
) -> None:
    done = run_custrec("list", "--table", "nothing", *words, cwd=shop.folder)
    assert done.code == 2
    assert done.err.startswith("{") == as_json


def test_a_list_can_be_imported_again(shop: Shop, run_custrec: RunCustrec, tmp_path: Path) -> None:
    shop.import_csv(TWO)
    listed = run_custrec("list", "--format", "csv", cwd=shop.folder).out
    assert listed.startswith("_id,no,")
    done = run_custrec("import", "-", "--json", stdin=listed.replace("Ann Lee", "Ann Li"), cwd=shop.folder)
    assert done.code == 0
    assert json.loads(done.out)["counts"]["update"] == 1
