"""After an erasure is committed: every place of custrec's own that may still hold what was destroyed is cleaned.

    ledger → plans → lists of rows → copies before schema changes → search index and pairs → the store's freed pages
    → its write-ahead log → certificate

What is to be done stands in the store itself (store.pending_wipe), so a command that is killed on the way, or meets
somebody who reads, leaves it to the next one that writes. Files that custrec did not write are named, never touched.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from custrec.errors import CustrecError, PlanDamaged
from custrec.files.row_list_edits import take_out
from custrec.jobs import ledgers
from custrec.jobs.lifecycle.certificates import write_certificate
from custrec.jobs.progress import Progress
from custrec.model.certificate import Cleaned, Remains
from custrec.store import derived, leftovers, wiping
from custrec.store.database import Store
from custrec.store.place import ROW_LISTS, beside, with_logs
from custrec.store.plan_file import PlanFile, drop_saved, saved_plans
from custrec.store.reviews import held
from custrec.store.safety_copies import copies
from custrec.store.upkeep import Caretaker, no_room
from custrec.store.wiping import Traces, mentions


@dataclass
class Wiped:
    """What was cleaned of the erasures of some events, what could not be (in words), and the certificates."""

    events: tuple[int, ...] = ()
    places: list[Cleaned] = field(default_factory=list)
    hindrances: list[str] = field(default_factory=list)
    certificates: list[Path] = field(default_factory=list)

    @property
    def done(self) -> bool:
        """Whether nothing is left to be done."""
        return not self.hindrances


def wipe(
    store: Store,
    by: Caretaker,
    clock: Callable[[], datetime],
    remains: Callable[[], Sequence[Remains]] = tuple,
    progress: Progress | None = None,
) -> Wiped:
    """Clean what the pending erasures of a store left, as far as that can be done now.

    `remains` tells the places that will hold it on. The store must not be read by this very process meanwhile. Raises
    LedgerDamaged, IoFailure, StoreBusy, DiskFull; what was done by then stays done.
    """
    pending = wiping.pending_in(store)
    if pending is None:
        return Wiped()
    step = _Wipe(store, by, clock, Wiped(pending.events), progress or Progress())
    step.run()
    if step.found.done:
        left = list(remains())
        for event in pending.events:
            sources = step.sources()
            step.found.certificates.append(
                write_certificate(store, event, step.now(), step.found.places, left, sources)
            )
        wiping.done(store.path, pending.events, by)
        wiping.cut_log(store.path)
    return step.found


class _Wipe:
    """The steps share what was found so far."""

    def __init__(
        self, store: Store, by: Caretaker, clock: Callable[[], datetime], found: Wiped, progress: Progress
    ) -> None:
        self.store, self.by, self.clock, self.found, self.progress = store, by, clock, found, progress
        self.path = store.path
        self.plans = beside(store.path, "plans")

    def now(self) -> str:
        """The time, ISO 8601 in UTC, to the second."""
        return self.clock().strftime("%Y-%m-%dT%H:%M:%SZ")

    def run(self) -> None:
        """Take every step; those that cannot be taken now are told."""
        self.progress.phase("wiping")
        ledgers.enter(self.store, self.by)
        traces = Traces(self.store)
        self._plans(traces)
        self._lists(traces)
        self._copies()
        self._derived()
        self._store()

    def sources(self) -> int:
        """How many imported files there may be."""
        from custrec.store.destroyed import sources_of_destroyed

        return sources_of_destroyed(self.store)

    def _cleaned(self, name: str, what: str = "") -> None:
        self.found.places.append(Cleaned(name, self.now(), what))

    def _plans(self, traces: Traces) -> None:
        """Saved plans that mention them are dropped, what killed commands left is removed."""
        if not self.plans.is_dir():
            self._cleaned("saved plans", "none")
            return
        leftovers.sweep(self.plans, patience=0)
        for path in self.plans.glob("*.source"):
            if path.with_suffix(".sha256").exists():  # what a plan was made from is read while it is made, and no more
                path.unlink(missing_ok=True)
        dropped = 0
        for path in list(saved_plans(self.plans)):
            try:
                if self._is_mentioned(path, traces):
                    with held(path, self.by.actor):
                        drop_saved(path)
                    dropped += 1
            except CustrecError as error:
                self.found.hindrances.append(f"plan {path.stem} could not be looked at: {error.message}")
        making = [path.name for path in self.plans.glob("*.making")]
        if making:
            self.found.hindrances.append("another command is making a plan")
        self._cleaned("saved plans", f"{dropped:,} dropped")

    def _is_mentioned(self, path: Path, traces: Traces) -> bool:
        def says(text: str) -> bool:
            return any(traces.left_by(one) for one in _texts_in(text))

        try:
            file = PlanFile.open(path, self.store.schema_at)
        except PlanDamaged:
            return True  # nobody can tell what is in it, and it cannot be applied any more
        try:
            return mentions(file, self.store, traces, says)
        finally:
            file.close()

    def _lists(self, traces: Traces) -> None:
        """Rows about them are taken out of the lists of rows that wait to be mended."""
        rows = 0
        busy = any(self.plans.glob("*.making")) if self.plans.is_dir() else False
        for what in ROW_LISTS:
            where = beside(self.path, what)
            for path in sorted(where.glob("*.csv")) + sorted(where.glob(".*")) if where.is_dir() else ():
                if path.name.startswith("."):  # in the making, or what a killed command left
                    if not busy:
                        path.unlink(missing_ok=True)
                    continue
                rows += take_out(path, lambda cells: any(traces.left_by(cell) for cell in cells))
        self._cleaned("rejects, review and declined lists", f"{rows:,} rows taken out")

    def _copies(self) -> None:
        """Copies that were made before changes of the schema hold all that was there then."""
        found = copies(self.path)
        for copy in found:
            for path in with_logs(copy):
                path.unlink(missing_ok=True)
        self._cleaned("copies before schema changes", f"{len(found):,} removed")

    def _derived(self) -> None:
        """Everything that can be made anew from the store: search index, sounds, pairs, keys, models."""
        for path in with_logs(derived.path_of(self.path)):
            try:
                path.unlink(missing_ok=True)
            except OSError:
                self.found.hindrances.append("another command uses the search index")
                return
        self._cleaned("search index, pairs and keys")

    def _store(self) -> None:
        """The store's freed pages, and its write-ahead log."""
        if lack := no_room(self.path):
            self.found.hindrances.append(lack)
            return
        wiping.write_anew(self.path, self.by)
        if not wiping.cut_log(self.path):
            self.found.hindrances.append("somebody reads or writes the store")
            return
        self._cleaned("live rows, history, notes and file names")
        self._cleaned("freed pages of the store")
        self._cleaned("write-ahead log")


def _texts_in(text: str) -> Iterator[object]:
    """All texts and numbers in what may be JSON."""
    with suppress(ValueError):
        yield from _leaves(json.loads(text))
        return
    yield text


def _leaves(value: object) -> Iterator[object]:
    if isinstance(value, dict):
        for one in value.values():
            yield from _leaves(one)
    elif isinstance(value, list):
        for one in value:
            yield from _leaves(one)
    elif value is not None and not isinstance(value, bool):
        yield value
