"""values/identifier.py"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custrec.model.schema import Defaults, Field
from custrec.values.identifier import Identifier, could_be
from custrec.values.protocol import Agreement


def identifier(written: str | None = None) -> Identifier:
    return Identifier(
        Field("no", kind="identifier", options={} if written is None else {"format": written}), Defaults()
    )


@pytest.mark.parametrize(
    "written", ["cn.uscc", "cn.ric", "eu.vat", "iban", "in.pan", "is.kennitala", "luhn", "us.ssn", "de.idnr"]
)
def test_formats_are_the_names_of_python_stdnum(written):
    assert identifier(written).judge("certainly not").fault.rule.startswith("identifier-")


def test_a_described_example_is_valid():
    for written in ("cn.uscc", "cn.ric", "eu.vat", "iban"):
        example = identifier(written).describe().example
        assert identifier(written).judge(example).value == example


def test_a_fault_names_the_format():
    fault = identifier("cn.uscc").judge("91110000600037342L").fault
    assert fault.message == "the check digit of cn.uscc does not agree: probably mistyped"


def test_a_mask_keeps_two_characters_of_long_ones():
    assert identifier("cn.uscc").mask("91110000600037341L") == "***1L"
    assert identifier().mask("C0001") == "***"


def test_one_slip_is_weak_only_where_no_check_digit_guards():
    assert identifier().compare("C0000001", "C0000002") is Agreement.WEAK
    assert identifier("cn.uscc").compare("91110000600037341L", "91110000600037342L") is Agreement.DIFFERENT


FORMATS = ("cn.uscc", "cn.ric", "iban", "eu.vat", "us.ein", None)
WRITTEN = (
    "91110000600037341L",
    "36042619910101007x",
    "GR16 0110 1050 0000 1054 7023 795",
    "de 136.695.976",
    "９１１１００００６０００３７３４１Ｌ",
)


@pytest.mark.parametrize("written", FORMATS)
@given(st.one_of(st.sampled_from(WRITTEN), st.text("0123456789ABX -.０Ａ", max_size=24), st.text(max_size=12)))
def test_what_could_be_no_number_by_its_shape_is_refused_when_it_is_judged(written, text):
    kind = identifier(written)
    if text.strip() and kind.study(text, None).fault is None:
        assert could_be(written, text)


def test_a_phone_number_is_told_from_official_numbers_by_its_shape():
    assert not any(could_be(written, "+86 138 0013 8000") for written in ("cn.uscc", "cn.ric", "iban", "eu.vat"))
    assert could_be("us.ein", "04-2103594")
