"""The columns of letters and of the answers: which is the token, which the answer, and which are fields.

    token      the code of the letter                        also 口令, 验证码, code
    answer     confirmed, corrected or delete; or blank      also 答复, 回复

Where a field of the table bears such a name, letters have `_token` and `_answer`, which always mean these.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from custrec.errors import DuplicateColumns, RepliesUnreadable
from custrec.files.headers import fold_header, match_headers
from custrec.files.printable import printable
from custrec.model.schema import Table

TOKEN, ANSWER, UNTIL = "token", "answer", "until"
_NAMES = {
    TOKEN: ("token", "code", "口令", "验证码"),
    ANSWER: ("answer", "答复", "回复"),
    UNTIL: ("until", "截止日期"),
}


def header_of(meaning: str, table: Table) -> str:
    """What a letter calls a column of its own."""
    return meaning if fold_header(meaning) not in _claimed(table) else f"_{meaning}"


@dataclass(frozen=True)
class Columns:
    """Where things stand in a row of answers: the token, the answer (None: nowhere), the fields that are asked about,
    and those of the key that are not, by name. `passed` are the headers of columns that are nothing of ours."""

    token: int
    answer: int | None
    fields: dict[str, int] = field(default_factory=dict)
    keys: dict[str, int] = field(default_factory=dict)
    passed: tuple[str, ...] = ()


def token_column(header: Sequence[str], tables: Sequence[Table], file: str) -> int:
    """Where the token stands. Raises RepliesUnreadable, DuplicateColumns."""
    found = _own(header, TOKEN, {name for table in tables for name in _claimed(table)})
    if not found:
        raise RepliesUnreadable(file=file, why="it has no column token")
    return _one(found, TOKEN, tables[0], file)


def columns_of(header: Sequence[str], table: Table, asked: Sequence[str], file: str) -> Columns:
    """What the columns of answers about a table are; `asked` are the fields that letters ask about.

    Raises RepliesUnreadable where a column may have been meant for a field that has none, since what was corrected
    there would be lost; DuplicateColumns.
    """
    claimed = _claimed(table)
    token = _one(_own(header, TOKEN, claimed), TOKEN, table, file)
    answers = _own(header, ANSWER, claimed)
    own = {token, *answers, *_own(header, UNTIL, claimed)}
    match = match_headers(["" if place in own else text for place, text in enumerate(header)], table)
    if match.duplicates:
        lines = tuple(f"{one.field}: columns {', '.join(str(n + 1) for n in one.indexes)}" for one in match.duplicates)
        raise DuplicateColumns(count=len(lines), table=table.name, file=file, details=lines)
    fields = {name: place for place, name in match.columns.items() if place not in own}
    unknown = [one for one in match.unknown if one.index not in own and one.header.strip()]
    lost = [one for one in unknown if one.nearest in asked and one.nearest not in fields]
    if lost:
        why = f"the column {printable(lost[0].header)} is no field of {table.name}"
        hint = f"did you mean {lost[0].nearest}? Rename the column, or take it out"
        raise RepliesUnreadable(file=file, why=why, hint=hint)
    passed = tuple(printable(one.header) for one in unknown)
    taken = {name: place for name, place in fields.items() if name in asked}
    keys = {name: place for name, place in fields.items() if name in table.primary_key and name not in asked}
    return Columns(token, _one(answers, ANSWER, table, file) if answers else None, taken, keys, passed)


def _own(header: Sequence[str], meaning: str, claimed: set[str]) -> list[int]:
    names = {fold_header(name) for name in _NAMES[meaning]}
    marked = [place for place, text in enumerate(header) if text.strip().casefold() == f"_{meaning}"]
    return marked or [
        place for place, text in enumerate(header) if (folded := fold_header(text)) in names and folded not in claimed
    ]


def _one(found: Sequence[int], meaning: str, table: Table, file: str) -> int:
    if len(found) > 1:
        line = f"{meaning}: columns {', '.join(str(place + 1) for place in found)}"
        raise DuplicateColumns(count=1, table=table.name, file=file, details=(line,))
    return found[0]


def _claimed(table: Table) -> set[str]:
    """What headers mean a field of a table, folded."""
    return {fold_header(text) for one in table.fields for text in (one.name, one.title, *one.aliases) if text}
