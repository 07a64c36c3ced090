"""What the session does around a plan that destroys: the key of the ledger before, the wipe after."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from custrec.errors import CustrecError
from custrec.model.stopwatch import Stopwatch
from custrec.store import pending_wipe
from custrec.store.database import Store
from custrec.store.upkeep import Caretaker

if TYPE_CHECKING:
    from custrec.jobs.lifecycle.wiping import Wiped
    from custrec.model.certificate import Remains


def ledger_key(store: Store, warn: Callable[[str], None]) -> bytes:
    """The key of the ledger of erasures, which stands ready; a key that is not there is made, with a warning.

    Raises LedgerMissing, LedgerDamaged, LedgerKeyUnusable.
    """
    from custrec.jobs.ledgers import key_or_new, refuse_without_ledger

    refuse_without_ledger(store)
    key, says = key_or_new(store)
    if says:
        warn(says)
    return key


def finish_wiping(
    store: Store,
    by: Caretaker,
    clock: Callable[[], datetime],
    remains: Callable[[], Sequence[Remains]],
    watch: Stopwatch,
) -> Wiped | None:
    """Clean what erasures left to be cleaned, as far as it can be now; None where nothing was."""
    if not pending_wipe.is_pending(store.reader):
        return None
    from custrec.jobs.lifecycle.wiping import Wiped, wipe

    try:
        with watch("wipe"):
            return wipe(store, by, clock, remains)
    except (CustrecError, KeyboardInterrupt) as error:
        return Wiped(hindrances=[error.message if isinstance(error, CustrecError) else "interrupted"])
