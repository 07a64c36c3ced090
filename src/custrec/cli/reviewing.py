"""The review of a plan at the terminal: one change after the other, a word or a letter for each.

What was decided is on disk before the next change is shown, so Ctrl-C, a closed terminal or `q` lose nothing.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, TextIO

from custrec.cli.agreeing import is_yes
from custrec.cli.face import Face

if TYPE_CHECKING:
    from custrec.jobs.reviewing import Reviewing, ShownChange
    from custrec.store.planned_rows import Place, PlannedRow

WORDS = {
    "a": "approve",
    "r": "reject",
    "e": "edit",
    "s": "skip",
    "b": "back",
    "k": "kind",
    "A": "all",
    "q": "quit",
    "?": "help",
    "批准": "approve",
    "拒绝": "reject",
    "修改": "edit",
    "跳过": "skip",
    "返回": "back",
    "退出": "quit",
}
HELP = (
    "a approve · r reject · e edit in $EDITOR, or field=value · s skip · b back",
    "k approve all of this kind · A approve all the rest · q quit, and go on later",
)
SHORT = "a r e s b k A q ?"


def walk(face: Face, reviewing: Reviewing, as_json: bool) -> None:
    """Go through what is undecided. Raises NeedsReview where nobody is at a terminal and something is."""
    from custrec.errors import NeedsReview

    row = reviewing.next_open()
    if not as_json:
        _say_head(face, reviewing)
    if row is None:
        return
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        tally = reviewing.tally()
        raise NeedsReview(
            plan=reviewing.plan.id,
            open=tally.open,
            changes=tally.changes,
            hint="at a terminal, or with --approve-all, --approve ID, --reject ID or --from FILE",
        )
    for line in HELP:
        face.say(line)
    _Walk(face, reviewing).run(row)


def exported(face: Face, reviewing: Reviewing, path: str) -> int:
    """Write the changes of a plan to a file, or to standard output; says the exit code."""
    from custrec.cli.counting import many
    from custrec.files.output import open_to_fill_in
    from custrec.jobs.review_lists import write_rows

    if path == "-":
        write_rows(reviewing, sys.stdout)
        return 0
    with open_to_fill_in(path) as stream:
        count = write_rows(reviewing, stream)
    plan = reviewing.plan.id
    face.say(f"{path}: {many(count, 'change')} · fill in _verdict, then: custrec plan review {plan} --from {path}")
    return 0


def taken(face: Face, reviewing: Reviewing, path: str) -> None:
    """Take the verdicts and edits of a file, or of standard input. Raises FileMissing, FileIsDirectory,
    FileUnreadable."""
    from io import StringIO

    from custrec.cli.counting import many
    from custrec.files.texts import text_of
    from custrec.jobs.review_lists import take_rows

    count = take_rows(reviewing, StringIO(text_of(path)[1], newline=""))
    face.say(f"{path}: {many(count, 'decision')} taken")


def _say_head(face: Face, reviewing: Reviewing) -> None:
    from custrec.cli.plan_findings import findings, say_head

    file = reviewing.file
    say_head(face, reviewing.plan, {}, findings(face.session, file, reviewing))


class _Walk:
    """One person going through a plan; `seen` are the places gone through, for the way back."""

    def __init__(self, face: Face, reviewing: Reviewing, stdin: TextIO | None = None) -> None:
        self.face, self.reviewing = face, reviewing
        self.stdin = stdin or sys.stdin
        self.open = reviewing.tally().open

    def run(self, first: PlannedRow) -> None:
        """From one change to the end, or until somebody quits."""
        from custrec.errors import CustrecError

        row: PlannedRow | None = first
        while row is not None:
            shown = self.reviewing.shown(row)
            self._show(shown)
            answer = self._ask()
            try:
                row = self._act(answer, row)
            except CustrecError as error:  # said, and asked again: nobody loses a review to a slip
                self.face.warn(error.message)
                for line in (*error.details, *([f"try: {error.hint}"] if error.hint else [])):
                    print(f"  {line}", file=sys.stderr)

    def _show(self, shown: ShownChange) -> None:
        from custrec.cli.change_view import change_lines
        from custrec.cli.tables import room

        print("\n".join(["", *change_lines(shown, room())]))
        for line in _remarks(shown):
            print(f"  {line}")

    def _ask(self) -> str:
        print(f"{self.open:,} open [{SHORT}] ", end="", flush=True)
        line = self.stdin.readline()
        if not line:
            print()
            return "quit"
        return line.strip()

    def _act(self, answer: str, row: PlannedRow) -> PlannedRow | None:
        """Do what was answered; the change to be shown next, None for the end."""
        word = WORDS.get(answer, answer.casefold())
        if word == "quit":
            return None
        if word == "approve":
            self.reviewing.approve(row)
        elif word == "reject":
            self.reviewing.reject(row)
        elif word in ("kind", "all"):
            if not self._approve_rest(row if word == "kind" else None):
                return row
        elif word == "edit" or "=" in answer or "＝" in answer:
            self._edit(row, answer)
            if not self.reviewing.required:
                self._count()
            return self.reviewing.rows.at(row.place)
        elif word == "back":
            return self.reviewing.rows.before(row.place) or row
        elif word == "help" or word != "skip":
            for line in HELP:
                self.face.say(line)
            return row
        self._count()
        return self._next(row.place, word)

    def _next(self, place: Place, word: str) -> PlannedRow | None:
        found = self.reviewing.next_open(place)
        if found is None and word != "skip":
            found = self.reviewing.next_open()
        return found

    def _approve_rest(self, like: PlannedRow | None) -> bool:
        what = f"all {like.table.name} of this kind that are undecided" if like else f"all {self.open:,} that are open"
        print(f"approve {what}? [y/N] ", end="", flush=True)
        if not is_yes(self.stdin.readline()):
            return False
        self.reviewing.approve_rest(like)
        return True

    def _edit(self, row: PlannedRow, answer: str) -> None:
        from custrec.cli.editor import revised
        from custrec.jobs.edits.written_values import assignments

        if WORDS.get(answer, answer.casefold()) != "edit":
            changed = self.reviewing.edit(row, assignments(row.table, [answer]))
        else:

            def take(texts: Mapping[str, str]) -> None:
                self.reviewing.edit(row, texts)

            changed = revised(self.reviewing.record_text(row), "the change", take)
        self.face.say("edited; a approves it as it is now" if changed else "nothing was changed")

    def _count(self) -> None:
        self.open = self.reviewing.tally().open


def _remarks(shown: ShownChange) -> list[str]:
    """What was said of a change before, and what it is in conflict with."""
    lines = []
    if contested := shown.row.contested:
        by = f" by event {contested.event}" if contested.event is not None else ""
        lines.append(f"! conflict: {', '.join(contested.fields)} changed{by} since; approve to have this nevertheless")
    if said := shown.saying:
        edited = f", edited by {said.editor.actor}" if said.editor and said.word != "edit" else ""
        lines.append(f"said so far: {said.word.value} by {said.by.actor}{edited}")
    return lines
