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

MOST_GUESSED = 100
"""Of how many unknown headers the nearest field is sought: who has more has the wrong file."""

_MAKES_NO_DIFFERENCE = re.compile(r"[\s_\-\u00ad\u200b-\u200f\u2010-\u2015\u2060\u2212\ufeff]+")


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
    return unicodedata.normalize("NFKC", folded)


def match_headers(headers: Sequence[str], table: Table) -> HeaderMatch:
    """Say which field each column of a file is. A column whose header is blank is unknown."""
    names = _names_of(table)
    columns: dict[int, str] = {}
    indexes: dict[str, list[int]] = {}
    unknown: list[UnknownHeader] = []
    ignored: list[int] = []
    for index, header in enumerate(headers):
        folded = fold_header(header)
        field = names.get(folded)
        if header.strip() in OWN_COLUMNS:
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
