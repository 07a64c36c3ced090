"""Records that became one, and of which something was destroyed since: what can be told no more is not guessed."""

from __future__ import annotations

import json

import pytest

from terminal import Desk

SCHEMA = """\
version: 1
defaults: {region: CN}
tables:
  - name: people
    primaryKey: [no]
    fields:
      - {name: no, type: string, constraints: {required: true}}
      - {name: name, kind: person_name}
      - {name: phone, kind: phone}
      - {name: mail, type: boolean}
      - {name: call_not, type: boolean}
      - {name: city, type: string}
    match: {survivor: {call_not: yes}}
"""
HEADER = "no,name,phone,mail,call_not,city\n"
ANN, ANNA = "A1,Ann Smith,13800138001,yes,no,York\n", "A2,Anna Smith,13800138002,no,yes,Leeds\n"
THIRD = "A3,A. Smith,13800138003,no,yes,Hull\n"


@pytest.fixture
def shop(desk: Desk) -> Desk:
    for file in desk.folder.iterdir():
        file.unlink()
    desk.write("schema.yaml", SCHEMA)
    desk.write("all.csv", HEADER + ANN + ANNA + THIRD)
    desk.write("ann.csv", HEADER + ANN)
    desk.write("anna.csv", HEADER + ANNA.replace(",no,yes,", ",yes,no,"))
    assert desk.run("init", "-q").code == 0
    assert desk.run("import", "all.csv", "-q").code == 0
    return desk


def done(desk: Desk, *words: str) -> None:
    said = desk.run(*words, "-q")
    assert said.code == 0, said


def consents(desk: Desk, name: str = "A1") -> tuple[bool, bool]:
    record = json.loads(desk.run("show", name, "--json").out)
    return record["mail"], record["call_not"]


@pytest.mark.parametrize("again", ["ann.csv", "anna.csv", "all.csv"])
def test_an_old_list_gives_no_consent_back_where_nobody_can_tell_what_it_was_before(shop: Desk, again: str) -> None:
    done(shop, "dedupe", "merge", "A1", "A2")
    done(shop, "anonymise", "A1", "--fields", "phone", "--confirm-up-to", "2")
    assert consents(shop) == (False, True)
    assert shop.run("import", again).code in (0, 3)
    assert consents(shop) == (False, True)


def test_nor_does_it_where_one_who_was_within_was_destroyed(shop: Desk) -> None:
    done(shop, "dedupe", "merge", "A1", "A2", "A3")
    done(shop, "dedupe", "split", "A1", "--member", "A3")
    done(shop, "purge", "A3", "--confirm", "1")
    assert shop.run("import", "ann.csv").code in (0, 3)
    assert consents(shop) == (False, True)


def test_a_consent_that_somebody_gave_since_is_heard_there_too(shop: Desk) -> None:
    done(shop, "dedupe", "merge", "A1", "A2")
    done(shop, "anonymise", "A1", "--fields", "phone", "--confirm-up-to", "2")
    done(shop, "edit", "A1", "mail=yes")
    assert consents(shop) == (True, True)
    assert shop.run("import", "ann.csv").code in (0, 3)
    assert consents(shop) == (True, True)


def test_a_consent_is_heard_of_who_was_anonymised_before_he_was_merged(shop: Desk) -> None:
    done(shop, "anonymise", "A1", "A2", "--fields", "phone", "--confirm", "2")
    done(shop, "dedupe", "merge", "A1", "A2")
    assert shop.run("import", "ann.csv").code in (0, 3)
    assert consents(shop) == (False, True)
    shop.write("said.csv", "no,mail\nA2,yes\n")
    done(shop, "import", "said.csv")
    assert consents(shop) == (True, True)


def test_what_a_list_says_of_the_rest_is_heard_there_too(shop: Desk) -> None:
    done(shop, "dedupe", "merge", "A1", "A2")
    done(shop, "anonymise", "A1", "--fields", "phone", "--confirm-up-to", "2")
    shop.write("new.csv", "no,city\nA1,Bath\n")
    done(shop, "import", "new.csv")
    assert json.loads(shop.run("show", "A1", "--json").out)["city"] == "Bath"


@pytest.mark.parametrize("words", [["A1"], ["A2"], ["A1", "--member", "A2"]])
def test_who_was_anonymised_within_another_one_is_not_taken_out_as_he_was(shop: Desk, words: list[str]) -> None:
    done(shop, "dedupe", "merge", "A1", "A2", "A3")
    done(shop, "anonymise", "A1", "--fields", "phone", "--confirm-up-to", "3")
    before = shop.run("export", "-q").out
    said = shop.run("dedupe", "split", *words)
    assert said.code == 4, said
    assert "people #2: what it was is destroyed" in said.err
    assert shop.run("export", "-q").out == before


def test_who_came_in_after_the_rest_was_anonymised_comes_out_as_he_was(shop: Desk) -> None:
    done(shop, "dedupe", "merge", "A1", "A2")
    done(shop, "anonymise", "A1", "--fields", "phone", "--confirm-up-to", "2")
    third = shop.run("show", "A3", "--json").out
    done(shop, "dedupe", "merge", "A1", "A3")
    assert shop.run("dedupe", "split", "A1").code == 4
    done(shop, "dedupe", "split", "A1", "--member", "A3")
    assert json.loads(shop.run("show", "A3", "--json").out)["phone"] == json.loads(third)["phone"]
    assert consents(shop) == (False, True)


def test_who_stays_when_one_was_destroyed_comes_out_as_he_was(shop: Desk) -> None:
    done(shop, "dedupe", "merge", "A1", "A2", "A3")
    done(shop, "dedupe", "split", "A1", "--member", "A3")
    done(shop, "purge", "A3", "--confirm", "1")
    done(shop, "dedupe", "split", "A1")
    assert json.loads(shop.run("show", "A2", "--json").out)["city"] == "Leeds"
    assert consents(shop) == consents(shop, "A2") == (False, True)
