"""The schemas that ship with custrec: read without fault, agreed by the JSON Schema, promising nothing undone."""

from __future__ import annotations

import json
from importlib import resources
from pathlib import Path

import jsonschema
import pytest

from custrec.files.presets import preset_names, preset_text
from custrec.files.schema_file import parse_schema
from custrec.files.schema_shape import schema_json_text
from custrec.files.strict_yaml import Faults, compose, plain
from custrec.model.expression import parse

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("name", preset_names())
def test_a_preset_is_read_and_agrees_with_the_json_schema(name: str) -> None:
    schema = parse_schema(preset_text(name), f"{name}.yaml")
    assert len(schema.tables) >= 3
    node = compose(preset_text(name), Faults())
    assert node is not None
    jsonschema.Draft202012Validator(json.loads(schema_json_text())).validate(plain(node))


@pytest.mark.parametrize("name", preset_names())
def test_the_checks_of_a_preset_are_expressions_over_its_fields(name: str) -> None:
    for table in parse_schema(preset_text(name), name).tables:
        for check in table.checks:
            parse(check.rule, table)


@pytest.mark.parametrize("name", preset_names())
def test_a_preset_deletes_and_proposes_nothing_unasked(name: str) -> None:
    for table in parse_schema(preset_text(name), name).tables:
        assert not table.policies.keys() & {"retention", "capacity", "trash"}


def test_the_default_schema_at_the_top_is_the_one_in_the_package() -> None:
    assert (ROOT / "schema.yaml").read_text(encoding="utf-8") == preset_text("default")


def test_the_settings_offered_in_comments_are_valid_when_taken_up() -> None:
    text = preset_text("default")
    taken_up = text.replace("    #: ", "    ")
    assert taken_up != text
    schema = parse_schema(taken_up, "schema.yaml")
    assert set(schema.tables[0].policies) == {"match", "owner", "stale", "retention"}


def test_presets_differ_and_every_shipped_schema_is_named() -> None:
    shipped = {path.name for path in resources.files("custrec").joinpath("data", "schemas").iterdir()}
    assert shipped == {f"{name}.yaml" for name in preset_names()}
    first_tables = {parse_schema(preset_text(name), name).tables[0].name for name in preset_names()}
    assert len(first_tables) == len(preset_names())


def test_the_default_schema_has_the_tables_and_fields_of_customer_work() -> None:
    schema = parse_schema(preset_text("default"), "schema.yaml")
    assert [table.name for table in schema.tables] == [
        *("customers", "contacts", "interactions", "purchases", "tasks", "feedback"),
    ]
    assert [field.name for field in schema.tables[0].fields] == [
        *("customer_no", "name", "company", "email", "owner", "phone", "country", "address", "tax_no", "status"),
        *("tags", "credit_limit", "contract_end", "created_at", "last_contact_at"),
    ]
    for table in schema.tables[1:]:
        assert [(key.field, key.table, key.target) for key in table.foreign_keys] == [
            ("customer_no", "customers", "customer_no")
        ]
    assert schema.defaults.region == "CN"
    assert schema.defaults.currency == "CNY"
    assert schema.defaults.timezone == "Asia/Shanghai"


def test_no_other_preset_exists() -> None:
    with pytest.raises(KeyError):
        preset_text("../schema")
