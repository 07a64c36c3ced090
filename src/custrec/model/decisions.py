"""What people decided about records, kept in tables of custrec's own that plans write as they write people's tables.

So a decision is previewed, journalled, sealed, verified and undone like any change. These tables have ids beyond every
table of a schema, names that no schema may use, and no view.
"""

from __future__ import annotations

from functools import partial

from custrec.model.schema import Field, Schema, Table

FIRST_ID = 1_000_001
"""Tables of a schema are numbered from 1; from here on the numbers are custrec's own."""

DIFFERENT = "different"
"""The verdict that two records are not the same."""

_number = partial(Field, type="integer", kind="integer")
_moment = partial(Field, type="datetime", kind="datetime")
_day = partial(Field, type="date", kind="date")

_TABLE = _number("tbl", id=1, required=True)
_RECORD = _number("record", id=2, required=True)

VERDICTS = Table(
    name="_verdict",
    id=FIRST_ID,
    fields=(
        _TABLE,
        _number("one", id=2, required=True),
        _number("other", id=3, required=True),
        Field("says", id=4, required=True),
    ),
    primary_key=("tbl", "one", "other"),
)
"""What was said of two records of a table: `tbl` is its id, `one` the lower number of a record, `other` the higher."""

HOLDS = Table(
    name="_hold",
    id=FIRST_ID + 1,
    fields=(
        _TABLE,
        _RECORD,
        Field("reason", id=3, required=True),
    ),
    primary_key=("tbl", "record", "reason"),
)
"""Records that stay as they are until somebody releases them, and why: `tbl` is the table's id."""

NOTICES = Table(
    name="_notice",
    id=FIRST_ID + 2,
    fields=(
        _TABLE,
        _RECORD,
        Field("rule", id=3, required=True),
        Field("action", id=4, required=True),
        Field("stage", id=5, required=True),
        _day("since", id=6, required=True),
        _day("until", id=7, required=True),
    ),
    primary_key=("tbl", "record"),
)
"""How far it has come with what a rule of retention proposes for a record: its customer was written to (`notified`) and
may answer up to `until`; wants it kept (`kept`) up to then; or agreed (`agreed`)."""

CAMPAIGNS = Table(
    name="_campaign",
    id=FIRST_ID + 3,
    fields=(
        _number("number", id=1, required=True),
        Field("name", id=2, required=True, unique=True),
        _number("tbl", id=3, required=True),
        Field("fields", id=4, required=True),
        _number("owner", id=5),
        Field("condition", id=6),
        _moment("opened", id=7, required=True),
        _day("closes", id=8),
        _moment("closed", id=9),
    ),
    primary_key=("number",),
)
"""What people set out to confirm: `fields` are the ids of fields with commas between, `owner` the id of the field that
says whose records they are, `condition` what was asked of the records, `closes` the last day. `number` is the id that
the campaign was planned with, so it is never given twice, and a plan beside another one is stale."""

ASKED = Table(
    name="_asked",
    id=FIRST_ID + 4,
    fields=(
        _TABLE,
        _RECORD,
        _number("campaign", id=3, required=True),
        Field("answer", id=4),
        _moment("answered", id=5),
    ),
    primary_key=("tbl", "record", "campaign"),
)
"""The work list of a campaign, by its number: each record that is asked about, and what its letter was answered with
(model.confirmations)."""

CONFIRMATIONS = Table(
    name="_confirmation",
    id=FIRST_ID + 5,
    fields=(
        _TABLE,
        _RECORD,
        _number("field", id=3, required=True),
        _number("campaign", id=4, required=True),
        _moment("at", id=5, required=True),
        Field("by", id=6, required=True),
        Field("how", id=7, required=True),
        _number("seen", id=8, required=True),
    ),
    primary_key=("tbl", "record", "field", "campaign"),
)
"""That the value of a field (by its id) was right: when, said by whom, whether it was `confirmed` as it stood or
`corrected` to be so, in which campaign (0: in none). `seen` is the last event before: the value meant is the one that
stood then, of a correction the one that it was changed to (store.confirmations)."""

DECISIONS = (VERDICTS, HOLDS, NOTICES, CAMPAIGNS, ASKED, CONFIRMATIONS)


def named_by(decisions: Table) -> tuple[str, ...]:
    """The fields of a table of decisions that name records, by number; which table they are of says its `tbl`."""
    return tuple(f.name for f in decisions.fields if f.name in ("one", "other", "record"))


ABOUT_RECORDS = tuple(table for table in DECISIONS if named_by(table))
"""The tables of decisions that name records: what is said of a record that is destroyed goes with it."""


def tables_of(schema: Schema) -> tuple[Table, ...]:
    """All tables that plans write: the schema's, and those of decisions."""
    return (*schema.tables, *DECISIONS)


def table_numbered(schema: Schema, number: int) -> Table | None:
    """One of these tables by its id; those of decisions have been the same in every schema."""
    return schema.by_id.get(number) or next((table for table in DECISIONS if table.id == number), None)


def table_called(schema: Schema, name: str) -> Table:
    """One of these tables by its name."""
    return next(table for table in tables_of(schema) if table.name == name)
