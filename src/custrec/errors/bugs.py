"""Bugs: errors that nobody but us can mend. They are no `CustrecError`; __main__ says what and where."""

from __future__ import annotations

from pathlib import Path


class WorkerBug(Exception):
    """A bug that showed in a process that helps: the kind of the exception, its place, and its traceback as text."""

    def __init__(self, *, what: str, place: str, trace: str) -> None:
        super().__init__(f"{what} at {place}")
        self.what = what
        self.place = place
        self.add_note(trace)


def place_of(error: BaseException) -> str:
    """Where an exception was raised: the file, without its folders, and the line."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else "unknown"
