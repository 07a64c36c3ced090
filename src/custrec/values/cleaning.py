"""The first thing done to every cell, whatever its kind: trim, drop control characters, see blanks.

What remains can be stored in SQLite and put into JSON as it is. Lone surrogates cannot occur in decoded text; a
text that came another way (a command line) is refused by the caller.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import cast

from custrec.values.guard import may_be_guarded, unguarded

_UNWANTED = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]"
)
_JOINERS = "\u200c\u200d"
"""They belong between letters (Persian, Devanagari) and in emoji; at the ends of a cell they are rubbish."""
_LINE_ENDS = re.compile("\r\n?|\u2028|\u2029|\x85")


def clean(text: str, missing: frozenset[str]) -> str | None:
    """Trim a cell (full-width spaces too), drop control and invisible formatting characters; None where blank.

    Line ends inside a cell become `\\n`; tabs stay.
    """
    return clean_column((text,), missing)[0]


def clean_column(texts: Sequence[str], missing: frozenset[str], *, guarded: bool = False) -> list[str | None]:
    """`clean` over a column. `missing` are the cleaned texts that mean blank; "" always does.

    `guarded`: the texts come from a file, in which formulas may be guarded (values.guard); the guard is taken off.
    """
    blank = missing | {""}
    # One look at the whole column is many times cheaper than one at each cell.
    whole = f"|{'|'.join(texts)}|"
    if not whole.isprintable():
        cleaned = list(map(_clean_text, texts))
    elif "| " in whole or " |" in whole:  # the space is the only printable white space
        cleaned = list(map(str.strip, texts))
    else:
        cleaned = list(texts)
    if guarded and may_be_guarded(whole):
        cleaned = list(map(unguarded, cleaned))
    if blank.isdisjoint(cleaned):
        return cast("list[str | None]", cleaned)
    return [None if text in blank else text for text in cleaned]


def _clean_text(text: str) -> str:
    if not text.isprintable():
        text = _LINE_ENDS.sub("\n", _UNWANTED.sub("", text))
    while (trimmed := text.strip().strip(_JOINERS)) != text:
        text = trimmed
    return text


def missing_words(words: Sequence[str]) -> frozenset[str]:
    """The set that `clean` wants, from a table's missingValues."""
    return frozenset(cleaned for word in words if (cleaned := _clean_text(word)))
