"""The text of a file that a person names in a command, or of standard input, in whatever encoding it was saved."""

from __future__ import annotations

import sys
from pathlib import Path

from custrec.errors import FileIsDirectory, FileMissing, FileUnreadable
from custrec.files.encoding import is_utf8, likely_encoding, wide_encoding


def text_of(path: str) -> tuple[str, str]:
    """A name for messages, and the text; - reads standard input.

    Raises FileMissing, FileIsDirectory, FileUnreadable.
    """
    try:
        name, body = ("standard input", sys.stdin.buffer.read()) if path == "-" else _read(Path(path))
        return name, decoded(body)
    except FileNotFoundError as error:
        raise FileMissing(path=path) from error
    except IsADirectoryError as error:
        raise FileIsDirectory(path=path) from error
    except UnicodeDecodeError as error:
        raise FileUnreadable(path=path, reason="it is no text, or in no encoding that can be told") from error
    except OSError as error:
        raise FileUnreadable(path=path, reason=(error.strerror or "cannot open it").lower()) from error


def _read(path: Path) -> tuple[str, bytes]:
    return path.name, path.read_bytes()


def decoded(body: bytes) -> str:
    """The text of bytes as they lie in a file: Excel saves a list as GB18030 or UTF-16 as well. Raises
    UnicodeDecodeError."""
    wide = wide_encoding(body)
    if wide is None and not is_utf8(body, complete=True):
        wide = likely_encoding(body, complete=True)
    text = body.decode(wide or "utf-8").removeprefix("\ufeff")
    return text.replace("\r\n", "\n").replace("\r", "\n")
