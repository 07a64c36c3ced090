"""Taking up what an import had staged when its process was killed: no chunk is read and judged twice.

The parts of a plan name the chunks that stand in them with a digest of their bytes. Who imports the same file (path,
size, time of change) the same way (schema, table, layout, form, day, value types) within a day takes the
parts over; each chunk's bytes are compared by digest, so that nothing stands in the plan that is not in the file.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from custrec import __version__
from custrec.errors import SourceMoved
from custrec.files.chunks import Chunk
from custrec.files.forms import Cells
from custrec.jobs.importing.opening import Opened
from custrec.jobs.importing.staging import Assignment, Staged, chunk_digest
from custrec.model.schema_json import schema_to_dict
from custrec.store import leftovers
from custrec.store.database import Store
from custrec.store.plan_file import PlanFile
from custrec.store.plan_parts import chunks_done
from custrec.values.registry import versions


class Resumption:
    """The parts that a killed import left of the same work; `parts` is empty where there is none."""

    def __init__(self, file: PlanFile, store: Store, work: Assignment, opened: Opened) -> None:
        key = _key(store, work, opened)
        self.parts = leftovers.adopt(file.path, key)
        leftovers.mark(file.path, key)
        self._name = opened.name
        self._done: dict[int, tuple[int, bytes, Staged]] = {}
        for part, path in enumerate(self.parts):
            for number, digest, staged in chunks_done(path):
                self._done[number] = part, digest, Staged(**json.loads(staged))

    @property
    def rows(self) -> int:
        """How many rows need not be read again."""
        return sum(staged.rows + staged.rejected for _, _, staged in self._done.values())

    def still_to_do(self, chunks: Iterable[Chunk], done: Callable[[int, Staged], None]) -> Iterator[Chunk]:
        """The chunks that are not staged yet; `done` is told of those that are. Raises SourceMoved."""
        for chunk in chunks:
            known = self._done.get(chunk.number)
            if known is None:
                yield chunk
                continue
            part, digest, staged = known
            if digest != chunk_digest(chunk):
                raise SourceMoved(file=self._name)
            done(part, staged)


def can_be_resumed(opened: Opened) -> bool:
    """Whether a file can be recognised when it is read another time: not a pipe, no member of an archive, no workbook,
    whose chunks are not bytes of the file."""
    return not isinstance(opened.form, Cells) and opened.origin.member is None and Path(opened.origin.path).is_file()


def _key(store: Store, work: Assignment, opened: Opened) -> str:
    table = work.schema.by_name[work.table]
    place = Path(opened.origin.path).resolve()
    stat = place.stat()
    said = [
        __version__,
        schema_to_dict(store.schema),
        versions(table.fields),
        work.table,
        repr(work.form),
        repr(sorted(work.layout.places.items())),
        repr(sorted(work.layout.recipes.items())),
        repr((work.layout.width, work.layout.headless, work.sealing, work.today)),
        [str(place), stat.st_size, stat.st_mtime_ns],
    ]
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()
