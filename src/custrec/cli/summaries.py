"""What a command leaves for a monitor: --summary-file, one JSON object about how the command ended, however it ended.

It is written beside its place and renamed, so that nobody reads half of one. The place is tried before the command
begins: a monitor that is not told is worse than a command that was not run.
"""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from custrec.cli.face import Face

SummaryFile = Annotated[
    Path | None,
    typer.Option("--summary-file", metavar="FILE", help="Write there how it ended, as JSON, for a monitor."),
]


@contextmanager
def summarised(face: Face, command: str, place: Path | None) -> Iterator[None]:
    """Write a summary of what is done inside, where a place is given. Raises IoFailure before anything was done.

    The exit code of a command that ends well is `face.exit_code`.
    """
    if place is None:
        yield
        return
    from custrec.files.part import PartFile

    file = PartFile(place.resolve())
    began, clock = datetime.now(UTC), time.monotonic()
    error: BaseException | None = None
    try:
        yield
    except BaseException as raised:
        error = raised
        raise
    finally:
        said = {
            "schema": "custrec.summary/1",
            "command": command,
            "store": str(face.store_path),
            "began": began.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "seconds": round(time.monotonic() - clock, 3),
            **_ending(face, error),
            "results": face.results,
        }
        file.stream.write((json.dumps(said, ensure_ascii=False) + "\n").encode())
        file.commit()


def _ending(face: Face, error: BaseException | None) -> dict[str, Any]:
    """The exit code, and what went wrong: the error that ended the command, and those of things that it left out."""
    from custrec.errors import CustrecError

    match error:
        case None | BrokenPipeError():
            code, ended = face.exit_code, []
        case CustrecError():
            code, ended = error.exit_code, [_told(error)]
        case KeyboardInterrupt():
            code, ended = 128 + (error.args or (signal.SIGINT,))[0], [{"error": "interrupted"}]
        case OSError():
            code, ended = 10, [{"error": "io-failure"}]
        case _:
            code, ended = 1, [{"error": "bug"}]
    return {"exit_code": int(code), "errors": [_told(one) | {"thing": thing} for thing, one in face.complaints] + ended}


def _told(error: Any) -> dict[str, Any]:
    return {"error": error.slug, "message": error.message, "hint": error.hint}
