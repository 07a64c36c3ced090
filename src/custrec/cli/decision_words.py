"""The words of plans of decisions about records: holds, notices and answers."""

from __future__ import annotations

from collections.abc import Iterator

from custrec.cli.counting import many
from custrec.model.plan import Plan

VERBS = ("hold", "release", "notify", "reply")
SAID = {
    "hold": "held",
    "release": "released",
    "notify": "noted as written to",
    "reply": "with an answer",
}


def lines(plan: Plan) -> Iterator[str]:
    """What such a plan does, the first line first."""
    detail, counts = plan.detail, plan.counts
    count = detail.get("released", counts.insert + counts.update)
    first = ", ".join(f"#{one}" for one in detail["records"])
    named = f" ({first}{', …' if count > len(detail['records']) else ''})" if first and count else ""
    yield f"{plan.verb}: {many(count, 'record')} of {', '.join(detail['of'])} {SAID[plan.verb]}{named}"
    if detail.get("reason"):
        yield f"  because: {detail['reason']}"
    if detail.get("asked_again"):
        yield f"  {many(detail['asked_again'], 'record')} to be written about again: custrec retention notify"
    if counts.same:
        yield f"  {many(counts.same, 'record')}: it is so already"
