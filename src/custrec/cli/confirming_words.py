"""The words for plans that confirm values, and for campaigns: begun, extended, closed, answered."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from custrec.cli.counting import many
from custrec.cli.nearness import near
from custrec.model.plan import Plan

if TYPE_CHECKING:
    from custrec.cli.face import Face
    from custrec.store.plan_file import PlanFile

FEW = 5
"""So many columns are named."""
SAMPLE = 10
"""How many changed values a dry run shows."""
TOLD = (
    *("campaign", "campaigns", "asked", "until", "fields_asked", "records", "confirmed", "corrected", "values"),
    *("provenance", "erase", "told"),
)
"""What of such a plan's detail programs are told."""


def lines(plan: Plan) -> Iterator[str]:
    """What such a plan does, the first line first."""
    detail, table = plan.detail, ", ".join(plan.detail["of"])
    match plan.verb:
        case "confirm-start":
            until = f", until {detail['until']}" if detail["until"] else ""
            yield f"campaign {detail['campaign']}: {many(detail['asked'], 'record')} of {table}{until}"
            yield f"  asked about: {', '.join(detail['fields_asked'])}"
        case "confirm-extend":
            until = f", until {detail['until']}" if detail["until"] else ""
            yield f"campaign {detail['campaign']}: {many(detail['asked'], 'more record')} of {table}{until}"
        case "confirm-close":
            yield f"campaign {detail['campaign']}: closed"
        case _:
            yield from _confirmed(plan, table)


def _confirmed(plan: Plan, table: str) -> Iterator[str]:
    detail, shown = plan.detail, plan.detail["records"]
    more = "" if detail["asked"] == len(shown) else ", …"
    among = f" ({', '.join(f'#{one}' for one in shown)}{more})" if shown else ""
    name = f" · {', '.join(detail['campaigns'])}" if detail["campaigns"] else ""
    yield f"{plan.verb}: {many(detail['asked'], 'record')} of {table}{among}{name}"
    parts = [(detail["confirmed"], "as they are"), (detail["corrected"], "corrected")]
    said = " · ".join(f"{count:,} {word}" for count, word in parts if count)
    if said:
        by = "the subject" if detail["provenance"] == "subject" else plan.actor
        yield f"  values: {said} · said by {by}"
        yield f"  by field: {' · '.join(f'{name} {n:,}' for name, n in detail['values'].items())}"
    if detail.get("erase"):
        named = ", ".join(f"#{one}" for one in detail["erase_records"])
        more = "" if detail["erase"] == len(detail["erase_records"]) else ", …"
        wish = "wants its data" if detail["erase"] == 1 else "want their data"
        yield f"  {detail['erase']:,} {wish} deleted: {named}{more} · nothing was deleted"
    if plan.counts.skipped:
        yield f"  {many(plan.counts.skipped, 'row')} without an answer passed over"
    if detail.get("passed"):
        yield f"  columns that are no field passed over: {', '.join(detail['passed'][:FEW])}"
    if plan.counts.rejected:
        yield f"  {many(plan.counts.rejected, 'row' if plan.source else 'record')} left as they are"
        if plan.rules:
            yield f"  for: {' · '.join(f'{rule} {n:,}' for rule, n in plan.rules.items())}"
        if detail.get("rejects"):
            yield f"  refused rows: {near(detail['rejects'])}"


def corrections(face: Face, file: PlanFile, truth: bool) -> Callable[[], list[dict[str, Any]]]:
    """What tells some of the values that a plan corrects, without what it says of them."""
    from custrec.jobs.previews import preview

    store = face.session.store
    return lambda: [one for one in preview(store, file, SAMPLE, truth) if one["table"] in store.schema.by_name]
