"""docs/architecture.md is a map: what it names is there, and every room is drawn."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "src" / "custrec"
PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
FLOORS = sorted(path.stem for path in SOURCE.iterdir() if path.is_dir() and (path / "__init__.py").exists())
NAMED = sorted(set(re.findall(rf"\b(?:{'|'.join(FLOORS)})(?:\.[A-Za-z_]\w*)+", PAGE)))
ROOMS = sorted(path.parent.name for path in (SOURCE / "jobs").glob("*/__init__.py"))


def text_of(name: str) -> tuple[str, list[str]]:
    """The source of the module that a dotted name begins with, and the words behind it."""
    words = name.split(".")
    for end in range(len(words), 1, -1):
        module = SOURCE.joinpath(*words[:end]).with_suffix(".py")
        if module.exists():
            return module.read_text(encoding="utf-8"), words[end:]
    return "", [] if SOURCE.joinpath(*words).is_dir() else words


def is_there(name: str) -> bool:
    text, words = text_of(name)
    return all(re.search(rf"\b{word}\b", text) for word in words)


def test_what_is_named_is_there() -> None:
    assert len(NAMED) > 100
    assert [name for name in NAMED if not is_there(name)] == []


def test_every_room_of_the_largest_floor_is_drawn() -> None:
    assert sorted(re.findall(r"^jobs/(\w+) ", PAGE, re.MULTILINE)) == ROOMS


def test_every_module_that_stands_beside_the_rooms_is_named() -> None:
    drawn = PAGE[PAGE.index("jobs/*.py") :].partition("```")[0]
    beside = {path.stem for path in (SOURCE / "jobs").glob("*.py")} - {"__init__"}
    assert {name for name in beside if not re.search(rf"\b{name}\b", drawn)} == set()
