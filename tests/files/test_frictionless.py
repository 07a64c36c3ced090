"""The schema as a data package: keys and shapes are those of the standard, version 2, and nothing else."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from custrec.files.frictionless import data_package
from custrec.files.presets import preset_names, preset_text
from custrec.files.schema_file import parse_schema

RESOURCE = {"$schema", "name", "type", "path", "title", "description", "format", "mediatype", "encoding", "schema"}
SCHEMA = {"$schema", "fields", "missingValues", "primaryKey", "foreignKeys"}
COMMON = {"name", "type", "format", "title", "description", "example", "constraints"}
FIELD = {
    "string": COMMON,
    "integer": COMMON | {"groupChar"},
    "number": COMMON | {"groupChar", "decimalChar"},
    "boolean": COMMON | {"trueValues", "falseValues"},
    "date": COMMON,
    "datetime": COMMON,
}
BOTH = {"required", "unique", "enum"}
CONSTRAINTS = {"string": BOTH | {"minLength", "maxLength", "pattern"}, "boolean": {"required", "enum"}}
SIZED = BOTH | {"minimum", "maximum"}
PATH = re.compile(r"^((?=[^./~])(?!file:)((?!\/\.\.\/)(?!\\)(?!:\/\/).)*|(http|ftp)s?:\/\/.*)$")

EVERYTHING = """\
version: 1
defaults: {region: CN, currency: CNY, timezone: UTC}
tables:
  - name: 客户/all
    title: 客户
    primaryKey: [no]
    missingValues: ["-"]
    fields:
      - name: no
        aliases: [编号]
        constraints: {pattern: "C[0-9]+", minLength: 2, maxLength: 9, unique: true}
      - {name: mail, kind: email, title: 邮箱, description: one, example: a@example.com}
      - {name: level, type: string, constraints: {enum: [a, b]}, labels: {a: [甲]}}
      - {name: tags, kind: tags, constraints: {enum: [x, y]}}
      - {name: n, type: integer, groupChar: " ", constraints: {minimum: 1, maximum: 9}}
      - {name: score, kind: number, decimals: 2, decimalChar: ",", constraints: {minimum: "0,5"}}
      - {name: credit, kind: money, classification: finance, constraints: {minimum: 0.5}}
      - {name: ok, type: boolean, trueValues: [有], falseValues: [没有]}
      - {name: day, type: date, format: any, constraints: {minimum: 2000-01-01}}
      - {name: german, type: date, format: "%d.%m.%Y"}
      - {name: tax, kind: identifier, format: cn.uscc}
  - name: notes
    foreignKeys: [{fields: [no], reference: {resource: 客户/all, fields: [no]}}]
    fields: [{name: no, type: string}, {name: at, type: datetime, format: any}]
"""


@pytest.mark.parametrize("text", [EVERYTHING, *map(preset_text, preset_names())])
def test_a_data_package_has_the_keys_of_the_standard_and_no_others(text: str) -> None:
    package = json.loads(json.dumps(data_package(parse_schema(text, "schema.yaml"), "shop"), allow_nan=False))
    assert package.keys() == {"$schema", "name", "resources"}
    names = [resource["name"] for resource in package["resources"]]
    assert len(set(names)) == len(names)
    for resource in package["resources"]:
        assert resource.keys() <= RESOURCE
        assert resource["type"] == "table"
        assert PATH.match(resource["path"])
        check_schema(resource["schema"], names)


def check_schema(schema: dict[str, Any], names: list[str]) -> None:
    assert schema.keys() <= SCHEMA
    fields = {field["name"] for field in schema["fields"]}
    assert all(isinstance(text, str) for text in schema["missingValues"])
    assert "" in schema["missingValues"]
    assert set(schema.get("primaryKey", [])) <= fields
    for key in schema.get("foreignKeys", []):
        assert set(key["fields"]) <= fields
        assert key["reference"].keys() == {"resource", "fields"}
        assert key["reference"]["resource"] in names
    for field in schema["fields"]:
        assert field.keys() <= FIELD[field["type"]]
        assert field.get("constraints", {}).keys() <= CONSTRAINTS.get(field["type"], SIZED)


def test_values_are_described_as_export_writes_them() -> None:
    package = data_package(parse_schema(EVERYTHING, "schema.yaml"), "shop")
    fields = {field["name"]: field for field in package["resources"][0]["schema"]["fields"]}
    assert fields["mail"] == {
        "name": "mail", "type": "string", "format": "email", "title": "邮箱", "description": "one",
        "example": "a@example.com",
    }  # fmt: skip
    assert fields["level"]["constraints"] == {"enum": ["a", "b"]}
    assert "constraints" not in fields["tags"]  # no word of the standard's is for several words in a cell
    assert fields["n"]["constraints"] == {"minimum": 1, "maximum": 9}
    assert fields["credit"] == {"name": "credit", "type": "number", "constraints": {"minimum": 0.5}}
    assert fields["score"]["decimalChar"] == ","
    assert fields["german"]["format"] == "%d.%m.%Y"
    assert "format" not in fields["day"]
    assert "format" not in fields["tax"]
    assert package["resources"][0]["path"] == "客户_all.csv"
