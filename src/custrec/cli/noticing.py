"""custrec retention notify, reply: the letters before something is destroyed, and their answers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from custrec.cli.carrying import CODES_OF_MANY, carry_out
from custrec.cli.face import Face
from custrec.cli.options import WRITING, TableName, Writing
from custrec.cli.retaining import believe, day_of, ruled
from custrec.cli.running import command

if TYPE_CHECKING:
    from datetime import date

    from custrec.jobs.lifecycle.noticing import Letter, Reply

COLUMNS = ("_id", "key", "name", "rule", "action", "not_before", "answer_by", "answer")
LANGUAGES = ("en", "zh")


def register(group: typer.Typer) -> None:
    """Add the commands of this module to the group."""
    command(
        group,
        "notify",
        writes="notify",
        codes=CODES_OF_MANY,
        examples=[
            "custrec retention notify --html letters.html --csv answers.csv",
            "custrec retention notify --html letters.html --lang zh --answer-to 'privacy@example.cn' -n",
        ],
    )(notify)
    command(
        group,
        "reply",
        writes="reply",
        codes=CODES_OF_MANY,
        examples=["custrec retention reply C0012 keep", "custrec retention reply --from answers.csv"],
    )(reply)


def notify(
    face: Face,
    table: TableName = None,
    html: Annotated[str | None, typer.Option("--html", metavar="FILE", help="Write the letters to a page.")] = None,
    csv: Annotated[str | None, typer.Option("--csv", metavar="FILE", help="List them, with room for answers.")] = None,
    language: Annotated[str, typer.Option("--lang", metavar="LANG", help="Of the letters: en or zh.")] = "en",
    answer_to: Annotated[
        str, typer.Option("--answer-to", metavar="TEXT", help="Where answers go; it stands in the letters.")
    ] = "",
    writing: Writing = WRITING,
) -> int:
    """Write to those of whom something will be destroyed, where a rule says notify: and note that it was done. Who was
    written to is not written to again."""
    from custrec.cli.counting import many
    from custrec.cli.progress import shown_progress
    from custrec.errors import UsageError
    from custrec.jobs.lifecycle.noticing import letters_due, plan_notify

    if language not in LANGUAGES:
        raise UsageError(what=f"there are no letters in {language}", hint=f"it is one of {', '.join(LANGUAGES)}")
    session = face.session
    tables = ruled(face, table)
    session.check_schema(writing=not writing.dry_run)
    believe(face)
    if not (html or csv or writing.dry_run):
        raise UsageError(what="letters are written to a file", hint="say --html FILE, --csv FILE, or both")
    with shown_progress(face) as progress:
        progress.phase("judging")
        due = [(one, found) for one in tables if (found := letters_due(session.store, one, face.session.today))]
        progress.stop()
        letters = [letter for _, some in due for letter in some]
        if not letters:
            face.say("nobody has to be written to")
            return 0
        code = 0
        with _written(letters, html, csv, language, answer_to, dry=writing.dry_run):
            for one, some in due:
                file = plan_notify(session.store, one, some, session.draft(writing.note))
                code = max(code, carry_out(face, file, writing, progress))
    if not writing.dry_run:
        face.say(f"{many(len(letters), 'letter')} written to {' and '.join(filter(None, (html, csv)))}")
    return code


def reply(
    face: Face,
    name: Annotated[
        str | None, typer.Argument(metavar="[ID]", help="A natural key, or #12.", show_default=False)
    ] = None,
    answer: Annotated[
        str | None, typer.Argument(metavar="[ANSWER]", help="What was answered: keep or delete.", show_default=False)
    ] = None,
    table: TableName = None,
    path: Annotated[
        str | None, typer.Option("--from", metavar="FILE", help="Answers from a list that notify wrote; - reads it.")
    ] = None,
    until: Annotated[str | None, typer.Option("--until", metavar="DAY", help="Keep up to this day.")] = None,
    writing: Writing = WRITING,
) -> int:
    """Note what a customer answered: keep, and nothing happens for as long as the rule says; or delete, and there is
    nothing to wait for."""
    from custrec.errors import UsageError
    from custrec.jobs.lifecycle.noticing import plan_reply

    session = face.session
    session.check_schema(writing=not writing.dry_run)
    if (path is None) == (name is None) or (path is None) == (answer is None):
        raise UsageError(
            what="an ID and an answer are wanted, or --from FILE", hint="custrec retention reply C0012 keep"
        )
    code = 0
    for request in _replies(face, table, path, name or "", answer or "", day_of(until, "--until") if until else None):
        code = max(code, carry_out(face, plan_reply(session.store, request, session.draft(writing.note)), writing))
    return code


@contextmanager
def _written(
    letters: Sequence[Letter],
    html: str | None,
    csv: str | None,
    language: str,
    answer_to: str,
    *,
    dry: bool,
) -> Iterator[None]:
    """Letters in their files, which are gone again where it could not be noted that they were written."""
    from custrec.files.output import open_output, write_rows
    from custrec.report.letters import Sheet, page

    if dry:
        yield
        return
    if html:
        sheets = (Sheet(one.name, one.key or f"#{one.record}", one.action, one.day, one.answer_by) for one in letters)
        with open_output(html) as stream:
            stream.writelines(page(sheets, language, answer_to))
    if csv:
        rows = (
            (f"{one.table}#{one.record}", one.key, one.name, one.rule, one.action, one.day, one.answer_by, None)
            for one in letters
        )
        with open_output(csv) as stream:
            write_rows(stream, "csv", COLUMNS, rows)
    try:
        yield
    except BaseException:
        for path in (html, csv):
            if path and path != "-":
                Path(path).unlink(missing_ok=True)
        raise


def _replies(
    face: Face, table: str | None, path: str | None, name: str, answer: str, until: date | None
) -> Iterator[Reply]:
    """What was answered, table by table."""
    from custrec.jobs.edits.naming import record_named
    from custrec.jobs.lifecycle.noticing import Reply, answers_named, listed_record
    from custrec.jobs.reading import table_named

    store = face.session.store
    chosen = table_named(store.schema, table) if table else None
    if path is None:
        said = [(record_named(store, chosen, name), answer)]
    else:
        said = [(listed_record(store, chosen, one, key), word) for one, key, word in _listed(path)]
    by_table: dict[str, list[tuple[int, str]]] = {}
    for one, word in said:
        by_table.setdefault(one.table.name, []).extend(answers_named([one], word))
    for of, answers in by_table.items():
        yield Reply(store.schema.by_name[of], answers, until)


def _listed(path: str) -> list[tuple[str, str, str]]:
    """The answers of a list: which record, its key, and keep or delete. Lines without an answer are passed over."""
    import csv

    from custrec.errors import UsageError
    from custrec.files.texts import text_of

    rows = csv.DictReader(text_of(path)[1].splitlines())
    if not {"_id", "answer"} <= {*(rows.fieldnames or ())}:
        raise UsageError(what="the list has no columns _id and answer", hint="take the one that notify --csv wrote")
    return [
        (row["_id"].strip(), (row.get("key") or "").strip(), row["answer"].strip().lower())
        for row in rows
        if (row["answer"] or "").strip()
    ]
