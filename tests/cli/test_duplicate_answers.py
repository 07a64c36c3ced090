"""custrec dedupe review --export, apply, tune, test: what people say of pairs, and what is made of it."""

from __future__ import annotations

import codecs
import csv
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from custrec.store.derived import path_of
from doubled_lists import households
from terminal import Desk

SCHEMA = """\
version: 1
defaults: {region: US}
tables:
  - name: people
    primaryKey: [no]
    fields:
      - {name: no, type: string}
      - {name: first, kind: person_name}
      - {name: last, kind: person_name}
      - {name: born, type: date, format: any}
      - {name: street, kind: address}
      - {name: mail, kind: email}
      - {name: truth, type: string}
      - {name: remark, type: string}
    match: {fields: {first: {}, last: {}, born: {}, street: {}, mail: {}}}
"""
HEADER = ("no", "first", "last", "born", "street", "mail", "truth", "remark")
Rows = list[dict[str, str]]


@pytest.fixture
def people(desk: Desk) -> Desk:
    """A store of people in households, a third of them twice; the field truth says who is whom."""
    for file in desk.folder.iterdir():
        file.unlink()
    records, truth = households(300, seed=4)
    with (desk.folder / "people.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(HEADER)
        for number, (record, who) in enumerate(zip(records, truth, strict=True)):
            writer.writerow([f"P{number:03}", *(record[name] or "" for name in HEADER[1:6]), f"t{who}", "=1+1"])
    desk.write("schema.yaml", SCHEMA)
    assert desk.run("init", "-q").code == 0
    assert desk.run("import", "people.csv", "-q").code in (0, 3)  # a slip may make a date none
    return desk


@pytest.fixture
def searched(people: Desk) -> Desk:
    assert people.run("dedupe", "find").code == 3
    return people


def exported(desk: Desk, *words: str) -> Rows:
    assert desk.run("dedupe", "review", "--export", "pairs.csv", *words).code == 0
    listed = desk.folder / "pairs.csv"
    assert listed.read_bytes().startswith(codecs.BOM_UTF8)  # or Excel shows Chinese as something else
    with listed.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def written(desk: Desk, rows: Rows, name: str = "filled.csv") -> str:
    with (desk.folder / name).open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    return name


def truly(row: dict[str, str]) -> str:
    return "same" if row["one.truth"] == row["other.truth"] else "different"


def one_household(row: dict[str, str]) -> str:
    """The verdict of somebody to whom those at one address are one customer, and who moved is another."""
    return "same" if row["one.street"] == row["other.street"] else "different"


def listed(desk: Desk, **verdicts: str) -> str:
    """A list of pairs: `listed(desk, P1_P2="same")`."""
    rows = [
        {"verdict": said, "one": pair.split("_")[0], "other": pair.split("_")[1]} for pair, said in verdicts.items()
    ]
    return written(desk, rows, "said.csv")


def told(desk: Desk, *words: str) -> list[str]:
    """The lines of a list that a command refuses, and why."""
    said = desk.run("dedupe", *words)
    assert said.code == 4, said
    return [line.strip() for line in said.err.splitlines() if line.strip().startswith("line ")]


def test_what_is_open_is_written_a_pair_a_row(searched: Desk) -> None:
    rows = exported(searched)
    clusters = [json.loads(line) for line in searched.run("dedupe", "list", "--format", "jsonl").out.splitlines()]
    among = [{f"people#{member['id']}" for member in cluster["members"]} for cluster in clusters]
    assert len(rows) >= len(clusters) > 20
    assert {row["verdict"] for row in rows} == {""}
    for row in rows:
        assert any({row["one"], row["other"]} <= cluster for cluster in among)
        assert row["one.remark"] == "'=1+1"
    more = exported(searched, "--min-probability", "0.1")
    assert len(more) > len(rows)
    assert (
        min(float(row["probability"]) for row in more if not any({row["one"], row["other"]} <= c for c in among)) >= 0.1
    )


def test_a_filled_list_becomes_merges_and_verdicts_and_is_not_asked_again(searched: Desk) -> None:
    rows = exported(searched, "--min-probability", "0.05")
    for row in rows:
        row["verdict"] = one_household(row)
    file = written(searched, rows)
    before = searched.store.read_bytes()
    dry = searched.run("dedupe", "apply", file, "-n")
    assert dry.code == 0
    assert "nothing was written (dry run)" in dry.err
    assert searched.store.read_bytes() == before
    done = searched.run("dedupe", "apply", file)
    assert (done.code, done.err.count("undo with")) == (0, 2)
    assert exported(searched, "--min-probability", "0.05") == []
    assert searched.run("dedupe", "review").code == 0
    assert searched.run("dedupe", "find").code == 0
    again = searched.run("dedupe", "apply", file)
    assert again.code == 0
    assert "undo with" not in again.err
    assert searched.run("history", "verify").code == 0
    for _ in range(2):
        assert searched.run("undo").code == 0
    assert searched.run("dedupe", "find").code == 3
    assert len(exported(searched, "--min-probability", "0.05")) == len(rows)


def test_a_list_is_judged_as_a_whole(people: Desk) -> None:
    assert people.run("dedupe", "different", "P001", "P002", "-q").code == 0
    file = listed(
        people, P001_P003="same", P003_P002="相同", P004_P005="same", P005_P004="不同", P006_P999="same", P7_P8="maybe"
    )
    wrong = people.run("dedupe", "apply", file)
    assert wrong.code == 4
    assert "2 lines cannot be taken" in wrong.err
    assert "line 6: people has no record P999" in wrong.err
    assert "line 7: verdict: same, different or nothing is wanted" in wrong.err
    file = listed(people, P001_P003="same", P003_P002="相同", P004_P005="same", P005_P004="不同")
    clash = people.run("dedupe", "apply", file)
    assert clash.code == 4
    assert "line 2: #2 and #3 would become one, and event 2 said that they are different" in clash.err
    assert "line 4: #5 and #6 would become one, and line 5 says that they are different" in clash.err
    assert people.run("list", "--format", "ids").out.count("\n") == len(people.rows("SELECT 1 FROM people"))


def test_a_record_with_itself_is_no_pair_of_a_list(people: Desk) -> None:
    assert people.run("dedupe", "merge", "P001", "P002", "-q").code == 0
    people.write("said.csv", "verdict,one,other\ndifferent,#14,#14\nsame,P013,#14\ndifferent,P001,P002\n")
    assert told(people, "apply", "said.csv") == [
        "line 2: people #14 with itself is no pair",
        "line 3: people #14 with itself is no pair",
        "line 4: both are #2 since they were merged; custrec dedupe split takes it apart",
    ]


def test_records_that_are_one_already_are_said_to_be_and_which(people: Desk) -> None:
    assert people.run("dedupe", "merge", "P001", "P002", "P003", "--into", "P003", "-q").code == 0
    for words, told_ in (
        (["P001", "P003", "--into", "P003"], "P001 and P003 are one record, people #4"),
        (["P001", "#3", "P003"], "P001, #3 and P003 are one record, people #4"),
        (["P001", "P001"], "P001 is one record, people #4"),
    ):
        said = people.run("dedupe", "merge", *words)
        assert (said.code, said.err.splitlines()[0]) == (2, f"custrec: {told_}")
    assert "P001 and P002 are one record, people #4" in people.run("dedupe", "explain", "P001", "P002").err


def test_a_column_that_was_shifted_says_nobodys_name(people: Desk) -> None:
    people.write(
        "said.csv",
        "verdict,one,other\nsame,P001,Otto Geheim\nsame,Geheim,P002\nsame,13912345678,P002\nsame,#9999,P7777\n"
        "same,P001,otto.geheim@example.com\n",
    )
    for words in (["apply"], ["test"]):
        said = people.run("dedupe", *words, "said.csv")
        assert said.code == 4 and "eheim" not in said.err and "139" not in said.err
        assert told(people, *words, "said.csv") == [
            "line 2: other: people has no such record",
            "line 3: one: people has no such record",
            "line 4: one: people has no such record",
            "line 5: people has no record #9999",
            "line 6: other: people has no such record",
        ]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "line 1: a column verdict or expected is wanted, once"),
        ("verdict,one\nsame,P001\n", "line 1: a column other is wanted, once"),
        ("verdict,one,one,other\n", "line 1: a column one is wanted, once"),
        ("verdict,one,other\nsame,P001\n", "line 2: the row ends before its last column"),
        ('verdict,one,other\nsame,"P001,P002\n', "it is no CSV"),
    ],
)
def test_what_is_no_list_of_pairs_is_refused(people: Desk, text: str, why: str) -> None:
    people.write("said.csv", text)
    done = people.run("dedupe", "apply", "said.csv")
    assert done.code == 4
    assert why in done.err


def test_a_list_comes_through_a_pipe_and_with_other_delimiters(people: Desk) -> None:
    done = people.run("dedupe", "apply", "-", stdin=b"one;other;verdict\nP001;#3;different\nP002;P003;\n")
    assert done.code == 0
    assert "1 without a verdict" in done.err
    assert people.run("dedupe", "verdicts", "--format", "csv").out.count("\n") == 2


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8-sig", "utf-16"])
def test_a_list_comes_back_from_a_spreadsheet_in_its_encoding(searched: Desk, encoding: str) -> None:
    rows = [row | {"one.first": "欧阳章伟", "other.first": "诸葛建国", "verdict": ""} for row in exported(searched)]
    rows[0]["verdict"] = "不同"
    text = "".join("\t".join(cells) + "\r\n" for cells in (rows[0], *(row.values() for row in rows)))
    searched.write("back.csv", text.encode(encoding))
    done = searched.run("dedupe", "apply", "back.csv")
    assert done.code == 0, done.err
    assert "different: 1 pair of people" in done.err and f"{len(rows) - 1} without a verdict" in done.err


def answered(desk: Desk, judge: Callable[[dict[str, str]], str]) -> None:
    rows = exported(desk, "--min-probability", "0.05")
    for row in rows:
        row["verdict"] = judge(row)
    assert desk.run("dedupe", "apply", written(desk, rows), "-q").code == 0


def tuned(desk: Desk, *words: str, code: int = 0) -> dict[str, Any]:
    done = desk.run("dedupe", "tune", "--json", *words)
    assert done.code == code, done.err
    return done.json


def test_answers_are_learned_from_and_accepted_weights_are_kept(searched: Desk) -> None:
    answered(searched, one_household)
    before = searched.run("dedupe", "list", "--format", "jsonl").out
    looked = tuned(searched, "-n")
    assert looked["accepted"] is False
    assert looked["same"] >= 10
    assert looked["different"] >= 10
    assert searched.run("dedupe", "list", "--format", "jsonl").out == before
    assert looked["helps"] is True
    assert looked["after"]["f1"] > looked["before"]["f1"]
    street = next(one for one in looked["moved"] if one["field"] == "street")
    assert street["differs"][1] < street["differs"][0]
    assert searched.run("dedupe", "tune").code == 9
    assert tuned(searched, "--yes")["accepted"] is True
    after = tuned(searched, "-n")
    assert after["before"]["bits_lost"] <= looked["before"]["bits_lost"]
    found = searched.run("dedupe", "find", "--json")
    assert found.json["how"] == "current"


def test_tuning_that_was_accepted_is_done_again_when_weights_are_learned_anew(searched: Desk) -> None:
    answered(searched, one_household)
    untuned = tuned(searched, "-n")["before"]["bits_lost"]
    assert tuned(searched, "--yes")["accepted"] is True
    anew = searched.run("dedupe", "find", "--retrain", "--json")
    assert anew.json["how"] == "anew"
    assert any(line.startswith("tuned again by ") for line in anew.json["differs"])
    assert tuned(searched, "-n")["before"]["bits_lost"] < untuned
    once_more = searched.run("dedupe", "find", "--retrain")
    assert "tuned again by " in once_more.err


def test_too_few_answers_and_those_of_one_sort_only_are_refused(searched: Desk) -> None:
    none = searched.run("dedupe", "tune")
    assert none.code == 4
    assert "people has 0 answers that records are the same and 0 that they are not" in none.err
    searched.run("dedupe", "different", *(f"P{n:03}" for n in range(0, 60, 10)), "-q")
    one = searched.run("dedupe", "tune", "--yes")
    assert one.code == 4
    assert "0 answers that records are the same and 15 that they are not" in one.err


def test_merges_that_nobody_looked_at_and_those_undone_are_no_answers(searched: Desk) -> None:
    searched.write("clusters.jsonl", '{"members": [{"id": 1}, {"id": 2}]}\n')
    assert searched.run("dedupe", "merge", "--from", "clusters.jsonl", "-q").code == 0
    assert "0 answers that records are the same" in searched.run("dedupe", "tune").err
    assert searched.run("dedupe", "merge", "#3", "#4", "-q").code == 0
    assert "1 answers that records are the same" in searched.run("dedupe", "tune").err
    assert searched.run("undo", "-q").code == 0
    assert "0 answers that records are the same" in searched.run("dedupe", "tune").err
    assert searched.run("redo", "-q").code == 0
    assert "1 answers that records are the same" in searched.run("dedupe", "tune").err


def test_nothing_is_tuned_before_a_search(people: Desk) -> None:
    done = people.run("dedupe", "tune")
    assert done.code == 4
    assert "custrec dedupe find" in done.err


def test_a_review_searches_first(people: Desk) -> None:
    assert people.run("dedupe", "review").code == 9  # there are questions, and nobody is at the terminal
    assert people.run("dedupe", "list", "--format", "ids").out


def golden(desk: Desk) -> Rows:
    rows = exported(desk, "--min-probability", "0.05")
    sure = [row for row in rows if float(row["probability"]) > 0.99 and truly(row) == "same"][:20]
    return [{"one": row["one.no"], "other": row["other.no"], "expected": "same"} for row in sure]


@pytest.mark.parametrize("kept", [True, False])
def test_known_pairs_are_told_as_expected_or_named_with_the_reasons(searched: Desk, kept: bool) -> None:
    rows = golden(searched)
    rows.append({"one": "P001", "other": "P140", "expected": "different"})
    if not kept:
        path_of(searched.store).unlink()
    file = written(searched, rows, "golden.csv")
    store = searched.store.read_bytes()
    good = searched.run("dedupe", "test", file)
    assert good.code == 0, good.out
    assert "21 known pairs, 0 told otherwise" in good.err
    rows[3]["expected"], rows[-1]["expected"] = "different", "same"
    bad = searched.run("dedupe", "test", written(searched, rows, "golden.csv"), "--json")
    assert bad.code == 3
    flipped = {one["line"]: one for one in bad.json["flipped"]}
    assert set(flipped) == {5, 22}
    assert flipped[5]["probability"] > 0.99
    assert any(" the same +" in why for why in flipped[5]["why"])
    assert any("different -" in why for why in flipped[22]["why"])
    words = searched.run("dedupe", "test", "golden.csv")
    assert re.search(r"line 22: #\d+ P001 and #\d+ P140 should be one, and are not \(0\.\d %\)", words.out)
    assert "should not be one, and are (99." in words.out
    assert searched.store.read_bytes() == store


@pytest.mark.parametrize("column", ["Expected", "verdict", "expected"])
def test_a_wrong_word_is_blamed_on_the_column_as_the_file_calls_it(searched: Desk, column: str) -> None:
    searched.write("golden.csv", f"one,other,{column}\nP001,P002,perhaps\n")
    done = searched.run("dedupe", "test", "golden.csv")
    assert f"line 2: {column}: same, different or nothing is wanted" in done.err
    assert f"leave their {column} blank" in done.err


def test_a_record_that_is_not_there_is_an_error_of_the_golden_file(searched: Desk) -> None:
    searched.write("golden.csv", "one,other,expected\nP001,P002,different\nP001,X9,same\n")
    done = searched.run("dedupe", "test", "golden.csv")
    assert done.code == 4
    assert "line 3: people has no record X9" in done.err


def test_who_is_restricted_or_in_the_trash_is_compared_with_nobody_by_a_test_either(searched: Desk) -> None:
    assert searched.run("restrict", "P001", "-q").code == 0
    assert searched.run("delete", "P002", "-q", "--yes").code == 0
    searched.write("golden.csv", "one,other,expected\nP001,P003,different\nP004,P005,different\nP003,P002,same\n")
    told = ["line 2: people #2 is restricted", "line 4: people #3 is in the trash"]
    for words in (["test"], ["apply"]):
        done = searched.run("dedupe", *words, "golden.csv")
        assert done.code == 4, words
        assert [line.strip() for line in done.err.splitlines() if line.strip().startswith("line")] == told


def test_a_golden_file_that_contradicts_itself_is_refused(searched: Desk) -> None:
    searched.write(
        "golden.csv",
        "one,other,expected\nP001,P002,same\nP003,P004,same\nP003,P004,same\n#2,P001,different\nP005,P006,\n"
        "P002,#3,different\nP004,P003,different\n",
    )
    assert told(searched, "test", "golden.csv") == [
        "line 5: people #2 with itself is no pair",
        "line 7: people #3 with itself is no pair",
        "line 8: #4 and #5 are different here, and the same in line 3",
    ]


def test_a_golden_file_knows_records_that_were_merged_as_what_they_were(searched: Desk) -> None:
    assert searched.run("dedupe", "merge", "P001", "P002", "-q").code == 0
    searched.write("golden.csv", "one,other,expected\nP001,P002,same\nP002,P003,different\nP001,P003,different\n")
    assert searched.run("dedupe", "test", "golden.csv").code in (0, 3)
    searched.write("golden.csv", "one,other,expected\nP002,#3,same\nP001,P002,same\nP002,P001,different\n")
    assert told(searched, "test", "golden.csv") == [
        "line 2: people #3 with itself is no pair",
        "line 4: #2 and #3 are different here, and the same in line 3",
    ]


def test_a_merged_pair_is_judged_as_the_two_that_it_was(searched: Desk) -> None:
    row = golden(searched)[0]
    file = written(searched, [row], "golden.csv")
    assert searched.run("dedupe", "merge", row["one"], row["other"], "-q").code == 0
    done = searched.run("dedupe", "test", file)
    assert done.code == 0, done.out
    assert "1 known pair," in done.err


def test_a_schema_that_lets_a_known_pair_flip_fails_its_test(searched: Desk) -> None:
    file = written(searched, golden(searched), "golden.csv")
    assert searched.run("dedupe", "test", file).code == 0
    Path(searched.folder / "schema.yaml").write_text(
        SCHEMA.replace(
            "match: {fields: {first: {}, last: {}, born: {}, street: {}, mail: {}}}",
            "match: {fields: {last: {}, street: {}}}",
        ),
        encoding="utf-8",
    )
    assert searched.run("schema", "apply", "--yes", "-q").code == 0
    done = searched.run("dedupe", "test", file)
    assert done.code == 3
    assert "weights learned for this" in done.err
