"""files.rejects: a rejects file is the original's rows, ready to be imported again."""

import csv
import io
import os
import stat

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from custrec.errors import IoFailure
from custrec.files.chunks import ChunkReader
from custrec.files.dialect import Dialect
from custrec.files.headers import OWN_COLUMNS
from custrec.files.rejects import RejectsWriter
from custrec.files.rows import parse
from custrec.model.problem import Fault, Problem

RAGGED = Problem(7, None, Fault("ragged", {"found": 1, "expected": 3}))
REQUIRED = Problem(7, "email", Fault("required"))


def read_back(data: bytes, dialect: Dialect) -> tuple[list[str], list[list[str]]]:
    """The header and all rows, good and bad, in their order."""
    reader = ChunkReader(io.BytesIO(data), dialect)
    rows = []
    for chunk in reader:
        found = parse(chunk, dialect, len(reader.header.cells))
        good = zip(found.lines, found.rows, strict=True)
        rows += [row for _, row in sorted([*good, *((bad.line, bad.cells) for bad in found.bad)])]
    return list(reader.header.cells), rows


def without_blank_surplus(row: list[str], width: int) -> list[bytes]:
    """The bytes of the cells, but for blank ones beyond the last column."""
    while len(row) > width and not row[-1].strip():
        row = row[:-1]
    return [cell.encode("utf-8", "surrogateescape") for cell in row]


bad_bytes = st.binary(max_size=6).map(lambda data: data.decode("utf-8", "surrogateescape"))
cells = st.text(st.sampled_from('ab 张,;\t"\n\r') | st.characters(codec="utf-8"), max_size=5) | bad_bytes


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.lists(cells, max_size=5), min_size=1, max_size=6),
    st.sampled_from([",", ";", "\t"]),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.booleans(),
)
def test_rejects_read_again_have_the_same_bytes_in_their_cells(tmp_path_factory, rows, delimiter, newline, marked):
    path = tmp_path_factory.mktemp("r") / "rejects.csv"
    dialect = Dialect("utf-8", delimiter, 3 if marked else 0, newline)
    header = ["a", "b\r\nc", "d"]
    with RejectsWriter(path, header, dialect) as rejects:
        for row in rows:
            rejects.write(7, row, [RAGGED])
    found_header, found = read_back(path.read_bytes(), dialect)
    assert found_header == [*OWN_COLUMNS, *header]
    assert rejects.count == len(rows) == len(found)
    for row, again in zip(rows, found, strict=True):
        assert without_blank_surplus(again[4:], 3) == without_blank_surplus(row, 3)


@pytest.mark.parametrize("data", [b"1,\xff\xd5\xc5,3\n", b'1,"a"b,3\n', b"1,2\n", b"1,2,3,4\n", b"1,\0,3\n"])
@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_a_row_that_is_not_mended_keeps_its_cells(tmp_path, data, encoding):
    dialect = Dialect(encoding)
    path = tmp_path / "r.csv"
    reader = ChunkReader(io.BytesIO(b"a,b,c\n" + data), dialect)
    (bad,) = parse(next(iter(reader)), dialect, 3).bad
    with RejectsWriter(path, reader.header.cells, dialect) as rejects:
        rejects.write(bad.line, bad.cells, [Problem(bad.line, None, bad.fault)])
    again = ChunkReader(path.open("rb"), dialect)
    found = parse(next(iter(again)), dialect, 7)
    if bad.fault.rule == "quoting":  # the quotes have become a part of the text
        assert found.rows[0][4:] == bad.cells
    else:
        assert found.bad[0].fault.rule == bad.fault.rule
        assert found.bad[0].cells[4:] == bad.cells


def test_the_reasons_stand_before_the_row(tmp_path):
    path = tmp_path / "r.csv"
    with RejectsWriter(path, ["name", "email"], Dialect()) as rejects:
        rejects.write(7, ["张伟", ""], [REQUIRED, Problem(7, "name", Fault("too-long", {"limit": 1})), REQUIRED])
    (row,) = csv.DictReader(path.open(encoding="utf-8"))
    assert row == {
        "_line": "7",
        "_field": "email;name",
        "_rule": "required;too-long",
        "_message": "a value is required here; the value is longer than 1 characters",
        "name": "张伟",
        "email": "",
    }


def test_rejects_of_rejects_have_the_columns_once(tmp_path):
    first, second = tmp_path / "1.csv", tmp_path / "2.csv"
    with RejectsWriter(first, ["a", "b"], Dialect()) as rejects:
        rejects.write(3, ["1"], [RAGGED])
        rejects.write(4, ["1", "2", "3"], [RAGGED])
    header, rows = read_back(first.read_bytes(), Dialect())
    with RejectsWriter(second, header, Dialect()) as rejects:
        for line, row in zip((2, 3), rows, strict=True):
            rejects.write(line, row, [RAGGED])
    header, rows = read_back(second.read_bytes(), Dialect())
    assert header == [*OWN_COLUMNS, "a", "b"]
    assert [(row[0], row[4:]) for row in rows] == [("2", ["1"]), ("3", ["1", "2", "3"])]


def test_own_words_that_an_old_encoding_lacks_are_escaped(tmp_path):
    path = tmp_path / "r.csv"
    with RejectsWriter(path, ["é"], Dialect("cp1252")) as rejects:
        rejects.write(2, ["ü"], [Problem(2, "姓名", Fault("required"))])
    assert b"\\u59d3\\u540d" in path.read_bytes()
    assert path.read_bytes().endswith(b",\xfc\n")


def test_without_rejects_there_is_no_file(tmp_path):
    with RejectsWriter(tmp_path / "r.csv", ["a"], Dialect()):
        pass
    assert list(tmp_path.iterdir()) == []


def test_after_an_exception_there_is_no_file(tmp_path):
    with pytest.raises(ZeroDivisionError), RejectsWriter(tmp_path / "r.csv", ["a"], Dialect()) as rejects:
        rejects.write(2, ["x"], [RAGGED])
        1 / 0  # noqa: B018
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name != "posix", reason="modes and links of POSIX")
def test_rejects_are_private_and_follow_no_link(tmp_path):
    path, victim = tmp_path / "r.csv", tmp_path / "victim"
    victim.write_text("mine")
    with RejectsWriter(path, ["a"], Dialect()) as rejects:
        rejects.write(2, ["x"], [RAGGED])
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.unlink()
    path.symlink_to(victim)
    with pytest.raises(IoFailure, match="symbolic link"), RejectsWriter(path, ["a"], Dialect()) as rejects:
        rejects.write(2, ["x"], [RAGGED])
    assert victim.read_text() == "mine"
    assert sorted(tmp_path.iterdir()) == [path, victim]


def test_a_place_that_cannot_be_written_is_said(tmp_path):
    with (
        pytest.raises(IoFailure, match="no such file"),
        RejectsWriter(tmp_path / "no" / "r", ["a"], Dialect()) as rejects,
    ):
        rejects.write(2, ["x"], [RAGGED])


@settings(max_examples=12, deadline=None)
@given(
    st.lists(st.lists(cells, max_size=3), min_size=1, max_size=6),
    st.sampled_from(["utf-8", "gb18030", "cp1252"]),
    st.sampled_from(["\n", "\r\n", "\r"]),
)
def test_rows_written_at_once_stand_there_as_rows_written_one_by_one(tmp_path_factory, rows, encoding, newline):
    folder = tmp_path_factory.mktemp("r")
    dialect = Dialect(encoding, newline=newline)
    rows = [[cell.encode(encoding, "replace").decode(encoding) for cell in row] for row in rows]
    with RejectsWriter(folder / "all.csv", ["a", "b"], dialect) as rejects:
        for row in rows:
            rejects.write(7, row, [RAGGED])
    apart = []
    for row in rows:
        with RejectsWriter(folder / "one.csv", ["a", "b"], dialect) as rejects:
            rejects.write(7, row, [RAGGED])
        apart.append((folder / "one.csv").read_bytes())
    with RejectsWriter(folder / "none.csv", ["a", "b"], dialect) as rejects:
        rejects.write(7, [], [RAGGED])
    header = (folder / "none.csv").read_bytes().split(newline.encode())[0] + newline.encode()
    assert (folder / "all.csv").read_bytes() == header + b"".join(one.removeprefix(header) for one in apart)
