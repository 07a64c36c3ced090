"""The words that change a text on its way into a field: a closed list, each with what it takes, says and does.

Every word makes a pure function from text to text that raises for no text. None is ever asked about a blank. A word
that makes texts longer leaves one as it is rather than let it grow beyond `MOST` characters, so that a chain of words
from somebody else's file cannot eat the memory.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

MOST = 1 << 20
"""Characters; no word makes a text longer than this."""

Change: TypeAlias = Callable[[str], str]
Takes = Literal["nothing", "text", "texts", "pairs", "count", "pad"]
"""What stands behind a word: nothing; a text; one or several; texts and what replaces them; a number of characters; a
number of characters and what fills them up."""

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")


@dataclass(frozen=True)
class Word:
    """One word. `says` is its sentence for people, `make` gives its function for the arguments that stand behind it."""

    takes: Takes
    says: str
    make: Callable[..., Change]


@dataclass(frozen=True)
class Step:
    """One word with its arguments, as they stand in a chain."""

    word: str
    arguments: tuple[Any, ...] = ()

    def __str__(self) -> str:
        return " ".join([self.word, *map(_written, self.arguments)])


def chain(steps: Iterable[Step]) -> Change:
    """The steps one after the other, as one function. It ends where one of them leaves nothing: blank stays blank."""
    changes = [WORDS[step.word].make(*step.arguments) for step in steps]

    def run(text: str) -> str:
        for change in changes:
            if not text.strip():
                return ""
            text = change(text)
        return text

    return run


def _written(argument: object) -> str:
    if isinstance(argument, tuple):
        return " → ".join(map(_written, argument))
    return f'"{argument}"' if isinstance(argument, str) else str(argument)


def _title(text: str) -> str:
    return _WORD.sub(lambda word: word[0][:1].upper() + word[0][1:].lower(), text)


def _digits(text: str) -> str:
    return "".join(str(unicodedata.decimal(character)) for character in text if character.isdecimal())


def _squeeze(text: str) -> str:
    return " ".join(text.split())


def _halfwidth(text: str) -> str:
    return unicodedata.normalize("NFKC", text)


def _remove(*texts: str) -> Change:
    return _replace(*((text, "") for text in texts))


def _replace(*pairs: tuple[str, str]) -> Change:
    def change(text: str) -> str:
        for old, new in pairs:
            found = text.count(old)
            if found and (len(new) <= len(old) or len(text) + found * (len(new) - len(old)) <= MOST):
                text = text.replace(old, new)
        return text

    return change


def _before(mark: str) -> Change:
    return lambda text: text.partition(mark)[0]


def _after(mark: str) -> Change:
    return lambda text: text.partition(mark)[2] if mark in text else text


def _first(count: int) -> Change:
    return lambda text: text[:count]


def _last(count: int) -> Change:
    return lambda text: text[-count:]


def _pad(count: int, filling: str) -> Change:
    return lambda text: text.rjust(count, filling)


def _prefix(more: str) -> Change:
    return lambda text: more + text if len(text) + len(more) <= MOST else text


def _suffix(more: str) -> Change:
    return lambda text: text + more if len(text) + len(more) <= MOST else text


def _always(change: Change) -> Callable[[], Change]:
    return lambda: change


WORDS: dict[str, Word] = {
    "trim": Word("nothing", "takes white space off both ends", _always(str.strip)),
    "squeeze": Word("nothing", "makes each run of white space one space", _always(_squeeze)),
    "upper": Word("nothing", "writes letters large", _always(str.upper)),
    "lower": Word("nothing", "writes letters small", _always(str.lower)),
    "title": Word("nothing", "writes the first letter of each word large, the others small", _always(_title)),
    "digits": Word("nothing", "keeps the digits only, written 0 to 9", _always(_digits)),
    "halfwidth": Word("nothing", "writes full-width and other compatible forms plainly (NFKC)", _always(_halfwidth)),
    "remove": Word("texts", "takes out a text, or each of several, wherever it stands", _remove),
    "replace": Word("pairs", "puts one text for another wherever it stands, pair after pair", _replace),
    "before": Word("text", "keeps what stands before the first such text; all, where there is none", _before),
    "after": Word("text", "keeps what stands after the first such text; all, where there is none", _after),
    "first": Word("count", "keeps the first so many characters", _first),
    "last": Word("count", "keeps the last so many characters", _last),
    "pad": Word("pad", "fills up on the left `to` so many characters `with` a character, 0 by default", _pad),
    "prefix": Word("text", "puts a text before it", _prefix),
    "suffix": Word("text", "puts a text behind it", _suffix),
}
"""All words there are."""
