"""The words for how a store stands, what the doctor found, and what was done for the store."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from custrec.cli.counting import many
from custrec.cli.tables import is_styled, room
from custrec.jobs.upkeep.diagnosis import Finding, Level, lasting, megabytes
from custrec.jobs.upkeep.maintaining import Step
from custrec.jobs.upkeep.standing import BEHIND, CURRENT, DIFFERS, FAULTY, MISSING, SAME, RowList, Standing
from custrec.model.plan import State

EXIT_CODES = {Level.OK: 0, Level.WARN: 3, Level.BAD: 7}
MOST_TABLES = 7
"""How many tables are told one by one: the screen has 24 lines."""
MOST_LISTS = 2
DIGEST = 12
"""Characters of a digest that are told: enough to see that it is another."""
INDENT = 11
MARGIN = 18
"""Cells before the sentence of a finding: its level and its check."""

_COMPANIONS = {
    "derived.db": "search index",
    "plans": "plans",
    "rejects": "rejects",
    "review": "review",
    "declined": "declined",
    "maps": "maps",
    "archive": "archive files",
    "backups": "backups",
    "certificates": "certificates",
}
_SCHEMA = {
    SAME: "as schema.yaml says",
    DIFFERS: "schema.yaml differs: nothing is written until they agree",
    FAULTY: "schema.yaml has faults: custrec schema check",
    MISSING: "no schema.yaml beside it",
}
_SEARCH = {
    CURRENT: "index up to date",
    BEHIND: "index behind; find catches up",
    MISSING: "no index yet; find makes it",
}
_STEPS = {
    "search": "search index brought up to date",
    "merge": "search index merged",
    "vacuum": "written anew without its free pages",
    "statistics": "statistics renewed",
    "log": "write-ahead log written back",
}
_TO_COME = {
    "search": "bring the search index up to date",
    "merge": "merge the search index",
    "vacuum": "write the file anew without its free pages",
    "statistics": "renew the statistics",
    "log": "write the write-ahead log back",
}


def standing_lines(standing: Standing, now: datetime) -> Iterator[str]:
    """How a store stands, on one screen."""
    beside = [f"{_COMPANIONS[what]} {megabytes(n)}" for what, n in standing.sizes.items() if what != "store"]
    yield from _part("store", [str(standing.store)])
    yield from _part("", [" · ".join([megabytes(standing.sizes["store"]), *beside])])
    schema = f"format {standing.format} · schema {standing.schema_version} · {_SCHEMA[standing.schema_file]}"
    yield from _part("", [schema])
    yield from _part("records", _records(standing.records))
    yield from _part("imported", [_last_import(standing, now)])
    yield from _part("waiting", list(_waiting(standing, now)) or ["nothing"])
    yield from _part("backup", [_last_backup(standing, now)])
    yield from _part("search", [_SEARCH[standing.search]])
    yield from _part("history", _head(standing, now))
    writer = standing.writer
    yield from _part(
        "writing", [f"{writer.actor} ({writer.verb}, process {writer.process})" if writer else "no custrec command"]
    )


def _part(name: str, lines: Sequence[str]) -> Iterator[str]:
    for number, line in enumerate(lines):
        yield f"{'' if number else name:<{INDENT}}{line}"


def _records(records: Mapping[str, Mapping[State, int]]) -> list[str]:
    from rich.cells import cell_len

    told = dict(list(records.items())[:MOST_TABLES])
    names = min(max((cell_len(name) for name in told), default=0), 24)
    width = max((len(f"{counts[State.ACTIVE]:,}") for counts in told.values()), default=1)
    lines = []
    for name, counts in told.items():
        shown = _cut(name, names)
        shown += " " * (names - cell_len(shown))
        others = "".join(f" · {n:,} {state.name.lower()}" for state, n in counts.items() if state and n)
        lines.append(f"{shown}  {counts[State.ACTIVE]:>{width},} active{others}")
    rest = [sum(counts.values()) for name, counts in records.items() if name not in told]
    return lines + ([f"and {many(len(rest), 'more table')}: {many(sum(rest), 'record')}"] if rest else [])


def _last_import(standing: Standing, now: datetime) -> str:
    if standing.last_import is None:
        return "nothing yet"
    event, _ = standing.last_import
    counts = event.counts
    undone = f", undone by {event.undone_by}" if event.undone_by else ""
    rows = f"{many(counts.get('read', 0), 'row')}, {counts.get('rejected', 0):,} rejected"
    return f"{_cut(event.source or '', 36)} · {_ago(datetime.fromisoformat(event.at), now)} · {rows}{undone}"


def _last_backup(standing: Standing, now: datetime) -> str:
    last = standing.backup
    if last is None:
        return "no backup yet: custrec backup create"
    return f"generation {last.generation} · {_ago(last.at, now)} · proved"


def _waiting(standing: Standing, now: datetime) -> Iterator[str]:
    for what, found in (("rejects", standing.rejects), ("review", standing.review)):
        for one in found[:MOST_LISTS]:
            name = f"{one.path.parent.name}/{one.path.name}"
            yield f"{_cut(name, 40)} · {_rows(one)} · {_ago(one.since, now)}"
        if more := found[MOST_LISTS:]:
            yield f"{many(len(more), 'more file')} of {what} · {sum(one.rows for one in more):,} rows"
    if plans := standing.plans:
        oldest = _ago(plans[0].since, now)
        age = oldest if len(plans) == 1 else f"the oldest {oldest}"
        yield f"{many(len(plans), 'saved plan')} · {age} · custrec plan list"
    if standing.schema_file in (DIFFERS, FAULTY):
        yield "schema.yaml, before anything can be written"
    if standing.unwiped:
        yield f"event {', '.join(map(str, standing.unwiped))}: purged, not yet wiped · custrec maintain"
    if standing.alarm:
        yield f"{standing.alarm} · custrec backup status"
    for fault in standing.settings:
        yield f"{fault} · custrec config show"


def _rows(one: RowList) -> str:
    return many(one.rows, "row") if one.whole else f"more than {one.rows:,} rows"


def _head(standing: Standing, now: datetime) -> list[str]:
    head = standing.head
    if head is None:
        return ["no event yet"]
    when = _ago(datetime.fromisoformat(head.at), now)
    event = f"event {head.id}, {head.verb} by {_cut(head.actor, 30)} · {when}"
    return [event, f"head {head.id}:{head.digest[:DIGEST]}…"]


def _ago(then: datetime, now: datetime) -> str:
    past = now - then
    return f"{lasting(past)} ago" if past.total_seconds() >= 60 else "just now"


def _cut(text: str, width: int) -> str:
    from rich.cells import cell_len, set_cell_size

    text = text if text.isprintable() else "".join(c if c.isprintable() else " " for c in text)
    return text if cell_len(text) <= width else set_cell_size(text, width - 1).rstrip() + "…"


def standing_said(standing: Standing) -> dict[str, Any]:
    """How a store stands, for programs."""

    def lists(found: Sequence[RowList]) -> list[dict[str, Any]]:
        return [
            {"file": str(one.path), "rows": one.rows, "all_counted": one.whole, "since": _time(one.since)}
            for one in found
        ]

    head, last, writer = standing.head, standing.last_import, standing.writer
    return {
        "waits": standing.waits,
        "store": str(standing.store),
        "bytes": dict(standing.sizes),
        "format": standing.format,
        "schema_version": standing.schema_version,
        "schema_file": standing.schema_file,
        "records": {
            table: {state.name.lower(): n for state, n in counts.items()} for table, counts in standing.records.items()
        },
        "last_import": last
        and {"event": last[0].id, "at": last[0].at, "file": last[0].source}
        | {"rows": last[0].counts.get("read", 0), "rejected": last[0].counts.get("rejected", 0)}
        | {"undone_by": last[0].undone_by},
        "rejects": lists(standing.rejects),
        "review": lists(standing.review),
        "plans": [{"plan": plan.id, "since": _time(plan.since)} for plan in standing.plans],
        "settings": list(standing.settings),
        "backup": (last_one := standing.backup)
        and {"generation": last_one.generation, "at": _time(last_one.at), "places": list(last_one.places)}
        | {"failed": list(last_one.failed), "alarm": standing.alarm or None},
        "erased": standing.erased,
        "unwiped": list(standing.unwiped),
        "search": standing.search,
        "head": head
        and {"event": head.id, "at": head.at, "actor": head.actor, "verb": head.verb} | {"digest": head.digest},
        "writer": writer and {"actor": writer.actor, "verb": writer.verb, "process": writer.process},
    }


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def finding_lines(finding: Finding, color: str) -> Iterator[str]:
    """What one check found, in lines that fit the terminal."""
    level = f"{finding.level:<5}"
    if finding.level is not Level.OK and is_styled(color):
        level = f"\x1b[1m{level}\x1b[0m"
    width = max(room(), 40) - MARGIN
    first, *rest = _wrapped(finding.says, width)
    yield f"{level} {finding.check:<{MARGIN - 6}}{first}"
    yield from (f"{'':<{MARGIN}}{line}" for line in rest)
    for number, line in enumerate(_wrapped(finding.do, width - 2) if finding.do else ()):
        yield f"{'':<{MARGIN}}{' ' if number else '→'} {line}"


def _wrapped(text: str, width: int) -> list[str]:
    """A sentence in lines that are no wider than there is room, but for words that are."""
    from rich.cells import cell_len

    lines = [""]
    for word in text.split():
        if lines[-1] and cell_len(lines[-1]) + 1 + cell_len(word) > width:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}".lstrip()
    return lines


def step_line(step: Step, to_come: bool) -> str:
    """What one step of maintenance did, or would do."""
    if step.hindrance:
        return f"{step.file}: not {_STEPS[step.name].removeprefix('search index ')}: {step.hindrance}"
    if to_come:
        return f"{step.file}: would {_TO_COME[step.name]} ({megabytes(step.before)})"
    size = megabytes(step.after)
    if size != megabytes(step.before):
        size = f"{megabytes(step.before)} → {size}"
    return f"{step.file}: {_STEPS[step.name]} ({size}, {step.seconds:.1f} s)"


def step_said(step: Step) -> dict[str, Any]:
    """One step of maintenance, for programs."""
    said = {"step": step.name, "file": step.file, "seconds": round(step.seconds, 3)}
    return said | {"bytes_before": step.before, "bytes_after": step.after, "hindrance": step.hindrance or None}
