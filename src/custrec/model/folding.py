"""Letter case, folded one character at a time, so that a text keeps its length and ASCII stays apart from the rest.

The fold of a character is its lower case where that is a single character; a character beyond ASCII never becomes
an ASCII one (the Kelvin sign is not a k). So SQLite's own `lower()`, which folds ASCII alone, gives the same answer
wherever the text sought has no letter with case beyond ASCII: Latin letters without accents, Han, digits.
"""

from __future__ import annotations


class _Folds(dict[int, int]):
    def __missing__(self, point: int) -> int:
        lower = chr(point).lower()
        folded = ord(lower) if len(lower) == 1 and (point < 128 or ord(lower) >= 128) else point
        self[point] = folded
        return folded


_FOLDS = _Folds()


def fold(text: str) -> str:
    """The text without difference of case; as long as before."""
    return text.lower() if text.isascii() else text.translate(_FOLDS)


def folds_like_ascii(text: str) -> bool:
    """Whether only ASCII letters of the text have another case, so that folding ASCII alone is enough to find it."""
    return text.isascii() or all(char < "\x80" or _caseless(char) for char in text)


def is_caseless(text: str) -> bool:
    """Whether no other text folds to the same: it can be sought as it is."""
    return all(_caseless(char) for char in text)


def _caseless(char: str) -> bool:
    return char == char.lower() == char.upper() == char.title()
