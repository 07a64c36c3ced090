"""Normalize: what an upgrade of the rules makes of the values that are stored."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import grades
from conftest import PLENTY, Shop
from custrec.errors import ExpressionInvalid, FieldUnknown, TooManyChanges, UsageError
from custrec.jobs.change_samples import ChangeSample, ChangeSamples
from custrec.jobs.normalizing import NormalizeRequest, plan_normalize
from custrec.jobs.progress import Progress
from custrec.jobs.validation import validated_store
from custrec.model.plan import Plan
from custrec.session.session import Consent, Report

Upgrade = Callable[[], None]

PUPILS = "code,name,seat,mark,best,born\na1,Ann,s1,b,a,2010-05-01\nA2,Bo,,c (late),,\na3,Cy,S3,D,none,\n"


@pytest.fixture
def upgrade(tmp_path: Path) -> Iterator[Callable[[], None]]:
    """The older rules stand at first; `upgrade()` brings the newer ones."""
    grades.use(tmp_path, 1)
    yield lambda: grades.use(tmp_path, 2)
    grades.remove()


@pytest.fixture
def school(upgrade: Upgrade, new_shop: Callable[..., Shop]) -> Shop:
    return new_shop(grades.SCHEMA)


def plan_of(shop: Shop, *tables: str, samples: ChangeSamples | None = None, **request: Any) -> Plan:
    """The plan to normalize some tables (all by default), dropped."""
    chosen = [table for table in shop.schema.tables if not tables or table.name in tables]
    with shop.session() as session:
        file = plan_normalize(session.store, NormalizeRequest(chosen, **request), session.draft(), Progress(), samples)
        plan = file.plan
        file.drop()
    assert shop.leftovers() == []
    return plan


def normalize(shop: Shop, *tables: str, consent: Consent = PLENTY, **request: Any) -> Report:
    chosen = [table for table in shop.schema.tables if not tables or table.name in tables]
    with shop.session() as session:
        return session.run(plan_normalize(session.store, NormalizeRequest(chosen, **request), session.draft()), consent)


def pupils(shop: Shop) -> list[tuple[Any, ...]]:
    return shop.rows("SELECT code, seat, mark, best FROM pupils ORDER BY _id")


def not_normal(shop: Shop) -> list[tuple[int, str | None]]:
    with (
        shop.session() as session,
        validated_store(session.store, shop.schema.tables, None, session.today, Progress()) as findings,
    ):
        return [(f.place, f.field) for f in findings if f.rule == "not-normal"]


def counted(plan: Plan) -> dict[str, int]:
    return {name: n for name, n in plan.counts.as_dict().items() if n}


# --- what is changed ------------------------------------------------------------------------------------------------


def test_values_are_stored_as_the_newer_rules_would(school: Shop, upgrade: Upgrade) -> None:
    school.import_csv(PUPILS)
    upgrade()
    report = normalize(school)
    assert counted(report.plan) == {"read": 3, "update": 3}
    assert report.plan.tables == ("pupils",)
    assert report.plan.detail["fields"] == {"pupils": {"code": 2, "seat": 1, "mark": 2, "best": 2}}
    assert pupils(school) == [("A1", "S1", "B", "A"), ("A2", None, "C+LATE", None), ("A3", "S3", "D", None)]
    assert school.faults() == []


def test_what_is_stored_as_now_is_no_change(school: Shop) -> None:
    school.import_csv(PUPILS)
    plan = plan_of(school)
    assert plan.empty
    assert counted(plan) == {"read": 3, "same": 3}
    assert normalize(school).event is None


def test_a_second_time_there_is_nothing_to_change(school: Shop, upgrade: Upgrade) -> None:
    school.import_csv(PUPILS)
    upgrade()
    normalize(school)
    assert plan_of(school).empty


def test_undo_gives_back_what_stood_there(school: Shop, upgrade: Upgrade) -> None:
    school.import_csv(PUPILS)
    before = school.tables()
    upgrade()
    event = normalize(school).event
    assert event is not None
    assert event.verb == "normalize"
    school.undo(event.id)
    assert school.tables() == before
    assert normalize(school).plan.counts.update == 3
    assert school.faults() == []


def test_validate_finds_just_what_normalize_would_change(school: Shop, upgrade: Upgrade) -> None:
    school.import_csv(PUPILS)
    assert not_normal(school) == []
    upgrade()
    plan = plan_of(school)
    assert len(not_normal(school)) == sum(plan.detail["fields"]["pupils"].values())
    normalize(school)
    assert not_normal(school) == []


def test_children_stay_with_a_parent_whose_key_changes(school: Shop, upgrade: Upgrade) -> None:
    school.import_csv(PUPILS)
    school.import_csv("code,mark\na1,x\na1,x\nA2,y\n", "notes")
    upgrade()
    report = normalize(school)
    assert report.plan.detail["fields"]["notes"] == {"mark": 3}
    assert school.rows("SELECT code, mark FROM notes_live ORDER BY _id") == [("A1", "X"), ("A1", "X"), ("A2", "Y")]
    school.undo()
    assert school.rows("SELECT code, mark FROM notes_live ORDER BY _id") == [("a1", "x"), ("a1", "x"), ("A2", "y")]


def test_only_the_fields_and_records_asked_for_are_judged(school: Shop, upgrade: Upgrade) -> None:
    school.import_csv(PUPILS)
    upgrade()
    plan = plan_of(school, "pupils", fields=["mark", "SEAT"], where="name = Ann")
    assert (counted(plan), plan.detail["fields"]) == (
        {"read": 1, "update": 1},
        {"pupils": {"seat": 1, "mark": 1}},
    )


def test_a_field_that_is_unknown_or_a_reference_is_refused(school: Shop) -> None:
    with pytest.raises(FieldUnknown):
        plan_of(school, "pupils", fields=["marc"])
    with pytest.raises(UsageError, match="code refers to pupils"):
        plan_of(school, "notes", fields=["code"])
    with pytest.raises(ExpressionInvalid):
        plan_of(school, "notes", where="nothing = 1")


def test_the_plan_says_by_which_versions_it_was_judged_and_holds_no_values(school: Shop, upgrade: Upgrade) -> None:
    school.import_csv(PUPILS)
    upgrade()
    samples = ChangeSamples()
    detail = plan_of(school, samples=samples).detail
    assert detail["kinds"] == {"date": 2, "grade": 2, "text": 2}
    assert "S1" not in str(detail)
    assert "s1" in str(samples.chosen())


def test_more_changes_than_anybody_asked_for_are_refused(school: Shop, upgrade: Upgrade) -> None:
    school.import_csv("code,name\n" + "".join(f"k{n},x\n" for n in range(1100)))
    upgrade()
    with pytest.raises(TooManyChanges, match="normalize would change 1,100 of 1,100"):
        normalize(school, consent=Consent())
    assert school.leftovers() == []


# --- what stays -----------------------------------------------------------------------------------------------------


def test_a_value_that_is_refused_now_stays_and_is_counted(school: Shop, upgrade: Upgrade) -> None:
    school.import_csv("code,name,seat,mark\nA1,Ann,s?,b\nA2,Bo,,c?\n")
    upgrade()
    plan = normalize(school).plan
    assert (counted(plan), plan.rules) == ({"read": 2, "update": 1, "rejected": 2}, {"pattern": 2})
    assert pupils(school) == [("A1", "s?", "B", None), ("A2", None, "c?", None)]
    again = plan_of(school)
    assert (counted(again), again.rules) == ({"read": 2, "rejected": 2}, {"pattern": 2})


def test_a_value_of_a_field_that_was_not_asked_for_is_not_counted(school: Shop, upgrade: Upgrade) -> None:
    school.import_csv("code,name,seat,mark\nA1,Ann,s?,b\n")
    upgrade()
    plan = plan_of(school, "pupils", fields=["mark"])
    assert (counted(plan), plan.rules) == ({"read": 1, "update": 1}, {})


def test_a_key_that_another_record_has_is_not_given(school: Shop, upgrade: Upgrade) -> None:
    school.import_csv("code,name,mark\na1,Ann,b\nA1,Bo,C\nbB,Cy,D\nBb,Di,e\nc1,Ed,F\n")
    upgrade()
    plan = normalize(school).plan
    assert (counted(plan), plan.rules) == ({"read": 5, "update": 1, "same": 1, "rejected": 3}, {"not-unique": 3})
    assert [row[0] for row in pupils(school)] == ["a1", "A1", "bB", "Bb", "C1"]
    assert school.faults() == []


def test_a_unique_value_that_another_record_has_is_not_given(school: Shop, upgrade: Upgrade) -> None:
    school.import_csv("code,name,seat,mark\nA1,Ann,s1,b\nA2,Bo,S1,c\nA3,Cy,,d\nA4,Di,,E\n")
    upgrade()
    plan = normalize(school).plan
    assert (counted(plan), plan.rules) == ({"read": 4, "update": 2, "same": 1, "rejected": 1}, {"not-unique": 1})
    assert [row[1:3] for row in pupils(school)] == [("s1", "b"), ("S1", "C"), (None, "D"), (None, "E")]


def test_what_one_record_leaves_another_takes_the_next_time(school: Shop, upgrade: Upgrade) -> None:
    school.import_csv("code,name\nB (x),Ann\nb,Bo\n")
    upgrade()
    first, second = normalize(school).plan, normalize(school).plan
    assert (first.rules, second.rules) == ({"not-unique": 1}, {})
    assert [row[0] for row in pupils(school)] == ["B+X", "B"]
    assert school.faults() == []


def test_a_change_that_would_break_a_check_is_not_made(school: Shop, upgrade: Upgrade) -> None:
    school.import_csv("code,name,mark,best\nA1,Ann,b,B\nA2,Bo,b,c\n")
    upgrade()
    plan = normalize(school).plan
    assert (counted(plan), plan.rules) == ({"read": 2, "update": 1, "rejected": 1}, {"check": 1})
    assert [row[2:] for row in pupils(school)] == [("b", "B"), ("B", "C")]


def test_a_check_that_was_broken_before_is_no_hindrance(school: Shop, upgrade: Upgrade) -> None:
    school.import_csv("code,name,mark\nA1,Ann,b\n")
    school.import_csv("code,name,best\nA1,Ann,b\n")  # the file's row alone breaks nothing
    upgrade()
    plan = normalize(school).plan
    assert (counted(plan), plan.rules) == ({"read": 1, "update": 1}, {})


def test_a_value_that_is_required_is_not_taken_away(school: Shop, upgrade: Upgrade) -> None:
    school.import_csv(PUPILS)
    school.import_csv("code,mark\nA2,none\n", "notes")
    upgrade()
    plan = plan_of(school, "notes")
    assert (counted(plan), plan.rules) == ({"read": 1, "rejected": 1}, {"required": 1})


def test_a_record_that_is_refused_in_part_and_for_its_key_is_counted_once(school: Shop, upgrade: Upgrade) -> None:
    school.import_csv("code,name,mark\na1,Ann,b?\nA1,Bo,C\n")
    upgrade()
    plan = plan_of(school)
    assert (counted(plan), plan.rules) == ({"read": 2, "same": 1, "rejected": 1}, {"pattern": 1, "not-unique": 1})


def test_texts_that_look_guarded_and_words_that_mean_blank_stay(new_shop: Callable[..., Shop]) -> None:
    shop = new_shop(
        "tables: [{name: t, primaryKey: [k], missingValues: ['-'], "
        "fields: [{name: k, type: string}, {name: n, kind: person_name}]}]"
    )
    shop.import_csv("k,n\n''=1,\n'-7,'-x\n")
    assert shop.rows("SELECT k, n FROM t ORDER BY _id") == [("'=1", None), ("-7", "-X")]
    assert not_normal(shop) == []
    assert plan_of(shop).empty


# --- texts as they were typed ---------------------------------------------------------------------------------------


def test_the_text_that_was_typed_is_judged_where_the_value_lost_something(school: Shop, upgrade: Upgrade) -> None:
    school.import_csv("code,name,mark\nA1,Ann,b (late)\nA2,Bo,c (late)\n")
    school.import_csv("code,name,mark\nA2,Bo,d\n")
    upgrade()
    normalize(school)
    assert [row[2] for row in pupils(school)] == ["B+LATE", "D"]


def test_a_text_that_is_refused_now_gives_way_to_the_value(school: Shop, upgrade: Upgrade) -> None:
    school.import_csv("code,name,mark\nA1,Ann,b (late?)\n")
    upgrade()
    plan = normalize(school).plan
    assert (plan.rules, pupils(school)[0][2]) == ({}, "B")


def test_an_undo_brings_the_typed_text_back(school: Shop, upgrade: Upgrade) -> None:
    school.import_csv("code,name,mark\nA1,Ann,b (late)\n")
    event = school.import_csv("code,name,mark\nA1,Ann,d\n").event
    assert event is not None
    school.undo(event.id)
    upgrade()
    normalize(school)
    assert pupils(school)[0][2] == "B+LATE"


# --- samples --------------------------------------------------------------------------------------------------------


def test_samples_show_each_kind_of_change_before_a_second_of_any(school: Shop, upgrade: Upgrade) -> None:
    rows = [f"K{n},x,,b{n}," for n in range(10, 40)] + ["Z1,x,,bb,", "Z2,x,s9,,none"]
    school.import_csv("code,name,seat,mark,best\n" + "\n".join(rows) + "\n")
    upgrade()
    samples = ChangeSamples()
    plan_of(school, samples=samples)
    chosen = samples.chosen()
    assert chosen[:1] == [ChangeSample("pupils", 32, "seat", "s9", "S9")]
    assert ChangeSample("pupils", 31, "mark", "bb", "BB") in chosen
    assert chosen[-1] == ChangeSample("pupils", 32, "best", "none", None)
    assert [sample.before for sample in samples.chosen(4)] == ["s9", "b10", "bb", "none"]


def test_samples_are_of_changes_that_are_made(school: Shop, upgrade: Upgrade) -> None:
    school.import_csv("code,name,mark\na1,Ann,B\nA1,Bo,C\nA2,Cy,d\n")
    upgrade()
    samples = ChangeSamples()
    plan_of(school, samples=samples)
    assert samples.chosen() == [ChangeSample("pupils", 3, "mark", "d", "D")]
