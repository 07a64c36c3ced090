"""How a CSV file is written: encoding, delimiter, line ends. Told from its first bytes; nothing is guessed silently.

A file is UTF-8 unless it cannot be: GB18030 (which holds GBK and GB2312) is taken only where fewer rows are faulty
under it *and* the characters are common Chinese ones, because any Latin-1 or damaged UTF-8 text also decodes as some
Chinese. Bytes that fit neither stay faults of their rows (files.rows); other encodings are for the person to name.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Collection
from dataclasses import dataclass
from itertools import islice

from custrec.errors import FileEmpty, NotCsv, UsageError, Utf16File
from custrec.files.boundaries import scanner
from custrec.files.headers import fold_header

SAMPLE_SIZE = 256 << 10
"""How many bytes of a file are enough for `detect`."""

DELIMITERS = (",", ";", "\t")
_NAMED_DELIMITERS = {"tab": "\t", "\\t": "\t", "comma": ",", "semicolon": ";", "pipe": "|"}
_ROWS_COMPARED = 50

_MULTI_BYTE = {
    **dict.fromkeys(("gb18030", "gbk", "gb2312"), "gb18030"),
    **dict.fromkeys(("big5", "big5hkscs", "cp950"), "big5hkscs"),
    **dict.fromkeys(("shift_jis", "cp932"), "cp932"),
    **dict.fromkeys(("euc_kr", "cp949"), "cp949"),
    "euc_jp": "euc_jp",
}

_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Excel or Word file (.xls, .doc)"),
    (b"%PDF-", "a PDF"),
    (b"SQLite format 3\x00", "an SQLite database"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"\xfd7zXZ\x00", "an xz archive"),
    (b"\x28\xb5\x2f\xfd", "a zstd archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"\x89PNG\r\n", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"{\\rtf", "an RTF document"),
)
_MAGIC_IF_BINARY: tuple[tuple[bytes, str], ...] = (  # letters that a header may begin with, too
    (b"BZh", "a bzip2 archive"),
    (b"GIF8", "a GIF image"),
    (b"RIFF", "a media file"),
    (b"PAR1", "a Parquet file"),
)
_SPREADSHEET = "open it in the program that made it and save it as CSV (UTF-8)"
_UNPACK = "unpack it first, then import the CSV file within"
_EXPORT = "export the table from it as CSV (UTF-8)"
_UTF16 = (codecs.BOM_UTF32_LE, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)

_CONTROL = bytes(set(range(0x20)) - set(b"\t\n\v\f\r\x1a\x1b")) + b"\x7f"
_MARKUP = re.compile(rb"\s*<(?:!doctype|html|\?xml|table|!--)", re.IGNORECASE)
_JSON = re.compile(rb'\s*(?:\[\s*)?\{\s*"[^"\n]*"\s*:')
_SEPARATOR_LINE = re.compile(rb'"?sep=([,;\t|])"?(?:\r\n?|\n)', re.IGNORECASE)

# GB2312 orders its characters: symbols and full-width letters, then the 3,755 common ones, then the rarer.
_COMMON_LEADS = bytes([0xA1, 0xA3, *range(0xB0, 0xD8)])


@dataclass(frozen=True, slots=True)
class Dialect:
    """How one file is written. `bom` is the number of bytes to skip; `newline` is the line end of its first row.

    `skip` counts the bytes of an Excel `sep=;` line between the two. The quote is always `"`.
    """

    encoding: str = "utf-8"
    delimiter: str = ","
    bom: int = 0
    newline: str = "\n"
    skip: int = 0

    @property
    def encoding_name(self) -> str:
        """The encoding as people write it."""
        return self.encoding.upper()


def detect(
    sample: bytes,
    complete: bool,
    known: Collection[str] = (),
    *,
    encoding: str | None = None,
    delimiter: str | None = None,
    name: str = "the input",
) -> Dialect:
    """Tell the dialect from the first bytes of a file (`SAMPLE_SIZE` is enough); `complete` if they are all of it.

    `known` are the names and aliases of the schema's fields, folded as headers are (`headers.fold_header`): the
    delimiter under which most headers are known wins. `encoding` and `delimiter` are what the person said; a byte
    order mark is believed above the former. `name` is for messages.

    Raises NotCsv, Utf16File, FileEmpty, and UsageError for an encoding or delimiter that cannot be used.
    """
    refuse_other_formats(sample, name)
    bom = len(codecs.BOM_UTF8) if sample.startswith(codecs.BOM_UTF8) else 0
    body = sample[bom:]
    if complete and not body.strip():
        raise FileEmpty(path=name)
    named = _named_encoding(encoding) if encoding is not None else None
    chosen = "utf-8" if bom else named or _encoding_of(body, complete)
    directive = _SEPARATOR_LINE.match(body)
    skip = directive.end() if directive else 0
    if delimiter is not None:
        mark = _named_delimiter(delimiter)
    elif directive:
        mark = directive[1].decode("ascii")
    else:
        mark = _delimiter_of(body.decode(chosen, "replace"), complete, known)
    if mark == "|" and chosen in _MULTI_BYTE.values():
        raise UsageError(what=f"the delimiter | cannot be told apart in {chosen.upper()}: save the file as UTF-8 first")
    return Dialect(chosen, mark, bom, _newline_of(body[skip:], mark), skip)


def refuse_other_formats(sample: bytes, name: str = "the input") -> None:
    """Raise NotCsv or Utf16File if the bytes are those of something else."""
    if sample.startswith(_UTF16):
        raise Utf16File(path=name)
    if sample.startswith(b"PK\x03\x04"):
        workbook = b"xl/" in sample or b"[Content_Types].xml" in sample or b"opendocument.spreadsheet" in sample
        if workbook:
            raise NotCsv(path=name, what="an Excel or other office file", remedy=_SPREADSHEET)
        raise NotCsv(path=name, what="a ZIP archive", remedy=_UNPACK)
    head = sample[:1024]
    for magic, what in _MAGIC + (_MAGIC_IF_BINARY if len(head.translate(None, _CONTROL)) < len(head) else ()):
        if sample.startswith(magic):
            raise NotCsv(path=name, what=what, remedy=_remedy_for(what))
    if _MARKUP.match(sample):
        raise NotCsv(path=name, what="an HTML or XML page", remedy=_SPREADSHEET)
    if _JSON.match(sample):
        raise NotCsv(path=name, what="JSON", remedy=_EXPORT)
    nuls = sample.count(0)
    if nuls * 4 > len(sample) and max(sample[::2].count(0), sample[1::2].count(0)) * 10 > nuls * 9:
        raise Utf16File(path=name)
    control = len(sample) - len(sample.translate(None, _CONTROL))
    if control * (20 if len(sample) > 1024 else 10) > len(sample):  # of random bytes a tenth are
        raise NotCsv(path=name, what="binary data", remedy=_EXPORT)


def _remedy_for(what: str) -> str:
    if "archive" in what:
        return _UNPACK
    return _SPREADSHEET if "Excel" in what else _EXPORT


def _named_encoding(name: str) -> str:
    """The codec for an encoding a person named. Only those in which commas and quotes are single bytes."""
    try:
        codec = codecs.lookup(name).name
        if codec in ("utf-8", "utf-8-sig", "ascii"):
            return "utf-8"
        if codec in _MULTI_BYTE:
            return _MULTI_BYTE[codec]
        if len(bytes(range(256)).decode(codec, "replace")) == 256 and _is_ascii_alone(codec):
            return codec
    except (LookupError, UnicodeError, TypeError, ValueError):
        pass
    raise UsageError(what=f"the encoding {name!a} cannot be read: use utf-8, gb18030, big5, cp1252 or another such")


def _is_ascii_alone(codec: str) -> bool:
    """Whether each ASCII byte is its own character: not so in UTF-7, HZ and ISO-2022, which shift, nor in EBCDIC."""
    return all(bytes([byte]).decode(codec, "replace") == chr(byte) for byte in range(0x80))


def _named_delimiter(name: str) -> str:
    mark = _NAMED_DELIMITERS.get(name.lower(), name)
    if mark not in (*DELIMITERS, "|"):
        raise UsageError(what=f"the delimiter {name!a} cannot be used: it is one of , ; | or tab")
    return mark


def _encoding_of(body: bytes, complete: bool) -> str:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(body, final=complete)
        return "utf-8"
    except UnicodeDecodeError:
        pass
    lines = body.splitlines()
    if not complete and len(lines) > 1:
        lines.pop()  # cut off anywhere, so its end proves nothing
    foreign = [line for line in lines if not line.isascii()]
    bad_utf8 = sum(1 for line in foreign if not _decodes(line, "utf-8"))
    bad_gb = sum(1 for line in foreign if not _decodes(line, "gb18030"))
    # A line of GBK text hardly ever is valid UTF-8, so a file of which half is valid UTF-8 is damaged UTF-8.
    if bad_gb < bad_utf8 and bad_utf8 * 2 > len(foreign) and _is_common_chinese(b"\n".join(foreign)):
        return "gb18030"
    return "utf-8"


def _decodes(line: bytes, encoding: str) -> bool:
    try:
        line.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _is_common_chinese(body: bytes) -> bool:
    """Whether at least half of the characters beyond ASCII are common Chinese ones, reading the bytes as GB18030.

    Chinese text has over 80 % of them. Latin-1 has next to none (an accented letter and the plain one after it make
    a character outside GB2312); UTF-8 and Cyrillic read as GB18030 land among the rare characters.
    """
    foreign = re.sub("[\0-\x7f\ufffd]+", "", body.decode("gb18030", "replace"))
    pairs = foreign.encode("gb2312", "ignore")
    leads = pairs[::2]
    common = len(leads) - len(leads.translate(None, _COMMON_LEADS))
    return common * 2 >= len(foreign) > 0


def _delimiter_of(text: str, complete: bool, known: Collection[str]) -> str:
    names = frozenset(known)

    def score(delimiter: str) -> tuple[int, float, int]:
        rows = _first_rows(text, complete, delimiter)
        if not rows:
            return (0, 0.0, 0)
        header, body = rows[0], rows[1:]
        met = len(names & {fold_header(cell) for cell in header}) if names else 0
        if len(header) < 2:
            return (met, 0.0, 1)
        same = sum(1 for row in body if len(row) == len(header))
        return (met, same / len(body) if body else 1.0, len(header))

    return max(DELIMITERS, key=score)


def _first_rows(text: str, complete: bool, delimiter: str) -> list[list[str]]:
    """The first rows that are not blank, as this delimiter would have them; a last row that may be cut is left out."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    rows: list[list[str]] = []
    csv.field_size_limit(max(SAMPLE_SIZE, csv.field_size_limit()))
    try:
        rows.extend(islice((row for row in reader if any(row)), _ROWS_COMPARED + 1))
        if len(rows) > 1 and not complete and next(reader, None) is None:
            rows.pop()
    except csv.Error:  # what came before it must do
        pass
    return rows


def _newline_of(body: bytes, delimiter: str) -> str:
    first = next(scanner(delimiter).rows(body.lstrip(b"\r\n")), b"")
    if first.endswith(b"\r\n"):
        return "\r\n"
    return "\r" if first.endswith(b"\r") else "\n"
