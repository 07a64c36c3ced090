"""A process that has custrec loaded and forks once for each command: `python tests/warm_terminal.py`. See terminal.py.

Each command is a process of its own, with its own folder, environment and standard streams, and runs what
`python -m custrec` runs; only the quarter of a second that loading takes is spent once. Orders come as pickles on
standard input: words, folder, environment, and the files to be used as standard input, output and error.
"""

from __future__ import annotations

import gc
import os
import pickle
import sys
from typing import Any

LOADED = (
    "custrec.cli.app", "custrec.cli.plan_words", "custrec.cli.progress", "custrec.cli.tables",
    "custrec.jobs.importing.imports", "custrec.jobs.reading",
    "custrec.jobs.searching", "custrec.jobs.undo", "custrec.session.founding",
    "custrec.session.session", "custrec.store.apply", "custrec.values.date", "custrec.values.phone",
    "custrec.values.person_name", "custrec.values.text",
)  # fmt: skip


def serve() -> int:
    """Take orders until there are no more. Returns in every forked process too, with the command's exit code."""
    from importlib import import_module

    for name in LOADED:
        import_module(name)
    gc.freeze()  # so that no child looks through all of it when it ends
    orders, answers = sys.stdin.buffer, sys.stdout.buffer
    while True:
        try:
            words, folder, environment, streams = pickle.load(orders)  # noqa: S301 (our own parent)
        except EOFError:
            return 0
        process = os.fork()
        if process == 0:
            return become(words, folder, environment, streams)
        _, status = os.waitpid(process, 0)
        pickle.dump(os.waitstatus_to_exitcode(status), answers)
        answers.flush()


def become(words: list[str], folder: str, environment: dict[str, str], streams: tuple[str, str, str]) -> Any:
    """Be the command; returns its exit code."""
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    for number, (place, flags) in enumerate(zip(streams, (os.O_RDONLY, os.O_WRONLY, os.O_WRONLY), strict=True)):
        opened = os.open(place, flags)
        os.dup2(opened, number)
        os.close(opened)
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", encoding="utf-8", errors="backslashreplace", closefd=False)  # noqa: SIM115
    sys.argv = ["custrec", *words]
    from custrec.__main__ import main

    try:
        main()
    except SystemExit as ended:
        return ended.code


if __name__ == "__main__":
    sys.exit(serve())
