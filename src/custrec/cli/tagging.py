"""custrec tag: the face of jobs.edits.tagging."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from custrec.cli.carrying import CODES_OF_MANY, CODES_OF_MANY_NAMED, carry_out
from custrec.cli.choosing import AllOfThem, Choice, Ids, IdsFrom, chosen_to_change
from custrec.cli.face import Face
from custrec.cli.options import WRITING, Json, Options, Where, Writing
from custrec.cli.running import command

if TYPE_CHECKING:
    from custrec.jobs.edits.editing import Chosen
    from custrec.model.schema import Table

Tag = Annotated[str, typer.Argument(metavar="TAG", help="One tag.", show_default=False)]
TaggedTable = Annotated[
    str | None, typer.Option("--table", "-t", metavar="TABLE", help="The table; the first that has tags by default.")
]
TagField = Annotated[
    str | None, typer.Option("--field", metavar="FIELD", help="The field of tags; the table's first by default.")
]


@dataclass(frozen=True)
class TaggedRecords(Options):
    """The records that a tag is put on or taken off, and the field in which it stands."""

    ids: Ids = None
    table: TaggedTable = None
    field: TagField = None
    where: Where = None
    ids_from: IdsFrom = None
    everything: AllOfThem = False

    def chosen(self, face: Face) -> Chosen:
        """The records that are meant. Raises what `chosen_to_change` does."""
        choice = Choice(self.ids, self.table, self.where, self.ids_from)
        return chosen_to_change(face, choice, self.everything, _tagged(face, self.table))


TAGGED_RECORDS = TaggedRecords()


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    group = typer.Typer(help="Tags of records: put on, taken off, renamed, counted.", no_args_is_help=True)
    command(
        group, "add", writes="tag", codes=CODES_OF_MANY_NAMED,
        examples=["custrec tag add VIP C0002 C0005", "custrec tag add 华东 --where 'address contains 上海' -n"],
    )(add)  # fmt: skip
    command(
        group, "remove", writes="tag", codes=CODES_OF_MANY_NAMED,
        examples=["custrec tag remove VIP C0002", "custrec tag remove trial --where 'status = active'"],
    )(remove)  # fmt: skip
    command(
        group, "rename", writes="tag", codes=CODES_OF_MANY,
        examples=["custrec tag rename vip VIP", "custrec tag rename 华东 East --save-plan"],
    )(rename)  # fmt: skip
    command(group, "list", pages=True, examples=["custrec tag list", "custrec tag list --table customers --json"])(
        list_tags
    )
    app.add_typer(group, name="tag")


def add(face: Face, tag: Tag, records: TaggedRecords = TAGGED_RECORDS, writing: Writing = WRITING) -> int:
    """Put a tag on records."""
    return _tag(face, "add", records.chosen(face), records.field, tag, "", writing)


def remove(face: Face, tag: Tag, records: TaggedRecords = TAGGED_RECORDS, writing: Writing = WRITING) -> int:
    """Take a tag off records."""
    return _tag(face, "remove", records.chosen(face), records.field, tag, "", writing)


def rename(
    face: Face,
    tag: Annotated[str, typer.Argument(metavar="OLD", help="The tag as it is.", show_default=False)],
    other: Annotated[str, typer.Argument(metavar="NEW", help="The tag as it is to be.", show_default=False)],
    table: TaggedTable = None,
    field: TagField = None,
    writing: Writing = WRITING,
) -> int:
    """Call a tag otherwise, on all records that have it. Two tags become one where both are there."""
    which = chosen_to_change(face, Choice(table=table), True, _tagged(face, table))
    return _tag(face, "rename", which, field, tag, other, writing)


def list_tags(face: Face, table: TaggedTable = None, field: TagField = None, as_json: Json = False) -> None:
    """List the tags, and how many records have each."""
    from custrec.cli.progress import waiting
    from custrec.jobs.edits import tagging
    from custrec.jobs.reading import table_named

    store = face.reader.store
    chosen = tagging.tagged_table(store.schema, table_named(store.schema, table) if table else None)
    name = tagging.tag_field(chosen, field)
    with waiting(face, "counting"):
        counts = tagging.tag_counts(store, chosen, name)
    if as_json:
        tags = [{"tag": tag, "records": number} for tag, number in counts.items()]
        face.out_json("tags", {"table": chosen.name, "field": name, "tags": tags})
    elif counts:
        face.table(("tag", "records"), list(counts.items()), right=("records",))
    else:
        face.say(f"{chosen.name} has no tags")


def _tagged(face: Face, table: str | None) -> Callable[[], Table]:
    from custrec.jobs.edits.tagging import tagged_table
    from custrec.jobs.reading import table_named

    schema = face.session.store.schema
    return lambda: tagged_table(schema, table_named(schema, table) if table else None)


def _tag(face: Face, what: str, which: Chosen, field: str | None, tag: str, other: str, writing: Writing) -> int:
    from custrec.cli.progress import shown_progress
    from custrec.jobs.edits.tagging import TagRequest, plan_tag, tag_field, tagged_table

    session = face.session
    session.check_schema(writing=not writing.dry_run)
    table = tagged_table(session.store.schema, which.table)
    request = TagRequest(which, tag_field(table, field), what, tag, other)
    with shown_progress(face) as progress:
        file = plan_tag(session.store, request, session.draft(writing.note), progress)
        return carry_out(face, file, writing, progress)
