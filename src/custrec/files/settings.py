"""Reading custrec.yaml, or the user's own config.yaml: every fault at once, each with line and column.

    max_change: 20% or 1000     # how many existing records one plan may change
    actor: sales-office         # who is acting
    wait: 60                    # seconds to wait for the lock of the store
    color: never                # auto, always or never
    plan_expiry: 14d            # days (d) or weeks (w) until a saved plan expires, or never
    jobs: 2                     # worker processes of an import
    targets: [/mnt/nas/custrec] # folders where backups go
    backup_max_age: 26h         # how old the newest backup may be
    backup_keep: last 3, daily 7, monthly 12
    backup_heartbeat: /var/lib/monitor/custrec-backup
    post_hook: [rclone, copy, "{folder}", "oss:custrec"]    # {file}, {manifest}, {signature}, {folder}; no shell

Every key may be left out. What each takes stands in model.settings.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from custrec.errors import FileUnreadable, SettingsInvalid
from custrec.model.remote import masked
from custrec.model.settings import SETTINGS

if TYPE_CHECKING:
    from custrec.files.strict_yaml import Faults, Mapping, Node

NAME = "custrec.yaml"
VERSION = 1


def load_settings(path: Path, name: str) -> dict[str, Any]:
    """The settings that a file says, by name; none where there is no file.

    `name` is what the file is called in an error. Raises FileUnreadable, SettingsInvalid.
    """
    try:
        path.stat()
    except OSError:  # not there, or in a home that is another user's: a job run as somebody else must not stop for it
        return {}
    from custrec.files.strict_yaml import MAX_BYTES, Faults, decode

    try:
        with path.open("rb") as stream:
            raw = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise FileUnreadable(path=name, reason=(error.strerror or "I/O error").lower()) from error
    faults = Faults()
    text = decode(raw, faults)
    said = parse_settings(text, name) if text is not None else {}
    if faults.count:
        raise SettingsInvalid(name=name, count=faults.count, details=faults.lines())
    return said


def parse_settings(text: str, name: str) -> dict[str, Any]:
    """The settings that a text says. Raises SettingsInvalid."""
    from custrec.files.strict_yaml import Faults, Mapping, compose

    if all(not line.strip() or line.lstrip().startswith("#") for line in text.splitlines()):
        return {}
    faults = Faults()
    root = compose(text, faults)
    said: dict[str, Any] = {}
    if isinstance(root, Mapping):
        said = _read(root, faults)
    elif not faults.count and root is not None:
        faults.add(root.mark, "the file needs a mapping, such as: wait: 60")
    if faults.count:
        raise SettingsInvalid(name=name, count=faults.count, details=faults.lines())
    return said


def _read(root: Mapping, faults: Faults) -> dict[str, Any]:
    from custrec.files.strict_yaml import Broken, Scalar, Sequence, short
    from custrec.model.nearest import did_you_mean

    said: dict[str, Any] = {}
    for key, (mark, node) in root.entries.items():
        if isinstance(node, Broken):
            continue
        if key == "version":
            if not isinstance(node, Scalar) or node.value != VERSION:
                faults.add(node.mark, f"'version' is {VERSION}")
        elif key not in SETTINGS:
            meant = did_you_mean(key, SETTINGS) or f"; there are: {', '.join(SETTINGS)}"
            faults.add(mark, f"unknown setting '{short(key)}'{meant}")
        elif SETTINGS[key].many and isinstance(node, Sequence):
            said[key] = tuple(_one(key, item, faults) for item in node.items)
        elif not isinstance(node, Scalar):
            faults.add(node.mark, f"'{key}' takes one value")
        elif node.value is None:
            faults.add(node.mark, f"'{key}' has no value")
        else:
            value = _one(key, node, faults)
            said[key] = (value,) if SETTINGS[key].many else value
    return said


def _one(key: str, node: Node, faults: Faults) -> Any:
    from custrec.files.strict_yaml import Scalar, short

    text = node.text if isinstance(node, Scalar) and node.value is not None else ""
    try:
        return SETTINGS[key].read(text)
    except ValueError as error:
        faults.add(node.mark, f"'{key}' takes {error}, not '{short(masked(text))}'")
        return None
