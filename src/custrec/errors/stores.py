"""Errors of the store itself, and of the disk below it."""

from __future__ import annotations

from custrec.errors.branches import Declined, IoFailure, StoreError, UsageError, WorldMoved


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
    remedy = "copy it aside with its -wal file, then see what is wrong with: custrec doctor"


class DerivedDamaged(StoreError):
    """The file of what can be made anew could not be read. It is removed by now."""

    slug = "derived-damaged"
    sentence = "{file} was damaged, and is removed: all that was in it can be made anew"
    remedy = "run the command again; nothing was changed"


class StoreReplaced(WorldMoved):
    """Another file took the store's place while a writer waited for its lock."""

    slug = "store-replaced"
    sentence = "{store} was replaced by another file meanwhile (by a restore, perhaps); nothing was changed"
    remedy = "run the command again"


class StoreReadOnly(IoFailure):
    """The store or its folder may not be written."""

    slug = "store-read-only"
    sentence = "{store} cannot be written: the file or its folder is read-only"
    remedy = (
        "check the owner and mode of the file and of its folder (SQLite writes beside the store); nothing was changed"
    )


class FolderInTheWay(IoFailure):
    """Where custrec keeps files in a folder stands a file of that name."""

    slug = "folder-in-the-way"
    sentence = "{path} is a file, and custrec wants a folder of that name beside the store"
    remedy = "move that file away; nothing was changed"


class DerivedIsFolder(IoFailure):
    """Where custrec keeps what can be made anew, in a file, stands a folder of that name."""

    slug = "derived-is-folder"
    sentence = "{file} is a folder, and custrec wants a file of that name: the search index, and what dedupe find found"
    remedy = "move that folder away, and the file is made anew; no record was changed"


class DiskFull(IoFailure):
    """No space was left, before or while writing."""

    slug = "disk-full"
    sentence = "the disk is full while writing {path}"
    remedy = "free some space and run the command again; nothing was changed"


class DiskTooSmall(IoFailure):
    """There is not the room that an import, or a change of the schema, will take."""

    slug = "disk-too-small"
    sentence = "{work} needs about {needed:,.0f} MB of disk beside {store}, and {free:,.0f} MB are free"
    remedy = "free some space, or put the store on a larger disk; nothing was changed"


class StoreBusy(WorldMoved):
    """Another program holds the write lock."""

    slug = "store-busy"
    sentence = "{store} is being written by {holder}; waited {wait} s"
    remedy = "try again later, or wait longer with --wait"


class ChainBroken(StoreError):
    """The journal or a record was altered outside custrec."""

    slug = "chain-broken"
    sentence = "the history does not verify: {count:,} fault{s}"
    remedy = "compare with a backup or with a head kept elsewhere (history verify --head)"


class CurrencyUnreadable(StoreError):
    """An amount of money stands beside a currency that is none, so that nobody can tell how many decimals it has."""

    slug = "currency-unreadable"
    sentence = "the amount in {field} of {table} #{record} cannot be told: its currency in {beside} is none"
    remedy = "import a row with that record's key, its amount and its currency as a code, such as CNY"


class NightlyRunning(WorldMoved):
    """Two nightly runs over one store at once."""

    slug = "nightly-running"
    sentence = "another {verb} is at this store (process {pid}); nothing was done"
    remedy = "wait for it to end: what it does is done for this run, too"


class TableUnknown(UsageError):
    """The schema has no such table."""

    slug = "table-unknown"
    sentence = "there is no table {table}"


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


class ExpressionInvalid(UsageError):
    """An expression of the `where` language cannot be read; `details` holds its line and a caret below the place."""

    slug = "where-invalid"
    sentence = "the expression is not valid at character {position}: {reason}"
    remedy = 'write it like: city = "深圳市" and age(last_contact_at) > 18mo'
