"""The labelled lists: what each kind makes of good, bad and near texts, Chinese and Western.

A list is tests/values/labelled/<kind>.tsv, a line a text: the text, the stored value (`!rule` for a fault, `~value`
where the reading is lossy, nothing for blank), the text beside it (a country, a currency; `-` for a blank cell), and
settings. `\\n`, `\\t`, `\\\\` and `\\u3000` stand for what they stand for in Python. To extend a list, add lines.

Settings: `region`, `date_order`, `default_currency`, `timezone` are the schema's defaults (CN, ymd, CNY, Asia/Shanghai
unless given; nothing behind `=` means none), `enum=a|b`, and any option of the field (`format`, `decimals`, …).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from custrec.model.problem import SENTENCES
from custrec.model.schema import Defaults, Field
from custrec.values.protocol import ValueType
from custrec.values.registry import for_field, kind_names

LISTS = Path(__file__).parent / "labelled"
AT_LEAST = {"phone": 60, "email": 60, "date": 60, "money": 60, "person_name": 60, "org_name": 60, "country": 60,
            "identifier": 60, "tags": 60}  # fmt: skip


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
        for line, row in enumerate(path.read_text("utf-8").splitlines(), 1):
            if row and not row.startswith("# "):
                cells = [unescape(cell) for cell in row.split("\t")]
                found.append(Label(path.stem, line, *cells, *[""] * (4 - len(cells))))
    return found


LABELS = labels()


def test_every_kind_has_a_list_and_no_list_is_thin():
    count = {kind: sum(label.kind == kind for label in LABELS) for kind in kind_names()}
    assert {kind for kind, lines in count.items() if lines < AT_LEAST.get(kind, 14)} == set()
    assert {label.kind for label in LABELS} == set(kind_names())


def test_no_text_is_labelled_twice():
    asked = [(label.kind, label.text, label.beside, label.settings) for label in LABELS]
    assert len(asked) == len(set(asked))


@pytest.mark.parametrize("kind", kind_names())
def test_every_labelled_text_is_read_as_its_label_says(kind):
    wrong = []
    for label in (label for label in LABELS if label.kind == kind):
        reading = label.value_type().judge(label.text, None if label.beside in ("", "-") else label.beside)
        if reading.fault is not None:
            got = f"!{reading.fault.rule}"
            assert reading.fault.message and reading.fault.rule in SENTENCES
        else:
            got = ("~" if reading.lossy else "") + ("" if reading.value is None else str(reading.value))
        if got != label.expected:
            wrong.append(
                f"line {label.line}: {label.text!r} [{label.beside} {label.settings}] {got} != {label.expected}"
            )
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("kind", kind_names())
def test_what_is_shown_of_a_labelled_text_is_read_as_the_same(kind):
    for label in (label for label in LABELS if label.kind == kind and not label.expected.startswith("!")):
        value_type = label.value_type()
        near = None if label.beside in ("", "-") else label.beside
        value = value_type.judge(label.text, near).value
        if value is not None:
            assert value_type.judge(value_type.show(value, near), near).value == value, label
