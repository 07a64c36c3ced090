"""Counting the rows of a delimited file agrees with reading them."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custrec.files.row_counts import count_rows

CELLS = st.text(st.sampled_from('ab,"\n\r 张'), max_size=6)


@given(st.lists(st.lists(CELLS.map(lambda text: f"x{text}"), min_size=2, max_size=2), max_size=8), st.booleans())
def test_as_many_rows_are_counted_as_are_read(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]], last_end: bool
) -> None:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([["a", "b"], *rows])
    path = tmp_path_factory.mktemp("rows") / "a.csv"
    path.write_bytes((text.getvalue() if last_end else text.getvalue().removesuffix("\n")).encode())
    assert count_rows(path) == (len(rows), True)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030", "big5", "shift-jis"])
def test_no_character_of_an_encoding_is_taken_for_a_line_end(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes('a,b\r\n張,王\r\n李,"一\r\n二"\r\n'.encode(encoding))
    assert count_rows(path) == (2, True)


def test_an_empty_file_has_no_rows(tmp_path: Path) -> None:
    for content in ("", "a,b", "a,b\n"):
        (tmp_path / "a.csv").write_text(content)
        assert count_rows(tmp_path / "a.csv") == (0, True)


def test_of_a_large_file_the_beginning_is_counted(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("a\n" + "1\n" * 3_000_000)
    assert count_rows(tmp_path / "a.csv", most=3 << 20) == ((3 << 19) - 1, False)
    assert count_rows(tmp_path / "a.csv") == (3_000_000, True)
