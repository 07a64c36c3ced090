"""One search for duplicates in the making: what it reads, and the forms in which what it finds is kept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain

import numpy as np

from custrec.jobs.duplicates.comparing import Comparison, Read
from custrec.jobs.duplicates.joining import Weighed
from custrec.jobs.progress import Progress
from custrec.matching.columns import Array
from custrec.matching.judging import prepared_for
from custrec.matching.keys import Keyring
from custrec.matching.model import Model
from custrec.model.schema import Table
from custrec.store import verdicts
from custrec.store.database import Store
from custrec.store.pairs import IDS, Mark, Pair, Run

WIDTH = 64
"""So many slots a key may have, by which they are numbered."""


@dataclass(frozen=True)
class Work:
    """One search: what is compared, by the state of the store that is read, when."""

    store: Store
    comparison: Comparison
    mark: Mark
    at: str
    progress: Progress
    wait: float

    @property
    def table(self) -> Table:
        return self.comparison.table

    def apart(self, among: Array) -> list[tuple[int, int]]:
        """The rows of records that people said are not the same, among records by number, ascending."""
        said = [(one.now_one, one.now_other) for one in verdicts.verdicts(self.store, self.table)]
        numbers = np.array(said, np.int64).reshape(-1, 2)
        rows = np.searchsorted(among, numbers)
        known = np.append(among, -1)[rows] == numbers
        return [(int(a), int(b)) for (a, b), there in zip(rows, known.all(axis=1), strict=True) if there and a != b]

    def run(self, records: int, compared_: int, model: Model | None, tuned: bool = False) -> Run:
        """What is said of a search; `tuned`: its model was corrected by people's answers, and so will be those that are
        learned in its place."""
        document = None if model is None else model.document() | ({"tuned": True} if tuned else {})
        return Run(self.mark, self.comparison.basis, self.at, records, compared_, document)


def weighed(given: Read, kept: Iterable[Pair], fields: int) -> Weighed:
    """Kept pairs by the rows of their records."""
    found = sorted(kept)
    levels = np.frombuffer(b"".join(pair.levels for pair in found), np.int8).reshape(-1, fields).T
    return Weighed(
        given.rows_of([pair.one for pair in found]).astype(np.int32),
        given.rows_of([pair.other for pair in found]).astype(np.int32),
        np.array([pair.odds for pair in found], np.float64),
        levels,
        np.array([pair.key for pair in found], np.int16),
        np.array([pair.vetoed for pair in found], np.bool_),
    )


def kept_pairs(ids: Array, known: Weighed) -> Iterator[Pair]:
    """Pairs by the numbers of their records, in their order: so they are soonest written."""
    order = np.lexsort((known.right, known.left))
    levels = np.ascontiguousarray(known.levels.T[order], np.int8)
    said = levels.view(f"V{levels.shape[1]}").ravel()
    one, other = ids[known.left[order]], ids[known.right[order]]
    columns = (one, other, known.odds[order], said, known.keys[order], known.vetoed[order])
    return map(Pair, *(some.tolist() for some in columns))


def kept_clusters(ids: Array, clusters: Array) -> Iterator[tuple[int, int]]:
    rows = np.flatnonzero(np.bincount(clusters, minlength=len(ids))[clusters] > 1) if len(ids) else clusters
    return zip(ids[rows].tolist(), ids[clusters[rows]].tolist(), strict=True)


def record_keys(given: Read, model: Model) -> dict[int, Array]:
    """The keys of records, as they are kept."""
    return keys_to_keep(keyring_of(given, model), model)


def keyring_of(given: Read, model: Model) -> Keyring:
    """The keys of records, as a model cuts their texts."""
    return Keyring(prepared_for([*given.columns.values()], model))


def keys_to_keep(keyring: Keyring, model: Model, spoken_for: Array | None = None) -> dict[int, Array]:
    """The keys of records by slot, as they are kept: none of those that are `spoken_for` by a copy."""
    numbers = short_numbers(keyring, model)
    for slot in chain.from_iterable(numbers) if spoken_for is not None else ():
        slot[spoken_for] = 0
    return {WIDTH * at + place: slot for at, slots in enumerate(numbers) for place, slot in enumerate(slots)}


def short_numbers(keyring: Keyring, model: Model) -> list[list[Array]]:
    """The numbers of records, a list a key, in four bytes each: those that are the same stay so, and hardly any others
    become so. A key has up to `WIDTH` slots, of some records perhaps fewer than of others."""
    return [[slot.astype(np.uint32) for slot in keyring.slots(key)[:WIDTH]] for key in model.keys]


def more_key_slots(slots: Iterable[int], ids: Array, keys: Mapping[int, Array]) -> Iterator[tuple[int, bytes]]:
    """The keys of further records, as they are added to the slots that are kept: as many numbers for each as there are
    records. A slot that only these have is left: they meet by the others of its key."""
    yield IDS, ids.tobytes()
    for slot in slots:
        yield slot, keys.get(slot, np.zeros(len(ids), np.uint32)).tobytes()


def key_slots(ids: Array, keys: Mapping[int, Array]) -> Iterator[tuple[int, bytes]]:
    yield IDS, ids.tobytes()
    for slot, numbers in keys.items():
        yield slot, numbers.tobytes()
