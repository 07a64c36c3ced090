"""values/places.py and its table"""

from __future__ import annotations

from custrec.values.places import MUNICIPALITIES, places


def test_all_provinces_and_prefecture_level_places_are_there():
    known = places()
    assert len(set(known.provinces.values())) == 34
    prefectures = set(known.cities.values()) - known.counties
    taiwan = {city for city in prefectures if known.province_of[city] == "台湾"}
    assert len(prefectures - taiwan) == 333  # 293 cities, 30 autonomous prefectures, 7 prefectures, 3 leagues
    assert set(known.provinces.values()) >= MUNICIPALITIES


def test_a_place_is_known_by_its_name_in_full_and_in_daily_use():
    known = places()
    assert known.provinces["广西壮族自治区"] == known.provinces["广西"] == "广西"
    assert known.provinces["北京市"] == "北京"
    assert known.cities["苏州市"] == known.cities["苏州"] == "苏州"
    assert known.cities["延边朝鲜族自治州"] == known.cities["延边"] == "延边"
    assert known.province_of["昆山"] == known.province_of["苏州"] == "江苏"


def test_every_city_lies_in_a_province():
    known = places()
    assert set(known.cities.values()) == known.province_of.keys()
    assert set(known.province_of.values()) <= set(known.provinces.values())
