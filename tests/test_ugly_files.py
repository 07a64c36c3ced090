"""Files as real programs make them, imported through the command: what comes out is what stands beside each.

tests/ugly holds the files; <file>.yaml says what must come of it, as the person who has the file would:

    schema     which of the schemas there (people by default)
    options    further words of the command
    code       the exit code, if it is not what rejects say (3 with, 0 without)
    error      the slug of the error, where nothing may be imported
    people     keys of those in people.yaml who must be there, exactly as they stand there
    records    others by key, with every value that is not blank, as `custrec export` shows it
    rejects    rows refused: their line, and the rules that they break

Nothing else may be in the store, and no other row refused. See make_ugly_files.py for where the files come from.
"""

from __future__ import annotations

import shutil
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from terminal import Said, custrec

UGLY = Path(__file__).parent / "ugly"
FILES = sorted(path.name for path in UGLY.iterdir() if path.suffix != ".yaml" and not path.name.startswith("."))
KEYS = {"schema", "options", "code", "error", "people", "records", "rejects"}
MOST_BYTES = 30_000
PLAIN = (".csv", ".tsv", ".txt")
"""What is asked of `validate` too only where rows are refused: it reads them as import does."""


@cache
def read_yaml(path: Path) -> dict[Any, Any]:
    """A YAML file, read once."""
    read: dict[Any, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return read


def expected(name: str) -> dict[str, Any]:
    """What must come of a file."""
    said = read_yaml(UGLY / f"{name}.yaml")
    assert said.keys() <= KEYS
    people = read_yaml(UGLY / "people.yaml")
    records = {key: people[key] for key in said.get("people", ())} | said.get("records", {})
    rejects = said.get("rejects", {})
    return (
        {"schema": "people", "options": [], "code": 3 if rejects else 0, "error": None, "rejects": {}}
        | said
        | {"records": records}
    )


@pytest.fixture(scope="module")
def shops(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """An empty store of each schema, to be copied."""
    made = {}
    for schema in sorted(UGLY.glob("schema-*.yaml")):
        folder = tmp_path_factory.mktemp("shop")
        shutil.copy(schema, folder / "schema.yaml")
        assert custrec("init", "-q", cwd=folder).code == 0
        made[schema.stem.removeprefix("schema-")] = folder
    return made


def shown(folder: Path) -> dict[str, dict[str, str]]:
    """All records of the first table by key, without what is blank, as texts."""
    records = custrec("export", "--format", "json", "-o", "-", cwd=folder).json["records"]
    by_key = {}
    for record in records:
        values = {name: as_text(value) for name, value in record.items() if value not in (None, "")}
        by_key[values.pop(next(iter(record)))] = values
    assert len(by_key) == len(records)
    return by_key


def as_text(value: object) -> str:
    """A value as the expectations write it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


@pytest.mark.parametrize("name", FILES)
def test_what_comes_out_is_what_stands_beside_it(name: str, shops: dict[str, Path], tmp_path: Path):
    must = expected(name)
    folder = tmp_path / "shop"
    shutil.copytree(shops[must["schema"]], folder)
    shutil.copy(UGLY / name, folder / name)
    words = [name, *must["options"]]

    done = custrec("import", *words, "--json", cwd=folder)
    if must["error"]:
        assert (done.error["error"], done.code) == (must["error"], must["code"])
        assert shown(folder) == {}
        return
    assert done.code in (0, 3), done.err
    assert shown(folder) == must["records"]
    assert done.json["counts"].get("rejected", 0) == len(must["rejects"])
    assert done.code == must["code"]
    if must["rejects"] or not name.endswith(PLAIN):
        checked = custrec("validate", *words, "--format", "json", cwd=folder)
        assert (checked.code, findings(checked)) == (must["code"], must["rejects"])


def findings(checked: Said) -> dict[int, list[str]]:
    """The rules that are broken, by line."""
    rules: dict[int, set[str]] = {}
    for finding in checked.json["findings"]:
        if finding["level"] == "error":
            rules.setdefault(finding["line"], set()).add(finding["rule"])
    return {line: sorted(broken) for line, broken in rules.items()}


@pytest.mark.parametrize("name", FILES)
def test_each_file_is_small_and_says_what_must_come_of_it(name: str):
    assert (UGLY / name).stat().st_size <= MOST_BYTES
    must = expected(name)
    assert must["records"] or must["rejects"] or must["error"]


def test_nothing_is_expected_of_files_that_are_not_there():
    beside = {path.name.removesuffix(".yaml") for path in UGLY.glob("*.yaml")}
    schemas = {path.stem for path in UGLY.glob("schema-*.yaml")}
    assert beside - set(FILES) - schemas == {"people"}
