"""Which column of a file becomes which field: by a saved map, and by name, alias and title for what it does not name.

Everything that would lose data without a word is an error here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from custrec.errors import (
    DuplicateColumns,
    KeyColumnMissing,
    MapMismatch,
    NoKnownColumns,
    UnknownColumns,
)
from custrec.files.headers import HeaderMatch, UnknownHeader, header_key, match_headers
from custrec.files.printable import printable
from custrec.jobs.judging import Layout
from custrec.model.mapping import SavedMap
from custrec.model.schema import Table
from custrec.rules.recipes import Placed
from custrec.values.cleaning import missing_words

MOST_NAMED = 20
"""How many columns an error lists."""


def layout_for(
    header: Sequence[str], table: Table, file: str, saved: SavedMap | None = None, ignore_columns: bool = False
) -> Layout:
    """Which column is which field, and which fields are made of columns. `file` is the file's name, for messages.

    A map names its columns by header, as import compares them; the others are matched without it.

    Raises MapMismatch, NoKnownColumns, DuplicateColumns, UnknownColumns, KeyColumnMissing.
    """
    made = placed(saved, header, file) if saved is not None else {}
    named = set(map(header_key, (*saved.columns, *saved.left_out))) if saved is not None else set()
    rest = [place for place, text in enumerate(header) if not named or header_key(text) not in named]
    match = match_headers([header[place] for place in rest], table)
    if not match.columns and not made:
        # Their headers are not named: what has no header has a record in its first row.
        raise NoKnownColumns(count=len(header), file=file, table=table.name)
    _refuse_twice(match, rest, header, table, file, saved, made)
    unknown = [u for u in match.unknown if u.header.strip()]
    if unknown and not ignore_columns:
        hint = None
        if saved is not None:
            hint = f"name them in the map {saved.name} (null leaves a column out), or add --ignore-columns"
        lines = _unknown_lines(unknown, rest)
        raise UnknownColumns(count=len(unknown), file=file, table=table.name, details=lines, hint=hint)
    places = {field: rest[index] for index, field in match.columns.items()}
    places |= {field: one.places[0] for field, one in made.items() if one.recipe.plain}
    recipes = {field: one for field, one in made.items() if not one.recipe.plain}
    lacking = [key for key in table.primary_key if key not in places and key not in recipes]
    if lacking:
        raise KeyColumnMissing(file=file, fields=", ".join(lacking), table=table.name)
    headless = () if ignore_columns else tuple(rest[u.index] for u in match.unknown if not u.header.strip())
    return Layout(places, len(header), headless, recipes)


def placed(saved: SavedMap, header: Sequence[str], file: str) -> dict[str, Placed]:
    """Where the columns of a map's recipes stand in a file, by field.

    Raises MapMismatch where columns are missing, DuplicateColumns where one stands twice.
    """
    places: dict[str, list[int]] = {}
    for place, text in enumerate(header):
        places.setdefault(header_key(text), []).append(place)
    lacking = [column for column in saved.columns if header_key(column) not in places]
    if lacking:
        raise MapMismatch(file=file, count=len(lacking), name=saved.name, details=_some(map(printable, lacking)))
    twice = [column for column in saved.columns if len(places[header_key(column)]) > 1]
    if twice:
        fields = [name for name, recipe in saved.recipes.items() if not set(twice).isdisjoint(recipe.columns)]
        lines = [f"{printable(column)}: columns {_numbers(places[header_key(column)])}" for column in twice]
        raise DuplicateColumns(count=len(fields), table=saved.table.name, file=file, details=_some(lines))
    missing = tuple(sorted(missing_words(saved.table.missing_values)))
    return {
        field: Placed(recipe, tuple(places[header_key(column)][0] for column in recipe.columns), missing)
        for field, recipe in saved.recipes.items()
    }


def _refuse_twice(
    match: HeaderMatch,
    rest: Sequence[int],
    header: Sequence[str],
    table: Table,
    file: str,
    saved: SavedMap | None,
    made: dict[str, Placed],
) -> None:
    """Refuse columns that mean one field, or a field that the map fills."""
    lines = [f"{d.field}: {', '.join(printable(header[rest[index]]) for index in d.indexes)}" for d in match.duplicates]
    both = [(index, field) for index, field in match.columns.items() if field in made]
    lines += [f"{field}: {printable(header[rest[index]])}, and the map fills it" for index, field in both]
    if lines:
        hint = (
            f"leave the column out: write null for it in the map {saved.name}" if saved is not None and both else None
        )
        raise DuplicateColumns(count=len(lines), table=table.name, file=file, details=tuple(lines), hint=hint)


def _unknown_lines(unknown: Sequence[UnknownHeader], rest: Sequence[int]) -> tuple[str, ...]:
    return _some(
        f"{printable(u.header)} (column {rest[u.index] + 1})" + (f": did you mean {u.nearest}?" if u.nearest else "")
        for u in unknown
    )


def _some(lines: Iterable[str]) -> tuple[str, ...]:
    every = list(lines)
    more = [f"… and {len(every) - MOST_NAMED:,} more"] if len(every) > MOST_NAMED else []
    return (*every[:MOST_NAMED], *more)


def _numbers(places: Sequence[int]) -> str:
    return ", ".join(str(place + 1) for place in places[:MOST_NAMED])
