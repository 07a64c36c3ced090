"""custrec at a terminal that is not one: the real command as a process of its own, in a folder with a small store.

    desk = Desk(folder)             the store of SCHEMA, copied from one that was made once
    desk.write("a.csv", "no,name\\nC1,Ann\\n")
    desk.run("import", "a.csv")     → Said: exit code, output and words

Bytes go in and bytes come out where a test wants them. Whatever is run, a traceback is a failure. Commands are forked
from a process that has custrec loaded (warm_terminal.py) where the system can fork, and `python -m custrec` otherwise
or with `cold=True`.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import pickle
import select
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

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
    for name in ("NO_COLOR", "FORCE_COLOR", "PYTHONWARNINGS", "COLUMNS", "PYTHONIOENCODING"):
        kept.pop(name, None)
    homes = {"XDG_DATA_HOME": str(home), "XDG_CONFIG_HOME": str(home)}
    return kept | homes | {"PYTHONUTF8": "1", "CUSTREC_ACTOR": "tester"} | more


def custrec(*words: object, cwd: Path, stdin: bytes | None = None, cold: bool = False, **more: str) -> Said:
    """Run a command in a folder. A traceback, or an exit code that is no promise, is a failure."""
    run = _run_cold if cold or not hasattr(os, "fork") else _warm().run
    code, out, err = run(list(map(str, words)), cwd, environment(cwd, **more), stdin)
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


class _Warm:
    """The process that commands are forked from."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="custrec-warm-"))
        self.process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("warm_terminal.py"))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONUTF8": "1"},
        )
        atexit.register(self.close)

    def run(
        self, words: list[str], folder: Path, environment: dict[str, str], stdin: bytes | None
    ) -> tuple[int, bytes, bytes]:
        given, out, err = (self.folder / name for name in ("in", "out", "err"))
        for place, content in ((given, stdin or b""), (out, b""), (err, b"")):
            place.write_bytes(content)
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        pickle.dump((words, str(folder), environment, (str(given), str(out), str(err))), self.process.stdin)
        self.process.stdin.flush()
        if not select.select([self.process.stdout], [], [], PATIENCE)[0]:
            raise TimeoutError(f"custrec {' '.join(words)} has not ended after {PATIENCE} s")
        code = pickle.load(self.process.stdout)  # noqa: S301 (our own process)
        return code, out.read_bytes(), err.read_bytes()

    def close(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(timeout=5)
        shutil.rmtree(self.folder, ignore_errors=True)


@cache
def _warm() -> _Warm:
    return _Warm()


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

    def copy_to(self, folder: Path) -> Desk:
        """A desk with all that lies on this one."""
        shutil.copytree(self.folder, folder, dirs_exist_ok=True)
        return Desk.at(folder)

    def started(self, *words: object, **more: Any) -> subprocess.Popen[bytes]:
        """A command as a process of its own, which goes on while a test does something to it."""
        return subprocess.Popen(
            [sys.executable, "-m", "custrec", *map(str, words)],
            cwd=self.folder,
            env=environment(self.folder),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            **more,
        )

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
