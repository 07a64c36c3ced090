"""Amounts of money and the fields of their currencies: one value, of which no part stays without the other."""

from __future__ import annotations

from custrec.jobs.drafting import currency
from custrec.model.schema import Field, Schema, Table


def amounts_by_currency(table: Table) -> dict[str, list[str]]:
    """The amounts that are in the currency of a field, by that field."""
    found: dict[str, list[str]] = {}
    for one in table.fields:
        if one.currency_field:
            found.setdefault(one.currency_field, []).append(one.name)
    return found


def code_of(schema: Schema, amount: Field, said: object) -> str:
    """The currency that an amount is in, by what the field of its currency says; a blank is the usual one."""
    usual = str(amount.options.get("currency") or schema.defaults.currency or "").upper()
    return currency(said) or usual
