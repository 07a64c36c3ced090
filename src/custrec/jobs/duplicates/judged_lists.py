"""Lists of pairs with what people say of them: read and judged as a whole, a fault a line, before anything is planned.

    verdict,one,other        `different`, `same` or nothing; records by key or number, as `custrec show` takes them

Other columns are for the eyes. A list that `custrec dedupe review --export` wrote is one, a golden file that
`custrec dedupe test` takes is one, and so is one that a person writes.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from custrec.errors import PairsFaulty, PairsUnreadable, RecordAmbiguous, RecordUnknown
from custrec.files.texts import text_of
from custrec.jobs.duplicates.clusters import MERGEABLE
from custrec.jobs.duplicates.disjoint import DisjointSets
from custrec.jobs.edits.naming import PLACES, Named, record_named
from custrec.model.schema import Table
from custrec.store import verdicts
from custrec.store.database import Store, snapshot

VERDICT, ONE, OTHER = "verdict", "one", "other"
WORDS = {"same": True, "different": False, "相同": True, "不同": False}
OTHER_NAMES = {"expected": VERDICT}
"""Names that columns may have as well."""
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


@dataclass
class JudgedPairs:
    """All lines with a verdict, and how many have none."""

    name: str
    table: Table
    pairs: list[JudgedPair] = field(default_factory=list)
    blank: int = 0

    def of(self, same: bool) -> list[tuple[int, int]]:
        """The pairs of one verdict, each once; those that are one record by now are left out of the same."""
        found = dict.fromkeys(pair.records for pair in self.pairs if pair.same is same)
        return [pair for pair in found if pair[0] != pair[1]]


def judged_pairs(store: Store, table: Table, path: str) -> JudgedPairs:
    """The lines of a list of pairs; - reads standard input.

    Raises FileMissing, FileIsDirectory, FileUnreadable, PairsUnreadable for what is no such list, and PairsFaulty,
    which names each line at fault.
    """
    name, text = text_of(path)
    rows = _rows(name, text)
    found, wrong = JudgedPairs(name, table), []
    with snapshot(store.reader):
        for line, said, names in rows:
            word = said.strip().casefold()
            if not word:
                found.blank += 1
            elif word not in WORDS:
                wrong.append(f"line {line}: verdict: same, different or nothing is wanted")
            else:
                try:
                    one, other = (record_named(store, table, one.strip()) for one in names)
                    found.pairs.append(JudgedPair(line, one, other, WORDS[word]))
                except (RecordUnknown, RecordAmbiguous) as error:
                    wrong.append(f"line {line}: {error.message}")
    _refuse(name, table, wrong)
    return found


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
        for named in (pair.one, pair.other):
            if named.state not in MERGEABLE:
                wrong[pair.line] = f"{named.words} is {PLACES[named.state]}"
            elif named.table != found.table:
                wrong[pair.line] = f"{named.words} is no record of {found.table.name}"
        if pair.records[0] == pair.records[1] and not pair.same:
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
    _refuse(found.name, found.table, [f"line {line}: {why}" for line, why in sorted(wrong.items())])
    return found


def _refuse(name: str, table: Table, wrong: Sequence[str]) -> None:
    """Raises PairsFaulty where there are faults."""
    if wrong:
        more = (f"and {len(wrong) - MOST_TOLD:,} more",) if len(wrong) > MOST_TOLD else ()
        raise PairsFaulty(count=len(wrong), name=name, table=table.name, details=(*wrong[:MOST_TOLD], *more))


Rows = Iterator[tuple[int, str, tuple[str, str]]]


def _names(column: str) -> list[str]:
    return [column, *(other for other, one in OTHER_NAMES.items() if one == column)]


def _rows(name: str, text: str) -> Rows:
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        header = [OTHER_NAMES.get(one, one) for one in (cell.strip().casefold() for cell in next(reader, []))]
        lacking = [one for one in (VERDICT, ONE, OTHER) if header.count(one) != 1]
        if lacking:
            raise PairsUnreadable(name=name, line=1, why=f"a column {' or '.join(_names(lacking[0]))} is wanted, once")
        places = [header.index(one) for one in (VERDICT, ONE, OTHER)]
        rows = []
        for cells in reader:
            if any(cell.strip() for cell in cells):
                if len(cells) <= max(places):
                    raise PairsUnreadable(name=name, line=reader.line_num, why="the row ends before its last column")
                said, one, other = (cells[place] for place in places)
                rows.append((reader.line_num, said, (one, other)))
    except csv.Error as error:
        raise PairsUnreadable(name=name, line=reader.line_num, why="it is no CSV") from error
    return iter(rows)
