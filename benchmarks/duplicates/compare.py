"""Finding duplicates, measured against Splink in one run, side by side:

    pip install -r benchmarks/duplicates/requirements.txt
    python benchmarks/duplicates/compare.py [--set NAME …] [--size 100000] [--seed 1 …] [--rounds 1] [--only splink]
        [--million] [--households FILE] [--done FOLDER] [--write FILE]

Each round runs, one after the other on the same file, every contender as a whole process: from the CSV file to clusters
on disk. Splink has rules written by hand for each set and the threshold that serves it best, chosen with the truth;
custrec has the kinds of the fields, and nothing else. Three contenders:

- `splink`: `splink_peer`, which reads, trains, predicts and clusters;
- `engine`: custrec's matching engine from Python (`engine_door`), without a store;
- `custrec`: `init`, `import` (rows put aside are mended by blanking the cells that were at fault, and imported again),
  `dedupe find` and `dedupe list --format jsonl`, all of it timed.

Each run is put down in a folder as it ends (`--done`, by default beside the sets), and the same command takes up where it
was stopped; runs of another state of the code are made anew. `--million` adds the contacts at a million rows.

Time is wall time, and processor seconds beside it; memory is the largest resident set of any process of a
contender. Of the rounds the median counts.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from metrics import BANDS, Agreement, Band, agreement, reliability
from sets import FOLDER, HOUSEHOLDS, RESTAURANTS, SIZED, SOURCES, LabelledSet, Wanted, prepare

HERE = Path(__file__).parent
CUSTREC = [sys.executable, "-m", "custrec"]
Pair = tuple[str, str, float]


@dataclass(frozen=True)
class Run:
    """What a contender found, what it took, and how long each of its commands ran."""

    seconds: float
    processor: float
    """Processor seconds of all its processes: on a busy machine the steadier figure."""
    memory: int
    clusters: dict[str, str]
    pairs: list[Pair] | None
    stages: dict[str, float] = field(default_factory=dict)
    note: str = ""


@dataclass(frozen=True)
class Judged:
    """A run held against the truth: what is put down of it."""

    seconds: float
    processor: float
    memory: int
    stages: dict[str, float]
    note: str
    agreement: Agreement
    bands: list[Band]

    @classmethod
    def of(cls, run: Run, entities: dict[str, str]) -> Judged:
        bands = [] if run.pairs is None else reliability(entities, run.pairs)
        return cls(
            run.seconds, run.processor, run.memory, run.stages, run.note, agreement(entities, run.clusters), bands
        )

    @classmethod
    def read(cls, path: Path) -> Judged:
        said = json.loads(path.read_text(encoding="utf-8"))
        bands = [Band(**band) for band in said.pop("bands")]
        return cls(**said | {"agreement": Agreement(**said["agreement"]), "bands": bands})

    def write(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(asdict(self)), encoding="utf-8")


@dataclass
class Measured:
    """The rounds of one contender on one set."""

    set_name: str
    contender: str
    runs: list[Judged]

    @property
    def agreement(self) -> Agreement:
        return self.runs[-1].agreement

    @property
    def bands(self) -> list[Band]:
        return self.runs[-1].bands

    @property
    def seconds(self) -> float:
        return statistics.median(run.seconds for run in self.runs)


class NotThere(Exception):
    """A contender that cannot be run here, or does not stand this set."""


def splink(given: LabelledSet, model: str, work: Path) -> Run:
    command = [sys.executable, str(HERE / "splink_peer.py"), str(given.folder), "--model", model, "--out", str(work)]
    took = timed(command, work)
    note = took.output.strip().splitlines()[-1]
    return Run(
        took.seconds,
        took.processor,
        took.memory,
        read_clusters(work / "clusters.csv"),
        read_pairs(work / "pairs.csv"),
        note=note,
    )


def engine(given: LabelledSet, _: str, work: Path) -> Run:
    command = [sys.executable, str(HERE / "engine_door.py"), str(given.folder), "--out", str(work)]
    took = timed(command, work)
    return Run(
        took.seconds, took.processor, took.memory, read_clusters(work / "clusters.csv"), read_pairs(work / "pairs.csv")
    )


def command_line(given: LabelledSet, _: str, work: Path) -> Run:
    """The whole way of someone with a file: a store, the import, the search for duplicates, the list of them."""
    shutil.copy(given.schema, work / "schema.yaml")
    stages: dict[str, float] = {}
    steps: list[Took] = []

    def step(name: str, *words: str) -> str:
        steps.append(timed([*CUSTREC, *words], work, allowed=(0, 3)))
        stages[name] = stages.get(name, 0.0) + steps[-1].seconds
        return steps[-1].output

    step("init", "init", "-q")
    began = time.perf_counter()
    imported = json.loads(step("import", "import", str(given.rows), "--json"))
    aside = imported["counts"].get("rejected", 0)
    rejects = imported.get("rejects")
    for _attempt in range(3):
        if not rejects:
            break
        mended = mend(Path(rejects), work / "mended.csv")
        again = json.loads(step("import of mended rows", "import", str(mended), "--json"))
        rejects = again.get("rejects")
    step("dedupe find", "dedupe", "find", "-q")
    listed = step("dedupe list", "dedupe", "list", "--all", "--format", "jsonl")
    seconds = time.perf_counter() - began + stages["init"]
    clusters = {}
    for number, line in enumerate(listed.splitlines()):
        for member in json.loads(line)["members"]:
            clusters[str(member["key"])] = str(number)
    note = f"{aside:,} rows mended" if aside else ""
    processor, memory = sum(took.processor for took in steps), max(took.memory for took in steps)
    return Run(seconds, processor, memory, clusters, None, stages, note)


CONTENDERS: dict[str, Callable[[LabelledSet, str, Path], Run]] = {
    "splink": splink,
    "engine": engine,
    "custrec": command_line,
}
MODELS = {"contacts": ("contacts", "contacts_knowing")}
"""The models of Splink's that a set is measured with, where it is not the one of the set's name."""


def mend(rejects: Path, into: Path) -> Path:
    """The rows of a rejects file with the cells that were at fault left blank."""
    with rejects.open(encoding="utf-8-sig", newline="") as file, into.open("w", encoding="utf-8", newline="") as out:
        reader = csv.DictReader(file)
        header = [name for name in reader.fieldnames or [] if not name.startswith("_")]
        writer = csv.DictWriter(out, header, extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        for row in reader:
            writer.writerow(row | dict.fromkeys(row["_field"].split(";"), ""))
    return into


@dataclass(frozen=True)
class Took:
    """A process that ended: wall and processor seconds, its largest resident set in bytes, its output."""

    seconds: float
    processor: float
    memory: int
    output: str


def timed(command: Sequence[str], folder: Path, allowed: Sequence[int] = (0,)) -> Took:
    """Run a process to its end. NotThere if it fails."""
    output = folder / "stdout"
    errors = folder / "stderr"
    began = time.perf_counter()
    with output.open("wb") as out, errors.open("wb") as err:
        process = subprocess.Popen(command, cwd=folder, stdout=out, stderr=err)
        _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in allowed:
        last = errors.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-1:]
        raise NotThere(f"`{' '.join(Path(word).name for word in command[:4])}` ended with {process.returncode}: {last}")
    unit = 1 if sys.platform == "darwin" else 1024
    processor = usage.ru_utime + usage.ru_stime
    return Took(seconds, processor, usage.ru_maxrss * unit, output.read_text(encoding="utf-8"))


def read_clusters(path: Path) -> dict[str, str]:
    with path.open(encoding="utf-8", newline="") as file:
        return {row["row"]: row["cluster"] for row in csv.DictReader(file)}


def read_pairs(path: Path) -> list[Pair]:
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.reader(file)
        next(reader)
        return [(left, right, float(probability)) for left, right, probability in reader]


def main() -> None:
    options = _options()
    measured = list(_measure(options))
    text = report(measured, options)
    print(text)
    if options.write:
        options.write.write_text(text, encoding="utf-8")


def _measure(options: argparse.Namespace) -> Iterator[Measured]:
    for wanted in _wanted(options):
        given = prepare(wanted)
        entities = given.entities()
        variants = [
            (name, model)
            for name in options.only or CONTENDERS
            for model in (MODELS.get(wanted.name, (wanted.name,)) if name == "splink" else ("",))
        ]
        runs: dict[tuple[str, str], list[Judged]] = {}
        for number in range(options.rounds):
            for name, model in variants:
                put_down = options.done / f"{_state(name)}-{given.name}-{name}-{model}-{number + 1}.json"
                if put_down.exists():
                    runs.setdefault((name, model), []).append(Judged.read(put_down))
                    continue
                _say(f"{given.name}: {name} {model}, round {number + 1} of {options.rounds}")
                with tempfile.TemporaryDirectory(prefix="custrec-bench-") as folder:
                    try:
                        judged = Judged.of(CONTENDERS[name](given, model, Path(folder)), entities)
                    except NotThere as why:
                        _say(f"  left out: {why}")
                    else:
                        judged.write(put_down)
                        runs.setdefault((name, model), []).append(judged)
        for (name, model), done in runs.items():
            yield Measured(given.name, name if model in ("", wanted.name) else f"{name} ({model})", done)


@cache
def _state(contender: str) -> str:
    """Of what state of the code a run is: a hash of custrec's sources, or the peer's own."""
    if contender == "splink":
        sources = [HERE / "splink_peer.py"]
    else:
        import custrec

        sources = sorted(Path(custrec.__file__).parent.rglob("*.py"))
    state = hashlib.sha256()
    for path in (*sources, HERE / "sets.py", HERE / "metrics.py"):
        state.update(path.read_bytes())
    return state.hexdigest()[:10]


def _wanted(options: argparse.Namespace) -> Iterator[Wanted]:
    for name in options.set or SOURCES:
        if name == "households" and not (options.set or options.households or HOUSEHOLDS in os.environ):
            _say(f"households: left out; name its file with --households or {HOUSEHOLDS}")
            continue
        if name == "restaurants" and not (options.set or RESTAURANTS in os.environ):
            _say(f"restaurants: left out; name the folder of the guides with {RESTAURANTS}")
            continue
        for seed in options.seed if name in SIZED else options.seed[:1]:
            yield Wanted(name, options.size, seed, options.households)
    if options.million:
        yield Wanted("contacts", 1_000_000, options.seed[0])


def report(measured: Sequence[Measured], options: argparse.Namespace) -> str:
    lines = [
        "# Finding duplicates: custrec and Splink, side by side",
        "",
        f"`python benchmarks/duplicates/compare.py {' '.join(_arguments(options))}`",
        "",
        f"{os.cpu_count()} cores, Python {platform.python_version()}, {platform.system()} {platform.machine()}; "
        + ", ".join(_versions("custrec", "splink", "duckdb", "dupehell", "recordlinkage"))
        + f". Whole processes, median of {options.rounds} interleaved rounds; pairwise after clustering.",
        "",
        "| set | contender | precision | recall | F1 | seconds | of processor | peak MB | every run, seconds | |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {m.set_name} | {m.contender} | {m.agreement.precision:.4f} | {m.agreement.recall:.4f} | **{m.agreement.f1:.4f}** "
        f"| {m.seconds:.1f} | {statistics.median(run.processor for run in m.runs):.1f} | {max(run.memory for run in m.runs) / 1e6:.0f} | "
        f"{', '.join(f'{run.seconds:.1f}' for run in m.runs)} | {m.runs[-1].note} |"
        for m in measured
    ]
    lines += [
        "",
        "Reliability: of the pairs with a probability in a band, the share that is true (and how many there are).",
        "",
        "| set | contender | .5–.75 | .75–.9 | .9–.95 | .95–.99 | .99–.999 | .999–1 |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for m in measured:
        shown = {band.low: f"{band.share:.2f} ({band.pairs:,})" for band in m.bands}
        if shown:
            cells = " | ".join(shown.get(low, "") for low in BANDS[:-1])
            lines.append(f"| {m.set_name} | {m.contender} | {cells} |")
    staged = [m for m in measured if m.runs[-1].stages]
    if staged:
        lines += ["", "Where custrec's time goes, seconds of the last run:", ""]
        lines += [
            f"- {m.set_name}: " + ", ".join(f"{name} {spent:.1f}" for name, spent in m.runs[-1].stages.items())
            for m in staged
        ]
    return "\n".join(lines) + "\n"


def _arguments(options: argparse.Namespace) -> list[str]:
    """The command's own words, without the paths of this machine."""
    words = [f"--set {name}" for name in options.set or ()] + [f"--size {options.size}"]
    words += [f"--seed {seed}" for seed in options.seed] + [f"--rounds {options.rounds}"]
    return words + [f"--only {name}" for name in options.only or ()] + ["--million"] * options.million


def _versions(*packages: str) -> Iterator[str]:
    for package in packages:
        with suppress(PackageNotFoundError):
            yield f"{package} {version(package)}"


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--set", action="append", choices=SOURCES)
    parser.add_argument("--size", type=int, default=100_000)
    parser.add_argument("--seed", type=int, action="append")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--only", action="append", choices=CONTENDERS)
    parser.add_argument("--million", action="store_true")
    parser.add_argument("--done", type=Path, default=FOLDER / "done")
    parser.add_argument("--households", type=Path)
    parser.add_argument("--write", type=Path)
    options = parser.parse_args()
    options.seed = options.seed or [1]
    return options


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
