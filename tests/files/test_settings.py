"""custrec.yaml: what may stand in it, and every fault at once with its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from custrec.errors import FileUnreadable, SettingsInvalid
from custrec.files.settings import load_settings
from custrec.model.settings import SETTINGS, Limit


def load(folder: Path, content: str | bytes) -> dict[str, object]:
    path = folder / "custrec.yaml"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return load_settings(path, "custrec.yaml")


def test_every_setting_can_be_said(tmp_path: Path) -> None:
    said = load(tmp_path, "version: 1\nmax_change: 5% or 50\nactor: 销售部\nwait: 2.5\ncolor: never\njobs: 2\n")
    assert said == {"max_change": Limit(5, 50), "actor": "销售部", "wait": 2.5, "color": "never", "jobs": 2}


@pytest.mark.parametrize("content", ["", "\n\n", "# wait: 5\n  # more\n", "\ufeff# wait: 5\n"])
def test_a_file_that_says_nothing_is_fine(tmp_path: Path, content: str) -> None:
    assert load(tmp_path, content) == {}


def test_no_file_says_nothing(tmp_path: Path) -> None:
    assert load_settings(tmp_path / "none.yaml", "none.yaml") == {}


def test_all_faults_are_said_at_once_in_the_order_of_the_file(tmp_path: Path) -> None:
    with pytest.raises(SettingsInvalid) as caught:
        load(tmp_path, "max_chnge: 5%\njobs: 20\nwait: [1]\ncolor:\nzzz: 1\njobs: 2\nversion: 2\n")
    assert caught.value.details == (
        "line 1, column 1: unknown setting 'max_chnge'; did you mean 'max_change'?",
        "line 2, column 7: 'jobs' takes a number of processes, from 1 to 8, not '20'",
        "line 3, column 7: 'wait' takes one value",
        "line 4, column 7: 'color' has no value",
        f"line 5, column 1: unknown setting 'zzz'; there are: {', '.join(SETTINGS)}",
        "line 6, column 1: the key 'jobs' stands twice; first in line 2",
        "line 7, column 10: 'version' is 1",
    )


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("just words\n", "the file needs a mapping"),
        ("- wait: 5\n", "the file needs a mapping"),
        ("wait: &a 5\n", "the anchor '&a' is not read"),
        ("wait: [}\n", "this is not YAML"),
        (b"wait: \xff\n", "not UTF-8"),
        (b"\xff\xfew\0", "the file is UTF-16"),
    ],
)
def test_what_is_no_settings_file_is_said(tmp_path: Path, content: str | bytes, words: str) -> None:
    with pytest.raises(SettingsInvalid) as caught:
        load(tmp_path, content)
    assert words in "\n".join(caught.value.details)


def test_what_cannot_be_read_as_a_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(FileUnreadable):
        load_settings(tmp_path, "custrec.yaml")
