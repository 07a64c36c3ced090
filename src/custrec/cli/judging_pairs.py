"""custrec dedupe apply: what people say of many pairs, taken from a list."""

from __future__ import annotations

from typing import Annotated

import typer

from custrec.cli.carrying import CODES_OF_MANY, carry_out
from custrec.cli.face import Face
from custrec.cli.options import WRITING, TableName, Writing
from custrec.cli.running import command

ListFile = Annotated[
    str, typer.Argument(metavar="FILE", help="A list of pairs as CSV; - reads standard input.", show_default=False)
]


def register(group: typer.Typer) -> None:
    """Add the commands of this module to the group."""
    command(
        group,
        "apply",
        writes="merge",
        codes=CODES_OF_MANY,
        examples=["custrec dedupe apply pairs.csv -n", "custrec dedupe apply pairs.csv --note 'reviewed with sales'"],
    )(apply)


def apply(face: Face, path: ListFile, table: TableName = None, writing: Writing = WRITING) -> int:
    """Take the verdicts of a list of pairs: the same become one record each, the different are said to be so for ever.
    The list is judged as a whole first; a fault in any line, and nothing is taken."""
    from custrec.cli.progress import shown_progress
    from custrec.jobs.duplicates.clusters import Cluster
    from custrec.jobs.duplicates.judged_lists import held_together, judged_pairs
    from custrec.jobs.duplicates.judging_pairs import PairsRequest, plan_different
    from custrec.jobs.duplicates.merging import MergeRequest, plan_merge
    from custrec.jobs.reading import table_named

    session = face.session
    session.check_schema(writing=not writing.dry_run)
    named = table_named(session.store.schema, table) if table else None
    found = held_together(session.store, judged_pairs(session.store, named, path))
    chosen = found.table
    same, different = found.of(same=True), found.of(same=False)
    code = 0
    # What merging refuses comes before anything is written; no verdict of the list stands in the way of its merges.
    if same:
        with shown_progress(face) as progress:
            request = MergeRequest(chosen, [Cluster(pair) for pair in same], judged=True)
            file = plan_merge(session.store, request, session.draft(writing.note), progress)
            code = carry_out(face, file, writing, progress)
    if different:
        pairs = PairsRequest(chosen, different)
        code = max(code, carry_out(face, plan_different(session.store, pairs, session.draft(writing.note)), writing))
    if not same and not different:
        face.say("the list says nothing that is not so already")
    if found.blank:
        face.say(f"{found.blank:,} without a verdict")
    return code
