"""files/schema_match.py and model/match.py: the `match` section, strictly, with defaults that work."""

from __future__ import annotations

import pytest

from custrec.errors import SchemaInvalid
from custrec.files.schema_file import parse_schema
from custrec.model.match import Match, SurvivorRule, Veto, match_of

TEXT = """\
tables:
  - name: people
    primaryKey: [no]
    fields:
      - {name: no}
      - {name: name, kind: person_name}
      - {name: note}
      - {name: code, constraints: {unique: true}}
      - {name: marks, kind: tags}
      - {name: mail, type: boolean}
      - {name: stage, constraints: {enum: [none, some]}}
      - {name: made, type: date}
      - {name: paid, kind: money, currency: CNY}
      - {name: born, type: integer}
      - {name: height, type: number}
"""


def said(match: str) -> Match:
    return match_of(parse_schema(f"{TEXT}    match: {match}\n", "s").tables[0])


def faults(match: str) -> tuple[str, ...]:
    with pytest.raises(SchemaInvalid) as caught:
        parse_schema(f"{TEXT}    match: {match}\n", "s")
    return caught.value.details


def test_a_table_without_a_section_has_working_defaults() -> None:
    match = match_of(parse_schema(TEXT, "s").tables[0])
    assert (match.auto, match.review, match.on_import, match.vetoes) == (0.99, 0.75, "never", ())
    assert set(match.fields) == {"name", "note", "code", "made", "born"}
    assert {name: rule.how for name, rule in match.survivors.items()} == {
        **dict.fromkeys(("no", "name", "note", "code", "stage", "made", "paid", "born", "height"), "newest"),
        "marks": "union",
        "mail": "strictest",
    }


def test_what_the_section_says_stands_above_the_defaults() -> None:
    match = said(
        "{auto: 0.9, review: 0.5, veto: [made differs and note agrees], confirmed: made, "
        "survivor: {default: longest, stage: strictest, note: union, name: [crm.csv, '*.xlsx']}}"
    )
    assert match.vetoes == (Veto("made differs and note agrees", ("made",), ("note",)),)
    assert match.confirmed == "made"
    assert match.survivors["name"] == SurvivorRule("sources", ("crm.csv", "*.xlsx"))
    assert match.survivors["code"].how == "longest"
    assert match.survivors["paid"].how == "newest", "an amount has no length"
    assert (match.survivors["stage"].how, match.survivors["note"].how) == ("strictest", "union")


def test_a_low_threshold_for_merging_pulls_the_one_for_asking_along() -> None:
    assert said("{auto: 0.6}").review == 0.6


def test_every_fault_is_named_at_once_with_its_line() -> None:
    found = faults(
        "{review: 0.9, auto: 0.8, fields: {nam: {}, note: {weight: 2}}, "
        "veto: [made difers, mad differs, made agrees, no differs], "
        "confirmed: note, survivor: {no: newest, nme: newest, name: newst, paid: union, mail: longest, "
        "note: strictest, code: yes, default: union}}"
    )
    words = [
        "'review' is above 'auto'",
        "'nam', which is no field of 'people'",
        "unknown key 'weight' in a match field, which has no options",
        "a veto is 'FIELD",
        "'mad', which is no field",
        "a veto names a field that differs",
        "so none would ever be one",
        "'note', which is no date",
        "'no' is the key",
        "'nme', which is no field",
        "unknown survivor rule 'newst'",
        "'paid' cannot have the rule 'union'",
        "'mail' cannot have the rule 'longest'",
        "'note' cannot have the rule 'strictest'",
        "'code' cannot have the rule 'yes'",
        "the rule of every field",
    ]
    for word in words:
        assert any(word in line for line in found), word
    assert len(found) == len(words)
    assert all("line 16" in line for line in found)
