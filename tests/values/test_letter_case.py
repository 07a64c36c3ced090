"""values/letter_case.py"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custrec.values.letter_case import recase


@pytest.mark.parametrize(
    ("shouted", "name"),
    [
        ("JOHN O'BRIEN", "John O'Brien"),
        ("RONALD MCDONALD", "Ronald McDonald"),
        ("LUDWIG VAN BEETHOVEN", "Ludwig van Beethoven"),
        ("OSCAR DE LA HOYA", "Oscar de la Hoya"),
        ("MARY-JANE WATSON", "Mary-Jane Watson"),
        ("JOHN SMITH III", "John Smith III"),
        ("ZOË ÅKERSTRÖM", "Zoë Åkerström"),
        ("NGUYEN VAN AN", "Nguyen Van An"),
        ("WANG DA WEI", "Wang Da Wei"),
        ("D'ARCY", "D'Arcy"),
    ],
)
def test_a_name_in_one_case_gets_the_capitals_of_a_name(shouted, name):
    assert recase(shouted) == name
    assert recase(shouted.lower()) == name


@pytest.mark.parametrize(
    "name", ["John Smith", "Jean DUPONT", "JFK", "TJ", "IŞIK KAYA", "张伟", "ИВАН", "R2D2", "JOHN@WORK", "", "-"]
)
def test_what_is_not_safe_stays(name):
    assert recase(name) == name


@given(st.text("abcDEFmcMCvanlIJü'’-. ,", max_size=20))
def test_only_case_changes_and_twice_is_once(text):
    assert recase(recase(text)) == recase(text)
    assert recase(text).lower() == text.lower()
