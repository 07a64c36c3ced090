"""The words for plans that merge records, take them apart, and say that they are different."""

from __future__ import annotations

from collections.abc import Iterator

from custrec.cli.counting import many
from custrec.model.plan import Plan

VERBS = ("merge", "split", "different", "same")
TOLD = ("clusters", "merged", "into", "from", "out", "members", "pairs", "written", "told")
"""What of such a plan's detail programs are told."""


def lines(plan: Plan) -> Iterator[str]:
    """What such a plan does, the first line first."""
    detail, table = plan.detail, ", ".join(plan.detail["of"])
    if plan.verb == "merge":
        into = ", ".join(f"#{one}" for one in detail["into"])
        more = "" if detail["clusters"] == len(detail["into"]) else ", …"
        become = f" become {detail['clusters']:,} ({into}{more})" if detail["clusters"] else ""
        yield f"merge: {many(detail['merged'], 'record')} of {table}{become}"
    elif plan.verb == "split":
        out = ", ".join(f"#{one}" for one in detail["out"])
        more = "" if detail["members"] == len(detail["out"]) else ", …"
        yield f"split: {many(detail['members'], 'record')} of {table} ({out}{more}) out of #{detail['from']}"
    else:
        what = "said to be different" if plan.verb == "different" else "said to be different no more"
        pairs = ", ".join(f"#{one} and #{other}" for one, other in detail["pairs"])
        count = plan.counts.changes
        more = "" if count == len(detail["pairs"]) else ", …"
        yield f"{plan.verb}: {many(count, 'pair')} of {table} {what}{f' ({pairs}{more})' if pairs else ''}"
    if detail.get("written"):
        yield f"  changed: {' · '.join(f'{name} {n:,}' for name, n in detail['written'].items())}"
    if fields := detail.get("fields", {}).get(table):
        yield f"  survivors get: {' · '.join(f'{name} {n:,}' for name, n in fields.items())}"
    if plan.counts.same:
        yield f"  {many(plan.counts.same, 'cluster' if plan.verb == 'merge' else 'pair')}: it is so already"
    if plan.counts.rejected:
        yield f"  {many(plan.counts.rejected, 'cluster')} left out"
        yield from (f"    {why}" for why in detail["told"])
