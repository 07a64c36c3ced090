"""jobs.name_halves: which fields hold half a name each."""

from __future__ import annotations

import pytest

from custrec.jobs.name_halves import whole_name
from custrec.model.schema import Field


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ("", ""),
        ("name", "name"),
        ("name contact", "name"),
        ("first_name last_name", "first_name last_name"),
        ("last_name first_name", "last_name first_name"),
        ("billing_first_name company billing_last_name", "billing_first_name billing_last_name"),
        ("first_name middle_name surname", "first_name surname"),
        ("company first_name last_name", "company"),
        ("name first_name last_name", "name"),
        ("first_name contact", "first_name"),
        ("姓 名", "姓 名"),
        ("姓名 名", "姓名"),
    ],
)
def test_two_halves_are_a_name(fields: str, name: str) -> None:
    named = [Field(one, kind="person_name") for one in fields.split()]
    assert " ".join(field.name for field in whole_name(named)) == name


def test_a_title_tells_a_half_too() -> None:
    named = [Field("a", kind="person_name", title="Vorname"), Field("b", kind="person_name", aliases=("Nachname",))]
    assert whole_name(named) == named
