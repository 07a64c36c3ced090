"""Changing the schema of a full store: what each kind of change takes, its undo too, and the memory.

    python benchmarks/schema_changes.py [--rows 1000000] [--store custrec.db] [--write benchmarks/SCHEMA_CHANGES.md]

A store with the default schema is filled with the benchmark's customers (or one that is filled already is copied).
Each change is written into schema.yaml, applied through the command with everything that comes with it (the copy of
the store before, the search index after), verified nowhere but in the tests, and undone. Whole processes, one round,
warm. Memory is the sum of the proportional set sizes (PSS) of the process, sampled every 50 ms.
"""

from __future__ import annotations

import argparse
import json
import platform
import shutil
import sqlite3
import sys
import tempfile
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
    parser.add_argument("--write", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="custrec-bench-") as name:
        shop = Path(name) / "shop"
        shop.mkdir()
        _fill(shop, options)
        lines = [_measured(shop, what) for what in CHANGES]
        size = (shop / "custrec.db").stat().st_size
    report = _report(options, lines, size)
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


def _measured(shop: Path, what: str) -> tuple[str, float, float, float, int]:
    place = shop / "schema.yaml"
    before = place.read_text(encoding="utf-8")
    place.write_text(_changed(before, *CHANGES[what]), encoding="utf-8")
    done = _run([*CUSTREC, "schema", "apply", "--yes", "--json"], shop, watched=True)
    index = json.loads(done.output)["seconds"].get("search index", 0.0)
    back = _run([*CUSTREC, "undo", "-q"], shop)
    place.write_text(before, encoding="utf-8")
    print(f"{what}: {done.seconds:.1f} s, undo {back.seconds:.1f} s", file=sys.stderr)
    return what, done.seconds, index, back.seconds, done.peak


def _changed(text: str, old: str, new: str | None) -> str:
    assert old in text, old
    if new is not None:
        return text.replace(old, new, 1)
    begin = text.index(old)
    end = text.find("      - name: ", begin + len(old))
    return text[:begin] + text[end if end > 0 else len(text) :]


def _report(options: argparse.Namespace, lines: list[tuple[str, float, float, float, int]], size: int) -> str:
    rows = [
        f"| {what} | {seconds:.1f} | {index:.1f} | {back:.1f} | {peak / 1e6:.0f} | {'met' if seconds < LIMIT else '**missed**'} |"
        for what, seconds, index, back, peak in lines
    ]
    return f"""\
# Changing the schema of {options.rows:,} records

`python benchmarks/schema_changes.py --rows {options.rows}`: a store of {size / 1e6:.0f} MB, each change applied and undone
once, whole processes: the copy of the store before and the search index after are part of it. The limit is {LIMIT} seconds.

{customers_machine()}

| change | seconds | of that search index | undo, seconds | peak MB | |
|---|---|---|---|---|---|
{chr(10).join(rows)}
"""


def customers_machine() -> str:
    """The machine, in a line."""
    import os

    busy = os.getloadavg()[0]
    return (
        f"{os.cpu_count()} cores shared with other work (load {busy:.1f} at the end), Python {platform.python_version()}, "
        f"SQLite {sqlite3.sqlite_version}, {platform.system()} {platform.machine()}."
    )


if __name__ == "__main__":
    main()
