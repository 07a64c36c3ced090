"""Reading cases for policies: every fault at once, with line and column. The shapes stand in data/cases.json.

cases:
  - name: former customer, contract ended 2023-05-01, unpaid purchase
    on: 2026-01-01
    record: {status: former, contract_end: 2023-05-01}
    children: {purchases: [{ordered_at: 2023-01-10, status: open}]}
    expect: restrict
    because: minimum
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from importlib import resources
from pathlib import Path

from custrec.errors import CasesInvalid, FileMissing, FileUnreadable
from custrec.files.schema_nodes import items_at, mapping_at, scalars_at, text_at, value_at
from custrec.files.schema_shape import Shape, Spec
from custrec.files.schema_tables import TableInFile, check_field_name
from custrec.files.strict_yaml import MAX_BYTES, Faults, Mapping, Mark, compose, decode, short
from custrec.model.anchor import child_key
from custrec.model.nearest import did_you_mean
from custrec.model.plan import State
from custrec.model.policy import Action, rules_of
from custrec.model.schema import Schema, Table

Record = dict[str, str]


@dataclass(frozen=True)
class Case:
    """A record that is made up, with its children by table, the day, and what is expected of it."""

    name: str
    line: int
    table: Table
    on: date
    record: Record
    expect: Action
    children: dict[str, list[Record]] = field(default_factory=dict)
    state: State = State.ACTIVE
    held: bool = False
    fields: tuple[str, ...] | None = None
    because: str | None = None


def load_cases(path: Path, schema: Schema) -> list[Case]:
    """The cases of a file, for the tables of a schema. Raises FileMissing, FileUnreadable, CasesInvalid."""
    try:
        with path.open("rb") as stream:
            raw = stream.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise FileMissing(path=str(path)) from None
    except OSError as error:
        raise FileUnreadable(path=path.name, reason=(error.strerror or "I/O error").lower()) from error
    faults = Faults()
    text = decode(raw, faults)
    document = compose(text, faults) if text is not None else None
    root = None if document is None else Shape(_vocabulary(), faults).fitting(document)
    cases = _Reader(schema, faults).cases(root) if isinstance(root, Mapping) else []
    if faults.count:
        raise CasesInvalid(name=path.name, count=faults.count, details=faults.lines())
    return cases


@cache
def _vocabulary() -> Spec:
    text = resources.files("custrec").joinpath("data", "cases.json").read_text(encoding="utf-8")
    read: Spec = json.loads(text)
    return read


class _Reader:
    def __init__(self, schema: Schema, faults: Faults) -> None:
        self.schema, self.faults = schema, faults
        self.first = next((table for table in schema.tables if rules_of(table)), schema.tables[0])

    def cases(self, root: Mapping) -> list[Case]:
        nodes = [node for node in items_at(root, "cases") if isinstance(node, Mapping)]
        return [case for node in nodes if (case := self.case(node)) is not None]

    def case(self, node: Mapping) -> Case | None:
        table = self.table(node)
        day = self.day(node)
        if table is None:
            return None
        record, children = self.record(mapping_at(node, "record"), table), dict[str, list[Record]]()
        for name, entry in mapping_at(node, "children").entries.items():
            child = self.schema.by_name.get(name)
            if child is None or child_key(child, table) is None:
                said = f"'children' names '{short(name)}', which does not refer to '{table.name}'"
                self.faults.add(entry.mark, said + did_you_mean(name, self.schema.by_name))
                continue
            given = items_at(mapping_at(node, "children"), name)
            children[name] = [self.record(one, child) for one in given if isinstance(one, Mapping)]
        if day is None or node.dropped:
            return None
        said_fields = scalars_at(node, "fields") if "fields" in node.entries else None
        return Case(
            name=text_at(node, "name") or "",
            line=node.mark.line,
            table=table,
            on=day,
            record=record,
            expect=Action[(text_at(node, "expect") or "keep").upper()],
            children=children,
            state=State[(text_at(node, "state") or "active").upper()],
            held=bool(value_at(node, "held")),
            fields=None if said_fields is None else tuple(sorted(word.text for word in said_fields)),
            because=text_at(node, "because"),
        )

    def table(self, node: Mapping) -> Table | None:
        name = text_at(node, "table")
        if name is None:
            return self.first
        if name not in self.schema.by_name:
            known = did_you_mean(name, self.schema.by_name)
            self.faults.add(node.entries["table"].node.mark, f"'{short(name)}' is no table{known}")
        return self.schema.by_name.get(name)

    def day(self, node: Mapping) -> date | None:
        text = text_at(node, "on")
        try:
            return date.fromisoformat(text) if text else None
        except ValueError:
            self.faults.add(node.entries["on"].node.mark, "there is no such day in the calendar")
            return None

    def record(self, node: Mapping, table: Table) -> Record:
        in_file = TableInFile(table, node, complete=True)
        found: Record = {}
        for name in node.entries:
            mark: Mark = node.entries[name].mark
            if not check_field_name(in_file, name, mark, "the case", self.faults):
                continue
            if name in table.references:
                self.faults.add(mark, f"'{short(name)}' says to whom a record belongs: a case has one record")
            elif (text := text_at(node, name)) is not None:
                found[name] = text
        return found
