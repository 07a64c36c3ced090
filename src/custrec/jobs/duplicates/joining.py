"""Which of some likely pairs become clusters, with vetoes and verdicts: for a whole table, or the part that changed.

The matching engine weighs and clusters; what the schema forbids, and what people said, is put to it here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from custrec.jobs.duplicates.comparing import Comparison, Read
from custrec.jobs.duplicates.odds import log_odds
from custrec.jobs.duplicates.vetoes import Vetoes
from custrec.matching.clusters import LARGEST_WEIGHED, cluster
from custrec.matching.columns import Array, Floats, Rows
from custrec.matching.hashing import distinct
from custrec.matching.judging import Judge, Judged, prepared_for
from custrec.matching.keys import Keyring, packed, unpacked
from custrec.matching.prepared import Prepared

if TYPE_CHECKING:
    from custrec.matching.model import Model

NEVER = -1e6
"""The log odds of what is forbidden."""


@dataclass(frozen=True)
class Weighed:
    """Pairs of records by row, the smaller first: log odds, levels (a row a field of the model), the place of the key
    that brought them together, and whether they are forbidden."""

    left: Rows
    right: Rows
    odds: Floats
    levels: Array
    keys: Array
    vetoed: Array

    def __len__(self) -> int:
        return len(self.left)

    def some(self, which: Array) -> Weighed:
        """Some of them."""
        return Weighed(
            self.left[which],
            self.right[which],
            self.odds[which],
            self.levels[:, which],
            self.keys[which],
            self.vetoed[which],
        )


@dataclass
class Weigher:
    """Weighs pairs of some records by a model, vetoes reckoned with."""

    comparison: Comparison
    given: Read
    model: Model
    fields: list[Prepared] = field(init=False)

    def __post_init__(self) -> None:
        self.fields = prepared_for([*self.given.columns.values()], self.model)
        self._judge = Judge(self.fields, self.model)
        self.vetoes = Vetoes(self.comparison, self.given)

    def odds(self, left: Rows, right: Rows) -> Floats:
        """The log odds of pairs, `NEVER` where they are forbidden."""
        return np.where(self.vetoes.forbid(left, right), NEVER, self._judge.weigh(left, right).odds)

    def allowed(self, left: Rows, right: Rows, least: float) -> Judged:
        """Those of many pairs that are likely enough and not forbidden."""
        judged = self._judge.likely(left, right, least)
        return judged.chosen(np.flatnonzero(~self.vetoes.forbid(judged.left, judged.right)))

    def likely(self, left: Rows, right: Rows, least: float) -> Weighed:
        """Those of many pairs that are likely enough."""
        return self._with_keys(self._judge.likely(left, right, least), met=True)

    def weigh(self, left: Rows, right: Rows) -> Weighed:
        """Pairs, however unlikely, which no key needs to have brought together."""
        return self._with_keys(self._judge.weigh(left, right), met=False)

    def _with_keys(self, judged: Judged, met: bool) -> Weighed:
        from custrec.matching.engine import brought_by  # loads all that learns; who only weighs need not wait for it

        keys = (
            brought_by(Keyring(self.fields), self.model, judged.left, judged.right)
            if met and len(judged.left)
            else np.full(len(judged.left), -1, np.int16)
        )
        forbidden = self.vetoes.forbid(judged.left, judged.right)
        return Weighed(judged.left, judged.right, judged.odds, judged.levels, keys, forbidden)


@dataclass(frozen=True)
class Joined:
    """The cluster of each record, named by the row of its least record; and pairs within clusters that were weighed
    only now."""

    clusters: Array
    more: Weighed | None


def join(comparison: Comparison, given: Read, known: Weighed, apart: Sequence[tuple[int, int]], model: Model) -> Joined:
    """Cluster some records by their likely pairs. `apart` are rows that people said are not the same.

    In the order of what the records hold, so that the order of rows changes nothing.
    """
    rows = len(given.ids)
    if not rows:
        return Joined(np.empty(0, np.int64), None)
    weigher = Weigher(comparison, given, model)
    order = np.lexsort([given.columns[name].ranks() for name in comparison.read])
    place = np.argsort(order)
    said = np.array(apart, np.int64).reshape(-1, 2)
    refused = np.unique(packed(place[said[:, 0]], place[said[:, 1]]))
    one, two = place[known.left].astype(np.int32), place[known.right].astype(np.int32)
    open_ = ~known.vetoed & ~np.isin(packed(one, two), refused)
    left, right = np.minimum(one, two)[open_], np.maximum(one, two)[open_]
    found = cluster(
        rows,
        (left, right, known.odds[open_]),
        log_odds(comparison.review),
        lambda a, b: weigher.odds(order[a].astype(np.int32), order[b].astype(np.int32)),
        refused,
    )
    least = np.full(rows, rows, np.int64)
    np.minimum.at(least, found, order)
    clusters = np.empty(rows, np.int64)
    clusters[order] = least[found]
    return Joined(clusters, completed(clusters, known, weigher.weigh))


def completed(clusters: Array, known: Weighed, weigh: Callable[[Rows, Rows], Weighed]) -> Weighed | None:
    """The pairs within clusters that are not known yet, weighed. Two records are joined by a pair that is known."""
    members = np.argsort(clusters, kind="stable")
    of = clusters[members]
    starts = np.flatnonzero(np.append(True, of[1:] != of[:-1]))
    sizes = np.diff(np.append(starts, len(of)))
    found = [np.empty(0, np.int64)]
    for size in np.unique(sizes[(sizes > 2) & (sizes <= LARGEST_WEIGHED)]).tolist():
        one, two = np.triu_indices(size, 1)
        some = members[starts[sizes == size][:, None] + np.arange(size)]
        found.append(packed(some[:, one].ravel(), some[:, two].ravel()))
    every = distinct(np.concatenate(found))
    more = every[np.isin(every, packed(known.left, known.right), invert=True)]
    return weigh(*unpacked(more)) if len(more) else None


def unmet(judged: Judged) -> Weighed:
    """Pairs that were weighed without a key or a veto."""
    count = len(judged.left)
    no_key, no_veto = np.full(count, -1, np.int16), np.zeros(count, np.bool_)
    return Weighed(judged.left, judged.right, judged.odds, judged.levels, no_key, no_veto)
