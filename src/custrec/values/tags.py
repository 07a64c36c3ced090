"""Tags: several short words in one cell, stored each once, sorted, joined by ";" (VIP;华东).

They may stand apart by , ; | 、 ， ； ｜ or a line end; spaces belong to a tag. Where the schema lists the tags
(`constraints.enum`), every tag must be one of them, in any case or width, or by a label.
"""

from __future__ import annotations

import re

from custrec.model.schema import Defaults, Field
from custrec.values.choice import Spellings, labels_of, none_of
from custrec.values.columns import RememberingType
from custrec.values.letters import tidy
from custrec.values.likeness import overlap
from custrec.values.protocol import Agreement, Description, Reading, Stored, Value

_APART = re.compile(r"[,;、，；|｜\n]")


class Tags(RememberingType):
    """A set of tags."""

    kind = "tags"

    def __init__(self, field: Field, defaults: Defaults) -> None:
        super().__init__(field, defaults)
        self._spellings = Spellings(field.enum, labels_of(field)) if field.enum else None

    def plain(self, text: str, beside: str | None) -> Stored:  # noqa: ARG002
        tags = {tidy(tag) for tag in _APART.split(text)} - {""}
        if self._spellings is not None:
            known = {self._spellings.meant(tag) for tag in tags}
            if None in known:
                return None
            tags = {tag for tag in known if tag}
        return ";".join(sorted(tags)) or None

    def study(self, text: str, beside: str | None) -> Reading:  # noqa: ARG002
        """Only separators are a blank cell; the rest has tags that the schema does not list."""
        blank = not any(map(tidy, _APART.split(text)))
        return Reading() if blank else Reading(fault=none_of(self.field.enum))

    def keys(self, value: Stored) -> tuple[str, ...]:
        return () if value is None else tuple(str(value).split(";"))

    def likeness(self, a: Value, b: Value) -> Agreement:
        """CLOSE where at least half of all their tags are shared, WEAK where any is."""
        share = overlap(str(a).split(";"), str(b).split(";"))
        return Agreement.CLOSE if share >= 0.5 else Agreement.WEAK if share else Agreement.DIFFERENT

    def describe(self) -> Description:
        known = f" from {', '.join(self.field.enum)}" if self.field.enum else ""
        return Description("tags", f"any number of tags{known}, apart by ; or ,", "VIP;华东")
