"""Which encoding the bytes of a file are in. Told where it is certain, guessed where the text speaks for itself.

In this order: a byte order mark; NUL bytes in every other place (UTF-16, UTF-32); UTF-8 as far as it is valid. What is
none of these is read in each encoding that people's programs write, and the reading that looks most like text of one of
its languages wins (files.languages) - if it is clearly better than noise and than every other reading. If not, the
file is taken for UTF-8, so that its undecodable rows become faults: nothing is garbled silently.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import islice

from custrec.errors import UsageError
from custrec.files.languages import language

MULTI_BYTE = {
    **dict.fromkeys(("gb18030", "gbk", "gb2312"), "gb18030"),
    **dict.fromkeys(("big5", "big5hkscs", "cp950"), "big5hkscs"),
    **dict.fromkeys(("shift_jis", "cp932"), "cp932"),
    **dict.fromkeys(("euc_kr", "cp949"), "cp949"),
    "euc_jp": "euc_jp",
}
"""Encodings in which a character may be several bytes, by the name of the codec that a person may have named."""

_MARKS = (  # UTF-32 first: its little-endian mark begins with that of UTF-16
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
WIDE = frozenset(codec for _, codec in _MARKS)
"""Encodings in which ASCII is not one byte each. A file in one of them is turned into UTF-8 while it is read."""

# Each reading that is tried: the encoding, a language written in it, and how much rarer that is than the usual (nats).
_READINGS = (
    ("gb18030", "simplified", 0.0),
    ("big5hkscs", "traditional", 0.5),
    ("gb18030", "traditional", 4.0),
    ("cp932", "japanese", 1.0),
    ("cp949", "korean", 1.0),
    ("euc_jp", "japanese", 4.0),
    *(
        ("cp1252", name, 0.0)
        for name in (
            *("german", "french", "spanish", "portuguese", "italian"),
            *("danish", "swedish", "icelandic", "dutch", "estonian"),
        )
    ),
    *(("cp1250", name, 1.5) for name in ("polish", "czech", "hungarian", "croatian", "romanian")),
    *(("iso8859-2", name, 3.5) for name in ("polish", "czech", "hungarian", "croatian")),
    ("cp1251", "russian", 0.5),
    ("koi8-r", "russian", 4.0),
    ("cp866", "russian", 4.0),
    ("cp1253", "greek", 1.5),
    ("cp1254", "turkish", 1.5),
    *(("cp1257", name, 2.5) for name in ("lithuanian", "latvian", "estonian")),
    ("cp1258", "vietnamese", 2.5),
    ("cp1255", "hebrew", 2.5),
    ("cp1256", "arabic", 2.5),
    ("cp874", "thai", 2.5),
    *(("mac-roman", name, 4.0) for name in ("german", "french", "spanish", "swedish")),
    *(("cp850", name, 4.0) for name in ("german", "french", "spanish", "swedish")),
)

_MOST_CELLS = 120
_LONGEST_CELL = 60
_MOST_BYTES = 1600
"""How many different cells, bytes of each, and bytes of all are looked at: more do not change the answer."""
_BLOCK = 8 << 10
_FIRST_BYTES = 320
_HOPELESS = 30.0
"""After the first bytes, a reading that is so many nats behind the best is given up."""

_CLEARER_THAN_NOISE = 5.5
_LETTERS_CLEARER_THAN_NOISE = 7.0
_CLEARER_THAN_OTHERS = 5.0
_CLEARLY_UTF8 = 12.0
_CLEARLY_ANOTHER = 6.0
_MOST_AGAINST = -3.0
"""Nats: e^5 is 150 to 1."""

_NOISE = 4.85
_BAD_BYTE_OF_UTF8 = 10.0
_BETWEEN_CELLS = re.compile(rb'[,;\t\r\n"]+')
_STRUCTURE = tuple(",;|\t\r\n")
_STRUCTURE_BYTES = tuple(mark.encode("ascii") for mark in _STRUCTURE)
_ESCAPED = re.compile("[\udc80-\udcff]")
_FOREIGN = re.compile(rb"[\x80-\xff]")
_WORD = re.compile(r"[^\s|]*[^\x00-\x7f\s|][^\s|]*")


def marked_encoding(sample: bytes) -> str | None:
    """UTF-16 or UTF-32, if the file begins with its byte order mark."""
    return next((codec for mark, codec in _MARKS if sample.startswith(mark)), None)


def wide_encoding(sample: bytes) -> str | None:
    """UTF-16 or UTF-32, by its byte order mark or, without one, where NUL bytes show it beyond doubt."""
    return marked_encoding(sample) or _unmarked_wide(sample[: 16 << 10])


def _unmarked_wide(sample: bytes) -> str | None:
    """UTF-16 or UTF-32 without a mark: ASCII in it has NULs in every other place, or in three of four."""
    nuls = sample.count(0)
    if nuls * 32 < len(sample) or nuls < 4:
        return None
    for codec, width, low in (("utf-32-le", 4, 0), ("utf-32-be", 4, 3), ("utf-16-le", 2, 0), ("utf-16-be", 2, 1)):
        misplaced = sample[low::width].count(0)  # 一 U+4E00 has its NUL there
        if misplaced * 4 < nuls and _is_plain_text(sample[: len(sample) // width * width], codec):
            return codec
    return None


def _is_plain_text(sample: bytes, codec: str) -> bool:
    """Whether the bytes of delimiters and line ends are whole characters, and nearly all others can be printed."""
    text = codecs.getincrementaldecoder(codec)("replace").decode(sample)
    whole = sum(map(text.count, _STRUCTURE))
    bytes_of_them = sum(map(sample.count, _STRUCTURE_BYTES))
    strange = sum(1 for character in text if not character.isprintable() and character not in "\t\r\n\u3000\xa0")
    return (
        whole * 3 > bytes_of_them * 2 and "\0" not in text and (strange + text.count("\ufffd") - 1) * 100 <= len(text)
    )


@lru_cache(maxsize=16)
def named_encoding(name: str) -> str:
    """The codec for an encoding a person named. Only those in which commas and quotes are single bytes, or WIDE ones.

    "utf-16" and "utf-32" without a byte order are little-endian, as Windows writes them.
    Raises UsageError for any other.
    """
    try:
        codec = codecs.lookup(name).name
        if codec in ("utf-8", "utf-8-sig", "ascii"):
            return "utf-8"
        if codec in ("utf-16", "utf-32"):
            return f"{codec}-le"
        if codec in WIDE:
            return codec
        if codec in MULTI_BYTE:
            return MULTI_BYTE[codec]
        if len(bytes(range(256)).decode(codec, "replace")) == 256 and _is_ascii_alone(codec):
            return codec
    except (LookupError, UnicodeError, TypeError, ValueError):
        pass
    raise UsageError(what=f"the encoding {name!a} cannot be read: use utf-8, gb18030, big5, cp1252 or another such")


def _is_ascii_alone(codec: str) -> bool:
    """Whether each ASCII byte is its own character: not so in UTF-7, HZ and ISO-2022, which shift, nor in EBCDIC."""
    return all(bytes([byte]).decode(codec, "replace") == chr(byte) for byte in range(0x80))


def is_utf8(body: bytes, complete: bool) -> bool:
    """Whether all of `body` is valid UTF-8; its last character may be cut off unless it is `complete`."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(body, final=complete)
    except UnicodeDecodeError:
        return False
    return True


def likely_encoding(body: bytes, complete: bool) -> str:
    """The encoding of bytes that are not valid UTF-8; "utf-8" where no other is clearly it."""
    cells = _foreign_cells(body, complete)
    readings = [_Reading(*reading) for reading in _READINGS]
    readings.append(_Reading("utf-8", "", 0.0))
    first = len(list(_up_to(cells, _FIRST_BYTES)))
    for reading in readings:
        reading.read(cells[:first])
    readings = _still_likely(readings, first)
    for reading in readings:
        reading.read(cells[first:])
    best = min(readings, key=lambda reading: reading.total)
    # A damaged cell is not held against all others.
    clearer = sum(max(_noise(cell) - cost, _MOST_AGAINST) for cell, cost in zip(cells, best.costs, strict=True))
    wanted = _CLEARER_THAN_NOISE if best.encoding in MULTI_BYTE else _LETTERS_CLEARER_THAN_NOISE
    if best.encoding == "utf-8" or clearer < wanted:
        return "utf-8"
    rivals = {r.encoding for r in readings if r.total < best.total + _CLEARER_THAN_OTHERS} - {best.encoding}
    if any(_differ(cells, best.encoding, rival) for rival in rivals) or _is_mixed(cells, best.encoding, readings):
        return "utf-8"
    return best.encoding


class _Reading:
    """The cells read in one encoding as text of one language: what each costs, and all together."""

    def __init__(self, encoding: str, name: str, rarer: float) -> None:
        self.encoding = encoding
        self.total = rarer
        self.costs: list[float] = []
        self._language = language(name) if name else None

    def read(self, cells: Sequence[bytes]) -> None:
        if self._language:
            costs = [self._language.surprise(_decoded(cell, self.encoding)) for cell in cells]
        else:
            costs = [_surprise_of_utf8(cell) for cell in cells]
        self.costs += costs
        self.total += sum(costs)


def _still_likely(readings: Sequence[_Reading], count: int) -> list[_Reading]:
    """The readings that are not far behind after the first `count` cells, or clearly the best for one of them."""
    best = min(readings, key=lambda reading: reading.total)
    lowest = [min(reading.costs[place] for reading in readings) for place in range(count)]
    return [
        reading
        for reading in readings
        if reading.total < best.total + _HOPELESS
        or reading.encoding == "utf-8"
        or any(
            cost == low and cost + _CLEARLY_ANOTHER < usual
            for cost, low, usual in zip(reading.costs, lowest, best.costs, strict=True)
        )
    ]


@lru_cache(maxsize=256)
def _decoded(cell: bytes, encoding: str) -> str:
    """The cell as text; of one that was cut to its first bytes, without half a character at the end."""
    decoder = codecs.getincrementaldecoder(encoding)("surrogateescape")
    return decoder.decode(cell, final=len(cell) < _LONGEST_CELL)


def _noise(cell: bytes) -> float:
    """What the cell costs if its bytes beyond ASCII are anything."""
    high = len(cell) - len(cell.decode("ascii", "ignore"))
    return _NOISE * high + language("simplified").surprise(cell.decode("ascii", "ignore"))


def _surprise_of_utf8(cell: bytes) -> float:
    """What the cell costs as UTF-8, damaged or not: letters, Han, kana and Hangul of any language."""
    text = _decoded(cell, "utf-8")
    foreign = [ord(character) for character in text if character > "\x7f"]
    ascii_cost = language("simplified").surprise("".join(c for c in text if c <= "\x7f"))
    return ascii_cost + sum(map(_surprise_of_code, foreign))


def _surprise_of_code(code: int) -> float:
    if 0xDC80 <= code < 0xDD00:
        return _BAD_BYTE_OF_UTF8
    if 0xC0 <= code < 0x180 or 0x388 <= code < 0x460 or 0x5D0 <= code < 0x650 or 0xE01 <= code < 0xE60:
        return 6.0
    if 0x2010 <= code < 0x2040 or 0x3000 <= code < 0x3100 or 0x4E00 <= code < 0xA000 or 0xAC00 <= code < 0xD7A4:
        return 7.5
    if 0xFF00 <= code < 0xFFF0 or 0xA0 <= code < 0xC0:
        return 8.5
    if 0xE000 <= code < 0xF900 or code >= 0x32400 or 0x10000 <= code < 0x1F000:
        return 25.0  # for private use, not assigned, or of ancient scripts
    return 12.0


def _foreign_cells(body: bytes, complete: bool) -> list[bytes]:
    """Different cells with bytes beyond ASCII: the first ones, and others from all over the sample, mixed."""
    found = _foreign_pieces([body[start : start + _BLOCK] for start in range(0, len(body), 8 * _BLOCK)], False)
    if len(found) < _MOST_CELLS:  # few and far between
        found = _foreign_pieces([body], complete)
    first = _MOST_CELLS // 3
    chosen = (found[:first] + found[first :: max(1, len(found) // (_MOST_CELLS - first))])[:_MOST_CELLS]
    return list(_up_to([cell for start in range(5) for cell in chosen[start::5]], _MOST_BYTES))


def _foreign_pieces(blocks: Sequence[bytes], complete: bool) -> list[bytes]:
    """All cells with bytes beyond ASCII, each once. What is cut off at either end of a block proves nothing."""
    found: dict[bytes, None] = {}
    for number, block in enumerate(blocks):
        pieces = _BETWEEN_CELLS.split(block)
        whole = pieces[1 if number else 0 : None if complete or len(pieces) == 1 else -1]
        found.update(dict.fromkeys(piece.strip()[:_LONGEST_CELL] for piece in whole if not piece.isascii()))
    return [piece for piece in found if not piece.isascii()]


def _up_to(cells: Sequence[bytes], size: int) -> Iterator[bytes]:
    for cell in cells:
        yield cell
        size -= len(cell)
        if size <= 0:
            return


def _differ(cells: Sequence[bytes], one: str, other: str) -> bool:
    return any(_decoded(cell, one) != _decoded(cell, other) for cell in cells)


def _is_mixed(cells: Sequence[bytes], encoding: str, readings: Sequence[_Reading]) -> bool:
    """Whether some cells are clearly in another encoding than the rest, and would be garbled in it.

    One cell of UTF-8 is enough: other text hardly ever is valid UTF-8 that makes sense.
    """
    own = [reading.costs for reading in readings if reading.encoding == encoding]
    others = [reading for reading in readings if reading.encoding != encoding]
    elsewhere = 0
    for place, cell in enumerate(cells):
        cost = min(costs[place] for costs in own)
        clearer = {other.encoding: cost - other.costs[place] for other in others}
        if clearer.get("utf-8", 0.0) > _CLEARLY_UTF8 and is_utf8(cell, len(cell) < _LONGEST_CELL):
            return True
        if max(clearer.values()) > _CLEARLY_ANOTHER and not _ESCAPED.search(_decoded(cell, encoding)):
            elsewhere += 1
    return elsewhere >= 3 and elsewhere * 10 >= len(cells)


def evidence_of(body: bytes, encoding: str) -> tuple[str, ...]:
    """Up to three different words beyond ASCII as `encoding` reads them, of 20 characters at most, for a person."""
    words: dict[str, None] = {}
    first = _FOREIGN.search(body)
    for piece in _BETWEEN_CELLS.split(body[max(0, first.start() - _BLOCK) :][: 2 * _BLOCK] if first else b""):
        if piece.isascii():
            continue
        try:
            text = piece.decode(encoding)
        except UnicodeDecodeError:
            continue
        words.update(dict.fromkeys(word[:20] for word in _WORD.findall(text) if word[:20].isprintable()))
        if len(words) >= 3:
            break
    return tuple(islice(words, 3))
