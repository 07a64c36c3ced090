"""The face of one command: where words and data go, in which colours, and who is asked.

Data to standard output, words to standard error. Nothing here knows what a command does.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from custrec.session.session import Session

STORE_NAME = "custrec.db"
SCHEMA_NAME = "schema.yaml"


@dataclass
class Face:
    """What the common options say, and the session they lead to."""

    store_option: Path | None = None
    actor_option: str | None = None
    wait: float = 60
    quiet: bool = False
    color: str = "auto"
    today_option: str | None = None
    warnings: list[str] = field(default_factory=list)

    @cached_property
    def session(self) -> Session:
        """The session with the store that the options, the environment or the folder name."""
        from custrec.session.session import Session

        now = datetime.now(UTC)
        return Session(self.store_path, self.actor, now, self.today, self.wait, self.warn)

    @property
    def reader(self) -> Session:
        """The session, its store opened, for a command that only reads: it warns of a schema.yaml that says else."""
        from custrec.errors import InputError

        _ = self.session.store  # what is wrong with it is said first
        try:
            self.session.check_schema(writing=False)
        except InputError as error:
            self.warn(f"{error.message}; the store's own schema is used")
        return self.session

    @property
    def store_path(self) -> Path:
        """--store, or custrec.db beside the nearest schema.yaml upward, or in the user's data folder."""
        if self.store_option is not None:
            return self.store_option
        here = Path.cwd()
        for folder in (here, *here.parents):
            if (folder / SCHEMA_NAME).is_file():
                return folder / STORE_NAME
        return data_home() / STORE_NAME

    @property
    def actor(self) -> str:
        """--actor or CUSTREC_ACTOR, with the login where it differs; else the login. A convention, not a proof."""
        login = _login()
        return login if self.actor_option in (None, login) else f"{self.actor_option} (login {login})"

    @property
    def today(self) -> date:
        """--today, or the day it is here."""
        if self.today_option is None:
            return datetime.now().astimezone().date()
        from custrec.errors import UsageError

        try:
            return date.fromisoformat(self.today_option)
        except ValueError:
            raise UsageError(what="--today is not a day", hint="write it as 2026-11-22") from None

    def say(self, text: str = "") -> None:
        """Words for a person, unless --quiet."""
        if not self.quiet:
            print(text, file=sys.stderr)

    def warn(self, text: str) -> None:
        """Words that are said even with --quiet."""
        print(f"custrec: {text}", file=sys.stderr)

    def out(self, text: str) -> None:
        """A line of data."""
        sys.stdout.write(text + "\n")

    def out_json(self, kind: str, said: dict[str, Any]) -> None:
        """One JSON object with its schema tag."""
        self.out(json.dumps({"schema": f"custrec.{kind}/1", **said}, ensure_ascii=False))

    def table(
        self, columns: Sequence[str], rows: Sequence[Sequence[Any]], right: Sequence[str] = (), whole: str = "--json"
    ) -> None:
        """A table that fits the terminal, East Asian widths reckoned with; `whole` shows what there is no room for."""
        from custrec.cli.tables import print_table

        if hidden := print_table(columns, rows, right=right, color=self.color):
            self.say(f"{hidden} more column{'s' if hidden > 1 else ''}: use {whole}")

    def pairs(self, said: Mapping[str, Any]) -> None:
        """Names and values, one pair a line; the lines of a longer text stand below each other."""
        from rich.cells import cell_len

        width = max(map(cell_len, said), default=0)
        for name, value in said.items():
            first, *rest = str(value).split("\n")
            self.out(f"  {name}{' ' * (width - cell_len(name))}  {first}")
            for line in rest:
                self.out(f"  {' ' * width}  {line}")

    def close(self) -> None:
        """Let go of the session, if there was one."""
        if "session" in self.__dict__:
            self.session.close()


def data_home() -> Path:
    """Where data lies that belongs to no folder: XDG, or the platform's own place."""
    if os.name == "nt":
        return Path(os.environ.get("LOCALAPPDATA", Path.home())) / "custrec"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "custrec"


def _login() -> str:
    import getpass

    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return f"uid {os.getuid()}" if hasattr(os, "getuid") else "unknown"
