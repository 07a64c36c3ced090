"""The ways in which people's programs write CSV: encodings, marks, delimiters, line ends. All of them are read."""

from __future__ import annotations

import pytest

from terminal import Desk

PEOPLE = "客户编号,姓名,城市\nC1,张伟,深圳市\nC2,王芳,北京市\n"
ROWS = [("C1", "张伟", "深圳市"), ("C2", "王芳", "北京市")]


@pytest.mark.parametrize(
    ("content", "encoding", "delimiter"),
    [
        (PEOPLE.encode("gb18030"), "GB18030", ","),
        (PEOPLE.encode("gbk").replace(b"\n", b"\r\n"), "GB18030", ","),
        (PEOPLE.encode("utf-8-sig"), "UTF-8", ","),
        (PEOPLE.replace(",", ";").encode(), "UTF-8", ";"),
        (PEOPLE.replace(",", "\t").encode(), "UTF-8", "\t"),
        (PEOPLE.replace("\n", "\r").encode(), "UTF-8", ","),
        (PEOPLE.rstrip().encode(), "UTF-8", ","),
        (("\n\n" + PEOPLE.replace("\n", "\n\n")).encode(), "UTF-8", ","),
        (("sep=;\r\n" + PEOPLE.replace(",", ";")).encode("utf-8-sig"), "UTF-8", ";"),
        (PEOPLE.replace(",", "\t").replace("\n", "\r\n").encode("utf-16"), "UTF-16-LE", "\t"),
        (PEOPLE.encode("utf-16-be"), "UTF-16-BE", ","),
        (PEOPLE.replace(",", "|").encode(), "UTF-8", "|"),
        (PEOPLE.replace(",", "|").encode("gb18030"), "GB18030", "|"),
        (("客户名单,,\n\n2024年3月,,\n" + PEOPLE).encode("gb18030"), "GB18030", ","),
    ],
    ids=[
        *("gb18030", "gbk crlf", "bom", "semicolon", "tab", "cr", "no last line end", "blank lines", "sep="),
        *("unicode text", "utf-16 without mark", "pipe", "pipe in gb18030", "title lines"),
    ],
)
def test_a_file_is_read_however_it_is_written(desk: Desk, content: bytes, encoding: str, delimiter: str) -> None:
    said = desk.take(content)
    assert said.code == 0, said
    assert desk.rows("SELECT no, name, city FROM customers") == ROWS
    desk.write("in.csv", content)
    word = {",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe"}[delimiter]
    said = desk.run("import", "in.csv", "-n").err
    guessed = f"({encoding} (guessed), {word})" in said and "the encoding is a guess: it reads 客户" in said
    assert guessed or f"({encoding}, {word})" in said


def test_an_encoding_that_is_named_is_taken(desk: Desk) -> None:
    assert desk.take("no,name,city\nC1,José,Málaga\n".encode("latin-1")).code == 3
    assert desk.take("no,name,city\nC1,José,Málaga\n".encode("latin-1"), "--encoding", "latin-1").code == 0
    assert desk.rows("SELECT name FROM customers") == ["José"]


def test_rejects_of_a_transcoded_file_are_utf8_with_a_mark(desk: Desk) -> None:
    good, bad = "no\tname\tcity\r\nC1\t张伟\t深圳市\r\n\t王芳\t北京市\r\nC3\t".encode("utf-16"), b"\x00\xd8\t\0\r\0\n\0"
    assert desk.take(good + bad).code == 3
    assert desk.rows("SELECT no FROM customers") == ["C1"]
    rejects = (desk.folder / "custrec.rejects" / "1.csv").read_bytes()
    assert rejects.startswith("\ufeff_line\t".encode())
    assert rejects.count(b"\r\n") == 3
    mended = rejects.replace("\t\t王芳".encode(), "\tC2\t王芳".encode())
    assert desk.take(mended).code == 3
    assert desk.rows("SELECT no FROM customers ORDER BY no") == ["C1", "C2"]


def test_a_byte_order_mark_is_believed_above_the_person(desk: Desk) -> None:
    assert desk.take(PEOPLE.encode("utf-8-sig"), "--encoding", "gb18030").code == 0
    assert desk.rows("SELECT no, name, city FROM customers") == ROWS


def test_a_delimiter_that_is_named_is_taken(desk: Desk) -> None:
    assert desk.take("no|name|city\nC1|Ann|Paris\n", "--delimiter", "|").code == 0
    assert desk.rows("SELECT no, name, city FROM customers") == [("C1", "Ann", "Paris")]


@pytest.mark.parametrize(
    ("option", "given", "words"),
    [
        ("--encoding", "klingon", "the encoding 'klingon' cannot be read"),
        ("--encoding", "utf-7", "the encoding 'utf-7' cannot be read"),
        ("--delimiter", "x", "the delimiter 'x' cannot be used"),
        ("--delimiter", "", "the delimiter"),
    ],
)
def test_what_cannot_be_used_is_named_with_what_can(desk: Desk, option: str, given: str, words: str) -> None:
    said = desk.take("no,name\nC1,Ann\n", option, given)
    assert said.code == 2, said
    assert words in said.error["message"]
