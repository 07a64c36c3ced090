"""custrec check: the face of jobs.upkeep.checking."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from custrec.cli.face import Face
from custrec.cli.options import ROWS, FormatOfRows, Json, chosen_format, listed
from custrec.cli.running import command

if TYPE_CHECKING:
    from custrec.jobs.upkeep.checking import Section

MOST = 8
"""So many lines of a section stand in a table."""


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    command(
        app,
        "check",
        codes=(0, 2, 3, 4, 6, 7, 10),
        examples=["custrec check", "custrec check -q --only records,duplicates --summary-file check.json"],
        summary=True,
    )(check)


def check(
    face: Face,
    table: Annotated[
        str | None, typer.Option("--table", "-t", metavar="TABLE", help="Only this table; all by default.")
    ] = None,
    only: Annotated[
        str | None, typer.Option("--only", metavar="WHICH", help="Only these: records, duplicates, stale, retention.")
    ] = None,
    fmt: FormatOfRows = "table",
    as_json: Json = False,
) -> int:
    """Check the records in one pass: what would not be taken today, what may be one, what is stale, whose time has
    come. Which records they are show the commands that are named."""
    from custrec.cli.progress import shown_progress
    from custrec.jobs.reading import table_named
    from custrec.jobs.upkeep.checking import CheckRequest, checked

    form, sections = chosen_format(fmt, as_json, ROWS), _sections(only)
    session = face.session
    session.check_schema(writing=False)
    store = session.store
    tables = [table_named(store.schema, table)] if table else list(store.schema.tables)
    request = CheckRequest(tables, session.today, session.at, session.wait, face.today_option is not None)
    with shown_progress(face) as progress:
        found = list(checked(store, request, progress, sections))
    for section in found:
        if section.error:
            face.complain(section.error, section.name)
    said = face.result("check", {"sections": [section_said(section) for section in found]})
    if form == "json":
        face.out_json("check", said)
    elif form != "table":
        _write(form, found)
    else:
        _print(face, found)
    return max((section.exit_code for section in found), default=0)


def section_said(section: Section) -> dict[str, Any]:
    """A section for programs: counts, no values."""
    return {
        "section": section.name,
        "findings": section.found,
        "exit_code": section.exit_code,
        "seconds": section.seconds,
        "lines": [line._asdict() for line in section.lines],
        "look": section.look,
    }


def summed_up(found: list[Section]) -> str:
    """All findings in one line."""
    return " · ".join(f"{section.name} {section.found:,}" for section in found if section.found)


def _sections(only: str | None) -> list[str]:
    from custrec.errors import UsageError
    from custrec.jobs.upkeep.checking import SECTIONS

    names = listed(only)
    for name in names:
        if name not in SECTIONS:
            raise UsageError(what=f"there is no section {name}", hint=f"it is one of {', '.join(SECTIONS)}")
    return names


def _print(face: Face, found: list[Section]) -> None:
    words = summed_up(found)
    if face.quiet:
        if words:
            face.warn(f"check found: {words}; look with: custrec check")
        return
    told = ((section.name, line) for section in found for line in section.lines[:MOST])
    rows = [(name, line.table, f"{line.findings:,}", line.what) for name, line in told]
    if rows:
        face.table(("section", "table", "findings", "what"), rows, right=("findings",))
    for section in found:
        if (more := len(section.lines) - MOST) > 0:
            face.say(f"{section.name}: {more:,} more sorts of findings: --format csv")
        if section.found:
            face.say(f"{section.name}: {section.found:,} · look at them: {section.look}")
        elif section.error is None:
            face.say(f"{section.name}: no findings")


def _write(form: str, found: list[Section]) -> None:
    from custrec.files.output import open_output, write_rows

    rows = ((section.name, *line, section.look) for section in found for line in section.lines)
    with open_output("-") as stream:
        write_rows(stream, form, ("section", "table", "what", "findings", "look"), rows, "findings")
