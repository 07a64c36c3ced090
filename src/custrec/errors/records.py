"""Errors of people's own changes of records."""

from __future__ import annotations

from custrec.errors.branches import InputError, NotAllowed, UsageError


class RecordInvalid(InputError):
    """What was typed makes no record of the table; `details` holds a line for each fault."""

    slug = "record-invalid"
    sentence = "{count:,} fault{s} in {what}; nothing was changed"
    remedy = "custrec schema show {table}"


class RecordAmbiguous(UsageError):
    """Several records may be meant; `details` holds a line for each."""

    slug = "record-ambiguous"
    sentence = "{name} may be {count} records"
    remedy = "name it by its number, e.g. #12, and the table with --table"


class RecordInTrash(InputError):
    """What is in the trash is not changed."""

    slug = "record-in-trash"
    sentence = "{table} #{record} is in the trash; nothing was changed"
    remedy = "bring it back first: custrec undelete --table {table} '#{record}'"


class RecordArchived(InputError):
    """What is archived is not changed by hand."""

    slug = "record-archived"
    sentence = "{table} #{record} is archived; nothing was changed"
    remedy = "bring it back first: custrec unarchive --table {table} '#{record}'"


class RecordRestricted(NotAllowed):
    """What is restricted is kept, and used for nothing."""

    slug = "record-restricted"
    sentence = "{table} #{record} is restricted: it is kept, and used for nothing; nothing was changed"
    remedy = "if it may be used again: custrec unrestrict --table {table} '#{record}'"


class ObjectsUnreadable(InputError):
    """What came from standard input is no JSON that holds records."""

    slug = "objects-unreadable"
    sentence = "the records on standard input cannot be read: {why}; nothing was changed"
    remedy = 'give one object, {{"field": "value"}}, an array of them, or one on each line'


class EditorFailed(UsageError):
    """There is no editor, or it did not end well."""

    slug = "editor-failed"
    sentence = "{what}; nothing was changed"
    remedy = "set VISUAL or EDITOR, or say what to change: custrec edit ID field=value"


class NoPlaceForNotes(InputError):
    """The schema has no table that could hold dated notes about these records, or the table wants more than a note."""

    slug = "no-place-for-notes"
    sentence = "no note can be kept on records of {table}: {why}"
    remedy = "change the schema, or add the record yourself: custrec add --table TABLE field=value"
