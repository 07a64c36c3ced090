"""A record as a text to be edited: YAML with a comment on each field, and what a person made of it.

Values stand as people read them and are read as text: 00501, no and 2024-03-01 mean themselves. A field that is left
empty is blanked, a line that was taken out leaves its field alone, and so does a value that was not touched.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from custrec.errors import FieldUnknown
from custrec.files import strict_yaml
from custrec.files.map_text import scalar
from custrec.jobs.edits.changing import StoredBatch
from custrec.jobs.edits.naming import Named, described
from custrec.jobs.edits.written_values import field_called
from custrec.jobs.reading import value_type
from custrec.model.schema import Field, Table
from custrec.store import keyed
from custrec.store.database import Store
from custrec.store.rewriting import stored_rows
from custrec.values.protocol import ValueType

FAULT = "#! "
"""How a line begins that says what is wrong."""
LIST_MARK = ";"


@dataclass(frozen=True)
class RecordText:
    """A record to be edited: the text, the values in it by field, and the event that touched the record last."""

    table: Table
    text: str
    values: Mapping[str, str]
    version: int

    def changes(self, edited: str) -> tuple[dict[str, str], list[str]]:
        """The texts by field that differ in an edited text, and what cannot be read of it."""
        faults = strict_yaml.Faults()
        node = strict_yaml.compose(edited, faults)
        if not isinstance(node, strict_yaml.Mapping):
            if not faults.count:
                faults.add(strict_yaml.Mark(1, 1), "lines like `field: value` are wanted")
            return {}, list(faults.lines())
        changed: dict[str, str] = {}
        for key, entry in node.entries.items():
            try:
                name = field_called(self.table, key)
            except FieldUnknown as error:
                faults.add(entry.mark, f"{error.message}; {error.hint}")
                continue
            text = _text(entry.node)
            if text is None:
                faults.add(entry.mark, f"{name} takes one value, or a list of plain ones")
            elif text.strip() != self.values[name].strip():
                changed[name] = text
        return self._with_amounts(changed), list(faults.lines())

    def _with_amounts(self, changed: dict[str, str]) -> dict[str, str]:
        """An amount stands beside its currency in the text, so whoever changes the currency means that amount in it."""
        amounts = [f.name for f in self.table.fields if f.currency_field in changed]
        return {name: self.values[name] for name in amounts if self.values[name]} | changed


def record_text(store: Store, named: Named) -> RecordText:
    """An active record as a text."""
    ((row,),) = stored_rows(store, named.table, keyed.numbered([named.record]), 1)
    heading = next(described(store, [named], by_name=True))
    return row_text(store, named.table, StoredBatch(store, named.table, [row]), heading)


def row_text(store: Store, table: Table, batch: StoredBatch, heading: str) -> RecordText:
    """One row, the only one of a batch, as a text with a heading."""
    values = {f.name: batch.texts(f.name)[0] for f in table.fields}
    lines = [
        f"# {' '.join(heading.splitlines())}",
        "# Change what is to change, save and close. An unchanged or emptied file changes nothing.",
    ]
    for f in table.fields:
        lines += ["", *_comment(f, value_type(store.schema, table, f), table)]
        lines.append(f"{scalar(f.name)}:{' ' + scalar(values[f.name]) if values[f.name] else ''}")
    return RecordText(table, "\n".join(lines) + "\n", values, batch.versions[0])


def with_faults(edited: str, faults: Sequence[str]) -> str:
    """An edited text with what is wrong on top."""
    flat = [" ".join(line.split()) for line in faults]
    return "".join(f"{FAULT}{line}\n" for line in flat) + without_faults(edited)


def without_faults(edited: str) -> str:
    """An edited text without what was said of it."""
    return "".join(line for line in edited.splitlines(keepends=True) if not line.startswith(FAULT.strip()))


def is_emptied(edited: str) -> bool:
    """Whether nothing but comments is left."""
    return all(not line.strip() or line.lstrip().startswith("#") for line in edited.splitlines())


def _comment(field: Field, kind: ValueType, table: Table) -> list[str]:
    takes = kind.describe()
    required = ", required" if field.required or field.name in table.primary_key else ""
    reference = table.references.get(field.name)
    said = [
        *([field.title] if field.title else []),
        f"{takes.takes}{required}",
        *([f"a {reference.target} of {reference.table}"] if reference else []),
        f"e.g. {takes.example}",
    ]
    return [f"# {' '.join(' · '.join(said).split())}"]


def _text(node: strict_yaml.Node) -> str | None:
    """A node as the text of a cell; None where it is none."""
    if isinstance(node, strict_yaml.Scalar):
        return "" if node.value is None else node.text
    if isinstance(node, strict_yaml.Sequence) and all(isinstance(item, strict_yaml.Scalar) for item in node.items):
        return LIST_MARK.join(item.text for item in node.items if isinstance(item, strict_yaml.Scalar))
    return None
