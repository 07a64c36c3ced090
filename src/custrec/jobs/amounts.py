"""Amounts of money and the fields of their currencies: one value, of which no part stays without the other."""

from __future__ import annotations

from custrec.model.schema import Field, Schema, Table


def amounts_by_currency(table: Table) -> dict[str, list[str]]:
    """The amounts that are in the currency of a field, by that field."""
    found: dict[str, list[str]] = {}
    for one in table.fields:
        if one.currency_field:
            found.setdefault(one.currency_field, []).append(one.name)
    return found


def currency_of(schema: Schema, amount: Field, said: object) -> str:
    """The currency that an amount is in, by what the field of its currency says; a blank is the usual one."""
    usual = str(amount.options.get("currency") or schema.defaults.currency or "").upper()
    return currency(said) or usual


def currency(text: object) -> str | None:
    """The code of a currency by any of its names; a text that names none is itself."""
    from custrec.values.currencies import code_of
    from custrec.values.letters import halve

    return None if text is None else code_of(halve(str(text))) or str(text)
