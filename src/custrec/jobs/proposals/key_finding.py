"""Which column tells the records of a file apart: unique, complete, and with a name or a look for it. Or none.

A column whose header is a known key (客户编号, Order No) may have a few rows that lack it or repeat it: files do, and
an import refuses those rows. Any other must be unique and complete in every row that was read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from custrec.jobs.proposals.column_kinds import Guess
from custrec.jobs.proposals.column_values import Column, is_blank_word
from custrec.jobs.proposals.file_samples import FileSample
from custrec.jobs.proposals.header_words import meanings, sounds_like_key, words
from custrec.model.proposal import in_lines
from custrec.model.schema import Table
from custrec.values.cleaning import clean_column

_KINDS = frozenset({"text", "integer", "identifier"})
_PERSONS_OWN = "cn.ric"
"""An identity number belongs to the person, and is no number for a record."""
_MOST_REPEAT, _MOST_LACK = 0.1, 0.01
"""The share of rows that may repeat, or lack, a known key."""
_ROWS = 10
"""In fewer rows, being unique says nothing by itself."""
_LONGEST = 40
_LINES_NAMED = 3


@dataclass(frozen=True)
class Key:
    """The name of the key's field, or ""; `note` is why."""

    name: str
    note: str


@dataclass(frozen=True)
class _Counted:
    """How a column tells rows apart: `rows`, how many `lack` a value, how many `repeat` one, and some such lines."""

    rows: int
    lack: int
    repeat: int
    lines: tuple[int, ...]

    @property
    def perfect(self) -> bool:
        """Whether every row has a value of its own."""
        return self.rows > 0 and not self.lack and not self.repeat

    @property
    def near(self) -> bool:
        """Whether few rows lack a value or repeat another's."""
        return self.rows > 0 and self.lack <= _MOST_LACK * self.rows and self.repeat <= _MOST_REPEAT * self.rows


def find_key(
    sample: FileSample, columns: Sequence[Column], guesses: Sequence[Guess], names: Sequence[str], like: Table | None
) -> Key:
    """The key of a file. `like` is the preset's table that it resembles: its key counts before others."""
    possible = [
        (column, name)
        for column, guess, name in zip(columns, guesses, names, strict=True)
        if guess.kind in _KINDS and guess.options.get("format") != _PERSONS_OWN
    ]
    for column, name in sorted(possible, key=lambda one: (_rank(one[0], like), one[0].place)):
        rank = _rank(column, like)
        counted = _count(sample, column)
        if rank <= 1 and (counted.near or not counted.rows):
            return Key(name, _why(counted))
        if rank >= 2 and _counts_rows(column):
            continue
        if rank == 2 and counted.perfect:
            return Key(name, _why(counted))
        if rank == 3 and counted.perfect and counted.rows >= _ROWS and _looks_like_key(column):
            return Key(name, f"the first column; {_why(counted)}")
    return Key("", _why_none(sample, columns, names))


def _rank(column: Column, like: Table | None) -> int:
    """How much a header says key: 0 the key of this very table, 1 of any, 2 a word for it, 3 it is the first, 4 no."""
    known = [meaning for meaning in meanings(column.header) if meaning.is_key]
    if any(like is not None and meaning.table.name == like.name for meaning in known):
        return 0
    if known:
        return 1
    return 2 if sounds_like_key(column.header) else 3 if column.place == 0 else 4


def _count(sample: FileSample, column: Column) -> _Counted:
    texts = clean_column([row[column.place] for row in sample.rows], frozenset(), guarded=True)
    texts = [None if text is None or is_blank_word(text) else text for text in texts]
    counts = Counter(text for text in texts if text is not None)
    lack = texts.count(None)
    repeat = len(texts) - lack - len(counts)
    seen: set[str] = set()
    lines: list[int] = []
    for line, text in zip(sample.lines, texts, strict=True):
        if text is None or text in seen:
            lines.append(line)
            if len(lines) == _LINES_NAMED:
                break
        else:
            seen.add(text)
    return _Counted(len(texts), lack, repeat, tuple(lines))


def _why(counted: _Counted) -> str:
    if not counted.rows:
        return "by its header: there are no rows to tell it from"
    if counted.perfect:
        return f"unique and never blank in the {counted.rows:,} row{'' if counted.rows == 1 else 's'} read"
    some = [f"{counted.lack:,} lack it"] if counted.lack else []
    some += [f"{counted.repeat:,} repeat another's"] if counted.repeat else []
    places = in_lines(counted.lines, counted.lack + counted.repeat)
    refused = "; rows of one key are refused where they differ" if counted.repeat else ", and are refused"
    return f"of {counted.rows:,} rows {' and '.join(some)}, {places}{refused}"


def _why_none(sample: FileSample, columns: Sequence[Column], names: Sequence[str]) -> str:
    alone = [n for n, c in zip(names, columns, strict=True) if _count(sample, c).perfect] if sample.rows else []
    if not alone:
        return "no column is unique and never blank, so rows are compared as a whole"
    return f"unsure, so rows are compared as a whole; unique and never blank here: {', '.join(alone[:5])}"


def _counts_rows(column: Column) -> bool:
    """Whether a column only numbers the rows of this file (序号, No): 1, 2, 3, …; an `id` does so too, and is one."""
    first = next(filter(None, column.texts), "")
    return first == "1" and "id" not in words(column.header) and all(
        text == str(number) for number, text in enumerate(islice(column.texts, _ROWS), 1)
    )  # fmt: skip


def _looks_like_key(column: Column) -> bool:
    def like(text: str) -> bool:
        return any(map(str.isdigit, text)) and len(text) <= _LONGEST and not any(map(str.isspace, text))

    return column.part(like) == 1
