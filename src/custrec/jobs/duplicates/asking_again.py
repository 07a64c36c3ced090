"""Questions asked again: what became of their records while somebody thought about them, in words, and what is left to
ask by what was decided and changed since. Nothing is decided of records that are not those that were shown.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from custrec.jobs.duplicates.asking import Question, of_cluster
from custrec.jobs.duplicates.comparing import read
from custrec.jobs.duplicates.found import FoundDuplicates, found_duplicates
from custrec.jobs.duplicates.merged import keys_of
from custrec.jobs.edits.naming import PLACES
from custrec.matching.model import Model
from custrec.model.plan import State
from custrec.model.schema import Table
from custrec.store import keyed, verdicts
from custrec.store.coded_columns import compared
from custrec.store.database import Store, snapshot
from custrec.store.keyed import Place


@dataclass(frozen=True)
class Moved:
    """One thing that happened to the records of a question since it was read, in words: numbers and keys, no other
    value; `event` is the last one that touched them, None where a record was destroyed."""

    words: str
    event: int | None


def moved_since(store: Store, table: Table, question: Question) -> list[Moved]:
    """What happened to the records of a question since it was read, in their order."""
    if store.last_event == question.as_of:
        return []
    with snapshot(store.reader):
        places = keyed.by_number(store, table, question.records)
        events = keyed.last_events(store, table, question.records)
        keys = keys_of(store, table, question.records)
        found = [
            Moved(f"{_named(record, keys)} {_became(places.get(record))}", events.get(record))
            for record in question.records
            if record not in events or events[record] > question.as_of
        ]
        return [*found, *_said_since(store, table, question)]


def asked_again(store: Store, table: Table, question: Question, model: Model | None) -> list[Question]:
    """What is left to ask of a question, by what was decided and changed since; as likely as it is by now.

    Raises NothingFoundYet: who destroys records destroys what was found, too.
    """
    with found_duplicates(store, table) as found:
        left = list(_left(found, question))
        return [_weighed(found, one, model) if model is not None else one for one in left]


def _left(found: FoundDuplicates, question: Question) -> Iterator[Question]:
    as_of = found.store.last_event
    if question.cluster is None:
        there = compared(found.store, found.table, question.records)
        if len(there) == len(question.records) and not found.said_between(*question.records):
            yield replace(question, as_of=as_of)
        return
    for cluster in found.clusters(set(found.kept.clusters_of(question.records).values())):
        if not set(question.records).isdisjoint(cluster.records):
            yield of_cluster(cluster, as_of)


def _said_since(store: Store, table: Table, question: Question) -> Iterator[Moved]:
    for said in verdicts.verdicts(store, table, about=question.records):
        if said.event > question.as_of:
            yield Moved(f"#{said.one} and #{said.other} were said to be different meanwhile", said.event)


def _named(record: int, keys: Mapping[int, str]) -> str:
    return f"#{record} ({keys[record]})" if keys.get(record) else f"#{record}"


def _became(place: Place | None) -> str:
    if place is None:
        return "is not there any more"
    if place.via is not None:
        return f"was merged into #{place.record} meanwhile"
    if place.state is State.ACTIVE:
        return "changed meanwhile"
    if place.state is State.ARCHIVED:  # it may have been before
        return "changed meanwhile, and is archived"
    return f"is {PLACES[place.state]} now"


def _weighed(found: FoundDuplicates, question: Question, model: Model) -> Question:
    """A question with the odds of what its records hold by now; what the last search kept is of what they held then."""
    import numpy as np

    from custrec.jobs.duplicates.joining import Weigher

    if not question.odds:
        return question
    given = read(found.store, found.comparison, question.records)
    left, right = (given.rows_of([pair[side] for pair in question.odds]).astype(np.int32) for side in (0, 1))
    odds = Weigher(found.comparison, given, model).weigh(left, right).odds.tolist()
    return replace(question, odds=dict(zip(question.odds, odds, strict=True)))
