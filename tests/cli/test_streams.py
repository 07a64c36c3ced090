"""Pipes: standard input and output, closed early, and what -q says."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from terminal import Desk, environment


def test_standard_input_is_a_file_like_any_other(desk: Desk) -> None:
    said = desk.run("import", "-", stdin="no,name\nC1,张伟\n".encode())
    assert (said.code, said.raw) == (0, b"")
    assert "standard input → customers: 1 row read" in said.err
    assert desk.rows("SELECT name FROM customers") == ["张伟"]


def test_rows_refused_late_are_kept_from_standard_input_too(desk: Desk) -> None:
    """Their cells are read again, from a copy of what can be read only once; the copy is gone afterwards."""
    rows = b"no,name,city\nC1,Ann,\xffParis\nC2,Bo, Oslo \nC2,Bo,Rome\n"
    said = desk.run("import", "-", "--json", stdin=rows)
    assert (said.code, said.json["rules"]) == (3, {"undecodable": 1, "same-key": 2})
    (place,) = (desk.folder / "custrec.rejects").iterdir()
    lines = place.read_bytes().splitlines()
    assert lines[1].endswith(b",C1,Ann,\xffParis")
    assert lines[2].endswith(b",C2,Bo, Oslo ")
    assert lines[3].endswith(b",C2,Bo,Rome")
    assert list((desk.folder / "custrec.plans").iterdir()) == []


def test_a_bad_stream_leaves_nothing_behind(desk: Desk) -> None:
    for content in (b"", b"%PDF-1.4\n", b'no,name\nC1,"Ann\n'):
        before = desk.files()
        said = desk.run("import", "-", stdin=content)
        assert (said.code, said.raw) == (4, b"")
        assert "standard input" in said.err
        assert desk.files() == before


def test_what_list_writes_import_reads(desk: Desk) -> None:
    desk.take('no,name,city,since\nC1,"Lee, Ann","a ""b""\nc",2024-01-05\nC2,张伟,,\n')
    listed = desk.run("list", "--format", "csv")
    again = desk.run("import", "-", "--json", "--ignore-columns", stdin=listed.raw)
    assert again.json["counts"]["same"] == 2, again


@pytest.mark.parametrize("form", ["csv", "json", "ids", "table"])
def test_a_reader_who_has_had_enough_is_no_error(desk: Desk, form: str) -> None:
    desk.take("no,name,city\n" + "".join(f"C{number},Ann,{'x' * 60}\n" for number in range(3000)))
    process = subprocess.Popen(
        [sys.executable, "-m", "custrec", "list", "--all", "--format", form],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=desk.folder,
        env=environment(desk.folder),
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.read(10)
    process.stdout.close()
    words = process.stderr.read().decode()
    process.stderr.close()
    assert process.wait(timeout=60) == 0
    assert words in ("", "3,000 records\n")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("words", [("list", "--json"), ("list",), ("schema", "json"), ("history", "--json")])
def test_a_full_disk_under_standard_output_is_said(desk: Desk, words: tuple[str, ...]) -> None:
    desk.take("no,name\nC1,Ann\n")
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "custrec", *words],
            stdout=full,
            stderr=subprocess.PIPE,
            cwd=desk.folder,
            env=environment(desk.folder),
            timeout=60,
            check=False,
        )
    assert done.returncode == 10, done
    assert b"no space left on device" in done.stderr
    assert b"Traceback" not in done.stderr
    assert b"Exception" not in done.stderr


def test_quiet_says_nothing_when_all_is_well(desk: Desk) -> None:
    desk.write("in.csv", "no,name\nC1,Ann\n")
    assert desk.run("import", "in.csv", "-q") == desk.run("import", "in.csv", "-q")
    for words in (
        ("import", "in.csv"),
        ("undo",),
        ("redo",),
        ("history", "verify"),
        ("find", "nobody"),
        ("plan", "list"),
    ):
        said = desk.run(*words, "-q")
        assert (said.code, said.out, said.err) == (0, "", ""), words


def test_quiet_says_one_line_when_rows_are_rejected(desk: Desk) -> None:
    desk.write("in.csv", "no,name\nC1,Ann\nC2,\nC3,\n")
    said = desk.run("import", "in.csv", "-q")
    assert (said.code, said.out) == (3, "")
    assert said.err == "custrec: 2 rows rejected, see custrec.rejects/1.csv\n"


def test_quiet_does_not_silence_errors(desk: Desk) -> None:
    said = desk.run("import", "none.csv", "-q")
    advice = "try: check the name, or give - to read from standard input"
    assert (said.code, said.err) == (4, f"custrec: there is no file none.csv · {advice}\n"), (
        "one line, as cron mails it"
    )


def test_quiet_prints_the_data_that_was_asked_for(desk: Desk) -> None:
    desk.take("no,name\nC1,Ann\n")
    assert desk.run("list", "-q").out.splitlines()[-1].startswith("C1")
    assert desk.run("list", "-q").err == ""
    assert desk.run("import", "in.csv", "-q", "--json").json["counts"]["same"] == 1


def test_a_locale_without_chinese_characters_is_no_error(desk: Desk) -> None:
    desk.take("no,name\nC1,张伟\n")
    said = desk.run("list", cold=True, PYTHONUTF8="0", LC_ALL="C", PYTHONIOENCODING="latin-1")
    assert said.code == 0
    assert rb"\u5f20\u4f1f" in said.raw
