"""Writing a whole store in its plain form (model.plain): history, originals, decisions and all, in one snapshot.

    tables → lines → a folder, written beside its place and renamed
                   → tar → zstd → age → one file

Nothing here changes a record: it is no plan.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from custrec.errors import PlainExists
from custrec.files.age import recipient, seal
from custrec.files.output import open_binary_output
from custrec.files.plain_lines import lines
from custrec.files.plain_places import ArchiveSink, FolderSink, Sink, Summing
from custrec.jobs.backups.companions import companions_of
from custrec.jobs.backups.sealing import THREADS, of_disk
from custrec.jobs.exports import check_target
from custrec.jobs.ledgers import KEY
from custrec.jobs.progress import Progress
from custrec.model.plain import FILES, FORMAT, HEAD, file_of
from custrec.store.database import Store, snapshot
from custrec.store.layout import FORMAT as STORE_FORMAT
from custrec.store.leftovers import alive
from custrec.store.place import folder
from custrec.store.plain_tables import live_tables, own_tables, rows_of

TOLD = 1_000
"""Lines between two words of progress."""


@dataclass(frozen=True)
class Dumped:
    """What was written: tables of the schema, their records, and events."""

    tables: int
    records: int
    events: int


def dump(store: Store, target: Path, progress: Progress | None = None) -> Dumped:
    """Write a store into a new folder (0700), which is there when it is whole.

    Raises PlainExists, DiskFull, IoFailure.
    """
    if target.exists() or target.is_symlink():
        raise PlainExists(path=str(target))
    place = target.resolve()
    with of_disk(place.parent):
        _sweep(place)
        making = place.with_name(f".{place.name}.{os.getpid()}.part")
        making.mkdir(mode=0o700)
        try:
            dumped = _written(store, FolderSink(making), progress or Progress())
            if place.exists():
                raise PlainExists(path=str(target))
            making.rename(place)
        except BaseException:
            shutil.rmtree(making, ignore_errors=True)
            raise
    return dumped


def dump_sealed(store: Store, output: str, keys: Sequence[str], progress: Progress | None = None) -> Dumped:
    """Write a store into one file (`-`: standard output), sealed for these public keys.

    Raises RecipientInvalid, RecipientIsSecret, UsageError, DiskFull, IoFailure.
    """
    import zstandard

    recipients = [recipient(key, "--to").key for key in keys]
    check_target(store, output)
    room = folder(store.path, "plans")
    with of_disk(room), tempfile.TemporaryFile(dir=room) as packed:
        parameters = zstandard.ZstdCompressionParameters.from_level(3, write_checksum=True, threads=THREADS)
        compressor = zstandard.ZstdCompressor(compression_params=parameters)
        with compressor.stream_writer(packed, closefd=False) as compressing:
            archive = ArchiveSink(_as_binary(compressing), room)
            dumped = _written(store, archive, progress or Progress())
            archive.close()
        packed.seek(0)
        with open_binary_output(output) as stream:
            seal(packed, stream, recipients)
    return dumped


def _as_binary(stream: object) -> BinaryIO:
    """What tarfile asks of a stream that it writes to, the compressor has."""
    return stream  # type: ignore[return-value]


def _written(store: Store, sink: Sink, progress: Progress) -> Dumped:
    """All files, in the order in which they are read back."""
    sums = Summing(sink)
    progress.phase("writing")
    with snapshot(store.reader):
        head = {"schema": FORMAT, "store_format": STORE_FORMAT}
        sums.add(HEAD, [json.dumps(head).encode() + b"\n"])
        live = live_tables(store.applied)
        counts: dict[str, int] = {}
        for table in (*own_tables(store.reader), *live):
            begun = progress.rows
            content = lines(table.columns, table.binary, rows_of(store, table))
            sums.add(file_of(table.name, table.number), _counted(content, progress))
            counts[table.name] = progress.rows - begun
    for name, raw in sorted(companions_of(store.path).items()):
        if name == KEY:  # who has it could try guesses against the ledger of erasures
            continue
        sums.add(f"{FILES}/{name}", [raw])
    sums.close()
    records = [counts[table.name] for table in store.applied.tables]
    return Dumped(len(records), sum(records), counts["_event"])


def _counted(content: Iterable[bytes], progress: Progress) -> Iterator[bytes]:
    for line in content:
        yield line
        progress.rows += 1
        if progress.rows % TOLD == 0:
            progress.phase("writing")
    progress.phase("writing")


def _sweep(place: Path) -> None:
    """Remove what was being written here by processes that died."""
    parts = re.compile(rf"\.{re.escape(place.name)}\.(\d+)\.part")
    for path in place.parent.iterdir():
        if (found := parts.fullmatch(path.name)) and path.is_dir() and not alive(int(found[1])):
            shutil.rmtree(path, ignore_errors=True)
