"""Telling files that are no CSV from their first bytes: office files, archives, images, mark-up, JSON, binary data."""

from __future__ import annotations

import re

from custrec.errors import NotCsv

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

_CONTROL = bytes(set(range(0x20)) - set(b"\t\n\v\f\r\x1a\x1b")) + b"\x7f"
_MARKUP = re.compile(rb"\s*<(?:!doctype|html|\?xml|table|!--)", re.IGNORECASE)
_JSON = re.compile(rb'\s*(?:\[\s*)?\{\s*"[^"\n]*"\s*:')


def refuse_other_formats(sample: bytes, name: str = "the input") -> None:
    """Raise NotCsv if the bytes are those of something else. Text in UTF-16 or UTF-32 must be transcoded before."""
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
    control = len(sample) - len(sample.translate(None, _CONTROL))
    if control * (20 if len(sample) > 1024 else 10) > len(sample):  # of random bytes a tenth are
        raise NotCsv(path=name, what="binary data", remedy=_EXPORT)


def _remedy_for(what: str) -> str:
    if "archive" in what:
        return _UNPACK
    return _SPREADSHEET if "Excel" in what else _EXPORT
