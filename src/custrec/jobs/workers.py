"""Processes that share the work: a module of custrec, started as a process of its own and spoken to in pickles.

    worker = Worker("custrec.jobs.importing.staging_worker", 1)
    worker.send(assignment)        # once, what the work is; then requests, each of which is answered
    worker.send(chunk)
    worker.receive()               # the answer; WorkerDied where there is none, or what the worker met is raised

    sys.exit(served(begin))        # in that module: begin(assignment) gives who answers

    with Helpers(module, 1) as helpers:                 # where this process does the same work as they do
        helpers.start(); helpers.assign(assignment)
        helpers.made_of_each(answering, requests)

A worker has a group of its own, and ignores Ctrl-C where that is not enough: the parent decides, and ends its workers.
When the parent is gone its input ends, and so does it.
"""

from __future__ import annotations

import contextlib
import gc
import os
import pickle
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass
from traceback import format_exception
from typing import IO, Any, TypeVar

from custrec.errors import CustrecError, IoFailure, WorkerDied
from custrec.errors.bugs import WorkerBug, place_of

Made = TypeVar("Made")


@dataclass(frozen=True)
class _Failure:
    """An error that a worker met, to be raised by its parent: what a person can mend, or a bug (errors.bugs)."""

    kind: type[Exception]
    params: dict[str, Any]


class Worker:
    """A process that works for this one. Its standard input carries requests, its output the answers."""

    def __init__(self, module: str, number: int) -> None:
        self._number = number
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            # One seed for all workers: they tell rows apart by Python's own hash (staging.row_digests).
            env={**os.environ, "PYTHONUTF8": "1", "PYTHONHASHSEED": "0"},
            process_group=0 if os.name == "posix" else None,
        )

    def send(self, what: object) -> None:
        """Ask for something."""
        with contextlib.suppress(OSError):  # of a worker that is gone: its answers end, which says it, and why
            pickle.dump(what, self._requests, protocol=5)
            self._requests.flush()

    def receive(self) -> Any:
        """The answer to the oldest request that is not answered; None that it ended, as it was asked to. Raises what
        the worker met, WorkerDied."""
        assert self._process.stdout is not None
        try:
            answer = pickle.load(self._process.stdout)  # noqa: S301 (our own process)
        except (EOFError, OSError, ValueError, TypeError, pickle.UnpicklingError):  # closed while reading, or died
            raise WorkerDied(number=self._number) from None
        if isinstance(answer, _Failure):
            raise answer.kind(**answer.params)
        return answer

    def answer(self, request: object) -> Any:
        """Ask for something and wait for it. Raises as `receive`."""
        self.send(request)
        return self.receive()

    def finish(self) -> None:
        """Let it end once all is answered."""
        self.send(None)
        with contextlib.suppress(OSError):
            self._requests.close()

    def join(self) -> None:
        """Wait until it ended. Raises WorkerDied where it did not end well."""
        if self._process.wait() != 0:
            raise WorkerDied(number=self._number)

    def kill(self) -> None:
        """End it now, if it has not ended."""
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()

    @property
    def _requests(self) -> IO[bytes]:
        assert self._process.stdin is not None
        return self._process.stdin


class Helpers:
    """Workers that share what this process could do alone: whoever is free takes the next piece. Until they are started
    there are none. They end with the block."""

    def __init__(self, module: str, count: int) -> None:
        self._module, self._count = module, count
        self._workers: list[Worker] = []

    def start(self) -> None:
        """Start them, if they are not: they load what they need while others work."""
        while len(self._workers) < self._count:
            self._workers.append(Worker(self._module, len(self._workers) + 1))

    def assign(self, work: object) -> None:
        """Tell each of them what the work is."""
        for worker in self._workers:
            worker.send(work)

    def made_of_each(self, here: Callable[[Any], Made], pieces: Iterable[object]) -> list[Made]:
        """What is made of each piece, in their order: by this process as `here` makes it, by workers as they answer.
        Raises what a worker met, WorkerDied."""
        waiting = deque(enumerate(pieces))
        made: dict[int, Made] = {}

        def take_part(make: Callable[[Any], Made]) -> None:
            try:
                while (next_ := _first(waiting)) is not None:
                    number, piece = next_
                    made[number] = make(piece)
            except BaseException:
                waiting.clear()  # nobody needs the others any more
                raise

        helping = self._workers[: max(len(waiting) - 1, 0)]  # one piece is done here
        with ThreadPoolExecutor(max(self._count, 1)) as pool:
            others = [pool.submit(take_part, worker.answer) for worker in helping]
            take_part(here)
            for other in others:
                other.result()
        return [made[number] for number in range(len(made))]

    def __enter__(self) -> Helpers:
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self._workers:
            worker.kill()


NOBODY = Helpers("", 0)


def _first(waiting: deque[tuple[int, object]]) -> tuple[int, object] | None:
    try:
        return waiting.popleft()
    except IndexError:  # somebody else has the last one
        return None


def served(begin: Callable[[Any], AbstractContextManager[Callable[[Any], object]]]) -> int:
    """Read an assignment and requests until None; answer each by what `begin` makes of the assignment, and then None.
    The exit code."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.disable()  # rows make no circles, and looking for some costs a tenth of the time
    given, answers = sys.stdin.buffer, sys.stdout.buffer
    try:
        with begin(pickle.load(given)) as answering:  # noqa: S301 (our own parent)
            while (request := pickle.load(given)) is not None:  # noqa: S301
                pickle.dump(answering(request), answers, protocol=5)
                answers.flush()
        pickle.dump(None, answers, protocol=5)
        answers.flush()
    except (EOFError, BrokenPipeError):
        return 1
    except MemoryError:
        return 1  # the parent says that a worker died, and why that may be
    except Exception as error:
        pickle.dump(_failure(error), answers, protocol=5)
        answers.flush()
        return 1
    return 0


def _failure(error: Exception) -> _Failure:
    """What the parent is to raise."""
    if isinstance(error, CustrecError):
        return _Failure(type(error), error.params)
    if isinstance(error, OSError):
        path, reason = (
            error.filename or "a file of the plan or the store",
            (error.strerror or type(error).__name__).lower(),
        )
        return _Failure(IoFailure, {"path": str(path), "reason": reason})
    trace = "".join(format_exception(error))
    return _Failure(WorkerBug, {"what": type(error).__name__, "place": place_of(error), "trace": trace})
