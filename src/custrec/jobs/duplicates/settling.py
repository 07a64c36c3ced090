"""Which values the record has that several become: the rules of the table's `match` section over whole clusters.

An amount and its currency are one value: they are taken together. What a person chose stands above every rule. The
record that would come of a cluster is held to the checks that refuse, unless the survivor broke them before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from custrec.jobs.amounts import amounts_by_currency, currency_of
from custrec.jobs.drafting import Draft
from custrec.jobs.duplicates.clusters import Cluster, LeftOut
from custrec.jobs.duplicates.name_order import exchangeable, in_one_order
from custrec.jobs.edits.written_values import checks_naming
from custrec.model.match import SurvivorRule, match_of
from custrec.model.schema import Field, Table
from custrec.rules.survivorship import Amount, Claim, Undecided, of_one_currency, survivor
from custrec.store.database import Store
from custrec.store.value_ages import ValueAges
from custrec.values.protocol import Stored

BATCH = 5_000
Row = tuple[Any, ...]
"""One record: (survivor, id, state, *stored values)."""
HEAD = 3
"""Where the values begin."""


SAID = 0
"""No record, but what a person said."""


class TooLong(Exception):
    """The values joined are longer than the field takes."""


class MoneyApart(Exception):
    """A person chose an amount without its currency, or a currency without the amounts, and others are in another."""


class Settling:
    """The values of one table's survivors. `changed` counts the fields in which they change."""

    def __init__(self, store: Store, table: Table, by: Draft, ages: Callable[[], ValueAges]) -> None:
        self.table = table
        self.match = match_of(table)
        self.changed: dict[str, int] = {}
        self._ages = ages
        self._known: ValueAges | None = None
        self._fields = [f.name for f in table.fields]
        self._confirmed = HEAD + self._fields.index(self.match.confirmed) if self.match.confirmed else None
        self._schema = store.schema
        checks = checks_naming(store, table, self._fields, by.day)
        self._checks = [one for one in checks if one.refuses and table.references.keys().isdisjoint(one.fields)]
        self._apart = amounts_by_currency(table)
        paired = {name for currency_, amounts in self._apart.items() for name in (currency_, *amounts)}
        self._single = [
            (place, f, self.match.survivors[f.name])
            for place, f in enumerate(table.fields)
            if f.name not in paired and f.name not in table.primary_key
        ]

        self._names = exchangeable(table, dict(self.match.survivors))

    def settled(
        self, groups: Iterable[tuple[int, Iterator[Row]]], clusters: Mapping[int, Cluster], out: LeftOut
    ) -> Iterator[tuple[int, Row | None]]:
        """By survivor, what it becomes: (id, state, *stored values); None where that cannot be, which `out` says."""
        groups = iter(groups)
        while batch := [(survivor_, list(rows)) for survivor_, rows in islice(groups, BATCH)]:
            made: dict[int, list[Stored] | None] = {}
            for number, rows in batch:
                try:
                    made[number] = self.values(rows, clusters[number])
                except Undecided as undecided:
                    out.add("ask", f"{self._named(rows)}: {undecided.args[0]} differs; say which one stays")
                    made[number] = None
                except MoneyApart as apart:
                    name, beside = apart.args
                    out.add("money-apart", f"{self._named(rows)}: {name} and {beside} are one value; choose both")
                    made[number] = None
                except TooLong as too_long:
                    out.add("too-long", f"{self._named(rows)}: {too_long.args[0]} would be too long")
                    made[number] = None
            self._hold_to_checks(batch, made, out)
            for number, rows in batch:
                values = made[number]
                if values is not None:
                    self._count(rows[0][HEAD:], values)
                yield number, None if values is None else (number, rows[0][2], *values)

    def values(self, rows: Sequence[Row], cluster: Cluster) -> list[Stored]:
        """What the first of these records becomes. Raises Undecided and TooLong with the field's name, MoneyApart with
        that of the amount and of its currency."""
        values: list[Stored] = list(rows[0][HEAD:])
        chosen = cluster.values.keys() | cluster.taken.keys()
        fitting = self._fitting(rows)
        for place, one, rule in self._single:
            if one.name not in chosen:
                column, some = HEAD + place, fitting.get(place, rows)
                if any(row[column] is not None and row[column] != rows[0][column] for row in some):
                    values[place] = self._survivor(one, rule, some, column)
        for currency_, amounts in self._apart.items():
            self._settle_money(currency_, amounts, rows, cluster, values)
        for place, name in enumerate(self._fields):
            if name in cluster.values:
                values[place] = cluster.values[name]
            elif name in cluster.taken:
                values[place] = next(row[HEAD + place] for row in rows if row[1] == cluster.taken[name])
        return values

    def _fitting(self, rows: Sequence[Row]) -> dict[int, Sequence[Row]]:
        """The records whose names may be chosen, by the place of a field, where some have them exchanged."""
        found: dict[int, Sequence[Row]] = {}
        for one, two in self._names:
            rule = self.match.survivors[self._fields[one]]
            some = in_one_order(rows, HEAD + one, HEAD + two, rule, self._age)
            if len(some) < len(rows):
                found |= {one: some, two: some}
        return found

    def _age(self, row: Row, column: int) -> tuple[str, int]:
        return max(claim.age for claim in self._claims(self.table.fields[column - HEAD], [row], column))

    def _survivor(self, one: Field, rule: SurvivorRule, rows: Sequence[Row], column: int) -> Stored:
        said: set[Stored] = {row[column] for row in rows if row[column] is not None}
        if len(said) == 1:
            return said.pop()
        try:
            value = survivor(one, rule, self._claims(one, rows, column))
        except Undecided:
            raise Undecided(one.name) from None
        if one.max_length is not None and isinstance(value, str) and len(value) > one.max_length:
            raise TooLong(one.name)
        return value

    def _claims(self, one: Field, rows: Sequence[Row], column: int) -> list[Claim]:
        ages = self._known = self._known or self._ages()
        confirmed = self._confirmed
        claims = []
        for row in rows:
            filled = len(row) - HEAD - row[HEAD:].count(None)
            seen = None if confirmed is None else row[confirmed]
            for saying in ages.sayings(row[1], one, row[column]):
                source = ages.sources.get(saying.set_by)
                claims.append(Claim(row[column], row[1], saying.said_by, source, seen, filled))
        return claims

    def _settle_money(
        self, currency_: str, amounts: Sequence[str], rows: Sequence[Row], cluster: Cluster, values: list[Stored]
    ) -> None:
        """Amounts that share a currency come from records that have the same one: that which a person chose, else that
        of the first amount's winner. Raises Undecided; MoneyApart where a person parts an amount from its currency."""
        beside = HEAD + self._fields.index(currency_)
        chosen = {*cluster.values, *cluster.taken}
        given = [self._amount(name, beside, rows, cluster.values.get(currency_)) for name in amounts]
        own = rows[0][1]
        first = own if currency_ in self.table.primary_key else _leading(currency_, amounts, own, cluster)
        kept, leading = of_one_currency([one for one in given if one.field.name not in chosen], first)
        for one in given:
            name = one.field.name
            if name in chosen:
                apart = first is not None and not _is_in(one, first, cluster)
            else:
                claim = kept[name]
                values[self._fields.index(name)] = claim.value if claim else None
                apart = first == SAID and claim is None and any(said.value is not None for said in one.claims)
            if apart:
                raise MoneyApart(name, currency_)
        if leading is None:
            field_, rule = self.table.by_name[currency_], self.match.survivors[currency_]
            values[beside - HEAD] = self._survivor(field_, rule, rows, beside)
        elif leading != SAID:
            values[beside - HEAD] = next(row[beside] for row in rows if row[1] == leading)

    def _amount(self, name: str, beside: int, rows: Sequence[Row], said: Stored) -> Amount:
        """What records say of an amount; what was `said` for its currency stands for one of them."""
        one, column = self.table.by_name[name], HEAD + self._fields.index(name)
        codes = {row[1]: currency_of(self._schema, one, row[beside]) for row in rows}
        sums = {(row[column], codes[row[1]]) for row in rows if row[column] is not None}
        claims = self._claims(one, rows, column) if len(sums) > 1 else [Claim(row[column], row[1]) for row in rows]
        return Amount(one, self.match.survivors[name], claims, codes | {SAID: currency_of(self._schema, one, said)})

    def _hold_to_checks(
        self, batch: Sequence[tuple[int, list[Row]]], made: dict[int, list[Stored] | None], out: LeftOut
    ) -> None:
        if not self._checks:
            return
        good = [(number, rows) for number, rows in batch if made[number] is not None]
        after = list(zip(*(made[number] or () for number, _ in good), strict=True))
        before = list(zip(*(rows[0][HEAD:] for _, rows in good), strict=True))
        for check in self._checks if good else ():
            broken = check.broken(dict(zip(self._fields, after, strict=True)), len(good))
            was = set(check.broken(dict(zip(self._fields, before, strict=True)), len(good))) if broken else set()
            for place in broken:
                number, rows = good[place]
                if place not in was and made[number] is not None:
                    out.add("check", f"{self._named(rows)}: {check.fault.message} ({check.field})")
                    made[number] = None

    def _count(self, before: Sequence[Stored], after: Sequence[Stored]) -> None:
        for name, was, will in zip(self._fields, before, after, strict=True):
            if was != will:
                self.changed[name] = self.changed.get(name, 0) + 1

    def _named(self, rows: Sequence[Row]) -> str:
        said = ", ".join(f"#{row[1]}" for row in rows[:5])
        return f"{self.table.name} {said}{f' and {len(rows) - 5} more' if len(rows) > 5 else ''}"


def _leading(currency_: str, amounts: Sequence[str], survivor_: int, cluster: Cluster) -> int | None:
    """The record in whose currency a person wants amounts, by what was chosen of them: SAID for one that was typed; the
    survivor's, where only amounts were. None: nothing was chosen."""
    if currency_ in cluster.values:
        return SAID
    taken = [cluster.taken[name] for name in (currency_, *amounts) if name in cluster.taken]
    return taken[0] if taken else survivor_ if not cluster.values.keys().isdisjoint(amounts) else None


def _is_in(amount: Amount, leading: int, cluster: Cluster) -> bool:
    """Whether an amount that a person chose is in the currency of this record, or blank."""
    name = amount.field.name
    if name in cluster.values:
        value, whose = cluster.values[name], SAID
    else:
        whose = cluster.taken[name]
        value = next(claim.value for claim in amount.claims if claim.record == whose)
    return value is None or amount.codes[whose] == amount.codes[leading]
