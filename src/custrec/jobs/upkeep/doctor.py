"""The doctor: every check, one after the other; what is safe to be mended; and a report without anybody's data.

A check is a function from a patient to findings (jobs.upkeep.diagnosis). One that cannot be made says why.
"""

from __future__ import annotations

import platform
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from custrec import __version__
from custrec.errors import CustrecError
from custrec.jobs.upkeep import doctor_backups as backups
from custrec.jobs.upkeep import doctor_erasures as erasures
from custrec.jobs.upkeep import doctor_place as place
from custrec.jobs.upkeep import doctor_store as inside
from custrec.jobs.upkeep import doctor_versions as programs
from custrec.jobs.upkeep.diagnosis import Finding, Level, Patient
from custrec.jobs.upkeep.synchronised import file_system_of
from custrec.model.schema import Field, Table
from custrec.store import derived, inspection, upkeep
from custrec.store.upkeep import Caretaker

Check = Callable[[Patient], Iterator[Finding]]

WITHIN: dict[str, Check] = {
    "store": inside.opens,
    "integrity": inside.is_whole,
    "references": inside.refers_well,
    "layout": inside.is_as_made,
    "newest": inside.is_the_newest,
    "search": inside.can_be_searched,
    "schema": programs.schema_file,
    "kinds": programs.kinds,
    "rules": programs.rules,
    "clock": place.keeps_time,
    "backups": backups.is_backed_up,
    "ledger": erasures.are_remembered,
    "wipe": erasures.are_wiped,
}
"""Checks for which the store must be open, by the name that they give their findings."""
AROUND: dict[str, Check] = {
    "companions": place.has_its_companions,
    "modes": place.is_private,
    "owner": place.has_one_owner,
    "leftovers": place.is_tidy,
    "place": place.lies_well,
    "disk": place.has_room,
    "settings": programs.settings,
    "versions": programs.programs,
}
"""Checks that can always be made."""


def examine(patient: Patient) -> Iterator[Finding]:
    """Make every check; findings come as they are made."""
    if patient.store is None:
        trouble = patient.trouble
        yield Finding("store", Level.BAD, trouble.message if trouble else "", trouble.hint if trouble else "")
    for name, check in ((WITHIN if patient.store else {}) | AROUND).items():
        try:
            yield from check(patient)
        except CustrecError as error:
            yield Finding(name, Level.BAD, error.message, error.hint)


def worst(findings: Iterable[Finding]) -> Level:
    """The worst level among findings."""
    order = list(Level)
    return max((finding.level for finding in findings), key=order.index, default=Level.OK)


def fix(patient: Patient, by: Caretaker) -> Iterator[str]:
    """Mend what can be mended without touching a record; a sentence for each thing done, or not to be done.

    Raises StoreBusy and what else keeps a writer from writing.
    """
    for path, mode in place.readable_by_others(patient.path):
        path.chmod(mode)
        yield f"{path.name}: only its owner may read it now (mode {mode:04o})"
    left = place.leftovers(patient)
    for path in left:
        path.unlink(missing_ok=True)
    if left:
        yield f"{len(left):,} file{'s' * (len(left) > 1)} of killed commands removed"
    store = patient.store
    if store is None:
        return
    if inspection.journal_mode(store) != "wal":
        upkeep.use_write_ahead_log(patient.path, by)
        yield "the journal mode is wal again"
    yield from erasures.mend(store)
    yield from _fix_layout(patient, by)
    index = derived.path_of(patient.path)
    if index.is_dir():
        return  # which is somebody's, and not to be touched
    if (derived.knows_event(store) or 0) > store.last_event:
        return  # which tells that the store is an older copy, and is the only one who does
    if store.last_event and not (index.exists() and inspection.is_sound(index) and derived.is_current(store)):
        if index.exists() and not inspection.is_sound(index):
            index.unlink()
        derived.refresh(patient.path, store.schema, by.wait)
        yield "the search index is up to date"


def _fix_layout(patient: Patient, by: Caretaker) -> Iterator[str]:
    store = patient.opened
    damaged = inside.damaged_indexes(inspection.integrity_faults(store, full=True)) if patient.full else []
    with inspection.reading(store):
        wanting = inspection.differences(store.reader, store.schema).rebuildable
    if wanting or damaged:
        done = upkeep.restore_layout(patient.path, store.schema, by, damaged)
        for kind, name in done.made:
            yield f"the {'guard' if kind == 'trigger' else kind} {name} was made anew"
        for _, name in done.impossible:
            yield f"the index {name} cannot be made: values stand twice that should not (custrec validate names them)"


def report(patient: Patient, findings: Iterable[Finding]) -> dict[str, Any]:
    """What may be shown to strangers: versions, counts, sizes, the names of tables and fields, and what was found.

    No record, no value, alias or check of the schema, no file, folder, person or machine; sentences only where they
    name none of these either.
    """
    said: dict[str, Any] = {
        "custrec": __version__,
        "python": sys.version.split()[0],
        "sqlite": inspection.sqlite_facts(),
        "system": {"name": platform.system(), "release": platform.release(), "machine": platform.machine()},
        "encoding": sys.getfilesystemencoding(),
        "file_system": file_system_of(patient.path.resolve().parent),
        "findings": [
            {"check": one.check, "level": one.level} | ({"says": one.says} if one.plain else {}) for one in findings
        ],
    }
    if patient.trouble:
        said["trouble"] = patient.trouble.slug
    store = patient.store
    if store is not None:
        counts = inspection.counts_by_state(store)
        size = inspection.size_of(patient.path)
        said["store"] = {
            "format": inspection.format_of(store),
            "schema_version": store.schema_version,
            "pages": {"all": size.pages, "free": size.free, "size": size.page},
            "log_bytes": size.wal,
            "events": inspection.events_by_verb(store),
        }
        said["tables"] = [
            {"name": table.name, "records": {state.name.lower(): n for state, n in counts[table.name].items()}}
            | {"fields": [_field(table, field) for field in table.fields]}
            for table in store.schema.tables
        ]
    return said


def _field(table: Table, field: Field) -> dict[str, Any]:
    """A field without any text that somebody wrote, but for its name."""
    said: dict[str, Any] = {"name": field.name, "kind": field.kind, "type": field.type}
    flags = {
        "key": field.name in table.primary_key,
        "reference": field.name in table.references,
        "required": field.required,
        "unique": field.unique,
        "search": field.search,
        "pattern": field.pattern is not None,
    }
    said |= {name: True for name, holds in flags.items() if holds}
    return said | ({"enum": len(field.enum)} if field.enum else {})
