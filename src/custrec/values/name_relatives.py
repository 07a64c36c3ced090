"""Two Latin names that are written nearly alike and may be two people's: father and son, brother and sister.

Spelling cannot tell Mario and Maria from a slip, and what relatives share makes up for the rest. Nobody who is named so
is merged unasked (jobs.duplicates.name_doubts).
"""

from __future__ import annotations

from collections.abc import Sequence

from custrec.values.name_core import core_of
from custrec.values.name_likeness import is_short_form

_OTHER_FORMS = """\
alexander alexandra|alexandre alexandra|aleksander aleksandra|christian christina|christian christine
christian cristina|cristian cristina|daniel danielle|francis frances|francois francoise|gabriel gabrielle
gabriel gabriella|george georgia|george georgina|jean jeanne|john joan|jose josefa|joseph josephine|josef josefine
laurent laurence|marcel marcelle|martin martine|michael michaela|michel michelle|nicholas nicola
nikolas nikola|patrick patricia|patrice patricia|philip philippa|rene renee|stephan stephanie|stefan stefanie
stephen stephanie|victor victoria|viktor viktoria|yvan yvonne|yves yvonne"""
"""Given names of men with the women's of the same stem, where more differs than the vowels at the end."""
_PAIRS = frozenset(frozenset(pair.split()) for pair in _OTHER_FORMS.replace("\n", "|").split("|"))
_ENDINGS = "aeo"
_LEAST_STEM = 3
_SHORT = 3
"""In a name of so many letters each of them is a third of what somebody is called."""


def of_two_generations(one: str, other: str) -> bool:
    """Whether the names of two people, as stored, say so, or that of one does: John Roe, John Roe Jr."""
    a, b = core_of(one), core_of(other)
    return a.generation != b.generation and not (a.han or b.han)


def may_be_siblings(one: str, other: str, *, hardly_alike: bool = False) -> bool:
    """Whether two names, as stored, differ as those of two people do, and not as two writings of one: Mario and Maria,
    John A. and John B., Tim and Tom; and where their letters are hardly alike, Mary Ann and Mary Jane."""
    a, b = core_of(one), core_of(other)
    if a.han or b.han:
        return False
    mine, others = _apart(a.words, b.words)
    if len(mine) != 1 or len(others) != 1:
        return False
    x, y = mine[0], others[0]
    if len(x) == len(y) == 1:
        return True
    if min(len(x), len(y)) == 1 or is_short_form(x, y):
        return False
    cut_down = x.startswith(y) or y.startswith(x)
    return _of_man_and_woman(x, y) or (not cut_down and (hardly_alike or max(len(x), len(y)) <= _SHORT))


def _apart(one: Sequence[str], other: Sequence[str]) -> tuple[list[str], list[str]]:
    """The words of each that the other has not."""
    mine, others = [], [*other]
    for word in one:
        if word in others:
            others.remove(word)
        else:
            mine.append(word)
    return mine, others


def _of_man_and_woman(x: str, y: str) -> bool:
    stem = x.rstrip(_ENDINGS)
    return frozenset((x, y)) in _PAIRS or (len(stem) >= _LEAST_STEM and stem == y.rstrip(_ENDINGS))
