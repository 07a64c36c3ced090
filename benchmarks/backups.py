"""A backup that proves itself, against one made by hand and against restic's first; and the way back:

    python benchmarks/backups.py [--rows 2000000] [--rounds 3] [--shop FOLDER] [--write backups.md]

Needs sqlite3, zstd, age and restic. Rounds are interleaved, whole processes, and medians are compared as ratios. By hand:
`sqlite3 .backup`, then `zstd -3 | age`, without any proof; back: `age -d | zstd -d`, then `PRAGMA quick_check`. Processor
seconds (wait4, those of its own processes, too) say what it takes where others share the cores. Peak memory is the
largest resident set of a process. `--shop` keeps the store for another run.
"""

from __future__ import annotations

import argparse
import os
import platform
import resource
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import customers

CUSTREC = [sys.executable, "-m", "custrec"]
LIMITS = {
    "backup create": (("by hand", 1.6), ("restic backup, the first", 1.5)),
    "restore --to": (("back by hand", 1.3),),
}
MOST_MEMORY = 120


@dataclass
class Taken:
    """What something took: seconds of each round, processor seconds of each, megabytes at most."""

    seconds: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)
    memory: float = 0


def main() -> None:
    options = _options()
    with tempfile.TemporaryDirectory(prefix="custrec-bench-") as name:
        shop = options.shop or Path(name) / "shop"
        if not (shop / "custrec.db").exists():
            _make(shop, options.rows)
        taken: dict[str, Taken] = {}
        for number in range(options.rounds):
            print(f"round {number + 1} of {options.rounds}", file=sys.stderr)
            _round(shop, Path(name), taken)
        report = _report(shop, options, taken)
    print(report)
    if options.write:
        options.write.write_text(report, encoding="utf-8")


def _make(shop: Path, rows: int) -> None:
    shop.mkdir(parents=True)
    file = shop / "customers.csv"
    print(f"making {rows:,} rows and their store", file=sys.stderr)
    customers.write(file, rows)
    for words in (["init", "-q"], ["import", file.name, "-q"], ["key", "init", "-q", "--i-accept-data-loss"]):
        _run([*CUSTREC, *words], shop, codes=(0, 3))
    file.unlink()


def _round(shop: Path, work: Path, taken: dict[str, Taken]) -> None:
    def measured(what: str, *commands: Sequence[str]) -> None:
        begun = time.perf_counter()
        used = [_run(command, shop) for command in commands]
        one = taken.setdefault(what, Taken())
        one.seconds.append(time.perf_counter() - begun)
        one.processor.append(sum(usage.ru_utime + usage.ru_stime for usage in used))
        one.memory = max(one.memory, *(usage.ru_maxrss / 1024 for usage in used))

    def shell(line: str) -> list[str]:
        return ["sh", "-ec", line]

    for stale in (*work.glob("*.db*"), *work.glob("*.age*"), *(shop / "custrec.backups").glob("*")):
        stale.unlink(missing_ok=True)
    shutil.rmtree(work / "restic", ignore_errors=True)
    hand, repository = work / "hand.db.zst.age", work / "restic"
    seal = f"zstd -q -3 -c {work}/snap.db | age -R custrec.recipients -o {hand}; rm {work}/snap.db; sync {hand}"
    measured("by hand", ["sqlite3", "custrec.db", f".backup {work}/snap.db"], shell(seal))
    measured("backup create", [*CUSTREC, "backup", "create", "-q"])
    _run(["restic", "init", "-q", "-r", str(repository)], shop)
    measured("restic backup, the first", ["restic", "backup", "-q", "-r", str(repository), "custrec.db"])
    back = f"age -d -i custrec/identity {hand} | zstd -q -d -c > {work}/hand.db; sync {work}/hand.db"
    measured("back by hand", shell(back), ["sqlite3", f"{work}/hand.db", "PRAGMA quick_check"])
    measured("restore --to", [*CUSTREC, "restore", "-q", "--to", f"{work}/back.db"])


def _run(command: Sequence[str], folder: Path, codes: Sequence[int] = (0,)) -> resource.struct_rusage:
    """Run a command; what it used."""
    environment = os.environ | {
        "XDG_CONFIG_HOME": str(folder),
        "RESTIC_PASSWORD": "bench",
        "RESTIC_CACHE_DIR": f"{folder}-cache",
    }
    process = subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in codes:
        sys.exit(f"{' '.join(map(str, command))}: exit code {process.returncode}")
    return usage


def _report(shop: Path, options: argparse.Namespace, taken: dict[str, Taken]) -> str:
    medians = {what: statistics.median(one.seconds) for what, one in taken.items()}
    processor = {what: statistics.median(one.processor) for what, one in taken.items()}
    size = (shop / "custrec.db").stat().st_size / 1e6
    lines = [
        "## Backups\n",
        f"`python benchmarks/backups.py --rows {options.rows} --rounds {options.rounds}`: a store of {size:.0f} MB, "
        f"median of {options.rounds} interleaved rounds, whole processes.\n",
        f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, Python {platform.python_version()}, "
        f"SQLite {sqlite3.sqlite_version}.\n",
        "| what | seconds | processor | peak memory | every round |",
        "|---|---|---|---|---|",
    ]
    for what, one in taken.items():
        rounds = ", ".join(f"{seconds:.2f}" for seconds in one.seconds)
        lines.append(f"| {what} | {medians[what]:.2f} | {processor[what]:.2f} s | {one.memory:.0f} MB | {rounds} |")
    lines += ["", "| against | measured | processor | limit | |", "|---|---|---|---|---|"]
    for what, limits in LIMITS.items():
        for peer, limit in limits:
            ratio, used = medians[what] / medians[peer], processor[what] / processor[peer]
            met = "met" if ratio <= limit else "**missed**"
            lines.append(f"| {what} / {peer} | {ratio:.2f}× | {used:.2f}× | {limit}× | {met} |")
        memory = taken[what].memory
        met = "met" if memory <= MOST_MEMORY else "**missed**"
        lines.append(f"| peak memory of {what} | {memory:.0f} MB | | {MOST_MEMORY} MB | {met} |")
    return "\n".join(lines) + "\n"


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=2_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--shop", type=Path)
    parser.add_argument("--write", type=Path)
    return parser.parse_args()


if __name__ == "__main__":
    main()
