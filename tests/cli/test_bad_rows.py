"""Bad rows are put aside, each with its reason and every byte; the good ones go in; the file of them can be mended."""

from __future__ import annotations

import re
import stat

import pytest

from terminal import Desk

HEADER = "no,name,city\n"


def test_a_row_with_too_many_or_too_few_cells_is_put_aside_as_it_stands(desk: Desk) -> None:
    said = desk.take(HEADER + "C1,Ann,Paris\nC2,Bo\nC3,Cy,Rome,extra,\nC4,Di,Oslo,,\n")
    assert said.code == 3
    assert said.json["rules"] == {"ragged": 2}
    assert desk.rejects() == [
        "_line,_field,_rule,_message,no,name,city",
        '3,,ragged,"the row has 2 cells, the header 3",C2,Bo',
        '4,,ragged,"the row has 5 cells, the header 3",C3,Cy,Rome,extra,',
    ]
    assert desk.rows("SELECT no FROM customers") == ["C1", "C4"]


def test_line_ends_inside_quotes_belong_to_the_cell(desk: Desk) -> None:
    assert desk.take(HEADER + 'C1,Ann,"Paris\nXIV"\nC2,Bo,"a\r\nb"\nC3,,Rome\n').code == 3
    assert desk.rows("SELECT city FROM customers") == ["Paris\nXIV", "a\nb"]
    assert desk.rejects()[1].startswith("6,name,required")


def test_an_unclosed_quote_costs_its_own_row_where_the_file_shows_it(desk: Desk) -> None:
    said = desk.take(HEADER + 'C1,"Ann,Paris\nC2,Bo,Oslo\nC3,Cy,Rome\nC4,"Di",Bonn\n')
    assert said.code == 3, said
    assert said.json["rules"] == {"open-quote": 1}
    assert desk.rows("SELECT no FROM customers") == ["C2", "C3", "C4"]
    assert desk.rejects()[1].startswith("2,,open-quote,")


@pytest.mark.parametrize(
    ("cell", "rule"),
    [
        (b"A\0nn", "nul-byte"),
        (b"A\xffnn", "undecodable"),
        (b"\xed\xa0\x80", "undecodable"),
        (b"\xed\xb0\x80Ann", "undecodable"),
        (b"\xc0\x80Ann", "undecodable"),
        (b"\xf4\x90\x80\x80Ann", "undecodable"),
    ],
    ids=["NUL", "Latin-1", "surrogate of CESU-8", "low surrogate", "overlong", "beyond Unicode"],
)
def test_bytes_that_are_no_text_cost_their_row_alone_and_are_kept(desk: Desk, cell: bytes, rule: str) -> None:
    said = desk.take("no,name,city\nC1,张伟,深圳市\nC2,".encode() + cell + b",Paris\nC3,Cy,Rome\n")
    assert (said.code, said.json["rules"]) == (3, {rule: 1})
    kept = (desk.folder / "custrec.rejects" / "1.csv").read_bytes().splitlines()[1]
    assert kept.endswith(b",C2," + cell + b",Paris")
    assert desk.rows("SELECT no FROM customers") == ["C1", "C3"]
    again = desk.run("import", "custrec.rejects/1.csv", "--json")
    assert again.json["counts"]["rejected"] == 1


def test_a_cell_with_text_after_its_quote_is_kept_with_its_quotes(desk: Desk) -> None:
    assert desk.take(HEADER + 'C1,"Ann"x,Paris\n').json["rules"] == {"quoting": 1}
    (place,) = (desk.folder / "custrec.rejects").iterdir()
    assert place.read_text().endswith(',C1,"""Ann""x",Paris\n')


def test_rejects_of_a_chinese_file_are_written_in_its_own_encoding(desk: Desk) -> None:
    rows = "客户编号;姓名;城市\r\nC1;张伟;深圳市\r\nC2;;北京市\r\nC3;王芳;上海市\r\n".encode("gb18030")
    said = desk.take(rows.replace("上海市".encode("gb18030"), b"\xff\xff"))
    assert (said.code, said.json["rules"]) == (3, {"required": 1, "undecodable": 1})
    raw = (desk.folder / "custrec.rejects" / "1.csv").read_bytes()
    assert raw.startswith("_line;_field;_rule;_message;客户编号;姓名;城市\r\n".encode("gb18030"))
    assert raw.endswith(";C3;王芳;".encode("gb18030") + b"\xff\xff\r\n")


def test_a_huge_cell_costs_its_row_alone(desk: Desk) -> None:
    said = desk.take(HEADER + "C1,Ann," + "x" * (17 << 20) + "\nC2,Bo,Oslo\n")
    assert (said.code, said.json["rules"]) == (3, {"cell-too-big": 1})
    assert desk.rows("SELECT no FROM customers") == ["C2"]
    assert (desk.folder / "custrec.rejects" / "1.csv").stat().st_size > 17 << 20


def test_a_value_in_a_column_without_header_is_not_lost(desk: Desk) -> None:
    assert desk.take("no,name,,city\nC1,Ann,stray,Paris\nC2,Bo,,Oslo\n").json["rules"] == {"stray-cell": 1}


def test_every_fault_of_a_row_is_named_at_once(desk: Desk) -> None:
    desk.take("no,name,phone,since\nC1,,12,2024-02-31\n")
    (place,) = (desk.folder / "custrec.rejects").iterdir()
    (line,) = place.read_text().splitlines()[1:]
    assert line.startswith("2,phone;since;name,phone-invalid;date-impossible;required,")


def test_rejects_lie_beside_the_store_under_the_event_for_its_owner_alone(desk: Desk) -> None:
    said = desk.take(HEADER + "C1,Ann,Paris\nC2,,Oslo\n")
    place = desk.folder / "custrec.rejects" / "1.csv"
    assert said.json["event"] == 1
    assert said.json["rejects"] == str(place)
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    assert stat.S_IMODE(place.parent.stat().st_mode) == 0o700
    assert [path.name for path in place.parent.iterdir()] == ["1.csv"]


def test_rejects_go_where_they_are_told_to(desk: Desk) -> None:
    said = desk.take(HEADER + "C1,Ann,Paris\nC2,,Oslo\n", "--rejects", "bad.csv")
    assert said.json["rejects"] == "bad.csv"
    assert desk.write("bad.csv", (desk.folder / "bad.csv").read_bytes()).read_text().startswith("_line,")
    assert not (desk.folder / "custrec.rejects").exists() or not any((desk.folder / "custrec.rejects").iterdir())


def test_a_dry_run_writes_rejects_only_where_it_is_told_to(desk: Desk) -> None:
    desk.write("in.csv", HEADER + "C1,Ann,Paris\nC2,,Oslo\n")
    before = desk.files()
    assert desk.run("import", "in.csv", "-n").code == 3
    assert desk.files() == before
    assert desk.run("import", "in.csv", "-n", "--rejects", "bad.csv").code == 3
    assert set(desk.files()) - set(before) == {"bad.csv"}


def test_the_rejects_are_mended_and_imported_as_they_are(desk: Desk) -> None:
    desk.take("no,name,since\nC1,Ann,2024-01-01\nC2,Bo,2024-02-31\nC3,,2024-01-03\n", "--rejects", "bad.csv")
    text = (desk.folder / "bad.csv").read_text(encoding="utf-8")
    desk.write("bad.csv", text.replace("2024-02-31", "2024-02-29").replace("C3,,", "C3,Cy,"))
    assert desk.run("import", "bad.csv", "--json").json["counts"]["insert"] == 2
    assert desk.rows("SELECT no, name, since FROM customers") == [
        ("C1", "Ann", "2024-01-01"),
        ("C2", "Bo", "2024-02-29"),
        ("C3", "Cy", "2024-01-03"),
    ]


def test_rejects_of_rejects_have_the_own_columns_once(desk: Desk) -> None:
    desk.take(HEADER + "C1,,Paris\n", "--rejects", "bad.csv")
    desk.run("import", "bad.csv", "--rejects", "worse.csv")
    first, second = ((desk.folder / name).read_text() for name in ("bad.csv", "worse.csv"))
    assert first == second


def test_strict_takes_all_or_nothing(desk: Desk) -> None:
    desk.write("in.csv", HEADER + "C1,Ann,Paris\nC2,,Oslo\nC3,Cy\n")
    before = desk.files()
    said = desk.run("import", "in.csv", "--strict")
    assert said.code == 4
    assert "in.csv has 2 bad rows of 3, and --strict takes all or nothing" in said.err
    assert "1 × ragged" in said.err
    assert desk.files() == before
    assert desk.take(HEADER + "C1,Ann,Paris\n", "--strict").code == 0


def test_a_child_without_its_parent_waits_among_the_rejects(desk: Desk) -> None:
    said = desk.take("no,text,id\nC1,hello,7\nC2,there,8\n", "-t", "notes")
    assert (said.code, said.json["rules"]) == (3, {"no-parent": 2})
    assert "event" in said.json
    assert said.json["event"] is None
    place = said.json["rejects"]
    desk.take("no,name\nC1,Ann\n")
    second = desk.run("import", place, "-t", "notes", "--json", "--rejects", "left.csv")
    assert (second.code, second.json["counts"]["insert"]) == (3, 1)
    assert "2,no,no-parent,there is no record in customers with this no" not in second.err
    assert desk.rows("SELECT text FROM notes") == ["hello"]


def test_words_name_every_rule_and_its_count(desk: Desk) -> None:
    desk.write("in.csv", HEADER + "C1,,Paris\nC2,,Oslo\nC3,Cy\nC4,Di,Bonn\n")
    said = desk.run("import", "in.csv")
    assert said.code == 3
    assert "1 new · 3 rejected" in said.err
    assert "rejected for: required 2 · ragged 1" in said.err
    assert re.search(r"rejected rows: custrec\.rejects/1\.csv", said.err)


def test_no_word_about_a_bad_row_holds_what_stands_in_it(desk: Desk) -> None:
    private = "Xanthippe"
    desk.write("in.csv", f"no,name,phone,since\n{private},{private},{private},{private}\n{private}\n")
    for words in ((), ("--strict",), ("-n",), ("--json",)):
        said = desk.run("import", "in.csv", *words)
        assert private not in said.err + said.out
