"""A Chinese address taken apart: province, city, district, street, house number, and what stands behind it.

Province and city are told by places.tsv, never guessed; a city implies its province. 12幢, 12号楼 and 12座 are one
building, 1014房 and 1014室 one room. Keys and comparison ask for this; judging never does.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from custrec.values.letters import HAN, fold
from custrec.values.places import MUNICIPALITIES, places

_MEMORY = 1 << 17
_COUNTRY = re.compile("^(?:中华人民共和国|中国)(?=.)")
_POSTCODE = re.compile(r"(?:邮编|邮政编码)?[:：]?\s*(?<!\d)\d{6}(?!\d)\s*$|^\s*\d{6}(?=\s*[^\d\s号])")
_DISTRICT = re.compile(
    f"[{HAN}]{{1,6}}?(?:自治县|自治旗|新区|工业园区|产业园区|(?<![小社园景校特地])区|县|旗|(?<![超城门股都上集菜夜花])市)(?!口|场|路)"
)
_TOWN = re.compile(f"[{HAN}]{{1,5}}?(?:街道办事处|街道办|街道|镇|乡|苏木)(?!路|大道|街)")
_STREET = re.compile(
    f"(?P<street>[{HAN}]{{1,8}}?(?:[一二三四五六七八九十东西南北中]{{0,2}}(?:大道|大街|公路|路|街|道|巷|弄|胡同|里|村|屯|组|堤)))"
    f"(?P<further>[东西南北中]?[一二三四五六七八九十]*[段巷弄里]?)(?P<house>\\d+(?:-\\d+)?)"
)
_STREET_ALONE = re.compile(f"[{HAN}]{{1,10}}(?:大道|大街|公路|路|街|巷|胡同)[东西南北中]?段?")
_ESTATE = re.compile(
    f"(?P<street>[{HAN}a-z]{{2,10}}?(?:小区|花园|大厦|广场|中心|公寓|花苑|家园|新村|苑|庭|府|湾|城|园))"
)
_HOUSE_SIGN = re.compile("^[号號弄](?!楼|房)")
_BUILDING = re.compile(r"([0-9a-z]{1,4})(?:号楼|號樓|幢|栋|棟|座|号院)")
_ROOM = re.compile(r"([0-9a-z]{1,6})(?:号房|号室|室|房)")
_FLOOR = re.compile(r"(\d{1,3})(?:楼|层|樓|層|f)(?![a-z])")
_UNITS = re.compile("[0-9a-z]+(?:栋|单元|层|座)?")
_DASHES = re.compile("[–—−~]")
_SIGNS = re.compile(r"[^\w-]|_|(?<!\d)-|-(?!\d)")
_DISTRICT_SIGN = re.compile("(?:(?<=..)新区|区|县|市)$")
_OTHER_SIGNS = ("县", "区", "路", "街", "镇", "乡", "村", "巷", "大")


@dataclass(frozen=True, slots=True)
class AddressParts:
    """The parts, folded; "" where the address does not tell.

    `province` and `city` are names in daily use (广东, 深圳), `district` stands without 区 or 县, `street` with its
    last word (滨河路), or is an estate; `units` are building, floor and room, `rest` what else stands there.
    """

    province: str = ""
    city: str = ""
    district: str = ""
    street: str = ""
    house: str = ""
    units: tuple[str, ...] = ()
    rest: str = ""


@lru_cache(maxsize=_MEMORY)
def parts_of(address: str) -> AddressParts:
    """The parts of a stored address with Han characters."""
    text = _DASHES.sub("-", _POSTCODE.sub("", fold(address)))
    text = _COUNTRY.sub("", _SIGNS.sub("", text))
    province, city, district, text = _region(text)
    if not district and (found := _DISTRICT.match(text)):
        district, text = _DISTRICT_SIGN.sub("", found[0]), text[found.end() :]
    if found := _TOWN.match(text):
        text = text[found.end() :] if len(text) > found.end() else text
    street, house, text = _street(text)
    within = _FLOOR.sub(r"\1层", _ROOM.sub(r"\1-", _BUILDING.sub(r"\1栋", text)))
    units = tuple(_UNITS.findall(within))
    return AddressParts(province, city, district, street, house, units, _UNITS.sub("", within).replace("-", ""))


def _region(text: str) -> tuple[str, str, str, str]:
    """Province, city and county-level city that the text begins with, and the rest of it."""
    known = places()
    province = city = ""
    while found := known.any_name.match(text):
        name, rest = found[0], text[found.end() :]
        if rest[:1] in _OTHER_SIGNS and name[-1] not in "省市区州盟":  # 北京路 12 is no place in 北京
            break
        daily = known.cities.get(name, "")
        if not province and name in known.provinces:
            province = city = known.provinces[name]
            city = city if province in MUNICIPALITIES else ""
        elif daily in known.counties and province in ("", known.province_of[daily]):
            return known.province_of[daily], city, daily, rest
        elif daily and not city and province in ("", known.province_of[daily]):
            province, city = known.province_of[daily], daily
        elif name not in (city, f"{city}市"):  # 北京市北京市
            break
        text = rest.removeprefix("市辖区")
    return province, city, "", text


def _street(text: str) -> tuple[str, str, str]:
    """Street, house number and what stands behind; of an estate without a street its name."""
    if found := _STREET.search(text):
        return found["street"] + found["further"], found["house"], _HOUSE_SIGN.sub("", text[found.end() :])
    if found := _STREET_ALONE.fullmatch(text):
        return found[0], "", ""
    if found := _ESTATE.search(text):
        return found["street"], "", text[found.end() :]
    return "", "", text
