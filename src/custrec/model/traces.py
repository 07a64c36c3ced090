"""How a value of a person is told where it was written otherwise: in a list of refused rows, a note, a file's name.

Two texts leave the same trace if they differ in nothing but case, width, spaces and signs; of what is mostly digits
(phones, however written) the last eight count. Traces are only ever compared, as keyed digests where they must be kept.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

DIGITS = 8
"""How many digits of a number count."""
LEAST = 4
LEAST_HAN = 2
"""How long a trace must be to be sought inside a longer text; one with letters beyond ASCII says more a letter."""
LONGEST = 64
"""Longer traces are not sought inside of texts."""


def trace(text: str) -> str:
    """The trace of a text; '' where it leaves none."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    letters = "".join(filter(str.isalnum, text.casefold()))
    digits = "".join(filter(str.isdigit, letters))
    return digits[-DIGITS:] if len(digits) >= DIGITS and 2 * len(digits) > len(letters) else letters


def is_telling(found: str) -> bool:
    """Whether a trace is long enough to be sought inside a longer text."""
    return len(found) >= (LEAST if found.isascii() else LEAST_HAN)


def traces_within(text: str) -> Iterator[str]:
    """Every trace that may be inside a text."""
    letters = "".join(filter(str.isalnum, unicodedata.normalize("NFKC", text).casefold()))
    for start in range(len(letters)):
        for end in range(start + LEAST_HAN, min(len(letters), start + LONGEST) + 1):
            if is_telling(letters[start:end]):
                yield letters[start:end]
