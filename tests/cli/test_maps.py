"""custrec map as a process: proposals, lists, previews, faults."""

from __future__ import annotations

from pathlib import Path

import pytest

from terminal import Desk

FILE = "客户编号,姓名,所在地,Phome,内部\nC1,张伟(VIP),广东 深圳,13800138000,x\nC2,李娜,,,y\n"
MAP = """\
table: customers
source: 金蝶
columns:
  客户编号: no
  姓名: {field: name, transform: {BEFORE}}
  所在地: {split: {by: " ", into: [null, city]}}
  Phome: phone
  内部: null
fields:
  code: {from: 客户编号, transform: [digits, {pad: {to: 4}}]}
""".replace("{BEFORE}", '[{before: "("}]')


@pytest.fixture
def mapped(desk: Desk) -> Desk:
    """A desk with a file and a map for it."""
    desk.write("july.csv", FILE)
    (desk.folder / "custrec.maps").mkdir()
    desk.write("custrec.maps/kingdee.yaml", MAP)
    return desk


def test_a_proposal_is_saved_told_and_not_written_over(desk: Desk) -> None:
    desk.write("july.csv", FILE)
    said = desk.run("map", "create", "kingdee", "--from", "july.csv", "--source", "金蝶 export")
    assert (said.code, said.out) == (0, "")
    assert said.err.splitlines() == [
        "custrec.maps/kingdee.yaml: 2 columns of july.csv known to customers",
        "  left out as long as null stands there: 所在地, Phome, 内部",
        "next: edit it, then: custrec map show kingdee july.csv",
    ]
    text = (desk.folder / "custrec.maps" / "kingdee.yaml").read_text(encoding="utf-8")
    assert "  Phome: null # unknown; did you mean phone?\n" in text
    again = desk.run("map", "create", "kingdee", "--from", "nothing.csv")
    assert again.code == 9
    assert "there is a map kingdee already" in again.err
    assert (desk.folder / "custrec.maps" / "kingdee.yaml").read_text(encoding="utf-8") == text
    assert desk.run("map", "check", "-q").code == 0


def test_a_proposal_may_be_printed_for_a_table_and_from_a_pipe(desk: Desk) -> None:
    before = desk.files()
    said = desk.run("map", "create", "n", "--from", "-", "--table", "notes", "-o", "-", stdin=b"no,text,x\n1,2,3\n")
    assert (said.code, said.err) == (0, "")
    assert "table: notes\n" in said.out
    assert "  x: null # unknown\n" in said.out
    assert desk.files() == before
    assert desk.run("map", "create", "n", "--from", "-", "-o", "x.yaml", stdin=b"no\n1\n").code == 2


def test_required_fields_that_nothing_fills_are_named(desk: Desk) -> None:
    desk.write("a.csv", "x,y\n1,2\n")
    said = desk.run("map", "create", "a", "--from", "a.csv")
    assert "  nothing fills no, name, which new records need" in said.err


def test_maps_are_listed(mapped: Desk) -> None:
    mapped.write("custrec.maps/bad.yaml", "table: customers\ncolumns: {a: nme}\n")
    said = mapped.run("map", "list")
    assert said.code == 0
    assert [line.split() for line in said.out.splitlines()[2:]] == [["bad"], ["kingdee", "customers", "4", "金蝶"]]
    assert said.err == "custrec: bad.yaml has 1 fault\n"
    listed = mapped.run("map", "list", "--json").json
    assert listed["schema"] == "custrec.maps/1"
    assert listed["maps"] == [
        {"map": "bad", "table": None, "columns": None, "source": "", "fault": "bad.yaml has 1 fault"},
        {"map": "kingdee", "table": "customers", "columns": 4, "source": "金蝶", "fault": None},
    ]


def test_no_maps_are_said_to_be_none(desk: Desk) -> None:
    assert "no maps are saved" in desk.run("map", "list").err
    assert desk.run("map", "list", "--json").json["maps"] == []
    assert desk.run("map", "check").code == 0


def test_a_map_is_shown_with_what_it_makes_of_a_file(mapped: Desk) -> None:
    said = mapped.run("map", "show", "kingdee", "july.csv")
    assert (said.code, said.err) == (0, "")
    assert "kingdee, for customers (金蝶)" in said.out
    rules, rows = said.out.split("\n\n")
    assert [line.split()[:2] for line in rules.splitlines()[3:]] == [
        ["客户编号", "no"], ["姓名", "name"], ["所在地", "city"], ["Phome", "phone"], ["客户编号", "code"],
        ["内部", "left"],
    ]  # fmt: skip
    assert ["2", "name", "张伟(VIP)", "张伟"] in [line.split() for line in rows.splitlines()]
    shown = mapped.run("map", "show", "kingdee", "july.csv", "--json").json
    assert shown["left_out"] == ["内部"]
    assert shown["fields"][2] == {"field": "city", "columns": ["所在地"], "how": 'part 2 of 2, split by " "'}
    assert [(row["line"], row["field"], row["after"]) for row in shown["rows"]][:5] == [
        (2, "no", "C1"), (2, "name", "张伟"), (2, "city", "深圳"), (2, "phone", "13800138000"), (2, "code", "0001"),
    ]  # fmt: skip


def test_a_file_that_does_not_fit_is_named_with_what_it_lacks(mapped: Desk) -> None:
    mapped.write("other.csv", "客户编号,姓名\nC1,x\n")
    said = mapped.run("map", "show", "kingdee", "other.csv", "--json")
    assert said.code == 4
    assert said.error["error"] == "map-mismatch"
    assert mapped.run("map", "show", "kingdee", "none.csv").code == 4


def test_all_faults_of_all_maps_are_told(mapped: Desk) -> None:
    said = mapped.run("map", "check")
    assert said.err == "kingdee: 4 columns, 5 fields of customers, no faults\n"
    mapped.write("custrec.maps/bad.yaml", "table: customers\ncolumns: {a: nme, b: no, c: no}\n")
    said = mapped.run("map", "check")
    assert said.code == 4
    assert said.err.splitlines()[1:3] == [
        "  line 2, column 14: customers has no field 'nme'; did you mean 'name'?",
        "  line 2, column 29: the field 'no' is filled twice; first in line 2",
    ]
    assert mapped.run("map", "check", "kingdee").code == 0
    assert mapped.run("map", "check", "kingde", "--json").error["hint"] == "did you mean kingdee?"


@pytest.mark.parametrize("name", ["../../x", "a/b", ".x", ""])
def test_a_name_leads_nowhere_else(desk: Desk, name: str) -> None:
    desk.write("a.csv", "no\n1\n")
    before = desk.files()
    for words in (["create", name, "--from", "a.csv"], ["show", name], ["check", name]):
        assert desk.run("map", *words).code == 2
    assert desk.files() == before


def test_hostile_headers_are_quoted_and_do_not_reach_the_terminal(desk: Desk) -> None:
    desk.write("a.csv", b'no,"\x1b[2J: [x\n#y",name\n1,2,3\n')
    said = desk.run("map", "create", "a", "--from", "a.csv")
    assert said.code == 0
    assert "\x1b" not in said.err
    assert "\x1b" not in Path(desk.folder / "custrec.maps" / "a.yaml").read_text(encoding="utf-8")
    assert desk.run("map", "check").code == 0
    shown = desk.run("map", "show", "a")
    assert shown.code == 0
    assert "\x1b" not in shown.out


# --- import and validate ---


def test_import_takes_the_map_that_the_header_tells(mapped: Desk) -> None:
    said = mapped.run("import", "july.csv")
    assert said.code == 0
    assert "map kingdee" in said.err
    assert mapped.rows("SELECT no, name, city, phone, code FROM customers ORDER BY _id") == [
        ("C1", "张伟", "深圳", "+8613800138000", "0001"),
        ("C2", "李娜", None, None, "0002"),
    ]
    assert mapped.run("history", "verify").code == 0
    assert mapped.run("import", "july.csv", "--map", "none", "--json").error["error"] == "unknown-columns"


def test_the_rejects_of_a_mapped_file_are_mended_and_come_in_by_the_same_map(mapped: Desk) -> None:
    mapped.write("july.csv", FILE.replace("13800138000", "12"))
    assert mapped.run("import", "july.csv").code == 3
    path = mapped.folder / "custrec.rejects" / "1.csv"
    assert path.read_text(encoding="utf-8").splitlines()[0].endswith(FILE.splitlines()[0])
    path.write_text(path.read_text(encoding="utf-8").replace(",12,", ",13800138000,"), encoding="utf-8")
    assert mapped.run("import", path).code == 0
    assert mapped.rows("SELECT name FROM customers ORDER BY no") == ["张伟", "李娜"]


def test_findings_show_the_text_that_the_map_made(mapped: Desk) -> None:
    changed = "Phome: {field: phone, transform: [{first: 3}]}"
    mapped.write("custrec.maps/kingdee.yaml", MAP.replace("Phome: phone", changed))
    found = mapped.run("validate", "july.csv", "--show-values", "--json").json["findings"]
    assert [(one["line"], one["field"], one["value"]) for one in found] == [(2, "phone", "138")]
