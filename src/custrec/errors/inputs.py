"""Errors of files that are read or written, and of what stands in them."""

from __future__ import annotations

from custrec.errors.branches import InputError, IoFailure, UsageError


class UnknownColumns(InputError):
    """The file has columns that the table does not know."""

    slug = "unknown-columns"
    sentence = "{file} has {count:,} column{s} unknown to {table}"
    remedy = "add the header to the field's aliases in schema.yaml, or leave the columns out with --ignore-columns"


class DuplicateColumns(InputError):
    """Two columns of the file mean the same field."""

    slug = "duplicate-columns"
    sentence = "{file} has {count:,} field{s} of {table} in more than one column"
    remedy = "remove or rename the surplus columns"


class NoKnownColumns(InputError):
    """No column of the file belongs to the table."""

    slug = "no-known-columns"
    sentence = "{file} has {count:,} column{s}, and none belongs to a field of {table}: is its first row the header?"
    remedy = "see the headers it knows with: custrec schema show {table}"


class KeyColumnMissing(InputError):
    """The file lacks a column that identifies records."""

    slug = "key-column-missing"
    sentence = "{file} has no column for {fields}, which identifies a record of {table}"
    remedy = "add the column, or name its header in the field's aliases in schema.yaml"


class BadRowsStrict(InputError):
    """With --strict, one bad row refuses the file."""

    slug = "bad-rows"
    sentence = "{file} has {count:,} bad row{s} of {read:,}, and --strict takes all or nothing; nothing was changed"
    remedy = "see them with -n --rejects bad.csv, or import without --strict"


class RejectsInTheWay(UsageError):
    """The rejects would replace a file that is no rejects file, or the very file that is read."""

    slug = "rejects-in-the-way"
    sentence = "the rejected rows cannot go to {path}: {why}; nothing was changed"
    remedy = "name another file with --rejects"


class ExistingRecords(InputError):
    """With --on-existing fail, the file may only hold new records."""

    slug = "existing-records"
    sentence = "{file} has {count:,} row{s} for records that exist already; nothing was changed"
    remedy = "choose --on-existing update, fill or skip"


class SourceMoved(InputError):
    """The file changed while it was being imported."""

    slug = "source-moved"
    sentence = "{file} changed while it was being read; nothing was changed in the store"
    remedy = "import a copy that nobody writes to"


class FileMissing(InputError):
    """The file named does not exist."""

    slug = "file-missing"
    sentence = "there is no file {path}"
    remedy = "check the name, or give - to read from standard input"


class FileUnreadable(InputError):
    """The file exists, but cannot be read."""

    slug = "file-unreadable"
    sentence = "cannot read {path}: {reason}"
    remedy = "check the name, and that you may read the file"


class FileIsDirectory(InputError):
    """A directory was named where a file is wanted."""

    slug = "file-is-directory"
    sentence = "{path} is a directory"
    remedy = "name a file in it"


class FileEmpty(InputError):
    """The file has no header, let alone rows."""

    slug = "file-empty"
    sentence = "{path} is empty: there is not even a header"
    remedy = "check that the export that made it has finished"


class NotCsv(InputError):
    """The bytes are those of another kind of file; `what` names it, `remedy` says how to get CSV from it."""

    slug = "not-csv"
    sentence = "{path} looks like {what}, not like CSV"
    remedy = "{remedy}"


class HeaderUnreadable(InputError):
    """The header row is damaged, so that nothing below it can be understood."""

    slug = "header-unreadable"
    sentence = "the header in line {line} of {path} cannot be read: {reason}"
    remedy = "mend that line, or name the encoding of the file with --encoding (gb18030, cp1252, …)"


class UnclosedQuote(InputError):
    """A quoted cell is never closed: the rest of the file would be swallowed into it.

    `how` is "is never closed", or says how far was looked.
    """

    slug = "unclosed-quote"
    sentence = 'a cell in line {line} of {path} opens with a quote (") that {how}'
    remedy = "close the quote, or double it if it belongs to the text, then run the command again"


class RowTooLong(InputError):
    """A row runs on beyond all measure: there are no line ends where they should be."""

    slug = "row-too-long"
    sentence = "the row that begins in line {line} of {path} is longer than {limit} MB"
    remedy = "check that the file is CSV and that its line ends are not lost"


class WorkerDied(IoFailure):
    """A process that helped with an import ended before its work was done."""

    slug = "worker-died"
    sentence = "worker {number} of the import ended unexpectedly (out of memory, or ended by someone)"
    remedy = "run the command again, or with --jobs 1; nothing was changed"


class SheetTooSmall(InputError):
    """Records do not fit into a sheet of a workbook."""

    slug = "sheet-too-small"
    sentence = "{what}, and a sheet of a workbook holds no more; nothing was written"
    remedy = "write CSV, which has no limit, or fewer records with --where"


class ArchiveUnusable(InputError):
    """A ZIP archive cannot be read."""

    slug = "archive-unusable"
    sentence = "the archive {file} cannot be used: {why}"
    remedy = "unpack it with the program that made it and import the files"


class PartUnknown(InputError):
    """A file has no such sheet, table or member."""

    slug = "part-unknown"
    sentence = "there is no {what} {part} in {file}; it has"
    remedy = "name one of them behind the file's name and a #"


class PartUnnamed(InputError):
    """A file has several parts and none was chosen."""

    slug = "part-unnamed"
    sentence = "{file} has {count} {what}s; say which"
    remedy = "write its name behind the file's name and a #, e.g. {file}#{example}"


class WorkbookLocked(InputError):
    """A workbook is protected with a password."""

    slug = "workbook-locked"
    sentence = "the workbook {file} is protected with a password"
    remedy = "open it in the program that made it, save it without a password, and import that file"


class WorkbookUnreadable(InputError):
    """A workbook is damaged, or no workbook."""

    slug = "workbook-unreadable"
    sentence = "the workbook {file} cannot be read: {why}"
    remedy = "open it in the program that made it and save it as .xlsx or as CSV (UTF-8)"
