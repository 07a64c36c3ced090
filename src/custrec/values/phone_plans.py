"""Numbering plans: the quick answer for numbers of ordinary shape, made from the metadata of phonenumbers itself.

A plan says yes only where `phonenumbers.parse` followed by `is_valid_number` must say the same; it never says no.
Where it is silent the library decides. tests/values/test_phone.py compares the two over many generated numbers.
The rules followed are those of the library's `_maybe_extract_country_code` and
`_maybe_strip_national_prefix_carrier_code`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

_KINDS = (
    "mobile", "fixed_line", "toll_free", "premium_rate", "shared_cost", "voip", "personal_number", "pager", "uan",
    "voicemail",
)  # fmt: skip
"""The number types that `number_type` knows; a number is valid if it is of one of them."""

_NOTHING = r"(?!)"

Match = Callable[[str], re.Match[str] | None]


class ByLength(dict[int, Match]):
    """Expressions by the number of digits, each compiled when first asked for."""

    def __init__(self, head: str, types: list[tuple[frozenset[int], str]]) -> None:
        super().__init__()
        self._head, self._types = head, types

    def __missing__(self, length: int) -> Match:
        fitting = [pattern for lengths, pattern in self._types if not lengths or length in lengths]
        self[length] = re.compile(f"{self._head}(?:{'|'.join(fitting)})" if fitting else _NOTHING).fullmatch
        return self[length]


@dataclass(frozen=True, slots=True)
class Plan:
    """How numbers are dialled in a region.

    `bare` are valid numbers dialled as they are, `after_code` those behind the calling code. `abroad` and `trunk` match
    the prefixes of the region, `general` whatever could be a national number.
    """

    code: str
    bare: ByLength
    after_code: ByLength
    general: Match
    abroad: Match
    trunk: Match


@cache
def plan_of(region: str) -> Plan | None:
    """The plan by which numbers without + are read in an ISO region; None where the library knows none."""
    from phonenumbers.phonemetadata import PhoneMetadata

    metadata: Any = PhoneMetadata.metadata_for_region(region)
    if metadata is None:
        return None
    code = str(metadata.country_code)
    main = _main_region(code)
    types = [] if main is None else _types(main)
    general, abroad = metadata.general_desc.national_number_pattern, metadata.international_prefix or _NOTHING
    trunk = metadata.national_prefix_for_parsing or _NOTHING
    in_main = "" if main is None else f"(?=(?:{main.general_desc.national_number_pattern})$)"
    main_trunk = _NOTHING if main is None else main.national_prefix_for_parsing or _NOTHING
    return Plan(
        code=code,
        bare=ByLength(
            f"(?!(?:{abroad})|(?:{trunk})|{code})(?=(?:{general})$){in_main if main != metadata else ''}", types
        ),
        after_code=ByLength(f"(?!{main_trunk})(?!{trunk}){in_main}", types),
        general=re.compile(general).fullmatch,
        abroad=re.compile(abroad).match,
        trunk=re.compile(trunk if metadata.national_prefix_transform_rule is None else _NOTHING).match,
    )


def quick(text: str, home: Plan | None) -> str | None:
    """The E.164 form of a number of digits, spaces, hyphens, round brackets and a leading +; None where it cannot say.

    `home` is the plan of the number's region, which one with + does not need.
    """
    digits = text if text.isdigit() else text.replace(" ", "").replace("-", "")
    if not digits.isascii():
        return None
    if not digits.isdigit():
        digits = digits.replace("(", "").replace(")", "")
        if digits[:1] == "+":
            return _from_abroad(digits[1:]) if digits[1:].isdigit() else None
        if not digits.isdigit():
            return None
    if home is None:
        return None
    return f"+{home.code}{digits}" if home.bare[len(digits)](digits) else _prefixed(digits, home)


@cache
def _plan_of_code(code: str) -> Plan | None:
    """The plan of a calling code's main region."""
    from phonenumbers import COUNTRY_CODE_TO_REGION_CODE

    regions = COUNTRY_CODE_TO_REGION_CODE.get(int(code)) if code[:1] != "0" else None
    return plan_of(regions[0]) if regions and regions[0] != "001" else None


def _from_abroad(digits: str) -> str | None:
    """Of digits that begin with a calling code."""
    for length in (2, 1, 3):  # no code begins another (ITU-T E.164), so that the order does not matter
        plan = _plan_of_code(digits[:length])
        if plan is not None:
            national = digits[length:]
            return f"+{digits}" if plan.after_code[len(national)](national) else None
    return None


def _prefixed(digits: str, home: Plan) -> str | None:
    """Of digits dialled at home behind an international prefix, a trunk prefix or the calling code."""
    if prefix := home.abroad(digits):
        rest = digits[prefix.end() :]
        return _from_abroad(rest) if rest[:1] not in ("", "0") else None
    if prefix := home.trunk(digits):
        if digits.startswith(home.code) and home.code != "1":  # calling code or trunk prefix? in NANP they are one
            return None
        digits = digits[prefix.end() :]
    elif digits.startswith(home.code) and not home.general(digits):
        digits = digits[len(home.code) :]
    else:
        return None
    valid = home.general(digits) and home.after_code[len(digits)](digits)
    return f"+{home.code}{digits}" if valid else None


def _main_region(code: str) -> Any:
    """Metadata of the main region of a calling code, if the library asks it first and without conditions."""
    from phonenumbers import COUNTRY_CODE_TO_REGION_CODE
    from phonenumbers.phonemetadata import PhoneMetadata

    metadata = PhoneMetadata.metadata_for_region(COUNTRY_CODE_TO_REGION_CODE[int(code)][0])
    return metadata if metadata is not None and metadata.leading_digits is None else None


def _types(metadata: Any) -> list[tuple[frozenset[int], str]]:
    """The lengths and the pattern of each type of number; no lengths means those of the general pattern."""
    described = [getattr(metadata, kind) for kind in _KINDS]
    return [
        (frozenset(one.possible_length), one.national_number_pattern)
        for one in described
        if one is not None and one.national_number_pattern
    ]
