"""What proves that records were destroyed: a file for programs and one for people, without anybody's data.

They lie in `custrec.certificates`, named after the event. They are written when the last trace is gone, not before.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from custrec import __version__
from custrec.files.part import PartFile
from custrec.model.certificate import Cleaned, Remains
from custrec.store.database import Store
from custrec.store.destroyed import Destroyed, destroyed_by
from custrec.store.place import folder

FORMAT = "custrec.certificate/1"
FOLDER = "certificates"


def write_certificate(
    store: Store, event: int, at: str, places: Sequence[Cleaned], remains: Sequence[Remains], sources: int
) -> Path:
    """Write the certificate of an event; the file for people. Raises IoFailure."""
    said = _said(store, destroyed_by(store, event), at, places, remains, sources)
    where = folder(store.path, FOLDER)
    stem = f"event-{event:06d}"
    _write(where / f"{stem}.json", json.dumps(said, indent=1, ensure_ascii=False) + "\n")
    path = where / f"{stem}.txt"
    _write(path, _in_words(said))
    return path


def _said(
    store: Store, what: Destroyed, at: str, places: Sequence[Cleaned], remains: Sequence[Remains], sources: int
) -> dict[str, Any]:
    return {
        "schema": FORMAT,
        "store": store.identity,
        "event": what.event,
        "event_digest": what.digest,
        "verb": what.verb,
        "reason": what.reason,
        "rule": what.rule,
        "destroyed_at": what.at,
        "wiped_at": at,
        "records": dict(what.counts),
        "ids": {table: _ranges(ids) for table, ids in what.ids.items()},
        "fields": {table: list(names) for table, names in what.fields.items()},
        "histories_cut": what.others,
        "places": [{"place": one.name, "at": one.at, "what": one.what} for one in places],
        "remains": [{"place": one.name, "until": one.until} for one in remains],
        "files_not_written_by_custrec": sources,
        "ledger": dict(what.ledger),
        "made_by": f"custrec {__version__}",
    }


def _ranges(ids: Iterable[int]) -> list[list[int]]:
    """Numbers as stretches without gaps: first and last."""
    found: list[list[int]] = []
    for one in sorted(ids):
        if found and found[-1][1] == one - 1:
            found[-1][1] = one
        else:
            found.append([one, one])
    return found


def _in_words(said: Mapping[str, Any]) -> str:
    lines = [
        "Certificate of destruction" if said["verb"] == "purge" else "Certificate of anonymisation",
        "",
        f"store      {said['store']}",
        f"event      {said['event']} ({said['verb']}) of {said['destroyed_at']}",
        f"           digest {said['event_digest']}",
        f"reason     {said['reason']}{f', by the rule {rule}' if (rule := said['rule']) else ''}",
        f"wiped      {said['wiped_at']}, by {said['made_by']}",
        f"ledger     position {said['ledger'].get('position', 0):,}, digest {said['ledger'].get('digest', '')}",
        "",
        "Records:",
    ]
    for table, count in said["records"].items():
        numbers = ", ".join(f"#{a}" if a == b else f"#{a} to #{b}" for a, b in said["ids"].get(table, ()))
        lines.append(f"  {count:,} of {table}: {numbers}")
        if names := said["fields"].get(table):
            lines.append(f"    their {', '.join(names)}")
    if said["histories_cut"]:
        lines.append(f"  {said['histories_cut']:,} more lost a part of their history, because it held values of these")
    lines += ["", "Cleaned:"]
    lines += [
        f"  {one['at']}  {one['place']}{f': {one_what}' if (one_what := one['what']) else ''}" for one in said["places"]
    ]
    lines += ["", "Where it remains, and until when:"]
    lines += [f"  {one['place']}: {one['until']}" for one in said["remains"]] or ["  nowhere that custrec knows of"]
    if said["files_not_written_by_custrec"]:
        lines.append(f"  {said['files_not_written_by_custrec']:,} files that were imported and are not custrec's")
    lines.append("  what a disk, its snapshots and copies made by others keep is not custrec's to say")
    return "\n".join(lines) + "\n"


def _write(path: Path, text: str) -> None:
    part = PartFile(path)
    try:
        part.stream.write(text.encode("utf-8"))
        part.commit()
    finally:
        part.discard()
