"""Anchors and conditions of policies as SQL over a live table, for one record or for all of them.

For a few records, what children say is asked record by record, through the index on the reference. For all of them it
is gathered once from each child table (`WITH … GROUP BY`) and joined; both give the same days (a test holds them
together). Days come out as ISO texts, NULL where there is none.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeAlias

from custrec.model.anchor import Anchor, End, Extreme, OfChildren, Own, end_of
from custrec.model.condition import Condition, Exists
from custrec.model.expression import Expression, Stored
from custrec.model.plan import State
from custrec.model.schema import Field, Schema, Table
from custrec.store.database import Store
from custrec.store.quoting import quote
from custrec.store.records import Condition as Which
from custrec.store.where import compile_where, register_functions

_Sql: TypeAlias = tuple[str, tuple[Stored, ...]]

JUDGED = (State.ACTIVE, State.ARCHIVED, State.RESTRICTED)
"""Records in these states are judged by policies, and count as children: those in the trash have left already, and
those that were merged are part of another one."""
AT_ONCE = 20_000
_LAST = "'9999-99-99'"


@dataclass
class Asked:
    """What is asked about the records of a table: each thing once, by the place of its column."""

    schema: Schema
    table: Table
    today: date
    things: list[Anchor | Condition | tuple[str, ...]] = field(default_factory=list)

    def place(self, thing: Anchor | Condition | tuple[str, ...]) -> int:
        """The column of an anchor, of a condition (0 or 1), or of whether any of some fields holds a value (0 or 1)."""
        if thing not in self.things:
            self.things.append(thing)
        return self.things.index(thing)


def gathered(store: Store, asked: Asked, which: Which | None = None) -> Iterator[list[tuple[Any, ...]]]:
    """What was asked, of the records that meet a condition over `t`, in the states that are judged, many at a time.

    Rows are (_id, _state, a column a thing) by id. `which`: few records are meant, and children are asked one by one.
    """
    register(store.reader)
    compiler = _Compiler(asked, together=which is None)
    columns = [compiler.thing(thing) for thing in asked.things]
    where, params = which or ("TRUE", ())
    states = ", ".join(f"{state:d}" for state in JUDGED)
    said = ", ".join(["t._id", "t._state", *(text for text, _ in columns)])
    query = (
        f"{compiler.beginning()}SELECT {said} FROM {quote(asked.table.name)} t{compiler.joins()} "
        f"WHERE t._state IN ({states}) AND ({where}) ORDER BY t._id"
    )
    values = (*compiler.values, *(value for _, given in columns for value in given), *params)
    cursor = store.reader.execute(query, values)
    yield from iter(lambda: cursor.fetchmany(AT_ONCE), [])


def register(connection: sqlite3.Connection) -> None:
    """Give a connection what anchors and conditions call."""

    def ending(day: str | None, unit: str) -> str | None:
        return None if day is None else end_of(day, unit)

    register_functions(connection)
    connection.create_function("custrec_end", 2, ending, deterministic=True)


def condition_sql(condition: Condition, table: Table, schema: Schema, today: date) -> tuple[str, tuple[Stored, ...]]:
    """A condition of a policy as SQL over the alias `t`; NULL may stand for false. The connection needs `register`."""
    return _Compiler(Asked(schema, table, today), together=False).condition(condition)


def anchor_sql(anchor: Anchor, table: Table, schema: Schema, today: date) -> tuple[str, tuple[Stored, ...]]:
    """An anchor as SQL over the alias `t`, asked record by record. The connection needs `register`."""
    return _Compiler(Asked(schema, table, today), together=False).anchor(anchor)


class _Compiler:
    def __init__(self, asked: Asked, *, together: bool) -> None:
        self.asked = asked
        self.together = together
        self.tables: list[str] = []
        self.values: tuple[Stored, ...] = ()

    def beginning(self) -> str:
        """What is gathered from children before the records are read."""
        named = (f"_c{number} AS MATERIALIZED ({text})" for number, text in enumerate(self.tables))
        return f"WITH {', '.join(named)} " if self.tables else ""

    def joins(self) -> str:
        """How what was gathered is joined to the records."""
        return "".join(f" LEFT JOIN _c{number} ON _c{number}.parent = t._id" for number in range(len(self.tables)))

    def thing(self, thing: Anchor | Condition | tuple[str, ...]) -> _Sql:
        if isinstance(thing, tuple):
            return f"({' OR '.join(f't.{quote(name)} IS NOT NULL' for name in thing)})", ()
        if isinstance(thing, Own | OfChildren | Extreme | End):
            return self.anchor(thing)
        text, values = self.condition(thing)
        return f"(({text}) IS 1)", values

    # -- days ---------------------------------------------------------------------------------------------------------

    def anchor(self, anchor: Anchor) -> _Sql:
        match anchor:
            case Own(one):
                return self.day(f"t.{quote(one.name)}", one)
            case OfChildren():
                return self.of_children(anchor)
            case Extreme(latest, parts):
                return self.extreme(latest, [self.anchor(part) for part in parts])
            case End(unit, inner):
                text, values = self.anchor(inner)
                if unit == "year":
                    return f"substr({text}, 1, 4) || '-12-31'", values
                return f"custrec_end({text}, '{unit}')", values

    def extreme(self, latest: bool, parts: Sequence[_Sql]) -> _Sql:
        values = tuple(value for _, given in parts for value in given)
        if len(parts) == 1:
            return parts[0]
        word, blank = ("max", "''") if latest else ("min", _LAST)
        return f"nullif({word}({', '.join(f'coalesce({text}, {blank})' for text, _ in parts)}), {blank})", values

    def of_children(self, anchor: OfChildren) -> _Sql:
        """The day of the latest (earliest) moment: a day never turns two moments round, so it is made of one alone."""
        word = "max" if anchor.latest else "min"
        column = f"c.{quote(anchor.field.name)}"
        text, values = self.children(anchor.table, anchor.key, f"{word}({column})", anchor.where)
        day, zone = self.day(text, anchor.field)
        return day, (*values, *zone)

    def day(self, text: str, one: Field) -> _Sql:
        zone = self.asked.schema.defaults.timezone
        if one.kind != "datetime":
            return text, ()
        return (f"substr({text}, 1, 10)", ()) if zone == "UTC" else (f"custrec_day({text}, ?)", (zone,))

    # -- conditions ---------------------------------------------------------------------------------------------------

    def condition(self, condition: Condition) -> _Sql:
        if not isinstance(condition, Exists):
            compiled, given = compile_where(condition, self.asked.table, self.asked.schema, self.asked.today)
            return compiled, tuple(given)
        text, values = self.children(condition.table, condition.key, "1", condition.where)
        return f"{text} IS {'NOT ' if condition.there else ''}NULL", values

    def children(self, name: str, key: str, said: str, where: Expression | None) -> _Sql:
        """What the children of a record say as one value; NULL where there are none."""
        child = self.asked.schema.by_name[name]
        states = ", ".join(f"{state:d}" for state in JUDGED)
        meant, values = f"c._state IN ({states})", tuple[Stored, ...]()
        if where is not None:
            text, given = compile_where(where, child, self.asked.schema, self.asked.today, "c")
            meant, values = f"{meant} AND ({text})", tuple(given)
        source = f"FROM {quote(name)} c"
        if not self.together:
            return f"(SELECT {said} {source} WHERE c.{quote(key)} = t._id AND {meant} LIMIT 1)", values
        table = f"SELECT c.{quote(key)} AS parent, {said} AS said {source} WHERE {meant} GROUP BY 1"
        self.tables.append(table)
        self.values += values
        return f"_c{len(self.tables) - 1}.said", ()
