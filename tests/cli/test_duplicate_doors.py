"""One judgement for all doors: import --duplicates and match.on_import, add, validate; by the model of dedupe find."""

from __future__ import annotations

import csv
import json
import re
import shutil
from collections.abc import Callable, Sequence
from itertools import pairwise

import pytest

from conftest import RunCustrec
from doubled_people import DOUBLES, SCHEMA, strangers, text
from terminal import Desk, Said

Row = list[str]
SAME_AS_P1 = ["P8", "张伟", "华强电子深圳有限公司", "13812345678", "zhang.wei@example.com", "福田区华强北路1002号", ""]
NOBODY = ["P9", "欧阳静", "", "13977712345", "ouyang@example.net", "成都市武侯区人民南路四段11号", ""]
Open = Callable[..., Desk]


@pytest.fixture
def opened(desk: Desk) -> Open:
    """A shop with this match section, and these people in it."""

    def made(rows: Sequence[Row] = (), match: str = "{}", find: bool = False) -> Desk:
        for file in desk.folder.iterdir():
            file.unlink()
        desk.write("schema.yaml", SCHEMA.replace("MATCH", match))
        assert desk.run("init", "-q").code == 0
        if rows:
            desk.write("people.csv", text(list(rows)))
            assert desk.run("import", "people.csv", "-q", "--duplicates", "never").code == 0
        if find:
            assert desk.run("dedupe", "find", "-q").code in (0, 3)
        return desk

    return made


def take(desk: Desk, rows: Sequence[Row], *words: str) -> Said:
    desk.write("in.csv", text(list(rows)))
    return desk.run("import", "in.csv", *words)


def noted(desk: Desk, what: str) -> dict[str, str]:
    """The message by key of the one list of rows of a sort."""
    (path,) = (desk.folder / f"custrec.{what}").glob("*.csv")
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert {row["_rule"] for row in rows} <= {"maybe-duplicate"}
    return {row["no"]: row["_message"] for row in rows}


def everybody(desk: Desk) -> set[str]:
    return set(desk.rows("SELECT no FROM people WHERE _state = 0"))


def test_an_import_says_nothing_of_duplicates_unless_it_is_told_to(opened: Open) -> None:
    desk = opened(match="{}")
    said = take(desk, DOUBLES + strangers(40))
    assert said.code == 0
    assert not list((desk.folder / "custrec.review").glob("*"))


def test_the_first_import_into_an_empty_store_finds_the_duplicates_within_the_file(opened: Open) -> None:
    desk = opened(match="{on_import: quarantine}")
    said = take(desk, DOUBLES + strangers(60))
    assert said.code == 3
    assert "maybe-duplicate 3" in said.err
    found = noted(desk, "rejects")
    assert found.keys() == {"P2", "P3", "P5"}
    assert found["P2"].startswith("likely the same as line 2 (") and found["P5"].startswith(
        "likely the same as line 5 ("
    )
    assert {"P1", "P4"} <= everybody(desk) and not everybody(desk) & {"P2", "P3", "P5"}


def test_rows_that_are_warned_of_are_taken_and_wait_for_review(opened: Open) -> None:
    desk = opened(DOUBLES[:1] + strangers(60), match="{on_import: warn}", find=True)
    said = take(desk, [SAME_AS_P1, NOBODY], "--json")
    assert said.code == 3
    assert said.json["duplicates"] == 1 and said.json["counts"]["insert"] == 2
    assert noted(desk, "review").keys() == {"P8"}
    assert noted(desk, "review")["P8"].startswith("likely the same as people #1 (")
    assert desk.run("dedupe", "review", "--export", "pairs.csv").code == 0
    with (desk.folder / "pairs.csv").open(encoding="utf-8-sig", newline="") as stream:
        assert [(row["one.no"], row["other.no"]) for row in csv.DictReader(stream)] == [("P1", "P8")]


def test_a_row_in_quarantine_is_taken_when_a_person_says_so(opened: Open) -> None:
    desk = opened(DOUBLES[:1] + strangers(60), match="{on_import: quarantine}", find=True)
    assert take(desk, [SAME_AS_P1, NOBODY]).code == 3
    (rejects,) = (desk.folder / "custrec.rejects").glob("*.csv")
    assert desk.run("import", str(rejects)).code == 3  # as it is, it is the same row once more
    assert "P8" not in everybody(desk)
    assert desk.run("import", str(rejects), "--duplicates", "never").code == 0
    assert "P8" in everybody(desk)


def test_a_row_with_the_key_of_a_record_changes_it_and_is_no_suspect(opened: Open) -> None:
    desk = opened(DOUBLES[:1] + strangers(60), match="{on_import: quarantine}", find=True)
    assert take(desk, [["P1", *SAME_AS_P1[1:]]]).code == 0


def test_what_changed_since_the_last_search_is_known_too(opened: Open) -> None:
    desk = opened(strangers(60), match="{on_import: quarantine}", find=True)
    assert take(desk, DOUBLES[:1]).code == 0
    assert take(desk, [SAME_AS_P1]).code == 3


def test_a_merged_record_is_known_by_what_it_was_and_told_by_what_it_is_part_of(opened: Open) -> None:
    old = ["P7", "欧阳修远", "", "13655557777", "old@example.com", "西安市雁塔区小寨东路7号", ""]
    desk = opened([*DOUBLES[:1], old, *strangers(60)], match="{on_import: quarantine}", find=True)
    assert desk.run("dedupe", "merge", "P1", "P7", "--into", "P1", "--take", "name=P1", "-q").code == 0
    said = take(desk, [["P8", *old[1:]]])
    assert said.code == 3
    assert noted(desk, "rejects")["P8"].startswith("likely the same as people #1")


def test_who_was_merged_by_the_thousand_is_known_before_and_after_the_next_search(opened: Open) -> None:
    ones = strangers(2_500)
    others = [[f"Q{at}", one[1], two[2], two[3], "", two[5], ""] for at, (one, two) in enumerate(pairwise(ones))]
    desk = opened([*ones, *others], match="{on_import: warn}", find=True)
    clusters = "".join(f'{{"members": [{{"id": {n}}}, {{"id": {n + len(ones)}}}]}}\n' for n in range(1, len(ones)))
    desk.write("clusters.jsonl", clusters)
    assert desk.run("dedupe", "merge", "--from", "clusters.jsonl", "--max-change", "9999", "-q").code == 0
    again = [[f"Z{at}", *row[1:]] for at, row in enumerate(others[::50])]
    for _ in range(2):
        said = take(desk, again, "-n", "--json")
        assert (said.json["duplicates"], said.json["counts"]["insert"]) == (len(again), len(again))
        desk.run("dedupe", "find", "-q")


def test_an_archived_record_is_known_and_said_to_be_archived(opened: Open) -> None:
    desk = opened(DOUBLES[:1] + strangers(60), match="{on_import: warn}", find=True)
    assert desk.run("archive", "P1", "-q").code == 0
    assert take(desk, [SAME_AS_P1]).code == 3
    assert noted(desk, "review")["P8"].startswith("likely the same as people #1, which is archived (")
    said = desk.run("add", "no=P9", "name=张伟", "phone=13812345678", "email=zhang.wei@example.com", "--json", "-n")
    assert (said.code, said.json["likely"][0]["_id"], said.json["likely"][0]["archived"]) == (3, 1, True)
    said = desk.run("add", "no=P9", "name=张伟", "phone=13812345678", "email=zhang.wei@example.com")
    assert "is likely #1, which is archived, or 1 more (" in said.err


def test_a_record_in_the_trash_makes_nobody_suspect(opened: Open) -> None:
    desk = opened(DOUBLES[:1] + strangers(60), match="{on_import: warn}", find=True)
    assert desk.run("delete", "P1", "-q", "--yes").code == 0
    assert take(desk, [SAME_AS_P1]).code == 0


def test_a_veto_of_the_schema_is_heard(opened: Open) -> None:
    match = "{on_import: quarantine, veto: [tax_no differs]}"
    desk = opened(DOUBLES[:1] + strangers(60), match=match, find=True)
    assert take(desk, [[*SAME_AS_P1[:6], "T9"]]).code == 0


def test_a_dry_run_a_saved_plan_and_validate_tell_the_same(opened: Open) -> None:
    desk = opened(DOUBLES[:1] + strangers(60), match="{on_import: quarantine}", find=True)
    before = desk.files()
    assert take(desk, [SAME_AS_P1, NOBODY], "-n").code == 3
    said = desk.run("validate", "in.csv", "--format", "jsonl")
    assert said.code == 3
    assert [json.loads(line)["rule"] for line in said.out.splitlines()] == ["maybe-duplicate"]
    assert {name for name in desk.files() if "in.csv" not in name} == {name for name in before if "in.csv" not in name}
    saved = desk.run("import", "in.csv", "--save-plan", "--json")
    assert saved.json["counts"]["rejected"] == 1


def test_what_was_saved_ends_as_it_does_when_it_is_carried_out_at_once(opened: Open) -> None:
    desk = opened(DOUBLES[:1] + strangers(60), match="{on_import: warn}", find=True)
    saved = take(desk, [SAME_AS_P1, NOBODY], "--save-plan", "--json")
    assert saved.code == 3
    said = desk.run("plan", "apply", saved.json["plan"], "--json")
    assert (said.code, said.json["duplicates"]) == (3, 1)
    name, company, phone, email = SAME_AS_P1[1:5]
    fields = [f"name={name}", f"company={company}", f"phone={phone}", f"email={email}"]
    added = desk.run("add", "-t", "people", "no=P10", *fields, "--save-plan", "--json")
    assert added.code == 3
    assert desk.run("plan", "apply", added.json["plan"]).code == 3


def test_neither_workers_nor_another_way_to_write_the_file_change_who_is_suspect(opened: Open) -> None:
    desk = opened(DOUBLES[:1] + strangers(60), match="{on_import: warn}", find=True)
    rows = [SAME_AS_P1, NOBODY, *DOUBLES[1:]]
    told = []
    for jobs in ("1", "3"):
        assert take(desk, rows, "-n", "--jobs", jobs, "--json").code == 3
        told.append(desk.run("import", "in.csv", "-n", "--jobs", jobs, "--json").json["duplicates"])
    assert told == [4, 4]


DIES = """\
import sys

if "custrec.jobs.duplicates.newcomers_worker" in sys.orig_argv:
    sys.exit(1)
"""


def test_a_process_that_helps_with_many_rows_changes_nothing_of_what_is_told(
    opened: Open, run_custrec: RunCustrec, tmp_path_factory: pytest.TempPathFactory
) -> None:
    known = strangers(1_100)
    desk = opened(DOUBLES[:1] + known, match="{on_import: warn}", find=True)
    again = [[f"Q{at}", *row[1:4], "", *row[5:]] for at, row in enumerate(known[::50])]
    more = [[f"R{at}", *row[1:6], "-" * 9] for at, row in enumerate(strangers(10_000, seed=9))]
    desk.write("in.csv", text([*more, SAME_AS_P1, *again, *DOUBLES[1:]]))
    assert desk.run("import", "in.csv", "-q", "--jobs", "2").code == 3
    told = noted(desk, "review")
    shutil.rmtree(desk.folder / "custrec.review")
    assert desk.run("undo", "-q").code == 0

    folder = tmp_path_factory.mktemp("path")
    (folder / "sitecustomize.py").write_text(DIES, encoding="utf-8")
    died = run_custrec("import", "in.csv", "--jobs", "2", cwd=desk.folder, PYTHONPATH=str(folder))
    assert died.code == 10
    assert "worker 1 of the import ended unexpectedly" in died.err
    assert run_custrec("import", "in.csv", "-q", "--jobs", "1", cwd=desk.folder, PYTHONPATH=str(folder)).code == 3
    assert noted(desk, "review") == told and len(told) > len(again)


def test_what_all_rows_of_a_file_share_hides_nobody(opened: Open) -> None:
    desk = opened(DOUBLES[:1] + strangers(60), match="{on_import: warn}", find=True)
    office = "上海市浦东新区世纪大道100号"
    colleagues = [[f"Q{at}", *row[1:5], office, ""] for at, row in enumerate(strangers(300, seed=7))]
    assert take(desk, [*colleagues, SAME_AS_P1]).code == 3
    assert noted(desk, "review")["P8"].startswith("likely the same as people #1 (")


def test_how_likely_two_rows_of_a_first_file_are_one_does_not_depend_on_the_order_of_its_rows(opened: Open) -> None:
    desk = opened(match="{on_import: warn}")
    rows = DOUBLES + strangers(1_100)
    likely = []
    for order in (rows, rows[::-1]):
        desk.write("in.csv", text(order))
        said = desk.run("validate", "in.csv", "--format", "jsonl")
        assert said.code == 3
        told = {}
        for one in map(json.loads, said.out.splitlines()):
            earlier, chance = re.fullmatch(r".* line (\d+)[^(]*\((.*)\).*", one["message"]).groups()
            told[frozenset(order[line - 2][0] for line in (one["line"], int(earlier)))] = chance
        likely.append(told[frozenset(("P4", "P5"))])
    assert likely[0] == likely[1]


def test_records_of_which_nothing_is_kept_are_searched_first_and_only_once(opened: Open) -> None:
    desk = opened(DOUBLES[:1] + strangers(1_100), match="{on_import: quarantine}")
    first = take(desk, [SAME_AS_P1, NOBODY])
    assert first.code == 3 and "searched for duplicates first, as custrec dedupe find does" in first.err
    assert noted(desk, "rejects").keys() == {"P8"}
    found = desk.run("dedupe", "find").err
    assert "1 new or changed records compared" in found, "it goes on from what the import has kept"
    again = take(desk, [SAME_AS_P1])
    assert again.code == 3 and "searched" not in again.err


def test_records_of_which_only_few_were_searched_are_searched_again_first(opened: Open) -> None:
    desk = opened(DOUBLES[:1] + strangers(60), match="{on_import: quarantine}", find=True)
    more = [[f"Q{at}", *row[1:6], ""] for at, row in enumerate(strangers(2_200, seed=9))]
    assert take(desk, more, "--duplicates", "never").code == 0
    said = take(desk, [SAME_AS_P1])
    assert said.code == 3 and "searched" in said.err


def test_a_word_that_is_no_policy_is_refused(opened: Open) -> None:
    said = take(opened(), [NOBODY], "--duplicates", "maybe")
    assert said.code == 2
    assert "--duplicates takes never, warn or quarantine, not maybe" in said.err


def test_add_names_who_is_likely_there_already_and_adds_all_the_same(opened: Open) -> None:
    desk = opened(DOUBLES[:1] + strangers(60), find=True)
    said = desk.run("add", "no=P8", "name=张伟", "phone=13812345678", "email=zhang.wei@example.com")
    assert said.code == 3
    assert "people: #62 is likely #1 (" in said.err and "custrec dedupe explain '#1' '#62'" in said.err
    assert "P8" in everybody(desk)
    shown = desk.run("add", "no=P88", "name=张伟", "phone=13812345678", "email=zhang.wei@example.com", "-n", "--json")
    assert shown.code == 3 and shown.json["likely"][0]["_id"] == 1
    assert desk.run("add", "no=P9", "name=欧阳静", "phone=13977712345").code == 0


def test_add_holds_several_new_records_against_each_other(opened: Open) -> None:
    desk = opened(strangers(60), find=True)
    twice = [{"no": f"P{n}", "name": "欧阳静", "phone": "13977712345", "email": "oy@example.net"} for n in (8, 9)]
    said = desk.run("add", "-", "--json", stdin=json.dumps(twice).encode())
    assert said.code == 3
    assert [(one["new"], one["earlier"], one["_id"]) for one in said.json["likely"]] == [(2, 1, None)]


def test_add_does_not_search_where_no_search_has_run(opened: Open) -> None:
    desk = opened(DOUBLES[:1] + strangers(60))
    assert desk.run("add", "no=P8", "name=张伟", "phone=13812345678", "email=zhang.wei@example.com").code == 0
