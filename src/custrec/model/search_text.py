"""How text is cut into search terms: Han characters one by one, other scripts by words, without case and accents.

张伟 is found as two characters that follow each other; Müller by `muller`.
"""

from __future__ import annotations

import re
import unicodedata

_HAN = re.compile("[\u2e80-\u2fdf\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_ONLY_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff]*").fullmatch
_WORD = re.compile(r"[^\W_]+")


def fold(text: str) -> str:
    """Lower case without accents; full-width forms become plain."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def words(text: str) -> str:
    """The search terms of a name or a text, in order, joined by spaces."""
    if text.isascii():
        return text.lower()
    if _ONLY_HAN(text):
        return " ".join(text)
    return _HAN.sub(r" \g<0> ", fold(text))


def terms(text: str) -> list[str]:
    """The search terms of a text, as a list."""
    return _WORD.findall(words(text))
