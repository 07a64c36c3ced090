"""How many values of one kind are compared at once: the vectorised face of `keys` and `compare`.

A `Comparer` is asked for the canonical text of each distinct value (values with one canonical text are the same), and
then for the level on which pairs of *different* canonical texts agree. Levels count from 0, a contradiction, to the
last, the same; what a level is worth is no matter of this module: matching learns it from the data. The finest level
that `ValueType.compare` knows is met by each comparer in spirit; `OneByOne` is the one of kinds that bring none of
their own, and asks `compare` for every pair.

numpy and rapidfuzz are imported by whoever compares, never by judging.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from enum import Enum
from typing import TYPE_CHECKING, Any, ClassVar

from custrec.values.letters import folded
from custrec.values.protocol import Agreement, Stored, ValueType

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Positions = NDArray[np.integer[Any]]
    Levels = NDArray[np.int8]

_NO_DIGIT = re.compile(r"\D+")
_CHUNK = 65_536
_THREADS = ContextVar("threads", default=1)


@contextmanager
def comparing_in(threads: int) -> Iterator[None]:
    """Compare in so many threads, within the block. What is found is the same whatever the number."""
    before = _THREADS.set(threads)
    try:
        yield
    finally:
        _THREADS.reset(before)


def threads_allowed() -> int:
    """In how many threads the block compares; 1 in each of these threads themselves."""
    return _THREADS.get()


def each_pair(one: Any, two: Any, scorer: Any, **more: Any) -> NDArray[Any]:
    """What rapidfuzz's `scorer` says of each text of `one` and the text at its place in `two`."""
    from rapidfuzz.process import cpdist

    said: NDArray[Any] = cpdist(one, two, scorer=scorer, workers=_THREADS.get(), **more)
    return said


class Bearing(Enum):
    """Whose a value is: what two records that share it have in common at least."""

    PERSONAL = "personal"
    """One person's own, shared by chance or by mistake only: an e-mail address, a day of birth, an identity number."""
    SHARED = "shared"
    """Shared by those who live or work together: an address, a telephone, a company."""
    NAME = "name"
    """A name, of which relatives share one part: where a table has several fields of names, the data tell which."""
    OPEN = "open"
    """The kind does not tell."""


class Comparer(ABC):
    """Compares the values of one field. Made anew for a run, and told its canonical texts once."""

    levels: ClassVar[tuple[str, ...]]
    """What each level means, from different to the same."""
    bearing: ClassVar[Bearing] = Bearing.OPEN
    among_firms: ClassVar[Bearing | None] = None
    """Whose a value is where no field names a person, if that is another bearing: firms have their names."""
    goes_by_others: ClassVar[bool] = False
    """Whether who has a name of this kind may go by another one altogether: firms do, people hardly ever."""
    chance: ClassVar[float] = 1e-3
    """How often two records of different people agree, before anything is known of the data."""

    changes: ClassVar[float] = 0.0
    """In so many copies the value is expected to be another one, in tables too small to tell: a count goes on, a day
    may be that of the entry."""

    contradicts: ClassVar[bool] = False
    """Whether the first level is a contradiction, and the second one what is different (another branch of a firm)."""
    elsewhere: ClassVar[bool] = False
    """Whether a value may as well stand in another field of its kind: a mobile number in the field for landlines."""
    of_stems: ClassVar[int | None] = None
    """The level on which different texts have their stem in common (two extensions their line): as frequent as that is,
    so little it tells."""
    partial: Levels | None = None
    """Where not None: for each text the level that having it in common means (less than the last for 王总)."""

    def __init__(self, kind: ValueType) -> None:
        self.kind = kind

    @abstractmethod
    def canonical(self, values: Sequence[Stored]) -> list[str]:
        """The text under which each value is the same as another; "" where the value tells nothing."""

    def keys(self, texts: Sequence[str]) -> list[tuple[str, ...]]:  # noqa: ARG002
        """Further texts under which values that may mean the same meet, for each canonical text."""
        return []

    def parts(self, texts: Sequence[str]) -> list[tuple[str, ...]]:  # noqa: ARG002
        """The parts that values of the kind are put together of, about independently, for each canonical text: how
        frequent a rare value is, is told by how frequent its parts are."""
        return []

    def stems(self, texts: Sequence[str]) -> list[str]:  # noqa: ARG002
        """What each canonical text has in common with those that agree with it on the level `of_stems`."""
        return []

    @abstractmethod
    def learn(self, texts: Sequence[str]) -> None:
        """Take note of the canonical texts; `compare` names them by their positions."""

    @abstractmethod
    def compare(self, left: Positions, right: Positions) -> Levels:
        """The level of each pair of different texts: 0 to len(levels) - 2."""


class OneByOne(Comparer):
    """Asks `ValueType.compare` for each pair of values: for kinds without a comparer of their own."""

    levels: ClassVar[tuple[str, ...]] = ("different", "weakly alike", "close", "the same")

    def canonical(self, values: Sequence[Stored]) -> list[str]:
        return ["" if value is None else str(value) for value in values]

    def keys(self, texts: Sequence[str]) -> list[tuple[str, ...]]:
        return [self.kind.keys(text) for text in texts]

    def learn(self, texts: Sequence[str]) -> None:
        self._texts = list(texts)

    def compare(self, left: Positions, right: Positions) -> Levels:
        import numpy as np

        texts, compare = self._texts, self.kind.compare
        found = (compare(texts[a], texts[b]) for a, b in zip(left.tolist(), right.tolist(), strict=True))
        levels = np.fromiter(map(int, found), np.int8, len(left))
        return np.clip(levels, Agreement.DIFFERENT, Agreement.CLOSE)


class ExactOnly(OneByOne):
    """Values that are the same or not: choices, truths, countries."""

    levels = ("different", "the same")
    chance = 0.3

    def keys(self, texts: Sequence[str]) -> list[tuple[str, ...]]:  # noqa: ARG002
        return []

    def compare(self, left: Positions, right: Positions) -> Levels:  # noqa: ARG002
        import numpy as np

        return np.zeros(len(left), np.int8)


class Spelt(Comparer):
    """Texts that are alike by their letters: Jaro–Winkler in steps, a slip apart, the same.

    Jaro–Winkler after Winkler 1990; a slip is one insertion, deletion, replacement or swap (optimal string alignment).
    """

    levels: ClassVar[tuple[str, ...]] = (
        "different",
        "a little alike",
        "somewhat alike",
        "alike",
        "much alike",
        "a slip apart",
        "the same",
    )
    steps: ClassVar[tuple[float, ...]] = (0.70, 0.78, 0.86, 0.92)

    def canonical(self, values: Sequence[Stored]) -> list[str]:
        return folded(["" if value is None else str(value) for value in values])

    def learn(self, texts: Sequence[str]) -> None:
        import numpy as np

        self._texts = np.empty(len(texts), dtype=object)
        self._texts[:] = list(texts)
        self._lengths = np.fromiter(map(len, texts), np.int32, len(texts))

    def compare(self, left: Positions, right: Positions) -> Levels:
        import numpy as np
        from rapidfuzz.distance import OSA, JaroWinkler

        one, two = self._texts[left], self._texts[right]
        similar = each_pair(one, two, JaroWinkler.normalized_similarity)
        levels = np.searchsorted(np.array(self.steps, np.float32), similar, side="right").astype(np.int8)
        longer = np.maximum(self._lengths[left], self._lengths[right])
        near = np.flatnonzero((similar >= self.steps[0]) & (longer >= 4))
        slips = each_pair(one[near], two[near], OSA.distance, score_cutoff=1)
        levels[near[slips <= 1]] = len(self.steps) + 1
        return levels


class Deep(Spelt):
    """Texts with more to them than letters: asked one by one, but only where they share a key of their kind or are
    spelt alike, because all that may mean the same does."""

    alike: ClassVar[int] = 3
    """The level of spelling from which on pairs are asked."""

    def learn_keys(self, keys: Sequence[tuple[str, ...]]) -> None:
        """Take note of the keys of each text."""
        import numpy as np

        place: dict[str, int] = {}
        width = max(map(len, keys), default=0)
        self._keys = np.full((len(keys), max(width, 1)), -1, np.int64)
        for at, some in enumerate(keys):
            for slot, key in enumerate(some[:width]):
                self._keys[at, slot] = place.setdefault(key, len(place))

    def share_key(self, left: Positions, right: Positions) -> NDArray[np.bool_]:
        """Whether the texts of each pair share a key."""
        import numpy as np

        found = np.zeros(len(left), np.bool_)
        for one in self._keys.T:
            mine = one[left]
            for two in self._keys.T:
                found |= (mine == two[right]) & (mine >= 0)
        return found


class Digits(Spelt):
    """Numbers and codes: how many slips apart."""

    levels: ClassVar[tuple[str, ...]] = (
        "different",
        "a half alike",
        "three slips apart",
        "two slips apart",
        "a slip apart",
        "the same",
    )

    def compare(self, left: Positions, right: Positions) -> Levels:
        import numpy as np
        from rapidfuzz.distance import OSA

        slips = each_pair(self._texts[left], self._texts[right], OSA.distance).astype(np.int32)
        longer = np.maximum(self._lengths[left], self._lengths[right])
        levels = np.where(slips * 2 <= longer, 1, 0)
        for slip in (3, 2, 1):
            levels[(slips == slip) & (longer >= 2 * slip)] = 5 - slip
        return levels.astype(np.int8)


class Written(Spelt):
    """Texts of no kind: numbers and codes by their slips, words by their letters."""

    levels = (
        "different",
        "a little alike",
        "somewhat alike",
        "alike",
        "much alike, or two slips apart",
        "a slip apart",
        "the same",
    )
    changes = 0.3

    def learn(self, texts: Sequence[str]) -> None:
        super().learn(texts)
        self._digital = _digits_in(texts, self._lengths) * 2 > self._lengths

    def compare(self, left: Positions, right: Positions) -> Levels:
        import numpy as np
        from rapidfuzz.distance import OSA

        levels = np.zeros(len(left), np.int8)
        digital = self._digital[left] & self._digital[right]
        if not digital.all():
            levels[~digital] = super().compare(left[~digital], right[~digital])
        one, two = left[digital], right[digital]
        slips = each_pair(self._texts[one], self._texts[two], OSA.distance).astype(np.int32)
        longer = np.maximum(self._lengths[one], self._lengths[two])
        found = np.where(slips * 3 <= longer, 3, np.where(slips * 2 <= longer, 2, 0))
        found[(slips == 2) & (longer >= 5)] = 4
        found[(slips == 1) & (longer >= 3)] = 5
        levels[digital] = found
        return levels


class WholeNumbers(Written):
    """Numbers that may tell who somebody is, as a year of birth does, or only count what there is of him."""

    changes = 0.5


def _digits_in(texts: Sequence[str], lengths: Positions) -> Positions:
    """How many digits each text has."""
    import numpy as np

    found = np.empty(len(texts), np.int32)
    for start in range(0, len(texts), _CHUNK):
        some = texts[start : start + _CHUNK]
        together = "".join(some)
        if together.isascii():
            digits = np.frombuffer(together.encode(), np.uint8) - ord("0") < 10  # what is less turns round
            reached = np.concatenate([[0], np.cumsum(digits, dtype=np.int32)])
            ends = np.cumsum(lengths[start : start + _CHUNK])
            found[start : start + _CHUNK] = np.diff(reached[ends], prepend=0)
        else:
            found[start : start + _CHUNK] = [len(_NO_DIGIT.sub("", text)) for text in some]
    return found


def comparer_of(kind: ValueType) -> Comparer:
    """The comparer of a field's value type: its own, or one that asks `compare` for each pair."""
    own: Callable[[], Comparer] | None = getattr(kind, "comparer", None)
    return own() if own is not None else OneByOne(kind)
