"""What the fields and the table of a proposed schema are called.

A Latin header becomes a name in small letters with underscores (Customer No → customer_no). Any other takes the name
that a known header has in the default schema (客户编号 → customer_no), or stays as it is (备用电话) but for signs. Each
field keeps its header as its title, so that the file it was proposed from imports as it is. No name may be another
column's header: that header would then mean two fields.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import Path

from custrec.errors import UsageError
from custrec.files.headers import OWN_COLUMNS, fold_header
from custrec.files.schema_shape import vocabulary
from custrec.jobs.proposals.header_words import Meaning, meanings, table_called, words
from custrec.model.schema import Table

_LONGEST = 56
"""Characters of a name; the schema takes 64, and a number may be added."""
_WITHIN_WORD = re.compile("(?<=[a-z])(?=[A-Z])")
_NOT_A_WORD = re.compile(r"[\W_]+")
_ANY_FILE = frozenset(
    (
        *("export", "import", "data", "file", "table", "sheet", "list", "copy", "new", "final", "download"),
        *("导出", "数据", "文件", "新建", "表"),
    )
)
_USUAL_TABLE = "customers"


def table_of(source: str) -> tuple[str, Table | None]:
    """The table's name for a file, and the table of a preset that its name speaks of, if any."""
    file, _, part = Path(source).name.partition("#")
    stem = file.partition(".")[0]
    if known := table_called(part) or table_called(stem):
        return known.name, known
    parts = [part for part in words(stem) if part not in _ANY_FILE and not part.isdigit()]
    name = safe_name("_".join(parts))
    return ("" if name.startswith("sqlite_") else name) or _USUAL_TABLE, None


def check_table_name(name: str) -> None:
    """Raise UsageError for what no table can be called (data/schema.json)."""
    rule = vocabulary()["$defs"]["name"]
    if not re.search(rule["pattern"], name) or name.casefold().startswith("sqlite_"):
        raise UsageError(what=f"a table cannot be called {name!a}", hint=rule["patternErrorMessage"])


def field_names(headers: Sequence[str], kinds: Sequence[str], table: Table | None) -> list[str]:
    """A name for each column, given the headers and the kinds; `table` is the preset's table that the file is like."""
    owners = {fold_header(header): place for place, header in enumerate(headers)}
    taken: set[str] = set()
    names: list[str] = []
    for place, header in enumerate(headers):
        for name in _candidates(header, kinds[place], table, place):
            if _is_free(name, taken) and owners.get(fold_header(name), place) == place:
                break
        taken |= {name.casefold(), fold_header(name)}
        names.append(name)
    return names


def safe_name(text: str) -> str:
    """A text as a name: words joined by underscores, small letters; "" where nothing is left."""
    joined = _NOT_A_WORD.sub("_", unicodedata.normalize("NFKC", text).lower())
    plain = "".join(c for c in unicodedata.normalize("NFC", joined) if c.isprintable())
    return _NOT_A_WORD.sub("_", plain)[:_LONGEST].strip("_")


def _candidates(header: str, kind: str, table: Table | None, place: int) -> Iterator[str]:
    known = sorted(meanings(header), key=lambda meaning: _rank(meaning, kind, table))
    spelled = safe_name(_WITHIN_WORD.sub("_", unicodedata.normalize("NFKC", header))) if _is_latin(header) else ""
    same = [m.field.name for m in known if fold_header(m.field.name) == fold_header(header)]
    yield from same
    if spelled:
        yield spelled
    else:
        yield from dict.fromkeys(m.field.name for m in known)
    base = spelled or safe_name(header) or "column"
    yield base
    yield f"{base}_{place + 1}"
    number = 1
    while True:
        yield f"{base}_{place + 1}_{number}"
        number += 1


def _rank(meaning: Meaning, kind: str, table: Table | None) -> tuple[bool, bool]:
    """Fields of this kind first, then those of the table the file is like."""
    return meaning.field.kind != kind, table is not None and meaning.table.name != table.name


def _is_latin(header: str) -> bool:
    letters = [c for c in unicodedata.normalize("NFKC", header) if c.isalpha()]
    return bool(letters) and all(unicodedata.name(c, "").startswith("LATIN") for c in letters)


def _is_free(name: str, taken: set[str]) -> bool:
    usable = bool(name) and bool(fold_header(name)) and name not in OWN_COLUMNS
    return usable and name.casefold() not in taken and fold_header(name) not in taken
