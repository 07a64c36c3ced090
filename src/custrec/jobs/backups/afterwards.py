"""What follows a good backup: a program of the user's own is run, and a file is written for whoever watches.

The program gets words, never a line for a shell, and nothing on standard input. What it prints goes to standard error.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from custrec.errors import HookFailed
from custrec.files.part import PartFile
from custrec.model.backups import MANIFEST, SIGNATURE


def run_hook(words: Sequence[str], made: Path) -> None:
    """Run a program after a backup; `{file}`, `{manifest}`, `{signature}` and `{folder}` in its words are filled in.

    Raises HookFailed where it cannot be run, or says that it failed.
    """
    filling = {
        "{file}": str(made),
        "{manifest}": f"{made}{MANIFEST}",
        "{signature}": f"{made}{SIGNATURE}",
        "{folder}": str(made.parent),
    }
    try:
        done = subprocess.run(
            [_filled(word, filling) for word in words], stdin=subprocess.DEVNULL, stdout=sys.stderr, check=False
        )
    except (OSError, ValueError) as error:
        raise HookFailed(program=words[0], how="it could not be run") from error
    if done.returncode:
        how = f"exit code {done.returncode}" if done.returncode > 0 else f"ended by signal {-done.returncode}"
        raise HookFailed(program=words[0], how=how)


def beat(heartbeat: Path, said: Mapping[str, object]) -> None:
    """Write the heartbeat, whole or not at all. Raises IoFailure."""
    part = PartFile(heartbeat)
    try:
        part.stream.write(json.dumps(said, ensure_ascii=False).encode("utf-8") + b"\n")
        part.commit()
    finally:
        part.discard()


def _filled(word: str, filling: Mapping[str, str]) -> str:
    for name, value in filling.items():
        word = word.replace(name, value)
    return word
