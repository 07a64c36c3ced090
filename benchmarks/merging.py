"""Fifty thousand clusters made one record each by one plan, undone, redone, and the list they came from imported again:

    python benchmarks/merging.py [--rows 300000] [--clusters 50000] [--rounds 1]

A store of customers (benchmarks/customers.py) with one interaction each; clusters of two to four of them, at random, in
a file as `dedupe list --format jsonl` writes it. Seconds are those of whole processes, beside the processor time that they
used, which says more on a busy machine. Memory is the sum of the
proportional set sizes, sampled every 50 ms (benchmarks/run.py).
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import shutil
import sqlite3
import statistics
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import customers
from run import CUSTREC, _run

LIMIT = 30
"""Seconds that a merge, its undo, and the list again may take."""


def main() -> None:
    options = _options()
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        customers.write(work / "customers.csv", options.rows)
        shop = work / "shop"
        shop.mkdir()
        for words in (["init", "-q"], ["import", str(work / "customers.csv"), "-q"]):
            subprocess.run([*CUSTREC, *words], cwd=shop, check=False, capture_output=True)
        children = _children(shop, work / "interactions.csv")
        subprocess.run([*CUSTREC, "import", str(work / "interactions.csv"), "-q"], cwd=shop, check=True)
        records = _clusters(shop, options.clusters, work / "clusters.jsonl")
        print(f"{options.rows:,} rows, {children:,} children, {options.clusters:,} clusters of {records:,} records\n")
        print("| what | seconds | processor | peak memory | limit | |\n|---|---|---|---|---|---|")
        merge = ["dedupe", "merge", "--from", str(work / "clusters.jsonl"), "--max-change", "1000000", "--json"]
        again = ["import", str(work / "customers.csv"), "-n", "--json"]
        steps = {"merge": merge, "undo": ["undo", "--json"], "redo": ["redo", "--json"], "the list again": again}
        rounds: dict[str, list[float]] = {name: [] for name in steps}
        processor: dict[str, list[float]] = {}
        peaks: dict[str, int] = {}
        for number in range(options.rounds):
            fresh = shutil.copytree(shop, work / f"round{number}")
            for name, words in steps.items():
                began = _processor()
                done = _run([*CUSTREC, *words], fresh, watched=True)
                processor.setdefault(name, []).append(_processor() - began)
                rounds[name].append(done.seconds)
                peaks[name] = max(peaks.get(name, 0), done.peak)
            shutil.rmtree(fresh)
        for name, seconds in rounds.items():
            middle = statistics.median(seconds)
            verdict = "met" if middle <= LIMIT else "**missed**"
            spent = statistics.median(processor[name])
            print(f"| {name} | {middle:.2f} | {spent:.1f} s | {peaks[name] / 1e6:,.0f} MB | {LIMIT} s | {verdict} |")


def _processor() -> float:
    """Seconds of processor time that ended children have used."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _children(shop: Path, file: Path) -> int:
    """One interaction for each customer."""
    rows = 0
    with file.open("w", encoding="utf-8") as out:
        out.write("customer_no,at,channel,note\n")
        for (key,) in _query(shop, "SELECT customer_no FROM customers ORDER BY _id"):
            out.write(f"{key},2026-05-01 12:00,phone,called {rows}\n")
            rows += 1
    return rows


def _clusters(shop: Path, count: int, file: Path) -> int:
    """Clusters of customers, each in one of them at most; how many customers there are in them."""
    dice = random.Random(1)
    ids = [record for (record,) in _query(shop, "SELECT _id FROM customers ORDER BY _id")]
    dice.shuffle(ids)
    place = 0
    with file.open("w", encoding="utf-8") as out:
        for _ in range(count):
            size = dice.choice((2, 2, 2, 3, 4))
            out.write(json.dumps({"members": [{"id": record} for record in ids[place : place + size]]}) + "\n")
            place += size
    return place


def _query(shop: Path, query: str) -> Iterator[tuple[object, ...]]:
    reader = sqlite3.connect(f"file:{shop / 'custrec.db'}?mode=ro", uri=True)
    yield from reader.execute(query).fetchall()
    reader.close()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=300_000)
    parser.add_argument("--clusters", type=int, default=50_000)
    parser.add_argument("--rounds", type=int, default=1)
    return parser.parse_args()


if __name__ == "__main__":
    main()
