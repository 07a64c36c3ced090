"""What a few answers are worth: a set is searched, some pairs are answered from the truth, the weights are tuned.

    python benchmarks/duplicates/answers.py people_cn households [--size 10000] [--answers 60] [--seed N] …

The pairs asked are those that `custrec dedupe review` shows: likely ones, the least certain first, each second one from
all the others. Precision, recall and F1 are of all likely pairs (probability 0.05 and more) but those that were answered
and those that share an entity with them: what the weights have not seen. What is missed below 0.05 is missed before and
after, and is not counted.
"""

from __future__ import annotations

import argparse
import csv
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
from sets import FOLDER, SOURCES, LabelledSet, Wanted, prepare

from custrec.files.schema_file import load_schema
from custrec.matching.columns import Column, encode
from custrec.matching.engine import Found, Options, find
from custrec.matching.incremental import judge_pairs
from custrec.matching.tuning import Answers, Quality, Tuning, quality, tune
from custrec.values.registry import for_field


@dataclass(frozen=True)
class Gain:
    """How the pairs that nobody was asked about are told before and after."""

    asked: int
    unseen: int
    before: Quality
    after: Quality
    tuning: Tuning


def columns_of(made: LabelledSet) -> tuple[list[Column], np.ndarray[Any, Any]]:
    """The columns of a set as the engine takes them, and the entity of each row as a number."""
    schema = load_schema(made.schema)
    table = schema.tables[0]
    with made.rows.open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    cells = dict(zip(header, zip(*rows, strict=True), strict=True))
    entities = made.entities()
    numbered = {name: place for place, name in enumerate(dict.fromkeys(entities.values()))}
    truth = np.array([numbered[entities[row]] for row in cells.pop(table.primary_key[0])])
    columns = []
    for field in table.fields:
        if field.name in cells:
            kind = for_field(field, schema.defaults)
            texts = [text.strip() or None for text in cells[field.name]]
            columns.append(encode(field.name, kind, kind.judge_column(texts).values))
    return columns, truth


def asked_of(found: Found, count: int, seed: int) -> np.ndarray[Any, Any]:
    """The places of the pairs that are asked: every other one the least certain, the rest drawn from all."""
    random = Random(seed)
    doubt = np.argsort(np.abs(found.probability - 0.5), kind="stable").tolist()
    rest = random.sample(doubt, len(doubt))
    chosen: dict[int, None] = {}
    for one, two in zip(doubt, rest, strict=True):
        chosen[one] = chosen[two] = None
        if len(chosen) >= count:
            break
    return np.array(list(chosen)[:count])


def gain(
    columns: list[Column], truth: np.ndarray[Any, Any], answers: int, seed: int, found: Found | None = None
) -> Gain:
    """Search, answer so many pairs, tune, and see how the others are told."""
    found = found or find(columns)
    asked = asked_of(found, answers, seed)
    left, right = found.left, found.right
    same = truth[left] == truth[right]
    known = np.unique(np.concatenate([truth[left[asked]], truth[right[asked]]]))
    unseen = ~(np.isin(truth[left], known) | np.isin(truth[right], known))
    threshold = Options().threshold
    tuning = tune(columns, found.model, Answers(left[asked], right[asked], same[asked]), threshold)
    now = judge_pairs(columns, tuning.model, left, right).odds
    return Gain(
        len(asked),
        int(unseen.sum()),
        quality(found.odds[unseen], same[unseen], threshold),
        quality(now[unseen], same[unseen], threshold),
        tuning,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="+", choices=SOURCES, metavar="NAME", help=", ".join(SOURCES))
    parser.add_argument("--size", type=int, default=10_000)
    parser.add_argument("--answers", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--households", type=Path)
    parser.add_argument("--into", type=Path, default=FOLDER)
    options = parser.parse_args()
    print("| set | unseen pairs | precision | recall | F1 | loss | precision after | recall | F1 | loss | kept |")
    print("|---|---|---|---|---|---|---|---|---|---|---|")
    for name in options.names:
        made = prepare(Wanted(name, options.size, options.seed, options.households), options.into)
        columns, truth = columns_of(made)
        found = find(columns)
        for seed in range(options.rounds):
            one = gain(columns, truth, options.answers, seed, found)
            told = (f"{q.precision:.4f} | {q.recall:.4f} | {q.f1:.4f} | {q.loss:.4f}" for q in (one.before, one.after))
            kept = "yes" if one.tuning.helps else "no"
            print(f"| {made.name} | {one.unseen:,} | {' | '.join(told)} | {kept} |", flush=True)


if __name__ == "__main__":
    main()
