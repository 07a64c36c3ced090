"""The inbox: which files of a folder were not imported yet. Told by what is in them, not by their names.

A file is known when an import of just its bytes stands in the history (also one that changed nothing, also one that was
undone), or waits as a saved plan. Nothing in the folder is moved or changed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from custrec.errors import CustrecError, FileUnreadable
from custrec.files.origin import STANDARD_INPUT, expanded, origin
from custrec.files.printable import printable
from custrec.files.source import BLOCK, open_source
from custrec.jobs.importing.intake import table_of
from custrec.jobs.importing.maps import all_maps, recognised
from custrec.jobs.importing.opening import How, digest_of, known_headers, open_rows
from custrec.store import journal
from custrec.store.database import Store
from custrec.store.place import LOGS, OWN_FILES, beside

ENDINGS = frozenset(
    ".csv .tsv .tab .txt .jsonl .ndjson .xlsx .xlsm .xlsb .xls .ods .zip .db .sqlite .sqlite3".split()  # noqa: SIM905
)
"""What the names of files end in that are looked at."""
UNFINISHED = ("~$", ".~lock", ".")
"""How the names of files begin that a program has open."""


@dataclass
class Inbox:
    """The files of a folder: `new` origins in order of their names, how many are `known`, the names of those that are
    of no kind that is read, and what is wrong with the archives among them."""

    new: list[str] = field(default_factory=list)
    known: int = 0
    passed: list[str] = field(default_factory=list)
    unusable: list[tuple[str, CustrecError]] = field(default_factory=list)


def look_into(store: Store, folder: Path, planned: Collection[str] = ()) -> Inbox:
    """Sort the files of a folder; `planned` are the SHA-256 of files that wait as saved plans.

    Raises FileUnreadable.
    """
    known = journal.digests_imported(store) | set(planned)
    own = {store.path.resolve(), *(beside(store.path, name).resolve() for name in OWN_FILES)}
    found = Inbox()
    try:
        paths = sorted(path for path in folder.iterdir() if path.is_file() and not path.name.startswith(UNFINISHED))
    except OSError as error:
        raise FileUnreadable(path=printable(str(folder), 200), reason=(error.strerror or "").lower()) from error
    for path in paths:
        if path.resolve() in own or path.name.endswith(LOGS):
            continue
        if path.suffix.lower() not in ENDINGS:
            found.passed.append(path.name)
            continue
        try:
            for text in expanded(str(path)):
                digest = _sha256(text)
                if digest in known:
                    found.known += 1
                else:
                    found.new.append(text)
                    known |= {digest}  # the same file under another name
        except CustrecError as error:
            found.unusable.append((path.name, error))
    return found


def parents_first(store: Store, origins: Sequence[str], how: How, scratch: Path) -> list[str]:
    """Files of several tables in the order in which they can be imported: as the schema's tables stand in it.

    A file that cannot be opened keeps its place among the first; whoever imports it says what is wrong with it. So does
    a pipe, which can be read only once. What must be copied to be opened is copied to `scratch`, which is gone
    afterwards.
    """
    if len(origins) < 2 or len(store.schema.tables) < 2:
        return list(origins)
    tables = list(store.schema.tables)
    known = known_headers(tables)
    maps = all_maps(store)[0]

    def place(text: str) -> int:
        try:
            path = origin(text).path
            if path == STANDARD_INPUT or not Path(path).is_file():
                return 0
            with open_rows(text, known, how, scratch) as opened:
                header = opened.reader.header.cells
                saved = recognised(maps, header)
                return tables.index(store.schema.by_name[saved.table.name] if saved else table_of(header, tables))
        except CustrecError:
            return 0
        finally:
            scratch.unlink(missing_ok=True)

    return sorted(origins, key=place)


def _sha256(origin: str) -> str:
    digest = hashlib.sha256()
    with open_source(origin) as source:
        if source.path is not None:
            return digest_of(source.path)
        while block := source.read(BLOCK):
            digest.update(block)
    return digest.hexdigest()
