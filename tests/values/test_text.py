"""Text: kept as it is written, but half-width where it tells records apart."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import Shop
from custrec.jobs.edits.naming import record_named
from custrec.model.schema import Defaults, Field
from custrec.values.letters import narrow
from custrec.values.text import Text

PLAIN = Text(Field("f"), Defaults())
UNIQUE = Text(Field("f", unique=True), Defaults())

FULL = st.text(st.characters(min_codepoint=0xFF01, max_codepoint=0xFF5E) | st.sampled_from("　a1-客é①ｱ℃"), max_size=12)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Ｃ０００５", "C0005"),
        ("ｃ－５／Ａ（新）", "c-5/A(新)"),
        ("C　5", "C 5"),
        ("ﾊﾞｰ①℃é", "ﾊﾞｰ①℃é"),
        ("c0005", "c0005"),
    ],
)
def test_what_tells_records_apart_is_half_width(text: str, value: str) -> None:
    assert UNIQUE.judge(text).value == value
    assert not UNIQUE.judge(text).lossy
    assert PLAIN.judge(text).value == text


def test_what_a_spreadsheet_did_is_seen_in_full_width_too() -> None:
    assert UNIQUE.judge("１.３８Ｅ＋１０").fault is not None


@given(st.lists(st.none() | FULL.filter(bool), max_size=5))
def test_a_column_is_judged_as_its_texts_are(texts: list[str | None]) -> None:
    for kind in (PLAIN, UNIQUE):
        assert kind.judge_column(texts).values == [None if text is None else kind.judge(text).value for text in texts]


@given(FULL)
def test_only_width_is_changed_and_only_once(text: str) -> None:
    assert narrow(narrow(text)) == narrow(text)
    assert len(narrow(text)) == len(text)
    assert not any("！" <= c <= "～" or c == "　" for c in narrow(text))


SCHEMA = """\
version: 1
tables:
  - name: parents
    primaryKey: [no, part]
    missingValues: ["-"]
    fields:
      - {name: no, type: string}
      - {name: part, type: string}
      - {name: code, type: string, constraints: {unique: true}}
      - {name: note, type: string}
  - name: groups
    primaryKey: [name]
    fields: [{name: name, type: string}]
  - name: members
    foreignKeys: [{fields: [group], reference: {resource: groups, fields: [name]}}]
    fields:
      - {name: group, type: string}
      - {name: note, type: string}
"""


def test_keys_unique_texts_and_references_meet_whatever_their_width(new_shop: Callable[..., Shop]) -> None:
    shop = new_shop(SCHEMA)
    shop.import_csv("no,part,code,note\nC0005,A,x1,Ｎ１\n")
    again = shop.import_csv("no,part,code,note\nＣ０００５,Ａ,ｘ１,Ｎ１\nC6,B,Ｘ－,\nC7,B,－,\n").plan
    assert (again.counts.same, again.counts.insert) == (1, 2)
    assert shop.rows("SELECT * FROM parents_live") == [
        (1, "C0005", "A", "x1", "Ｎ１"), (2, "C6", "B", "X-", None), (3, "C7", "B", None, None),
    ]  # fmt: skip
    shop.import_csv("name\nG１\n", "groups")
    assert shop.import_csv("group,note\nＧ1,x\n", "members").plan.counts.insert == 1
    assert shop.rows("SELECT m.'group' FROM members_live m") == [("G1",)]


def test_a_key_is_found_however_wide_it_is_typed(new_shop: Callable[..., Shop]) -> None:
    shop = new_shop(SCHEMA)
    shop.import_csv("no,part\nC0005,A\n")
    with shop.session() as session:
        assert record_named(session.store, shop.schema.tables[0], "Ｃ０００５/Ａ").record == 1
