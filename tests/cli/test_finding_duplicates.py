"""custrec dedupe find, list, show, explain, and merge of what was found: small shops, Chinese and Western."""

from __future__ import annotations

import contextlib
import json
import random
import re
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len

from doubled_people import DOUBLES, FIELDS, SCHEMA, strangers, text
from shops import Done

Custrec = Callable[..., Done]


@pytest.fixture
def shop(tmp_path: Path, run_custrec: Custrec) -> Callable[..., Custrec]:
    """A shop with these rows and this match section, not sought yet."""

    def made(rows: list[list[str]], match: str = "{}", folder: str = "shop") -> Custrec:
        place = tmp_path / folder
        place.mkdir()
        (place / "schema.yaml").write_text(SCHEMA.replace("MATCH", match), encoding="utf-8")
        (place / "people.csv").write_text(text(rows), encoding="utf-8")

        def run(*words: str, code: int | None = 0, **more: str) -> Done:
            done = run_custrec(*words, cwd=place, **more)
            assert code is None or done.code == code, (words, done.out, done.err)
            return done

        run("init", "-q")
        if rows:
            run("import", "people.csv", "-q")
        return run

    return made


@pytest.fixture
def sought(shop: Callable[..., Custrec]) -> Custrec:
    """The doubles among sixty strangers, sought."""
    custrec = shop(DOUBLES + strangers(60))
    custrec("dedupe", "find", "-q", code=3)
    return custrec


def clusters(custrec: Custrec, *words: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in custrec("dedupe", "list", *words, "--format", "jsonl").out.splitlines()]


def keys(custrec: Custrec, *words: str) -> list[list[str]]:
    return [[member["key"] for member in cluster["members"]] for cluster in clusters(custrec, *words)]


def test_the_same_people_are_found_however_they_are_written(sought: Custrec) -> None:
    assert keys(sought) == [["P1", "P2", "P3"], ["P4", "P5"]]
    first = clusters(sought)[0]
    assert first["schema"] == "custrec.cluster/1"
    assert first["cluster"] == first["members"][0]["id"] == 1
    assert 0.75 <= first["weakest"] <= first["strongest"] <= 1


def test_find_ends_with_3_where_there_are_any_and_says_how_many(shop: Callable[..., Custrec]) -> None:
    custrec = shop(DOUBLES + strangers(60))
    said = json.loads(custrec("dedupe", "find", "--json", code=3).out)
    assert (said["schema"], said["clusters"], said["records"], said["how"]) == ("custrec.dedupe/1", 2, 5, "anew")
    again = custrec("dedupe", "find", code=3)
    assert "nothing changed since event 1" in again.err and "2 clusters of 5 records" in again.err


def test_neither_the_order_of_rows_nor_the_number_of_jobs_changes_what_is_found(shop: Callable[..., Custrec]) -> None:
    rows = DOUBLES + strangers(60)
    one, other = shop(rows, folder="one"), shop(rows[::-1], folder="other")
    one("dedupe", "find", "--jobs", "1", "-q", code=3)
    other("dedupe", "find", "--jobs", "4", "-q", code=3)

    def found(custrec: Custrec) -> list[tuple[list[str], float, float]]:
        listed = clusters(custrec)
        return sorted((sorted(m["key"] for m in c["members"]), c["weakest"], c["strongest"]) for c in listed)

    assert found(one) == found(other)


def test_nothing_found_ends_with_0(shop: Callable[..., Custrec]) -> None:
    custrec = shop(strangers(40))
    assert "no records that may be one" in custrec("dedupe", "find").err
    assert custrec("dedupe", "list", "--format", "jsonl").out == ""


@pytest.mark.parametrize(
    "rows",
    [
        [],
        DOUBLES[:1],
        [[f"P{n}", "", "", "", "", "", ""] for n in range(30)],
    ],
    ids=["no rows", "one row", "empty columns"],
)
def test_where_there_is_nothing_to_compare_nothing_is_found(
    shop: Callable[..., Custrec], rows: list[list[str]]
) -> None:
    custrec = shop(rows)
    custrec("dedupe", "find")
    assert clusters(custrec) == []


def test_rows_that_are_all_alike_come_to_an_end(shop: Callable[..., Custrec]) -> None:
    custrec = shop([[f"P{n}", *DOUBLES[0][1:]] for n in range(700)])
    assert custrec("dedupe", "find", code=None).code in (0, 3)  # one cluster, or nothing to tell records by
    assert custrec("dedupe", "merge", "--auto", "-n", code=None).code in (0, 3)


def test_a_phone_that_everybody_has_joins_nobody(shop: Callable[..., Custrec]) -> None:
    everyone = strangers(1500)
    for row in everyone:
        row[3] = "010 6555 0100"
    custrec = shop(everyone)
    custrec("dedupe", "find", "-q")
    assert clusters(custrec) == []


def test_a_table_without_a_field_that_tells_is_refused(shop: Callable[..., Custrec]) -> None:
    refused = shop([])("dedupe", "find", "-t", "links", code=4)
    assert "links has no field by which" in refused.err


def test_neither_the_order_of_rows_nor_a_second_run_changes_what_is_found(shop: Callable[..., Custrec]) -> None:
    rows = DOUBLES + strangers(300, seed=4)
    shuffled = random.Random(3).sample(rows, len(rows))
    found = []
    for number, given in enumerate((rows, shuffled)):
        custrec = shop(given, folder=f"shop{number}")
        custrec("dedupe", "find", "-q", code=3)
        found.append(
            {
                (*sorted(member["key"] for member in one["members"]), one["weakest"], one["strongest"])
                for one in clusters(custrec)
            }
        )
    assert found[0] == found[1]


@pytest.mark.parametrize("count", [60, 1400])
def test_what_is_found_step_by_step_is_what_is_found_at_once(shop: Callable[..., Custrec], count: int) -> None:
    custrec = shop(DOUBLES[:1] + strangers(count))
    custrec("dedupe", "find", "-q")
    for row in DOUBLES[1:]:
        values = (f"{name}={value}" for name, value in zip(FIELDS.split(","), row, strict=True) if value)
        custrec("add", "-t", "people", *values, "-q", code=None)  # 3 where the new one is likely there already
        said = json.loads(custrec("dedupe", "find", "--json", code=None).out)
        assert said["how"] == ("since" if count > 1000 else "again")
    assert keys(custrec) == [["P1", "P2", "P3"], ["P4", "P5"]]


def test_clusters_are_narrowed_to_the_records_that_are_asked_for(sought: Custrec) -> None:
    assert keys(sought, "--where", "no = P5") == [["P4", "P5"]]
    assert keys(sought, "--since", "event:1") == []
    sought("edit", "P2", "status=active", "-q")
    assert keys(sought, "--since", "event:1") == [["P1", "P2", "P3"]]
    assert keys(sought, "--min-probability", "1") == []
    sought("dedupe", "find", "--where", "no = P101", "-q", code=0)


def test_every_format_lists_the_members(sought: Custrec) -> None:
    ids = sought("dedupe", "list", "--format", "ids").out.split()
    assert ids == ["1", "2", "3", "4", "5"]
    lines = sought("dedupe", "list", "--format", "csv").out.splitlines()
    assert lines[0] == "cluster,_id,key,weakest,strongest,unasked"
    assert [line.split(",")[:3] for line in lines[1:]][3:] == [["4", "4", "P4"], ["4", "5", "P5"]]
    whole = json.loads(sought("dedupe", "list", "--json").out)
    assert whole["schema"] == "custrec.clusters/1" and len(whole["clusters"]) == 2
    table = sought("dedupe", "list").out
    assert "P1 张伟 · P2 張偉 · P3 Zhang Wei" in table
    assert len({cell_len(line) for line in table.splitlines()}) == 1


def test_members_and_evidence_are_printed_for_other_programs(sought: Custrec) -> None:
    header, *rows = sought("dedupe", "show", "P4", "--format", "csv").out.splitlines()
    assert header.split(",")[:3] == ["_id", "no", "name"] and [row.split(",")[1] for row in rows] == ["P4", "P5"]
    assert sought("dedupe", "show", "P4", "--format", "ids").out.split() == ["4", "5"]
    lines = [json.loads(line) for line in sought("dedupe", "show", "P4", "--format", "jsonl").out.splitlines()]
    assert [(line["schema"], line["no"]) for line in lines] == [("custrec.record/1", "P4"), ("custrec.record/1", "P5")]
    steps = [line.split("\t") for line in sought("dedupe", "explain", "P4", "P5", "--format", "tsv").out.splitlines()]
    assert [steps[0][:2], steps[1][0], steps[-1][0]] == [["evidence", "bits"], "prior", "sum"]
    assert sum(float(bits) for _, bits, *_ in steps[1:-1]) == pytest.approx(float(steps[-1][1]), abs=0.02)
    assert (
        "one of table, json, jsonl, csv, tsv" in sought("dedupe", "explain", "P4", "P5", "--format", "ids", code=2).err
    )


def test_what_to_do_next_names_a_table_that_is_not_the_first(shop: Callable[..., Custrec], tmp_path: Path) -> None:
    custrec = shop([], folder="second")
    place = tmp_path / "second"
    schema = (place / "schema.yaml").read_text(encoding="utf-8")
    first = "tables:\n  - {name: firms, fields: [{name: firm, kind: org_name}]}\n"
    (place / "schema.yaml").write_text(schema.replace("tables:\n", first), encoding="utf-8")
    (place / "people.csv").write_text(text(DOUBLES + strangers(60)), encoding="utf-8")
    custrec("schema", "apply", "-q")
    custrec("import", "people.csv", "-t", "people", "-q")
    table = ("-t", "people")
    found = custrec("dedupe", "find", *table, code=3).err
    assert "custrec dedupe list --table people; " in found and "merge --auto --table people -n" in found
    assert "explain --table people '#" in custrec("dedupe", "show", "P4", *table).err
    assert "dedupe apply --table people FILE" in custrec("dedupe", "review", *table, "--export", "-").err
    made = custrec("add", *table, "no=N1", "name=Kate ONeill", "phone=+12125550123", "email=kate@example.org", code=3)
    assert re.search(r"explain --table people '#\d' '#66'", made.err)
    assert "custrec dedupe find --table people looks at them" in custrec("dedupe", "list", *table).err
    custrec("dedupe", "merge", "P4", "P5", "-q")
    assert "dedupe different --table people ID ID" in custrec("dedupe", "split", "P4").err
    assert custrec("dedupe", "find", *table, "--where", "no = P101").err.endswith("no cluster with such a record\n")


def test_what_changed_since_is_said(sought: Custrec) -> None:
    assert "since" not in sought("dedupe", "list").err
    sought("edit", "P101", "company=Acme", "-q")
    for words in (["list"], ["show", "P1"], ["explain", "P1", "P2"]):
        assert "1 record changed since event 1: custrec dedupe find" in sought("dedupe", *words).err


def test_a_record_that_is_gone_or_in_the_trash_is_in_no_cluster(sought: Custrec) -> None:
    sought("delete", "P5", "--yes", "-q")
    assert keys(sought) == [["P1", "P2", "P3"]]
    sought("dedupe", "find", "-q", code=3)
    assert keys(sought) == [["P1", "P2", "P3"]]
    sought("undelete", "P5", "-q")
    sought("dedupe", "find", "-q", code=3)
    assert keys(sought) == [["P1", "P2", "P3"], ["P4", "P5"]]


def test_what_people_said_to_be_different_is_never_shown_as_one_again(sought: Custrec) -> None:
    sought("dedupe", "different", "P4", "P5", "-q")
    sought("dedupe", "different", "P1", "P3", "-q")
    for _ in range(2):  # at once, and after another search
        assert not any({"P4", "P5"} <= set(one) or {"P1", "P3"} <= set(one) for one in keys(sought))
        assert any("P2" in one for one in keys(sought))
        sought("dedupe", "find", "-q", code=3)
    sought("dedupe", "find", "--retrain", "-q", code=3)
    assert not any({"P4", "P5"} <= set(one) or {"P1", "P3"} <= set(one) for one in keys(sought))
    assert "said to be different" in sought("dedupe", "explain", "P4", "P5").out
    sought("dedupe", "same", "P4", "P5", "-q")
    sought("dedupe", "find", "-q", code=3)
    assert ["P4", "P5"] in keys(sought)


def test_a_veto_of_the_schema_keeps_records_apart(shop: Callable[..., Custrec]) -> None:
    custrec = shop(DOUBLES + strangers(60), match='{veto: ["tax_no differs"]}')
    custrec("dedupe", "find", "-q", code=3)
    assert keys(custrec) == [["P1", "P2", "P3"]]  # of P2 and P3 no number is known
    said = json.loads(custrec("dedupe", "explain", "P4", "P5", "--json").out)
    assert (said["verdict"], said["vetoes"]) == ("forbidden", ["tax_no differs"])


def test_members_stand_side_by_side_at_every_width(sought: Custrec) -> None:
    for width in ("80", "140"):
        out = sought("dedupe", "show", "P1", COLUMNS=width).out
        assert all(cell_len(line) <= int(width) for line in out.splitlines())
        assert "#1 P1" in out and "#3 P3" in out and "#1 and #2:" in out
        assert any(line.startswith("phone ") and "≠" not in line for line in out.splitlines())
        assert any(line.startswith("name ") and "≠" in line for line in out.splitlines())
    said = json.loads(sought("dedupe", "show", "cluster:4", "--json").out)
    assert [member["values"]["name"] for member in said["members"]] == ["Katharine O'Neill", "Kate ONeill"]
    assert len(said["pairs"]) == 1
    assert "there is no cluster 77" in sought("dedupe", "show", "cluster:77", code=4).err


def test_an_explanation_adds_up(sought: Custrec) -> None:
    said = json.loads(sought("dedupe", "explain", "P2", "P1", "--json").out)
    assert (said["schema"], said["one"], said["other"], said["verdict"]) == (
        "custrec.explanation/1",
        1,
        2,
        "likely one",
    )
    total = said["prior_bits"] + said["together_bits"] + sum(field["bits"] for field in said["fields"])
    assert total == pytest.approx(said["sum_bits"], abs=0.01)
    assert said["probability"] == pytest.approx(1 / (1 + 2 ** -said["sum_bits"]), abs=1e-4)
    (pair,) = [
        pair
        for pair in json.loads(sought("dedupe", "show", "P1", "--json").out)["pairs"]
        if (pair["one"], pair["other"]) == (1, 2)
    ]
    assert pair["probability"] == said["probability"]
    by_name = {field["field"]: field for field in said["fields"]}
    assert by_name["name"]["level"] == "the same" and by_name["email"]["level"] is None
    strangers_ = sought("dedupe", "explain", "P1", "P101").out
    assert "not likely one" in strangers_
    assert "are one record" in sought("dedupe", "explain", "P1", "#1", code=2).err


def test_a_page_holds_all_in_itself_and_nothing_unescaped(shop: Callable[..., Custrec], tmp_path: Path) -> None:
    rows = [[*row] for row in DOUBLES]
    rows[3][2] = rows[4][2] = "<script>alert(1)</script> & Co"
    custrec = shop(rows + strangers(60))
    custrec("dedupe", "find", "-q", code=3)
    page = tmp_path / "page.html"
    custrec("dedupe", "list", "--html", str(page), "-q")
    html = page.read_text(encoding="utf-8")
    assert html.count("<svg") >= 2 and html.count("<section>") == 2
    assert "<script>" not in html and "&lt;script&gt;" in html
    assert "http" not in html.replace("http-equiv", "")
    assert "張偉" in html and "≠" in html
    assert custrec("dedupe", "show", "P4", "--html", "-").out.startswith("<!doctype html>")


def test_what_is_sure_is_merged_unasked_and_comes_apart_again(sought: Custrec) -> None:
    sure = [one for one in clusters(sought) if one["unasked"]]
    dry = json.loads(sought("dedupe", "merge", "--auto", "-n", "--json").out)
    assert dry["detail"]["clusters"] == len(sure) if "detail" in dry else True
    sought("dedupe", "merge", "--auto", "-q", "--max-change", "100")
    left = keys(sought)
    assert [[member["key"] for member in one["members"]] for one in sure] == [
        one for one in [["P1", "P2", "P3"], ["P4", "P5"]] if one not in left
    ]
    sought("undo", "-q")
    assert keys(sought) == [["P1", "P2", "P3"], ["P4", "P5"]]


def test_a_cluster_is_merged_by_its_number(sought: Custrec) -> None:
    sought("dedupe", "merge", "cluster:4", "--into", "P5", "-q")
    assert json.loads(sought("show", "P4", "--json").out)["no"] == "P5"
    assert keys(sought) == [["P1", "P2", "P3"]]
    sought("dedupe", "find", "-q", code=3)
    assert keys(sought) == [["P1", "P2", "P3"]]
    assert "no cluster 4" in sought("dedupe", "merge", "cluster:4", code=4).err
    assert "not named together" in sought("dedupe", "merge", "cluster:1", "P4", code=2).err
    assert "in one way" in sought("dedupe", "merge", "P1", "P2", "--auto", code=2).err


def test_what_changed_since_is_not_merged_unasked(sought: Custrec) -> None:
    sought("edit", "P2", "name=赵敏", "phone=13700137000", "-q")
    sought("dedupe", "merge", "--min-probability", "0", "-q", "--max-change", "100", code=None)
    assert ["P1", "P2", "P3"] in keys(sought)


def test_what_somebody_took_apart_is_not_merged_unasked_again(sought: Custrec) -> None:
    sought("dedupe", "merge", "cluster:4", "-q")
    assert "custrec dedupe different ID ID" in sought("dedupe", "split", "P4").err
    sought("dedupe", "find", "-q", code=3)
    (found,) = [one for one in clusters(sought) if one["members"][0]["key"] == "P4"]
    assert "#5 was taken out of #4 (event 3)" in found["doubts"]
    sought("dedupe", "merge", "--auto", "-q", "--max-change", "100", code=None)
    sought("dedupe", "merge", "--min-probability", "0.5", "-q", "--max-change", "100", code=None)
    assert keys(sought) == [["P4", "P5"]]
    sought("dedupe", "merge", "cluster:4", "-q")  # by name it may be
    assert keys(sought) == []


def test_a_split_that_was_undone_keeps_nothing_apart(sought: Custrec) -> None:
    sought("dedupe", "merge", "cluster:4", "-q")
    sought("dedupe", "split", "P4", "-q")
    sought("undo", "-q")
    sought("undo", "2", "-q")
    sought("dedupe", "find", "-q", code=3)
    assert not any("taken out" in doubt for one in clusters(sought) for doubt in one["doubts"])


def test_a_chain_is_merged_unasked_only_where_every_two_of_it_are_sure(sought: Custrec) -> None:
    found, sure = clusters(sought)
    assert len(found["members"]) == 3 and 0.75 < found["weakest"] < 0.99 < found["strongest"]
    assert not found["unasked"] and sure["unasked"]
    (doubt,) = found["doubts"]
    assert doubt == f"#2 and #3 alone are below 0.99, match.auto ({found['weakest'] * 100:.1f} %)"
    sought("dedupe", "merge", "--auto", "-q")
    assert keys(sought) == [["P1", "P2", "P3"]]
    sought("dedupe", "merge", "--min-probability", "0.9", "-q")
    assert keys(sought) == []


def test_a_tie_is_not_merged_unasked(shop: Callable[..., Custrec]) -> None:
    rows = [
        ["P1", "张伟", "", "13812345678", "zhang.wei@example.com", "深圳市福田区华强北路1002号", "T1"],
        ["P2", "张伟", "", "13812345678", "zhang.wei@example.com", "深圳市福田区华强北路1002号", "T2"],
        ["P3", "张伟", "", "13812345678", "zhang.wei@example.com", "深圳市福田区华强北路1002号", ""],
    ]
    custrec = shop(rows + strangers(60), match='{veto: ["tax_no differs"]}')
    custrec("dedupe", "find", "-q", code=3)
    (found,) = clusters(custrec)
    assert len(found["members"]) == 2 and not found["unasked"]
    assert any("may as well be one with" in doubt for doubt in found["doubts"])
    custrec("dedupe", "merge", "--auto", "-q")
    custrec("dedupe", "merge", "--min-probability", "0.5", "-q")
    assert len(clusters(custrec)) == 1


def test_who_has_another_name_is_not_merged_unasked_whatever_else_agrees(shop: Callable[..., Custrec]) -> None:
    shared = ["深圳华强电子有限公司", "13812345678", "info@huaqiang.example.com", "深圳市福田区华强北路1002号"]
    twins = [["P1", "王洋军", *shared, "T1"], ["P2", "罗琪杰", *shared, "T1"]]
    custrec = shop(twins + strangers(60), match="{auto: 0.01, review: 0.001}")
    custrec("dedupe", "find", "-q", code=3)
    (found,) = [one for one in clusters(custrec) if one["members"][0]["key"] == "P1"]
    assert found["weakest"] > 0.01 and not found["unasked"]
    assert "#1 and #2 have names that have nothing in common" in found["doubts"]
    custrec("dedupe", "merge", "--auto", "-q", "--max-change", "100", code=None)
    assert json.loads(custrec("show", "P2", "--json").out)["no"] == "P2"


@pytest.mark.parametrize(
    ("one", "other", "doubt"),
    [
        (
            ["王芳", "广州大华贸易有限公司", "13622223333", "", "广州市天河区体育西路5号"],
            ["王芳", "广州大华贸易有限公司深圳分公司", "13622223333", "", "广州市天河区体育西路5号"],
            "#1 and #2 are of two branches of a firm",
        ),
        (
            ["王芳", "深圳市金辉达食品有限公司上海分公司", "13622223333", "", "上海市徐汇区漕溪路5号"],
            ["王芳", "深圳市金辉达食品有限公司北京分公司", "13622223333", "", "上海市徐汇区漕溪路5号"],
            "#1 and #2 are of two branches of a firm",
        ),
        (
            ["赵大明", "", "13622223333", "", "广州市天河区体育西路5号3栋502室"],
            ["赵小明", "", "13622223333", "", "广州市天河区体育西路5号3栋502室"],
            "#1 and #2 have names that differ in one character",
        ),
        (
            ["李娜", "上海晨光贸易有限公司", "13911112222", "lina@chenguang.example.com", "上海市徐汇区漕溪路100号"],
            ["李女士", "上海晨光贸易有限公司", "02164281234", "", "上海市徐汇区漕溪路100号"],
            "#1 and #2 are perhaps of one name, and share nothing that is a person's own",
        ),
        (
            ["Robert O'Toole", "", "13622223333", "", "广州市天河区体育西路5号3栋502室"],
            ["Robert O'Toole Jr.", "", "13622223333", "", "广州市天河区体育西路5号3栋502室"],
            "#1 and #2 have names that differ as those of father and son",
        ),
        (
            ["Mario Conti", "", "13622223333", "", "广州市天河区体育西路5号3栋502室"],
            ["Maria Conti", "", "13622223333", "", "广州市天河区体育西路5号3栋502室"],
            "#1 and #2 have names that are alike, and may be two people's",
        ),
        (
            ["John A. Dunne", "", "13622223333", "", "广州市天河区体育西路5号3栋502室"],
            ["John B. Dunne", "", "13622223333", "", "广州市天河区体育西路5号3栋502室"],
            "#1 and #2 have names that are alike, and may be two people's",
        ),
        (
            ["Tim Roth", "", "13622223333", "", "广州市天河区体育西路5号3栋502室"],
            ["Tom Roth", "", "13622223333", "", "广州市天河区体育西路5号3栋502室"],
            "#1 and #2 have names that are alike, and may be two people's",
        ),
    ],
)
def test_a_branch_a_sibling_and_a_form_of_address_are_left_to_a_person(shop, one, other, doubt):
    custrec = shop([["P1", *one, ""], ["P2", *other, ""], *strangers(60)], match="{auto: 0.5, review: 0.01}")
    custrec("dedupe", "find", "-q", code=3)
    (found,) = [some for some in clusters(custrec) if some["members"][0]["key"] == "P1"]
    assert not found["unasked"]
    assert doubt in found["doubts"]


def test_another_schema_learns_anew_and_says_so(sought: Custrec, tmp_path: Path) -> None:
    place = tmp_path / "shop" / "schema.yaml"
    place.write_text(place.read_text(encoding="utf-8").replace("match: {}", "match: {review: 0.9}"), encoding="utf-8")
    sought("schema", "apply", "-q")
    assert "is another one since" in sought("dedupe", "list").err
    assert "rests on another schema" in sought("dedupe", "merge", "--auto", code=6).err
    assert "the schema or the version of custrec changed" in sought("dedupe", "find", code=3).err


def test_what_was_parted_since_is_sought_anew_by_another_schema(sought: Custrec, tmp_path: Path) -> None:
    sought("dedupe", "different", "P1", "P2", "-q")
    place = tmp_path / "shop" / "schema.yaml"
    renamed = place.read_text(encoding="utf-8").replace("{name: phone,", "{name: telephone, was: phone,")
    place.write_text(renamed, encoding="utf-8")
    sought("schema", "apply", "--yes", "-q")
    assert keys(sought) == [["P4", "P5"]]
    assert "rests on another schema" in sought("dedupe", "explain", "P1", "P2", code=6).err
    sought("dedupe", "find", "-q", code=3)
    assert ["P4", "P5"] in keys(sought)


def test_what_an_older_version_learned_is_sought_anew_and_is_no_bug(sought: Custrec, tmp_path: Path) -> None:
    with contextlib.closing(sqlite3.connect(tmp_path / "shop" / "custrec.derived.db")) as derived, derived:
        derived.execute("UPDATE found_run SET basis = 'older', model = json_set(model, '$.version', 0)")
    sought("dedupe", "different", "P1", "P2", "-q")
    assert keys(sought) == [["P4", "P5"]]
    for words in (["explain", "P1", "P2"], ["show", "P4", "--html", "-"], ["list", "--html", "-"], ["tune"]):
        assert "rests on another schema, version" in sought("dedupe", *words, code=6).err
    assert "the version of custrec changed" in sought("dedupe", "find", code=3).err


def test_where_nothing_could_be_learned_nobody_is_sent_to_search_again(
    shop: Callable[..., Custrec], tmp_path: Path
) -> None:
    custrec = shop([["P1", "", "", "", "", "", ""], ["P2", "", "", "", "", "", ""]])
    custrec("dedupe", "find", "-q")
    for words in (["explain", "P1", "P2"], ["tune"]):
        assert "too little in people to compare" in custrec("dedupe", *words, code=4).err
    (tmp_path / "shop" / "golden.csv").write_text("one,other,expected\nP1,P2,same\n", encoding="utf-8")
    assert "too little" in custrec("dedupe", "test", "golden.csv", code=4).err


def test_where_all_records_are_the_same_it_is_said_why_none_are_found(shop: Callable[..., Custrec]) -> None:
    custrec = shop([[f"P{n}", "Ann Bell", "", "13812345678", "ann@example.com", "", ""] for n in range(1000)])
    why = (
        "all 1,000 records are the same in what is compared (name, phone, email): "
        "nothing tells them apart, and nothing says that they are one"
    )
    for _ in range(2):
        said = custrec("dedupe", "find").err
        assert "no records that may be one" in said and why in said
    assert "telling nothing" not in custrec("dedupe", "find", "--where", "no = P1").err


def test_fields_that_are_blank_in_all_records_are_named_where_none_are_found(shop: Callable[..., Custrec]) -> None:
    custrec = shop([[row[0], row[1], "", row[3], "", "", ""] for row in strangers(60)])
    said = custrec("dedupe", "find").err
    assert "no records that may be one" in said
    assert "blank in all records, and so telling nothing: company, email, address, tax_no\n" in said
    assert "the same in what is compared" not in said
    assert "so telling nothing: company, tax_no\n" in shop(strangers(60), folder="full")("dedupe", "find").err


def test_retrain_says_what_differs(sought: Custrec) -> None:
    said = sought("dedupe", "find", "--retrain", code=3).err
    assert "--retrain" in said and "2 clusters are the same, 0 new, 0 gone" in said


@pytest.mark.parametrize("damage", [b"no database", None])
def test_a_damaged_derived_file_is_made_again(sought: Custrec, tmp_path: Path, damage: bytes | None) -> None:
    before, place = clusters(sought), tmp_path / "shop" / "custrec.derived.db"
    if damage is None:  # within the model
        with contextlib.closing(sqlite3.connect(place)) as derived, derived:
            derived.execute("UPDATE found_run SET model = CAST(x'7bff' AS TEXT)")
    else:
        for part in place.parent.glob("custrec.derived.db*"):
            part.unlink()
        place.write_bytes(damage)
    assert "no duplicates were sought" in sought("dedupe", "list", code=4).err
    sought("dedupe", "find", "-q", code=3)
    assert clusters(sought) == before


def test_a_lost_derived_file_is_made_again(sought: Custrec, tmp_path: Path) -> None:
    before = clusters(sought)
    (tmp_path / "shop" / "custrec.derived.db").unlink()
    assert "no duplicates were sought" in sought("dedupe", "list", code=4).err
    sought("dedupe", "find", "-q", code=3)
    assert clusters(sought) == before
    sought("find", "张伟", "-q")
    assert clusters(sought) == before


def test_people_are_called_by_both_halves_of_their_names(tmp_path: Path, run_custrec: Custrec) -> None:
    rows = "no,First Name,Last Name,phone\n1,Robert,Smith,+1 212 555 2368\n2,Smith,Bob,+1 212-555-2368\n3,Ann,Lee,\n"
    (tmp_path / "list.csv").write_text(rows, encoding="utf-8")
    run_custrec("init", "--from", "list.csv", "--yes", "-q", cwd=tmp_path)
    run_custrec("import", "list.csv", "-q", cwd=tmp_path)
    assert run_custrec("dedupe", "find", "-q", cwd=tmp_path).code == 3
    assert "#1 Robert Smith · #2 Smith Bob" in run_custrec("dedupe", "list", cwd=tmp_path).out


def test_who_stands_there_by_the_hundred_is_found_and_told_at_every_door(shop: Callable[..., Custrec]) -> None:
    person = ["欧阳雪晴", "", "13800138000", "ouyang@example.com", "北京市海淀区人民路1号2室", ""]
    custrec = shop([*strangers(1500), *([f"X{n}", *person] for n in range(150))])
    custrec("dedupe", "find", code=3)
    assert "150" in custrec("dedupe", "list").out
    fields = dict(zip(FIELDS.split(","), ["Y1", *person], strict=True))
    said = custrec("add", *(f"{name}={value}" for name, value in fields.items() if value), code=3)
    assert "is likely #1501" in said.err
    custrec("dedupe", "find", code=3)
    assert "151" in custrec("dedupe", "list").out, "step by step as from the beginning"
    custrec("dedupe", "merge", "cluster:1501", "--max-change", "999", "-q")
    assert "no records that may be one" in custrec("dedupe", "find").err
    custrec("add", "no=Z1", *(f"{name}={value}" for name, value in fields.items() if value and name != "no"), code=3)
    custrec("dedupe", "find", code=3)
    assert "X0 欧阳雪晴 · Z1 欧阳雪晴" in custrec("dedupe", "list").out
