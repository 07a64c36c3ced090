"""Which column of a file is which field: by name, alias or title, however the header was typed.

Pure: says what it found, raises nothing and reads no file. Letter case, full-width forms (NFKC), white space,
underscores and hyphens make no difference: `Customer No`, `customer_no` and `ＣＵＳＴＯＭＥＲ－ＮＯ` are one header.
The apostrophe that guards a formula (values.guard) is passed over.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from custrec.model.nearest import nearest
from custrec.model.schema import Table
from custrec.values.guard import guarded, unguarded

OWN_COLUMNS = ("_line", "_field", "_rule", "_message")
"""The columns that a rejects file adds; a mended rejects file is imported without taking them off."""

LISTED_COLUMN = "_id"
"""The record's number, which lists write before its fields. Other programs have a column of that name, too."""

MOST_GUESSED = 100
"""Of how many unknown headers the nearest field is sought: who has more has the wrong file."""

_MAKES_NO_DIFFERENCE = re.compile(r"[\s_\-\u00ad\u200b-\u200f\u2010-\u2015\u2060\u2212\ufeff]+")


_TRADITIONAL = str.maketrans(
    "戶編號電話機稱聯係繫絡郵國標籤簽狀態備註額單創時間後訂購買貨產類別職務負責業員稅統識碼證發級縣區詳細歷紀錄價錢數給從網頁實際開關帳賬傳真對點專案會員",
    "户编号电话机称联系系络邮国标签签状态备注额单创时间后订购买货产类别职务负责业员税统识码证发级县区详细历纪录价钱数给从网页实际开关账账传真对点专案会员",
)
"""Traditional characters that headers are written with, and the simplified ones."""


@dataclass(frozen=True, slots=True)
class UnknownHeader:
    """A column that is no field of the table, and the name of the field it may have meant."""

    index: int
    header: str
    nearest: str | None


@dataclass(frozen=True, slots=True)
class DuplicateHeader:
    """Columns that mean one field."""

    field: str
    indexes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class HeaderMatch:
    """What the columns of a file are, by their index from 0. Of duplicates, `columns` holds the first."""

    columns: dict[int, str]
    unknown: tuple[UnknownHeader, ...] = ()
    duplicates: tuple[DuplicateHeader, ...] = ()
    ignored: tuple[int, ...] = ()
    """Columns that custrec itself wrote."""


def fold_header(text: str) -> str:
    """What is compared of a header, a field name or an alias; empty where nothing in it can be told apart."""
    folded = _MAKES_NO_DIFFERENCE.sub("", unicodedata.normalize("NFKC", unguarded(text.strip())).casefold())
    folded = folded.translate(_TRADITIONAL)
    return unicodedata.normalize("NFKC", folded)


def header_key(text: str) -> str:
    """What tells the columns of a file apart: the folded header, or the header itself where nothing of it is left."""
    return fold_header(text) or text.strip()


def match_headers(headers: Sequence[str], table: Table) -> HeaderMatch:
    """Say which field each column of a file is. A column whose header is blank is unknown.

    `_id` is passed over in what custrec listed: beside fields under their very names, and nothing else.
    """
    names = _names_of(table)
    own = {*OWN_COLUMNS, LISTED_COLUMN} if _is_listed(headers, table) else {*OWN_COLUMNS}
    columns: dict[int, str] = {}
    indexes: dict[str, list[int]] = {}
    unknown: list[UnknownHeader] = []
    ignored: list[int] = []
    for index, header in enumerate(headers):
        folded = fold_header(header)
        field = names.get(folded)
        if header.strip() in own:
            ignored.append(index)
        elif field is not None:
            if field not in indexes:
                columns[index] = field
            indexes.setdefault(field, []).append(index)
        else:
            meant = nearest(folded, names) if folded and len(unknown) < MOST_GUESSED else None
            unknown.append(UnknownHeader(index, header, None if meant is None else names[meant]))
    duplicates = tuple(DuplicateHeader(field, tuple(where)) for field, where in indexes.items() if len(where) > 1)
    return HeaderMatch(columns, tuple(unknown), duplicates, tuple(ignored))


def _is_listed(headers: Sequence[str], table: Table) -> bool:
    """Whether a file is a list of this table's records, or the rejects of one. An alias may claim the column."""
    others = {header.strip() for header in headers} - {LISTED_COLUMN, *OWN_COLUMNS}
    claimed = any(LISTED_COLUMN in field.aliases for field in table.fields)
    return not claimed and bool(others) and others <= table.by_name.keys()


def titles_for(table: Table, names: Sequence[str]) -> list[str]:
    """The headers under which people know some fields: title, else first alias, else name, whichever means that field.

    `match_headers` gives the fields back.
    """
    meant = _names_of(table)
    headers: list[str] = []
    for name in names:
        field = table.by_name[name]
        candidates = (field.title, *field.aliases[:1], field.name)
        headers.append(next(text.strip() for text in candidates if _means(text, name, meant)))
    return headers


def _means(text: str, name: str, meant: dict[str, str]) -> bool:
    """Whether a header means a field, written as it is and guarded."""
    same = all(meant.get(fold_header(written)) == name for written in (text, guarded(text)))
    return same and text.strip() not in OWN_COLUMNS and text.isprintable()


def _names_of(table: Table) -> dict[str, str]:
    """Field names by every folded header that means them. A title counts where it can mean one field only."""
    titles = Counter(fold_header(field.title) for field in table.fields)
    names = {title: field.name for field in table.fields if titles[title := fold_header(field.title)] == 1}
    names.update((fold_header(alias), field.name) for field in table.fields for alias in field.aliases)
    names.update((fold_header(field.name), field.name) for field in table.fields)
    names.pop("", None)
    return names
