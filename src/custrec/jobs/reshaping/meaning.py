"""Whether stored values mean the same under another definition of their field, and how they are read anew if not.

Values keep their column where a stored value means just what it meant: texts that are shown as they are stored, dates
however they are written, whole numbers that may have decimals from now on. Everything else (an amount in another
currency, a text that becomes a day, a field that becomes a reference) is shown as people read it and judged as a new
cell would be. Between two kinds that are no texts, both ends are written in one neutral way, so that 3/4 or 1,234 can
never be taken for another day or number on the way.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from custrec.jobs.judging_again import Again, StoredJudge
from custrec.jobs.reading import value_type
from custrec.model.schema import Field, Schema, Table
from custrec.model.schema_change import FieldPair, TablePair, limits
from custrec.values.protocol import ValueType
from custrec.values.registry import kind_of

NOTATION = ("format", "dateOrder", "decimalChar", "groupChar")
"""Options that only say how people write a value."""


def meaning_kept(before: Schema, after: Schema) -> Callable[[Table, Field, Table, Field], bool]:
    """A function: whether a field's stored values mean the same in both schemas, whose tables have their ids."""

    def keeps(was_table: Table, was: Field, will_table: Table, will: Field) -> bool:
        old, new = was_table.references.get(was.name), will_table.references.get(will.name)
        if old or new:
            return old is not None and new is not None and before.by_name[old.table].id == after.by_name[new.table].id
        one, other = value_type(before, was_table, was), value_type(after, will_table, will)
        if kind_of(was) != kind_of(will):
            return (_is_text(one) and _is_text(other)) or _widens(was, will)
        if was.kind == "money":
            currencies = [f.options.get("currency") or s.defaults.currency for f, s in ((was, before), (will, after))]
            return currencies[0] == currencies[1] and bool(was.currency_field) == bool(will.currency_field)
        return was.kind != "number" or was.options.get("decimals") == will.options.get("decimals")

    return keeps


def _is_text(kind: ValueType) -> bool:
    """Whether what is stored is what people read."""
    return type(kind).show is ValueType.show and kind.field.column_type == "TEXT" and kind.kind != "tags"


def _widens(was: Field, will: Field) -> bool:
    return was.kind == "integer" and will.kind == "number" and will.options.get("decimals") is None


def judged_anew(pair: TablePair) -> list[FieldPair]:
    """The fields of a table whose values must be read again: of another kind, or held to narrower limits."""
    assert pair.before
    assert pair.after
    return [one for one in pair.fields if one.before and one.after and _must_judge(pair.before, pair.after, one)]


def _must_judge(was_table: Table, will_table: Table, pair: FieldPair) -> bool:
    was, will = pair.before, pair.after
    assert was
    assert will
    if pair.anew:
        return True
    if will.name in will_table.references:  # the parents' ids stay what they are
        return False
    if kind_of(was) != kind_of(will) or any(what == "narrower" for what, _ in limits(was, will)):
        return True
    told_apart = [f.unique or f.name in t.primary_key for f, t in ((was, was_table), (will, will_table))]
    if told_apart[1] and not told_apart[0]:
        return True
    return will.kind == "identifier" and was.options.get("format") != will.options.get("format")


@dataclass(frozen=True)
class Reader:
    """Reads the values of a table's fields anew. `before` are the fields whose stored values it wants (what stands
    beside an amount is among them), `pairs` those that it reads."""

    before: tuple[Field, ...]
    pairs: tuple[tuple[Field, Field], ...]
    shows: StoredJudge
    reads: StoredJudge

    def read(self, columns: Sequence[Sequence[Any]]) -> tuple[list[list[str]], Again]:
        """The texts of some rows, and what they are to be stored as; by the new names."""
        texts = self.shows.texts(columns)
        return texts, self.reads.read(texts, {})


def reader(pair: TablePair, schemas: tuple[Schema, Schema], chosen: Sequence[FieldPair], today: date) -> Reader:
    """What reads the chosen fields of a table anew."""
    was, will = pair.before, pair.after
    assert was
    assert will
    pairs = [(one.before, one.after) for one in chosen if one.before and one.after]
    by_new = {one.after.name: one.before for one in pair.fields if one.before and one.after}
    beside = [new.currency_field or new.region_field for _, new in pairs]
    named = {new.name for _, new in pairs}
    extra = [
        (by_new[name], will.by_name[name]) for name in dict.fromkeys(beside) if name in by_new and name not in named
    ]
    old_beside = [old.currency_field for old, _ in pairs if old.currency_field]
    seen = {old.name for old, _ in (*pairs, *extra)}
    extra += [(was.by_name[name], was.by_name[name]) for name in dict.fromkeys(old_beside) if name not in seen]
    both = [_written_alike(schemas, was, will, old, new) for old, new in (*pairs, *extra)]
    shown, read = _narrowed(was, [old for old, _ in both]), _narrowed(will, [new for _, new in both])
    return Reader(
        tuple(old for old, _ in (*pairs, *extra)),
        tuple(pairs),
        StoredJudge(schemas[0], shown, today),
        StoredJudge(schemas[1], read, today),
    )


def _written_alike(
    schemas: tuple[Schema, Schema], was: Table, will: Table, old: Field, new: Field
) -> tuple[Field, Field]:
    """Two definitions of a field of which one shows what the other reads."""
    if old.name in was.references or new.name in will.references or new.name not in will.by_name:
        return old, new
    one, other = value_type(schemas[0], was, old), value_type(schemas[1], will, new)
    if one.kind == other.kind and old.id == new.id:
        return replace(new, name=old.name, currency_field=old.currency_field, region_field=old.region_field), new
    if _is_text(one) or _is_text(other):
        return old, new
    return _neutral(old), _neutral(new)


def _neutral(field: Field) -> Field:
    kept: Mapping[str, Any] = {key: value for key, value in field.options.items() if key not in NOTATION}
    return replace(field, options=kept)


def _narrowed(table: Table, fields: Sequence[Field]) -> Table:
    """A table of only these fields, to judge them."""
    names = {f.name for f in fields}
    keys = tuple(key for key in table.foreign_keys if key.field in names)
    return replace(table, fields=tuple(fields), foreign_keys=keys, checks=())
