"""values/sounds.py with its tables surnames.tsv and pinyin.tsv"""

from __future__ import annotations

import subprocess
import sys

import pytest

from custrec.values import sounds


@pytest.mark.parametrize(
    ("name", "surname", "given"),
    [
        ("张伟", "张", "伟"),
        ("欧阳娜娜", "欧阳", "娜娜"),
        ("欧阳", "欧", "阳"),
        ("司马光", "司马", "光"),
        ("爱新觉罗溥仪", "爱新觉罗", "溥仪"),
        ("王", "王", ""),
        ("", "", ""),
    ],
)
def test_a_name_is_parted_behind_its_surname(name, surname, given):
    assert sounds.split_han(name) == (surname, given)


@pytest.mark.parametrize(
    ("surname", "sound"),
    [
        *(("单", "shan"), ("仇", "qiu"), ("曾", "zeng"), ("解", "xie"), ("区", "ou"), ("查", "zha"), ("朴", "piao")),
        *(("盖", "ge"), ("任", "ren"), ("华", "hua"), ("翟", "zhai"), ("覃", "qin"), ("乐", "yue"), ("冼", "xian")),
        *(("尉迟", "yuchi"), ("长孙", "zhangsun"), ("万俟", "moqi"), ("单于", "chanyu"), ("澹台", "tantai")),
        *(("张", "zhang"), ("王", "wang"), ("吕", "lu"), ("歐陽", "ouyang"), ("陳", "chen")),
    ],
)
def test_surnames_are_read_as_surnames_are(surname, sound):
    assert sounds.sound(surname, "单")[0] == sound


def test_given_names_are_read_as_characters_are():
    assert sounds.sound("单", "单") == ("shan", "dan")
    assert sounds.sound("李", "重阳") == ("li", "zhongyang")
    assert sounds.sound("张", "㐂A") == ("zhang", "㐂A")


def test_only_a_surname_with_one_or_two_characters_is_a_full_name():
    assert all(map(sounds.is_full_name, ("张伟", "张小伟", "欧阳锋", "欧阳娜娜", "单雄信", "陳大文")))
    assert not any(map(sounds.is_full_name, ("", "张", "欧阳", "采购部王", "张小小伟", "总经理")))


def test_every_reading_is_a_syllable_and_every_character_stands_once():
    rows = [row.split("\t") for row in sounds._rows("pinyin.tsv")]
    characters = "".join(characters for _, characters in rows)
    assert len(characters) == len(set(characters)) > 8_000
    assert all(syllable.isascii() and syllable.isalpha() and syllable.islower() for syllable, _ in rows)
    assert 380 < len(sounds.syllables()) < 430


def test_every_surname_stands_once_and_can_be_read():
    rows = [row.split("\t") for row in sounds._rows("surnames.tsv")]
    named = [name for name, _ in rows if name != "*"]
    assert len(named) == len(set(named))
    usual = sounds._usual_surnames()
    assert usual.isdisjoint(named)
    assert all(sounds.pinyin(name).isascii() for name in usual)
    assert {name for name in named if len(name) > 1} == sounds.compound_surnames()


def test_judging_a_name_reads_no_pinyin():
    code = (
        "from custrec.values.registry import for_field; from custrec.model.schema import Field, Defaults\n"
        "from custrec.values import sounds, org_name\n"
        "for kind in ('person_name', 'org_name', 'address'):\n"
        "    for text in ('张伟先生', 'JOHN DE LA CRUZ', '深圳市华强(集团)有限公司', '深圳市\\n南山区'):\n"
        "        for_field(Field('f', kind=kind), Defaults()).judge(text)\n"
        "import sys\n"
        "print(sounds._readings.cache_info().currsize, 'custrec.values.org_parts' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["0", "False"]
