"""What is done about stale records, as plans: a tag on each, or a task in the table that the schema names for that."""

from __future__ import annotations

from custrec.errors import NoPolicy
from custrec.jobs.drafting import Draft
from custrec.jobs.edits.adding import AddRequest, plan_add
from custrec.jobs.edits.editing import Chosen
from custrec.jobs.edits.tagging import TagRequest, plan_tag, tag_field
from custrec.jobs.lifecycle.staleness import staleness
from custrec.jobs.progress import Progress
from custrec.jobs.reading import read_for, shown, value_type
from custrec.model.anchor import child_key
from custrec.model.calendar import add
from custrec.model.policy import Tasks, owner_of, stale_of
from custrec.model.schema import Table
from custrec.store import keyed, records
from custrec.store.database import Store
from custrec.store.plan_file import PlanFile


def plan_mark(
    store: Store, table: Table, tag: str | None, where: str | None, by: Draft, progress: Progress | None = None
) -> PlanFile:
    """Plan to put a tag on the stale records of a table. Raises NoPolicy, UsageError, ExpressionInvalid, DiskFull."""
    found = staleness(store, table, by.day, where)
    name = tag_field(table, None)
    request = TagRequest(Chosen(table, found.stale), name, "add", tag or found.rule.tag)
    return plan_tag(store, request, by, progress)


def plan_tasks(store: Store, table: Table, where: str | None, by: Draft) -> PlanFile:
    """Plan to make a task for each stale record that has none yet. Raises NoPolicy, RecordInvalid, DiskFull."""
    rule = stale_of(table)
    if rule is None or rule.tasks is None:
        raise NoPolicy(section="stale" if rule is None else "stale: tasks:", of=f" in {table.name}")
    tasks = rule.tasks
    found = staleness(store, table, by.day, where, _tasked(tasks, by))
    child = store.schema.by_name[tasks.table]
    common = _common(store, child, tasks, by)
    key = child_key(child, table)
    assert key is not None  # held to by files.schema_policy
    owner = owner_of(table) if tasks.owner else None
    names = list(dict.fromkeys([key.target, *([owner] if owner else [])]))
    order = [one.record for one in found.told(found.stale)]
    rows = records.select_any(store, table, read_for(store.schema, table, names), keyed.numbered(order))
    told = {row[0]: dict(zip(names, row[1:], strict=True)) for row in shown(store.schema, table, names, rows)}
    made = [
        common
        | {key.field: str(told[record][key.target])}
        | ({tasks.owner: str(told[record][owner] or "")} if owner and tasks.owner else {})
        for record in order
    ]
    return plan_add(store, AddRequest(child, made), by)


def _common(store: Store, child: Table, tasks: Tasks, by: Draft) -> dict[str, str]:
    """What every task holds, as people write it."""
    texts = {**tasks.values, tasks.title: tasks.words}
    if tasks.due:
        day = add(by.day, tasks.within).isoformat()
        field = child.by_name[tasks.due]
        texts[tasks.due] = value_type(store.schema, child, field).show(day) if field.kind == "date" else day
    return texts


def _tasked(tasks: Tasks, by: Draft) -> str:
    """The condition that a record has such a task already: one that is open, or else one that is not overdue."""
    words = tasks.words.replace('"', '""')
    table, title = (name.replace("`", "``") for name in (tasks.table, tasks.title))
    same = f'exists `{table}` where `{title}` = "{words}"'
    if tasks.open:
        return f"{same} and ({tasks.open})"
    return f"{same} and `{tasks.due}` >= {by.day.isoformat()}" if tasks.due else same
