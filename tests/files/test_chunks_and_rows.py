"""files.chunks and files.rows together: however a file is cut, its rows are those of Python's csv module."""

import csv
import hashlib
import io
import pickle

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from custrec.errors import CustrecError
from custrec.files.chunks import DOS_END, ChunkReader
from custrec.files.dialect import Dialect, detect
from custrec.files.rows import ParsedRows, parse
from custrec.files.transcoding import transcoded

PLAIN = Dialect()

texts = st.text(
    st.sampled_from('ab7 张伟喆é,;\t|"\n\r\x0b\x0c\x1c\x85\u2028') | st.characters(codec="gb18030"), max_size=6
)
cells = texts.filter(lambda text: "\0" not in text)
dialects = st.builds(
    Dialect,
    encoding=st.sampled_from(["utf-8", "gb18030"]),
    delimiter=st.sampled_from([",", ";", "\t"]),
    newline=st.sampled_from(["\n", "\r\n", "\r"]),
)


class Trickle(io.BytesIO):
    """A pipe that gives a few bytes at a time."""

    def __init__(self, data: bytes, most: int) -> None:
        super().__init__(data)
        self.most = most

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(min(self.most, self.most if size is None or size < 0 else size))


def read_all(data: bytes, dialect: Dialect, target: int = 1 << 20, most: int = 1 << 20) -> tuple[list[str], ParsedRows]:
    """A whole file through chunks of `target` bytes; its header and rows."""
    reader = ChunkReader(Trickle(data, most), dialect, target)
    whole = ParsedRows()
    line, rest = reader.header.line + 1, b""
    for number, chunk in enumerate(reader):
        assert chunk.number == number
        assert number or chunk.first_line >= line
        found = parse(pickle.loads(pickle.dumps(chunk)), pickle.loads(pickle.dumps(dialect)), len(reader.header.cells))  # noqa: S301
        whole.lines += found.lines
        whole.rows += found.rows
        whole.bad += found.bad
        whole.blank += found.blank
        rest += chunk.data
    plain = transcoded(data, dialect.transcoded, True) if dialect.transcoded else data
    assert plain.removesuffix(DOS_END).endswith(reader.header.raw + rest)
    assert reader.size == len(data)
    assert reader.sha256 == hashlib.sha256(data).hexdigest()
    return list(reader.header.cells), whole


def as_python_reads(text: str, dialect: Dialect) -> list[tuple[int, list[str]]]:
    """All rows but the blank, each with the physical line where it begins; Ctrl-Z at the end is none of a cell."""
    reader = csv.reader(io.StringIO(text.rstrip("\x1a"), newline=""), delimiter=dialect.delimiter)
    rows, line = [], 1
    for row in reader:
        if any(cell.strip() for cell in row):
            rows.append((line, row))
        line = reader.line_num + 1
    return rows


@settings(max_examples=150, deadline=None)
@given(
    st.integers(1, 4).flatmap(lambda width: st.lists(st.lists(cells, min_size=width, max_size=width), max_size=12)),
    dialects,
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC]),
    st.integers(1, 60),
    st.integers(1, 7),
    st.booleans(),
)
@example([["\x1a"]], Dialect(encoding="utf-8", delimiter=",", newline="\n"), csv.QUOTE_MINIMAL, 1, 1, False)
def test_any_table_written_as_csv_is_read_as_it_was(table, dialect, quoting, target, most, ended):
    width = len(table[0]) if table else 2
    header = [f"h{place}" for place in range(width)]
    out = io.StringIO(newline="")
    # A line end of the writer's own makes it quote both of its characters (Python before 3.13).
    writer = csv.writer(out, delimiter=dialect.delimiter, quoting=quoting, lineterminator="\r\n")
    lines = []
    for row in [header, *table]:
        out.seek(0)
        out.truncate()
        writer.writerow(row)
        lines.append(out.getvalue()[:-2])
    text = dialect.newline.join(lines) + (dialect.newline if ended else "")
    found_header, found = read_all(text.encode(dialect.encoding), dialect, target, most)
    assert found_header == header
    assert not found.bad
    assert list(zip(found.lines, found.rows, strict=True)) == as_python_reads(text, dialect)[1:]
    assert len(found.rows) + found.blank >= len(table) - (0 if ended else 1)


stray = st.text(st.sampled_from('ab"张 '), min_size=1, max_size=5).filter(lambda text: not text.startswith('"'))
proper = st.text(st.sampled_from('ab",\n\r张 '), max_size=5).map(lambda text: '"' + text.replace('"', '""') + '"')


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(stray | proper, stray | proper, stray | proper), max_size=12),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.integers(1, 40),
)
def test_quotes_in_the_middle_of_unquoted_cells_are_text(table, newline, target):
    text = newline.join(["a,b,c", *(",".join(row) for row in table)])
    _, found = read_all(text.encode(), PLAIN, target)
    assert not found.bad
    assert list(zip(found.lines, found.rows, strict=True)) == as_python_reads(text, PLAIN)[1:]


@settings(max_examples=150, deadline=None)
@given(
    st.binary(max_size=200)
    | st.lists(st.sampled_from([b'"', b",", b"\n", b"\r", b"\xff", b"a", b"\0", b'a"b,c\n'])).map(b"".join)
)
def test_any_bytes_are_rows_or_an_error_that_says_why(data):
    try:
        dialect = detect(data, True)
        counts = []
        for target in (1, 7, 1 << 20):
            _, found = read_all(data, dialect, target)
            counts.append((found.lines, found.rows, [bad.line for bad in found.bad], found.blank))
        assert counts[0] == counts[1] == counts[2]
    except CustrecError as error:
        assert error.message
        assert error.hint


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.sampled_from([b'"', b'""', b",", b"\n", b"\xff", b"a", b'a"b,c\n', b"\0"]), max_size=40).map(b"".join),
    dialects,
)
def test_no_byte_of_a_row_is_lost(data, dialect):
    """Quotes and blanks at the end of rows apart, all text of the file is in the rows, good or bad."""
    try:
        _, found = read_all(b"a\n" + data, dialect, 16)
    except CustrecError:
        return
    kept = [cell for row in found.rows for cell in row] + [cell for bad in found.bad for cell in bad.cells]
    written = "".join(kept).encode(dialect.encoding, "surrogateescape")
    for byte in (b"a", b"b", b"c", b"\xff", b"\0"):
        assert written.count(byte) == data.count(byte)


@pytest.mark.parametrize("newline", [b"\n", b"\r\n", b"\r"])
def test_lines_are_counted_through_cells_with_line_ends(newline):
    data = newline.join([b"no,note", b'1,"two', b'lines"', b"", b"2,x", b'3,"', b"", b'"', b"4,y"])
    for target in (1, 10, 1000):
        _, found = read_all(data, PLAIN, target)
        assert found.lines == [2, 5, 6, 9]
        assert found.blank == 1


def test_a_row_longer_than_a_chunk_is_one_row():
    data = b"a,b\n1," + b"x" * 5000 + b'\n2,"' + b"y\n" * 3000 + b'"\n3,z\n'
    _, found = read_all(data, PLAIN, 64)
    assert [len(row[1]) for row in found.rows] == [5000, 6000, 1]
    assert found.lines == [2, 3, 3004]


def test_a_file_of_only_a_header_has_no_rows():
    header, found = read_all(b"a,b", PLAIN)
    assert (header, found.rows, found.bad) == (["a", "b"], [], [])
