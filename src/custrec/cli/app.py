"""The commands of custrec, put together. Each stands in a module of its own under this package.

A command must start at once, so only the module of the command that is called is loaded; all of them for help, for
completion, and where a word is no command.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from importlib import import_module
from typing import Annotated

import typer

from custrec import __version__

MODULES: dict[str, tuple[str, ...]] = {
    "founding": ("init",),
    "schemas": ("schema",),
    "imports": ("import",),
    "maps": ("map",),
    "validation": ("validate",),
    "normalizing": ("normalize",),
    "exports": ("export",),
    "adding": ("add", "note"),
    "editing": ("edit",),
    "tagging": ("tag",),
    "trashing": ("delete", "undelete"),
    "records": ("list", "show", "find"),
    "blames": ("blame",),
    "histories": ("history", "undo", "redo"),
    "plans": ("plan",),
    "upkeep": ("status", "doctor", "maintain"),
    "configuring": ("config",),
    "demo": ("demo",),
}
"""The words that each module's commands begin with, in the order of the help."""


def app_for(arguments: Sequence[str] = ()) -> typer.Typer:
    """The app with the command that these arguments call; with all commands where they call none."""
    word = next((text for text in arguments if not text.startswith("-")), None)
    if "_CUSTREC_COMPLETE" not in os.environ:
        for module, words in MODULES.items():
            if word in words:
                return _app([module])
    return _app(MODULES)


def _app(modules: Iterable[str]) -> typer.Typer:
    app = typer.Typer(
        name="custrec",
        help="A records manager for customer files. Every change is a plan that can be previewed, and undone.",
        no_args_is_help=True,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(root)
    for name in modules:
        import_module(f"custrec.cli.{name}").register(app)
    return app


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"custrec {__version__}")
        raise typer.Exit


def root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """A records manager for customer files. Every change is a plan that can be previewed, and undone."""
