"""Proposals of maps: whatever the headers, the text reads back as what was proposed."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from custrec.files.headers import header_key
from custrec.files.map_file import parse_map
from custrec.files.map_text import ProposedColumn, map_text, scalar
from custrec.files.schema_file import parse_schema
from custrec.model.transforms import WORDS

SCHEMA = parse_schema("tables: [{name: 客户 A, fields: [{name: no}, {name: name}]}]", "schema.yaml")
HEADERS = (
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=30)
    | st.sampled_from(["null", "yes", "012", "1.5", ": a", "# b", "- c", "'", '"', "{a}", "\\", "a: b", "x #y", "*"])
    | st.just("long " * 400)
)


@given(st.lists(HEADERS, min_size=1, max_size=8), HEADERS)
def test_a_proposal_reads_back(headers: list[str], source: str) -> None:
    chosen = {key: text.strip() for text in headers if (key := header_key(text)) and text.strip() != "<<"}
    if not chosen:
        return
    columns = [ProposedColumn(header, None, "unknown") for header in chosen.values()]
    columns[0] = ProposedColumn(columns[0].header, "no")
    saved = parse_map(map_text("客户 A", source[:200], source, columns, ["name"]), "m", SCHEMA)
    assert saved.columns == (columns[0].header,)
    assert saved.left_out == tuple(column.header for column in columns[1:])
    assert saved.source == source[:200]


@given(HEADERS)
def test_every_reader_of_yaml_takes_a_written_text_for_that_text(text: str) -> None:
    assert yaml.safe_load(scalar(text)) == text


@pytest.mark.parametrize("text", ["客户 代码", "Customer No (old)", "a.b/c-d", "E-mail"])
def test_an_ordinary_header_needs_no_quotes(text: str) -> None:
    assert scalar(text) == text


def test_the_words_and_what_is_not_filled_stand_in_the_comments() -> None:
    text = map_text("客户 A", "", "x\x1b[31m.csv", [ProposedColumn("a", "name", "a remark")], ["no"])
    assert "  a: name # a remark\n" in text
    assert "# Nothing fills no yet" in text
    assert all(f"#   {name}" in text for name in WORDS)
    assert "\x1b" not in text
    assert "source" not in text.partition("columns:")[0].partition("version")[2]
