"""Changing the schema of a full store: what each kind of change takes, its undo too, and the memory.

    python benchmarks/schema_changes.py [--rows 1000000] [--store custrec.db] [--write benchmarks/SCHEMA_CHANGES.md]

A store with the default schema is filled with the benchmark's customers (or one that is filled already is copied).
Each change is written into schema.yaml, applied through the command with everything that comes with it (the copy of
the store before, the search index after), and undone. Whole processes, one round,
warm. Memory is the sum of the proportional set sizes (PSS) of the process, sampled every 50 ms.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import shutil
import sqlite3
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import customers
from run import CUSTREC, _run

LIMIT = 60
"""Seconds that a change of the schema of a million records may take."""
FIELD = "      - name: owner\n"
CHANGES = {
    "add a field": (FIELD, f"      - name: tier\n        type: string\n{FIELD}"),
    "rename a field": ("      - name: company\n", "      - name: firm\n        was: company\n"),
    "drop a field that all records have": ("      - name: created_at\n        type: date\n        format: any\n", None),
    "new kind, the column stays (phone → text)": (
        "        kind: phone\n        regionField: country",
        "        type: string",
    ),
    "new kind, a new column (money → text)": ("        kind: money\n", "        type: string\n"),
    "narrower: at most 200 characters": (
        "        kind: address\n",
        "        kind: address\n        constraints: {maxLength: 200}\n",
    ),
    "new key of two fields": ("    primaryKey: [customer_no]", "    primaryKey: [customer_no, name]"),
    "new unique field": ("      - name: tax_no\n", "      - name: tax_no\n        constraints: {unique: true}\n"),
}
"""What is exchanged in the first table of schema.yaml (None: the field's lines go)."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--store", type=Path, help="a filled store with the default schema beside it")
    parser.add_argument("--only", nargs="*", default=list(CHANGES), help="the beginnings of the changes to measure")
    parser.add_argument("--write", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="custrec-bench-") as name:
        shop = Path(name) / "shop"
        shop.mkdir()
        _fill(shop, options)
        changes = [_measured(shop, what) for what in CHANGES if what.startswith(tuple(options.only))]
        size = (shop / "custrec.db").stat().st_size
    report = _report(options, changes, size)
    print(report)
    if options.write:
        options.write.write_text(report, encoding="utf-8")


def _fill(shop: Path, options: argparse.Namespace) -> None:
    if options.store:
        for path in (options.store, options.store.with_name("schema.yaml")):
            shutil.copy(path, shop / path.name)
    else:
        file = shop / "customers.csv"
        customers.write(file, options.rows)
        _run([*CUSTREC, "init", "-q"], shop)
        _run([*CUSTREC, "import", str(file), "-q"], shop)
        file.unlink()
    alone = _alone((shop / "schema.yaml").read_text(encoding="utf-8"))
    (shop / "schema.yaml").write_text(alone, encoding="utf-8")
    _run([*CUSTREC, "schema", "apply", "--yes", "-q"], shop)


def _alone(text: str) -> str:
    """The default schema with its first table alone, so that its key is free to change; without the checks."""
    head, _, rest = text.partition("  - name: customers")
    table = rest.split("\n  - name: ")[0].split("    checks:")[0]
    return f"{head}  - name: customers{table}"


@dataclass(frozen=True)
class Change:
    """What one change took: seconds, those of the processor, those of the search index; its undo; bytes at the peak."""

    what: str
    seconds: float
    processor: float
    index: float
    back: float
    back_processor: float
    peak: int


def _measured(shop: Path, what: str) -> Change:
    place = shop / "schema.yaml"
    before = place.read_text(encoding="utf-8")
    place.write_text(_changed(before, *CHANGES[what]), encoding="utf-8")
    spent = _spent()
    done = _run([*CUSTREC, "schema", "apply", "--yes", "--json"], shop, watched=True)
    processor = _spent() - spent
    index = json.loads(done.output)["seconds"].get("search index", 0.0)
    back = _run([*CUSTREC, "undo", "-q"], shop)
    back_processor = _spent() - spent - processor
    place.write_text(before, encoding="utf-8")
    print(f"{what}: {done.seconds:.1f} s, undo {back.seconds:.1f} s", file=sys.stderr)
    return Change(what, done.seconds, processor, index, back.seconds, back_processor, done.peak)


def _spent() -> float:
    """Seconds of the processor that the commands took so far."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _changed(text: str, old: str, new: str | None) -> str:
    assert old in text, old
    if new is not None:
        return text.replace(old, new, 1)
    begin = text.index(old)
    end = text.find("      - name: ", begin + len(old))
    return text[:begin] + text[end if end > 0 else len(text) :]


def _report(options: argparse.Namespace, changes: list[Change], size: int) -> str:
    rows = [
        f"| {c.what} | {c.seconds:.1f} | {c.processor:.1f} | {c.index:.1f} | {c.back:.1f} | {c.back_processor:.1f} "
        f"| {c.peak / 1e6:.0f} | {'met' if c.seconds < LIMIT else '**missed**'} |"
        for c in changes
    ]
    return f"""\
# Changing the schema of {options.rows:,} records

`python benchmarks/schema_changes.py --rows {options.rows}`: a store of {size / 1e6:.0f} MB, each change applied and undone
once, whole processes: the copy of the store before and the search index after are part of it. The limit is {LIMIT} seconds.

{os.cpu_count()} cores shared with other work (load {os.getloadavg()[0]:.1f} at the end: where it is above the cores, the seconds
of the processor tell more than those of the clock), Python {platform.python_version()}, SQLite {sqlite3.sqlite_version},
{platform.system()} {platform.machine()}.

| change | seconds | of the processor | search index | undo, seconds | of the processor | peak MB | |
|---|---|---|---|---|---|---|---|
{chr(10).join(rows)}
"""


if __name__ == "__main__":
    main()
