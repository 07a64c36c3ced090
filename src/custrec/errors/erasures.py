"""Errors of destroying records for good, and of the ledger that remembers it."""

from __future__ import annotations

from custrec.errors.branches import BackupError, Declined, UsageError, WorldMoved


class ErasureIsFinal(WorldMoved):
    """What was purged or anonymised cannot be brought back."""

    slug = "erasure-is-final"
    sentence = "event {event} cannot be undone: what a {verb} destroys stands nowhere any more"
    remedy = "name another event: custrec history; nothing was changed"


class CountWanted(Declined):
    """Records are destroyed only by who says how many."""

    slug = "count-wanted"
    sentence = "{verb} would destroy {count:,} record{s} for good, and wants their number typed back"
    remedy = "look at it with -n; then add --confirm {count}, or in scripts --confirm-up-to N (--yes is not enough)"


class CountWrong(Declined):
    """Another number of records than was said would be destroyed."""

    slug = "count-wrong"
    sentence = "{verb} would destroy {count:,} record{s}, and {said} was said; nothing was changed"
    remedy = "look at it with -n; if it is right, say --confirm {count}"


class KeyStays(UsageError):
    """A key, or a reference to another record, is no field that goes alone."""

    slug = "key-stays"
    sentence = "{field} of {table} tells records apart or refers to another one, and cannot go alone"
    remedy = "name other fields, or destroy the whole records: custrec purge"


class NothingPersonal(UsageError):
    """No field was named, and none is classified."""

    slug = "nothing-personal"
    sentence = "no field of {table} is classified as personal or sensitive"
    remedy = "name the fields that are to go: --fields name,phone"


class ReasonUnknown(UsageError):
    """The reason is none of the closed list."""

    slug = "reason-unknown"
    sentence = "there is no reason {reason}"
    remedy = "say one of {reasons}"


class RecordsOnHold(Declined):
    """What is on hold is not destroyed, by nobody."""

    slug = "records-on-hold"
    sentence = "{count:,} of these records are on hold, or belong to one that is; nothing was changed"
    remedy = "custrec hold list says why; release them first, or name others"


class LedgerMissing(BackupError):
    """Records were destroyed, and the ledger that says which is not there."""

    slug = "ledger-missing"
    sentence = "{path} is missing, and the history knows of {count:,} record{s} that it should name"
    remedy = "bring it back from beside a backup; if it is lost, custrec doctor --fix begins another"


class LedgerDamaged(BackupError):
    """The ledger is not what was written."""

    slug = "ledger-damaged"
    sentence = "{path} was altered or cut short: {reason}"
    remedy = "bring it back from beside a backup; if it is lost, move it aside: custrec doctor --fix begins another"


class LedgerKeyUnusable(BackupError):
    """The file of the ledger's key holds no key."""

    slug = "ledger-key-unusable"
    sentence = "{path} cannot be used: {reason}"
    remedy = "bring it back from where it was kept, or move it aside: another one is made then"


class LedgerTooOld(BackupError):
    """A restore could bring back whom somebody erased."""

    slug = "ledger-too-old"
    sentence = (
        "no ledger of erasures is as new as the newest backup: {count:,} record{s} erased until then would come back"
    )
    remedy = "name one with --ledger FILE; if all are lost, say --ledger-lost, and erase them again"
