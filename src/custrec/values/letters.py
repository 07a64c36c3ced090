"""How letters are written: width, spaces, accents, Han. What the kinds that hold words have in common.

`halve`, `squeeze` and `tidy` change how a text is stored; `fold` and `words` only how it is compared.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import cache

HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f"
"""The Han characters, for use inside a regular expression's brackets."""

SCIENTIFIC = re.compile(r"[+-]?\d(?:\.\d+)?E\+\d{2,3}", re.ASCII)
"""What a spreadsheet makes of long digit strings: 1.38E+10. Codes such as 3E12 are not that."""

_SPACES = dict.fromkeys(
    map(ord, "\u3000\xa0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f"), " "
)
_NARROW: dict[int, str] = {0xFF01 + i: chr(0x21 + i) for i in range(94)} | {0x3000: " "}
_HALF: dict[int, str] = _NARROW | _SPACES
_UNTIDY = ("  ", "\n ", " \n", *"\t\v\f\r\x1c\x1d\x1e\x1f")
"""What `squeeze` would change in lines of ASCII, but for their ends."""
_ACCENT = re.compile("[\u0300-\u036f]")  # not the marks that make another letter, as those of kana do


# Expressions over the Han characters take up to 15 ms to compile, which every command would wait for.


@cache
def _han() -> re.Pattern[str]:
    return re.compile(f"[{HAN}]")


@cache
def _gap_in_han() -> re.Pattern[str]:
    return re.compile(f"(?<=[{HAN}]) +(?=[{HAN}])")


@cache
def _word() -> re.Pattern[str]:
    return re.compile(f"[{HAN}]+|[^\\W_{HAN}]+")


def halve(text: str) -> str:
    """Full-width letters, digits and signs as half-width ones, any space as a plain one. Loses nothing."""
    return text if text.isascii() else text.translate(_HALF)


def narrow(text: str) -> str:
    """Full-width letters, digits, signs and spaces as half-width ones (NFKC for U+FF01 to U+FF5E and U+3000), and
    nothing else changed."""
    return text if text.isascii() else text.translate(_NARROW)


def squeeze(text: str) -> str:
    """Runs of white space (line ends too) as one space; none between two Han characters (张 伟 → 张伟)."""
    text = " ".join(text.split())
    return text if " " not in text or text.isascii() else _gap_in_han().sub("", text)


def tidy(text: str) -> str:
    """Half width, composed accents (NFC), single spaces."""
    return squeeze(unicodedata.normalize("NFC", halve(text)))


def has_han(text: str) -> bool:
    """Whether any character is Han."""
    return _han().search(text) is not None


def has_letter(text: str) -> bool:
    """Whether any character is a letter of any script."""
    return any(map(str.isalpha, text))


def fold(text: str) -> str:
    """The text without width, accents and case: for comparison, never for storing."""
    if not text.isascii():
        text = unicodedata.normalize("NFC", _ACCENT.sub("", unicodedata.normalize("NFKD", text)))
    return text.casefold()


def folded(texts: Sequence[str]) -> list[str]:
    """`squeeze(fold(text))` of each text; of what is plain and tidy at once."""
    plain = list(filter(str.isascii, texts))
    together = "\n".join(plain)
    untidy = together[:1] == " " or together[-1:] == " " or any(gap in together for gap in _UNTIDY)
    if untidy or together.count("\n") != len(plain) - 1:
        return [squeeze(fold(text)) for text in texts]
    found = together.casefold().split("\n")
    if len(plain) == len(texts):
        return found
    ready = iter(found)
    return [next(ready) if text.isascii() else squeeze(fold(text)) for text in texts]


def words(text: str) -> tuple[str, ...]:
    """The folded words in their order; a run of Han characters is one word."""
    return tuple(_word().findall(fold(text)))
