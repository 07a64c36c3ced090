"""files/schema_policy.py, model/policy.py, model/anchor.py: what is to become of records, read strictly."""

from __future__ import annotations

import pytest

from custrec.errors import SchemaInvalid
from custrec.files.schema_file import parse_schema
from custrec.jobs.schemas import deep_check
from custrec.model.calendar import Duration
from custrec.model.policy import Action, Minimum, Notice, Rule, Stale, Step, capacity_of, owner_of, rules_of, stale_of
from custrec.model.schema import Schema
from custrec.model.schema_json import schema_from_json, schema_to_json

TEXT = """\
defaults: {timezone: Asia/Shanghai}
tables:
  - name: people
    primaryKey: [no]
    fields:
      - {name: no}
      - {name: stage, constraints: {enum: [new, gone]}}
      - {name: bank}
      - {name: marks, kind: tags}
      - {name: ended, type: date}
      - {name: met, type: datetime}
    %s
  - name: orders
    foreignKeys: [{fields: [no], reference: {resource: people, fields: [no]}}]
    fields: [{name: no}, {name: day, type: date}, {name: status}, {name: owed, kind: money, currency: CNY}]
  - name: jobs
    foreignKeys: [{fields: [no], reference: {resource: people, fields: [no]}}]
    fields: [{name: no}, {name: what}, {name: by, type: date}]
  - name: alone
    fields: [{name: a}, {name: day, type: date}]
"""


def read(section: str) -> Schema:
    return parse_schema(TEXT % section, "s")


def faults(section: str) -> str:
    with pytest.raises(SchemaInvalid) as caught:
        read(section)
    return " | ".join(caught.value.details)


def rule(said: str) -> Rule:
    return rules_of(read(f"retention: [{{name: r, {said}}}]").tables[0])[0]


def rule_faults(said: str) -> str:
    return faults(f"retention: [{{name: r, {said}}}]")


def test_a_stale_section_says_from_which_day_on_a_record_is_stale() -> None:
    people = read(
        "stale: {anchor: 'max(met, orders.day)', after: 18mo, warn: 30d, where: stage = new, protect: marks has VIP}"
    ).tables[0]
    assert stale_of(people) == Stale(
        "max(met, orders.day)", Duration(months=18), Duration(days=30), "stage = new", ("marks has VIP",)
    )
    assert stale_of(read("").tables[0]) is None
    assert owner_of(read("owner: bank").tables[0]) == "bank"


def test_a_rule_of_retention_is_read_whole() -> None:
    said = rule(
        "when: stage = gone, anchor: end_of_year(ended), archive: 2y, protect: [exists orders where status = 'open'], "
        "keep_at_least: {period: 10y, why: HGB 257, anchor: latest(orders.day)}, keep_at_most: {period: 7y, "
        "then: purge, why: the purpose has ended}, notify: {before: 30d}, auto: archive, "
        "fields: {'bank, marks': {keep_at_most: 1y}}"
    )
    assert said.steps == (
        Step(Action.ARCHIVE, Duration(months=24)),
        Step(Action.PURGE, Duration(months=84), "the purpose has ended"),
    )
    assert said.minimum == Minimum(Duration(months=120), "HGB 257", "latest(orders.day)")
    assert said.notice == Notice(before=Duration(days=30), grace=Duration(days=30))
    assert (said.auto, said.when) == (frozenset({Action.ARCHIVE}), ("stage = gone",))
    assert (said.fields[0].fields, said.fields[0].period) == (("bank", "marks"), Duration(months=12))
    assert said.destroys


def test_policies_come_back_whole_from_the_store_s_own_text() -> None:
    schema = read(
        "stale: {anchor: met, after: 1y, tasks: {table: jobs, title: what, due: by}}\n"
        "    capacity: {max_records: 9}\n"
        "    retention: [{name: r, anchor: ended, flag: 1y, trash: 2y, auto: [flag, trash]}]"
    )
    again = schema_from_json(schema_to_json(schema))
    assert again == schema
    assert rules_of(again.tables[0]) == rules_of(schema.tables[0])
    assert capacity_of(again.tables[0]) == capacity_of(schema.tables[0])


@pytest.mark.parametrize(
    "anchor",
    [
        "ended",
        "`ended`",
        "max(ended, met)",
        "min( ended , earliest(orders.day) )",
        "latest(orders.day where status in ('open', \"a, (b\") and owed > 3)",
        "end_of_quarter(max(ended, orders.day where status = 'x', met))",
        "max（ended，met）",
        "End_Of_Month(ended)",
    ],
)
def test_an_anchor_is_a_day_of_the_record_or_of_its_children(anchor: str) -> None:
    quoted = anchor.replace('"', '\\"')
    deep_check(read(f'stale: {{anchor: "{quoted}", after: 1y}}'), "s")


@pytest.mark.parametrize(
    ("anchor", "said"),
    [
        ("endet", "did you mean ended?"),
        ("stage", "stage is no date"),
        ("orders.day", "write latest(orders.day) or earliest(orders.day)"),
        ("latest(order.day)", "did you mean orders?"),
        ("latest(orders.days)", "did you mean day?"),
        ("latest(alone.day)", "alone does not refer to people"),
        ("maximum(ended)", "no such function"),
        ("end_of_yaer(ended)", "did you mean end_of_year?"),
        ("end_of_year(ended, met)", "takes one day"),
        ("max(ended", "closing parenthesis"),
        ("ended met", "more than one anchor"),
        ("", "is empty"),
        ("max()", "missing here"),
        ("latest(orders.day where stauts = 'x')", "did you mean status?"),
        ("latest(orders.day where status = 'x' and)", "missing"),
        ("max(" * 9 + "ended" + ")" * 9, "nested"),
    ],
)
def test_an_anchor_that_means_nothing_says_what_was_meant(anchor: str, said: str) -> None:
    assert said in faults(f'stale: {{anchor: "{anchor}", after: 1y}}')


@pytest.mark.parametrize(
    ("section", "said"),
    [
        ("stale: {anchor: met, after: 0d}", "'after' is no time at all"),
        ("stale: {anchor: met, after: 300y}", "longer than 200 years"),
        ("stale: {anchor: met, after: 99999y}", "longer than the calendar"),
        ("stale: {anchor: met, after: 30d, warn: 1mo}", "it would always warn"),
        ("stale: {anchor: met, after: 1y, protect: mark has VIP}", "did you mean marks?"),
        ("stale: {anchor: met, after: 1y, protect: exists order}", "did you mean orders?"),
        ("stale: {anchor: met, after: 1y, protect: not exists alone}", "does not refer to people"),
        ("stale: {anchor: met, after: 1y, protect: exists orders whose status}", "does not say what is to exist"),
        ("stale: {anchor: met, after: 1y, tasks: {table: alone, title: a}}", "does not refer to 'people'"),
        ("stale: {anchor: met, after: 1y, tasks: {table: job, title: a}}", "did you mean 'jobs'?"),
        ("stale: {anchor: met, after: 1y, tasks: {table: jobs, title: wat}}", "did you mean 'what'?"),
        ("stale: {anchor: met, after: 1y, tasks: {table: jobs, title: what, due: what}}", "is no date"),
        ("capacity: {}", "needs 'max_records' or 'max_bytes'"),
        ("retention: [{name: r, anchor: met, flag: 1y}, {name: r, anchor: met, flag: 1y}]", "stands twice"),
    ],
)
def test_words_that_cannot_hold_together_are_faults_with_their_line(section: str, said: str) -> None:
    assert said in faults(section)
    assert faults(section).startswith("line 12, column ")


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        ("archive: 2y", "needs 'anchor'"),
        ("anchor: ended", "nothing that is to happen"),
        (
            "anchor: ended, archive: 9y, keep_at_most: {period: 7y, then: purge}",
            "'archive' after 9y would never happen",
        ),
        ("anchor: ended, purge: 9y, keep_at_most: {period: 7y}", "asked for twice"),
        ("anchor: ended, archive: 2y, auto: purge", "which the rule never asks for"),
        ("anchor: ended, archive: 2y, notify: {before: 30d}", "nothing else is announced"),
        ("anchor: ended, purge: 2mo, notify: {before: 90d}", "no shorter than the period"),
        ("anchor: ended, fields: {bnak: {keep_at_most: 1y}}", "did you mean 'bank'?"),
        ("anchor: ended, fields: {no: {keep_at_most: 1y}}", "cannot be emptied"),
        ("anchor: ended, fields: {bank: {keep_at_least: 1y}}", "needs 'keep_at_most'"),
        ("fields: {bank: {keep_at_most: 1y}}", "no 'anchor' to count from"),
        ("anchor: ended, keep_at_least: 0d", "no time at all"),
    ],
)
def test_a_rule_that_cannot_be_meant_is_refused(said: str, fault: str) -> None:
    assert fault in rule_faults(said)


def test_a_minimum_beyond_the_maximum_is_no_fault_it_restricts() -> None:
    said = rule("anchor: ended, keep_at_least: {period: 10y}, keep_at_most: {period: 2y, then: purge}")
    assert said.minimum is not None


def test_a_value_that_a_field_does_not_take_is_found_when_the_schema_is_checked() -> None:
    with pytest.raises(SchemaInvalid) as caught:
        deep_check(read("stale: {anchor: met, after: 1y, where: stage = went}"), "s")
    assert "stage" in caught.value.details[0]
    with pytest.raises(SchemaInvalid):
        deep_check(read("stale: {anchor: latest(orders.day where owed > 3.456), after: 1y}"), "s")
