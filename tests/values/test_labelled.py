"""The labelled lists: what each kind makes of good, bad and near texts, Chinese and Western, and how it compares them.

The lists are described in tests/labelled_lists.py.
"""

from __future__ import annotations

import pytest

from custrec.model.problem import SENTENCES
from custrec.values.protocol import Agreement
from custrec.values.registry import KINDS
from labelled_lists import COMPARED, LISTS, Label, judged, labels, rows

LABELS_AT_LEAST, PAIRS_AT_LEAST = 300, 60

LABELS = labels()


def test_every_kind_has_a_list_and_no_list_is_thin():
    count = {kind: sum(label.kind == kind for label in LABELS) for kind in KINDS}
    assert {kind: lines for kind, lines in count.items() if lines < LABELS_AT_LEAST} == {}
    assert {label.kind for label in LABELS} == set(KINDS)


def test_no_text_is_labelled_twice():
    asked = [(label.kind, label.text, label.beside, label.settings) for label in LABELS]
    assert len(asked) == len(set(asked))


@pytest.mark.parametrize("kind", KINDS)
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


@pytest.mark.parametrize("kind", KINDS)
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
