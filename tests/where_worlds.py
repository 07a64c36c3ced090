"""Schemas, rows and expressions for the tests of the `where` language, awkward on purpose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from functools import cache
from random import Random
from typing import TypeAlias
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from custrec.model.expression import Stored
from custrec.model.schema import Field, ForeignKey, Schema, Table

TEXTS = [
    "VIP", "vip", "深圳市", "深圳", "张伟", "É", "école", "ÉCOLE", "\u212a", "k", "ß", "İ", "Σίσυφος", "σ", "50%",
    "a_b", "O'Neil", 'say "hi"', '"; DROP TABLE main; --', "' OR 1=1 --", "𠮷野家", "\U0010ffff", "today",
    "18mo", "2024-05-01", "00501", "-5", "a\nb", "x" * 50,
]  # fmt: skip
KEYS = ["C-1", "c-1", "深圳-7", "É9", "00501"]
TAGS = ["VIP", "VIP2", "IP", "华东", "华东区", "vip", "A B"]
DATES = [
    "2023-02-28", "2024-02-29", "2024-02-28", "2024-03-01", "2024-08-31", "2024-05-01", "2025-12-31", "2026-01-01",
    "2026-02-28", "2026-03-01", "2026-08-31", "0001-01-01", "9999-12-31", "2000-02-29", "2006-10-29",
]  # fmt: skip
MOMENTS = [
    "2024-04-30T15:59:59Z", "2024-04-30T16:00:00Z", "2024-05-01T00:00:00Z", "2024-05-01T23:59:59Z",
    "2024-08-31T12:00:00Z", "2024-11-03T02:31:00Z", "2024-11-03T03:45:00Z", "2006-10-29T02:30:59Z",
    "2006-10-29T03:00:00Z", "2011-12-30T10:00:00Z", "2011-12-30T09:59:59Z", "2026-02-28T20:00:00Z",
    "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z",
    "2024-05-01T00:00:00.5Z", "2024-05-01T00:00:00.25Z", "2024-04-30T15:59:59.999Z",
]  # fmt: skip
WHOLE = [0, 1, -1, 7, 12, 2024, 350, -350, 100, 35, 2**63 - 1, -(2**63), 10**17]
REALS = [0.0, 3.5, -3.5, 0.1, 1e300, 350.0, 2024.0, 3.0]
ZONES = ["UTC", "Asia/Shanghai", "America/St_Johns", "Pacific/Apia", "America/Sao_Paulo"]
DURATIONS = ["18mo", "30d", "1y", "3w", "1y6mo", "0d", "1mo1d", "9999y", "11mo"]
ODD_NAMES = [
    "客户 名", 'we"ird', "back`tick", "or", "today", "true", "select", "t", "_parent1", "18mo", "a;b", "NULL",
    "age", "年",
]  # fmt: skip


Row: TypeAlias = tuple[Stored, ...]


@dataclass(frozen=True)
class World:
    """A schema whose first table is asked about, and what rows and expressions it may have."""

    schema: Schema
    zone: str
    rows: st.SearchStrategy[list[Row]]
    conditions: st.SearchStrategy[str]

    @property
    def table(self) -> Table:
        return self.schema.tables[0]


def fields(decimals: int | None, odd: bool) -> tuple[Field, ...]:
    kinds = [
        ("name", "text"), ("other", "org_name"), ("count", "integer"), ("size", "number"), ("exact", "number"),
        ("credit", "money"), ("paid", "money"), ("active", "boolean"), ("met", "date"), ("left", "date"),
        ("at", "datetime"), ("seen", "datetime"), ("tags", "tags"), ("parent", "text"),
    ]  # fmt: skip
    options = {"exact": {"decimals": decimals}} if decimals is not None else {}
    return tuple(
        Field(ODD_NAMES[n] if odd else name, kind=kind, options=options.get(name, {}))
        for n, (name, kind) in enumerate(kinds)
    )


@cache
def world(zone: str, decimals: int | None, odd: bool, chained: bool) -> World:
    own = fields(decimals, odd)
    grand = Table("grand", fields=(Field("no"),), primary_key=("no",))
    up = ForeignKey("key", "grand", "no")
    parent = Table('par"ent', fields=(Field("key"),), primary_key=("key",), foreign_keys=(up,) if chained else ())
    main = Table("main", fields=own, foreign_keys=(ForeignKey(own[-1].name, parent.name, "key"),))
    pools: dict[str, Sequence[Stored]] = {
        "text": TEXTS, "org_name": TEXTS, "integer": WHOLE, "money": WHOLE, "boolean": [0, 1], "date": DATES,
        "datetime": MOMENTS, "tags": ["VIP", "VIP2", "A B;VIP", "IP;VIP2;华东", "华东区", "vip"],
    }  # fmt: skip

    def pool(field: Field) -> Sequence[Stored]:
        if field is own[-1]:
            return KEYS
        if field.kind == "number":
            return REALS if field.column_type == "REAL" else WHOLE
        return pools[field.kind]

    values = [(None, *pool(field)) for field in own]

    def row(seed: int) -> Row:
        chance = Random(seed)
        return tuple(map(chance.choice, values))

    rows = st.lists(st.integers(0, 2**32).map(row), max_size=10)
    return World(Schema((main, parent, grand)), zone, rows, conditions(odd))


# -- expressions, as text ----------------------------------------------------------------------------------------------


@cache
def conditions(odd: bool) -> st.SearchStrategy[str]:
    own = fields(None, odd)
    by_kind: dict[str, list[str]] = {}
    for field in own:
        by_kind.setdefault(field.kind, []).append(named(field.name))
    texts, dates, moments = by_kind["text"] + by_kind["org_name"], by_kind["date"], by_kind["datetime"]
    order, same = st.sampled_from(["=", "!=", "<", "<=", ">", ">="]), st.sampled_from(["=", "!="])
    text = st.sampled_from([*TEXTS, *KEYS]).map(quoted)
    number = st.sampled_from(["0", "1", "-1", "7", "2024", "35", "350", '"100"', "12"])
    duration = st.sampled_from(DURATIONS)
    known = st.sampled_from(
        [*DATES, "today", "today - 18mo", "today + 1mo - 1d", '"2024年5月1日"', '"2024/8/31"', '"May 1, 2024"']
    )
    moved = st.builds("{} {} {}".format, st.sampled_from(dates + moments), st.sampled_from("+-"), duration)
    day = st.sampled_from(dates + moments) | moved
    amounts = by_kind["integer"] + by_kind["number"]
    whole = (
        st.sampled_from(amounts)
        | st.builds("{}({})".format, st.sampled_from(["year", "month"]), day)
        | st.sampled_from(texts).map("length({})".format)
    )
    spoken = st.sampled_from(texts) | st.sampled_from(texts).map("lower({})".format)
    money, instants = st.sampled_from(by_kind["money"]), [*MOMENTS, *map(quoted, MOMENTS)]
    asked = st.sampled_from(["contains", "starts with", "not contains"])
    any_field = st.sampled_from([named(field.name) for field in own])
    comparing = [
        st.builds("{} {} {}".format, spoken, order, text | spoken),
        st.builds("{} {} {}".format, whole, order, number | whole),
        st.builds("{} {} {}".format, money, order, number | money),
        st.builds("{} {} {}".format, st.sampled_from(by_kind["boolean"]), same, st.sampled_from(['"true"', "否", "0"])),
        st.builds("{} {} {}".format, day, order, known | day),
        st.builds("{} {} {}".format, known, order, day),
        st.builds("{} {} {}".format, st.sampled_from(moments), order, st.sampled_from(instants)),
        st.builds("age({}) {} {}".format, day, order, duration),
        st.builds("_id {} {}".format, order, number.filter(str.isdigit) | st.sampled_from(amounts)),
    ]
    testing = [
        st.builds("{} {} ({})".format, spoken, IN, st.lists(text, min_size=1, max_size=4).map(", ".join)),
        st.builds("{} {} ({})".format, whole | st.just("_id"), IN, st.sampled_from(["1", "7, 2024", "0, -1, 12"])),
        st.builds("{} {} ({})".format, day, IN, st.lists(known, min_size=1, max_size=3).map(", ".join)),
        st.builds("{} {} {}".format, spoken, asked, PART.map(quoted)),
        st.builds("{} has {}".format, st.sampled_from(by_kind["tags"]), st.sampled_from(TAGS).map(quoted)),
        st.builds("{} is {}".format, any_field, st.sampled_from(["empty", "not empty"])),
        st.sampled_from(by_kind["boolean"]),
    ]
    single = st.one_of(*comparing, *testing)
    return st.recursive(
        single,
        lambda inner: (
            st.builds("({} {} {})".format, inner, st.sampled_from(["and", "or"]), inner)
            | st.builds("{} and {} or {}".format, single, inner, single)
            | st.builds("not ({})".format, inner)
        ),
        max_leaves=5,
    )


IN = st.sampled_from(["in", "not in"])
PART = st.sampled_from([
    "v", "VI", "深", "深圳", "é", "É", "K", "k", "\u212a", "s", "ß", "i", "σ", "%", "_", "'", '"', "0", "c-",
    "\U0010ffff", "𠮷",
])  # fmt: skip


def named(name: str) -> str:
    return name if name.isidentifier() and name not in ("or", "today") else "`" + name.replace("`", "``") + "`"


def quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def normalise(field: Field, text: str, zone: str) -> str | int | float:
    """The stored form, as the value types give it; ValueError for what is none."""
    match field.kind:
        case "integer":
            return int(text)
        case "number" if field.column_type == "REAL":
            return float(text)
        case "number" | "money":
            try:
                return int(Decimal(text).scaleb(2 if field.kind == "money" else field.options["decimals"]))
            except InvalidOperation as error:
                raise ValueError("not a number") from error
        case "boolean":
            return {"true": 1, "1": 1, "是": 1, "false": 0, "0": 0, "否": 0}[text]
        case "date" | "datetime":
            if text == "May 1, 2024":
                text = "2024-05-01"
            moment = datetime.fromisoformat(text)
            if field.kind == "date":
                return moment.date().isoformat()
            moment = moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(zone))
            return moment.astimezone(UTC).isoformat()[:-6].rstrip("0" if moment.microsecond else "") + "Z"
        case _:
            return text
