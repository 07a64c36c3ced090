"""What the match section of a table forbids, whatever the evidence: pairs of records that are never one."""

from __future__ import annotations

import numpy as np

from custrec.jobs.duplicates.comparing import Comparison, Read
from custrec.matching.columns import Array, Rows
from custrec.matching.prepared import prepare
from custrec.model.match import Veto


class Vetoes:
    """What the schema forbids, of pairs of some records."""

    def __init__(self, comparison: Comparison, given: Read) -> None:
        self._vetoes = comparison.match.vetoes
        named = {name for veto in self._vetoes for name in (*veto.differ, *veto.agree)}
        self._codes = {name: prepare(given.columns[name]).codes for name in named}

    def forbid(self, left: Rows, right: Rows) -> Array:
        """Which pairs are forbidden."""
        found = np.zeros(len(left), np.bool_)
        for veto in self._vetoes:
            found |= self._meets(veto, left, right)
        return found

    def by(self, left: int, right: int) -> list[str]:
        """The vetoes that forbid a pair, in the words of the schema."""
        one, two = np.array([left], np.int32), np.array([right], np.int32)
        return [veto.text for veto in self._vetoes if self._meets(veto, one, two)[0]]

    def _meets(self, veto: Veto, left: Rows, right: Rows) -> Array:
        found = np.ones(len(left), np.bool_)
        for names, alike in ((veto.differ, False), (veto.agree, True)):
            for name in names:
                one, two = self._codes[name][left], self._codes[name][right]
                found &= (one >= 0) & (two >= 0) & ((one == two) == alike)
        return found
