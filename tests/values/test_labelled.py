"""The labelled lists: what each kind makes of good, bad and near texts, Chinese and Western, and how it compares them.

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

import pytest

from custrec.model.problem import SENTENCES
from custrec.model.schema import Defaults, Field
from custrec.values.protocol import Agreement, ValueType
from custrec.values.registry import for_field, kind_names

LISTS = Path(__file__).parent / "labelled"
LABELS_AT_LEAST, PAIRS_AT_LEAST = 300, 60
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


LABELS = labels()


def test_every_kind_has_a_list_and_no_list_is_thin():
    count = {kind: sum(label.kind == kind for label in LABELS) for kind in kind_names()}
    assert {kind: lines for kind, lines in count.items() if lines < LABELS_AT_LEAST} == {}
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


PAIRED = sorted(path.name.removesuffix(".pairs.tsv") for path in LISTS.glob("*.pairs.tsv"))


def test_every_kind_that_is_matched_by_has_a_list_of_pairs():
    assert set(PAIRED) >= COMPARED
    assert all(len(list(rows(LISTS / f"{kind}.pairs.tsv"))) >= PAIRS_AT_LEAST for kind in COMPARED)


@pytest.mark.parametrize("kind", PAIRED)
def test_comparison_tells_the_labelled_pairs_apart_both_ways(kind):
    wrong = []
    for line, (a, b, expected, settings) in rows(LISTS / f"{kind}.pairs.tsv"):
        value_type = Label(kind, line, "", "", "", settings).value_type()
        one, two = (None if text == "" else judged(value_type, text, line) for text in (a, b))
        got, back = value_type.compare(one, two), value_type.compare(two, one)
        if got is not back or not fits(got, expected):
            wrong.append(f"line {line}: {a!r} and {b!r} are {got.name}, {back.name}, not {expected}")
    assert not wrong, "\n".join(wrong)


def judged(value_type: ValueType, text: str, line: int) -> Any:
    reading = value_type.judge(text)
    assert reading.fault is None, f"line {line}: {text!r} is at fault: {reading.fault}"
    return reading.value


def fits(got: Agreement, expected: str) -> bool:
    if expected.startswith(">="):
        return got >= Agreement[expected[2:]]
    if expected.startswith("<="):
        return got <= Agreement[expected[2:]]
    return got is Agreement[expected]


MEETING = {"person_name", "org_name", "email", "phone", "address"}


@pytest.mark.parametrize("kind", sorted(MEETING))
def test_pairs_that_are_the_same_or_close_meet_under_a_key(kind):
    """Of pairs that agree well nearly all must meet: a pair that never meets is never compared."""
    apart, together = [], 0
    for line, (a, b, expected, settings) in rows(LISTS / f"{kind}.pairs.tsv"):
        if expected in ("SAME", "CLOSE", ">=CLOSE"):
            value_type = Label(kind, line, "", "", "", settings).value_type()
            one, two = (set(value_type.keys(value_type.judge(text).value)) for text in (a, b))
            together += bool(one & two)
            apart += [] if one & two else [f"line {line}: {a!r} {sorted(one)} and {b!r} {sorted(two)}"]
    assert len(apart) <= (together + len(apart)) * 0.1, "\n".join(apart)
