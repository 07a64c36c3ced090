"""files.schema_file: schema.yaml becomes a Schema, or a list of everything that is wrong with it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from custrec.errors import SchemaInvalid, SchemaMissing, SchemaUnreadable
from custrec.files.presets import preset_text
from custrec.files.schema_file import load_schema, parse_schema
from custrec.model.schema import Check, Field, ForeignKey, Schema
from custrec.model.schema_json import schema_from_json, schema_to_json

FIELDS = "tables:\n  - name: t\n    fields:\n"


def field(text: str) -> Field:
    return parse_schema(f"{FIELDS}      - {{name: a, {text}}}\n      - {{name: b}}", "s").tables[0].fields[0]


def faults(text: str) -> tuple[str, ...]:
    with pytest.raises(SchemaInvalid) as caught:
        parse_schema(text, "schema.yaml")
    return caught.value.details


def field_faults(text: str) -> tuple[str, ...]:
    return faults(f"{FIELDS}      - {{name: a, {text}}}\n")


def two_tables(first: str = "", second: str = "") -> str:
    return (
        f"tables:\n  - {{name: p, primaryKey: [k], fields: [{{name: k}}, {{name: n, kind: integer}}]{first}}}\n"
        f"  - {{name: c, fields: [{{name: k}}, {{name: n, kind: integer}}]{second}}}\n"
    )


def reference(fields: str, resource: str, targets: str) -> str:
    return f", foreignKeys: [{{fields: {fields}, reference: {{resource: {resource}, fields: {targets}}}}}]"


class TestWhatIsRead:
    def test_every_key_of_a_field_finds_its_place(self) -> None:
        read = field(
            "kind: date, type: date, format: any, title: T, description: D, aliases: [x, 012], "
            "classification: personal, dateOrder: dmy, search: true, example: 1.5.2024, "
            "constraints: {required: true, unique: true, minimum: 2020-01-01, maximum: 2030-01-01}"
        )
        assert read == Field(
            "a",
            1,
            type="date",
            kind="date",
            title="T",
            description="D",
            aliases=("x", "012"),
            required=True,
            unique=True,
            minimum="2020-01-01",
            maximum="2030-01-01",
            classification="personal",
            search=True,
            options={"format": "any", "dateOrder": "dmy", "example": "1.5.2024"},
        )

    def test_limits_of_text_are_read(self) -> None:
        read = field("constraints: {minLength: 2, maxLength: 5, pattern: '[a-z]+'}")
        assert (read.min_length, read.max_length, read.pattern) == (2, 5, "[a-z]+")

    def test_numbers_of_an_enum_stay_as_they_are_written(self) -> None:
        read = field("constraints: {enum: [no, 012, 1.0, true, '0x1']}")
        assert read.enum == ("no", "012", "1.0", "true", "0x1")
        assert read.kind == "choice"
        assert read.type == "string"

    def test_labels_are_lists_of_words(self) -> None:
        read = field("constraints: {enum: [lead, gone]}, labels: {lead: 潜在, gone: [流失, 1]}")
        assert read.options == {"labels": {"lead": ["潜在"], "gone": ["流失", "1"]}}

    def test_fields_beside_are_named(self) -> None:
        assert field("kind: phone, regionField: b").region_field == "b"
        assert field("kind: money, currencyField: b, currency: USD").options == {"currency": "USD"}
        assert field("kind: money, currencyField: b").currency_field == "b"
        assert field("kind: number, decimals: 2, decimalChar: ',', groupChar: .").options == {
            "decimals": 2,
            "decimalChar": ",",
            "groupChar": ".",
        }

    @pytest.mark.parametrize(
        ("text", "kind", "type_"),
        [
            ("type: string", "text", "string"),
            ("title: x", "text", "string"),
            ("type: integer", "integer", "integer"),
            ("type: number", "number", "number"),
            ("type: boolean", "boolean", "boolean"),
            ("type: date", "date", "date"),
            ("type: datetime", "datetime", "datetime"),
            ("type: string, format: email", "email", "string"),
            ("kind: money", "money", "number"),
            ("kind: tags", "tags", "string"),
            ("kind: country, type: string", "country", "string"),
        ],
    )
    def test_kind_and_type_imply_each_other(self, text: str, kind: str, type_: str) -> None:
        read = field(text)
        assert (read.kind, read.type) == (kind, type_)

    def test_tables_and_fields_are_numbered_in_the_order_of_the_file(self) -> None:
        schema = parse_schema(two_tables(), "s")
        assert [(table.id, [one.id for one in table.fields]) for table in schema.tables] == [(1, [1, 2]), (2, [1, 2])]

    def test_the_fields_of_a_primary_key_are_required(self) -> None:
        table = parse_schema(two_tables(), "s").tables[0]
        assert table.primary_key == ("k",)
        assert [one.required for one in table.fields] == [True, False]

    def test_a_primary_key_may_be_one_word(self) -> None:
        text = "tables: [{name: t, primaryKey: a, fields: [{name: a}]}]"
        assert parse_schema(text, "s").tables[0].primary_key == ("a",)

    def test_an_empty_cell_is_always_missing_and_words_stay_as_written(self) -> None:
        text = "tables: [{name: t, missingValues: [NULL, '-', 0, '-'], fields: [{name: a}]}]"
        assert parse_schema(text, "s").tables[0].missing_values == ("", "NULL", "-", "0")

    def test_a_foreign_key_is_read_as_words_or_lists(self) -> None:
        for text in (reference("k", "p", "k"), reference("[k]", "p", "[k]")):
            assert parse_schema(two_tables("", text), "s").tables[1].foreign_keys == (ForeignKey("k", "p", "k"),)

    def test_checks_are_kept(self) -> None:
        text = "tables: [{name: t, fields: [{name: a}], checks: [{rule: a = 1}, {rule: x, message: m, level: warn}]}]"
        assert parse_schema(text, "s").tables[0].checks == (Check("a = 1"), Check("x", "m", "warn"))

    def test_sections_not_acted_on_are_kept_as_plain_data(self) -> None:
        text = "tables: [{name: t, fields: [{name: a}], owner: a, trash: {days: 012}, match: {fields: {a: {}}}}]"
        assert parse_schema(text, "s").tables[0].policies == {
            "owner": "a",
            "trash": {"days": 12},
            "match": {"fields": {"a": {}}},
        }

    def test_what_is_read_survives_being_kept_by_the_store(self) -> None:
        for name in ("default", "cn-b2b", "retail", "membership"):
            schema = parse_schema(preset_text(name), name)
            assert schema_from_json(schema_to_json(schema)) == schema


class TestFaults:
    def test_all_faults_are_told_at_once_each_with_line_column_and_remedy(self) -> None:
        text = (
            "version: 1\n"
            "tables:\n"
            "  - name: customers\n"
            "    feilds: []\n"
            "    primaryKey: nmae\n"
            "    fields:\n"
            "      - {name: name, kind: fone}\n"
            "      - {name: phone, kind: phone, type: integer, regionField: cuntry}\n"
            "      - {name: country, kind: country}\n"
        )
        with pytest.raises(SchemaInvalid) as caught:
            parse_schema(text, "schema.yaml")
        assert caught.value.message == "schema.yaml has 5 faults"
        assert caught.value.exit_code == 4
        assert [line.split(" known:")[0] for line in caught.value.details] == [
            "line 4, column 5: unknown key 'feilds' in a table; did you mean 'fields'?",
            "line 5, column 17: 'primaryKey' names 'nmae', which is no field of 'customers'; did you mean 'name'?",
            "line 7, column 28: unknown kind 'fone'; did you mean 'phone'?",
            "line 8, column 42: type 'integer' and kind 'phone' disagree: phone has the type string",
            "line 8, column 64: 'regionField' names 'cuntry', which is no field of 'customers'; "
            "did you mean 'country'?",
        ]

    def test_one_fault_is_one_fault(self) -> None:
        with pytest.raises(SchemaInvalid, match=r"^mine.yaml has 1 fault$"):
            parse_schema("", "mine.yaml")

    @pytest.mark.parametrize(
        ("text", "fault"),
        [
            ("type: geopoint", "unknown type 'geopoint'; known: string, integer, number, boolean, date, datetime"),
            ("kind: phone, regionField: a", "'regionField' names the field itself"),
            ("kind: money, currencyField: b", "'currencyField' names 'b', which is no field of 't'"),
            ("currency: CNY", "'currency' does not apply to kind text, only to money"),
            ("constraints: {enum: [x, x]}", "'x' stands twice in 'enum'; first in line 4"),
            ("constraints: {enum: ['']}", "a value of 'enum' is blank; leave out 'required' to allow no value"),
            ("constraints: {enum: []}", "'enum' is an empty list"),
            ("kind: choice", "kind choice needs constraints: {enum: [...]}"),
            ("kind: integer, constraints: {enum: [1, x]}", "'x' in 'enum' is no value of kind integer"),
            ("kind: tags, labels: {x: y}", "'labels' names 'x', which is not an allowed value"),
            ("kind: money, currency: QQQ", "QQQ is no currency code of ISO 4217"),
            ("kind: boolean, trueValues: [x], falseValues: [X]", "a text is both among trueValues and falseValues"),
            ("constraints: {pattern: '('}", "'pattern' is no regular expression: missing ), unterminated subpattern"),
            ("constraints: {pattern: 'a{99999999999999}'}", "'pattern' is no regular expression: "),
            (f"constraints: {{pattern: '{'(' * 499}{')' * 499}'}}", "'pattern' is no regular expression: it is too"),
            ("kind: integer, constraints: {minimum: 5, maximum: 3}", "'minimum' is above 'maximum'"),
            ("kind: money, currency: CNY, constraints: {minimum: 1.5, maximum: 1.25}", "'minimum' is above 'maximum'"),
            ("kind: date, constraints: {minimum: 2024-02-01, maximum: 2024-01-01}", "'minimum' is above 'maximum'"),
            ("kind: date, constraints: {minimum: 2024-02-30}", "'2024-02-30' in 'minimum' is no value of kind date"),
            ("kind: integer, constraints: {maximum: 1.5}", "'1.5' in 'maximum' is no value of kind integer"),
            ("kind: number, constraints: {maximum: many}", "'many' in 'maximum' is no value of kind number"),
            ("constraints: {minimum: 1}", "'minimum' does not apply to kind text, only to integer, number, money, da"),
            ("constraints: {minLength: 3, maxLength: 2}", "'minLength' is above 'maxLength'"),
            ("kind: identifier, format: cn.usc", "there is no identifier format cn.usc; did you mean 'cn.uscc'?"),
            ("kind: identifier, format: os.path", "there is no identifier format os.path"),
            ("kind: identifier, format: util", "there is no identifier format util"),
            ("kind: identifier, format: ../x", "there is no identifier format ../x"),
            ("kind: date, format: ymd", "unknown format 'ymd' for a date: any, or such as %d/%m/%Y"),
            ("format: uri", "unknown format 'uri' for text; known: default, email"),
            ("kind: integer, format: any", "'format' does not apply to kind integer"),
            (
                "kind: number, decimalChar: '.', groupChar: '.'",
                "decimalChar and groupChar are two different characters",
            ),
            ("constraints: {enum: [x, y]}, labels: {z: 1}", "'labels' names 'z', which is not an allowed value"),
            ("constraints: {enum: [x, y]}, labels: {x: 一, y: 一}", "'一' already means 'x'"),
            ("constraints: {enum: [x, y]}, labels: {x: Y}", "'Y' already means 'y'"),
            ("aliases: ['-']", "field 'a' has a name or alias of nothing but spaces and signs"),
        ],
    )
    def test_a_fault_of_a_field_is_named(self, text: str, fault: str) -> None:
        (line,) = field_faults(text)
        place, _, sentence = line.partition(": ")
        assert place.startswith("line 4, column ")
        assert sentence.startswith(fault)

    def test_a_field_whose_kind_is_unknown_is_not_blamed_for_its_other_keys(self) -> None:
        assert len(field_faults("kind: fone, dateOrder: ymd, constraints: {minimum: 1}")) == 1

    def test_names_are_not_missed_where_a_field_could_not_be_read(self) -> None:
        (line,) = faults("tables: [{name: t, primaryKey: '012', fields: [{name: 012}]}]")
        assert line == "line 1, column 55: 'name' needs text; write \"012\" in quotes"

    @pytest.mark.parametrize(
        ("fields", "fault"),
        [
            ("{name: a}, {name: A}", "line 1, column 47: field 'A' stands twice; first in line 1"),
            ("{name: a_b}, {name: a b}", "line 1, column 49: 'a_b' and 'a b' have a name or alias in common"),
            ("{name: a}, {name: b, aliases: [ Ａ ]}", "line 1, column 61: 'a' and 'b' have a name or alias in common"),
            ("{name: a, aliases: [x-y]}, {name: b, aliases: [X Y]}", "line 1, column 76: 'a' and 'b' have a name or"),
        ],
    )
    def test_two_fields_that_one_header_could_mean_are_refused(self, fields: str, fault: str) -> None:
        (line,) = faults(f"tables: [{{name: t, fields: [{fields}]}}]")
        assert line.startswith(fault)

    def test_a_field_may_name_itself_in_an_alias(self) -> None:
        assert field("aliases: [A, a, ａ]").aliases == ("A", "a", "ａ")

    def test_tables_are_told_apart_without_letter_case(self) -> None:
        (line,) = faults("tables:\n- {name: t, fields: [{name: a}]}\n- {name: T, fields: [{name: a}]}\n")
        assert line == "line 3, column 10: table 'T' stands twice; first in line 2"

    def test_names_of_sqlite_are_refused(self) -> None:
        (line,) = faults("tables: [{name: SQLite_x, fields: [{name: a}]}]")
        assert line.endswith("names that begin with sqlite_ belong to SQLite")

    def test_more_than_500_fields_are_refused(self) -> None:
        (line,) = faults(FIELDS + "".join(f"    - {{name: f{number}}}\n" for number in range(501)))
        assert line == "line 4, column 5: 'fields' has 501 entries; at most 500 are read"

    @pytest.mark.parametrize(
        ("defaults", "fault"),
        [
            ("currency: QQQ", "line 1, column 22: ISO 4217 has no currency 'QQQ'"),
            ("region: XX", "line 1, column 20: ISO 3166 has no region 'XX'"),
            ("region: cn", "line 1, column 20: 'region' cannot be 'cn': a region is an ISO 3166 code"),
            ("dateOrder: ydm", "line 1, column 23: unknown dateOrder 'ydm'; did you mean 'ymd'?"),
            (
                "currency: yuan",
                "line 1, column 22: 'currency' cannot be 'yuan': a currency is an ISO 4217 code",
            ),
            ("timezone: Asia/Shangai", "line 1, column 22: unknown time zone 'Asia/Shangai'; did you mean 'Asia/Sh"),
            ("timezone: Asia", "line 1, column 22: unknown time zone 'Asia'"),
            ("timezone: ../../etc/passwd", "line 1, column 22: unknown time zone '../../etc/passwd'"),
            ("timezone: /etc/localtime", "line 1, column 22: unknown time zone '/etc/localtime'"),
        ],
    )
    def test_defaults_that_do_not_exist_are_refused(self, defaults: str, fault: str) -> None:
        (line,) = faults(f"defaults: {{{defaults}}}\ntables: [{{name: t, fields: [{{name: a}}]}}]")
        assert line.startswith(fault)

    def test_the_owner_is_a_field(self) -> None:
        (line,) = faults("tables: [{name: t, owner: ownr, fields: [{name: owner}]}]")
        assert line.endswith("'owner' names 'ownr', which is no field of 't'; did you mean 'owner'?")

    def test_a_key_of_tags_is_refused(self) -> None:
        (line,) = faults("tables: [{name: t, primaryKey: a, fields: [{name: a, kind: tags}]}]")
        assert line.endswith("tags tell no records apart")

    def test_a_key_names_a_field_once(self) -> None:
        (line,) = faults("tables: [{name: t, primaryKey: [a, a], fields: [{name: a}]}]")
        assert line.endswith("'primaryKey' names 'a' twice")


class TestForeignKeys:
    @pytest.mark.parametrize(
        ("text", "fault"),
        [
            (reference("k", "q", "k"), "'resource' names 'q', which is no table"),
            (reference("k", "P", "k"), "'resource' names 'P', which is no table; did you mean 'p'?"),
            (reference("x", "p", "k"), "'fields' names 'x', which is no field of 'c'"),
            (reference("k", "p", "x"), "'reference' names 'x', which is no field of 'p'"),
            (reference("[k, n]", "p", "[k, n]"), "a foreign key of several fields is not supported; name one field"),
            (reference("k", "c", "k"), "a foreign key of a table to itself is not supported"),
            (reference("k", "''", "k"), "a foreign key of a table to itself is not supported"),
            (
                reference("n", "p", "n"),
                "a foreign key to anything but the one-field primaryKey of 'p' is not supported",
            ),
            (reference("n", "p", "k"), "'n' has the type integer, but 'p.k' string"),
        ],
    )
    def test_what_does_not_lead_anywhere_or_is_not_supported_is_refused(self, text: str, fault: str) -> None:
        (line,) = faults(two_tables("", text))
        assert line.startswith("line 3, column ")
        assert line.partition(": ")[2] == fault

    def test_a_field_refers_once(self) -> None:
        twice = reference("k", "p", "k")[:-1] + ", {fields: k, reference: {resource: p, fields: k}}]"
        (line,) = faults(two_tables("", twice))
        assert line.endswith("a second foreign key of 'k' is not supported")

    def test_a_table_without_key_cannot_be_referred_to(self) -> None:
        (line,) = faults(two_tables(reference("k", "c", "k")))
        assert line.endswith("a foreign key to anything but the one-field primaryKey of 'c' is not supported")

    def test_every_circle_of_tables_is_refused(self) -> None:
        def table(name: str, other: str) -> str:
            return f"- {{name: {name}, primaryKey: k, fields: [{{name: k}}]{reference('k', other, 'k')}}}\n"

        text = "tables:\n" + table("a", "b") + table("b", "c") + table("c", "a") + table("x", "y") + table("y", "x")
        text += table("into", "a")
        assert faults(text) == (
            "line 2, column 49: the tables 'a', 'b' and 'c' refer to each other in a circle",
            "line 5, column 49: the tables 'x' and 'y' refer to each other in a circle",
        )


class TestFiles:
    def test_a_file_is_read(self, tmp_path: Path) -> None:
        path = tmp_path / "schema.yaml"
        path.write_text("\ufeff" + preset_text("default").replace("\n", "\r\n"), encoding="utf-8")
        assert load_schema(path) == parse_schema(preset_text("default"), "schema.yaml")

    def test_a_file_that_is_not_there_is_missing(self, tmp_path: Path) -> None:
        with pytest.raises(SchemaMissing) as caught:
            load_schema(tmp_path / "schema.yaml")
        assert caught.value.slug == "schema-missing"
        assert caught.value.exit_code == 4

    def test_a_directory_cannot_be_read(self, tmp_path: Path) -> None:
        with pytest.raises(SchemaUnreadable, match="it is a directory"):
            load_schema(tmp_path)

    def test_a_file_below_a_file_cannot_be_read(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")
        with pytest.raises(SchemaUnreadable, match="Not a directory"):
            load_schema(tmp_path / "file" / "schema.yaml")

    @pytest.mark.parametrize(
        ("raw", "fault"),
        [
            (b"", "line 1, column 1: the file is empty"),
            ("tables: [{name: 客户}]".encode("gb18030"), "line 1, column 17: the bytes here are not UTF-8"),
            ("tables: []".encode("utf-16"), "line 1, column 1: the file is UTF-16"),
            (b"tables:\n\t- a", "line 2, column 1: a tab stands before the text of this line"),
            (b" " * 2_000_000, "line 1, column 1: the file is larger than 1,048,576 bytes"),
        ],
    )
    def test_bytes_that_are_no_yaml_are_refused_by_the_name_of_the_file(
        self, tmp_path: Path, raw: bytes, fault: str
    ) -> None:
        path = tmp_path / "mine.yaml"
        path.write_bytes(raw)
        with pytest.raises(SchemaInvalid, match=r"^mine\.yaml has 1 fault$") as caught:
            load_schema(path)
        assert caught.value.details[0].startswith(fault)


class TestAnything:
    """Whatever stands in the file, a Schema or SchemaInvalid comes of it."""

    @settings(deadline=None)
    @given(st.text(max_size=200))
    def test_any_text(self, text: str) -> None:
        schema_or_faults(text)

    @settings(deadline=None)
    @given(st.binary(max_size=200))
    def test_any_bytes(self, tmp_path_factory: pytest.TempPathFactory, raw: bytes) -> None:
        path = tmp_path_factory.mktemp("any") / "schema.yaml"
        path.write_bytes(raw)
        try:
            load_schema(path)
        except SchemaInvalid as error:
            assert error.details

    @settings(deadline=None)
    @given(st.data())
    def test_any_preset_with_a_piece_taken_out_doubled_or_replaced(self, data: st.DataObject) -> None:
        text = preset_text(data.draw(st.sampled_from(["default", "cn-b2b", "retail", "membership"])))
        start = data.draw(st.integers(0, len(text)))
        end = data.draw(st.integers(start, min(len(text), start + 200)))
        put = data.draw(
            st.sampled_from(["", text[start:end] * 2, "&a ", "*a", "<<: ", "\t", "{", "]", "null", "- ", "🙂"])
        )
        schema_or_faults(text[:start] + put + text[end:])

    @settings(deadline=None)
    @given(st.data())
    def test_any_values_at_the_places_of_the_vocabulary(self, data: st.DataObject) -> None:
        value = st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.sampled_from(["a", "t"]),
            lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=3),
            max_leaves=8,
        )
        fields = data.draw(st.lists(st.dictionaries(st.sampled_from(KEYS), value, max_size=4), max_size=3))
        table = data.draw(st.dictionaries(st.sampled_from(KEYS), value, max_size=4))
        schema_or_faults(json.dumps({"tables": [{"name": "t", "fields": [{"name": "a"}, *fields], **table}]}))


KEYS = (
    *("name", "type", "kind", "format", "title", "constraints", "required", "unique", "enum", "minimum", "maximum"),
    *("pattern", "aliases", "regionField", "currencyField", "decimals", "labels", "trueValues", "primaryKey"),
    *("foreignKeys", "fields", "reference", "resource", "missingValues", "checks", "rule", "match", "owner", "stale"),
    *("retention", "capacity", "trash", "review", "keep_at_most", "period"),
)


def schema_or_faults(text: str) -> None:
    try:
        schema = parse_schema(text, "schema.yaml")
    except SchemaInvalid as error:
        assert error.details
        assert all(line.startswith(("line ", "and ")) for line in error.details)
    else:
        assert isinstance(schema, Schema)
        assert schema_from_json(schema_to_json(schema)) == schema


BLANKS = """\
defaults: {currency: CNY}
tables:
  - name: t
    missingValues: ["-", none, %s]
    fields:
      - {name: a, %s}
      - {name: b, kind: money, currencyField: c, constraints: {minimum: 1, maximum: 5}}
      - {name: c}
"""


@pytest.mark.parametrize(
    ("missing", "text", "said"),
    [
        ("x", "kind: boolean, trueValues: [x, y], falseValues: [n]", "line 6, column 47: 'x' in 'trueValues'"),
        ("' n '", "kind: boolean, trueValues: [x, y], falseValues: [n]", "'n' in 'falseValues'"),
        ("'false'", "kind: boolean", "line 4, column 32: 'false' means no value, and in 'a' a truth value"),
        ("x", "constraints: {enum: [x, y]}", "'x' in 'enum' means no value in this table"),
        ("7", "kind: integer, constraints: {enum: [7]}", "'7' in 'enum'"),
        ("-99", "kind: integer", "'-99' means no value, and is a number that 'a' may hold"),
        ("0", "kind: number", "give the field a minimum or maximum that leaves it out"),
        ("'0.00'", "kind: money", "'0.00'"),
    ],
)
def test_a_word_that_means_blank_is_no_value_of_a_field(missing: str, text: str, said: str) -> None:
    (fault,) = faults(BLANKS % (missing, text))
    assert said in fault


@pytest.mark.parametrize(
    ("missing", "text"),
    [
        ("-99", "kind: integer, constraints: {minimum: 0}"),
        ("-99", "kind: integer, constraints: {pattern: '[0-9]+'}"),
        ("-99", "kind: integer, constraints: {enum: [1, 2]}"),
        ("9999", "kind: integer, constraints: {maximum: 100}"),
        ("0", "kind: number, decimals: 2"),
        ("0", "kind: money"),
        ("'0'", "kind: boolean"),
        ("n/a", "kind: number"),
        ("x", "type: string"),
    ],
)
def test_a_word_that_no_value_is_shown_as_may_mean_blank(missing: str, text: str) -> None:
    assert parse_schema(BLANKS % (missing, text), "s").tables[0].missing_values[-1] == missing.strip("'")
