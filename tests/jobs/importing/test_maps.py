"""The folder of saved maps, which of them a file is made for, proposals and previews."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from conftest import Shop
from custrec.errors import (
    FileMissing,
    MapExists,
    MapInvalid,
    MapMismatch,
    MapUnknown,
    UsageError,
)
from custrec.files.map_file import parse_map
from custrec.jobs.importing.map_proposals import Proposal, preview, proposed
from custrec.jobs.importing.maps import all_maps, check_maps, map_named, map_names, map_path, recognised, save_map
from custrec.jobs.importing.opening import How
from custrec.model.mapping import SavedMap
from custrec.model.schema import Schema
from custrec.store.database import Store

SCHEMA = """\
version: 1
tables:
  - name: members
    primaryKey: [no]
    missingValues: ["", "-"]
    fields:
      - {name: no, aliases: [编号]}
      - {name: name, aliases: [姓名], constraints: {required: true}}
      - {name: city}
  - name: visits
    fields: [{name: no}, {name: at, type: date}]
"""


@pytest.fixture
def store(new_shop: Callable[..., Shop]) -> Iterator[Store]:
    with new_shop(SCHEMA).session() as session:
        yield session.store


def saved(store: Store, text: str, name: str = "m") -> SavedMap:
    return parse_map(f"table: members\n{text}", name, store.schema)


# --- the folder ---


def test_a_saved_map_is_found_by_its_name(store: Store) -> None:
    path = save_map(store, "金蝶", "table: members\ncolumns: {x: no}\n")
    assert path.parent == store.path.with_name(f"{store.path.stem}.maps")
    assert map_names(store) == ["金蝶"]
    assert map_named(store, "金蝶").columns == ("x",)
    assert map_named(store, "金蝶.yaml").name == "金蝶"


def test_an_unknown_map_names_the_nearest(store: Store) -> None:
    with pytest.raises(MapUnknown) as caught:
        map_named(store, "kingdee")
    assert caught.value.hint == "custrec map list"
    save_map(store, "kingdee", "")
    with pytest.raises(MapUnknown) as caught:
        map_named(store, "kingde")
    assert caught.value.hint == "did you mean kingdee?"


@pytest.mark.parametrize("name", ["", "../x", "a/b", ".hidden", "-n", "x" * 61, "a\0", "a b", "a\n", "None"])
def test_a_name_that_could_lead_elsewhere_is_refused(store: Store, name: str) -> None:
    with pytest.raises(UsageError):
        map_path(store, name)


def test_a_map_is_never_written_over(store: Store, tmp_path: Path) -> None:
    path = save_map(store, "m", "mine")
    with pytest.raises(MapExists):
        save_map(store, "m", "other")
    assert path.read_text() == "mine"
    map_path(store, "link").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(MapExists):
        save_map(store, "link", "other")
    assert not (tmp_path / "elsewhere").exists()


def test_a_map_that_cannot_be_read_stops_nobody_but_is_told_of(store: Store) -> None:
    save_map(store, "good", "table: members\ncolumns: {x: no}\n")
    save_map(store, "bad", "table: members\ncolumns: {x: nno}\n")
    map_path(store, "folder").mkdir()
    maps, unusable = all_maps(store)
    assert [one.name for one in maps] == ["good"]
    assert {name: error.slug for name, error in unusable.items()} == {
        "bad": "map-invalid",
        "folder": "file-unreadable",
    }


def test_all_maps_are_checked_at_once(store: Store) -> None:
    assert check_maps(store, None) == []
    save_map(store, "a", "table: members\ncolumns: {x: no}\n")
    assert [one.name for one in check_maps(store, None)] == ["a"]
    save_map(store, "b", "table: members\ncolumns: {x: nno}\n")
    with pytest.raises(MapInvalid) as caught:
        check_maps(store, None)
    assert caught.value.params["name"] == "b.yaml"
    save_map(store, "c", "table: x\n")
    with pytest.raises(MapInvalid) as caught:
        check_maps(store, None)
    assert caught.value.message == "custrec.maps has 2 faults"
    assert [line.split(",")[0] for line in caught.value.details] == ["b.yaml", "c.yaml"]
    assert check_maps(store, "a")[0].name == "a"


# --- recognising ---


def test_the_map_with_the_most_columns_is_recognised(store: Store) -> None:
    small = saved(store, "columns: {x: no}", "small")
    large = saved(store, "columns: {x: no, y: null}", "large")
    assert recognised([small, large], ["X ", "y", "z"]) is large
    assert recognised([small, large], ["x", "z"]) is small
    assert recognised([small, large], ["y"]) is None
    assert recognised([], ["x"]) is None


def test_a_tie_is_no_recognition(store: Store) -> None:
    one, other = saved(store, "columns: {x: no}", "one"), saved(store, "columns: {y: no}", "other")
    assert recognised([one, other], ["x", "y"]) is None
    assert recognised([one, other], ["x"]) is one


def test_maps_that_change_nothing_are_not_recognised(store: Store) -> None:
    idle = saved(store, "columns: {编号: no, Name: name}")
    constant = saved(store, "fields: {city: {constant: x}}")
    assert recognised([idle, constant], ["编号", "name"]) is None
    crossed = saved(store, "columns: {编号: name, 姓名: no}")
    assert recognised([idle, crossed, constant], ["编号", "姓名", "name"]) is crossed
    assert recognised([saved(store, "columns: {编号: {field: no, transform: trim}}")], ["编号"]) is not None


# --- proposing ---


def propose(store: Store, folder: Path, text: str | bytes, **how: str) -> Proposal:
    path = folder / "in.csv"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    schema: Schema = store.schema
    return proposed(schema, schema.tables[0], "m", str(path), How(**how), "a source")


def test_known_headers_are_mapped_and_the_others_left_out(store: Store, tmp_path: Path) -> None:
    found = propose(store, tmp_path, "编号,citty,内部,姓名,,city,City,x,X ,_line,<<\nC1,a,b,c,d,e,f,g,h,i,j\n")
    assert (found.known, found.unfilled) == (2, ())
    assert found.left_out == ("citty", "内部", "city", "x")
    assert "  citty: null # unknown; did you mean city?\n" in found.text
    assert "  city: null # stands in columns 6, 7: rename all but one\n" in found.text
    read = parse_map(found.text, "m", store.schema)
    assert {field: recipe.columns for field, recipe in read.recipes.items()} == {"no": ("编号",), "name": ("姓名",)}
    assert read.source == "a source"


def test_two_columns_of_one_field_are_told(store: Store, tmp_path: Path) -> None:
    found = propose(store, tmp_path, "no,编号\n1,2\n")
    assert "  编号: null # another column is no already\n" in found.text
    assert found.unfilled == ("name",)


def test_a_file_of_unknown_headers_makes_a_proposal_to_fill(store: Store, tmp_path: Path) -> None:
    found = propose(store, tmp_path, "x1;q9\n1;2\n")
    assert (found.known, found.left_out, found.unfilled) == (0, ("x1", "q9"), ("no", "name"))


def test_the_encoding_may_be_named(store: Store, tmp_path: Path) -> None:
    found = propose(store, tmp_path, "no|Größe\n1|2\n".encode("cp1252"), encoding="cp1252", delimiter="|")
    assert (found.known, found.left_out) == (1, ("Größe",))


def test_ten_thousand_columns_make_a_proposal_that_reads_back(store: Store, tmp_path: Path) -> None:
    found = propose(store, tmp_path, "no," + ",".join(f"column {n}" for n in range(10_000)) + "\n")
    assert len(parse_map(found.text, "m", store.schema).left_out) == 10_000


def test_a_header_too_large_for_a_map_is_an_error(store: Store, tmp_path: Path) -> None:
    with pytest.raises(MapInvalid):
        propose(store, tmp_path, f"no,{'x' * (2 << 20)}\n")
    with pytest.raises(FileMissing):
        proposed(store.schema, store.schema.tables[0], "m", str(tmp_path / "none.csv"), How())


# --- previews ---


def test_a_preview_shows_the_first_rows_before_and_after(store: Store, tmp_path: Path) -> None:
    one = saved(store, "columns: {x: no}\nfields: {city: {join: [a, b], with: /}, name: {constant: k}}")
    path = tmp_path / "in.csv"
    path.write_text("a,x,b\nA, C1,B\n\n-,C2,B\n,,\nC3\n" + "z,z,z\n" * 10, encoding="utf-8")
    found = preview(one, str(path), How(), 2)
    assert [(e.line, e.field, e.before, e.after) for e in found] == [
        (2, "no", ("C1",), "C1"),
        (2, "city", ("A", "B"), "A/B"),
        (2, "name", (), "k"),
        (4, "no", ("C2",), "C2"),
        (4, "city", ("-", "B"), "B"),
        (4, "name", (), "k"),
    ]
    with pytest.raises(MapMismatch):
        preview(saved(store, "columns: {q: no}"), str(path), How(), 2)
