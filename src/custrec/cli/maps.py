"""custrec map: saved maps, which say what the columns of somebody's files become."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from custrec.cli.counting import many
from custrec.cli.face import Face
from custrec.cli.options import Json, TableName
from custrec.cli.running import command

ROWS_SHOWN = 5
COLUMNS_SAID = 10
"""How many columns that a proposal leaves out are named."""

MapName = Annotated[str, typer.Argument(metavar="MAP", help="The map's name.", show_default=False)]
Encoding = Annotated[str | None, typer.Option("--encoding", metavar="ENCODING", help="utf-8 or gb18030.")]
Delimiter = Annotated[str | None, typer.Option("--delimiter", metavar="CHAR", help=", ; or tab.")]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    group = typer.Typer(help="Saved maps: what the columns of somebody's files become.", no_args_is_help=True)
    command(
        group,
        "create",
        codes=(0, 2, 4, 7, 9, 10),
        examples=[
            "custrec map create kingdee --from july.csv --source '金蝶 export'",
            "custrec map create shop --from orders.csv -o -",
        ],
    )(create)
    command(group, "list", examples=["custrec map list", "custrec map list --json"])(list_maps)
    command(
        group,
        "show",
        codes=(0, 2, 4, 7),
        examples=["custrec map show kingdee", "custrec map show kingdee july.csv"],
    )(show)
    command(group, "check", codes=(0, 2, 4, 7), examples=["custrec map check", "custrec map check kingdee"])(check)
    app.add_typer(group, name="map")


def create(
    face: Face,
    name: Annotated[str, typer.Argument(metavar="NAME", help="What the map shall be called.", show_default=False)],
    from_file: Annotated[str, typer.Option("--from", metavar="FILE", help="A file of the kind the map is for.")],
    table: TableName = None,
    source: Annotated[str, typer.Option("--source", metavar="TEXT", help="Where such files come from.")] = "",
    output: Annotated[
        str | None, typer.Option("-o", "--output", metavar="-", help="- prints the map instead of saving it.")
    ] = None,
    encoding: Encoding = None,
    delimiter: Delimiter = None,
) -> None:
    """Propose a map from the header of a file, to be edited. What is there is never overwritten."""
    from custrec.errors import UsageError
    from custrec.jobs.importing.map_proposals import proposed
    from custrec.jobs.importing.maps import map_path, refuse_to_replace, save_map
    from custrec.jobs.importing.opening import How
    from custrec.jobs.reading import table_named

    if output not in (None, "-"):
        raise UsageError(what="-o takes - only", hint="a map is saved beside the store, or printed with -o -")
    store = face.reader.store
    chosen = table_named(store.schema, table)
    path = map_path(store, name)
    if output is None:
        refuse_to_replace(path)
    found = proposed(store.schema, chosen, path.stem, from_file, How(encoding, delimiter), source)
    if output == "-":
        face.out(found.text.rstrip())
        return
    save_map(store, name, found.text)
    known = f"{many(found.known, 'column')} of {Path(from_file).name} known to {chosen.name}"
    face.say(f"{path.parent.name}/{path.name}: {known}")
    if found.left_out:
        from custrec.files.printable import printable

        named = ", ".join(map(printable, found.left_out[:COLUMNS_SAID]))
        more = f" and {len(found.left_out) - COLUMNS_SAID:,} more" if len(found.left_out) > COLUMNS_SAID else ""
        face.say(f"  left out as long as null stands there: {named}{more}")
    if found.unfilled:
        face.say(f"  nothing fills {', '.join(found.unfilled)}, which new records need")
    face.say(f"next: edit it, then: custrec map show {path.stem} {from_file}")


def list_maps(face: Face, as_json: Json = False) -> None:
    """List the saved maps."""
    from custrec.jobs.importing.maps import all_maps

    maps, unusable = all_maps(face.reader.store)
    said: list[dict[str, Any]] = [
        {"map": one.name, "table": one.table.name, "columns": len(one.columns), "source": one.source, "fault": None}
        for one in maps
    ]
    said += [
        {"map": name, "table": None, "columns": None, "source": "", "fault": error.message}
        for name, error in unusable.items()
    ]
    said.sort(key=lambda one: str(one["map"]))
    if as_json:
        face.out_json("maps", {"maps": said})
        return
    for error in unusable.values():
        face.warn(error.message)
    if said:
        rows = [[one[key] for key in ("map", "table", "columns", "source")] for one in said]
        face.table(("map", "table", "columns", "source"), rows, right=("columns",))
    else:
        face.say("no maps are saved; make one with: custrec map create NAME --from FILE")


def show(
    face: Face,
    name: MapName,
    file: Annotated[
        str | None, typer.Argument(metavar="[FILE]", help="Also its first rows, before and after.", show_default=False)
    ] = None,
    encoding: Encoding = None,
    delimiter: Delimiter = None,
    as_json: Json = False,
) -> None:
    """Show what a map does with each column, and with FILE what it makes of the first rows."""
    from custrec.jobs.importing.map_proposals import preview
    from custrec.jobs.importing.maps import map_named
    from custrec.jobs.importing.opening import How

    saved = map_named(face.reader.store, name)
    examples = preview(saved, file, How(encoding, delimiter), ROWS_SHOWN) if file is not None else []
    if as_json:
        fields = [
            {"field": field, "columns": list(recipe.columns), "how": str(recipe)}
            for field, recipe in saved.recipes.items()
        ]
        rows = [
            {"line": one.line, "field": one.field, "before": list(one.before), "after": one.after} for one in examples
        ]
        said = {"map": saved.name, "table": saved.table.name, "source": saved.source, "fields": fields}
        face.out_json("map", {**said, "left_out": list(saved.left_out), "rows": rows})
        return
    face.out(f"{saved.name}, for {saved.table.name}{f' ({saved.source})' if saved.source else ''}")
    rules = [(" + ".join(recipe.columns), field, str(recipe)) for field, recipe in saved.recipes.items()]
    face.table(("column", "field", "how"), [*rules, *((column, "", "left out") for column in saved.left_out)])
    if examples:
        face.out("")
        shown = [(one.line, one.field, " + ".join(one.before), one.after) for one in examples]
        face.table(("line", "field", "before", "after"), shown, right=("line",))


def check(
    face: Face,
    name: Annotated[str | None, typer.Argument(metavar="[MAP]", help="Only this map.", show_default=False)] = None,
    as_json: Json = False,
) -> None:
    """Check one map, or all: every fault at once, with line and column."""
    from custrec.jobs.importing.maps import check_maps

    maps = check_maps(face.reader.store, name)
    if as_json:
        face.out_json("map-check", {"maps": [one.name for one in maps]})
        return
    for one in maps:
        columns, fields = many(len(one.columns), "column"), many(len(one.recipes), "field")
        face.say(f"{one.name}: {columns}, {fields} of {one.table.name}, no faults")
    if not maps:
        face.say("no maps are saved")
