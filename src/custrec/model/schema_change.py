"""What changes from one schema to another: which tables and fields are the same, and what is said of them anew.

    matched(applied, new)    the tables and fields of both, by name or by a former name (`was`)
    numbered(…)              the new schema under stable ids, with the pairs of tables and fields
    differences(change)      a line for each thing that changes

A field keeps its id as long as its stored values mean the same: a new name, new limits, a text that is read more
strictly. Where they do not (an amount of money that becomes a text, a field that becomes a reference), the field gets
an id of its own, so that no old change is ever read as if it were of the new kind. Pure; no values are looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from custrec.model.schema import Field, Schema, Table

Named = TypeVar("Named", Table, Field)


@dataclass(frozen=True)
class FieldPair:
    """One field before and after; None where it is new, or goes."""

    before: Field | None
    after: Field | None

    @property
    def anew(self) -> bool:
        """Whether its values are to mean something else, so that they are stored in a column of another id."""
        return self.before is not None and self.after is not None and self.before.id != self.after.id


@dataclass(frozen=True)
class TablePair:
    """One table before and after; None where it is new, or goes."""

    before: Table | None
    after: Table | None
    fields: tuple[FieldPair, ...] = ()


@dataclass(frozen=True)
class SchemaChange:
    """Two schemas of one store, and what of them is the same."""

    before: Schema
    after: Schema
    tables: tuple[TablePair, ...]


@dataclass(frozen=True)
class Difference:
    """One thing that changes. `field` is the name that it is to have (or had, where it goes), '' for the table itself,
    `table` likewise. `what` is a word for programs, `words` say it to people."""

    table: str
    field: str
    what: str
    words: str


Keeps = Callable[[Table, Field, Table, Field], bool]
"""Whether a field's stored values mean the same before and after."""


def numbered(applied: Schema, new: Schema, given: Mapping[int, int], keeps: Keeps) -> SchemaChange:
    """The change from the applied schema to a new one, which gets the ids that the store knows.

    `given` is the highest field id that each table id ever had; no id is given twice.
    """
    free = max(given, default=0)
    tables: list[Table] = []
    pairs: list[tuple[Table | None, Table | None]] = list(_matched(applied.tables, new.tables))
    for _, after in pairs:
        if after is not None:
            before = next(b for b, a in pairs if a is after)
            free += before is None
            tables.append(replace(after, id=before.id if before else free, was=()))
    by_name = {table.name: table for table in tables}
    found, settled = [], {}
    for before, after in pairs:
        if after is None:
            found.append(TablePair(before, None, tuple(FieldPair(f, None) for f in before.fields) if before else ()))
            continue
        table, fields = _fields(before, by_name[after.name], given, keeps)
        settled[table.name] = table
        found.append(TablePair(before, table, fields))
    return SchemaChange(applied, replace(new, tables=tuple(settled[t.name] for t in tables)), tuple(found))


def _fields(
    before: Table | None, after: Table, given: Mapping[int, int], keeps: Keeps
) -> tuple[Table, tuple[FieldPair, ...]]:
    free = given.get(after.id, 0)
    pairs, fields = [], {}
    for was, will in _matched(before.fields if before else (), after.fields):
        if will is None:
            pairs.append(FieldPair(was, None))
            continue
        same = was is not None and before is not None and keeps(before, was, after, will)
        free += not same
        one = replace(will, id=was.id if same and was else free, was=())
        fields[one.name] = one
        pairs.append(FieldPair(was, one))
    return replace(after, fields=tuple(fields[f.name] for f in after.fields)), tuple(pairs)


def _matched(before: Sequence[Named], after: Sequence[Named]) -> Iterator[tuple[Named | None, Named | None]]:
    """What is the same, in the order of `after`; then what goes. A name that is known stands for itself; a new one may
    stand for what has one of its former names now."""
    there = {one.name: one for one in before}
    known = {one.name for one in after if one.name in there}
    renamed: dict[str, str] = {}
    for one in after:
        if one.name not in there:
            former = next((name for name in one.was if name in there and name not in renamed.values()), None)
            if former is not None:
                renamed[one.name] = former
    taken = set(renamed.values())
    for one in after:
        name = renamed.get(one.name, one.name)
        found = there.get(name) if one.name in renamed or (one.name in known and name not in taken) else None
        yield found, one
    stays = taken | (known - taken)
    for gone in before:
        if gone.name not in stays:
            yield gone, None


def differences(change: SchemaChange) -> Iterator[Difference]:
    """Everything that changes, table by table in the order of the new schema; then the tables that go."""
    if change.before.defaults != change.after.defaults:
        yield Difference("", "", "defaults", "other defaults: they are for what is read from now on")
    for pair in change.tables:
        if pair.after is None:
            yield Difference(pair.before.name if pair.before else "", "", "dropped-table", "the table goes")
        elif pair.before is None:
            count = len(pair.after.fields)
            yield Difference(pair.after.name, "", "new-table", f"a new table with {count} fields")
        else:
            yield from _of_table(pair.before, pair.after, pair.fields)
    order = [t.id for t in change.after.tables if t.id in change.before.by_id]
    if order != [t.id for t in change.before.tables if t.id in change.after.by_id]:
        yield Difference("", "", "order", "the tables stand in another order")


def _of_table(before: Table, after: Table, fields: Sequence[FieldPair]) -> Iterator[Difference]:
    if before.name != after.name:
        yield Difference(after.name, "", "renamed-table", f"renamed from {before.name}")
    ids = {pair.before.id: pair.after for pair in fields if pair.before}
    key = [_name(ids.get(before.by_name[name].id)) for name in before.primary_key]
    if key != list(after.primary_key):
        yield Difference(after.name, "", "key", f"primaryKey: {_key(before)} → {_key(after)}")
    parts = [("title", "title"), ("description", "description"), ("missing_values", "missingValues")]
    parts += [("checks", "checks"), ("policies", "sections")]
    if said := [word for name, word in parts if getattr(before, name) != getattr(after, name)]:
        yield Difference(after.name, "", "words", f"other {', '.join(said)}: no data is touched")
    for pair in fields:
        yield from (Difference(after.name, name, what, words) for name, what, words in _of_field(before, after, pair))
    order = [pair.before.id for pair in fields if pair.before and pair.after]
    if order != [f.id for f in before.fields if f.id in order]:
        yield Difference(after.name, "", "order", "the fields stand in another order")


def _name(field: Field | None) -> str:
    return field.name if field else ""


def _key(table: Table) -> str:
    return ", ".join(table.primary_key) or "none"


def _of_field(before: Table, after: Table, pair: FieldPair) -> Iterator[tuple[str, str, str]]:
    was, will = pair.before, pair.after
    if will is None:
        if was is not None:
            yield was.name, "dropped-field", f"the field goes ({_kind(before, was)})"
        return
    name = will.name
    if was is None:
        yield name, "new-field", f"a new field ({_kind(after, will)}{', required' if will.required else ''})"
        return
    if was.name != name:
        yield name, "renamed-field", f"renamed from {was.name}"
    still = was.name in before.references and name in after.references and not pair.anew  # its table has another name
    if _kind(before, was) != _kind(after, will) and not still:
        yield name, "kind", f"{_kind(before, was)} → {_kind(after, will)}"
    elif pair.anew:
        yield name, "kind", f"{_kind(after, will)}, stored in another way"
    yield from ((name, what, words) for what, words in limits(was, will))
    key = (was.name in before.primary_key, name in after.primary_key)
    if was.required != will.required and not any(key):
        yield name, *(("required", "required") if will.required else ("optional", "no longer required"))
    if was.unique != will.unique:
        yield name, *(("unique", "unique") if will.unique else ("not-unique", "no longer unique"))
    parts = [("title", "title"), ("description", "description"), ("aliases", "aliases")]
    parts += [("classification", "classification"), ("search", "search"), ("region_field", "regionField")]
    parts += [("currency_field", "currencyField"), ("options", "options")]
    said = [word for attribute, word in parts if getattr(was, attribute) != getattr(will, attribute)]
    if said:
        yield name, "words", f"other {', '.join(said)}"


def _kind(table: Table, field: Field) -> str:
    reference = table.references.get(field.name)
    return f"→ {reference.table}" if reference else field.kind


def limits(was: Field, will: Field) -> Iterator[tuple[str, str]]:
    """How the limits of a field change: `wider` or `narrower`, in words."""
    if was.enum != will.enum:
        more = [value for value in will.enum if value not in was.enum]
        less = [value for value in was.enum if value not in will.enum]
        if more and was.enum:
            yield "wider", f"also takes {', '.join(more)}"
        if less and will.enum:
            yield "narrower", f"takes {', '.join(less)} no longer"
        if not was.enum:
            yield "narrower", f"takes only {', '.join(will.enum)}"
        elif not will.enum:
            yield "wider", "takes any value"
    bounds = (("min_length", "minLength"), ("max_length", "maxLength"), ("minimum", "minimum"), ("maximum", "maximum"))
    for attribute, word in (*bounds, ("pattern", "pattern")):
        old, new = getattr(was, attribute), getattr(will, attribute)
        if old != new:
            said = "none" if new is None else str(new)
            yield _direction(attribute, old, new), f"{word} {'none' if old is None else old} → {said}"


def _direction(attribute: str, old: object, new: object) -> str:
    """Whether a limit lets more through than before; what cannot be told is held to be narrower."""
    if new is None:
        return "wider"
    if isinstance(old, int) and isinstance(new, int):
        return "wider" if (new > old if attribute == "max_length" else new < old) else "narrower"
    return "narrower"
