"""Comparing many values at once (values/comparing.py, values/*_comparing.py): the labelled pairs are told apart as by
`compare`, and values judged together as values judged alone."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from custrec.model.schema import Defaults, Field
from custrec.values.comparing import Comparer, comparer_of
from custrec.values.registry import for_field
from labelled_lists import COMPARED, LISTS, Label, judged, rows

BY_SLIPS = {"date", "email", "identifier", "phone"}
"""Kinds in which a slip apart is a level of its own, which the data judge: another number, or a slip of this one."""


def level_of(comparer: Comparer, one: str, two: str) -> int | None:
    """The level of two canonical texts; None where either tells nothing."""
    if not one or not two:
        return None
    texts = sorted({one, two})
    comparer.learn(texts)
    if one == two:
        return len(comparer.levels) - 1 if comparer.partial is None else int(comparer.partial[0])
    here, there = (np.array([texts.index(text)]) for text in (one, two))
    found, back = comparer.compare(here, there), comparer.compare(there, here)
    assert found.tolist() == back.tolist()
    return int(found[0])


def compared(kind: str) -> Iterator[tuple[str, float, str]]:
    """Each labelled pair: what it is, how high its level is (0 to 1), what it should be."""
    for line, (a, b, expected, settings) in rows(LISTS / f"{kind}.pairs.tsv"):
        value_type = Label(kind, line, "", "", "", settings).value_type()
        comparer = comparer_of(value_type)
        one, two = comparer.canonical([None if text == "" else judged(value_type, text, line) for text in (a, b)])
        level = level_of(comparer, one, two)
        if level is not None:
            yield f"line {line}: {a!r}, {b!r}: {comparer.levels[level]}", level / (len(comparer.levels) - 1), expected


@pytest.mark.parametrize("kind", sorted(COMPARED - BY_SLIPS))
def test_levels_tell_the_labelled_pairs_apart(kind):
    wrong = [
        what
        for what, level, expected in compared(kind)
        if (expected == "DIFFERENT" and level > 0.5) or (expected in ("SAME", "CLOSE", ">=CLOSE") and level <= 0.5)
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("kind", sorted(BY_SLIPS))
def test_numbers_that_differ_are_never_the_same_and_those_written_otherwise_are(kind):
    wrong = [
        what
        for what, level, expected in compared(kind)
        if (expected == "DIFFERENT" and level == 1) or (expected == "SAME" and level < 1)
    ]
    assert not wrong, "\n".join(wrong)


def test_texts_learned_together_are_compared_as_those_learned_alone():
    names = ["张伟", "张玮", "张伟明", "zhang wei", "wei zhang", "bob smith", "robert smith", "smith", "zw", "伟明"]
    kind = for_field(Field("name", kind="person_name"), Defaults())
    together = comparer_of(kind)
    texts = sorted(set(together.canonical(names)))
    together.learn(texts)
    one, two = np.triu_indices(len(texts), 1)
    levels = together.compare(one, two).tolist()
    alone = [level_of(comparer_of(kind), texts[a], texts[b]) for a, b in zip(one, two, strict=True)]
    assert levels == alone


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("深圳市金辉达食品有限公司上海分公司", "深圳市金辉达食品有限公司北京分公司", "another branch"),
        ("深圳市金辉达食品有限公司上海分公司", "金辉达食品有限公司（北京分公司）", "another branch"),
        ("深圳市金辉达食品有限公司上海分公司", "深圳市金辉达食品有限公司", "another branch"),
        ("平安保险上海分公司", "平安保险北京分公司", "another branch"),
        ("HSBC Bank plc, Hong Kong Branch", "HSBC Bank plc (London Branch)", "another branch"),
        ("Huawei Technologies Co., Ltd. Shenzhen Branch", "Huawei Technologies Co Ltd, Wuhan Office", "another branch"),
        ("Müller Bau GmbH, Niederlassung Berlin", "Müller Bau GmbH (Niederlassung Köln)", "another branch"),
        ("Müller Bau GmbH Filiale Berlin", "Müller Bau GmbH", "another branch"),
        ("深圳市金辉达食品有限公司上海分公司", "深圳市金辉达食品有限公司上海市分公司", "the same"),
        ("深圳市金辉达食品有限公司上海分公司", "金辉达食品(上海分公司)", "the same, told in part"),
        ("HSBC Bank plc, Hong Kong Branch", "HSBC Bank (Hong Kong branch)", "the same"),
        ("中国电信股份有限公司广东深圳分公司", "中国电信深圳分公司", "perhaps the same"),
        ("深圳市金辉达食品有限公司上海分公司", "深圳市恒信食品有限公司北京分公司", "different"),
        ("深圳市金辉达食品有限公司上海分公司", "成都市金辉达食品有限公司北京分公司", "different"),
        ("深圳市金辉达食品有限公司上海分公司", "深圳市金辉达建材有限公司北京分公司", "different"),
    ],
)
def test_branches_of_one_firm_are_told_from_each_other_and_from_those_of_others(one, other, expected):
    comparer = comparer_of(for_field(Field("company", kind="org_name"), Defaults()))
    level = level_of(comparer, *comparer.canonical([one, other]))
    assert comparer.levels[level] == expected


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("wangbin1179@example.cn", "wangbin1231@qq.com", "different"),
        ("wangbin1179@qq.com", "wangbin1188@qq.com", "different"),
        ("wangbin1179@qq.com", "wangbin@qq.com", "different"),
        ("wangbin1179@qq.com", "wangbing1231@qq.com", "different"),
        ("wangbin1179@qq.com", "wangbin1178@qq.com", "a slip apart"),
        ("wangbin1179@qq.com", "wangbin1719@qq.com", "a slip apart"),
        ("wangbin1179@qq.com", "wangbin11179@qq.com", "a slip apart"),
        ("wangbin1179@qq.com", "wangbn1179@qq.com", "a slip apart"),
        ("wangbin1179@gmail.com", "wangbin1179@gmial.com", "the same name elsewhere"),
        ("wangxiaobin1179@qq.com", "wanxiaobing1179@qq.com", "two slips apart"),
        ("kate.oneill@example.com", "k.oneill@example.com", "much alike"),
    ],
)
def test_addresses_with_other_digits_have_no_more_in_common_than_the_name(one, other, expected):
    comparer = comparer_of(for_field(Field("email", kind="email"), Defaults()))
    level = level_of(comparer, *comparer.canonical([one, other]))
    assert comparer.levels[level] == expected


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (1967, 1976, "a slip apart"),
        (1967, 1987, "a slip apart"),
        (28543, 28345, "much alike, or two slips apart"),
        (7, 9, "different"),
        (1967, 2004, "different"),
    ],
)
def test_whole_numbers_are_compared_by_their_slips(one, other, expected):
    comparer = comparer_of(for_field(Field("born", kind="integer"), Defaults()))
    assert comparer.levels[level_of(comparer, *comparer.canonical([one, other]))] == expected


@given(st.lists(st.text(st.sampled_from("0189abé٣张 -"), min_size=1, max_size=9), unique=True, min_size=2, max_size=8))
def test_texts_learned_together_are_compared_as_two_alone(texts):
    kind = for_field(Field("note", kind="text"), Defaults())
    comparer = comparer_of(kind)
    comparer.learn(texts)
    one, two = np.triu_indices(len(texts), 1)
    alone = [level_of(comparer_of(kind), texts[a], texts[b]) for a, b in zip(one.tolist(), two.tolist(), strict=True)]
    assert comparer.compare(one, two).tolist() == alone
