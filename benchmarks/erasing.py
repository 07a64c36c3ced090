"""A tenth of a million customers destroyed, wiped everywhere, and imported again: `python benchmarks/erasing.py`

    [--rows 1000000] [--share 10]

A store of customers (benchmarks/customers.py), imported, of which every so many are purged by a condition; what is timed
is the whole command, from planning to the certificate. Then a file of other customers is imported into a new store, and
into one with that ledger: what asking costs. Seconds are those of whole processes, beside the
processor time that they used, which says more on a busy machine.
"""

from __future__ import annotations

import argparse
import json
import resource
import shutil
import sqlite3
import subprocess
import tempfile
from pathlib import Path

import customers
from run import CUSTREC, _run

LIMIT = 90
"""Seconds that a purge of 100,000 of a million records may take, wiped everywhere."""
DEARER = 1.3
"""How much longer an import may take that asks a ledger of 100,000 entries."""


def main() -> None:
    options = _options()
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        customers.write(work / "customers.csv", options.rows)
        customers.write(work / "others.csv", options.rows, seed=2)
        shop, plain = work / "shop", work / "plain"
        for place in (shop, plain):
            place.mkdir()
            subprocess.run([*CUSTREC, "init", "-q"], cwd=place, check=True)
        words = ["import", str(work / "customers.csv"), "-t", "customers", "--json"]
        print("| what | seconds | processor | peak memory | limit | |\n|---|---|---|---|---|---|")
        subprocess.run([*CUSTREC, *words], cwd=shop, check=False, capture_output=True)
        wanted = _keys(shop, options.share, work / "ids.txt")
        purge = ["purge", "-t", "customers", "--ids-from", str(work / "ids.txt"), "--confirm", str(wanted)]
        _timed(f"purge of {wanted:,}", [*purge, "--max-change", str(wanted), "--json"], shop, LIMIT)
        certificate = json.loads(next((shop / "custrec.certificates").glob("*.json")).read_text(encoding="utf-8"))
        assert certificate["records"]["customers"] == wanted
        words[1] = str(work / "others.csv")
        asking = shutil.copytree(plain, work / "asking")
        alone = _timed("import, nobody was erased", words, plain, None)
        _move_knowledge(shop, asking)
        asked = _timed(f"import, {wanted:,} erased are asked for", words, asking, None)
        verdict = "met" if asked <= alone * DEARER else "**missed**"
        print(
            f"\nAsking makes an import {asked / alone:.2f} times as dear in processor time (limit {DEARER}): {verdict}"
        )


def _timed(name: str, words: list[str], shop: Path, limit: float | None) -> float:
    """Seconds of processor time of a command, told with all else."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = _run([*CUSTREC, *words], shop, watched=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    said, verdict = "", ""
    if limit is not None:
        said, verdict = f"{limit:.0f} s", "met" if done.seconds <= limit else "**missed**"
    print(
        f"| {name} | {done.seconds:.1f} | {spent:.1f} s | {done.peak / 1e6:,.0f} MB | {said} | {verdict} |", flush=True
    )
    return spent


def _keys(shop: Path, share: int, place: Path) -> int:
    """Write the numbers of every `share`-th customer into a file; how many."""
    with sqlite3.connect(shop / "custrec.db") as reader:
        found = reader.execute("SELECT _id FROM customers WHERE _id % ? = 0", (share,)).fetchall()
    place.write_text("".join(f"#{record}\n" for (record,) in found), encoding="utf-8")
    return len(found)


def _move_knowledge(shop: Path, other: Path) -> None:
    """Let a new store know of the erased: by a purge of its own of one record, behind the ledger of the other."""
    (other / "one.csv").write_text("customer_no,name\nZZZ-1,Zed One\n", encoding="utf-8")
    subprocess.run([*CUSTREC, "import", "one.csv", "-t", "customers", "-q"], cwd=other, check=True)
    subprocess.run([*CUSTREC, "purge", "ZZZ-1", "--confirm", "1", "-q"], cwd=other, check=True)
    for name in ("custrec.ledger", "custrec.ledger-key"):
        shutil.copy(shop / name, other / name)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--share", type=int, default=10)
    return parser.parse_args()


if __name__ == "__main__":
    main()
