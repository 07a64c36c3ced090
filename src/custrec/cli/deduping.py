"""custrec dedupe: the group of the commands about records that may be one. Each part of it stands in its own module."""

from __future__ import annotations

import typer

from custrec.cli import asking, explaining, finding, judging_pairs, merging, tuning


def register(app: typer.Typer) -> None:
    """Add the commands of this group."""
    group = typer.Typer(
        help="Records that are one: found, merged, taken apart, and said to be different.", no_args_is_help=True
    )
    finding.register(group)
    explaining.register(group)
    asking.register(group)
    judging_pairs.register(group)
    merging.register(group)
    tuning.register(group)
    app.add_typer(group, name="dedupe")
