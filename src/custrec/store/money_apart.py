"""Where a row of an import would part an amount of money from its currency (`currencyField`): SQL for store.reconcile.

Both are one value. With another currency, what is stored of the amount would mean another sum; and an amount without
its currency was read in the default one. The SQL function `_currency` knows which texts name one currency
(jobs.amounts); a blank is the default currency.
"""

from __future__ import annotations

from collections.abc import Iterator

from custrec.model.schema import Field, Schema, Table
from custrec.store.quoting import literal, quote


def parted(schema: Schema, table: Table, on_existing: str) -> Iterator[tuple[Field, str, str]]:
    """For each amount with a currency field: the field, that field, and the condition that a row `r` parts them in its
    record `l`. The record's store is attached as `store`."""
    if on_existing not in ("update", "fill"):
        return
    first, second = ("r", "l") if on_existing == "update" else ("l", "r")
    for field in table.fields:
        beside = field.currency_field
        if beside is not None:
            amount, currency = quote(field.name), quote(beside)
            read, kept, after = (
                _currency(schema, table, field, beside, value)
                for value in (f"r.{currency}", f"l.{currency}", f"coalesce({first}.{currency}, {second}.{currency})")
            )
            given = f"r.{amount} IS NOT NULL" + (f" AND l.{amount} IS NULL" if on_existing == "fill" else "")
            apart = f"WHEN {given} THEN {after} IS NOT {read} WHEN l.{amount} IS NOT NULL THEN {after} IS NOT {kept}"
            yield field, beside, f"CASE {apart} END"


def _currency(schema: Schema, table: Table, amount: Field, beside: str, value: str) -> str:
    """The SQL of the currency that a value of the currency field means: its code, or a text that is none."""
    reference = table.references.get(beside)
    if reference is not None:
        parent = f"store.{quote(reference.table)}"
        value = f"(SELECT p.{quote(reference.target)} FROM {parent} p WHERE p._id = {value})"
    usual = str(amount.options.get("currency") or schema.defaults.currency or "").upper()
    return f"coalesce(_currency({value}), {literal(usual)})"
