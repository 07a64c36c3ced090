"""Texts put in order, each once: by numbers of eight letters at a time where they are plain, which numpy sorts sooner
than Python does texts, and beside other threads."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from custrec.matching.columns import BLANK, Array, Codes

_WIDEST = 64
"""Longer texts are sorted by Python."""
_FEW = 1_000


def ordered(texts: Sequence[str]) -> tuple[list[str], Codes]:
    """The texts sorted, each once and without "", and the place of each given one among them (`BLANK`: none)."""
    widest = max(map(len, texts), default=0)
    together = "".join(texts) if len(texts) > _FEW and widest <= _WIDEST else "\0"
    if "\0" in together or not together.isascii():
        return _by_python(texts)
    letters = np.array(texts, f"S{max(1, -(-widest // 8)) * 8}").view(">u8").reshape(len(texts), -1).astype(np.uint64)
    order = np.lexsort(letters.T[::-1])
    first = np.append(True, _differs(letters, order))
    blank = int(letters[order[0], 0] == 0)
    codes = np.empty(len(texts), np.int32)
    codes[order] = np.cumsum(first, dtype=np.int32) - (1 + blank)
    return [texts[at] for at in order[first].tolist()[blank:]], codes


def _differs(letters: Array, order: Array) -> Array:
    """Whether each text but the first is another than the one before."""
    found = np.zeros(len(order) - 1, np.bool_)
    for column in letters.T:
        some = column[order]
        found |= some[1:] != some[:-1]
    return found


def _by_python(texts: Sequence[str]) -> tuple[list[str], Codes]:
    found = sorted({*texts} - {""})
    place = dict(zip(found, range(len(found)), strict=True))
    place[""] = BLANK
    return found, np.fromiter(map(place.__getitem__, texts), np.int32, len(texts))
