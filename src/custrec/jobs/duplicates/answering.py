"""One question being answered: its records as people read them, the values that were chosen, and what would become of
them. What is decided is a plan; whoever asks carries it out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from itertools import combinations

from custrec.errors import MergeRefused, RecordInvalid, UsageError
from custrec.jobs.drafting import Draft
from custrec.jobs.duplicates.asking import Question, texts_of
from custrec.jobs.duplicates.clusters import Cluster
from custrec.jobs.duplicates.judging_pairs import PairsRequest, plan_different
from custrec.jobs.duplicates.merged import keys_of
from custrec.jobs.duplicates.merging import MergeRequest, chosen_values, plan_merge
from custrec.jobs.edits.written_values import field_called
from custrec.jobs.previews import preview
from custrec.model.schema import Table
from custrec.store import keyed
from custrec.store.database import Store
from custrec.store.plan_file import PlanFile

MOST = 1_000
"""So many changed fields of a plan are looked at to show what would become."""


Choices = dict[str, int | str]
"""What a person chose by field: the number of the record that it comes from, or a text that was typed for it."""


def in_words(choices: Choices, question: Question) -> list[str]:
    """Choices as they are typed where a question is asked."""
    return [
        f"{name}={_typed(one) if isinstance(one, str) else question.records.index(one) + 1}"
        for name, one in choices.items()
    ]


def _typed(text: str) -> str:
    """A text as it is typed: in quotes where it would be taken for a place, or for what stands in quotes."""
    return f"'{text}'" if (text.isascii() and text.isdigit()) or _meant(text) != text else text


def _meant(typed: str) -> str:
    """What somebody means who typed this: what stands in quotes, if it does."""
    return typed[1:-1] if len(typed) > 1 and typed[0] == typed[-1] and typed[0] in "'\"" else typed


def fitting(store: Store, table: Table, choices: Choices, question: Question) -> Choices:
    """Those of another question's choices that make sense for this one. Who was merged since stands for what he is part
    of."""
    places = keyed.by_number(store, table, [one for one in choices.values() if isinstance(one, int)])
    found: Choices = {}
    for name, one in choices.items():
        if isinstance(one, str):
            found[name] = one
        elif one in places and places[one].record in question.records:
            found[name] = places[one].record
    return found


class Answering:
    """The state of one question, and what is chosen for it so far."""

    def __init__(
        self, store: Store, table: Table, question: Question, draft: Callable[[], Draft], choices: Choices
    ) -> None:
        self.store, self.table, self.question, self._draft = store, table, question, draft
        self.choices = choices

    @cached_property
    def texts(self) -> dict[int, dict[str, str]]:
        """The records by number, as people read them."""
        return texts_of(self.store, self.table, self.question.records)

    @cached_property
    def keys(self) -> dict[int, str]:
        """Their natural keys."""
        return keys_of(self.store, self.table, self.question.records)

    def numbered(self, words: Sequence[str]) -> list[int]:
        """The records that places from 1 mean; all for no words. Raises UsageError."""
        records = self.question.records
        try:
            places = [int(word) for word in words]
        except ValueError:
            places = [0]
        if any(not 1 <= place <= len(records) for place in places):
            raise UsageError(what=f"records are named 1 to {len(records)} here")
        return list(dict.fromkeys(records[place - 1] for place in places)) or list(records)

    def choose(self, name: str, said: str) -> None:
        """Choose a field's value: a place from 1 for what that record has, or a text; none for no value.

        Raises FieldUnknown, UsageError for the key, RecordInvalid for what the field does not take.
        """
        field = field_called(self.table, name)
        if field in self.table.primary_key:
            raise UsageError(what=f"{field} is the key: it stays that of the oldest record")
        if said.isascii() and said.isdigit() and 1 <= int(said) <= len(self.question.records):
            self.choices[field] = self.question.records[int(said) - 1]
        else:
            text = _meant(said)
            chosen_values(self.store, self.table, {**self._given, field: text}, self.question.records, self._draft())
            self.choices[field] = text

    def by_rules(self, names: Sequence[str]) -> None:
        """Let the rules say some fields again; all for no names. Raises FieldUnknown."""
        for field in [field_called(self.table, name) for name in names] or [*self.choices]:
            self.choices.pop(field, None)

    @property
    def _given(self) -> dict[str, str]:
        """The texts that were typed."""
        return {name: one for name, one in self.choices.items() if isinstance(one, str)}

    def merging(self, records: Sequence[int]) -> PlanFile:
        """Plan to make one of some of the records. Raises UsageError, MergeRefused, RecordInvalid."""
        if len(records) < 2:
            raise UsageError(what="one record is nothing to merge", hint="name two or more: m 1 2")
        given = self._given
        taken = {name: one for name, one in self.choices.items() if isinstance(one, int)}
        if lost := [name for name, record in taken.items() if record not in records]:
            number = self.question.records.index(taken[lost[0]]) + 1
            hint = f"choose again: {lost[0]}=TEXT, or r {lost[0]} for what the rules say"
            raise UsageError(what=f"{lost[0]} was to be that of record {number}, which is not among these", hint=hint)
        draft = self._draft()
        values = chosen_values(self.store, self.table, given, records, draft) if given else {}
        cluster = Cluster(tuple(records), None, values, taken)
        request = MergeRequest(self.table, [cluster], alone=True, judged=True)
        return plan_merge(self.store, request, draft)

    def parting(self, records: Sequence[int]) -> PlanFile:
        """Plan to say that no two of the records are the same, or that one of them is none of the others."""
        if len(records) == 1:
            (one,) = records
            pairs = [(min(one, other), max(one, other)) for other in self.question.records if other != one]
        else:
            pairs = list(combinations(sorted(records), 2))
        return plan_different(self.store, PairsRequest(self.table, pairs), self._draft())

    def becomes(self) -> tuple[dict[str, str], tuple[str, ...]]:
        """What would become of all of them, by field; or nothing, and why not."""
        try:
            file = self.merging(self.question.records)
        except (MergeRefused, RecordInvalid) as refused:  # a value may have become another one's since it was chosen
            return {}, refused.details
        try:
            (survivor,) = file.plan.detail["into"]
            found = dict(self.texts[survivor])
            for one in preview(self.store, file, MOST):
                if one["table"] == self.table.name and one["record"] == survivor:
                    found[one["field"]] = "" if one["after"] is None else str(one["after"])
        finally:
            file.drop()
        return found, ()
