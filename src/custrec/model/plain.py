"""The plain form of a store: a folder of texts that any tool reads, and of which an identical store can be made.

    custrec.json       what this is: {"schema": "custrec.plain/1", "store_format": 1}
    _schema.jsonl      every schema that was applied; then the other tables of custrec's own
    customers.jsonl    a table of the schema, a record a line, in the order of their ids
    files/…            what people wrote beside the store: schema.yaml, custrec.yaml, maps, public keys
    SHA256SUMS         of all that stands above, as sha256sum -c reads it

Each line is one JSON object: the columns in the order of the table, those that are blank left out, bytes in
hexadecimal. There is one way to write a record, so that equal stores are equal byte for byte. docs/plain-format.md is
the description for others.
"""

from __future__ import annotations

import re

FORMAT = "custrec.plain/1"
HEAD, SUMS, FILES = "custrec.json", "SHA256SUMS", "files"
SEALED = ".tar.zst.age"
"""What the name of a sealed one ends in: the same files as a tar archive, compressed by zstd, sealed by age."""
_EVERYWHERE = re.compile(r"(?!(con|prn|aux|nul|com\d|lpt\d|table-\d+)$)[^\W_][\w -]*(?<! )", re.IGNORECASE)


def file_of(table: str, number: int) -> str:
    """The name of a table's file: its own, where every file system takes that; else one of its id."""
    plain = table.startswith("_") or _EVERYWHERE.fullmatch(table)
    return f"{table if plain else f'table-{number}'}.jsonl"
