"""The lines of examples/cron, each run as cron, systemd or launchd runs it: no terminal, no language, a short PATH."""

from __future__ import annotations

import contextlib
import json
import os
import plistlib
import re
import shlex
import shutil
import signal
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from configparser import ConfigParser
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from terminal import BIN, PATIENCE

ROOT = Path(__file__).parent.parent
EXAMPLES = ROOT / "examples" / "cron"
FIELD = r"[\d*/,-]+"
CRONTAB = re.findall(rf"^((?:{FIELD} +){{5}})(.+)$", (EXAMPLES / "crontab").read_text(encoding="utf-8"), re.MULTILINE)
"""When and what, as the crontab has it."""
LINES = {
    re.findall(r"bin/custrec (\w+(?: head| verify| create| status)?)", line)[0]: line.strip() for _, line in CRONTAB
}
"""The lines by the command that they run."""

pytestmark = pytest.mark.skipif(shutil.which("sh") is None, reason="cron runs a shell")


@dataclass(frozen=True)
class Night:
    """A home with a shop, an inbox and custrec where pipx puts it."""

    home: Path

    @property
    def shop(self) -> Path:
        """The folder of the store."""
        return self.home / "shop"

    @property
    def environment(self) -> dict[str, str]:
        """All that cron gives."""
        return {"HOME": str(self.home), "LOGNAME": "lin", "SHELL": "/bin/sh", "PATH": "/usr/bin:/bin"}

    def arrives(self, name: str, text: str) -> None:
        """A file in the inbox."""
        (self.shop / "inbox" / name).write_text(text, encoding="utf-8")

    def runs(self, what: str) -> subprocess.CompletedProcess[str]:
        """Run the crontab's line for a command, as cron does."""
        return self.sh(LINES[what])

    def sh(self, line: str) -> subprocess.CompletedProcess[str]:
        """Run a line of shell as cron does."""
        return self.process(["/bin/sh", "-c", line], self.home)

    def process(self, words: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
        """Run a program in cron's environment."""
        return subprocess.run(
            words,
            cwd=folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            timeout=PATIENCE,
            check=False,
        )

    def summary(self, name: str = "import.json") -> dict[str, Any]:
        """What a monitor reads."""
        said: dict[str, Any] = json.loads((self.shop / name).read_text(encoding="utf-8"))
        return said


@pytest.fixture
def night(tmp_path: Path) -> Night:
    """A home with a store of the default schema in ~/shop."""
    (tmp_path / ".local" / "bin").mkdir(parents=True)
    (tmp_path / ".local" / "bin" / "custrec").symlink_to(BIN / "custrec")
    (tmp_path / "shop" / "inbox").mkdir(parents=True)
    made = Night(tmp_path)
    assert made.sh("$HOME/.local/bin/custrec init $HOME/shop -q").returncode == 0
    return made


def said(done: subprocess.CompletedProcess[str]) -> tuple[int, str]:
    """The exit code and the mail that cron would send."""
    return done.returncode, done.stdout + done.stderr


def test_there_are_lines_to_run() -> None:
    words = {"nightly", "import", "validate", "maintain", "doctor", "history head", "history verify", "status"}
    assert set(LINES) == words | {"backup create", "backup status"}
    assert all("%" not in line.replace(r"\%", "") for line in LINES.values())


def test_all_lines_are_silent_where_all_is_well_and_may_run_again(night: Night) -> None:
    night.arrives("monday.csv", "客户编号,姓名,电话\nC1,张伟,138 0013 8000\nC2,Zoë Smith,\n")
    for _ in range(2):
        for what in ("nightly", "import", "validate", "maintain", "doctor", "history head", "history verify", "status"):
            assert said(night.runs(what)) == (0, ""), what
    assert night.summary()["exit_code"] == 0
    assert night.summary()["results"] == []
    assert [f["level"] for f in night.summary("doctor.json")["results"][0]["findings"] if f["level"] == "bad"] == []


def test_backups_are_silent_where_all_is_well_and_the_readme_has_the_very_lines(night: Night) -> None:
    assert night.sh("cd shop && $HOME/.local/bin/custrec key init -q --i-accept-data-loss >/dev/null").returncode == 0
    (night.shop / "custrec.yaml").write_text("backup_keep: last 3\n", encoding="utf-8")
    for _ in range(4):
        assert said(night.runs("backup create")) == (0, "")
    assert len(list((night.shop / "custrec.backups").glob("*.age"))) == 3
    assert said(night.runs("backup status")) == (0, "")
    (night.shop / "custrec.yaml").write_text(
        "backup_keep: last 3\ntargets: [custrec.backups, stick]\n", encoding="utf-8"
    )
    code, mail = said(night.runs("backup create"))
    assert (code, mail.count("\n")) == (3, 1), mail
    code, mail = said(night.runs("backup status"))
    assert code == 3
    assert "stick" in mail
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert all(line in readme for when, what in CRONTAB if "backup" in what for line in [when + what])


def test_rejected_rows_are_one_line_of_mail_exit_code_three_and_counted_for_the_monitor(night: Night) -> None:
    night.arrives("monday.csv", "客户编号,姓名,电话\nC1,张伟,12\nC2,李娜,\n")
    code, mail = said(night.runs("import"))
    assert code == 3
    assert re.fullmatch(r"custrec: 1 row rejected, see custrec\.rejects/1\.csv\n", mail)
    summary = night.summary()
    assert (summary["schema"], summary["command"], summary["exit_code"]) == ("custrec.summary/1", "import", 3)
    (result,) = summary["results"]
    assert (result["event"], result["actor"].split()[0]) == (1, "nightly")
    assert (result["counts"]["insert"], result["counts"]["rejected"], result["rules"]) == (1, 1, {"phone-invalid": 1})
    assert "张伟" not in (night.shop / "import.json").read_text(encoding="utf-8")
    assert said(night.runs("import")) == (0, ""), "what was imported is not looked at again"
    code, mail = said(night.runs("status"))
    assert code == 3
    assert "custrec.rejects/1.csv · 1 row" in mail


def test_a_file_that_is_no_list_is_one_line_of_mail_and_does_not_stop_the_others(night: Night) -> None:
    night.arrives("bad.csv", "Surname,Shoe size\nZhang,42\n")
    night.arrives("good.csv", "客户编号,姓名\nC1,张伟\n")
    code, mail = said(night.runs("import"))
    assert code == 4
    assert mail.count("\n") == 1
    assert mail.startswith("custrec: bad.csv: ")
    summary = night.summary()
    assert [(error["thing"], error["error"]) for error in summary["errors"]] == [("bad.csv", "no-known-columns")]
    assert [result["counts"]["insert"] for result in summary["results"]] == [1]


def test_findings_are_mailed_by_their_shape_alone(night: Night) -> None:
    schema = night.shop / "schema.yaml"
    night.arrives("a.csv", "客户编号,姓名,创建日期,最近联系\nC1,张伟,2024-05-01,2023-05-01\n")
    assert night.runs("import").returncode == 0
    assert "contacted before it was created" in schema.read_text(encoding="utf-8")
    code, mail = said(night.runs("validate"))
    assert code == 3
    assert "contacted before it was created" in mail
    assert "2023" not in mail


@contextlib.contextmanager
def stopped_while_writing(night: Night) -> Iterator[None]:
    """A large import of Li's, held up in the middle of its transaction; it goes on afterwards."""
    rows = "".join(f"C{n},Ann {chr(65 + n % 26)}n\n" for n in range(60_000))
    (night.shop / "large.csv").write_text("客户编号,姓名\n" + rows, encoding="utf-8")
    words = [BIN / "custrec", "import", "large.csv", "-q", "--jobs", "1", "--actor", "li"]
    writer = subprocess.Popen(words, cwd=night.shop, env=night.environment)
    try:
        deadline = time.monotonic() + PATIENCE
        while not (night.shop / "custrec.writer").exists():
            assert time.monotonic() < deadline
            assert writer.poll() is None
            time.sleep(0.002)
        os.kill(writer.pid, signal.SIGSTOP)
        yield
    finally:
        os.kill(writer.pid, signal.SIGCONT)
        assert writer.wait(PATIENCE) == 0


def test_an_overlapping_run_ends_with_six_and_says_who_holds_the_lock_and_the_next_one_is_well(night: Night) -> None:
    night.arrives("monday.csv", "客户编号,姓名\nM1,张伟\n")
    line = LINES["import"].replace("--wait 600", "--wait 0.2")
    assert line != LINES["import"]
    with stopped_while_writing(night):
        code, mail = said(night.sh(line))
        assert code == 6
        assert mail.count("\n") == 1
        assert re.search(r"custrec\.db is being written by li .*import.*; waited 0\.2 s", mail), mail
        assert (night.summary()["exit_code"], night.summary()["errors"][0]["error"]) == (6, "store-busy")
    assert said(night.sh(line)) == (0, "")
    assert night.summary()["results"][0]["counts"]["insert"] == 1


def test_two_imports_at_once_wait_for_each_other_and_both_are_in(night: Night) -> None:
    rows = "".join(f"C{n},Ann {chr(65 + n % 26)}n\n" for n in range(3000))
    (night.shop / "one.csv").write_text("客户编号,姓名\n" + rows, encoding="utf-8")
    (night.shop / "two.csv").write_text("客户编号,姓名\n" + rows.replace("C", "D"), encoding="utf-8")
    line = "cd $HOME/shop && $HOME/.local/bin/custrec import {} -q --wait 60"
    both = [
        subprocess.Popen(["/bin/sh", "-c", line.format(name)], cwd=night.home, env=night.environment)
        for name in ("one.csv", "two.csv")
    ]
    assert [process.wait(PATIENCE) for process in both] == [0, 0]
    with contextlib.closing(sqlite3.connect(night.shop / "custrec.db")) as reader:
        assert reader.execute("SELECT count(*) FROM customers").fetchone() == (6000,)


def test_a_monitor_is_told_of_a_store_that_is_gone(night: Night) -> None:
    (night.shop / "custrec.db").unlink()
    code, mail = said(night.runs("import"))
    assert code == 7
    assert mail.count("\n") == 1
    assert night.summary()["errors"][0]["error"] == "store-missing"
    code, _ = said(night.runs("doctor"))
    assert (code, night.summary("doctor.json")["exit_code"]) == (7, 7)


def test_a_summary_that_cannot_be_written_stops_the_command_before_it_began(night: Night) -> None:
    night.arrives("monday.csv", "客户编号,姓名\nC1,张伟\n")
    code, mail = said(night.sh(LINES["import"].replace("shop/import.json", "nowhere/import.json")))
    assert code == 10
    assert "nowhere/import.json" in mail
    assert said(night.runs("import")) == (0, "")
    assert night.summary()["results"][0]["event"] == 1


def test_the_unit_of_systemd_runs(night: Night) -> None:
    unit = ConfigParser(interpolation=None)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read(EXAMPLES / "custrec-inbox.service", encoding="utf-8")
    service = {name: text.replace("%h", str(night.home)) for name, text in unit["Service"].items()}
    night.arrives("monday.csv", "客户编号,姓名\nC1,张伟\n")
    done = night.process(shlex.split(service["ExecStart"]), Path(service["WorkingDirectory"]))
    assert said(done) == (0, "")
    assert night.summary()["results"][0]["counts"]["insert"] == 1


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not here")
def test_systemd_finds_no_fault_in_the_units(night: Night, tmp_path: Path) -> None:
    units = tmp_path / "units"
    units.mkdir()
    for path in sorted(EXAMPLES.glob("custrec-inbox.*")):
        text = path.read_text(encoding="utf-8").replace("%h", str(night.home))
        (units / path.name).write_text(text, encoding="utf-8")
    words = ["systemd-analyze", "verify", "--man=no", str(units / "custrec-inbox.timer")]
    done = subprocess.run(
        [*words, str(units / "custrec-inbox.service")], capture_output=True, encoding="utf-8", check=False
    )
    assert [line for line in done.stderr.splitlines() if "custrec" in line] == []


def test_the_job_of_launchd_runs(night: Night) -> None:
    job = plistlib.loads((EXAMPLES / "custrec.inbox.plist").read_bytes())
    assert job["StartCalendarInterval"] == {"Hour": 2, "Minute": 15}
    night.arrives("monday.csv", "客户编号,姓名\nC1,张伟\n")
    assert said(night.process(job["ProgramArguments"], Path("/"))) == (0, "")
    assert night.summary()["results"][0]["counts"]["insert"] == 1


def test_an_interrupted_import_tells_the_monitor_so(night: Night) -> None:
    os.mkfifo(night.shop / "pipe")
    line = f"cd {night.shop} && exec {BIN / 'custrec'} import - -q --summary-file {night.shop / 'import.json'} < pipe"
    process = subprocess.Popen(["/bin/sh", "-c", line], env=night.environment, stderr=subprocess.PIPE, text=True)
    with (night.shop / "pipe").open("w", encoding="utf-8") as pipe:
        pipe.write("客户编号,姓名\n")
        pipe.flush()
        time.sleep(1.0)
        process.terminate()
        _, words = process.communicate(timeout=PATIENCE)
    assert process.returncode == 143
    assert words == "custrec: interrupted; nothing of what was in progress was written\n"
    assert night.summary()["exit_code"] == 143
