"""Who comes back though he was erased: new records whose key, unique value, phone, e-mail or identifier the ledger of
erasures knows (docs/erasure.md). The answer rests on keyed digests: that it was erased, and nothing else.

Only what would be a new record is asked; where nobody was ever erased, nothing is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from custrec.errors import CustrecError
from custrec.files import ledger_file
from custrec.jobs.ledgers import key_or_new, ledger_of
from custrec.model.ledger import Macs, fingerprint
from custrec.model.problem import Fault
from custrec.model.returning import REFUSE, on_return
from custrec.model.schema import Table
from custrec.store import wiping
from custrec.store.coded_columns import batches
from custrec.store.database import Store
from custrec.store.identifying import Identifier, identifiers
from custrec.store.newcomers import Newcomers

RULE = "erased-before"
BETWEEN = "\x1f"
Rows = Sequence[tuple[Any, ...]]
"""Some rows: the number of each, and values of fields as they are stored."""


@dataclass
class Recognising:
    """Asks the ledger about rows that would be new records. `count` is how many it knows, `trouble` what keeps it from
    knowing more, in words."""

    table: Table
    macs: Macs
    known: frozenset[bytes]
    trouble: list[str] = field(default_factory=list)
    count: int = 0

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

    def among(self, read: Callable[[Sequence[str]], Iterable[Rows]]) -> list[tuple[int, Fault]]:
        """The rows or records that the ledger knows, by number, each with a fault; `read` gives some fields of all."""
        asked = identifiers(self.table)
        if not asked or not self.known:
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
        places = [place for place, value in enumerate(values) if value is not None]
        digests = self.macs.each(one.sort, (values[place] for place in places))
        yield from (place for place, digest in zip(places, digests, strict=True) if digest in self.known)


def recognising(store: Store, table: Table) -> Recognising | None:
    """Whoever asks the ledger for a table; None where nobody was ever erased. Raises LedgerKeyUnusable, IoFailure."""
    erased = wiping.ledger_head(store).position
    if not erased:
        return None
    key, says = key_or_new(store)
    made = Recognising(table, Macs(key), frozenset(), [says] if says else [])
    path = ledger_of(store.path)
    try:
        made.known, others = ledger_file.macs(path, fingerprint(key))
    except FileNotFoundError:
        made.trouble.append(f"{path.name} is missing: nobody of {erased:,} erased records is recognised")
        return made
    except CustrecError as error:
        made.trouble.append(error.message)
        return made
    if others and not says:
        made.trouble.append(f"{others:,} erased records were entered with a key that is lost, and are not recognised")
    elif (tail := ledger_file.tail_of(path)) is None or tail.head.position < erased:
        made.trouble.append(f"{path.name} lacks records of {erased:,} that were erased: custrec doctor")
    return made


def said_of(made: Recognising | None) -> dict[str, object]:
    """What a plan's detail says of it."""
    if made is None:
        return {}
    said: dict[str, object] = {"ledger_trouble": made.trouble} if made.trouble else {}
    return said | ({"returned": made.count} if made.count and not made.refuses else {})
