"""How far it has come with what is proposed for records: who was written to, and what was answered. Reading only."""

from __future__ import annotations

from typing import NamedTuple

from custrec.model.decisions import NOTICES
from custrec.model.schema import Table
from custrec.store.database import Store
from custrec.store.quoting import quote
from custrec.store.verdicts import standing_for

NOTIFIED, KEPT, AGREED = "notified", "kept", "agreed"


class Notice(NamedTuple):
    """What was said about a record for an action of a rule: the stage, since when, until when; its own number, the
    event that it came with, and the record that was meant at the time."""

    rule: str
    action: str
    stage: str
    since: str
    until: str
    number: int
    event: int
    record: int


def notices(store: Store, table: Table) -> dict[int, Notice]:
    """The notices of a table, by the record that each is about now."""
    found = store.reader.execute(
        f"SELECT {standing_for('x')}, n.rule, n.action, n.stage, n.since, n.until, n._id, n._event, n.record "
        f"FROM {quote(NOTICES.name)} n JOIN {quote(table.name)} x ON x._id = n.record "
        f"WHERE n.tbl = {table.id} ORDER BY n._id"
    )
    return {record: Notice(*rest) for record, *rest in found}
