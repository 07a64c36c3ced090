"""data/schema.json is the vocabulary: the loader and validators of JSON Schema agree about structure."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest

from custrec.errors import SchemaInvalid
from custrec.files.schema_file import parse_schema
from custrec.files.schema_shape import UNDERSTOOD, Shape, schema_json_text, vocabulary
from custrec.files.schema_vocabulary import KIND_TYPES, OPTION_KEYS, POLICIES, READ_BY, TYPE_KINDS
from custrec.files.strict_yaml import Faults, compose, plain
from custrec.jobs.producers import PRODUCERS
from custrec.values.registry import KINDS

VALIDATOR = jsonschema.Draft202012Validator(json.loads(schema_json_text()))

FIELD = "tables: [{name: t, fields: [{name: a, %s}]}]"
TABLE = "tables: [{name: t, fields: [{name: a}], %s}]"
KEY = TABLE % "foreignKeys: [%s]"
DATED = "tables: [{name: t, fields: [{name: a, type: date}, {name: b}], %s}]"
RULE = DATED % "retention: [{name: r, %s}]"

GOOD = [
    "tables: [{name: t, fields: [{name: a}]}]",
    "version: 1\ntables: [{name: t, fields: [{name: 姓名}]}]",
    "version: 1.0\ntables: [{name: t, fields: [{name: no}]}]",
    "defaults: {region: CN, dateOrder: mdy, currency: USD, timezone: UTC}\ntables: [{name: t, fields: [{name: a}]}]",
    FIELD % "title: 2024, description: true, aliases: [012, no, 1.5]",
    FIELD % "constraints: {enum: [1, true, x]}",
    FIELD % "kind: number, decimals: 2, constraints: {minimum: 012, maximum: 99.5}",
    FIELD % "constraints: {enum: [x, y]}, labels: {x: one, y: [two, 2]}",
    FIELD % "kind: money, currency: CNY, example: 12",
    TABLE % "primaryKey: a",
    TABLE % "primaryKey: [a]",
    TABLE % "missingValues: [null, NULL, ~, '', 0, x]",
    TABLE % "checks: [{rule: 'a = 1', level: info, message: 5}]",
    TABLE % "match: {auto: 1, review: 0.9, on_import: warn, fields: {a: {}}, veto: [a differs], survivor: {a: newest}}",
    TABLE % "match: {survivor: {default: oldest, a: [crm.csv, '*.xlsx']}}",
    TABLE % "owner: a, trash: {days: 30}, capacity: {max_records: 10, then: propose_oldest_inactive}",
    TABLE % "review: {required: [import], above: 3}",
    TABLE % "capacity: {max_bytes: 1000000, action: archive}",
    DATED % "stale: {anchor: a, after: 1y6mo, warn: 30d, protect: [b = x]}",
    DATED % "stale: {anchor: 'max(a)', after: 2y, where: b = x, protect: b = y, tag: old}",
    RULE % "anchor: a, archive: 2y, purge: 9y, auto: purge, keep_at_least: {period: 3y, why: law}, notify: {grace: 3w}",
    RULE % "anchor: a, keep_at_least: 3y, keep_at_most: {period: 7y, then: trash}, when: [b = x], auto: [trash]",
    RULE % "anchor: a, fields: {b: {keep_at_most: {period: 1y, then: anonymise}}}, auto: anonymise",
]
BAD = [
    "[]",
    "text",
    "null",
    "{}",
    "tables: []",
    "tables: {}",
    "tables: [x]",
    "tables: [{}]",
    "tables: [{name: t}]",
    "tables: [{name: t, fields: []}]",
    "tables: [{name: t, fields: [{}]}]",
    "tables: [{name: 012, fields: [{name: a}]}]",
    "tables: [{name: t, fields: [{name: true}]}]",
    "tables: [{name: t, fields: [{name: }]}]",
    *(f"tables: [{{name: t, fields: [{{name: {name!r}}}]}}]" for name in ("_a", "a`b", " a", "a ", "a" * 65, "")),
    """tables: [{name: t, fields: [{name: 'a"b'}]}]""",
    """tables: [{name: t, fields: [{name: "a'b"}]}]""",
    r"""tables: [{name: t, fields: [{name: "a\u200bb"}]}]""",
    r"""tables: [{name: t, fields: [{name: "a\x00b"}]}]""",
    r"""tables: [{name: t, fields: [{name: "a\tb"}]}]""",
    "version: 2\ntables: [{name: t, fields: [{name: a}]}]",
    "version: '1'\ntables: [{name: t, fields: [{name: a}]}]",
    "versoin: 1\ntables: [{name: t, fields: [{name: a}]}]",
    *(
        f"defaults: {{{text}}}\ntables: [{{name: t, fields: [{{name: a}}]}}]"
        for text in ("region: cn", "region: CHN", "dateOrder: ydm", "currency: cny", "timezone: ''", "zone: UTC")
    ),
    *(
        FIELD % text
        for text in (
            *("kind: fone", "type: geopoint", "type: object", "format: ''", "aliases: x", "aliases: [null]"),
            *(
                "title: null",
                "title: [x]",
                "search: no",
                "decimals: 1.5",
                "decimals: -1",
                "decimals: 13",
                "trueValues: []",
            ),
            *(
                "trueValues: []",
                "decimalChar: ',,'",
                "groupChar: 1",
                "labels: [x]",
                "labels: {x: []}",
                "labels: {x: {}}",
            ),
            *("constraints: []", "constraints: {enum: []}", "constraints: {enum: x}", "constraints: {enum: [null]}"),
            *("constraints: {required: 'yes'}", "constraints: {required: yes}", "constraints: {uniq: true}"),
            *("constraints: {minLength: -1}", "constraints: {maxLength: 0}", "constraints: {pattern: ''}"),
            *("constraints: {pattern: 5}", "primaryKey: a", "required: true", "classification: 5"),
        )
    ),
    *(
        TABLE % text
        for text in (
            *("primaryKey: []", "primaryKey: 5", "primaryKey: {}", "primaryKey: [5]", "missingValues: x"),
            *("missingValues: [[x]]", "checks: {}", "checks: [{}]", "checks: [{rule: ''}]", "checks: [{rule: 5}]"),
            *("checks: [{rule: x, level: fatal}]", "match: []", "match: {auto: 1.1}", "match: {review: x}"),
            *("match: {on_import: always}", "match: {fields: [a]}", "match: {fields: {a: 1}}", "match: {veto: x}"),
            *("match: {survivor: {a: 1}}", "match: {threshold: 1}", "owner: [a]", "stale: {after: 18mo}"),
            *("stale: {anchor: a, after: 18 months}", "stale: {anchor: a, after: 18}", "retention: {}"),
            *("retention: [{when: x}]", "capacity: 9", "capacity: {max_records: 0}", "trash: {days: 30d}"),
            *("trash: 30", "review: x", "review: {x: 1}", "review: {required: [imports]}", "uniqueKeys: [[a]]"),
        )
    ),
    *(KEY % text for text in ("{}", "{fields: a}", "{fields: a, reference: x}", "{fields: a, reference: {fields: a}}")),
    *(RULE % text for text in ("keep_at_least: {why: x}", "keep_at_most: 7y", "auto: x", "fields: {a: {archive: 1y}}")),
]


def structural_faults(text: str) -> int:
    faults = Faults()
    node = compose(text, faults)
    assert node is not None
    assert not faults.count, faults.lines()
    Shape(vocabulary(), faults).fitting(node)
    return faults.count


@pytest.mark.parametrize("text", GOOD)
def test_loader_and_json_schema_take_the_same_documents(text: str) -> None:
    node = compose(text, Faults())
    assert node is not None
    VALIDATOR.validate(plain(node))
    assert structural_faults(text) == 0
    parse_schema(text, "schema.yaml")


@pytest.mark.parametrize("text", BAD)
def test_loader_and_json_schema_refuse_the_same_documents(text: str) -> None:
    node = compose(text, Faults())
    assert node is not None
    assert not VALIDATOR.is_valid(plain(node))
    assert structural_faults(text)
    with pytest.raises(SchemaInvalid):
        parse_schema(text, "schema.yaml")


def test_the_json_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(json.loads(schema_json_text()))


def test_the_json_schema_uses_only_keywords_that_the_loader_reads() -> None:
    root = {key: value for key, value in vocabulary().items() if key not in ("$schema", "$defs")}
    used = set()
    for spec in [*subschemas(root), *(sub for one in vocabulary()["$defs"].values() for sub in subschemas(one))]:
        used |= spec.keys()
        assert "title" in spec or not {"required", "additionalProperties"} & spec.keys()
        assert "pattern" not in spec or "patternErrorMessage" in spec or spec["type"] != "string"
    assert used <= UNDERSTOOD


def subschemas(spec: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield spec
    inner = [*spec.get("properties", {}).values(), spec.get("items"), spec.get("additionalProperties")]
    for sub in inner:
        if isinstance(sub, dict):
            yield from subschemas(sub)


def test_the_kinds_of_the_vocabulary_are_the_value_types_of_custrec() -> None:
    assert set(vocabulary()["$defs"]["field"]["properties"]["kind"]["enum"]) == set(KINDS)


def test_what_words_imply_is_said_for_every_word_of_the_vocabulary() -> None:
    definitions = vocabulary()["$defs"]
    field = definitions["field"]["properties"]
    assert set(field["kind"]["enum"]) == set(KIND_TYPES)
    assert set(field["type"]["enum"]) == set(KIND_TYPES.values()) == set(TYPE_KINDS)
    assert set(TYPE_KINDS.values()) <= set(KIND_TYPES)
    assert set(OPTION_KEYS) <= set(field)
    assert set(READ_BY) <= set(field) | set(definitions["constraints"]["properties"])
    assert {kind for kinds in READ_BY.values() for kind in kinds} <= set(KIND_TYPES)
    assert set(POLICIES) <= set(definitions["table"]["properties"])
    assert {*PRODUCERS} <= {*definitions["review"]["properties"]["required"]["items"]["enum"]}
