"""Turning bytes of another encoding into UTF-8 while they are read, a block at a time.

For encodings in which a comma, a quote or a line end is not a byte of its own: UTF-16 and UTF-32, and those of East
Asia where the delimiter is `|`, which there may be the second byte of a character. All that is downstream then cuts
and decodes UTF-8. No byte is lost or replaced: one that cannot be decoded becomes three bytes that are never valid
UTF-8 (the code point U+DC00 + byte, a lone surrogate), so that it costs its row, as in any other file.
"""

from __future__ import annotations

import codecs
from typing import Protocol

_ESCAPE = "custrec.escape"


class _Stream(Protocol):
    def read(self, size: int, /) -> bytes: ...


class Transcoder:
    """Bytes of one encoding in, UTF-8 out. Characters may be split between blocks."""

    def __init__(self, encoding: str) -> None:
        self._decoder = codecs.getincrementaldecoder(encoding)(_ESCAPE)

    def feed(self, data: bytes, *, final: bool = False) -> bytes:
        """The next bytes as UTF-8, as far as they are whole characters; all of them if they are the `final` ones."""
        return self._decoder.decode(data, final).encode("utf-8", "surrogatepass")


class TranscodedStream:
    """A stream as UTF-8. Holds no more than one block in memory, whatever was read of the stream."""

    def __init__(self, stream: _Stream, encoding: str) -> None:
        self._stream = stream
        self._transcoder = Transcoder(encoding)
        self._ahead = b""
        self._ended = False

    def read(self, size: int, /) -> bytes:
        """Up to `size` bytes, more than 0; b"" only at the end."""
        while not self._ahead and not self._ended:
            block = self._stream.read(size)
            self._ended = not block
            self._ahead = self._transcoder.feed(block, final=self._ended)
        given, self._ahead = self._ahead[:size], self._ahead[size:]
        return given


def transcoded(data: bytes, encoding: str, complete: bool) -> bytes:
    """`data` as UTF-8; unless it is `complete`, half a character at its end is left out."""
    return Transcoder(encoding).feed(data, final=complete)


def _escape(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return "".join(chr(0xDC00 + byte) for byte in error.object[error.start : error.end]), error.end


codecs.register_error(_ESCAPE, _escape)
