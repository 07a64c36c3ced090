"""Find duplicates: everything against everything once, later only what changed against all; kept in the derived file.

    what is there already (store.pairs) ── nothing, or of another basis ── anew: learn a model, all against all
                                       ├── much changed, or a small table ── again: all against all, the same model
                                       ├── some records changed ── since: these against all, by the kept keys
                                       └── nothing changed ── as it was

A model is learned once and then holds, so that a probability means the same from day to day, until somebody says
`--retrain`, or the schema, the version or the size of the table made it another matter.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from custrec.jobs.duplicates.comparing import Read, comparison_of, parts_of_others, read
from custrec.jobs.duplicates.finding_kept import (
    Work,
    kept_clusters,
    kept_pairs,
    key_slots,
    keys_to_keep,
    more_key_slots,
    record_keys,
)
from custrec.jobs.duplicates.finding_since import find_since
from custrec.jobs.duplicates.joining import Weighed, completed, join, unmet
from custrec.jobs.duplicates.odds import log_odds
from custrec.jobs.duplicates.tuning import tuned_again
from custrec.jobs.duplicates.vetoes import Vetoes
from custrec.jobs.progress import Progress
from custrec.jobs.uncollected import uncollected
from custrec.matching.clusters import components
from custrec.matching.columns import Array
from custrec.matching.engine import Found, Options, Verdicts, find
from custrec.matching.keys import ALL_PAIRS_UP_TO
from custrec.matching.mixture import MATCH_SORTS
from custrec.matching.model import Model
from custrec.model.schema import Table
from custrec.store import pairs
from custrec.store.coded_columns import compared, sameness
from custrec.store.database import Store, snapshot
from custrec.store.derived import twice_if_damaged
from custrec.store.pairs import KeptPairs, Run, keeping, marked
from custrec.values.comparing import comparing_in

FEW, SHARE = 2_000, 0.05
"""Up to so many changed records, or such a share of all, are held against all by the kept keys."""
GROWN = 2
"""A table of so many times the records that its model was learned of has another one learned."""


@dataclass(frozen=True)
class FindRequest:
    """Where duplicates are sought; `retrain`: learn anew what agreement is worth; `model`: judge by this one from now
    on; `jobs`: how many threads compare."""

    table: Table
    retrain: bool = False
    model: Model | None = None
    jobs: int = 1


@dataclass(frozen=True)
class Outcome:
    """What a search did. `how` is anew, again, since or current; `why` says why a model was learned anew; `looked_at`
    are the records that were held against others; `differs` says what another model changed; `damaged` is
    what is to be said where what was kept could not be read, and was made anew."""

    run: Run
    how: str
    why: str
    looked_at: int
    differs: tuple[str, ...] = ()
    damaged: str = ""


def find_duplicates(store: Store, request: FindRequest, at: str, wait: float, progress: Progress) -> Outcome:
    """Bring what is known of a table's duplicates up to date. Raises NothingToCompare, StoreBusy, DiskFull."""
    found, damaged = twice_if_damaged(store.path, lambda: _found(store, request, at, wait, progress))
    return replace(found, damaged=damaged)


def why_none(store: Store, table: Table) -> list[str]:
    """What in the records themselves keeps a search from finding anything, in words: where nothing is rare, nothing
    tells; and what is blank tells nothing."""
    fields = comparison_of(store.schema, table).fields
    found = sameness(store, table, fields)
    if found.records < 2 or len(found.blank) == len(fields):
        return []
    said = [f"blank in all records, and so telling nothing: {', '.join(found.blank)}"] if found.blank else []
    if len(found.alike) + len(found.blank) == len(fields):
        said.append(
            f"all {found.records:,} records are the same in what is compared ({', '.join(found.alike)}): "
            "nothing tells them apart, and nothing says that they are one"
        )
    return said


def _found(store: Store, request: FindRequest, at: str, wait: float, progress: Progress) -> Outcome:
    comparison = comparison_of(store.schema, request.table)
    with snapshot(store.reader), comparing_in(request.jobs), uncollected():
        work = Work(store, comparison, marked(store), at, progress, wait)
        before = pairs.kept(store, request.table)
        try:
            if request.model is not None:
                return _all(work, before, request.model, "", tuning=True)
            return _brought_up_to_date(work, before, request.retrain)
        finally:
            if before is not None:
                before.close()


def _brought_up_to_date(work: Work, before: KeptPairs | None, retrain: bool) -> Outcome:
    why = _why_anew(work, before, retrain)
    if before is None or why:
        return _all(work, before, None, why)
    model = Model.of(before.run.model or {})
    changed = before.changed()
    live = compared(work.store, work.table, changed)
    records = before.run.records
    if not changed and not before.judged_since():
        return Outcome(before.run, "current", "", 0)
    if not model.cells or len(changed) > max(FEW, SHARE * records):
        return _all(work, before, model, "")
    return Outcome(find_since(work, before, model, changed, live), "since", "", len(live))


def _why_anew(work: Work, before: KeptPairs | None, retrain: bool) -> str:
    """Why a model is learned anew, in words; '' where there is one that holds."""
    if before is None:
        return "nothing was sought in it before"
    if retrain:
        return "--retrain"
    if before.run.model is None:
        return "there was nothing to compare before"
    if before.run.basis != work.comparison.basis or not _readable(before.run):
        return "the schema or the version of custrec changed"
    if not before.continues():
        return "the store is not the one that was searched"
    now = before.run.records + len(before.changed())
    trained = int(before.run.model["rows"])
    if now >= GROWN * max(trained, 2) or (trained <= ALL_PAIRS_UP_TO < now):
        return "the table has grown"
    return ""


def _readable(run: Run) -> bool:
    try:
        Model.of(run.model or {})
    except (ValueError, KeyError):
        return False
    return True


def _all(work: Work, before: KeptPairs | None, model: Model | None, why: str, tuning: bool = False) -> Outcome:
    """All records against all. `tuning`: the model is one that people's answers have just corrected."""
    given = read(work.store, work.comparison, progress=work.progress)
    columns = given.compared(work.comparison.fields)
    work.progress.phase("comparing")
    if len(given.ids) < 2 or not any((column.codes >= 0).sum() > 1 for column in columns):
        run = work.run(len(given.ids), 0, None)
        with keeping(work.store, work.table, work.wait) as keeper:
            keeper.forget()
            keeper.run(run)
        return Outcome(run, "anew", why, len(given.ids))
    comparison = work.comparison
    apart = work.apart(given.ids)
    options = Options(comparison.review, comparison.keep, comparison.match.budget)
    said = Verdicts(apart=apart)
    found = find(columns, options, said, model)
    tuned, again = tuning or (before is not None and before.run.tuned), ""
    if tuned and model is None:
        again, corrected = _tuned_again(work, found.model)
        found = find(columns, options, said, corrected) if corrected is not None else found
    known, clusters = _joined(work, given, found, apart)
    run = work.run(len(given.ids), found.compared, found.model, tuned)
    differs = _differing(work, before, found.model, given.ids, clusters) if before is not None and model is None else ()
    differs += (again,) if again else ()
    keys = keys_to_keep(found.keyring, found.model, found.spoken_for)
    parts = parts_of_others(work.store, comparison)
    if before is not None:
        before.close()
    work.progress.phase("keeping")
    with keeping(work.store, work.table, work.wait) as keeper:
        keeper.forget()
        keeper.run(run)
        keeper.pairs(kept_pairs(given.ids, known))
        keeper.clusters(kept_clusters(given.ids, clusters))
        keeper.keys(key_slots(given.ids, keys))
        keeper.keys(more_key_slots(keys, -parts.ids, record_keys(parts, found.model)))
    return Outcome(run, "again" if model is not None else "anew", why, len(given.ids), differs)


def _tuned_again(work: Work, model: Model) -> tuple[str, Model | None]:
    """What becomes of tuning that was accepted when a model is learned anew, in words; and the corrected model, None
    where the answers that there are do not help it."""
    again = tuned_again(work.store, work.comparison, model)
    if again is None:
        return "too few of the answers that tuned it are left: the new weights are not tuned", None
    count = f"{again.same + again.different:,} answers"
    if not again.tuning.helps:
        return f"{count} tell the new weights nothing more: they are not tuned", None
    return f"tuned again by {count}, as was accepted", again.tuning.model


def _joined(work: Work, given: Read, found: Found, apart: list[tuple[int, int]]) -> tuple[Weighed, Array]:
    """The pairs with what is forbidden, and the clusters: those of the engine where no veto concerns them."""
    known = Weighed(found.left, found.right, found.odds, found.levels, found.keys, found.vetoed)
    clusters = found.clusters.copy()
    if work.comparison.match.vetoes and len(known):
        known = _forbidden(work, given, known, np.unique(np.concatenate([found.left, found.right])))
        likely = known.odds >= log_odds(work.comparison.review)
        label = components(len(given.ids), known.left[likely], known.right[likely])
        rows = np.flatnonzero(np.isin(label, np.unique(label[known.left[known.vetoed & likely]])))
        some = _within(known, rows)
        place = {int(row): at for at, row in enumerate(rows.tolist())}
        inside = [(place[a], place[b]) for a, b in apart if a in place and b in place]
        joined = join(work.comparison, given.some(rows), some, inside, found.model)
        clusters[rows] = rows[joined.clusters] if len(rows) else rows
    more = completed(clusters, known, lambda left, right: unmet(found.weigh(left, right)))
    if more is not None and work.comparison.match.vetoes:
        more = _forbidden(work, given, more, np.unique(np.concatenate([more.left, more.right])))
    return known if more is None else _both(known, more), clusters


def _forbidden(work: Work, given: Read, known: Weighed, rows: Array) -> Weighed:
    left, right = (np.searchsorted(rows, side).astype(np.int32) for side in (known.left, known.right))
    vetoed = Vetoes(work.comparison, given.some(rows)).forbid(left, right)
    return Weighed(known.left, known.right, known.odds, known.levels, known.keys, vetoed)


def _within(known: Weighed, rows: Array) -> Weighed:
    """The pairs between some rows, by their places among these."""
    some = known.some(np.flatnonzero(np.isin(known.left, rows) & np.isin(known.right, rows)))
    left, right = (np.searchsorted(rows, side).astype(np.int32) for side in (some.left, some.right))
    return Weighed(left, right, some.odds, some.levels, some.keys, some.vetoed)


def _both(known: Weighed, more: Weighed) -> Weighed:
    """Pairs, and more of them."""
    return Weighed(
        np.append(known.left, more.left),
        np.append(known.right, more.right),
        np.append(known.odds, more.odds),
        np.concatenate([known.levels, more.levels], axis=1),
        np.append(known.keys, more.keys),
        np.append(known.vetoed, more.vetoed),
    )


def _differing(work: Work, before: KeptPairs, model: Model, ids: Array, clusters: Array) -> tuple[str, ...]:
    """What a model learned anew changed: clusters, and what full agreement in a field is worth."""
    now: dict[int, list[int]] = {}
    for record, cluster in kept_clusters(ids, clusters):
        now.setdefault(cluster, []).append(record)
    then = {tuple(members) for members in before.clusters().values()}
    these = {tuple(members) for members in now.values()}
    lines = [f"{len(these & then):,} clusters are the same, {len(these - then):,} new, {len(then - these):,} gone"]
    if before.run.model is None or not _readable(before.run):
        return tuple(lines)
    old, new = bits_of_agreement(Model.of(before.run.model)), bits_of_agreement(model)
    for name in (name for name in work.comparison.fields if name in old.keys() | new.keys()):
        was, is_ = old.get(name), new.get(name)
        if was is None or is_ is None or abs(was - is_) >= SAID_FROM:
            lines.append(f"{name}: agreement was worth {_bits(was)}, is {_bits(is_)}")
    return tuple(lines)


SAID_FROM = 0.5
"""Bits by which a field's weight differs so that it is said."""


def bits_of_agreement(model: Model) -> dict[str, float]:
    """What full agreement in each field is worth in bits, whatever the value."""
    sorts = model.mixture.counts[:MATCH_SORTS]
    found = {}
    for at, one in enumerate(model.fields):
        m = sum(float(n * tables[at][-1]) for n, tables in zip(sorts, model.mixture.matches, strict=True)) / sorts.sum()
        found[one.name] = float(np.log2(max(m, 1e-12) / max(float(model.mixture.strangers[at][-1]), 1e-12)))
    return found


def _bits(bits: float | None) -> str:
    return "nothing" if bits is None else f"{bits:.1f} bits"
