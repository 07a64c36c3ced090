"""Finding duplicates in lists that nothing was made for: every domain of dupehell that has people or firms in it.

    python benchmarks/duplicates/domains.py [DOMAIN …] [--size 15000] [--seed 5] [--difficulty medium]

Each list is taken as whoever has it would: `custrec init --from rows.csv` as it is proposed, `import`, `dedupe find`.
Nothing is told of the columns. Rows that the import puts aside (the generator garbles e-mail addresses and days) are
left out of the truth, too, and counted. Numbers of entities (`*_id`) and what is copied into every duplicate are left
out, as in sets.py.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from compare import CUSTREC, timed
from metrics import Agreement, agreement

LEFT_OUT = frozenset({"record_id", "domain", "entity_type", "master_id", "source_system", "created_at"})
CONTACT = frozenset({"phone", "email", "address_line1", "website", "contact_phone"})
LOOK = 3_000
"""So many rows of a domain show what is in it."""
HEAD = "| list | fields | rows | put aside | true pairs | precision | recall | F1 | find, s |\n|---|---|---|---|---|---|---|---|---|"


@dataclass(frozen=True)
class Made:
    """A list: its columns, its rows as texts, and which entity each is."""

    names: Sequence[str]
    rows: Sequence[Sequence[str]]
    entities: Sequence[str]


@dataclass(frozen=True)
class Found:
    """What came of a list."""

    agreement: Agreement
    kept: int
    seconds: float


def generated(domain: str, options: argparse.Namespace, entity: str | None, size: int) -> Any:
    """The table that dupehell makes of a domain, or of one kind of entity in it."""
    import dupehell
    import pyarrow.parquet

    with tempfile.TemporaryDirectory(prefix="custrec-bench-") as folder:
        made = dupehell.generate(
            domain=domain, size=size, seed=options.seed, difficulty=options.difficulty, only_entity=entity,
            output_dir=folder,
        )  # fmt: skip
        return pyarrow.parquet.read_table(made.dataset)


def entities_of(domain: str, options: argparse.Namespace) -> Iterator[str]:
    """The kinds of entities of a domain that are people, or firms with something to reach them by."""
    table = generated(domain, options, None, min(options.size, LOOK))
    kinds = table["entity_type"].to_pylist()
    for entity in sorted(set(kinds)):
        filled = set(_filled(table.filter([kind == entity for kind in kinds])))
        if "last_name" in filled or (CONTACT & filled and any(name.endswith("_name") for name in filled)):
            yield entity


def made_of(domain: str, entity: str, options: argparse.Namespace) -> Made:
    """A list, shuffled and numbered anew, for the order and the numbers tell the truth."""
    table = generated(domain, options, entity, options.size)
    names = [name for name in _filled(table) if name not in LEFT_OUT and not name.endswith("_id")]
    columns = [["" if cell is None else str(cell) for cell in table[name].to_pylist()] for name in names]
    pairs = list(zip(zip(*columns, strict=True), table["master_id"].to_pylist(), strict=True))
    random.Random(f"order of {domain} {entity}").shuffle(pairs)
    return Made(names, [row for row, _ in pairs], [entity for _, entity in pairs])


def _filled(table: Any) -> list[str]:
    return [name for name in table.column_names if table[name].null_count < len(table)]


def found_in(made: Made, work: Path) -> Found:
    """Let custrec propose a schema, import the list and find the duplicates in it."""
    with (work / "people.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["row_no", *made.names])
        writer.writerows([f"R{place:08}", *row] for place, row in enumerate(made.rows))
    timed([*CUSTREC, "init", "--from", "people.csv", "--yes", "-q"], work)
    timed([*CUSTREC, "import", "people.csv", "-q"], work, allowed=(0, 3))
    took = timed([*CUSTREC, "dedupe", "find", "-q"], work, allowed=(0, 3))
    with closing(sqlite3.connect(work / "custrec.db")) as store:
        (table,) = store.execute("SELECT name FROM sqlite_schema WHERE type = 'table' AND substr(name, 1, 1) <> '_'")
        keys = dict(store.execute(f'SELECT _id, row_no FROM "{table[0]}"'))
    truth = {key: made.entities[int(key[1:])] for key in keys.values()}
    listed = subprocess.run(
        [*CUSTREC, "dedupe", "list", "--format", "jsonl"], cwd=work, capture_output=True, encoding="utf-8", check=True
    )
    clusters = {
        keys[member["id"]]: str(cluster["cluster"])
        for cluster in map(json.loads, listed.stdout.splitlines())
        for member in cluster["members"]
    }
    return Found(agreement(truth, clusters), len(keys), took.seconds)


def main() -> None:
    import dupehell

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("domains", nargs="*", metavar="DOMAIN")
    parser.add_argument("--size", type=int, default=15_000)
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--difficulty", default="medium", choices=["light", "medium", "hell"])
    options = parser.parse_args()
    print(HEAD, flush=True)
    for domain in options.domains or dupehell.list_domains():
        for entity in entities_of(domain, options):
            made = made_of(domain, entity, options)
            with tempfile.TemporaryDirectory(prefix="custrec-bench-") as folder:
                found = found_in(made, Path(folder))
            said = found.agreement
            shares = " | ".join(f"{share:.3f}" for share in (said.precision, said.recall))
            aside = f"{1 - found.kept / len(made.rows):.1%}"
            print(
                f"| {domain} {entity} | {len(made.names)} | {len(made.rows):,} | {aside} | {said.true:,} | {shares} "
                f"| **{said.f1:.3f}** | {found.seconds:.1f} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
