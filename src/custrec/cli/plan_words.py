"""The words for a plan and for what became of it: one renderer for every command that writes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from custrec.cli.face import Face
from custrec.model.plan import Counts, Plan
from custrec.session.session import Report

RULE_WORDS = 8
"""How many rules a summary names."""


def planned(face: Face, plan: Plan, as_json: bool, saved: bool = False) -> None:
    """Say what a plan would do."""
    if as_json:
        face.out_json("plan", plan_said(plan) | {"applied": False})
        return
    _say_counts(face, plan)
    if saved:
        face.say(f"saved as plan {plan.id} · apply with: custrec plan apply {plan.id}")
    else:
        face.say("nothing was written (dry run)")


def carried_out(face: Face, report: Report, as_json: bool) -> None:
    """Say what was done, and how to undo it."""
    plan, event = report.plan, report.event
    if as_json:
        seconds = {stage: round(spent, 3) for stage, spent in report.seconds.items()}
        done = {"applied": event is not None, "event": event.id if event else None, "seconds": seconds}
        face.out_json("plan", plan_said(plan) | done)
        return
    _say_counts(face, plan)
    if event is None:
        face.say(f"nothing to change{': the store has all of it already' if plan.counts.same else ''}")
    elif plan.verb == "undo":
        face.say(f"event {event.id} · bring it back with: custrec redo {plan.undoes}")
    else:
        face.say(f"event {event.id} · undo with: custrec undo {event.id}")
    if plan.counts.rejected and face.quiet and plan.detail.get("rejects"):
        face.warn(f"{many(plan.counts.rejected, 'row')} rejected, see {_near(plan.detail['rejects'])}")


def plan_said(plan: Plan) -> dict[str, Any]:
    """A plan as JSON says it."""
    said: dict[str, Any] = {
        "plan": plan.id,
        "verb": plan.verb,
        "tables": list(plan.tables),
        "made_at": plan.made_at,
        "actor": plan.actor,
        "counts": plan.counts.as_dict(),
    }
    if plan.source:
        said["source"] = {"name": plan.source.name, "sha256": plan.source.sha256, "bytes": plan.source.size}
    if plan.rules:
        said["rules"] = dict(plan.rules)
    for found in ("warnings", "notes", "rejects"):
        if plan.detail.get(found):
            said[found] = plan.detail[found]
    if plan.undoes is not None:
        said["undoes"] = plan.undoes
    return said


def _say_counts(face: Face, plan: Plan) -> None:
    counts = plan.counts
    if plan.source:
        blank = f", {many(counts.blank, 'blank line')}" if counts.blank else ""
        how = f"{plan.detail.get('encoding', '')}, {delimiter_word(plan.detail.get('delimiter', ','))}"
        face.say(f"{plan.source.name} → {', '.join(plan.tables)}: {many(counts.read, 'row')} read{blank} ({how})")
    elif plan.undoes is not None:
        face.say(f"{plan.verb} of event {plan.detail['event']} ({plan.detail['of']})")
    face.say(f"  {_phrase(counts)}")
    if plan.rules:
        face.say(f"  rejected for: {by_rule(plan.rules)}")
    for line in warned(plan.detail.get("warnings", {}), plan.detail.get("notes", {})):
        face.say(f"  {line}")
    if plan.detail.get("rejects"):
        face.say(f"  rejected rows: {_near(plan.detail['rejects'])} (mend them there and import that file)")


def by_rule(rules: Mapping[str, int]) -> str:
    """How many rows broke each rule, the most frequent first."""
    named = sorted(rules.items(), key=lambda item: (-item[1], item[0]))
    rest = f" · {many(len(named) - RULE_WORDS, 'more rule')}" if len(named) > RULE_WORDS else ""
    return " · ".join(f"{rule} {n:,}" for rule, n in named[:RULE_WORDS]) + rest


def warned(warnings: Mapping[str, int], notes: Mapping[str, int]) -> Iterator[str]:
    """A line for each check that rows broke and were taken all the same."""
    for thing, counts in (("warning", warnings), ("note", notes)):
        for message, count in counts.items():
            yield f"{many(count, thing)}: {message}"


def many(count: int, thing: str) -> str:
    """A count and what is counted, in the plural where it is one."""
    return f"{count:,} {thing}{'' if count == 1 else 's'}"


def _near(path: str) -> str:
    """A path as one would type it here."""
    here = Path.cwd()
    return str(Path(path).relative_to(here)) if Path(path).is_relative_to(here) else path


def _phrase(counts: Counts) -> str:
    parts = [
        (counts.insert, "new"),
        (counts.update, "changed"),
        (counts.delete, "removed"),
        (counts.same, "the same"),
        (counts.collapsed, "repeated in the file"),
        (counts.skipped, "skipped"),
        (counts.kept, "kept (edited since)"),
        (counts.blocked, "blocked"),
        (counts.rejected, "rejected"),
    ]
    return " · ".join(f"{n:,} {word}" for n, word in parts if n) or "no rows"


def delimiter_word(delimiter: str) -> str:
    """A delimiter as people call it."""
    return {"\t": "tab", ",": "comma", ";": "semicolon"}.get(delimiter, delimiter)
