"""Daily work on a large store with a history: every command a process of its own, as a person waits for it.

    python benchmarks/living.py [--rows 1000000] [--events 10000] [--rounds 9] [--bulk 3] [--keep FOLDER] [--write FILE]

The store is made by custrec itself: one import, then the events, each an edit of one record, planned and carried out
through a session as `custrec edit` does it, only in one process. `--keep` leaves the store in a folder, and uses the
one that is there. Commands are run once to warm up, then in turns; medians count, beside `custrec --help` of the same
run and the processor's own seconds (user and system), because the machine may have other work. Bulk edits and their undo change 100,000 records (a tenth of the rows).
"""

from __future__ import annotations

import argparse
import os
import platform
import random
import resource
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import customers

from custrec.jobs.edits.editing import Chosen, EditRequest, plan_edit
from custrec.jobs.edits.naming import record_named
from custrec.session.session import Consent, Session

CUSTREC = [sys.executable, "-m", "custrec"]
TOLERANCE = 1.1
KNOWN = 77
"""The number of the customer who is edited, shown and blamed."""
AT_ONCE = 0.25
"""Seconds within which a person takes an answer for immediate."""


@dataclass(frozen=True)
class Spent:
    """What a process took, in seconds: as they passed, and as the processor worked."""

    passed: float
    worked: float


def main() -> None:
    options = _options()
    with _folder(options.keep) as shop:
        store = shop / "custrec.db"
        if not store.exists():
            _make(shop, options.rows)
            _live(store, options.rows, options.events)
        seconds: dict[str, list[Spent]] = {}
        commands = _commands(store)
        for number in range(options.rounds + 1):
            for what, (words, _) in commands.items():
                spent = _run([word() if callable(word) else word for word in words], shop)
                if number:
                    seconds.setdefault(what, []).append(spent)
        share = options.rows // 10
        for number in range(options.bulk):
            owner = f"owner=team{number}-{time.time_ns()}"
            bulk = ["edit", "--where", f"_id <= {share}", owner, "--max-change", str(share), "-q"]
            seconds.setdefault(f"edit of {share:,} records", []).append(_run(bulk, shop))
            seconds.setdefault("… and its undo", []).append(_run(["undo", "-q"], shop))
        limits = {what: limit for what, (_, limit) in commands.items()}
        limits |= {f"edit of {share:,} records": 5.0, "… and its undo": 5.0}
        report = _report(options, store, seconds, limits)
    print(report)
    if options.write:
        options.write.write_text(report, encoding="utf-8")


@contextmanager
def _folder(kept: Path | None) -> Iterator[Path]:
    """The folder of the store: the one to keep, or one that is gone afterwards."""
    if kept is not None:
        kept.mkdir(parents=True, exist_ok=True)
        yield kept
        return
    with tempfile.TemporaryDirectory(prefix="custrec-living-") as name:
        yield Path(name)


def _make(shop: Path, rows: int) -> None:
    """A store with one large import."""
    source = shop / "customers.csv"
    customers.write(source, rows)
    _run(["init", "-q"], shop)
    _run(["import", str(source), "-q"], shop)
    shutil.rmtree(shop / "custrec.rejects")
    source.unlink()


def _live(store: Path, rows: int, events: int) -> None:
    """That many edits of single records; the one that is looked at later is among them every thousandth time."""
    rng = random.Random(7)
    began = time.perf_counter()
    made = 0
    while made < events:
        record = KNOWN if made % 1000 == 0 else rng.randrange(1, rows * 9 // 10)
        if _edit(store, f"#{record}", _change(rng)):
            made += 1
            if made % 1000 == 0:
                _say(f"{made:,} events, {(time.perf_counter() - began) / made * 1000:.0f} ms each")


def _change(rng: random.Random) -> dict[str, str]:
    """One field and what it becomes: what people change in a record day by day."""
    return rng.choice(
        [
            {"credit_limit": f"{rng.randint(1, 9999) * 100}"},
            {"status": rng.choice(customers.STATUSES)},
            {"tags": "；".join(rng.sample(customers.TAGS, k=2))},
            {"owner": rng.choice(customers.SURNAMES) + rng.choice(customers.GIVEN)},
            {"last_contact_at": f"2026-{rng.randint(1, 9):02d}-{rng.randint(1, 28):02d}"},
        ]
    )


def _edit(store: Path, name: str, texts: dict[str, str]) -> bool:
    """What `custrec edit NAME field=value` does; whether it changed anything."""
    session = Session(store, "benchmark", lambda: datetime.now(UTC), date(2026, 10, 1))
    try:
        named = record_named(session.store, None, name)
        request = EditRequest(Chosen(named.table, [named.record]), texts)
        return session.run(plan_edit(session.store, request, session.draft()), Consent()).event is not None
    finally:
        session.close()


def _commands(store: Path) -> dict[str, tuple[list[str | Callable[[], str]], float | None]]:
    """What is measured: the words of each command, and its limit in seconds."""
    with sqlite3.connect(f"file:{store}?mode=ro", uri=True) as reader:
        query = "SELECT customer_no, phone, email, name FROM customers WHERE _id = ?"
        no, phone, email, name = reader.execute(query, (KNOWN,)).fetchone()
    amounts = random.Random(time.time_ns())
    return {
        "custrec --help": (["--help"], None),
        "edit of one field": (["edit", no, lambda: f"credit_limit={amounts.randint(1, 10**9)}", "-q"], AT_ONCE),
        "show": (["show", no], AT_ONCE),
        "blame": (["blame", no], AT_ONCE),
        "find, a phone": (["find", phone], AT_ONCE),
        "find, a phone that nobody has": (["find", "138 0000 0001"], AT_ONCE),
        "find, an e-mail": (["find", email], AT_ONCE),
        "find, a name": (["find", name], AT_ONCE),
        "find, two Han characters": (["find", "西湖"], AT_ONCE),
        "find, pinyin": (["find", "zhangwei"], AT_ONCE),
        "find, initials": (["find", "zw"], AT_ONCE),
        "status": (["status"], None),
        "list --where, an unindexed field, first page": (["list", "--where", 'address contains "科技园路7号"'], 1.5),
    }


def _run(words: list[str], folder: Path) -> Spent:
    """Run a command to its end. Exit code 3 (done, with findings) is right for these files."""
    began, before = time.perf_counter(), _processor()
    done = subprocess.run([*CUSTREC, *words], cwd=folder, capture_output=True, text=True, check=False)
    spent = Spent(time.perf_counter() - began, _processor() - before)
    if done.returncode not in (0, 3):
        raise SystemExit(f"custrec {' '.join(words)} ended with {done.returncode}: {done.stderr}")
    return spent


def _processor() -> float:
    """The processor's seconds of all processes that this one has waited for."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _report(
    options: argparse.Namespace, store: Path, seconds: dict[str, list[Spent]], limits: dict[str, float | None]
) -> str:
    with sqlite3.connect(f"file:{store}?mode=ro", uri=True) as reader:
        records = reader.execute("SELECT count(*) FROM customers").fetchone()[0]
        events = reader.execute("SELECT count(*) FROM _event").fetchone()[0]
    unit = statistics.median(one.passed for one in seconds["custrec --help"])
    lines = [
        f"`python benchmarks/living.py --rows {options.rows} --events {options.events} --rounds {options.rounds} --bulk {options.bulk}`:"
        f" {records:,} records, {events:,} events, whole processes, warm, medians.",
        "",
        f"{os.cpu_count()} cores, Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {platform.system()} {platform.machine()}.",
        "",
        "| what | seconds | against `--help` | of the processor | limit | | every run |",
        "|---|---|---|---|---|---|---|",
    ]
    for what, spent in seconds.items():
        median, limit = statistics.median(one.passed for one in spent), limits[what]
        worked = statistics.median(one.worked for one in spent)
        verdict = "" if limit is None else _verdict(median, limit)
        runs = ", ".join(f"{one.passed:.2f}" for one in spent)
        shown = "" if limit is None else f"{limit:g} s"
        lines.append(f"| {what} | {median:.2f} | {median / unit:.2f}× | {worked:.2f} | {shown} | {verdict} | {runs} |")
    return "\n".join(lines) + "\n"


def _verdict(median: float, limit: float) -> str:
    if median <= limit:
        return "met"
    return "met (within a tenth)" if median <= limit * TOLERANCE else "**missed**"


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--events", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--bulk", type=int, default=3)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--write", type=Path)
    return parser.parse_args()


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
