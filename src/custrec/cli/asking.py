"""custrec dedupe review: at the terminal, one question after the other, or as a list to be filled in elsewhere."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from custrec.cli.face import Face
from custrec.cli.options import TableName, a_number
from custrec.cli.running import command

if TYPE_CHECKING:
    from custrec.jobs.duplicates.asking import Question

Likely = Annotated[
    float | None,
    typer.Option(
        "--min-probability",
        metavar="P",
        min=0,
        max=1,
        help="Pairs too that no cluster joins and that are at least so likely.",
        callback=a_number,
    ),
]


def register(group: typer.Typer) -> None:
    """Add the commands of this module to the group."""
    command(
        group,
        "review",
        writes="merge",
        codes=(0, 2, 3, 4, 6, 7, 9, 10),
        examples=[
            "custrec dedupe review",
            "custrec dedupe review --export pairs.csv",
            "custrec dedupe review --min-probability 0.3 --export -",
        ],
    )(review)


def review(
    face: Face,
    table: TableName = None,
    min_probability: Likely = None,
    export: Annotated[
        str | None,
        typer.Option("--export", metavar="FILE", help="Write a list of pairs for `dedupe apply` instead; - prints it."),
    ] = None,
    skipped: Annotated[bool, typer.Option("--skipped", help="Ask what was skipped, instead of what is new.")] = False,
) -> int:
    """Go through what `dedupe find` finds by now, the least certain first: merge, say that they are not the same,
    choose values. What is decided is carried out at once and can be undone; whoever stops goes on with what is open
    another time."""
    from custrec.cli.progress import shown_progress
    from custrec.errors import NobodyToAsk
    from custrec.jobs.duplicates.asking import questions
    from custrec.jobs.duplicates.finding import FindRequest, find_duplicates
    from custrec.jobs.reading import table_named, table_option
    from custrec.store.derived import twice_if_damaged

    session = face.session
    session.check_schema(writing=True)
    store = session.store
    chosen = table_named(store.schema, table)
    option = table_option(store.schema, chosen.name)
    with shown_progress(face) as progress:
        # What an import or a person added since is asked about, too; where nothing changed, nothing is done.
        def sought() -> tuple[str, list[Question], list[Question]]:
            outcome = find_duplicates(store, FindRequest(chosen), session.at, session.wait, progress)
            progress.phase("reading")
            return outcome.damaged, *questions(store, chosen, min_probability)

        (damaged, waiting, off), damaged_since = twice_if_damaged(store.path, sought)
        asked = off if skipped else waiting
    if damaged or damaged_since:
        face.warn(damaged or damaged_since)
    if off and not skipped:
        face.say(f"{len(off):,} put off: custrec dedupe review{option} --skipped asks again")
    if export is not None:
        from custrec.cli.counting import many
        from custrec.files.output import open_to_fill_in
        from custrec.jobs.duplicates.asking import write_pairs

        with open_to_fill_in(export) as stream:
            count = write_pairs(store, chosen, asked, stream)
        then = f"custrec dedupe apply{option} FILE"
        face.say(f"{many(count, 'pair')} · fill in verdict (same or different), then: {then}")
        return 0
    if not asked:
        face.say(f"{chosen.name}: nothing is open")
        return 0
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise NobodyToAsk(count=len(asked), table=chosen.name)
    from custrec.cli.asking_walk import walk

    return walk(face, chosen, asked)
