"""How a CSV file is written: encoding, delimiter, line ends, where its header is. Told from its first bytes.

The parts are told in modules of their own: files.encoding, files.header_row, files.other_formats. Here they are put
together, with what the person said above what is guessed.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Collection
from dataclasses import dataclass
from itertools import islice

from custrec.errors import FileEmpty, UsageError
from custrec.files.boundaries import scanner
from custrec.files.encoding import (
    MULTI_BYTE,
    WIDE,
    evidence_of,
    is_utf8,
    likely_encoding,
    marked_encoding,
    named_encoding,
    wide_encoding,
)
from custrec.files.header_row import find_header
from custrec.files.headers import OWN_COLUMNS
from custrec.files.other_formats import refuse_other_formats as refuse_other_formats
from custrec.files.transcoding import transcoded
from custrec.model.problem import Fault

SAMPLE_SIZE = 256 << 10
"""How many bytes of a file are enough for `detect`."""

DELIMITERS = (",", ";", "\t", "|")
_NAMED_DELIMITERS = {"tab": "\t", "\\t": "\t", "comma": ",", "semicolon": ";", "pipe": "|"}

_SEPARATOR_LINE = re.compile(rb'"?sep=([,;\t|])"?(?:\r\n?|\n)', re.IGNORECASE)
_LINE_END = re.compile(rb"\r\n?|\n")
_REJECTS = re.compile(rb'"?%b"?([,;\t|])' % OWN_COLUMNS[0].encode("ascii"))
_UNDECODABLE = re.compile(
    re.escape(Fault("undecodable", {"encoding": "\0"}).message).replace("\0", r"([\w-]+)").encode("ascii")
)


@dataclass(frozen=True, slots=True)
class Dialect:
    """How one file is written. `newline` is the line end of its first row. The quote is always `"`.

    `encoding` is that of the rows that files.chunks gives: the file's own or, where that had to be `transcoded`
    (files.transcoding; the file's own encoding is its value), UTF-8. All bytes here are counted as they then are:
    `bom` those of the byte order mark, `skip` those after it that come before the header: an Excel `sep=;` line, and
    title lines (`preamble` is the number of the latter).

    `guessed` says that the encoding may be another one: it is not told by a byte order mark, by valid UTF-8 or by the
    person. `evidence` are then up to three words as this encoding reads them, for a person to judge.
    """

    encoding: str = "utf-8"
    delimiter: str = ","
    bom: int = 0
    newline: str = "\n"
    skip: int = 0
    preamble: int = 0
    transcoded: str | None = None
    guessed: bool = False
    evidence: tuple[str, ...] = ()

    @property
    def encoding_name(self) -> str:
        """The file's own encoding as people write it."""
        return (self.transcoded or self.encoding).upper()


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
    delimiter under which most headers are known wins, and a header below title lines is found by them. `encoding` and
    `delimiter` are what the person said; a byte order mark is believed above the former. `name` is for messages.

    Raises NotCsv, FileEmpty, and UsageError for an encoding or delimiter that cannot be used.
    """
    named = named_encoding(encoding) if encoding is not None else None
    mark = _named_delimiter(delimiter) if delimiter is not None else None
    wide = marked_encoding(sample) or (named if named in WIDE else wide_encoding(sample))
    body = transcoded(sample, wide, complete) if wide else sample
    refuse_other_formats(body.removeprefix(codecs.BOM_UTF8), name)
    bom = len(codecs.BOM_UTF8) if body.startswith(codecs.BOM_UTF8) else 0
    body = body[bom:]
    if complete and not body.strip():
        raise FileEmpty(path=name)
    certain = bool(bom or named)
    chosen = "utf-8" if wide or bom else named
    if chosen is None:
        certain = is_utf8(body, complete)
        chosen = "utf-8" if certain else _own_encoding(body, complete) or likely_encoding(body, complete)
    evidence = () if certain else evidence_of(body, chosen)
    directive = _SEPARATOR_LINE.match(body)
    skip = directive.end() if directive else 0
    mark = mark or (directive[1].decode("ascii") if directive else None)
    text = body[skip:].decode(chosen, "replace")
    header = find_header(text, complete, known, (mark,) if mark else DELIMITERS)
    if header.delimiter == "|" and chosen in MULTI_BYTE.values():
        wide, chosen, body = chosen, "utf-8", transcoded(body, chosen, complete)
    skip += _length_of_lines(body[skip:], header.preamble)
    newline = _newline_of(body[skip:], header.delimiter)
    return Dialect(
        chosen, header.delimiter, bom, newline, skip, header.preamble, wide, not certain, evidence
    )  # fmt: skip


def _own_encoding(body: bytes, complete: bool) -> str | None:
    """The encoding of a rejects file, which says itself in which one its rows are not valid.

    Those rows alone could look like another encoding. All other rows must be valid in it: somebody may have saved the
    file anew.
    """
    rejects = _REJECTS.match(body)
    said = {name.decode("ascii") for name in _UNDECODABLE.findall(body)} if rejects else set()
    if rejects is None or len(said) != 1:
        return None
    try:
        encoding = named_encoding(said.pop())
    except UsageError:
        return None
    rows = list(scanner(rejects[1].decode("ascii")).rows(body))
    if not complete:
        rows.pop()
    try:
        for row in rows:
            if not _UNDECODABLE.search(row):
                row.decode(encoding)
    except UnicodeDecodeError:
        return None
    return "utf-8" if encoding in WIDE else encoding


def _named_delimiter(name: str) -> str:
    mark = _NAMED_DELIMITERS.get(name.lower(), name)
    if mark not in DELIMITERS:
        raise UsageError(what=f"the delimiter {name!a} cannot be used: it is one of , ; | or tab")
    return mark


def _length_of_lines(body: bytes, count: int) -> int:
    """The length of the first lines in bytes, with their line ends."""
    last = next(islice(_LINE_END.finditer(body), count - 1, None), None) if count else None
    return last.end() if last else 0


def _newline_of(body: bytes, delimiter: str) -> str:
    first = next(scanner(delimiter).rows(body.lstrip(b"\r\n")), b"")
    if first.endswith(b"\r\n"):
        return "\r\n"
    return "\r" if first.endswith(b"\r") else "\n"
