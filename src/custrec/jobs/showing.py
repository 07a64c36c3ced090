"""One column of stored values as people read them: for lists, single records and exports, so that they say the same.

A value is shown by its kind; in JSON (`truth`) a truth value is true or false.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from custrec.errors import CurrencyUnreadable
from custrec.files.columns import Cell
from custrec.model.schema import Field
from custrec.values.protocol import ValueType
from custrec.values.registry import KINDS

MEMORY = 100_000
"""So many shown values of a column are remembered."""

SHOWN_OTHERWISE = frozenset({"money", "number", "boolean"})
"""Kinds of custrec's own that are shown otherwise than they are stored; dates are, if they have a format."""
_ISO = (None, "any", "default")


class Shown(dict[Any, Cell]):
    """How one column is shown: each value once while it is remembered. `beside` names the field that it needs."""

    def __init__(self, kind: ValueType, table: str, truth: bool) -> None:
        super().__init__()
        self._kind = kind
        self._table = table
        self._truth = truth and kind.kind == "boolean"
        self._as_stored = not self._truth and (_is_iso(kind.field) or type(kind).show is ValueType.show)
        # Kinds that store all they were told, as phones do, are shown without what was beside them.
        self.beside = None if type(kind).show is ValueType.show else kind.beside

    def column(self, values: Sequence[Any], ids: Iterable[int], beside: Sequence[Any] | None) -> Sequence[Cell]:
        """The shown values of some records. Raises CurrencyUnreadable."""
        if self._as_stored:
            return values
        if len(self) > MEMORY:
            self.clear()
        if beside is None:
            return list(map(self.__getitem__, values))
        return [self.cell(value, record, near) for record, value, near in zip(ids, values, beside, strict=True)]

    def cell(self, value: Any, record: int, near: Any) -> Cell:
        """One shown value. Raises CurrencyUnreadable."""
        if self._as_stored:
            return value  # type: ignore[no-any-return]
        try:
            return self[value, near] if self.beside else self[value]
        except ValueError:
            field = self._kind.field.name
            raise CurrencyUnreadable(field=field, table=self._table, record=record, beside=self.beside) from None

    def __missing__(self, key: Any) -> Cell:
        value, near = key if isinstance(key, tuple) else (key, None)
        if value is None:
            shown: Cell = None
        elif self._truth:
            shown = bool(value)
        else:
            shown = self._kind.show(value, near)
        self[key] = shown
        return shown


def may_be_shown_otherwise(field: Field) -> bool:
    """Whether a field's values may be shown otherwise than they are stored; the kinds of others need not be loaded."""
    if field.kind == "date":
        return not _is_iso(field)
    return field.kind in SHOWN_OTHERWISE or field.kind not in KINDS


def _is_iso(field: Field) -> bool:
    """Whether this is a field of days that are shown as they are stored."""
    return field.kind == "date" and field.options.get("format") in _ISO
