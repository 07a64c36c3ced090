"""custrec config: which settings hold, and who said so."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

import typer

from custrec.cli.face import SCHEMA_NAME, Face
from custrec.cli.options import Json
from custrec.cli.running import command
from custrec.model.settings import SETTINGS, Limit, shown

if TYPE_CHECKING:
    from custrec.session.settings import Said

Origin = Annotated[bool, typer.Option("--origin", help="Say also where each comes from.")]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    group = typer.Typer(help="The settings of custrec.yaml, and what they are now.", no_args_is_help=True)
    command(
        group,
        "show",
        codes=(0, 2, 4),
        examples=["custrec config show --origin", "custrec config show --json"],
    )(show)
    app.add_typer(group, name="config")


def show(face: Face, origin: Origin = False, as_json: Json = False) -> None:
    """Show every setting and its value, with the places of the store, its schema and its settings."""
    import os

    from custrec.session.settings import folder_file, user_file

    store = face.store_path
    files = {
        "store": store,
        "schema file": store.with_name(SCHEMA_NAME),
        "settings file": folder_file(store),
        "user's settings": user_file(os.environ),
    }
    settings = face.settings.said
    if as_json:
        said = {name: _plain(one.value) | {"origin": one.origin, "place": one.place} for name, one in settings.items()}
        places = {name.replace(" ", "_").replace("'s", ""): str(path.absolute()) for name, path in files.items()}
        face.out_json("config", places | {"store_origin": face.store_origin, "settings": said})
        return
    pairs = {name: f"{path.absolute()}{'' if path.exists() else ' (not there)'}" for name, path in files.items()}
    if origin:
        pairs["store"] += f"\n({face.store_origin})"
    face.pairs(pairs | _values(settings, origin))


def _values(settings: Mapping[str, Said], origin: bool) -> dict[str, str]:
    """The values as text, each with who said it where that is asked for."""
    from rich.cells import cell_len

    values = {
        name: SETTINGS[name].otherwise if one.value is None else shown(one.value) for name, one in settings.items()
    }
    if not origin:
        return values
    width = max(map(cell_len, values.values()))
    return {
        name: f"{value}{' ' * (width - cell_len(value))}  {_where(settings[name])}" for name, value in values.items()
    }


def _where(said: Said) -> str:
    """Who said it; the option or variable too, but not the file, which is told above."""
    return f"{said.origin} ({said.place})" if said.origin in ("flag", "environment") else said.origin


def _plain(value: object) -> dict[str, object]:
    if isinstance(value, Limit):
        return {"value": str(value), "percent": value.percent, "rows": value.rows}
    return {"value": value}
