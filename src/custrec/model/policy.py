"""The sections `stale`, `retention` and `capacity` of a table: what is to become of records as time goes by.

`stale_of`, `rules_of` and `capacity_of` give what holds for a table. Anchors and conditions are kept as they are
written (read by model.anchor and model.condition); reading the sections strictly stands in files.schema_policy, judging
by them in rules.verdicts. What may become of a record is ordered by `Action`: each takes more than the one before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

from custrec.model.calendar import Duration, duration_of
from custrec.model.schema import Table


class Action(IntEnum):
    """What a policy may do with a record, the mildest first.

    From TRASH on, something is lost (`destroys`): no hold and no minimum may be running then.
    """

    KEEP = 0
    FLAG = 1
    ARCHIVE = 2
    RESTRICT = 3
    TRASH = 4
    ANONYMISE = 5
    PURGE = 6

    @property
    def word(self) -> str:
        """The word for it in schema.yaml."""
        return self.name.lower()

    @property
    def destroys(self) -> bool:
        """Whether values are lost, now or when the trash is emptied."""
        return self >= Action.TRASH


STEPS = tuple(action for action in Action if action is not Action.KEEP)
"""What a rule may ask for, the mildest first."""
PERSONAL = frozenset({"personal", "sensitive"})
"""Classifications of what tells who somebody is."""
TAG = "retention"
"""The tag that `flag` puts, where a rule names none."""
AGAIN = Duration(months=12)
"""After so long, a record that somebody wanted kept is asked about again, where a rule does not say."""
AT_ONCE = Duration()
GRACE = Duration(days=30)
STALE_TAG = "stale"
TASK_WORDS = "Check whether this record still holds"
TASK_WITHIN = Duration(days=14)


@dataclass(frozen=True)
class Step:
    """What is to be done once a period has passed, and why."""

    action: Action
    period: Duration
    why: str = ""


@dataclass(frozen=True)
class Minimum:
    """How long something has to be kept, and by which law; counted from an anchor of its own, or from the rule's."""

    period: Duration
    why: str = ""
    anchor: str | None = None


@dataclass(frozen=True)
class Notice:
    """The customer is written to `before` the day comes and has `grace` to answer; who wants a record kept is asked
    `again` after so long."""

    before: Duration = AT_ONCE
    grace: Duration = GRACE
    again: Duration = AGAIN


@dataclass(frozen=True)
class FieldRule:
    """Fields of a record that go earlier than the record does. Only their own minimum holds them back."""

    fields: tuple[str, ...]
    period: Duration
    why: str = ""
    anchor: str | None = None
    minimum: Minimum | None = None

    @property
    def name(self) -> str:
        """The fields as a rule names them."""
        return ", ".join(self.fields)


@dataclass(frozen=True)
class Rule:
    """A rule of retention: for which records (`when`, all of these), from which day on, what happens after how long."""

    name: str
    anchor: str | None = None
    when: tuple[str, ...] = ()
    protect: tuple[str, ...] = ()
    steps: tuple[Step, ...] = ()
    minimum: Minimum | None = None
    notice: Notice | None = None
    auto: frozenset[Action] = frozenset()
    fields: tuple[FieldRule, ...] = ()
    tag: str = TAG

    @property
    def destroys(self) -> bool:
        """Whether the rule may end with something lost."""
        return any(step.action.destroys for step in self.steps)


@dataclass(frozen=True)
class Tasks:
    """Where tasks about stale records go: a table that refers to this one, and its fields for the words, the day by
    which, and the person. `open` says which tasks are still to be done, `values` what else a new one holds."""

    table: str
    title: str
    words: str = TASK_WORDS
    due: str | None = None
    within: Duration = TASK_WITHIN
    owner: str | None = None
    open: str | None = None
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Stale:
    """When a record has to be looked at again: so long `after` its anchor; `warn` so long before that."""

    anchor: str
    after: Duration
    warn: Duration | None = None
    where: str | None = None
    protect: tuple[str, ...] = ()
    tag: str = STALE_TAG
    tasks: Tasks | None = None


@dataclass(frozen=True)
class Capacity:
    """How many active records a table may have, or how many bytes the store; what is beyond it is proposed for
    `action`, the longest inactive first: by an anchor, or by the event that touched a record last."""

    max_records: int | None = None
    max_bytes: int | None = None
    anchor: str | None = None
    action: Action = Action.ARCHIVE


def stale_of(table: Table) -> Stale | None:
    """When records of a table are stale; None where nothing says so."""
    said: Mapping[str, Any] | None = table.policies.get("stale")
    if not said:
        return None
    tasks = said.get("tasks")
    return Stale(
        anchor=said["anchor"],
        after=duration_of(said["after"]),
        warn=duration_of(said["warn"]) if "warn" in said else None,
        where=said.get("where"),
        protect=_texts(said.get("protect")),
        tag=str(said.get("tag", STALE_TAG)),
        tasks=_tasks(tasks) if tasks else None,
    )


def rules_of(table: Table) -> tuple[Rule, ...]:
    """The rules of retention of a table, in the order of the file."""
    return tuple(_rule(said) for said in table.policies.get("retention") or ())


def capacity_of(table: Table) -> Capacity | None:
    """How much a table may hold; None where nothing says so."""
    said: Mapping[str, Any] | None = table.policies.get("capacity")
    if not said:
        return None
    stale = table.policies.get("stale") or {}
    return Capacity(
        max_records=said.get("max_records"),
        max_bytes=said.get("max_bytes"),
        anchor=said.get("anchor") or stale.get("anchor"),
        action=Action[said.get("action", Action.ARCHIVE.word).upper()],
    )


def personal_fields(table: Table) -> tuple[str, ...]:
    """The fields that go where a record is anonymised: those classified as personal or sensitive, but for what tells
    which record it is, or whose."""
    stays = {*table.primary_key, *table.references}
    return tuple(f.name for f in table.fields if f.classification in PERSONAL and f.name not in stays)


def owner_of(table: Table) -> str | None:
    """The field that says whose record it is."""
    return table.policies.get("owner")


def fields_of_part(text: str) -> tuple[str, ...]:
    """The fields that a key of `fields` names, one or several after commas."""
    return tuple(word.strip() for word in text.replace("，", ",").split(",") if word.strip())


def _tasks(said: Mapping[str, Any]) -> Tasks:
    return Tasks(
        table=said["table"],
        title=said["title"],
        words=str(said.get("words", TASK_WORDS)),
        due=said.get("due"),
        within=duration_of(said["within"]) if "within" in said else TASK_WITHIN,
        owner=said.get("owner"),
        open=said.get("open"),
        values={name: str(value) for name, value in (said.get("values") or {}).items()},
    )


def _rule(said: Mapping[str, Any]) -> Rule:
    steps = [Step(action, duration_of(said[action.word])) for action in STEPS if action.word in said]
    if "keep_at_most" in said:
        most = said["keep_at_most"]
        then = Action[most.get("then", Action.PURGE.word).upper()]
        steps.append(Step(then, duration_of(most["period"]), str(most.get("why", ""))))
    notice = said.get("notify")
    return Rule(
        name=str(said["name"]),
        anchor=said.get("anchor"),
        when=_texts(said.get("when")),
        protect=_texts(said.get("protect")),
        steps=tuple(sorted(steps, key=lambda step: step.action)),
        minimum=_minimum(said.get("keep_at_least")),
        notice=None if notice is None else Notice(**{key: duration_of(text) for key, text in notice.items()}),
        auto=frozenset(Action[word.upper()] for word in _texts(said.get("auto"))),
        fields=tuple(
            _field_rule(key, part) for key, part in (said.get("fields") or {}).items() if "keep_at_most" in part
        ),
        tag=str(said.get("tag", TAG)),
    )


def _field_rule(key: str, said: Mapping[str, Any]) -> FieldRule:
    most = said["keep_at_most"]
    if isinstance(most, str):
        most = {"period": most}
    return FieldRule(
        fields=fields_of_part(key),
        period=duration_of(most["period"]),
        why=str(most.get("why", "")),
        anchor=said.get("anchor"),
        minimum=_minimum(said.get("keep_at_least")),
    )


def _minimum(said: str | Mapping[str, Any] | None) -> Minimum | None:
    if said is None:
        return None
    if isinstance(said, str):
        return Minimum(duration_of(said))
    return Minimum(duration_of(said["period"]), str(said.get("why", "")), said.get("anchor"))


def _texts(said: str | Sequence[str] | None) -> tuple[str, ...]:
    return (said,) if isinstance(said, str) else tuple(said or ())
