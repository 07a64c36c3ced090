"""Opening what is to be imported, whatever form it has: a header, chunks of rows, and how to read it a second time.

    origin (files.origin) → bytes (files.source) → form (files.forms) → reader: header, chunks, SHA-256

The only place that knows which form is read by what.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import Protocol

from custrec.errors import ArchiveUnusable, FileUnreadable, NotCsv, PartUnknown, PartUnnamed
from custrec.files.cells import CellReader
from custrec.files.chunks import Chunk, ChunkReader, Header
from custrec.files.dialect import detect
from custrec.files.forms import (
    DATABASE,
    JSON_LINES,
    OLE_FILE,
    WORKBOOK,
    Cells,
    Delimited,
    Form,
    JsonLines,
    sniffed,
)
from custrec.files.headers import fold_header
from custrec.files.json_lines import LineReader, first_keys
from custrec.files.origin import STANDARD_INPUT, Origin, listed, origin
from custrec.files.printable import printable
from custrec.files.source import BLOCK, Source, open_source
from custrec.model.schema import Table
from custrec.store.foreign import ForeignDatabase, mended


class RowReader(Protocol):
    """What reads a file: its header, then chunks of whole rows by iterating; the digest and size of all its bytes once
    that has ended."""

    @property
    def header(self) -> Header:
        """The header row."""

    @property
    def sha256(self) -> str:
        """In hexadecimal."""

    @property
    def size(self) -> int:
        """In bytes."""

    def __iter__(self) -> Iterator[Chunk]: ...


@dataclass(frozen=True)
class How:
    """What a person said about a file: its encoding and delimiter, where they are not to be told from its bytes."""

    encoding: str | None = None
    delimiter: str | None = None


@dataclass
class Opened:
    """An open file: a context manager. `origin` names the part that was chosen, `label` is what the person named,
    `name` is that with its folder, for messages. `total` is what progress counts up to, in the weight of chunks;
    `notes` are sentences about what was chosen or passed over, for the person. `known` are the headers that were looked
    for."""

    origin: Origin
    name: str
    form: Form
    reader: RowReader
    size: int | None
    total: int | None
    notes: list[str] = field(default_factory=list)
    label: str = ""
    known: Collection[str] = ()
    _owned: ExitStack = field(default_factory=ExitStack)

    def __enter__(self) -> Opened:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; standard input is left alone."""
        self._owned.close()


def known_headers(tables: Iterable[Table]) -> frozenset[str]:
    """What headers may be called that belong to some tables, folded (files.headers)."""
    return frozenset(
        fold_header(text) for table in tables for f in table.fields for text in (f.name, f.title, *f.aliases) if text
    )


def open_rows(path: str, known: Collection[str], how: How, kept: Path) -> Opened:
    """Open what `path` (files.origin) names. What can be read only once is copied to `kept` while it is read.

    Raises InputError for what cannot be used, UsageError for an encoding or delimiter that cannot be.
    """
    meant = origin(path)
    with ExitStack() as owned:
        source = owned.enter_context(open_source(meant.text if meant.member else meant.path))
        if source.path is None and meant.member is None:
            source.keep(kept)
        opened = _in_its_form(source, meant, known, how, kept, owned)
        opened.label, opened.known = meant.name, known
        return _kept_open(opened, owned)


def open_again(first: Opened, kept: Path, form: Form | None = None) -> Opened:
    """Open what was read a second time, in the same form (or with other keys of JSON Lines)."""
    meant = Origin(str(kept), None, first.origin.part) if kept.exists() else first.origin
    form = form or first.form
    with ExitStack() as owned:
        source = owned.enter_context(open_source(meant.text if meant.member else Path(meant.path)))
        if isinstance(form, Delimited):
            reader: RowReader = ChunkReader(source, form.dialect, name=source.name)
        elif isinstance(form, JsonLines):
            reader = LineReader(source, form.keys, name=source.name)
        else:
            return _kept_open(_in_its_form(source, meant, first.known, How(), kept, owned), owned)
        return _kept_open(
            Opened(first.origin, first.name, form, reader, source.size, source.size, label=first.label), owned
        )


def _kept_open(opened: Opened, owned: ExitStack) -> Opened:
    opened._owned = owned.pop_all()
    return opened


def _in_its_form(
    source: Source, meant: Origin, known: Collection[str], how: How, kept: Path, owned: ExitStack
) -> Opened:
    what = sniffed(source.sample)
    if what in (WORKBOOK, OLE_FILE):
        return _workbook(source, meant, known, kept)
    if what == DATABASE:
        return _database(source, meant, kept, owned)
    if meant.part is not None:
        raise PartUnknown(part=printable(meant.part), what="sheet or table", file=source.name, details=("only rows",))
    if what == JSON_LINES and how.delimiter is None:
        keys = first_keys(source.sample, source.complete, source.name)
        reader = LineReader(source, keys, name=source.name)
        return Opened(meant, source.name, JsonLines(keys), reader, source.size, source.size)
    dialect = detect(
        source.sample, source.complete, known, encoding=how.encoding, delimiter=how.delimiter, name=source.name
    )
    rows = ChunkReader(source, dialect, name=source.name)
    return Opened(meant, source.name, Delimited(dialect), rows, source.size, source.size)


def _workbook(source: Source, meant: Origin, known: Collection[str], kept: Path) -> Opened:
    from custrec.files.sheets import LARGEST, is_workbook, open_sheet

    if source.size is not None and source.size > LARGEST:
        raise FileUnreadable(path=source.name, reason=f"a workbook may have {LARGEST >> 30} GB")
    path = source.settled(kept)
    if sniffed(source.sample) == WORKBOOK and not is_workbook(path):
        if source.path is not None:
            raise ArchiveUnusable(file=printable(path.name, 200), why="it is damaged")
        where = "on standard input: give the file itself" if meant.path == STANDARD_INPUT else "within an archive"
        raise NotCsv(path=source.name, what=f"a ZIP archive {where}", remedy="unpack it, then import the files")
    found = open_sheet(path, meant.part, known, digest_of(path), source.name)
    notes = []
    if found.others and meant.part is None:
        notes.append(f"sheet {printable(found.name)} was taken, which fits best; {found.others} more have rows")
    if found.passed:
        notes.append(f"{found.passed} title line{'s' if found.passed > 1 else ''} above the header passed over")
    if found.filled:
        notes.append(f"merged cells fill {found.filled:,} row{'s' if found.filled > 1 else ''} below them")
    form = Cells(f"sheet {printable(found.name)}", found.number)
    chosen = replace(meant, part=found.name)
    return Opened(chosen, source.name, form, found.reader, path.stat().st_size, found.reader.total, notes)


def _database(source: Source, meant: Origin, kept: Path, owned: ExitStack) -> Opened:
    settled = source.settled(kept)
    copy = kept.with_name(f"{kept.name}-mended")
    path = mended(settled, copy)
    owned.callback(copy.unlink, missing_ok=True)
    database = ForeignDatabase(path, source.name)
    owned.callback(database.close)
    tables = database.tables()
    part = meant.part
    if part is not None and part not in tables:
        part = next((name for name in tables if name.casefold() == part.casefold()), None)
    if meant.part is not None and part is None:
        raise PartUnknown(part=printable(meant.part), what="table", file=source.name, details=listed(tables))
    if meant.part is None and len(tables) != 1:
        example = printable(tables[0]) if tables else "table"
        raise PartUnnamed(file=source.name, count=len(tables), what="table", example=example, details=listed(tables))
    table = part or tables[0]
    header = Header(tuple(database.columns(table)), b"", 0)
    total = database.count(table)
    size = settled.stat().st_size
    reader = CellReader(header, lambda: database.rows(table), 1, digest_of(settled), size, total)
    chosen = replace(meant, part=table)
    return Opened(chosen, source.name, Cells(f"SQLite table {printable(table)}"), reader, size, total)


def digest_of(path: Path) -> str:
    """The SHA-256 of a file in hexadecimal; of a database with what stands in its write-ahead log beside it."""
    digest = hashlib.sha256()
    for part in (path, path.with_name(f"{path.name}-wal")):
        if part == path or part.exists():
            with part.open("rb") as stream:
                while block := stream.read(BLOCK):
                    digest.update(block)
    return digest.hexdigest()
