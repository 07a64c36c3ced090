"""custrec confirm letters and import: the face of what customers are sent, and of what they answer."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from custrec.cli.campaigning import CampaignName, day
from custrec.cli.carrying import carry_out
from custrec.cli.confirming_words import corrections
from custrec.cli.face import Face
from custrec.cli.options import WRITING, Json, Writing, listed
from custrec.cli.running import command

DAYS = 30
"""How long answers are taken where neither the campaign nor anybody says."""


def register(group: typer.Typer) -> None:
    """Add the commands of this module to the group."""
    command(
        group,
        "letters",
        codes=(0, 2, 4, 7, 8, 9, 10),
        examples=[
            "custrec confirm letters 2026Q4 -o letters --lang zh --reply-to '深圳市南山区科技路1号'",
            "custrec confirm letters 2026Q4 -o mails --format csv --mask phone,email",
        ],
    )(letters)
    command(
        group,
        "import",
        writes="confirm-import",
        codes=(0, 2, 3, 4, 6, 7, 8, 9, 10),
        summary=True,
        examples=["custrec confirm import replies.csv -n", "custrec confirm import replies.csv --on-moved keep"],
    )(import_answers)


def letters(
    face: Face,
    name: CampaignName,
    folder: Annotated[Path, typer.Option("--output", "-o", metavar="FOLDER", help="Where they go.")],
    fmt: Annotated[
        str, typer.Option("--format", metavar="FORMAT", help="As sheets to print, or as rows to merge: html or csv.")
    ] = "html",
    lang: Annotated[str, typer.Option("--lang", metavar="LANG", help="The sheets' language: en or zh.")] = "en",
    mask: Annotated[
        str | None,
        typer.Option("--mask", metavar="A,B", help="Show these in part only: 138****8000."),
    ] = None,
    until: Annotated[
        str | None, typer.Option("--until", metavar="DAY", help="The last day for answers; the campaign's by default.")
    ] = None,
    reply_to: Annotated[str, typer.Option("--reply-to", metavar="TEXT", help="Where answers go, said on it.")] = "",
    as_json: Json = False,
) -> int:
    """Write a sheet for each customer with work left: what is known, room to correct it, and a code that proves whose
    answer it is. Answers come back with: custrec confirm import."""
    from datetime import timedelta

    from custrec.cli.counting import many
    from custrec.cli.progress import shown_progress
    from custrec.errors import FieldUnknown, UsageError
    from custrec.jobs.confirming.campaigns import campaign_named, open_campaign
    from custrec.jobs.confirming.letters import LettersRequest, write_letters
    from custrec.jobs.reading import fields_named
    from custrec.report.sheets import LANGUAGES

    session = face.session
    session.check_schema(writing=True)
    if fmt not in ("html", "csv"):
        raise UsageError(what=f"there is no format {fmt}", hint="it is one of html, csv")
    if lang not in LANGUAGES:
        raise UsageError(what=f"there are no sheets in {lang}", hint=f"it is one of {', '.join(LANGUAGES)}")
    campaign = open_campaign(campaign_named(session.store, name), session.today)
    masked = fields_named(campaign.table, listed(mask)) if mask else []
    for one in masked:
        if one not in {f.name for f in campaign.fields}:
            raise FieldUnknown(field=one, table=campaign.name, hint="the campaign does not ask about it")
    last = day(until) or campaign.closes or session.today + timedelta(days=DAYS)
    if last < session.today:
        raise UsageError(what=f"{last} has passed", hint="--until is the last day for answers")
    request = LettersRequest(campaign, folder, last, fmt, lang, masked, reply_to)
    with shown_progress(face) as progress:
        made = write_letters(session.store, request, progress)
    if made.count:
        detail = {"campaign": campaign.name, "number": campaign.number, "letters": made.count}
        session.record("letters", detail | {"until": last.isoformat()})
    files = [str(path) for path in made.files]
    said = {"campaign": campaign.name, "letters": made.count, "until": last.isoformat(), "files": files}
    if as_json:
        face.out_json("letters", said)
    elif not made.count:
        face.say(f"nobody is left to ask: custrec confirm status {campaign.name}")
    else:
        more = f" and {len(files) - 1:,} more" if len(files) > 1 else ""
        face.say(f"{many(made.count, 'letter')} in {files[0]}{more} · answers until {last}")
        face.say("they show personal data: whoever prints or sends them, then removes them")
    return 0


def import_answers(
    face: Face,
    path: Annotated[
        str,
        typer.Argument(
            metavar="FILE", help="The answers: CSV, a workbook, JSON Lines; - reads them.", show_default=False
        ),
    ],
    rejects: Annotated[Path | None, typer.Option("--rejects", metavar="FILE", help="Where refused rows go.")] = None,
    on_moved: Annotated[
        str,
        typer.Option(
            "--on-moved",
            metavar="HOW",
            help="Where a value was changed since the letter: reject, keep (it, and take the rest) or take.",
        ),
    ] = "reject",
    encoding: Annotated[
        str | None, typer.Option("--encoding", metavar="ENCODING", help="utf-8, gb18030, big5, cp1252, …")
    ] = None,
    delimiter: Annotated[str | None, typer.Option("--delimiter", metavar="CHAR", help=", ; | or tab.")] = None,
    writing: Writing = WRITING,
) -> int:
    """Take answers to letters: values that are right, corrections, and wishes to be deleted, which are only told. Each
    row has the token of its letter; what is forged, expired or answered already is refused."""
    from custrec.cli.progress import shown_progress
    from custrec.errors import UsageError
    from custrec.jobs.confirming.replies import ON_MOVED, RepliesRequest, plan_replies
    from custrec.jobs.importing.opening import How

    if on_moved not in ON_MOVED:
        raise UsageError(what=f"--on-moved is one of {', '.join(ON_MOVED)}")
    session = face.session
    session.check_schema(writing=not writing.dry_run)
    draft = session.draft(writing.note)
    place = rejects or session.rows_path("rejects", draft.plan_id)
    request = RepliesRequest(path, How(encoding, delimiter), None if writing.dry_run else place, on_moved)
    with shown_progress(face) as progress:
        file = plan_replies(session.store, request, draft, progress)
        wishes = file.plan.detail["erase"]
        code = carry_out(face, file, writing, progress, sample=corrections(face, file, writing.as_json))
    return max(code, 3 if wishes else 0)
