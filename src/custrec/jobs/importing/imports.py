"""Import: a file of rows becomes a plan.

    take in (jobs.importing.intake) → refuse as a whole? → write the rejects → plan

Nothing is applied here. Bad rows go into the rejects file, which is written before the plan is: should the disk fill,
nothing has happened yet.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date
from heapq import merge
from itertools import groupby
from pathlib import Path

from custrec.errors import BadRowsStrict, ExistingRecords
from custrec.files.rejects import RejectsWriter, refuse_to_replace
from custrec.jobs.drafting import Draft, drafted
from custrec.jobs.importing.intake import Compared, ImportRequest, read_and_compare
from custrec.jobs.importing.refused import Refused
from custrec.jobs.importing.suspected import RULE as LIKELY
from custrec.jobs.judging import checks_of
from custrec.jobs.progress import Progress
from custrec.jobs.returning import RULES as RETURNED
from custrec.jobs.returning import said_of
from custrec.jobs.uncollected import uncollected
from custrec.model.plan import Counts
from custrec.model.plan import Source as PlanSource
from custrec.model.problem import Problem
from custrec.model.schema import Table
from custrec.rules.checks import ERROR
from custrec.store.database import Store
from custrec.store.plan_file import PlanFile
from custrec.store.sequences import next_ids
from custrec.store.suspects import suspected
from custrec.values.registry import versions


def plan_import(store: Store, request: ImportRequest, by: Draft, progress: Progress | None = None) -> PlanFile:
    """Plan the import of a file.

    Raises InputError for a file that cannot be used, BadRowsStrict or ExistingRecords by the request, DiskFull.
    """
    if request.rejects:
        refuse_to_replace(request.rejects, request.path)
    with drafted(store, by) as file:
        _fill(file, store, request, by, progress or Progress())
    return file


def _fill(file: PlanFile, store: Store, request: ImportRequest, by: Draft, progress: Progress) -> None:
    base, planned_ids = by.base(store), next_ids(store)
    found = read_and_compare(file, store, request, by.day, progress)
    rules, rejected = _rules(file.rejects())
    if request.strict and rejected:
        raise BadRowsStrict(count=rejected, read=found.read, file=found.opened.name, details=_by_rule(rules))
    if request.policy.on_existing == "fail" and found.outcome.existing:
        raise ExistingRecords(count=found.outcome.existing, file=found.opened.name)
    rejects = request.rejects if rejected else None
    if rejects:
        with progress.watch("rejects"):
            _write_rejects(rejects, found)
    warnings = _warnings(file, found.table)
    likely, returned = suspected(file, LIKELY), any(suspected(file, rule) for rule in RETURNED)
    review = request.review if warnings.get("warnings") or likely or returned else None
    if review:
        with progress.watch("review"):
            _write_review(review, found, by.day, warned="warnings" in warnings)
    file.put_aside({"samples": found.samples, "evidence": found.opened.form.evidence} | _policy(request))
    reader, form = found.opened.reader, found.opened.form
    file.save_head(
        by.head(
            store,
            "import",
            base,
            _counts(found, rejected),
            [found.table.name, *(name for name in found.outcome.recalled if name != found.table.name)],
            source=PlanSource(found.opened.label, reader.sha256, reader.size),
            rules=dict(rules),
            detail={
                "next_ids": planned_ids,
                "table": found.table.name,
                "form": form.words,
                "read": found.opened.notes,
                "map": found.map,
                "kinds": versions(found.table.by_name[name] for name in found.layout.names),
                "rules": dict(rules),
                "recalled": dict(found.outcome.recalled),
                "rejects": str(rejects) if rejects else None,
                "review": str(review) if review else None,
                **warnings,
                **({"duplicates": likely} if likely else {}),
                **said_of(found.erased),
            },
        )
    )


def _policy(request: ImportRequest) -> dict[str, str]:
    """What a plan that waits must know to be made again against later records."""
    return {"on_existing": request.policy.on_existing}


def _warnings(file: PlanFile, table: Table) -> dict[str, dict[str, int]]:
    """How many rows that are taken break a check, by what the check says: `warnings`, and of level info `notes`."""
    said: dict[str, dict[str, int]] = {}
    if any(check.level != ERROR for check in table.checks):
        for number, count in file.warned().items():
            check = table.checks[number]
            counts = said.setdefault("notes" if check.level == "info" else "warnings", {})
            counts[check.words] = counts.get(check.words, 0) + count
    return said


def _rules(rejects: Iterable[tuple[int, int, str | None, str]]) -> tuple[Counter[str], int]:
    """How many rows break each rule, and how many there are."""
    rules: Counter[str] = Counter()
    count = 0
    for *_, faults in rejects:
        count += 1
        rules.update({rule for _, rule, _ in json.loads(faults)})
    return rules, count


def _by_rule(rules: Counter[str]) -> tuple[str, ...]:
    return tuple(f"{count:,} × {rule}" for rule, count in rules.most_common())


def _counts(found: Compared, rejected: int) -> Counts:
    outcome = found.outcome
    recalled = sum(outcome.recalled.values())
    return Counts(
        read=found.read,
        blank=found.blank,
        collapsed=outcome.collapsed,
        same=outcome.same,
        insert=outcome.insert,
        update=outcome.update + recalled,
        recalled=recalled,
        rejected=rejected,
        skipped=outcome.existing + outcome.superseded,
    )


def _write_rejects(path: Path, found: Compared) -> None:
    """Write the rejects file, with the cells as they stand in the source."""
    with RejectsWriter(path, found.header, found.opened.form.rejects) as writer, uncollected():
        for row in found.refused():
            writer.write(row.line, row.cells, row.problems)


def _write_review(path: Path, found: Compared, today: date, *, warned: bool) -> None:
    """Write the rows that are taken and look wrong by a check of level warn (there are such if `warned`), or are likely
    somebody known, as rejects are written."""
    rows = _as_one(_warned(found, today), found.suspected()) if warned else found.suspected()
    with RejectsWriter(path, found.header, found.opened.form.rejects) as writer, uncollected():
        for row in rows:
            writer.write(row.line, row.cells, row.problems)


def _as_one(*lists: Iterator[Refused]) -> Iterator[Refused]:
    """Lists of rows as one, in the order of the file: all that is said of a row stands together."""
    for line, group in groupby(merge(*lists, key=lambda row: row.line), key=lambda row: row.line):
        same = list(group)
        yield Refused(line, same[0].cells, [problem for row in same for problem in row.problems])


def _warned(found: Compared, today: date) -> Iterator[Refused]:
    """The rows that are taken and look wrong by a check of level warn."""
    checks = {c.number: c for c in checks_of(found.table, found.file.schema, found.layout.names, today)}
    for line, number, cells in found.file.warnings(taken=True):
        check = checks[number]
        if check.check.level == "warn":
            yield Refused(line, json.loads(cells), [Problem(line, check.field, check.fault)])
