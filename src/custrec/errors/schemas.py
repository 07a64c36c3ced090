"""Errors of schema.yaml and of the presets."""

from __future__ import annotations

from custrec.errors.branches import InputError, UsageError, WorldMoved


class SchemaMissing(InputError):
    """There is no schema file."""

    slug = "schema-missing"
    sentence = "there is no schema file {path}"
    remedy = "write one with custrec init, or name another file"


class SchemaUnreadable(InputError):
    """The schema file is there, but cannot be read as a file."""

    slug = "schema-unreadable"
    sentence = "cannot read the schema file {path}: {reason}"
    remedy = "name a file that you may read"


class SchemaInvalid(InputError):
    """The schema file has faults; `details` holds a line for each, with its line and column."""

    slug = "schema-invalid"
    sentence = "{name} has {count:,} fault{s}"
    remedy = "mend the places named, then run the command again"


class SchemaPending(InputError):
    """schema.yaml says something else than the store applies."""

    slug = "schema-pending"
    sentence = "{path} was changed since it was applied to the store; nothing is written until they agree"
    remedy = "look at it with custrec schema diff, then custrec schema apply; or take the change back"


class SchemaMisfits(InputError):
    """Values that are there do not fit the changed schema; `details` says which fields and why."""

    slug = "schema-misfits"
    sentence = "{count:,} value{s} in the store would not fit the changed schema; nothing was changed"
    remedy = "custrec schema diff --misfits lists them"


class SchemaUndoBlocked(WorldMoved):
    """A change of the schema cannot go back; `details` says what is in the way."""

    slug = "schema-undo-blocked"
    sentence = "event {event} changed the schema and cannot be taken back now; nothing was changed"
    remedy = "undo the later events first (custrec history), or change schema.yaml and run custrec schema apply"


class PresetUnknown(UsageError):
    """No schema of that name comes with custrec."""

    slug = "preset-unknown"
    sentence = "there is no preset {name}"
