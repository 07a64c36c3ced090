"""What the names of two records say against a merge that nobody looks at, whatever their probability.

Twins, siblings, father and son, colleagues, the branches of a firm may share all that a list holds but their names,
which may be nearly alike; a form of address (李女士), an initial or a name of the same sound says who it may be, and no
more.
"""

from __future__ import annotations

from collections.abc import Iterable

from custrec.jobs.duplicates.comparing import Comparison
from custrec.store import keyed, records
from custrec.store.database import Store
from custrec.store.pairs import Pair, Run
from custrec.values.comparing import Bearing, Spelt, comparer_of
from custrec.values.name_likeness import differ_in_a_character
from custrec.values.name_relatives import may_be_siblings, of_two_generations
from custrec.values.org_likeness import differ_in_a_word
from custrec.values.registry import for_field

NAMING_KINDS = ("person_name", "org_name")
"""The kinds that say who a record is, the more telling first."""
_AGAINST = {
    "different": ("other-name", "have names that have nothing in common"),
    "another branch": ("other-branch", "are of two branches of a firm"),
}
"""The levels of those that say that two are not the same, and how a doubt calls that."""
_HARDLY = Spelt.levels[1:3]
"""Those that are no slip of each other."""
_SPELT = (*Spelt.levels[1:-1], "the same, written otherwise", "the same, told in part")
"""The levels that spelling tells. In Latin these are slips, or not; one Han character is half of what somebody is
called."""
_CHARACTER = ("other-character", "have names that differ in one character")
_GENERATION = ("other-generation", "have names that differ as those of father and son")
_SIBLING = ("sibling-name", "have names that are alike, and may be two people's")
_FIRM = ("other-firm", "have names of which each has a word or a number of its own")
_PERHAPS = ("weak-name", "are perhaps of one name, and share nothing that is a person's own")
_LINES = ("phone",)
"""The kinds that people share and yet may be reached by."""


class NameDoubts:
    """Asked of pairs, by their levels under one model, and by their names where levels do not tell. A person is told
    by his names, whatever firm he has gone to, but not whatever branch of it; where nobody has one, a firm by its
    own."""

    def __init__(self, store: Store, comparison: Comparison, run: Run) -> None:
        self._store, self._table = store, comparison.table
        self._names: dict[int, tuple[str | None, ...]] = {}
        known = run.model["fields"] if run.model else []
        by_name = comparison.table.by_name
        kinds = [by_name[one["name"]].kind if one["name"] in by_name else "" for one in known]
        naming = next((kind for kind in NAMING_KINDS if kind in kinds), "")
        self._against: list[tuple[int, int, str]] = []
        self._perhaps: list[tuple[int, int]] = []
        self._own: list[tuple[int, int]] = []
        self._firms = naming == "org_name"
        self._spelt: dict[str, tuple[int, frozenset[int]]] = {}
        self._hardly: set[tuple[int, int]] = set()
        for at, (one, kind) in enumerate(zip(known, kinds, strict=True)):
            levels: list[str] = one["levels"]
            if kind in NAMING_KINDS:
                said = [level for level in _AGAINST if level in levels and (kind == naming or level != "different")]
                self._against += [(at, levels.index(level), level) for level in said]
            if kind == naming:
                self._spelt[one["name"]] = at, frozenset(levels.index(level) for level in _SPELT if level in levels)
            if kind == naming == "person_name" and "perhaps the same" in levels:
                self._perhaps.append((at, levels.index("perhaps the same")))
                self._hardly |= {(at, levels.index(level)) for level in _HARDLY if level in levels}
            if kind in _LINES or (kind and self._is_own(comparison, one["name"])):
                self._own.append((at, len(levels) - 1))

    @staticmethod
    def _is_own(comparison: Comparison, name: str) -> bool:
        kind = for_field(comparison.table.by_name[name], comparison.schema.defaults)
        return comparer_of(kind).bearing is Bearing.PERSONAL

    def read(self, pairs: Iterable[Pair]) -> None:
        """Read the names of all pairs that will be asked of, where levels do not tell."""
        spelt = (pair for pair in pairs if any(pair.levels[at] in places for at, places in self._spelt.values()))
        numbers = {number for pair in spelt for number in (pair.one, pair.other)} - self._names.keys()
        if numbers:
            rows = records.select_any(self._store, self._table, [*self._spelt], keyed.numbered(numbers))
            self._names |= {row[0]: row[1:] for row in rows}

    def of(self, pair: Pair) -> tuple[str, str] | None:
        """What speaks against a pair that was read: the slug of a doubt, and its words behind the two records."""
        levels = pair.levels
        for at, place, level in self._against:
            if levels[at] == place:
                return _AGAINST[level]
        for field, (at, places) in enumerate(self._spelt.values()):
            if levels[at] in places:
                one, other = (self._names[number][field] for number in (pair.one, pair.other))
                if one and other and (said := self._other_name(one, other, (at, levels[at]) in self._hardly)):
                    return said
        weak = any(levels[at] == place for at, place in self._perhaps)
        return _PERHAPS if weak and not any(levels[at] == top for at, top in self._own) else None

    def _other_name(self, one: str, other: str, hardly_alike: bool) -> tuple[str, str] | None:
        """What two names that spelling calls alike say against a merge."""
        if self._firms:
            return _FIRM if differ_in_a_word(one, other) else None
        if differ_in_a_character(one, other):
            return _CHARACTER
        if of_two_generations(one, other):
            return _GENERATION
        return _SIBLING if may_be_siblings(one, other, hardly_alike=hardly_alike) else None
