"""The case of Latin names: JOHN O'BRIEN and john o'brien as John O'Brien, where that is safe.

Safe is a name all in capitals or all in small letters; Jean DUPONT tells by its capitals what the surname is, and
stays. Words that may be initials (JFK, AJ), Roman numerals and Turkish names (I is no capital of i there) stay as
typed.
"""

# ruff: noqa: SIM905 -- a list of short words reads better as text

from __future__ import annotations

import re

_LATIN_NAME = re.compile(r"[A-Za-zÀ-ÖØ-öø-ɏḀ-ỿ .,'’()\"&-]+").fullmatch
_WORD = re.compile(r"[A-Za-zÀ-ÖØ-öø-ɏḀ-ỿ]+(?:['’][A-Za-zÀ-ÖØ-öø-ɏḀ-ỿ]+)?")
_VOWEL = re.compile("[aeiouyà-æè-ïò-öø-ýÿāēīōūăĕĭŏŭąęįųěűő]")
_PINYIN = re.compile(r"(?:[zcs]h|[bpmfdtnlgkhjqxrzcsyw])?[aeiouvü]{1,3}(?:ng?|r)?").fullmatch
_TURKISH = frozenset("İıĞğŞş")
_PARTICLES = frozenset(
    "van von der den de del della di da do dos das du la las los ter ten zu zum zur af av bin binti ibn".split()
)
_NUMERALS = frozenset("ii iii iv vi vii viii".split())
_WITHOUT_VOWELS = frozenset("ng mr mrs dr jr sr st ms md".split())
_VIETNAMESE = frozenset(
    "nguyen nguyễn tran trần le lê pham phạm hoang hoàng huynh huỳnh phan vu vũ vo võ dang đặng bui bùi ngo ngô duong"
    " dương truong trương dinh đinh".split()
)
"""Surnames before which "Van" is no particle."""


def recase(name: str) -> str:
    """A Latin name with the capitals that names have; any other text, or one already in mixed case, as it is."""
    if not (name.isupper() or name.islower()) or not _LATIN_NAME(name) or not _TURKISH.isdisjoint(name):
        return name
    words = [word.lower() for word in _WORD.findall(name)]
    if len(words) == 1 and len(words[0]) <= 3 and name.isupper():  # JFK; also IBM
        return name
    small = _small(words)
    shouted = name.isupper()
    written = (word if at in small else _capitalised(word, shouted) for at, word in enumerate(words))
    return _WORD.sub(lambda _: next(written), name)


def _small(words: list[str]) -> frozenset[int]:
    """Which words are particles (van der, de la): between names, or two at the beginning; none in Asian names."""
    others = [word for word in words if word not in _PARTICLES]
    if not others or words[0] in _VIETNAMESE or all(map(_PINYIN, words)):
        return frozenset()
    return frozenset(
        at
        for at, word in enumerate(words[:-1])
        if word in _PARTICLES and (at > 0 or word == "von" or words[1] in _PARTICLES)
    )


def _capitalised(word: str, shouted: bool) -> str:
    """One word with its capitals: O'Brien, McDonald, JR as initials if it was shouted, Smith."""
    head, apostrophe, rest = word.partition("'" if "'" in word else "’")
    if apostrophe:
        return f"{_first_up(head)}{apostrophe}{_first_up(rest) if len(head) == 1 and len(rest) > 1 else rest}"
    if word in _NUMERALS or (shouted and _may_be_initials(word)):
        return word.upper()
    if word.startswith("mc") and len(word) > 4:
        return f"Mc{_first_up(word[2:])}"
    return f"IJ{word[2:]}" if word.startswith("ij") and len(word) > 3 else _first_up(word)


def _may_be_initials(word: str) -> bool:
    """JFK, TJ and AJ, but not LI, NG or MRS."""
    if len(word) > 3 or word in _WITHOUT_VOWELS:
        return False
    return not _VOWEL.search(word) or (len(word) == 2 and word[1] == "j")


def _first_up(word: str) -> str:
    return word[:1].upper() + word[1:]
