"""files.dialect: what a file's first bytes tell."""

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custrec.errors import CustrecError, FileEmpty, NotCsv, UsageError
from custrec.files.dialect import SAMPLE_SIZE, Dialect, detect
from custrec.files.headers import fold_header
from custrec.model.problem import Fault

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
    ("text", "encoding"),
    [("name,city\nJosé,Málaga\n", "cp1252"), ("name\nChloé\n", "cp1252"), ("имя\nЯн\n", "koi8_r")],
)
def test_a_few_letters_are_no_evidence_and_what_the_person_says_is_done(text, encoding):
    unsure = detect(text.encode(encoding), True)
    assert (unsure.encoding, unsure.guessed) == ("utf-8", True)
    named = detect(text.encode(encoding), True, encoding=encoding)
    assert (named.encoding, named.guessed, named.evidence) == (
        codecs.lookup(encoding).name,
        False,
        (),
    )


def test_a_guess_comes_with_words_for_a_person_to_look_at():
    found = detect(PEOPLE.encode("gbk"), True)
    assert (found.encoding, found.guessed) == ("gb18030", True)
    assert found.evidence == ("客户编号", "姓名", "公司")
    french = "no,name,city\n1,Hélène Lefèvre,Orléans\n2,François,Besançon\n3,Jérôme,Nîmes\n"
    found = detect(french.encode("cp1252"), True)
    assert (found.encoding, found.evidence) == ("cp1252", ("Hélène", "Lefèvre", "Orléans"))
    damaged = detect(PEOPLE.encode() + b"C9,\xff,x\n", True)
    assert (damaged.encoding, damaged.guessed, damaged.evidence) == ("utf-8", True, ("客户编号", "姓名", "公司"))


def test_gbk_with_a_few_bad_bytes_is_still_gb18030():
    lines = PEOPLE.encode("gbk").splitlines(keepends=True)
    lines[3] = lines[3].replace(b",", b"\xff,", 1)
    assert detect(b"".join(lines), True).encoding == "gb18030"


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_the_one_that_makes_headers_known(delimiter):
    header = delimiter.join(
        ["客户编号", "Customer Name, full; or short" if delimiter in "\t|" else "Customer_Name", "公司"]
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
    "encoding", ["utf-7", "rot13", "base64", "no-such", "hz", "iso2022_jp", "cp037", "idna", "a\0b", "zip"]
)
def test_an_encoding_in_which_a_comma_is_no_byte_is_refused(encoding):
    with pytest.raises(UsageError, match="encoding"):
        detect(b"a,b\n", True, encoding=encoding)


def test_a_delimiter_that_cannot_work_is_refused():
    for delimiter in ('"', "x", "\n", ",,"):
        with pytest.raises(UsageError, match="delimiter"):
            detect(b"a,b\n", True, delimiter=delimiter)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "utf-16-le", "utf-32", "utf-32-be"])
def test_utf16_is_transcoded(encoding):
    own = {"utf-16": "utf-16-le", "utf-32": "utf-32-le"}.get(encoding, encoding)
    marked = encoding in ("utf-16", "utf-32")
    found = detect(("name\tcity\r\n" + "Ann\t北京\r\n" * 20).encode(encoding), True)
    assert (found.encoding, found.transcoded, found.delimiter, found.newline) == ("utf-8", own, "\t", "\r\n")
    assert (found.bom, found.guessed) == (3 if marked else 0, not marked)
    assert found.encoding_name == own.upper()


def test_utf16_may_be_named_and_its_mark_is_believed_above_the_person():
    data = "姓名,城市\n张伟,北京\n".encode("utf-16-be")
    assert detect(data, True, encoding="utf-16-be").transcoded == "utf-16-be"
    assert not detect(data, True, encoding="utf-16-be").guessed
    assert detect(b"\xfe\xff" + data, True, encoding="gbk").transcoded == "utf-16-be"
    with pytest.raises(FileEmpty):
        detect("\ufeff \r\n".encode("utf-16-le"), True)


def test_other_files_are_told_in_utf16_too():
    with pytest.raises(NotCsv, match="HTML"):
        detect("\ufeff<html><table><tr><td>1".encode("utf-16-le"), True)


@pytest.mark.parametrize("encoding", ["gb18030", "big5", "cp932"])
def test_the_pipe_between_characters_of_several_bytes_is_transcoded(encoding):
    text = {"gb18030": "编号|姓名|城市\n1|张亅伟|北京\n", "big5": "編號|姓名|城市\n1|陳育志|臺北\n",
            "cp932": "番号|氏名|市\n1|ポール太郎|東京都港区\n"}[encoding]  # fmt: skip
    assert b"|" in text.replace("|", "").encode(encoding)
    found = detect(text.encode(encoding), True)
    assert (found.encoding, found.delimiter, found.bom) == ("utf-8", "|", 0)
    assert found.transcoded == detect(text.replace("|", ",").encode(encoding), True).encoding
    named = detect(text.encode(encoding), True, encoding=encoding, delimiter="|")
    assert (named.transcoded, named.guessed) == (found.transcoded, False)
    assert detect(text.encode(), True) == Dialect(delimiter="|")


REJECTS = "_line,_field,_rule,_message,no,name\n"


def rejects(encoding, rows, undecodable, said):
    good = [f"{n},name,required,a value is required here,C{n},{text}\n".encode(encoding) for n, text in enumerate(rows)]
    sentence = Fault("undecodable", {"encoding": said}).message
    bad = [f"{n},,undecodable,{sentence},C{n},".encode() + data + b"\n" for n, data in enumerate(undecodable)]
    return REJECTS.encode() + b"".join(good + bad)


GBK_NAMES = [name.encode("gbk") for name in ("张伟", "王芳", "李娜", "刘洋", "陈静")]


def test_rejects_of_utf8_are_utf8_though_all_their_rows_are_gbk():
    assert detect(rejects("utf-8", [], GBK_NAMES, "UTF-8"), True).encoding == "utf-8"
    assert detect(rejects("utf-8", ["赵敏"], GBK_NAMES, "UTF-8"), True).encoding == "utf-8"
    assert detect(rejects("utf-8", [], GBK_NAMES * 5000, "UTF-8")[:SAMPLE_SIZE], False).encoding == "utf-8"
    assert detect(rejects("utf-8", [], GBK_NAMES, "UTF-8").replace(b",", b";"), True).encoding == "utf-8"


def test_rejects_of_other_encodings_stay_in_theirs():
    assert detect(rejects("gb18030", [], [b"\xff\xd5\xc5"], "GB18030"), True).encoding == "gb18030"
    assert detect(rejects("cp1252", ["José"], [b"\x81"], "CP1252"), True).encoding == "cp1252"
    assert detect(rejects("gb18030", ["张伟", "王芳", "李娜"], [], "GB18030"), True).encoding == "gb18030"


def test_rejects_that_were_saved_anew_in_another_encoding_are_told_as_any_file():
    names = ["张伟", "王芳", "李娜", "赵敏"]
    assert detect(rejects("gb18030", names, GBK_NAMES, "UTF-8"), True).encoding == "gb18030"
    assert detect(rejects("gb18030", names, GBK_NAMES, "KLINGON"), True).encoding == "gb18030"
    assert detect(PEOPLE.encode("gbk") + b"1,the bytes here are not valid UTF-8,3\n", True).encoding == "gb18030"


def test_lines_above_the_header_are_counted_with_their_bytes():
    known = {"客户编号", "姓名", "公司"}
    title = "客户名单,,\r\n\r\n导出时间：2024-01-01,,\r\n"
    for encoding in ("utf-8", "utf-8-sig", "gb18030", "utf-16"):
        found = detect((title + PEOPLE).encode(encoding), True, known)
        assert (found.preamble, found.skip) == (3, len(title.encode(found.encoding)))


def test_title_lines_may_follow_an_excel_separator_line():
    data = b"sep=;\r\nCustomers of 2024\r\nno;name;city\r\n1;Ann;Oslo\r\n"
    assert detect(data, True, {"no", "name", "city"}) == Dialect(
        delimiter=";", newline="\r\n", skip=len(b"sep=;\r\nCustomers of 2024\r\n"), preamble=1
    )


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"%PDF-1.7\n", "PDF"),
        (b"\x1f\x8b\x08\0abc", "gzip"),
        (b"\x89PNG\r\n\x1a\n", "PNG"),
        (b"GIF89a\1\0\1\0", "GIF"),
        (b"<html><table><tr><td>1", "HTML"),
        (b'\n<?xml version="1.0"?>', "XML"),
        (b'[{"name": "x"}]', "JSON"),
        (bytes(range(256)) * 4, "binary"),
        (b"\0" * 500, "binary"),
    ],
)
def test_other_files_are_told_by_name_with_what_to_do(data, what):
    with pytest.raises(NotCsv, match=what) as caught:
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
