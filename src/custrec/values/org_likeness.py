"""How well two organisations agree, by the parts of their names (values.org_parts)."""

from __future__ import annotations

import re
from collections import Counter
from itertools import product

from custrec.values.country import code_of
from custrec.values.letters import has_han
from custrec.values.likeness import edit_distance, overlap
from custrec.values.org_parts import GROUP, OrgParts, parts_of
from custrec.values.places import places
from custrec.values.protocol import Agreement
from custrec.values.sounds import pinyin

_NUMBER = re.compile("[0-9]+(?:st|nd|rd|th)?|[ivx]+|[a-z]")
"""Words by which a firm counts what is its own."""


def compare_organisations(one: OrgParts, two: OrgParts) -> Agreement:
    """How well two names agree that are not written alike; symmetric."""
    if not one.core or not two.core or (one.branch and two.branch and not _may_be_one_branch(one.branch, two.branch)):
        return Agreement.DIFFERENT
    agreement = _compare_houses(one, two)
    if one.branch != two.branch:  # a branch and its house: one firm, two customers
        return Agreement.WEAK if agreement >= Agreement.CLOSE else Agreement.DIFFERENT
    return agreement


def are_two_branches(one: OrgParts, two: OrgParts) -> bool:
    """Whether two names are, or may be, of one firm, and of two branches of it, or of a branch and the house."""
    if not one.core or not two.core or _may_be_one_branch(one.branch, two.branch):
        return False
    return _compare_houses(one, two) >= Agreement.WEAK


def differ_in_a_word(one: str, two: str) -> bool:
    """Whether each of two Latin names, as stored, has a number, or a word that is nothing like those of the other one:
    Fund II and Fund III, Johnson Plumbing and Johnson Roofing. An abbreviation begins as the word does."""
    if has_han(one) or has_han(two):
        return False
    a, b = (Counter(f"{part.core} {part.trade} {part.place}".split()) for part in map(parts_of, (one, two)))
    mine, others = [*(a - b)], [*(b - a)]
    if any(map(_NUMBER.fullmatch, mine)) and any(map(_NUMBER.fullmatch, others)):
        return True
    unlike = (x[0] != y[0] and edit_distance(x, y, 1) > 1 for x, y in product(mine, others))
    return bool(mine and others) and all(unlike)


def _may_be_one_branch(one: str, two: str) -> bool:
    """Whether branches are the same, or one says besides in which place the other lies: 广东深圳分公司, 深圳分公司."""
    short, long = sorted((one, two), key=len)
    begins = long.removesuffix(short) if short else ""
    return one == two or (begins != long and places().any_name.fullmatch(begins) is not None)


def _compare_houses(one: OrgParts, two: OrgParts) -> Agreement:
    place = _compare_places(one.place, two.place)
    if place is Agreement.DIFFERENT:
        return place
    if one.core != two.core:
        return _compare_cores(one, two)
    if one.trade != two.trade:
        return Agreement.WEAK if _trades_may_be_one(one.trade, two.trade) else Agreement.DIFFERENT
    if one.legal.startswith(GROUP) != two.legal.startswith(GROUP):
        return Agreement.WEAK
    forms = one.legal.removeprefix(GROUP), two.legal.removeprefix(GROUP)
    return min(place, Agreement.CLOSE) if all(forms) and forms[0] != forms[1] else place


def _compare_places(one: str, two: str) -> Agreement:
    """SAME, CLOSE where one is not told or lies in the other, else DIFFERENT."""
    if one == two:
        return Agreement.SAME
    if not one or not two:
        return Agreement.CLOSE
    within = places().province_of
    if within.get(one) == two or within.get(two) == one:
        return Agreement.CLOSE
    return Agreement.SAME if code_of(one) is not None and code_of(one) == code_of(two) else Agreement.DIFFERENT


def _trades_may_be_one(one: str, two: str) -> bool:
    """Whether one trade is not told, or part of the other (电子, 电子科技)."""
    short, long = sorted((one, two), key=len)
    return long.startswith(short) or long.endswith(short)


def _compare_cores(one: OrgParts, two: OrgParts) -> Agreement:
    """A slip of one character, the same sound, a name that holds the other, words in common."""
    if has_han(one.core + two.core):
        short, long = sorted((one.core + one.trade, two.core + two.trade), key=lambda name: (len(name), name))
        if len(short) >= 4 and long.endswith(short):
            return Agreement.WEAK
        alike = one.trade == two.trade and len(one.core) > 1 and len(two.core) > 1
        heard = alike and len(one.core) == len(two.core) and pinyin(one.core) == pinyin(two.core)
        slipped = alike and min(len(one.core), len(two.core)) >= 3 and edit_distance(one.core, two.core, 1) <= 1
        return Agreement.WEAK if heard or slipped else Agreement.DIFFERENT
    whole, other = f"{one.core} {one.trade}".strip(), f"{two.core} {two.trade}".strip()
    if whole.replace(" ", "") == other.replace(" ", ""):
        return Agreement.CLOSE
    if min(len(whole), len(other)) >= 8 and edit_distance(whole, other, 1) <= 1:
        return Agreement.CLOSE
    return Agreement.WEAK if overlap(whole.split(), other.split()) >= 0.5 else Agreement.DIFFERENT
