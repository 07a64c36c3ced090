"""custrec's reader against its peers: what Python's csv module, DuckDB and the sqlite3 shell agree on, it reads too.

Each text is read by all of them. Where the peers that can read it give the same rows, custrec gives these rows, however
small the chunks it is cut into and whatever the encoding; where all of them refuse it, custrec does not take it without
a word. Where they differ among themselves, nothing is asked. Only here custrec differs on purpose:

    blank rows      counted, not kept (a row without any text in it, commas or none)
    surplus blanks  empty cells beyond the last column, which spreadsheets write, are taken off: no ragged row
    open quotes     refuse their line and set the rows free that they swallowed; the peers refuse the whole text
    \\r alone       ends a row, as it does for csv and DuckDB; the sqlite3 shell is not asked about such texts
"""

from __future__ import annotations

import csv
import io
import re
import shutil
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from custrec.errors import CustrecError
from custrec.files.chunks import ChunkReader
from custrec.files.dialect import Dialect
from custrec.files.rows import ParsedRows, parse

Rows = list[list[str]]
"""Rows without the header and without the blank ones."""

LINE_ENDS = re.compile("\r\n?|\n")
ENOUGH = 1 << 20


@dataclass(frozen=True)
class Text:
    """A CSV text of a header c0, c1 … and `width` columns."""

    text: str
    delimiter: str
    width: int


# What is generated: cells written as some program would write them, and the small accidents that befall files.

plain = st.text(st.sampled_from("ab7 .-'张伟喆墊é\u3000\u00a0"), max_size=5)
any_text = st.text(st.sampled_from('ab7 张é,;|\t"\n'), max_size=7)
numbers = st.sampled_from(["00501", "1.5", "-3", "2024-05-01", "NULL", "+86 138 0013 8000", "=1+1", "''", "NaN"])
line_ends = st.sampled_from(["\n", "\r\n", "\r"])


@st.composite
def written(draw: st.DrawFn) -> Text:
    """A well-formed text: cells quoted where they must be, and here and there where they need not be."""
    delimiter = draw(st.sampled_from(",;\t|"))
    width = draw(st.integers(1, 4))
    newline = draw(line_ends)
    rows = draw(st.lists(st.lists(plain | any_text | numbers, min_size=width, max_size=width), max_size=8))
    always = draw(st.booleans())

    def cell(text: str) -> str:
        text = text.replace("\n", newline)
        if always or any(mark in text for mark in (delimiter, '"', "\n", "\r")) or (draw(st.integers(0, 5)) == 0):
            return '"' + text.replace('"', '""') + '"'
        return text

    lines = [delimiter.join(f"c{n}" for n in range(width))]
    for row in rows:
        lines.append(delimiter.join(map(cell, row)))
        if draw(st.integers(0, 9)) == 0:
            lines.append(draw(st.sampled_from(["", delimiter * (width - 1)])))
    return Text(newline.join(lines) + (newline if draw(st.booleans()) else ""), delimiter, width)


@st.composite
def mishandled(draw: st.DrawFn) -> Text:
    """A text in which one to three places below the header were changed."""
    whole = draw(written())
    header = LINE_ENDS.search(whole.text)
    if header is None:
        return whole
    body = whole.text[header.end() :]
    for _ in range(draw(st.integers(1, 3))):
        place = draw(st.integers(0, len(body)))
        put = draw(st.sampled_from(['"', '""', whole.delimiter, header[0], " ", "x", f'x"{whole.delimiter}', ""]))
        gone = draw(st.integers(0, 2))
        body = body[:place] + put + body[place + gone :]
    return Text(whole.text[: header.end()] + body, whole.delimiter, whole.width)


# The peers: each gives the rows, or None for a text that it refuses.


def as_csv_reads(given_text: Text) -> Rows | None:
    """Python's csv module in its strict mode; a row of another width is refused."""
    stream = io.StringIO(given_text.text, newline="")
    try:
        rows = list(csv.reader(stream, delimiter=given_text.delimiter, strict=True))[1:]
    except csv.Error:
        return None
    return _of_one_width(_with_text(rows), given_text.width)


def as_duckdb_reads(connection: duckdb.DuckDBPyConnection, file: Path, given_text: Text) -> Rows | None:
    """DuckDB in its strict mode, told everything, guessing nothing."""
    columns = ", ".join(f"'c{n}': 'VARCHAR'" for n in range(given_text.width))
    query = (
        f"SELECT * FROM read_csv(?, delim = ?, quote = '\"', escape = '\"', header = true, strict_mode = true, "
        f"all_varchar = true, auto_detect = false, columns = {{{columns}}})"
    )
    try:
        rows = connection.execute(query, [str(file), given_text.delimiter]).fetchall()
    except duckdb.Error:
        return None
    return _with_text([["" if cell is None else cell for cell in row] for row in rows])


def as_sqlite3_reads(file: Path, given_text: Text) -> Rows | None:
    """The `.import` of the sqlite3 shell; what it complains of is refused, but for the width of blank rows."""
    database = file.with_suffix(".db")
    database.unlink(missing_ok=True)
    mode = [".mode csv", f'.separator "{given_text.delimiter}" "\\n"'.replace("\t", "\\t")]
    done = subprocess.run(
        ["sqlite3", str(database), *mode, f".import {file} t"], capture_output=True, text=True, check=False, timeout=30
    )
    said = re.sub(r".*expected \d+ columns but found \d+ - filling the rest with NULL\n", "", done.stderr)
    if said or done.returncode:
        return None
    with closing(sqlite3.connect(database)) as connection:
        rows = connection.execute("SELECT * FROM t ORDER BY rowid").fetchall()
    kept = [row for row in rows if any((cell or "").strip() for cell in row)]
    return None if any(None in row for row in kept) else [list(row) for row in kept]


def _with_text(rows: Rows) -> Rows:
    return [row for row in rows if any(map(str.strip, row))]


def _of_one_width(rows: Rows, width: int) -> Rows | None:
    return rows if all(len(row) == width for row in rows) else None


# custrec.


def as_custrec_reads(data: bytes, dialect: Dialect, target: int) -> tuple[ParsedRows, list[str]]:
    """All rows of a file cut into chunks of about `target` bytes, and its header. Raises CustrecError."""
    reader = ChunkReader(io.BytesIO(data), dialect, target)
    whole = ParsedRows()
    for chunk in reader:
        found = parse(chunk, dialect, len(reader.header.cells))
        whole.lines += found.lines
        whole.rows += found.rows
        whole.bad += found.bad
        whole.blank += found.blank
    return whole, list(reader.header.cells)


def dialect_of(given_text: Text, encoding: str) -> Dialect:
    """How a text is written, as files.dialect tells it: UTF-8 it becomes where marks may be parts of characters."""
    if encoding.startswith("utf-16") or (encoding == "gb18030" and given_text.delimiter == "|"):
        return Dialect("utf-8", given_text.delimiter, transcoded=encoding)
    return Dialect(encoding, given_text.delimiter)


Peers = Callable[[Text], list[Rows | None]]


@pytest.fixture(scope="module")
def peers(tmp_path_factory: pytest.TempPathFactory) -> Peers:
    """Has a text read by every peer that can be asked about it."""
    file = tmp_path_factory.mktemp("peers") / "text.csv"
    connection = duckdb.connect()
    connection.execute("SET threads = 1")
    has_shell = shutil.which("sqlite3") is not None

    def ask(given_text: Text) -> list[Rows | None]:
        file.write_bytes(given_text.text.encode())
        answers = [as_csv_reads(given_text), as_duckdb_reads(connection, file, given_text)]
        if has_shell and not re.search("\r(?!\n)", given_text.text):
            answers.append(as_sqlite3_reads(file, given_text))
        return answers

    return ask


def held_together(given_text: Text, answers: list[Rows | None], encoding: str, target: int) -> str:
    """Hold custrec to what the peers agree on; says what that was."""
    dialect = dialect_of(given_text, encoding)
    agreed = answers[0]
    if any(answer != agreed for answer in answers):
        return "the peers differ"
    try:
        found, header = as_custrec_reads(given_text.text.encode(encoding), dialect, target)
    except CustrecError:
        assert agreed is None
        return "all refuse the whole text"
    assert header == [f"c{n}" for n in range(given_text.width)]
    if agreed is None:
        assert found.bad or _only_blanks_too_many(given_text)
        return "all refuse a row"
    assert not found.bad
    assert found.rows == agreed
    return "all read the same"


def _only_blanks_too_many(given_text: Text) -> bool:
    """Whether nothing is wrong with a text but empty cells beyond the last column."""
    stream, width = io.StringIO(given_text.text, newline=""), given_text.width
    try:
        rows = _with_text(list(csv.reader(stream, delimiter=given_text.delimiter, strict=True)))
    except csv.Error:
        return False
    return all(len(row) >= width and not any(map(str.strip, row[width:])) for row in rows)


# Big chunks are how files are read; small ones let every border fall everywhere. GB18030 has digits and pipes inside
# characters, UTF-16 everything.
targets = st.integers(1, 40) | st.just(ENOUGH)
encodings = st.sampled_from(["utf-8", "gb18030", "utf-16-le"])
few = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@few
@given(given_text=written(), encoding=encodings, target=targets)
def test_what_programs_write_is_read_as_its_peers_read_it(peers: Peers, given_text: Text, encoding: str, target: int):
    answers = peers(given_text)
    assert answers[0] is not None  # Python's csv module refuses nothing that is well formed
    event(held_together(given_text, answers, encoding, target))


@few
@given(given_text=mishandled(), encoding=encodings, target=targets)
def test_mishandled_texts_are_read_or_refused_as_by_its_peers(
    peers: Peers, given_text: Text, encoding: str, target: int
):
    event(held_together(given_text, peers(given_text), encoding, target))


@settings(max_examples=300, deadline=None)
@given(mishandled(), st.integers(1, 40), encodings)
def test_where_chunks_end_makes_no_difference(given_text: Text, target: int, encoding: str):
    data, dialect = given_text.text.encode(encoding), dialect_of(given_text, encoding)

    def outcome(size: int) -> object:
        try:
            found, _ = as_custrec_reads(data, dialect, size)
        except CustrecError as error:
            return type(error), dict(error.params)
        return found

    assert outcome(target) == outcome(ENOUGH)


@pytest.mark.parametrize(
    ("body", "rows"),
    [
        ('1,2\n"x""y","q\nz"\n', [["1", "2"], ['x"y', "q\nz"]]),
        ('5" pipe,x"y"z\n', [['5" pipe', 'x"y"z']]),
        (" 1 ,\t2\n", [[" 1 ", "\t2"]]),
        ('"",x\n,"y"\n', [["", "x"], ["", "y"]]),
        ("\n1,2\n\n\n3,4\n,\n", [["1", "2"], ["3", "4"]]),
        ('"\n","""\n"\n', [["\n", '"\n']]),
        ("'1,2'\n", [["'1", "2'"]]),
        ("张伟,\u3000西\u00a0湖\n", [["张伟", "\u3000西\u00a0湖"]]),
    ],
)
def test_all_of_them_read_these(peers: Peers, body: str, rows: Rows):
    """The peers do agree on these, so that the comparison above is one."""
    text = Text("c0,c1\n" + body, ",", 2)
    assert peers(text) == [rows] * len(peers(text))
    assert held_together(text, [rows], "utf-8", 3) == "all read the same"


@pytest.mark.parametrize("body", ['"open,2\n3,4\n', "1\n", "1,2,3\n", '"1"x,2\n', '1,2\n"'])
def test_none_of_them_takes_these_without_a_word(peers: Peers, body: str):
    text = Text("c0,c1\n" + body, ",", 2)
    assert peers(text)[0] is None
    assert held_together(text, [None], "utf-8", 3).startswith("all refuse")


def test_the_differences_on_purpose_are_these():
    """Where custrec goes its own way, it does so in exactly these ways."""
    blank, _ = as_custrec_reads(b"a,b\n\n,\n \t, \n1,2\n", Dialect(), ENOUGH)
    assert (blank.rows, blank.blank, blank.bad) == ([["1", "2"]], 3, [])
    surplus, _ = as_custrec_reads(b"a,b\n1,2,,\n3,4, ,\n", Dialect(), ENOUGH)
    assert (surplus.rows, surplus.bad) == ([["1", "2"], ["3", "4"]], [])
    freed, _ = as_custrec_reads(b'a,b\n"1,2\n3,4\n"5",6\n', Dialect(), ENOUGH)
    assert (freed.rows, [(bad.line, bad.fault.rule) for bad in freed.bad]) == (
        [["3", "4"], ["5", "6"]],
        [(2, "open-quote")],
    )
