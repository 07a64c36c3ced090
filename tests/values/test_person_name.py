"""values/person_name.py: what names are behind titles, notes and word order."""

from __future__ import annotations

import pytest

from custrec.model.schema import Defaults, Field
from custrec.values.name_likeness import differ_in_a_character
from custrec.values.name_relatives import may_be_siblings, of_two_generations
from custrec.values.person_name import PersonName
from custrec.values.protocol import Agreement

NAME = PersonName(Field("name", kind="person_name"), Defaults())


@pytest.mark.parametrize(
    ("one", "two", "agreement"),
    [
        ("张伟", "张伟先生", Agreement.SAME),
        ("张伟", "张伟(采购)", Agreement.SAME),
        ("买买提·艾力", "买买提艾力", Agreement.SAME),
        ("王总", "王伟", Agreement.WEAK),
        ("王总", "李伟", Agreement.DIFFERENT),
        ("张伟", "张玮", Agreement.WEAK),
        ("张伟明", "张伟民", Agreement.WEAK),
        ("张伟明", "李伟明", Agreement.DIFFERENT),
        ("张伟", "李娜", Agreement.DIFFERENT),
        ("John Smith", "Smith, John", Agreement.SAME),
        ("John Smith", "SMITH John", Agreement.SAME),
        ("John Smith", "Mr. John Smith", Agreement.SAME),
        ("Jürgen Schäfer", "Jurgen Schafer", Agreement.SAME),
        ("John Smith", "J. Smith", Agreement.CLOSE),
        ("John Smith", "Jon Smith", Agreement.CLOSE),
        ("John Smith", "John Q Smith", Agreement.CLOSE),
        ("John Smith", "Jane Smith", Agreement.WEAK),
        ("John Smith", "Smith", Agreement.WEAK),
        ("John Smith", "John Brown", Agreement.DIFFERENT),
        ("John Smith", "张伟", Agreement.DIFFERENT),
        ("がき", "かき", Agreement.DIFFERENT),
        (None, "张伟", Agreement.UNKNOWN),
    ],
)
def test_names_are_told_apart(one, two, agreement):
    assert NAME.compare(one, two) is agreement
    assert NAME.compare(two, one) is agreement


@pytest.mark.parametrize(
    ("one", "two"),
    [("张伟", "张伟先生"), ("John Smith", "smith, john"), ("John Smith", "J Smith"), ("Dr. Zoë Roe", "Zoe Roe")],
)
def test_names_that_may_be_one_meet(one, two):
    assert set(NAME.keys(one)) & set(NAME.keys(two))


def test_a_mask_keeps_the_first_character():
    assert NAME.mask("张伟") == "张**"
    assert NAME.mask("王") == "**"


@pytest.mark.parametrize(
    ("one", "two", "differ"),
    [
        ("赵大明", "赵小明", True),
        ("赵大明", "趙小明先生", True),
        ("欧阳大明", "欧阳小明", True),
        ("赵大明", "趙大明", False),
        ("赵大明", "赵小丽", False),
        ("赵大明", "赵明", False),
        ("Zhao Daming", "Zhao Xiaoming", False),
        ("Jon", "Ron", False),
    ],
)
def test_han_names_that_differ_in_one_character_are_told(one, two, differ):
    assert differ_in_a_character(one, two) is differ
    assert differ_in_a_character(two, one) is differ


@pytest.mark.parametrize(
    ("one", "two", "may_be"),
    [
        ("Mario", "Maria", True),
        ("Mario Conti", "Maria Conti", True),
        ("Francis Dorn", "Dorn, Frances", True),
        ("Christian", "Christina", True),
        ("Ivanov", "Ivanova", True),
        ("John A.", "John B.", True),
        ("Tim Roth", "Tom Roth", True),
        ("Ed Roth", "Ted Roth", False),
        ("John A. Dunne", "Mr. John B. Dunne", True),
        ("Jon", "John", False),
        ("Katrin", "Kathrin", False),
        ("Rob", "Bob", False),
        ("Alex", "Alexandra", False),
        ("J. Dunne", "John Dunne", False),
        ("John Dunne", "John B. Dunne", False),
        ("张伟", "张玮", False),
    ],
)
def test_names_that_differ_as_those_of_siblings_are_told(one, two, may_be):
    assert may_be_siblings(one, two) is may_be_siblings(two, one) is may_be


@pytest.mark.parametrize(
    ("one", "two", "may_be"),
    [
        ("Mary Ann", "Mary Jane", True),
        ("Kevin Smith", "Karen Smith", True),
        ("Kim", "Kimberly", False),
    ],
)
def test_names_whose_letters_are_hardly_alike_may_be_two(one, two, may_be):
    assert may_be_siblings(one, two, hardly_alike=True) is may_be_siblings(two, one, hardly_alike=True) is may_be
    assert not may_be_siblings(one, two)


@pytest.mark.parametrize(
    ("one", "two", "told"),
    [
        ("John Roe, Sr.", "John Roe, Jr.", True),
        ("John Roe", "John Roe III", True),
        ("John Roe Jr", "Roe, Jr., John", False),
        ("John Roe", "Roe, John", False),
    ],
)
def test_father_and_son_are_told(one, two, told):
    assert of_two_generations(one, two) is of_two_generations(two, one) is told
