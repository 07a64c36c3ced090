"""Workers: what they meet reaches the person as it would have from one process."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from conftest import Done, RunCustrec

KIND = """\
from custrec.values.text import Text


class Fussy(Text):
    kind = "fussy"

    def judge_column(self, texts, beside=None):
        raise LookupError("lost: Ann Lee")
"""
SCHEMA = "tables: [{name: t, primaryKey: [a], fields: [{name: a, type: string}, {name: b, kind: fussy}]}]\n"


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    """A folder with a schema and a file that is large enough for workers; its kind of value is broken."""
    info = tmp_path / "kinds" / "fussy-1.dist-info"
    info.mkdir(parents=True)
    (tmp_path / "kinds" / "fussy.py").write_text(KIND, encoding="utf-8")
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: fussy\nVersion: 1\n", encoding="utf-8")
    (info / "entry_points.txt").write_text("[custrec.value_types]\nfussy = fussy:Fussy\n", encoding="utf-8")
    (tmp_path / "schema.yaml").write_text(SCHEMA, encoding="utf-8")
    line = "x" * 2000
    (tmp_path / "in.csv").write_text("a,b\n" + "".join(f"{n},{line}\n" for n in range(2500)), encoding="utf-8")
    return tmp_path


def run(folder: Path, run_custrec: RunCustrec, *words: str) -> Done:
    path = os.pathsep.join([str(folder / "kinds"), *filter(None, [os.environ.get("PYTHONPATH")])])
    assert run_custrec("init", "-q", cwd=folder, PYTHONPATH=path).code == 0
    return run_custrec("import", "in.csv", *words, cwd=folder, PYTHONPATH=path)


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_bug_is_said_to_be_one_whoever_meets_it(broken: Path, run_custrec: RunCustrec, jobs: str) -> None:
    done = run(broken, run_custrec, "--jobs", jobs)
    assert done.code == 1
    first, *rest = done.err.splitlines()
    assert first.startswith("custrec: a bug in custrec: LookupError at fussy.py:")
    assert rest == ["  try: run it again with --debug and tell us; nothing was changed"]
    assert list((broken / "custrec.plans").iterdir()) == []


def test_the_traceback_of_a_worker_is_shown_where_it_is_asked_for(broken: Path, run_custrec: RunCustrec) -> None:
    done = run(broken, run_custrec, "--jobs", "2", "--debug")
    assert done.code == 1
    assert 'fussy.py", line 8, in judge_column' in done.err
    assert done.err.count("LookupError: lost") == 1
