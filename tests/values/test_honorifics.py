"""values/honorifics.py and values/name_core.py"""

from __future__ import annotations

import pytest

from custrec.values.honorifics import han_core, without_han_title, without_latin_titles
from custrec.values.name_core import NameCore, core_of, keys_of


@pytest.mark.parametrize(
    ("name", "bare"),
    [
        ("张伟先生", "张伟"),
        ("欧阳娜娜总经理", "欧阳娜娜"),
        ("王经理", "王经理"),
        ("欧阳经理", "欧阳经理"),
        ("采购部王经理", "采购部王经理"),
        ("先生", "先生"),
    ],
)
def test_a_han_title_goes_only_beside_a_full_name(name, bare):
    assert without_han_title(name) == bare


@pytest.mark.parametrize(
    ("name", "core"),
    [("王总", "王"), ("王经理", "王"), ("张伟总", "张伟"), ("李文工", "李文工"), ("总", "总"), ("总经理", "总经理")],
)
def test_comparison_looks_behind_every_title(name, core):
    assert han_core(name) == core


@pytest.mark.parametrize(
    ("name", "bare"),
    [
        ("Dr. Jane Roe", "Jane Roe"),
        ("Dr. Roe", "Dr. Roe"),
        ("Jane Roe, M.D., Ph.D.", "Jane Roe"),
        ("Mr. & Mrs. Smith", "Mr. & Mrs. Smith"),
        ("Jane Ma", "Jane Ma"),
        ("Dr", "Dr"),
        ("PhD", "PhD"),
    ],
)
def test_a_latin_title_goes_only_beside_a_full_name(name, bare):
    assert without_latin_titles(name) == bare


def test_the_core_of_a_name():
    assert core_of("王总") == NameCore("王", surname_only=True)
    assert core_of("王") == NameCore("王")
    assert core_of("老王") == NameCore("王", surname_only=True)
    assert core_of("张伟 Jack") == NameCore("张伟", ("jack",))
    assert core_of("Smith, John Jr.") == NameCore("", ("john", "smith"), generation="jr")
    assert core_of("John Smith, Jr.") == core_of("Smith, Jr., John") == core_of("Smith, John Jr.")
    assert core_of("Smith, III") == NameCore("", ("smith",), generation="iii")
    assert core_of("Smith, Junior A.") == NameCore("", ("junior", "a", "smith"))
    assert core_of("Mr. Smith") == NameCore("", ("smith",), surname_only=True)
    assert core_of("(张伟)") == NameCore("张伟")
    assert core_of("(Smith)") == NameCore("", ("smith",))


def test_keys_are_the_name_its_sound_and_surname_with_initial():
    assert keys_of("单雄信") == ("单雄信", "shan xiongxin", "shan x")
    assert keys_of("欧阳娜娜") == ("欧阳娜娜", "nana ouyang", "ouyang n")
    assert set(keys_of("李小龙")) & set(keys_of("Li Xiao-long"))
