"""The entry of the command `custrec`: runs the app, and is the one place where errors become words and exit codes."""

from __future__ import annotations

import io
import json
import os
import signal
import sys
from contextlib import suppress
from itertools import pairwise
from types import FrameType
from typing import TYPE_CHECKING, NoReturn

from custrec.errors import CustrecError
from custrec.errors.bugs import WorkerBug, place_of

if TYPE_CHECKING:
    from typer import TyperException

INTERRUPTED = 128 + signal.SIGINT


_signals: list[int] = []
"""Signals received: an interruption may come out of a library as an error of its own kind."""


def main() -> NoReturn:
    """Run the command line and exit; or tell a shell how one goes on."""
    if "_CUSTREC_COMPLETE" in os.environ:
        from custrec.cli.completing import main as complete

        sys.exit(complete())
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a terminal that lacks a character shows its number instead
            stream.reconfigure(errors="backslashreplace")
    signal.signal(signal.SIGINT, _interrupt)
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        code = run(sys.argv[1:])
        for number in (signal.SIGINT, signal.SIGTERM):  # it is over: who interrupts now comes too late
            signal.signal(number, signal.SIG_IGN)
    except KeyboardInterrupt:  # between the end of the command and here
        code = _interrupted()
    if _signals:
        # Where the signal came while a text was executed (dataclasses do that as modules are loaded), CPython has noted
        # an unhandled interruption, and would end with SIGINT whatever is said here (pymain_main in Modules/main.c).
        with suppress(OSError, ValueError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)
    sys.exit(code)


def run(arguments: list[str]) -> int:
    """Run one command line; returns its exit code. Never raises, unless --debug asks for it."""
    try:
        from custrec.cli.app import app_for

        code = app_for(arguments)(args=arguments, prog_name="custrec", standalone_mode=False)
        sys.stdout.flush()
    except BaseException as error:
        if "--debug" in arguments and isinstance(error, Exception):
            raise
        return _outcome(error, arguments)
    if code == INTERRUPTED:
        return _interrupted()
    return code if isinstance(code, int) else 0


def _outcome(error: BaseException, arguments: list[str]) -> int:
    """Say what an error means, and return its exit code."""
    from typer import Abort, TyperException

    if isinstance(error, SystemExit) and isinstance(error.__context__, BrokenPipeError):
        error = error.__context__  # typer makes an exit of it
    match error:
        case _ if _signals or isinstance(error, KeyboardInterrupt | Abort):
            return _interrupted()
        case CustrecError():
            _tell(error.slug, error.message, error.hint, error.exit_code, error.details, arguments)
            return error.exit_code
        case TyperException():
            return _misused(error, arguments)
        case BrokenPipeError():  # the reader has had enough: no error
            _drop_output()
            return 0
        case OSError():
            try:
                sys.stdout.flush()
            except OSError:  # standard output is what failed, and would once more, past our exit code, at the end
                _drop_output()
            return _unforeseen(error, arguments)
        case SystemExit():
            return error.code if isinstance(error.code, int) else 1
        case _:
            kind, place = (
                (error.what, error.place) if isinstance(error, WorkerBug) else (type(error).__name__, place_of(error))
            )
            what = f"a bug in custrec: {kind} at {place}"
            _tell("bug", what, "run it again with --debug and tell us; nothing was changed", 1, (), arguments)
            return 1


def _drop_output() -> None:
    """What is still buffered has nowhere to go."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _unforeseen(error: OSError, arguments: list[str]) -> int:
    from custrec.files.printable import printable

    thing = f" of {printable(str(error.filename), 200)}" if error.filename is not None else ""
    reason = (error.strerror or type(error).__name__).lower()
    _tell("io-failure", f"the system said{thing}: {reason}", "look at the disk and its permissions", 10, (), arguments)
    return 10


def _misused(error: TyperException, arguments: list[str]) -> int:
    """Say how a command line is wrong, in our words, and which word was probably meant."""
    message = error.format_message()
    if message.startswith("Usage:"):  # no arguments at all: help, not an error
        print(message, file=sys.stderr)
        return error.exit_code
    message, _, meant = message.partition(". Did you mean ")
    unknown = getattr(error, "option_name", None)
    if unknown is not None and getattr(error, "possibilities", None) is not None:
        message, meant = getattr(error, "message", message), _nearest_option(error, unknown)
    hint = f"did you mean {meant.rstrip('?').replace(chr(39), '')}?" if meant else _help_hint(error)
    _tell("usage", message[:1].lower() + message[1:].rstrip("."), hint, error.exit_code, (), arguments)
    return error.exit_code


def _nearest_option(error: TyperException, unknown: str) -> str:
    from custrec.model.nearest import nearest

    context = getattr(error, "ctx", None)
    options = [name for one in context.command.params for name in one.opts if name.startswith("--")] if context else []
    return nearest(unknown, options) or ""


def _interrupted() -> int:
    line_end = "\n" if sys.stderr.isatty() else ""  # behind the prompt, and the ^C that the terminal shows
    print(f"{line_end}custrec: interrupted; nothing of what was in progress was written", file=sys.stderr)
    return 128 + _signals[0] if _signals else INTERRUPTED


def _tell(slug: str, message: str, hint: str, code: int, details: tuple[str, ...], arguments: list[str]) -> None:
    if _wants_json(arguments):
        said = {"schema": "custrec.error/1", "error": slug, "exit_code": code, "message": message, "hint": hint}
        print(json.dumps(said | ({"details": list(details)} if details else {}), ensure_ascii=False), file=sys.stderr)
        return
    advice = [f"{'' if hint.startswith('did you') else 'try: '}{hint}"] if hint else []
    if _wants_quiet(arguments):  # one line, for the mail of a cron job
        print(f"custrec: {' · '.join((message, *details, *advice))}", file=sys.stderr)
        return
    print(f"custrec: {message}", *(f"  {line}" for line in (*details, *advice)), sep="\n", file=sys.stderr)


def _options(arguments: list[str]) -> list[str]:
    return arguments[: arguments.index("--")] if "--" in arguments else arguments


def _wants_quiet(arguments: list[str]) -> bool:
    return not {"-q", "--quiet"}.isdisjoint(_options(arguments))


def _wants_json(arguments: list[str]) -> bool:
    words = _options(arguments)
    asked = ("--format", "json") in pairwise(words)
    return asked or "--json" in words or "--format=json" in words


def _help_hint(error: Exception) -> str:
    context = getattr(error, "ctx", None)
    return f"{context.command_path} --help" if context is not None else "custrec --help"


def _interrupt(number: int, frame: FrameType | None) -> NoReturn:  # noqa: ARG001
    """Make of a signal an exception, so that everything is tidied up on the way out."""
    _signals.append(number)
    raise KeyboardInterrupt(number)


if __name__ == "__main__":
    main()
