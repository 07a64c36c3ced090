"""values/registry.py"""

from __future__ import annotations

import subprocess
import sys

import pytest

from custrec.model.schema import Defaults, Field
from custrec.values.phone import Phone
from custrec.values.protocol import ValueType
from custrec.values.registry import KINDS, for_field, versions


def test_every_kind_is_there_under_its_own_name():
    assert len(KINDS) == 17
    for kind in KINDS:
        made = for_field(Field("f", kind=kind, enum=("a",) if kind == "choice" else ()), Defaults())
        assert isinstance(made, ValueType)
        assert made.kind == kind


def test_a_text_with_an_enum_is_a_choice():
    assert for_field(Field("f", enum=("a", "b")), Defaults()).kind == "choice"


def test_an_unknown_kind_is_a_value_error_that_names_it():
    with pytest.raises(ValueError, match="there is no kind colour"):
        for_field(Field("f", kind="colour"), Defaults())


@pytest.mark.parametrize(
    ("field", "words"),
    [
        (Field("f", kind="choice"), "constraints.enum"),
        (Field("f", kind="choice", enum=("a",), options={"labels": {"b": "x"}}), "labels name b"),
        (Field("f", kind="identifier", options={"format": "cn.nothing"}), "cn.nothing"),
        (Field("f", kind="identifier", options={"format": "../os"}), "../os"),
        (Field("f", kind="identifier", options={"format": "exceptions"}), "exceptions"),
        (Field("f", kind="date", options={"format": "%d.%m."}), "%d.%m."),
        (Field("f", kind="date", options={"dateOrder": "dym"}), "dym"),
        (Field("f", kind="money", options={"currency": "TAL"}), "TAL"),
        (Field("f", kind="number", options={"decimals": -1}), "decimals"),
        (Field("f", kind="number", options={"decimalChar": ",", "groupChar": ","}), "groupChar"),
        (Field("f", kind="boolean", options={"trueValues": ["x"], "falseValues": ["X"]}), "trueValues"),
    ],
)
def test_an_option_that_cannot_be_is_a_value_error_that_says_so(field, words):
    with pytest.raises(ValueError, match=words.replace(".", r"\.")):
        for_field(field, Defaults())


def test_versions_are_those_of_the_kinds_of_the_fields():
    fields = [Field("a"), Field("b", enum=("x",)), Field("c", kind="phone"), Field("d", kind="phone")]
    found = versions(fields)
    assert list(found) == ["choice", "phone", "text"]
    assert found["phone"] == Phone.version > 1
    assert versions([]) == {}
    with pytest.raises(ValueError, match="there is no kind colour"):
        versions([Field("f", kind="colour")])


def test_making_every_type_imports_nothing_heavy():
    kinds = [kind for kind in KINDS if kind != "choice"]
    code = (
        "import sys; from custrec.values.registry import for_field; from custrec.model.schema import Field, Defaults\n"
        f"for kind in {kinds!r}: for_field(Field('f', kind=kind), Defaults(region='CN', currency='CNY'))\n"
        "print([name for name in ('phonenumbers', 'email_validator', 'stdnum', 'idna') if name in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
