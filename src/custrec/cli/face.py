"""The face of one command: where words and data go, in which colours, and who is asked.

Data to standard output, words to standard error. Nothing here knows what a command does.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from custrec.errors import CustrecError
    from custrec.jobs.backups.places import Place
    from custrec.model.certificate import Remains
    from custrec.session.session import Session
    from custrec.session.settings import Settings
    from custrec.session.waiting_plans import WaitingPlans

STORE_NAME = "custrec.db"
SCHEMA_NAME = "schema.yaml"


@dataclass
class Face:
    """What the common options say, and the session they lead to."""

    store_option: Path | None = None
    flags: Mapping[str, Any] = field(default_factory=dict)
    """What was said on the command line for settings, by their name."""
    quiet: bool = False
    today_option: str | None = None
    store_from: str = "--store"
    """What `store_option` was said with: the option, or a variable."""
    warnings: list[str] = field(default_factory=list)
    results: list[dict[str, Any]] = field(default_factory=list)
    """What was done or found, in the words of --json: for a summary."""
    complaints: list[tuple[str, CustrecError]] = field(default_factory=list)
    """What could not be used, of several things."""
    exit_code: int = 0
    """How the command ended."""
    before_words: Callable[[], None] = lambda: None
    """What makes room for words: a line of progress is wiped."""
    _held: list[str] | None = None

    @cached_property
    def session(self) -> Session:
        """The session with the store that the options, the environment or the folder name."""
        from custrec.session.session import Session

        said = self.settings
        uid = os.getuid() if hasattr(os, "getuid") else None
        session = Session(
            self.store_path,
            self.actor,
            lambda: datetime.now(UTC),
            self.today_said,
            self.wait,
            self.warn,
            said.max_change,
            uid,
            said.plan_expiry,
        )
        session.remains, session.spread_ledger = self._remains, self._spread_ledger
        return session

    def _remains(self) -> list[Remains]:
        """Which backups hold what is destroyed now, and until when."""
        from custrec.jobs.backups.remaining import remaining

        return remaining(self.store_path, self.backup_places, self.settings.backup_keep)

    def _spread_ledger(self) -> None:
        """Put the ledger of erasures beside the backups; what cannot be reached now gets it with the next backup."""
        from custrec.jobs.backups.ledger_copies import spread_ledger

        def unusable(place: Place, error: CustrecError) -> None:
            self.warn(f"the ledger of erasures did not get to {place.shown}: {error.message}; the next backup takes it")

        spread_ledger(self.store_path, self.backup_places, unusable)

    @property
    def backup_places(self) -> list[Place]:
        """Where backups lie: the places of custrec.yaml (beside which folders are relative), or our own folder.

        Raises UsageError where one of them can be no place.
        """
        from custrec.errors import UsageError
        from custrec.jobs.backups.places import FolderPlace, place_of
        from custrec.jobs.backups.targets import default_target

        store = self.store_path
        try:
            named = [place_of(text, store.parent) for text in self.settings.targets]
        except ValueError as error:
            raise UsageError(what=f"a place for backups takes {error}") from None
        return named or [FolderPlace(default_target(store))]

    @property
    def waiting(self) -> WaitingPlans:
        """The saved plans of the session's store."""
        from custrec.session.waiting_plans import WaitingPlans

        return WaitingPlans(self.session)

    @property
    def reader(self) -> Session:
        """The session, its store opened, for a command that only reads: it warns of a schema.yaml that says else,
        and of settings that cannot be read."""
        from custrec.errors import InputError

        for fault in self.settle_for_reading() if "session" not in self.__dict__ else ():
            self.warn(f"{fault.message}; what it says is not used")
        _ = self.session.store  # what is wrong with it is said first
        try:
            self.session.check_schema(writing=False)
        except InputError as error:
            self.warn(f"{error.message}; the store's own schema is used")
        return self.session

    @property
    def store_path(self) -> Path:
        """--store, or custrec.db beside the nearest schema.yaml upward, or in the user's data folder."""
        return self._place[0]

    @property
    def store_origin(self) -> str:
        """Why the store is where it is, in a few words."""
        return self._place[1]

    @cached_property
    def _place(self) -> tuple[Path, str]:
        if self.store_option is not None:
            return self.store_option, self.store_from
        here = Path.cwd()
        for folder in (here, *here.parents):
            if (folder / SCHEMA_NAME).is_file():
                return folder / STORE_NAME, f"beside the nearest {SCHEMA_NAME}"
        return data_home() / STORE_NAME, "default"

    @cached_property
    def settings(self) -> Settings:
        """The settings that hold. Raises what `settle` does."""
        from custrec.session.settings import settle

        return settle(self.flags, os.environ, self.store_path)

    def settle_for_reading(self) -> list[CustrecError]:
        """Let the settings be those that can be read; returns what is wrong with the others. Where a writer would stop,
        a reader goes on."""
        from custrec.session.settings import settle

        faults: list[CustrecError] = []
        self.settings = settle(self.flags, os.environ, self.store_path, faults.append)
        return faults

    @property
    def wait(self) -> float:
        """How long to wait for a lock, in seconds."""
        return self.settings.wait

    @property
    def color(self) -> str:
        """auto, always or never."""
        return self.settings.color

    @property
    def actor(self) -> str:
        """Who is acting by the settings, with the login where it differs; else the login. A convention, no proof."""
        login, said = _login(), self.settings.actor
        return login if said in (None, login) else f"{said} (login {login})"

    @property
    def today_said(self) -> date | None:
        """--today. Else it is the session that knows: today is a day in the time zone of the schema."""
        if self.today_option is None:
            return None
        from custrec.errors import UsageError

        try:
            return date.fromisoformat(self.today_option)
        except ValueError:
            raise UsageError(what="--today is not a day", hint="write it as 2026-11-22") from None

    def say(self, text: str = "") -> None:
        """Words for a person, unless --quiet."""
        if not self.quiet:
            self._tell(text)

    def warn(self, text: str) -> None:
        """Words that are said even with --quiet."""
        self._tell(f"custrec: {text}")

    def complain(self, error: CustrecError, thing: str = "") -> None:
        """Say what is wrong with one of several things, when the others go on. Said even with --quiet."""
        self.complaints.append((thing, error))
        said = f"{thing}: {error.message}" if thing else error.message
        more = [*error.details, *([f"try: {error.hint}"] if error.hint else [])]
        if self.quiet:
            self.warn(" · ".join((said, *more)))
            return
        self.warn(said)
        for line in more:
            self._tell(f"  {line}")

    def _tell(self, text: str) -> None:
        self.before_words()
        if self._held is None:
            print(text, file=sys.stderr)
        else:
            self._held.append(text)

    def hold_words(self) -> Callable[[], None]:
        """Keep words back from now on; returns what says them after all."""
        held = self._held = []

        def say() -> None:
            self._held = None
            for text in held:
                print(text, file=sys.stderr)

        return say

    def hush(self) -> list[str]:
        """Keep all words back for good; returns what gathers them, as they are said."""
        self._held = []
        return self._held

    def out(self, text: str) -> None:
        """A line of data."""
        self.before_words()
        sys.stdout.write(text + "\n")

    def out_json(self, kind: str, said: dict[str, Any]) -> None:
        """One JSON object with its schema tag."""
        self.out(json.dumps({"schema": f"custrec.{kind}/1", **said}, ensure_ascii=False))

    def result(self, kind: str, said: dict[str, Any]) -> dict[str, Any]:
        """Remember for a summary what --json would say; returns that."""
        self.results.append({"schema": f"custrec.{kind}/1", **said})
        return said

    def table(
        self,
        columns: Sequence[str],
        rows: Sequence[Sequence[Any]],
        right: Sequence[str] = (),
        whole: str = "--json",
        below: Sequence[str] = (),
    ) -> None:
        """A table that fits the terminal, East Asian widths reckoned with; `whole` shows what there is no room for, and
        `below` are lines under the rows."""
        from custrec.cli.counting import many
        from custrec.cli.tables import print_table

        self.before_words()
        if hidden := print_table(columns, rows, right=right, color=self.color, below=below):
            self.say(f"{many(hidden, 'more column')}: use {whole}")

    def pairs(self, said: Mapping[str, Any]) -> None:
        """Names and values, one pair a line; the lines of a longer text stand below each other. On a terminal, lines
        that have not room enough are broken."""
        from rich.cells import cell_len

        from custrec.cli.tables import broken, room

        width = max(map(cell_len, said), default=0)
        left = room() - width - 4 if sys.stdout.isatty() else None
        for name, value in said.items():
            lines = str(value).split("\n")
            first, *rest = lines if left is None else [part for line in lines for part in broken(line, left)]
            self.out(f"  {name}{' ' * (width - cell_len(name))}  {first}")
            for line in rest:
                self.out(f"  {' ' * width}  {line}")

    def watch_backups(self) -> None:
        """Warn where the last backup is too old or did not get everywhere: a job that stopped months ago must be heard.

        Costs one row of the history, and that only where keys for backups were made or their age is watched.
        """
        from custrec.store.place import beside

        store = self.__dict__["session"].opened if "session" in self.__dict__ else None
        if store is None or "settings" not in self.__dict__:
            return
        limit = self.settings.backup_max_age
        if limit is not None or beside(self.store_path, "signing-key").exists():
            from custrec.jobs.backups.last import alarm, last_backup

            if says := alarm(last_backup(store), self.session.now, limit):
                self.warn(f"{says}: custrec backup status")

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
