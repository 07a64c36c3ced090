"""custrec retention run, notify, reply as processes: proposed, written to, answered, done."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from terminal import Desk

SCHEMA = """\
version: 1
tables:
  - name: people
    primaryKey: [no]
    fields:
      - {name: no}
      - {name: called, kind: person_name, classification: personal}
      - {name: stage}
      - {name: marks, kind: tags}
      - {name: bank}
      - {name: ended, type: date}
    retention:
      - {name: old, when: stage = old, anchor: ended, archive: 1y, auto: archive}
      - {name: seen, when: stage = seen, anchor: ended, flag: 1y, tag: look}
      - name: gone
        when: stage = gone
        anchor: ended
        keep_at_most: {period: 2y, then: trash, why: the purpose has ended}
        notify: {before: 30d, grace: 20d, again: 2y}
        auto: trash
  - name: notes
    foreignKeys: [{fields: [no], reference: {resource: people, fields: [no]}}]
    fields: [{name: no}, {name: text}]
"""
PEOPLE = """\
no,called,stage,marks,bank,ended
P1,Ann Lee,old,,1,2020-01-01
P2,王芳,old,,,2026-05-01
P3,Bo Diaz,seen,,,2020-01-01
P4,Cy <b>Wu</b>,gone,,,2024-01-01
P5,Di Ye,gone,,,2024-06-20
P6,Ed Fox,gone,,,2025-06-20
"""


def on(day: str) -> tuple[str, str]:
    return ("--today", day)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    desk = Desk.at(tmp_path / "desk")
    desk.write("schema.yaml", SCHEMA)
    assert desk.run("init").code == 0
    assert desk.take(PEOPLE).code == 0
    return desk


def states(desk: Desk) -> dict[str, int]:
    return dict(zip(desk.rows("SELECT no FROM people"), desk.rows("SELECT _state FROM people"), strict=True))


def stages(desk: Desk, day: str) -> dict[str, str]:
    rows = csv.DictReader(desk.run("retention", "plan", "--format", "csv", *on(day)).out.splitlines())
    return {row["key"]: row["stage"] for row in rows}


def test_what_a_rule_carries_out_unasked_is_done_once_and_the_rest_is_only_said(desk: Desk) -> None:
    done = desk.run("retention", "run", *on("2026-06-01"))
    assert done.code == 3
    assert "archive: 1 of people to the archive" in done.err
    assert "2 proposed and not carried out" in done.err
    assert states(desk) == {"P1": 1, "P2": 0, "P3": 0, "P4": 0, "P5": 0, "P6": 0}
    events = desk.rows("SELECT max(id) FROM _event")
    assert desk.run("retention", "run", *on("2026-06-01")).code == 3
    assert desk.rows("SELECT max(id) FROM _event") == events, "the second time does nothing"
    assert desk.run("undo").code == 0
    assert states(desk)["P1"] == 0


def test_what_is_proposed_is_carried_out_when_it_is_wanted(desk: Desk) -> None:
    assert desk.run("retention", "run", "--proposed", "--rule", "seen", *on("2026-06-01")).code == 0
    assert desk.rows("SELECT marks FROM people WHERE no = 'P3'") == ["look"]
    assert desk.run("retention", "run", "--rule", "seen", *on("2026-06-01")).err == "nothing is due\n"
    assert desk.run("retention", "run", "--rule", "saen").code == 2


def test_a_dry_run_writes_nothing(desk: Desk) -> None:
    events = desk.rows("SELECT max(id) FROM _event")
    assert desk.run("retention", "run", "--proposed", "-n", *on("2026-06-01")).code == 3
    assert desk.run("retention", "notify", "-n", "--html", "l.html", *on("2026-06-01")).code == 0
    assert desk.rows("SELECT max(id) FROM _event") == events
    assert not (desk.folder / "l.html").exists()


def test_nobody_goes_before_being_written_to_and_the_grace_is_over(desk: Desk) -> None:
    day = "2026-06-01"
    assert stages(desk, day)["P4"] == "proposed"
    desk.run("retention", "run", *on(day))
    assert states(desk)["P4"] == 0
    done = desk.run("retention", "notify", "--html", "l.html", "--csv", "l.csv", "--answer-to", "a@b.example", *on(day))
    assert (done.code, "2 letters written to l.html and l.csv" in done.err) == (0, True)
    rows = list(csv.DictReader((desk.folder / "l.csv").read_text().splitlines()))
    assert [(row["_id"], row["key"], row["not_before"], row["answer_by"]) for row in rows] == [
        ("people#4", "P4", "2026-06-01", "2026-06-21"),
        ("people#5", "P5", "2026-06-20", "2026-06-21"),
    ]
    page = (desk.folder / "l.html").read_text()
    assert page.count("<section>") == 2
    assert "<b>" not in page
    assert "a@b.example" in page
    assert "nobody has to be written to" in desk.run("retention", "notify", "--csv", "m.csv", *on(day)).err
    assert stages(desk, day)["P4"] == "grace"
    desk.run("retention", "run", *on("2026-06-21"))
    assert states(desk)["P4"] == 0
    desk.run("retention", "run", *on("2026-06-22"))
    assert (states(desk)["P4"], states(desk)["P5"], states(desk)["P6"]) == (2, 2, 0)


def test_an_answer_keeps_a_record_or_lets_it_go_at_once(desk: Desk) -> None:
    day = "2026-06-01"
    desk.run("retention", "notify", "--csv", "l.csv", *on(day))
    assert desk.run("retention", "reply", "P4", "delete", *on(day)).code == 0
    assert desk.run("retention", "reply", "P5", "keep", *on(day)).code == 0
    assert stages(desk, day)["P4"] == "ready"
    desk.run("retention", "run", *on("2026-07-01"))
    assert (states(desk)["P4"], states(desk)["P5"]) == (2, 0)
    assert stages(desk, "2026-07-01")["P5"] == "kept"
    assert stages(desk, "2028-06-02")["P5"] == "proposed", "asked again after two years"
    assert desk.run("retention", "reply", "P6", "keep").code == 2
    assert desk.run("retention", "reply", "P5", "perhaps").code == 2


def test_who_may_still_answer_or_is_kept_is_nothing_to_be_done_and_explain_says_so(desk: Desk) -> None:
    only = ("--rule", "gone")
    assert desk.run("retention", "plan", *only, *on("2026-06-01")).code == 3
    assert "custrec retention notify" in desk.run("retention", "explain", "P4", *on("2026-06-01")).out
    desk.run("retention", "notify", "--csv", "l.csv", *on("2026-06-01"))
    assert desk.run("retention", "plan", *only, *on("2026-06-10")).code == 0
    assert desk.run("retention", "run", *only, *on("2026-06-10")).code == 0
    assert "may answer until 2026-06-21" in desk.run("retention", "explain", "P4", *on("2026-06-10")).out
    assert "retention: 2 " in desk.run("check", *on("2026-06-10")).err, "the archive and the flag alone"
    desk.run("retention", "reply", "P4", "keep", *on("2026-06-10"))
    assert desk.run("retention", "run", *only, *on("2026-07-01")).code == 0, "P5 goes, P4 is nothing to be done"
    told = desk.run("retention", "explain", "P4", "--json", *on("2026-07-01")).json
    assert (told["stage"], told["wait_until"]) == ("kept", "2028-06-10")


def test_answers_come_from_the_list_that_was_written(desk: Desk) -> None:
    desk.run("retention", "notify", "--csv", "l.csv", *on("2026-06-01"))
    text = (desk.folder / "l.csv").read_text().splitlines()
    desk.write("l.csv", "\n".join([text[0], text[1] + "Keep", text[2], ""]))
    assert desk.run("retention", "reply", "--from", "l.csv", *on("2026-06-02")).code == 0
    assert stages(desk, "2026-06-30") == {"P1": "ready", "P3": "ready", "P4": "kept", "P5": "ready"}


def test_an_answer_is_never_noted_for_another_record_whose_key_reads_like_the_number(desk: Desk) -> None:
    desk.run("edit", "P5", "no=people#4")
    desk.run("retention", "notify", "--csv", "l.csv", *on("2026-06-01"))
    head, first, *_ = (desk.folder / "l.csv").read_text().splitlines()
    desk.write("l.csv", f"{head}\n{first}keep\n")
    assert desk.run("retention", "reply", "--from", "l.csv", *on("2026-06-02")).code == 0
    assert stages(desk, "2026-06-30") == {"P1": "ready", "P3": "ready", "P4": "kept", "people#4": "ready"}
    desk.run("edit", "#5", "no=#4")
    desk.write("l.csv", f"{head}\n{first.replace('people#4', '#4')}delete\n")
    refused = desk.run("retention", "reply", "--from", "l.csv", *on("2026-06-02"))
    assert refused.code == 2
    assert "people #5 has not the key that the line tells; nothing was noted" in refused.err


def test_releasing_a_hold_writes_to_the_customer_again(desk: Desk) -> None:
    desk.run("retention", "notify", "--csv", "l.csv", *on("2026-06-01"))
    desk.run("hold", "add", "P4", "--reason", "audit")
    desk.run("retention", "run", *on("2026-07-01"))
    assert states(desk)["P4"] == 0
    assert "1 record to be written about again" in desk.run("hold", "release", "P4").err
    assert stages(desk, "2026-07-01")["P4"] == "proposed"


def test_a_slip_in_a_rule_that_would_take_half_the_table_stops(desk: Desk) -> None:
    rows = "".join(f"Q{n},Ann Lee,old,,,2020-01-01\n" for n in range(2000))
    assert desk.take("no,called,stage,marks,bank,ended\n" + rows).code == 0
    done = desk.run("retention", "run", "--json", *on("2026-06-01"))
    assert (done.code, done.error["error"]) == (9, "too-many-changes")
    assert set(states(desk).values()) == {0}


ERASING = """\
version: 1
tables:
  - name: people
    primaryKey: [no]
    fields:
      - {name: no}
      - {name: called, kind: person_name, classification: personal}
      - {name: bank}
      - {name: stage}
      - {name: ended, type: date}
    retention:
      - {name: blank, when: stage = blank, anchor: ended, anonymise: 1y, auto: anonymise}
      - {name: wipe, when: stage = wipe, anchor: ended, keep_at_most: {period: 1y, then: purge}%s}
      - {name: money, when: stage = money, anchor: ended, auto: anonymise, fields: {bank: {keep_at_most: 1y}}}
"""
FOUR = """\
no,called,bank,stage,ended
P1,Ann Lee,6222,blank,2020-01-01
P2,Bo Diaz,6222,wipe,2020-01-01
P3,Cy Wu,6222,money,2020-01-01
P4,Di Ye,6222,money,2026-05-01
"""


def erasing(folder: Path, auto: str) -> Desk:
    desk = Desk.at(folder / "erasing")
    desk.write("schema.yaml", ERASING % auto)
    assert desk.run("init").code == 0
    assert desk.take(FOUR).code == 0
    return desk


def test_a_rule_destroys_unasked_where_it_says_so_and_only_once(tmp_path: Path) -> None:
    desk = erasing(tmp_path, ", auto: purge")
    assert desk.run("retention", "run", *on("2026-06-01")).code == 0
    assert desk.rows("SELECT no || coalesce(called, '-') || coalesce(bank, '-') FROM people") == [
        *("P1-6222", "P3Cy Wu-", "P4Di Ye6222"),
    ]
    events = desk.rows("SELECT max(id) FROM _event")
    assert desk.run("retention", "run", *on("2026-06-01")).err == "nothing is due\n"
    assert desk.rows("SELECT max(id) FROM _event") == events
    assert "anonymised already" in desk.run("retention", "explain", "P1", *on("2026-06-01")).out
    assert desk.run("history", "verify").code == 0
    assert desk.rows("SELECT count(*) FROM people") == [3], "anonymised records still count"


def test_what_no_rule_destroys_unasked_wants_the_number(tmp_path: Path) -> None:
    desk = erasing(tmp_path, "")
    assert desk.run("retention", "run", *on("2026-06-01")).code == 3
    assert desk.run("retention", "run", "--proposed", "--yes", *on("2026-06-01")).code == 9
    assert desk.rows("SELECT count(*) FROM people") == [4]
    done = desk.run("retention", "run", "--proposed", "--confirm-up-to", "1", *on("2026-06-01"))
    assert done.code == 0, done.err
    assert desk.rows("SELECT no FROM people") == ["P1", "P3", "P4"]


def test_the_number_may_be_exact(tmp_path: Path) -> None:
    desk = erasing(tmp_path, "")
    refused = desk.run("retention", "run", "--proposed", *on("2026-06-01"))
    assert (refused.code, "--confirm 1" in refused.err) == (9, True)
    assert desk.run("retention", "run", "--proposed", "--confirm", "2", *on("2026-06-01")).code == 9
    assert desk.rows("SELECT count(*) FROM people") == [4]
    done = desk.run("retention", "run", "--proposed", "--confirm", "1", *on("2026-06-01"))
    assert done.code == 0, done.err
    assert desk.rows("SELECT no FROM people") == ["P1", "P3", "P4"]


def test_what_came_back_is_proposed_again(tmp_path: Path) -> None:
    desk = erasing(tmp_path, ", auto: purge")
    desk.run("retention", "run", *on("2026-06-01"))
    assert desk.take(FOUR).code == 3
    assert stages(desk, "2026-06-01") == {"P1": "ready", "P2": "ready", "P3": "ready"}


def test_a_hold_keeps_a_rule_from_destroying(tmp_path: Path) -> None:
    desk = erasing(tmp_path, ", auto: purge")
    desk.run("hold", "add", "P2", "P1", "--reason", "audit")
    assert desk.run("retention", "run", *on("2026-06-01")).code == 0
    assert desk.rows("SELECT no FROM people WHERE called IS NOT NULL") == ["P1", "P2", "P3", "P4"]
