"""The entry of the command `custrec`: runs the app, and is the one place where errors become words and exit codes."""

from __future__ import annotations

import json
import os
import signal
import sys
from types import FrameType
from typing import NoReturn

from custrec.errors import CustrecError


class _Terminated(BaseException):
    """SIGTERM, raised as an exception so that everything is tidied up on the way out."""


def main() -> NoReturn:
    """Run the command line and exit."""
    signal.signal(signal.SIGTERM, _terminate)
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run one command line; returns its exit code. Never raises, unless --debug asks for it."""
    from typer import Abort, TyperException

    from custrec.cli.app import app

    debug = "--debug" in arguments
    try:
        code = app(args=arguments, prog_name="custrec", standalone_mode=False)
        sys.stdout.flush()
        return code if isinstance(code, int) else 0
    except CustrecError as error:
        if debug:
            raise
        _tell(error.slug, error.message, error.hint, error.exit_code, error.details, arguments)
        return error.exit_code
    except TyperException as error:
        if debug:
            raise
        message = error.format_message()
        if message.startswith("Usage:"):  # no arguments at all: help, not an error
            print(message, file=sys.stderr)
            return error.exit_code
        _tell("usage", message[:1].lower() + message[1:].rstrip("."), _help_hint(error), error.exit_code, (), arguments)
        return error.exit_code
    except BrokenPipeError:
        # The reader has had enough: no error. What is still buffered has nowhere to go.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except (KeyboardInterrupt, Abort):
        print("custrec: interrupted; nothing of what was in progress was written", file=sys.stderr)
        return 130
    except _Terminated:
        print("custrec: terminated; nothing of what was in progress was written", file=sys.stderr)
        return 143
    except OSError as error:
        if debug:
            raise
        reason = (error.strerror or type(error).__name__).lower()
        _tell("io-failure", f"the system said: {reason}", "nothing was changed", 10, (), arguments)
        return 10
    except Exception as error:
        if debug:
            raise
        where = _place(error)
        _tell(
            "bug",
            f"a bug in custrec: {type(error).__name__} at {where}",
            "run it again with --debug and tell us; nothing was changed",
            1,
            (),
            arguments,
        )
        return 1


def _tell(slug: str, message: str, hint: str, code: int, details: tuple[str, ...], arguments: list[str]) -> None:
    if _wants_json(arguments):
        said = {"schema": "custrec.error/1", "error": slug, "exit_code": code, "message": message, "hint": hint}
        print(json.dumps(said | ({"details": list(details)} if details else {}), ensure_ascii=False), file=sys.stderr)
        return
    print(f"custrec: {message}", *(f"  {line}" for line in details), sep="\n", file=sys.stderr)
    if hint:
        print(f"  {'' if hint.startswith('did you') else 'try: '}{hint}", file=sys.stderr)


def _wants_json(arguments: list[str]) -> bool:
    text = " ".join(arguments)
    return "--json" in arguments or "--format json" in text or "--format=json" in text


def _help_hint(error: Exception) -> str:
    context = getattr(error, "ctx", None)
    return f"{context.command_path} --help" if context is not None else "custrec --help"


def _place(error: BaseException) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{os.path.basename(trace.tb_frame.f_code.co_filename)}:{trace.tb_lineno}" if trace else "unknown"


def _terminate(number: int, frame: FrameType | None) -> NoReturn:  # noqa: ARG001
    raise _Terminated


if __name__ == "__main__":
    main()
