"""model.schema_json: a schema survives being written down."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from custrec.model.schema import Check, Defaults, Field, ForeignKey, Schema, Table
from custrec.model.schema_json import same_tables, schema_from_dict, schema_from_json, schema_to_dict, schema_to_json

words = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
maybe = st.none() | words
scalars = st.none() | st.booleans() | st.integers(-(10**12), 10**12) | words
plain = st.recursive(scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3))
counts = st.none() | st.integers(0, 1000)
many_words = st.lists(words, max_size=3).map(tuple)

fields = st.builds(
    Field,
    name=words,
    id=st.integers(0, 600),
    type=words,
    kind=words,
    title=words,
    description=words,
    aliases=many_words,
    required=st.booleans(),
    unique=st.booleans(),
    enum=many_words,
    minimum=maybe,
    maximum=maybe,
    min_length=counts,
    max_length=counts,
    pattern=maybe,
    region_field=maybe,
    currency_field=maybe,
    classification=maybe,
    search=st.booleans(),
    options=st.dictionaries(words, plain, max_size=3),
)
tables = st.builds(
    Table,
    name=words,
    id=st.integers(0, 100),
    title=words,
    description=words,
    fields=st.lists(fields, max_size=3).map(tuple),
    primary_key=many_words,
    foreign_keys=st.lists(st.builds(ForeignKey, words, words, words), max_size=2).map(tuple),
    missing_values=many_words,
    checks=st.lists(st.builds(Check, words, words, words), max_size=2).map(tuple),
    policies=st.dictionaries(words, plain, max_size=3),
)
schemas = st.builds(
    Schema,
    tables=st.lists(tables, max_size=3).map(tuple),
    defaults=st.builds(Defaults, maybe, words, maybe, words),
    version=st.integers(1, 9),
)


@settings(deadline=None)
@given(schemas)
def test_a_schema_is_the_same_after_being_written_and_read(schema: Schema) -> None:
    assert schema_from_dict(schema_to_dict(schema)) == schema
    assert schema_from_json(schema_to_json(schema)) == schema
    assert schema_to_json(schema_from_json(schema_to_json(schema))) == schema_to_json(schema)


@settings(deadline=None)
@given(schemas)
def test_what_is_written_is_plain_json(schema: Schema) -> None:
    assert json.loads(json.dumps(schema_to_dict(schema))) == schema_to_dict(schema)


def test_what_has_its_default_is_left_out_so_that_old_texts_stay_the_same() -> None:
    schema = Schema((Table("t", 1, fields=(Field("a", 1),)),))
    assert schema_to_json(schema) == '{"tables":[{"fields":[{"id":1,"name":"a"}],"id":1,"name":"t"}]}'


@pytest.mark.parametrize(
    "data",
    [
        {},
        [],
        {"tables": [{}]},
        {"tables": [], "later": 1},
        {"tables": [{"name": "t", "fields": [{"name": "a", "colour": "red"}]}]},
        {"tables": [], "defaults": 3},
        {"tables": 3},
        {"tables": ["t"]},
    ],
)
def test_what_is_no_schema_is_refused(data: object) -> None:
    with pytest.raises(ValueError, match="a "):
        schema_from_dict(data)  # type: ignore[arg-type]


def test_a_text_that_is_no_json_is_refused() -> None:
    with pytest.raises(ValueError, match="Expecting"):
        schema_from_json("tables")


def test_numbering_alone_makes_no_other_schema() -> None:
    def schema(number: int, *, policies: dict[str, object] | None = None) -> Schema:
        return Schema((Table("t", number, fields=(Field("a", number),), policies=policies or {}),))

    assert same_tables(schema(1), schema(7))
    assert not same_tables(schema(1), Schema((Table("t", 1, fields=(Field("b", 1),)),)))
    assert not same_tables(schema(1, policies={"review": {"id": 1}}), schema(1, policies={"review": {"id": 2}}))
