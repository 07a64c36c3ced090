"""The command reference is what the app says of itself."""

from __future__ import annotations

import difflib

from command_reference import README, REFERENCE, readme, reference
from walk import COMMANDS

ANEW = "to write it anew: python tests/command_reference.py --write"


def test_the_reference_is_up_to_date() -> None:
    assert not difference(REFERENCE.read_text(encoding="utf-8"), reference()), ANEW


def test_the_table_of_the_readme_is_up_to_date() -> None:
    text = README.read_text(encoding="utf-8")
    assert not difference(text, readme(text)), ANEW


def test_every_command_stands_in_the_reference() -> None:
    text = reference()
    missing = [path for path in COMMANDS if f"# custrec {' '.join(path)}\n" not in text]
    assert not missing


def difference(before: str, now: str) -> str:
    return "".join(difflib.unified_diff(before.splitlines(True), now.splitlines(True), "written", "now"))
