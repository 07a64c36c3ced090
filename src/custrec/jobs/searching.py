"""Find: records by what people remember of them: a name, a company, a phone in any form, an e-mail, a key.

The index gives candidates; the live records decide, and rank: a whole match before a beginning before a part.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from custrec.jobs.reading import Listing, shown, value_type
from custrec.model import search_text
from custrec.model.plan import State
from custrec.model.schema import Schema, Table
from custrec.store import derived, records
from custrec.store.database import Store
from custrec.values.cleaning import clean


def find(store: Store, table: Table, text: str, fields: Sequence[str], limit: int) -> Listing:
    """Active records that match a text, best first, at most `limit`. The index must be current."""
    by_words, whole = derived.search_fields(table)
    terms = search_text.terms(text)
    exacts = _exact_forms(store.schema, table, text)
    ids = _candidates(store, table, terms, exacts)
    looked_at = [f.name for f in (*by_words, *whole)]
    ranked: list[tuple[tuple[int, int], int]] = []
    for record in ids:
        row = records.by_id(store, table, record, ["_state", *looked_at])
        if row is None or row[1] != State.ACTIVE:
            continue
        rank = _rank(row[2:], len(by_words), terms, exacts)
        if rank is not None:
            ranked.append((rank, record))
    ranked.sort()
    rows = _rows(store, table, [record for _, record in ranked[:limit]], fields)
    return Listing(table, ("_id", *fields), shown(store.schema, table, fields, rows))


def _rows(store: Store, table: Table, ids: Sequence[int], fields: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    for record in ids:
        row = records.by_id(store, table, record, fields)
        if row is not None:
            yield row


def _candidates(store: Store, table: Table, terms: Sequence[str], exacts: Sequence[str]) -> list[int]:
    found: list[int] = []
    for exact in exacts:
        found += derived.candidates(store, table, f'"{exact}"')
    if terms and not found:
        phrase = '"' + " ".join(terms) + '"'
        found += derived.candidates(store, table, phrase + "*")
        if len(terms) > 1 and len(found) < derived.MOST:
            found += derived.candidates(store, table, " AND ".join(f'"{term}"*' for term in terms))
    return list(dict.fromkeys(found))


def _exact_forms(schema: Schema, table: Table, text: str) -> list[str]:
    """The terms under which a phone, an e-mail or a key in this text would be indexed."""
    cleaned = clean(text, frozenset())
    if cleaned is None:
        return []
    forms: list[str] = []
    for field in derived.search_fields(table)[1]:
        if field.kind not in derived.EXACT_KINDS and not any(c.isdigit() or c == "-" for c in cleaned):
            forms.append(search_text.exact(cleaned))
            continue
        reading = value_type(schema, table, field).judge(cleaned)
        if reading.fault is None and reading.value is not None:
            forms.append(search_text.exact(str(reading.value)))
    return [form for form in dict.fromkeys(forms) if form]


def _rank(values: Sequence[Any], words: int, terms: Sequence[str], exacts: Sequence[str]) -> tuple[int, int] | None:
    """(quality, length), smaller is better; None where the live record does not match after all."""
    if any(value is not None and search_text.exact(str(value)) in exacts for value in values[words:]):
        return (0, 0)
    best: tuple[int, int] | None = None
    every: list[str] = []
    for value in values[:words]:
        if value is None:
            continue
        own = search_text.terms(str(value))
        every += own
        quality = _quality(own, terms)
        if quality is not None and (best is None or (quality, len(own)) < best):
            best = (quality, len(own))
    if best is None and terms and all(any(word.startswith(term) for word in every) for term in terms):
        return (4, len(every))
    return best


def _quality(own: Sequence[str], terms: Sequence[str]) -> int | None:
    """1 the whole value, 2 its beginning, 3 a part of it (the last term may be a beginning); None no match."""
    if not terms:
        return None
    if list(own) == list(terms):
        return 1
    size = len(terms)
    for start in range(len(own) - size + 1):
        if list(own[start : start + size - 1]) == list(terms[:-1]) and own[start + size - 1].startswith(terms[-1]):
            return 2 if start == 0 else 3
    return None
