"""Stores of older versions: brought to this one's layout when they are opened, with a copy of what was before."""

from __future__ import annotations

import pytest

from custrec.model.decisions import DECISIONS, VERDICTS
from custrec.store.layout import FORMAT
from custrec.store.safety_copies import copies
from custrec.store.upkeep import differences
from shops import Shop


def make_older(shop: Shop) -> None:
    """A store as a version of format 1 made it: verdicts were its only decisions."""
    drop = [f'DROP TABLE "{table.name}"' for table in DECISIONS if table is not VERDICTS]
    forget = [f"DELETE FROM _sequence WHERE tbl = {table.id}" for table in DECISIONS if table is not VERDICTS]
    shop.tamper(*drop, *forget, "DELETE FROM _sqlite_migrations WHERE name > 'm001_z'", "PRAGMA user_version = 1")


@pytest.fixture
def older(shop: Shop) -> Shop:
    shop.import_csv("no,name\nC1,Ann Lee\nC2,Bo Diaz\n")
    make_older(shop)
    return shop


def test_an_older_store_has_all_tables_of_this_version_once_it_was_opened(older: Shop) -> None:
    with older.session() as session:
        assert session.store.format == FORMAT
        found = differences(session.store.reader, older.schema)
        assert found.tables == []
        assert not [name for _, name in found.rebuildable if name.startswith("_guard__hold")]
    older.edit("C1", name="Ann Li")
    older.undo()


def test_what_was_before_is_kept_as_a_copy_and_that_is_said_once(older: Shop) -> None:
    said: list[str] = []
    for _ in range(2):
        with older.session() as session:
            session.warn = said.append
            assert session.store.last_event == 1
    assert len(said) == 2 and "older custrec" in said[0] and copies(older.path)[0].name in said[1]
    assert len(copies(older.path)) == 1


def test_an_empty_older_store_is_not_copied(shop: Shop) -> None:
    make_older(shop)
    with shop.session() as session:
        assert session.store.format == FORMAT
    assert copies(shop.path) == []
