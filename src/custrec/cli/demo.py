"""custrec demo: the guided tour. It runs the real commands in a folder of its own and shows what they say."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from custrec.cli.face import Face
from custrec.cli.running import command

if TYPE_CHECKING:
    from custrec.cli.tour import Mend, Run, Show

WIDTH = 80
"""How wide the tour is where there is no terminal to say so."""


class _Stopped(Exception):
    """Whoever takes the tour has had enough."""


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    command(app, "demo", examples=["custrec demo", "custrec demo trial --no-pause"], codes=(0, 2, 10))(demo)


def demo(
    face: Face,
    folder: Annotated[
        Path | None,
        typer.Argument(metavar="[FOLDER]", help="Where, and stays; a temporary folder by default.", show_default=False),
    ] = None,
    no_pause: Annotated[bool, typer.Option("--no-pause", help="Do not wait for Enter between the steps.")] = False,
) -> int:
    """Take a tour: real commands on made-up customers, in a folder of its own. Your own store is not touched."""
    from custrec.cli.tour import END, FILES

    with _place(folder) as place:
        for name in FILES:
            shutil.copyfile(_examples() / name, place / name)
        pauses = not (no_pause or face.quiet) and sys.stdin.isatty() and sys.stdout.isatty()
        keys = " Enter goes on, q stops." if pauses else ""
        _say(f"custrec, step by step, in {place}:", f"nothing is written anywhere else.{keys}")
        try:
            _walk(place, pauses)
            _say("", END)
        except _Stopped:
            pass
    _say(f"The store of the tour: {folder}" if folder else f"{place} is gone again.")
    return 0


def _walk(place: Path, pauses: bool) -> None:
    """All chapters. Raises _Stopped."""
    from custrec.cli.tour import TOUR, Mend, Run

    for number, chapter in enumerate(TOUR, 1):
        _say("", f"== {number} of {len(TOUR)}: {chapter.title} ==")
        for step in chapter.steps:
            _say("", step.text)
            for deed in step.does:
                match deed:
                    case Run():
                        _run(deed, place, pauses)
                    case Mend():
                        _mend(deed, place)
                    case _:
                        _show(deed, place)
            if pauses:
                _pause()


def _run(run: Run, place: Path, at_terminal: bool) -> None:
    """Show a command and run it. Raises RuntimeError where it does not end as it should: that would be a bug."""
    line = run.line.format(plan=_saved_plan(place)) if "{plan}" in run.line else run.line
    _say("", f"$ {line}")
    words = [sys.executable, "-m", "custrec", *shlex.split(line)[1:]]
    width = {} if at_terminal else {"COLUMNS": str(WIDTH)}
    done = subprocess.run(
        words,
        cwd=place,
        env=_environment(place) | width,
        stdin=subprocess.DEVNULL,
        stderr=subprocess.STDOUT,
        check=False,
    )
    if done.returncode:
        _say(f"(exit code {done.returncode})")
    if done.returncode != run.code:
        raise RuntimeError(f"the tour expected exit code {run.code}, not {done.returncode}")


def _show(show: Show, place: Path) -> None:
    """The first lines of a file, some columns of them."""
    from rich.cells import cell_len, set_cell_size

    _say("", f"{show.file}:")
    text = (place / show.file).read_bytes().decode(show.encoding)
    for line in text.splitlines()[: show.lines]:
        cells = ";".join(line.split(";")[: show.columns])
        room = WIDTH - 4
        _say(f"  {cells if cell_len(cells) <= room else set_cell_size(cells, room - 1).rstrip() + '…'}")


def _mend(mend: Mend, place: Path) -> None:
    """A file from another one, some texts replaced."""
    text = (place / mend.file).read_bytes().decode(mend.encoding)
    for before, after in mend.replaced:
        _say(f"  {before} → {after}")
        text = text.replace(before, after)
    (place / mend.to).write_bytes(text.encode(mend.encoding))


def _saved_plan(place: Path) -> str:
    """The id of the plan that waits."""
    (path,) = (place / "custrec.plans").glob("p*.db")
    return path.stem


def _pause() -> None:
    """Wait for Enter. Raises _Stopped at q and where nobody is there any more."""
    sys.stdout.write("\n    [Enter] ")
    sys.stdout.flush()
    line = sys.stdin.readline()
    if not line or line.strip().casefold() in ("q", "quit"):
        _say("")
        raise _Stopped


@contextmanager
def _place(folder: Path | None) -> Iterator[Path]:
    """The folder of the tour: the given one, new or empty, or one that is gone afterwards. Raises UsageError."""
    from custrec.errors import UsageError

    if folder is None:
        with tempfile.TemporaryDirectory(prefix="custrec-demo-") as name:
            yield Path(name)
        return
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(
            what="there is something in that place already", hint="name a folder that is not there yet, or none"
        )
    folder.mkdir(parents=True, exist_ok=True)
    yield folder.resolve()


def _environment(place: Path) -> dict[str, str]:
    """The environment without what leads to a store of one's own, or to settings."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CUSTREC_")}
    return kept | {"XDG_CONFIG_HOME": str(place), "XDG_DATA_HOME": str(place), "PYTHONUNBUFFERED": "1"}


def _examples() -> Path:
    """Where the files of the tour are: in the package, or in the checkout that it is run from."""
    packed = Path(__file__).parents[1] / "data" / "tour"
    return packed if packed.is_dir() else Path(__file__).parents[3] / "examples"


def _say(*lines: str) -> None:
    print(*lines, sep="\n", flush=True)
