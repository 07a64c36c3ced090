"""custrec at a terminal that is not one: the real command as a process of its own, in a folder with a small store.

    desk = Desk(folder)             the store of SCHEMA, copied from one that was made once
    desk.write("a.csv", "no,name\\nC1,Ann\\n")
    desk.run("import", "a.csv")     → Said: exit code, output and words

Bytes go in and bytes come out where a test wants them. Whatever is run, a traceback is a failure. Commands are forked
from a process that has custrec loaded (warm_terminal.py) where the system can fork, and `python -m custrec` otherwise
or with `cold=True`. Lines of a shell have it do the same as `custrec` on `path_with_custrec()`.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import marshal
import os
import select
import shlex
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO, Any

SCHEMA = """\
version: 1
defaults: {region: CN, dateOrder: ymd, timezone: Asia/Shanghai}
tables:
  - name: customers
    primaryKey: [no]
    fields:
      - {name: no, type: string, aliases: [客户编号]}
      - {name: name, kind: person_name, aliases: [姓名], constraints: {required: true}}
      - {name: city, type: string, aliases: [城市]}
      - {name: phone, kind: phone, aliases: [电话]}
      - {name: code, type: string, constraints: {unique: true}}
      - {name: since, type: date, format: any}
  - name: notes
    foreignKeys: [{fields: [no], reference: {resource: customers, fields: [no]}}]
    fields:
      - {name: no, type: string, constraints: {required: true}}
      - {name: text, type: string, constraints: {required: true}}
      - {name: id, type: string}
"""
"""customers have a key, a required name and a unique code; notes have neither, and a field that is called id."""

UNSAID = (
    "NO_COLOR", "FORCE_COLOR", "PYTHONWARNINGS", "PYTHONIOENCODING", "PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE",
)  # fmt: skip
"""What the environment of the tests may say, and that of a command does not."""
PATIENCE = 60
"""Seconds after which a command counts as hanging."""
BIN = Path(sys.executable).parent
"""Where the command stands beside this Python."""


@dataclass(frozen=True)
class Said:
    """What became of one command."""

    code: int
    raw: bytes
    err: str

    @property
    def out(self) -> str:
        """Standard output as text."""
        return self.raw.decode()

    @property
    def json(self) -> dict[str, Any]:
        """The one JSON object on standard output."""
        said: dict[str, Any] = json.loads(self.raw)
        return said

    @property
    def error(self) -> dict[str, Any]:
        """The one JSON object on standard error."""
        said: dict[str, Any] = json.loads(self.err)
        return said


def environment(home: Path, **more: str) -> dict[str, str]:
    """An environment without anything of custrec's or of a terminal in it."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("CUSTREC_", "PYTEST_", "COV_"))}
    for name in (*UNSAID, "COLUMNS"):
        kept.pop(name, None)
    homes = {"XDG_DATA_HOME": str(home), "XDG_CONFIG_HOME": str(home)}
    return kept | homes | {"PYTHONUTF8": "1", "CUSTREC_ACTOR": "tester"} | more


def custrec(*words: object, cwd: Path, stdin: bytes | None = None, cold: bool = False, **more: str) -> Said:
    """Run a command in a folder. A traceback, or an exit code that is no promise, is a failure."""
    code, out, err = outcome(list(map(str, words)), cwd, environment(cwd, **more), stdin, cold)
    said = Said(code, out, err.decode("utf-8", "backslashreplace"))
    assert "Traceback" not in said.err, said.err
    assert said.code in (0, 2, 3, 4, 5, 6, 7, 8, 9, 10), said
    return said


def _run_cold(
    words: list[str], folder: Path, environment: dict[str, str], stdin: bytes | None
) -> tuple[int, bytes, bytes]:
    done = subprocess.run(
        [sys.executable, "-m", "custrec", *words],
        input=stdin,
        stdin=subprocess.DEVNULL if stdin is None else None,
        capture_output=True,
        cwd=folder,
        env=environment,
        timeout=PATIENCE,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


class Warm:
    """The process that commands are forked from: warm_terminal.py."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="custrec-warm-"))
        self.place = self.folder / "socket"
        self.process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("warm_terminal.py")), str(self.place)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONUTF8": "1", "OPENBLAS_NUM_THREADS": "1"},
        )
        atexit.register(self.close)
        assert self.process.stdout is not None
        assert self.process.stdout.readline(), "it did not start"
        self.bin = self.folder / "bin"
        self.bin.mkdir()
        client = shlex.join([sys.executable, "-IS", str(Path(__file__).with_name("warm_client.py")), str(self.place)])
        others = shlex.quote(os.environ.get("PYTHONPATH", ""))
        cold = f"{shlex.quote(sys.executable)} -m custrec"  # where other modules are to be found than are loaded
        line = f'#!/bin/sh\n[ "$PYTHONPATH" = {others} ] || exec {cold} "$@"\nexec {client} "$@"\n'
        (self.bin / "custrec").write_text(line, encoding="utf-8")
        (self.bin / "custrec").chmod(0o755)

    def run(
        self, words: list[str], folder: Path, environment: dict[str, str], stdin: bytes | None
    ) -> tuple[int, bytes, bytes]:
        """Run one command to its end; as _run_cold. What hangs is killed."""
        command = Started(self, words, folder, environment, stdin)
        try:
            out, err = command.communicate()
        finally:
            command.kill()
        return command.wait(), out, err

    def close(self) -> None:
        """End it, and with it its folder."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(timeout=5)
        shutil.rmtree(self.folder, ignore_errors=True)


class Started:
    """A command that was forked and runs; it is waited for and ended as a subprocess.Popen."""

    def __init__(
        self, warm: Warm, words: list[str], folder: Path, environment: dict[str, str], stdin: bytes | None = None
    ) -> None:
        self.args = ["custrec", *words]
        self.returncode: int | None = None
        self._out, self._err = tempfile.TemporaryFile(), tempfile.TemporaryFile()  # noqa: SIM115
        mask = os.umask(0)
        os.umask(mask)
        order = marshal.dumps((words, str(folder), environment, mask))
        self._said = socket.socket(socket.AF_UNIX)
        self._said.connect(str(warm.place))
        with _given(stdin) as given:
            streams = [given.fileno(), self._out.fileno(), self._err.fileno()]
            socket.send_fds(self._said, [len(order).to_bytes(8, "little")], streams)
        self._said.sendall(order)
        self.pid = self._number()

    def _number(self) -> int:
        said = self._said.recv(8, socket.MSG_WAITALL)
        assert said, f"the process that {' '.join(self.args)} is forked from has ended"
        return int.from_bytes(said, "little", signed=True)

    def poll(self) -> int | None:
        """The exit code if it has ended, minus the signal that ended it."""
        if self.returncode is None and select.select([self._said], [], [], 0)[0]:
            self.returncode = self._number()
            self._said.close()
        return self.returncode

    def wait(self, timeout: float = PATIENCE) -> int:
        """The exit code, once it has ended. Raises subprocess.TimeoutExpired."""
        if self.returncode is None and not select.select([self._said], [], [], timeout)[0]:
            raise subprocess.TimeoutExpired(self.args, timeout)
        code = self.poll()
        assert code is not None
        return code

    def communicate(self, timeout: float = PATIENCE) -> tuple[bytes, bytes]:
        """Its output and words, once it has ended. Raises subprocess.TimeoutExpired."""
        self.wait(timeout)
        with self._out, self._err:
            for said in (self._out, self._err):
                said.seek(0)
            return self._out.read(), self._err.read()

    def send_signal(self, number: int) -> None:
        """Send it a signal, unless it has ended."""
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError):  # it ends just now, and its code is on the way
                os.kill(self.pid, number)

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(signal.SIGKILL)


def started(words: Sequence[object], folder: Path, environment: dict[str, str]) -> Started | subprocess.Popen[bytes]:
    """A command that goes on while a test does something to it."""
    texts = list(map(str, words))
    if hasattr(os, "fork"):
        return Started(warm(), texts, folder, environment)
    return _started_cold(texts, folder, environment)


def _started_cold(words: list[str], folder: Path, environment: dict[str, str], **more: Any) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "custrec", *words],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        **more,
    )


def _given(content: bytes | None) -> IO[bytes]:
    """The end of a pipe out of which this content comes; without any, nothing at all."""
    if content is None:
        return os.fdopen(os.open(os.devnull, os.O_RDONLY), "rb")
    reader, writer = os.pipe()

    def feed() -> None:
        with contextlib.suppress(BrokenPipeError), os.fdopen(writer, "wb") as pipe:
            pipe.write(content)

    threading.Thread(target=feed, daemon=True).start()
    return os.fdopen(reader, "rb")


@cache
def warm() -> Warm:
    """The process of this process."""
    return Warm()


def path_with_custrec() -> str:
    """A PATH on which `custrec` is: one that has the warm process run it, and the real one behind that."""
    warmed = [str(warm().bin)] if hasattr(os, "fork") else []
    return os.pathsep.join([*warmed, str(BIN), os.environ["PATH"]])


def outcome(
    words: list[str], folder: Path, environment: dict[str, str], stdin: bytes | None = None, cold: bool = False
) -> tuple[int, bytes, bytes]:
    """Exit code, output and words of a command. What Python asks its environment as it starts takes a cold start."""
    said = {name for name in environment if name.startswith("PYTHON") and environment[name] != os.environ.get(name)}
    cold = cold or not hasattr(os, "fork") or said - {"PYTHONUTF8"} != set()
    return (_run_cold if cold else warm().run)(words, folder, environment, stdin)


class Desk:
    """A folder with a store, and someone who types commands in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.store = folder / "custrec.db"
        folder.mkdir(parents=True, exist_ok=True)
        for file in _prepared().iterdir():
            shutil.copy2(file, folder / file.name)

    @classmethod
    def at(cls, folder: Path) -> Desk:
        """A desk in a folder as it is; it is made, and left empty, if it is not there."""
        desk = cls.__new__(cls)
        desk.folder, desk.store = folder, folder / "custrec.db"
        folder.mkdir(parents=True, exist_ok=True)
        return desk

    @classmethod
    def of(cls, folder: Path, schema: str) -> Desk:
        """A desk in a folder, with an empty store of this schema."""
        desk = cls.at(folder)
        desk.write("schema.yaml", schema)
        said = desk.run("init", "-q")
        assert said.code == 0, said
        return desk

    def copy_to(self, folder: Path) -> Desk:
        """A desk with all that lies on this one."""
        shutil.copytree(self.folder, folder, dirs_exist_ok=True)
        return Desk.at(folder)

    def started(self, *words: object, **more: Any) -> Started | subprocess.Popen[bytes]:
        """A command as a process of its own, which goes on while a test does something to it; a cold one where there
        is more to say to subprocess.Popen."""
        if more:
            return _started_cold(list(map(str, words)), self.folder, environment(self.folder), **more)
        return started(words, self.folder, environment(self.folder))

    def write(self, name: str, content: str | bytes) -> Path:
        """A file in the folder."""
        path = self.folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def run(self, *words: object, stdin: bytes | None = None, cold: bool = False, **more: str) -> Said:
        """Run a command here."""
        return custrec(*words, cwd=self.folder, stdin=stdin, cold=cold, **more)

    def take(self, content: str | bytes, *words: object, name: str = "in.csv") -> Said:
        """Import a file with this content, with --json."""
        self.write(name, content)
        return self.run("import", name, "--json", *words)

    def rows(self, query: str = "SELECT no, name, city, phone, code, since FROM customers ORDER BY _id") -> list[Any]:
        """What a plain SQLite program reads from the store; a single column as plain values."""
        with contextlib.closing(sqlite3.connect(f"file:{self.store}?mode=ro", uri=True)) as reader:
            found = reader.execute(query).fetchall()
        return [row[0] for row in found] if found and len(found[0]) == 1 else found

    def rejects(self, event: int | str = 1) -> list[str]:
        """The lines of an import's rejects file."""
        return (self.folder / "custrec.rejects" / f"{event}.csv").read_text(encoding="utf-8").splitlines()

    def files(self) -> dict[str, bytes]:
        """Every file in the folder but what SQLite keeps beside a database that is read."""
        passing = ("-wal", "-shm")
        return {
            str(path.relative_to(self.folder)): path.read_bytes()
            for path in sorted(self.folder.rglob("*"))
            if path.is_file() and not path.name.endswith(passing)
        }


@cache
def _prepared() -> Path:
    """A folder with a new store of SCHEMA, made once a process."""
    folder = Path(tempfile.mkdtemp(prefix="custrec-desk-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    (folder / "schema.yaml").write_text(SCHEMA, encoding="utf-8")
    said = custrec("init", cwd=folder)
    assert said.code == 0, said
    return folder
