"""Names of organisations compared many at a time: by their parts (values.org_parts), and by the letters of the core."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from custrec.values.comparing import Bearing, Deep, Spelt
from custrec.values.han_variants import simplified
from custrec.values.letters import has_han
from custrec.values.org_likeness import are_two_branches, compare_organisations
from custrec.values.org_parts import OrgParts, parts_of
from custrec.values.protocol import Agreement, Stored

if TYPE_CHECKING:
    from custrec.values.comparing import Levels, Positions

_GAP = "\x1f"


class OrgComparer(Deep):
    """Compares organisations. A canonical text is place, core, trade and branch, so that legal forms do not matter."""

    levels = (
        "another branch",
        "different",
        "a little alike",
        "somewhat alike",
        "alike",
        "much alike",
        "a slip apart",
        "perhaps the same",
        "the same, told in part",
        "the same",
    )
    bearing = Bearing.SHARED
    among_firms = Bearing.NAME
    goes_by_others = True
    contradicts = True
    chance = 1e-3

    def canonical(self, values: Sequence[Stored]) -> list[str]:
        return [_canonical(str(value)) if value is not None else "" for value in values]

    def keys(self, texts: Sequence[str]) -> list[tuple[str, ...]]:
        return [(core,) if (core := text.split(_GAP)[0]) else () for text in texts]

    def parts(self, texts: Sequence[str]) -> list[tuple[str, ...]]:
        return [tuple(" ".join(text.split(_GAP)).split()) for text in texts]

    def learn(self, texts: Sequence[str]) -> None:
        import numpy as np

        self._parts = [text.split(_GAP) for text in texts]
        super().learn([(core + trade).replace(" ", "") for core, trade, _, _ in self._parts])
        self._core = _numbered([part[0] for part in self._parts])
        self._branch = _numbered([part[3] for part in self._parts])
        self._han = np.fromiter(map(has_han, texts), np.bool_, len(texts))

    def compare(self, left: Positions, right: Positions) -> Levels:
        import numpy as np

        levels = super().compare(left, right)
        levels = np.where(levels >= len(Spelt.levels) - 1, levels, levels + 1).astype(np.int8)
        asked = self._han[left] & self._han[right] & (levels > self.alike) | (self._core[left] == self._core[right])
        levels[(self._branch[left] != self._branch[right]) & (levels > self.alike + 1)] = 0
        for at in np.flatnonzero(asked).tolist():
            levels[at] = self._asked(self._taken(int(left[at])), self._taken(int(right[at])))
        return levels

    def _asked(self, one: OrgParts, two: OrgParts) -> int:
        if are_two_branches(one, two):
            return 0
        top = len(self.levels) - 1
        return {Agreement.DIFFERENT: 1, Agreement.WEAK: top - 2}.get(compare_organisations(one, two), top - 1)

    def _taken(self, at: int) -> OrgParts:
        core, trade, place, branch = self._parts[at]
        return OrgParts(place, core, trade, "", branch)


@lru_cache(1 << 17)
def _canonical(name: str) -> str:
    parts = parts_of(simplified(name))
    if not parts.core:
        return ""
    return _GAP.join((parts.core, parts.trade, parts.place, parts.branch))


def _numbered(texts: Sequence[str]) -> Positions:
    import numpy as np

    place = {text: at for at, text in enumerate(sorted(set(texts)))}
    return np.fromiter(map(place.__getitem__, texts), np.int64, len(texts))
