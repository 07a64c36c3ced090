"""A person going through what was found, question by question. What is decided is carried out before the next one is
shown, as a plan of its own, so Ctrl-C, a closed terminal or `q` lose nothing. What somebody else changes meanwhile is
said, and asked again as it is then: nothing is decided of records that were not shown.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, TextIO

from custrec.cli.asking_view import question_lines
from custrec.cli.counting import many
from custrec.cli.face import Face
from custrec.cli.tables import room
from custrec.errors import CustrecError, NothingFoundYet, WorldMoved
from custrec.jobs.duplicates.answering import Answering, Choices, fitting, in_words
from custrec.jobs.duplicates.asking import Question, put_off
from custrec.jobs.duplicates.asking_again import asked_again, moved_since

if TYPE_CHECKING:
    from custrec.jobs.duplicates.reasons import Reason
    from custrec.matching.model import Model
    from custrec.model.schema import Table
    from custrec.store.plan_file import PlanFile

WORDS = {
    "m": "merge",
    "d": "different",
    "s": "skip",
    "u": "undo",
    "r": "rules",
    "q": "quit",
    "合并": "merge",
    "不同": "different",
    "跳过": "skip",
    "撤销": "undo",
    "规则": "rules",
    "退出": "quit",
}
HELP = (
    "m merge · d not the same · s skip · u undo the last answer · q quit, go on later",
    "m 1 3 merge only these · d 3 this one is none of the others",
    "FIELD=2 the value of record 2 · FIELD=text another one · FIELD= none",
    "r FIELD what the rules say again · r all of them",
)
SHORT = "m d s u q ?"
DECIDING = ("merge", "different")
NOT_DONE = "not done: "


def walk(face: Face, table: Table, asked: Sequence[Question]) -> int:
    """Go through questions; says the exit code: 3 where something is open still."""
    for line in HELP:
        face.say(line)
    going = _Walk(face, table, list(asked))
    try:
        going.run()
    finally:
        face.say(going.summary)
    return 3 if going.open else 0


@dataclass(frozen=True)
class _Decision:
    """An answer that was carried out as an event, or that the question was skipped (no event)."""

    event: int | None
    question: Question
    word: str


@dataclass
class _Walk:
    """`waiting` are the questions that are open, the one that is shown first; `events` are those of this review, and
    `chosen` is what was chosen for questions, by their records."""

    face: Face
    table: Table
    waiting: list[Question]
    stdin: TextIO = field(default_factory=lambda: sys.stdin)
    decided: list[_Decision] = field(default_factory=list)
    events: set[int] = field(default_factory=set)
    chosen: dict[tuple[int, ...], Choices] = field(default_factory=dict)

    @property
    def skipped(self) -> list[Question]:
        """What was put off in this review."""
        return [one.question for one in self.decided if one.event is None]

    @property
    def open(self) -> int:
        """How many questions are not decided."""
        return len(self.waiting) + len(self.skipped)

    @property
    def summary(self) -> str:
        """What was done, in words."""
        merges = sum(one.word == "merge" for one in self.decided)
        parted = len(self.decided) - merges - len(self.skipped)
        return f"{many(merges, 'merge')} · {parted:,} said to be different · {self.open:,} open"

    def run(self) -> None:
        """From one question to the end, or until somebody quits."""
        session = self.face.session
        while self.waiting:
            if self._asked_anew(self.waiting[0]):
                continue
            choices = self.chosen.setdefault(self.waiting[0].records, {})
            answering = Answering(session.store, self.table, self.waiting[0], session.draft, choices)
            self._show(answering)
            while (shown_again := self._answered(answering)) is not None:
                if shown_again:
                    self._show(answering)
            if not self.waiting or self.waiting[0] is answering.question:
                return

    def _asked_anew(self, question: Question, said: str = "") -> bool:
        """Whether the records of the first question changed since it was read. What others did is said behind a word,
        and what is left of the question takes its place."""
        moved = moved_since(self.face.session.store, self.table, question)
        if not moved:
            return False
        for one in moved:
            if one.event is None:
                self.face.warn(f"{said}{self.table.name} {one.words}")
            elif one.event not in self.events:
                self.face.warn(f"{said}{self.table.name} {one.words} (event {one.event})")
        self._ask_what_is_left()
        return True

    def _ask_what_is_left(self) -> None:
        """Put what is left of the first question in its place."""
        store, first = self.face.session.store, self.waiting[0]
        try:
            instead = asked_again(store, self.table, first, self._model)
        except NothingFoundYet:
            self._seek()
            instead = asked_again(store, self.table, first, self._model)
        self._hand_on(first, instead)
        among = {record for one in instead for record in one.records}
        self.waiting = [*instead, *(one for one in self.waiting[1:] if not among.issuperset(one.records))]

    def _hand_on(self, question: Question, instead: Sequence[Question]) -> None:
        """Let what was chosen for a question hold for what is asked instead, as far as it makes sense there: a text for
        the only one that is left. What does not is said."""
        choices = self.chosen.get(question.records, {})
        if not choices or not instead:
            return
        kept: set[str] = set()
        for one in instead:
            fits = fitting(self.face.session.store, self.table, choices, one)
            if len(instead) > 1:
                fits = {name: value for name, value in fits.items() if isinstance(value, int)}
            before = self.chosen.get(one.records, {})
            self.chosen[one.records] = before | {name: value for name, value in fits.items() if name not in before}
            kept |= fits.keys()
        if lost := {name: value for name, value in choices.items() if name not in kept}:
            self.face.say(f"no longer chosen: {' · '.join(in_words(lost, question))}")

    def _seek(self) -> None:
        from custrec.cli.progress import shown_progress
        from custrec.jobs.duplicates.finding import FindRequest, find_duplicates

        session = self.face.session
        with shown_progress(self.face) as progress:
            find_duplicates(session.store, FindRequest(self.table), session.by_now(), session.wait, progress)
        self.__dict__.pop("_model", None)  # another one was learned

    def _show(self, answering: Answering) -> None:
        title = f"{self.table.name} · {many(len(answering.question.records), 'record')}"
        print("\n".join(["", *question_lines(answering, title, self._why(answering.question), room())]))

    def _answered(self, answering: Answering) -> bool | None:
        """Ask once. None: it is over with this question (it is gone from `waiting`, or somebody quits); else whether
        it is to be shown again."""
        print(f"{self.open:,} open [{SHORT}] ", end="", flush=True)
        line = self.stdin.readline()
        if not line:
            print()
            return None
        try:
            return self._act(line.strip(), answering)
        except CustrecError as error:  # said, and asked again: nobody loses a review to a slip
            self.face.complain(error, "not done")
            return False

    def _act(self, answer: str, answering: Answering) -> bool | None:
        name, sign, value = answer.replace("＝", "=").partition("=")
        first, *words = answer.split() or [""]
        word = WORDS.get(first, first.casefold())
        if (sign or word in DECIDING) and self._asked_anew(answering.question, NOT_DONE):
            return None
        if sign:
            answering.choose(name.strip(), value.strip())
            return True
        if word == "quit":
            return None
        if word == "skip":
            self._skip(answering.question)
            return None
        if word == "merge":
            return self._carried_out(answering.merging(answering.numbered(words)), word, answering.question)
        if word == "different":
            return self._carried_out(answering.parting(answering.numbered(words)), word, answering.question)
        if word == "undo":
            return self._undo()
        if word == "rules":
            answering.by_rules(words)
            return True
        for line in HELP:
            self.face.say(line)
        return False

    def _carried_out(self, file: PlanFile, word: str, question: Question) -> bool | None:
        from custrec.session.session import Consent

        session = self.face.session
        if self._asked_anew(question, NOT_DONE):  # while it was planned; what changes from here on, the plan notices
            file.drop()
            return None
        try:
            event = session.run(file, Consent()).event
        except WorldMoved:
            if self._asked_anew(question, NOT_DONE):
                return None
            raise
        if event is None:
            return False
        self.events.add(event.id)
        self.decided.append(_Decision(event.id, question, word))
        self.face.say(f"event {event.id} · u takes it back")
        self._ask_what_is_left()
        return None

    def _skip(self, question: Question) -> None:
        session = self.face.session
        put_off(session.store, self.table, question, session.wait)
        self.decided.append(_Decision(None, question, "skip"))
        self.waiting.pop(0)

    def _undo(self) -> bool | None:
        """Take back the last answer of this review, and ask it again."""
        from custrec.jobs.undo import UndoRequest, plan_undo
        from custrec.session.session import Consent

        if not self.decided:
            self.face.say("nothing was decided in this review yet; earlier ones are taken back by: custrec undo EVENT")
            return False
        session, last = self.face.session, self.decided[-1]
        if last.event is None:
            put_off(session.store, self.table, last.question, session.wait, off=False)
        else:
            undone = session.run(plan_undo(session.store, UndoRequest(last.event), session.draft()), Consent()).event
            self.events |= {undone.id} if undone else set()
            self.face.say(f"event {last.event} is undone")
        self.decided.pop()
        if self.waiting and set(last.question.records).issuperset(self.waiting[0].records):
            self._hand_on(self.waiting[0], [last.question])
        among = set(last.question.records)
        self.waiting = [last.question, *(one for one in self.waiting if not among.issuperset(one.records))]
        return None

    @cached_property
    def _model(self) -> Model | None:
        from custrec.jobs.duplicates.tuning import kept_model

        return kept_model(self.face.session.store, self.table)

    def _why(self, question: Question) -> list[Reason]:
        from custrec.jobs.duplicates.comparing import comparison_of
        from custrec.jobs.duplicates.reasons import reasons

        store = self.face.session.store
        if self._model is None:
            return []
        return reasons(store, comparison_of(store.schema, self.table), self._model, *question.likeliest)
