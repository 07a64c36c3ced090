"""Asking a person at a terminal for a yes. Whether anybody is there is for the caller to see."""

from __future__ import annotations

import sys


def agrees(question: str) -> bool:
    """Ask; anything but a yes is a no."""
    print(f"{question}? [y/N] ", end="", file=sys.stderr)
    sys.stderr.flush()
    return is_yes(sys.stdin.readline())


def is_yes(answer: str) -> bool:
    """Whether an answer says yes."""
    return answer.strip().casefold() in ("y", "yes", "是")
