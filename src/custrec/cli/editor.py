"""A record as a text in one's own editor ($VISUAL or $EDITOR), opened again until it can be taken."""

from __future__ import annotations

import os
import shlex
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from custrec.jobs.edits.record_text import RecordText


def revised(record: RecordText, words: str, take: Callable[[Mapping[str, str]], None]) -> bool:
    """Have a record edited until what was changed is taken; whether anything was. `words` name it in an error.

    `take` raises RecordInvalid for what cannot be taken: the editor opens again, with the faults on top. Raises
    EditorFailed, and RecordInvalid where the faults are left as they are.
    """
    from custrec.errors import RecordInvalid
    from custrec.jobs.edits.record_text import with_faults

    program = _program()
    faults: list[str] = []
    before, asked = record.text, record.text
    while True:
        edited = _edited(program, asked)
        if edited is None or _same(edited, before):
            if faults:
                raise RecordInvalid(count=len(faults), what=words, table=record.table.name, details=tuple(faults))
            return False
        changed, faults = record.changes(edited)
        if not faults:
            try:
                take(changed)
            except RecordInvalid as error:
                faults = list(error.details)
            else:
                return True
        before = edited
        asked = with_faults(edited, faults)


def _same(edited: str, before: str) -> bool:
    from custrec.jobs.edits.record_text import without_faults

    return without_faults(edited) == without_faults(before)


def _program() -> list[str]:
    """The words of the editor's command. Raises EditorFailed."""
    from custrec.errors import EditorFailed

    said = os.environ.get("VISUAL") or os.environ.get("EDITOR") or ""
    try:
        words = shlex.split(said)
    except ValueError:
        words = []
    if not words:
        raise EditorFailed(what="no editor is known" if not said.strip() else "VISUAL or EDITOR is no command")
    return words


def _edited(program: list[str], text: str) -> str | None:
    """The text after it was edited; None where nothing is left of it. Raises EditorFailed."""
    from custrec.errors import EditorFailed
    from custrec.jobs.edits.record_text import is_emptied

    # A folder of its own, which only its owner may enter: editors leave copies beside a file.
    with tempfile.TemporaryDirectory(prefix="custrec-") as folder:
        path = Path(folder) / "record.yaml"
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        try:
            done = subprocess.run([*program, str(path)], check=False)
        except OSError as error:
            raise EditorFailed(what=f"the editor {program[0]} cannot be started") from error
        if done.returncode:
            raise EditorFailed(what=f"the editor {program[0]} ended with code {done.returncode}")
        try:
            edited = path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return None
        except UnicodeDecodeError as error:
            raise EditorFailed(what="the editor left a file that is not UTF-8") from error
    return None if is_emptied(edited) else edited
