"""The law of schema changes: whatever is changed, and in which order, undo gives back just what was there.

Hypothesis draws sequences of changes of a schema.yaml (fields added, renamed, dropped, of other kinds, other limits and
orders; tables that come, go and are renamed; keys and references), with records written in between. After every step
the history verifies and the layout is what the schema makes; taken back step by step, each state is the one it was.
And a process that is killed while it changes the schema leaves the old store or the new one.
"""

from __future__ import annotations

import json
import random
import shutil
import signal
import subprocess
import tempfile
import time
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from custrec.errors import SchemaMisfits
from custrec.files.schema_file import load_schema
from custrec.jobs.importing.imports import plan_import
from custrec.jobs.importing.intake import ImportRequest
from custrec.model.schema_json import same_tables
from custrec.store.inspection import differences
from shops import PLENTY, Shop, environment
from terminal import Started, started

TYPES: list[dict[str, Any]] = [
    {"type": "string"},
    {"type": "string", "constraints": {"maxLength": 3}},
    {"type": "string", "constraints": {"enum": ["a", "b"]}},
    {"type": "string", "constraints": {"unique": True}},
    {"type": "string", "constraints": {"required": True}},
    {"type": "integer"},
    {"type": "number"},
    {"type": "number", "decimals": 2},
    {"kind": "money", "currency": "CNY"},
    {"kind": "person_name"},
    {"kind": "tags"},
    {"type": "boolean"},
    {"type": "date", "format": "any"},
]
NAMES = ["a", "b", "c", "d", "e"]
CELLS = ["", "1", "7", "a", "b", "a;b", "2.50", "2024-05-01", "yes", "张伟", "long text"]
KEEPS = ["customers", "visits", "calls"]

Step = tuple[str, int, int, int]
steps = st.lists(
    st.tuples(
        st.sampled_from(["add", "drop", "rename", "type", "order", "table", "gone", "retable", "key", "rows", "rows"]),
        st.integers(0, 9),
        st.integers(0, 9),
        st.integers(0, 99),
    ),
    min_size=1,
    max_size=7,
)


def beginning() -> list[dict[str, Any]]:
    """Tables as they are written: customers with a key and fields, and visits that refer to them."""
    return [
        {
            "name": "customers",
            "primaryKey": ["no"],
            "fields": [{"name": "no", "type": "string"}, {"name": "a", "type": "string"}],
        },
        {
            "name": "visits",
            "foreignKeys": [{"fields": ["no"], "reference": {"resource": "customers", "fields": ["no"]}}],
            "fields": [{"name": "no", "type": "string"}, {"name": "a", "type": "string"}],
        },
    ]


def text_of(tables: list[dict[str, Any]]) -> str:
    return json.dumps({"version": 1, "tables": tables}, ensure_ascii=False)


def changed(tables: list[dict[str, Any]], step: Step) -> list[dict[str, Any]]:
    """The tables after a step; the same where it cannot be taken."""
    what, one, other, more = step
    tables = deepcopy(tables)
    for each in tables:
        each.pop("was", None)
        for field in each["fields"]:
            field.pop("was", None)
    table = tables[one % len(tables)]
    free = [f for f in table["fields"] if f["name"] != "no"]
    field = free[other % len(free)] if free else None
    unused = [name for name in NAMES if name not in [f["name"] for f in table["fields"]]]
    if what == "add" and unused:
        table["fields"].insert(more % (len(table["fields"]) + 1), {"name": unused[0], **TYPES[other % len(TYPES)]})
    elif what == "drop" and field:
        table["fields"].remove(field)
    elif what == "rename" and field and unused:
        field["was"], field["name"] = field["name"], unused[more % len(unused)]
    elif what == "type" and field:
        name = field["name"]
        field.clear()
        field.update({"name": name, **TYPES[more % len(TYPES)]})
    elif what == "order":
        random.Random(more).shuffle(table["fields"])
    elif what == "table" and len(tables) < 3:
        name = next(name for name in KEEPS if name not in [t["name"] for t in tables])
        tables.append({"name": name, "fields": [{"name": "no", "type": "string"}, {"name": "c", "type": "integer"}]})
    elif what == "gone" and len(tables) > 1 and "foreignKeys" in tables[-1]:
        tables.pop()
    elif what == "retable" and not any("foreignKeys" in t for t in tables):
        table["was"], table["name"] = table["name"], f"{table['name']}_x"
    elif what == "key" and "foreignKeys" in tables[-1]:
        del tables[-1]["foreignKeys"]
    return tables


def rows(shop: Shop, step: Step) -> None:
    """Import a few rows of any cells into the first table."""
    chance = random.Random(repr(step))
    schema = load_schema(shop.folder / "schema.yaml")
    table = schema.tables[0]
    names = [f.name for f in table.fields]
    lines = [",".join(f"C{n}" if name == "no" else chance.choice(CELLS) for name in names) for n in range(4)]
    with shop.session() as session:
        path = shop.csv(f"{','.join(names)}\n" + "\n".join(lines) + "\n")
        session.run(
            plan_import(session.store, ImportRequest(str(path), session.store.schema.tables[0]), session.draft()),
            PLENTY,
        )


def sound(shop: Shop) -> None:
    assert shop.faults() == []
    with shop.session() as session:
        found = differences(session.store.reader, session.store.schema)
        assert (found.tables, found.rebuildable, found.foreign) == ([], [], [])


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(steps)
def test_whatever_is_changed_undo_gives_back_what_was_there(drawn: list[Step]) -> None:
    with tempfile.TemporaryDirectory() as name:
        tables = beginning()
        shop = Shop(Path(name) / "shop", text_of(tables))
        rows(shop, ("rows", 0, 0, 0))
        states: list[tuple[int, Any]] = []
        for step in drawn:
            before = shop.tables()
            if step[0] == "rows":
                rows(shop, step)
            else:
                then = changed(tables, step)
                try:
                    shop.change_schema(text_of(then), leave_blank=True)
                except SchemaMisfits:  # what is to be unique is not
                    (shop.folder / "schema.yaml").write_text(text_of(tables), encoding="utf-8")
                    continue
                tables = then
            sound(shop)
            with shop.session() as session:
                last = session.store.last_event
                assert same_tables(session.store.schema, load_schema(shop.folder / "schema.yaml"))
            if not states or states[-1][0] != last:
                states.append((last, before))
        for event, before in reversed(states):
            if event > 1:
                shop.undo(event)
                assert shop.tables() == before
                sound(shop)


MOMENTS = 5
MANY = 30_000
BIG = """\
version: 1
tables:
  - name: customers
    primaryKey: [no]
    fields:
      - {name: no, type: string}
      - {name: code, type: string, constraints: {unique: true}}
      - {name: city, type: string}
      - {name: visits, type: string}
"""
CHANGED = BIG.replace("      - {name: city, type: string}\n", "      - {name: tier, type: string}\n").replace(
    "{name: visits, type: string}", "{name: stays, was: visits, type: integer}"
)


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> tuple[Shop, Any, Any, float]:
    """A store of many records, what it holds before and after a change of its schema, and how long that takes."""
    shop = Shop(tmp_path_factory.mktemp("full") / "shop", BIG)
    shop.import_csv("no,code,city,visits\n" + "".join(f"C{n},c{n},York,{n % 90}\n" for n in range(MANY)))
    before = shop.tables()
    twin = shop.copy_to(shop.folder.parent / "twin")
    (shop.folder / "schema.yaml").write_text(CHANGED, encoding="utf-8")
    (twin.folder / "schema.yaml").write_text(CHANGED, encoding="utf-8")
    began = time.monotonic()
    assert apply(twin).wait(120) == 0
    return shop, before, twin.tables(), time.monotonic() - began


def apply(shop: Shop) -> Started | subprocess.Popen[bytes]:
    return started(["schema", "apply", "--yes", "-q", "--store", shop.path], shop.folder, environment())


@pytest.mark.parametrize("part", range(MOMENTS))
def test_killed_while_the_schema_changes_the_store_has_the_old_one_or_the_new(
    full: tuple[Shop, Any, Any, float], tmp_path: Path, part: int
) -> None:
    before, old, new, seconds = full
    shop = before.copy_to(tmp_path / "shop")
    process = apply(shop)
    time.sleep(seconds * (part + random.Random(part).random()) / MOMENTS)
    process.kill()
    assert process.wait(60) in (0, -signal.SIGKILL)
    assert shop.tables() in (old, new)
    sound(shop)
    done = apply(shop)  # nothing is in its way, whichever it was
    assert done.wait(120) == 0
    assert shop.tables() == new
    sound(shop)
    assert not list(shop.folder.glob("*.making"))
    shutil.rmtree(shop.folder)
