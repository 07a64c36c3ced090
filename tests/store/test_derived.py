"""The search index: always made again from the store, never trusted over it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from custrec.jobs import searching
from custrec.store import derived
from shops import Shop

NAMES = (
    "no,name,company\n"
    "C1,张伟,深圳华强电子有限公司\nC2,张伟明,北京字节科技有限公司\nC3,王伟,\nC4,Jürgen Müller,Müller & Söhne GmbH\n"
    "C5,José García,\nC6,Ann Lee,Atlas Ltd\nC7,李娜,Atlas 深圳 Ltd\n"
)


@pytest.fixture
def filled(shop: Shop) -> Shop:
    shop.import_csv(NAMES)
    return shop


def found(shop: Shop, text: str, table: str = "customers", field: str = "no") -> list[str]:
    """What `custrec find` finds, as keys."""
    with shop.session() as session:
        session.refresh_search()
        listing = searching.find(session.store, shop.schema.by_name[table], text, [field], 100)
        return [row[1] for row in listing.rows]


def index(shop: Shop) -> Path:
    return derived.path_of(shop.path)


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("张伟", ["C1", "C2"]),
        ("伟明", ["C2"]),
        ("伟", ["C3", "C1", "C2"]),
        ("深圳", ["C1", "C7"]),
        ("华强电子", ["C1"]),
        ("华强科技", []),
        ("Müller", ["C4"]),
        ("muller", ["C4"]),
        ("MULLER", ["C4"]),
        ("jose garcia", ["C5"]),
        ("garcia jose", ["C5"]),
        ("mül", ["C4"]),
        ("Ann L", ["C6"]),
        ("lee ann", ["C6"]),
        ("atlas", ["C6", "C7"]),
        ("atlas 深圳", ["C7"]),
        ("nobody", []),
        ('"', []),
        ('a" OR "b', []),
        ("*", []),
        ("NEAR(张 伟)", []),
    ],
)
def test_names_are_found_by_words_phrases_and_beginnings(filled: Shop, text: str, keys: list[str]) -> None:
    assert sorted(found(filled, text)) == sorted(keys)


def test_a_whole_name_comes_before_a_beginning_before_a_part(filled: Shop) -> None:
    filled.import_csv("no,name\nC8,小张伟\n")
    assert found(filled, "张伟") == ["C1", "C2", "C8"]


def test_an_index_that_is_missing_is_made(filled: Shop) -> None:
    index(filled).unlink()
    assert found(filled, "张伟") == ["C1", "C2"]
    assert index(filled).exists()


def overwritten(path: Path) -> None:
    path.write_bytes(b"this is no database" * 500)


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def with_broken_pages(path: Path) -> None:
    whole = path.read_bytes()
    path.write_bytes(whole[:4096] + b"\xff" * (len(whole) - 4096))


def with_broken_terms(path: Path) -> None:
    """Everything stands but the index's own rows, so that it says it is current."""
    with closing(sqlite3.connect(path)) as broken:
        broken.execute("UPDATE search_1_data SET block = randomblob(40)")
        broken.commit()


def with_terms_that_claim_all_memory(path: Path) -> None:
    """SQLite says that it is out of memory: these bytes tell of levels and segments without number."""
    block = bytes.fromhex("380b01925c24d12a9d05daa1c127b43b252a27d1fa433cd79388fc4691969d7a644be0a657fb58e1")
    with closing(sqlite3.connect(path)) as broken:
        broken.execute("UPDATE search_1_data SET block = ?", (block,))
        broken.commit()


def without_a_table(path: Path) -> None:
    with closing(sqlite3.connect(path)) as broken:
        broken.execute("DROP TABLE search_1")
        broken.commit()


DAMAGES = [
    overwritten,
    emptied,
    with_broken_pages,
    with_broken_terms,
    with_terms_that_claim_all_memory,
    without_a_table,
]


@pytest.mark.parametrize("damage", DAMAGES)
def test_an_index_that_is_damaged_is_made_again(filled: Shop, damage: Callable[[Path], None]) -> None:
    damage(index(filled))
    assert found(filled, "张伟") == ["C1", "C2"]
    filled.import_csv("no,name\nC9,张伟\n")
    assert found(filled, "张伟") == ["C1", "C9", "C2"]


def test_an_index_of_another_store_is_made_again(filled: Shop, new_shop: Callable[[], Shop]) -> None:
    other = new_shop()
    other.import_csv("no,name\nX1,张伟\n")
    index(other).replace(index(filled))
    assert found(filled, "张伟") == ["C1", "C2"]
    assert found(other, "张伟") == ["X1"]


def test_an_index_ahead_of_a_store_that_was_put_back_is_made_again(filled: Shop, tmp_path: Path) -> None:
    before = filled.copy_to(tmp_path / "backup")
    filled.import_csv("no,name\nC9,张三\n")
    assert found(filled, "张三") == ["C9"]
    before.path.replace(filled.path)
    assert found(filled, "张三") == []
    filled.import_csv("no,name\nC9,李四\nC8,赵六\n")
    assert found(filled, "张三") == []
    assert found(filled, "李四") == ["C9"]


def test_what_was_undone_is_not_found_and_what_was_redone_is(filled: Shop) -> None:
    filled.import_csv("no,name\nC1,赵六\nC9,赵六\n")
    assert found(filled, "赵六") == ["C1", "C9"]
    assert found(filled, "张伟") == ["C2"]
    filled.undo()
    assert found(filled, "赵六") == []
    assert found(filled, "张伟") == ["C1", "C2"]
    filled.redo()
    assert found(filled, "赵六") == ["C1", "C9"]


def test_the_index_is_brought_along_without_being_made_anew(filled: Shop) -> None:
    found(filled, "张伟")
    with closing(sqlite3.connect(index(filled))) as reader:
        before = reader.execute("SELECT generation FROM position").fetchone()
    filled.import_csv("no,name\nC9,张伟\n")
    with closing(sqlite3.connect(index(filled))) as reader:
        assert reader.execute("SELECT generation FROM position").fetchone() == (before[0] + 1,)
    with filled.session() as session:
        assert derived.is_current(session.store)


def test_fields_marked_for_search_are_found_and_others_are_not(filled: Shop) -> None:
    filled.import_csv("no,text\nC1,delivered to York\nC2,complained\n", "notes")
    filled.import_csv("no,city\nC1,York\n")
    assert found(filled, "york", "notes", "text") == ["delivered to York"]
    assert found(filled, "york") == []


def test_the_index_holds_no_text_that_could_be_read_back(filled: Shop) -> None:
    with closing(sqlite3.connect(index(filled))) as reader:
        assert reader.execute("SELECT text FROM search_1 WHERE search_1 MATCH '张'").fetchone() == (None,)
