"""Kinds that other packages bring (values/registry.py), from an installed package to a schema.yaml that names one."""

from __future__ import annotations

import sys
import textwrap

import pytest

from custrec.errors import SchemaInvalid
from custrec.files.schema_file import parse_schema
from custrec.model.schema import Defaults, Field
from custrec.values.registry import KINDS, for_field, plugin_kinds, versions

SCHEMA = "tables: [{name: t, fields: [{name: a, kind: %s}]}]"


@pytest.fixture
def colours(tmp_path, monkeypatch):
    """A package `colours`, installed as packages are: a module and its .dist-info beside it on sys.path."""
    (tmp_path / "colours.py").write_text(
        textwrap.dedent(
            """
            from custrec.model.problem import Fault
            from custrec.values.protocol import Reading
            from custrec.values.text import Text

            class Colour(Text):
                kind = "colour"
                version = 3

                def judge(self, text, beside=None):
                    if text[:1] == "#":
                        return Reading(text.lower())
                    return Reading(fault=Fault("pattern", {"pattern": "#…"}))
            """
        ),
        encoding="utf-8",
    )
    info = tmp_path / "colours-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: colours\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        "[custrec.value_types]\ncolour = colours:Colour\nbad = colours:Text.kind\nphone = colours:Colour\n"
        "gone = colours:Gone\nlost = colours.lost:Kind\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    yield
    sys.modules.pop("colours", None)


@pytest.mark.usefixtures("colours")
def test_a_schema_may_name_a_kind_that_an_installed_package_brings():
    (field,) = parse_schema(SCHEMA % "colour, constraints: {enum: ['#FF0000']}", "schema.yaml").tables[0].fields
    assert (field.kind, field.type, field.column_type) == ("colour", "string", "TEXT")
    colour = for_field(field, Defaults())
    assert colour.judge("#FF0000").value == "#ff0000"
    assert colour.judge("red").fault.rule == "pattern"
    assert versions([field]) == {"colour": 3}


@pytest.mark.usefixtures("colours")
def test_a_kind_of_another_package_may_read_every_option():
    schema = parse_schema(SCHEMA % "colour, format: rgb, decimals: 2", "schema.yaml")
    assert dict(schema.tables[0].fields[0].options) == {"format": "rgb", "decimals": 2}


@pytest.mark.usefixtures("colours")
def test_a_package_is_loaded_only_when_a_schema_names_its_kind():
    parse_schema(SCHEMA % "phone", "schema.yaml")
    for kind in KINDS:
        for_field(Field("f", kind=kind, enum=("a",) if kind == "choice" else ()), Defaults(region="CN"))
    assert plugin_kinds() >= {"colour", "bad"}
    assert "colours" not in sys.modules
    parse_schema(SCHEMA % "colour", "schema.yaml")
    assert "colours" in sys.modules


@pytest.mark.usefixtures("colours")
def test_a_package_cannot_take_the_place_of_a_kind_of_custrec():
    assert "phone" not in plugin_kinds()
    assert for_field(Field("f", kind="phone"), Defaults()).judge("+8613812345678").value == "+8613812345678"
    assert "colours" not in sys.modules


@pytest.mark.usefixtures("colours")
def test_what_is_no_value_type_is_refused():
    with pytest.raises(ValueError, match="the kind bad is no value type"):
        for_field(Field("f", kind="bad"), Defaults())
    with pytest.raises(SchemaInvalid) as refused:
        parse_schema(SCHEMA % "bad", "schema.yaml")
    assert "the kind bad is no value type" in str(refused.value.details)


@pytest.mark.usefixtures("colours")
@pytest.mark.parametrize("kind", ["gone", "lost"])
def test_a_kind_that_cannot_be_loaded_is_refused(kind):
    with pytest.raises(ValueError, match=f"the kind {kind} cannot be loaded from colours"):
        for_field(Field("f", kind=kind), Defaults())


@pytest.mark.usefixtures("colours")
def test_a_kind_like_one_of_another_package_is_named_with_the_nearest():
    with pytest.raises(SchemaInvalid) as refused:
        parse_schema(SCHEMA % "color", "schema.yaml")
    assert "did you mean 'colour'?" in str(refused.value.details)


def test_without_the_package_the_kind_is_unknown():
    with pytest.raises(SchemaInvalid) as refused:
        parse_schema(SCHEMA % "colour", "schema.yaml")
    assert "unknown kind 'colour'" in str(refused.value.details)
    with pytest.raises(SchemaInvalid) as refused:
        parse_schema(SCHEMA % "urls", "schema.yaml")
    assert "did you mean 'url'?" in str(refused.value.details)
