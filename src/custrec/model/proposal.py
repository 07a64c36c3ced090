"""A schema that is proposed for a file: one table, what speaks for each of its fields, and what a person should know.

Frozen nouns only. jobs.proposals makes a proposal, files.schema_writing writes it as schema.yaml, the command shows it.
Numbers and line numbers stand in it, never what a cell says; only the lists that a schema itself names (the values of
an enum, the words for blank) come from cells.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from custrec.model.schema import Defaults, Field, Schema, Table


def in_lines(lines: Sequence[int], count: int) -> str:
    """Where `count` things stand, of which `lines` names some: `in line 12`, `e.g. in lines 12, 80`."""
    named = ", ".join(map(str, lines))
    return f"{'e.g. ' if count > len(lines) else ''}in line{'s' if len(lines) > 1 else ''} {named}"


@dataclass(frozen=True, slots=True)
class Fit:
    """How the values of a column agree with the field: of `values` that are not blank, `misfits` are at fault.

    `lines` are the physical lines where the first of them begin; `blank` counts the rows without a value.
    """

    values: int = 0
    misfits: int = 0
    blank: int = 0
    lines: tuple[int, ...] = ()

    @property
    def share(self) -> str:
        """How many values fit, as people write it; never 100 % where one does not, and a dash where there are none."""
        if not self.values:
            return "–"
        if not self.misfits:
            return "100 %"
        return f"{(self.values - self.misfits) * 1000 // self.values / 10:.1f} %"


@dataclass(frozen=True, slots=True)
class ProposedField:
    """A column of the file (`column` counts from 1), the field it would be, and why; `notes` are short sentences."""

    column: int
    header: str
    field: Field
    fit: Fit
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Proposal:
    """A schema of one table for the file `source`, which is read as `form` (UTF-8, comma).

    `rows` were looked at: the whole file if `whole`, else a sample. `key_note` says why this key, or why none;
    `missing_note` which words stand for blank; `default_notes` (by key of `defaults` in schema.yaml) why each default.
    `warnings` are what was passed over in reading the file, and what no schema mends: columns without a header,
    damaged rows.
    """

    source: str
    table: Table
    fields: tuple[ProposedField, ...]
    defaults: Defaults
    rows: int
    whole: bool
    key_note: str
    missing_note: str = ""
    default_notes: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    form: str = ""

    @property
    def schema(self) -> Schema:
        """The schema itself."""
        return Schema((self.table,), self.defaults)
