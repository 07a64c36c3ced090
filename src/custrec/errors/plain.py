"""Errors of plain stores: what export --all writes, and load reads."""

from __future__ import annotations

from custrec.errors.branches import BackupError, Declined, InputError


class PlainFaulty(InputError):
    """A plain store is not as it was written, or is none."""

    slug = "plain-faulty"
    sentence = "{where}: {reason}; nothing was loaded"
    remedy = "take it as it was written: records are changed in a store, with custrec, and exported again"


class PlainExists(Declined):
    """`export --all` writes over nothing."""

    slug = "plain-exists"
    sentence = "{path} exists already; nothing was written over"
    remedy = "name a new folder, or move the old one away first"


class ErasedWouldReturn(BackupError):
    """What is to be loaded is older than an erasure that the ledger here knows of."""

    slug = "erased-would-return"
    sentence = "{count:,} erased record{s} would come back; nothing was loaded"
    remedy = "restore a backup instead, which erases them again: custrec restore"
