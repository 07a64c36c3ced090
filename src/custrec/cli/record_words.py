"""How one whole record is told: for people in lines and tables, for programs as an object."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from custrec.cli.blames import blame_said, confirmation_said, confirmation_words, mark
from custrec.cli.face import Face
from custrec.model.plan import State

if TYPE_CHECKING:
    from custrec.jobs.past.whole_records import Children, WholeRecord

MERGED = 20
"""So many merged records are named."""
STATES = {
    State.ARCHIVED: "archived",
    State.TRASHED: "in the trash",
    State.RESTRICTED: "restricted: kept, and used for nothing",
    State.MERGED: "merged",
}
"""What is said of a record's state."""
LISTED_BY = {State.ARCHIVED: " --archived", State.TRASHED: " --trashed"}
"""The option that lists records of a state."""
MARKED = 40
"""Up to this width the marks behind values stand below each other."""


def record_said(whole: WholeRecord, event: int | None) -> dict[str, Any]:
    """A record for programs: its values, and under `children` the records that refer to it, by table."""
    said: dict[str, Any] = {"_id": whole.record, "_state": whole.state.name.lower(), **whole.values}
    if event is not None:
        said["_as_of"] = event
    if whole.merged:
        said["_merged_from"] = [{"_id": one.record, "key": one.key} for one in whole.merged]
    if whole.via is not None:
        said["_named"] = whole.via
    if whole.confirmed:
        said["_confirmed"] = {name: confirmation_said(one) for name, one in whole.confirmed.items()}
    if whole.blame:
        said["_blame"] = {one.pop("field"): one for one in blame_said(whole.blame)["fields"]}
    rows: dict[str, dict[int, dict[str, Any]]] = {}
    for children in whole.children:  # one that refers to the record twice is one child all the same
        named = (dict(zip(children.columns, row, strict=True)) for row in children.rows)
        rows.setdefault(children.table.name, {}).update({row["_id"]: row for row in named})
    if rows:
        said["_children"] = {table: len(found) for table, found in rows.items()}
    said[_free("children", whole)] = {table: list(found.values()) for table, found in rows.items()}
    return said


def say_record(face: Face, whole: WholeRecord, event: int | None) -> None:
    """A record for people: its values, with the marks of where they came from, and what refers to it."""
    from rich.cells import cell_len

    state = f" ({STATES[whole.state]})" if whole.state in STATES else ""
    then = f", as of event {event}" if event is not None else ""
    via = f", named by #{whole.via}, which was merged into it" if whole.via is not None else ""
    face.out(f"{whole.table.name} #{whole.record}{state}{then}{via}")
    there = {name: "" if value is None else str(value) for name, value in whole.values.items()}
    said = {name: text for name, text in there.items() if whole.values[name] is not None or name in whole.confirmed}
    marks = {one.field: mark(one.set.event) for one in whole.blame.origins} if whole.blame else {}
    for name, one in whole.confirmed.items():
        marks[name] = "  ".join(filter(None, (marks.get(name), confirmation_words(one, brief=True))))
    if marks:
        width = min(max(map(cell_len, said.values()), default=0), MARKED)
        for name, text in said.items():
            first, line, rest = text.partition("\n")
            if name in marks:
                said[name] = f"{first}{' ' * (width - cell_len(first))}  {marks[name]}{line}{rest}"
    face.pairs(said)
    if whole.merged:
        merged = [f"#{one.record}{f' {one.key}' if one.key else ''}" for one in whole.merged[:MERGED]]
        more = f" and {len(whole.merged) - MERGED:,} more" if len(whole.merged) > MERGED else ""
        face.out(f"\nmerged from: {', '.join(merged)}{more}")
    twice = [children.table.name for children in whole.children]
    for children in whole.children:
        by = f" by {children.field}" if twice.count(children.table.name) > 1 else ""
        face.out(f"\n{children.table.name}{by} ({children.total:,})")
        _say_children(face, children, whole, event)


def _say_children(face: Face, children: Children, whole: WholeRecord, event: int | None) -> None:
    filled = [n for n in range(1, len(children.columns)) if any(row[n] is not None for row in children.rows)]
    face.table([children.columns[n] for n in filled], [[row[n] for n in filled] for row in children.rows])
    if more := children.total - len(children.rows):
        then = f" --as-of event:{event}" if event is not None else ""
        which = f"{_which(children, whole)}{LISTED_BY.get(whole.state, '')}{then}"
        face.out(f"… {more:,} more: custrec list -t {children.table.name} --where {which}")


def _which(children: Children, whole: WholeRecord) -> str:
    """The condition for all children, as one types it in a shell."""
    import shlex

    from custrec.model.expression_text import name_text, word_text

    target = children.table.references[children.field].target
    return shlex.quote(f"{name_text(children.field)} = {word_text(str(whole.values[target]))}")


def _free(name: str, whole: WholeRecord) -> str:
    """A name that no field of the record has."""
    while name in whole.values:
        name += "_"
    return name
