"""Where the commands about backups look, and what they put into the history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from custrec.cli.face import Face

if TYPE_CHECKING:
    from custrec.errors import CustrecError
    from custrec.jobs.backups.places import Place
    from custrec.jobs.backups.targets import Backup

From = Annotated[
    list[str] | None, typer.Option("--from", metavar="FOLDER", help="Look there (or a URL); else custrec.yaml says.")
]
Name = Annotated[
    str | None,
    typer.Argument(metavar="[BACKUP]", help="A file, its name, or a generation; the newest.", show_default=False),
]


def places(face: Face, given: Sequence[str] | None) -> list[Place]:
    """The places that are meant: those given, those of custrec.yaml (beside which folders are relative), or our own.

    Raises UsageError.
    """
    from custrec.errors import UsageError
    from custrec.jobs.backups.places import place_of

    try:
        return [place_of(text) for text in given] if given else face.backup_places
    except ValueError as error:
        raise UsageError(what=f"a place for backups takes {error}") from None


class Unusable:
    """Is told of places that cannot be used, and says so; the others go on. `told` after that."""

    def __init__(self, face: Face) -> None:
        self._face = face
        self.told = False

    def __call__(self, place: Place, error: CustrecError) -> None:
        self._face.complain(error, "" if place.shown in error.message else place.shown)
        self.told = True


def known(face: Face, given: Sequence[str] | None, unusable: Unusable) -> list[Backup]:
    """The backups in those places."""
    from custrec.jobs.backups.targets import backups_in

    return backups_in(places(face, given), face.reader.store_path, (), unusable)


def wanted(face: Face, given: Sequence[str] | None, name: str | None) -> Backup:
    """The backup that a name means, in those places. Raises BackupUnknown."""
    from custrec.jobs.backups.targets import chosen

    return chosen(known(face, given, Unusable(face)), name, places(face, given))


def record(face: Face, verb: str, said: Mapping[str, object]) -> None:
    """Put a fact into the history. That it cannot be said now undoes nothing of it."""
    from custrec.errors import CustrecError

    try:
        face.session.record(verb, said)
    except CustrecError as error:
        face.warn(f"it is done, but could not be put into the history ({error.slug})")
