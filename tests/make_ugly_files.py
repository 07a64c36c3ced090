# ruff: noqa: E501 (a row is a line)
"""Makes the text files of tests/ugly again: `python tests/make_ugly_files.py [NAME …]`.

What a program writes is written by that program: Python's csv, json and zipfile, the sqlite3 shell. What people's tools
do to files afterwards (cutting, joining, saving in another encoding) is done here to the bytes. Nobody in them is real.
Workbooks, and what LibreOffice writes, are made by make_ugly_workbooks.py, the exports of CRMs and shops by
make_ugly_exports.py. The tests need none of these programs: the files are checked in. What must come of each stands
beside it, in <file>.yaml, written by hand.
"""

from __future__ import annotations

import csv
import io
import json
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

UGLY = Path(__file__).parent / "ugly"
MAKERS: dict[str, Callable[[], bytes]] = {}
MADE = datetime(2024, 5, 6, 7, 8, 9)

# fmt: off
HEADER = ["编号", "姓名", "公司", "电话", "城市", "创建日期", "信用额度", "有效", "证件号", "备注"]
TRADITIONAL = ["編號", "姓名", "公司", "電話", "城市", "建立日期", "信用額度", "有效", "證件號", "備註"]
ENGLISH = ["No", "Name", "Company", "Phone", "City", "Since", "Credit", "Active", "Card", "Note"]
ZHANG = ["00501", "张伟", "深圳市华强电子有限公司", "13800138000", "深圳", "2024-05-01", "12500.00", "true", "440305198001014567", "他说“好”，然后走了"]
LI = ["00502", "李娜", "上海明珠贸易有限公司", "021-68881234", "上海", "2024-05-02", "0.50", "false", "310115199002028888", '含"引号"，逗号,分号;竖线|都有']
OUYANG = ["00503", "欧阳文轩", "", "13900139001", "北京", "2023-12-31", "", "", "11010519491231002X", "第一行\n第二行"]
WANG = ["00504", "王芳", "北京王府, 贸易有限公司", "010-65881234", "北京", "2024-02-29", "1000000.00", "true", "", '5" 屏']
ZOE = ["00505", "Zoë O'Brien", "Smith, Jones & Co. Ltd", "+1 415-555-2671", "Zürich", "2024-01-31", "99.90", "false", "", "café – crème"]
CHINESE = [ZHANG, LI, OUYANG, WANG]
EVERYONE = [*CHINESE, ZOE]
WESTERN = [
    ["W01", "Zoë Müller", "Müller & Söhne GmbH", "+49 30 901820", "München", "2024-03-01", "250.00", "true", "", "Straße 5, „Hof“ – 2 €"],
    ["W02", "François Lefèvre", "Crème & Fils S.A.", "+33 1 42 68 53 00", "Orléans", "2024-03-02", "", "false", "", 'dit "oui"'],
]
HONG_KONG = [
    ["H01", "陳大文", "香港貿易有限公司", "+852 2123 4567", "九龍", "2024-04-01", "880.00", "true", "", "許功蓋"],
    ["H02", "林志玲", "臺北電子股份有限公司", "+886 2 2345 6789", "臺北", "2024-04-02", "", "", "", "請致電, 謝謝"],
]
# fmt: on


def makes(name: str) -> Callable[[Callable[[], bytes]], Callable[[], bytes]]:
    """The function makes the file of that name."""

    def register(maker: Callable[[], bytes]) -> Callable[[], bytes]:
        MAKERS[name] = maker
        return maker

    return register


def csv_text(rows: Iterable[Sequence[Any]], header: Sequence[str] = HEADER, **how: Any) -> str:
    """What Python's csv module writes, as Excel does unless told otherwise."""
    out = io.StringIO(newline="")
    csv.writer(out, **{"lineterminator": "\r\n", **how}).writerows([header, *rows])
    return out.getvalue()


# Encodings and line ends.


@makes("bom.csv")
def bom() -> bytes:
    return csv_text(EVERYONE).encode("utf-8-sig")


@makes("gbk-excel.csv")
def gbk_excel() -> bytes:
    return csv_text(CHINESE).encode("gbk")


@makes("big5.csv")
def big5() -> bytes:
    return csv_text(HONG_KONG, TRADITIONAL).encode("big5hkscs")


@makes("windows-1252.csv")
def windows_1252() -> bytes:
    return csv_text(WESTERN, ENGLISH, delimiter=";").encode("cp1252")


@makes("excel-unicode-text.txt")
def excel_unicode_text() -> bytes:
    return csv_text(EVERYONE, delimiter="\t").encode("utf-16")


@makes("utf16-without-bom.csv")
def utf16_without_bom() -> bytes:
    return csv_text(EVERYONE, ENGLISH).encode("utf-16-le")


@makes("utf16-big-endian.csv")
def utf16_big_endian() -> bytes:
    return b"\xfe\xff" + csv_text(EVERYONE).encode("utf-16-be")


@makes("classic-mac.csv")
def classic_mac() -> bytes:
    return csv_text([ZHANG, LI, WANG], lineterminator="\r").encode()


@makes("mixed-encodings.csv")
def mixed_encodings() -> bytes:
    """A UTF-8 export, and another one in GBK appended to it without its header."""
    own = csv_text([ZHANG, OUYANG, ZOE]).encode()
    return own + csv_text([WANG, LI]).split("\r\n", 1)[1].encode("gbk")


@makes("two-exports-joined.csv")
def two_exports_joined() -> bytes:
    """`cat a.csv b.csv`: the second byte order mark and header stand in the middle."""
    return csv_text([ZHANG]).encode("utf-8-sig") + csv_text([WANG]).encode("utf-8-sig")


@makes("dos-end.csv")
def dos_end() -> bytes:
    """`copy a.csv+b.csv` of DOS and Windows: a control character ends the file."""
    return csv_text([ZHANG, WANG]).encode("gbk") + b"\x1a"


@makes("truncated.csv")
def truncated() -> bytes:
    """A download that broke off within a character."""
    whole = csv_text([ZHANG, WANG, [*LI[:3], "13700137000", "上海"]]).encode()
    return whole[: whole.rindex("上海".encode()) + 4]


@makes("truncated-in-quotes.csv")
def truncated_in_quotes() -> bytes:
    whole = csv_text([ZHANG, OUYANG], quoting=csv.QUOTE_ALL).encode()
    return whole[: whole.rindex("第二行".encode())]


@makes("nul-tail.csv")
def nul_tail() -> bytes:
    """What a disk holds of a file whose writer lost its power: the length is right, the end was never written."""
    return csv_text([ZHANG, WANG]).encode() + b"\0" * 30


# Delimiters and quotes.


@makes("quote-all.csv")
def quote_all() -> bytes:
    return csv_text(EVERYONE, quoting=csv.QUOTE_ALL).encode()


@makes("quote-nothing.csv")
def quote_nothing() -> bytes:
    """A tool that knows no quotes and escapes with backslashes: what needs no escape can be read."""
    return csv_text([ZHANG, LI, WANG], quoting=csv.QUOTE_NONE, escapechar="\\", quotechar=None).encode()


@makes("sep-line.csv")
def sep_line() -> bytes:
    return b"sep=;\r\n" + csv_text(CHINESE, delimiter=";").encode("gbk")


@makes("pipes.txt")
def pipes() -> bytes:
    return csv_text(EVERYONE, delimiter="|", lineterminator="\n").encode()


@makes("pipes-gbk.txt")
def pipes_gbk() -> bytes:
    """墊 and 坾 have the byte of a pipe in them."""
    rows = [[*ZHANG[:9], "墊子|垫子"], [*WANG[:9], "坾|"]]
    return csv_text(rows, delimiter="|").encode("gbk")


@makes("trailing-delimiters.csv")
def trailing_delimiters() -> bytes:
    return csv_text([[*row, "", "", ""] for row in EVERYONE], [*HEADER, "", "", ""]).encode()


@makes("smart-quotes.csv")
def smart_quotes() -> bytes:
    """A CSV that went through a word processor: quotes are curly, so that they quote nothing."""
    lines = ["编号,姓名,公司", "00501,“张伟”,深圳市华强电子有限公司", "00504,王芳,“北京王府, 贸易有限公司”"]
    return "\r\n".join(lines).encode()


@makes("backslash-quotes.csv")
def backslash_quotes() -> bytes:
    """What programs write that escape quotes in quotes with a backslash."""
    how = {"doublequote": False, "escapechar": "\\", "quoting": csv.QUOTE_ALL}
    return csv_text([ZHANG, LI, WANG], **how).encode()


@makes("mysql-batch.tsv")
def mysql_batch() -> bytes:
    """`mysql --batch`: tabs, no quotes, line ends written as \\n, NULL as NULL."""
    rows = [[cell.replace("\n", "\\n") or "NULL" for cell in row] for row in CHINESE]
    return "".join("\t".join(row) + "\n" for row in [ENGLISH, *rows]).encode()


@makes("sqlite3-shell.csv")
def sqlite3_shell() -> bytes:
    """`sqlite3 -csv -header`."""
    if shutil.which("sqlite3") is None:
        return (UGLY / "sqlite3-shell.csv").read_bytes()
    columns = ", ".join(f'"{name}" TEXT' for name in ENGLISH)
    texts = ", ".join(
        "(" + ", ".join("NULL" if not cell else "'" + cell.replace("'", "''") + "'" for cell in row) + ")"
        for row in EVERYONE
    )
    script = f"CREATE TABLE t ({columns}); INSERT INTO t VALUES {texts}; SELECT * FROM t;"
    return subprocess.run(["sqlite3", "-csv", "-header", ":memory:", script], capture_output=True, check=True).stdout


# Rows above, below and between; characters that are not seen.


@makes("titles-above.csv")
def titles_above() -> bytes:
    """A report: its title, when it was made, a blank line, then the table."""
    above = "客户名单,,,,,,,,,\r\n导出时间：2024-05-06 07:08,,,操作员：admin,,,,,,\r\n,,,,,,,,,\r\n"
    return (above + csv_text(CHINESE)).encode("gbk")


@makes("total-below.csv")
def total_below() -> bytes:
    total = ["合计", "", "", "", "", "", "1012500.50", "", "", ""]
    return csv_text([*CHINESE, total, ["", "", "", "", "", "", "", "", "", "制表人：李静"]]).encode("utf-8-sig")


@makes("unseen-characters.csv")
def unseen_characters() -> bytes:
    """Spaces that are none, from web pages and from input methods."""
    zhang = [
        "\u200b00501", "\u3000张伟\u3000", "\u00a0深圳市华强电子有限公司\u00a0", "\u202d138\u00a00013\u20028000\u202c",
        "深\u200b圳", "2024-05-01\u00a0", "\u300012500.00", "true\u200b", "\ufeff440305198001014567",
        "\u00a0\u3000",
    ]  # fmt: skip
    wang = [
        "００５０４",
        "王　芳",
        "　",
        "０１０－６５８８１２３４",
        "北京",
        "２０２４－０２－２９",
        "１０００",
        "true",
        "",
        "\t",
    ]
    return csv_text([zhang, wang], ["\ufeff编号 ", "姓\u200b名", "公司\u00a0", "　电话", *HEADER[4:]]).encode(
        "utf-8-sig"
    )


@makes("joiners.csv")
def joiners() -> bytes:
    """Zero-width joiners at the ends of cells, where they join nothing, and within an emoji, which they make."""
    return csv_text([["00501", "张伟\u200d", "", "", "\u200c深圳\u200d", "", "", "", "", "👩\u200d💻"]]).encode(
        "utf-8-sig"
    )


@makes("text-formulas.csv")
def text_formulas() -> bytes:
    """Texts written as formulas, so that Excel does not turn them into numbers; quoted well and not."""
    rows = ['="00501",张伟,"=""13800138000""",="440305198001014567","=""x"""', '="00504",王芳,=010-65881234,,=1+1']
    return ("编号,姓名,电话,证件号,备注\r\n" + "\r\n".join(rows) + "\r\n").encode("gbk")


@makes("apostrophes.csv")
def apostrophes() -> bytes:
    """Excel's own way to say that a cell is text, typed in and exported with the rest."""
    rows = ["'00501,张伟,'13800138000,'440305198001014567,'-5", "00503,欧阳文轩,13900139001,,'=1+1"]
    return ("编号,姓名,电话,证件号,备注\r\n" + "\r\n".join(rows) + "\r\n").encode("gbk")


@makes("rounded-by-excel.csv")
def rounded_by_excel() -> bytes:
    """A CSV that somebody opened in Excel and saved: long numbers are no more what they were."""
    rows = [
        ["5.01E+14", "张伟", "13800138000", ""],
        ["501", "王芳", "1.38E+10", ""],
        ["502", "李娜", "", "3.10115E+17"],
    ]
    return csv_text(rows, ["编号", "姓名", "电话", "证件号"]).encode("gbk")


# Files that are not what they are called, and other formats.


@makes("text-called.xls")
def text_called_xls() -> bytes:
    """A text with tabs that a web application calls .xls, because Excel opens it."""
    return csv_text(CHINESE, delimiter="\t").encode("gbk")


@makes("html-called.xls")
def html_called_xls() -> bytes:
    """A web page that a web application calls .xls."""
    cells = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row[:5]) + "</tr>" for row in [HEADER, ZHANG, WANG])
    return f'<html><head><meta charset="gbk"></head><body><table border="1">{cells}</table></body></html>'.encode("gbk")


@makes("lines.jsonl")
def json_lines() -> bytes:
    """JSON a line, as programs write it: numbers, null, escapes, keys left out, in another order, one line spoilt."""
    rows = [
        json.dumps(dict(zip(ENGLISH, ZHANG, strict=True)), ensure_ascii=True),
        json.dumps({"Name": "王芳", "No": "00504", "Since": "2024-02-29", "Credit": 1000000, "Active": True, "Card": None}),
        '{"No": "00502", "Name": "李娜", "Card": 310115199002028888, "Credit": 0.5, "Note": ["a", "b\\ttab"]}',
        '{"No": "00503", "Name": "欧阳文轩", "Note": "第一行\\n第二行", "Phone": 13900139001}',
        '{"No": "00505", "Name": {"first": "Zoë", "last": "Lee"}}',
        '{"No": "00506", "Name": "赵敏"',
        "",
    ]  # fmt: skip
    return "\n".join(rows).encode()


@makes("mail-attachment.zip")
def mail_attachment() -> bytes:
    """Packed by Chinese Windows: a name in GBK without the flag that says so; and what macOS adds."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in (("AA.csv", gbk_excel()), ("__MACOSX/._AA.csv", b"\0\5\x16\7")):
            archive.writestr(zipfile.ZipInfo(name, MADE.timetuple()[:6]), content)
    return out.getvalue().replace(b"AA.csv", "客".encode("gbk") + b".csv")


def write(makers: dict[str, Callable[[], bytes]], names: Sequence[str]) -> None:
    """Make the files named, or all."""
    for name in names or sorted(makers):
        content = makers[name]()
        (UGLY / name).write_bytes(content)
        print(f"{len(content):6,} {name}")  # noqa: T201


if __name__ == "__main__":
    write(MAKERS, sys.argv[1:])
