"""The console blocks of README.md, run for real.

    python tests/readme_transcript.py            say where README.md is not true any more (exit code 1)
    python tests/readme_transcript.py --write    put into README.md what the commands say now

All blocks are one sitting of one shell, in an empty folder with the checkout's examples beside it. What differs from
run to run (times, digests, plan ids, the folder's name) does not count, and is left as it stands in README.md.
"""

from __future__ import annotations

import difflib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Timer

from terminal import path_with_custrec

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
HOME = "/home/lin"
"""What the folder of the sitting is called in README.md."""
LONGEST = 120
"""Seconds that a sitting may take."""

_BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_PLAN = re.compile(r"\bp[0-9a-f]{8}\b")
_VOLATILE = (
    (re.compile(r"(?<=  expires )\d{4}-\d\d-\d\d$"), "<day>"),
    (re.compile(r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"), "<time>"),
    (re.compile(r"\b[0-9a-f]{64}\b"), "<digest>"),
    (_PLAN, "<plan>"),
)
_END = "\x1e"


@dataclass(frozen=True)
class Step:
    """A command and the lines it said."""

    command: str
    said: tuple[str, ...]

    @property
    def text(self) -> str:
        """As it stands in a block."""
        return "".join(f"{line}\n" for line in (f"$ {self.command}", *self.said))


@dataclass
class Sitting:
    """One shell in a folder of its own; a context manager."""

    folder: Path
    known: dict[str, str] = field(default_factory=dict)
    """Plan ids of README.md, and what they are in this run."""

    def __enter__(self) -> Sitting:
        shutil.copytree(ROOT / "examples", self.folder / "custrec" / "examples")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("CUSTREC_", "LC_"))}
        self.shell = subprocess.Popen(
            ["sh"],
            cwd=self.folder,
            env=kept
            | {"PATH": path_with_custrec(), "HOME": str(self.folder), "LANG": "C.UTF-8"}
            | {"LOGNAME": "lin", "USER": "lin", "COLUMNS": "100", "NO_COLOR": "1", "PYTHONUNBUFFERED": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
        )
        self.watch = Timer(LONGEST, self.shell.kill)
        self.watch.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.watch.cancel()
        self.shell.kill()
        self.shell.communicate()

    def run(self, documented: Step) -> Step:
        """Run a command; what it says, in the words of README.md where only volatile parts differ."""
        assert self.shell.stdin is not None
        command = _PLAN.sub(lambda id_: self.known.get(id_[0], id_[0]), documented.command)
        # The braces keep `cd` and variables; the shell's own input is no business of the command. `$?` is passed on.
        self.shell.stdin.write(f"{{ {command}\n}} </dev/null 2>&1; __=$?; printf '\\n{_END}\\n'; (exit $__)\n")
        self.shell.stdin.flush()
        said = tuple(line.replace(str(self.folder), HOME).rstrip() for line in self._lines())
        documented_ids, ids = (
            list(dict.fromkeys(_PLAN.findall("\n".join(lines)))) for lines in (documented.said, said)
        )
        self.known.update(zip(documented_ids, ids, strict=False))
        written = {now: before for before, now in self.known.items()}
        said = tuple(_PLAN.sub(lambda id_: written.get(id_[0], id_[0]), line) for line in said)
        return replace(documented, said=_kept(documented.said, said))

    def _lines(self) -> Iterator[str]:
        """The lines up to the sign that the command has ended, which stands after one line end too many."""
        assert self.shell.stdout is not None
        lines: list[str] = []
        for line in self.shell.stdout:
            if line.rstrip("\n") == _END:
                return iter(lines[:-1] if lines and not lines[-1] else lines)
            lines.append(line.rstrip("\n"))
        raise AssertionError("the shell ended before its command: " + "\n".join(lines))


def transcript(text: str) -> str:
    """README.md with what its commands say now."""
    with tempfile.TemporaryDirectory(prefix="custrec-readme-") as place, Sitting(Path(place).resolve()) as sitting:
        return _BLOCK.sub(
            lambda block: "```console\n" + "".join(sitting.run(step).text for step in steps(block[1])) + "```", text
        )


def steps(block: str) -> Iterator[Step]:
    """The commands of a block and what stands below each."""
    for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        command, *said = part.rstrip("\n").split("\n")
        yield Step(command, tuple(said))


def _kept(before: tuple[str, ...], now: tuple[str, ...]) -> tuple[str, ...]:
    """The lines of now; as they were before where only volatile parts differ."""
    matches = difflib.SequenceMatcher(None, [*map(_stable, before)], [*map(_stable, now)], autojunk=False)
    kept = list(now)
    for start, at, size in matches.get_matching_blocks():
        kept[at : at + size] = before[start : start + size]
    return tuple(kept)


def _stable(line: str) -> str:
    for pattern, word in _VOLATILE:
        line = pattern.sub(word, line)
    return line


def main() -> int:
    """Compare, or write."""
    before = README.read_text(encoding="utf-8")
    now = transcript(before)
    if "--write" in sys.argv[1:]:
        README.write_text(now, encoding="utf-8", newline="\n")
        return 0
    difference = difflib.unified_diff(before.splitlines(True), now.splitlines(True), "README.md", "now")
    sys.stdout.writelines(difference)
    return int(before != now)


if __name__ == "__main__":
    sys.exit(main())
