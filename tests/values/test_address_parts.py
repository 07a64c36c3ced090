"""values/address_parts.py"""

from __future__ import annotations

import pytest

from custrec.values.address_parts import AddressParts, parts_of


@pytest.mark.parametrize(
    ("address", "parts"),
    [
        (
            "广东省深圳市南山区滨河路137号12栋1014室",
            AddressParts("广东", "深圳", "南山", "滨河路", "137", ("12栋", "1014")),
        ),
        ("深圳市南山区滨河路137号12幢1014房", AddressParts("广东", "深圳", "南山", "滨河路", "137", ("12栋", "1014"))),
        ("上海市浦东新区世纪大道100号15楼", AddressParts("上海", "上海", "浦东", "世纪大道", "100", ("15层",))),
        ("杭州西湖区文三路 398-1号", AddressParts("浙江", "杭州", "西湖", "文三路", "398-1")),
        ("江苏省昆山市玉山镇朝阳中路12号", AddressParts("江苏", "", "昆山", "朝阳中路", "12")),
        ("延边朝鲜族自治州延吉市光明街12号", AddressParts("吉林", "延边", "延吉", "光明街", "12")),
        ("518000 深圳市福田区深南大道1001号", AddressParts("广东", "深圳", "福田", "深南大道", "1001")),
        ("北京路12号", AddressParts(street="北京路", house="12")),
        ("武汉市洪山区光谷软件园C座", AddressParts("湖北", "武汉", "洪山", "光谷软件园", "", ("c栋",))),
        ("深圳市南山区", AddressParts("广东", "深圳", "南山")),
        ("吉林省吉林市船营区", AddressParts("吉林", "吉林", "船营")),
        ("老地方", AddressParts(rest="老地方")),
    ],
)
def test_a_chinese_address_is_taken_apart(address, parts):
    assert parts_of(address) == parts
