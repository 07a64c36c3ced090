"""docs/backup-format.md is true: its very commands make a store of a backup, and it names every key of a manifest."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from custrec.model.backups import Manifest
from terminal import Desk, environment

PAGE = (Path(__file__).parent.parent / "docs" / "backup-format.md").read_text(encoding="utf-8")
PROGRAMS = ("sh", "ssh-keygen", "sha256sum", "age", "zstd", "sqlite3")
LACKING = [name for name in PROGRAMS if shutil.which(name) is None]


@pytest.mark.skipif(bool(LACKING), reason=f"not installed: {', '.join(LACKING)}")
def test_the_commands_of_the_page_make_a_store(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "desk")
    desk.take("no,name\nC1,Ann Lee\nC2,王芳\n")
    assert desk.run("key", "init", "--i-accept-data-loss").code == 0
    assert desk.run("backup", "create").code == 0
    away = tmp_path / "away"
    shutil.copytree(desk.folder / "custrec.backups", away)
    shutil.copy(desk.folder / "custrec" / "identity", away / "identity")
    shutil.copy(desk.folder / "custrec.signers", away)
    (file,) = away.glob("*.age")
    manifest = json.loads(file.with_name(f"{file.name}.json").read_text())
    (lines,) = re.findall(r"^```sh\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    done = subprocess.run(
        ["sh", "-ec", lines],
        cwd=away,
        env=environment(away, FILE=file.name),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    said = done.stdout.splitlines()
    assert said[0].startswith('Good "custrec-backup" signature for custrec')
    assert said[1].split()[0] == manifest["sealed"]["sha256"]
    assert said[2].split()[0] == manifest["plain"]["sha256"]
    assert said[3] == "ok"
    assert (away / "schema.yaml").read_bytes() == (desk.folder / "schema.yaml").read_bytes()
    assert desk.run("list", "--store", away / "store.db").out == desk.run("list").out


def test_the_page_names_every_key_of_a_manifest() -> None:
    table = PAGE.partition("## The manifest")[2].partition("## The signature")[0]
    told = {name for row in re.findall(r"^\| (.*?) \|", table, re.MULTILINE) for name in re.findall(r"`(\w+)`", row)}
    assert told == {"schema", "file", *Manifest.__dataclass_fields__}
