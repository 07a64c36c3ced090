"""Making an identical store of a plain one (model.plain): every line is held to its form, every record to its history.

    lines → tables → indexes, guards, views → parents → seals and digests → SHA256SUMS → the store's place

Everything happens in a private file; a store that is there is never written over.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from custrec.errors import ErasedWouldReturn, FileMissing, FileUnreadable, PlainFaulty, StoreExists, StoreTooNew
from custrec.files import ledger_file
from custrec.files.age import Identity, unseal
from custrec.files.ledger_file import Reading
from custrec.files.plain_lines import read_line
from custrec.files.plain_places import CHUNK, LONGEST_LINE, ArchiveSource, FolderSource, Missing, Source
from custrec.jobs.backups.companions import LARGEST, put_back
from custrec.jobs.backups.sealing import of_disk
from custrec.jobs.ledgers import ledger_of
from custrec.jobs.progress import Progress
from custrec.model.plain import FILES, FORMAT, HEAD, SUMS, file_of
from custrec.model.schema import Schema
from custrec.model.schema_json import schema_from_json
from custrec.store import journal, verification
from custrec.store.database import Store, open_store
from custrec.store.erasing_again import still_there
from custrec.store.layout import FORMAT as STORE_FORMAT
from custrec.store.leftovers import scratch
from custrec.store.place import folder
from custrec.store.plain_loading import Building, KeyTwice, RowRefused, building
from custrec.store.plain_tables import FIRST, PlainTable, last_change_of, live_tables, place_of, without_parent
from custrec.store.restoring import found as put_in_place

TOLD = 1_000


@dataclass(frozen=True)
class Loaded:
    """What was made: records of the schema's tables, events, the head of the history, and files beside the store."""

    records: int
    events: int
    digest: str
    companions: tuple[Path, ...]


@contextmanager
def source_of(path: Path, store: Path, identities: Sequence[Identity]) -> Iterator[Source]:
    """A plain store that lies somewhere: a folder, or a sealed file, which is opened with these keys.

    Raises FileMissing, FileUnreadable, KeyOpensNothing, BackupDamaged, DiskFull.
    """
    if path.is_dir():
        yield FolderSource(path, FILES)
        return
    if not path.exists():
        raise FileMissing(path=str(path))
    import zstandard

    room = folder(store, "plans")
    with of_disk(room), tempfile.TemporaryFile(dir=room) as packed:
        try:
            with path.open("rb") as sealed:
                unseal(sealed, packed, identities, path.name)
        except OSError as error:
            if error.filename is None:
                raise
            raise FileUnreadable(path=path.name, reason=(error.strerror or "I/O error").lower()) from error
        packed.seek(0)
        try:
            with zstandard.ZstdDecompressor().stream_reader(packed, closefd=False) as stream:
                yield ArchiveSource(stream)
        except zstandard.ZstdError as error:
            raise PlainFaulty(where=path.name, reason="it cannot be unpacked") from error


def load(source: Source, store: Path, progress: Progress | None = None) -> Loaded:
    """Make a store at a place where nothing is. Raises PlainFaulty, ErasedWouldReturn, LedgerDamaged,
    StoreExists, StoreTooNew, DiskFull, IoFailure."""
    progress = progress or Progress()
    refuse_where_there_is(store)
    with scratch(folder(store, "plans"), ".loading") as (plain, _):
        reading = _Reading(source, progress)
        try:
            with building(plain) as made:
                schema = reading.tables(made)
            companions = reading.companions()
        except Missing as error:
            raise PlainFaulty(where=str(error), reason="it is not there, or not where it should come") from error
        progress.phase("verifying")
        loaded = open_store(plain)
        try:
            reading.prove(loaded)
            records = sum(reading.counts[file_of(table.name, table.id)] for table in schema.tables)
            head, identity = journal.head(loaded), loaded.identity
        finally:
            loaded.close()
        _refuse_the_erased(plain, store, identity)
        with of_disk(store.parent):
            put_in_place(plain, store)
    event, digest = (head.id, head.digest) if head else (0, "")
    return Loaded(records, event, digest, tuple(put_back(store, companions)))


def _refuse_the_erased(plain: Path, store: Path, identity: str) -> None:
    """Raise ErasedWouldReturn where the ledger of erasures beside the place names records that are to be loaded."""
    ledger = ledger_of(store)
    if ledger.exists() and ledger_file.check(ledger).store == identity:
        left = still_there(plain, ledger_file.entries_after(ledger, 0, Reading()))
        if left:
            raise ErasedWouldReturn(count=len(left))


def refuse_where_there_is(store: Path) -> None:
    """Raise StoreExists where a store, or anything, lies already."""
    if store.exists() or store.is_symlink():
        raise StoreExists(path=str(store))


class _Reading:
    """The files of a source on their way into a store: how many lines each had, and its SHA-256."""

    def __init__(self, source: Source, progress: Progress) -> None:
        self._source = source
        self._progress = progress
        self._sums: dict[str, str] = {}
        self._wrong: list[str] = []
        self._live: dict[str, PlainTable] = {}
        self._own: dict[str, PlainTable] = {}
        self._schema: Schema | None = None
        self.counts: dict[str, int] = {}

    def tables(self, made: Building) -> Schema:
        """Fill a store with all rows; the schema that rules. Raises PlainFaulty, StoreTooNew, Missing."""
        self._refuse_another_format()
        self._own = {table.name: table for table in made.own}
        self._fill(made, self._own[FIRST])
        if (schema := self._schema) is None:
            raise PlainFaulty(where=file_of(FIRST, 0), reason="it holds no schema")
        made.lay_out(schema)
        live = live_tables(schema)
        self._live = {table.name: table for table in live}
        for table in (*made.own[1:], *live):
            self._fill(made, table)
        try:
            made.finish(schema)
        except KeyTwice as error:
            where = f"{file_of(error.table, error.number)}, line {error.place}"
            raise PlainFaulty(where=where, reason="another record has its key, or a unique value of it") from error
        return schema

    def companions(self) -> dict[str, bytes]:
        """What lay beside the store; and the sums are held to what was read. Raises PlainFaulty, Missing."""
        found: dict[str, bytes] = {}
        said: dict[str, str] | None = None
        for name, stream in self._source.rest():
            with stream:
                raw = stream.read(LARGEST + 1)
            if len(raw) > LARGEST:
                raise PlainFaulty(where=name, reason="it is larger than any such file is")
            if name == SUMS:
                said = _sums(raw)
            elif name.startswith(f"{FILES}/"):
                found[name.removeprefix(f"{FILES}/")] = raw
                self._sums[name] = hashlib.sha256(raw).hexdigest()
        if said is None:
            raise Missing(SUMS)
        self._wrong = [name for name in {**self._sums, **said} if self._sums.get(name) != said.get(name)]
        return found

    def prove(self, store: Store) -> None:
        """Hold the records to each other and to their history, and all files to their sums. Raises PlainFaulty."""
        for table, record in without_parent(store):
            raise self._fault_of(store, table, record, "it refers to a record that is not there")
        for fault in verification.faults(store):
            if fault.table:
                raise self._fault_of(store, fault.table, fault.record, str(fault))
            place = f", line {place_of(store, self._own['_event'], fault.event)}" if fault.event else ""
            raise PlainFaulty(where=f"{file_of('_event', 0)}{place}", reason=str(fault))
        if self._wrong:
            raise PlainFaulty(where=self._wrong[0], reason=f"it is not what {SUMS} says")

    def _fault_of(self, store: Store, table: str, record: int, reason: str) -> PlainFaulty:
        """A fault of a record, at its line: that of its last change, where it is the journal that was altered."""
        live, changes = self._live.get(table), self._own["_change"]
        line = place_of(store, live, record) if live else 0
        name = file_of(table, live.number) if live else ""
        altered = file_of(changes.name, 0) in self._wrong and name not in self._wrong
        if not line or altered:
            number = live.number if live else 0
            name, line = file_of(changes.name, 0), place_of(store, changes, last_change_of(store, number, record))
        return PlainFaulty(where=f"{name}, line {line}" if line else name, reason=reason)

    def _refuse_another_format(self) -> None:
        with self._source.member(HEAD) as stream:
            raw = stream.read(CHUNK)
        self._sums[HEAD] = hashlib.sha256(raw).hexdigest()
        try:
            said = json.loads(raw)
            known, store_format = said["schema"] == FORMAT, int(said["store_format"])
        except (ValueError, TypeError, KeyError):
            raise PlainFaulty(where=HEAD, reason="it does not say what this is") from None
        if not known:
            raise PlainFaulty(where=HEAD, reason=f"it is not of the form {FORMAT}")
        if store_format > STORE_FORMAT:
            raise StoreTooNew(store=HEAD, found=store_format, known=STORE_FORMAT)

    def _fill(self, made: Building, table: PlainTable) -> None:
        name = file_of(table.name, table.number)
        self.counts[name] = 0
        with self._source.member(name) as stream:
            try:
                made.fill(table, self._rows(name, table, stream))
            except RowRefused as error:
                raise self._faulty(name, "it holds what its column cannot hold") from error

    def _rows(self, name: str, table: PlainTable, stream: BinaryIO) -> Iterator[Sequence[Any]]:
        digest = hashlib.sha256()
        places = [table.columns.index(column) for column in table.key]
        last: tuple[Any, ...] | None = None
        while line := stream.readline(LONGEST_LINE):
            digest.update(line)
            self.counts[name] += 1
            try:
                row = read_line(table.columns, table.binary, line)
                key = tuple(row[place] for place in places)
                if last is not None and not last < key:
                    raise ValueError("it is not in its order, or stands twice")
            except TypeError:
                raise self._faulty(name, "its key is blank, or of another type") from None
            except ValueError as error:
                raise self._faulty(name, str(error)) from None
            last = key
            if table.name == FIRST:
                self._schema = self._schema_in(name, row[-1])
            yield row
            self._told()
        self._sums[name] = digest.hexdigest()

    def _schema_in(self, name: str, text: Any) -> Schema:
        """The schema that a line holds. Raises PlainFaulty."""
        try:
            return schema_from_json(text)
        except (ValueError, TypeError, KeyError, AttributeError):
            raise self._faulty(name, "it holds no schema") from None

    def _faulty(self, name: str, reason: str) -> PlainFaulty:
        return PlainFaulty(where=f"{name}, line {self.counts[name]}", reason=reason)

    def _told(self) -> None:
        self._progress.rows += 1
        if self._progress.rows % TOLD == 0:
            self._progress.phase("reading")


def _sums(raw: bytes) -> dict[str, str]:
    """What the file of sums says: SHA-256 by name. Raises PlainFaulty."""
    try:
        pairs = [line.split("  ", 1) for line in raw.decode("utf-8").splitlines()]
        return {name: digest for digest, name in pairs}
    except ValueError:
        raise PlainFaulty(where=SUMS, reason="it is no list of sums") from None
