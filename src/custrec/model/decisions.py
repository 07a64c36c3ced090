"""What people decided about records, kept in tables of custrec's own that plans write as they write people's tables.

So a decision is previewed, journalled, sealed, verified and undone like any change. These tables have ids beyond every
table of a schema, names that no schema may use, and no view.
"""

from __future__ import annotations

from custrec.model.schema import Field, Schema, Table

FIRST_ID = 1_000_001
"""Tables of a schema are numbered from 1; from here on the numbers are custrec's own."""

DIFFERENT = "different"
"""The verdict that two records are not the same."""

VERDICTS = Table(
    name="_verdict",
    id=FIRST_ID,
    fields=(
        Field("tbl", id=1, type="integer", kind="integer", required=True),
        Field("one", id=2, type="integer", kind="integer", required=True),
        Field("other", id=3, type="integer", kind="integer", required=True),
        Field("says", id=4, required=True),
    ),
    primary_key=("tbl", "one", "other"),
)
"""What was said of two records of a table: `tbl` is its id, `one` the lower number of a record, `other` the higher."""

HOLDS = Table(
    name="_hold",
    id=FIRST_ID + 1,
    fields=(
        Field("tbl", id=1, type="integer", kind="integer", required=True),
        Field("record", id=2, type="integer", kind="integer", required=True),
        Field("reason", id=3, required=True),
    ),
    primary_key=("tbl", "record", "reason"),
)
"""Records that stay as they are until somebody releases them, and why: `tbl` is the table's id."""

NOTICES = Table(
    name="_notice",
    id=FIRST_ID + 2,
    fields=(
        Field("tbl", id=1, type="integer", kind="integer", required=True),
        Field("record", id=2, type="integer", kind="integer", required=True),
        Field("rule", id=3, required=True),
        Field("action", id=4, required=True),
        Field("stage", id=5, required=True),
        Field("since", id=6, type="date", kind="date", required=True),
        Field("until", id=7, type="date", kind="date", required=True),
    ),
    primary_key=("tbl", "record"),
)
"""How far it has come with what a rule of retention proposes for a record: its customer was written to (`notified`) and
may answer up to `until`; wants it kept (`kept`) up to then; or agreed (`agreed`)."""

DECISIONS = (VERDICTS, HOLDS, NOTICES)


def named_by(decisions: Table) -> tuple[str, ...]:
    """The fields of a table of decisions that name records, by number; which table they are of says its `tbl`."""
    return tuple(f.name for f in decisions.fields if f.name in ("one", "other", "record"))


def tables_of(schema: Schema) -> tuple[Table, ...]:
    """All tables that plans write: the schema's, and those of decisions."""
    return (*schema.tables, *DECISIONS)


def table_numbered(schema: Schema, number: int) -> Table | None:
    """One of these tables by its id; those of decisions have been the same in every schema."""
    return schema.by_id.get(number) or next((table for table in DECISIONS if table.id == number), None)


def table_called(schema: Schema, name: str) -> Table:
    """One of these tables by its name."""
    return next(table for table in tables_of(schema) if table.name == name)
