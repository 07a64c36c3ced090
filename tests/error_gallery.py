"""The gallery of errors in examples/errors: a folder for each, with a `command` that brings it about.

    python tests/error_gallery.py --write    run every command, write its expected.txt and examples/errors/README.md

A command is a few lines of shell for an empty folder that holds the other files of its example; its first line says
what has happened. expected.txt is the exit code, then standard error. What differs from run to run is made the same:

    <plan>   the id of a plan
    <free>   the free space on the disk
    <time>   when a backup was made; <process>: the number of one
             the name of the folder is left out before a file in it
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from terminal import PATIENCE, environment, path_with_custrec

GALLERY = Path(__file__).parent.parent / "examples" / "errors"
README = GALLERY / "README.md"
_OURS = ("command", "expected.txt")
_VOLATILE = (
    (re.compile(r"\bp[0-9a-f]{8}\b"), "<plan>"),
    (re.compile(r"[\d,]+(?= MB are free)"), "<free>"),
    (re.compile(r"\b\d{8}T\d{6}Z"), "<time>"),
    (re.compile(r"(?<=process )\d+"), "<process>"),
)
_GIVEN_PLAN = "p1a2b3c4"

HEAD = """\
# Every error, and how to get it

Each folder here holds a `command` (a few lines of shell for an empty folder, with the example's other files in it)
and what it says. A test runs them all. This page is written by `python tests/error_gallery.py --write`; `<plan>`,
`<free>`, `<time>` and `<process>` stand for what differs from run to run. With `--json` every error is one JSON object
on standard error:

```json
{"schema": "custrec.error/1", "error": "file-missing", "exit_code": 4, "message": "there is no file custmers.csv",
 "hint": "check the name, or give - to read from standard input"}
```

`error` is the name of the folder, and never changes; sentences may be bettered, exit codes are those of the README.
"""


@dataclass(frozen=True)
class Example:
    """One error: its folder, what its command is, what it says."""

    folder: Path

    @property
    def slug(self) -> str:
        """The error's name."""
        return self.folder.name

    @property
    def command(self) -> str:
        """The lines of shell."""
        return (self.folder / "command").read_text(encoding="utf-8")

    @property
    def story(self) -> str:
        """What has happened, in a sentence or two."""
        return self.command.partition("\n")[0].removeprefix("# ")

    @property
    def expected(self) -> str:
        """The exit code and what is said."""
        return (self.folder / "expected.txt").read_text(encoding="utf-8")

    @property
    def code(self) -> int:
        """The exit code expected."""
        return int(self.expected.partition("\n")[0].removeprefix("exit "))

    @property
    def words(self) -> str:
        """What is said."""
        return self.expected.partition("\n")[2]

    @property
    def not_as_root(self) -> bool:
        """Whether root cannot bring it about."""
        return "Not as root" in self.story

    def run(self, folder: Path) -> str:
        """Run the command in an empty folder; returns what expected.txt should hold."""
        for file in self.folder.iterdir():
            if file.name not in _OURS:
                shutil.copy(file, folder / file.name)
        done = subprocess.run(
            ["sh", "-c", self.command],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            cwd=folder,
            env=environment(folder, PATH=path_with_custrec()),
            timeout=PATIENCE,
            check=False,
        )
        assert "Traceback" not in done.stderr, done.stderr
        return f"exit {done.returncode}\n{_settled(done.stderr, folder)}"


def examples() -> list[Example]:
    """All examples, by exit code and name."""
    found = [Example(path) for path in GALLERY.iterdir() if (path / "command").is_file()]
    return sorted(
        found, key=lambda example: (example.code if (example.folder / "expected.txt").exists() else 0, example.slug)
    )


def page() -> str:
    """What examples/errors/README.md should hold."""
    return HEAD + "".join(
        f"\n## {example.slug} (exit {example.code})\n\n{example.story}\n\n```text\n{example.words}```\n"
        for example in examples()
    )


def _settled(text: str, folder: Path) -> str:
    for place in {str(folder), str(folder.resolve())}:
        text = text.replace(f"{place}{os.sep}", "")
    for pattern, word in _VOLATILE:
        text = pattern.sub(lambda found, word=word: found[0] if found[0] == _GIVEN_PLAN else word, text)
    return text


def write() -> None:
    """Write everything anew. What root cannot bring about stays as it is where root writes."""
    for example in examples():
        if not (example.not_as_root and os.geteuid() == 0):
            with tempfile.TemporaryDirectory() as folder:
                said = example.run(Path(folder))
            (example.folder / "expected.txt").write_text(said, encoding="utf-8")
    README.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    if sys.argv[1:] != ["--write"]:
        sys.exit(__doc__)
    write()
