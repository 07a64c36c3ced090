"""What people write for fields of records, judged as an import judges a row; references are looked up at once.

`Wording` is compiled for the fields that are written; it reads columns of texts, a row a record. What only the whole
record can tell (what is required, checks) or the other records (keys, unique values) is told by the functions below.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, TypeAlias, cast

from custrec.errors import FieldUnknown, RecordInvalid, UsageError
from custrec.jobs.judging import REQUIRED, FieldFault, Layout, TableJudge, checks_of, may_name
from custrec.jobs.reading import field_named
from custrec.model.lifecycle import PARENT_RULES
from custrec.model.plan import State
from custrec.model.problem import Fault
from custrec.model.schema import Table
from custrec.store import keyed
from custrec.store.database import Store
from custrec.store.moving import recall
from custrec.store.plan_file import PlanFile
from custrec.values.cleaning import clean_column
from custrec.values.protocol import Stored

if TYPE_CHECKING:
    from custrec.rules.checks import RowCheck

Texts: TypeAlias = Mapping[str, Sequence[str]]
"""A column of texts by field; a blank is ''."""
SomeTexts: TypeAlias = Mapping[str, Sequence[str | None]]
"""The same where some records keep what they have in a field (None)."""
Faults: TypeAlias = dict[int, list[FieldFault]]
"""What is wrong, by row."""


@dataclass
class Meant:
    """What columns of texts mean: values by field, those of references as the parent's key; the parents' ids by
    reference; faults by row; and the texts that a value does not tell all of, by field and row."""

    values: dict[str, list[Stored]]
    parents: dict[str, list[int | None]]
    faults: Faults
    lossy: dict[str, dict[int, str]]

    def keep(self, name: str, row: int, value: Stored, parents: Sequence[Stored] | None) -> None:
        """Let a row have a value that is not written, and so is at no fault; `parents` are ids, of a reference."""
        self.values[name][row] = value
        if parents is not None:
            self.parents[name][row] = cast("int | None", parents[row])
        self.lossy.get(name, {}).pop(row, None)
        left = [one for one in self.faults.pop(row, ()) if one[0] != name]
        if left:
            self.faults[row] = left

    def stored(self, name: str) -> Sequence[Stored]:
        """A column as the store has it."""
        return self.parents.get(name) or self.values[name]


class Wording:
    """Reads what is written for some fields of a table."""

    def __init__(self, store: Store, table: Table, names: Sequence[str], today: date) -> None:
        self.store = store
        self.table = table
        self.names = [f.name for f in table.fields if f.name in names]
        layout = Layout({name: place for place, name in enumerate(self.names)}, len(self.names))
        self.judge = TableJudge(table, store.schema, layout, sealing=False, today=today)
        required = {f.name for f in table.fields if f.required} | {*table.primary_key}
        self.required = [name for name in self.names if name in required]

    @property
    def beside(self) -> set[str]:
        """The fields that texts are understood by, where they are not written themselves."""
        return {kind.beside for kind in self.judge.types.values() if kind.beside} - {*self.names}

    def read(self, texts: Texts, beside: Mapping[str, Sequence[str | None]]) -> Meant:
        """What columns of texts mean, those of `beside` being shown values."""
        missing = self.judge.missing
        cleaned = {name: clean_column(texts[name], missing) for name in self.names}
        bad, lossy_rows, values = self.judge.read(
            {**cleaned, **{name: list(column) for name, column in beside.items()}}
        )
        faults: Faults = bad
        for row, found in bad.items():
            for name, _ in found:
                values[str(name)][row] = None
        for name in self.required:
            for row, text in enumerate(cleaned[name]):
                if values[name][row] is None and (text is None or not _faulty(faults, row, name)):
                    faults.setdefault(row, []).append((name, REQUIRED))
        parents = {name: self._parents(name, values[name], faults) for name in self.names if self._refers(name)}
        lossy = {name: {row: cleaned[name][row] or "" for row in rows} for name, rows in lossy_rows.items()}
        return Meant(values, parents, faults, lossy)

    def _refers(self, name: str) -> bool:
        return name in self.table.references

    def _parents(self, name: str, keys: Sequence[Stored], faults: Faults) -> list[int | None]:
        reference = self.table.references[name]
        parent = self.store.schema.by_name[reference.table]
        there = keyed.by_value(self.store, parent, reference.target, {key for key in keys if key is not None})
        said = {"table": reference.table, "field": reference.target}
        found: list[int | None] = []
        for row, key in enumerate(keys):
            place = there.get(key)
            found.append(place.record if place else None)
            if key is not None and place is None:
                faults.setdefault(row, []).append((name, Fault("no-parent", said)))
            elif place and place.state in PARENT_RULES and place.state is not State.ARCHIVED:
                faults.setdefault(row, []).append((name, Fault(PARENT_RULES[place.state], said)))
        return found


def recalled_with(file: PlanFile, table: Table) -> dict[str, int]:
    """Bring back in a plan the archived records that those which it writes refer to (store.moving); how many, by table.

    Raises RecordInvalid where one cannot come back. The plan's file must see the store.
    """
    moved = recall(file)
    if moved.lost:
        details = tuple(f"{rule}: {count:,}" for rule, count in moved.lost.items())
        raise RecordInvalid(count=moved.lost.total(), what="what it refers to", table=table.name, details=details)
    return moved.tables


def checks_naming(store: Store, table: Table, names: Sequence[str], today: date) -> list[RowCheck]:
    """The checks that a record is held to when these fields change."""
    if not may_name(table.checks, names):
        return []
    checks = checks_of(table, store.schema, [f.name for f in table.fields], today)
    return [check for check in checks if not {*check.fields}.isdisjoint(names)]


def unique_sets(table: Table) -> Iterator[tuple[str, ...]]:
    """The fields that together may hold the same only once: the key, and each unique field."""
    if table.primary_key:
        yield table.primary_key
    yield from ((f.name,) for f in table.fields if f.unique and (f.name,) != table.primary_key)


def taken(store: Store, table: Table, name: str, values: Sequence[Stored]) -> dict[int, keyed.Place]:
    """By row, the record that holds the value of a unique field already."""
    there = keyed.by_value(store, table, name, {value for value in values if value is not None})
    return {row: there[value] for row, value in enumerate(values) if value is not None and value in there}


def field_called(table: Table, name: str) -> str:
    """A field by its name, or by a header that import takes for it. Raises FieldUnknown with the nearest."""
    try:
        return field_named(table, name).name
    except FieldUnknown:
        from custrec.files.headers import match_headers

        found = match_headers([name], table).columns
        if 0 in found:
            return found[0]
        raise


def assignments(table: Table, words: Sequence[str]) -> dict[str, str]:
    """The texts by field of words `field=value`; a full-width ＝ counts, too. Raises FieldUnknown, UsageError."""
    given: dict[str, str] = {}
    for word in words:
        name, text = split(word)
        field = field_called(table, name)
        if field in given:
            raise UsageError(what=f"{field} is given twice")
        given[field] = text
    return given


def split(word: str) -> tuple[str, str]:
    """The two sides of `field=value`. Raises UsageError."""
    place = min((at for sign in "=＝" if (at := word.find(sign)) >= 0), default=-1)
    if place < 1:
        raise UsageError(what="field=value is wanted", hint="e.g. name='Ann Lee'; field= blanks it")
    if any("\ud800" <= letter <= "\udfff" for letter in word):
        raise UsageError(what=f"the value of {word[:place]} is no text in this terminal's encoding")
    return word[:place], word[place + 1 :]


def in_words(field: str | None, fault: Fault) -> str:
    """A fault as a line: field, rule, what is wrong, and which record it is about."""
    named = f" (it is {fault.params['of']})" if "of" in fault.params else ""
    return f"{field or 'the record'}: {fault.rule}: {fault.message}{named}"


def _faulty(faults: Faults, row: int, name: str) -> bool:
    return any(field == name for field, _ in faults.get(row, ()))
