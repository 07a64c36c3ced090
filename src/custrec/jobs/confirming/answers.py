"""What answers to letters mean for the records: each field right as it was shown, corrected, or moved meanwhile.

Three values meet for each field: what the letter showed, what stands now, and what the person says. Who says what was
shown, or leaves the cell blank, says that it is right; that holds only if it still stands. Who says what stands now is
right, too. Another value corrects what was shown; it is taken only if that still stands, for otherwise somebody else
corrected it since, and nobody knows which of them is right.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from custrec.jobs.drafting import Draft
from custrec.jobs.edits.changing import Changed, Changing, StoredBatch, as_text, originals
from custrec.jobs.reading import value_type
from custrec.model.confirmations import CONFIRMED, CORRECTED, ERASE, Campaign
from custrec.model.problem import Fault
from custrec.store import keyed
from custrec.store.confirmations import shown_at
from custrec.store.database import Store
from custrec.store.rewriting import stored_rows

WORDS = {
    "": "",
    **dict.fromkeys(("confirmed", "confirm", "ok", "yes", "right", "无误", "正确", "确认", "是"), CONFIRMED),
    **dict.fromkeys(("corrected", "correct", "changed", "更正", "已更正", "有误"), CORRECTED),
    **dict.fromkeys(("delete", "erase", "删除", "请删除"), ERASE),
}
"""What people write as their answer, and what it means."""
NOTHING = frozenset({"none", "无"})
"""What people write where there is no such value any more."""


def word_of(text: str) -> str | None:
    """What an answer means; '' for none, None for a word that means nothing."""
    return WORDS.get(text.strip(" .。!！").casefold())


@dataclass(frozen=True)
class Answer:
    """What a row says: its word (WORDS), and the cleaned text of each field that has a column; `keys` are those of the
    key, by which it is told whether the token came beside another record's values."""

    word: str
    texts: Mapping[str, str]
    keys: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Refusal:
    """Why a row is not taken: the column or field, and the fault."""

    field: str | None
    fault: Fault


@dataclass
class Weighed:
    """What answers come to, by record: what of each field (by its id) is right, and how; how the letter counts as
    answered; why a row is refused; who said nothing. `versions` and `rows` are updates (store.rewriting)."""

    said: dict[int, dict[int, str]] = field(default_factory=dict)
    taken: dict[int, str] = field(default_factory=dict)
    refused: dict[int, list[Refusal]] = field(default_factory=dict)
    silent: list[int] = field(default_factory=list)
    versions: list[tuple[int, int]] = field(default_factory=list)
    rows: list[tuple[Any, ...]] = field(default_factory=list)


class Weighing:
    """Weighs answers about the records of a campaign; `on_moved` as in replies.ON_MOVED."""

    def __init__(self, store: Store, campaign: Campaign, by: Draft, on_moved: str) -> None:
        self.store, self.campaign, self.table, self.on_moved = store, campaign, campaign.table, on_moved
        self.names = [one.name for one in campaign.fields]
        self.changing = Changing(store, self.table, self.names, by)
        self.unique = bool(self.changing.unique)
        self.missing = self.changing.wording.judge.missing
        self.keys = [name for name in self.table.primary_key if name not in {*self.names, *self.table.references}]
        read = [*self.names, *self.keys]
        self.kinds = {name: value_type(store.schema, self.table, self.table.by_name[name]) for name in read}

    def weigh(self, answers: Mapping[int, Answer], letters: Mapping[int, tuple[int, int]]) -> Weighed:
        """Weigh answers by record; `letters` says about which record each letter was (one that was merged since, maybe)
        and what it showed: the values after an event."""
        out = Weighed()
        for now, answer in answers.items():
            if answer.word == ERASE:
                out.taken[now] = ERASE
        left = [now for now in answers if now not in out.taken]
        if not left:
            return out
        then = shown_at(self.store.reader, self.table, dict(letters.values()), [*self.names, *self.keys])
        for rows in stored_rows(self.store, self.table, keyed.numbered(left), len(left)):
            batch = StoredBatch(self.store, self.table, rows)
            shown = [then[letters[now][0]] for now in batch.ids]
            self._weigh(batch, [answers[now] for now in batch.ids], shown, out)
        return out

    def _weigh(self, batch: StoredBatch, answers: list[Answer], shown: list[dict[str, Any]], out: Weighed) -> None:
        texts = {
            name: [self._text(name, one, was) for one, was in zip(answers, shown, strict=True)] for name in self.names
        }
        meant = self.changing.read(batch, texts)
        final: dict[str, list[str | None]] = {name: [None] * len(batch.ids) for name in self.names}
        for row, (now, answer) in enumerate(zip(batch.ids, answers, strict=True)):
            values = {name: meant.stored(name)[row] for name in self.names}
            other = self._other_key(answer, shown[row])
            if other or row in meant.faults:
                out.refused[now] = other or [Refusal(*one) for one in meant.faults[row]]
                continue
            found = _Fields(answer, shown[row], {name: batch.stored(name)[row] for name in self.names})
            for name in self.names:
                found.see(name, texts[name][row], values[name])
            for name in self._conclude(now, answer, found, out):
                final[name][row] = texts[name][row]
        self._write(batch, final, out)

    def _text(self, name: str, answer: Answer, shown: dict[str, Any]) -> str | None:
        """What a cell says in place of what was shown: None for nothing, '' that there is no such value."""
        text = answer.texts.get(name, "")
        if text.casefold() in NOTHING:
            return ""
        if not text or text in self.missing:
            return None
        value, kind = shown[name], self.kinds[name]
        if value is not None and name not in self.table.references and text in (kind.show(value), kind.mask(value)):
            return None
        return text

    def _other_key(self, answer: Answer, shown: Mapping[str, Any]) -> list[Refusal]:
        """Why a row speaks of another record than its token does."""
        found = []
        for name in self.keys:
            text = answer.keys.get(name, "")
            if text and self.kinds[name].judge(text).value != shown[name]:
                found.append(Refusal(name, Fault("token-of-another")))
        return found

    def _conclude(self, now: int, answer: Answer, found: _Fields, out: Weighed) -> list[str]:
        """What one answer comes to; the fields that get another value."""
        if not answer.word and not found.written:
            out.silent.append(now)
        elif found.moved and self.on_moved == "reject":
            out.refused[now] = [Refusal(name, Fault("value-moved")) for name in found.moved]
        elif answer.word == CORRECTED and not found.written:
            out.refused[now] = [Refusal("answer", Fault("nothing-corrected"))]
        else:
            becoming = found.becoming(self.on_moved)
            how = dict.fromkeys(found.right, CONFIRMED) | dict.fromkeys(becoming, CORRECTED)
            out.said[now] = {self.table.by_name[name].id: word for name, word in how.items()}
            out.taken[now] = CORRECTED if becoming else CONFIRMED
            return becoming
        return []

    def _write(self, batch: StoredBatch, final: dict[str, list[str | None]], out: Weighed) -> None:
        """Hold what is corrected to the rules, and put it among the updates."""
        rows = [row for row in range(len(batch.ids)) if any(final[name][row] is not None for name in self.names)]
        if not rows:
            return
        found = Changed()
        meant, changes = self.changing.judge(batch, final, found)
        columns = self.changing.after(batch, meant)
        for row in rows:
            now = batch.ids[row]
            if row in meant.faults:
                out.refused[now] = [Refusal(*one) for one in meant.faults[row]]
                out.said.pop(now), out.taken.pop(now)
                continue
            names = changes.get(row, [])
            for name in self.names:  # a text that means what stands already corrects nothing
                one = self.table.by_name[name].id
                if out.said[now].get(one) == CORRECTED and name not in names:
                    out.said[now][one] = CONFIRMED
            if names:
                original = as_text(originals(meant, row, names))
                out.versions.append((now, batch.versions[row]))
                out.rows.append((now, batch.states[row], original, *(column[row] for column in columns)))


class _Fields:
    """One row's fields, weighed one after the other."""

    def __init__(self, answer: Answer, shown: Mapping[str, Any], now: Mapping[str, Any]) -> None:
        self.answer, self.shown, self.now = answer, shown, now
        self.right: list[str] = []
        self.corrected: list[str] = []
        self.moved: list[str] = []
        self.written: list[str] = []
        """Fields for which the person wrote something else than was shown."""

    def see(self, name: str, text: str | None, value: Any) -> None:
        """Weigh one field: what is written, and what that means."""
        if text is None and name not in self.answer.texts and self.answer.word != CONFIRMED:
            return  # the file has no column for it
        says = self.shown[name] if text is None else value
        if says != self.shown[name]:
            self.written.append(name)
        if says == self.now[name]:
            self.right.append(name)
        elif self.shown[name] == self.now[name]:
            self.corrected.append(name)
        else:
            self.moved.append(name)

    def becoming(self, on_moved: str) -> list[str]:
        """The fields that get another value: of those that moved, what the person wrote, where that is to be taken."""
        return self.corrected + ([name for name in self.moved if name in self.written] if on_moved == "take" else [])
