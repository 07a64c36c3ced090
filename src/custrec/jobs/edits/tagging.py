"""Tags: put on, taken off and renamed, as plans of updates; and which there are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from custrec.errors import UsageError
from custrec.jobs.drafting import Draft
from custrec.jobs.edits.changing import Changing, StoredBatch
from custrec.jobs.edits.editing import Chosen, plan_changes
from custrec.jobs.edits.written_values import Texts
from custrec.jobs.progress import Progress
from custrec.jobs.reading import field_named, stored
from custrec.model.schema import Schema, Table
from custrec.store import keyed
from custrec.store.database import Store
from custrec.store.plan_file import PlanFile

APART = ";"


@dataclass(frozen=True)
class TagRequest:
    """What to do with a tag: `add` it to the chosen records, `remove` it, or `rename` it to another."""

    chosen: Chosen
    field: str
    what: str
    tag: str
    other: str = ""


def plan_tag(store: Store, request: TagRequest, by: Draft, progress: Progress | None = None) -> PlanFile:
    """Plan to change tags. Raises UsageError for what is no tag of the field, ExpressionInvalid, DiskFull."""
    table = request.chosen.table
    adding = request.what == "add"
    tag = _tag(store, table, request.field, request.tag, strict=adding)
    other = _tag(store, table, request.field, request.other) if request.what == "rename" else ""
    change: dict[str, Callable[[list[str]], list[str]]] = {
        "add": lambda tags: [*tags, tag],
        "remove": lambda tags: [one for one in tags if one != tag],
        "rename": lambda tags: [other if one == tag else one for one in tags],
    }
    changed = change[request.what]

    def writing(batch: StoredBatch) -> Texts:
        values = (str(value).split(APART) if value else [] for value in batch.by_name[request.field])
        return {request.field: [APART.join(changed(tags)) for tags in values]}

    changing = Changing(store, table, [request.field], by)
    return plan_changes(store, "tag", request.chosen, changing, writing, by, progress)


def tagged_table(schema: Schema, table: Table | None) -> Table:
    """The table that was named, or the first one that has tags. Raises UsageError."""
    tables = [table] if table else [one for one in schema.tables if tag_fields(one)]
    if not tables or not tag_fields(tables[0]):
        raise UsageError(what=f"{tables[0].name if tables else 'the schema'} has no field of the kind tags")
    return tables[0]


def tag_field(table: Table, name: str | None) -> str:
    """The field of tags that was named, or the first one of the table. Raises FieldUnknown, UsageError."""
    fields = tag_fields(table)
    if name is not None:
        field = field_named(table, name).name
        if field not in fields:
            raise UsageError(what=f"{field} is not of the kind tags", hint=f"these are: {', '.join(fields)}")
        return field
    return fields[0]


def tag_fields(table: Table) -> Sequence[str]:
    """The fields of a table that hold tags."""
    return [field.name for field in table.fields if field.kind == "tags"]


def tag_counts(store: Store, table: Table, field: str) -> dict[str, int]:
    """How many active records have each tag, the most frequent first."""
    counts: Counter[str] = Counter()
    for value, number in keyed.tally(store, table, field):
        for tag in str(value).split(APART):
            counts[tag] += number
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _tag(store: Store, table: Table, field: str, text: str, strict: bool = True) -> str:
    """One tag as the field stores it; with `strict` false also one that it would not take any more."""
    try:
        value = str(stored(store.schema, table, table.by_name[field], text))
    except ValueError as error:
        if not strict and text.strip():
            return text.strip()
        raise UsageError(what=f"that is no tag of {field}: {error}") from None
    if APART in value:
        raise UsageError(what="a tag is wanted, and these are several")
    return value
