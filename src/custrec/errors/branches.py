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
    ├── BackupError     8   backup, key or ledger
    ├── Declined        9   no consent, or a guard said no
    └── IoFailure      10   disk full or I/O error; nothing changed

The concrete classes stand in the modules beside this one, by what they are about. Nothing of custrec is imported.
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


class BackupError(CustrecError):
    """A backup, a key or the ledger of erasures is missing or not what it should be."""

    exit_code = 8


class Declined(CustrecError):
    """No consent was given, or a guard said no."""

    exit_code = 9


class IoFailure(CustrecError):
    """The disk is full or failing; nothing changed."""

    slug, exit_code = "io-failure", 10
    sentence = "cannot write {path}: {reason}"
    remedy = "free some space or choose another place, then run the command again; nothing was changed"
