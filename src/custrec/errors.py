"""Everything that can go wrong in a way a person can mend.

A bad row is not an error: it is a `Problem` (model.problem), and it is counted. An error stops the command, and
the store is as it was. Each class is one thing to mend: a slug (for scripts, and for the gallery in
examples/errors/), an exit code, one sentence that says what happened and one that says what to do. Sentences are
templates over parameters, so that another language can stand beside them. No personal value ever goes into one:
files, lines, fields, record ids and counts only.

    CustrecError
    ├── UsageError      2   wrong use of the command line
    ├── InputError      4   input cannot be used; nothing changed
    ├── NotAllowed      5   the actor may not
    ├── WorldMoved      6   stale plan, undo conflict, lock
    ├── StoreError      7   the store is missing, too new or unwell
    ├── Declined        9   no consent, or a guard said no
    └── IoFailure      10   disk full or I/O error; nothing changed

The concrete classes stand below their branch. This module imports nothing of custrec.
"""

from __future__ import annotations

from typing import ClassVar


class CustrecError(Exception):
    """The base: catch this to catch everything custrec raises on purpose.

    Parameters are given by keyword and fill `sentence` and `remedy`; `{s}` is the plural ending for `count`. `details`
    holds further lines to print below the sentence (one fault each), for errors that report several faults at once.
    """

    slug: ClassVar[str] = "error"
    exit_code: ClassVar[int] = 1
    sentence: ClassVar[str] = "something went wrong"
    remedy: ClassVar[str] = ""

    def __init__(self, *, details: tuple[str, ...] = (), hint: str | None = None, **params: object) -> None:
        self.params = {"s": "" if params.get("count") == 1 else "s", **params}
        self.details = details
        self._hint = hint
        super().__init__(self.message)

    @property
    def message(self) -> str:
        """What happened, to which thing."""
        return self.sentence.format(**self.params)

    @property
    def hint(self) -> str:
        """What to do now; may be empty."""
        return self._hint if self._hint is not None else self.remedy.format(**self.params)


class UsageError(CustrecError):
    """Wrong use of the command line."""

    slug, exit_code = "usage", 2
    sentence = "{what}"


class InputError(CustrecError):
    """Input cannot be used; nothing changed."""

    exit_code = 4


class NotAllowed(CustrecError):
    """The actor has no right to do this."""

    slug, exit_code = "not-allowed", 5
    sentence = "{actor} may not {verb}"
    remedy = "ask an administrator of this store"


class WorldMoved(CustrecError):
    """The store is busy, or is no longer what it was when the plan was made."""

    exit_code = 6


class StoreError(CustrecError):
    """The store is missing, too new or unwell."""

    exit_code = 7


class Declined(CustrecError):
    """No consent was given, or a guard said no."""

    exit_code = 9


class IoFailure(CustrecError):
    """The disk is full or failing; nothing changed."""

    slug, exit_code = "io-failure", 10
    sentence = "cannot write {path}: {reason}"
    remedy = "free some space or choose another place, then run the command again; nothing was changed"


# --- the store ---------------------------------------------------------------------------------------------------


class StoreMissing(StoreError):
    """There is no store at that place."""

    slug = "store-missing"
    sentence = "there is no store {store}"
    remedy = "make one with: custrec init, or name yours with --store"


class StoreExists(Declined):
    """`init` never overwrites."""

    slug = "store-exists"
    sentence = "{path} exists already; nothing was overwritten"
    remedy = "choose another folder, or remove the file yourself if you are sure"


class NotAStore(StoreError):
    """The file is no SQLite database, or not one of custrec's."""

    slug = "not-a-store"
    sentence = "{store} is not a custrec store ({found})"
    remedy = "name the store with --store, or make one with: custrec init"


class StoreTooNew(StoreError):
    """A newer custrec wrote this store."""

    slug = "store-too-new"
    sentence = "{store} was written by a newer custrec (format {found}; this one knows {known})"
    remedy = "upgrade custrec on this machine; the store was not touched"


class StoreUnwell(StoreError):
    """SQLite says that the file is damaged."""

    slug = "store-unwell"
    sentence = "{store} is damaged: SQLite cannot read it"
    remedy = "stop using it, copy it aside with its -wal file, and put the newest backup in its place"


class StoreReadOnly(IoFailure):
    """The store or its folder may not be written."""

    slug = "store-read-only"
    sentence = "{store} cannot be written: the file or its folder is read-only"
    remedy = (
        "check the owner and mode of the file and of its folder (SQLite writes beside the store); nothing was changed"
    )


class DiskFull(IoFailure):
    """No space was left, before or while writing."""

    slug = "disk-full"
    sentence = "the disk is full while writing {path}"
    remedy = "free some space and run the command again; nothing was changed"


class DiskTooSmall(IoFailure):
    """There is not the room that a file will take while it is imported."""

    slug = "disk-too-small"
    sentence = "the import of {file} needs about {needed:,.0f} MB of disk beside {store}, and {free:,.0f} MB are free"
    remedy = "free some space, or put the store on a larger disk; nothing was changed"


class StoreBusy(WorldMoved):
    """Another program holds the write lock."""

    slug = "store-busy"
    sentence = "{store} is being written by {holder}; waited {wait} s"
    remedy = "try again later, or wait longer with --wait"


# --- plans and events ----------------------------------------------------------------------------------------------


class StalePlan(WorldMoved):
    """Somebody changed the same records after the plan was made."""

    slug = "stale-plan"
    sentence = "plan {plan} no longer fits: {moved:,} of its records changed since it was made (first: record {first})"
    remedy = "make the plan again; nothing was changed"


class SchemaMoved(WorldMoved):
    """The store's schema is not the one the plan was made with."""

    slug = "schema-moved"
    sentence = "plan {plan} was made with another schema than the store has now"
    remedy = "make the plan again; nothing was changed"


class PlanApplied(WorldMoved):
    """The same plan may not be applied twice."""

    slug = "plan-applied"
    sentence = "plan {plan} was applied already, as event {event}"
    remedy = "custrec history"


class PlanUnknown(UsageError):
    """No saved plan has this id."""

    slug = "plan-unknown"
    sentence = "there is no saved plan {plan}"
    remedy = "custrec plan list"


class PlanDamaged(InputError):
    """The saved plan is not the file that was saved."""

    slug = "plan-damaged"
    sentence = "the file of plan {plan} was altered or cut short since it was saved"
    remedy = "drop it (custrec plan drop {plan}) and make it again; nothing was changed"


class EventUnknown(UsageError):
    """The journal has no such event."""

    slug = "event-unknown"
    sentence = "there is no event {event}"
    remedy = "custrec history"


class AlreadyUndone(WorldMoved):
    """The event is not in force."""

    slug = "already-undone"
    sentence = "event {event} was undone already, by event {by}"
    remedy = "to bring it back: custrec redo {event}"


class NotUndone(WorldMoved):
    """Only what was undone can be redone."""

    slug = "not-undone"
    sentence = "event {event} is in force; there is nothing to redo"
    remedy = "custrec history"


class NothingToUndo(WorldMoved):
    """The journal holds no event that could be undone, or redone."""

    slug = "nothing-to-undo"
    sentence = "there is nothing to {verb}"
    remedy = "custrec history"


class UndoConflict(WorldMoved):
    """Some records have moved on since the event."""

    slug = "undo-conflict"
    sentence = (
        "event {event} cannot be undone whole: {reversed:,} reversible, {kept:,} edited since, {blocked:,} blocked"
    )
    remedy = "add --partial to undo what can be; nothing was changed"


class ChainBroken(StoreError):
    """The journal or a record was altered outside custrec."""

    slug = "chain-broken"
    sentence = "the history does not verify: {count:,} fault{s}"
    remedy = "compare with a backup or with a head kept elsewhere (history verify --head)"


# --- guards and consent --------------------------------------------------------------------------------------------


class NeedsConsent(Declined):
    """No terminal to ask at, and no consent given."""

    slug = "needs-consent"
    sentence = "{verb} would change {count:,} records and wants consent"
    remedy = "try it with -n first, then add --yes"


class Refused(Declined):
    """The person said no."""

    slug = "declined"
    sentence = "declined; nothing was changed"


class TooManyChanges(Declined):
    """More existing records would change than a run may without being told."""

    slug = "too-many-changes"
    sentence = "{verb} would change {count:,} of {total:,} existing records in {table}; the limit is {limit:,}"
    remedy = "look at it with -n; if it is right, add --max-change {count}"


# --- import --------------------------------------------------------------------------------------------------------


class TableUnknown(UsageError):
    """The schema has no such table."""

    slug = "table-unknown"
    sentence = "there is no table {table}"


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


class ExpressionInvalid(UsageError):
    """An expression of the `where` language cannot be read; `details` holds its line and a caret below the place."""

    slug = "where-invalid"
    sentence = "the expression is not valid at character {position}: {reason}"
    remedy = 'write it like: city = "深圳市" and age(last_contact_at) > 18mo'


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


class Utf16File(InputError):
    """The file is UTF-16 or UTF-32 text, which custrec does not read."""

    slug = "utf-16"
    sentence = "{path} is UTF-16 text"
    remedy = "save it as UTF-8 (Excel: CSV UTF-8), or convert it: iconv -f UTF-16 -t UTF-8"


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


class FieldUnknown(UsageError):
    """The table has no such field."""

    slug = "field-unknown"
    sentence = "{table} has no field {field}"
    remedy = "custrec schema show {table}"


class RecordUnknown(UsageError):
    """No record has this id or key."""

    slug = "record-unknown"
    sentence = "{table} has no record {name}"
    remedy = "look for it with: custrec find, or custrec list --where"


class SchemaPending(InputError):
    """schema.yaml says something else than the store applies."""

    slug = "schema-pending"
    sentence = "{path} was changed since it was applied to the store; nothing is written until they agree"
    remedy = "take the change back, or make a new store with the changed schema and import into it"


class PresetUnknown(UsageError):
    """No schema of that name comes with custrec."""

    slug = "preset-unknown"
    sentence = "there is no preset {name}"


class SheetTooSmall(InputError):
    """Records do not fit into a sheet of a workbook."""

    slug = "sheet-too-small"
    sentence = "{what}, and a sheet of a workbook holds no more; nothing was written"
    remedy = "write CSV, which has no limit, or fewer records with --where"


class CurrencyUnreadable(StoreError):
    """An amount of money stands beside a currency that is none, so that nobody can tell how many decimals it has."""

    slug = "currency-unreadable"
    sentence = "the amount in {field} of {table} #{record} cannot be told: its currency in {beside} is none"
    remedy = "import a row with that record's key and its currency as a code, such as CNY"
