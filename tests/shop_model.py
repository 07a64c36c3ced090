"""What a shop should hold, said again in plain Python: dictionaries instead of SQL, one record at a time.

The stateful test runs the same commands on a real store and on this model, and compares. It knows the compact schema
of shops: customers (key `no`, unique `code`, required `name`) and notes (no key, refer to a customer).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from custrec.model.plan import Op

Values = dict[str, str | int | None]
Name = tuple[str, int]
"""A record: its table and its id."""

ACTIVE, ARCHIVED, TRASHED, RESTRICTED = 0, 1, 2, 3
"""What `_state` is of a record, which stands among its values."""
ASIDE = {
    "archive": ((ACTIVE,), ARCHIVED),
    "delete": ((ACTIVE, ARCHIVED), TRASHED),
    "restrict": ((ACTIVE, ARCHIVED, TRASHED), RESTRICTED),
}
"""Which records a verb puts aside, and where they are then."""
BACK = {"unarchive": (ARCHIVED, ()), "undelete": (TRASHED, (ACTIVE, ARCHIVED))} | {
    "unrestrict": (RESTRICTED, (ACTIVE, ARCHIVED, TRASHED))
}
"""Which records a verb brings back, and to which states that they had before; to active otherwise."""
CUSTOMER = ("no", "name", "company", "code", "city", "visits", "credit")
NOTE = ("no", "text", "stars")
BAD_NUMBER = "many"


@dataclass(frozen=True)
class Change:
    """One change of one record; `before` is None for an insert, `after` for a delete."""

    record: Name
    before: Values | None
    after: Values | None

    @property
    def op(self) -> Op:
        return Op.INSERT if self.before is None else Op.DELETE if self.after is None else Op.UPDATE


@dataclass
class Event:
    """What was done at once, and which event it undoes."""

    changes: list[Change]
    undoes: int | None = None


@dataclass
class Reversal:
    """The changes that undo an event, and how many changes are kept and blocked."""

    changes: list[Change] = field(default_factory=list)
    kept: int = 0
    blocked: int = 0


@dataclass
class Imported:
    """The changes that an import makes, and how many rows it rejects."""

    changes: list[Change]
    rejected: int


class Model:
    """Live records and events. Events are numbered from 1."""

    def __init__(self) -> None:
        self.live: dict[Name, Values] = {}
        self.events: list[Event] = []
        self.next_id = {"customers": 1, "notes": 1}

    def tables(self) -> dict[str, list[tuple[object, ...]]]:
        """The records as Shop.tables gives them."""
        return {
            table: [
                (record, values["_state"], *(values[name] for name in names))
                for (of, record), values in sorted(self.live.items())
                if of == table
            ]
            for table, names in (("customers", CUSTOMER), ("notes", NOTE))
        }

    def happen(self, changes: list[Change], undoes: int | None = None) -> None:
        """Let an event happen, unless it changes nothing."""
        if not changes:
            return
        for change in changes:
            if change.after is None:
                del self.live[change.record]
            else:
                self.live[change.record] = change.after
            table, record = change.record
            self.next_id[table] = max(self.next_id[table], record + 1)
        self.events.append(Event(changes, undoes))

    # --- import -----------------------------------------------------------------------------------------------------

    def import_customers(self, rows: Sequence[Sequence[str]], on_existing: str, in_file: str) -> Imported:
        """What importing rows of texts (no, name, code, city, visits) would do."""
        rows = [row for row in rows if any(row)]
        read = [_customer(row) for row in rows]
        taken = [n for n, values in enumerate(read) if values is not None]
        taken = self._one_a_key(rows, read, taken, in_file)
        codes = Counter(code for n in taken if (code := _given(read, n)["code"]))
        taken = [n for n in taken if not self._code_clashes(_given(read, n), codes)]
        changes = []
        following = self.next_id["customers"]
        rejected = len(rows) - len(taken) - self.passed_over
        for n in taken:
            given = _given(read, n)
            known = self._customer_id(given["no"])
            in_trash = known is not None and self.state(("customers", known)) == TRASHED
            if (in_trash and on_existing != "skip") or (known is None and given["name"] is None):
                rejected += 1
            elif known is None:
                changes.append(Change(("customers", following), None, given))
                following += 1
            else:
                before = self.live["customers", known]
                after = _merged(before, given, on_existing)
                if after != before and before["_state"] == RESTRICTED:
                    rejected += 1
                elif after != before:
                    back = after | {"_state": ACTIVE} if before["_state"] == ARCHIVED else after
                    changes.append(Change(("customers", known), before, back))
        return Imported(self._with_recalled(changes), rejected)

    def _one_a_key(
        self, rows: Sequence[Sequence[str]], read: list[Values | None], taken: list[int], in_file: str
    ) -> list[int]:
        """The good rows that stand where several share a key; `passed_over` counts those left out but not rejected."""
        self.passed_over = 0
        kept = []
        for key in dict.fromkeys(row[0] for row in rows):
            group = [n for n, row in enumerate(rows) if row[0] == key]
            good = [n for n in group if n in taken]
            winner = {"first": group[0], "last": group[-1], "reject": None}[in_file]
            if not key or len(group) == 1:
                kept += good
            elif len(good) == len(group) and all(read[n] == read[good[0]] for n in good):
                kept.append(good[0])
                self.passed_over += len(good) - 1
            elif winner in good:
                kept.append(winner)
                self.passed_over += len(good) - 1
        return sorted(kept)

    def _code_clashes(self, given: Values, codes: Counter[str | int]) -> bool:
        code = given["code"]
        if code is None:
            return False
        others = (v for (table, _), v in self.live.items() if table == "customers" and v["no"] != given["no"])
        return codes[code] > 1 or any(other["code"] == code for other in others)

    def import_notes(self, rows: Sequence[Sequence[str]]) -> Imported:
        """What importing rows of texts (no, text, stars) would do."""
        there = {
            state: Counter(
                (values["no"], values["text"], values["stars"])
                for (table, _), values in self.live.items()
                if table == "notes" and values["_state"] == state
            )
            for state in (ACTIVE, ARCHIVED, TRASHED, RESTRICTED)
        }
        changes: list[Change] = []
        rejected = 0
        following = self.next_id["notes"]
        for no, text, stars in rows:
            parent = self._customer_id(no)
            above = None if parent is None else self.state(("customers", parent))
            if above in (None, TRASHED) or not text or stars == BAD_NUMBER:
                rejected += 1
                continue
            values: Values = {"no": parent, "text": text, "stars": int(stars) if stars else None, "_state": ACTIVE}
            whole = (values["no"], values["text"], values["stars"])
            met = next((state for state in there if there[state][whole]), None)
            if met is not None:
                there[met][whole] -= 1
                rejected += met == TRASHED
            elif above == RESTRICTED:
                rejected += 1
            else:
                changes.append(Change(("notes", following), None, values))
                following += 1
        return Imported(self._with_recalled(changes), rejected)

    def _with_recalled(self, changes: list[Change]) -> list[Change]:
        """Changes, and what comes back from the archive with them: whom a new note is of, and what went with those."""
        changed = {change.record for change in changes}
        back = [c.record for c in changes if c.before and c.before["_state"] == ARCHIVED]
        for change in changes:
            if change.record[0] == "notes" and change.after:
                customer = ("customers", int(change.after["no"] or 0))
                if self.state(customer) == ARCHIVED and customer not in back:
                    back.append(customer)
        back += [note for one in list(back) for note in self._went_with(one)]
        return changes + [self._moved(one, ACTIVE) for one in back if one not in changed]

    def _customer_id(self, no: object) -> int | None:
        return next((r for (table, r), v in self.live.items() if table == "customers" and v["no"] == no), None)

    def state(self, record: Name) -> int:
        """Where a record is."""
        return int(self.live[record]["_state"] or ACTIVE)

    # --- people's own changes ---------------------------------------------------------------------------------------

    def customer(self, no: str) -> Name | None:
        """The customer with a key, of any state."""
        record = self._customer_id(no)
        return None if record is None else ("customers", record)

    def edit(self, record: Name, texts: dict[str, str]) -> list[Change] | None:
        """What an edit of an active customer would do; None where it would break something."""
        before = self.live[record]
        values: Values = {
            name: text or None if name != "visits" or not text or text == BAD_NUMBER else int(text)
            for name, text in texts.items()
        }
        if texts.get("visits") == BAD_NUMBER or ("name" in values and values["name"] is None):
            return None
        if not self._may_stand(record, {"code": values.get("code")}):
            return None
        after = before | values
        return [Change(record, before, after)] if after != before else []

    def put_aside(self, verb: str, record: Name) -> list[Change]:
        """What archive, delete or restrict would do: a customer takes along the notes that can go the same way."""
        origins, goal = ASIDE[verb]
        gone = [record, *(note for note in self._notes(record) if self.state(note) in origins)]
        return [self._moved(one, goal) for one in gone] if self.state(record) in origins else []

    def bring_back(self, verb: str, record: Name) -> list[Change] | None:
        """What the way back would do: back come the notes that went with the customer, but not below one that is away.
        None where that is the record itself."""
        origin, _ = BACK[verb]
        if self.state(record) != origin:
            return []
        goal = self._goal(verb, record)
        table, _ = record
        if (
            table == "notes"
            and goal == ACTIVE
            and self.state(("customers", int(self.live[record]["no"] or 0))) != ACTIVE
        ):
            return None
        with_it = {note: self._goal(verb, note) for note in self._went_with(record)}
        kept = [note for note, state in with_it.items() if state != ACTIVE or goal == ACTIVE]
        return [self._moved(record, goal), *(self._moved(note, with_it[note]) for note in kept)]

    def _goal(self, verb: str, record: Name) -> int:
        """Where a record goes back to."""
        _, back = BACK[verb]
        event = self.events[self._moved_by(record) - 1]
        before = next(c.before for c in event.changes if c.record == record)
        assert before is not None
        state = int(before["_state"] or ACTIVE)
        return state if state in back else ACTIVE

    def _went_with(self, record: Name) -> list[Name]:
        """The notes of a customer that went where it is in the same event."""
        origin = self.state(record)
        found = [note for note in self._notes(record) if self.state(note) == origin]
        return [note for note in found if self._moved_by(note) == self._moved_by(record)]

    def _moved(self, record: Name, state: int) -> Change:
        before = self.live[record]
        return Change(record, before, before | {"_state": state})

    def _notes(self, record: Name) -> list[Name]:
        table, number = record
        return [n for n, v in self.live.items() if table == "customers" and n[0] == "notes" and v["no"] == number]

    def _moved_by(self, record: Name) -> int:
        """The last event that changed a record's state."""
        return max(
            number
            for number, event in enumerate(self.events, 1)
            for c in event.changes
            if c.record == record and c.before and c.after and c.before["_state"] != c.after["_state"]
        )

    # --- undo -------------------------------------------------------------------------------------------------------

    def undone_by(self, number: int) -> int | None:
        """The event that undid one and was not itself undone."""
        return next(
            (
                n
                for n in range(len(self.events), number, -1)
                if self.events[n - 1].undoes == number and self.undone_by(n) is None
            ),
            None,
        )

    def reversal(self, number: int) -> Reversal:
        """What undoing an event would do."""
        found = Reversal()
        for change in self.events[number - 1].changes:
            if change.op is Op.UPDATE:
                self._reverse_update(change, found)
            elif change.op is Op.DELETE:
                assert change.before is not None
                free = change.record not in self.live and self._may_stand(change.record, change.before)
                if free:
                    found.changes.append(Change(change.record, None, change.before))
                found.blocked += not free
            elif change.record in self.live and self._edited_since(change.record, number):
                found.kept += 1
            elif change.record in self.live and not self._has_notes(change.record):
                found.changes.append(Change(change.record, self.live[change.record], None))
            else:
                found.blocked += 1
        self._leave_broken(found)
        return found

    def _leave_broken(self, found: Reversal) -> None:
        """Leave out what would leave an active note of a customer that is not."""
        while True:
            planned = {change.record: change.after for change in found.changes}
            out = {
                note
                for note, after in planned.items()
                if note[0] == "notes" and after and after["_state"] == ACTIVE
                if self._fate(("customers", int(after["no"] or 0)), planned) not in (ACTIVE, None)
            }
            out |= {
                record
                for record, after in planned.items()
                if record[0] == "customers" and after and after["_state"] != ACTIVE
                if any(note not in planned and self.state(note) == ACTIVE for note in self._notes(record))
            }
            if not out:
                return
            found.changes = [change for change in found.changes if change.record not in out]
            found.blocked += len(out)

    def _fate(self, record: Name, planned: dict[Name, Values | None]) -> object:
        after = planned.get(record) or self.live.get(record)
        return after["_state"] if after else None

    def _reverse_update(self, change: Change, found: Reversal) -> None:
        assert change.before is not None
        assert change.after is not None
        now = self.live.get(change.record)
        fields = [name for name, value in change.before.items() if change.after[name] != value]
        if now is None:
            found.blocked += 1
        elif any(now[name] != change.after[name] for name in fields):
            found.kept += 1
        elif not self._may_stand(change.record, {name: change.before[name] for name in fields}):
            found.blocked += 1
        else:
            found.changes.append(Change(change.record, now, now | {name: change.before[name] for name in fields}))

    def _may_stand(self, record: Name, values: Values) -> bool:
        table, _ = record
        if table == "notes":
            return values.get("no") is None or ("customers", values["no"]) in self.live
        others = [v for name, v in self.live.items() if name[0] == table and name != record]
        return not any(values.get(k) is not None and o[k] == values[k] for o in others for k in ("no", "code"))

    def _has_notes(self, record: Name) -> bool:
        table, number = record
        return table == "customers" and any(t == "notes" and v["no"] == number for (t, _), v in self.live.items())

    def _edited_since(self, record: Name, number: int) -> bool:
        """Whether something in force changed a record after an event; an event and its undo cancel each other there."""
        return any(
            not any(record in self._touched(other) for other in self._cancelling(n, number))
            for n in range(number + 1, len(self.events) + 1)
            if record in self._touched(n)
        )

    def _cancelling(self, number: int, since: int) -> Iterator[int]:
        """The event that undid one, or that one undid, as things stand and since another event."""
        by, undoes = self.undone_by(number), self.events[number - 1].undoes
        if by is not None:
            yield by
        elif undoes is not None and undoes > since and self.undone_by(undoes) == number:
            yield undoes

    def _touched(self, number: int) -> set[Name]:
        return {change.record for change in self.events[number - 1].changes}


def _customer(row: Sequence[str]) -> Values | None:
    """The values of a row of texts; None where no row of this file may have them (a name may be blank)."""
    no, name, code, city, visits = row
    if not no or visits == BAD_NUMBER:
        return None
    return {
        "no": no,
        "name": name or None,
        "company": None,
        "code": code or None,
        "city": city or None,
        "visits": int(visits) if visits else None,
        "credit": None,
        "_state": ACTIVE,
    }


def _given(read: list[Values | None], n: int) -> Values:
    values = read[n]
    assert values is not None
    return values


def _merged(before: Values, given: Values, on_existing: str) -> Values:
    """An update takes what is given, a fill what was blank; a blank cell never wipes a value. A file says nothing of
    where a record is."""
    if on_existing == "skip":
        return before
    first, second = (given, before) if on_existing == "update" else (before, given)
    merged = {name: second[name] if first[name] is None else first[name] for name in before}
    return merged | {"_state": before["_state"]}
