"""The words for backups: what was made, what there is, what stays and why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from custrec.jobs.backups.creating import Made
from custrec.jobs.backups.proving import Drill
from custrec.jobs.backups.pruning import Judged
from custrec.jobs.backups.pushing import Sent
from custrec.jobs.backups.standing import BackupStanding
from custrec.jobs.backups.targets import Backup
from custrec.jobs.upkeep.diagnosis import megabytes
from custrec.model.backups import Manifest
from custrec.model.settings import span_text


def made_line(manifest: Manifest, places: Sequence[str]) -> str:
    """A backup that was made."""
    where = ", ".join(places) or "standard output"
    sizes = f"{megabytes(manifest.plain.size)} as {megabytes(manifest.sealed.size)}"
    proof = f"opened and compared in {manifest.drill['seconds']:.1f} s"
    return f"{where}: {manifest.records:,} records, {sizes}, {proof}"


def made_said(made: Made, failed: Sequence[str]) -> dict[str, Any]:
    """A backup that was made, as JSON and the history say it; `failed` are places and steps that it did not get to."""
    manifest = made.manifest
    return {
        "generation": manifest.generation,
        "file": manifest.file,
        "size": manifest.sealed.size,
        "sha256": manifest.sealed.sha256,
        **sent_said(made.sent, failed),
        "seconds": manifest.drill["seconds"],
    }


def sent_said(sent: Sent, failed: Sequence[str]) -> dict[str, Any]:
    """Where backups got to, what failed, and what places miss by now, as JSON and the history say it."""
    return {"places": sent.places or ["-"], "failed": list(failed), "missed": sent.missed}


def drill_line(done: Drill) -> str:
    """A drill that passed."""
    return (
        f"{done.manifest.file}: opened with your key, {done.manifest.records:,} records as they were "
        f"({done.seconds:.1f} s)"
    )


def row(backup: Backup) -> tuple[Any, ...]:
    """A backup as a row of the list."""
    records = f"{backup.manifest.records:,}" if backup.manifest else ""
    return (
        backup.generation,
        _when(backup.at),
        megabytes(backup.size),
        records,
        backup.fault or "good",
        backup.where,
    )


def backup_said(backup: Backup) -> dict[str, Any]:
    """A backup as JSON says it."""
    return {
        "generation": backup.generation,
        "at": backup.at.isoformat(),
        "path": backup.where,
        "size": backup.size,
        "trust": str(backup.trust),
        "fault": backup.fault or None,
        "manifest": backup.manifest.as_dict() if backup.manifest else None,
    }


def status_lines(standing: BackupStanding) -> Iterator[str]:
    """How the backups stand."""
    if standing.newest is None or standing.age is None:
        yield "no backup that can be used: custrec backup create"
    else:
        limit = f" (at most {span_text(standing.max_age)})" if standing.max_age else ""
        word = "overdue" if standing.overdue else "newest"
        yield f"{word}: {standing.newest.where}, {age(standing.age)} old{limit}"
    for place in standing.failed:
        yield f"the last backup did not get to {place}"
    yield f"last drill with your key: {_when(standing.drilled) if standing.drilled else 'never (custrec backup drill)'}"


def status_said(standing: BackupStanding) -> dict[str, Any]:
    """How the backups stand, as JSON says it."""
    return {
        "newest": backup_said(standing.newest) if standing.newest else None,
        "age_seconds": int(standing.age.total_seconds()) if standing.age is not None else None,
        "max_age_seconds": int(standing.max_age.total_seconds()) if standing.max_age else None,
        "overdue": standing.overdue,
        "failed": list(standing.failed),
        "drilled": standing.drilled.isoformat() if standing.drilled else None,
    }


def fate_rows(found: Sequence[Judged]) -> list[tuple[Any, ...]]:
    """What becomes of each backup, and why."""
    return [
        (
            one.backup.generation,
            _when(one.backup.at),
            "keep" if one.fate.keep else "drop",
            ", ".join(one.fate.reasons),
            one.backup.place.shown,
        )
        for one in found
    ]


def fates_said(found: Sequence[Judged]) -> list[dict[str, Any]]:
    """The same, as JSON says it."""
    return [
        {"path": one.backup.where, "generation": one.backup.generation, "keep": one.fate.keep}
        | {"reasons": list(one.fate.reasons)}
        for one in found
    ]


def age(span: timedelta) -> str:
    """A span in the unit that fits."""
    hours = span.total_seconds() / 3600
    if hours < 1:
        return f"{span.total_seconds() / 60:.0f} min"
    return f"{hours:.0f} h" if hours < 48 else f"{hours / 24:.0f} days"


def _when(at: datetime) -> str:
    return at.astimezone().strftime("%Y-%m-%d %H:%M")
