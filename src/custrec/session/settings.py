"""Which settings hold, and who said so: flags > environment > custrec.yaml > the user's config.yaml > default.

`custrec.yaml` lies beside the store, as schema.yaml does; the user's own file under XDG_CONFIG_HOME. NO_COLOR and
FORCE_COLOR are part of the environment (https://no-color.org, https://force-color.org), below CUSTREC_COLOR.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from custrec.errors import CustrecError, UsageError
from custrec.files.printable import printable
from custrec.files.settings import NAME, load_settings
from custrec.model.remote import masked
from custrec.model.settings import SETTINGS, Limit, Setting

FLAG, ENVIRONMENT, FOLDER, USER, DEFAULT = "flag", "environment", NAME, "user", "default"


@dataclass(frozen=True)
class Said:
    """A setting's value, who said it (FLAG, ENVIRONMENT, …) and where: an option, a variable, a file."""

    value: Any
    origin: str
    place: str = ""


@dataclass(frozen=True)
class Settings:
    """All settings, by name."""

    said: Mapping[str, Said]

    @property
    def max_change(self) -> Limit:
        """How many existing records one plan may change."""
        limit: Limit = self.said["max_change"].value
        return limit

    @property
    def actor(self) -> str | None:
        """Who is acting; None for the login."""
        actor: str | None = self.said["actor"].value
        return actor

    @property
    def wait(self) -> float:
        """How long to wait for a lock, in seconds."""
        return float(self.said["wait"].value)

    @property
    def color(self) -> str:
        """auto, always or never."""
        return str(self.said["color"].value)

    @property
    def plan_expiry(self) -> int | None:
        """How many days a saved plan may wait; None for ever."""
        days: int | None = self.said["plan_expiry"].value
        return days

    @property
    def targets(self) -> tuple[str, ...]:
        """The folders where backups go, as they were written; none where nobody said any."""
        return self.said["targets"].value or ()

    @property
    def inbox(self) -> str | None:
        """The folder whose new files nightly imports, as it was written; None where nobody said."""
        folder: str | None = self.said["inbox"].value
        return folder

    @property
    def backup_max_age(self) -> timedelta | None:
        """How old the newest backup may be; None where nobody watches."""
        age: timedelta | None = self.said["backup_max_age"].value
        return age

    @property
    def backup_keep(self) -> Mapping[str, Any]:
        """Which backups to keep, by the words of rules.keeping; none where nobody said."""
        return self.said["backup_keep"].value or {}

    @property
    def backup_heartbeat(self) -> str | None:
        """The file that is written after each good backup, as it was said; None for none."""
        file: str | None = self.said["backup_heartbeat"].value
        return file

    @property
    def post_hook(self) -> tuple[str, ...]:
        """The program that is run after each good backup, with its arguments; none where nobody said any."""
        return self.said["post_hook"].value or ()

    @property
    def jobs(self) -> int:
        """How many worker processes an import has."""
        jobs: int | None = self.said["jobs"].value
        return jobs or min(os.cpu_count() or 1, 4)


def settle(
    flags: Mapping[str, Any],
    environment: Mapping[str, str],
    store: Path,
    faulty: Callable[[CustrecError], None] | None = None,
) -> Settings:
    """The settings of a command about `store`. `flags` are the options that were given, by the setting's name.

    Raises UsageError for a variable, FileUnreadable or SettingsInvalid for a file; with `faulty`, a file's error goes
    there instead, and the file says nothing.
    """
    files = [(FOLDER, folder_file(store), NAME), (USER, user_file(environment), str(user_file(environment)))]
    said: list[tuple[str, Path, Mapping[str, Any]]] = []
    for origin, path, name in files:
        try:
            said.append((origin, path, load_settings(path, name)))
        except CustrecError as error:
            if faulty is None:
                raise
            faulty(error)
    return Settings({name: _one(setting, flags, environment, said) for name, setting in SETTINGS.items()})


def folder_file(store: Path) -> Path:
    """The settings beside a store."""
    return store.with_name(NAME)


def user_file(environment: Mapping[str, str]) -> Path:
    """The user's own settings: XDG, or the platform's own place."""
    if os.name == "nt":
        return Path(environment.get("APPDATA") or Path.home()) / "custrec" / "config.yaml"
    home = environment.get("XDG_CONFIG_HOME", "")
    return (Path(home) if Path(home).is_absolute() else Path.home() / ".config") / "custrec" / "config.yaml"


def _one(
    setting: Setting,
    flags: Mapping[str, Any],
    environment: Mapping[str, str],
    files: list[tuple[str, Path, Mapping[str, Any]]],
) -> Said:
    if flags.get(setting.name) is not None:
        return Said(flags[setting.name], FLAG, f"--{setting.name.replace('_', '-')}")
    if found := _in_environment(setting, environment):
        return found
    for origin, path, said in files:
        if setting.name in said:
            return Said(said[setting.name], origin, str(path))
    return Said(setting.default, DEFAULT)


def _several(text: str) -> list[str]:
    """The values of a variable that has several, divided as PATH is; the colons of a URL (`s3://`, `:22/`) divide
    none."""
    return re.split(rf"{re.escape(os.pathsep)}(?!//|\d+/)", text)


def _in_environment(setting: Setting, environment: Mapping[str, str]) -> Said | None:
    if text := environment.get(setting.variable):
        try:
            value = tuple(map(setting.read, _several(text))) if setting.many else setting.read(text)
            return Said(value, ENVIRONMENT, setting.variable)
        except ValueError as error:
            what = f"{setting.variable} takes {error}, not {printable(masked(text))}"
            raise UsageError(what=what, hint=f"unset it, or set it to what {setting.name} takes") from None
    if setting.name == "color":
        for variable, value in (("NO_COLOR", "never"), ("FORCE_COLOR", "always")):
            if environment.get(variable):
                return Said(value, ENVIRONMENT, variable)
    return None
