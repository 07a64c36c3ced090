"""Edit: new values for some fields of records that are named, or meet a condition, as a plan of updates.

One record that would break something is an error that names every fault; of many, those stay as they are and are
counted (jobs.edits.changing). A text that no record could have in its field is an error in any case.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from custrec.errors import RecordInvalid, StalePlan
from custrec.jobs.drafting import Draft, drafted
from custrec.jobs.edits.changing import Changed, Changing, StoredBatch, Writing
from custrec.jobs.edits.written_values import Texts, in_words, recalled_with
from custrec.jobs.progress import Progress
from custrec.jobs.reading import condition
from custrec.model.plan import Plan
from custrec.model.problem import Fault
from custrec.model.schema import Table
from custrec.store import keyed
from custrec.store.database import Store, snapshot
from custrec.store.plan_file import PlanFile
from custrec.store.records import Condition
from custrec.store.rewriting import rewriting
from custrec.values.registry import versions


@dataclass(frozen=True)
class Chosen:
    """Which active records of a table: by number, or (None) all that meet a condition, if there is one."""

    table: Table
    records: Sequence[int] | None = None
    where: str | None = None

    def condition(self, store: Store, by: Draft) -> Condition:
        """For store.rewriting. Raises ExpressionInvalid."""
        if self.records is not None:
            return keyed.numbered(self.records)
        return condition(store, self.table, self.where, by.day)

    @property
    def single(self) -> int | None:
        """The one record that was named, if it was one."""
        return self.records[0] if self.records is not None and len(self.records) == 1 else None


@dataclass(frozen=True)
class EditRequest:
    """Texts by field ('' blanks it) for the chosen records; `version` is the `_event` that the one record was seen
    with, where it was seen."""

    chosen: Chosen
    texts: Mapping[str, str]
    version: int | None = None


def plan_edit(store: Store, request: EditRequest, by: Draft, progress: Progress | None = None) -> PlanFile:
    """Plan to change records.

    Raises RecordInvalid for a text that no record could have in its field, or of a single record for anything that it
    would break; StalePlan where the record is not as it was seen; ExpressionInvalid, DiskFull.
    """
    texts = dict(request.texts)

    def writing(batch: StoredBatch) -> Texts:
        if request.version is not None and batch.versions[0] != request.version:
            raise StalePlan(plan=by.plan_id, moved=1, first=batch.ids[0])
        return {name: [text] * len(batch.ids) for name, text in texts.items()}

    changing = Changing(store, request.chosen.table, list(texts), by)
    if request.chosen.single is None:
        _refuse_what_none_may_have(changing, texts)
    return plan_changes(store, "edit", request.chosen, changing, writing, by, progress)


def plan_changes(
    store: Store,
    verb: str,
    chosen: Chosen,
    changing: Changing,
    writing: Writing,
    by: Draft,
    progress: Progress | None,
) -> PlanFile:
    """A plan of what `changing` makes of the chosen records. Raises RecordInvalid for a single one."""
    base, which = by.base(store), chosen.condition(store, by)
    with drafted(store, by) as file:
        with rewriting(file, store.path), snapshot(store.reader):
            found = changing.run(file, which, writing, progress or Progress())
            if chosen.single is not None and found.refused:
                raise invalid(chosen.table, f"{chosen.table.name} #{chosen.single}", found)
            recalled = recalled_with(file, chosen.table)
        file.save_head(_head(store, verb, chosen.table, changing, by, base, found, recalled))
    return file


def _refuse_what_none_may_have(changing: Changing, texts: Mapping[str, str]) -> None:
    """Raises RecordInvalid where a text is at fault whatever stands beside it."""
    free = [name for name in texts if changing.wording.judge.types[name].beside is None]
    meant = changing.wording.read(
        {name: [text if name in free else "-"] for name, text in texts.items()},
        {name: [None] for name in changing.wording.beside},
    )
    wrong = [one for one in meant.faults.get(0, ()) if one[0] in free]
    if wrong:
        raise RecordInvalid(
            count=len(wrong),
            what="what is to be set",
            table=changing.table.name,
            details=tuple(in_words(*one) for one in wrong),
        )


def invalid(table: Table, what: str, found: Changed) -> RecordInvalid:
    """The error that tells every fault of one record."""
    told = [one for _, one in found.told] or [(";".join(table.primary_key), Fault(rule)) for rule in found.rules]
    details = tuple(dict.fromkeys(in_words(*one) for one in told))
    return RecordInvalid(count=len(details), what=what, table=table.name, details=details)


def _head(
    store: Store,
    verb: str,
    table: Table,
    changing: Changing,
    by: Draft,
    base: int,
    found: Changed,
    recalled: Mapping[str, int],
) -> Plan:
    back = sum(recalled.values())
    return by.head(
        store,
        verb,
        base,
        found.counts.plus(update=back, recalled=back),
        list(dict.fromkeys([table.name, *recalled])),
        rules=dict(found.rules),
        detail={
            "fields": {table.name: found.fields} if found.fields else {},
            "recalled": dict(recalled),
            "kinds": versions(table.by_name[name] for name in changing.names),
            "warnings": dict(found.warnings),
            "notes": dict(found.notes),
        },
    )
