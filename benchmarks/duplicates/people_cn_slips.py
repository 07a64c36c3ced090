"""How one record of a Chinese customer comes to differ from another: other scripts, sounds, shapes, habits of writing.

Every function takes a random source and a text and gives another text that a person would still read as the same thing
(or would, knowing how it came about). Which slips a record suffers is decided in `people_cn`; nothing here knows of records.
"""

from __future__ import annotations

import re
from functools import cache
from random import Random

from people_cn_words import ALIKE_GROUPS, COHORTS, RARER, READINGS, SURNAMES, TITLES_MEN, TITLES_WOMEN, VARIANTS

_DIGITS = str.maketrans("0123456789", "０１２３４５６７８９")
_LATIN_VOWEL = str.maketrans({"v": "u"})


@cache
def _readings() -> dict[str, str]:
    from pypinyin import lazy_pinyin

    characters = sorted(set("".join([*SURNAMES, RARER, *(cohort.men + cohort.women for cohort in COHORTS)])))
    return {character: lazy_pinyin(character)[0] for character in characters}


@cache
def reading(character: str) -> str:
    """The syllable of a character, without tone."""
    from pypinyin import lazy_pinyin

    return _readings().get(character) or str(lazy_pinyin(character)[0])


def surname_reading(surname: str) -> str:
    return READINGS.get(surname) or reading(surname)


@cache
def _same_sound() -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """Surnames and characters of given names, by reading."""
    surnames: dict[str, list[str]] = {}
    given: dict[str, list[str]] = {}
    for surname in SURNAMES:
        if len(surname) == 1:
            surnames.setdefault(surname_reading(surname), []).append(surname)
    for character in sorted(set(RARER + "".join(cohort.men + cohort.women for cohort in COHORTS))):
        given.setdefault(reading(character), []).append(character)
    return surnames, given


@cache
def _alike() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for group in ALIKE_GROUPS:
        for character in group:
            found.setdefault(character, []).extend(other for other in group if other != character)
    return found


@cache
def _to_traditional(text: str) -> str:
    return str(_converter().convert(text))


@cache
def _converter():  # type: ignore[no-untyped-def]
    from opencc import OpenCC

    return OpenCC("s2t")


@cache
def _traditional_character(character: str) -> str:
    return _to_traditional(character)


def traditional(text: str) -> str:
    """張偉 for 张伟, character by character, as converters of spreadsheets do."""
    return "".join(map(_traditional_character, text))


def variant(text: str) -> str:
    return "".join(VARIANTS.get(character, character) for character in text)


def same_sound(random: Random, surname: str, given: str) -> tuple[str, str]:
    """张伟 → 章伟, 张炜: one character becomes another that sounds the same; as it was where there is none."""
    surnames, characters = _same_sound()
    if random.random() < 0.3:
        others = [other for other in surnames.get(surname_reading(surname), []) if other != surname]
        return (random.choice(others), given) if others else (surname, given)
    place = random.randrange(len(given))
    others = [other for other in characters.get(reading(given[place]), []) if other != given[place]]
    return surname, given[:place] + random.choice(others) + given[place + 1 :] if others else given


def same_shape(random: Random, text: str) -> str:
    """One character becomes one that looks like it; as it was where none does."""
    places = [n for n, character in enumerate(text) if character in _alike()]
    if not places:
        return text
    place = random.choice(places)
    return text[:place] + random.choice(_alike()[text[place]]) + text[place + 1 :]


def latin(random: Random, surname: str, given: str) -> str:
    """Zhang Wei, Wei Zhang, ZHANG Wei, zhangwei, Zhang Jian-guo; and for some the initials: ZW, Zhang W."""
    family = surname_reading(surname).translate(_LATIN_VOWEL).capitalize()
    syllables = [reading(character).translate(_LATIN_VOWEL) for character in given]
    name = "".join(syllables).capitalize()
    form = random.choices(range(8), (30, 22, 12, 10, 8, 8, 6, 4))[0]
    if form == 0:
        return f"{family} {name}"
    if form == 1:
        return f"{name} {family}"
    if form == 2:
        return f"{family.upper()} {name}"
    if form == 3:
        return f"{family}{name}".lower()
    if form == 4:
        return f"{family} {'-'.join(syllables).capitalize()}"
    if form == 5:
        return f"{family} {' '.join(s.capitalize() for s in syllables)}"
    if form == 6:
        return f"{family} {''.join(s[0] for s in syllables).upper()}"
    return (family[0] + "".join(s[0] for s in syllables)).upper()


def address_form(random: Random, surname: str, given: str, woman: bool, whole: bool) -> str:
    """王总, 李女士; with `whole` the full name before the title: 王建国经理."""
    titles = TITLES_WOMEN if woman else TITLES_MEN
    title = random.choices(list(titles), list(titles.values()))[0]
    return surname + (given if whole else "") + title


def spaced(random: Random, surname: str, given: str) -> str:
    """张 伟, as forms are filled, or 张伟 with a note behind it."""
    form = random.random()
    if form < 0.6:
        return f"{surname} {given}"
    return f"{surname}{given}{random.choice(['（采购）', '(财务)', '（已离职）', '-技术'])}"


def mobile(random: Random, number: str) -> str:
    form = random.choices(range(6), (55, 14, 11, 8, 8, 4))[0]
    head, middle, tail = number[:3], number[3:7], number[7:]
    return (
        number, f"{head} {middle} {tail}", f"{head}-{middle}-{tail}", f"+86{number}", f"+86 {head} {middle} {tail}",
        f"0086{number}",
    )[form]  # fmt: skip


def landline(random: Random, area: str, number: str, extension: str = "") -> str:
    form = random.choices(range(5), (45, 20, 15, 12, 8))[0]
    text = (
        f"{area}-{number}", f"{area}{number}", f"({area}){number}", f"{area} {number[:4]} {number[4:]}",
        f"+86 {area[1:]} {number}",
    )[form]  # fmt: skip
    return text + random.choice(("转{}", "-{}")).format(extension) if extension and form != 1 else text


def digit_slip(random: Random, number: str) -> str:
    """A digit wrong or two neighbours swapped, never in the first three."""
    place = random.randrange(3, len(number) - 1)
    if random.random() < 0.4 and number[place] != number[place + 1]:
        return number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    wrong = random.choice([digit for digit in "0123456789" if digit != number[place]])
    return number[:place] + wrong + number[place + 1 :]


def mail_slip(random: Random, address: str) -> str:
    """A letter of the local part lost, doubled, or swapped with the next."""
    local, _, domain = address.partition("@")
    if len(local) < 4:
        return address
    place = random.randrange(1, len(local) - 1)
    form = random.random()
    if form < 0.4:
        local = local[:place] + local[place + 1 :]
    elif form < 0.6:
        local = local[:place] + local[place] + local[place:]
    else:
        local = local[:place] + local[place + 1] + local[place] + local[place + 2 :]
    return f"{local}@{domain}"


def full_width(text: str) -> str:
    return text.translate(_DIGITS)


def other_room(text: str) -> str:
    """3栋2单元501室 as 3-2-501."""
    return re.sub(r"(\d+)(?:栋|号楼|幢)(\d+)单元(\d+)室?", r"\1-\2-\3", text)
