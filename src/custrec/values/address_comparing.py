"""Addresses compared many at a time: by spelling where it is near, else by what values.address_likeness knows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from custrec.values.address_likeness import compare_parts, compare_tokens, keys_of, ordered, tokens_of
from custrec.values.address_parts import parts_of
from custrec.values.comparing import Bearing, Deep, Spelt
from custrec.values.han_variants import simplified
from custrec.values.letters import has_han
from custrec.values.protocol import Agreement, Stored

if TYPE_CHECKING:
    from custrec.values.address_parts import AddressParts
    from custrec.values.comparing import Levels, Positions


class AddressComparer(Deep):
    """Compares addresses, with province and without, abbreviated or not."""

    levels = (*Spelt.levels[:-1], "perhaps the same", "the same, told in part", "the same")
    bearing = Bearing.SHARED
    chance = 1e-4

    _keys_of: list[tuple[str, ...]] | None = None

    def canonical(self, values: Sequence[Stored]) -> list[str]:
        return [ordered(simplified(str(value))) if value is not None else "" for value in values]

    def keys(self, texts: Sequence[str]) -> list[tuple[str, ...]]:
        return self._keys_of or list(map(keys_of, texts))

    def learn(self, texts: Sequence[str]) -> None:
        import numpy as np

        super().learn(texts)
        self._keys_of = list(map(keys_of, texts))
        self.learn_keys(self._keys_of)
        self._parts: dict[int, AddressParts] = {}
        self._tokens: dict[int, frozenset[str]] = {}
        self._han = np.fromiter(map(has_han, texts), np.bool_, len(texts))

    def compare(self, left: Positions, right: Positions) -> Levels:
        import numpy as np

        levels = super().compare(left, right)
        top = len(self.levels) - 1
        by_kind = {Agreement.SAME: top - 1, Agreement.CLOSE: top - 1, Agreement.WEAK: top - 2}
        han = self._han[left] & self._han[right]
        asked = (levels >= self.alike) | self.share_key(left, right)
        for at in np.flatnonzero(asked).tolist():
            found = self._ask(int(left[at]), int(right[at]), both_han=bool(han[at]))
            if found in by_kind:
                levels[at] = by_kind[found]
            elif han[at]:
                levels[at] = 0
        return levels

    def _ask(self, one: int, two: int, *, both_han: bool) -> Agreement:
        if both_han:
            return compare_parts(self._part(one), self._part(two))
        return compare_tokens(self._token(one), self._token(two))

    def _part(self, at: int) -> AddressParts:
        if at not in self._parts:
            self._parts[at] = parts_of(self._texts[at])
        return self._parts[at]

    def _token(self, at: int) -> frozenset[str]:
        if at not in self._tokens:
            self._tokens[at] = tokens_of(self._texts[at])
        return self._tokens[at]
