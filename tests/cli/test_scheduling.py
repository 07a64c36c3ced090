"""custrec schedule print: entries that cron, systemd and launchd can read and run, whatever the paths are called."""

from __future__ import annotations

import json
import plistlib
import re
import shlex
import shutil
import subprocess
from configparser import ConfigParser
from pathlib import Path
from typing import Any

import pytest

from terminal import BIN, PATIENCE, Desk, custrec

JOBS = ["nightly", "noon", "watch", "doctor", "maintain", "verify", "drill"]
LINE = re.compile(r"((?:(?:\*|\d+) ){5}) (.+)")
NAME = 'a "shop" 50% of $HOME'


@pytest.fixture
def shop(desk: Desk) -> Path:
    """A store in a folder whose name means something to every reader of the entries."""
    folder = desk.folder / NAME
    folder.mkdir()
    for words in (["init"], ["key", "init", "--i-accept-data-loss"]):
        assert custrec(*words, "-q", cwd=folder).code == 0
    (folder / "inbox").mkdir()
    (folder / "inbox" / "a.csv").write_text("客户编号,姓名\nC1,张伟\n", encoding="utf-8")
    return folder


def printed(shop: Path, *words: str) -> str:
    done = custrec("schedule", "print", *words, cwd=shop, cold=True)
    assert done.code == 0, done.err
    return done.out


def as_cron_reads(line: str) -> tuple[list[str], str]:
    """The five fields of a line of a crontab, and the command that the shell is given (crontab(5))."""
    found = LINE.fullmatch(line)
    assert found, line
    command = re.split(r"(?<!\\)%", found[2])
    assert len(command) == 1, "an unescaped % would become a line end"
    return found[1].split(), found[2].replace(r"\%", "%")


def started(words: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """Start a program as cron does: no terminal, next to no environment."""
    return subprocess.run(
        words,
        cwd=folder,
        env={"HOME": str(folder), "PATH": "/usr/bin:/bin", "SHELL": "/bin/sh"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=PATIENCE,
        check=False,
    )


def summary(shop: Path, name: str) -> dict[str, Any]:
    said: dict[str, Any] = json.loads((shop / f"custrec.{name}.json").read_text(encoding="utf-8"))
    return said


def test_the_lines_of_cron_run_in_an_empty_environment_and_are_silent(shop: Path, tmp_path: Path) -> None:
    lines = [line for line in printed(shop, "--at", "23:05").splitlines() if not line.startswith("#")]
    assert len(lines) == len(JOBS)
    for name, line in zip(JOBS, lines, strict=True):
        fields, command = as_cron_reads(line)
        assert all(
            field == "*" or 0 <= int(field) <= most for field, most in zip(fields, (59, 23, 31, 12, 7), strict=True)
        )
        done = started(["/bin/sh", "-c", command], tmp_path)
        if name == "drill":
            assert NAME in done.stdout
        elif name == "doctor":  # which does not like that backups lie on the very disk
            assert (done.returncode, done.stderr) == (3, "")
            assert done.stdout.startswith("warn  backups")
        else:
            assert (done.returncode, done.stdout + done.stderr) == (0, ""), name
    assert lines[0].startswith("5 23 * * *  ")
    codes = {name: summary(shop, name)["exit_code"] for name in JOBS[:5]}
    assert codes == dict.fromkeys(JOBS[:5], 0) | {"doctor": 3}
    steps = {one["step"]: one["exit_code"] for one in summary(shop, "nightly")["results"][0]["steps"]}
    assert steps["import"] == steps["backup"] == 0
    assert len(list((shop / "custrec.backups").glob("*.age"))) == 2


def test_the_units_of_systemd_are_valid_and_say_the_very_words(shop: Path, tmp_path: Path) -> None:
    folder = tmp_path / "made" / "units"
    done = custrec("schedule", "print", "--systemd", "--to", str(folder), cwd=shop, cold=True)
    assert done.code == 0, done.err
    assert sorted(path.name for path in folder.iterdir()) == sorted(
        f"custrec-{name}.{kind}" for name in JOBS for kind in ("service", "timer")
    )
    unit = ConfigParser(interpolation=None)
    unit.read(folder / "custrec-nightly.service", encoding="utf-8")
    words = [word.replace("%%", "%").replace("$$", "$") for word in shlex.split(unit["Service"]["ExecStart"])]
    assert words[words.index("--store") + 1] == str(shop / "custrec.db")
    assert started(words, tmp_path).returncode == 0
    if shutil.which("systemd-analyze"):
        paths = sorted(map(str, folder.iterdir()))
        checked = subprocess.run(
            ["systemd-analyze", "verify", "--man=no", *paths], capture_output=True, encoding="utf-8", check=False
        )
        assert [line for line in checked.stderr.splitlines() if "custrec" in line] == []


def test_the_lists_of_launchd_are_property_lists_and_run(shop: Path, tmp_path: Path) -> None:
    said = plistlib.loads(printed(shop, "--launchd", "--only", "nightly").encode())
    assert (said["Label"], said["StartCalendarInterval"]) == ("custrec.nightly", {"Hour": 2, "Minute": 15})
    assert said["StandardErrorPath"] == str(shop / "custrec.nightly.log")
    assert started(said["ProgramArguments"], tmp_path).returncode == 0
    weekly = plistlib.loads(printed(shop, "--launchd", "--only", "maintain").encode())
    assert weekly["StartCalendarInterval"]["Weekday"] == 0


def test_stores_of_other_names_have_entries_of_their_own(shop: Path) -> None:
    (shop / "custrec.db").rename(shop / "kunden 深圳.db")
    out = printed(shop, "--systemd", "--only", "watch", "--store", str(shop / "kunden 深圳.db"))
    assert out.startswith("# custrec-kunden___-watch.service\n")


def test_jobs_and_times_that_are_none_are_refused(shop: Path) -> None:
    for words in (["--only", "luck"], ["--at", "noon"], ["--cron", "--systemd"], ["--to", "here"]):
        assert custrec("schedule", "print", *words, cwd=shop).code == 2
    assert custrec("schedule", "print", "--store", "nowhere.db", cwd=shop).code == 7
    assert str(BIN / "custrec") in printed(shop) or "-m custrec" in printed(shop)
