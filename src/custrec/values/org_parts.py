"""The name of an organisation taken apart: place, core, trade, legal form and branch.

深圳市华强电子有限公司 is 深圳 · 华强 · 电子 · 有限; Acme Technologies (China) Co., Ltd. is china · acme ·
technologies · ltd. The tables legal_forms.tsv, trade_words.txt and places.tsv are read when first asked for; judging
never asks.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from importlib.resources import files

from custrec.values.country import code_of
from custrec.values.letters import HAN, fold, has_han, words
from custrec.values.places import places
from custrec.values.sounds import pinyin

GROUP = "集团"
"""Begins the legal form of a group: 集团有限."""

_MEMORY = 1 << 17
_BRANCH_WORDS = (
    "分公司|子公司|办事处|代表处|联络处|分店|门店|旗舰店|专卖店"
    "|分行|支行|营业部|营业所|营业厅|分所|分厂|分院|分校|项目部|事业部"
)
_BRANCH = re.compile(
    f"^(?P<whole>.+(?:公司|集团|银行|事务所|株式会社))(?P<branch>[{HAN}0-9a-z]{{1,14}}?(?:{_BRANCH_WORDS}))$"
)
_LOOSE_BRANCH = re.compile(f"(?:{_BRANCH_WORDS})$")
_WESTERN_BRANCH = re.compile(
    r"(?:\s*[,(–-]\s*|\s+)(?P<branch>[^,()–-]+? (?:branch|office|division)"
    r"|(?:(?:zweig)?niederlassung|zweigstelle|filiale|succursale|sucursal) [^,()–-]+)\)?$"
)
_AFTER_FORM = re.compile(r"[,(–-]")
_PLACE_ENDS = re.compile("[省市区县]")
_BRACKETS = re.compile(r"[(（]([^()（）]*)[)）]")
_COUNTY = re.compile(
    f"[{HAN}]{{2,3}}?(?:(?<![超城门股都上集菜夜花])市|自治县|县|新区|(?<![小社园景校特地山])区|自治旗)(?=[{HAN}]{{2}})"
)
_DOTTED = re.compile(r"(?<=\b\w)\.(?=\w\b)")  # S.A., B.V., L.L.C.
_FIRST = frozenset({"the", "ab", "pt", "ooo", "oao", "zao", "pao", "ооо", "оао", "зао", "пао", "ао"})
_JAPANESE_FORMS = ("株式会社", "株式會社", "有限会社")
_LATIN_FORM_AT_END = re.compile("(?:coltd|limited|ltd|inc|llc|gmbh|corp)$")


@dataclass(frozen=True, slots=True)
class OrgParts:
    """The parts, folded; "" where the name does not tell.

    `place` is the name in daily use of the most particular city or province; `core` who it is; `trade` what it does;
    `legal` the form that the legal form means, behind 集团 if it is a group; `branch` which branch of it.
    """

    place: str = ""
    core: str = ""
    trade: str = ""
    legal: str = ""
    branch: str = ""


@lru_cache(maxsize=_MEMORY)
def parts_of(name: str) -> OrgParts:
    """The parts of a stored name. `core` is "" only where the name has no letter or digit."""
    text = fold(name)
    return _han_parts(text) if has_han(text) else _western_parts(text)


def _han_parts(text: str) -> OrgParts:
    noted = _place_in_brackets(text)
    if noted:
        text = text.replace(noted, "")
    text = "".join(words(text))
    text, branch = _without_branch(text)
    text, legal = _without_form(text)
    place, text = _without_place(text)
    core, trade = _without_trade(text)
    parts = OrgParts(place or places().cities.get(noted, noted), core, trade, legal, branch)
    if not core:  # 北京大学, 中国银行: the place is the name
        parts = replace(parts, place="", core=place or trade, trade=trade if place else "")
    return parts


def _place_in_brackets(text: str) -> str:
    """A place that stands in brackets: 中国 of 阿里巴巴（中国）."""
    known = places()
    found = (inside for inside in _BRACKETS.findall(text))
    return next(
        (s for s in found if s in known.cities or s in known.provinces or s in ("中国", "大中华区", "亚洲")), ""
    )


def _without_branch(text: str) -> tuple[str, str]:
    if found := _BRANCH.match(text):
        return found["whole"], _PLACE_ENDS.sub("", found["branch"])
    if _LOOSE_BRANCH.search(text):  # 中国电信深圳分公司: the branch begins at the last place
        begins = [found.start() for found in places().any_name.finditer(text) if found.start() > 1]
        if begins:
            return text[: begins[-1]], _PLACE_ENDS.sub("", text[begins[-1] :])
    return text, ""


def _without_form(text: str) -> tuple[str, str]:
    """A Han name without its legal forms, and what they mean."""
    meaning, group = "", ""
    forms = _han_forms()
    if text.startswith(_JAPANESE_FORMS) and len(text) > 4:
        text, meaning = text[4:], _forms()[text[:4]]
    while True:
        if found := _LATIN_FORM_AT_END.search(text):
            form, meant = found[0], "ltd"
        else:
            form = next((form for form in forms if text.endswith(form)), "")
            meant = _forms()[form] if form else ""
        if text.endswith(("集团", "集團")):
            form, group = text[-2:], GROUP
        if not form or len(form) >= len(text):
            return text, group + meaning
        text, meaning = text[: -len(form)], meaning or meant


def _without_place(text: str) -> tuple[str, str]:
    """The places that a Han name begins with, each within the one before; and the rest."""
    known = places()
    place, province = "", ""
    while found := known.any_name.match(text):
        name = found[0]
        if name in known.provinces and not place:
            place = province = known.provinces[name]
        elif (name in known.cities and known.province_of.get(known.cities[name]) == province) or not place:
            place = known.cities[name]
        else:
            break
        text = text[found.end() :]
        if place not in (province, "吉林", "海南") or not province:
            break
    if found := _COUNTY.match(text):
        return place or found[0].rstrip("市县区"), text[found.end() :]
    return place, text


def _without_trade(text: str) -> tuple[str, str]:
    """The core and the words of trade behind it, as many as there are."""
    trades = _han_trades()
    end = len(text)
    while end > 0:
        length = next((n for n in range(min(end, 8), 0, -1) if text[end - n : end] in trades), 0)
        if not length or (end - length < 2 and length == 1):
            break
        end -= length
    return text[:end], text[end:]


def _western_parts(text: str) -> OrgParts:
    branch, place = "", ""
    if (found := _WESTERN_BRANCH.search(text)) and (
        _AFTER_FORM.match(found[0].lstrip()) or _ends_in_form(text[: found.start()])
    ):
        text, branch = text[: found.start()], " ".join(words(found["branch"]))
    for inside in _BRACKETS.findall(text):
        if _is_place(inside):
            place, text = inside.strip(), _BRACKETS.sub(" ", text)
            break
    parts = words(_DOTTED.sub("", text.replace("&", " and ")).replace("'", "").replace("’", ""))
    begin = 1 if len(parts) > 1 and parts[0] in _FIRST else 0
    end, legal = len(parts), _forms().get(parts[0], "") if begin else ""
    while length := _form_length(parts, begin, end):
        legal = legal or _forms()[" ".join(parts[end - length : end])]
        end -= length
    core_end = end
    while core_end > begin + 1 and parts[core_end - 1] in _western_trades():
        core_end -= 1
    return OrgParts(place, " ".join(parts[begin:core_end]), " ".join(parts[core_end:end]), legal, branch)


def _form_length(parts: tuple[str, ...], begin: int, end: int) -> int:
    """How many words before `end` are a legal form; one word of the name must remain."""
    for length in (3, 2, 1):
        if end - length > begin and " ".join(parts[end - length : end]) in _forms():
            return length
    return 1 if end - 1 > begin and parts[end - 1] == "and" else 0  # GmbH & Co. KG


def _ends_in_form(text: str) -> bool:
    parts = words(_DOTTED.sub("", text))
    return bool(parts) and parts[-1] in _forms()


def _is_place(text: str) -> bool:
    return code_of(text) is not None or text.replace(" ", "").replace("'", "") in _cities_in_pinyin()


@cache
def _forms() -> dict[str, str]:
    return {form: meaning for form, _, meaning in (row.partition("\t") for row in _rows("legal_forms.tsv"))} | {
        "and": ""
    }


@cache
def _han_forms() -> tuple[str, ...]:
    return tuple(sorted(filter(has_han, _forms()), key=len, reverse=True))


@cache
def _trades() -> tuple[str, ...]:
    return tuple(word for row in _rows("trade_words.txt") for word in row.split())


@cache
def _han_trades() -> frozenset[str]:
    return frozenset(filter(has_han, _trades()))


@cache
def _western_trades() -> frozenset[str]:
    return frozenset(word for word in _trades() if not has_han(word))


@cache
def _cities_in_pinyin() -> frozenset[str]:
    known = places()
    return frozenset(map(pinyin, {*known.provinces.values(), *known.cities.values()}))


def _rows(table: str) -> list[str]:
    lines = files("custrec.values").joinpath(table).read_text("utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]
