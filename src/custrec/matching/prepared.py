"""A field made ready: canonical texts, who has which, how frequent each is, and the key texts it lends to keys.

Records of one canonical text agree fully; every later step knows only the canonical codes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from custrec.matching.columns import BLANK, Array, Codes, Column, Hashes, Rows
from custrec.matching.hashing import letter_matrix, matrix_hashes, text_hashes
from custrec.matching.ordering import ordered
from custrec.values.comparing import Comparer, comparer_of

_CHUNK = 65_536


@dataclass(frozen=True)
class Prepared:
    """One field of all records. `texts` are the canonical ones, sorted; `codes` say which a record has."""

    name: str
    comparer: Comparer
    texts: list[str]
    codes: Codes
    cut: int = 0
    """How many characters `begins` and `ends` have; 0: as many as half the usual text."""

    def reordered(self, order: Array) -> Prepared:
        """The same field of the records in another order."""
        other = Prepared(self.name, self.comparer, self.texts, self.codes[order], self.cut)
        other.__dict__.update(hashes=self.hashes, counts=self.counts)  # which know of no order
        return other

    def some(self, rows: Array) -> Prepared:
        """The same field of some of the records, that have all the texts among them."""
        other = Prepared(self.name, self.comparer, self.texts, self.codes[rows], self.cut)
        other.__dict__.update(hashes=self.hashes)
        return other

    def of(self, rows: Rows) -> Hashes:
        """The number of each record's text; 0 where it has none."""
        return np.append(self.hashes, np.uint64(0))[self.codes[rows]]

    @cached_property
    def counts(self) -> Array:
        """How many records have each text."""
        return np.bincount(self.codes[self.codes >= 0], minlength=len(self.texts))

    @property
    def filled(self) -> int:
        """How many records have any."""
        return int(self.counts.sum())

    @cached_property
    def hashes(self) -> Hashes:
        """The number of each text."""
        return text_hashes(self.texts)


def prepare(column: Column, cut: int = 0) -> Prepared:
    """Bring the values of a column under their canonical texts. `cut` is that of a model, or 0 to measure it."""
    comparer = comparer_of(column.kind)
    texts, code_of = ordered(comparer.canonical(column.values))
    codes = np.append(code_of, np.int32(BLANK))[column.codes]
    comparer.learn(texts)
    return Prepared(column.name, comparer, texts, codes, cut or _cut(texts))


def _cut(texts: Sequence[str]) -> int:
    """Half of the usual length, at most 6; 0 where texts are single characters."""
    typical = float(np.median(np.fromiter(map(len, texts), np.int64, len(texts)))) if texts else 0.0
    return int(np.clip(typical // 2, 1, 6)) if typical >= 2 else 0


def forms(field: Prepared) -> dict[str, list[Hashes]]:
    """The keys of a field: by their name, for each text one number or several (0: none).

    `whole` is the text; `begins` and `ends` its first and last characters, so that a slip spares one of them; `keys`
    what the kind itself says.
    """
    found = {"whole": [field.hashes]}
    if field.cut:
        found["begins"] = [_ends(field.texts, field.cut, backwards=False)]
        found["ends"] = [_ends(field.texts, field.cut, backwards=True)]
    own = field.comparer.keys(field.texts)
    if own:
        width = min(4, max(map(len, own), default=0))
        slots = [text_hashes([keys[at] if len(keys) > at else "" for keys in own], salt=7) for at in range(width)]
        if slots:
            found["keys"] = slots
    return found


def _ends(texts: list[str], size: int, backwards: bool) -> Hashes:
    found = np.empty(len(texts), np.uint64)
    for start in range(0, len(texts), _CHUNK):
        some = texts[start : start + _CHUNK]
        cut = [text[: -size - 1 : -1] for text in some] if backwards else [text[:size] for text in some]
        found[start : start + _CHUNK] = matrix_hashes(letter_matrix(cut), salt=11 + backwards)
    return found
