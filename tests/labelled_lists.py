"""The labelled lists of values, and of pairs of values.

A list is tests/values/labelled/<kind>.tsv, a line a text: the text, the stored value (`!rule` for a fault, `~value`
where the reading is lossy, nothing for blank), the text beside it (a country, a currency; `-` for a blank cell), and
settings. `\\n`, `\\t`, `\\\\` and `\\u3000` stand for what they stand for in Python. To extend a list, add lines.

Settings: `region`, `date_order`, `default_currency`, `timezone` are the schema's defaults (CN, ymd, CNY, Asia/Shanghai
unless given; nothing behind `=` means none), `enum=a|b`, and any option of the field (`format`, `decimals`, …).

A list of pairs is tests/values/labelled/<kind>.pairs.tsv, a line a pair: two texts as they are typed, the level of
their agreement (SAME, CLOSE, WEAK, DIFFERENT, UNKNOWN; behind `>=` or `<=` the least or the most), and settings.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from custrec.model.schema import Defaults, Field
from custrec.values.protocol import ValueType
from custrec.values.registry import for_field

LISTS = Path(__file__).parent / "values" / "labelled"
COMPARED = {"person_name", "org_name", "email", "phone", "address", "date", "identifier", "country"}
"""The kinds by which records are matched: each has a list of pairs."""


@dataclass(frozen=True)
class Label:
    """One line of a list."""

    kind: str
    line: int
    text: str
    expected: str
    beside: str
    settings: str

    def value_type(self) -> ValueType:
        settings = dict(pair.split("=", 1) for pair in self.settings.split(" ") if pair)
        defaults = Defaults(
            region=settings.pop("region", "CN") or None,
            date_order=settings.pop("date_order", "ymd"),
            currency=settings.pop("default_currency", "CNY") or None,
            timezone=settings.pop("timezone", "Asia/Shanghai"),
        )
        enum = tuple(settings.pop("enum").split("|")) if "enum" in settings else ()
        options: dict[str, Any] = dict(settings)
        if "decimals" in options:
            options["decimals"] = int(options["decimals"])
        for words in options.keys() & {"trueValues", "falseValues"}:
            options[words] = options[words].split("|")
        if "labels" in options:
            options["labels"] = dict(pair.split(":") for pair in options["labels"].split("|"))
        near = "beside" if self.beside else None
        field = Field("field", kind=self.kind, enum=enum, region_field=near, currency_field=near, options=options)
        return for_field(field, defaults)


def unescape(cell: str) -> str:
    return re.sub(r"\\(u[0-9a-f]{4}|.)", _meant, cell)


def _meant(escape: re.Match[str]) -> str:
    sign = escape[1]
    return chr(int(sign[1:], 16)) if len(sign) > 1 else {"n": "\n", "t": "\t"}.get(sign, sign)


def labels() -> list[Label]:
    found = []
    for path in sorted(LISTS.glob("*.tsv")):
        if not path.stem.endswith(".pairs"):
            found += [Label(path.stem, line, *cells) for line, cells in rows(path)]
    return found


def rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """The number and the four cells of each line that is no comment."""
    for line, row in enumerate(path.read_text("utf-8").splitlines(), 1):
        if row and not row.startswith("# "):
            cells = [unescape(cell) for cell in row.split("\t")]
            yield line, cells + [""] * (4 - len(cells))


def judged(value_type: ValueType, text: str, line: int) -> Any:
    reading = value_type.judge(text)
    assert reading.fault is None, f"line {line}: {text!r} is at fault: {reading.fault}"
    return reading.value
