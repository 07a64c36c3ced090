"""jobs.proposals.column_kinds: of what kind a column is, told from its values and its header."""

from __future__ import annotations

import pytest

from proposals import column, numbered, proposed, repeated


@pytest.mark.parametrize(
    ("header", "values", "kind"),
    [
        ("客户编号", numbered("{:05d}"), "text"),
        ("code", numbered("C{:04d}"), "text"),
        ("x", numbered("{:05d}"), "text"),  # leading zeros
        ("x", numbered("12{:04d}"), "text"),  # always six digits
        ("x", numbered("1234567890123456{:02d}"), "text"),  # 18 digits, without a check digit
        ("PLZ", ["01067", *numbered("8{:04d}")], "text"),
        ("x", numbered("{}"), "integer"),
        ("Jahr", repeated("1999", "2005", "2024"), "integer"),
        ("since", repeated("2019", "2020"), "integer"),
        ("x", numbered("{}.5"), "number"),
        ("手机", numbered("138001380{:02d}"), "phone"),
        ("x", numbered("138001380{:02d}"), "phone"),
        ("x", numbered("+49 30 12345{:02d}"), "phone"),
        ("x", numbered("u{}@example.com"), "email"),
        ("x", numbered("https://example.com/{}"), "url"),
        ("x", ["www.example.com"] * 3, "url"),
        ("x", ["2021-03-05", "2021/3/6", "5 Mar 2021"], "date"),
        ("x", ["2021-03-05 00:00:00"] * 3, "date"),
        ("x", ["2021-03-05 14:30", "2021/3/6 09:15"], "datetime"),
        ("x", ["2021年3月5日", "20210306"], "date"),
        ("金额", ["1234.50", "99.00", "7.25"], "money"),
        ("Umsatz (EUR)", ["1.234,50", "99,00", "7,25"], "money"),
        ("x", ["¥1,234.50", "¥99.00", "￥7.25"], "money"),
        ("x", ["1234.50", "99.00", "7.25"], "number"),
        ("x", ["91110000600037341L", "91440300MA5TEQT014"], "identifier"),
        ("x", ["360426199101010071"], "identifier"),
        ("x", ["GR1601101050000010547023795", "DE89370400440532013000"], "identifier"),
        ("x", repeated("是", "否"), "boolean"),
        ("x", repeated("yes", "no"), "boolean"),
        ("x", repeated("0", "1"), "boolean"),
        ("x", ["0", "1", "2", "1", "0"], "integer"),
        ("x", ["中国", "Germany", "US"], "country"),
        ("x", repeated("gold", "silver", "basic"), "choice"),
        ("x", ["gold", "silver", "basic"], "text"),
        ("姓名", ["张伟", "李娜", "John Smith"], "person_name"),
        ("x", ["张伟", "李娜", "王芳芳"], "person_name"),
        ("first_name", ["Ann", "Bob", "Mary-Jo"], "person_name"),
        ("Billing Last Name", ["Lee", "O'Hara", "Smith"], "person_name"),
        ("contactLastName", ["Lee", "Smith"], "person_name"),
        ("Prénom", ["Anne", "Élodie"], "person_name"),
        ("姓", ["张", "李", "欧阳"], "person_name"),
        ("first name", ["1", "2"], "integer"),
        ("SSN", ["923-73-7119", "512-11-0090", "219-09-9999"], "text"),
        ("passport no", numbered("{:09d}"), "text"),
        ("name", ["Acme Ltd", "Widgets GmbH", "Foo Inc."], "org_name"),
        ("客户名称", ["深圳市华强电子有限公司", "上海明珠贸易有限公司"], "org_name"),
        ("x", ["Acme Ltd", "Widgets GmbH", "Foo Inc."], "org_name"),
        ("x", ["广东省深圳市福田区华强北路1002号", "上海市浦东新区世纪大道88号"], "address"),
        ("Street address", ["1 Main St", "22 Elm Ave", "Am Ring"], "address"),
        ("x", repeated("VIP;华南", "VIP", "华南;批发"), "tags"),
        ("标签", ["VIP", "华南"], "tags"),
        ("负责人", repeated("张伟", "李娜"), "text"),
        ("城市", repeated("深圳", "上海"), "text"),
        ("电话", ["not a number", "nor this"], "text"),
        ("email", ["abc", "def"], "text"),
        ("Order date", ["soon", "later"], "text"),
        ("x", ["some words", "and others, quite freely"], "text"),
    ],
)  # fmt: skip
def test_the_kind_is_told_from_values_and_header(header: str, values: list[str], kind: str) -> None:
    assert column(header, values, ("country", ["China"] * len(values))).kind == kind


def test_a_few_misfits_do_not_change_the_kind_and_are_named_by_line() -> None:
    values = [*numbered("u{}@example.com", 58), "nobody", "at home"]
    found = proposed("Mail", values)
    assert (found.field.kind, found.fit.misfits, found.fit.lines, found.fit.share) == ("email", 2, (60, 61), "96.6 %")


def test_a_misfit_of_five_is_taken_only_where_the_header_says_so() -> None:
    values = ["a@example.com", "b@example.com", "c@example.com", "d@example.com", "nobody"]
    assert column("E-mail", values).kind == "email"
    assert column("x", values).kind == "text"


def test_identifiers_name_their_format() -> None:
    assert column("x", ["91110000600037341L"]).options == {"format": "cn.uscc"}
    ric = column("x", ["360426199101010071"])
    assert (ric.options, ric.classification) == ({"format": "cn.ric"}, "personal")


def test_an_enum_needs_twenty_rows_and_every_value_twice() -> None:
    assert column("x", repeated("a", "b", times=10)).enum == ("a", "b")
    assert column("x", repeated("a", "b", times=9)).enum == ()
    assert column("x", [*repeated("a", "b", times=10), "once"]).enum == ()
    assert column("x", repeated(*numbered("v{}", 13), times=20)).enum == ()
    assert "list of the 2 values seen" in proposed("x", repeated("a", "b")).notes[0]


def test_an_enum_takes_the_commonest_spelling() -> None:
    assert column("x", [*repeated("gold", "silver", times=12), "Gold", "GOLD"]).enum == ("gold", "silver")


def test_two_digit_years_are_kept_as_text_with_a_hint() -> None:
    found = proposed("born", ["05.03.55", "24.12.99"])
    assert found.field.kind == "text"
    assert "two-digit years" in found.notes[0]


def test_the_decimal_comma_is_noticed() -> None:
    assert column("x", ["1,5", "2,25", "1.000,5"]).options == {"decimalChar": ","}
    assert column("金额", ["¥1,5", "¥2,25"]).options["decimalChar"] == ","


def test_a_blank_word_is_no_value_of_a_list() -> None:
    found = proposed("x", [*repeated("gold", "silver"), "-", "-"])
    assert found.field.enum == ("gold", "silver")
    assert found.fit.blank == 2
