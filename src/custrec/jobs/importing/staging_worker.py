"""The process that stages chunks for an import: `python -m custrec.jobs.importing.staging_worker`. See staging.

It has a group of its own, and ignores Ctrl-C where that is not enough: the parent decides, and ends its workers. When
the parent is gone its input ends, and so does it.
"""

from __future__ import annotations

import gc
import pickle
import signal
import sys
from traceback import format_exception

from custrec.errors import CustrecError, IoFailure
from custrec.errors.bugs import WorkerBug, place_of
from custrec.jobs.importing.staging import Failure, Stager


def main() -> int:
    """Read an assignment and chunks until None; answer each chunk; then answer None."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.disable()  # rows make no circles, and looking for some costs a tenth of the time
    given, answers = sys.stdin.buffer, sys.stdout.buffer
    try:
        stager = Stager(pickle.load(given))  # noqa: S301 (our own parent)
        while (chunk := pickle.load(given)) is not None:  # noqa: S301
            pickle.dump(stager.stage(chunk), answers, protocol=5)
            answers.flush()
        stager.close()
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


def _failure(error: Exception) -> Failure:
    """What the parent is to raise."""
    if isinstance(error, CustrecError):
        return Failure(type(error), error.params)
    if isinstance(error, OSError):
        path, reason = error.filename or "a part of the plan", (error.strerror or type(error).__name__).lower()
        return Failure(IoFailure, {"path": str(path), "reason": reason})
    trace = "".join(format_exception(error))
    return Failure(WorkerBug, {"what": type(error).__name__, "place": place_of(error), "trace": trace})


if __name__ == "__main__":
    sys.exit(main())
