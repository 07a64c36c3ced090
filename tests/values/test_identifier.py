"""values/identifier.py"""

from __future__ import annotations

import pytest

from custrec.model.schema import Defaults, Field
from custrec.values.identifier import Identifier
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
