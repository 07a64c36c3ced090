"""Who comes back though he was erased: new records whose key, unique value, phone, e-mail or identifier the ledger of
erasures knows, and records that get such a thing, or what was taken from themselves (docs/erasure.md). The answer rests
on keyed digests: that it was erased, and nothing else.

Only what a row brings anew is asked; where nobody was ever erased, nothing is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from custrec.errors import CustrecError
from custrec.files import ledger_file
from custrec.files.ledger_file import Known
from custrec.jobs.ledgers import key_or_new, ledger_of
from custrec.model.ledger import Macs, fingerprint, of_field
from custrec.model.problem import Fault
from custrec.model.returning import REFUSE, on_return
from custrec.model.schema import Table
from custrec.store import wiping
from custrec.store.changing_rows import ChangingRows
from custrec.store.coded_columns import batches
from custrec.store.database import Store
from custrec.store.identifying import Identifier, identifiers
from custrec.store.newcomers import Newcomers

RULE = "erased-before"
OWN = "erased-value"
RULES = (RULE, OWN)
BETWEEN = "\x1f"
Rows = Sequence[tuple[Any, ...]]
"""Some rows: the number of each, and values of fields as they are stored."""


@dataclass
class Recognising:
    """Asks the ledger about rows. `count` is how many it knows of those that would be new records, `changed` of those
    that would change one, `trouble` what keeps it from knowing more, in words."""

    table: Table
    macs: Macs
    known: Known
    trouble: list[str] = field(default_factory=list)
    count: int = 0
    changed: int = 0

    @property
    def refuses(self) -> bool:
        """Whether such rows are refused."""
        return on_return(self.table) == REFUSE

    def __call__(self, newcomers: Newcomers) -> list[tuple[int, Fault]]:
        """The rows that the ledger knows, by seq, each with a fault."""
        return self.among(newcomers.batches)

    def standing(self, store: Store) -> list[int]:
        """The records of the table in a store that the ledger knows, by number."""
        return [record for record, _ in self.among(partial(batches, store, self.table))]

    def brought_back(self, rows: ChangingRows) -> list[tuple[int, Fault]]:
        """The rows that give a record what was taken from it, or what somebody was known by who was erased, by seq,
        each with a fault."""
        asked = [*self._taken(), *self._alone()]
        if not asked or not self.known.digests:
            return []
        names = list(dict.fromkeys(name for _, name, _ in asked))
        hits: dict[int, dict[str, list[str]]] = {}
        for batch in rows.batches(names):
            seqs, records, *columns = zip(*batch, strict=True)
            by_name = dict(zip(names, columns, strict=True))
            for rule, name, sort in asked:
                values: Sequence[Any] = by_name[name]
                if rule == OWN:
                    pairs = zip(records, values, strict=True)
                    values = [value and f"{record}{BETWEEN}{value}" for record, value in pairs]
                for place in self._known(sort, values):
                    hits.setdefault(seqs[place], {}).setdefault(rule, []).append(name)
        self.changed = len(hits)
        return [(seq, _fault(hit)) for seq, hit in sorted(hits.items())]

    def _taken(self) -> list[tuple[str, str, str]]:
        """The fields that were taken from records which stay: rule, name and sort."""
        ids = sorted(number for table, number in self.known.fields if table == self.table.id)
        there = [self.table.by_id[number] for number in ids if number in self.table.by_id]
        return [(OWN, one.name, of_field(self.table.id, one.id)) for one in there]

    def _alone(self) -> list[tuple[str, str, str]]:
        """The fields that tell by themselves who somebody is, without the key, which no row changes."""
        found = [(self.table.by_id[one.fields[0]].name, one.sort) for one in identifiers(self.table)]
        return [(RULE, name, sort) for name, sort in found if name not in self.table.primary_key]

    def among(self, read: Callable[[Sequence[str]], Iterable[Rows]]) -> list[tuple[int, Fault]]:
        """The rows or records that the ledger knows, by number, each with a fault; `read` gives some fields of all."""
        asked = identifiers(self.table)
        if not asked or not self.known.digests:
            return []
        names = sorted({self.table.by_id[number].name for one in asked for number in one.fields})
        hits: dict[int, list[str]] = {}
        for rows in read(names):
            numbers, *columns = zip(*rows, strict=True)
            by_name = dict(zip(names, columns, strict=True))
            for one in asked:
                fields = [self.table.by_id[number].name for number in one.fields]
                for place in self._places(one, [by_name[name] for name in fields]):
                    hits.setdefault(numbers[place], []).append(" + ".join(fields))
        self.count = len(hits)
        return [(number, Fault(RULE, {"by": " and ".join(dict.fromkeys(by))})) for number, by in sorted(hits.items())]

    def _places(self, one: Identifier, columns: Sequence[Sequence[Any]]) -> Iterator[int]:
        """Which rows the ledger knows by one of the things that they are known by."""
        values: Sequence[Any] = columns[0]
        if len(columns) > 1:
            together = zip(*columns, strict=True)
            values = [None if None in parts else BETWEEN.join(map(str, parts)) for parts in together]
        yield from self._known(one.sort, values)

    def _known(self, sort: str, values: Sequence[Any]) -> Iterator[int]:
        """The places of the values of one sort that the ledger knows."""
        places = [place for place, value in enumerate(values) if value is not None]
        digests = self.macs.each(sort, (values[place] for place in places))
        yield from (place for place, digest in zip(places, digests, strict=True) if digest in self.known.digests)


def _fault(hit: dict[str, list[str]]) -> Fault:
    """What was the record's own says more than that it was somebody's."""
    rule = OWN if OWN in hit else RULE
    return Fault(rule, {"by": " and ".join(hit[rule])})


def recognising(store: Store, table: Table) -> Recognising | None:
    """Whoever asks the ledger for a table; None where nobody was ever erased. Raises LedgerKeyUnusable, IoFailure."""
    erased = wiping.ledger_head(store).position
    if not erased:
        return None
    key, says = key_or_new(store)
    made = Recognising(table, Macs(key), Known(), [says] if says else [])
    path = ledger_of(store.path)
    try:
        made.known = ledger_file.known_by(path, fingerprint(key))
    except FileNotFoundError:
        made.trouble.append(f"{path.name} is missing: nobody of {erased:,} erased records is recognised")
        return made
    except CustrecError as error:
        made.trouble.append(error.message)
        return made
    if made.known.others and not says:
        made.trouble.append(
            f"{made.known.others:,} erased records were entered with a key that is lost, and are not recognised"
        )
    elif (tail := ledger_file.tail_of(path)) is None or tail.head.position < erased:
        made.trouble.append(f"{path.name} lacks records of {erased:,} that were erased: custrec doctor")
    return made


def said_of(made: Recognising | None) -> dict[str, object]:
    """What a plan's detail says of it."""
    if made is None:
        return {}
    said: dict[str, object] = {"ledger_trouble": made.trouble} if made.trouble else {}
    if made.refuses:
        return said
    return said | {name: count for name, count in (("returned", made.count), ("refilled", made.changed)) if count}
