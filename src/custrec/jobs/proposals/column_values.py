"""One column of a sampled file as it is looked at: its different values and how often each stands there.

Cells are cleaned as an import cleans them. Words that may stand for blank (-, N/A, 无) are counted apart, so that they
do not speak against a kind; what becomes of them is decided when the kind is known.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property

from custrec.jobs.proposals.header_words import Hint, hint, missing_words
from custrec.values.cleaning import clean_column

_MORE_BLANKS = (
    *("na", "nan", "nil", "#n/a", "#null!", "(null)", "\\n", "?", "—", "–", "－", "k.a.", "k. a."),
    *("0000-00-00", "0000-00-00 00:00:00"),
)
"""What stands for blank in other people's files, beside the words of the presets; in small letters."""
PROBED = 800
"""So many different values are looked at for the shape of a column's values."""


@dataclass
class Column:
    """A column: its place from 0, its header, and its cells in the order of the rows (None where blank)."""

    place: int
    header: str
    texts: Sequence[str | None]
    counts: Counter[str] = field(default_factory=Counter)
    blank_words: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        for text, count in Counter(self.texts).items():
            if text is not None:
                (self.blank_words if is_blank_word(text) else self.counts)[text] = count

    @classmethod
    def of(cls, place: int, header: str, cells: Sequence[str]) -> Column:
        """From raw cells."""
        return cls(place, header, clean_column(cells, frozenset(), guarded=True))

    @cached_property
    def total(self) -> int:
        """How many values there are, repeats counted, words for blank not."""
        return sum(self.counts.values())

    @cached_property
    def hint(self) -> Hint:
        """What the header makes likely."""
        return hint(self.header)

    @cached_property
    def probe(self) -> Counter[str]:
        """Some of the values, taken evenly."""
        step = max(1, len(self.counts) // PROBED)
        return Counter(dict(list(self.counts.items())[::step]))

    @cached_property
    def probed(self) -> int:
        """How many values of the rows the probe stands for."""
        return sum(self.probe.values())

    def part(self, test: Callable[[str], object]) -> float:
        """The share of values that meet a test, as far as the probe tells; 0 where there are none."""
        return sum(n for text, n in self.probe.items() if test(text)) / self.probed if self.probed else 0.0

    def any(self, test: Callable[[str], object]) -> bool:
        """Whether any value meets a test."""
        return any(map(test, self.counts))


def is_blank_word(text: str) -> bool:
    """Whether a text may stand for blank."""
    return text.casefold() in _blanks()


@cache
def _blanks() -> frozenset[str]:
    return frozenset(word.casefold() for word in (*missing_words(), *_MORE_BLANKS)) - {""}
