"""`custrec validate` against `frictionless validate`, on one file with one schema:

    python benchmarks/validate_against_frictionless.py [--rows 1000000] [--peer-rows 100000] [--rounds 3]
        [--peer-limit 900] [--peer PATH] [--write FILE]

The file has the rows of customers.py under the names of the fields, with dates and amounts as the standard writes them,
because frictionless knows one way to write each; three rows in a hundred stay bad. frictionless is told the schema that
`custrec schema export --frictionless` writes, cut to the file's columns, and no limit of errors. It holds the rows to
required, unique, primary key, enum, number, date and e-mail; custrec holds them to these, to the numbering plans of
phones and to the names of countries as well, and it compares them with an (empty) store.

frictionless is slow: it is measured on --peer-rows, and on --rows too if it is done within --peer-limit seconds (0: do
not try). Where it is not, the ratio is that of seconds a row at the sizes each was measured at, and the report says so.
It is installed by the extra `bench`, or named by --peer.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import customers
from run import CUSTREC, Measured, _run, _say

GOAL = 10.0
FIELDS = [
    "customer_no", "name", "company", "email", "phone", "country", "address", "status", "tags", "credit_limit",
    "created_at", "last_contact_at",
]  # fmt: skip
_OURS_ALONE = ("phone", "country")
_DAY = re.compile(r"(\d{4})(?:[-/年])?(\d{1,2})(?:[-/月])?(\d{1,2})日?")


def main() -> None:
    options = _options()
    with tempfile.TemporaryDirectory(prefix="custrec-bench-") as name:
        work = Path(name)
        small, large = (_plain_customers(work, count) for count in (options.peer_rows, options.rows))
        _run([*CUSTREC, "init", "-q"], work)
        schema = _schema(work)
        ours: dict[Path, list[Measured]] = {small: [], large: []}
        theirs: list[Measured] = []
        for number in range(options.rounds):
            _say(f"round {number + 1} of {options.rounds}")
            theirs.append(_peer(options.peer, work, small, schema))
            for file in ours:
                ours[file].append(_run([*CUSTREC, "validate", file.name, "--format", "json"], work, watched=True))
        whole = _peer_within(options, work, large, schema)
        report = _report(options, ours[small], ours[large], theirs, whole)
    print(report)
    if options.write:
        options.write.write_text(report, encoding="utf-8")


def _plain_customers(work: Path, count: int) -> Path:
    path = work / f"customers-{count}.csv"
    if not path.exists():
        _say(f"making {path.name}")
        with path.open("w", encoding="utf-8", newline="") as out:
            writer = csv.writer(out)
            writer.writerow(FIELDS)
            writer.writerows(_plain(customers.rows(count)))
    return path


def _plain(rows: Iterator[list[str]]) -> Iterator[list[str]]:
    """Rows with days as 2024-05-01 and amounts without thousands separators; what is bad stays as it is."""
    for row in rows:
        row[9] = row[9].replace(",", "")
        for place in (10, 11):
            if day := _DAY.fullmatch(row[place]):
                row[place] = f"{day[1]}-{int(day[2]):02d}-{int(day[3]):02d}"
        yield row


def _schema(work: Path) -> str:
    """The schema of the file's columns, in their order, as a file in `work`."""
    package = json.loads(_run([*CUSTREC, "schema", "export", "--frictionless"], work).output)
    schema = package["resources"][0]["schema"]
    fields = {field["name"]: field for field in schema["fields"]}
    schema["fields"] = [fields[name] for name in FIELDS]
    (work / "table-schema.json").write_text(json.dumps(schema), encoding="utf-8")
    return "table-schema.json"


def _peer_command(peer: str, file: Path, schema: str) -> list[str]:
    return [peer, "validate", file.name, "--schema", schema, "--limit-errors", "1000000000", "--json"]


def _peer(peer: str, work: Path, file: Path, schema: str) -> Measured:
    """frictionless on a file. It ends with 1 where it finds something, which is right for this file."""
    words = ["sh", "-c", '"$@"; test $? -le 1', "sh", *_peer_command(peer, file, schema)]
    return _run(words, work, watched=True)


def _peer_within(options: argparse.Namespace, work: Path, file: Path, schema: str) -> float | None:
    """The seconds that frictionless takes for the large file; None if it is not done in time, or not asked."""
    if options.rows == options.peer_rows or not options.peer_limit:
        return None
    _say(f"frictionless on {file.name}, for {options.peer_limit} s at most")
    began = time.perf_counter()
    try:
        words = _peer_command(options.peer, file, schema)
        subprocess.run(words, cwd=work, stdout=subprocess.DEVNULL, timeout=options.peer_limit, check=False)
    except subprocess.TimeoutExpired:
        return None
    return time.perf_counter() - began


def _found(ours: Measured, theirs: Measured) -> str:
    """What each found, to see that both did the same work."""
    tasks = json.loads(theirs.output)["tasks"]
    peer = {error["rowNumber"] for task in tasks for error in task["errors"]}
    errors = [finding for finding in json.loads(ours.output)["findings"] if finding["level"] == "error"]
    lines = {finding["line"] for finding in errors}
    shared = {finding["line"] for finding in errors if finding["field"] not in _OURS_ALONE}
    return (
        f"Bad rows: frictionless finds {len(peer):,}, custrec {len(lines):,}. For anything but {' and '.join(_OURS_ALONE)}, "
        f"which frictionless has no rules for: custrec {len(shared):,}, of which {len(shared & peer):,} are found by both; "
        f"frictionless alone finds {len(peer - lines):,}."
    )


def _report(
    options: argparse.Namespace,
    small: list[Measured],
    large: list[Measured],
    theirs: list[Measured],
    whole: float | None,
) -> str:
    rows, peer_rows = options.rows, options.peer_rows
    ours_small, ours_large, peer = (statistics.median(m.seconds for m in runs) for runs in (small, large, theirs))
    ratios = [(f"{peer_rows:,} rows", peer / ours_small)]
    if whole is not None:
        ratios.append((f"{rows:,} rows", whole / ours_large))
    elif rows != peer_rows:
        ratios.append((f"a row, theirs at {peer_rows:,} and ours at {rows:,}", peer / peer_rows / (ours_large / rows)))
    lines = [
        "# validate against frictionless",
        "",
        f"`python benchmarks/validate_against_frictionless.py --rows {rows} --peer-rows {peer_rows} --rounds {options.rounds}`, "
        f"medians of {options.rounds} interleaved rounds, whole processes.",
        "",
        f"{os.cpu_count()} cores, Python {platform.python_version()}, frictionless {_version(options.peer)}, "
        f"{platform.system()} {platform.machine()}.",
        "",
        "| what | rows | seconds | µs a row | peak memory | every run |",
        "|---|---|---|---|---|---|",
        _row("frictionless validate", peer_rows, theirs),
        _row("custrec validate", peer_rows, small),
    ]
    if rows != peer_rows:
        lines.append(_row("custrec validate", rows, large))
    if whole is not None:
        lines.append(f"| frictionless validate | {rows:,} | {whole:.2f} | {whole / rows * 1e6:.1f} | | once |")
    elif rows != peer_rows and options.peer_limit:
        lines.append(f"| frictionless validate | {rows:,} | not done within {options.peer_limit} s | | | |")
    lines += ["", f"| custrec is faster | times | goal {GOAL:g}× |", "|---|---|---|"]
    lines += [f"| {what} | {ratio:.1f}× | {'met' if ratio >= GOAL else '**missed**'} |" for what, ratio in ratios]
    lines += ["", _found(small[0], theirs[0])]
    return "\n".join(lines) + "\n"


def _row(what: str, rows: int, runs: list[Measured]) -> str:
    seconds = statistics.median(m.seconds for m in runs)
    peak = max(m.peak for m in runs) / 1e6
    every = ", ".join(f"{m.seconds:.2f}" for m in runs)
    return f"| {what} | {rows:,} | {seconds:.2f} | {seconds / rows * 1e6:.1f} | {peak:.0f} MB | {every} |"


def _version(peer: str) -> str:
    try:
        return subprocess.run([peer, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return metadata.version("frictionless")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--peer-rows", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--peer-limit", type=float, default=900, metavar="SECONDS")
    parser.add_argument("--peer", default=str(Path(sys.executable).with_name("frictionless")), metavar="PATH")
    parser.add_argument("--write", type=Path)
    options = parser.parse_args()
    if shutil.which(options.peer) is None:
        parser.error(f"there is no {options.peer}: install custrec with its extra `bench`, or name it with --peer")
    return options


if __name__ == "__main__":
    main()
