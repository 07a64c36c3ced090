"""files.json_lines: an object a line. Every line is accounted for, no value changes silently, nothing ever raises."""

from __future__ import annotations

import hashlib
import io
import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from custrec.errors import FileEmpty, HeaderUnreadable, RowTooLong
from custrec.files.chunks import MAX_ROW, Chunk
from custrec.files.json_lines import MOST_KEYS, LineReader, first_keys, looks_like, parse_lines, refuse_too_many
from custrec.files.rows import ParsedRows
from custrec.values.cleaning import clean, clean_column
from custrec.values.protocol import Native

BOM = b"\xef\xbb\xbf"


def as_it_is(text: str, native: Native) -> str:
    return text


def parsed(data: str | bytes, keys: tuple[str, ...] = ("no", "name")) -> ParsedRows:
    """The rows of some lines, all of whose keys are read."""
    raw = data if isinstance(data, bytes) else data.encode()
    lines = raw.count(b"\n") + (not raw.endswith(b"\n"))
    return parse_lines(Chunk(0, 1, lines, raw), keys, dict.fromkeys(range(len(keys)), as_it_is))


def rule(line: str | bytes) -> str:
    (bad,) = parsed(line).bad
    return bad.fault.rule


def test_an_object_a_line_a_key_a_field() -> None:
    found = parsed('{"no": "C1", "name": "张伟"}\n\n{"name": "Bo"}\r\n  \n{"no": 7, "name": null}')
    assert found.rows == [["C1", "张伟"], ["", "Bo"], ["7", ""]]
    assert (found.lines, found.blank, found.bad, found.late) == ([1, 3, 5], 2, [], ())


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("true", "TRUE"), ("false", "FALSE"), ("12", "12"), ("-0.50", "-0.5"),
        ("110101199003078888", "110101199003078888"),
        ("1e3", "1000"), ("1e400", "1e400"), ("1e99999999999999999999", "1e99999999999999999999"), ("null", ""),
        ('["VIP", "华东", 3]', "VIP;华东;3"), ("[]", ""), (r'"\u5f20\ud83d\ude00"', "张😀"), (r'"a\tb\n"', "a\tb\n"),
    ],
)  # fmt: skip
def test_a_value_as_text(written: str, expected: str) -> None:
    assert parsed(f'{{"no": "x", "name": {written}}}').rows == [["x", expected]]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ('{"no": 1,}', "json-invalid"), ('{"no": NaN}', "json-invalid"), ('{"no": -Infinity}', "json-invalid"),
        ("{'no': 1}", "json-invalid"), ('{"no": 1', "json-invalid"), ('{"no": 1} {"no": 2}', "json-invalid"),
        ('{"no": ' + "[" * 100_000 + "]" * 100_000 + "}", "json-invalid"), ("\ufeff{}", "json-invalid"),
        ("[1]", "json-not-object"), ('"text"', "json-not-object"), ("null", "json-not-object"),
        ('{"no": 1, "no": 1}', "json-repeated"), ('{"no": 1, "\\u006eo": 2}', "json-repeated"),
        ('{"no": {"a": 1}}', "cell-no-text"), ('{"no": ["a;b"]}', "cell-no-text"), ('{"no": [true]}', "cell-no-text"),
        ('{"no": [["a"]]}', "cell-no-text"), (r'{"no": "\ud800"}', "half-character"), (r'{"no": "\u0000"}', "nul-byte"),
        (r'{"\ud800": 1}', "json-invalid"), (r'{"no\u0000": 1}', "json-invalid"), (b'{"no": "\xff"}', "undecodable"),
    ],
    ids=lambda value: repr(value)[:40],
)  # fmt: skip
def test_what_is_no_row_is_a_fault(line: str | bytes, expected: str) -> None:
    data = line if isinstance(line, bytes) else line.encode()
    found = parsed(b'{"no": "C0"}\n' + data + b'\n{"no": "C2"}')
    (bad,) = found.bad
    assert (bad.line, bad.fault.rule) == (2, expected)
    assert found.lines == [1, 3]


def test_a_line_with_nested_data_is_kept_whole() -> None:
    line = '{"no": "C1", "name": {"first": "Ann", "n": 1.50}}'
    (bad,) = parsed(f"{line}\r\n").bad
    assert bad.cells == [line]


def test_data_that_no_field_reads_may_be_nested() -> None:
    found = parse_lines(Chunk(0, 1, 1, b'{"no": "C1", "extra": {"a": 1}}'), ("no", "extra"), {0: as_it_is})
    assert (found.rows, found.bad) == ([["C1", ""]], [])


def test_keys_may_come_and_go_and_come_late() -> None:
    found = parsed('{"name": "A", "no": "1"}\n{"no": "2", "city": "Oslo"}\n{"since": 1, "city": 2}\n')
    assert found.rows == [["1", "A"], ["2", ""]]
    assert found.late == ("city", "since")
    assert found.blank == 1, "of the known keys it has none; with the others it is read again"


def test_the_tag_of_our_own_exports_is_no_column() -> None:
    lines = b'{"schema": "custrec.record/1", "no": "C1"}\n{"_schema": "custrec.record/1", "no": "C2", "schema": "x"}\n'
    assert first_keys(lines, True, "a") == ("no", "schema")
    assert first_keys(b'{"schema": "ours", "no": 1}', True, "a") == ("schema", "no")
    both = b'{"_schema": "custrec.record/1", "schema": "custrec.record/1"}'
    assert parsed(both, ("schema",)).rows == [["custrec.record/1"]]


def test_a_file_is_told_from_its_first_line() -> None:
    for sample in (b'{"no": 1}\n', BOM + b'\n\n {"no": 1}', b"{}", b'{"no": 1, "name": "a lon', b'{"no": 1,}\n'):
        assert looks_like(sample), sample
    for sample in (b"", b"no,name\n", b"{\n", b'[{"no": 1}]', b"{no},name\n", b"{", b'\xff{"no": 1}'):
        assert not looks_like(sample), sample


def test_the_header_are_the_keys_of_the_first_lines() -> None:
    sample = BOM + b'{"no": 1, "": 2}\r\nbroken\n{"name": 3, "no": 4}\n{"cut": "of'
    assert first_keys(sample, False, "a") == ("no", "", "name")
    for empty in (b"{}\n{}", b"\n\n", b""):
        with pytest.raises(FileEmpty):
            first_keys(empty, True, "a")
    with pytest.raises(HeaderUnreadable, match=r"line 2 of a.*no JSON object"):
        first_keys(b'\n{"a": 1,}\n{"b": 2,}\n', True, "a")
    with pytest.raises(HeaderUnreadable, match="longer"):
        first_keys(b'{"no": "' + b"x" * 1000, False, "a")


def test_too_many_keys_are_no_table() -> None:
    line = json.dumps({f"C{n}": {} for n in range(MOST_KEYS + 1)}).encode()
    with pytest.raises(HeaderUnreadable, match="16,384"):
        first_keys(line, True, "a")
    refuse_too_many(range(MOST_KEYS), "a")  # type: ignore[arg-type]


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
@pytest.mark.parametrize("bom", [b"", BOM])
@pytest.mark.parametrize("target", [1, 7, 1000])
def test_a_stream_is_cut_into_whole_lines(target: int, bom: bytes, end: bytes) -> None:
    lines = [f'{{"no": "C{n}", "name": "{"张" * n}"}}'.encode() for n in range(9)]
    raw = bom + end.join([*lines[:4], b"", *lines[4:]])
    reader = LineReader(io.BytesIO(raw), ("no", "name"), target)
    rows, places, blank = [], [], 0
    for number, chunk in enumerate(reader):
        found = parse_lines(chunk, ("no", "name"), {})
        assert (chunk.number, found.bad) == (number, [])
        rows += found.rows
        places += found.lines
        blank += found.blank
    assert [row[0] for row in rows] == [f"C{n}" for n in range(9)]
    assert places == [1, 2, 3, 4, 6, 7, 8, 9, 10]
    assert (blank, reader.size, reader.sha256) == (1, len(raw), hashlib.sha256(raw).hexdigest())
    assert reader.header.cells == ("no", "name")


class Endless(io.RawIOBase):
    """A line of zeros without an end."""

    def read(self, size: int = -1, /) -> bytes:
        return b"0" * size


def test_a_line_without_an_end_stops_the_reading() -> None:
    with pytest.raises(RowTooLong, match=f"{MAX_ROW >> 20} MB"):
        list(LineReader(Endless(), ("no",), 16 << 20))  # type: ignore[arg-type]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(st.characters(), max_size=8)
    | st.sampled_from(["'=1", '="1"', "a\u2028b", "\udc80", "\x85", "C1\r"]),
    lambda values: st.lists(values, max_size=3) | st.dictionaries(st.text(max_size=3), values, max_size=3),
    max_leaves=6,
)  # fmt: skip
KEYS = st.sampled_from(["no", "name", "city", "", "schema", "客户", "\ud800", "a\0b"])


@given(st.lists(JSON | st.dictionaries(KEYS, JSON, max_size=5), min_size=1, max_size=6), st.booleans())
def test_any_json_is_read_and_every_line_accounted_for(values: list[Any], ascii_only: bool) -> None:
    raw = b"\n".join(json.dumps(value, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass") for value in values)
    keys = ("no", "name", "city", "", "schema", "客户")
    found = parsed(raw, keys)
    assert len(found.rows) + len(found.bad) + found.blank == len(values)
    assert found.lines == sorted(found.lines)
    for line, row in zip(found.lines, found.rows, strict=True):
        held = values[line - 1]
        for key, text in zip(keys, row, strict=True):
            assert_same(held.get(key), text)
        assert set(held) <= {*keys, *found.late}


def assert_same(value: Any, text: str) -> None:
    """A text that import takes for what the value was; nothing of the value is lost but how a number is written."""
    if isinstance(value, str):
        (kept,) = clean_column([text], frozenset(), guarded=True)
        assert kept == clean(value, frozenset())
    elif isinstance(value, bool):
        assert text == str(value).upper()
    elif isinstance(value, int):
        assert int(text) == value
    elif isinstance(value, float):
        assert float(text) == value
    elif isinstance(value, list):
        assert text.count(";") == max(0, len(value) - 1) or "'" in text
    else:
        assert value is None
        assert text == ""


@given(st.binary(max_size=80), st.integers(1, 40))
@example(b'{"a": "\xed\xa0\x80"}\n', 3)
@example(b'{"a": "' + b"\\" * 40, 5)
def test_any_bytes_are_lines(raw: bytes, target: int) -> None:
    count = 0
    for chunk in LineReader(io.BytesIO(raw), ("a",), target):
        found = parse_lines(chunk, ("a",), {0: as_it_is})
        assert len(found.rows) + len(found.bad) + found.blank <= chunk.lines
        count += chunk.lines
    body = raw.removeprefix(BOM)
    assert count == body.count(b"\n") + (not body.endswith(b"\n") and body != b"") or raw.startswith(BOM)
