"""New records against all: the caller keeps the keys of every record, and only records that meet are looked at.

    kept = record_keys(columns, model)          # once, for all records: a row a slot, a column a record
    fresh = record_keys(new_columns, model)     # for the new ones
    old, new = meet(kept, fresh)                # positions of records that meet
    # load the values of just these, old and new, as columns; then
    judge_pairs(columns, model, left, right)

The numbers are the same everywhere and always for the same model, so that they may be stored.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from custrec.matching.columns import Array, Column, Hashes, Rows
from custrec.matching.judging import Judge, Judged, prepared_for
from custrec.matching.keys import LARGEST, Keyring, packed, unpacked
from custrec.matching.model import Model


def record_keys(columns: Sequence[Column], model: Model) -> Hashes:
    """The numbers of records under the keys of a model: a row for each slot of each key, a column a record; 0: none.

    Columns are those of the model's fields; blank ones too.
    """
    keyring = Keyring(prepared_for(columns, model))
    rows = [_as_slots(keyring.slots(key), at) for at, key in enumerate(model.keys)]
    return np.concatenate(rows) if rows else np.zeros((0, len(columns[0])), np.uint64)


def _as_slots(slots: list[Hashes], key: int) -> Hashes:
    """The numbers of one key, told apart from those of other keys."""
    salt = np.uint64((key + 1) * 0x9E3779B97F4A7C15 % 2**64)
    return np.array([np.where(numbers != 0, numbers ^ salt, np.uint64(0)) for numbers in slots])


def meet(kept: Hashes, fresh: Hashes) -> tuple[Rows, Rows]:
    """The positions of kept and of fresh records that share a number, each pair once, in order.

    Numbers that more than `LARGEST` kept records have bring nobody together.
    """
    wanted = np.unique(fresh[fresh != 0])
    mine_old, old = _having(kept, wanted)
    mine_new, new = _having(fresh, wanted)
    counts = np.bincount(mine_old, minlength=len(wanted))
    counts[counts > LARGEST] = 0
    starts = np.concatenate([[0], np.cumsum(np.bincount(mine_old, minlength=len(wanted)))])
    times = counts[mine_new]
    begins = np.repeat(starts[mine_new] - np.concatenate([[0], np.cumsum(times)[:-1]]), times)
    pairs = (old[begins + np.arange(times.sum())].astype(np.int64) << 32) | np.repeat(new, times).astype(np.int64)
    return unpacked(np.unique(pairs))


def _having(numbers: Hashes, wanted: Hashes) -> tuple[Array, Array]:
    """For each record that has a wanted number: which, and the record; by the number, then the record."""
    which, rows = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    for slot in numbers:
        at = np.minimum(np.searchsorted(wanted, slot), max(len(wanted) - 1, 0))
        found = np.flatnonzero((wanted[at] == slot) & (slot != 0)) if len(wanted) else np.empty(0, np.int64)
        which.append(at[found])
        rows.append(found)
    both = np.unique((np.concatenate(which) << 32) | np.concatenate(rows))
    return both >> 32, both & 0xFFFFFFFF


def judge_pairs(columns: Sequence[Column], model: Model, left: Rows, right: Rows) -> Judged:
    """Weigh pairs of records by a frozen model; positions are those of the columns."""
    pairs = np.unique(packed(left, right)) if len(left) else np.empty(0, np.int64)
    one, two = unpacked(pairs)
    return Judge(prepared_for(columns, model), model).weigh(one, two)
