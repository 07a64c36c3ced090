"""Find: records by what people remember of them: a name, a company, a tag, a phone in any form, an e-mail, a key.

Whole values are looked up in the store. For words the index gives candidates; the live records decide, and rank: a
whole match before a beginning before a part.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from custrec.jobs.reading import Listing, read_for, shown, stored
from custrec.model import search_text
from custrec.model.plan import State
from custrec.model.schema import Field, Table
from custrec.store import derived, keyed, records
from custrec.store.database import Store
from custrec.store.layout import LOOKED_UP

LONGEST_NAME = 24
"""Letters; a Chinese name in pinyin has fewer."""
MOST_INITIALS = 4
NAMES_AT_ONCE = 10
WAIT = 5.0
"""Seconds to wait for somebody else who brings the sounds of names up to date."""
FEWEST_DIGITS = 5
"""A text with fewer digits is no phone and no official number."""


def find(
    store: Store,
    table: Table,
    text: str,
    fields: Sequence[str],
    limit: int,
    truth: bool = False,
    state: State = State.ACTIVE,
) -> Listing:
    """Records of a state (active or archived) that match a text, best first, at most `limit`; for `truth` see
    jobs.reading. The index must be current."""
    ids = _by_whole_value(store, table, text, state)
    terms = search_text.terms(text)
    if not ids and terms:
        ids = _by_words(store, table, terms, state)
        if letters := _may_be_pinyin(terms, bool(ids)):
            ids = list(dict.fromkeys(ids + _by_sound(store, table, letters, limit, state)))
    read = read_for(store.schema, table, fields)
    rows = (row for record in ids[:limit] if (row := records.by_id(store, table, record, read)))
    return Listing(table, ("_id", *fields), shown(store.schema, table, fields, rows, truth))


def _by_whole_value(store: Store, table: Table, text: str, state: State) -> list[int]:
    """Records of a state whose key, phone, e-mail or identifier this is, however written."""
    found: list[int] = []
    # Official numbers come last, and only if nothing else was meant: loading what checks them takes the longest.
    for field in sorted(table.fields, key=lambda f: f.kind == "identifier"):
        if found and field.kind == "identifier":
            break
        if (field.kind in LOOKED_UP or (field.name,) == table.primary_key) and _may_be(field, text):
            try:
                value = stored(store.schema, table, field, text)
            except ValueError:
                continue
            found += records.ids_with(store, table, field.name, value, derived.MOST, state) or (
                # No two mailboxes differ in case alone, though the standard would let them.
                records.ids_with_letters(store, table, field.name, str(value), derived.MOST, state)
                if field.kind == "email"
                else []
            )
            if (field.name,) == table.primary_key:  # also the old key of a record that was merged
                places = keyed.by_value(store, table, field.name, [value]).values()
                found += [place.record for place in places if place.state is state]
    return list(dict.fromkeys(found))


def _may_be(field: Field, text: str) -> bool:
    """Whether a text is worth judging: loading what judges e-mails, phones and official numbers takes longer than a
    search."""
    if field.kind == "email":
        return "@" in text
    if field.kind == "identifier":
        from custrec.values.identifier import could_be

        if not could_be(field.options.get("format"), text):
            return False
    return field.kind not in LOOKED_UP or sum(map(str.isdigit, text)) >= FEWEST_DIGITS


def _by_words(store: Store, table: Table, terms: Sequence[str], state: State) -> list[int]:
    """Records of a state in whose names, tags and marked texts the words stand, best first: together before
    scattered."""
    searched = [f for f in table.fields if f.searchable]
    names = [f.name for f in searched]
    if not names:
        return []
    candidates = derived.candidates(store, table, f'"{" ".join(terms)}"*', state)
    if len(terms) > 1 and len(candidates) < derived.MOST:
        candidates += derived.candidates(store, table, " AND ".join(f'"{term}"*' for term in terms), state)
    ranked = []
    for record in dict.fromkeys(candidates):
        row = records.by_id(store, table, record, ["_state", *names])
        if row is not None and row[1] == state and (rank := _rank(_texts(searched, row[2:]), terms)) is not None:
            ranked.append((rank, record))
    return [record for _, record in sorted(ranked)]


def _may_be_pinyin(terms: Sequence[str], found: bool) -> str:
    """The letters of words that may be a Chinese name in pinyin, or its initials; initials only if nothing else was
    found. '' for other words: nobody waits for sounds who looks for acme."""
    letters = "".join(terms)
    if not (letters.isascii() and letters.isalpha() and 2 <= len(letters) <= LONGEST_NAME):
        return ""
    from custrec.values.sounds import begins_pinyin

    if len(letters) <= MOST_INITIALS and not found:
        return letters
    return letters if begins_pinyin(letters) else ""


def _by_sound(store: Store, table: Table, letters: str, limit: int, state: State) -> list[int]:
    """Records of a state with names of people that sound so, best first, at least `limit` if there are so many."""
    from custrec.store.name_sounds import names_sounding
    from custrec.values.sounds import both_orders, name_sounds

    fields = [f.name for f in table.fields if f.kind == "person_name" and f.searchable]
    if not fields:
        return []
    names = names_sounding(store, table, fields, both_orders(letters), name_sounds, WAIT)
    ids: list[int] = []
    while names and len(ids) < limit:
        some, names = names[:NAMES_AT_ONCE], names[NAMES_AT_ONCE:]
        ids += _bearing(store, table, fields, some, state)
    return ids


def _bearing(store: Store, table: Table, fields: Sequence[str], names: Sequence[str], state: State) -> list[int]:
    """Records of a state that bear one of some names, in the order of these."""
    query = " OR ".join(f'"{" ".join(search_text.terms(name))}"' for name in names)
    places = {name: place for place, name in enumerate(names)}
    ranked = []
    for record in derived.candidates(store, table, query, state):
        row = records.by_id(store, table, record, ["_state", *fields])
        if row is not None and row[1] == state and (borne := [places[n] for n in row[2:] if n in places]):
            ranked.append((min(borne), record))
    return [record for _, record in sorted(ranked)]


def _texts(fields: Sequence[Field], values: Sequence[Any]) -> Iterator[str]:
    """What a record is searched by: each of its tags is a text of its own."""
    for field, value in zip(fields, values, strict=True):
        if value is not None:
            yield from str(value).split(";") if field.kind == "tags" else (str(value),)


def _rank(texts: Iterator[str], terms: Sequence[str]) -> tuple[int, int] | None:
    """(quality, length), smaller is better; None where the live record does not match after all."""
    owns = [search_text.terms(text) for text in texts]
    best = min(((quality, len(own)) for own in owns for quality in _qualities(own, terms)), default=None)
    if best is None and all(any(word.startswith(term) for own in owns for word in own) for term in terms):
        return (4, sum(map(len, owns)))
    return best


def _qualities(own: Sequence[str], terms: Sequence[str]) -> Iterator[int]:
    """1 the whole value, 2 its beginning, 3 a part of it (the last term may be a beginning)."""
    if own == terms:
        yield 1
    size = len(terms)
    for start in range(len(own) - size + 1):
        if own[start : start + size - 1] == terms[:-1] and own[start + size - 1].startswith(terms[-1]):
            yield 2 if start == 0 else 3
