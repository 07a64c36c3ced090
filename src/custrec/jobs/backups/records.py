"""Single records back from a backup, as a plan like any other: previewed, saved, applied once, undone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from custrec.errors import BackupOfOtherSchema, ForeignBackup
from custrec.files.age import Identity
from custrec.jobs.backups.proving import proved
from custrec.jobs.backups.targets import Backup, trusted
from custrec.jobs.drafting import Draft, drafted
from custrec.jobs.edits.naming import records_named
from custrec.jobs.progress import Progress
from custrec.jobs.reading import table_named
from custrec.model.backups import Manifest
from custrec.store.database import Store, open_store, snapshot
from custrec.store.plan_file import PlanFile
from custrec.store.returning import beside_a_copy, bring_back


@dataclass(frozen=True)
class RecordsRequest:
    """Which records of which backup: named as they were called when it was made, in `table` or anywhere."""

    backup: Backup
    names: Sequence[str]
    table: str | None = None


def plan_restore_records(
    store: Store, request: RecordsRequest, identities: Sequence[Identity], by: Draft, progress: Progress | None = None
) -> PlanFile:
    """Plan to give records the values they had in a backup, and to bring back those that are gone.

    Raises ManifestForged, ForeignBackup, BackupOfOtherSchema, BackupDamaged, KeyOpensNothing, RecordUnknown,
    RecordAmbiguous, DiskFull.
    """
    manifest = trusted(request.backup, store.path)
    if manifest.store != store.identity:
        raise ForeignBackup(file=request.backup.name)
    if manifest.schema_version != store.schema_version:
        raise BackupOfOtherSchema(file=request.backup.name)
    base = by.base(store)
    with proved(request.backup, manifest, store.path, identities, progress or Progress()) as plain:
        chosen = _chosen(plain, request)
        with drafted(store, by) as file:
            with snapshot(store.reader), beside_a_copy(file, store.path, plain):
                counts = bring_back(file, chosen)
            tables = [table.name for table in store.schema.tables if file.touches(table)]
            detail = _detail(manifest)
            file.save_head(by.head(store, "restore-records", base, counts, tables, detail=detail))
    return file


def _chosen(plain: Path, request: RecordsRequest) -> Mapping[str, list[int]]:
    """The ids of the records that are meant, by table, as the backup knows them."""
    old = open_store(plain)
    try:
        table = table_named(old.schema, request.table) if request.table else None
        chosen: dict[str, list[int]] = {}
        for one in records_named(old, table, request.names):
            chosen.setdefault(one.table.name, []).append(one.record)
        return chosen
    finally:
        old.close()


def _detail(manifest: Manifest) -> dict[str, object]:
    return {"generation": manifest.generation, "file": manifest.file, "event": manifest.event}
