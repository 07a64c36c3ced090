"""The process that stages chunks for an import: `python -m custrec.jobs.staging_worker`. See jobs.staging.

It has a group of its own, and ignores Ctrl-C where that is not enough: the parent decides, and ends its workers. When
the parent is gone its input ends, and so does it.
"""

from __future__ import annotations

import gc
import pickle
import signal
import sys

from custrec.errors import CustrecError
from custrec.jobs.staging import Failure, Stager


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
    except CustrecError as error:
        pickle.dump(Failure(type(error), error.params), answers, protocol=5)
        answers.flush()
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
