"""What a text looks like, without what it says: 2024-13-01 looks like 9999-99-99, Müller like Aaaaaa, 张伟 like 汉汉.

With this a fault can be shown and shared, and mostly be understood, without anybody's data.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

LONGEST = 32
"""Characters of a text that are shown."""

_HAN = ("CJK UNIFIED", "CJK COMPATIBILITY")
_FULL_WIDTH = 0xFEE0
"""How far ０ is from 0."""


def shape(text: str) -> str:
    """A sign for each character: 9 digit, A and a letters, 汉 Han, 文 other scripts without case; the rest as it is.

    Full-width digits and letters stay full-width, because that is often what is wrong. What does not print is �.
    """
    signs = "".join(map(_sign, text[:LONGEST]))
    return signs + "…" if len(text) > LONGEST else signs


@lru_cache(maxsize=8192)
def _sign(character: str) -> str:
    if character.isascii():
        return _of_ascii(character)
    if "！" <= character <= "～":  # the full-width forms of ASCII
        return chr(ord(_of_ascii(chr(ord(character) - _FULL_WIDTH))) + _FULL_WIDTH)
    category = unicodedata.category(character)
    if category[0] == "N":
        return "9"
    if category[0] in "LM":
        if unicodedata.name(character, "").startswith(_HAN):
            return "汉"
        return "A" if category in ("Lu", "Lt") else "a" if category == "Ll" else "文"
    return character if category[0] in "PSZ" and character.isprintable() else "�"


def _of_ascii(character: str) -> str:
    if character.isdigit():
        return "9"
    if character.isalpha():
        return "A" if character.isupper() else "a"
    return character if character.isprintable() else "�"
