"""What a process left in the folder of plans when it was killed while it made one.

Nobody has seen such a plan and nothing refers to it, so it is swept away by the next plan that is made; but the parts
of a large file, marked with what was being staged, wait a day to be taken up again (jobs.importing.resuming).
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from custrec.store.place import LOGS, private

_SCRATCHES = (".snapshot", ".drill", ".fetched", ".loading")
SUFFIXES = frozenset(
    {".db", ".sha256", ".making", ".part", ".part-journal", ".source", ".staging"}
    | {f"{suffix}{tail}" for suffix in _SCRATCHES for tail in ("", *LOGS)}
)
"""What the files of a plan end in. `<id>.<process>.making` says who is making it, `<id>.sha256` that it is saved,
`<id>.staging` what its parts are made of; `<id>.snapshot` and `<id>.drill` are of a backup in the making,
`<id>.fetched` of one from another machine, `<id>.loading` of a store in the making."""
PATIENCE = 24 * 3600
"""Seconds that parts wait to be taken up again."""


def sweep(folder: Path, patience: float = PATIENCE) -> None:
    """Remove what processes left that died while making a plan, but for parts that may still be taken up: for so many
    seconds."""
    for path in left_behind(folder, patience):
        path.unlink(missing_ok=True)


def left_behind(folder: Path, patience: float = PATIENCE) -> Iterator[Path]:
    """The files that `sweep` removes."""
    for plan in _plans(folder):
        if is_left(folder, plan):
            resumable = is_fresh(folder / f"{plan}.staging", patience)
            for path in folder.glob(f"{plan}.*"):
                if not (resumable and path.suffix in (".part", ".part-journal", ".staging")):
                    yield path


def is_left(folder: Path, plan: str) -> bool:
    """Whether nobody makes a plan any more, or carries it out, and it does not wait. One that is saved at this moment
    is no more being made, and waits then: so that is asked last."""
    return not _is_being_made(folder, plan) and not _is_waiting(folder, plan)


@contextlib.contextmanager
def scratch(folder: Path, suffix: str) -> Iterator[tuple[Path, Callable[[], None]]]:
    """An empty private file among the plans that goes when this block ends, or is swept away should the process die;
    with what removes it before, for files that are open and need their name no more."""
    sweep(folder)
    name = f"p{os.urandom(4).hex()}"
    marker, path = folder / f"{name}.{os.getpid()}.making", folder / f"{name}{suffix}"

    def gone() -> None:
        with contextlib.suppress(PermissionError if os.name == "nt" else FileNotFoundError):
            path.unlink()

    try:
        private(marker)
        private(path)
        yield path, gone
    finally:
        for left in (*folder.glob(f"{name}{suffix}*"), marker):  # what SQLite keeps beside it, too
            left.unlink(missing_ok=True)


def mark(plan: Path, key: str) -> None:
    """Say what the parts of a plan are made of, so that they can be taken up should this process be killed."""
    marker = plan.with_suffix(".staging")
    private(marker)
    marker.write_text(key, encoding="ascii")


def adopt(plan: Path, key: str) -> list[Path]:
    """Make the parts that a killed process left of the same staging those of `plan`. Parts that are damaged are not
    among them."""
    for other in _plans(plan.parent) - {plan.stem}:
        marker = plan.with_name(f"{other}.staging")
        try:
            same = marker.read_text(encoding="ascii") == key
        except (OSError, ValueError):
            continue
        if same and is_left(plan.parent, other):
            return _taken(plan, other)
    return []


def _taken(plan: Path, other: str) -> list[Path]:
    found: list[Path] = []
    for part in sorted(plan.parent.glob(f"{other}.*.part")):
        mine = plan.with_suffix(f".{len(found)}.part")
        for tail in ("", "-journal"):
            with contextlib.suppress(FileNotFoundError):
                part.with_name(part.name + tail).replace(mine.with_name(mine.name + tail))
        if _is_sound(mine):
            found.append(mine)
        else:  # with its journal, which SQLite would take for that of the next part of this name
            for tail in ("", "-journal"):
                mine.with_name(mine.name + tail).unlink(missing_ok=True)
    for path in plan.parent.glob(f"{other}.*"):
        path.unlink(missing_ok=True)
    return found


def _is_sound(part: Path) -> bool:
    """Whether a part is whole: all the rows stand in it that are said to. The machine may have stopped, too."""
    try:
        with contextlib.closing(sqlite3.connect(part)) as connection:
            (word,) = connection.execute("PRAGMA quick_check").fetchone()
            (rows,) = connection.execute("SELECT count(*) FROM rows").fetchone()
            (said,) = connection.execute("SELECT total(staged ->> 'rows') FROM done").fetchone()
    except sqlite3.Error:
        return False
    return bool(word == "ok" and rows == said)


def is_fresh(marker: Path, patience: float = PATIENCE) -> bool:
    """Whether a file was written within so many seconds."""
    try:
        return time.time() - marker.stat().st_mtime < patience
    except FileNotFoundError:
        return False


def _plans(folder: Path) -> set[str]:
    return {path.name.partition(".")[0] for path in folder.iterdir() if path.suffix in SUFFIXES}


def _is_waiting(folder: Path, plan: str) -> bool:
    """Whether a plan was saved. A worker that outlived its parent for a moment may leave a part without a marker."""
    return (folder / f"{plan}.sha256").exists() and not any(folder.glob(f"{plan}.[0-9]*.making"))


def _is_being_made(folder: Path, plan: str) -> bool:
    return any(alive(int(path.name.split(".")[1])) for path in folder.glob(f"{plan}.[0-9]*.making"))


def alive(process: int) -> bool:
    """Whether a process of this number runs; always true on Windows. One that has ended and was not yet waited for by
    its parent (a zombie, which stays where the first process of a container waits for none) does not."""
    if os.name == "nt":
        return True  # asking would end it; Windows refuses to remove files in use, and `doctor` looks at the rest
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return not _is_zombie(process)


def _is_zombie(process: int) -> bool:
    """Told by Linux in /proc (proc_pid_stat(5): the state stands behind the name in brackets); elsewhere never."""
    try:
        stat = Path(f"/proc/{process}/stat").read_bytes()
    except OSError:
        return False
    return stat.rpartition(b")")[2].split()[:1] == [b"Z"]
