"""custrec dedupe: merged, found by old names, blamed, taken apart, and said to be different."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from shops import Done

SCHEMA = """\
version: 1
defaults: {region: CN, currency: CNY}
tables:
  - name: people
    primaryKey: [no]
    fields:
      - {name: no, type: string}
      - {name: name, kind: person_name, constraints: {required: true}}
      - {name: phone, kind: phone}
      - {name: code, type: string, constraints: {unique: true}}
      - {name: marks, kind: tags}
      - {name: mail, type: boolean}
      - {name: since, type: date, format: any}
      - {name: until, type: date, format: any}
      - {name: owner, type: string}
      - {name: paid, kind: money, currencyField: currency}
      - {name: currency, type: string}
    checks: [{rule: "since <= until"}]
    match: {survivor: {since: newest, until: oldest, owner: ask}}
  - name: notes
    foreignKeys: [{fields: [no], reference: {resource: people, fields: [no]}}]
    fields:
      - {name: no, type: string, constraints: {required: true}}
      - {name: text, type: string}
  - name: years
    primaryKey: [no, year]
    foreignKeys: [{fields: [no], reference: {resource: people, fields: [no]}}]
    fields:
      - {name: no, type: string}
      - {name: year, type: integer}
      - {name: sum, type: integer}
"""
PEOPLE = """\
no,name,phone,code,marks,mail,since,until,owner,paid,currency
P1,张伟,138 0013 8000,,VIP,yes,2024-01-01,,,10,USD
P2,张 伟,,k2,new,no,2023-05-01,2026-01-01 08:30,Kim,70,JPY
P3,Zhang Wei,139 0013 8000,k3,late,,,,Kim,,
P4,李娜,,,,,,,Lee,,
"""
NOTES = "no,text\nP1,a\nP2,b\nP2,c\nP3,d\n"

Custrec = Callable[..., Done]


@pytest.fixture
def custrec(tmp_path: Path, run_custrec: Custrec) -> Custrec:
    (tmp_path / "schema.yaml").write_text(SCHEMA, encoding="utf-8")
    (tmp_path / "people.csv").write_text(PEOPLE, encoding="utf-8")
    (tmp_path / "notes.csv").write_text(NOTES, encoding="utf-8")

    def run(*words: str, code: int = 0, **more: str) -> Done:
        done = run_custrec(*words, cwd=tmp_path, **more)
        assert done.code == code, (words, done.err)
        return done

    run("init", "-q")
    run("import", "people.csv", "notes.csv", "-q")
    return run


def shown(custrec: Custrec, name: str) -> dict[str, object]:
    record: dict[str, object] = json.loads(custrec("show", name, "--json").out)
    return record


def listed(custrec: Custrec, table: str) -> str:
    return custrec("list", "-t", table, "--format", "csv").out


def test_of_several_records_one_is_left_that_has_the_best_of_all(custrec: Custrec) -> None:
    done = custrec("dedupe", "merge", "P1", "P2", "P3")
    assert "3 records of people become 1 (#1)" in done.err
    one = shown(custrec, "P1")
    assert (one["code"], one["marks"], one["mail"]) == ("k2", "VIP;late;new", False), "of one import the fuller says"
    assert (one["since"], one["until"], one["owner"]) == ("2024-01-01", "2026-01-01", "Kim")
    assert (one["paid"], one["currency"]) == ("70", "JPY"), "an amount goes with its currency"
    assert one["_merged_from"] == [{"_id": 2, "key": "P2"}, {"_id": 3, "key": "P3"}]
    assert len(one["children"]["notes"]) == 4  # type: ignore[index]
    assert listed(custrec, "people").count("\n") == 3
    assert "verified" in custrec("history", "verify").err


def test_old_keys_and_numbers_lead_to_the_survivor(custrec: Custrec, tmp_path: Path) -> None:
    custrec("dedupe", "merge", "P1", "P2", "-q")
    custrec("dedupe", "merge", "P4", "P1", "--into", "P4", "--set", "owner=Kim", "-q")
    for name in ("P1", "P2", "#1", "#2"):
        assert shown(custrec, name)["_id"] == 4
    assert "named by #2" in custrec("show", "P2").out
    assert "P4" in custrec("find", "P2").out
    assert custrec("blame", "P2").out.startswith("people #4")
    custrec("edit", "P2", "owner=New", "-q")
    custrec("note", "P1", "x", code=4)  # these notes have no time
    custrec("add", "no=P2", "text=by old key", "--table", "notes", "-q")
    (tmp_path / "old.csv").write_text("no,phone\nP1,137 0013 8000\n", encoding="utf-8")
    (tmp_path / "n.csv").write_text("no,text\nP1,imported\nP2,b\n", encoding="utf-8")
    assert "1 changed" in custrec("import", "old.csv").err
    assert "1 new · 1 the same" in custrec("import", "n.csv").err
    four = shown(custrec, "P4")
    assert (four["owner"], four["phone"]) == ("New", "+8613700138000")
    assert {"by old key", "imported"} <= {note["text"] for note in four["children"]["notes"]}  # type: ignore[index]
    assert listed(custrec, "people").count("\n") == 3


def test_a_file_that_still_has_both_rows_says_what_the_survivors_own_row_says(custrec: Custrec) -> None:
    custrec("dedupe", "merge", "P1", "P2", "-q")
    done = custrec("import", "people.csv")
    assert "1 skipped" in done.err
    assert "rejected" not in done.err
    assert shown(custrec, "P1")["mail"] is False, "but for a yes that another row refuses"
    assert "same · 1 skipped" in custrec("import", "people.csv").err
    custrec("add", "no=P2", "name=Ann", code=4)


def test_a_yes_of_which_the_newest_shall_stay_is_taken_from_the_survivors_own_row(
    custrec: Custrec, tmp_path: Path
) -> None:
    schema = tmp_path / "schema.yaml"
    schema.write_text(SCHEMA.replace("survivor: {since", "survivor: {mail: newest, since"), encoding="utf-8")
    custrec("schema", "apply", "-q")
    custrec("dedupe", "merge", "P1", "P3", "-q")
    (tmp_path / "new.csv").write_text("no,mail\nP1,yes\nP3,no\n", encoding="utf-8")
    custrec("import", "new.csv", "-q")
    assert shown(custrec, "P1")["mail"] is True


def test_a_file_that_still_has_both_rows_gives_no_consent_again(tmp_path: Path, run_custrec: Custrec) -> None:
    fields = "{name: no, type: string}, {name: mail, type: boolean}, {name: call_not, type: boolean}"
    consent = "{name: consent, type: string, constraints: {enum: [refused, unknown, granted]}}"
    rules = "match: {survivor: {mail: strictest, call_not: yes, consent: strictest}}"
    schema = f"version: 1\ntables:\n  - {{name: t, primaryKey: [no], fields: [{fields}, {consent}], {rules}}}\n"
    (tmp_path / "schema.yaml").write_text(schema, encoding="utf-8")
    rows = "no,mail,call_not,consent\n1,yes,no,granted\n2,no,,unknown\n3,,yes,refused\n4,yes,no,granted\n"
    (tmp_path / "t.csv").write_text(rows, encoding="utf-8")
    run_custrec("init", "-q", cwd=tmp_path)
    run_custrec("import", "t.csv", "-q", cwd=tmp_path)
    run_custrec("dedupe", "merge", "1", "2", "3", "-q", cwd=tmp_path)
    strict = "1,1,false,true,refused\n4,4,true,false,granted\n"
    assert run_custrec("list", "--format", "csv", "--fields", "no,mail,call_not,consent", cwd=tmp_path).out.endswith(
        strict
    )
    assert "2 the same · 2 skipped" in run_custrec("import", "t.csv", cwd=tmp_path).err
    (tmp_path / "own.csv").write_text("no,consent\n1,granted\n", encoding="utf-8")
    assert "1 the same" in run_custrec("import", "own.csv", cwd=tmp_path).err, "as it was before the merge: no news"
    (tmp_path / "own.csv").write_text("no,consent\n1,unknown\n", encoding="utf-8")
    assert "1 changed" in run_custrec("import", "own.csv", cwd=tmp_path).err, "who says it anew has said it"


def test_every_value_is_blamed_to_the_record_file_and_line_it_came_from(custrec: Custrec) -> None:
    custrec("dedupe", "merge", "P2", "P3", "-q")
    custrec("dedupe", "merge", "P1", "P2", "-q")
    said = {one["field"]: one for one in json.loads(custrec("blame", "P1", "--json").out)["fields"]}
    phone = said["phone"]
    assert (phone["event"], phone["line"], phone["merged_from"]) == (1, 4, 3)
    assert phone["merged_by"]["event"] == 4
    assert (said["until"]["typed"], said["until"]["merged_from"]) == ("2026-01-01 08:30", 2)
    assert (said["no"]["line"], "merged_from" in said["no"]) == (2, False)
    assert said["marks"]["verb"] == "merge", "no record alone said it"
    assert "of people #3, brought by merge 4" in custrec("blame", "P1").out
    assert "of #3, where import 1 set it" in custrec("blame", "P1", "phone").out
    custrec("undo", "-q")
    custrec("redo", "-q")
    again = {one["field"]: one for one in json.loads(custrec("blame", "P1", "--json").out)["fields"]}
    assert (again["phone"]["line"], again["phone"]["merged_from"]) == (4, 3)


def test_what_was_before_is_seen_as_of_then(custrec: Custrec) -> None:
    before = listed(custrec, "people")
    custrec("dedupe", "merge", "P1", "P2", "-q")
    assert custrec("list", "--format", "csv", "--as-of", "event:2").out == before
    assert json.loads(custrec("show", "P2", "--as-of", "event:2", "--json").out)["_id"] == 2
    assert "merge" in custrec("history", "list", "--record", "P2").out


def test_a_split_takes_only_that_back_which_nobody_touched_since(custrec: Custrec) -> None:
    custrec("dedupe", "merge", "P2", "P3", "-q")
    custrec("dedupe", "merge", "P1", "P2", "-q")
    custrec("edit", "P1", "phone=136 0013 8000", "-q")
    custrec("add", "no=P3", "text=since", "--table", "notes", "-q")
    custrec("dedupe", "split", "P1", "--member", "P3")
    one, three = shown(custrec, "P1"), shown(custrec, "P3")
    assert (one["phone"], one["code"], one["marks"]) == ("+8613600138000", "k2", "VIP;new")
    assert (three["_id"], three["phone"], three["code"]) == (3, "+8613900138000", "k3")
    assert [note["text"] for note in three["children"]["notes"]] == ["d"]  # type: ignore[index]
    custrec("dedupe", "split", "P1", "-q")
    one, two = shown(custrec, "P1"), shown(custrec, "P2")
    assert (one["code"], one["marks"], one["mail"], one["paid"]) == (None, "VIP", True, "10.00")
    assert {note["text"] for note in one["children"]["notes"]} == {"a", "since"}  # type: ignore[index]
    assert (two["code"], two["marks"], two["name"]) == ("k2", "new", "张伟")
    assert "verified" in custrec("history", "verify").err


def test_who_names_a_merged_record_takes_that_one_out(custrec: Custrec) -> None:
    custrec("dedupe", "merge", "P2", "P3", "-q")
    custrec("dedupe", "merge", "P1", "P2", "-q")
    custrec("dedupe", "split", "#2", "-q")  # with what had been merged into it before
    assert [shown(custrec, one)["_id"] for one in ("P1", "P2", "P3")] == [1, 2, 2]
    custrec("undo", "-q")
    done = custrec("dedupe", "split", "P3")
    assert "P3 was merged into people#1: only it comes out; all: custrec dedupe split people#1\n" in done.err
    assert (shown(custrec, "P3")["_id"], shown(custrec, "P2")["_id"]) == (3, 1)
    custrec("undo", "-q")
    done = custrec("dedupe", "split", "P1")
    assert "only it comes out" not in done.err
    assert [shown(custrec, one)["_id"] for one in ("P1", "P2", "P3")] == [1, 2, 3]


def test_whoever_is_to_be_asked_says_it_or_nothing_is_merged(custrec: Custrec) -> None:
    refused = custrec("dedupe", "merge", "P2", "P4", code=4)
    assert "owner differs" in refused.err
    assert "--take FIELD=ID" in refused.err
    custrec("dedupe", "merge", "P2", "P4", "--take", "owner=P4", "-q")
    assert shown(custrec, "P2")["owner"] == "Lee"


def test_a_merge_that_would_break_a_check_is_refused(custrec: Custrec) -> None:
    custrec("edit", "P3", "since=2027-01-01", "-q")
    assert "breaks the rule" in custrec("dedupe", "merge", "P2", "P3", code=4).err
    custrec("dedupe", "merge", "P2", "P3", "--take", "since=P2", "-q")


def test_children_that_would_be_the_same_are_in_the_way(custrec: Custrec, tmp_path: Path) -> None:
    (tmp_path / "years.csv").write_text("no,year,sum\nP1,2024,1\nP2,2024,2\nP2,2025,3\n", encoding="utf-8")
    custrec("import", "years.csv", "-q")
    refused = custrec("dedupe", "merge", "P1", "P2", code=4)
    assert "years #1, #2 would be the same by no, year" in refused.err
    custrec("dedupe", "merge", "years#1", "years#2", "-q")
    custrec("dedupe", "merge", "P1", "P2", "-q")
    assert len(shown(custrec, "P1")["children"]["years"]) == 2  # type: ignore[index]
    assert listed(custrec, "years").count("\n") == 3
    assert "verified" in custrec("history", "verify").err


def test_what_is_in_the_trash_is_not_merged_and_one_record_is_not_two(custrec: Custrec) -> None:
    custrec("delete", "P2", "--yes", "-q")
    assert "in the trash" in custrec("dedupe", "merge", "P1", "P2", code=4).err
    custrec("dedupe", "merge", "P1", "P1", code=2)
    custrec("dedupe", "merge", code=2)
    custrec("dedupe", "merge", "P1", "P3", "--take", "owner=P4", code=2)
    custrec("dedupe", "merge", "P1", "P3", "--set", "no=X", code=2)
    custrec("dedupe", "split", "P1", code=4)
    custrec("dedupe", "merge", "P1", "nobody", code=2)


def test_a_dry_run_of_a_verdict_shows_no_rows_of_custrecs_own(custrec: Custrec) -> None:
    done = custrec("dedupe", "different", "P2", "P3", "-n")
    assert not done.out and "#2 and #3" in done.err and "nothing was written" in done.err
    assert json.loads(custrec("dedupe", "different", "P2", "P3", "-n", "--json").out)["sample"]


def test_different_holds_through_others_until_it_is_taken_back(custrec: Custrec) -> None:
    custrec("dedupe", "different", "P1", "P3", "--note", "father and son")
    assert "father and son" in custrec("dedupe", "verdicts").out
    custrec("dedupe", "merge", "P1", "P2", "-q")
    refused = custrec("dedupe", "merge", "P2", "P3", code=4)
    assert "#1 and #3 are said to be different" in refused.err
    custrec("dedupe", "different", "P1", "P3", "-q")
    said = json.loads(custrec("dedupe", "verdicts", "--json").out)["verdicts"]
    assert [(one["one"], one["key"], one["other_key"]) for one in said] == [(1, "P1", "P3")]
    custrec("dedupe", "same", "P3", "P2", "-q")
    custrec("dedupe", "merge", "P2", "P3", "-q")
    custrec("dedupe", "different", "P1", "P3", code=2)
    assert "verified" in custrec("history", "verify").err


def test_a_redo_does_not_make_one_of_what_is_said_to_be_different_since(custrec: Custrec) -> None:
    custrec("dedupe", "merge", "P1", "P2", "-q")
    custrec("undo", "-q")
    custrec("dedupe", "different", "P1", "P2", "-q")
    assert "are said to be different" in custrec("redo", "3", code=6).err


def test_clusters_of_a_file_are_merged_and_those_that_cannot_are_said(custrec: Custrec, tmp_path: Path) -> None:
    lines = [[1, 2], [2, 3], [3, 4], [99, 4], [1]]
    text = "\n".join(json.dumps({"members": [{"id": one} for one in line]}) for line in lines[:2] + lines[3:])
    (tmp_path / "clusters.jsonl").write_text(text + "\n\n", encoding="utf-8")
    done = custrec("dedupe", "merge", "--from", "clusters.jsonl", "--json", code=3)
    plan = json.loads(done.out)
    assert (plan["clusters"], plan["merged"], plan["into"]) == (1, 3, [1])
    assert plan["rules"] == {"record-unknown": 1}
    assert plan["told"] == ["people #99 is not there"]
    for bad in ("{", "[]", '{"members": [1]}', '{"members": [{"id": true}]}', '{"members": [{"id": 1e99}]}', '"x"'):
        (tmp_path / "bad.jsonl").write_text(bad, encoding="utf-8")
        assert "bad.jsonl, line 1" in custrec("dedupe", "merge", "--from", "bad.jsonl", code=4).err
    custrec("dedupe", "merge", "--from", "missing.jsonl", code=4)


def test_a_bulk_merge_is_held_to_max_change_and_a_dry_run_writes_nothing(custrec: Custrec, tmp_path: Path) -> None:
    (tmp_path / "c.jsonl").write_text('{"members": [{"id": 1}, {"id": 2}]}\n', encoding="utf-8")
    before = listed(custrec, "people")
    custrec("dedupe", "merge", "--from", "c.jsonl", "--max-change", "1", code=9)
    assert "become 1 (#1)" in custrec("dedupe", "merge", "--from", "c.jsonl", "-n").err
    assert listed(custrec, "people") == before


def test_exchanged_names_stay_together(tmp_path: Path, run_custrec: Custrec) -> None:
    fields = "{name: no, type: string}, {name: first, kind: person_name}, {name: last, kind: person_name}"
    (tmp_path / "schema.yaml").write_text(
        f"version: 1\ntables:\n  - {{name: people, primaryKey: [no], fields: [{fields}]}}\n", encoding="utf-8"
    )
    rows = "no,first,last\n1,Thomas,Müller\n2,Müller,Thomas\n3,Weiß,Jo\n4,J.,Weiss\n5,Jo,WEISS\n6,Ann,Lee\n7,Lee,\n"
    (tmp_path / "people.csv").write_text(rows, encoding="utf-8")
    run_custrec("init", "-q", cwd=tmp_path)
    run_custrec("import", "people.csv", "-q", cwd=tmp_path)

    def merged(*names: str) -> tuple[str, str]:
        assert run_custrec("dedupe", "merge", *names, "-q", cwd=tmp_path).code == 0
        record = json.loads(run_custrec("show", names[0], "--json", cwd=tmp_path).out)
        return record["first"], record["last"]

    assert merged("1", "2") == ("Thomas", "Müller"), "as the survivor has them"
    assert merged("3", "4", "5") == ("Jo", "Weiss"), "as more have them"
    assert merged("6", "7") == ("Ann", "Lee"), "a name alone has no order to lend"
    run_custrec("dedupe", "split", "1", "-q", cwd=tmp_path)
    run_custrec("edit", "2", "first=Mueller", "-q", cwd=tmp_path)
    assert merged("1", "2") == ("Mueller", "Thomas"), "as was said last"


KEYLESS = """\
version: 1
defaults: {region: CN}
tables:
  - name: people
    fields:
      - {name: name, kind: person_name, constraints: {required: true}}
      - {name: phone, kind: phone}
      - {name: city, type: string}
      - {name: mail, kind: email, constraints: {unique: true}}
"""
LIST = "name,phone,city,mail\n张伟,138 0013 8000,,zw@example.cn\n张伟,,上海,\n张 伟,,,wei@example.cn\n李娜,,北京,\n"


def test_a_list_without_keys_brings_nobody_back_who_was_merged(tmp_path: Path, run_custrec: Custrec) -> None:
    (tmp_path / "schema.yaml").write_text(KEYLESS, encoding="utf-8")
    (tmp_path / "list.csv").write_text(LIST, encoding="utf-8")

    def custrec(*words: str, code: int = 0) -> str:
        done = run_custrec(*words, cwd=tmp_path)
        assert done.code == code, done.err
        return done.err

    custrec("init", "-q")
    custrec("import", "list.csv", "-q")
    custrec("dedupe", "merge", "#1", "#2", "-q")
    assert "4 the same" in custrec("import", "list.csv")
    custrec("dedupe", "merge", "#3", "#1", "--into", "#3", "-q")
    assert "4 the same" in custrec("import", "list.csv"), "who was merged into one that was merged"
    custrec("edit", "#3", "city=广州", "-q")
    assert "4 the same" in custrec("import", "list.csv")
    (tmp_path / "twice.csv").write_text(LIST + "李娜,,北京,\n张伟,,上海,\n", encoding="utf-8")
    assert "2 new · 4 the same" in custrec("import", "twice.csv"), "as many as there were"
    for _ in range(4):
        custrec("undo", "-q")
    assert "4 the same" in custrec("import", "list.csv"), "a merge that was undone"
    custrec("edit", "#1", "city=深圳", "-q")
    rejected = custrec("import", "list.csv", code=3)
    assert "3 the same · 1 rejected" in rejected, "what a person changed is another row, with a mailbox that is taken"


def test_an_undo_of_a_merge_says_which_record_and_who_has_its_unique_value_by_now(custrec: Custrec) -> None:
    custrec("dedupe", "merge", "P2", "P3", "--set", "code=k9", "-q")
    custrec("edit", "P4", "code=k2", "-q")
    refused = custrec("undo", "3", code=6)
    assert "people #2: code not-unique (it is people #4)" in refused.err
    assert "k2" not in refused.err
    custrec("edit", "P4", "code=", "-q")
    custrec("edit", "P2", "code=k8", "-q")
    refused = custrec("undo", "3", code=6)
    assert "people #2: code changed since (last: event 6)" in refused.err
