"""values/address.py"""

from __future__ import annotations

import pytest

from custrec.model.schema import Defaults, Field
from custrec.values.address import Address
from custrec.values.protocol import Agreement

ADDRESS = Address(Field("address", kind="address"), Defaults())


@pytest.mark.parametrize(
    ("one", "two", "agreement"),
    [
        ("12 High Street", "12 High St.", Agreement.SAME),
        ("12 High Street, London", "London, 12 High Street", Agreement.SAME),
        ("12 High Street, London SW1", "12 High Street, London", Agreement.CLOSE),
        ("12 High Street, London", "14 High Street, London", Agreement.WEAK),
        ("广东省深圳市南山区滨河路137号12栋1014室", "深圳市南山区滨河路137号12栋1014室", Agreement.SAME),
        ("深圳市南山区滨河路137号", "深圳市南山区滨河路139号", Agreement.WEAK),
        ("深圳市南山区滨河路137号", "北京市朝阳区文化路9号", Agreement.DIFFERENT),
    ],
)
def test_addresses_are_told_apart(one, two, agreement):
    assert ADDRESS.compare(one, two) is agreement
    assert ADDRESS.compare(two, one) is agreement


def test_an_address_meets_itself_with_and_without_its_province():
    assert (
        ADDRESS.keys("广东省深圳市南山区滨河路137号12栋")
        == ADDRESS.keys("深圳市南山区滨河路137号")
        == ("深圳滨河路137", "滨河路137")
    )
    assert ADDRESS.keys("12 High Street") == ADDRESS.keys("12, High St") == ("high 12",)


def test_a_mask_keeps_no_more_than_the_province_or_city():
    assert ADDRESS.mask("广东省深圳市南山区滨河路137号") == "广东省***"
    assert ADDRESS.mask("北京市朝阳区文化路9号") == "北京市***"
    assert ADDRESS.mask("12 High Street") == "***"
