"""files.schema_writing: a proposal as schema.yaml, which the strict loader reads back as the same schema."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from custrec.files.schema_file import parse_schema
from custrec.files.schema_writing import fit_sentence, scalar, schema_text
from custrec.model.proposal import Fit, Proposal, ProposedField, in_lines
from custrec.model.schema import Defaults, Field, Table

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30)


def proposal(*fields: Field, fit: Fit | None = None, notes: tuple[str, ...] = (), **table: object) -> Proposal:
    """A proposal with these fields."""
    seen = tuple(ProposedField(n, f.title or f.name, f, fit or Fit(3), notes) for n, f in enumerate(fields, 1))
    own = Table("people", 1, fields=fields, **table)  # type: ignore[arg-type]
    return Proposal("people.csv", own, seen, Defaults(), 3, True, "no column is unique")


@given(TEXTS)
def test_any_title_is_read_back_as_it_was(title: str) -> None:
    field = Field("name", 1, title=title)
    text = schema_text(proposal(field))
    assert parse_schema(text, "x").tables[0].fields == (field,)


@given(st.lists(TEXTS.filter(str.strip), min_size=1, max_size=6, unique_by=str.casefold))
def test_any_list_of_values_is_read_back_as_it_was(values: list[str]) -> None:
    listed = schema_text(proposal(Field("status", 1, kind="choice", enum=tuple(values))))
    assert parse_schema(listed, "x").tables[0].fields[0].enum == tuple(values)
    blanks = schema_text(proposal(Field("status", 1), missing_values=("", *values)))
    assert parse_schema(blanks, "x").tables[0].missing_values == ("", *values)


def test_what_yaml_takes_for_something_else_is_quoted() -> None:
    for text in ("true", "No", "null", "12", "1e5", "0x1f", "a: b", "a #b", "- a", "'a'", "~", ".inf", "a,b", " a"):
        assert scalar(text).startswith('"'), text


def test_chinese_stays_readable() -> None:
    text = schema_text(proposal(Field("phone", 1, kind="phone", title="手机（必填）"), Field("备注", 2)))
    assert 'title: "手机（必填）"' in text
    assert "- name: 备注 # all 3 values fit" in text


def test_control_and_invisible_characters_are_escaped() -> None:
    assert scalar("a\x07b\u200bc\U000e0001") == '"a\\x07b\\u200bc\\U000e0001"'


def test_the_sentence_about_a_fit_never_says_100_percent_of_what_does_not_fit() -> None:
    assert fit_sentence(Fit(100_000, 1, 0, (7,))) == "99.9 % of 100,000 values fit; 1 does not, in line 7"
    assert fit_sentence(Fit(4812, 61, 3, (12, 80))) == (
        "98.7 % of 4,812 values fit; 61 do not, e.g. in lines 12, 80; 3 blank"
    )
    assert fit_sentence(Fit(0, 0, 5)) == "no values to tell it from"
    assert fit_sentence(Fit(1)) == "the one value fits"


def test_places_are_examples_where_there_are_more() -> None:
    assert (in_lines([3], 1), in_lines([3, 4], 2), in_lines([3, 4], 9)) == (
        "in line 3",
        "in lines 3, 4",
        "e.g. in lines 3, 4",
    )


def test_a_long_comment_stands_above_its_line() -> None:
    lines = schema_text(proposal(Field("name", 1), notes=("x" * 120,))).splitlines()
    at = next(number for number, line in enumerate(lines) if line.endswith("- name: name"))
    assert lines[at - 1].endswith("x" * 120)
    assert all("# all" not in line or line.strip().startswith("#") for line in lines)
