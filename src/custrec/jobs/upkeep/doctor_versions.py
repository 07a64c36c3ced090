"""The doctor's checks of programs and words: versions, kinds of values, schema.yaml, custrec.yaml."""

from __future__ import annotations

import platform
from collections.abc import Iterator

from custrec import __version__
from custrec.jobs.upkeep.diagnosis import Finding, Level, Patient, some
from custrec.jobs.upkeep.standing import DIFFERS, FAULTY, MISSING, schema_agreement
from custrec.model.schema import Field, Table
from custrec.store import inspection
from custrec.store.database import Store
from custrec.values.registry import kind_of, plugin_kinds, versions

LEAST_SQLITE = (3, 38)
"""STRICT tables and JSON operators."""


def programs(patient: Patient) -> Iterator[Finding]:
    """Which versions of custrec, Python and SQLite these are."""
    del patient
    sqlite = str(inspection.sqlite_facts()["version"])
    says = f"custrec {__version__}, Python {platform.python_version()}, SQLite {sqlite}"
    if tuple(map(int, sqlite.split(".")[:2])) < LEAST_SQLITE:
        needs = ".".join(map(str, LEAST_SQLITE))
        yield Finding("versions", Level.BAD, f"{says}; SQLite {needs} is needed", "use a newer Python", plain=True)
    else:
        yield Finding("versions", Level.OK, says, plain=True)


def kinds(patient: Patient) -> Iterator[Finding]:
    """Whether each kind of value that the schema names is there."""
    fields = _kinds(patient.opened)
    lacking = sorted({f"{kind_of(field)} ({table.name}.{field.name})" for table, field, known in fields if not known})
    installed = sorted(plugin_kinds())
    if lacking:
        says = f"no installed package brings {some(lacking)}: these fields cannot be read or written"
        yield Finding("kinds", Level.BAD, says, "install the package that brings them, beside custrec", plain=True)
    else:
        more = f"; from other packages: {', '.join(installed)}" if installed else ""
        yield Finding("kinds", Level.OK, f"every kind of value that the schema names is there{more}", plain=True)


def rules(patient: Patient) -> Iterator[Finding]:
    """Whether the rules of a kind were changed since values were judged by them."""
    store = patient.opened
    now = {(table.name, kind_of(field)): version for table, field, version in _kinds(store)}
    older: dict[str, tuple[int, int]] = {}
    settled: set[str] = set()
    for verb, tables, then in inspection.judged_by(store):
        for table in set(tables) - settled:
            for kind, version in then.items():
                today = now.get((table, kind), 0)
                if version < today:
                    older[kind] = (min(version, older.get(kind, (version,))[0]), today)
        if verb == "normalize":
            settled |= set(tables)
    if older:
        risen = [f"{kind} {then} → {today}" for kind, (then, today) in sorted(older.items())]
        says = f"judged by older rules than today's: {some(risen)}"
        yield Finding("rules", Level.WARN, says, "see what would change: custrec normalize -n", plain=True)
    else:
        yield Finding("rules", Level.OK, "all values were judged by today's rules", plain=True)


def schema_file(patient: Patient) -> Iterator[Finding]:
    """Whether schema.yaml can be read and says what the store applies."""
    agreement, fault = schema_agreement(patient.opened)
    if agreement == FAULTY:
        says = fault.message if fault else "schema.yaml cannot be read"
        yield Finding("schema", Level.WARN, f"{says}; nothing is written until it is mended", "custrec schema check")
    elif agreement == DIFFERS:
        says = "schema.yaml says something else than the store applies; nothing is written until they agree"
        do = "look at it with custrec schema diff, then custrec schema apply; or take the change back"
        yield Finding("schema", Level.WARN, says, do, plain=True)
    elif agreement == MISSING:
        yield Finding("schema", Level.OK, "no schema.yaml lies beside the store; its own schema rules", plain=True)
    else:
        yield Finding("schema", Level.OK, "schema.yaml says what the store applies", plain=True)


def settings(patient: Patient) -> Iterator[Finding]:
    """Whether custrec.yaml and the user's settings can be read."""
    for fault in patient.settings:
        says = f"{fault.message}; commands that write stop"
        yield Finding("settings", Level.WARN, says, "custrec config show tells each fault")
    if not patient.settings:
        yield Finding("settings", Level.OK, "what custrec.yaml says can be read, if it is there", plain=True)


def _kinds(store: Store) -> Iterator[tuple[Table, Field, int]]:
    """Each field with the version of its kind, 0 where that is not there."""
    known: dict[str, int] = {}
    for table in store.schema.tables:
        for field in table.fields:
            kind = kind_of(field)
            if kind not in known:
                try:
                    known[kind] = versions([field])[kind]
                except ValueError:
                    known[kind] = 0
            yield table, field, known[kind]
