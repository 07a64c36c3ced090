"""A person sitting at a terminal with a command that asks: answered, and left in all the ways there are."""

from __future__ import annotations

from typing import Any

WAYS_OUT = ("q", "ctrl-c", "ctrl-d", "closed", "killed")
"""How people leave a command that asks."""


def answer(child: Any, text: str, open_before: int) -> str:
    """Answer once so many are open; returns what was on the screen before."""
    child.expect(rf"{open_before} open \[[^\]]*\] ")
    seen: str = child.before
    child.sendline(text)
    return seen


def ended(child: Any) -> int:
    """The exit code of a command that comes to its end, or the signal below 0."""
    import pexpect

    child.expect(pexpect.EOF)
    child.close()
    code: int = child.exitstatus if child.exitstatus is not None else -child.signalstatus
    return code


def leave(child: Any, how: str) -> None:
    """Leave a command that has just asked, in one of `WAYS_OUT`; its exit code is the one for that."""
    if how == "q":
        child.sendline("q")
    elif how == "ctrl-c":
        child.sendintr()
        assert ended(child) == 130
    elif how == "ctrl-d":
        child.sendeof()
    elif how == "killed":
        child.kill(9)
    else:
        child.close(force=True)
    if how in ("q", "ctrl-d"):
        assert ended(child) == 3
    elif not child.closed:
        child.wait()
