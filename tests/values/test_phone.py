"""values/phone.py and values/phone_plans.py"""

from __future__ import annotations

import random

import phonenumbers
import pytest

from custrec.model.schema import Defaults, Field
from custrec.values import phone_plans
from custrec.values.phone import Phone
from custrec.values.protocol import Agreement

CHINA = Phone(Field("phone", kind="phone"), Defaults(region="CN"))
REGIONS = ["CN", "US", "CA", "GB", "DE", "FR", "IT", "HK", "TW", "JP", "AU", "RU", "BR", "MX", "IN", "SG", "KZ", "GG",
           "BS", "AR", "VA"]  # fmt: skip
EVERYWHERE = sorted(phonenumbers.SUPPORTED_REGIONS)


def by_library(text: str, region: str | None) -> str | None:
    try:
        number = phonenumbers.parse(text, None if "+" in text else region)
    except phonenumbers.NumberParseException:
        return None
    if number.extension or not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def some_number(rng: random.Random) -> tuple[str, str | None]:
    """A number near a valid one, written in one of many ways, and the region it is read in."""
    region = rng.choice([None, *REGIONS]) if rng.random() < 0.8 else rng.choice(EVERYWHERE)
    home = region or "CN" if rng.random() < 0.6 else rng.choice(REGIONS)
    example = phonenumbers.example_number_for_type(home, rng.choice([0, 1, 2, 3, 4, 6, 7]))
    example = example or phonenumbers.example_number(home)
    digits = list(phonenumbers.national_significant_number(example))
    if rng.random() < 0.6:
        for _ in range(rng.randint(1, 4)):
            digits[rng.randrange(len(digits))] = rng.choice("0123456789")
    if rng.random() < 0.15:
        digits = digits[:-1] if rng.random() < 0.5 else [*digits, rng.choice("0123456789")]
    code = str(example.country_code)
    abroad = [f"+{code}", f"+{code} ", f"00{code}", f"011{code}", f"+{code}0", f"+{code}{code}", "+", "00"]
    prefix = rng.choice(["", "", "", "", *abroad, code, "0", "1", "8", "17951", f"0{code}", f"{code}0"])
    text = prefix + "".join(digits)
    if rng.random() < 0.4:
        at = rng.randrange(1, len(text))
        text = text[:at] + rng.choice([" ", "-", ") ", "("]) + text[at:]
    return text, region


def test_the_quick_answer_is_the_librarys_answer():
    rng = random.Random(20_260_601)
    quick = 0
    for _ in range(24_000):
        text, region = some_number(rng)
        answer = phone_plans.quick(text, None if region is None else phone_plans.plan_of(region))
        if answer is not None:
            quick += 1
            assert answer == by_library(text, region), (text, region)
    assert quick > 4_000


def test_the_quick_answer_is_the_librarys_answer_for_every_chinese_mobile_prefix():
    plan = phone_plans.plan_of("CN")
    rng = random.Random(7)
    for prefix in range(1000, 2000):
        for layout in ("{}", "+86{}", "0086 {}", "86-{}"):
            text = layout.format(f"{prefix}{rng.randrange(10**7):07d}")
            answer = phone_plans.quick(text, plan)
            assert answer in (None, by_library(text, "CN")), text


def test_common_forms_need_no_library():
    plan = phone_plans.plan_of("CN")
    chinese = ["13812345678", "138 1234 5678", "+86 13812345678", "008613812345678", "0755-86012345"]
    for text in [
        *chinese,
        "(010) 65529988",
        "+1 (415) 555-2671",
        "+49 30 5365904",
        "+44 20 7436 0373",
        "+1 415 909-3890",
    ]:
        assert phone_plans.quick(text, plan) is not None, text


def test_the_region_is_that_of_the_row():
    phone = Phone(Field("phone", kind="phone", region_field="country"), Defaults(region="CN"))
    assert phone.beside == "country"
    column = phone.judge_column(
        ["(415) 555-2671", "020 7946 0958", "13812345678", "13812345678"], ["美国", "GB", None, "Atlantis"]
    )
    assert column.values == ["+14155552671", "+442079460958", "+8613812345678", None]
    assert column.faults[3].rule == "phone-no-region"


def test_a_phone_without_region_is_a_fault():
    nowhere = Phone(Field("phone", kind="phone"), Defaults())
    assert nowhere.judge("13812345678").fault.rule == "phone-no-region"
    assert nowhere.judge("+8613812345678").value == "+8613812345678"


def test_a_mask_keeps_the_country_code_and_two_digits():
    assert CHINA.mask("+8613812345678") == "+86*****78"
    assert CHINA.mask("+14155552671") == "+1*****71"
    assert CHINA.mask("+85223456789") == "+852*****89"
    assert CHINA.mask("+862152345678;ext=801") == "+86*****78"


def test_every_calling_code_is_found_in_a_mask():
    for region in EVERYWHERE:
        example = phonenumbers.example_number(region)
        if example is not None:
            number = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164)
            assert CHINA.mask(number).startswith(f"+{example.country_code}*"), region


@pytest.mark.parametrize(
    ("one", "two", "agreement"),
    [
        ("+8613812345678", "+8613812345678", Agreement.SAME),
        ("+862152345678", "+862152345678;ext=801", Agreement.CLOSE),
        ("+862152345678;ext=802", "+862152345678;ext=801", Agreement.WEAK),
        ("+8675586012345", "+862186012345", Agreement.DIFFERENT),
        ("+864155552671", "+14155552671", Agreement.WEAK),
        ("+8613812345678", "+8613812345679", Agreement.DIFFERENT),
    ],
)
def test_numbers_are_told_apart(one, two, agreement):
    assert CHINA.compare(one, two) is agreement


def test_a_number_meets_itself_without_its_extension():
    assert CHINA.keys("+862152345678;ext=801") == CHINA.keys("+862152345678")
