"""Names of the entry points through which other packages add to custrec. It loads nothing by itself."""

from __future__ import annotations

VALUE_TYPES = "custrec.value_types"
