"""The import of a workbook against the import of the same rows as CSV plus the bare reading of the workbook:

    python benchmarks/workbooks.py [--rows 100000] [--rounds 5] [--write FILE]

Each round runs, one after the other: the import of the CSV into a new store; python-calamine reading every cell of the
workbook and doing nothing with it; the import of the workbook into a new store. What a workbook may cost beyond its
rows is the time to open it, so the goal is a ratio to the sum of the first two. Medians, whole processes; memory is the
sum of the proportional set sizes, sampled every 50 ms. The rows are those of customers.py, every cell a text, as the
CSV has them; both imports must give the same counts.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import sys
import tempfile
from importlib import metadata
from pathlib import Path

import customers
from run import CUSTREC, Measured, _customers, _run, _say, _shop

GOAL = 1.5
READ_ALL = (
    "import sys, python_calamine\n"
    "sheet = python_calamine.CalamineWorkbook.from_path(sys.argv[1]).get_sheet_by_index(0)\n"
    "print(sum(len(row) for row in sheet.iter_rows()))\n"
)
CSV, BARE, WORKBOOK = "import of the CSV", "python-calamine reads the workbook", "import of the workbook"


def main() -> None:
    options = _options()
    with tempfile.TemporaryDirectory(prefix="custrec-bench-") as name:
        work = Path(name)
        csv_file, workbook = _customers(options.rows), _workbook(options.rows)
        runs: dict[str, list[Measured]] = {CSV: [], BARE: [], WORKBOOK: []}
        for number in range(options.rounds):
            _say(f"round {number + 1} of {options.rounds}")
            runs[CSV].append(_import(work, csv_file))
            runs[BARE].append(_run([sys.executable, "-c", READ_ALL, str(workbook)], work, watched=True))
            runs[WORKBOOK].append(_import(work, workbook))
        report = _report(options, csv_file, workbook, runs)
    print(report)
    if options.write:
        options.write.write_text(report, encoding="utf-8")


def _workbook(count: int) -> Path:
    """The workbook of that many rows, made once and kept beside the CSV files."""
    import xlsxwriter

    path = Path(__file__).with_name("data") / f"customers-{count}.xlsx"
    if not path.exists():
        _say(f"making {path.name}")
        path.parent.mkdir(exist_ok=True)
        part = path.with_suffix(".part")
        book = xlsxwriter.Workbook(part, {"constant_memory": True})
        sheet = book.add_worksheet()
        for number, row in enumerate([customers.HEADER, *customers.rows(count)]):
            for place, text in enumerate(row):
                if text:
                    sheet.write_string(number, place, text)
        book.close()
        part.replace(path)
    return path


def _import(work: Path, file: Path) -> Measured:
    return _run([*CUSTREC, "import", str(file), "--jobs", "2", "--json"], _shop(work), watched=True)


def _counts(done: Measured) -> dict[str, int]:
    counts: dict[str, int] = json.loads(done.output)["counts"]
    return counts


def _report(options: argparse.Namespace, csv_file: Path, workbook: Path, runs: dict[str, list[Measured]]) -> str:
    median = {what: statistics.median(done.seconds for done in each) for what, each in runs.items()}
    ratio = median[WORKBOOK] / (median[CSV] + median[BARE])
    same = _counts(runs[CSV][0]) == _counts(runs[WORKBOOK][0])
    lines = [
        "# Workbooks",
        "",
        f"`python benchmarks/workbooks.py --rows {options.rows} --rounds {options.rounds}`: {options.rows:,} rows × "
        f"{len(customers.HEADER)} columns (CSV {csv_file.stat().st_size / 1e6:.1f} MB, workbook "
        f"{workbook.stat().st_size / 1e6:.1f} MB, 3 % bad), 2 workers, median of {options.rounds} interleaved rounds.",
        "",
        f"{os.cpu_count()} cores, Python {platform.python_version()}, python-calamine {metadata.version('python-calamine')}, "
        f"{platform.system()} {platform.machine()}.",
        "",
        "| what | seconds | peak memory | every run |",
        "|---|---|---|---|",
    ]
    for what, each in runs.items():
        every = ", ".join(f"{done.seconds:.2f}" for done in each)
        lines.append(f"| {what} | {median[what]:.2f} | {max(d.peak for d in each) / 1e6:.0f} MB | {every} |")
    lines += [
        "",
        f"The workbook's import takes {ratio:.2f}× the two others together (goal {GOAL:g}×: "
        f"{'met' if ratio <= GOAL else '**missed**'}). "
        + ("Both imports give the same counts." if same else "**The imports give different counts.**"),
    ]
    return "\n".join(lines) + "\n"


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--write", type=Path)
    return parser.parse_args()


if __name__ == "__main__":
    main()
