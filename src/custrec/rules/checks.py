"""The checks of a table: rules across the fields of a row, compiled once and judged over columns.

A row is held to a check where every field that the rule compares has a value; a comparison with a blank would say
nothing. Fields that the rule asks for blanks (`is empty`) may be blank, or it could never be judged. A rule that names
a field which the rows do not have is not judged at all.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import compress
from operator import not_

from custrec.model.expression import Normalise, bind, fields_of, parse, predicates
from custrec.model.expression_nodes import IsEmpty, columns_of
from custrec.model.problem import Fault
from custrec.model.schema import Check, Table
from custrec.rules.expression import Columns, Program, compiled

ERROR = "error"
"""The level at which a row that breaks the rule is refused; at the others it is taken, and counted."""


@dataclass(frozen=True)
class RowCheck:
    """One check, ready to run.

    `number` is its place among the table's checks, `fields` are those it names, in schema order, `blankable` those of
    them that may be blank.
    """

    number: int
    check: Check
    fields: tuple[str, ...]
    blankable: tuple[str, ...]
    fault: Fault
    program: Program

    @property
    def refuses(self) -> bool:
        """Whether a row that breaks the rule is refused."""
        return self.check.level == ERROR

    @property
    def field(self) -> str:
        """The fields as a finding names them."""
        return named(self.fields)

    def broken(self, columns: Columns, rows: int) -> list[int]:
        """The rows for which the rule is false, in order, without those that cannot be held to it for a blank."""
        fits = self.program(columns, rows)
        if False not in fits:
            return []
        found = list(compress(range(rows), map(not_, fits)))
        for name in self.fields:
            if name not in self.blankable:
                column = columns[name]
                found = [row for row in found if column[row] is not None]
        return found

    def for_a_blank(self, columns: Columns, row: int) -> bool:
        """Whether a row has blanks that the rule asks for, so that the record it changes may still meet the rule."""
        return any(columns[name][row] is None for name in self.blankable)


def compile_checks(
    table: Table, present: Collection[str], normalise: Normalise, today: date, timezone: str
) -> list[RowCheck]:
    """The checks of a table that can be judged from the fields in `present`.

    `normalise` gives a written value the form its field stores (`model.expression.bind`). Raises ExpressionInvalid.
    """
    compiled_checks = []
    for number, check in enumerate(table.checks):
        expression = bind(parse(check.rule, table, timezone), normalise)
        read = fields_of(expression)
        if read <= set(present):
            asked = {c.field.name for p in predicates(expression) if isinstance(p, IsEmpty) for c in columns_of(p)}
            fields = in_order(table, read)
            compiled_checks.append(
                RowCheck(
                    number,
                    check,
                    fields,
                    tuple(name for name in fields if name in asked),
                    Fault("check", {"message": check.words}),
                    compiled(expression, today),
                )
            )
    return compiled_checks


def in_order(table: Table, names: Collection[str]) -> tuple[str, ...]:
    """Field names in schema order."""
    return tuple(f.name for f in table.fields if f.name in names)


def named(fields: Sequence[str]) -> str:
    """Several fields of one finding, as it names them."""
    return ";".join(fields)
