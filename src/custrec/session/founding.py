"""Making a store: the file, its schema.yaml beside it, and nothing that was there before."""

from __future__ import annotations

import hashlib
import os
import uuid
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from custrec.errors import IoFailure, PresetUnknown, StoreExists
from custrec.files.presets import preset_names, preset_text
from custrec.files.schema_file import load_schema, parse_schema
from custrec.jobs.ledgers import found_ledger
from custrec.jobs.schemas import deep_check
from custrec.model.nearest import nearest
from custrec.model.schema import Schema
from custrec.store.migrations import create_store


@dataclass(frozen=True)
class Founded:
    """The schema of the new store, and whether its file was written or was there."""

    schema: Schema
    wrote_schema: bool


def refuse_to_overwrite(store: Path, schema_file: Path | None = None) -> None:
    """Raise StoreExists where a store would be overwritten, or the schema file, if one would be written."""
    for path in (store, schema_file):
        if path is not None and path.exists():
            raise StoreExists(path=str(path))


def found(store: Path, schema_file: Path, preset: str, at: str, text: str | None = None) -> Founded:
    """Make a store. A schema.yaml that is there is used, unless a preset was asked for beside the default.

    `text` is a schema to be written instead of a preset; a schema.yaml that is there is then in the way.
    Raises StoreExists, PresetUnknown, SchemaInvalid, IoFailure; nothing is left behind then.
    """
    refuse_to_overwrite(store)
    if preset not in preset_names():
        near = nearest(preset, preset_names())
        raise PresetUnknown(
            name=preset, hint=f"did you mean {near}?" if near else f"one of {', '.join(preset_names())}"
        )
    if text is not None or preset != "default":
        refuse_to_overwrite(store, schema_file)
    there = schema_file.exists()
    text = preset_text(preset) if text is None else text
    schema = load_schema(schema_file) if there else parse_schema(text, schema_file.name)
    deep_check(schema, schema_file.name)
    try:
        store.parent.mkdir(parents=True, exist_ok=True)
        schema_file.parent.mkdir(parents=True, exist_ok=True)
        if not there:
            with schema_file.open("x", encoding="utf-8", newline="\n") as out:
                out.write(text)
                out.flush()
                os.fsync(out.fileno())
        digest = hashlib.sha256(schema_file.read_bytes()).hexdigest()
        identity = str(uuid.uuid4())
        create_store(store, schema, at, {"identity": identity, "schema_digest": digest})
    except BaseException as error:
        if not there and not isinstance(error, FileExistsError):
            schema_file.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise IoFailure(path=str(store), reason=(error.strerror or "it cannot be written").lower()) from error
        raise
    with suppress(IoFailure):  # what cannot be made now is made, with a warning, when it is wanted
        found_ledger(store, identity)
    return Founded(schema, not there)
