"""Retention over a large store: what the rules propose for all records, and why for one, as whole processes.

    python benchmarks/retention.py [--rows 1000000] [--rounds 3] [--keep FOLDER] [--write FILE]

The store is made by custrec itself: that many customers, and as many interactions and purchases. Two rules count from
three computed anchors: the latest interaction, the latest purchase with its year's end, and the latest of all. `--keep`
leaves the store in a folder, and uses the one that is there. Seconds as they pass, the processor's own, and peak memory.
"""

from __future__ import annotations

import argparse
import csv
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

SCHEMA = """\
version: 1
defaults: {timezone: Asia/Shanghai}
tables:
  - name: customers
    primaryKey: [no]
    fields:
      - {name: no, type: string}
      - {name: status, type: string, constraints: {enum: [lead, active, former]}}
      - {name: tags, kind: tags}
      - {name: bank, type: string}
      - {name: contract_end, type: date}
      - {name: last_contact_at, type: date}
    retention:
      - name: former
        when: status = former
        protect: [tags has VIP, exists purchases where status = open]
        anchor: end_of_year(max(contract_end, interactions.at))
        archive: 2y
        keep_at_least: {period: 3y, why: law, anchor: end_of_year(latest(purchases.ordered_at))}
        keep_at_most: {period: 7y, then: trash, why: purpose ended}
        fields: {bank: {keep_at_most: 1y}}
      - {name: silent, anchor: "max(last_contact_at, interactions.at, purchases.ordered_at)", flag: 1y, archive: 3y}
  - name: interactions
    foreignKeys: [{fields: [no], reference: {resource: customers, fields: [no]}}]
    fields: [{name: no, type: string}, {name: at, type: datetime}]
  - name: purchases
    foreignKeys: [{fields: [no], reference: {resource: customers, fields: [no]}}]
    fields: [{name: no, type: string}, {name: ordered_at, type: date}, {name: status, type: string}]
"""
LIMITS = {"retention plan": (10.0, 300.0), "retention explain": (0.25, None)}


def main() -> None:
    options = _options()
    with tempfile.TemporaryDirectory(prefix="custrec-retention-") as name:
        shop = options.keep or Path(name)
        if not (shop / "custrec.db").exists():
            _make(shop, options.rows)
        lines = [
            f"{options.rows:,} customers, as many interactions and purchases; median of {options.rounds}.",
            "",
            "| what | seconds | processor | peak memory | limit | |",
            "|---|---|---|---|---|---|",
        ]
        for words in (["retention", "plan"], ["retention", "explain", "C0000077"]):
            taken = [_run(words, shop) for _ in range(options.rounds)]
            passed, worked = (statistics.median(one[place] for one in taken) for place in (0, 1))
            memory = max(one[2] for one in taken)
            what = " ".join(words[:2])
            limit, room = LIMITS[what]
            met = "met" if passed <= limit and (room is None or memory <= room) else "**missed**"
            said = f"{limit} s{f', {room:.0f} MB' if room else ''}"
            lines.append(f"| {what} | {passed:.2f} | {worked:.2f} s | {memory:.0f} MB | {said} | {met} |")
    report = "\n".join([*lines, "", f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}.", ""])
    print(report)
    if options.write:
        options.write.write_text(report, encoding="utf-8")


def _make(shop: Path, rows: int) -> None:
    shop.mkdir(parents=True, exist_ok=True)
    (shop / "schema.yaml").write_text(SCHEMA, encoding="utf-8")
    _run(["init", "-q"], shop)
    draw = random.Random(1)
    for table, header, made in (
        ("customers", "no,status,tags,bank,contract_end,last_contact_at", _customers(draw, rows)),
        ("interactions", "no,at", _interactions(draw, rows)),
        ("purchases", "no,ordered_at,status", _purchases(draw, rows)),
    ):
        path = shop / f"{table}.csv"
        with path.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow(header.split(","))
            writer.writerows(made)
        _run(["import", str(path), "-t", table, "-q"], shop)
        path.unlink()


def _customers(draw: random.Random, rows: int) -> Iterator[tuple[str, ...]]:
    for number in range(rows):
        tags = "VIP" if number % 50 == 0 else ""
        status = draw.choice(["lead", "active", "former"])
        last = _day(draw) if number % 7 else ""
        yield f"C{number:07}", status, tags, str(number % 9_999) if number % 3 else "", _day(draw), last


def _interactions(draw: random.Random, rows: int) -> Iterator[tuple[str, ...]]:
    for _ in range(rows):
        yield f"C{draw.randrange(rows):07}", f"{_day(draw)} {draw.randrange(24):02}:{draw.randrange(60):02}"


def _purchases(draw: random.Random, rows: int) -> Iterator[tuple[str, ...]]:
    for _ in range(rows):
        yield f"C{draw.randrange(rows):07}", _day(draw), draw.choice(["open", "paid", "returned"])


def _day(draw: random.Random) -> str:
    return (date(2010, 1, 1) + timedelta(days=draw.randrange(5_800))).isoformat()


def _run(words: list[str], shop: Path) -> tuple[float, float, float]:
    """Run a command; seconds as they passed, the processor's, and the peak memory in MB."""
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "custrec", *words], cwd=shop, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _, status, used = os.wait4(process.pid, 0)
    passed = time.perf_counter() - began
    if os.waitstatus_to_exitcode(status) not in (0, 3):
        sys.exit(f"custrec {' '.join(words)} failed")
    return passed, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--write", type=Path)
    return parser.parse_args()


if __name__ == "__main__":
    main()
