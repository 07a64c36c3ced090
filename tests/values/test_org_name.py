"""values/org_name.py: what companies are behind their legal form."""

from __future__ import annotations

import pytest

from custrec.model.schema import Defaults, Field
from custrec.values.org_name import OrgName
from custrec.values.protocol import Agreement

ORG = OrgName(Field("company", kind="org_name"), Defaults())


@pytest.mark.parametrize(
    ("one", "two", "agreement"),
    [
        ("深圳市华强有限公司", "深圳市华强有限责任公司", Agreement.SAME),
        ("深圳市华强（集团）有限公司", "深圳市华强集团有限公司", Agreement.SAME),
        ("阿里巴巴（中国）有限公司", "阿里巴巴(中国)有限公司", Agreement.SAME),
        ("中国电信股份有限公司", "中国电信股份有限公司深圳分公司", Agreement.WEAK),
        ("中国电信股份有限公司广州分公司", "中国电信股份有限公司深圳分公司", Agreement.DIFFERENT),
        ("华强电子有限公司", "深圳市华强电子有限公司", Agreement.CLOSE),
        ("深圳市华强有限公司", "广州市华强有限公司", Agreement.DIFFERENT),
        ("Acme Ltd", "ACME Limited", Agreement.SAME),
        ("Acme, Inc.", "Acme", Agreement.SAME),
        ("Société Générale S.A.", "Societe Generale SA", Agreement.SAME),
        ("Procter & Gamble", "Procter and Gamble Co.", Agreement.SAME),
        ("Northern Atlas GmbH", "Northern Atlass GmbH", Agreement.CLOSE),
        ("Northern Atlas GmbH", "Northern Atlas Beacon Ltd", Agreement.WEAK),
        ("Acme Ltd", "Apex Ltd", Agreement.DIFFERENT),
        ("Ltd", "Inc", Agreement.DIFFERENT),
    ],
)
def test_companies_are_told_apart(one, two, agreement):
    assert ORG.compare(one, two) is agreement
    assert ORG.compare(two, one) is agreement


def test_a_company_meets_itself_under_another_legal_form_but_not_its_branch():
    assert ORG.keys("深圳市华强有限公司") == ORG.keys("深圳市华强有限责任公司")
    assert ORG.keys("Acme Ltd.") == ORG.keys("ACME Limited")
    assert not set(ORG.keys("中国电信股份有限公司")) & set(ORG.keys("中国电信股份有限公司深圳分公司"))
