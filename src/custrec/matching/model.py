"""What was learned of a table, as a plain document: levels and weights, frequencies, the keys worth their pairs.

A frozen model judges new records as the old ones were judged, and explains any two. Its document holds nothing but
texts, numbers, lists and mappings; frequent values stand in it in their canonical form.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import repeat
from typing import Any

import numpy as np

from custrec.matching.chance import Chance, Parts, frequent_stems
from custrec.matching.columns import Floats
from custrec.matching.keys import Key
from custrec.matching.mixture import Mixture, Related
from custrec.matching.prepared import Prepared

VERSION = 5


@dataclass(frozen=True)
class Frequencies:
    """How frequent each text of a field is among other records, and the stem of each; by its code."""

    texts: Floats
    stems: Floats | None = None


@dataclass(frozen=True)
class FieldModel:
    """One field: its levels in words, where its texts are cut for keys, and how frequent its values are."""

    name: str
    levels: tuple[str, ...]
    cut: int
    rare: float
    frequent: Mapping[str, float]
    parts: Parts | None = None
    stems: Mapping[str, float] | None = None

    def frequencies(self, field: Prepared) -> Frequencies:
        """How frequent the texts of a field are, and their stems."""
        texts = field.texts
        if self.parts is not None:
            rare = np.minimum(self.parts.chances(field.comparer.parts(texts)), self.rare).tolist()
        else:
            rare = repeat(self.rare)
        known = np.fromiter(map(self.frequent.get, texts, rare), np.float64, len(texts))
        if self.stems is None:
            return Frequencies(known)
        stems = map(self.stems.get, field.comparer.stems(texts), repeat(self.rare))
        return Frequencies(known, np.fromiter(stems, np.float64, len(texts)))


@dataclass(frozen=True)
class Model:
    """All that is needed to judge pairs as they were judged: `cells` are the keys with the sizes of block taken."""

    rows: int
    fields: tuple[FieldModel, ...]
    mixture: Mixture
    cells: tuple[tuple[Key, int], ...] = ()

    @property
    def keys(self) -> list[Key]:
        """The keys in use, the best first."""
        return list(dict.fromkeys(key for key, _ in self.cells))

    def document(self) -> dict[str, Any]:
        """The model as a document for JSON."""
        return {
            "version": VERSION,
            "rows": self.rows,
            "fields": [
                {
                    "name": field.name,
                    "levels": list(field.levels),
                    "cut": field.cut,
                    "rare": field.rare,
                    "frequent": dict(field.frequent),
                    "parts": field.parts and {"frequent": dict(field.parts.frequent), "rare": field.parts.rare},
                    "stems": field.stems and dict(field.stems),
                    "strangers": self.mixture.strangers[at].tolist(),
                    "matches": [tables[at].tolist() for tables in self.mixture.matches],
                    "related": [related.tables[at].tolist() for related in self.mixture.related],
                    "usual": [at in related.usual for related in self.mixture.related],
                    "mistaken": [_number(related.mistaken[at]) for related in self.mixture.related],
                }
                for at, field in enumerate(self.fields)
            ],
            "counts": self.mixture.counts.tolist(),
            "kin": [related.kin for related in self.mixture.related],
            "mute": sorted(self.mixture.mute),
            "cells": [[[list(part) for part in key.parts], bucket] for key, bucket in self.cells],
        }

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Model:
        """The model of a document. ValueError where another version wrote it."""
        if document.get("version") != VERSION:
            raise ValueError("the model was written by another version")
        fields = document["fields"]
        sorts = range(len(fields[0]["matches"]) if fields else 0)
        kin = range(len(fields[0]["related"]) if fields else 0)
        related = [
            Related(
                [np.array(field["related"][sort]) for field in fields],
                np.array([np.nan if (m := field["mistaken"][sort]) is None else m for field in fields]),
                frozenset(at for at, field in enumerate(fields) if field["usual"][sort]),
                bool(document["kin"][sort]),
            )
            for sort in kin
        ]
        mixture = Mixture(
            [np.array(field["strangers"]) for field in fields],
            [[np.array(field["matches"][sort]) for field in fields] for sort in sorts],
            related,
            np.array(document["counts"]),
            frozenset(document["mute"]),
        )
        cells = tuple((Key(tuple((str(f), str(form)) for f, form in parts)), int(b)) for parts, b in document["cells"])
        models = tuple(
            FieldModel(
                f["name"],
                tuple(f["levels"]),
                f["cut"],
                f["rare"],
                f["frequent"],
                f["parts"] and Parts(f["parts"]["frequent"], f["parts"]["rare"]),
                f["stems"],
            )
            for f in fields
        )
        return cls(int(document["rows"]), models, mixture, cells)


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def field_model(field: Prepared, chance: Chance, rows: int) -> FieldModel:
    """What is kept of a field: of its frequencies those of values that more than a few records have."""
    few = 1 + -(-rows // 200_000)
    codes = np.flatnonzero(field.counts > few)
    rest = chance.values[field.counts <= few]
    rare = float(rest.mean()) if len(rest) else float(chance.values.min(initial=1.0))
    frequent = {field.texts[code]: float(chance.values[code]) for code in codes.tolist()}
    stems = frequent_stems(field, few)
    return FieldModel(field.name, field.comparer.levels, field.cut, rare, frequent, chance.parts, stems)
