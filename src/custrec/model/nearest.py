"""Which known word a person probably meant: used wherever something is named that does not exist."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

_CLOSE_ENOUGH = 0.6
_LONGEST = 100
"""Characters; of a longer word only the beginning is compared, or a hostile one would take minutes."""


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word most like `word`, letter case aside; None where none is alike."""
    by_folded = {candidate.casefold(): candidate for candidate in known}
    found = difflib.get_close_matches(word[:_LONGEST].casefold(), by_folded, n=1, cutoff=_CLOSE_ENOUGH)
    return by_folded[found[0]] if found else None


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """The end of a sentence that names the nearest known word: `; did you mean 'fields'?`, or nothing."""
    found = nearest(word, known)
    return f"; did you mean '{found}'?" if found else ""
