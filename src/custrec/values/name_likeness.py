"""How well two names of people agree, by their cores (values.name_core): characters, sounds, initials, short forms.

What a slip of the ear or of the keyboard makes of a name is WEAK or CLOSE; what would be another person is DIFFERENT.
"""

from __future__ import annotations

from itertools import product

from custrec.values.han_variants import simplified
from custrec.values.likeness import edit_distance
from custrec.values.name_core import NameCore, core_of
from custrec.values.protocol import Agreement
from custrec.values.sounds import is_pinyin, is_surname, split_han

_SHORT_FORMS = """\
robert bob rob bobby robbie|william bill will billy willy|richard rick dick rich|james jim jimmy jamie|john jack johnny
thomas tom tommy|michael mike mick|david dave|daniel dan danny|christopher chris|christine chris tina|anthony tony
joseph joe joey|samuel sam|samantha sam|benjamin ben|alexander alex sasha|alexandra alex sandra sasha|andrew andy drew
edward ed eddie ted|frederick fred freddie|gregory greg|jennifer jen jenny|jeffrey jeff|geoffrey geoff|kenneth ken
lawrence larry|matthew matt|nicholas nick|patrick pat|patricia pat patty|peter pete|philip phil|ronald ron|stephen steve
steven steve|susan sue susie|timothy tim|elizabeth liz beth betty lisa
katherine kate kathy katie|katharine kate kathy|kathryn kate kathy|catherine cathy kate
margaret maggie meg peggy|victoria vicky|deborah debbie deb|rebecca becky|charles charlie chuck|henry harry hank
leonard leo len|raymond ray|gerald gerry jerry|jerome jerry|donald don|douglas doug|zachary zach|nathaniel nathan nate
johannes hans|friedrich fritz|josef sepp|maximilian max|elisabeth lisa|katharina kathi|aleksandr sasha|dmitri dima
francisco paco|jose pepe|guillermo memo|ignacio nacho"""
"""Given names with their short forms."""

_LONG_FORMS: dict[str, set[str]] = {}
for _line in _SHORT_FORMS.replace("\n", "|").split("|"):
    _full, *_forms = _line.split()
    for _form in (_full, *_forms):
        _LONG_FORMS.setdefault(_form, set()).add(_full)


def compare_names(one: NameCore, two: NameCore) -> Agreement:
    """How well two names agree that are not written alike; symmetric."""
    if one.han and two.han:
        return _compare_han(one, two)
    if one.han or two.han:
        han, latin = (one, two) if one.han else (two, one)
        return _compare_scripts(han, latin)
    if not one.words or not two.words:
        return Agreement.DIFFERENT
    return _compare_latin(one, two)


def differ_in_a_character(one: str, two: str) -> bool:
    """Whether two names are the same Han characters but one: 赵大明, 赵小明."""
    a, b = core_of(one).han, core_of(two).han
    if not a or len(a) != len(b):
        return False
    return sum(here != there for here, there in zip(simplified(a), simplified(b), strict=True)) == 1


def _compare_han(one: NameCore, two: NameCore) -> Agreement:
    """王 (of 王总) may be 王伟, and so may 伟; 张伟明 may be 张伟民, and 张玮 what someone heard of 张伟."""
    if one.surname_only or two.surname_only:
        short, long = (one, two) if one.surname_only else (two, one)
        return Agreement.WEAK if long.han.startswith(short.han) else Agreement.DIFFERENT
    if one.han == two.han:
        other = one.words and two.words and one.words != two.words
        return Agreement.SAME if one.words == two.words else Agreement.WEAK if other else Agreement.CLOSE
    if len(one.han) > 1 and len(one.han) == len(two.han) and one.sound == two.sound:
        return Agreement.WEAK
    if two.han == split_han(one.han)[1] or one.han == split_han(two.han)[1]:
        return Agreement.WEAK
    slip = min(len(one.han), len(two.han)) >= 3 and edit_distance(one.han, two.han, 1) <= 1
    first, second = one.han[0], two.han[0]
    other = first != second and is_surname(first) and is_surname(second)  # not so 阵伟明 for 陈伟明
    return Agreement.WEAK if slip and not other else Agreement.DIFFERENT


def _compare_scripts(han: NameCore, latin: NameCore) -> Agreement:
    """张伟 is probably Zhang Wei, may be W. Zhang, ZW or Mr. Zhang; 张伟 Jack is probably Jack Zhang."""
    surname, given = han.sound
    if not given:
        begins = len(latin.words) == 1 and latin.words[0].startswith(surname)  # 季总, Jiyunhao
        follows = begins and is_pinyin(latin.words[0][len(surname) :])
        return Agreement.WEAK if surname in latin.words or follows else Agreement.DIFFERENT
    letters = han.initials
    if latin.words == (letters,):
        return Agreement.WEAK
    written = {"".join(latin.words), "".join(map(_as_pinyin, latin.words))}  # chenyuwen has no nyu in it
    if written & {surname + given, given + surname}:
        return Agreement.CLOSE
    if surname not in map(_as_pinyin, (latin.words[:1] + latin.words[-1:])):
        return Agreement.DIFFERENT
    if latin.surname_only:
        return Agreement.WEAK
    others = [word for word in latin.words if _as_pinyin(word) != surname]
    if han.words and set(others) & set(han.words):
        return Agreement.CLOSE
    initials = bool(others) and all(len(word) == 1 for word in others) and others[0] == given[0]
    initials |= others == [letters[-len(others[0]) :]] if len(others) == 1 else False
    return Agreement.WEAK if initials else Agreement.DIFFERENT


def _as_pinyin(word: str) -> str:
    """A word as pinyin.tsv would write it: ü is written u there, elsewhere also v or yu."""
    return word.replace("lyu", "lu").replace("nyu", "nu").replace("lv", "lu").replace("nv", "nu")


def _compare_latin(one: NameCore, two: NameCore) -> Agreement:
    """J. Smith may be John Smith; Jon Smith is probably John Smith; the Smiths are at least Smiths."""
    if one.generation and two.generation and one.generation != two.generation:
        return Agreement.DIFFERENT
    agreement = _compare_words(one.words, two.words)
    if agreement is Agreement.SAME and (one.surname_only or two.surname_only):
        return Agreement.WEAK
    return min(agreement, Agreement.CLOSE) if one.generation != two.generation else agreement


def _compare_words(one: tuple[str, ...], two: tuple[str, ...]) -> Agreement:
    if sorted(one) == sorted(two):
        return Agreement.SAME
    if any("".join(a) == "".join(b) or _given_names_agree(a, b) for a, b in product(_orders(one), _orders(two))):
        return Agreement.CLOSE
    whole, other = " ".join(sorted(one)), " ".join(sorted(two))
    if min(len(whole), len(other)) >= 8 and edit_distance(whole, other, 1) <= 1:
        return Agreement.CLOSE
    if set(one) < set(two) or set(two) < set(one):
        return Agreement.CLOSE if min(len(one), len(two)) > 1 else Agreement.WEAK
    related = one[-1] == two[-1] and len(one[-1]) > 1
    return Agreement.WEAK if related else Agreement.DIFFERENT


def _orders(words: tuple[str, ...]) -> set[tuple[str, ...]]:
    """Surname last, or first: the words as they stand, and with the first last or the last first."""
    return {words, words[-1:] + words[:-1], words[1:] + words[:1]}


def _given_names_agree(one: tuple[str, ...], two: tuple[str, ...]) -> bool:
    """Whether surnames are the same and each given name is the other's initial or short form: J. Smith, Bob Roe."""
    if len(one) != len(two) or len(one) < 2 or one[-1] != two[-1]:
        return False
    return all(map(_may_be, one, two))


def _may_be(a: str, b: str) -> bool:
    return a == b or (1 in (len(a), len(b)) and a[0] == b[0]) or is_short_form(a, b)


def forms_of(core: NameCore) -> tuple[str, ...]:
    """Texts under which Latin names meet that are spelt unlike: Robert Smith and Bob Smith, Lyu Bu and Lü Bu."""
    if core.han or len(core.words) < 2:
        return ()
    first, *_, last = core.words
    full = sorted(f"{full} {last}" for full in _LONG_FORMS.get(first, ()))
    return (" ".join(sorted(map(_as_pinyin, core.words))), *full)


def is_short_form(a: str, b: str | None = None) -> bool:
    """Whether two given names are forms of one (Bob, Robert); of one alone: whether any form of it is known."""
    if b is None:
        return a in _LONG_FORMS
    return not _LONG_FORMS.get(a, set()).isdisjoint(_LONG_FORMS.get(b, ()))
