"""What the names of two records say against a merge that nobody looks at, whatever their probability.

Twins, colleagues, the branches of a firm may share all that a list holds but their names; a form of address (李女士),
an initial or a name of the same sound says who it may be, and no more.
"""

from __future__ import annotations

from collections.abc import Sequence

from custrec.jobs.duplicates.comparing import Comparison
from custrec.store.pairs import Run
from custrec.values.comparing import Bearing, comparer_of
from custrec.values.registry import for_field

NAMING_KINDS = ("person_name", "org_name")
"""The kinds that say who a record is, the more telling first."""
_AGAINST = {
    "different": ("other-name", "have names that have nothing in common"),
    "another branch": ("other-branch", "are of two branches of a firm"),
}
"""The levels of those that say that two are not the same, and how a doubt calls that."""
_PERHAPS = ("weak-name", "are perhaps of one name, and share nothing that is a person's own")
_LINES = ("phone",)
"""The kinds that people share and yet may be reached by."""


class NameDoubts:
    """Asked of a pair's levels under one model. A person is told by his names, whatever firm he has gone to, but not
    whatever branch of it; where nobody has one, a firm by its own."""

    def __init__(self, comparison: Comparison, run: Run) -> None:
        known = run.model["fields"] if run.model else []
        by_name = comparison.table.by_name
        kinds = [by_name[one["name"]].kind if one["name"] in by_name else "" for one in known]
        naming = next((kind for kind in NAMING_KINDS if kind in kinds), "")
        self._against: list[tuple[int, int, str]] = []
        self._perhaps: list[tuple[int, int]] = []
        self._own: list[tuple[int, int]] = []
        for at, (one, kind) in enumerate(zip(known, kinds, strict=True)):
            levels: list[str] = one["levels"]
            if kind in NAMING_KINDS:
                said = [level for level in _AGAINST if level in levels and (kind == naming or level != "different")]
                self._against += [(at, levels.index(level), level) for level in said]
            if kind == naming == "person_name" and "perhaps the same" in levels:
                self._perhaps.append((at, levels.index("perhaps the same")))
            if kind in _LINES or (kind and self._is_own(comparison, one["name"])):
                self._own.append((at, len(levels) - 1))

    @staticmethod
    def _is_own(comparison: Comparison, name: str) -> bool:
        kind = for_field(comparison.table.by_name[name], comparison.schema.defaults)
        return comparer_of(kind).bearing is Bearing.PERSONAL

    def of(self, levels: Sequence[int]) -> tuple[str, str] | None:
        """What speaks against a pair: the slug of a doubt, and its words behind the two records."""
        for at, place, level in self._against:
            if levels[at] == place:
                return _AGAINST[level]
        weak = any(levels[at] == place for at, place in self._perhaps)
        return _PERHAPS if weak and not any(levels[at] == top for at, top in self._own) else None
