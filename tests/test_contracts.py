"""The house rules that a machine can check: who imports whom, how long modules and functions are, and how called."""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path

import pytest
from importlinter.cli import lint_imports

import custrec

ROOT = Path(__file__).parent.parent
SOURCE = Path(custrec.__file__).parent
MODULES = sorted(SOURCE.rglob("*.py"))
LONGEST_MODULE = 400
LONGEST_FUNCTION = 70
SAYS_NOTHING = {"utils", "util", "helpers", "helper", "common", "misc"}


def relative(path: Path) -> str:
    return str(path.relative_to(SOURCE))


def test_every_import_contract_is_kept(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [str(SOURCE.parent), *sys.path])
    code = lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True, show_timings=False)
    assert code == 0, capsys.readouterr().out


@pytest.mark.parametrize(
    ("module", "allowed"),
    [
        (
            "custrec.store.writable",
            {
                "store/apply.py",
                "store/derived.py",
                "store/erasing_again.py",
                "store/migrations.py",
                "store/name_sounds.py",
                "store/pairs.py",
                "store/plain_loading.py",
                "store/restoring.py",
                "store/upkeep.py",
                "store/wiping.py",
            },
        ),
        ("custrec.store.apply", {"session/session.py"}),
    ],
)
def test_only_these_modules_can_write(module: str, allowed: set[str]) -> None:
    assert {relative(path) for path in MODULES if module in imported(path)} == allowed


def imported(path: Path) -> set[str]:
    """The modules that one imports, wherever in it, and what it takes from them."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{name.name}" for name in node.names}
    return found


def test_no_statement_of_sql_stands_outside_the_store() -> None:
    statement = re.compile(r"(SELECT|INSERT|UPDATE|DELETE FROM|CREATE|DROP|ALTER|ATTACH|DETACH|PRAGMA|WITH) \S")
    found = [
        f"{relative(path)}:{node.lineno}"
        for path in MODULES
        if not relative(path).startswith("store/")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and statement.match(node.value)
    ]
    assert found == []


def test_there_is_source_to_look_at() -> None:
    assert len(MODULES) > 100


@pytest.mark.parametrize("path", MODULES, ids=relative)
def test_a_module_can_be_read_in_one_sitting(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST_MODULE
    assert path.stem not in SAYS_NOTHING
    assert path.parent.stem not in SAYS_NOTHING


@pytest.mark.parametrize("path", MODULES, ids=relative)
def test_a_module_says_what_it_is_and_its_functions_are_short(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert ast.get_docstring(tree), "no docstring"
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    long = [f"{f.name}: {lines}" for f in functions if (lines := f.end_lineno - f.lineno + 1) > LONGEST_FUNCTION]  # type: ignore[operator]
    assert long == []
