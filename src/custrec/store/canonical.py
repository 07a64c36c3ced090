"""SQL expressions over a whole row, for tables of any width.

SQLite bounds a function's arguments (127) and an expression's depth (1000): long concatenations are therefore built
as balanced trees. The canonical text of a row is what model.digest seals for an insert.
"""

from __future__ import annotations

from collections.abc import Sequence

from custrec.model.digest import H20, SEPARATOR
from custrec.model.schema import Field, Table
from custrec.store.layout import column_type
from custrec.store.quoting import quote

PAIRS = 60
"""How many names and values one json_object takes (SQLite allows a function 127 arguments)."""
STATE_ID = 0
"""The id under which a diff names `_state`; fields have ids from 1."""


def readable_diff(alias: str) -> str:
    """The SQL of what a change says; NULL where it was redacted (model.digest), though something of it be left."""
    return f"CASE WHEN length({alias}.seal) > {H20} THEN {alias}.diff END"


def joined(terms: Sequence[str], operator: str = "||") -> str:
    """Join SQL terms by an associative operator, as a balanced tree."""
    if len(terms) == 1:
        return terms[0]
    middle = len(terms) // 2
    return f"({joined(terms[:middle], operator)} {operator} {joined(terms[middle:], operator)})"


def same_key(table: Table, one: str, other: str) -> str:
    """The condition that two rows of a table, by alias, have the same primary key; empty for a table without one."""
    return " AND ".join(f"{one}.{quote(name)} = {other}.{quote(name)}" for name in table.primary_key)


def row_text(table: Table, alias: str, original: str = "NULL") -> str:
    """The canonical text of a row: stored values in schema order, then the kept originals (model.digest)."""
    between = f"char({ord(SEPARATOR)})"
    terms = [f"coalesce({value_text(table, f, alias)}, '')" for f in table.fields]
    return joined([*(f"{term} || {between}" for term in terms), f"coalesce({original}, '')"])


def value_text(table: Table, field: Field, alias: str) -> str:
    """A stored value as text: as Python's `str` makes it, also of a binary fraction (store.fractions)."""
    column = f"{alias}.{quote(field.name)}"
    return f"_fraction({column})" if is_fraction(table, field) else f"CAST({column} AS TEXT)"


def former_row_text(then: Table, now: Table, alias: str, original: str) -> str:
    """The canonical text that a row had in a former shape of its table, of a row that no change of shape touched: what
    its table has no column for any more was blank, and so is what is stored in another way now."""
    between = f"char({ord(SEPARATOR)})"
    kept = [now.by_id.get(f.id) for f in then.fields]
    terms = [f"coalesce({value_text(now, f, alias)}, '')" if f else "''" for f in kept]
    return joined([*(f"{term} || {between}" for term in terms), f"coalesce({original}, '')"])


def is_fraction(table: Table, field: Field) -> bool:
    """Whether a field is stored as a binary fraction."""
    return column_type(table, field) == "REAL"


def sealable_by_workers(table: Table) -> bool:
    """Whether Python can make the canonical text without the store: a reference becomes an id only there."""
    return not table.references


def row_object(table: Table, alias: str) -> str:
    """A JSON object of a row's values by field id: the diff of a delete."""
    values = [(STATE_ID, f"{alias}._state")]
    values += [
        (f.id, f"json({_json(table, f, alias)})" if is_fraction(table, f) else f"{alias}.{quote(f.name)}")
        for f in table.fields
    ]
    pieces = []
    for start in range(0, len(values), PAIRS):
        pairs = ", ".join(f"'{key}', {value}" for key, value in values[start : start + PAIRS])
        pieces.append(f"json_object({pairs})")
    whole = pieces[0]
    for piece in pieces[1:]:
        whole = f"json_patch({whole}, {piece})"
    return whole


def difference(table: Table, before: str, after: str) -> str:
    """A JSON object of [before, after] by field id, for the fields that differ: the diff of an update."""
    entries = [(STATE_ID, "_state", f"{before}._state", f"{after}._state")]
    entries += [(f.id, quote(f.name), _json(table, f, before), _json(table, f, after)) for f in table.fields]
    return _object(
        [
            (key, f"{before}.{name} IS NOT {after}.{name}", f"'[' || {was} || ',' || {will} || ']'")
            for key, name, was, will in entries
        ]
    )


def crossing(was: Table, will: Table, before: str, after: str) -> str:
    """The diff of an update that takes a record from one shape of its table to another: `difference` over the fields
    of both. A field that one of them has not is blank there; a number that is stored as another type differs."""
    entries = [(STATE_ID, f"{before}._state IS NOT {after}._state", f"{before}._state", f"{after}._state")]
    for number in sorted(was.by_id.keys() | will.by_id.keys()):
        old, new = was.by_id.get(number), will.by_id.get(number)
        left, right = (f"{alias}.{quote(f.name)}" if f else "NULL" for f, alias in ((old, before), (new, after)))
        when = f"{left} IS NOT {right}"
        if old and new and column_type(was, old) != column_type(will, new):
            when = f"({when} OR typeof({left}) <> typeof({right}))"
        said = [_json(t, f, alias) if f else "'null'" for t, f, alias in ((was, old, before), (will, new, after))]
        entries.append((number, when, said[0], said[1]))
    return _object([(key, when, f"'[' || {was} || ',' || {will} || ']'") for key, when, was, will in entries])


def differs(table: Table, before: str, after: str) -> str:
    """Whether two rows differ in any stored value."""
    names = ["_state", *(f.name for f in table.fields)]
    return joined([f"{before}.{quote(n)} IS NOT {after}.{quote(n)}" for n in names], "OR")


def _json(table: Table, field: Field, alias: str) -> str:
    """A stored value as JSON."""
    column = f"{alias}.{quote(field.name)}"
    return f"coalesce(_fraction({column}), 'null')" if is_fraction(table, field) else f"json_quote({column})"


def _object(entries: Sequence[tuple[int, str, str]]) -> str:
    terms = [f"CASE WHEN {when} THEN ',\"{key}\":' || {value} ELSE '' END" for key, when, value in entries]
    return f"'{{' || substr({joined(terms)}, 2) || '}}'"
