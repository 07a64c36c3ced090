"""How well two addresses agree: Chinese ones by their parts, others by their words and numbers."""

# ruff: noqa: SIM905 -- a list of short words reads better as text

from __future__ import annotations

import re
from functools import lru_cache

from custrec.values.address_parts import AddressParts, parts_of
from custrec.values.letters import has_han, words
from custrec.values.likeness import edit_distance, overlap
from custrec.values.protocol import Agreement

_SHORT = dict(
    pair.split("=")
    for pair in (
        "street=st str=st straat=st strasse=st road=rd avenue=ave av=ave avenida=ave lane=ln drive=dr boulevard=blvd"
        " boul=blvd square=sq place=pl court=ct terrace=ter parkway=pkwy highway=hwy circle=cir crescent=cres close=cl"
        " gardens=gdns apartment=apt appartement=apt suite=ste floor=fl building=bldg block=blk room=rm unit=unt"
        " north=n south=s east=e west=w northeast=ne northwest=nw southeast=se southwest=sw saint=st mount=mt fort=ft"
        " platz=pl allee=ave weg=way number=no nr=no no=no first=1st second=2nd third=3rd fourth=4th fifth=5th"
    ).split()
)
"""Words of Western addresses and what they are abbreviated to (USPS Publication 28 and daily use)."""

_TYPES = frozenset(_SHORT.values()) | frozenset(
    "rue via calle plaza piazza chemin quai po box de la le les du des del the of".split()
)
_NUMBER = re.compile(r"\d+[a-z]?").fullmatch
_COMPOUND_STREET = re.compile(r"(?<=[a-z]{3})(?:strasse|straat|str)$")
_TOKENS = re.compile(r"\d+|[^\W\d_]+")


_REMEMBERED = 1 << 17
"""So many addresses are taken apart once only: an import prepares its rows twice, alone and with those they meet."""


@lru_cache(_REMEMBERED)
def keys_of(address: str) -> tuple[str, ...]:
    """Street and house number, with the city and without; of Western ones each number with the names beside it."""
    if has_han(address):
        parts = parts_of(address)
        place = f"{parts.street}{parts.house}" or f"{parts.rest}{''.join(parts.units)}"
        if not place:
            return tuple(filter(None, (parts.district or parts.city or parts.province,)))
        return (f"{parts.city}{place}", place) if parts.city else (place,)
    tokens = _western_words(address)
    keys = [key for at, token in enumerate(tokens) if _NUMBER(token) for key in _beside(tokens, at)]
    return tuple(dict.fromkeys(keys)) or ((" ".join(tokens),) if tokens else ())


def _beside(tokens: list[str], at: int) -> list[str]:
    """A number with the next name and the name before: the house number stands before the street or behind it."""
    sides = tokens[at + 1 :], tokens[:at][::-1]
    names = [
        next((token for token in side if token.isalpha() and len(token) > 2 and token not in _TYPES), "")
        for side in sides
    ]
    return [f"{name} {tokens[at]}" for name in names if name]


def compare_addresses(one: str, two: str) -> Agreement:
    """How well two addresses agree that are not written alike; symmetric."""
    if has_han(one) and has_han(two):
        return compare_parts(parts_of(one), parts_of(two))
    return compare_tokens(tokens_of(one), tokens_of(two))


def compare_parts(one: AddressParts, two: AddressParts) -> Agreement:
    """The same of Chinese addresses taken apart."""
    if _contradict(one.province, two.province) or _contradict(one.city, two.city):
        return Agreement.DIFFERENT
    if not one.street or not two.street:
        return _compare_loose(one, two)
    if _contradict(one.district, two.district):
        return Agreement.WEAK if (one.street, one.house) == (two.street, two.house) else Agreement.DIFFERENT
    if one.street != two.street:
        return min(_compare_streets(one.street, two.street), _compare_within(one, two))
    return _compare_within(one, two)


def _compare_streets(one: str, two: str) -> Agreement:
    """南山滨河路 is probably 滨河路; one wrong character is a slip."""
    if one.endswith(two) or two.endswith(one):
        return Agreement.CLOSE
    slip = min(len(one), len(two)) >= 3 and edit_distance(one, two, 1) <= 1
    return Agreement.WEAK if slip else Agreement.DIFFERENT


def _compare_within(one: AddressParts, two: AddressParts) -> Agreement:
    """Of one street: SAME with the same rooms, CLOSE where one tells less, WEAK with other rooms or another house."""
    if one.house != two.house:
        return Agreement.WEAK if one.house and two.house else Agreement.CLOSE
    if one.units == two.units:
        told = (one.city, one.district) == (two.city, two.district) and _same_name(one.rest, two.rest)
        return Agreement.SAME if told else Agreement.CLOSE
    few, many = sorted((set(one.units), set(two.units)), key=len)
    return Agreement.CLOSE if few <= many else Agreement.WEAK


def _same_name(one: str, two: str) -> bool:
    return not one or not two or one == two


def _compare_loose(one: AddressParts, two: AddressParts) -> Agreement:
    """Where a street is not known: by pairs of neighbouring characters."""
    texts = [f"{p.district}{p.street}{p.house}{p.rest}" for p in (one, two)]
    if not all(texts):
        return Agreement.WEAK
    share = overlap(*({text[i : i + 2] for i in range(max(len(text) - 1, 1))} for text in texts))
    if share == 1 and one.units == two.units:
        return Agreement.SAME if one.city == two.city else Agreement.CLOSE
    if share >= 0.6 and (set(one.units) <= set(two.units) or set(two.units) <= set(one.units)):
        return Agreement.CLOSE
    return Agreement.WEAK if share >= 0.4 else Agreement.DIFFERENT


def _contradict(one: str, two: str) -> bool:
    return bool(one and two) and one != two


def compare_tokens(one: frozenset[str], two: frozenset[str]) -> Agreement:
    """SAME with the same words, CLOSE where nearly all and all numbers agree, WEAK where half do."""
    if one == two and one:
        return Agreement.SAME
    share = overlap(one, two)
    numbers = [{token for token in tokens if token[0].isdigit()} for tokens in (one, two)]
    if share >= 0.7 and numbers[0] == numbers[1]:
        return Agreement.CLOSE
    within = one <= two or two <= one
    if within and share >= 0.5 and (numbers[0] & numbers[1]):
        return Agreement.CLOSE
    return Agreement.WEAK if share >= 0.5 else Agreement.DIFFERENT


@lru_cache(_REMEMBERED)
def ordered(address: str) -> str:
    """An address as it is compared: folded, abbreviated, without signs."""
    return "".join(words(address)) if has_han(address) else " ".join(_western_words(address))


def _western_words(address: str) -> list[str]:
    """The folded words in their order, abbreviated: 12 high st; bahnhofstr."""
    found = (_COMPOUND_STREET.sub("str", word) for word in words(address.replace("'", "").replace("’", "")))
    return [_SHORT.get(word, word) for word in found]


def tokens_of(address: str) -> frozenset[str]:
    """What an address is made of: abbreviated words and numbers (12a is 12 and a), pairs of Han characters."""
    tokens: set[str] = set()
    for word in _western_words(address):
        if has_han(word):
            tokens.update(word[i : i + 2] for i in range(max(len(word) - 1, 1)))
        else:
            tokens.update(_SHORT.get(part, part) for part in _TOKENS.findall(word))
    return frozenset(tokens)
