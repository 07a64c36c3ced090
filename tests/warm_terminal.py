"""A process that has custrec loaded and forks once for each command: `python tests/warm_terminal.py SOCKET`.

See terminal.py. Each command is a process of its own, with its own folder, environment, umask and standard streams, and
runs what `python -m custrec` runs; only what loading takes is spent once.

An order comes over a socket of the system: its length with the three streams, then marshalled words, folder,
environment, umask. Answered are two numbers: the process, as soon as it runs, and what became of it, as
subprocess.Popen has it. All ends with standard input.
"""

from __future__ import annotations

import array
import atexit
import contextlib
import gc
import io
import marshal
import os
import pkgutil
import selectors
import signal
import socket
import sys
import threading
import time
import traceback
from importlib import import_module
from typing import Any, NoReturn

import custrec

LIBRARIES = (
    "cryptography.hazmat.primitives.serialization.ssh", "email_validator", "numpy", "phonenumbers", "pyrage",
    "python_calamine", "rapidfuzz", "rich.markdown", "rich.progress", "rich.table", "stdnum", "typer.rich_utils",
    "xlsxwriter", "yaml", "zstandard",
    "paramiko", "s3fs", "webdav4.fsspec",
)  # fmt: skip
"""What commands load beyond custrec itself; the last line is an extra, which may not be installed."""

Order = tuple[list[str], str, dict[str, str], int]


def load() -> None:
    """Load what commands load."""
    for module in pkgutil.walk_packages(custrec.__path__, "custrec."):
        if not module.name.endswith("__main__"):
            import_module(module.name)
    for name in LIBRARIES:
        with contextlib.suppress(ImportError):
            import_module(name)
    gc.collect()
    gc.freeze()  # so that no child looks through all of it


def serve(place: str) -> int:
    """Take orders until there is nobody left who could give one."""
    load()
    sys.path.pop(0)  # no command sees the folder of the tests
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(place)
    listener.listen(64)
    ended, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    watch = selectors.DefaultSelector()
    for one in (listener, ended, 0):
        watch.register(one, selectors.EVENT_READ)
    asked: dict[int, socket.socket] = {}
    while True:
        ready = {key.fileobj for key, _ in watch.select()}
        if ended in ready:
            os.read(ended, 4096)
            _answer(asked)
        if listener in ready:
            _take(listener, asked, watch)
        if 0 in ready:
            return 0


def _take(listener: socket.socket, asked: dict[int, socket.socket], watch: selectors.BaseSelector) -> None:
    """Take one order, and start its command."""
    customer, _ = listener.accept()
    head, streams = _received(customer)
    with customer.makefile("rb") as words:
        order: Order = marshal.loads(words.read(head))  # noqa: S302 (our own parent)
    process = os.fork()
    if process == 0:
        watch.close()
        listener.close()
        for other in (customer, *asked.values()):
            other.close()
        become(order, streams)
    for stream in streams:
        os.close(stream)
    asked[process] = customer
    with contextlib.suppress(OSError):  # whoever asked may be gone
        customer.sendall(process.to_bytes(8, "little", signed=True))


def _received(customer: socket.socket) -> tuple[int, list[int]]:
    """The length of an order, and its three streams."""
    streams = array.array("i")
    head, given, _, _ = customer.recvmsg(8, socket.CMSG_SPACE(3 * streams.itemsize))
    for _, _, content in given:
        streams.frombytes(content)
    return int.from_bytes(head, "little"), list(streams)


def _answer(asked: dict[int, socket.socket]) -> None:
    """Say what became of the commands that have ended."""
    with contextlib.suppress(ChildProcessError):
        while (found := os.waitpid(-1, os.WNOHANG))[0]:
            with contextlib.suppress(OSError), asked.pop(found[0]) as customer:
                customer.sendall(os.waitstatus_to_exitcode(found[1]).to_bytes(8, "little", signed=True))


def become(order: Order, streams: list[int]) -> NoReturn:
    """Be the command, and end as Python ends, but without taking down what the parent has loaded."""
    words, folder, environment, mask = order
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.chdir(folder)
    os.umask(mask)
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    _open_streams("PYTHONUNBUFFERED" in environment)
    sys.argv = ["custrec", *words]
    os._exit(_main())


def _open_streams(unbuffered: bool) -> None:
    """Standard streams as Python opens them for UTF-8."""
    sys.stdin = open(0, encoding="utf-8", errors="surrogateescape", closefd=False)  # noqa: SIM115
    raw = io.FileIO(1, "w", closefd=False)
    out: Any = raw if unbuffered else io.BufferedWriter(raw)
    sys.stdout = io.TextIOWrapper(
        out, "utf-8", "surrogateescape", line_buffering=os.isatty(1), write_through=unbuffered
    )
    sys.stderr = open(2, "w", buffering=1, encoding="utf-8", errors="backslashreplace", closefd=False)  # noqa: SIM115
    sys.__stdin__, sys.__stdout__, sys.__stderr__ = sys.stdin, sys.stdout, sys.stderr


def _main() -> int:
    """What `python -m custrec` does, and its exit code."""
    from custrec.__main__ import main

    try:
        main()
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except BaseException:
        traceback.print_exc()
        code = 1
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except OSError:
        return 120  # as Python says it
    return code


if __name__ == "__main__":
    sys.exit(serve(sys.argv[1]))
