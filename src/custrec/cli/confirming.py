"""custrec confirm: the group of the commands that confirm what is known. Each part of it stands in its own module."""

from __future__ import annotations

import typer

from custrec.cli import campaigning, corresponding


def register(app: typer.Typer) -> None:
    """Add the commands of this group."""
    group = typer.Typer(
        help="What is known, confirmed: campaigns with work lists, letters, and their answers.", no_args_is_help=True
    )
    campaigning.register(group)
    corresponding.register(group)
    app.add_typer(group, name="confirm")
