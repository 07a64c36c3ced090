"""files.dialect: what a file's first bytes tell."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custrec.errors import CustrecError, FileEmpty, NotCsv, UsageError, Utf16File
from custrec.files.dialect import SAMPLE_SIZE, Dialect, detect
from custrec.files.headers import fold_header

HEADER = "客户编号,姓名,公司\n"
PEOPLE = HEADER + "".join(
    f"C{number},{name},武汉白怡食品有限责任公司\n"
    for number, name in enumerate(["史雨静", "何英杰", "王喆", "张伟"] * 5)
)


def test_utf8_is_utf8():
    assert detect(PEOPLE.encode(), True) == Dialect("utf-8", ",", 0, "\n")
    assert detect(PEOPLE.encode("utf-8-sig"), True) == Dialect("utf-8", ",", 3, "\n")
    assert detect(b"a,b\r\n", True) == Dialect("utf-8", ",", 0, "\r\n")
    assert detect(b"a,b\r1,2", True).newline == "\r"


def test_a_sample_may_end_in_the_middle_of_a_character():
    for end in range(len(HEADER.encode()) + 1, len(PEOPLE.encode())):
        assert detect(PEOPLE.encode()[:end], False).encoding == "utf-8"


def test_gbk_of_excel_is_gb18030():
    assert detect(PEOPLE.encode("gbk"), True).encoding == "gb18030"
    for cut in range(20):
        assert detect(PEOPLE.encode("gbk")[: -cut or None], False).encoding == "gb18030"
    assert detect("姓名\n张伟\n".encode("gbk"), True).encoding == "gb18030"


@pytest.mark.parametrize("rows", [2, 5, 20])
def test_utf8_with_a_few_bad_bytes_stays_utf8(rows):
    lines = PEOPLE.encode().splitlines(keepends=True)[: rows + 1]
    lines[-1] = lines[-1].replace(b",", b",\xff\xd0", 1)
    assert detect(b"".join(lines), True).encoding == "utf-8"


@pytest.mark.parametrize(
    "text",
    ["name,city\nJosé,Málaga\nMüller,Köln\nZoë,Århus\n", "name\nChloé\n", "имя,город\nИван,Москва\nПётр,Казань\n"],
)
def test_western_encodings_are_not_taken_for_chinese(text):
    encoding = "cp1252" if text.isprintable() or "é" in text else "cp1251"
    assert detect(text.encode(encoding), True).encoding == "utf-8"
    assert detect(text.encode(encoding), True, encoding=encoding).encoding == encoding


def test_gbk_with_a_few_bad_bytes_is_still_gb18030():
    lines = PEOPLE.encode("gbk").splitlines(keepends=True)
    lines[3] = lines[3].replace(b",", b"\xff,", 1)
    assert detect(b"".join(lines), True).encoding == "gb18030"


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_delimiter_is_the_one_that_makes_headers_known(delimiter):
    header = delimiter.join(
        ["客户编号", "Customer Name, full; or short" if delimiter == "\t" else "Customer_Name", "公司"]
    )
    data = f"{header}\n1,2;3{delimiter}4{delimiter}5\n".encode()
    assert detect(data, True, {"客户编号", "公司"}).delimiter == delimiter


def test_headers_are_folded_before_they_are_compared():
    data = b"Customer No;E-Mail,x,y,z\n1;2,x,y,z\n"
    assert detect(data, True).delimiter == ","
    assert detect(data, True, {fold_header("customer_no")}).delimiter == ";"


def test_without_known_headers_the_even_rows_decide():
    assert detect(b"a;b\n1,5;2\n3,5,1;4\n", True).delimiter == ";"
    assert detect(b"a\tb\n1,5\t2\n3,5,1\t4\n", True).delimiter == "\t"
    assert detect(b'a;"b,c,d"\n1;2\n', True).delimiter == ";"


def test_a_single_column_is_fine():
    assert detect("姓名\n张伟\n".encode(), True).delimiter == ","


def test_what_the_person_says_is_done():
    assert detect(b"a|b\n", True, delimiter="|").delimiter == "|"
    assert detect(b"a,b\n", True, delimiter="tab").delimiter == "\t"
    assert detect(b"a,b\n", True, encoding="GBK").encoding == "gb18030"
    assert detect(b"a,b\n", True, encoding="ascii").encoding == "utf-8"
    assert detect(b"\xef\xbb\xbfa,b\n", True, encoding="gbk") == Dialect(bom=3)


@pytest.mark.parametrize(
    "encoding", ["utf-16", "utf-7", "rot13", "base64", "no-such", "hz", "iso2022_jp", "cp037", "idna", "a\0b", "zip"]
)
def test_an_encoding_in_which_a_comma_is_no_byte_is_refused(encoding):
    with pytest.raises(UsageError, match="encoding"):
        detect(b"a,b\n", True, encoding=encoding)


def test_a_delimiter_that_cannot_work_is_refused():
    for delimiter in ('"', "x", "\n", ",,"):
        with pytest.raises(UsageError, match="delimiter"):
            detect(b"a,b\n", True, delimiter=delimiter)
    with pytest.raises(UsageError, match="UTF-8 first"):
        detect(b"a|b\n", True, delimiter="|", encoding="gb18030")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "utf-16-le", "utf-32"])
def test_utf16_is_named_with_the_remedy(encoding):
    with pytest.raises(Utf16File) as caught:
        detect(("name,city\n" + "Ann,Oslo\n" * 20).encode(encoding), True, name="a.csv")
    assert "a.csv is UTF-16" in caught.value.message
    assert "UTF-8" in caught.value.hint


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"PK\x03\x04" + b"\0" * 26 + b"[Content_Types].xml", "Excel"),
        (b"PK\x03\x04" + b"\0" * 26 + b"customers.csv", "ZIP"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 99, "old Excel"),
        (b"%PDF-1.7\n", "PDF"),
        (b"SQLite format 3\0" + b"\0" * 99, "SQLite"),
        (b"\x1f\x8b\x08\0abc", "gzip"),
        (b"\x89PNG\r\n\x1a\n", "PNG"),
        (b"GIF89a\1\0\1\0", "GIF"),
        (b"<html><table><tr><td>1", "HTML"),
        (b'\n<?xml version="1.0"?>', "XML"),
        (b'[{"name": "x"}]', "JSON"),
        (bytes(range(256)) * 4, "binary"),
        (b"\0" * 500, "UTF-16|binary"),
    ],
)
def test_other_files_are_told_by_name_with_what_to_do(data, what):
    with pytest.raises((NotCsv, Utf16File), match=what) as caught:
        detect(data, False, name="x")
    assert caught.value.hint


def test_letters_that_begin_other_formats_may_begin_a_header():
    for header in (b"RIFF,b\n1,2\n", b"BZh,b\n", b"PAR1\n", b"GIF89a,b\n", b"PK,b\n"):
        assert detect(header, True) == Dialect()


@pytest.mark.parametrize("data", [b"", b"\xef\xbb\xbf", b" \r\n\n"])
def test_nothing_is_an_empty_file(data):
    with pytest.raises(FileEmpty):
        detect(data, True)


@given(st.binary(max_size=300), st.booleans())
def test_any_bytes_have_a_dialect_or_an_error(data, complete):
    try:
        assert detect(data, complete).delimiter in ",;\t|"
    except CustrecError as error:
        assert error.hint


def test_a_sample_of_one_long_line_is_quick():
    assert detect(b"x," * (SAMPLE_SIZE // 2), False).delimiter == ","
    assert detect(b'"' * SAMPLE_SIZE, False).delimiter == ","
