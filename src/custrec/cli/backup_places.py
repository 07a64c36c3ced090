"""Where the commands about backups look, and what they put into the history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from custrec.cli.face import Face

if TYPE_CHECKING:
    from custrec.jobs.backups.targets import Backup

From = Annotated[
    list[Path] | None, typer.Option("--from", metavar="FOLDER", help="Look there; else custrec.yaml says.")
]
Name = Annotated[
    str | None,
    typer.Argument(metavar="[BACKUP]", help="A file, its name, or a generation; the newest.", show_default=False),
]


def places(face: Face, given: Sequence[Path] | None) -> list[Path]:
    """The folders that are meant: those given, those of custrec.yaml (beside which they are relative), or our own."""
    from custrec.jobs.backups.targets import default_target

    store = face.store_path
    if given:
        return list(given)
    return [store.parent / text for text in face.settings.targets] or [default_target(store)]


def known(face: Face, given: Sequence[Path] | None) -> list[Backup]:
    """The backups in those folders."""
    from custrec.jobs.backups.targets import backups_in

    return backups_in(places(face, given), face.reader.store_path)


def record(face: Face, verb: str, said: Mapping[str, object]) -> None:
    """Put a fact into the history. That it cannot be said now undoes nothing of it."""
    from custrec.errors import CustrecError

    try:
        face.session.record(verb, said)
    except CustrecError as error:
        face.warn(f"it is done, but could not be put into the history ({error.slug})")
