"""files.chunks: the header, the limits, and what is refused."""

import hashlib
import io
import time
import tracemalloc

import pytest

from custrec.errors import FileEmpty, HeaderUnreadable, RowTooLong, UnclosedQuote
from custrec.files.chunks import MAX_QUOTED, ChunkReader
from custrec.files.dialect import Dialect, detect

PLAIN = Dialect()


class Endless(io.RawIOBase):
    """A stream of a head, then the same line over and over, `size` bytes in all."""

    def __init__(self, head: bytes, line: bytes, size: int) -> None:
        self.head, self.block, self.left = head, line * (65536 // len(line)), size

    def read(self, size: int = -1, /) -> bytes:
        pending = self.head or self.block
        given = pending[: min(size, self.left)]
        self.head = pending[len(given) :]
        self.left -= len(given)
        return given


def test_the_header_comes_with_its_bytes_and_line():
    reader = ChunkReader(io.BytesIO(b'\xef\xbb\xbf\r\n"a\r\nb",\xe5\xa7\x93,,\r\n1,2\r\n'), Dialect(bom=3))
    assert reader.header.cells == ("a\r\nb", "姓")
    assert reader.header.raw == b'"a\r\nb",\xe5\xa7\x93,,\r\n'
    assert reader.header.line == 2
    assert [(chunk.first_line, chunk.data) for chunk in reader] == [(4, b"1,2\r\n")]


def test_an_excel_separator_line_is_a_line_but_no_header():
    data = b"sep=;\r\na;b\r\n1;2\r\n"
    dialect = detect(data, True)
    reader = ChunkReader(io.BytesIO(data), dialect)
    assert (dialect.delimiter, reader.header.cells, reader.header.line) == (";", ("a", "b"), 2)
    assert next(iter(reader)).first_line == 3


def test_title_lines_are_lines_but_no_rows():
    data = "客户名单,,\n\n导出：张伟,,\n编号,姓名,城市\n1,张伟,北京\n".encode("gb18030")
    dialect = detect(data, True, {"编号", "姓名"})
    reader = ChunkReader(io.BytesIO(data), dialect)
    assert (reader.header.cells, reader.header.line) == (("编号", "姓名", "城市"), 4)
    assert [(chunk.first_line, chunk.data.decode("gb18030")) for chunk in reader] == [(5, "1,张伟,北京\n")]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32"])
@pytest.mark.parametrize("most", [1, 7, 1 << 20])
def test_the_digest_of_a_transcoded_file_is_that_of_its_own_bytes(encoding, most):
    data = ("编号\t姓名\r\n" + "1\t张伟\r\n" * 500).encode(encoding)

    class Trickle(io.BytesIO):
        def read(self, size=-1, /):
            return super().read(min(size, most))

    reader = ChunkReader(Trickle(data), detect(data, True), 100)
    chunks = list(reader)
    assert reader.header.cells == ("编号", "姓名")
    assert b"".join(chunk.data for chunk in chunks).decode() == "1\t张伟\r\n" * 500
    assert (reader.size, reader.sha256) == (len(data), hashlib.sha256(data).hexdigest())
    # The same chunks whatever the pieces that a pipe gives: rows are found again by the number of their chunk.
    assert chunks == list(ChunkReader(io.BytesIO(data), detect(data, True), 100))


def test_chunks_are_about_as_large_as_asked():
    sizes = [len(chunk.data) for chunk in ChunkReader(io.BytesIO(b'a\n"b"\n' * 10_000), PLAIN, 1000)]
    assert max(sizes) <= 1000
    assert min(sizes[:-1]) > 900


@pytest.mark.parametrize("data", [b"", b"\n\n", b" ,,\n", b"\xef\xbb\xbf"])
def test_a_file_without_a_header_is_empty(data):
    with pytest.raises(FileEmpty):
        ChunkReader(io.BytesIO(data), Dialect(bom=3 if data.startswith(b"\xef") else 0))


@pytest.mark.parametrize(("data", "reason"), [(b"a,\xff\n", "UTF-8"), (b'a,"b"c\n', "quoted"), (b"a,\0\n", "NUL")])
def test_a_damaged_header_is_refused(data, reason):
    with pytest.raises(HeaderUnreadable, match=reason):
        ChunkReader(io.BytesIO(data), PLAIN)


@pytest.mark.parametrize("target", [1, 20, 1 << 20])
@pytest.mark.parametrize(
    ("data", "line"),
    [
        (b'a,b\n1,2\n3,"4\n5,6\n7,8', 3),
        (b'a,b\r\n"1\r\n","2"\r\n"x","4""\r\n5,6\r\n7,8\r\n', 4),
        (b'a,b\n"1\n2\n3","4\n5', 4),
        (b'a,"b\n1,2\n', 1),
        (b'a,b\n5" pipe,""""', 2),
        (b'a,b\n1,"', 2),
    ],
)
def test_a_quote_that_is_never_closed_is_refused_with_its_line(data, line, target):
    if data.endswith(b'""""'):  # one quote, properly written
        list(ChunkReader(io.BytesIO(data), PLAIN, target))
        return
    with pytest.raises(UnclosedQuote) as caught:
        list(ChunkReader(io.BytesIO(data), PLAIN, target))
    assert caught.value.params["line"] == line


def test_a_quote_left_open_in_a_huge_file_is_found_early():
    stream = Endless(b'a,b\n1,2\n3,"4\n', b"5,6\n", 1 << 40)
    with pytest.raises(UnclosedQuote, match="line 3 "):
        list(ChunkReader(stream, PLAIN))
    assert (1 << 40) - stream.left < 4 * MAX_QUOTED


def test_a_row_without_end_is_refused():
    stream = Endless(b"a,b\n1,2\n", b"xyz,", 1 << 40)
    with pytest.raises(RowTooLong, match="line 3 "):
        list(ChunkReader(stream, PLAIN))


def test_a_long_quoted_cell_is_taken():
    data = b'a,b\n1,"' + b"x\n" * (MAX_QUOTED // 2 - 1) + b'"\n2,3\n'
    chunks = list(ChunkReader(io.BytesIO(data), PLAIN))
    assert sum(chunk.lines for chunk in chunks) == MAX_QUOTED // 2 + 1


def test_memory_is_that_of_a_few_chunks():
    stream = Endless(b"a,b\n", b'1,"two, ""2"""\n', 4 + 15 * 1_600_000)
    tracemalloc.start()
    for _ in ChunkReader(stream, PLAIN, 1 << 20):
        pass
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 10 << 20


def test_a_file_of_quoted_cells_is_cut_fast():
    data = b"a,b,c\n" + b'"C0000001","\xe5\xbc\xa0\xe4\xbc\x9f","12, ""x"" Road"\n' * 400_000
    start = time.process_time()
    assert sum(chunk.lines for chunk in ChunkReader(io.BytesIO(data), PLAIN)) == 400_000
    assert len(data) / (time.process_time() - start) > 20e6  # about 150e6 on an idle machine


def test_five_thousand_columns_are_no_trouble():
    header = ",".join(f'"列 {number}, long"' for number in range(5000)).encode()
    data = header + b"\n" + (b"," * 4999 + b"x\n") * 20
    start = time.process_time()
    reader = ChunkReader(io.BytesIO(data), detect(data[: 256 << 10], False))
    assert len(reader.header.cells) == 5000
    assert sum(chunk.lines for chunk in reader) == 20
    assert time.process_time() - start < 2


def test_a_header_cell_of_a_megabyte_is_a_header_cell():
    reader = ChunkReader(io.BytesIO(b"a," + b"\x1b[31m" * 200_000 + b"\n1,2\n"), PLAIN)
    assert len(reader.header.cells[1]) == 1_000_000


@pytest.mark.parametrize("data", [b"a,b\n1,2\n\x1a", b"a,b\r\n1,2\x1a", b"a,b\n\x1a", b"a,b\n1,2\n\x1a\x1a\x1a"])
def test_the_control_character_that_ends_a_dos_file_is_no_row(data: bytes) -> None:
    for target in (1, 1000):
        reader = ChunkReader(io.BytesIO(data), PLAIN, target)
        rows = b"".join(chunk.data for chunk in reader)
        assert b"\x1a" not in rows
        assert (reader.size, reader.sha256) == (len(data), hashlib.sha256(data).hexdigest())
