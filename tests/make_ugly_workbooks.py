# ruff: noqa: E501 (a row is a line)
"""Makes the workbooks of tests/ugly again, and what LibreOffice writes: `python tests/make_ugly_workbooks.py [NAME …]`.

XlsxWriter writes workbooks as Excel does. The files of LibreOffice stay as they are where it (`soffice`) is not
installed. See make_ugly_files.py for the rest of tests/ugly.
"""

from __future__ import annotations

import io
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import xlsxwriter

from make_ugly_files import (
    CHINESE,
    ENGLISH,
    EVERYONE,
    HEADER,
    HONG_KONG,
    LI,
    MADE,
    OUYANG,
    TRADITIONAL,
    WANG,
    WESTERN,
    ZHANG,
    write,
)


def workbook(fill: Callable[[Any], None], **options: Any) -> bytes:
    """A workbook as bytes."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, **options})
    book.set_properties({"created": MADE})
    fill(book)
    book.close()
    return out.getvalue()


def put_rows(sheet: Any, rows: Sequence[Sequence[Any]], top: int = 0, left: int = 0) -> None:
    """Texts as texts; blank cells are not there."""
    for number, row in enumerate(rows, top):
        for place, text in enumerate(row, left):
            if text:
                sheet.write_string(number, place, text)


def typed(book: Any, sheet: Any, rows: Sequence[Sequence[str]]) -> None:
    """People as somebody keeps them in Excel: true dates, amounts and truth values, the rest as text."""
    day, amount = book.add_format({"num_format": "yyyy/m/d"}), book.add_format({"num_format": "#,##0.00"})
    put_rows(sheet, [HEADER])
    for number, row in enumerate(rows, 1):
        for place, text in enumerate(row):
            if not text:
                continue
            if place == 5:
                sheet.write_datetime(number, place, datetime.fromisoformat(text), day)
            elif place == 6:
                sheet.write_number(number, place, float(text), amount)
            elif place == 7:
                sheet.write_boolean(number, place, text == "true")
            else:
                sheet.write_string(number, place, text)


def typed_workbook(**options: Any) -> bytes:
    return workbook(lambda book: typed(book, book.add_worksheet("客户"), EVERYONE), **options)


def days_from_1904() -> bytes:
    """A workbook of Excel for Mac: its days count from 1904."""
    return typed_workbook(date_1904=True)


def merged() -> bytes:
    """A merged title, a line of small print, and a company that is merged over the rows of its people."""

    def fill(book: Any) -> None:
        sheet, title = book.add_worksheet("名单"), book.add_format({"bold": True, "align": "center"})
        sheet.merge_range(0, 0, 0, 3, "2024年客户通讯录", title)
        sheet.merge_range(1, 0, 1, 3, "内部资料，请勿外传")
        put_rows(sheet, [["编号", "公司", "姓名", "电话"]], 3)
        people = [
            ["00501", "张伟", "13800138000"],
            ["00503", "欧阳文轩", "13900139001"],
            ["00504", "王芳", "01065881234"],
        ]
        for number, (no, name, phone) in enumerate(people, 4):
            put_rows(sheet, [[no, "", name, phone]], number)
        sheet.merge_range(4, 1, 5, 1, "深圳市华强电子有限公司")
        sheet.write_string(6, 1, "上海明珠贸易有限公司")
        sheet.merge_range(7, 0, 7, 3, "以上共三人")

    return workbook(fill)


def numbers() -> bytes:
    """What becomes of texts that look like numbers: phones and short numbers survive, long ones are rounded."""

    def fill(book: Any) -> None:
        sheet = book.add_worksheet()
        day, cash = book.add_format({"num_format": "yyyy-mm-dd"}), book.add_format({"num_format": '"¥"#,##0.00'})
        shown = book.add_format({"num_format": "00000"})
        put_rows(sheet, [HEADER])
        put_rows(sheet, [["", "张伟"], ["", "王芳"], ["", "李娜"], ["", "欧阳文轩"], ["", "赵敏"]], 1)
        sheet.write_number(1, 0, 501, shown)  # shows 00501, is 501
        sheet.write_number(1, 3, 13800138000)
        sheet.write_datetime(1, 5, datetime(2024, 5, 1), day)
        sheet.write_number(1, 6, 12500, cash)
        sheet.write_string(2, 0, "00504")  # a number stored as text
        sheet.write_string(2, 3, "13900139001")
        sheet.write_string(2, 6, "1,000.00")
        sheet.write_string(2, 5, "2024/2/29")
        sheet.write_string(3, 0, "00502")
        sheet.write_number(3, 8, 310115199002028888)  # 18 digits: a float holds 15
        sheet.write_string(4, 0, "00503")
        sheet.write_number(4, 5, 45291)  # a day without its format
        sheet.write_string(5, 0, "00506")
        sheet.write_formula(5, 6, "=G2*2", cash, 25000)
        sheet.write_formula(5, 9, '="第"&2&"号"', None, "第2号")
        sheet.write_formula(5, 4, "=NA()", None, "#N/A")
        sheet.write_formula(5, 7, "=1>2", None, False)

    return workbook(fill)


def hidden_sheet_first() -> bytes:
    """A hidden sheet with last year's list, a sheet of explanations, then the list."""

    def fill(book: Any) -> None:
        old = book.add_worksheet("旧名单")
        put_rows(old, [HEADER, ["00999", "旧客户", "", "13800138009"]])
        put_rows(book.add_worksheet("说明"), [["填写说明"], ["请勿修改表头"], ["电话为手机或座机"]])
        sheet = book.add_worksheet("客户")
        put_rows(sheet, [HEADER, *CHINESE])
        sheet.activate()
        sheet.set_first_sheet()
        old.hide()

    return workbook(fill)


def gaps() -> bytes:
    """A table that begins at C4, with empty rows between, and columns to the right that are only formatted."""

    def fill(book: Any) -> None:
        sheet, grey = book.add_worksheet(), book.add_format({"bg_color": "#EEEEEE"})
        put_rows(sheet, [HEADER, ZHANG, [], LI, [], [], [" ", "　"], OUYANG, WANG], 3, 2)
        for row in range(3, 20):
            for column in range(12, 16):
                sheet.write_blank(row, column, None, grey)

    return workbook(fill)


def merged_below() -> bytes:
    """A table at B6 below a title at B2, with a city that is merged over its people."""

    def fill(book: Any) -> None:
        sheet = book.add_worksheet("通讯录")
        sheet.write_string(1, 1, "通讯录")
        put_rows(
            sheet,
            [["编号", "城市", "姓名"], ["00501", "", "张伟"], ["00504", "", "王芳"], ["00502", "上海", "李娜"]],
            5,
            1,
        )
        sheet.merge_range(6, 2, 7, 2, "深圳")

    return workbook(fill)


def table_with_filter() -> bytes:
    """An Excel table with a total row, filtered and frozen; rows that the filter hides are rows all the same."""

    def fill(book: Any) -> None:
        sheet = book.add_worksheet("Sheet1")
        columns = [{"header": name} for name in HEADER[:5]]
        columns[0]["total_string"] = "汇总"
        sheet.add_table(
            0, 0, 4, 4, {"columns": columns, "data": [row[:5] for row in [ZHANG, LI, WANG]], "total_row": True}
        )
        sheet.set_row(2, None, None, {"hidden": True})
        sheet.freeze_panes(1, 0)

    return workbook(fill)


def kingdee() -> bytes:
    """金蝶 K/3: a merged title, codes with dots, amounts with separators, a total, who made it."""

    def fill(book: Any) -> None:
        sheet, amount = book.add_worksheet("客户"), book.add_format({"num_format": "#,##0.00"})
        header = [
            "客户代码",
            "客户名称",
            "助记码",
            "联系人",
            "电话",
            "移动电话",
            "地址",
            "信用额度",
            "分管部门",
            "专营业务员",
        ]
        sheet.merge_range(0, 0, 0, 9, "客户资料")
        put_rows(sheet, [["核算单位：示例公司", "", "", "", "", "", "", "打印日期：2024-05-06"]], 1)
        put_rows(sheet, [header], 2)
        rows = [
            ["01.0001", "深圳市华强电子有限公司", "HQDZ", "张伟", "0755-26881234", "13800138000", "深圳市南山区科技园路1号", "500000", "销售一部", "李静"],
            ["01.0002", "上海明珠贸易有限公司", "", "李娜", "021-68881234", "", "上海市浦东新区世纪大道88号", "0", "销售二部", ""],
        ]  # fmt: skip
        for number, row in enumerate(rows, 3):
            put_rows(sheet, [[*row[:7], "", *row[8:]]], number)
            sheet.write_number(number, 7, float(row[7]), amount)
        sheet.write_string(5, 0, "合计")
        sheet.write_number(5, 7, 500000, amount)
        put_rows(sheet, [["制单人：李静"]], 6)

    return workbook(fill)


# What LibreOffice writes.


def by_libreoffice(source: bytes, kind: str, options: str = "") -> bytes:
    """The source (a workbook) in another format."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "in.xlsx").write_bytes(source)
        wanted = f"{kind}:{options}" if options else kind
        profile = f"-env:UserInstallation=file://{folder}/profile"
        command = [
            "soffice",
            profile,
            "--headless",
            "--convert-to",
            wanted,
            "--outdir",
            str(folder / "out"),
            str(folder / "in.xlsx"),
        ]
        subprocess.run(command, check=True, capture_output=True, timeout=120)
        return next((folder / "out").iterdir()).read_bytes()


def libreoffice_csv(source: bytes, delimiter: str, charset: int, quote_all: bool = False, more: str = "") -> bytes:
    """A CSV. Charsets by their numbers in LibreOffice: 76 UTF-8, 67 GBK, 68 Big5, 1 Windows-1252, 65535 UTF-16.

    `more` is what follows: `,false` for the values themselves instead of what the cells show.
    """
    options = f"{ord(delimiter)},34,{charset},1,,0,{'true' if quote_all else 'false'},true{more}"
    return by_libreoffice(source, "csv", f"Text - txt - csv (StarCalc):{options}")


def plain_workbook(rows: Sequence[Sequence[str]], header: Sequence[str] = HEADER) -> bytes:
    return workbook(lambda book: put_rows(book.add_worksheet(), [header, *rows]))


LIBREOFFICE: dict[str, Callable[[], bytes]] = {
    "libreoffice-utf8.csv": lambda: libreoffice_csv(typed_workbook(), ",", 76),
    "libreoffice-raw-values.csv": lambda: libreoffice_csv(typed_workbook(), ",", 76, more=",false"),
    "libreoffice-gbk.csv": lambda: libreoffice_csv(plain_workbook(CHINESE), ",", 67),
    "libreoffice-big5-quoted.csv": lambda: libreoffice_csv(
        plain_workbook(HONG_KONG, TRADITIONAL), ";", 68, quote_all=True
    ),
    "libreoffice-1252.tsv": lambda: libreoffice_csv(plain_workbook(WESTERN, ENGLISH), "\t", 1),
    "libreoffice-utf16.csv": lambda: libreoffice_csv(typed_workbook(), "\t", 65535),
    "libreoffice.xlsx": lambda: by_libreoffice(typed_workbook(), "xlsx", "Calc MS Excel 2007 XML"),
    "libreoffice.ods": lambda: by_libreoffice(typed_workbook(), "ods"),
    "libreoffice.xls": lambda: by_libreoffice(typed_workbook(), "xls", "MS Excel 97"),
    "kingdee.xls": lambda: by_libreoffice(kingdee(), "xls", "MS Excel 97"),
}


MAKERS: dict[str, Callable[[], bytes]] = {
    "typed.xlsx": typed_workbook,
    "days-from-1904.xlsx": days_from_1904,
    "merged.xlsx": merged,
    "merged-below.xlsx": merged_below,
    "numbers.xlsx": numbers,
    "hidden-sheet-first.xlsx": hidden_sheet_first,
    "gaps.xlsx": gaps,
    "table-with-filter.xlsx": table_with_filter,
}

if __name__ == "__main__":
    write(MAKERS | (LIBREOFFICE if shutil.which("soffice") else {}), sys.argv[1:])
