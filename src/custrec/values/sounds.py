"""How a Chinese name sounds: where its surname ends, and what surname and given name are in pinyin without tones.

The tables surnames.tsv and pinyin.tsv are read when first asked for, which takes some milliseconds: judging never asks
for pinyin. A character that the table does not know stands for itself.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

LONGEST = 6
"""Letters of a syllable."""

_HAN_NAME = re.compile("[\u3400-\u4dbf\u4e00-\u9fff]{1,6}").fullmatch


def split_han(name: str) -> tuple[str, str]:
    """Surname and given name of a name of Han characters; one that is only a surname has no given name.

    Surnames of two characters are those of surnames.tsv; two characters alone are surname and given name (欧 阳).
    """
    for length in (4, 2):
        if len(name) > length and name[:length] in compound_surnames():
            return name[:length], name[length:]
    return name[:1], name[1:]


def sound(surname: str, given: str) -> tuple[str, str]:
    """Surname and given name in pinyin: ("单", "雄信") is ("shan", "xiongxin")."""
    return _surnames().get(surname) or pinyin(surname), pinyin(given)


def pinyin(text: str) -> str:
    """The usual readings of the characters, written together."""
    table = _readings()
    return "".join([table.get(character, character) for character in text])


def name_sounds(name: str) -> tuple[str, str] | None:
    """How a name of Han characters sounds, written together, and its initials; None for other names."""
    if not _HAN_NAME(name):
        return None
    heard = name.translate(_spelled()).split()
    reading = _surnames().get(name[:2]) or _surnames().get(name[:1])
    if reading:  # a surname of two characters, or one that is read otherwise than the character usually is
        length = 2 if name[:2] in compound_surnames() else 1
        return reading + "".join(heard[length:]), reading[0] + "".join([syllable[0] for syllable in heard[1:]])
    return "".join(heard), "".join([syllable[0] for syllable in heard])


def both_orders(letters: str) -> list[str]:
    """Letters as they are, and with the surname in the other place: weizhang, zhangwei."""
    turned = [letters[place:] + letters[:place] for place in range(1, len(letters))]
    splits = [(letters[:place], letters[place:]) for place in range(1, len(letters))]
    return [letters, *(text for text, parts in zip(turned, splits, strict=True) if all(map(is_pinyin, parts)))]


def is_pinyin(letters: str) -> bool:
    """Whether letters are nothing but syllables of Mandarin."""
    return len(letters) in _syllable_ends(letters)


def begins_pinyin(letters: str) -> bool:
    """Whether letters are syllables of Mandarin, the last of which may be cut short: zhangw."""
    rests = [letters[end:] for end in _syllable_ends(letters) if end]
    return any(syllable.startswith(rest) for rest in rests for syllable in syllables())


def _syllable_ends(letters: str) -> set[int]:
    """Where syllables may end that follow each other from the beginning; 0 among them."""
    ends = {0}
    for place in range(len(letters)):
        if place in ends:
            ends |= {end for end in range(place + 1, place + LONGEST + 1) if letters[place:end] in syllables()}
    return {end for end in ends if end <= len(letters)}


@cache
def compound_surnames() -> frozenset[str]:
    """The surnames of more than one character."""
    return frozenset(surname for surname in _surnames() if len(surname) > 1)


@cache
def syllables() -> frozenset[str]:
    """The syllables of Mandarin, as pinyin.tsv writes them."""
    return frozenset(_readings().values())


def is_full_name(name: str) -> bool:
    """Whether Han characters can only be a surname and a given name: 张伟 and 欧阳娜娜, not 王, 欧阳 or 采购部王."""
    surname, given = split_han(name)
    return 1 <= len(given) <= 2 and is_surname(surname) and name not in compound_surnames()


def is_surname(name: str) -> bool:
    """Whether surnames.tsv has it."""
    return name in _surnames() or (len(name) == 1 and name in _usual_surnames())


@cache
def _spelled() -> dict[int, str]:
    return {ord(character): f"{syllable} " for character, syllable in _readings().items()}


@cache
def _surnames() -> dict[str, str]:
    return {surname: reading for surname, reading in _surname_rows() if surname != "*"}


@cache
def _usual_surnames() -> frozenset[str]:
    return frozenset("".join(characters for mark, characters in _surname_rows() if mark == "*"))


@cache
def _surname_rows() -> list[tuple[str, str]]:
    return [(row.partition("\t")[0], row.partition("\t")[2]) for row in _rows("surnames.tsv")]


@cache
def _readings() -> dict[str, str]:
    return {
        character: syllable
        for syllable, characters in (row.split("\t") for row in _rows("pinyin.tsv"))
        for character in characters
    }


def _rows(table: str) -> list[str]:
    lines = files("custrec.values").joinpath(table).read_text("utf-8").splitlines()
    return [line for line in lines if not line.startswith("#")]
