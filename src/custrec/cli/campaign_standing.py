"""How far campaigns are: the words, tables and bars of custrec confirm status, which fit 80 columns."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from custrec.cli.face import Face
from custrec.model.confirmations import CONFIRMED, CORRECTED, ERASE, STANDINGS

if TYPE_CHECKING:
    from datetime import date

    from custrec.jobs.confirming.campaigns import CampaignStanding
    from custrec.model.confirmations import Tally

BAR = 20
"""Characters of a bar."""
SELDOM = ("partly", ERASE)
"""Standings that are told only where there are such records."""


def standing_said(one: CampaignStanding, today: date) -> dict[str, Any]:
    """How far a campaign is, for programs."""
    campaign = one.campaign
    said: dict[str, Any] = {
        "campaign": campaign.name,
        "table": campaign.table.name,
        "fields_asked": [f.name for f in campaign.fields],
        "where": campaign.condition,
        "owner": campaign.owner.name if campaign.owner else None,
        "opened": campaign.opened,
        "closes": campaign.closes.isoformat() if campaign.closes else None,
        "closed": campaign.closed,
        "overdue": one.is_overdue(today),
        "records": one.whole.asked,
        "done": one.whole.done,
        **one.whole.counts,
        "owners": [
            {"owner": owner, "records": tally.asked, "done": tally.done, **tally.counts}
            for owner, tally in one.owners.items()
        ],
    }
    if one.fields:
        said |= {"fields": one.fields, "left_the_list": one.left, "not_on_the_list": one.joined, "letters": one.letters}
    return said


def say_campaigns(face: Face, found: list[CampaignStanding], today: date) -> None:
    """How far several campaigns are, a line each."""
    rows = [(one.campaign.name, one.campaign.table.name, *_numbers(one.whole), _state(one, today)) for one in found]
    face.table(("campaign", "table", "records", "done", "", ""), rows, right=("records", "done"))


def _numbers(tally: Tally) -> tuple[str, str, str]:
    return f"{tally.asked:,}", _share(tally.done, tally.asked), _bar(tally.done, tally.asked)


def say_standing(face: Face, one: CampaignStanding, today: date) -> None:
    """How far one campaign is, by owner and by field."""
    campaign = one.campaign
    said = {
        "table": f"{campaign.table.name}{f', where {campaign.condition}' if campaign.condition else ''}",
        "asked about": ", ".join(f.name for f in campaign.fields),
        "begun": campaign.opened[:10],
        "state": _state(one, today),
    }
    if one.letters:
        said["letters"] = f"written {one.letters[:10]}"
    face.out(campaign.name)
    face.pairs(said)
    head = campaign.owner.name if campaign.owner else "all"
    groups = [(owner or "nobody", tally) for owner, tally in one.owners.items()] if campaign.owner else []
    told = [word for word in STANDINGS if word not in SELDOM or one.whole.counts[word]]
    rows = [
        (
            name,
            *(f"{n:,}" for n in (tally.asked, *(tally.counts[word] for word in told))),
            _share(tally.done, tally.asked),
            _bar(tally.done, tally.asked, BAR // 2),
        )
        for name, tally in [*groups, ("all" if groups else "records", one.whole)]
    ]
    words = {ERASE: "deletion", "open": "no answer" if campaign.is_over(today) else "open"}
    columns = ("records", *(words.get(word, word) for word in told), "done", "")
    face.out("")
    face.table((head, *columns), rows, right=columns[:-1])
    face.out("")
    done = [
        (name, f"{n[CONFIRMED]:,}", f"{n[CORRECTED]:,}", *_field_share(n, one.whole.asked))
        for name, n in one.fields.items()
    ]
    face.table(("field", "confirmed", "corrected", "done", ""), done, right=("confirmed", "corrected", "done"))
    for line in _remarks(one):
        face.say(line)


def _field_share(counts: dict[str, int], asked: int) -> tuple[str, str]:
    done = counts[CONFIRMED] + counts[CORRECTED]
    return _share(done, asked), _bar(done, asked)


def _remarks(one: CampaignStanding) -> Iterator[str]:
    if one.left:
        yield f"{one.left:,} more left the list: they are not active any more"
    if one.joined:
        yield f"{one.joined:,} meet the condition since and are not asked: custrec confirm extend {one.campaign.name}"
    if n := one.whole.counts[ERASE]:
        wish = "wants its data" if n == 1 else "want their data"
        yield f"{n:,} {wish} deleted: custrec confirm list {one.campaign.name}"


def _state(one: CampaignStanding, today: date) -> str:
    campaign = one.campaign
    if campaign.closed:
        return f"closed {campaign.closed[:10]}"
    if one.is_overdue(today):
        return f"overdue since {campaign.closes}"
    if campaign.is_over(today):
        return f"ended {campaign.closes}"
    return f"until {campaign.closes}" if campaign.closes else "open"


def _share(done: int, of: int) -> str:
    """A share that says 100 % only of all, and 0 % only of none."""
    share = 100 * done / of if of else 0.0
    return f"{min(share, 99) if done < of else share:.0f} %" if share >= 1 or not done else "<1 %"


def _bar(done: int, of: int, width: int = BAR) -> str:
    full = width * done // of if of else 0
    return "█" * full + "·" * (width - full)
