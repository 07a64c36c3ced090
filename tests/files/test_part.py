"""files.part: a file that appears whole or not at all, whenever somebody interrupts."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from custrec.errors import IoFailure
from custrec.files import part as module
from custrec.files.part import PartFile


def write(place: Path) -> None:
    """As whoever makes a file does it."""
    part = PartFile(place)
    try:
        part.stream.write(b"new")
        part.commit()
    finally:
        part.discard()


def interrupted_at(step: int, act: Callable[[], None]) -> bool:
    """Whether `act` was interrupted before the instruction number `step` of `write` and of what it calls of files.part,
    tidying up aside: as a signal may."""
    taken = 0

    def opcode(frame: FrameType, event: str, arg: Any) -> Any:
        nonlocal taken
        if event == "opcode":
            taken += 1
            if taken == step:
                raise KeyboardInterrupt
        return opcode

    def call(frame: FrameType, event: str, arg: Any) -> Any:
        if frame.f_code is not write.__code__ and frame.f_code.co_filename != module.__file__:
            return None
        if frame.f_code.co_name in ("discard", "__del__"):
            return None
        frame.f_trace_opcodes = True
        return opcode

    before = sys.gettrace()
    sys.settrace(call)
    try:
        act()
    except KeyboardInterrupt:
        return True
    finally:
        sys.settrace(before)
    return False


def test_whoever_interrupts_at_any_instruction_leaves_the_old_file_or_the_new_one_and_nothing_else(
    tmp_path: Path,
) -> None:
    place, step = tmp_path / "file", 1
    place.write_bytes(b"old")
    while interrupted_at(step, lambda: write(place)):
        assert [path.name for path in tmp_path.iterdir()] == ["file"], step
        assert place.read_bytes() in (b"old", b"new"), step
        place.write_bytes(b"old")
        step += 1
    assert step > 100
    assert place.read_bytes() == b"new"


def test_a_part_that_is_forgotten_takes_its_file_along(tmp_path: Path) -> None:
    part = PartFile(tmp_path / "file")
    assert part.lies.exists()
    assert part.lies.stat().st_mode & 0o777 == 0o600 or sys.platform == "win32"
    del part
    gc.collect()
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(IoFailure):
        PartFile(tmp_path / "gone" / "file")
