"""Who was erased does not come back unnoticed: import and add ask the ledger, by keyed digests alone."""

from __future__ import annotations

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
