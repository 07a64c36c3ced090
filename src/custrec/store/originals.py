"""The texts that stored values came from, where the journal kept them (`_change.original`, store.apply).

A text is told only while it still is where the value came from. The change that set a field last says so; an undo
gives back what stood before the change that it undid, so there the search goes on. Redacted changes tell nothing.
Reading only.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from custrec.model.plan import Op
from custrec.model.schema import Table
from custrec.store.canonical import readable_diff
from custrec.store.database import Store
from custrec.store.existence import any_row
from custrec.store.shapes import Shapes

Texts = dict[int, dict[str, str]]
"""By record, the texts by field name."""


@dataclass(frozen=True, slots=True)
class _Change:
    """One change of a record, as far as this needs it; `sets` are field ids, None for all."""

    event: int
    undoes: int | None
    sets: frozenset[str] | None
    original: Mapping[str, str]


def teller(store: Store, table: Table, beside: Mapping[str, str]) -> Callable[[Sequence[int]], Texts]:
    """A function that tells the texts of some records, given by their ids in ascending order.

    `beside` says by which other field a field's text was understood (a phone's country, by field name): where that was
    set later than the text, it would be understood otherwise now, and is not told.
    """
    if not any_row(store.reader, "SELECT 1 FROM _change WHERE tbl = ? AND original IS NOT NULL", (table.id,)):
        return lambda records: {}  # noqa: ARG005
    ids = {f.name: str(f.id) for f in table.fields}

    def tell(records: Sequence[int]) -> Texts:
        wanted = set(records)
        texts: Texts = {}
        for record, history in _histories(store, table, records[0], records[-1]):
            if record in wanted and (told := _told(history, ids, beside)):
                texts[record] = told
        return texts

    return tell


def _histories(store: Store, table: Table, first: int, last: int) -> Iterator[tuple[int, list[_Change]]]:
    """The changes of the records in a range of which any text was kept, oldest first."""
    kept = "SELECT record FROM _change WHERE record BETWEEN ?1 AND ?2 AND tbl = ?3 AND original IS NOT NULL"
    found = store.reader.execute(
        f"SELECT k.record, k.event, e.undoes, k.op, {readable_diff('k')}, k.original FROM _change k "
        "JOIN _event e ON e.id = k.event "
        f"WHERE k.record BETWEEN ?1 AND ?2 AND k.tbl = ?3 AND k.record IN ({kept}) ORDER BY k.record, k.n",
        (first, last, table.id),
    )
    shapes = Shapes(store.reader)
    for record, rows in groupby(iter(found.fetchone, None), key=lambda row: row[0]):
        yield record, [_change(shapes, table, *row[1:]) for row in rows]


def _change(
    shapes: Shapes, table: Table, event: int, undoes: int | None, op: int, diff: str | None, original: str | None
) -> _Change:
    told: dict[str, Any] = json.loads(diff) if op == Op.UPDATE and diff else {}
    texts = shapes.renamed(table, event, json.loads(original)) if original else {}
    return _Change(event, undoes, frozenset(told) if told else None, texts)


def _told(history: Sequence[_Change], ids: Mapping[str, str], beside: Mapping[str, str]) -> dict[str, str]:
    texts: dict[str, str] = {}
    for name in {name for change in history for name in change.original if name in ids}:
        place = _set_by(history, ids[name])
        if place is None or name not in history[place].original:
            continue
        near = beside.get(name)
        near_place = place if near is None else _set_by(history, ids[near])
        if near_place is not None and near_place <= place:
            texts[name] = history[place].original[name]
    return texts


def _set_by(history: Sequence[_Change], field: str) -> int | None:
    """Which change the present value of a field came from; None where the journal does not tell."""
    place = len(history) - 1
    while place >= 0:
        change = history[place]
        if change.sets is None or field in change.sets:
            if change.undoes is None:
                return place
            place = next((n for n in range(place) if history[n].event == change.undoes), 0)
        place -= 1
    return None
