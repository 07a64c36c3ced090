"""jobs.importing.intake: any file is read, judged and compared; every row is accounted for, and rejects come back."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import sqlite3
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conftest import PLENTY, Shop
from custrec.errors import CustrecError, HeaderUnreadable, UnknownColumns
from custrec.files.cells import CHUNK_ROWS
from custrec.files.dialect import SAMPLE_SIZE
from custrec.jobs.importing.imports import plan_import
from custrec.jobs.importing.intake import ImportRequest
from custrec.model.plan import Plan

SCHEMA = """\
version: 1
defaults: {region: CN, dateOrder: ymd, currency: CNY, timezone: Asia/Shanghai}
tables:
  - name: customers
    primaryKey: [no]
    fields:
      - {name: no, type: string}
      - {name: name, type: string, constraints: {required: true}}
      - {name: visits, type: integer}
      - {name: credit, kind: money, decimalChar: ","}
      - {name: since, type: date, format: "%d.%m.%Y"}
      - {name: flag, type: boolean, trueValues: [ja], falseValues: [nein]}
      - {name: phone, kind: phone}
      - {name: tags, kind: tags}
"""
HEADER = ["no", "name", "visits", "credit", "since", "flag", "phone", "tags"]
GOOD: list[list[Any]] = [
    ["C1", "Ann", 3, 1234.5, "01.05.2024", True, 13800138000, "a;b"],
    ["C2", "Bo", 0, -0.01, "31.12.1999", False, "+33 6 12 34 56 78", ""],
]
STORED = [
    ("C1", "Ann", 3, 123450, "2024-05-01", 1, "+8613800138000", "a;b"),
    ("C2", "Bo", 0, -1, "1999-12-31", 0, "+33612345678", None),
]


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path / "shop", SCHEMA)


def take(shop: Shop, path: Path | str, apply: bool = True, **request: Any) -> Plan:
    """Import a file, or only plan to."""
    with shop.session() as session:
        file = plan_import(session.store, ImportRequest(str(path), shop.schema.tables[0], **request), session.draft())
        plan = file.plan
        if apply:
            session.run(file, PLENTY)
        else:
            file.drop()
    assert shop.leftovers() == []
    return plan


def customers(shop: Shop) -> list[tuple[Any, ...]]:
    return shop.rows(f"SELECT {', '.join(HEADER)} FROM customers ORDER BY _id")


def workbook(path: Path, rows: list[list[Any]], header: list[str] = HEADER) -> Path:
    with xlsxwriter.Workbook(str(path), {"nan_inf_to_errors": True}) as book:
        sheet = book.add_worksheet("s")
        for number, row in enumerate([header, *rows]):
            for place, cell in enumerate(row):
                if isinstance(cell, str):
                    sheet.write_string(number, place, cell)
                elif cell is not None and not isinstance(cell, list | dict | bytes):
                    sheet.write(number, place, cell)
    return path


def lines(path: Path, rows: list[list[Any]], header: list[str] = HEADER) -> Path:
    path.write_text("".join(json.dumps(dict(zip(header, row, strict=True))) + "\n" for row in rows), encoding="utf-8")
    return path


def database(path: Path, rows: list[list[Any]], header: list[str] = HEADER) -> Path:
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute(f"CREATE TABLE people ({', '.join(header)})")
        connection.executemany(f"INSERT INTO people VALUES ({', '.join('?' * len(header))})", rows)
    return path


MAKERS = {"xlsx": workbook, "jsonl": lines, "db": database}


@pytest.mark.parametrize("form", MAKERS)
def test_every_form_gives_the_values_that_its_cells_are(shop: Shop, tmp_path: Path, form: str) -> None:
    rows = [[*row] for row in GOOD]
    if form == "db":  # which has no truth values
        rows = [[*row[:5], "ja" if row[5] else "nein", *row[6:]] for row in rows]
    path = MAKERS[form](tmp_path / f"in.{form}", rows)
    plan = take(shop, path)
    assert (plan.counts.read, plan.counts.insert, plan.counts.rejected) == (2, 2, 0)
    assert customers(shop) == STORED
    again = take(shop, path)
    assert (again.empty, again.counts.same) == (True, 2)


BAD: dict[str, list[tuple[list[Any], str]]] = {
    "xlsx": [
        (["B1", "Long", 1234567890123456, None, None, None, None, None], "number-rounded"),
        (["B2", "Half", 1.5, None, None, None, None, None], "integer-invalid"),
        ([110101199003078888, "Key", None, None, None, None, None, None], "number-rounded"),
        (["B4", "=1+1'\"", "x", None, None, None, None, None], "integer-invalid"),
    ],
    "jsonl": [
        (["B1", {"first": "Ann"}, 1, None, None, None, None, None], "cell-no-text"),
        (["B2", "a\ud800b", 1, None, None, None, None, None], "half-character"),
        (["B3", "a\0b", 1, None, None, None, None, None], "nul-byte"),
        (["B4", "'=1", "x", None, None, None, None, ["a", "b"]], "integer-invalid"),
        (["B5", None, 1, None, None, None, None, [["a"]]], "cell-no-text"),
    ],
    "db": [
        (["B1", b"\xff\xfe", 1, None, None, None, None, None], "cell-no-text"),
        (["B2", "Long", 1e17, None, None, None, None, None], "number-rounded"),
        (["B3", "'=1", "x", None, None, None, None, None], "integer-invalid"),
        (["B4", "Money", 1, 0.125, None, None, None, None], "number-decimals"),
    ],
}


@pytest.mark.parametrize("form", MAKERS)
def test_rejects_of_every_form_are_rejected_again_and_taken_when_mended(shop: Shop, tmp_path: Path, form: str) -> None:
    first, second = GOOD[0], [*GOOD[1][:5], None, *GOOD[1][6:]]
    rows = [[*first[:5], None, *first[6:]], *(row for row, _ in BAD[form]), second]
    path = MAKERS[form](tmp_path / f"in.{form}", rows)
    rejects = tmp_path / "bad.csv"
    plan = take(shop, path, rejects=rejects)
    expected = Counter(rule for _, rule in BAD[form])
    assert plan.counts.read == len(rows)
    assert plan.rules == expected
    assert [row[0] for row in customers(shop)] == ["C1", "C2"]
    raw = rejects.read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf_line,_field,_rule,_message,no,name,")
    again = take(shop, rejects, rejects=tmp_path / "again.csv")
    assert (again.counts.insert, again.counts.rejected) == (0, len(BAD[form])), again.rules
    assert raw.count(b"\r\n") == (tmp_path / "again.csv").read_bytes().count(b"\r\n") == len(BAD[form]) + 1
    mended = list(csv.reader(io.StringIO(raw.decode("utf-8-sig", "replace").replace("\0", ""))))
    good = [[*row[:4], f"M{n}", row[5] if len(row) > 5 else "x", "7"] + [""] * 5 for n, row in enumerate(mended[1:])]
    out = io.StringIO(newline="")
    csv.writer(out).writerows([mended[0], *good])
    rejects.write_text(out.getvalue(), encoding="utf-8")
    assert take(shop, rejects).counts.insert == len(BAD[form])


def test_the_texts_of_programs_are_taken_to_the_letter(shop: Shop, tmp_path: Path) -> None:
    names = ["'=1", "''=1", "'00501", '="00501"', "=1+1", "O'Hara"]
    for form in ("jsonl", "db"):
        MAKERS[form](tmp_path / f"in.{form}", [[f"{form}{n}", name] for n, name in enumerate(names)], ["no", "name"])
        take(shop, tmp_path / f"in.{form}")
        assert [row[1] for row in customers(shop) if row[0].startswith(form)] == names


def test_what_is_left_out_may_hold_anything(shop: Shop, tmp_path: Path) -> None:
    header = ["no", "name", "extra"]
    extras = {"xlsx": 1234567890123456789, "jsonl": {"a": [1, {"b": None}]}, "db": b"\xff" * 100}
    for form, extra in extras.items():
        path = MAKERS[form](tmp_path / f"in.{form}", [[form, "Ann", extra], [f"{form}2", None, extra]], header)
        with pytest.raises(UnknownColumns):
            take(shop, path)
        plan = take(shop, path, ignore_columns=True, rejects=tmp_path / f"{form}.csv")
        assert (plan.counts.insert, plan.rules) == (1, {"required": 1})
        again = take(shop, tmp_path / f"{form}.csv", ignore_columns=True)
        assert again.rules == {"required": 1}


def test_a_value_without_a_header_is_never_lost(shop: Shop, tmp_path: Path) -> None:
    path = tmp_path / "in.jsonl"
    path.write_text('{"no": "C1", "name": "Ann", "": 7}\n{"no": "C2", "name": "Bo", "": null}\n{"no": "C3", "": {}}\n')
    plan = take(shop, path)
    assert plan.rules == {"stray-cell": 1, "cell-no-text": 1}
    assert [row[0] for row in customers(shop)] == ["C2"]


def late(count: int, key: str = "visits") -> str:
    """Lines of which one, far behind those that are looked at for the keys, has a key more."""
    rows = [json.dumps({"no": f"C{n}", "name": "A Name"}) for n in range(count)]
    rows[-2] = json.dumps({"no": f"C{count - 2}", "name": "A Name", key: 7, "credit": "1,50"})
    return "\n".join(rows)


COUNT = SAMPLE_SIZE // 25


@pytest.mark.parametrize("way", ["file", "input"])
def test_a_key_that_comes_late_is_a_column_all_the_same(
    shop: Shop, tmp_path: Path, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = late(COUNT)
    assert len(text) > SAMPLE_SIZE + 1000
    if way == "file":
        (tmp_path / "in.jsonl").write_text(text)
    else:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    plan = take(shop, tmp_path / "in.jsonl" if way == "file" else "-", jobs=1)
    assert (plan.counts.read, plan.counts.insert) == (COUNT, COUNT)
    assert shop.rows("SELECT no, visits, credit FROM customers WHERE visits IS NOT NULL") == [(f"C{COUNT - 2}", 7, 150)]


def test_a_key_that_comes_late_and_is_unknown_stops_the_import(shop: Shop, tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_text(late(COUNT, "nobody"))
    with pytest.raises(UnknownColumns) as caught:
        take(shop, tmp_path / "in.jsonl", jobs=1)
    assert caught.value.details == ("nobody (column 3)",)
    assert shop.leftovers() == []
    plan = take(shop, tmp_path / "in.jsonl", jobs=1, ignore_columns=True)
    assert plan.counts.insert == COUNT


def test_keys_without_end_are_no_columns(shop: Shop, tmp_path: Path) -> None:
    head = "".join(json.dumps({"no": f"C{n}", "name": "A Name"}) + "\n" for n in range(COUNT))
    path = tmp_path / "in.jsonl"
    path.write_text(head + "".join(json.dumps({f"k{n}": n}) + "\n" for n in range(17_000)))
    with pytest.raises(HeaderUnreadable, match="16,384"):
        take(shop, path, jobs=1, ignore_columns=True)
    assert shop.leftovers() == []


def test_lines_are_counted_in_long_sheets_too_and_late_rejects_read_again(shop: Shop, tmp_path: Path) -> None:
    rows = [[f"C{n}", f"Name {n}"] for n in range(CHUNK_ROWS + 20)]
    rows[5] = ["C1", "Another"]
    rows[CHUNK_ROWS + 10] = ["C7", "Another"]
    rejects = tmp_path / "bad.csv"
    plan = take(shop, workbook(tmp_path / "in.xlsx", rows, ["no", "name"]), rejects=rejects, jobs=1)
    assert plan.rules == {"same-key": 4}
    found = [line.split(",") for line in rejects.read_text("utf-8-sig").splitlines()[1:]]
    assert [(row[0], *row[-2:]) for row in found] == [
        ("3", "C1", "Name 1"), ("7", "C1", "Another"), ("9", "C7", "Name 7"),
        (str(CHUNK_ROWS + 12), "C7", "Another"),
    ]  # fmt: skip


def test_a_large_workbook_is_shared_among_workers(shop: Shop, tmp_path: Path) -> None:
    rows = [[f"C{n}", "A Name Of Considerable Length " * 4, n, 0.5] for n in range(4 * CHUNK_ROWS)]
    path = workbook(tmp_path / "in.xlsx", rows, ["no", "name", "visits", "credit"])
    plan = take(shop, path, jobs=2)
    assert (plan.counts.insert, plan.counts.rejected) == (len(rows), 0)
    assert shop.rows("SELECT sum(visits), sum(credit) FROM customers") == [(sum(range(len(rows))), 50 * len(rows))]


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=6),
    lambda values: st.lists(values, max_size=2) | st.dictionaries(st.text(max_size=2), values, max_size=2),
    max_leaves=3,
)
OBJECTS = st.dictionaries(st.sampled_from([*HEADER, "extra", ""]), VALUES, max_size=5)


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(OBJECTS | VALUES, min_size=1, max_size=8), st.booleans())
def test_any_json_is_accounted_for_and_its_rejects_are_rejected_again(values: list[Any], ascii_only: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        shop = Shop(Path(folder) / "shop", SCHEMA)
        path, rejects = Path(folder) / "in.jsonl", Path(folder) / "bad.csv"
        texts = [json.dumps(value, ensure_ascii=ascii_only) for value in values]
        path.write_bytes("\n".join(['{"no": "C0", "name": "Ann"}', *texts]).encode("utf-8", "surrogatepass"))
        try:
            plan = take(shop, path, ignore_columns=True, rejects=rejects)
        except CustrecError:
            return  # columns that are there twice, for instance
        counts = plan.counts
        assert counts.read + counts.blank == len(values) + 1
        assert counts.insert + counts.rejected + counts.collapsed == counts.read
        if counts.rejected:
            before = customers(shop)
            again = take(shop, rejects, ignore_columns=True)
            assert again.counts.insert == 0, again.rules
            assert customers(shop) == before
