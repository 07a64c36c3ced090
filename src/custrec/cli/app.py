"""The commands of custrec, put together. Each stands in a module of its own under this package."""

from __future__ import annotations

from typing import Annotated

import typer

from custrec import __version__
from custrec.cli import exports, histories, imports, plans, records, schemas, validation

app = typer.Typer(
    name="custrec",
    help="A records manager for customer files. Every change is a plan that can be previewed, and undone.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"custrec {__version__}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """A records manager for customer files."""


for module in (schemas, imports, validation, exports, records, histories, plans):
    module.register(app)
