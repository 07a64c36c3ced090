"""Finding people by how their names sound."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from custrec.jobs.searching import find
from custrec.store import name_sounds
from shops import Shop

SCHEMA = (
    "version: 1\ntables:\n  - name: people\n    primaryKey: [no]\n    fields:\n      - {name: no, type: string}\n"
    "      - {name: name, kind: person_name}\n      - {name: nick, kind: person_name}\n"
)
PEOPLE = (
    "no,name,nick\n1,张伟,\n2,章炜,\n3,张巍峨,\n4,欧阳娜娜,\n5,Li Wei,\n6,李,\n7,王芳,阿王\n8,Zhang Wei,\n9,吕布,\n"
)


@pytest.fixture
def people(new_shop: Callable[..., Shop]) -> Shop:
    shop = new_shop(SCHEMA)
    shop.import_csv(PEOPLE)
    return shop


def found(shop: Shop, text: str) -> list[str]:
    with shop.session() as session:
        session.refresh_search()
        table = session.store.schema.tables[0]
        return [row[1] for row in find(session.store, table, text, ["no"], 50).rows]


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("zhangwei", ["1", "2", "3"]),
        ("weizhang", ["1", "2", "3"]),
        ("ZhangWei", ["1", "2", "3"]),
        ("zhang wei", ["8", "1", "2", "3"]),
        ("zw", ["1", "2"]),
        ("zwe", ["3"]),
        ("zhangwe", ["1", "2", "3"]),
        ("ouyangnana", ["4"]),
        ("oynn", ["4"]),
        ("nanaouyang", ["4"]),
        ("li", ["5", "6"]),
        ("awang", ["7"]),
        ("lubu", ["9"]),
        ("张伟", ["1"]),
        ("acme", []),
        ("xyzzy", []),
    ],
)
def test_a_name_is_found_by_its_sound_and_its_initials(people: Shop, text: str, numbers: list[str]) -> None:
    assert found(people, text) == numbers


def test_names_that_come_later_are_found_too_and_those_that_go_are_not(people: Shop) -> None:
    assert found(people, "liming") == []
    people.import_csv("no,name\n10,李明\n1,李铭\n")
    assert sorted(found(people, "liming")) == ["1", "10"]
    assert found(people, "zhangwei") == ["2", "3"]
    people.undo()
    assert found(people, "liming") == []
    assert found(people, "zhangwei") == ["1", "2", "3"]


def test_the_sounds_are_made_anew_when_the_derived_file_is_gone(people: Shop) -> None:
    assert found(people, "zw") == ["1", "2"]
    (people.folder / "custrec.derived.db").unlink()
    assert found(people, "zw") == ["1", "2"]


def test_a_sound_that_many_names_share_is_bounded(people: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(name_sounds, "MOST", 1)
    assert len(found(people, "zhangwei")) == 1


TAGGED = (
    "version: 1\ntables:\n  - name: people\n    primaryKey: [no]\n    fields:\n      - {name: no, type: string}\n"
    "      - {name: name, kind: person_name}\n      - {name: email, kind: email}\n      - {name: tags, kind: tags}\n"
)


@pytest.fixture
def tagged(new_shop: Callable[..., Shop]) -> Shop:
    shop = new_shop(TAGGED)
    shop.import_csv(
        "no,name,email,tags\n1,王芳,Zhang.Wei@example.com,VIP;华东\n2,Vip Club,li@example.com,老客户\n"
        "3,李娜,,VIP;老客户会\n"
    )
    return shop


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("老客户", ["2", "3"]),
        ("vip", ["1", "3", "2"]),
        ("VIP 华东", ["1"]),
        ("华东", ["1"]),
        ("东;", ["1"]),
    ],
)
def test_a_tag_finds_who_bears_it_whole_tags_first(tagged: Shop, text: str, numbers: list[str]) -> None:
    assert found(tagged, text) == numbers


@pytest.mark.parametrize("text", ["zhang.wei@example.com", "ZHANG.WEI@EXAMPLE.COM", "Zhang.Wei@example.com"])
def test_an_e_mail_is_found_in_whatever_case_it_is_written(tagged: Shop, text: str) -> None:
    assert found(tagged, text) == ["1"]
