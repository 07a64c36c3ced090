"""files.transcoding: other encodings as UTF-8, a block at a time, with nothing lost."""

from __future__ import annotations

import codecs
import io
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custrec.files.chunks import ChunkReader
from custrec.files.dialect import detect
from custrec.files.rows import parse
from custrec.files.transcoding import TranscodedStream, Transcoder, transcoded

WIDE = ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")
EASTERN = ("gb18030", "big5hkscs", "cp932", "cp949", "euc_jp")

LETTERS = {  # those that the codec of Python reads as it wrote them
    "gb18030": st.characters(codec="gb18030"),
    "big5hkscs": st.characters(codec="big5") | st.sampled_from("功許蓋育|,\n"),
    "cp932": st.characters(codec="cp932", exclude_characters="¢£¬‖−〜") | st.sampled_from("ポソ表|,\n"),
    "cp949": st.characters(codec="cp949"),
    "euc_jp": st.characters(codec="euc_jp", exclude_characters="¥‾"),
    **{codec: st.characters(codec="utf-8") for codec in WIDE},
}


@pytest.mark.parametrize("encoding", WIDE + EASTERN)
def test_transcoding_is_decoding_and_encoding_whatever_the_blocks(encoding: str) -> None:
    @given(st.text(LETTERS[encoding] | st.characters(codec="ascii"), max_size=40), st.integers(1, 7))
    def law(text: str, size: int) -> None:
        data = text.encode(encoding)
        expected = data.decode(encoding).encode()
        assert transcoded(data, encoding, True) == expected
        transcoder = Transcoder(encoding)
        pieces = [transcoder.feed(data[at : at + size]) for at in range(0, len(data), size)]
        assert b"".join(pieces) + transcoder.feed(b"", final=True) == expected
        stream = TranscodedStream(io.BytesIO(data), encoding)
        assert b"".join(iter(lambda: stream.read(size), b"")) == expected
        assert stream.read(size) == b""

    law()


@pytest.mark.parametrize("encoding", WIDE + EASTERN)
def test_bytes_that_cannot_be_decoded_are_never_valid_utf8_and_none_is_lost(encoding: str) -> None:
    @given(st.binary(max_size=60))
    def law(data: bytes) -> None:
        text = transcoded(data, encoding, True).decode("utf-8", "surrogatepass")
        good = "".join(c for c in text if not 0xDC00 <= ord(c) < 0xDD00)
        assert good == data.decode(encoding, "ignore")
        try:
            expected = data.decode(encoding)
        except UnicodeDecodeError:
            with pytest.raises(UnicodeDecodeError):
                transcoded(data, encoding, True).decode()
        else:
            assert text == expected

    law()


def test_an_undecodable_byte_is_the_same_surrogate_wherever_it_stands() -> None:
    assert transcoded(b"a\xff\nb", "gb18030", True) == b"a\xed\xb3\xbf\nb"
    assert transcoded(b"a\0\0\xd8b\0", "utf-16-le", True).decode("utf-8", "surrogatepass") == "a\udc00\udcd8b"
    assert transcoded(b"a\0b", "utf-16-le", True).decode("utf-8", "surrogatepass") == "a\udc62"
    assert transcoded(b"a\0b", "utf-16-le", False) == b"a"
    # Written as they are, two of them side by side would be a letter in UTF-8.
    assert b"\xc9\xa9".decode() == "ɩ"
    assert transcoded(b"\xc9\xa9", "cp949", True) == b"\xed\xb3\x89\xed\xb2\xa9"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_a_damaged_character_costs_its_row_and_no_other(encoding: str) -> None:
    own = {"utf-16": "utf-16-le", "utf-32": "utf-32-le"}.get(encoding, encoding)
    damage = {"utf-16-le": b"\0\xd8", "utf-16-be": b"\xd8\0", "utf-32-le": b"\0\0\x11\xff"}[own]
    head = "no\tname\r\n1\t张伟\r\n2\t".encode(encoding)
    data = head + damage + "x\r\n3\t王芳\r\n".encode(own)
    dialect = detect(data, True)
    reader = ChunkReader(io.BytesIO(data), dialect)
    (chunk,) = reader
    rows = parse(chunk, dialect, 2)
    assert rows.rows == [["1", "张伟"], ["3", "王芳"]]
    (bad,) = rows.bad
    assert (bad.line, bad.fault.rule, bad.fault.params["encoding"]) == (3, "undecodable", own.upper())


def test_half_a_character_at_the_end_is_a_fault_of_the_last_row() -> None:
    data = "\ufeffno,name\n1,Ann\n2,Bo".encode("utf-16-le") + b"x"
    dialect = detect(data, True)
    (chunk,) = ChunkReader(io.BytesIO(data), dialect)
    rows = parse(chunk, dialect, 2)
    assert (rows.rows, [bad.line for bad in rows.bad]) == ([["1", "Ann"]], [3])


def test_memory_is_that_of_a_block() -> None:
    class Endless:
        left = 64 << 20

        def read(self, size: int, /) -> bytes:
            given, self.left = min(size, self.left), self.left - min(size, self.left)
            return b"\x20\x4f" * (given // 2)

    stream = TranscodedStream(Endless(), "utf-16-le")
    tracemalloc.start()
    size = 0
    while block := stream.read(1 << 20):
        size += len(block)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert size == 96 << 20
    assert peak < 16 << 20


def test_other_errors_than_of_decoding_are_not_swallowed() -> None:
    with pytest.raises(UnicodeEncodeError):
        "é".encode("ascii", "custrec.escape")
    assert codecs.lookup_error("custrec.escape")
