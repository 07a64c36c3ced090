"""Every error that custrec raises has an example in examples/errors that brings it about, and says what it should."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from custrec import errors
from custrec.errors import CustrecError
from error_gallery import GALLERY, README, Example, examples, page

NOT_TO_BE_SHOWN = {
    "worker-died": "a process would have to be ended at the right moment: tests of jobs.importing.staging",
    "derived-damaged": "who meets it begins once more: tests/cli/test_damaged_derived.py",
    "disk-full": "a disk would have to be filled: tests with a limit on the size of files",
    "source-moved": "the file would have to change between two readings: tests of jobs.importing.refused",
    "plan-busy": "two people would have to be at one plan at once: tests/cli/test_plan_walk.py",
    "backup-not-proved": "memory or disk would have to fail while it is made",
    "backup-of-other-schema": "no command of this version changes the schema of a store: tests/cli/test_backups.py",
    "backup-room-missing": "a disk would have to be filled: tests/cli/test_backup_faults.py",
    "not-allowed": "rights do not exist in this version",
    "currency-unreadable": "no command brings it about: tests of jobs.exports, with a store that was altered",
    "declined": "somebody would have to answer at a terminal: tests/test_at_a_terminal.py",
}
"""Errors without a folder, and why."""


def kinds(of: type[CustrecError] = CustrecError) -> Iterator[type[CustrecError]]:
    """Every class of error that has a slug of its own."""
    for kind in of.__subclasses__():
        if "slug" in vars(kind):
            yield kind
        yield from kinds(kind)


KINDS = {kind.slug: kind for kind in kinds()}
EXAMPLES = examples()


@pytest.mark.skipif(shutil.which("sh") is None, reason="the examples are shell scripts")
@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.slug)
def test_an_example_says_what_it_should(example: Example, tmp_path: Path) -> None:
    if example.not_as_root and (not hasattr(os, "geteuid") or os.geteuid() == 0):
        pytest.skip("root may do everything")
    assert example.run(tmp_path) == example.expected, "to write it anew: python tests/error_gallery.py --write"


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.slug)
def test_an_example_shows_the_error_of_its_name(example: Example) -> None:
    kind = KINDS[example.slug]
    sentence = re.sub(r"\\\{[^}]*\}", ".*", re.escape(kind.sentence))
    assert example.code == kind.exit_code
    assert re.match(f"custrec: {sentence}(\n| · )", example.words), kind.sentence


def test_every_error_has_an_example_or_a_reason_why_not() -> None:
    shown = {example.slug for example in EXAMPLES}
    assert set(KINDS) - shown - set(NOT_TO_BE_SHOWN) == set()
    assert shown & set(NOT_TO_BE_SHOWN) == set()
    assert set(NOT_TO_BE_SHOWN) <= set(KINDS)


def test_every_error_is_raised_somewhere() -> None:
    source = Path(errors.__file__).parents[1]
    code = "".join(path.read_text(encoding="utf-8") for path in source.rglob("*.py") if path.parent.name != "errors")
    called = set(re.findall(r"\b(\w+)\(", code))
    idle = {slug for slug, kind in KINDS.items() if kind.__name__ not in called}
    assert idle == {"not-allowed"}


def test_slugs_are_unique_and_classes_have_one() -> None:
    classes = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, CustrecError)]
    leaves = [kind for kind in classes if not kind.__subclasses__()]
    assert all("slug" in vars(kind) for kind in leaves)
    slugs = [kind.slug for kind in kinds()]
    assert len(slugs) == len(set(slugs))
    assert all(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", slug) for slug in slugs)


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_a_sentence_is_plain_and_its_hint_something_to_do(kind: type[CustrecError]) -> None:
    for text in (kind.sentence, kind.remedy):
        assert not text.endswith(".")
        assert not re.match(r"[A-Z](?!LL)", text)
        assert "error" not in text.lower()
        assert "try:" not in text
    assert kind.__doc__


def test_an_example_is_small_and_begins_with_what_happened() -> None:
    for example in EXAMPLES:
        first, *rest = example.command.splitlines()
        assert re.fullmatch(r"# [A-Z].*[.)]", first), example.slug
        assert 1 <= len(rest) <= 12
        assert sum(file.stat().st_size for file in example.folder.iterdir()) < 4096


def test_the_page_of_the_gallery_is_current() -> None:
    assert README.read_text(encoding="utf-8") == page(), "to write it anew: python tests/error_gallery.py --write"
    assert {path.name for path in GALLERY.iterdir()} == {example.slug for example in EXAMPLES} | {"README.md"}
