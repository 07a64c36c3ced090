"""Lists that were imported before records became one are imported again as they are: that is no news."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from terminal import Desk, Said

SCHEMA = """\
version: 1
defaults: {region: CN, currency: CNY}
tables:
  - name: people
    primaryKey: [no]
    fields:
      - {name: no, type: string, constraints: {required: true}}
      - {name: name, kind: person_name, constraints: {required: true}}
      - {name: phone, kind: phone}
      - {name: mail, type: boolean}
      - {name: call_not, type: boolean}
      - {name: consent, type: string, constraints: {enum: [refused, some, all]}}
      - {name: since, type: date}
      - {name: paid, kind: money, currencyField: currency}
      - {name: currency, type: string}
    match: {survivor: {consent: strictest, call_not: yes, since: oldest}}
"""
HEADER = "no,name,phone,mail,call_not,consent,since,paid,currency\n"
NORTH = HEADER + "A1,张伟,13800138000,yes,no,all,2024-05-01,10,USD\n"
SOUTH = HEADER + "B1,张偉,13900139000,no,yes,refused,2023-01-01,20,EUR\nB2,张伟,,no,yes,some,,,\n"


@pytest.fixture
def shop(tmp_path: Path) -> Desk:
    desk = Desk.of(tmp_path, SCHEMA)
    desk.write("north.csv", NORTH)
    desk.write("south.csv", SOUTH)
    assert desk.run("import", "north.csv", "south.csv", "-q").code == 0
    return desk


def told(desk: Desk, name: str) -> dict[str, object]:
    record: dict[str, object] = json.loads(desk.run("show", name, "--json").out)
    return {key: value for key, value in record.items() if not key.startswith("_") and key not in ("children", "no")}


def everybody(desk: Desk) -> list[tuple[object, ...]]:
    fields = "name, phone, mail, call_not, consent, since, paid, currency"
    return desk.rows(f"SELECT no, {fields} FROM people WHERE _state = 0 ORDER BY no")


def again(desk: Desk, name: str, content: str | None = None) -> Said:
    if content is not None:
        desk.write(name, content)
    return desk.run("import", name)


@pytest.mark.parametrize("merges", [["A1 B1 B2"], ["B2 A1 --into B2", "B1 B2 --into B1"], ["A1 B1", "A1 B2"]])
def test_unchanged_lists_change_nothing_of_what_a_merge_made(shop: Desk, merges: list[str]) -> None:
    for merge in merges:
        assert shop.run("dedupe", "merge", *merge.split(), "-q").code == 0
    merged = told(shop, "A1")
    assert (merged["mail"], merged["call_not"], merged["consent"], merged["since"]) == (
        *(False, True, "refused"),
        "2023-01-01",
    )
    for name in ("north.csv", "south.csv", "north.csv"):
        said = again(shop, name)
        assert said.code == 0 and "rejected" not in said.err and "changed" not in said.err, said
    assert told(shop, "A1") == merged
    validated = shop.run("validate", "south.csv")
    assert validated.code == 0, validated


def test_what_a_list_says_anew_is_taken_by_either_key(shop: Desk) -> None:
    assert shop.run("dedupe", "merge", "A1", "B1", "B2", "-q").code == 0
    assert "1 changed" in again(shop, "north.csv", NORTH.replace("13800138000", "13700137000")).err
    assert told(shop, "A1")["phone"] == "+8613700137000" and told(shop, "A1")["mail"] is False
    assert "1 changed" in again(shop, "south.csv", SOUTH.replace("2023-01-01", "2022-01-01")).err
    assert told(shop, "A1")["since"] == "2022-01-01" and told(shop, "A1")["consent"] == "refused"
    assert told(shop, "A1")["phone"] == "+8613900139000", "where another was said since, each list says its own"
    assert "1 changed" in again(shop, "north.csv", NORTH).err
    assert told(shop, "A1")["phone"] == "+8613800138000" and told(shop, "A1")["consent"] == "refused"


def test_a_list_says_what_it_says_once_the_merge_is_undone_or_taken_apart(shop: Desk) -> None:
    assert shop.run("dedupe", "merge", "A1", "B1", "-q").code == 0
    assert shop.run("undo", "-q").code == 0
    assert "1 the same" in again(shop, "north.csv").err
    assert shop.run("redo", "-q").code == 0
    merged = told(shop, "A1")
    assert "1 the same" in again(shop, "north.csv").err and told(shop, "A1") == merged
    assert shop.run("dedupe", "split", "A1", "-q").code == 0
    assert shop.run("edit", "A1", "mail=no", "-q").code == 0
    assert "1 changed" in again(shop, "north.csv").err and told(shop, "A1")["mail"] is True


def test_what_somebody_said_and_took_back_is_as_though_he_had_not(shop: Desk) -> None:
    assert shop.run("dedupe", "merge", "A1", "B1", "-q").code == 0
    merged = told(shop, "A1")
    for words in ("edit A1 phone=13600136000 mail=yes -q", "undo -q"):
        assert shop.run(*words.split()).code == 0
    assert told(shop, "A1") == merged
    assert "1 the same" in again(shop, "north.csv").err and told(shop, "A1") == merged
    assert shop.run("redo", "-q").code == 0
    assert "1 changed" in again(shop, "north.csv").err and told(shop, "A1")["phone"] == "+8613800138000"


def test_a_person_who_gives_a_consent_after_a_merge_is_heard(shop: Desk) -> None:
    assert shop.run("dedupe", "merge", "A1", "B1", "-q").code == 0
    assert shop.run("edit", "A1", "mail=yes", "-q").code == 0
    assert "1 the same" in again(shop, "north.csv").err and told(shop, "A1")["mail"] is True


def test_keys_that_are_the_same_number_are_different_texts(shop: Desk) -> None:
    shop.write("sevens.csv", "no,name\n007,欧阳静\n7,李娜\n8,王芳\n")
    assert shop.run("import", "sevens.csv", "-q").code == 0
    assert shop.run("dedupe", "merge", "8", "007", "-q").code == 0
    shop.write("later.csv", "no,phone\n7,13600136000\n007,13500135000\n")
    assert "2 changed" in shop.run("import", "later.csv").err
    assert (told(shop, "7")["phone"], told(shop, "8")["phone"]) == ("+8613600136000", "+8613500135000")


def test_a_survivor_with_another_key_is_known_by_what_the_old_ones_said(shop: Desk) -> None:
    assert shop.run("dedupe", "merge", "A1", "B1", "--into", "B1", "-q").code == 0
    assert shop.run("edit", "B1", "no=Z9", "-q").code == 0
    merged = told(shop, "Z9")
    assert merged["consent"] == "refused"
    again(shop, "north.csv")
    assert told(shop, "Z9") == merged


@pytest.mark.parametrize("back", [["undo"], ["edit", "A1", "mail=no"]])
def test_what_is_again_as_the_merge_left_it_is_not_changed_by_an_old_list(shop: Desk, back: list[str]) -> None:
    assert shop.run("dedupe", "merge", "A1", "B1", "-q").code == 0
    merged = told(shop, "A1")
    assert shop.run("edit", "A1", "mail=yes", "-q").code == 0
    assert shop.run(*back, "-q").code == 0
    again(shop, "north.csv")
    assert told(shop, "A1") == merged


@pytest.mark.parametrize("back", [["dedupe", "split", "C1"], ["undo"]])
def test_who_came_and_went_again_makes_no_list_news(shop: Desk, back: list[str]) -> None:
    shop.write("west.csv", HEADER + "C1,张伟,13700137000,yes,no,some,2022-01-01,30,EUR\n")
    assert shop.run("import", "west.csv", "-q").code == 0
    assert shop.run("dedupe", "merge", "A1", "B1", "-q").code == 0
    merged = told(shop, "A1")
    assert shop.run("dedupe", "merge", "A1", "C1", "-q").code == 0
    assert told(shop, "A1")["phone"] == "+8613700137000"
    assert shop.run(*back, "-q").code == 0
    assert told(shop, "A1") == merged
    for name in ("north.csv", "south.csv", "west.csv"):
        again(shop, name)
        assert told(shop, "A1") == merged


@pytest.mark.parametrize(
    "steps",
    [
        "merge A1 B1, merge A1 C1, split B1",
        "merge A1 B1, merge A1 C1 B2, split B1",
        "merge A1 B1, merge C1 B2, merge A1 C1, split B1",
        "merge A1 B1, merge A1 C1, merge A1 B2 --into B2, split B1",
    ],
)
def test_who_left_by_a_split_does_not_make_news_of_what_the_others_said(shop: Desk, steps: str) -> None:
    shop.write("west.csv", HEADER + "C1,張伟,13700137000,yes,no,some,2022-01-01,30,EUR\n")
    assert shop.run("import", "west.csv", "-q").code == 0
    for step in steps.split(", "):
        said = shop.run("dedupe", *step.split(), "-q")
        assert said.code == 0, said
    before = everybody(shop)
    for name in ("north.csv", "south.csv", "west.csv"):
        again(shop, name)
        assert everybody(shop) == before


def test_what_a_list_said_anew_by_a_merged_key_is_no_news_after_the_next_merge(shop: Desk) -> None:
    assert shop.run("dedupe", "merge", "A1", "B1", "-q").code == 0
    anew = SOUTH.replace("13900139000", "13600136000")
    assert "1 changed" in again(shop, "south.csv", anew).err
    shop.write("west.csv", HEADER + "C1,張伟,13700137000,yes,no,some,2022-01-01,30,EUR\n")
    assert shop.run("import", "west.csv", "-q").code == 0
    assert shop.run("dedupe", "merge", "A1", "C1", "-q").code == 0
    merged = told(shop, "A1")
    assert merged["phone"] == "+8613700137000"
    again(shop, "south.csv")
    assert told(shop, "A1") == merged


def test_an_old_list_gives_no_consent_again_that_is_of_another_kind_by_now(shop: Desk) -> None:
    assert shop.run("dedupe", "merge", "A1", "B1", "-q").code == 0
    shop.write("schema.yaml", SCHEMA.replace("{name: mail, type: boolean}", "{name: mail, kind: text}"))
    assert shop.run("schema", "apply", "--yes", "-q").code == 0
    shop.write("schema.yaml", SCHEMA)
    assert shop.run("schema", "apply", "--yes", "-q").code == 0
    again(shop, "north.csv")
    assert told(shop, "A1")["mail"] is False


def test_a_refusal_that_became_a_no_is_not_taken_back_by_an_old_list(shop: Desk) -> None:
    assert shop.run("dedupe", "merge", "A1", "B1", "-q").code == 0
    words = "{name: mail, type: string, constraints: {enum: ['false', 'true']}}"
    ruled = SCHEMA.replace("{survivor: {", "{survivor: {mail: strictest, ")
    shop.write("schema.yaml", ruled.replace("{name: mail, type: boolean}", words))
    assert shop.run("schema", "apply", "--yes", "-q").code == 0
    again(shop, "north.csv", NORTH.replace(",yes,no,", ",true,no,"))
    assert told(shop, "A1")["mail"] == "false"


@pytest.mark.parametrize("words", [["redo", "3"], ["undo", "4"]])
def test_a_merge_comes_not_back_into_who_is_part_of_another_one_by_now(shop: Desk, words: list[str]) -> None:
    assert shop.run("dedupe", "merge", "B1", "B2", "-q").code == 0
    assert shop.run("undo", "3", "-q").code == 0
    assert shop.run("dedupe", "merge", "A1", "B1", "-q").code == 0
    said = shop.run(*words)
    assert said.code == 6, said
    assert "people #2" in said.err or "people #3" in said.err
    assert again(shop, "north.csv").code == 0
