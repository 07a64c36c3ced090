"""What tests share: a shop with a real store in a temporary folder, and the real command as a process.

shop            a store of the compact schema of `shops`, used through the same session and jobs as the commands
new_shop        makes a shop of another schema: `new_shop(text)`; several in one test stand apart
run_custrec     a command as a process of its own (see terminal): its exit code, output and error output
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path

import pytest

from shops import NOW, PLENTY, SCHEMA, TODAY, Done, RunCustrec, Shop, command, environment
from terminal import outcome

__all__ = ["NOW", "PLENTY", "SCHEMA", "TODAY", "Done", "RunCustrec", "Shop", "command", "environment"]


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    """A shop of the compact schema."""
    return Shop(tmp_path / "shop")


@pytest.fixture
def new_shop(tmp_path: Path) -> Callable[..., Shop]:
    """Makes shops of other schemas: `new_shop(schema_text)`."""
    numbers = itertools.count(1)
    return lambda schema_text=SCHEMA: Shop(tmp_path / f"shop{next(numbers)}", schema_text)


@pytest.fixture
def run_custrec(tmp_path: Path) -> RunCustrec:
    """`run_custrec("list", "--store", path, stdin="…", cwd=…, **environment)`: the command as a process of its own."""

    def run(*arguments: object, stdin: str | None = None, cwd: Path | None = None, **more: str) -> Done:
        given = None if stdin is None else stdin.encode("utf-8")
        code, out, err = outcome(list(map(str, arguments)), cwd or tmp_path, environment(**more), given)
        return Done(code, out.decode("utf-8"), err.decode("utf-8"))

    return run
