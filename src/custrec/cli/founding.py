"""custrec init: a new store, with the default schema, a preset, or a schema proposed for a file."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from custrec.cli.agreeing import agrees
from custrec.cli.counting import many
from custrec.cli.face import SCHEMA_NAME, STORE_NAME, Face
from custrec.cli.running import command

if TYPE_CHECKING:
    from custrec.model.proposal import Proposal, ProposedField


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    command(
        app,
        "init",
        codes=(0, 2, 4, 9, 10),
        examples=[
            "custrec init",
            "custrec init shop --preset retail",
            "custrec init --from customers.csv",
        ],
    )(init)


def init(
    face: Face,
    folder: Annotated[
        Path, typer.Argument(metavar="[FOLDER]", help="Where; here by default.", show_default=False)
    ] = Path(),
    preset: Annotated[
        str, typer.Option("--preset", metavar="PRESET", help="default, cn-b2b, retail or membership.")
    ] = "default",
    from_file: Annotated[
        str | None, typer.Option("--from", metavar="FILE", help="Propose a schema for this file of yours.")
    ] = None,
    table: Annotated[
        str | None, typer.Option("--table", "-t", metavar="NAME", help="With --from: what its table is called.")
    ] = None,
    encoding: Annotated[
        str | None, typer.Option("--encoding", metavar="ENCODING", help="With --from: utf-8, gb18030, …")
    ] = None,
    delimiter: Annotated[
        str | None, typer.Option("--delimiter", metavar="CHAR", help="With --from: as of import.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("-n", "--dry-run", help="With --from: print the schema and make nothing.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="With --from: accept the schema unasked.")] = False,
) -> None:
    """Make a store and its schema.yaml. What is there is never overwritten; a schema.yaml that is there is used."""
    from custrec.errors import UsageError

    if from_file is not None and preset != "default":
        raise UsageError(what="--from proposes a schema, --preset names one: give one of them")
    if from_file is not None:
        said = {"--table": table, "--encoding": encoding, "--delimiter": delimiter}
        _found_for(face, folder, from_file, {option: text for option, text in said.items() if text}, dry_run, yes)
    elif table or encoding or delimiter or dry_run or yes:
        raise UsageError(what="--table, --encoding, --delimiter, -n and --yes go with --from FILE")
    else:
        _found(face, folder, preset)


def _found(face: Face, folder: Path, preset: str) -> None:
    """A store with a preset, or the schema.yaml that is there."""
    from custrec.session.founding import found

    store, schema_file = face.store_option or folder / STORE_NAME, folder / SCHEMA_NAME
    founded = found(store, schema_file, preset, face.session.at)
    _say_founded(face, store, [one.name for one in founded.schema.tables])
    if founded.wrote_schema:
        face.say(f"{schema_file}: the schema ({preset}); change it to fit your files")
    else:
        face.say(f"{schema_file}: was there, and is used as it is")
    face.say("next: custrec import customers.csv -n")


def _found_for(face: Face, folder: Path, file: str, options: dict[str, str], dry_run: bool, yes: bool) -> None:
    """A store with the schema that is proposed for a file, once it was shown and accepted."""
    from custrec.files.schema_writing import schema_text
    from custrec.jobs.proposals.proposing import propose
    from custrec.session.founding import found, refuse_to_overwrite

    store, schema_file = face.store_option or folder / STORE_NAME, folder / SCHEMA_NAME
    if not dry_run:
        refuse_to_overwrite(store, schema_file)
    proposal = propose(file, **{option.removeprefix("--"): text for option, text in options.items()})
    text = schema_text(proposal)
    if dry_run:
        face.out(text.rstrip("\n"))
        return
    _show(face, proposal)
    if not yes:
        here = [] if folder == Path() else [str(folder)]
        _ask(proposal, shlex.join(["custrec", "init", *here, "--from", file, *_words(options)]))
    found(store, schema_file, "default", face.session.at, text)
    _say_founded(face, store, [proposal.table.name])
    face.say(f"{schema_file}: the schema; to change it, edit it and run custrec schema apply")
    read_so = {option: text for option, text in options.items() if option != "--table"}
    read_so |= {} if folder == Path() and face.store_option is None else {"--store": str(store)}
    face.say(f"next: {shlex.join(['custrec', 'import', file, *_words(read_so), '-n'])}")


def _say_founded(face: Face, store: Path, tables: list[str]) -> None:
    some = f"the table{'s' if len(tables) > 1 else ''} {', '.join(tables)}"
    face.say(f"{store}: an empty store with {some}")


def _words(options: dict[str, str]) -> list[str]:
    return [word for option, text in options.items() for word in (option, text)]


def _show(face: Face, proposal: Proposal) -> None:
    """The proposal as a table (with --quiet too: it is to be judged), and in words what is not about one column."""
    from custrec.files.printable import printable

    rows = [
        (printable(one.header), one.field.name, _kind(one), one.fit.share, one.fit.blank or "", _note(one))
        for one in proposal.fields
    ]
    face.table(
        ("column", "field", "kind", "fit", "blank", "note"), rows, right=("fit", "blank"), whole="-n, which prints all"
    )
    rows_read = many(proposal.rows, "row")
    looked = rows_read if proposal.whole else f"{rows_read} of it looked at"
    face.say(f"{proposal.source} → {proposal.table.name}: {looked} ({proposal.form})")
    key = ", ".join(proposal.table.primary_key)
    face.say(f"  key: {key} ({proposal.key_note})" if key else f"  no key: {proposal.key_note}")
    blanks = [word for word in proposal.table.missing_values if word]
    if blanks:
        face.say(f"  taken for blank: {'  '.join(blanks)}")
    unsure = [note for note in proposal.default_notes.values() if note.startswith("unsure")]
    for warning in (*unsure, *proposal.warnings):
        face.say(f"  mind: {warning}")


def _kind(one: ProposedField) -> str:
    written = one.field.options.get("format")
    return f"{one.field.kind} {written}" if one.field.kind == "identifier" and written else one.field.kind


def _note(one: ProposedField) -> str:
    """Where the first misfits are, and the notes, as far as there is room."""
    from custrec.model.proposal import in_lines

    misfits = [in_lines(one.fit.lines, one.fit.misfits).removeprefix("e.g. in ").removeprefix("in ")]
    return "; ".join((*(misfits if one.fit.misfits else ()), *one.notes))


def _ask(proposal: Proposal, line: str) -> None:
    """Ask at a terminal whether to make the store; `line` is the command. Raises ProposalNeedsConsent, Refused."""
    from custrec.errors import ProposalNeedsConsent, Refused

    if not sys.stdin.isatty():
        raise ProposalNeedsConsent(file=proposal.source, accept=f"{line} --yes", write=f"{line} -n > {SCHEMA_NAME}")
    print(f"to edit it first: {line} -n > {SCHEMA_NAME}, then custrec init", file=sys.stderr)
    if not agrees("make the store with this schema"):
        raise Refused()
