"""files.encoding: encodings told from bytes. The lists are those of encoded_lists."""

from __future__ import annotations

import subprocess
import sys
import time
from collections import Counter
from contextlib import suppress

import pytest

from custrec.errors import UsageError
from custrec.files.dialect import SAMPLE_SIZE, detect
from custrec.files.encoding import evidence_of, likely_encoding, named_encoding, wide_encoding
from encoded_lists import COUNTRIES, Labelled, labelled_lists

CHINESE = ("china", "taiwan")
EASTERN = ("china", "taiwan", "japan", "korea")
LETTERS = tuple(country for country in COUNTRIES if country not in EASTERN)


def told(lists: list[Labelled]) -> Counter[str]:
    """How often an encoding was right (all text is the same), not told (UTF-8 with faults), or wrong."""
    counts: Counter[str] = Counter()
    for one in lists:
        encoding = detect(one.data, True).encoding
        if one.data.decode(encoding, "replace") == one.data.decode(one.encoding):
            counts["right"] += 1
        elif encoding == "utf-8":
            counts["not told"] += 1
        else:
            counts[f"wrong: {one.encoding} as {encoding}"] += 1
    assert counts["right"]
    return counts


@pytest.mark.parametrize("rows", [10, 100])
def test_chinese_lists_of_ten_rows_are_always_told(rows: int) -> None:
    counts = told(list(labelled_lists(CHINESE, rows, count=8)))
    assert set(counts) == {"right"}


def test_chinese_lists_of_three_rows_are_never_wrong() -> None:
    counts = told(list(labelled_lists(CHINESE, 3, count=25)))
    assert set(counts) <= {"right", "not told"}
    assert counts["right"] >= 0.97 * counts.total()


def test_lists_in_utf8_are_utf8_whatever_their_language() -> None:
    for rows in (1, 3, 10, 100):
        for one in labelled_lists(tuple(COUNTRIES), rows, count=1):
            found = detect(one.data.decode(one.encoding).encode(), True)
            assert (found.encoding, found.guessed, found.evidence) == ("utf-8", False, ())


@pytest.mark.parametrize(("rows", "share"), [(3, 0.97), (10, 1.0), (100, 1.0)])
def test_japanese_and_korean_lists_are_told(rows: int, share: float) -> None:
    counts = told(list(labelled_lists(("japan", "korea"), rows, count=6)))
    assert set(counts) <= {"right", "not told"}
    assert counts["right"] >= share * counts.total()


# Names alone of three people may hold two umlauts or none: not enough to go by, so the person is asked.
@pytest.mark.parametrize(("rows", "share"), [(3, 0.6), (10, 0.95), (100, 1.0)])
def test_lists_in_alphabets_are_told_where_there_is_enough_to_go_by(rows: int, share: float) -> None:
    counts = told(list(labelled_lists(LETTERS, rows, count=4)))
    assert set(counts) <= {"right", "not told"}
    assert counts["right"] >= share * counts.total()


def test_a_single_name_is_not_enough_for_letters_but_a_few_characters_are_for_chinese() -> None:
    assert likely_encoding("no,name\n1,José\n".encode("cp1252"), True) == "utf-8"
    assert likely_encoding("no,name\n1,Müller\n2,Anna\n".encode("cp1252"), True) == "utf-8"
    assert likely_encoding("姓名\n张伟\n".encode("gbk"), True) == "gb18030"
    assert likely_encoding("no,sex,name\n1,男,Li\n2,女,Wu\n".encode("gbk"), True) == "gb18030"
    assert likely_encoding("no,name\n1,王芳\n2,李娜\n".encode("gbk"), True) == "gb18030"
    assert likely_encoding("姓名\n陳志偉\n".encode("big5"), True) == "big5hkscs"


def test_full_width_forms_and_half_width_kana_do_not_mislead() -> None:
    rows = "ヤマダ　タロウ,ﾔﾏﾀﾞ ﾀﾛｳ,０９０−１２３４\n鈴木　花子,ｽｽﾞｷ ﾊﾅｺ,０３（５５５）\n".replace("−", "－")
    assert likely_encoding(("氏名,カナ,電話\n" + rows).encode("cp932"), True) == "cp932"
    assert likely_encoding("名称,电话\n张三（先生）,０１０－１２３４\n".encode("gbk"), True) == "gb18030"


CHINA = [one for one in labelled_lists(("china",), 20, count=6) if one.encoding == "gb18030"]
TAIWAN = [one for one in labelled_lists(("taiwan",), 20, count=6) if one.encoding == "big5"]
FRANCE = list(labelled_lists(("france",), 20, count=6))


def garbled(data: bytes, pieces: list[tuple[bytes, str]]) -> int:
    """How many of the lines that `data` is joined from are read as something else without becoming faults.

    A line in another encoding that happens to be valid UTF-8 does not count: nothing in it tells. There are few.
    """
    encoding = detect(data, True).encoding
    wrong = 0
    for piece, own in pieces:
        for line in piece.splitlines():
            if encoding != "utf-8" or own == "utf-8":
                with suppress(UnicodeDecodeError):
                    wrong += line.decode(encoding) != line.decode(own)
    return wrong


@pytest.mark.parametrize("lists", [CHINA, TAIWAN, FRANCE], ids=["china", "taiwan", "france"])
@pytest.mark.parametrize("utf8_lines", [1, 2, 10, 19])
def test_files_mixed_of_utf8_and_another_encoding_garble_nothing(lists: list[Labelled], utf8_lines: int) -> None:
    for one in lists:
        lines = one.data.splitlines(keepends=True)
        foreign = [place for place, line in enumerate(lines) if len(line) - len(line.decode("ascii", "ignore")) > 3]
        pieces = [(line, one.encoding) for line in lines]
        for place in foreign[-utf8_lines:]:
            pieces[place] = (lines[place].decode(one.encoding).encode(), "utf-8")
        assert garbled(b"".join(piece for piece, _ in pieces), pieces) == 0


def test_files_mixed_of_gb18030_and_big5_garble_nothing() -> None:
    for one, other in zip(CHINA, TAIWAN, strict=True):
        assert garbled(one.data + other.data, [(one.data, one.encoding), (other.data, other.encoding)]) == 0


@pytest.mark.parametrize(("lists", "encoding"), [(CHINA, "gb18030"), (TAIWAN, "big5hkscs")], ids=["china", "taiwan"])
def test_a_file_with_some_broken_lines_keeps_its_encoding(lists: list[Labelled], encoding: str) -> None:
    for one in lists:
        lines = one.data.splitlines(keepends=True)
        for place in (3, 9, 15):
            lines[place] = lines[place][:7] + b"\xff" + lines[place][8:]
        assert detect(b"".join(lines), True).encoding == encoding


def test_utf8_cut_off_within_characters_in_every_line_stays_utf8() -> None:
    for one in CHINA + TAIWAN:
        lines = one.data.decode(one.encoding).encode().splitlines()
        cut = b"".join(line[:-1] + b"\n" for line in lines)
        assert detect(cut, True).encoding == "utf-8"


def test_a_sample_may_end_anywhere() -> None:
    for one in (*CHINA[:2], *TAIWAN[:2]):
        expected = detect(one.data, True).encoding
        for end in range(len(one.data) // 2, len(one.data)):
            assert detect(one.data[:end], False).encoding == expected


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
@pytest.mark.parametrize(
    "text", ["a,b\n1,2\n", "no,name\r\nC1,张伟\r\n" * 9, "编号,姓名,地址\n一,张伟,北京市海淀区上地\n"]
)
def test_utf16_and_utf32_are_told_with_a_mark_and_by_their_nuls(codec: str, text: str) -> None:
    assert wide_encoding(text.encode(codec)) == codec
    assert wide_encoding(("\ufeff" + text).encode(codec)) == codec
    assert wide_encoding((text * 3000).encode(codec)) == codec


@pytest.mark.parametrize(
    "data",
    [b"", b"a,b\n1,2\n", b"a,\0\n1,\0\n" * 9, b"\0" * 500, bytes(range(256)) * 4, b"a\0\n\0", b"1,\0,3\n" * 40],
)
def test_nuls_alone_are_no_utf16(data: bytes) -> None:
    assert wide_encoding(data) is None


def test_names_of_encodings_mean_the_codec_that_reads_most() -> None:
    assert [named_encoding(name) for name in ("GBK", "big5", "Shift-JIS", "latin-1")] == [
        "gb18030", "big5hkscs", "cp932", "iso8859-1",
    ]  # fmt: skip
    assert [named_encoding(name) for name in ("UTF-16", "utf-16be", "UTF-32")] == [
        "utf-16-le",
        "utf-16-be",
        "utf-32-le",
    ]
    with pytest.raises(UsageError):
        named_encoding("klingon")


def test_evidence_is_three_short_words() -> None:
    data = f"no,name\n1,Anna\n2,{'张' * 30} 王芳\n3,\xff\n4,王芳 李娜 赵敏\n".encode("gb18030")
    assert evidence_of(data, "gb18030")[:2] == ("张" * 20, "王芳")
    assert len(evidence_of(data, "gb18030")) == 3
    assert evidence_of(b"a,b\n", "cp1252") == ()


def test_a_guess_takes_less_than_a_tenth_of_a_second_from_a_cold_start() -> None:
    """Tables made, and the largest sample of all foreign cells judged, in a process that has not done so before."""
    code = """
import random, time
from custrec.files.dialect import SAMPLE_SIZE, detect
words = "张伟王芳李娜武汉白怡食品有限责任公司北京市朝阳区建国路号客户"
rnd = random.Random(1)
cells = ["".join(rnd.choices(words, k=8)) for _ in range(20_000)]
data = ("name,city\\n" + "".join(f"{a},{b}\\n" for a, b in zip(cells, reversed(cells)))).encode("gbk")[:SAMPLE_SIZE]
start = time.process_time()
assert detect(data, False, {"name", "city"}).encoding == "gb18030"
print(time.process_time() - start)
"""
    taken = min(
        float(subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True).stdout)
        for _ in range(3)
    )
    assert taken < 0.1  # about 0.045 on an idle machine


@pytest.mark.parametrize("cell", [b"\xb0", b"\xd5\xc5", b"\xe9", b"a\xe9", b"\xff" * 7, bytes(range(128, 256))])
def test_one_endless_line_is_quick(cell: bytes) -> None:
    start = time.process_time()
    for data in (cell * (SAMPLE_SIZE // len(cell)), (b"x" * 1000 + cell) * 200, b"x" * SAMPLE_SIZE + cell):
        likely_encoding(data[:SAMPLE_SIZE], False)
    assert time.process_time() - start < 2
