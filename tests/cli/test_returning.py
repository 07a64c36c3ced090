"""Who was erased does not come back unnoticed: import and add ask the ledger, by keyed digests alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from shops import Done, RunCustrec, Shop

SCHEMA = """\
version: 1
defaults: {region: CN}
tables:
  - name: customers
    primaryKey: [no]
    fields:
      - {name: no, type: string}
      - {name: name, kind: person_name, constraints: {required: true}}
      - {name: phone, kind: phone}
      - {name: email, kind: email}
      - {name: bank, type: string}
      - {name: points, type: integer}
  - name: contacts
    fields:
      - {name: name, kind: person_name, constraints: {required: true}}
      - {name: phone, kind: phone}
"""
REFUSING = SCHEMA.replace("    primaryKey", "    erasure: {on_return: refuse}\n    primaryKey")
ROWS = "no,name,phone,email\nC1,Ann Lee,13800138000,ann@example.com\nC2,Bo Diaz,13900139000,bo@example.com\n"
BACK = (
    "no,name,phone,email\n"
    "C1,Other Name,,\n"
    "C7,Ann Again,+86 138 0013 8000,\n"
    "C8,Ann Again,,ANN@example.com\n"
    "C9,New One,13700137000,new@example.com\n"
)


def erased(folder: Path, schema: str) -> Shop:
    """A shop of which C1, once with another e-mail, was purged."""
    shop = Shop(folder, schema)
    shop.import_csv(ROWS)
    shop.edit("C1", email="later@example.com")
    shop.purge("C1")
    return shop


@pytest.fixture
def run(run_custrec: RunCustrec) -> RunCustrec:
    return run_custrec


def imported(shop: Shop, run: RunCustrec, text: str, *words: str) -> Done:
    return run("import", shop.csv(text), "--store", shop.path, *words)


def test_an_import_warns_and_takes_them(tmp_path: Path, run: RunCustrec) -> None:
    shop = erased(tmp_path / "shop", SCHEMA)
    done = imported(shop, run, BACK, "-t", "customers", "-q")
    assert done.code == 3
    assert "3 new records belong to somebody who was erased" in done.err
    assert len(shop.tables()["customers"]) == 5
    again = imported(shop, run, BACK, "-t", "customers", "-q")
    assert (again.code, again.err) == (0, "")


def test_a_saved_import_ends_as_it_does_at_once(tmp_path: Path, run: RunCustrec) -> None:
    shop = erased(tmp_path / "shop", SCHEMA)
    saved = imported(shop, run, BACK, "-t", "customers", "--save-plan", "--json")
    plan = json.loads(saved.out)
    assert (saved.code, plan["returned"]) == (3, 3)
    assert run("plan", "apply", plan["plan"], "--store", shop.path).code == 3


def test_by_policy_they_are_refused_and_listed(tmp_path: Path, run: RunCustrec) -> None:
    shop = erased(tmp_path / "shop", REFUSING)
    bad = tmp_path / "bad.csv"
    done = imported(shop, run, BACK, "-t", "customers", "--rejects", str(bad))
    assert done.code == 3
    assert "erased-before 3" in done.err
    assert [row[2] for row in shop.tables()["customers"]] == ["C2", "C9"]
    text = bad.read_text(encoding="utf-8")
    assert "somebody who was erased had the same no" in text
    assert "somebody who was erased had the same phone" in text
    assert "C9" not in text


def test_a_phone_is_known_in_another_table(tmp_path: Path, run: RunCustrec) -> None:
    shop = erased(tmp_path / "shop", SCHEMA)
    done = imported(shop, run, "name,phone\nSomebody,0086-13800138000\n", "-t", "contacts")
    assert done.code == 3
    assert "1 new record belongs to somebody who was erased" in done.err


def test_add_asks_too(tmp_path: Path, run: RunCustrec) -> None:
    shop = erased(tmp_path / "shop", SCHEMA)
    done = run("add", "no=C5", "name=Ann Lee", "email=later@example.com", "--store", shop.path)
    assert (done.code, "belongs to somebody who was erased" in done.err) == (3, True)
    refusing = erased(tmp_path / "refusing", REFUSING)
    done = run("add", "no=C5", "name=Ann Lee", "email=later@example.com", "--store", refusing.path)
    assert done.code == 4
    assert "somebody who was erased had the same email" in done.err


BANKED = (
    "no,name,phone,email,bank,points\n"
    "C1,Ann Lee,13800138000,ann@example.com,6222000011,7\n"
    "C2,Bo Diaz,13900139000,bo@example.com,6222000022,8\n"
)


def anonymised(folder: Path, schema: str) -> Shop:
    """A shop of which C1, once with another bank, lost name, phone, bank and points."""
    shop = Shop(folder, schema.replace(", constraints: {required: true}", ""))
    shop.import_csv(BANKED)
    shop.edit("C1", bank="6222000033")
    shop.anonymise("name phone bank points", "C1")
    return shop


@pytest.mark.parametrize("how", ["update", "fill"])
def test_what_was_taken_from_a_record_that_stays_does_not_come_back_unsaid(
    tmp_path: Path, run: RunCustrec, how: str
) -> None:
    shop = anonymised(tmp_path / "shop", SCHEMA)
    done = imported(shop, run, BANKED, "-t", "customers", "-q", "--on-existing", how)
    assert done.code == 3
    assert "1 record gets back what was erased: custrec anonymise, if that still holds" in done.err
    review = next((shop.folder / "custrec.review").glob("*.csv")).read_text(encoding="utf-8")
    assert "what was erased of this record comes back: name and phone and bank and points" in review
    assert "C2" not in review


def test_by_policy_what_was_taken_is_refused(tmp_path: Path, run: RunCustrec) -> None:
    shop = anonymised(tmp_path / "shop", REFUSING)
    before = shop.tables()
    assert "erased-value 1" in imported(shop, run, BANKED, "-t", "customers").err
    assert "erased-value 1" in imported(shop, run, "no,bank\nC1,6222000033\n", "-t", "customers").err
    assert shop.tables() == before


def test_what_the_record_never_held_is_taken_and_so_is_the_same_of_another(tmp_path: Path, run: RunCustrec) -> None:
    shop = anonymised(tmp_path / "shop", REFUSING)
    done = imported(shop, run, "no,bank,points\nC1,6222000044,9\nC2,6222000011,7\n", "-t", "customers", "-q")
    assert (done.code, done.err) == (0, "")
    assert [row[6:8] for row in shop.tables()["customers"]] == [("6222000044", 9), ("6222000011", 7)]


def test_a_change_that_gives_a_record_what_an_erased_one_was_known_by_is_told(tmp_path: Path, run: RunCustrec) -> None:
    shop = erased(tmp_path / "shop", SCHEMA)
    done = imported(shop, run, "no,email\nC2,ann@example.com\n", "-t", "customers", "-q")
    assert (done.code, "1 record gets back what was erased" in done.err) == (3, True)
    assert imported(shop, run, "no,email\nC2,ann@example.com\n", "-t", "customers", "-q").code == 0
    refusing = erased(tmp_path / "refusing", REFUSING)
    assert "erased-before 1" in imported(refusing, run, "no,email\nC2,ann@example.com\n", "-t", "customers").err


def test_where_nobody_was_erased_nothing_is_asked_and_no_key_is_made(tmp_path: Path, run: RunCustrec) -> None:
    shop = Shop(tmp_path / "shop", SCHEMA)
    (shop.folder / "custrec.ledger-key").unlink()
    assert imported(shop, run, ROWS, "-t", "customers").code == 0
    assert not (shop.folder / "custrec.ledger-key").exists()


def test_a_lost_key_is_said_at_each_import_and_replaced(tmp_path: Path, run: RunCustrec) -> None:
    shop = erased(tmp_path / "shop", SCHEMA)
    key = shop.folder / "custrec.ledger-key"
    key.unlink()
    done = imported(shop, run, BACK, "-t", "customers", "-q")
    assert done.code == 3
    assert "a new one was made: 1 records erased before cannot be recognised by it" in done.err
    assert key.stat().st_mode & 0o777 == 0o600
    done = imported(shop, run, "no,name\nC20,Yet Another\n", "-t", "customers", "-q")
    assert done.code == 3
    assert "1 erased records were entered with a key that is lost" in done.err


def test_a_missing_ledger_is_said_at_each_import(tmp_path: Path, run: RunCustrec) -> None:
    shop = erased(tmp_path / "shop", SCHEMA)
    (shop.folder / "custrec.ledger").unlink()
    done = imported(shop, run, BACK, "-t", "customers", "-q")
    assert done.code == 3
    assert "custrec.ledger is missing: nobody of 1 erased records is recognised" in done.err
    assert run("doctor", "--store", shop.path).code == 7
    fixed = run("doctor", "--fix", "--store", shop.path)
    assert "custrec.ledger was begun, 1 records are not in it" in fixed.err
    assert fixed.code == 3


def test_the_schema_says_only_warn_or_refuse(tmp_path: Path, run: RunCustrec) -> None:
    schema = tmp_path / "schema.yaml"
    schema.write_text(REFUSING.replace("refuse", "forget"), encoding="utf-8")
    done = run("schema", "check", schema)
    assert done.code == 4
    assert "on_return" in done.err + done.out
