"""custrec tag as a process."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from conftest import Done, RunCustrec

SCHEMA = """\
version: 1
tables:
  - name: plain
    fields: [{name: x, type: string}]
  - name: people
    primaryKey: [no]
    fields:
      - {name: no, type: string}
      - {name: tags, kind: tags}
      - {name: level, kind: tags, constraints: {enum: [gold, silver]}}
"""


@pytest.fixture
def custrec(tmp_path: Path, run_custrec: RunCustrec) -> Callable[..., Done]:
    (tmp_path / "schema.yaml").write_text(SCHEMA, encoding="utf-8")
    (tmp_path / "in.csv").write_text("no,tags,level\na,VIP;new,gold\nb,new,\nc,,silver\n", encoding="utf-8")
    assert run_custrec("init", "-q").code == 0
    assert run_custrec("import", "in.csv", "-q").code == 0
    return run_custrec


def tags(custrec: Callable[..., Done], field: str = "tags") -> list[str | None]:
    listed = json.loads(custrec("list", "--table", "people", "--json").out)["records"]
    return [one[field] for one in listed]


def test_tags_are_put_on_taken_off_renamed_and_counted(custrec: Callable[..., Done]) -> None:
    assert custrec("tag", "add", "VIP", "b", "c").code == 0
    assert tags(custrec) == ["VIP;new", "VIP;new", "VIP"]
    assert custrec("tag", "remove", "new", "--where", "tags has new").code == 0
    assert tags(custrec) == ["VIP", "VIP", "VIP"]
    assert custrec("tag", "rename", "VIP", "华东").code == 0
    assert tags(custrec) == ["华东"] * 3
    assert json.loads(custrec("tag", "list", "--json").out) == {
        "schema": "custrec.tags/1", "table": "people", "field": "tags", "tags": [{"tag": "华东", "records": 3}],
    }  # fmt: skip
    assert custrec("undo").code == 0
    assert tags(custrec) == ["VIP"] * 3


def test_a_tag_is_held_to_the_fields_list(custrec: Callable[..., Done]) -> None:
    assert custrec("tag", "add", "Gold", "b", "--field", "level").code == 0
    assert tags(custrec, "level") == ["gold", "gold", "silver"]
    assert custrec("tag", "add", "lead", "b", "--field", "level").code == 2
    assert custrec("tag", "add", "a;b", "b").code == 2
    assert custrec("tag", "add", "x", "b", "--field", "no").code == 2
    assert custrec("tag", "list", "--table", "plain").code == 2


def test_renaming_to_a_tag_that_is_there_makes_one_of_two(custrec: Callable[..., Done]) -> None:
    done = custrec("tag", "rename", "new", "VIP")
    assert (done.code, "2 changed" in done.err) == (0, True)
    assert tags(custrec) == ["VIP", "VIP", None]


def test_nothing_to_tag_is_no_event(custrec: Callable[..., Done]) -> None:
    assert "nothing to change" in custrec("tag", "remove", "nobody has it", "--all").err
    assert custrec("tag", "add", "VIP").code == 2
