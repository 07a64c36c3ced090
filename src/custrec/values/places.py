"""Provinces and cities of China by their names in full and in short (places.tsv): for addresses and names of firms.

Read when first asked for. 吉林 and 海南 are provinces and more; a bare name means the province.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

MUNICIPALITIES = frozenset({"北京", "天津", "上海", "重庆"})


@dataclass(frozen=True, slots=True)
class Places:
    """The places by name.

    `provinces` gives the short name of a province by any of its names; `cities` the name in daily use of a city by any
    of its names (苏州, 苏州市; 延边); `province_of` the short name of a city's province by its name in daily use;
    `counties` are the county-level cities among them, which lie in another city.
    """

    provinces: dict[str, str]
    cities: dict[str, str]
    province_of: dict[str, str]
    counties: frozenset[str]
    any_name: re.Pattern[str]
    """Matches the longest name of a province or city at a place."""


@cache
def places() -> Places:
    """The table, read once."""
    provinces: dict[str, str] = {}
    cities: dict[str, str] = {}
    province_of: dict[str, str] = {}
    counties: set[str] = set()
    for line in files("custrec.values").joinpath("places.tsv").read_text("utf-8").splitlines():
        if line.startswith("#"):
            continue
        full, short, large, small = line.split("\t")
        provinces |= dict.fromkeys(
            (full, short, f"{short}省", f"{short}市" if short in MUNICIPALITIES else full), short
        )
        for written in (*large.split(), *small.split()):
            whole, _, daily = written.partition("/")
            daily = daily or whole
            city = whole if whole.endswith(("自治州", "地区", "盟")) else f"{whole}市"
            cities |= dict.fromkeys((city, whole, daily), daily)
            province_of[daily] = short
        counties |= set(small.split())
    every = sorted({*provinces, *cities}, key=len, reverse=True)
    return Places(provinces, cities, province_of, frozenset(counties), re.compile("|".join(every)))
