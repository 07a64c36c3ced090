"""custrec load: the face of jobs.plain.loading."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from custrec.cli.face import STORE_NAME, Face
from custrec.cli.key_options import KEY, Key, opened
from custrec.cli.options import Json
from custrec.cli.running import command


def register(app: typer.Typer) -> None:
    """Add the command of this module."""
    command(
        app,
        "load",
        codes=(0, 2, 4, 7, 8, 9, 10),
        examples=[
            "custrec load plain --store copy.db",
            "custrec load shop.tar.zst.age --store copy.db --key-file /media/usb/custrec-recovery.txt",
        ],
    )(load)


def load(
    face: Face,
    source: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="What export --all wrote, or the sealed file.", show_default=False)
    ],
    key: Key = KEY,
    as_json: Json = False,
) -> None:
    """Make a new store of what export --all wrote: the very same one, with its history."""
    from custrec.cli.counting import many
    from custrec.cli.progress import shown_progress
    from custrec.jobs.plain import loading

    store = face.store_option or Path(STORE_NAME)
    loading.refuse_where_there_is(store)
    identities = [] if source.is_dir() or not source.exists() else opened(key)
    with shown_progress(face) as progress, loading.source_of(source, store, identities) as found:
        done = loading.load(found, store, progress)
    if as_json:
        files = [str(path) for path in done.companions]
        said = {"store": str(store), "records": done.records, "event": done.events, "digest": done.digest}
        face.out_json("load", said | {"files": files})
        return
    face.say(f"{store}: {many(done.records, 'record')}, {many(done.events, 'event')}")
    if done.companions:
        face.say(f"and what lay beside it: {', '.join(path.name for path in done.companions)}")
