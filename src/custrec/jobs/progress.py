"""What the face is told while a job takes its time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from custrec.model.stopwatch import Stopwatch


@dataclass
class Progress:
    """What the face is told while it waits: the phase, bytes done of how many (None: unknown), rows."""

    tell: Callable[[str, int, int | None, int], None] | None = None
    done: int = 0
    total: int | None = None
    rows: int = 0
    watch: Stopwatch = field(default_factory=Stopwatch)

    def phase(self, name: str) -> None:
        """A phase begins."""
        if self.tell:
            self.tell(name, self.done, self.total, self.rows)

    def stop(self) -> None:
        """There is nothing more to tell."""
