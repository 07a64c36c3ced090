"""Answers to letters become a plan: who says that a value is right, or what it should be, is the person it is about.

    row → token (tokens) → the line of the work list → what the letter showed (store.confirmations.shown_at)
        → each field as it is, corrected, or moved meanwhile → held to the rules as an edit is → updates, confirmations

A blank cell, or the text that the letter showed, says that the value is right; none (无) that there is no such value
any more; another text corrects it. A field whose column the file lacks is right only where the answer says that all is.
A row that says nothing at all is passed over. What cannot be taken goes into a rejects file, a row with its reasons.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path
from typing import Any

from custrec.errors import RepliesUnreadable, UsageError
from custrec.files.chunks import Chunk
from custrec.files.rejects import RejectsWriter, refuse_to_replace
from custrec.jobs.confirming.answers import Answer, Refusal, Weighing, word_of
from custrec.jobs.confirming.keys import signer
from custrec.jobs.confirming.reply_columns import columns_of, token_column
from custrec.jobs.confirming.tokens import Signer, Ticket, TokenRefused
from custrec.jobs.drafting import Draft, drafted
from custrec.jobs.importing.opening import How, Opened, known_headers, open_rows
from custrec.jobs.progress import Progress
from custrec.model.confirmations import CONFIRMED, CORRECTED, ERASE, SUBJECT, Campaign
from custrec.model.decisions import ASKED, CONFIRMATIONS
from custrec.model.plan import Counts, Source
from custrec.model.problem import Fault, Problem
from custrec.store import campaigns as kept
from custrec.store.confirmations import Saying
from custrec.store.database import Store, snapshot
from custrec.store.plan_file import PlanFile
from custrec.store.rewriting import TableRewriting, rewriting
from custrec.store.sequences import next_ids
from custrec.values.cleaning import clean_column
from custrec.values.protocol import Native
from custrec.values.registry import versions

ON_MOVED = ("reject", "keep", "take")
"""What becomes of an answer about a value that was changed since the letter: the row is rejected; the value is kept,
and the rest of the row taken; or what the person wrote is taken."""
FEW = 5


@dataclass(frozen=True)
class RepliesRequest:
    """Answers to take: the file, how it is read, where rows go that are refused, what becomes of moved values."""

    path: str
    how: How
    rejects: Path | None = None
    on_moved: str = "reject"


def plan_replies(store: Store, request: RepliesRequest, by: Draft, progress: Progress | None = None) -> PlanFile:
    """Plan what answers to letters say.

    Raises InputError for a file that cannot be used, RepliesUnreadable, ConfirmKeyMissing, ConfirmKeyUnusable,
    UsageError where no campaign was begun, DiskFull.
    """
    if request.rejects:
        refuse_to_replace(request.rejects, request.path)
    there = {one.number: one for one in kept.campaigns(store)}
    if not there:
        raise UsageError(what="no campaign was begun", hint="custrec confirm start NAME, then: custrec confirm letters")
    signs = signer(store)
    with drafted(store, by) as file:
        tables = list({one.table.id: one.table for one in there.values()}.values())
        known = known_headers(tables) | {"token", "answer"}
        with open_rows(request.path, known, request.how, file.path.with_suffix(".source")) as opened:
            _Taking(store, file, request, by, progress or Progress(), opened, signs, there).run()
    return file


@dataclass
class _Row:
    """One row of the file: its line, its cells, and what it says once that is known."""

    line: int
    cells: list[str]
    ticket: Ticket | None = None


@dataclass
class _Found:
    """What became of the rows."""

    read: int = 0
    blank: int = 0
    silent: int = 0
    collapsed: int = 0
    refused: list[tuple[int, list[str], list[Problem]]] = field(default_factory=list)
    rules: Counter[str] = field(default_factory=Counter)
    taken: list[int] = field(default_factory=list)
    count: int = 0
    erase: list[int] = field(default_factory=list)
    seen: dict[int, tuple[int, int]] = field(default_factory=dict)
    """By record the line that speaks of it, and what tells its words from others."""
    changed: dict[int, tuple[_Row, kept.AskedOf]] = field(default_factory=dict)
    """Of fields that must be unique: the rows that change a record."""


def _as_it_is(text: str, native: Native) -> str:  # noqa: ARG001
    return text


class _Taking:
    """The answers of one file, some thousand at a time."""

    def __init__(
        self,
        store: Store,
        file: PlanFile,
        request: RepliesRequest,
        by: Draft,
        progress: Progress,
        opened: Opened,
        signs: Signer,
        there: dict[int, Campaign],
    ) -> None:
        self.store, self.file, self.request, self.by = store, file, request, by
        self.progress, self.opened, self.signs, self.there = progress, opened, signs, there
        self.found = _Found()
        self.header = list(opened.reader.header.cells)
        tables = list({one.table.id: one.table for one in there.values()}.values())
        self.token = token_column(self.header, tables, opened.name)

    def run(self) -> None:
        """Read all rows and put what they say into the plan."""
        base, planned = self.by.base(self.store), next_ids(self.store)
        self.progress.total = self.opened.total
        with rewriting(self.file, self.store.path), snapshot(self.store.reader):
            chunks = iter(self.opened.reader)
            held = list(islice(chunks, 1))
            self.campaign = self._campaign(held)
            asked = [one.name for one in self.campaign.fields]
            self.columns = columns_of(self.header, self.campaign.table, asked, self.opened.name)
            self.weighing = Weighing(self.store, self.campaign, self.by, self.request.on_moved)
            self.updates = TableRewriting(self.file, self.campaign.table)
            self.saying = Saying(self.file, self.campaign.table, planned[str(CONFIRMATIONS.id)], base)
            for batch in self._rows(chain(held, chunks)):
                self._take(batch)
            self._settle_unique()
            said = self.saying.counts()
            counted = self.saying.settle(self.by.at, SUBJECT)
            changed, _, _ = self.updates.counts()
            fields = self.updates.by_field(asked) if changed else {}
        self._finish(base, planned, said, counted, changed, fields)

    def _campaign(self, chunks: Sequence[Chunk]) -> Campaign:
        """The campaign that the file answers: that of its first good token; the newest, where none is at its
        beginning."""
        plain = dict.fromkeys(range(len(self.header)), _as_it_is)
        for chunk in chunks:
            for cells in self.opened.form.parse(chunk, len(self.header), plain).rows:
                with suppress(TokenRefused):
                    number = self.signs.ticket(cells[self.token]).campaign
                    if number in self.there:
                        return self.there[number]
        return self.there[max(self.there)]

    def _rows(self, chunks: Iterable[Chunk]) -> Iterator[list[_Row]]:
        """The rows of the file, a chunk at a time; those that cannot be read are refused."""
        form, width = self.opened.form, len(self.header)
        kinds = {place: self.weighing.kinds[name].written for name, place in self.columns.fields.items()}
        written = dict.fromkeys(range(width), _as_it_is) | kinds
        for chunk in chunks:
            parsed = form.parse(chunk, width, written)
            if parsed.late:
                raise RepliesUnreadable(file=self.opened.name, why="its lines have different keys")
            self.found.read += len(parsed.rows) + len(parsed.bad)
            self.found.blank += parsed.blank
            for bad in parsed.bad:
                self._refuse(bad.line, bad.cells, [Refusal(None, bad.fault)])
            rows = [_Row(line, cells) for line, cells in zip(parsed.lines, parsed.rows, strict=True)]
            yield [row for row in rows if self._read_token(row)]
            self.progress.done += form.weight(chunk)
            self.progress.rows = self.found.read
            self.progress.phase("judging")

    def _read_token(self, row: _Row) -> bool:
        """Whether the row has a token of ours that is still good; if not, it is refused."""
        try:
            ticket = self.signs.ticket(row.cells[self.token])
        except TokenRefused as refused:
            return self._refuse(row.line, row.cells, [Refusal("token", Fault(refused.rule))])
        if ticket.until < self.by.day:
            fault = Fault("token-expired", {"until": ticket.until.isoformat()})
            return self._refuse(row.line, row.cells, [Refusal("token", fault)])
        row.ticket = ticket
        return True

    def _take(self, batch: Sequence[_Row]) -> None:
        lines = self._lines(batch)
        good: dict[int, tuple[_Row, kept.AskedOf, Answer]] = {}
        for row in batch:
            line = self._line_of(row, lines)
            answer = self._answer(row, line) if line else None
            if line and answer:
                good[line.now] = (row, line, answer)
        if not good:
            return
        tickets = {now: (line.record, row.ticket) for now, (row, line, _) in good.items() if row.ticket}
        weighed = self.weighing.weigh(
            {now: answer for now, (_, _, answer) in good.items()},
            {now: (record, ticket.event) for now, (record, ticket) in tickets.items()},
        )
        for now, refusals in weighed.refused.items():
            row = good[now][0]
            self._refuse(row.line, row.cells, refusals)
        for now in weighed.silent:
            self.found.silent += 1
            self.found.seen.pop(now, None)
        taken = {now: good[now] for now in weighed.taken}
        self.updates.add(weighed.versions, weighed.rows)
        self.updates.name_lines((good[now][0].line, now) for now, _ in weighed.versions)
        number = self.campaign.number
        self.saying.say((now, one, number, how) for now, values in weighed.said.items() for one, how in values.items())
        self.saying.answer((line.asked, weighed.taken[now]) for now, (_, line, _) in taken.items())
        self.found.count += len(taken)
        self.found.taken += [*taken][: FEW - len(self.found.taken)]
        self.found.erase += [now for now, word in weighed.taken.items() if word == ERASE]
        if self.weighing.unique:
            self.found.changed.update({now: good[now][:2] for now, _ in weighed.versions})

    def _lines(self, batch: Sequence[_Row]) -> dict[tuple[int, int], kept.AskedOf]:
        records = {row.ticket.record for row in batch if row.ticket}
        found = kept.asked_of(self.store, self.campaign.table, records)
        return {(one.campaign, one.record): one for one in found}

    def _line_of(self, row: _Row, lines: dict[tuple[int, int], kept.AskedOf]) -> kept.AskedOf | None:
        """The line of the work list that a row answers; None where it is refused."""
        ticket = row.ticket
        assert ticket is not None  # else it was refused
        campaign = self.there.get(ticket.campaign)
        line = lines.get((ticket.campaign, ticket.record))
        if campaign is not None and campaign.number != self.campaign.number:
            fault = Fault("token-of-other", {"campaign": campaign.name, "table": campaign.table.name})
        elif campaign is not None and not campaign.takes_answers(self.by.day):
            fault = Fault("campaign-over", {"campaign": campaign.name})
        elif campaign is None or line is None:
            fault = Fault("not-asked")
        elif line.state != 0:
            fault = Fault("not-active")
        elif line.answer is not None:
            fault = Fault("token-used")
        else:
            return line
        self._refuse(row.line, row.cells, [Refusal("token", fault)])
        return None

    def _answer(self, row: _Row, line: kept.AskedOf) -> Answer | None:
        """What a row says; None where it is refused, or was said before in the file."""
        cells = row.cells
        answer = self.columns.answer
        places = {**self.columns.fields, **self.columns.keys}
        raw = [cells[answer] if answer is not None else "", *(cells[place] for place in places.values())]
        said, *texts = (text or "" for text in clean_column(raw, frozenset(), guarded=True))
        meaning = hash((said, *texts))
        if line.now in self.found.seen:
            first, earlier = self.found.seen[line.now]
            if earlier == meaning:
                self.found.collapsed += 1
            else:
                self._refuse(row.line, cells, [Refusal("token", Fault("token-twice", {"line": first}))])
            return None
        word = word_of(said)
        if word is None:
            self._refuse(row.line, cells, [Refusal("answer", Fault("answer-unknown"))])
            return None
        self.found.seen[line.now] = (row.line, meaning)
        by_name = dict(zip(places, texts, strict=True))
        keys = {name: by_name.pop(name) for name in self.columns.keys}
        return Answer(word, by_name, keys)

    def _settle_unique(self) -> None:
        """Refuse the answers that would make a unique value stand twice."""
        if not self.updates.settle_unique([one.name for one in self.campaign.fields]):
            return
        refused = self.updates.refused()
        changed = self.found.changed
        self.saying.unsay(refused, (changed[now][1].asked for now in refused))
        for now in refused:
            row = changed[now][0]
            self._refuse(row.line, row.cells, [Refusal(None, Fault("not-unique"))])
        self.found.count -= len(refused)

    def _refuse(self, line: int, cells: list[str], why: Iterable[Refusal]) -> bool:
        problems = [Problem(line, one.field, one.fault) for one in why]
        self.found.refused.append((line, cells, problems))
        self.found.rules.update({one.fault.rule for one in problems})
        return False

    def _finish(
        self,
        base: int,
        planned: dict[str, int],
        said: dict[tuple[int, str], int],
        counted: tuple[int, int, int],
        changed: int,
        fields: dict[str, int],
    ) -> None:
        found, table = self.found, self.campaign.table
        new, renewed, answered = counted
        counts = Counts(
            read=found.read,
            blank=found.blank,
            collapsed=found.collapsed,
            skipped=found.silent,
            insert=new,
            update=changed + renewed + answered,
            rejected=len(found.refused),
        )
        detail = self._detail(said, changed, fields) | {"rejects": self._rejects(), "next_ids": planned}
        reader = self.opened.reader
        tables = [*([table.name] if changed else []), ASKED.name, CONFIRMATIONS.name]
        source = Source(self.opened.label, reader.sha256, reader.size)
        rules = dict(found.rules)
        head = self.by.head(
            self.store, "confirm-import", base, counts, tables, source=source, rules=rules, detail=detail
        )
        self.file.save_head(head)

    def _rejects(self) -> str | None:
        """Write the refused rows, if there are any; where they are."""
        rejects = self.request.rejects if self.found.refused else None
        if not rejects:
            return None
        with RejectsWriter(rejects, self.header, self.opened.form.rejects) as writer:
            for line, cells, problems in sorted(self.found.refused, key=lambda one: one[0]):
                writer.write(line, cells, problems)
        return str(rejects)

    def _detail(self, said: dict[tuple[int, str], int], changed: int, fields: dict[str, int]) -> dict[str, Any]:
        found, table = self.found, self.campaign.table
        values: Counter[str] = Counter()
        hows: Counter[str] = Counter()
        for (one, how), count in said.items():
            values[table.by_id[one].name] += count
            hows[how] += count
        return {
            "of": [table.name],
            "campaign": self.campaign.name,
            "campaigns": [self.campaign.name],
            "records": found.taken,
            "asked": found.count,
            "confirmed": hows[CONFIRMED],
            "corrected": hows[CORRECTED],
            "values": dict(values),
            "erase": len(found.erase),
            "erase_records": found.erase[:FEW],
            "provenance": SUBJECT,
            "touched": changed,
            "form": self.opened.form.words,
            "passed": list(self.columns.passed),
            "rules": dict(found.rules),
            "fields": {table.name: fields} if fields else {},
            "kinds": versions(self.campaign.fields),
        }
