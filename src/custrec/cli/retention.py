"""custrec retention: the group of the commands that judge records by time. Each part of it stands in its own module."""

from __future__ import annotations

import typer

from custrec.cli import noticing, retaining, retention_run


def register(app: typer.Typer) -> None:
    """Add the commands of this group."""
    group = typer.Typer(
        help="What is to become of records as time goes by: proposed, explained, carried out.", no_args_is_help=True
    )
    retaining.register(group)
    noticing.register(group)
    retention_run.register(group)
    app.add_typer(group, name="retention")
