"""jobs.proposals.key_finding: which column tells the records of a file apart, or none."""

from __future__ import annotations

import pytest

from custrec.files.schema_writing import schema_text
from proposals import numbered, of


@pytest.mark.parametrize(
    ("columns", "key"),
    [
        ([("Name", numbered("n{}")), ("Customer No", numbered("{}"))], "customer_no"),
        ([("Kunden-Nr.", numbered("K{}")), ("x", ["a"] * 30)], "kunden_nr"),
        ([("whatever", numbered("A-{}")), ("x", ["a"] * 30)], "whatever"),
        ([("id", numbered("{}")), ("x", ["a"] * 30)], "id"),
        ([("序号", numbered("{}")), ("x", ["a"] * 30)], ""),
        ([("x", ["a"] * 30), ("y", numbered("A-{}"))], ""),
        ([("城市", numbered("city {}")), ("x", ["a"] * 30)], ""),
        ([("id", ["1", "1", *numbered("{}", 8)]), ("x", ["a"] * 10)], ""),
        ([("手机号", numbered("138001380{:02d}")), ("x", ["a"] * 30)], ""),
    ],
)
def test_the_key(columns: list[tuple[str, list[str]]], key: str) -> None:
    found = of(*columns)
    assert found.table.primary_key == ((key,) if key else ())
    assert not key or (found.table.by_name[key].kind, found.table.by_name[key].required) == ("text", True)


def test_no_key_is_explained_in_a_comment() -> None:
    text = schema_text(of(("x", ["a", "b"] * 5), ("y", numbered("A-{}", 10))))
    assert "# no primaryKey: unsure, so rows are compared as a whole; unique and never blank here: y" in text


def test_a_known_key_may_repeat_in_a_few_rows_and_says_so() -> None:
    found = of(("客户编号", [*numbered("C{}", 29), "C7"]), ("姓名", ["张伟"] * 30))
    assert found.table.primary_key == ("customer_no",)
    assert "1 repeat another's, in line 31" in found.key_note
