"""files.header_row: the delimiter, and the line in which the header stands."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custrec.files.header_row import HeaderRow, find_header

ALL = (",", ";", "\t", "|")
KNOWN = {"no", "name", "city", "price", "address", "姓名", "电话", "客户编号"}


def found(text: str, known: set[str] = KNOWN, complete: bool = True) -> HeaderRow:
    return find_header(text, complete, known, ALL)


@pytest.mark.parametrize("delimiter", ALL)
def test_the_delimiter_under_which_the_headers_are_known_wins(delimiter: str) -> None:
    header = delimiter.join(["no", "name", "city"])
    assert found(f"{header}\n1{delimiter}a,b;c{delimiter}d,e;f\n").delimiter == delimiter
    assert found(f'"{header.replace(delimiter, chr(34) + delimiter + chr(34))}"\n').delimiter == delimiter


@pytest.mark.parametrize(
    ("text", "delimiter"),
    [
        ("no;name;price\n1;Ann;1,50\n2;Bo;2,75\n", ";"),
        ("x;y;z\n1;Ann;1,50\n2;Bo;2,75\n", ";"),
        ("no\taddress\n1\t12, Main St, Flat 3, Oslo\n2\t7, High St, London\n", "\t"),
        ("x\ty\n1\t12, Main St, Oslo\n2\t7, High St, Oslo\n", "\t"),
        ('"no, old";"name, full";"city"\n1;a;b\n', ";"),
        ('"no|old","name|full"\n1,a\n', ","),
        ("no|name|note\n1|Ann|a, b, c\n2|Bo|a, b, c\n", "|"),
        ("name\nAnn\nBo\n", ","),
        ("address\n12, Main St, Oslo\nHigh St\n7, Low St\n", ";"),
        ("name\nAnn,5\nBo,6\n", ","),
        ("name;city\nMüller, Hans;Köln\nMay, Eva;Bonn\n", ";"),
    ],
)
def test_signs_within_cells_do_not_mislead(text: str, delimiter: str) -> None:
    assert found(text).delimiter == delimiter


@pytest.mark.parametrize(
    ("above", "lines"),
    [
        ("Report of 2024-01-01\n", 1),
        ("客户名单,,\n", 1),
        ("\n\nCustomers,,\n\n\nmade by Ann,,\n\n", 7),
        ('"Title\nin two lines",,\n', 2),
        ("Customers of Oslo; Bergen\r\n", 1),
        ("a\rb\r", 2),
        ("a\n" * 10, 10),
    ],
)
def test_title_lines_are_passed_over(above: str, lines: int) -> None:
    assert found(above + "no,name,city\n1,Ann,Oslo\n") == HeaderRow(",", lines)
    assert found(above + "x,name,city,x,,\n1,Ann,Oslo,,,\n") == HeaderRow(",", lines)


@pytest.mark.parametrize(
    "text",
    [
        "no,name,city\nTitle,,\nno,name,city\n",  # the first row is a header
        "x,name,z\nTitle,,\nno,name,city\n",  # so it is with one known cell
        "1,Ann,Oslo\n2,Bo,Rome\nno,name,city\n",  # rows of data
        "1,Ann,\nno,name,city\n",  # two of three cells
        "Title,,\n1,Ann,Oslo\nno,name,city\n",  # one of them a row of data
        "Title\nno,name\n1,Ann\n",  # one of two cells is no title
        "Title,,\nno,x,y\n1,Ann,Oslo\n",  # one known cell is no header
        "Title\n" * 11 + "no,name,city\n",  # too far below
        "Title\nname\nAnn\n",
    ],
)
def test_what_may_be_a_header_or_data_is_never_passed_over(text: str) -> None:
    assert found(text).preamble == 0


def test_with_nothing_known_nothing_is_guessed() -> None:
    assert found("Title,,\nno,name,city\n", set()).preamble == 0


def test_blank_lines_alone_are_no_title() -> None:
    assert found("\n\nno,name,city\n").preamble == 0
    assert found(",,\nno,name,city\n").preamble == 0


def test_a_cut_last_row_is_not_judged() -> None:
    assert found("x;y\n1,5;2\n3,", set(), complete=False).delimiter == ";"
    assert found("Title\nno,name,ci", complete=False).preamble == 0


@given(st.text(st.sampled_from('ab",;\t|\r\n\0 名'), max_size=40), st.booleans())
def test_any_text_has_a_place_for_its_header(text: str, complete: bool) -> None:
    header = found(text, {"a", "ab", "名"}, complete)
    assert header.delimiter in ALL
    assert 0 <= header.preamble <= text.count("\n") + text.count("\r")
