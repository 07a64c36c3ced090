"""Records that are held together, also by way of others: disjoint sets (union-find, Galler & Fischer 1964)."""

from __future__ import annotations

from collections.abc import Iterable


class DisjointSets:
    """Sets of records; one of each stands for all. A record that was never joined stands for itself."""

    def __init__(self) -> None:
        self._above: dict[int, int] = {}

    def join(self, records: Iterable[int]) -> None:
        """Put records, and all that are held together with them, into one set."""
        first, *others = records
        for other in others:
            self._above[self.leader(other)] = self.leader(first)

    def leader(self, record: int) -> int:
        """The record that stands for the set of this one."""
        while (above := self._above.setdefault(record, record)) != record:
            self._above[record] = self._above[above]
            record = above
        return record

    def leaders(self) -> dict[int, int]:
        """Who stands for each record that was joined."""
        return {record: self.leader(record) for record in list(self._above)}
