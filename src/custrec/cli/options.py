"""Options that several commands share: each is said once, here."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

import typer


def a_number(value: float | None) -> float | None:
    """A float that is within its range; nan is, as no comparison refuses it. Raises typer.BadParameter."""
    if value is not None and math.isnan(value):
        raise typer.BadParameter(f"{value} is not a number")
    return value


DryRun = Annotated[bool, typer.Option("-n", "--dry-run", help="Show what would happen; write nothing.")]
Format = Annotated[str, typer.Option("--format", metavar="FORMAT", help="table, json, jsonl, csv, tsv or ids.")]
FormatOfRows = Annotated[str, typer.Option("--format", metavar="FORMAT", help="table, json, jsonl, csv or tsv.")]
Json = Annotated[bool, typer.Option("--json", help="Short for --format json.")]
Where = Annotated[
    str | None, typer.Option("--where", metavar="EXPR", help="Only records that meet this, e.g. 'status = active'.")
]
TableName = Annotated[
    str | None, typer.Option("--table", "-t", metavar="TABLE", help="The table; the schema's first by default.")
]
Fields = Annotated[str | None, typer.Option("--fields", metavar="A,B", help="Only these fields, in this order.")]
Sort = Annotated[str | None, typer.Option("--sort", metavar="A,-B", help="By these fields; - for descending.")]
AsOf = Annotated[
    str | None,
    typer.Option("--as-of", metavar="TIME", help="As it was then: 2026-05-01, '2026-05-01 14:30' or event:41."),
]
Archived = Annotated[bool, typer.Option("--archived", help="Those in the archive.")]
Everything = Annotated[bool, typer.Option("--all", help="All of them, not only the first page.")]
MaxChange = Annotated[
    int | None, typer.Option("--max-change", metavar="N", help="Let this run change up to N existing records.")
]
SavePlan = Annotated[bool, typer.Option("--save-plan", help="Keep the plan for `custrec plan`, apply nothing.")]
Confirm = Annotated[
    int | None, typer.Option("--confirm", metavar="N", help="Destroy exactly so many records, without being asked.")
]
ConfirmUpTo = Annotated[
    int | None, typer.Option("--confirm-up-to", metavar="N", help="Destroy at most so many, for scripts.")
]
Reason = Annotated[
    str, typer.Option("--reason", metavar="REASON", help="request, retention, mistake, test-data, capacity, other.")
]
NotEnough = Annotated[bool, typer.Option("--yes", help="Is not enough: the number is wanted.")]
Note = Annotated[str, typer.Option("--note", metavar="TEXT", help="Why; kept in the history.")]


class Options:
    """A group of options: a dataclass of options with defaults. A command that has a parameter of such a type takes
    them all (cli.running), and is given them together."""


@dataclass(frozen=True)
class Writing(Options):
    """What every command that changes many records takes."""

    dry_run: DryRun = False
    save_plan: SavePlan = False
    max_change: MaxChange = None
    note: Note = ""
    as_json: Json = False


WRITING = Writing()
"""The default of a parameter that is these options."""


@dataclass(frozen=True)
class Counted(Options):
    """What commands take that destroy records: how many these are. Each asks for the number, where none is given."""

    confirm: Confirm = None
    confirm_up_to: ConfirmUpTo = None
    yes: NotEnough = False


COUNTED = Counted()
"""The default of a parameter that is these options."""

ROWS = ("table", "json", "jsonl", "csv", "tsv")
"""The formats of what is no records."""
FORMATS = (*ROWS, "ids")


def chosen_format(given: str, as_json: bool, allowed: tuple[str, ...] = FORMATS) -> str:
    """The format that --format and --json ask for. Raises UsageError for another."""
    from custrec.errors import UsageError

    if as_json:
        return "json"
    if given not in allowed:
        raise UsageError(what=f"there is no format {given}", hint=f"it is one of {', '.join(allowed)}")
    return given


def listed(names: str | None) -> list[str]:
    """The words of a comma-separated option (full-width commas too)."""
    return [word.strip() for word in (names or "").replace("，", ",").split(",") if word.strip()]


def one_way(given: Mapping[str, object], rule: str = "records are chosen in one way") -> str | None:
    """Of ways that exclude each other the one that was taken, by the name of its option; None for none. Raises
    UsageError, with the rule, for several."""
    from custrec.errors import UsageError

    taken = [name for name, value in given.items() if value]
    if len(taken) > 1:
        raise UsageError(what=f"{rule}: {' or '.join(taken)}")
    return taken[0] if taken else None
