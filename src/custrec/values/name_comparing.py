"""Names of people compared many at a time: by letters, and by what values.name_likeness knows.

Only pairs that spelling alone cannot judge (Han characters, several words, initials, short forms) are asked of
name_likeness, each once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from custrec.values.comparing import Bearing, Deep, Spelt
from custrec.values.han_variants import simplified
from custrec.values.letters import has_han
from custrec.values.name_core import NameCore, core_of
from custrec.values.name_likeness import compare_names, forms_of, is_short_form
from custrec.values.protocol import Agreement, Stored
from custrec.values.sounds import split_han

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from custrec.values.comparing import Levels, Positions

_ONLY_SURNAME = "~"


class NameComparer(Deep):
    """Compares names: in one field or in two, in any order and script."""

    levels = (*Spelt.levels[:-1], "perhaps the same", "the same, written otherwise", "the same")
    bearing = Bearing.NAME
    chance = 2e-3

    def canonical(self, values: Sequence[Stored]) -> list[str]:
        return [_canonical(str(value)) if value is not None else "" for value in values]

    def keys(self, texts: Sequence[str]) -> list[tuple[str, ...]]:  # noqa: ARG002
        return self._keys_of

    def learn(self, texts: Sequence[str]) -> None:
        import numpy as np

        super().learn(texts)
        self._deep = np.fromiter(map(_is_deep, texts), np.bool_, len(texts))
        self._short = np.fromiter((len(text) == 1 or is_short_form(text) for text in texts), np.bool_, len(texts))
        self._cores: dict[int, NameCore] = {}
        self._keys_of: list[tuple[str, ...]] = []  # single words alone have no key but themselves
        if self._deep.any():
            self._keys_of = [self._written(at) if deep else (texts[at],) for at, deep in enumerate(self._deep.tolist())]
        cores = (self._core(at) if deep else None for at, deep in enumerate(self._deep.tolist()))
        parts = ((*core.parts, *forms_of(core)) if core else () for core in cores)
        known = zip(self._keys_of or [()] * len(texts), parts, strict=True)
        self.learn_keys([(*keys, *part) for keys, part in known])
        place = {"": 0}
        generations = (self._core(at).generation if deep else "" for at, deep in enumerate(self._deep.tolist()))
        self._generation = np.array([place.setdefault(one, len(place)) for one in generations], np.int8)
        self._words = _numbered(
            [core_of(text).words if deep else () for text, deep in zip(texts, self._deep, strict=True)]
        )
        self._titled = np.fromiter((text.endswith(_ONLY_SURNAME) for text in texts), np.bool_, len(texts))
        self.partial = np.where(
            self._titled,
            len(self.levels) - 3,
            len(self.levels) - 1,
        ).astype(np.int8)

    def compare(self, left: Positions, right: Positions) -> Levels:
        import numpy as np

        levels = super().compare(left, right)
        top = len(self.levels) - 1
        by_kind = {Agreement.SAME: top - 1, Agreement.CLOSE: top - 1, Agreement.WEAK: top - 2}
        asked = (self._deep[left] | self._deep[right]) & (levels < len(Spelt.levels) - 2)
        asked &= (levels >= self.alike) | self.share_key(left, right) | self._titled[left] | self._titled[right]
        asked |= self._share_word(left, right) & (levels > 0) & (levels < len(self.steps) + 1)
        asked |= self._short[left] & self._short[right] | (self._lengths[left] == 1) | (self._lengths[right] == 1)
        for at in np.flatnonzero(asked).tolist():
            found = self._ask(int(left[at]), int(right[at]))
            rest = self._rest(int(left[at]), int(right[at])) if found < Agreement.CLOSE else None
            if rest is not None:
                levels[at] = rest
            elif found in by_kind:
                levels[at] = by_kind[found]
            elif found is Agreement.DIFFERENT and has_han(self._texts[left[at]]) and self._lengths[left[at]] <= 4:
                levels[at] = min(levels[at], 2) if self._one_letter(int(left[at]), int(right[at])) else 0
        one, two = self._generation[left], self._generation[right]
        levels[(one != two) & (one > 0) & (two > 0)] = 0  # father and son
        return levels

    def _share_word(self, left: Positions, right: Positions) -> NDArray[np.bool_]:
        """Whether both names have one word in common and more beside it."""
        import numpy as np

        found = np.zeros(len(left), np.bool_)
        for one in self._words:
            for two in self._words:
                found |= (one[left] == two[right]) & (one[left] > 0)
        return found

    def _rest(self, one: int, two: int) -> int | None:
        """How well two Latin names agree apart from the words they share, of which both have more: Kevin Smith and
        Karen Smith as Kevin and Karen, so that a family name does not make up for the rest."""
        from rapidfuzz.distance import OSA, JaroWinkler

        if not (self._deep[one] and self._deep[two]) or self._titled[one] or self._titled[two]:
            return None
        a, b = self._core(one), self._core(two)
        shared = set(a.words) & set(b.words)
        mine, others = (" ".join(word for word in core.words if word not in shared) for core in (a, b))
        if not shared or not mine or not others or a.han or b.han:
            return None
        if OSA.distance(mine, others, score_cutoff=1) <= 1 and max(len(mine), len(others)) >= 4:
            return len(self.steps) + 1
        if min(len(mine), len(others)) >= 3 and (mine.startswith(others) or others.startswith(mine)):
            return len(self.levels) - 3  # Alex and Alexander
        alike = JaroWinkler.normalized_similarity(mine, others)
        return sum(alike >= step for step in self.steps)

    def parts(self, texts: Sequence[str]) -> list[tuple[str, ...]]:
        found = []
        for text in texts:
            core = core_of(text.rstrip(_ONLY_SURNAME))
            found.append((*filter(None, split_han(core.han) if core.han else ()), *core.words))
        return found

    def _one_letter(self, one: int, two: int) -> bool:
        """Whether names of three characters differ in one: what that is worth, the data tell."""
        a, b = str(self._texts[one]), str(self._texts[two])
        return len(a) == len(b) == 3 and sum(here != there for here, there in zip(a, b, strict=True)) == 1

    def _ask(self, one: int, two: int) -> Agreement:
        a, b = self._texts[one], self._texts[two]
        if " " not in a and " " not in b and a.isascii() and b.isascii():
            if 1 in (len(a), len(b)):
                return Agreement.WEAK if a[0] == b[0] else Agreement.DIFFERENT
            return Agreement.CLOSE if is_short_form(a, b) else Agreement.UNKNOWN
        return compare_names(self._core(one), self._core(two))

    def _core(self, at: int) -> NameCore:
        if at not in self._cores:
            text = self._texts[at]
            core = core_of(text.rstrip(_ONLY_SURNAME))
            alone = text.endswith(_ONLY_SURNAME)
            self._cores[at] = replace(core, surname_only=True) if alone else core
        return self._cores[at]

    def _written(self, at: int) -> tuple[str, ...]:
        """The keys of a name, and before them its letters written together: chenxiaoling is 陈晓玲, Chen Xiaoling."""
        core = self._core(at)
        together = "".join(core.sound if core.han else core.words)
        return (together, *core.keys)


def _canonical(name: str) -> str:
    if name.isascii() and name.isalpha():
        return name.casefold()
    core = core_of(name)
    text = " ".join(filter(None, (simplified(core.han), *core.words, core.generation)))
    return text + _ONLY_SURNAME if core.surname_only else text


def _is_deep(text: str) -> bool:
    """Whether a name has more to it than letters: Han characters, several words, a title."""
    return not text.isascii() or " " in text or text.endswith(_ONLY_SURNAME)


def _numbered(words: Sequence[tuple[str, ...]]) -> NDArray[np.int32]:
    """The first and last words as numbers, 0 for none: two rows, a column a name of several words."""
    import numpy as np

    place = {"": 0}
    several = [some if len(some) > 1 else ("",) for some in words]
    return np.array(
        [[place.setdefault(some[end], len(place)) for some in several] for end in (0, -1)], np.int32
    ).reshape(2, -1)
