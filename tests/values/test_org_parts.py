"""values/org_parts.py with its tables"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custrec.values.org_likeness import differ_in_a_word
from custrec.values.org_parts import OrgParts, parts_of


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("深圳市华强电子有限公司", OrgParts("深圳", "华强", "电子", "有限")),
        ("广东省深圳市华强（集团）股份有限公司", OrgParts("深圳", "华强", "", "集团股份")),
        ("阿里巴巴（中国）网络技术有限公司", OrgParts("中国", "阿里巴巴", "网络技术", "有限")),
        (
            "百度在线网络技术（北京）有限公司上海软件技术分公司",
            OrgParts("北京", "百度在线", "网络技术", "有限", "上海软件技术分公司"),
        ),
        ("中国电信深圳分公司", OrgParts("", "中国电信", "", "", "深圳分公司")),
        ("中国电信股份有限公司深圳市分公司", OrgParts("", "中国电信", "", "股份", "深圳分公司")),
        ("招商银行股份有限公司深圳分行", OrgParts("", "招商", "银行", "股份", "深圳分行")),
        ("北京大学", OrgParts("", "北京", "大学")),
        ("华为", OrgParts("", "华为")),
        ("永辉超市股份有限公司", OrgParts("", "永辉", "超市", "股份")),
        ("上海市浦东新区张江食品厂", OrgParts("上海", "张江", "食品厂")),
        ("昆山富士康精密组件有限公司", OrgParts("昆山", "富士康精密组件", "", "有限")),
        ("德勤华永会计师事务所（特殊普通合伙）", OrgParts("", "德勤华永", "会计师事务所", "普通合伙")),
        ("株式会社日立製作所", OrgParts("", "日立製作所", "", "kk")),
        ("有限公司", OrgParts("", "有限公司")),
        ("Acme Technologies (China) Co., Ltd.", OrgParts("china", "acme", "technologies", "ltd")),
        ("Acme (Shanghai) Trading Co., Ltd.", OrgParts("shanghai", "acme", "trading", "ltd")),
        ("Müller & Söhne GmbH & Co. KG", OrgParts("", "muller and sohne", "", "kg")),
        ("The Boeing Company", OrgParts("", "boeing")),
        ("AB Volvo", OrgParts("", "volvo", "", "ab")),
        ("HSBC Bank plc, Hong Kong Branch", OrgParts("", "hsbc", "bank", "plc", "hong kong branch")),
        ("Żabka Polska Sp. z o.o.", OrgParts("", "zabka polska", "", "zoo")),
        ("Olive Branch", OrgParts("", "olive branch")),
        ("!", OrgParts()),
    ],
)
def test_a_name_is_taken_apart(name, parts):
    assert parts_of(name) == parts


@given(st.text("深圳市华强电子有限公司集团（）() abLtdCo.,-分北京大学", max_size=16))
def test_every_name_with_a_letter_has_a_core(name):
    parts = parts_of(name)
    assert bool(parts.core) == any(map(str.isalnum, name))


@pytest.mark.parametrize(
    ("one", "two", "differ"),
    [
        ("Fund II LP", "Fund III LP", True),
        ("Omnia A", "Omnia B", True),
        ("Bank of Ohio", "Bank of Iowa", True),
        ("Zarbo (UK) Ltd", "Zarbo (US) Inc", False),
        ("Acme Intl. Inc", "Acme International Inc", False),
        ("Data Ware Inc", "Dataware Inc", False),
        ("Acme Tools", "The Acme Tools Company", False),
        ("Kronberg AG", "Kronberg Healthineers AG", False),
        ("华强电子", "华强贸易", False),
    ],
)
def test_latin_names_that_have_each_a_word_of_their_own_are_told(one, two, differ):
    assert differ_in_a_word(one, two) is differ_in_a_word(two, one) is differ
