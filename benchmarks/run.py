"""The main job, measured against its peers in one run: `make bench`, or

    python benchmarks/run.py [--rows 1000000] [--rounds 3] [--most 3000000] [--write benchmarks/RESULTS.md]

Each round runs, one after the other on the same file: `sqlite3 .import` (which checks nothing), `sqlite-utils insert
--no-detect-types`, and custrec's import, the import of the unchanged file again, and the undo. Medians of the rounds are
compared as ratios, because machines are noisy and ratios less so; a limit counts as met up to a tenth above it.
Memory is the sum of the proportional set sizes (PSS) of custrec and its workers, sampled every 50 ms from /proc.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import customers

CUSTREC = [sys.executable, "-m", "custrec"]
TOLERANCE = 1.1


@dataclass
class Measured:
    """What one run of a process took."""

    seconds: float
    output: str
    peak: int = 0


@dataclass
class Results:
    """Seconds by what was run, a value a round; and single figures."""

    rounds: dict[str, list[float]] = field(default_factory=dict)
    stages: dict[str, list[float]] = field(default_factory=dict)
    figures: dict[str, float] = field(default_factory=dict)

    def add(self, what: str, seconds: float) -> None:
        self.rounds.setdefault(what, []).append(seconds)

    def median(self, what: str) -> float:
        return statistics.median(self.rounds[what])

    def ratio(self, what: str, to: str = "sqlite3 .import") -> float:
        return self.median(what) / self.median(to)


def main() -> None:
    options = _options()
    with tempfile.TemporaryDirectory(prefix="custrec-bench-") as name:
        work = Path(name)
        files = {n: _customers(n) for n in sorted({10_000, options.rows, options.most})}
        results = Results()
        for number in range(options.rounds):
            _say(f"round {number + 1} of {options.rounds}")
            _round(work, files[options.rows], results, last=number == options.rounds - 1)
        _small_things(work, files[10_000], results)
        _large_file(work, files[options.most], results)
        report = _report(results, options, files)
    print(report)
    if options.write:
        options.write.write_text(report, encoding="utf-8")


def _customers(count: int) -> Path:
    """The file of that many rows, made once and kept in benchmarks/data (the same seed gives the same bytes)."""
    path = Path(__file__).with_name("data") / f"customers-{count}.csv"
    if not path.exists():
        _say(f"making {path.name}")
        path.parent.mkdir(exist_ok=True)
        customers.write(path, count)
    return path


def _round(work: Path, file: Path, results: Results, last: bool) -> None:
    database = _fresh(work / "peer.db")
    results.add("sqlite3 .import", _run(["sqlite3", str(database), ".mode csv", f".import {file} t"]).seconds)
    database = _fresh(database)
    peer = [str(Path(sys.executable).with_name("sqlite-utils")), "insert", str(database), "t", str(file)]
    results.add("sqlite-utils insert", _run([*peer, "--csv", "--no-detect-types"]).seconds)
    database.unlink()
    shop = _shop(work)
    done = _run([*CUSTREC, "import", str(file), "--jobs", "2", "--json"], shop, watched=True)
    seconds = json.loads(done.output)["seconds"]
    results.add("import, until findable", done.seconds)
    results.add("import, until committed", done.seconds - seconds["search index"])
    for stage, spent in seconds.items():
        results.stages.setdefault(stage, []).append(spent)
    results.figures["memory at --rows"] = max(done.peak, results.figures.get("memory at --rows", 0))
    results.figures["store / CSV"] = _store_size(shop) / file.stat().st_size
    if last:
        _reading(shop, results)
    results.add("again, unchanged", _run([*CUSTREC, "import", str(file), "--jobs", "2", "-q"], shop).seconds)
    results.add("undo", _run([*CUSTREC, "undo", "-q"], shop).seconds)


def _reading(shop: Path, results: Results) -> None:
    """Single commands on the full store, warm: the median of seven."""
    for what, command in (
        ("show", ["show", "C0000017"]),
        ("find, two Han characters", ["find", "张伟"]),
        ("find, a phone", ["find", "138 1268 2458"]),
        ("list --where, an unindexed field, first page", ["list", "--where", "tags has VIP and credit_limit > 900000"]),
    ):
        _run([*CUSTREC, *command], shop)
        results.rounds[what] = [_run([*CUSTREC, *command], shop).seconds for _ in range(7)]


def _small_things(work: Path, ten_thousand: Path, results: Results) -> None:
    for _ in range(5):
        shop = _shop(work)
        results.add("10,000 rows", _run([*CUSTREC, "import", str(ten_thousand), "-q"], shop).seconds)
    for _ in range(9):
        results.add("custrec --help", _run([*CUSTREC, "--help"]).seconds)
        peer = str(Path(sys.executable).with_name("sqlite-utils"))
        results.add("sqlite-utils --help", _run([peer, "--help"]).seconds)


def _large_file(work: Path, file: Path, results: Results) -> None:
    _say(f"{file.name}, for its memory")
    shop = _shop(work)
    done = _run([*CUSTREC, "import", str(file), "--jobs", "2", "-q"], shop, watched=True)
    results.add("import of --most rows", done.seconds)
    results.figures["memory at --most"] = done.peak


def _report(results: Results, options: argparse.Namespace, files: dict[int, Path]) -> str:
    size = files[options.rows].stat().st_size / 1e6
    lines = [
        "# Results",
        "",
        f"`python benchmarks/run.py --rows {options.rows} --rounds {options.rounds} --most {options.most}`: "
        f"{options.rows:,} rows × 12 columns ({size:.0f} MB, 3 % bad), 2 workers, median of {options.rounds} interleaved rounds.",
        "",
        f"{os.cpu_count()} cores, Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {platform.system()} {platform.machine()}.",
        "",
        "| what | seconds | measured | limit | |",
        "|---|---|---|---|---|",
    ]

    def row(what: str, seconds: float | None, measured: float, limit: float | None, unit: str) -> None:
        verdict = (
            ""
            if limit is None
            else (
                "met"
                if measured <= limit
                else "met (within a tenth)"
                if measured <= limit * TOLERANCE
                else "**missed**"
            )
        )
        shown = "" if seconds is None else f"{seconds:.2f}"
        lines.append(
            f"| {what} | {shown} | {measured:.2f}{unit} | {'' if limit is None else f'{limit:g}{unit}'} | {verdict} |"
        )

    for what, limit in (
        ("sqlite3 .import", None), ("sqlite-utils insert", None), ("import, until committed", 6.5), ("import, until findable", 8),
        ("again, unchanged", 5), ("undo", 3),
    ):  # fmt: skip
        row(what, results.median(what), results.ratio(what), limit, "×")
    for what, limit in (
        ("10,000 rows", 0.8), ("show", 0.25), ("find, two Han characters", 0.25), ("find, a phone", 0.25),
        ("list --where, an unindexed field, first page", 1.5),
    ):  # fmt: skip
        row(f"{what}, whole process", None, results.median(what), limit, " s")
    row(
        "custrec --help against sqlite-utils --help",
        results.median("custrec --help"),
        results.ratio("custrec --help", "sqlite-utils --help"),
        1.3,
        "×",
    )
    row(f"memory, {options.rows:,} rows", None, results.figures["memory at --rows"] / 1e6, 400, " MB")
    row(
        f"memory, {options.most:,} rows",
        results.median("import of --most rows"),
        results.figures["memory at --most"] / 1e6,
        400,
        " MB",
    )
    row("store with all indexes against the CSV", None, results.figures["store / CSV"], 2.2, "×")
    lines += [
        "",
        "Where the import's time goes (median seconds; workers' seconds are the sum over both):",
        "",
        "| stage | seconds |",
        "|---|---|",
    ]
    lines += [f"| {stage} | {statistics.median(spent):.2f} |" for stage, spent in results.stages.items()]
    lines += ["", "Every measurement, in seconds:", "", "| what | rounds |", "|---|---|"]
    lines += [f"| {what} | {', '.join(f'{n:.2f}' for n in spent)} |" for what, spent in results.rounds.items()]
    return "\n".join(lines) + "\n"


def _shop(work: Path) -> Path:
    shop = work / "shop"
    shutil.rmtree(shop, ignore_errors=True)
    shop.mkdir()
    _run([*CUSTREC, "init", "-q"], shop)
    return shop


def _store_size(shop: Path) -> int:
    return sum(path.stat().st_size for path in shop.glob("custrec.*db*"))


def _fresh(database: Path) -> Path:
    database.unlink(missing_ok=True)
    return database


def _run(command: list[str], folder: Path | None = None, watched: bool = False) -> Measured:
    """Run a process to its end. Exit code 3 (done, with bad rows) is right for these files."""
    began = time.perf_counter()
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    peak = _watch(process) if watched else (lambda: 0)
    output, _ = process.communicate()
    seconds = time.perf_counter() - began
    if process.returncode not in (0, 3):
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
    return Measured(seconds, output, peak())


def _watch(process: subprocess.Popen[str]) -> Callable[[], int]:
    """Sample the memory of a process and its children until it ends; call the result for the peak, in bytes."""
    peaks = [0]

    def watch() -> None:
        while process.poll() is None:
            peaks.append(sum(map(_pss, [process.pid, *_children(process.pid)])))
            time.sleep(0.05)

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()

    def peak() -> int:
        thread.join()
        return max(peaks)

    return peak


def _children(pid: int) -> list[int]:
    try:
        return [
            int(child)
            for task in Path(f"/proc/{pid}/task").iterdir()
            for child in (task / "children").read_text().split()
        ]
    except OSError:
        return []


def _pss(pid: int) -> int:
    try:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in rollup.splitlines() if line.startswith("Pss:")), 0)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--most", type=int, default=3_000_000)
    parser.add_argument("--write", type=Path)
    return parser.parse_args()


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
