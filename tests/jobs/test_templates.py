"""Templates: headers that import reads, hints that never are rows, lists to choose from."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from conftest import Shop
from custrec.errors import UsageError
from custrec.files.template import HINTS, LISTS
from custrec.jobs.templates import template_columns, template_format, write_template
from workbook_reader import sheets_of

SCHEMA = """\
version: 1
defaults: {timezone: UTC, currency: CNY}
tables:
  - name: members
    title: 会员
    primaryKey: [no]
    fields:
      - {name: no, type: string, aliases: [卡号], example: "00501"}
      - {name: level, type: string, title: 等级, constraints: {enum: [basic, "gold, new", plain]},
         labels: {basic: [普通], "gold, new": 金卡}}
      - {name: ok, type: boolean}
      - {name: yes, type: boolean, trueValues: [有], falseValues: [没有]}
      - {name: balance, kind: money, constraints: {required: true}}
      - {name: tags, kind: tags, constraints: {enum: [a, b]}}
  - name: visits
    foreignKeys: [{fields: [no], reference: {resource: members, fields: [no]}}]
    fields: [{name: no, type: string}, {name: note, type: string}]
"""


@pytest.fixture
def members(new_shop: Callable[..., Shop]) -> Shop:
    return new_shop(SCHEMA)


def write(shop: Shop, name: str, table: str = "members") -> None:
    with shop.session() as session:
        chosen = shop.schema.by_name[table]
        assert write_template(session.store, chosen, str(shop.folder / name), template_format(name, None)) == len(
            chosen.fields
        )


def test_a_csv_template_is_a_header_that_import_reads(members: Shop) -> None:
    write(members, "a.csv")
    text = (members.folder / "a.csv").read_bytes().decode()
    assert text == "\ufeff卡号,等级,ok,yes,balance,tags\r\n"
    report = members.import_csv(text + "00501,金卡,是,没有,3.5万,b;a\r\n")
    assert (report.plan.counts.insert, report.plan.counts.rejected) == (1, 0)
    assert members.import_csv(text).plan.counts.read == 0


def test_a_workbook_has_hints_beside_its_rows_and_never_among_them(members: Shop) -> None:
    write(members, "a.xlsx")
    fill, hints, lists = sheets_of(members.folder / "a.xlsx")
    assert (fill.name, hints.name, lists.name, lists.hidden) == ("会员", HINTS, LISTS, True)
    assert fill.rows == [["卡号", "等级", "ok", "yes", "balance", "tags"]]
    assert hints.rows[1][:3] == ["卡号", "no", "key"]
    assert hints.rows[5][2] == "required"
    assert "00501" in str(hints.rows[1][4])
    assert len(fill.hints()) == 6
    assert all(fill.hints())


def test_choices_and_truth_values_are_lists_of_what_means_them(members: Shop) -> None:
    write(members, "a.xlsx")
    fill, _, lists = sheets_of(members.folder / "a.xlsx")
    sources = list(fill.lists().values())
    assert sources == ["'lists'!$B$1:$B$3", "'lists'!$C$1:$C$2", "'lists'!$D$1:$D$2"]
    columns = [[row[place] for row in lists.rows if place < len(row) and row[place]] for place in (1, 2, 3)]
    assert columns == [["普通", "金卡", "plain"], ["true", "false"], ["有", "没有"]]


def test_a_reference_takes_what_its_parents_key_takes(members: Shop) -> None:
    columns = template_columns(members.schema, members.schema.by_name["visits"])
    assert [column.header for column in columns] == ["no", "note"]
    write(members, "v.xlsx", "visits")
    assert [sheet.name for sheet in sheets_of(members.folder / "v.xlsx")] == ["visits", HINTS]


@pytest.mark.parametrize(("path", "given"), [("a.doc", None), ("a", None), ("a.csv", "tsv")])
def test_a_template_is_csv_or_a_workbook(path: str, given: str | None) -> None:
    with pytest.raises(UsageError):
        template_format(path, given)
