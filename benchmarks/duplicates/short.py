"""Short lists: so many records are drawn of a labelled set, and the duplicates among them are found.

    python benchmarks/duplicates/short.py NAME… [--sizes 10 20 30 50 100 200 400] [--draws 12] [--counts 3]

Entities are drawn with all their records until the list is long enough. `--counts` gives each record so many whole
numbers more that only count (visits, points, a year), which tell nothing of who somebody is. Everything is as shipped.
Of all draws of a size together: precision and recall of the pairs in clusters, and how many pairs are sure (.99 and
more), and of these wrong.
"""

from __future__ import annotations

import argparse
from collections import Counter, defaultdict
from random import Random

import numpy as np
from answers import columns_of
from metrics import agreement
from sets import FOLDER, SOURCES, Wanted, prepare

from custrec.matching.columns import Column, encode
from custrec.matching.engine import find
from custrec.model.schema import Defaults, Field
from custrec.values.registry import for_field

SURE = 0.99
HEAD = "| set | records | precision | recall | F1 | sure pairs | wrong |\n|---|---|---|---|---|---|---|"


def drawn(columns: list[Column], truth: np.ndarray, size: int, chance: Random) -> tuple[list[Column], list[int]]:
    """A list of about so many records, shuffled, and the entity of each."""
    rows_of = defaultdict(list)
    for row, entity in enumerate(truth.tolist()):
        rows_of[entity].append(row)
    rows: list[int] = []
    for entity in chance.sample(sorted(rows_of), min(size, len(rows_of))):
        rows += rows_of[entity]
        if len(rows) >= size:
            break
    chance.shuffle(rows)
    texts = [[None, *one.values] for one in columns]
    chosen = [
        encode(one.name, one.kind, [values[code + 1] for code in one.codes[rows].tolist()])
        for one, values in zip(columns, texts, strict=True)
    ]
    return chosen, truth[rows].tolist()


def counting(rows: int, number: int, chance: Random) -> Column:
    """A column that only counts."""
    kind = for_field(Field(f"count{number}", kind="integer"), Defaults())
    ways = (lambda: int(chance.expovariate(0.5)), lambda: chance.randrange(5_000), lambda: chance.randrange(2012, 2027))
    return encode(f"count{number}", kind, [ways[number % 3]() for _ in range(rows)])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="+", choices=SOURCES, metavar="NAME", help=", ".join(SOURCES))
    parser.add_argument("--sizes", type=int, nargs="+", default=[10, 20, 30, 50, 100, 200, 400])
    parser.add_argument("--draws", type=int, default=12)
    parser.add_argument("--counts", type=int, default=0)
    options = parser.parse_args()
    print(HEAD, flush=True)
    for name in options.names:
        columns, truth = columns_of(prepare(Wanted(name, 10_000), FOLDER))
        for size in options.sizes:
            found, true, both, sure = 0, 0, 0, Counter[bool]()
            for draw in range(options.draws):
                chance = Random(f"{size} {draw}")
                some, entities = drawn(columns, truth, size, chance)
                some += [counting(len(entities), number, chance) for number in range(options.counts)]
                run = find(some)
                rows = [str(row) for row in range(len(entities))]
                said = agreement(
                    dict(zip(rows, map(str, entities), strict=True)),
                    dict(zip(rows, map(str, run.clusters.tolist()), strict=True)),
                )
                found, true, both = found + said.found, true + said.true, both + said.both
                among = run.probability >= SURE
                pairs = zip(run.left[among].tolist(), run.right[among].tolist(), strict=True)
                sure.update(entities[one] == entities[two] for one, two in pairs)
            precision, recall = both / found if found else 1.0, both / true if true else 1.0
            f1 = 2 * both / (found + true) if found + true else 1.0
            print(
                f"| {name} | {size} | {precision:.3f} | {recall:.3f} | **{f1:.3f}** | {sure.total():,} | {sure[False]} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
