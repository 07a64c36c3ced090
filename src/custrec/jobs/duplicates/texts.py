"""The text of a file that a person names in a command, or of standard input."""

from __future__ import annotations

import sys
from pathlib import Path

from custrec.errors import FileIsDirectory, FileMissing, FileUnreadable


def text_of(path: str) -> tuple[str, str]:
    """A name for messages, and the text; - reads standard input.

    Raises FileMissing, FileIsDirectory, FileUnreadable.
    """
    try:
        if path == "-":
            return "standard input", sys.stdin.read()
        return Path(path).name, Path(path).read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise FileMissing(path=path) from error
    except IsADirectoryError as error:
        raise FileIsDirectory(path=path) from error
    except UnicodeDecodeError as error:
        raise FileUnreadable(path=path, reason="it is no text") from error
    except OSError as error:
        raise FileUnreadable(path=path, reason=(error.strerror or "cannot open it").lower()) from error
