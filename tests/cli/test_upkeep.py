"""custrec status, doctor and maintain, as one types them: words, exit codes, widths, JSON."""

from __future__ import annotations

import contextlib
import json
import sqlite3
import stat
from pathlib import Path

import pytest
from rich.cells import cell_len

from terminal import Desk, custrec

WIDE = """\
version: 1
tables:
""" + "".join(
    f"  - name: {name}\n    fields: [{{name: a, type: string}}]\n"
    for name in ("客户", "customers", "一个名字特别长的表格用来看看宽度对不对", *(f"t{n}" for n in range(9)))
)


def test_status_of_a_new_store_says_that_nothing_waits(desk: Desk) -> None:
    said = desk.run("status")
    assert (said.code, said.err) == (0, "")
    lines = said.out.splitlines()
    assert lines[0] == f"store      {desk.store.resolve()}"
    assert "imported   nothing yet" in lines
    assert "waiting    nothing" in lines
    assert "backup     no backup yet: custrec backup create" in lines
    assert "writing    no custrec command" in lines


def test_status_tells_what_waits_and_ends_with_three(desk: Desk) -> None:
    desk.take("no,name,city\nC1,Ann,Paris\nC2,,Oslo\n")
    desk.take("no,name\nC3,Bo\n", "--save-plan")
    said = desk.run("status")
    assert said.code == 3
    assert "imported   in.csv · just now · 2 rows, 1 rejected" in said.out
    assert "waiting    custrec.rejects/1.csv · 1 row · just now" in said.out
    assert "1 saved plan · just now · custrec plan list" in said.out
    assert "history    event 1, import by tester" in said.out
    digest = desk.run("history", "head").out.strip()
    assert f"head {digest[:14]}…" in said.out
    quiet = desk.run("status", "-q")
    assert (quiet.code, quiet.out, quiet.err) == (3, "", "")


def test_status_is_quiet_where_nothing_waits(desk: Desk) -> None:
    desk.take("no,name\nC1,Ann\n")
    said = desk.run("status", "-q")
    assert (said.code, said.out, said.err) == (0, "", "")


def test_faulty_settings_wait_to_be_mended(desk: Desk) -> None:
    desk.write("custrec.yaml", "wiat: 5\n")
    said = desk.run("status")
    assert (said.code, said.err) == (3, "")
    assert "waiting    custrec.yaml has 1 fault · custrec config show" in said.out


def test_status_as_json(desk: Desk) -> None:
    desk.take("no,name\nC1,Ann\nC2,\n")
    said = desk.run("status", "--json")
    assert said.code == 3
    found = said.json
    assert found["schema"] == "custrec.status/1"
    assert found["records"] == {"customers": {"active": 1}, "notes": {"active": 0}}
    assert found["last_import"].items() >= {"event": 1, "file": "in.csv", "rows": 2, "rejected": 1}.items()
    assert [(Path(one["file"]).name, one["rows"]) for one in found["rejects"]] == [("1.csv", 1)]
    assert (found["waits"], found["backup"], found["writer"], found["search"]) == (True, None, None, "current")
    assert found["head"]["digest"] == desk.rows("SELECT lower(hex(digest)) FROM _event")[0]
    new = Desk(desk.folder / "new").run("status", "--json").json
    assert (new["head"], new["last_import"], new["waits"]) == (None, None, False)


def test_status_fits_a_screen_whatever_tables_are_called(tmp_path: Path) -> None:
    (tmp_path / "schema.yaml").write_text(WIDE)
    assert custrec("init", cwd=tmp_path).code == 0
    for what in ("rejects", "review"):
        folder = tmp_path / f"custrec.{what}"
        folder.mkdir(exist_ok=True)
        for n in range(5):
            (folder / f"{'名' * 50}{n}.csv").write_text("a\n1\n2\n")
    said = custrec("status", cwd=tmp_path, COLUMNS="80")
    lines = said.out.splitlines()
    assert len(lines) <= 24
    assert max(cell_len(line) for line in lines[1:]) <= 80
    places = {cell_len(line[: line.index(" active")]) for line in lines if " active" in line}
    assert len(places) == 1, said.out
    assert "and 5 more tables: 0 records" in said.out
    assert "3 more files of rejects · 6 rows" in said.out


def test_status_of_no_store_says_so(tmp_path: Path) -> None:
    for words in (("status",), ("doctor",), ("maintain",)):
        said = custrec(*words, "--store", "none.db", cwd=tmp_path)
        assert (said.code, said.out) == (7, "")
        assert "there is no store none.db" in said.err


def test_who_writes_is_told_by_status(desk: Desk) -> None:
    (desk.folder / "custrec.writer").write_text(json.dumps({"pid": 1, "actor": "zhang", "verb": "import"}))
    assert "writing    zhang (import, process 1)" in desk.run("status").out


# --- doctor ----------------------------------------------------------------------------------------------------------


def test_doctor_finds_nothing_in_a_new_store(desk: Desk) -> None:
    said = desk.run("doctor")
    assert (said.code, said.err) == (0, "")
    assert all(line.startswith(("ok   ", " ")) for line in said.out.splitlines())
    quiet = desk.run("doctor", "--full", "-q")
    assert (quiet.code, quiet.out, quiet.err) == (0, "", "")


@pytest.mark.parametrize("columns", ["40", "80", "140"])
def test_doctor_keeps_to_the_width_and_tells_nothing_by_colour_alone(desk: Desk, columns: str) -> None:
    desk.store.chmod(0o644)
    desk.write("custrec.yaml", "wiat: 5\n")
    (desk.folder / "我的坚果云").mkdir()
    said = desk.run("doctor", COLUMNS=columns, NO_COLOR="1")
    assert said.code == 3
    assert "\x1b" not in said.out
    assert max(cell_len(line) for line in said.out.splitlines()) <= int(columns)
    assert "warn  modes" in said.out
    coloured = desk.run("doctor", COLUMNS=columns, FORCE_COLOR="1")
    assert "\x1b[1mwarn \x1b[0m modes" in coloured.out


def test_doctor_mends_and_says_what(desk: Desk) -> None:
    desk.take("no,name\nC1,Ann\n")
    desk.store.chmod(0o644)
    with contextlib.closing(sqlite3.connect(desk.store)) as other:
        other.execute("DROP TRIGGER _guard_notes_update")
        other.commit()
    before = desk.run("doctor", "--json")
    assert before.code == 3
    assert {one["check"] for one in before.json["findings"] if one["fixable"]} == {"layout", "modes"}
    said = desk.run("doctor", "--fix")
    assert said.code == 0
    assert "fixed: custrec.db: only its owner may read it now (mode 0600)\n" in said.err
    assert "fixed: the guard _guard_notes_update was made anew\n" in said.err
    assert stat.S_IMODE(desk.store.stat().st_mode) == 0o600
    again = desk.run("doctor", "--fix", "--json")
    assert (again.code, again.json["fixed"]) == (0, [])


def test_doctor_waits_for_a_writer_and_then_gives_up(desk: Desk) -> None:
    with contextlib.closing(sqlite3.connect(desk.store, isolation_level=None)) as other:
        other.execute("DROP TRIGGER _guard_notes_update")
        other.execute("BEGIN IMMEDIATE")
        said = desk.run("doctor", "--fix", "--wait", "0.1")
        assert said.code == 6
        assert desk.run("doctor").code == 3
        assert desk.run("maintain", "--wait", "0.1").code == 6


def test_doctor_of_a_damaged_store_ends_with_seven(desk: Desk) -> None:
    desk.write("custrec.db", b"garbage" * 1000)
    said = desk.run("doctor")
    assert said.code == 7
    assert said.out.startswith("bad   store")


def test_doctor_writes_a_report_that_only_its_owner_reads(desk: Desk) -> None:
    desk.take("no,name\nC1,Ann\n")
    said = desk.run("doctor", "--bundle", "report.json", "-q")
    assert said.code == 0
    place = desk.folder / "report.json"
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    found = json.loads(place.read_text())
    assert [table["name"] for table in found["tables"]] == ["customers", "notes"]
    assert "Ann" not in place.read_text()
    assert desk.run("doctor", "--bundle", "no/such/folder.json").code == 10


def test_doctor_looks_at_broken_settings_where_others_stop(desk: Desk) -> None:
    desk.write("custrec.yaml", "wait: soon\n")
    said = desk.run("doctor")
    assert said.code == 3
    assert "custrec.yaml has 1 fault" in said.out


# --- maintain --------------------------------------------------------------------------------------------------------


def test_maintain_says_what_it_did_and_is_silent_when_asked(desk: Desk) -> None:
    desk.take("no,name\nC1,Ann\n")
    before = desk.files()
    said = desk.run("maintain", "-n")
    assert said.code == 0
    assert said.err.endswith("nothing was written (dry run)\n")
    assert desk.files() == before
    said = desk.run("maintain")
    assert (said.code, said.out) == (0, "")
    assert "custrec.db: statistics renewed" in said.err
    quiet = desk.run("maintain", "-q", "--vacuum")
    assert (quiet.code, quiet.out, quiet.err) == (0, "", "")
    assert desk.run("find", "Ann").err == "1 found\n"
    assert desk.run("doctor", "-q", "--full").code == 0
    assert desk.run("history", "verify", "-q").code == 0


def test_maintain_as_json(desk: Desk) -> None:
    desk.take("no,name\nC1,Ann\n")
    said = desk.run("maintain", "--vacuum", "--json").json
    assert (said["schema"], said["done"]) == ("custrec.maintain/1", True)
    assert [one["step"] for one in said["steps"]][:5] == ["search", "merge", "vacuum", "vacuum", "statistics"]
    assert desk.run("maintain", "-n", "--json").json["done"] is False


def test_maintain_writes_anew_where_it_pays(desk: Desk) -> None:
    desk.take("no,name,city\n" + "".join(f"C{n},Ann,{'x' * 900}{n}\n" for n in range(9_000)))
    desk.run("undo")
    size = desk.store.stat().st_size
    steps = desk.run("maintain", "--json").json["steps"]
    assert [one["file"] for one in steps if one["step"] == "vacuum"] == ["custrec.db"]
    assert desk.store.stat().st_size < size
    assert [one for one in desk.run("maintain", "--json").json["steps"] if one["step"] == "vacuum"] == []
    assert desk.run("redo", "-q").code == 0
    assert desk.rows("SELECT count(*) FROM customers") == [9_000]
