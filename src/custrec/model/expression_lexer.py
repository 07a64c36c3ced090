"""The words of the `where` language, and the error that points at one of them.

Text stands in "…" or '…'; the same quote twice inside means the quote, and a backslash is only a backslash. The
quotes and operators of a Chinese keyboard (“…” ＝ ＞ （ ） ，) mean the same as the ASCII ones. A name that is
not one plain word stands in backticks: `Customer No`.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal as OneWord
from typing import TypeAlias

from custrec.errors import ExpressionInvalid
from custrec.model.expression_nodes import Place

LONGEST_TEXT = 65_536
RESERVED = frozenset({"and", "or", "not", "in", "is", "has", "contains", "starts", "today"})
"""Words that are never a field or a text without quotes; in any case of letters."""

TokenKind: TypeAlias = OneWord["quoted", "name", "moment", "date", "duration", "number", "word", "sign", "end"]

_PATTERN = re.compile(
    r"""(?P<space>\s+)
    |(?P<quoted>"(?:[^"]|"")*"|'(?:[^']|'')*'|“[^”]*”|‘[^’]*’)
    |(?P<name>`(?:[^`]|``)+`)
    |(?P<moment>[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?(?!\w))
    |(?P<date>[0-9]{4}-[0-9]{2}-[0-9]{2}(?!\w))
    |(?P<duration>(?:[0-9]+(?:y|mo|w|d))+(?!\w))
    |(?P<number>[0-9]+(?:\.[0-9]+)?(?!\w))
    |(?P<word>\w+)
    |(?P<sign><=|>=|!=|<>|==|[-=<>(),+≤≥≠＝＜＞（），])
    """,
    re.VERBOSE,
)
_SIGNS = {"<>": "!=", "==": "=", "≤": "<=", "≥": ">=", "≠": "!=", **dict(zip("＝＜＞（），", "=<>(),", strict=True))}
QUOTES = "put text that holds other than letters and digits in quotes"
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_WINDOW = 60


@dataclass(frozen=True, slots=True)
class Token:
    """One word: what kind, what it says without its quotes, and where it stands."""

    kind: TokenKind
    text: str
    place: Place

    def is_word(self, *words: str) -> bool:
        """Whether it is one of these words without quotes, in any case of letters."""
        return self.kind == "word" and self.text.lower() in words

    def is_sign(self, *signs: str) -> bool:
        """Whether it is one of these signs."""
        return self.kind == "sign" and self.text in signs


def tokens_of(text: str) -> list[Token]:
    """The words of an expression, the last of kind `end`. Raises ExpressionInvalid."""
    if len(text) > LONGEST_TEXT:
        place = Place(text, LONGEST_TEXT, LONGEST_TEXT)
        raise invalid(place, f"it is longer than {LONGEST_TEXT:,} characters", "use --ids-from for lists")
    if unstorable := _UNSTORABLE.search(text):
        start = unstorable.start()
        raise invalid(Place(text, start, start + 1), "a character that no record can hold")
    found: list[Token] = []
    at = 0
    while at < len(text):
        match = _PATTERN.match(text, at)
        if match is None:
            raise _unreadable(Place(text, at, at + 1))
        kind, words = match.lastgroup, match.group()
        place = Place(text, at, match.end())
        at = match.end()
        if kind in ("quoted", "name"):
            closing = words[-1]
            words = words[1:-1].replace(closing * 2, closing) if closing in "\"'`" else words[1:-1]
        if kind != "space":
            found.append(Token(kind, _SIGNS.get(words, words) if kind == "sign" else words, place))  # type: ignore[arg-type]
    found.append(Token("end", "", Place(text, len(text), len(text))))
    return found


def invalid(place: Place, reason: str, hint: str | None = None) -> ExpressionInvalid:
    """The error that points at a place in the text: its line, and a caret below it."""
    return ExpressionInvalid(position=place.start + 1, reason=reason, details=_pointed(place), hint=hint)


def _unreadable(place: Place) -> ExpressionInvalid:
    char = place.text[place.start]
    if char in "\"'`“‘":
        return invalid(place, "a quote that is not closed", "close it; inside text, write the quote twice")
    return invalid(place, "a character that means nothing here", QUOTES)


def _pointed(place: Place) -> tuple[str, str]:
    """The line of the place, shortened around it, and carets below it in terminal columns."""
    begin = place.text.rfind("\n", 0, place.start) + 1
    end = place.text.find("\n", place.start)
    end = len(place.text) if end < 0 else end
    left, right = max(begin, place.start - _WINDOW), min(end, place.start + _WINDOW)
    before = ("…" if left > begin else "") + _printable(place.text[left : place.start])
    after = _printable(place.text[place.start : right]) + ("…" if right < end else "")
    pointed = _printable(place.text[place.start : max(place.start, min(place.end, right))])
    return before + after, " " * _columns(before) + "^" * max(1, _columns(pointed))


def _printable(text: str) -> str:
    return "".join(char if char.isprintable() else " " for char in text)


def _columns(text: str) -> int:
    return sum(
        2 if unicodedata.east_asian_width(char) in "WF" else 0 if unicodedata.combining(char) else 1 for char in text
    )
