"""Reading saved maps: what fits, and every fault with its place."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from custrec.errors import FileUnreadable, MapInvalid
from custrec.files.map_file import load_map, map_vocabulary, parse_map
from custrec.files.presets import preset_text
from custrec.files.schema_file import parse_schema
from custrec.files.schema_shape import UNDERSTOOD
from custrec.files.strict_yaml import Faults, compose, plain
from custrec.model.mapping import Constant, Joined, Part, Recipe, SavedMap, Taken
from custrec.model.transforms import WORDS, Step

SCHEMA = parse_schema(
    """\
tables:
  - name: customers
    primaryKey: [no]
    fields: [{name: no}, {name: name}, {name: city}, {name: address}, {name: status}, {name: owner}]
  - name: notes
    fields: [{name: no}]
""",
    "schema.yaml",
)
WHOLE = """\
version: 1
table: customers
source: 金蝶 export
columns:
  客户代码: no
  姓名: {field: name, transform: [trim, {remove: "(VIP)"}]}
  地址: {split: {by: " ", into: [city, null, address]}}
  内部ID: null
fields:
  status: {constant: 012}
  owner: {from: 业务员, transform: lower, values: {张: zhang, 1: null}}
"""


def read(text: str) -> SavedMap:
    return parse_map(text, "m", SCHEMA)


def faults(text: str) -> list[str]:
    with pytest.raises(MapInvalid) as caught:
        read(text)
    return list(caught.value.details)


def test_a_map_is_read_whole() -> None:
    saved = read(WHOLE)
    assert (saved.name, saved.table.name, saved.source) == ("m", "customers", "金蝶 export")
    assert saved.recipes == {
        "no": Recipe(Taken("客户代码")),
        "name": Recipe(Taken("姓名"), (Step("trim"), Step("remove", ("(VIP)",)))),
        "city": Recipe(Part("地址", " ", 0, 3)),
        "address": Recipe(Part("地址", " ", 2, 3)),
        "status": Recipe(Constant("012")),
        "owner": Recipe(Taken("业务员"), (Step("lower"),), (("张", "zhang"), ("1", ""))),
    }
    assert saved.left_out == ("内部ID",)
    assert saved.columns == ("客户代码", "姓名", "地址", "业务员")


def test_the_map_of_the_readme_is_one() -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    (text,) = re.findall(r"^```yml\n(.*?)^```$", readme, re.MULTILINE | re.DOTALL)
    saved = parse_map(text, "README", parse_schema(preset_text("default"), "schema.yaml"))
    assert (len(saved.recipes), saved.left_out) == (7, ("内部ID",))


def test_every_word_is_read_with_what_stands_behind_it() -> None:
    words = "[trim, squeeze, upper, lower, title, digits, halfwidth, {remove: [a, 1]}, {replace: {a: b, 2: 3}},"
    words += " {before: '@'}, {after: x}, {first: 3}, {last: 2}, {pad: {to: 5}}, {pad: {to: 2, with: x}},"
    words += " {prefix: P}, {suffix: 0}]"
    steps = read(f"table: customers\ncolumns:\n  a: {{field: no, transform: {words}}}\n").recipes["no"].steps
    assert {step.word for step in steps} == set(WORDS)
    assert steps[7:] == (
        Step("remove", ("a", "1")),
        Step("replace", (("a", "b"), ("2", "3"))),
        Step("before", ("@",)),
        Step("after", ("x",)),
        Step("first", (3,)),
        Step("last", (2,)),
        Step("pad", (5, "0")),
        Step("pad", (2, "x")),
        Step("prefix", ("P",)),
        Step("suffix", ("0",)),
    )


def test_a_join_names_its_columns_in_order() -> None:
    saved = read('table: customers\nfields: {address: {join: [省, 市, 2024], with: ", "}, no: {from: a}}')
    assert saved.recipes["address"] == Recipe(Joined(("省", "市", "2024"), ", "))


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("table: customer\ncolumns: {a: no}", "line 1, column 8: the store has no table 'customer'; did you mean"),
        ("table: x\ncolumns: {a: no}", "line 1, column 8: the store has no table 'x'; there are: customers, notes"),
        ("columns: {a: no}", "line 1, column 1: the map needs 'table'"),
        ("table: customers", "line 1, column 1: the map fills no field"),
        ("table: customers\ncolumns: {a: null}", "line 1, column 1: the map fills no field"),
        ("table: customers\ncolumns: {a: adress}", "line 2, column 14: customers has no field 'adress'; did you mean"),
        ("table: customers\ncolumns: {a: no, b: no}", "line 2, column 21: the field 'no' is filled twice; first in"),
        ("table: customers\ncolumns: {a b: no, A_B: name}", "line 2, column 20: the column 'A_B' stands twice"),
        ("table: customers\ncolumns: {' ': no}", "line 2, column 11: a header is blank"),
        ("table: customers\ncolumns: {a: {}}", "line 2, column 14: the column 'a' needs field or split"),
        ("table: customers\ncolumns: {a: [no]}", "line 2, column 14: 'a' needs a mapping or text"),
        ("table: customers\ncolumns: {a: 5}", "line 2, column 14: 'a' needs text; write \"5\" in quotes"),
        ("table: customers\ncolumns: {a: {split: {by: '', into: [no]}}}", "line 2, column 27: 'by' is empty"),
        ("table: customers\ncolumns: {a: {split: {by: x}}}", "line 2, column 22: split needs 'into'"),
        ("table: customers\ncolumns: {a: {split: {by: x, into: [null]}}}", "line 2, column 30: 'into' names no field"),
        ("table: customers\ncolumns: {a: {field: no, transform: trimm}}", "line 2, column 37: unknown transform"),
        ("table: customers\ncolumns: {a: {field: no, transform: qqqq}}", "; known: trim, squeeze, upper"),
        ("table: customers\ncolumns: {a: {field: no, transform: first}}", "'first' needs something behind it"),
        ("table: customers\ncolumns: {a: {field: no, transform: [{trim: 1}]}}", "unknown key 'trim' in a transform"),
        ("table: customers\ncolumns: {a: {field: no, transform: [{first: x}]}}", "'first' needs a whole number"),
        ("table: customers\ncolumns: {a: {field: no, transform: [{first: 0}]}}", "'first' is below 1"),
        ("table: customers\ncolumns: {a: {field: no, transform: [{pad: {to: 9999}}]}}", "'to' is above 1,000"),
        ("table: customers\ncolumns: {a: {field: no, transform: [{pad: {to: 3, with: 12}}]}}", "one character"),
        ("table: customers\ncolumns: {a: {field: no, transform: [{replace: {'': x}}]}}", "none of them empty"),
        ("table: customers\ncolumns: {a: {field: no, transform: [{remove: []}]}}", "'remove' is an empty list"),
        ("table: customers\ncolumns: {a: {field: no, transform: [{first: 1, last: 1}]}}", "a transform is one word"),
        ("table: customers\nfields: {no: {}}", "line 2, column 14: the field 'no' needs from, join or constant"),
        ("table: customers\nfields: {no: {from: a, constant: b}}", "and only one of them"),
        ("table: customers\nfields: {no: {from: a, with: b}}", "'with' belongs to 'join'"),
        ("table: customers\nfields: {no: {constant: a, transform: trim}}", "a constant is written as it should be"),
        ("table: customers\nfields: {no: {constant: ''}}", "'constant' is empty"),
        ("table: customers\nfields: {no: a}", "'no' needs a mapping"),
        ("table: customers\nfields: {no: {join: [' ']}}", "line 2, column 22: a header is blank"),
        ("version: 2\ntable: customers\ncolumns: {a: no}", "unknown version '2'"),
        ("table: customers\ncolums: {a: no}", "unknown key 'colums' in the map; did you mean 'columns'?"),
        ("- a", "the file needs a mapping"),
        ("", "the file is empty"),
        ("table: &a customers\ncolumns: {a: *a}", "the anchor '&a' is not read"),
        ("table: !!python/name:os.system x", "only plain YAML is"),
        ("table: [", "this is not YAML"),
        ("table: customers\ncolumns: {<<: {a: no}}", "merge keys"),
        ("{" * 100, "the nesting is deeper than 24 levels"),
    ],
)
def test_a_fault_says_where_it_is_and_what(text: str, fault: str) -> None:
    found = faults(text)
    assert any(fault in line for line in found), found
    assert all(line.startswith("line ") for line in found)


def test_all_faults_are_told_at_once() -> None:
    found = faults(
        "table: customers\ncolumns:\n  a: nme\n  b: {field: x, transform: [up, {first: 0}]}\n  c: no\n  d: no\n"
    )
    assert [line.split(":")[0] for line in found] == [
        "line 3, column 6", "line 4, column 14", "line 4, column 29", "line 4, column 41", "line 6, column 6",
    ]  # fmt: skip


def test_a_fault_of_a_split_is_told_once() -> None:
    assert len(faults("table: customers\ncolumns: {a: {split: {by: x, into: [no, name]}, transform: up}}")) == 1


def test_a_chain_has_a_bound() -> None:
    most = map_vocabulary()["$defs"]["transform"]["maxItems"]
    chain = ", ".join(["trim"] * (most + 1))
    (found,) = faults(f"table: customers\ncolumns: {{a: {{field: no, transform: [{chain}]}}}}")
    assert f"at most {most}" in found


def test_ten_thousand_columns_are_read_and_as_many_faults_are_counted() -> None:
    many = "".join(f"  column {n}: null\n" for n in range(10_000))
    assert len(read(f"table: customers\ncolumns:\n  a: no\n{many}").left_out) == 10_000
    wrong = "".join(f"  column {n}: nme{n}\n" for n in range(10_000))
    assert faults(f"table: customers\ncolumns:\n{wrong}")[-1] == "and 9,800 more"


def test_a_file_is_named_by_its_name_and_one_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "金蝶.yaml").write_text(WHOLE, encoding="utf-8")
    assert load_map(tmp_path / "金蝶.yaml", SCHEMA).name == "金蝶"
    (tmp_path / "u16.yaml").write_bytes(WHOLE.encode("utf-16"))
    with pytest.raises(MapInvalid) as caught:
        load_map(tmp_path / "u16.yaml", SCHEMA)
    assert "UTF-16" in caught.value.details[0]
    (tmp_path / "large.yaml").write_bytes(b"#" * (1 << 21))
    with pytest.raises(MapInvalid):
        load_map(tmp_path / "large.yaml", SCHEMA)
    with pytest.raises(FileUnreadable):
        load_map(tmp_path, SCHEMA)


WORDS_OF_MAPS = [
    *("field", "split", "by", "into", "transform", "values", "join", "with", "from", "constant"),
    *("no", "remove", "replace", "pad", "to", "columns"),
]
YAML = st.recursive(
    st.sampled_from(["no", "name", "a", "null", "1", "trim", "''", "true", "{first: 1}"]),
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]")
        | st.lists(
            st.tuples(
                st.sampled_from(WORDS_OF_MAPS),
                inner,
            ),
            max_size=4,
            unique_by=lambda pair: pair[0],
        ).map(lambda pairs: "{" + ", ".join(f"{key}: {value}" for key, value in pairs) + "}")
    ),
    max_leaves=12,
)


@given(YAML, YAML)
def test_whatever_stands_in_a_map_is_a_map_or_faults(columns: str, fields: str) -> None:
    text = f"table: customers\ncolumns: {columns}\nfields: {fields}\n"
    document = compose(text, Faults())
    try:
        assert read(text).recipes
    except MapInvalid as error:
        assert error.details
    else:
        assert document is not None
        jsonschema.Draft202012Validator(map_vocabulary()).validate(plain(document))


def test_the_json_schema_is_one_and_knows_the_words_that_take_something() -> None:
    jsonschema.Draft202012Validator.check_schema(map_vocabulary())
    words = map_vocabulary()["$defs"]["step"]
    assert set(words["properties"]) == {name for name, word in WORDS.items() if word.takes != "nothing"}
    assert all(name in words["description"] for name, word in WORDS.items() if word.takes == "nothing")
    assert _keywords(map_vocabulary()) <= UNDERSTOOD | {"$schema", "$defs"}


def _keywords(spec: Any) -> set[str]:
    found = set(spec)
    for key in ("properties", "$defs"):
        for sub in spec.get(key, {}).values():
            found |= _keywords(sub)
    for key in ("items", "additionalProperties"):
        if isinstance(spec.get(key), dict):
            found |= _keywords(spec[key])
    return found
