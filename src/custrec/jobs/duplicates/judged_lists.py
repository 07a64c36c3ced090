"""Lists of pairs with what people say of them: read and judged as a whole, a fault a line, before anything is planned.

    verdict,one,other        `different`, `same` or nothing; records by key or number, as `custrec show` takes them

Other columns are for the eyes, but for one.KEY and other.KEY: they tell which record was meant when the list was
written (jobs.duplicates.pair_rows). A list that `custrec dedupe review --export` wrote is one, a golden file that
`custrec dedupe test` takes is one, and so is one that a person writes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from custrec.errors import PairsFaulty, RecordAmbiguous, RecordUnknown
from custrec.files.texts import text_of
from custrec.jobs.duplicates.clusters import MERGEABLE
from custrec.jobs.duplicates.disjoint import DisjointSets
from custrec.jobs.duplicates.merged import read_as
from custrec.jobs.duplicates.pair_rows import SIDES, PairRow, pair_rows, same_key
from custrec.jobs.edits.naming import PLACES, Named, the_only, those_meant, written_by_custrec
from custrec.model.schema import Table
from custrec.store import verdicts
from custrec.store.database import Store, snapshot

WORDS = {"same": True, "different": False, "相同": True, "不同": False}
_NUMBER = re.compile(r"\w*#[0-9]{1,12}|[A-Za-z]{0,4}[-_]?[0-9]{1,6}", re.ASCII).fullmatch
"""What looks like the number of a record, or a short key with one in it: nobody's name, phone or e-mail."""
MOST_TOLD = 20
"""So many faults are told."""


@dataclass(frozen=True)
class JudgedPair:
    """A line of such a list: the records that it names, and whether they are the same."""

    line: int
    one: Named
    other: Named
    same: bool

    @property
    def records(self) -> tuple[int, int]:
        """Their numbers as they are now, the lower first."""
        return min(self.one.record, self.other.record), max(self.one.record, self.other.record)

    @property
    def named(self) -> tuple[int, int]:
        """The numbers of the records that were named themselves, whatever they are part of now."""
        return self.one.via or self.one.record, self.other.via or self.other.record


@dataclass
class JudgedPairs:
    """All lines with a verdict, and how many have none; `column` is what the list calls its verdicts."""

    name: str
    table: Table
    column: str
    pairs: list[JudgedPair] = field(default_factory=list)
    blank: int = 0

    def of(self, same: bool) -> list[tuple[int, int]]:
        """The pairs of one verdict, each once; those that are one record by now are left out of the same."""
        found = dict.fromkeys(pair.records for pair in self.pairs if pair.same is same)
        return [pair for pair in found if pair[0] != pair[1]]


def judged_pairs(store: Store, table: Table | None, path: str) -> JudgedPairs:
    """The lines of a list of pairs; - reads standard input. Of the table that is given, else of the one that it names.

    Raises FileMissing, FileIsDirectory, FileUnreadable, PairsUnreadable for what is no such list, and PairsFaulty,
    which names each line at fault.
    """
    name, text = text_of(path)
    keys = frozenset(field.casefold() for one in store.schema.tables for field in one.primary_key)
    listed = pair_rows(name, text, keys)
    chosen = listed.table(store.schema, table)
    found, wrong = JudgedPairs(name, chosen, listed.column), []
    with snapshot(store.reader):
        for row in listed.rows:
            word = row.said.casefold()
            if not word:
                found.blank += 1
            elif word not in WORDS:
                wrong.append(f"line {row.line}: {listed.column}: same, different or nothing is wanted")
            else:
                try:
                    one, other = _meant(store, table, chosen, row)
                    found.pairs.append(JudgedPair(row.line, one, other, WORDS[word]))
                except LookupError as error:
                    wrong.append(f"line {row.line}: {error}")
    _refuse(found, wrong)
    return found


def _meant(store: Store, table: Table | None, chosen: Table, row: PairRow) -> Iterator[Named]:
    """The two records of a row. Raises LookupError, which says a text only where it looks like a record's number: in a
    list whose columns were shifted it is a person's name or phone."""
    for column, name, told in zip(SIDES, row.names, row.keys, strict=True):
        own = written_by_custrec(store.schema, table, name)
        candidates = those_meant(store, table if own else chosen, name)
        fitting = [one for one in candidates if _fits(store, one, told)]
        if candidates and not fitting:
            words = candidates[0].words
            raise LookupError(f"{words} has not the key that the line tells; the list is of another store")
        try:
            one = the_only(store, chosen, name, fitting)
        except RecordUnknown as error:
            raise LookupError(
                error.message if _NUMBER(name) else f"{column}: {chosen.name} has no such record"
            ) from None
        except RecordAmbiguous as error:
            several = f"{column}: this may be {error.params['count']} records; name it as #12"
            raise LookupError(error.message if _NUMBER(name) else several) from None
        if one.table.name != chosen.name:
            raise LookupError(f"{one.words} is no record of {chosen.name}")
        yield one


def _fits(store: Store, one: Named, told: Mapping[str, str]) -> bool:
    """Whether the record that was named has the keys that a list tells of it."""
    names = [name for name in one.table.primary_key if name.casefold() in told and name not in one.table.references]
    if not names:
        return True
    number = one.via or one.record
    held = read_as(store, one.table, names, [number])[number]
    return all(same_key(text, told[name.casefold()]) for name, text in zip(names, held, strict=True))


def held_together(store: Store, found: JudgedPairs) -> JudgedPairs:
    """The list itself, its verdicts held against each other and those given before, so that they can be carried out.

    Raises PairsFaulty: records in the trash, or restricted; records that are one and are said to be different; who
    would become the same by way of others and is said to be different.
    """
    wrong: dict[int, str] = {}
    together = DisjointSets()
    for records in found.of(same=True):
        together.join(records)
    group = together.leaders()
    for pair in found.pairs:
        if fault := _not_comparable(pair, found.table):
            wrong[pair.line] = fault
        elif pair.records[0] == pair.records[1] and not pair.same:
            wrong[pair.line] = (
                f"both are #{pair.one.record} since they were merged; custrec dedupe split takes it apart"
            )
    said = {pair.records: f"line {pair.line} says" for pair in found.pairs if not pair.same}
    with snapshot(store.reader):
        for given in verdicts.verdicts(store, found.table):
            said.setdefault((min(given[2:4]), max(given[2:4])), f"event {given.event} said")
    apart = {
        group[one]: (one, other, who)
        for (one, other), who in said.items()
        if one in group and group[one] == group.get(other)
    }
    for pair in found.pairs:
        clash = apart.get(group.get(pair.records[0], 0))
        if pair.same and pair.line not in wrong and clash:
            one, other, who = clash
            wrong[pair.line] = f"#{one} and #{other} would become one, and {who} that they are different"
    _refuse(found, [f"line {line}: {why}" for line, why in sorted(wrong.items())])
    return found


def comparable(found: JudgedPairs) -> JudgedPairs:
    """The list itself, of which each pair is to be judged as what it was, whatever it was merged into since.

    Raises PairsFaulty: records in the trash, or restricted, or of another table; a record with itself; a pair that is
    said to be the same and different.
    """
    wrong: list[str] = []
    said: dict[tuple[int, int], JudgedPair] = {}
    for pair in found.pairs:
        one, other = sorted(pair.named)
        first = said.setdefault((one, other), pair)
        if fault := _not_comparable(pair, found.table):
            wrong.append(f"line {pair.line}: {fault}")
        elif first.same is not pair.same:
            here, there = ("the same", "different") if pair.same else ("different", "the same")
            wrong.append(f"line {pair.line}: #{one} and #{other} are {here} here, and {there} in line {first.line}")
    _refuse(found, wrong)
    return found


def _not_comparable(pair: JudgedPair, table: Table) -> str | None:
    """Why two records cannot be compared: they are one, or one was put aside, or is of another table."""
    if pair.named[0] == pair.named[1] and pair.one.table == pair.other.table:
        return f"{pair.one.table.name} #{pair.named[0]} with itself is no pair"
    for named in (pair.other, pair.one):
        if named.state not in MERGEABLE:
            return f"{named.words} is {PLACES[named.state]}"
        if named.table != table:
            return f"{named.words} is no record of {table.name}"
    return None


def _refuse(found: JudgedPairs, wrong: Sequence[str]) -> None:
    """Raises PairsFaulty where there are faults."""
    if wrong:
        more = (f"and {len(wrong) - MOST_TOLD:,} more",) if len(wrong) > MOST_TOLD else ()
        raise PairsFaulty(
            count=len(wrong),
            name=found.name,
            table=found.table.name,
            column=found.column,
            details=(*wrong[:MOST_TOLD], *more),
        )
