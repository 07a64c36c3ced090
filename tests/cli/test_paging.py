"""Long output on a terminal goes through a pager, as with git; everywhere else it does not."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from pseudo_terminal import on_terminal
from terminal import BIN, Desk, environment

MARK = "shown by the pager"


@pytest.fixture
def long_desk(desk: Desk) -> Desk:
    """A desk with more records than a screen has lines."""
    desk.take("no,name\n" + "".join(f"C{number:03},张伟\n" for number in range(200)))
    desk.write("pager", f"#!/bin/sh\necho '{MARK}' LESS=$LESS\ncat\n").chmod(0o755)
    return desk


def shown(desk: Desk, *words: str, keys: str = "", out: Path | None = None, **more: str) -> tuple[int, str]:
    """A command on a terminal; by default with a pager that says that it was there."""
    here = environment(desk.folder, **{"CUSTREC_PAGER": "./pager", "LC_ALL": "C.UTF-8"} | more)
    command = [str(BIN / "custrec"), *words]
    if out is None:
        return on_terminal(command, desk.folder, here, keys, lines=24)
    with out.open("wb") as stream:
        return on_terminal(command, desk.folder, here, keys, out=stream)


@pytest.mark.parametrize(
    "words", [("list", "--all"), ("history",), ("show", "C001"), ("blame", "C001"), ("find", "张伟")]
)
def test_a_pager_shows_what_is_printed_and_words_come_after_it(long_desk: Desk, words: tuple[str, ...]) -> None:
    code, seen = shown(long_desk, *words)
    assert code == 0
    assert f"{MARK} LESS=FRX" in seen
    if words[0] == "list":
        assert seen.index(MARK) < seen.index("C000") < seen.index("C199") < seen.index("200 records")
        assert "\x1b[1m" in seen  # colours stay


@pytest.mark.parametrize(
    "words",
    [
        ("list", "--no-pager"),
        ("list", "-q"),
        ("list", "--json"),
        ("list", "--format", "csv"),
        ("history", "--json"),
        ("tag",),
    ],
)
def test_there_is_no_pager_where_none_is_wanted(long_desk: Desk, words: tuple[str, ...]) -> None:
    assert MARK not in shown(long_desk, *words)[1]


@pytest.mark.parametrize("more", [{"CUSTREC_PAGER": ""}, {"CUSTREC_PAGER": "cat"}, {"CUSTREC_PAGER": "no-such-pager"},
                                  {"CUSTREC_PAGER": "'"}, {"TERM": "dumb"}])  # fmt: skip
def test_the_environment_can_do_without(long_desk: Desk, more: dict[str, str]) -> None:
    code, seen = shown(long_desk, "list", "--all", **more)
    assert (code, MARK in seen, "C199" in seen) == (0, False, True)


def test_there_is_no_pager_in_a_pipe_or_a_file(long_desk: Desk) -> None:
    assert MARK not in long_desk.run("list", "--all", CUSTREC_PAGER="./pager").out
    place = long_desk.folder / "out.txt"
    assert MARK not in shown(long_desk, "list", "--all", out=place)[1] + place.read_text(encoding="utf-8")


def test_pager_is_heard_too(long_desk: Desk) -> None:
    here = environment(long_desk.folder, PAGER="./pager", LC_ALL="C.UTF-8")
    assert MARK in on_terminal([str(BIN / "custrec"), "list"], long_desk.folder, here)[1]


def test_a_pager_that_is_closed_early_is_no_error(long_desk: Desk) -> None:
    long_desk.take("no,name\n" + "".join(f"D{number:05},{'x' * 60}\n" for number in range(5000)))
    long_desk.write("pager", "#!/bin/sh\nhead -n 1\n")
    code, seen = shown(long_desk, "list", "--all")
    assert code == 0
    assert "custrec:" not in seen


def test_errors_are_said_as_ever(long_desk: Desk) -> None:
    code, seen = shown(long_desk, "show", "C999")
    assert code == 2
    assert "customers has no record C999" in seen


@pytest.mark.skipif(shutil.which("less") is None, reason="less is not installed")
def test_less_waits_with_a_long_list_and_ends_at_once_with_a_short_one(long_desk: Desk) -> None:
    code, seen = shown(long_desk, "list", "--all", keys=" q", CUSTREC_PAGER="less")
    assert (code, "C001" in seen, "C199" in seen, "200 records" in seen) == (0, True, False, True)
    code, seen = shown(long_desk, "list", "--where", "no = C001", CUSTREC_PAGER="less")
    assert (code, "C001" in seen) == (0, True)
