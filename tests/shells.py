"""Shells on a terminal, in which somebody types and presses Tab.

    words = pressed("bash", folder, "custrec show C00", environment)     → the words that the line then has

The line is not run: once completion has done its work, `printf '<%s>' ` is put before it, so that the shell itself says
into which words the line falls, quotes and all. What was listed stands in the output before that.
"""

from __future__ import annotations

import os
import re
import select
import shutil
import tempfile
import time
from pathlib import Path

from pseudo_terminal import opened

TAB = "\t"
PATIENCE = 60
QUIET = 0.15
"""Seconds without a sign after which a shell has shown what it has to show, once it has begun."""
STARTED = {
    "bash": ["bash", "--norc", "--noprofile", "-i"],
    "zsh": ["zsh", "-f", "-i"],
    "fish": ["fish", "--no-config", "-i"],
}
SWITCHED_ON = {
    "bash": (
        "bind 'set show-all-if-ambiguous on'; bind 'set page-completions off'; bind 'set bell-style none'; "
        "bind 'set completion-query-items 0'; bind 'set enable-bracketed-paste off'; "
        'eval "$(custrec completion bash)"'
    ),
    "zsh": 'unsetopt beep; autoload -Uz compinit; compinit -u -D; eval "$(custrec completion zsh)"',
    "fish": "custrec completion fish | source",
}


def there(shell: str) -> bool:
    """Whether a shell is installed here, with a terminal to type in."""
    return shutil.which(shell) is not None


class Terminal:
    """A shell on a pseudo-terminal; a context manager."""

    def __init__(self, shell: str, folder: Path, environment: dict[str, str]) -> None:
        self.shell, self.folder = shell, folder
        self.environment = environment | {"PS1": "$ ", "HOME": str(folder)}
        self.seen = ""
        self.lines = 0

    def __enter__(self) -> Terminal:
        self.watched = Path(tempfile.mkdtemp(prefix="custrec-shell-"))
        self._watch()
        self.process, self.side = opened(STARTED[self.shell], self.folder, self.environment)
        self.type(f"{SWITCHED_ON[self.shell]}; echo re''ady\r")
        self.wait_for(r"ready")
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self.side)
        shutil.rmtree(self.watched)

    def _watch(self) -> None:
        """Put a `custrec` before the real one that runs it, and notes each answer to a Tab: how else would one know
        that a shell which shows nothing new has got its answer?"""
        real = shutil.which("custrec", path=self.environment["PATH"])
        answers = self.watched / "answers"
        answers.touch()
        script = self.watched / "custrec"
        noting = f"[ -z \"$_CUSTREC_COMPLETE\" ] || echo >> '{answers}'"
        script.write_text(f"#!/bin/sh\n'{real}' \"$@\"; code=$?; {noting}; exit $code\n", encoding="utf-8")
        script.chmod(0o755)
        self.environment["PATH"] = f"{self.watched}{os.pathsep}{self.environment['PATH']}"

    @property
    def answers(self) -> int:
        """How many Tabs were answered."""
        return len((self.watched / "answers").read_bytes())

    def type(self, text: str) -> None:
        """Press these keys."""
        os.write(self.side, text.encode())

    def wait_for(self, pattern: str) -> re.Match[str]:
        """Read until something is there, and forget what stands up to its end. AssertionError where it does not."""
        end = time.monotonic() + PATIENCE
        while not (found := re.search(pattern, self.seen, re.DOTALL)):
            if time.monotonic() > end or not select.select([self.side], [], [], end - time.monotonic())[0]:
                raise AssertionError(f"{pattern} did not come; there is: {self.seen!r}")
            self.read()
        self.seen = self.seen[found.end() :]
        return found

    def settle(self, seconds: float) -> None:
        """Read until nothing more comes for some time."""
        while select.select([self.side], [], [], seconds)[0]:
            self.read()

    def read(self) -> None:
        """Read what is there, and answer what fish asks a terminal (what it is)."""
        said = os.read(self.side, 65536).decode("utf-8", "replace")
        self.seen += said
        if "\x1b[c" in said or "\x1b[0c" in said:
            self.type("\x1b[?62;22c")

    def pressed(self, line: str) -> tuple[list[str], str]:
        """Type a line and press Tab: the words that it then has, and all that was shown meanwhile."""
        self.type(line)
        self.settle(QUIET)
        answered, end = self.answers, time.monotonic() + PATIENCE
        self.type(TAB)  # on its own: zsh takes a Tab among other waiting keys for a pasted one
        while self.answers == answered:
            self.settle(0.02)
            assert time.monotonic() < end, f"custrec was not asked how {line!r} goes on: {self.seen!r}"
        self.settle(QUIET)
        self.lines += 1
        self.type(f"\x01printf '<%s>' {self.lines}: \x05\r")
        shown = self.wait_for(rf"(?P<shown>.*?)<{self.lines}:>(?P<words>(?:<[^<>\r\n]*>)+)(?=[^<])")
        return re.findall(r"<([^<>]*)>", shown["words"]), shown["shown"]
