"""Rows that are no records yet, held against all records and against each other: which are likely somebody known?

The judgement is that of `dedupe find`: the same fields, vetoes and threshold, and the model that was learned the last
time. Where none is kept that still holds, the records are searched first, if whoever asks can have that kept; else one
is learned from the records and these rows together.

    a kept model and kept keys ── these rows meet records by the keys (kept_keys)
    a small table ────────────── all pairs
    neither ──────────────────── records and rows together, as a search anew does it

An earlier row of the file is held for the known one. Nothing is kept, nothing is joined: what is taken is found again
by the next search, with the clusters that this makes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace

import numpy as np

from custrec.jobs.duplicates.comparing import Comparison, Read, as_read, comparison_of, parts_of_others, read, together
from custrec.jobs.duplicates.joining import Weigher
from custrec.jobs.duplicates.kept_keys import FEW, likely_by_kept_keys
from custrec.jobs.duplicates.odds import log_odds
from custrec.jobs.duplicates.pieces import Likely, likely_of, nothing
from custrec.jobs.duplicates.vetoes import Vetoes
from custrec.jobs.uncollected import uncollected
from custrec.jobs.workers import NOBODY, Helpers
from custrec.matching.columns import Array
from custrec.matching.hashing import distinct
from custrec.matching.keys import ALL_PAIRS_UP_TO
from custrec.matching.model import Model
from custrec.model.schema import Table
from custrec.store import keyed, pairs
from custrec.store.coded_columns import archived, merged, more_than
from custrec.store.database import Store, snapshot
from custrec.store.derived import twice_if_damaged
from custrec.store.newcomers import Newcomers
from custrec.store.pairs import KeptPairs
from custrec.values.comparing import comparing_in

LEARNED_PAIRS = 3.0
"""Where no model is kept, so many pairs a record are weighed at most (of few records more: matching.engine) …"""
LEARN_FROM = 0.25
"""… and the model, which is not kept, is learned from a quarter of the pairs that a search learns from."""
WORTH_THREADS = 20_000
"""Fewer are sooner held against others by one thread than several take turns."""
SURE = 1 - 1e-15
"""Records need not be joined here; from this probability on they hardly are."""


@dataclass(frozen=True)
class Suspicions:
    """Rows that are likely a known record or an earlier row, ascending: `place` among the rows; the number of the
    `record`, or of what it is part of now (0: it is a row), and whether that is `archived`; the place of the `row` (-1:
    it is a record); `chance` is the probability, `more` how many others it may as well be."""

    place: Array
    record: Array
    archived: Array
    row: Array
    chance: Array
    more: Array

    def __len__(self) -> int:
        return len(self.place)


@dataclass(frozen=True)
class Judgement:
    """What was found, by the order of rows; their seqs; whether a model was `learned` for it, and how many changed
    records were `unseen`; whether the records were `searched` first."""

    suspicions: Suspicions
    seqs: Array
    learned: bool = False
    unseen: int = 0
    searched: bool = False


def judged(
    store: Store,
    table: Table,
    newcomers: Newcomers,
    jobs: int = 1,
    helpers: Helpers = NOBODY,
    search: Callable[[], object] | None = None,
) -> Judgement:
    """Judge rows that would be new records of a table. `jobs`: in how many threads; `helpers`, where they are started,
    take part in what is done by kept keys; `search` brings what is kept of the table up to date (finding). Raises
    NothingToCompare, WorkerDied, and what `search` does."""
    comparison = comparison_of(store.schema, table)

    def judgement() -> Judgement:
        with snapshot(store.reader):
            fresh = as_read(comparison, newcomers.coded(store, comparison.read))
            wanted = search is not None and _worth_a_search(store, comparison, len(fresh.ids))
        if search is not None and wanted:
            search()
        with snapshot(store.reader):
            return replace(_judged(store, comparison, fresh, jobs, helpers), searched=wanted)

    with uncollected():
        return twice_if_damaged(store.path, judgement)[0]


def judged_by_what_is_kept(store: Store, table: Table, newcomers: Newcomers) -> Judgement:
    """Judge rows that would be new records of a table, by what was kept alone: nobody is suspected where that is
    nothing that holds. Raises NothingToCompare."""
    comparison = comparison_of(store.schema, table)

    def judgement() -> Judgement:
        with snapshot(store.reader):
            fresh = as_read(comparison, newcomers.coded(store, comparison.read))
            return _judged(store, comparison, fresh, 1, NOBODY, learning=False)

    with uncollected():
        return twice_if_damaged(store.path, judgement)[0]


def _judged(
    store: Store, comparison: Comparison, fresh: Read, jobs: int, helpers: Helpers, learning: bool = True
) -> Judgement:
    table, rows = comparison.table, len(fresh.ids)
    nobody = Judgement(_named(store, table, nothing()), fresh.ids)
    if not rows:
        return nobody
    with _kept(store, comparison) as (kept, model):
        if kept is not None and model is not None and model.cells:
            with comparing_in(_threads(jobs, rows)):
                found, unseen = likely_by_kept_keys(store, comparison, fresh, kept, model, helpers)
            return Judgement(_named(store, table, found), fresh.ids, unseen=unseen)
    if model is None and not learning:
        return nobody
    given = _everybody(store, comparison)
    if len(given.ids) + rows > ALL_PAIRS_UP_TO:
        model = None
        if not learning:
            return nobody
    with comparing_in(_threads(jobs, len(given.ids) + rows)):
        found = _learned(comparison, given, fresh) if model is None else _of_few(comparison, given, fresh, model)
    return Judgement(_named(store, table, found), fresh.ids, learned=model is None and len(given.ids) > 0)


def _worth_a_search(store: Store, comparison: Comparison, rows: int) -> bool:
    """Whether there are more records than rows, and what is kept tells nothing of most of them: whoever has these
    searched once need not learn from them for every file."""
    with _kept(store, comparison) as (kept, model):
        if kept is not None and model is not None and model.cells:
            return len(kept.changed()) > max(kept.run.records, rows, FEW)
    return more_than(store, comparison.table, max(rows, ALL_PAIRS_UP_TO))


def _threads(jobs: int, rows: int) -> int:
    return jobs if rows >= WORTH_THREADS else 1


@contextmanager
def _kept(store: Store, comparison: Comparison) -> Iterator[tuple[KeptPairs | None, Model | None]]:
    """What is kept of a table, and the model, if schema, version and store are still those that it was learned for."""
    kept = pairs.kept(store, comparison.table)
    if kept is None:
        yield None, None
        return
    with closing(kept):
        model = None
        if kept.run.model is not None and kept.run.basis == comparison.basis and kept.continues():
            with suppress(ValueError, KeyError):
                model = Model.of(kept.run.model)
        yield kept, model


# --- records and rows together -----------------------------------------------------------------------------------


def _everybody(store: Store, comparison: Comparison) -> Read:
    """All records that are compared, and those that are part of another one."""
    given, parts = read(store, comparison), parts_of_others(store, comparison)
    return replace(together(given, parts), ids=np.append(given.ids, parts.ids)) if len(parts.ids) else given


def _of_few(comparison: Comparison, given: Read, fresh: Read, model: Model) -> Likely:
    """Each row with all records and with all rows before it, by the model of so few that it has no keys."""
    known, rows = len(given.ids), len(fresh.ids)
    before = np.arange(known, known + rows)
    right = np.repeat(before, before).astype(np.int32)
    left = np.concatenate([np.arange(count, dtype=np.int32) for count in before.tolist()])
    found = Weigher(comparison, together(given, fresh), model).allowed(left, right, log_odds(comparison.review))
    return likely_of(given.ids, np.arange(rows), found.left, found.right, found.odds)


def _learned(comparison: Comparison, given: Read, fresh: Read) -> Likely:
    """All records and rows, by a model that is learned of them here."""
    from custrec.matching.engine import Options, find  # all that learns; by kept keys nobody waits until it is loaded

    known, every = len(given.ids), together(given, fresh)
    columns = every.compared(comparison.fields)
    if len(every.ids) < 2 or not any((column.codes >= 0).sum() > 1 for column in columns):
        return nothing()
    found = find(columns, Options(SURE, comparison.review, LEARNED_PAIRS, LEARN_FROM))
    met = found.right >= known
    met &= ~Vetoes(comparison, every).forbid(found.left, found.right)
    return likely_of(given.ids, np.arange(len(fresh.ids)), found.left[met], found.right[met], found.odds[met])


# --- what is told ------------------------------------------------------------------------------------------------


def _named(store: Store, table: Table, found: Likely) -> Suspicions:
    """Of each row the likeliest record or earlier row, a record before a row, the lower number first."""
    of = _standing(store, table, found.known)
    order = np.lexsort((found.earlier, of, of == 0, -found.odds, found.row))
    rows, begins = np.unique(found.row[order], return_index=True)
    best = order[begins]
    others = np.where(of > 0, of, -1 - found.earlier)
    apiece = np.lexsort((others, found.row))
    row, other = found.row[apiece], others[apiece]
    new = np.append(True, (row[1:] != row[:-1]) | (other[1:] != other[:-1]))[: len(row)]
    more = np.bincount(np.searchsorted(rows, row[new]), minlength=len(rows)) - 1
    chance = 1 / (1 + np.exp(-np.clip(found.odds[best], -700, 700)))
    earlier = np.where(of[best] > 0, -1, found.earlier[best])
    stored = np.isin(of[best], archived(store, table, distinct(of[best]).tolist()))
    return Suspicions(rows, of[best], stored, earlier, chance, more)


def _standing(store: Store, table: Table, known: Array) -> Array:
    """The numbers of what records are part of now: nearly all of themselves; 0 stays 0."""
    every = merged(store, table) if len(known) else []
    if not every:
        return known
    parts = np.array(every, np.int64)
    parts = parts[np.isin(parts, known)]
    if not len(parts):
        return known
    places = keyed.by_number(store, table, parts.tolist())
    stands = np.array([places[number].record for number in parts.tolist()], np.int64)
    at = np.minimum(np.searchsorted(parts, known), len(parts) - 1)
    return np.where(parts[at] == known, stands[at], known)
