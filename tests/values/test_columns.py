"""values/columns.py: what is remembered is bounded, and forgetting changes nothing."""

from __future__ import annotations

from datetime import date, timedelta

from custrec.model.schema import Defaults, Field
from custrec.values import columns
from custrec.values.date import Date
from custrec.values.email import Email


def test_memory_is_bounded_and_forgetting_changes_nothing(monkeypatch):
    monkeypatch.setattr(columns, "MEMORY", 50)
    day = Date(Field("day", kind="date"), Defaults())
    texts = [(date(2000, 1, 1) + timedelta(n)).isoformat() for n in range(500)] + [f"bad {n}" for n in range(500)]
    for _ in range(2):
        judged = day.judge_column(texts)
        assert judged.values[:500] == texts[:500] and len(judged.faults) == 500
        assert len(day._known) <= 50 and len(day._studied) <= 50


def test_a_column_beside_another_must_be_as_long():
    day = Email(Field("email", kind="email"), Defaults())
    assert day.judge_column([], None).values == []


def test_all_blank_columns_stay_blank():
    for kind in (Date, Email):
        judged = kind(Field("f", kind=kind.kind), Defaults()).judge_column([None, None])
        assert (judged.values, judged.faults, judged.lossy) == ([None, None], {}, set())
