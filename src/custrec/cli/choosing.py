"""Which records a command is about: named by words or by a file, met by a condition, or all of a table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from custrec.cli.face import Face
from custrec.cli.options import Options, TableName, Where, one_way

if TYPE_CHECKING:
    from custrec.jobs.edits.editing import Chosen
    from custrec.jobs.edits.naming import Named
    from custrec.model.schema import Table

Ids = Annotated[
    list[str] | None,
    typer.Argument(metavar="[ID…]", help="Natural keys, or record numbers as #12.", show_default=False),
]
IdsFrom = Annotated[
    str | None, typer.Option("--ids-from", metavar="FILE", help="Records named in a file, one a line; - reads them.")
]
AllOfThem = Annotated[bool, typer.Option("--all", help="All records of the table.")]


@dataclass(frozen=True)
class Choice(Options):
    """How people say which records are meant."""

    ids: Ids = None
    table: TableName = None
    where: Where = None
    ids_from: IdsFrom = None

    def way(self, **others: object) -> str | None:
        """The one way that was taken: ID (words, a file), --where, or one of the command's own; None for none.
        Raises UsageError."""
        return one_way({"ID": self.ids or self.ids_from, "--where": self.where, **others})

    def named(self, face: Face) -> list[Named]:
        """The records that words and a file name. Raises what `named_records` does."""
        return named_records(face, self.table, self.ids or [], self.ids_from)


CHOICE = Choice()
"""The default of a parameter that is these options."""


def named_records(face: Face, table: str | None, names: Sequence[str], ids_from: str | None = None) -> list[Named]:
    """The records that the words of a command and of a file name; a file may name none, as a pipe whose beginning
    found nothing. Raises what `records_named` does."""
    from custrec.errors import UsageError
    from custrec.jobs.edits.naming import records_named
    from custrec.jobs.reading import table_named

    store = face.session.store
    chosen = table_named(store.schema, table) if table else None
    if not names and ids_from is None:
        raise UsageError(what="no record is named")
    found = records_named(store, chosen, names)
    if ids_from is not None:
        found += records_named(store, chosen, _lines(ids_from), listed=True)
    return list({(one.table.name, one.record): one for one in found}.values())


def chosen_to_change(face: Face, choice: Choice, everything: bool, table: Callable[[], Table]) -> Chosen:
    """The records that are to change: those that are named, or of `table` those that meet a condition, or all.
    Raises UsageError and what `records_named` and `refuse_aside` do."""
    from custrec.errors import UsageError
    from custrec.jobs.edits.editing import Chosen
    from custrec.jobs.edits.naming import of_one_table, refuse_aside

    way = choice.way(**{"--all": everything})
    if way is None:
        raise UsageError(what="no record is named", hint="name records, or say --where EXPR, or --all")
    if way == "ID":
        found = choice.named(face)
        refuse_aside(found)
        return Chosen(of_one_table(found) if found else table(), [one.record for one in found])
    return Chosen(table(), None, choice.where)


def _lines(path: str) -> list[str]:
    from custrec.files.texts import text_of

    return [line.strip() for line in text_of(path)[1].splitlines() if line.strip()]
