"""The nouns of backups: a manifest, which says what a backup holds, and the name of its file.

A backup is three files: `custrec-000012-20261122T094500Z.db.zst.age` (the store, compressed, sealed), the same name
with `.json` (the manifest), and with `.json.sig` (its signature). docs/backup-format.md is the description for others.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

FORMAT = "custrec-backup/1"
SEALED = ".db.zst.age"
MANIFEST, SIGNATURE = ".json", ".json.sig"
_NAME = re.compile(
    r"(?P<stem>.+)-(?P<generation>\d{6,18})-(?P<at>\d{8}T\d{6}Z)\.db\.zst\.age(?P<tail>\.json|\.json\.sig)?"
)
_TIME = "%Y%m%dT%H%M%SZ"


@dataclass(frozen=True)
class Content:
    """Some bytes: how many, and their SHA-256 (hex)."""

    size: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """What a backup holds. `generation` gives the order; the clock does not. `at` is ISO 8601 in UTC.

    `store` is the identity of the store, `event` and `digest` the head of its journal, `next_ids` the next record id of
    each table by the table's id: a restored store gives out none below. `recipients` are the public keys it is sealed
    for. `drill` says how it was proved: seconds it took, and what was compared.
    """

    store: str
    stem: str
    generation: int
    at: str
    sealed: Content
    plain: Content
    store_format: int
    schema_version: int
    event: int
    digest: str
    rows: Mapping[str, int]
    next_ids: Mapping[str, int]
    recipients: tuple[str, ...]
    made_by: str
    drill: Mapping[str, Any]
    ledger: Mapping[str, Any] | None = None

    @property
    def file(self) -> str:
        """The name of the sealed file."""
        return file_name(self.stem, self.generation, datetime.fromisoformat(self.at))

    @property
    def records(self) -> int:
        """How many records of the schema's tables it holds."""
        return sum(count for table, count in self.rows.items() if not table.startswith("_"))

    def as_dict(self) -> dict[str, Any]:
        """The manifest as JSON holds it."""
        return {"schema": FORMAT, "file": self.file, **asdict(self), "recipients": list(self.recipients)}


def manifest_from(said: Mapping[str, Any]) -> Manifest:
    """A manifest from what JSON holds. Raises KeyError, TypeError or ValueError where it is none."""
    if said["schema"] != FORMAT:
        raise ValueError("its format is not known")
    plain = {
        name: said[name] for name in Manifest.__dataclass_fields__ if name not in ("sealed", "plain", "recipients")
    }
    made = Manifest(
        sealed=Content(**said["sealed"]),
        plain=Content(**said["plain"]),
        recipients=tuple(map(str, said["recipients"])),
        **plain,
    )
    if not isinstance(made.generation, int) or made.file != said["file"]:
        raise ValueError("it is the manifest of another file")
    return made


@dataclass(frozen=True)
class BackupName:
    """What the name of a backup's file says."""

    stem: str
    generation: int
    at: datetime
    tail: str


def file_name(stem: str, generation: int, at: datetime) -> str:
    """The name of a sealed file."""
    return f"{stem}-{generation:06d}-{at.astimezone(UTC).strftime(_TIME)}{SEALED}"


def read_name(name: str) -> BackupName | None:
    """What a file's name says; None where it is no backup's."""
    found = _NAME.fullmatch(name)
    if found is None:
        return None
    try:
        at = datetime.strptime(found["at"], _TIME).replace(tzinfo=UTC)
    except ValueError:
        return None
    return BackupName(found["stem"], int(found["generation"]), at, found["tail"] or "")
