"""E-mail addresses, telephones, days and identifiers compared many at a time: by slips, and by their parts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from custrec.values.comparing import Bearing, Digits, Spelt, each_pair
from custrec.values.letters import fold
from custrec.values.protocol import Stored

if TYPE_CHECKING:
    from custrec.values.comparing import Levels, Positions

_NO_SIGN = re.compile(r"[\W_]+")
_NO_NUMBER = re.compile(r"[^0-9]+")
_NO_DIGIT = re.compile(r"[^0-9a-z]+")
_ISO = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)").fullmatch


class IdentifierComparer(Digits):
    """Identifiers without their separators."""

    bearing = Bearing.PERSONAL
    chance = 1e-5

    def canonical(self, values: Sequence[Stored]) -> list[str]:
        return ["" if value is None else _NO_SIGN.sub("", fold(str(value))) for value in values]


class PhoneComparer(Digits):
    """Telephone numbers by their digits; the same without the extension is a level of its own."""

    levels = (*Digits.levels[:-1], "the same line, another extension", "the same")
    bearing = Bearing.SHARED
    elsewhere = True
    of_stems = len(levels) - 2
    chance = 1e-5

    def canonical(self, values: Sequence[Stored]) -> list[str]:
        found = []
        for value in values:
            number, _, extension = ("" if value is None else str(value)).casefold().partition(";ext=")
            digits = _NO_DIGIT.sub("", number)
            found.append(f"{digits}x{extension}" if extension and digits else digits)
        return found

    def keys(self, texts: Sequence[str]) -> list[tuple[str, ...]]:
        return [(line,) for line in self.stems(texts)]

    def stems(self, texts: Sequence[str]) -> list[str]:
        return [text.partition("x")[0] for text in texts]

    def learn(self, texts: Sequence[str]) -> None:
        import numpy as np

        super().learn(texts)
        lines = self.stems(texts)
        place = {line: at for at, line in enumerate(sorted(set(lines)))}
        self._line = np.fromiter(map(place.__getitem__, lines), np.int64, len(lines))

    def compare(self, left: Positions, right: Positions) -> Levels:
        levels = super().compare(left, right)
        levels[self._line[left] == self._line[right]] = self.of_stems
        return levels


class DateComparer(Digits):
    """Days by their digits; day and month exchanged, or the same day of another year, are levels of their own."""

    levels = (
        "different",
        "the same year or the same day of another",
        "two slips apart",
        "a slip apart",
        "day and month exchanged",
        "the same",
    )
    bearing = Bearing.PERSONAL
    chance = 1e-4
    changes = 0.3

    def canonical(self, values: Sequence[Stored]) -> list[str]:
        return ["" if value is None else _NO_SIGN.sub("", str(value)) for value in values]

    def learn(self, texts: Sequence[str]) -> None:
        import numpy as np

        super().learn(texts)
        parts = [
            (int(d[1]), int(d[2]), int(d[3])) if (d := _ISO(text)) else (-at - 1, -1, -1)
            for at, text in enumerate(texts)
        ]
        self._days = np.array(parts, np.int64).reshape(-1, 3)

    def compare(self, left: Positions, right: Positions) -> Levels:
        import numpy as np

        by_slips = super().compare(left, right)
        one, two = self._days[left], self._days[right]
        year, month, day = (one[:, part] == two[:, part] for part in range(3))
        levels = np.where(
            by_slips == 4, 3, np.where(by_slips == 3, 2, np.where(year | (month & day & (one[:, 1] > 0)), 1, 0))
        )
        levels[year & (one[:, 1] == two[:, 2]) & (one[:, 2] == two[:, 1])] = 4
        return levels.astype(np.int8)


class EmailComparer(Spelt):
    """E-mail addresses: by what stands before the @, and by slips. Other digits, by more than a slip, make another
    address: wangbin1179 and wangbin1231 have no more in common than the name, which is told elsewhere."""

    levels = (
        "different",
        "somewhat alike",
        "much alike",
        "two slips apart",
        "the same name elsewhere",
        "a slip apart",
        "the same",
    )
    bearing = Bearing.PERSONAL
    elsewhere = True
    chance = 1e-5

    def canonical(self, values: Sequence[Stored]) -> list[str]:
        return [(*self.kind.keys(value), "")[0] for value in values]  # without case, +tag and Gmail's dots

    def keys(self, texts: Sequence[str]) -> list[tuple[str, ...]]:
        return [(_local(text),) for text in texts]

    def learn(self, texts: Sequence[str]) -> None:
        import numpy as np

        super().learn(texts)
        locals_ = list(map(_local, texts))
        place = {local: at for at, local in enumerate(sorted(set(locals_)))}
        self._local = np.fromiter(map(place.__getitem__, locals_), np.int64, len(locals_))
        self._local_texts = np.empty(len(texts), dtype=object)
        self._local_texts[:] = locals_
        self._numbers = np.empty(len(texts), dtype=object)
        self._numbers[:] = [_NO_NUMBER.sub("", local) for local in locals_]

    def compare(self, left: Positions, right: Positions) -> Levels:
        import numpy as np
        from rapidfuzz.distance import OSA

        one, two = self._local_texts[left], self._local_texts[right]
        slips = each_pair(one, two, OSA.distance).astype(np.int32)
        longer = np.maximum(self._lengths[left], self._lengths[right])
        levels = np.where(slips * 2 <= longer * 0.6, 1, 0)
        levels = np.where(slips * 4 <= longer * 0.6, 2, levels)
        levels[(slips == 2) & (longer >= 12)] = 3
        alike = np.flatnonzero(levels)
        numbers = each_pair(self._numbers[left[alike]], self._numbers[right[alike]], OSA.distance, score_cutoff=1)
        levels[alike[numbers > 1]] = 0
        levels[(slips == 1) & (longer >= 6)] = 5
        levels[self._local[left] == self._local[right]] = 4
        return levels.astype(np.int8)


def _local(address: str) -> str:
    return address.rpartition("@")[0] or address
