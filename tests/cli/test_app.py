"""The app: every command is found by its first word alone, and all of them stand in the help."""

from __future__ import annotations

from importlib import import_module

import pytest
import typer

from custrec.cli.app import MODULES, SECTIONS, app_for


def words(app: typer.Typer) -> set[str]:
    return {str(one.name) for one in (*app.registered_commands, *app.registered_groups)}


@pytest.mark.parametrize("module", MODULES)
def test_a_module_registers_the_words_it_is_looked_up_by(module: str) -> None:
    app = typer.Typer()
    import_module(f"custrec.cli.{module}").register(app)
    assert words(app) == set(MODULES[module])


@pytest.mark.parametrize("word", [word for some in MODULES.values() for word in some])
def test_a_command_loads_its_own_module_only(word: str) -> None:
    assert word in words(app_for(["-q", word, "--help"]))
    assert words(app_for([word])) < words(app_for())


@pytest.mark.parametrize("arguments", [[], ["--help"], ["nonsense"], ["--version"]])
def test_all_commands_are_there_where_none_is_called(arguments: list[str]) -> None:
    assert words(app_for(arguments)) == {word for some in MODULES.values() for word in some}


def test_every_command_has_its_place_in_the_help() -> None:
    """For a new one: enter its first word in SECTIONS of custrec.cli.app."""
    assert sorted(word for some in SECTIONS.values() for word in some) == sorted(
        word for some in MODULES.values() for word in some
    )
