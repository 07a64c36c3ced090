"""CSV and TSV as they are written: verbatim, and for spreadsheets."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custrec.files.columns import Cell, OutputColumn
from custrec.files.delimited import write_delimited
from custrec.values.guard import unguarded

COLUMNS = [OutputColumn("no"), OutputColumn("=note"), OutputColumn("phone", plain=True)]


def written(rows: list[list[Cell]], delimiter: str = ",", spreadsheet: bool = False) -> str:
    out = io.StringIO(newline="")
    batches = [list(zip(*rows, strict=True))] if rows else []
    assert write_delimited(out, COLUMNS, batches, delimiter, spreadsheet=spreadsheet) == len(rows)
    return out.getvalue()


def test_verbatim_is_what_the_values_are() -> None:
    assert written([["=1", "a,b", "+86"], [None, 7, "-1"]]) == 'no,=note,phone\n=1,"a,b",+86\n,7,-1\n'


def test_for_a_spreadsheet_texts_are_guarded_but_not_phones() -> None:
    said = written([["=1", "-x", "+86"], [None, -7, "-1"]], spreadsheet=True)
    assert said == "\ufeffno,'=note,phone\r\n'=1,'-x,+86\r\n,-7,-1\r\n"


def test_tabs_line_ends_and_quotes_are_quoted() -> None:
    assert written([["a\tb", "c\nd", 'e"f']], "\t") == 'no\t=note\tphone\n"a\tb"\t"c\nd"\t"e""f"\n'


def test_no_records_are_a_header() -> None:
    assert written([]) == "no,=note,phone\n"


@pytest.mark.parametrize("spreadsheet", [False, True])
@pytest.mark.parametrize("delimiter", [",", "\t"])
@given(
    rows=st.lists(st.lists(st.text(st.sampled_from("'=+a,\"\t\r\n；"), max_size=5), min_size=3, max_size=3), max_size=4)
)
def test_every_text_comes_back(rows: list[list[str]], delimiter: str, spreadsheet: bool) -> None:
    said = written([list(row) for row in rows], delimiter, spreadsheet).removeprefix("\ufeff")
    read = list(csv.reader(io.StringIO(said, newline=""), delimiter=delimiter))[1:]
    assert [[*map(unguarded, row[:2]), row[2] if spreadsheet else unguarded(row[2])] for row in read] == rows
