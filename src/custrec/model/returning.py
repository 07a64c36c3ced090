"""The `erasure` section of a table: what is done with rows that would bring somebody back who was erased."""

from __future__ import annotations

from custrec.model.schema import Table

WARN, REFUSE = "warn", "refuse"


def on_return(table: Table) -> str:
    """WARN: they are taken, and said; REFUSE: they are refused as bad rows are."""
    return str((table.policies.get("erasure") or {}).get("on_return", WARN))
