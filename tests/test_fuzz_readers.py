"""Damaged files, as many as the time allows: nothing but a CustrecError is ever raised, nothing hangs, nothing is lost.

Real files (tests/ugly, examples) and schemas are damaged as files are: bits flip, pieces go missing, come twice or come
from another file, and signs that mean something to a reader turn up where they should not. What leads to an outcome
that was not seen before is kept and damaged further. Three loops:

    files.chunks and files.rows     every character of the file is in the rows, good or bad, as often as in the file;
                                    every cell of a good row stands in the file, letter for letter
    jobs.importing.imports          whatever the format: the rows read are accounted for, and what would be stored
                                    stands in the file
    files.schema_file               a schema is read or refused; one that is read can be written and used

CUSTREC_FUZZ_SECONDS is the time for all three (16 by default), CUSTREC_FUZZ_SEED repeats a run: a failure names it, and
the input is kept beside it.
"""

from __future__ import annotations

import io
import json
import os
import random
import re
import signal
import sqlite3
import time
import unicodedata
import zipfile
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
import yaml

from custrec.errors import CustrecError, SchemaInvalid, SchemaUnreadable
from custrec.files.chunks import ChunkReader
from custrec.files.dialect import Dialect, detect
from custrec.files.frictionless import data_package
from custrec.files.presets import preset_text
from custrec.files.rows import ParsedRows, parse
from custrec.files.schema_file import load_schema
from custrec.jobs.importing.imports import plan_import
from custrec.jobs.importing.intake import ImportRequest
from custrec.model.schema_json import schema_from_json, schema_to_json
from custrec.store.reconcile import Policy
from shops import Shop

SECONDS = float(os.environ.get("CUSTREC_FUZZ_SECONDS", "16"))
SEED = int(os.environ.get("CUSTREC_FUZZ_SEED") or random.SystemRandom().randrange(1 << 32))
PATIENCE = 5.0
"""Seconds of processor time after which one input counts as hanging."""

HERE = Path(__file__).parent
LONGEST = 12_000
"""Bytes; longer seeds are cut, so that many inputs are tried."""
KEPT = 400

SIGNS = [
    b'"', b'""', b",", b";", b"\t", b"|", b"\n", b"\r\n", b"\r", b"\0", b"\xff", b"\x81", b"\xef\xbb\xbf", b"\xff\xfe",
    b"\xe5\xbc", b"\xd5\xc5", b"\x810\x810", b"\xc2\xa0", b"\xe3\x80\x80", b"\xe2\x80\x8b", b"\xe2\x80\xa8", b"\x1a",
    b"\x1c", b"\x85", b"'=", b"=", b"sep=;\r\n", b"{", b"[", b"}", b"PK\x03\x04", b"1e309", b"-", b"_line", b"00501",
    b"NULL", b',"', b'",', b'"\n"', b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b" " * 40, b"a" * 300,
]  # fmt: skip
YAML_SIGNS = [
    b":", b": ", b"- ", b"\n", b"\n  ", b"\t", b"{", b"}", b"[", b"]", b"&a ", b"*a", b"!!python/object:x ", b"'", b'"',
    b"#", b"|\n", b"? ", b"%", b"---\n", b"...\n", b"<<: ", b"~", b"null", b"true", b"no", b"012", b"1e999", b"\xff",
    b"\0", b"\xef\xbb\xbf", b"\xe2\x80\xa8", b"kind: phone", b"type: any", b"constraints: {}", b"primaryKey: []",
    b"format: '%Y'", b"pattern: '('", b"pattern: '(a+)+$'", b"enum: [[]]", b"minimum: .inf", b"name: _id", b"9" * 50,
]  # fmt: skip


class Damage:
    """Makes damaged inputs out of seeds, and out of those inputs that led somewhere new."""

    def __init__(self, seeds: Iterable[bytes], signs: list[bytes], salt: str) -> None:
        self.random = random.Random(f"{SEED} {salt}")
        self.seeds = [seed[:LONGEST] for seed in seeds if seed]
        self.signs = signs
        self.seen: set[Hashable] = set()
        self._steps: list[Callable[[bytearray], None]] = [
            self._flip, self._byte, self._cut, self._put, self._put, self._again, self._join, self._end,
        ]  # fmt: skip

    def inputs(self, seconds: float) -> Iterator[bytes]:
        """The seeds as they are, then damaged ones until the time is over."""
        yield from list(self.seeds)
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            data = bytearray(self.random.choice(self.seeds))
            for _ in range(self.random.choice((1, 1, 1, 2, 3, 8))):
                self.random.choice(self._steps)(data)
            yield bytes(data[: 2 * LONGEST])

    def learn(self, data: bytes, outcome: Hashable) -> None:
        """Keep an input for more damage if nothing before it came out like this."""
        if outcome not in self.seen:
            self.seen.add(outcome)
            if len(self.seeds) < KEPT:
                self.seeds.append(data[:LONGEST])

    def _place(self, data: bytearray) -> int:
        return self.random.randint(0, len(data))

    def _span(self, data: bytearray) -> slice:
        start = self._place(data)
        return slice(start, start + self.random.choice((1, 2, 4, 16, 64, 512)))

    def _flip(self, data: bytearray) -> None:
        if data:
            data[self.random.randrange(len(data))] ^= 1 << self.random.randrange(8)

    def _byte(self, data: bytearray) -> None:
        if data:
            data[self.random.randrange(len(data))] = self.random.randrange(256)

    def _cut(self, data: bytearray) -> None:
        del data[self._span(data)]

    def _put(self, data: bytearray) -> None:
        place = self._place(data)
        data[place:place] = self.random.choice(self.signs)

    def _again(self, data: bytearray) -> None:
        place = self._place(data)
        data[place:place] = data[self._span(data)]

    def _join(self, data: bytearray) -> None:
        other = self.random.choice(self.seeds)
        data[self._span(data)] = other[self.random.randint(0, len(other)) :][: self.random.choice((16, 256, 4096))]

    def _end(self, data: bytearray) -> None:
        del data[self._place(data) :]


@contextmanager
def held(data: bytes, folder: Path) -> Iterator[None]:
    """Whatever goes wrong with an input is told with the seed, and where the input was kept. A hang is stopped."""

    def stop(*_: object) -> None:
        raise TimeoutError(f"this input has taken more than {PATIENCE} s")

    bounded = hasattr(signal, "SIGVTALRM")
    if bounded:
        previous = signal.signal(signal.SIGVTALRM, stop)
        signal.setitimer(signal.ITIMER_VIRTUAL, PATIENCE)
    try:
        yield
    except BaseException as error:
        (folder / "input").write_bytes(data)
        error.add_note(f"CUSTREC_FUZZ_SEED={SEED}; the input is kept in {folder / 'input'}: {data[:300]!r}")
        raise
    finally:
        if bounded:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
            signal.signal(signal.SIGVTALRM, previous)


UGLY = [path for path in sorted((HERE / "ugly").glob("[!.]*")) if path.suffix != ".yaml"]


def seeds() -> list[bytes]:
    """The files of tests/ugly and of examples."""
    return [path.read_bytes() for path in (*UGLY, *sorted((HERE.parent / "examples").glob("*.csv")))]


def worded(error: CustrecError) -> Hashable:
    """An error's kind; its words can be made, and nothing in them commands a terminal."""
    assert error.message
    for line in (error.message, error.hint, *error.details):
        assert not any(unicodedata.category(character) == "Cc" for character in line)
    return type(error)


# Bytes into rows.


def read_in_chunks(data: bytes, target: int) -> Hashable:
    """Read a file, hold its rows to the laws, and say what came out in a few words."""
    try:
        dialect = detect(data, True)
        reader = ChunkReader(io.BytesIO(data), dialect, target)
        body, found = b"", ParsedRows()
        for chunk in reader:
            part = parse(chunk, dialect, len(reader.header.cells))
            body += chunk.data
            found.rows += part.rows
            found.lines += part.lines
            found.bad += part.bad
            found.blank += part.blank
    except CustrecError as error:
        return worded(error)
    assert all(len(row) == len(reader.header.cells) for row in found.rows)
    assert all(a < b for a, b in zip(found.lines, found.lines[1:], strict=False))
    assert len({*found.lines, *(bad.line for bad in found.bad)}) == len(found.rows) + len(found.bad)
    text = body.decode(dialect.encoding, "surrogateescape")
    cells = [cell for row in found.rows for cell in row]
    for cell in cells:
        assert cell in text or cell.replace('"', '""') in text
    assert counted(text, dialect) == counted(
        again(cells + [c for bad in found.bad for c in bad.cells], dialect), dialect
    )
    rules = frozenset(bad.fault.rule for bad in found.bad)
    written = (dialect.encoding_name, dialect.delimiter, dialect.newline, dialect.guessed, dialect.preamble > 0)
    few = (min(len(found.rows), 3), min(len(found.bad), 3), min(found.blank, 2), len(reader.header.cells))
    return written, rules, few


def again(cells: list[str], dialect: Dialect) -> str:
    """Cells as the text they were read from, whichever way bytes that are no text were kept in them."""
    data = b"\n".join(cell.encode(dialect.encoding, "surrogateescape") for cell in cells)
    return data.decode(dialect.encoding, "surrogateescape")


def counted(text: str, dialect: Dialect) -> Counter[str]:
    """How often each character stands in a text, but for those that part cells, and white space."""
    return Counter("".join(text.split()).replace('"', "").replace(dialect.delimiter, ""))


def test_damaged_bytes_are_rows_or_an_error_and_no_character_is_lost(tmp_path: Path):
    damage = Damage(seeds(), SIGNS, "rows")
    for data in damage.inputs(SECONDS / 4):
        with held(data, tmp_path):
            damage.learn(data, read_in_chunks(data, damage.random.choice((1, 50, 1000, 1 << 20))))
    assert len(damage.seen) > 20


# Files into plans.

TEXT_SCHEMA = """\
version: 1
tables:
  - name: customers
    primaryKey: [no]
    fields:
      - {name: no, type: string, aliases: [客户编号, 编号, 订单号, 订单编号, 客户编码, id, Record ID, Account ID]}
      - {name: name, type: string, aliases: [姓名, 客户名称, 收货人姓名, Last Name, First Name, Account Name, 联系人]}
      - {name: phone, type: string, aliases: [电话, 手机, 手机号, Phone, Phone Number, 联系电话, 收货人手机号]}
      - {name: note, type: string, aliases: [备注, 地址, 公司, Description, 买家留言, Company Name, city, 城市]}
"""
MEANT = ("utf-8", "gb18030", "utf-16", "utf-16-le", "utf-16-be", "big5hkscs", "cp1252", "cp932")


@pytest.fixture
def text_shop(tmp_path: Path) -> Shop:
    """A store in which every field is text."""
    return Shop(tmp_path / "text", TEXT_SCHEMA)


def planned(shop: Shop, file: Path, request: ImportRequest, data: bytes) -> Hashable:
    """Plan the import of a file, hold the plan to the laws, drop it, and say what came out in a few words."""
    with shop.session() as session:
        try:
            plan_file = plan_import(session.store, request, session.draft())
        except CustrecError as error:
            return worded(error)
        try:
            plan = plan_file.plan
            counts = plan.counts
            assert (
                counts.read
                == counts.insert + counts.update + counts.same + counts.collapsed + counts.skipped + counts.rejected
            )
            assert counts.read <= 2 * len(data)
            assert sum(plan.rules.values()) >= counts.rejected
            stored = [str(cell) for part in plan_file.parts for cell in cells_of(part, request)]
        finally:
            plan_file.drop()
    form = str(plan.detail["form"])
    if form.startswith("JSON"):
        assert_written_there(list(filter(None, pieces(stored))), json_unescaped(data.decode("utf-8", "replace")))
    elif form.startswith(("sheet", "SQLite")):
        form = form.split()[0]
    else:
        assert_written_there(stored, data.decode(form.split(",")[0].split()[0], "replace"))
    return form, frozenset(plan.rules), min(counts.insert, 3), min(counts.rejected, 3), min(counts.blank, 2)


def cells_of(part: Path, request: ImportRequest) -> Iterator[object]:
    """What a plan would store of a file."""
    names = ", ".join(f'"{field.name}"' for field in request.table.fields)
    with closing(sqlite3.connect(part)) as connection:
        for row in connection.execute(f"SELECT {names} FROM rows"):
            yield from (cell for cell in row if cell is not None)


def assert_written_there(cells: list[str], text: str) -> None:
    """All letters of a cell stand in the file in this order with no other between them."""
    text = squeezed(text)
    assert not [cell for cell in cells if squeezed(cell) not in text]


def pieces(cells: Iterable[str]) -> Iterator[str]:
    """The texts in cells from JSON: lists are joined by `;`, numbers and truths written as custrec does."""
    for piece in (piece for cell in cells for piece in cell.split(";")):
        if piece not in ("TRUE", "FALSE") and not re.fullmatch(r"-?[\d.]+", piece):
            yield piece


def json_unescaped(text: str) -> str:
    """A text whose escapes (as JSON has them) are the characters they stand for."""
    pairs = re.sub(r"\\u(d[89ab]..)\\u(d[c-f]..)", _pair, text, flags=re.IGNORECASE)
    single = re.sub(r"\\u([0-9a-f]{4})", lambda found: chr(int(found[1], 16)), pairs, flags=re.IGNORECASE)
    return re.sub(r"\\[nrtbf]", " ", single).replace("\\", "")


def _pair(found: re.Match[str]) -> str:
    return bytes.fromhex(found[1] + found[2]).decode("utf-16-be", "replace")


def squeezed(text: str) -> str:
    """A text without what cleaning takes off or turns into something like it: white space, unseen signs, quotes."""
    plain = unicodedata.normalize("NFKC", text)
    return "".join(c for c in plain if not (c in "\"'\\" or c.isspace() or unicodedata.category(c) in ("Cc", "Cf")))


def damaged_inside(data: bytes, damage: Damage) -> bytes:
    """A ZIP archive (a workbook, say) with one member damaged and everything else whole; other files as they are."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = {info.filename: archive.read(info) for info in archive.infolist()}
    except Exception:  # damaged already, in whatever way
        return data
    if not members:
        return data
    chosen = damage.random.choice(sorted(members))
    inner = bytearray(members[chosen])
    for _ in range(damage.random.choice((1, 2, 5))):
        damage._put(inner) if damage.random.random() < 0.3 else damage.random.choice(damage._steps)(inner)
    members[chosen] = bytes(inner)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def test_damaged_files_are_plans_or_an_error_and_every_row_is_accounted_for(text_shop: Shop, tmp_path: Path):
    damage = Damage(seeds(), SIGNS, "plans")
    table = text_shop.schema.tables[0]
    for data in damage.inputs(SECONDS / 2):
        if data.startswith(b"PK") and damage.random.random() < 0.7:
            data = damaged_inside(data, damage)
        file = tmp_path / f"in{damage.random.choice(UGLY).suffix}"
        file.write_bytes(data)
        policy = Policy("update", damage.random.choice(("reject", "first", "last")))
        encoding = damage.random.choice((None, None, None, *MEANT))
        request = ImportRequest(
            str(file), table, policy, ignore_columns=damage.random.random() < 0.9, encoding=encoding
        )
        with held(data, tmp_path):
            damage.learn(data, planned(text_shop, file, request, data))
        file.unlink()
    assert len(damage.seen) > 10


# Schemas.


def schema_seeds() -> list[bytes]:
    """Whole schemas, and each table of the presets alone, as YAML and as JSON: small, so that most damage is felt."""
    files = [(HERE.parent / "schema.yaml"), *sorted((HERE / "ugly").glob("schema*.yaml"))]
    found = [path.read_bytes() for path in files]
    for preset in ("default", "cn-b2b", "retail", "membership"):
        document = yaml.safe_load(preset_text(preset))
        for table in document["tables"]:
            table.pop("foreignKeys", None)
            small = {"version": 1, "defaults": document.get("defaults", {}), "tables": [table]}
            found.append(yaml.safe_dump(small, allow_unicode=True, sort_keys=False).encode())
            found.append(json.dumps(small, ensure_ascii=False, default=str).encode())
    return found


def loaded(path: Path) -> Hashable:
    """Load a schema; what is loaded can be written, read back, and given to others."""
    try:
        schema = load_schema(path)
    except (SchemaInvalid, SchemaUnreadable) as error:
        assert error.details
        return type(error), frozenset(re.sub(r"'.*?'|\".*?\"|\d+", "…", line) for line in error.details)
    assert schema_from_json(schema_to_json(schema)) == schema
    json.dumps(data_package(schema, "x"))
    return "read", len(schema.tables)


def test_damaged_schemas_are_read_or_refused(tmp_path: Path):
    damage = Damage(schema_seeds(), YAML_SIGNS, "schemas")
    path = tmp_path / "schema.yaml"
    for data in damage.inputs(SECONDS / 4):
        path.write_bytes(data)
        with held(data, tmp_path):
            damage.learn(data, loaded(path))
    assert len(damage.seen) > 20


@pytest.mark.parametrize("field", ['{name: "a\\e[31m"}', '{name: a, "b\\e": 1}', '{name: a, type: "\\e[31m"}'])
def test_no_word_of_a_schema_commands_a_terminal(tmp_path: Path, field: str):
    path = tmp_path / "schema.yaml"
    path.write_text(f"version: 1\ntables:\n  - name: t\n    fields:\n      - {field}\n")
    with pytest.raises(SchemaInvalid) as caught:
        load_schema(path)
    worded(caught.value)
