"""custrec import: files, archives and inboxes into the store; and what was imported so far.

The face of jobs.importing.imports and jobs.importing.inbox. It asks, shows and reports; it decides nothing.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

from custrec.cli.face import Face
from custrec.cli.options import WRITING, Everything, Json, Writing
from custrec.cli.running import command

if TYPE_CHECKING:
    from custrec.jobs.importing.intake import ImportRequest
    from custrec.jobs.importing.suspected import Search
    from custrec.jobs.progress import Progress
    from custrec.model.schema import Table
    from custrec.session.session import Session

PAGE = 20

Duplicates = Annotated[
    str | None,
    typer.Option(
        "--duplicates",
        metavar="HOW",
        help="Rows likely the same as a record or an earlier row: never, warn or quarantine; the schema tells.",
    ),
]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    group = typer.Typer(cls=_FileByDefault, help="Import files: add and update, put bad rows aside.")
    command(
        group,
        "import",
        writes="import",
        cls=_Itself,
        codes=(0, 2, 3, 4, 6, 7, 9, 10),
        examples=[
            "custrec import customers.csv -n",
            "custrec import book.xlsx#客户 july.zip",
            "cat customers.csv | custrec import - --rejects bad.csv",
            "custrec import inbox/        # takes what is new there",
        ],
        summary=True,
    )(import_files)
    command(group, "list", pages=True, examples=["custrec import list", "custrec import list --json"])(list_imports)
    command(group, "show", pages=True, examples=["custrec import show 41", "custrec import show 41 --json"])(
        show_import
    )
    app.add_typer(group, name="import")


class _FileByDefault(TyperGroup):
    """`custrec import FILE` stands for the command of this name; `list` and `show` are commands of their own. A file
    of such a name is `./list`."""

    stands_for = "import"

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put the word in where none of the other commands is named."""
        return super().parse_args(ctx, args if args and args[0] in ("list", "show") else ["import", *args])


class _Itself(TyperCommand):
    """The command that stands for its group, and is called as the group is."""

    def make_context(self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any) -> Any:
        """Its context, in the group's place."""
        return super().make_context(info_name, args, parent=parent and parent.parent, **extra)


def import_files(
    face: Face,
    files: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE...",
            help="CSV, TSV, JSON Lines, a workbook (FILE#SHEET), an SQLite table (FILE#TABLE), a ZIP of such files, a"
            " folder, or - for standard input.",
            show_default=False,
        ),
    ],
    table: Annotated[
        str | None, typer.Option("--table", "-t", metavar="TABLE", help="The table; the header tells by default.")
    ] = None,
    saved_map: Annotated[
        str | None, typer.Option("--map", metavar="MAP", help="A saved map; the header tells by default. Or: none.")
    ] = None,
    rejects: Annotated[Path | None, typer.Option("--rejects", metavar="FILE", help="Where bad rows go.")] = None,
    strict: Annotated[bool, typer.Option("--strict", help="All or nothing: one bad row refuses the file.")] = False,
    on_existing: Annotated[
        str, typer.Option("--on-existing", metavar="HOW", help="update, fill (blanks only), skip or fail.")
    ] = "update",
    in_file: Annotated[
        str, typer.Option("--in-file", metavar="HOW", help="Rows with one key and other values: reject, first or last.")
    ] = "reject",
    ignore_columns: Annotated[
        bool, typer.Option("--ignore-columns", help="Leave out columns that belong to no field.")
    ] = False,
    encoding: Annotated[
        str | None, typer.Option("--encoding", metavar="ENCODING", help="utf-8, gb18030, big5, cp1252, …")
    ] = None,
    delimiter: Annotated[str | None, typer.Option("--delimiter", metavar="CHAR", help=", ; | or tab.")] = None,
    duplicates: Duplicates = None,
    jobs: Annotated[int | None, typer.Option("--jobs", metavar="N", min=1, max=8, help="Worker processes.")] = None,
    writing: Writing = WRITING,
) -> int:
    """Import files: add and update, put bad rows aside. Each is an event; see `import list`, `import show EVENT`."""
    from custrec.jobs.importing.intake import ImportRequest
    from custrec.jobs.reading import table_named
    from custrec.model.match import ON_IMPORT
    from custrec.store.reconcile import Policy

    if duplicates is not None:
        _choose("--duplicates", duplicates, ON_IMPORT)
    _choose("--on-existing", on_existing, ("update", "fill", "skip", "fail"))
    _choose("--in-file", in_file, ("reject", "first", "last"))
    session = face.session
    session.check_schema(writing=not writing.dry_run)
    jobs = jobs or face.settings.jobs
    request = ImportRequest(
        "",
        table_named(session.store.schema, table) if table else None,
        Policy(on_existing, in_file),
        strict=strict,
        ignore_columns=ignore_columns,
        encoding=encoding,
        delimiter=delimiter,
        map=saved_map,
        jobs=jobs,
        rejects=rejects,
        duplicates=duplicates,
        search=None if writing.dry_run else _searching(session, jobs),
    )
    run = _Run(face, request, writing)
    return run.inbox(Path(files[0])) if len(files) == 1 and Path(files[0]).is_dir() else run.files(files)


@dataclass
class _Run:
    """One command's imports, one after the other, with what was said for all of them."""

    face: Face
    request: ImportRequest
    writing: Writing
    known: bool = False
    """Whether each file is to be on record, also one that changes nothing."""

    def files(self, given: list[str]) -> int:
        """Import the files that were named; says the exit code."""
        from custrec.errors import InputError
        from custrec.files.origin import expanded

        origins: list[str] = []
        code = 0
        for text in given:
            try:
                origins += expanded(text)
            except InputError as error:
                if len(given) == 1:
                    raise
                self.face.complain(error, _name(text))
                code = error.exit_code
        if len(given) == 1 and len(origins) == 1:
            return self.one(origins[0])
        return max(self.several(origins), code)

    def inbox(self, folder: Path) -> int:
        """Import what is new in a folder; says the exit code."""
        from custrec.cli.counting import many
        from custrec.files.printable import printable
        from custrec.jobs.importing.inbox import look_into

        session = self.face.session
        planned = [plan.source.sha256 for _, plan in self.face.waiting.plans() if plan.source]
        found = look_into(session.store, folder, planned)
        for name, error in found.unusable:
            self.face.complain(error, printable(name, 200))
        if found.passed:
            names = ", ".join(printable(name) for name in found.passed[:5])
            more = f" and {len(found.passed) - 5:,} more" if len(found.passed) > 5 else ""
            self.face.say(f"not looked at, by their names: {names}{more}")
        self.face.say(f"{many(len(found.new), 'new file')}, {found.known:,} known")
        self.known = True
        return max(self.several(found.new), 4 if found.unusable else 0)

    def several(self, origins: list[str]) -> int:
        """Import files one after the other, parents first; one that cannot be used does not stop the others."""
        from custrec.errors import InputError, UsageError
        from custrec.jobs.importing.inbox import parents_first
        from custrec.jobs.importing.opening import How

        if self.request.rejects and len(origins) > 1:
            raise UsageError(what="--rejects goes with one file; several have their rejects beside the store")
        if self.request.table is None:
            session, how = self.face.session, How(self.request.encoding, self.request.delimiter)
            scratch = session.rows_path("rejects", f".{os.getpid()}").with_suffix(".scratch")
            origins = parents_first(session.store, origins, how, scratch)
        codes = [0]
        for text in origins:
            try:
                codes.append(self.one(text))
            except InputError as error:
                self.face.complain(error, _name(text))
                codes.append(error.exit_code)
        return max(codes)

    def one(self, origin: str) -> int:
        """Import one file; says the exit code."""
        from dataclasses import replace

        from custrec.cli.plan_words import carried_out, ending, planned
        from custrec.cli.progress import shown_progress
        from custrec.jobs.importing.imports import plan_import
        from custrec.session.session import Consent

        session, writing = self.face.session, self.writing
        draft = session.draft(writing.note)
        rejects = self.request.rejects or (None if writing.dry_run else session.rows_path("rejects", draft.plan_id))
        review = None if writing.dry_run else session.rows_path("review", draft.plan_id)
        request = replace(self.request, path=origin, rejects=rejects, review=review)
        with shown_progress(self.face) as progress:
            file = plan_import(session.store, request, draft, progress)
            plan, aside = file.plan, file.aside
            if writing.dry_run:
                file.drop()
                planned(self.face, plan, writing.as_json, aside)
            elif writing.save_plan:
                file.settle()
                planned(self.face, plan, writing.as_json, aside, saved=True)
            else:
                progress.phase("applying")
                report = session.run(file, Consent(writing.max_change, on_record=self.known), progress.watch)
                progress.stop()
                carried_out(self.face, report, writing.as_json, aside)
        return ending(plan)


def list_imports(face: Face, everything: Everything = False, as_json: Json = False) -> None:
    """List what was imported, the newest first."""
    from custrec.cli.plan_words import import_said
    from custrec.store import journal

    limit = None if everything or as_json else PAGE + 1
    found = list(journal.imports(face.reader.store, limit))
    if as_json:
        face.out_json("imports", {"imports": [import_said(event, detail) for event, detail in found]})
        return
    rows = []
    for event, detail in found if everything else found[:PAGE]:
        counts = [event.counts.get(name) or "" for name in ("read", "insert", "update", "rejected")]
        state = f"undone by {event.undone_by}" if event.undone_by else ""
        rows.append((event.id, event.at, event.source, detail.get("table", ""), *counts, event.actor, state))
    columns = ("event", "at", "file", "table", "rows", "new", "changed", "rejected", "by", "")
    if rows:
        face.table(columns, rows, right=("event", "rows", "new", "changed", "rejected"))
    else:
        face.say("nothing was imported yet")
    if len(found) > len(rows):
        face.say(f"the last {PAGE} imports; all of them with --all")


def show_import(
    face: Face,
    number: Annotated[int, typer.Argument(metavar="EVENT", min=1, max=2**63 - 1, help="The event of the import.")],
    as_json: Json = False,
) -> None:
    """Show one import: the file, how it was read, what became of its rows, what they were rejected for."""
    from custrec.cli.plan_words import import_pairs, import_said
    from custrec.store import journal
    from custrec.store.place import ROW_LISTS, beside

    session = face.reader
    event, detail = journal.imported(session.store, number)
    for what in ROW_LISTS:
        rows = beside(session.store_path, what) / f"{number}.csv"
        detail[what] = str(rows) if rows.exists() else detail.get(what)
    if as_json:
        face.out_json("import", import_said(event, detail))
    else:
        face.pairs(import_pairs(event, detail))


def _searching(session: Session, jobs: int) -> Search:
    """What finds out about the records of a table, and keeps it, where an import must know it."""

    def search(table: Table, progress: Progress) -> None:
        from custrec.jobs.duplicates.finding import FindRequest, find_duplicates

        find_duplicates(session.store, FindRequest(table, jobs=jobs), session.at, session.wait, progress)

    return search


def _name(text: str) -> str:
    """What a file is called in a message, also one that cannot be opened."""
    from custrec.errors import InputError
    from custrec.files.origin import origin
    from custrec.files.printable import printable

    try:
        return origin(text).name
    except InputError:
        return printable(text, 200)


def _choose(option: str, given: str, allowed: tuple[str, ...]) -> None:
    from custrec.errors import UsageError

    if given not in allowed:
        raise UsageError(what=f"{option} takes {', '.join(allowed[:-1])} or {allowed[-1]}, not {given}")
