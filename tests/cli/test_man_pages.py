"""The manual pages: one for every command, and troff that no formatter complains of."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from terminal import BIN, Desk, custrec
from walk import COMMANDS


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All manual pages as files."""
    folder = tmp_path_factory.mktemp("manual")
    said = custrec("man", "--to", "man1", cwd=folder)
    assert (said.code, said.out) == (0, "")
    return folder / "man1"


def test_there_is_a_page_for_every_command(pages: Path) -> None:
    expected = {"custrec.1", *("-".join(("custrec", *path)) + ".1" for path in COMMANDS)}
    assert {page.name for page in pages.iterdir()} == expected


@pytest.mark.parametrize(
    "checker",
    [["groff", "-man", "-ww", "-Tutf8", "-k"], ["mandoc", "-Tlint", "-Wwarning"], ["man", "--warnings", "-l"]],
)
def test_formatters_have_no_complaints(pages: Path, checker: list[str]) -> None:
    if shutil.which(checker[0]) is None:
        pytest.skip(f"{checker[0]} is not installed")
    for page in sorted(pages.iterdir()):
        done = subprocess.run([*checker, str(page)], capture_output=True, check=False, timeout=60)
        complaint = done.stdout if checker[0] == "mandoc" else done.stderr
        assert (done.returncode, complaint) == (0, b""), page.name


@pytest.mark.skipif(shutil.which("groff") is None, reason="groff is not installed")
@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_a_page_shows_what_help_says(pages: Path, path: tuple[str, ...], tmp_path: Path) -> None:
    page = pages / ("-".join(("custrec", *path)) + ".1")
    made = subprocess.run(
        ["groff", "-man", "-Tutf8", "-P-c", "-k", str(page)], capture_output=True, check=True, timeout=60
    )
    plain = subprocess.run(
        ["col", "-b"], input=made.stdout, capture_output=True, check=True, timeout=60
    ).stdout.decode()
    words = " ".join(plain.split()).replace("‐", "-")
    said = custrec(*path, "--help", cwd=tmp_path).out
    for line in said.partition("Examples:")[2].splitlines()[1:]:
        if line.strip() and line.strip() != "Exit codes:":
            assert " ".join(line.split()) in words, line
    for title in ("NAME", "SYNOPSIS", "DESCRIPTION", "EXAMPLES", "EXIT STATUS"):
        assert f"\n{title}\n" in plain


def test_a_group_and_custrec_itself_have_a_page_too(desk: Desk) -> None:
    assert "custrec\\ history" in desk.run("man", "history").out.replace("custrec history", "custrec\\ history")
    whole = desk.run("man").out
    for path in COMMANDS:
        assert f"\\fB{' '.join(('custrec', *path))}\\fR" in whole
    assert "custrec import list" not in desk.run("man", "history").out


def test_a_mistyped_command_is_answered_with_the_nearest(desk: Desk) -> None:
    said = desk.run("man", "histroy", "list")
    assert (said.code, said.err) == (2, "custrec: there is no command histroy list\n  did you mean history list?\n")


def test_a_folder_that_cannot_be_made_is_said(desk: Desk) -> None:
    desk.write("taken", "")
    said = desk.run("man", "--to", "taken")
    assert said.code == 10
    assert "taken" in said.err


@pytest.mark.skipif(shutil.which("man") is None or shutil.which("script") is None, reason="needs man and script")
def test_on_a_terminal_man_shows_the_page(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MANPAGER", "cat")
    monkeypatch.setenv("TERM", "dumb")
    done = subprocess.run(
        ["script", "-qec", f"'{BIN / 'custrec'}' man undo", "/dev/null"], capture_output=True, check=True, timeout=60
    )
    assert b"CUSTREC-UNDO(1)" in done.stdout
    assert b".TH" not in done.stdout
