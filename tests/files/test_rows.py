"""files.rows: what becomes of each kind of bad row."""

import pytest

from custrec.files.boundaries import count_lines
from custrec.files.chunks import Chunk
from custrec.files.dialect import Dialect
from custrec.files.rows import MAX_CELL, ParsedRows, parse

PLAIN = Dialect()


def rows_of(data: bytes, width: int = 3, dialect: Dialect = PLAIN) -> ParsedRows:
    return parse(Chunk(0, 2, count_lines(data), data), dialect, width)


def faults(found: ParsedRows) -> list[tuple[int, str]]:
    return [(bad.line, bad.fault.rule) for bad in found.bad]


def test_a_short_row_is_ragged_and_keeps_its_cells():
    found = rows_of(b"1,2,3\n4,5\n6,7,8\n")
    assert found.rows == [["1", "2", "3"], ["6", "7", "8"]]
    assert found.lines == [2, 4]
    assert found.bad[0].cells == ["4", "5"]
    assert found.bad[0].fault.message == "the row has 2 cells, the header 3"


def test_a_long_row_is_ragged_and_keeps_its_cells():
    assert rows_of(b"1,2,3,4\n").bad[0].cells == ["1", "2", "3", "4"]


def test_empty_cells_beyond_the_last_column_are_dropped():
    assert rows_of(b"1,2,3,,\n4,5,6, \n").rows == [["1", "2", "3"], ["4", "5", "6"]]


def test_blank_rows_are_counted_not_kept():
    found = rows_of("\n,,\n \t,　,\n,,,,,\n,2,\n".encode())
    assert (found.blank, found.rows, found.lines, found.bad) == (4, [["", "2", ""]], [6], [])


def test_bytes_that_are_no_text_cost_their_row_alone():
    found = rows_of("1,张伟,3\n4,é".encode() + b"\xff\xfe,6\n7,8,9\n")
    assert found.rows == [["1", "张伟", "3"], ["7", "8", "9"]]
    assert found.bad[0].fault.message == "the bytes here are not valid UTF-8"
    assert found.bad[0].cells[1].encode("utf-8", "surrogateescape") == "é".encode() + b"\xff\xfe"


@pytest.mark.parametrize("junk", [b"\x80", b"\xff", b"\xd5\xff", b"\x81\x30\x81", b"\x81", b"\xd5\xc5\xff"])
def test_undecodable_gb18030_cells_keep_their_bytes(junk):
    dialect = Dialect("gb18030")
    found = rows_of(b"1," + junk + b',"x ""y"""\n', 3, dialect)
    assert [cell.encode("gb18030", "surrogateescape") for cell in found.bad[0].cells] == [b"1", junk, b'x "y"']


def test_text_after_a_quoted_cell_costs_its_row_alone():
    found = rows_of(b'1,"two" or 2,3\n"4","5","6"\n')
    assert found.rows == [["4", "5", "6"]]
    assert faults(found) == [(2, "quoting")]
    assert found.bad[0].cells == ["1", '"two" or 2', "3"]


def test_a_row_with_a_nul_byte_is_a_fault():
    found = rows_of(b"1,a\0b,3\n4,5,6\n")
    assert faults(found) == [(2, "nul-byte")]
    assert found.bad[0].cells == ["1", "a\0b", "3"]
    assert found.rows == [["4", "5", "6"]]


def test_a_cell_beyond_all_measure_is_a_fault():
    found = rows_of(b"1," + b"x" * (MAX_CELL + 1) + b",3\n4," + "张".encode() * (MAX_CELL // 2) + b",6\n")
    assert faults(found) == [(2, "cell-too-big")]
    assert len(found.rows[0][1]) == MAX_CELL // 2


def test_a_ragged_row_of_several_lines_asks_for_the_open_quote():
    found = rows_of(b'1,"long\nnote",3,4\n5,6,7\n')
    assert found.bad[0].fault.message == "the row has 4 cells over 2 lines, the header 3: is a quote left open?"
    assert found.bad[0].cells == ["1", "long\nnote", "3", "4"]
    assert (found.rows, found.lines) == ([["5", "6", "7"]], [4])


def test_rows_swallowed_by_an_open_quote_are_freed():
    found = rows_of(b'1,"a,3\n' + b"4,5,6\n" * 50 + b'7,"8",9\n10,11,12\n')
    assert faults(found) == [(2, "open-quote")]
    assert found.bad[0].cells == ["1", '"a', "3"]
    assert found.rows == [["4", "5", "6"]] * 50 + [["7", "8", "9"], ["10", "11", "12"]]
    assert found.lines == list(range(3, 55))


@pytest.mark.parametrize(
    ("data", "width"),
    [
        (b'1,"note\nmore",c,d\n', 3),
        (b'"a"x,"Hello, you\nbye, me\nmore, x"\n', 2),
        (b'1,"Dear \xff,\nHello, you\nbye, me"\n', 2),
        (b'"a\xff\nb\nc"\n', 1),
        (b'"a"x,"b,\nc,\n"\n', 2),
        (b'"a"x,"b,\nc,d\n","e"\n', 2),
    ],
)
def test_text_of_a_proper_cell_is_not_taken_for_rows(data, width):
    found = rows_of(data, width)
    assert not found.rows
    assert [bad.line for bad in found.bad] == [2]


def test_one_bad_row_in_a_large_chunk_costs_nothing_else():
    lines = [b'%d,"x, y",z' % number for number in range(20_000)]
    lines[12_345] = b"12345,\xff,z"
    found = rows_of(b"\r\n".join(lines))
    assert faults(found) == [(12_347, "undecodable")]
    assert len(found.rows) == 19_999
    assert found.lines == [line for line in range(2, 20_002) if line != 12_347]


def test_no_fault_tells_what_stands_in_a_cell():
    for data in (b'1,"secret"x,3\n', b"secret\xff,2,3\n", b"secret\n", b"secret\0,2,3\n", b'1,"secret\nb",3,4\n'):
        assert "secret" not in rows_of(data).bad[0].fault.message
