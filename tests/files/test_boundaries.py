"""files.boundaries: the laws of cutting between rows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custrec.files.boundaries import count_lines, scanner

SCANNER = scanner(",")
pieces = st.lists(
    st.sampled_from([b'"', b'""', b",", b"\n", b"\r", b"\r\n", b"a", b'5" ', b'"x"', b'"x\n"']), max_size=40
)
data = pieces.map(b"".join)


def state_after(text: bytes) -> str:
    """The csv module's own state machine, a byte at a time: start of a cell, in it, in quotes, after a quote."""
    state = "start"
    for byte in text:
        char = chr(byte)
        if state in ("start", "cell", "after"):
            if char in ",\n\r":
                state = "start"
            elif char == '"' and state != "cell":
                state = "quoted"
            else:
                state = "cell"
        elif char == '"':
            state = "after"
    return state


@given(data)
def test_a_quote_stays_open_where_the_csv_module_has_it_open(text):
    assert (SCANNER.scan(text) < len(text)) == (state_after(text) == "quoted")


@given(data)
def test_the_last_row_ends_at_the_last_line_end_outside_quotes(text):
    ends = [
        place + 1
        for place, byte in enumerate(text)
        if state_after(text[:place]) != "quoted"
        and (byte == 10 or (byte == 13 and place + 1 < len(text) and text[place + 1] != 10))
    ]
    assert SCANNER.last_row_end(text) == max(ends, default=0)


@given(data)
def test_rows_put_together_are_the_data(text):
    rows = list(SCANNER.rows(text))
    assert b"".join(rows) == text
    if SCANNER.scan(text) == len(text):
        assert all(SCANNER.scan(row) == len(row) for row in rows)
        assert all(row.endswith((b"\n", b"\r")) for row in rows[:-1])
    assert sum(map(count_lines, rows)) == count_lines(text)


@given(data, st.integers(1, 20))
def test_blocks_put_together_are_the_data_and_break_no_row(text, size):
    blocks = list(SCANNER.blocks(text, size))
    assert b"".join(blocks) == text
    if SCANNER.scan(text) == len(text):
        assert [row for block in blocks for row in SCANNER.rows(block)] == list(SCANNER.rows(text))


@given(data)
def test_lines_are_counted_as_python_splits_them(text):
    assert count_lines(text) == len(text.splitlines())


@pytest.mark.parametrize("encoding", ["gb18030", "big5hkscs", "cp932", "cp949", "euc_jp"])
def test_no_character_of_an_east_asian_encoding_holds_a_byte_that_means_something(encoding):
    for point in range(0x80, 0x30000):
        try:
            written = chr(point).encode(encoding)
        except UnicodeEncodeError:
            continue
        assert not set(written) & set(b'",;\t\r\n'), hex(point)


def test_more_quotes_than_one_match_takes():
    text = b'"a",' * 3000 + b'"b\nc"\n' + b'x"y' * 3000
    assert SCANNER.last_row_end(text) == text.rindex(b"\n") + 1
    assert SCANNER.scan(text) == len(text)
    assert [len(row) for row in SCANNER.rows(text)] == [12_006, 9_000]
