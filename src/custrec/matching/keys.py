"""Under what records meet: a form of one field, or of two fields together; and the blocks that this makes.

A key gives each record one number or several (0: none). Records with the same number are a block; all pairs of a block
are candidates. Keys are made from the value types alone; which of them are worth their pairs is judged elsewhere
(matching.selection).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from copy import copy
from dataclasses import dataclass
from functools import reduce
from itertools import combinations, product

import numpy as np
from numpy.typing import NDArray

from custrec.matching.columns import BLANK, Array, Codes, Hashes, Rows
from custrec.matching.hashing import combined, distinct, mixed
from custrec.matching.prepared import Prepared, forms
from custrec.matching.threads import made_of_each

LARGEST = 512
"""Blocks beyond are never taken whole: a value that so many share brings nobody together."""
BUCKETS = 9
"""Blocks are told apart by size: 2, 3–4, 5–8, … up to `LARGEST`."""
ALL_PAIRS_UP_TO = 1_000
"""Tables of so few records have all their pairs compared; their models need no keys."""
_JOINED_FORMS = ("whole", "begins")
_MOST_TRIPLES = 20
ANYWHERE = "or elsewhere"
"""The form of a key by which records meet in whichever field of the kind the text stands."""
_COSTS = (0.3, 5.0)
"""Of the forms of two fields those are tried that make the most pairs below so many a record by chance."""
_RARE = 0.5
"""What makes fewer pairs a record needs no second field beside it."""
_CHUNK = 1_000_000
BLOCK = 65_536
"""So many records at a time are given numbers."""


@dataclass(frozen=True, order=True)
class Key:
    """One to three forms of fields, by name."""

    parts: tuple[tuple[str, str], ...]

    @property
    def name(self) -> str:
        """How people are told of it: email · name (begins) + phone."""
        return " + ".join(field if form == "whole" else f"{field} ({form})" for field, form in self.parts)

    @property
    def fields(self) -> frozenset[str]:
        return frozenset(field for field, _ in self.parts)


class Keyring:
    """The keys of prepared fields: what number each record has under each."""

    def __init__(self, fields: Sequence[Prepared]) -> None:
        self._codes = {field.name: field.codes for field in fields}
        self._tables = {
            (field.name, form): [np.append(slot, np.uint64(0)) for slot in slots]
            for field, own in zip(fields, made_of_each(forms, fields), strict=True)
            for form, slots in own.items()
        }
        self._kin = _kin(fields)

    def in_order(self, rows: Array) -> Keyring:
        """The same for records in another order, or for some of them."""
        other = copy(self)
        other._codes = {field: codes[rows] for field, codes in self._codes.items()}
        return other

    def pool(self) -> list[Key]:
        """All keys that could be used: each form of each field, and pairs of forms of two fields."""
        single = [Key((part,)) for part in self._tables if self._new(part)] + [
            Key(((field, ANYWHERE),)) for field in self._kin
        ]
        simple = [part for part, slots in self._tables.items() if len(slots) == 1 and part[1] in _JOINED_FORMS]
        cost = dict(zip(simple, made_of_each(self._pairs_per_record, simple), strict=True))
        by_fields: dict[tuple[str, str], list[tuple[float, Key]]] = {}
        for one, two in combinations(simple, 2):
            if one[0] != two[0] and min(cost[one], cost[two]) > _RARE:
                both = cost[one] * cost[two] / max(len(self._codes[one[0]]), 1)
                by_fields.setdefault((one[0], two[0]), []).append((both, Key((one, two))))
        joined = set()
        for choices in by_fields.values():
            for most in _COSTS:
                joined.add(max([choice for choice in choices if choice[0] <= most] or [min(choices)])[1])
        return sorted(single) + sorted(joined) + self._triples(cost)

    def _slots_of(self, field: str, form: str) -> list[Hashes]:
        """The numbers of a field's texts, and 0 for none, under a form; none where the texts here have no such form."""
        return self._tables.get((field, form)) or [np.zeros_like(self._tables[field, "whole"][0])]

    def _new(self, part: tuple[str, str]) -> bool:
        """Whether a form brings other records together than the whole text does."""
        slots, whole = self._tables[part], self._tables[part[0], "whole"][0]
        return part[1] != "keys" or len(slots) > 1 or len(distinct(slots[0])) != len(distinct(whole))

    def _triples(self, cost: dict[tuple[str, str], float]) -> list[Key]:
        """Keys of three fields of few values each, no two of which tell enough: those that most records have."""
        rows = max(len(next(iter(self._codes.values()), ())), 1)
        parts = [part for part in cost if part[1] == "whole" and cost[part] > _COSTS[-1]]
        filled = {part: float((self._codes[part[0]] >= 0).mean()) for part in parts}
        found = []
        for three in combinations(sorted(parts), 3):
            pairs = min(cost[one] * cost[two] for one, two in combinations(three, 2)) / rows
            every = cost[three[0]] * cost[three[1]] * cost[three[2]] / rows**2
            if pairs > _COSTS[0] and every <= _COSTS[-1]:
                found.append((-filled[three[0]] * filled[three[1]] * filled[three[2]], Key(three)))
        return [key for _, key in sorted(found)[:_MOST_TRIPLES]]

    def _pairs_per_record(self, part: tuple[str, str]) -> float:
        """How many pairs a form of a field makes for each record."""
        codes = self._codes[part[0]]
        numbers = self._tables[part][0][codes]
        ordered = np.sort(numbers[numbers != 0])
        begins = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1])) if len(ordered) else np.empty(0, np.int64)
        counts = np.diff(np.append(begins, len(ordered))).astype(np.float64)
        return float((counts * (counts - 1)).sum() / 2 / max(len(codes), 1))

    def slots(self, key: Key, rows: Rows | None = None) -> list[Hashes]:
        """The numbers of the records (of all, or of some) under a key; several where the key has several."""
        if key.parts[0][1] == ANYWHERE:
            kin = self._kin[key.parts[0][0]]
            return [_numbers([(self._codes[field], self._tables[field, "whole"][0])], rows) for field in kin]
        tables = [[(self._codes[field], slot) for slot in self._slots_of(field, form)] for field, form in key.parts]
        return [_numbers(chosen, rows) for chosen in product(*tables)]


def _numbers(parts: Sequence[tuple[Codes, Hashes]], rows: Rows | None) -> Hashes:
    """The numbers of records under forms of fields together, some records at a time: what is at hand stays in the
    processor's own memory."""
    count = len(parts[0][0]) if rows is None else len(rows)
    found = np.empty(count, np.uint64)
    for start in range(0, count, BLOCK):
        some = slice(start, start + BLOCK)
        which = some if rows is None else rows[some]
        found[some] = reduce(combined, (slot[codes[which]] for codes, slot in parts))
    return found


def _kin(fields: Sequence[Prepared]) -> dict[str, list[str]]:
    """Fields of one kind in which a value may stand as well as in the first of them, by the first."""
    groups: dict[type, list[str]] = {}
    for field in fields:
        if field.comparer.elsewhere:
            groups.setdefault(type(field.comparer), []).append(field.name)
    return {names[0]: names for names in groups.values() if len(names) > 1}


@dataclass(frozen=True)
class Sizes:
    """How many records share each record's number under a key, told by a table of the numbers' last bits.

    There are so many places that few numbers fall together by chance; where they do, a block looks larger.
    """

    buckets: NDArray[np.int8]
    """The bucket of the block at each place."""
    mask: np.uint64
    records: Array
    """How many records are in blocks of each bucket, those beyond `LARGEST` last."""

    def bucket(self, numbers: Hashes) -> NDArray[np.int8]:
        """The bucket of each number's block; -1 where it makes no pair, `BUCKETS` beyond `LARGEST`."""
        found = np.empty(len(numbers), np.int8)
        for start in range(0, len(numbers), BLOCK):
            some = numbers[start : start + BLOCK]
            found[start : start + BLOCK] = self.buckets[(some & self.mask).view(np.int64)]
            found[start : start + BLOCK][some == 0] = -1
        return found


_BUCKET_OF = np.array([-1, -1, *(int(np.ceil(np.log2(size))) - 1 for size in range(2, LARGEST + 1)), BUCKETS], np.int8)


def sizes_of(slots: Sequence[Hashes]) -> Sizes:
    """Count the blocks of a key."""
    rows = max(len(slots[0]), 1)
    mask = np.uint64(2 ** int(np.clip(np.ceil(np.log2(rows)) + 2, 10, 24)) - 1)
    places = np.concatenate([(numbers[numbers != 0] & mask).astype(np.uint32) for numbers in slots])
    places.sort()  # counts by sorting: a table of counts would be reached into all over
    starts = np.flatnonzero(np.append(True, places[1:] != places[:-1])) if len(places) else np.empty(0, np.int64)
    counts = np.diff(np.append(starts, len(places)))
    bucket = _BUCKET_OF[np.minimum(counts, LARGEST + 1)]
    buckets = np.full(int(mask) + 1, -1, np.int8)
    buckets[places[starts]] = bucket
    records = np.bincount(bucket + 1, weights=counts, minlength=BUCKETS + 2)[1:]
    return Sizes(buckets, mask, records)


def drawn(numbers: Hashes) -> Array:
    """A number in [0, 1) for each number, spread evenly: to draw blocks by content."""
    return (mixed(numbers ^ np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(11)).astype(np.float64) / 2.0**53


def pairs_within(slots: Sequence[Hashes], chosen: Sequence[Array]) -> Array:
    """The pairs of records that share a number, among the chosen rows of each slot; packed, each once, sorted."""
    rows = np.concatenate(chosen)
    numbers = np.concatenate([slot[some] for slot, some in zip(slots, chosen, strict=True)])
    order = np.lexsort((rows, numbers)) if len(slots) > 1 else np.argsort(numbers, kind="stable")
    rows, numbers = rows[order], numbers[order]
    starts = np.flatnonzero(np.append(True, numbers[1:] != numbers[:-1])) if len(rows) else np.empty(0, np.int64)
    lengths = np.diff(np.append(starts, len(rows)))
    found = [np.sort(some) for some in _triangles(rows, starts, lengths)]
    every = np.concatenate(found) if found else np.empty(0, np.int64)
    return distinct(every)


def _triangles(rows: Array, starts: Array, lengths: Array) -> Iterator[Array]:
    for length in np.unique(lengths):
        if length < 2 or length > 4 * LARGEST:
            continue
        one, two = np.triu_indices(int(length), 1)
        begins = starts[lengths == length]
        step = max(1, _CHUNK // len(one))
        for at in range(0, len(begins), step):
            some = begins[at : at + step, None]
            left, right = rows[some + one].ravel(), rows[some + two].ravel()
            yield packed(left[left != right], right[left != right])


def packed(left: Array, right: Array) -> Array:
    """Pairs as single numbers, the smaller row first."""
    return (np.minimum(left, right).astype(np.int64) << 32) | np.maximum(left, right).astype(np.int64)


def unpacked(pairs: Array) -> tuple[Rows, Rows]:
    """The rows of packed pairs."""
    return (pairs >> 32).astype(np.int32), (pairs & 0xFFFFFFFF).astype(np.int32)


def all_pairs(rows: int) -> Array:
    """Every pair of so many records."""
    one, two = np.triu_indices(rows, 1)
    return packed(one, two)


__all__ = ["BLANK", "Key", "Keyring"]
