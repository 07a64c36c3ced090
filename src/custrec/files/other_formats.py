"""Telling files that nothing here reads by their first bytes: archives, images, mark-up, JSON, binary data.

Workbooks, ZIP archives, SQLite databases and JSON Lines are read, and told before this is asked (files.forms).
"""

from __future__ import annotations

import re

from custrec.errors import NotCsv

_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", "a PDF"),
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
_ONE_A_LINE = "write one object a line (JSON Lines), or export the table as CSV (UTF-8)"

_CONTROL = bytes(set(range(0x20)) - set(b"\t\n\v\f\r\x1a\x1b")) + b"\x7f"
_MARKUP = re.compile(rb"\s*<(?:!doctype|html|\?xml|table|!--)", re.IGNORECASE)
_JSON = re.compile(rb'\s*(?:\[\s*)?\{\s*"[^"\n]*"\s*:')


def refuse_other_formats(sample: bytes, name: str = "the input") -> None:
    """Raise NotCsv if the bytes are those of something else. Text in UTF-16 or UTF-32 must be transcoded before."""
    head = sample[:1024]
    for magic, what in _MAGIC + (_MAGIC_IF_BINARY if len(head.translate(None, _CONTROL)) < len(head) else ()):
        if sample.startswith(magic):
            raise NotCsv(path=name, what=what, remedy=_UNPACK if "archive" in what else _EXPORT)
    if _MARKUP.match(sample):
        raise NotCsv(path=name, what="an HTML or XML page", remedy=_SPREADSHEET)
    if _JSON.match(sample):
        raise NotCsv(path=name, what="JSON", remedy=_ONE_A_LINE)
    control = len(sample) - len(sample.translate(None, _CONTROL))
    if control * (20 if len(sample) > 1024 else 10) > len(sample):  # of random bytes a tenth are
        raise NotCsv(path=name, what="binary data", remedy=_EXPORT)
