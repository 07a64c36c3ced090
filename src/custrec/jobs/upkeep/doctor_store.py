"""The doctor's checks of the store itself: whether it is whole, and as custrec makes it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from custrec.jobs.upkeep.diagnosis import Finding, Level, Patient, megabytes, some
from custrec.store import derived, inspection

COPY_ASIDE = "stop using it; copy it aside with its -wal file, and put the newest good copy in its place"
_OF_INDEX = re.compile(r"(?:missing from|entries in|entry in) index (\S+)$")
_CALLED = {"index": ("index", "indexes"), "trigger": ("guard", "guards"), "view": ("view", "views")}


def opens(patient: Patient) -> Iterator[Finding]:
    """Whether the store can be opened at all."""
    store = patient.opened
    size = inspection.size_of(patient.path)
    free = f", {size.free_share:.0%} of it free pages" if size.free_share >= 0.01 else ""
    says = f"format {inspection.format_of(store)}, schema {store.schema_version}, {megabytes(size.file)}{free}"
    yield Finding("store", Level.OK, says, plain=True)
    mode = inspection.journal_mode(store)
    if mode != "wal":
        says = f"another program set the journal mode {mode}: readers and writers get in each other's way"
        yield Finding("store", Level.WARN, says, "custrec doctor --fix", fixable=True, plain=True)


def is_whole(patient: Patient) -> Iterator[Finding]:
    """What SQLite says of the pages, and with --full of the indexes."""
    faults = inspection.integrity_faults(patient.opened, patient.full)
    if not faults:
        how = "every index agrees with its table" if patient.full else "quick check; --full also checks the indexes"
        yield Finding("integrity", Level.OK, f"SQLite finds no damage ({how})", plain=True)
        return
    says = f"SQLite finds damage: {some(faults)}"
    if damaged_indexes(faults):
        yield Finding("integrity", Level.BAD, says, "custrec doctor --full --fix", fixable=True, plain=True)
    else:
        yield Finding("integrity", Level.BAD, says, COPY_ASIDE, plain=True)


def damaged_indexes(faults: list[str]) -> list[str]:
    """The indexes that faults name, if nothing else is damaged: they can be made anew."""
    named = [_OF_INDEX.search(fault) for fault in faults]
    return list(dict.fromkeys(found[1] for found in named if found)) if all(named) else []


def refers_well(patient: Patient) -> Iterator[Finding]:
    """Whether every reference finds its record."""
    lost = inspection.lost_references(patient.opened)
    if lost:
        yield Finding(
            "references",
            Level.BAD,
            f"these refer to records that are not there: {some(lost)}",
            "custrec history verify tells what was changed past custrec; undo that, or put a good copy in its place",
            plain=True,
        )
    else:
        yield Finding("references", Level.OK, "every reference finds its record", plain=True)


def is_as_made(patient: Patient) -> Iterator[Finding]:
    """Whether tables, indexes, guards and views are what the schema makes."""
    store = patient.opened
    with inspection.reading(store):
        found = inspection.differences(store.reader, store.schema)
    if found.tables:
        says = f"not as the schema makes them: the tables {some(found.tables)}"
        yield Finding("layout", Level.BAD, says, f"another program changed them; {COPY_ASIDE}", plain=True)
    if found.rebuildable:
        counted = Counter(kind for kind, _ in found.rebuildable)
        what = ", ".join(f"{n} {_CALLED[kind][n > 1]}" for kind, n in counted.items())
        says = f"missing or changed by another program: {what} ({some([name for _, name in found.rebuildable])})"
        yield Finding("layout", Level.WARN, says, "custrec doctor --fix", fixable=True, plain=True)
    triggers = [name for kind, name in found.foreign if kind == "trigger"]
    if triggers:
        says = f"{len(triggers)} trigger{'s' * (len(triggers) > 1)} that custrec did not make may change records unseen"
        do = "drop them, if nobody needs them; then: custrec history verify"
        yield Finding("layout", Level.WARN, says, do, plain=True)
    if not (found.tables or found.rebuildable or triggers):
        own = f"; besides, {len(found.foreign)} of your own" if found.foreign else ""
        says = f"tables, indexes, guards and views are as the schema makes them{own}"
        yield Finding("layout", Level.OK, says, plain=True)


def is_the_newest(patient: Patient) -> Iterator[Finding]:
    """Whether the search index of this very store knows of events that the store does not have."""
    store = patient.opened
    known = derived.knows_event(store) or 0
    if known > store.last_event:
        yield Finding(
            "newest",
            Level.BAD,
            f"the search index knows event {known:,}, and the store ends at {store.last_event:,}: "
            "this is an older copy of the store, or one made without its -wal file",
            "look for the newer file, or its -wal, before anything else; the next find or write forgets this",
            plain=True,
        )
    else:
        yield Finding("newest", Level.OK, "the store is not older than its search index", plain=True)


def can_be_searched(patient: Patient) -> Iterator[Finding]:
    """Whether the search index is there, whole and up to date."""
    store = patient.opened
    place = derived.path_of(patient.path)
    if place.is_dir():
        says = f"{place.name} is a folder, and custrec wants a file of that name; nothing is lost"
        yield Finding("search", Level.WARN, says, "move that folder away; the next find makes the file", plain=True)
    elif not place.exists():
        if store.last_event:
            says = "there is none; find makes it"
            yield Finding("search", Level.WARN, says, "custrec doctor --fix", fixable=True, plain=True)
        else:
            yield Finding("search", Level.OK, "there is nothing to be found yet", plain=True)
    elif not inspection.is_sound(place):
        says = "the search index is damaged; nothing is lost"
        yield Finding("search", Level.WARN, says, "custrec doctor --fix", fixable=True, plain=True)
    elif not derived.is_current(store):
        says = "the search index is behind the store; find catches up"
        yield Finding("search", Level.WARN, says, "custrec doctor --fix", fixable=True, plain=True)
    else:
        yield Finding("search", Level.OK, "the search index holds all that the store does", plain=True)
