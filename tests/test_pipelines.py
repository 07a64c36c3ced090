"""The pipelines of examples/pipelines, each run as it stands; and a day of ten commands that feed each other."""

from __future__ import annotations

import importlib.util
import json
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from terminal import PATIENCE, environment, path_with_custrec

ROOT = Path(__file__).parent.parent
EXAMPLES = ROOT / "examples"
SCRIPTS = sorted((EXAMPLES / "pipelines").glob("*.sh"))

pytestmark = pytest.mark.skipif(shutil.which("sh") is None, reason="pipelines are a shell's")

SAYS = {
    "another-program": ["1 new", "C0201 许晴 +8613900138201"],
    "counts": ["     16 CN", "      1 JP"],
    "difference": ["< 3,C0003,王芳,", "> 3,C0003,王芳,"],
    "ids": ["  undelete  ", "  ~3  ", "  tag  ", "  ~11  "],
    "mend-in-place": ["event 2 · undo with: custrec undo 2"],
    "shop-export": ["custrec: 12 rows rejected, see rejected.csv", "22;phone;phone-invalid"],
    "sqlite": ["active  16         1173500", "lead    6"],
}
"""What each script says, some lines of it."""


@dataclass(frozen=True)
class Shell:
    """A folder with the example files, a store, and a shell."""

    folder: Path

    def run(self, script: str, *words: str) -> tuple[int, str]:
        """Run lines of shell; exit code, and all that was said."""
        done = subprocess.run(
            ["sh", "-euc", script, *words],
            cwd=self.folder,
            env=environment(self.folder, PATH=path_with_custrec()),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            timeout=PATIENCE,
            check=False,
        )
        return done.returncode, done.stdout


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    """A shell beside a store with the customers of the examples."""
    for path in EXAMPLES.glob("*.csv"):
        shutil.copy(path, tmp_path)
    made = Shell(tmp_path)
    code, said = made.run("custrec init -q; custrec import customers.csv -q --rejects first.csv || [ $? -eq 3 ]")
    assert code == 0, said
    return made


def test_every_pipeline_is_known_here_and_begins_with_what_it_is_for() -> None:
    assert {path.stem for path in SCRIPTS} == set(SAYS)
    assert all(re.match(r"# [A-Z`].*[.:]", path.read_text(encoding="utf-8")) for path in SCRIPTS)


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
def test_a_pipeline_runs_as_it_stands(shell: Shell, path: Path) -> None:
    script = path.read_text(encoding="utf-8")
    for tool in re.findall(r"Needs: (\w+)", script):
        if shutil.which(tool) is None:
            pytest.skip(f"{tool} is not here")
    code, said = shell.run(script)
    assert code == 0, said
    for line in SAYS[path.stem]:
        assert line in said, said


def test_duckdb_reads_an_export(shell: Shell) -> None:
    if importlib.util.find_spec("duckdb") is None:
        pytest.skip("duckdb is not here")
    code, said = shell.run(
        'custrec export -o all.csv && "$0" "$1" all.csv', sys.executable, str(EXAMPLES / "pipelines" / "by-country.py")
    )
    assert code == 0, said
    assert re.search(r"│ CN +│ +16 │", said), said


def test_a_list_of_no_ids_changes_nothing_and_never_means_all(shell: Shell) -> None:
    for command in ("edit owner=x", "tag add x", "delete --yes", "undelete"):
        code, said = shell.run(f"custrec find nobody-of-this-name --format ids | custrec {command} --ids-from -")
        assert code == 0, said
        assert "nothing to change" in said
    assert shell.run("custrec history list --json | tr , '\\n' | grep -c '\"verb\"'") == (0, "1\n")


TEN = """
tail -c +1 customers-gbk.csv | custrec import - --rejects again.csv -q || [ $? -eq 3 ]
custrec list --where 'country != CN' --format ids | custrec tag add abroad --ids-from - -q
custrec find 有限公司 --format ids | custrec edit --ids-from - owner=王强 -q
custrec list --where 'tags has abroad' --format jsonl --fields customer_no,name | sed 's/"C0/"D0/' | custrec import - -q
printf '{"customer_no": "E1", "name": "周敏"}' | custrec add - -q --json
custrec export -o - -q --where 'customer_no starts with D' | sed '2,$s/$/,/; 1s/$/,note/' \
    | custrec import - --ignore-columns -q
custrec list --where 'customer_no starts with D' --format ids | custrec delete --ids-from - --yes -q
custrec list --trashed --format ids | head -n 2 | custrec undelete --ids-from - -q
custrec list --format csv | custrec validate - -q --format jsonl
custrec export --format jsonl -q | custrec import - -n --json
"""
"""Ten commands; what one writes, the next one reads: a file, ids, JSON lines, JSON, CSV."""


def test_ten_commands_feed_each_other_and_everything_can_be_taken_back(shell: Shell) -> None:
    before = shell.run("custrec list --format jsonl")
    code, said = shell.run(TEN)
    assert code == 0, said
    *_, added, plan = (json.loads(line) for line in said.splitlines() if line.startswith("{"))
    assert added["made"] == [{"table": "customers", "_id": 33}]
    assert plan["counts"]["read"] == plan["counts"]["same"] == 24 + 1 + 2
    assert plan["applied"] is False
    code, said = shell.run("custrec list --where 'customer_no starts with D' --format jsonl --fields customer_no,tags")
    assert [json.loads(line)["customer_no"] for line in said.splitlines()] == ["D0011", "D0012"]
    assert shell.run("for n in 1 2 3 4 5 6; do custrec undo $((8 - n)) -q; done") == (0, "")
    assert shell.run("custrec list --format jsonl") == before
    assert shell.run("custrec history verify -q") == (0, "")
