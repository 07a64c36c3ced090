"""Campaigns and their work lists: which records are asked about, and how each stands.

A work list is fixed when its campaign begins. A record that was merged since is worked on as the survivor, once; one
that is not active any more has left the list. What was confirmed counts for the campaign in which it was said, also
where the value is changed later: the work was done.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from datetime import date
from typing import Any, NamedTuple

from custrec.model.confirmations import CONFIRMED, CORRECTED, ERASE, Campaign
from custrec.model.decisions import ASKED, CAMPAIGNS, CONFIRMATIONS
from custrec.model.plan import State
from custrec.model.schema import Table
from custrec.store.database import Store
from custrec.store.quoting import quote
from custrec.store.records import readable
from custrec.store.verdicts import standing_for


def campaigns(store: Store) -> list[Campaign]:
    """All campaigns of tables that are there, in the order in which they began."""
    found = store.reader.execute(
        "SELECT number, name, tbl, fields, owner, condition, opened, closes, closed, _id, _event "
        f"FROM {quote(CAMPAIGNS.name)} ORDER BY number"
    ).fetchall()
    made = []
    for number, name, tbl, fields, owner, condition, opened, closes, closed, record, event in found:
        table = store.schema.by_id.get(tbl)
        if table is None:
            continue
        there = tuple(table.by_id[one] for one in map(int, fields.split(",")) if one in table.by_id)
        day = date.fromisoformat(closes) if closes else None
        made.append(
            Campaign(number, name, table, there, table.by_id.get(owner), condition, opened, day, closed, record, event)
        )
    return made


class Item(NamedTuple):
    """A record of a work list: its number, whose it is, how it stands (model.confirmations.STANDINGS), how many fields
    are confirmed, and which (their ids with commas between)."""

    record: int
    owner: str | None
    standing: str
    fields: int
    which: str | None


def work_list(store: Store, campaign: Campaign, *, sort: str | None = None) -> Iterator[Item]:
    """The records of a work list by owner, then by `sort` (a field) and number."""
    beginning, params = _gathered(campaign)
    owner = readable(campaign.table, campaign.owner.name) if campaign.owner else "NULL"
    order = f"{readable(campaign.table, sort)}, " if sort else ""
    cursor = store.reader.execute(
        f"{beginning} SELECT t._id, {owner} AS owner, {_standing(campaign)}, coalesce(d.count, 0), d.which "
        f"{_joined(campaign)} ORDER BY owner IS NULL, owner, {order}t._id",
        params,
    )
    yield from map(Item._make, iter(cursor.fetchone, None))


def tallied(store: Store, campaign: Campaign) -> list[tuple[str | None, str, int]]:
    """How many records of a work list stand how, by owner."""
    beginning, params = _gathered(campaign)
    owner = readable(campaign.table, campaign.owner.name) if campaign.owner else "NULL"
    return store.reader.execute(
        f"{beginning} SELECT {owner} AS owner, {_standing(campaign)} AS standing, count(*) {_joined(campaign)} "
        "GROUP BY 1, 2 ORDER BY owner IS NULL, owner",
        params,
    ).fetchall()


def tallied_fields(store: Store, campaign: Campaign) -> dict[int, dict[str, int]]:
    """In how many active records of a work list each field, by its id, was confirmed and corrected."""
    beginning, params = _gathered(campaign)
    found: dict[int, dict[str, int]] = {}
    rows = store.reader.execute(
        f"{beginning} SELECT s.field, sum(NOT s.corrected), sum(s.corrected) FROM said s JOIN asked a USING (record) "
        f"WHERE a.state = {State.ACTIVE:d} GROUP BY 1",
        params,
    )
    for field, confirmed, corrected in rows.fetchall():
        found[field] = {CONFIRMED: confirmed, CORRECTED: corrected}
    return found


def gone(store: Store, campaign: Campaign) -> int:
    """How many records have left a work list: they are not active any more."""
    beginning, params = _gathered(campaign)
    query = f"{beginning} SELECT count(*) FROM asked WHERE state <> {State.ACTIVE:d}"
    return int(store.reader.execute(query, params).fetchone()[0])


def joined_since(store: Store, campaign: Campaign, condition: tuple[str, Any]) -> list[int]:
    """The active records that meet a condition and are not on the work list."""
    beginning, params = _gathered(campaign)
    where, given = condition
    rows = store.reader.execute(
        f"{beginning} SELECT t._id FROM {quote(campaign.table.name)} t WHERE t._state = {State.ACTIVE:d} AND "
        f"t._id NOT IN (SELECT record FROM asked) AND ({where})",
        (*params, *given),
    )
    return [record for (record,) in rows.fetchall()]


class AskedOf(NamedTuple):
    """One line of a work list: its id, the record that is asked about, what that is part of now, and the answer."""

    asked: int
    record: int
    now: int
    state: State
    campaign: int
    answer: str | None


def asked_of(store: Store, table: Table, records: Collection[int], *, within: bool = False) -> list[AskedOf]:
    """The lines about some records, of all campaigns; `within`: also about what was merged into them."""
    there = "(SELECT value FROM json_each(?1))"
    more = " OR x._state IN (SELECT -value FROM json_each(?1))" if within else ""
    live = quote(table.name)
    rows = store.reader.execute(
        f"SELECT a._id, a.record, y._id, y._state, a.campaign, a.answer FROM {quote(ASKED.name)} a "
        f"JOIN {live} x ON x._id = a.record JOIN {live} y ON y._id = {standing_for('x')} "
        f"WHERE a.tbl = {table.id} AND a.record IN (SELECT x._id FROM {live} x WHERE x._id IN {there}{more})",
        (json.dumps(list(records)),),
    )
    return [AskedOf(asked, record, now, State(state), *more) for asked, record, now, state, *more in rows.fetchall()]


def asks(store: Store, campaign: Campaign) -> int:
    """How many lines its work list has."""
    query = f"SELECT count(*) FROM {quote(ASKED.name)} WHERE campaign = ?"
    return int(store.reader.execute(query, (campaign.number,)).fetchone()[0])


def letters_written(store: Store, campaign: Campaign) -> str | None:
    """When letters of a campaign were written last (ISO 8601, UTC)."""
    query = (
        "SELECT at FROM _event WHERE verb = 'letters' AND json_extract(detail, '$.number') = ? ORDER BY id DESC LIMIT 1"
    )
    found = store.reader.execute(query, (campaign.number,)).fetchone()
    return str(found[0]) if found else None


def _gathered(campaign: Campaign) -> tuple[str, tuple[Any, ...]]:
    """The tables `asked` (record, state, answer), `said` (record, field, corrected) and `done`, by record as it is now.

    What was said of a merged record is said of the survivor if that has the same value.
    """
    live, table = quote(campaign.table.name), campaign.table
    both = f"JOIN {live} x ON x._id = {{}}.record JOIN {live} y ON y._id = {standing_for('x')}"
    same = (
        " ".join(f"WHEN {f.id} THEN x.{quote(f.name)} IS y.{quote(f.name)}" for f in campaign.fields) or "WHEN 0 THEN 0"
    )
    fields = ", ".join(str(f.id) for f in campaign.fields) or "NULL"
    text = (
        f"WITH asked AS MATERIALIZED (SELECT y._id AS record, y._state AS state, max(a.answer = '{ERASE}') AS erase "
        f"FROM {quote(ASKED.name)} a {both.format('a')} WHERE a.campaign = ? AND a.tbl = {table.id} GROUP BY y._id), "
        f"said AS (SELECT y._id AS record, c.field AS field, max(c.how = '{CORRECTED}') AS corrected "
        f"FROM {quote(CONFIRMATIONS.name)} c {both.format('c')} WHERE c.campaign = ? AND c.tbl = {table.id} "
        f"AND c.field IN ({fields}) AND (x._id = y._id OR CASE c.field {same} END) GROUP BY 1, 2), "
        "done AS MATERIALIZED (SELECT record, count(*) AS count, max(corrected) AS corrected, "
        "group_concat(field) AS which FROM said GROUP BY record)"
    )
    return text, (campaign.number, campaign.number)


def _joined(campaign: Campaign) -> str:
    return (
        f"FROM asked a JOIN {quote(campaign.table.name)} t ON t._id = a.record "
        f"LEFT JOIN done d ON d.record = a.record WHERE a.state = {State.ACTIVE:d}"
    )


def _standing(campaign: Campaign) -> str:
    return (
        f"CASE WHEN a.erase THEN '{ERASE}' WHEN coalesce(d.count, 0) = 0 THEN 'open' "
        f"WHEN d.count < {len(campaign.fields)} THEN 'partly' "
        f"WHEN d.corrected THEN '{CORRECTED}' ELSE '{CONFIRMED}' END"
    )
