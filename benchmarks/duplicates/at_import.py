"""What it costs an import to ask for likely duplicates, and how well it tells them.

    python benchmarks/duplicates/at_import.py contacts people_cn [--size 100000] [--file 10000] [--rounds 3] …
    python benchmarks/duplicates/at_import.py --onto STORE --rows FILE [--rounds 3]

Of each labelled set one row in so many is kept back as a file of `--file` rows; the others become a store that is searched.
Then the file is imported into a copy of that store, and the whole set into an empty one: with `--duplicates never` and with
`--duplicates warn`, by turns, as whole processes. The minimum of the rounds counts, because other work on the machine only
ever adds.

A suspicion is right where the row and whoever it is said to be are one entity; all rows are asked for that have a record or
an earlier row of their entity, but those that the import refuses for a cell. With `--onto` it is a store of one's own and
files for it that are measured, without truth.
"""

from __future__ import annotations

import argparse
import csv
import re
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from compare import CUSTREC, Took, mend, timed
from sets import FOLDER, KEY, SOURCES, LabelledSet, Wanted, prepare

POLICIES = ("never", "warn")
_SAID = re.compile(r"likely the same as (?:line (?P<line>\d+)|\S+ #(?P<record>\d+))")


@dataclass(frozen=True)
class Case:
    """A file for a store: `entities` are those of the file's rows, `known` those of the store's records by number."""

    name: str
    store: Path
    rows: Path
    entities: Sequence[str] = ()
    known: Mapping[int, str] = field(default_factory=dict)


@dataclass
class Cost:
    """The least that a case took by one policy, and how many rows were suspected, of those how many rightly."""

    seconds: float = float("inf")
    processor: float = float("inf")
    suspected: int = 0
    right: int = 0
    told: int = 0
    """How many rows there are to be told."""

    def add(self, took: Took) -> None:
        self.seconds, self.processor = min(self.seconds, took.seconds), min(self.processor, took.processor)


def cases(made: LabelledSet, file: int, work: Path) -> Iterator[Case]:
    """The two cases of a labelled set."""
    entities = made.entities()
    with made.rows.open(encoding="utf-8", newline="") as stream:
        header, *rows = csv.reader(stream)
    every = max(len(rows) // max(file, 1), 2)
    late = [row for place, row in enumerate(rows) if place % every == 0]
    early = [row for place, row in enumerate(rows) if place % every]
    empty, searched = work / "empty", work / "searched"
    empty.mkdir()
    shutil.copy(made.schema, empty / "schema.yaml")
    timed([*CUSTREC, "init", "-q"], empty)
    shutil.copytree(empty, searched)
    timed([*CUSTREC, "import", str(_written(work / "early.csv", header, early)), "-q"], searched, allowed=(0, 3))
    for number, rejects in enumerate((searched / "custrec.rejects").glob("*.csv")):
        mended = mend(rejects, work / f"mended{number}.csv")
        timed([*CUSTREC, "import", str(mended), "-q"], searched, allowed=(0, 3))
    timed([*CUSTREC, "dedupe", "find", "-q"], searched, allowed=(0, 3))
    with closing(sqlite3.connect(searched / "custrec.db")) as store:
        known = {number: entities[key] for number, key in store.execute(f"SELECT _id, {KEY} FROM people")}
    rest, place = _written(work / "late.csv", header, late), header.index(KEY)
    name = f"{made.name}: {len(late):,} rows onto {len(early):,}"
    yield Case(name, searched, rest, [entities[row[place]] for row in late], known)
    name = f"{made.name}: {len(rows):,} rows into an empty store"
    yield Case(name, empty, made.rows, [entities[row[place]] for row in rows])


def _written(path: Path, header: Sequence[str], rows: Sequence[Sequence[str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)
    return path


def measured(case: Case, rounds: int, work: Path) -> dict[str, Cost]:
    """Import by each policy in turn, into a fresh copy of the store each time."""
    costs = {policy: Cost() for policy in POLICIES}
    for _ in range(rounds):
        for policy, cost in costs.items():
            copy = work / "copy"
            shutil.copytree(case.store, copy)
            for left in ("custrec.rejects", "custrec.review"):
                shutil.rmtree(copy / left, ignore_errors=True)
            cost.add(timed([*CUSTREC, "import", str(case.rows), "--duplicates", policy, "-q"], copy, allowed=(0, 3)))
            if policy == "warn":
                cost.suspected, cost.right = judged(case, copy)
                cost.told = to_be_told(case, copy)
            shutil.rmtree(copy)
    return costs


def judged(case: Case, store: Path) -> tuple[int, int]:
    """How many rows were suspected, and how many of those rightly."""
    count = right = 0
    for path in (store / "custrec.review").glob("*.csv"):
        with path.open(encoding="utf-8-sig", newline="") as stream:
            for row in csv.DictReader(stream):
                said = _SAID.match(row["_message"])
                if said is None:
                    continue
                count += 1
                if case.entities:
                    mine = case.entities[int(row["_line"]) - 2]
                    line, record = said["line"], said["record"]
                    right += mine == (case.entities[int(line) - 2] if line else case.known[int(record)])
    return count, right


def to_be_told(case: Case, store: Path) -> int:
    """How many of the rows that were taken have a record or an earlier row of their entity."""
    refused = set()
    for path in (store / "custrec.rejects").glob("*.csv"):
        with path.open(encoding="utf-8-sig", newline="") as stream:
            refused |= {int(row["_line"]) for row in csv.DictReader(stream)}
    seen = set(case.known.values())
    count = 0
    for line, entity in enumerate(case.entities, 2):
        if line not in refused:
            count += entity in seen
            seen.add(entity)
    return count


HEAD = (
    "| case | never, s | of processor | warn, s | of processor | times | suspected | precision | recall | F1 |\n"
    "|---|---|---|---|---|---|---|---|---|---|"
)


def table_row(case: Case, costs: Mapping[str, Cost]) -> str:
    """A case as a row of the table."""
    never, warn = (costs[policy] for policy in POLICIES)
    cells = [case.name]
    cells += [f"{part:.2f}" for cost in (never, warn) for part in (cost.seconds, cost.processor)]
    cells += [f"**{warn.seconds / never.seconds:.2f}**", f"{warn.suspected:,}"]
    if warn.told:
        both = 2 * warn.right / (warn.suspected + warn.told)
        cells += [f"{warn.right / max(warn.suspected, 1):.4f}", f"{warn.right / warn.told:.4f}", f"{both:.4f}"]
    else:
        cells += ["", "", ""]
    return f"| {' | '.join(cells)} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(SOURCES))
    parser.add_argument("--size", type=int, default=100_000)
    parser.add_argument("--file", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--onto", type=Path, help="the folder of a store; it is copied, never written to")
    parser.add_argument("--rows", type=Path, nargs="+", default=[], help="files for it")
    parser.add_argument("--households", type=Path)
    parser.add_argument("--into", type=Path, default=FOLDER)
    options = parser.parse_args()
    if (options.onto is None) != (not options.rows) or not {*options.names} <= {*SOURCES}:
        parser.error("name sets, or a store with --onto and files with --rows")
    print(HEAD, flush=True)
    for name in options.names:
        made = prepare(Wanted(name, options.size, options.seed, options.households), options.into)
        with tempfile.TemporaryDirectory(prefix="custrec-bench-") as folder:
            for case in cases(made, options.file, Path(folder)):
                print(table_row(case, measured(case, options.rounds, Path(folder))), flush=True)
    for rows in options.rows:
        with tempfile.TemporaryDirectory(prefix="custrec-bench-") as folder:
            case = Case(rows.name, options.onto, rows.resolve())
            print(table_row(case, measured(case, options.rounds, Path(folder))), flush=True)


if __name__ == "__main__":
    main()
