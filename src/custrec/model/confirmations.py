"""The nouns of confirming: a campaign, who said that a value is right, and how far the work has come."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from custrec.model.schema import Field, Table

STAFF, SUBJECT = "staff", "subject"
"""Who says that a value is right: somebody of the house, or the person that the record is about."""

CONFIRMED, CORRECTED, ERASE = "confirmed", "corrected", "erase"
"""How a value became right, or a letter was answered; `erase` asks for the data to be deleted."""

NONE = 0
"""The number that stands for no campaign."""

CONTACT_KINDS = ("person_name", "org_name", "phone", "email", "address")
"""Kinds of fields that are confirmed where nobody says which."""


@dataclass(frozen=True)
class Campaign:
    """What people set out to confirm of a table. `fields` are those that its schema still has; `closes` is the last day
    for answers, `closed` when somebody closed it; `event` the event that touched it last."""

    number: int
    name: str
    table: Table
    fields: tuple[Field, ...]
    owner: Field | None
    condition: str | None
    opened: str
    closes: date | None
    closed: str | None
    record: int
    event: int

    def is_over(self, today: date) -> bool:
        """Whether its last day has passed."""
        return self.closes is not None and today > self.closes

    def takes_answers(self, today: date) -> bool:
        """Whether work on it still counts: nobody closed it, and its last day has not passed."""
        return self.closed is None and not self.is_over(today)


@dataclass(frozen=True)
class Confirmation:
    """That the present value of a field was right: when, said by staff or subject, as it stood or by a correction, in
    which campaign (its name, if in one); the event that noted it, and who did."""

    at: str
    by: str
    how: str
    campaign: str | None
    event: int
    actor: str


STANDINGS = (CONFIRMED, CORRECTED, "partly", ERASE, "open")
"""How a record of a work list may stand: all its fields are confirmed; so, and some were corrected; some of them are;
the person asks for deletion; nothing was heard."""


@dataclass
class Tally:
    """Records of a work list by how they stand."""

    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(STANDINGS, 0))

    @property
    def asked(self) -> int:
        """All of them."""
        return sum(self.counts.values())

    @property
    def done(self) -> int:
        """Those of which nothing is left to do."""
        return self.counts[CONFIRMED] + self.counts[CORRECTED] + self.counts[ERASE]

    @property
    def left(self) -> int:
        """Those that somebody has to see to."""
        return self.asked - self.done

    def add(self, standing: str, count: int = 1) -> None:
        """Count records."""
        self.counts[standing] += count
