"""custrec schema diff and apply as processes: what they show, ask and refuse, and how far undo goes."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from conftest import Done, RunCustrec

SCHEMA = """\
version: 1
defaults: {region: CN, currency: CNY, timezone: Asia/Shanghai}
tables:
  - name: customers
    primaryKey: [no]
    fields:
      - {name: no, type: string}
      - {name: name, kind: person_name, constraints: {required: true}}
      - {name: tel, type: string}
      - {name: city, type: string}
      - {name: visits, type: integer}
      - {name: credit, kind: money}
  - name: notes
    foreignKeys: [{fields: [no], reference: {resource: customers, fields: [no]}}]
    fields:
      - {name: no, type: string, constraints: {required: true}}
      - {name: text, type: string}
"""
CUSTOMERS = (
    "no,name,tel,city,visits,credit\n"
    "C1,Ann Lee,13800138000,Leeds,3,10.50\n"
    "C2,王芳,138 0013 8001,深圳,,\n"
    "C3,Bo Diaz,call me,,0,7\n"
)
NOTES = "no,text\nC1,called\nC2,wrote\n"


class Desk:
    """A folder with a store of three customers, and the command run in it."""

    def __init__(self, folder: Path, run: RunCustrec) -> None:
        self.folder = folder
        self._run = run

    def __call__(self, *words: str, stdin: str | None = None) -> Done:
        return self._run(*words, cwd=self.folder, stdin=stdin)

    def write(self, **exchanged: str) -> None:
        """Write schema.yaml with some of its text exchanged: `city="…"` replaces the line of that field."""
        text = SCHEMA
        for name, new in exchanged.items():
            (line,) = [
                line for line in text.splitlines(keepends=True) if f"{{name: {name}," in line and "kind" not in name
            ][:1]
            text = text.replace(line, new and f"      - {new}\n")
        self.save(text)

    def save(self, text: str) -> None:
        (self.folder / "schema.yaml").write_text(text, encoding="utf-8")

    def records(self, *words: str) -> str:
        return self("list", "--format", "csv", *words).out

    def sound(self) -> bool:
        """Whether the history verifies."""
        return self("history", "verify").code == 0


@pytest.fixture
def desk(tmp_path: Path, run_custrec: RunCustrec) -> Desk:
    folder = tmp_path / "desk"
    folder.mkdir()
    desk = Desk(folder, run_custrec)
    desk.save(SCHEMA)
    (folder / "customers.csv").write_text(CUSTOMERS, encoding="utf-8")
    (folder / "notes.csv").write_text(NOTES, encoding="utf-8")
    for words in (("init",), ("import", "customers.csv"), ("import", "notes.csv", "-t", "notes")):
        assert desk(*words, "-q").code == 0
    return desk


def test_nothing_to_change_is_exit_0(desk: Desk) -> None:
    assert desk("schema", "diff").code == 0
    done = desk("schema", "apply")
    assert (done.code, done.err) == (0, "nothing to change: the store applies what schema.yaml says\n")


def test_a_diff_says_for_each_change_what_it_touches_loses_and_cannot_fit(desk: Desk) -> None:
    desk.write(tel="{name: phone, was: tel, kind: phone}", city="{name: tier, type: string, title: Tier}")
    done = desk("schema", "diff", "--format", "json")
    assert done.code == 3
    said = json.loads(done.out)
    assert said["schema"] == "custrec.schema-diff/1"
    told = [(c["field"], c["what"], c["records"], c["misfits"], c["lost"]) for c in said["changes"]]
    assert told == [
        ("phone", "renamed-field", 0, 0, 0),
        ("phone", "kind", 3, 1, 0),
        ("tier", "new-field", 0, 0, 0),
        ("city", "dropped-field", 2, 0, 2),
    ]
    listed = desk("schema", "diff", "--misfits", "--format", "csv").out.splitlines()
    assert listed == [
        "table,record,field,rule,message",
        "customers,3,phone,phone-letters,a phone number is written in digits",
    ]
    assert "call me" not in done.out + done.err + "".join(listed)


def test_what_does_not_fit_stops_it_until_a_person_decides(desk: Desk) -> None:
    desk.write(tel="{name: tel, kind: phone}")
    before = desk.records()
    done = desk("schema", "apply", "--yes")
    assert done.code == 4
    assert "customers.tel: 1 × a phone number is written in digits (first: #3)" in done.err
    assert desk.records() == before
    assert desk("schema", "apply", "--leave-blank", "--yes", "-q").code == 0
    assert desk.records("--fields", "tel").splitlines() == ["_id,tel", "1,+8613800138000", "2,+8613800138001", "3,"]
    assert desk.sound()
    assert desk("undo", "-q").code == 0
    assert desk.records() == before


def test_losing_values_wants_consent(desk: Desk) -> None:
    desk.write(city="")
    done = desk("schema", "apply")
    assert done.code == 9
    assert desk("schema", "apply", "--yes", "-q").code == 0
    assert "city" not in desk.records()


def test_undo_and_redo_go_there_and_back_whatever_the_schema_file_says(desk: Desk) -> None:
    before = desk.records()
    desk.write(city="", visits="{name: visits, type: number}")
    assert desk("schema", "apply", "--yes", "-q").code == 0
    after = desk.records()
    assert {one["level"] for one in json.loads(desk("doctor", "--json").out)["findings"]} <= {"ok", "warn"}
    done = desk("undo")
    assert done.code == 0
    assert "schema.yaml says something else than the store applies" in done.err
    assert desk.records() == before
    assert desk("redo", "-q").code == 0
    assert desk.records() == after
    assert desk.sound()
    assert desk("edit", "C1", "name=Ann Lea", "-q").code == 0


def test_a_rename_keeps_the_history_and_older_events_undoable(desk: Desk) -> None:
    desk("edit", "C1", "city=York", "-q")
    desk.write(
        city="{name: town, was: city, type: string}",
        name="{name: name, kind: person_name, constraints: {required: true}}",
    )
    assert desk("schema", "apply", "-q").code == 0
    assert "edit 3" in desk("blame", "C1", "town").out
    assert desk("undo", "3", "-q").code == 0
    assert "Leeds" in desk.records("--fields", "town")
    assert desk("undo", "2", "-q").code == 0
    assert desk("undo", "1", "-q").code == 0
    assert desk("list").out == ""
    assert desk.sound()


def test_an_added_field_stands_in_nobodys_way(desk: Desk) -> None:
    desk.write(city="{name: city, type: string}\n      - {name: tier, type: string}")
    desk("schema", "apply", "-q")
    assert desk("undo", "2", "-q").code == 0
    assert desk("undo", "1", "-q").code == 0
    assert desk.sound()


def test_the_past_is_shown_as_it_was_called_and_meant(desk: Desk) -> None:
    past = desk.records()
    desk.write(tel="{name: phone, was: tel, kind: phone}", visits="{name: visits, type: string}", city="")
    assert desk("schema", "apply", "--yes", "--leave-blank", "-q").code == 0
    assert desk.records("--as-of", "event:2") == past
    then = json.loads(desk("show", "C1", "--as-of", "event:2", "--format", "json").out)
    assert then["tel"] == "13800138000"
    assert then["visits"] == 3
    assert then["city"] == "Leeds"
    assert desk("show", "C2", "--as-of", "event:2", "--blame").code == 0
    shown = desk("history", "show", "3").out
    assert "13800138000" in shown
    assert "Leeds" in shown


def test_an_older_edit_that_would_break_the_new_rules_stays_and_says_why(desk: Desk) -> None:
    desk("edit", "C1", "city=York", "-q")
    desk.write(city="{name: city, type: string, constraints: {enum: [York, 深圳]}}")
    assert desk("schema", "apply", "--yes", "-q").code == 0
    done = desk("undo", "3")
    assert done.code == 6
    assert "customers: city went, or was given another kind or other rules, since" in done.err
    assert "York" in desk.records()


def test_what_was_filled_in_since_is_not_lost_by_an_undo(desk: Desk) -> None:
    desk.write(city="{name: city, type: string}\n      - {name: tier, type: string}")
    desk("schema", "apply", "-q")
    desk("edit", "C1", "tier=gold", "-q")
    done = desk("undo", "3")
    assert done.code == 6
    assert "customers.tier was set since, in 1 record" in done.err
    assert desk("undo", "4", "-q").code == 0
    assert desk("undo", "3", "-q").code == 0
    assert desk.records() == desk.records("--as-of", "event:2")


def test_a_table_that_goes_comes_back_with_its_records_and_numbers(desk: Desk) -> None:
    before = desk.records("-t", "notes")
    desk.save(SCHEMA.split("  - name: notes")[0])
    assert desk("schema", "apply", "--yes", "-q").code == 0
    assert desk("list", "-t", "notes").code == 2
    assert desk.sound()
    done = desk("undo", "2")
    assert done.code == 6
    assert "the table notes is gone since" in done.err
    assert desk("undo", "3", "-q").code == 0
    assert desk.records("-t", "notes") == before
    assert desk.sound()


def test_another_key_is_refused_where_it_tells_no_records_apart(desk: Desk) -> None:
    text = SCHEMA.split("  - name: notes")[0]
    desk.save(text.replace("primaryKey: [no]", "primaryKey: [city]"))
    done = desk("schema", "apply", "--yes", "--leave-blank")
    assert done.code == 4
    assert "customers.city: 1 × a value is required here (first: #3)" in done.err
    desk.save(text.replace("primaryKey: [no]", "primaryKey: [name]"))
    assert desk("schema", "apply", "--yes", "-q").code == 0
    assert desk("show", "王芳").code == 0
    assert desk.sound()


def test_a_text_becomes_a_reference_and_lost_children_are_told(desk: Desk) -> None:
    text = SCHEMA.replace("{name: text, type: string}", "{name: text, type: string}\n      - {name: by, type: string}")
    desk.save(text)
    assert desk("schema", "apply", "-q").code == 0
    for key in ("C1", "C9"):
        assert desk("add", "-t", "notes", "no=C1", f"by={key}", "-q").code == 0
    desk.save(
        text.replace(
            "fields: [no]}}]", "fields: [no]}}, {fields: [by], reference: {resource: customers, fields: [no]}}]"
        )
    )
    done = desk("schema", "apply")
    assert done.code == 4
    assert "notes.by: 1 × there is no record in customers with this no" in done.err
    assert desk("schema", "apply", "--yes", "--leave-blank", "-q").code == 0
    assert [line.split(",")[-1] for line in desk.records("-t", "notes").splitlines()] == ["by", "", "", "C1", ""]
    assert desk.sound()
    assert desk("undo", "-q").code == 0
    assert [line.split(",")[-1] for line in desk.records("-t", "notes").splitlines()] == ["by", "", "", "C1", "C9"]


def test_a_required_field_may_be_left_blank_where_a_person_says_so(desk: Desk) -> None:
    desk.write(city="{name: city, type: string, constraints: {required: true}}")
    done = desk("schema", "apply")
    assert done.code == 4
    assert "customers.city: 1 × a value is required here (first: #3)" in done.err
    assert desk("schema", "apply", "--leave-blank", "-q").code == 0
    assert desk("add", "no=C9", "name=Cy Fox").code == 4


def test_a_change_of_words_touches_no_record(desk: Desk) -> None:
    desk.write(city="{name: city, type: string, title: City, aliases: [城市]}")
    done = desk("schema", "apply")
    assert done.code == 0
    assert "no record is touched" in done.err
    assert desk("undo", "-q").code == 0


def test_writers_stop_while_a_change_waits_and_go_on_after(desk: Desk) -> None:
    desk.write(city="{name: town, was: city, type: string}")
    assert desk("edit", "C1", "city=York").code == 4
    assert desk("schema", "apply", "-q").code == 0
    assert desk("edit", "C1", "town=York", "-q").code == 0


def test_an_older_schema_file_is_just_another_difference(desk: Desk) -> None:
    desk.write(city="{name: city, type: string}\n      - {name: tier, type: string}")
    desk("schema", "apply", "-q")
    desk("edit", "C1", "tier=gold", "-q")
    desk.save(SCHEMA)
    done = desk("schema", "diff")
    assert done.code == 3
    assert "the field goes (text)" in done.out
    assert desk("schema", "apply").code == 9


def test_a_saved_change_is_applied_later_and_a_plan_of_the_old_schema_no_more(desk: Desk) -> None:
    (desk.folder / "more.csv").write_text("no,name\nC9,Cy Fox\n", encoding="utf-8")
    desk("import", "more.csv", "--save-plan", "-q")
    old = json.loads(desk("plan", "list", "--json").out)["plans"][0]["plan"]
    desk.write(city="{name: town, was: city, type: string}", visits="{name: visits, type: number}")
    assert desk("schema", "apply", "--save-plan", "-q").code == 0
    (new,) = [p["plan"] for p in json.loads(desk("plan", "list", "--json").out)["plans"] if p["verb"] == "schema"]
    assert desk("plan", "show", new).code == 0
    assert desk("plan", "apply", new, "-q").code == 0
    assert "town" in desk.records()
    assert desk("plan", "show", old).code == 0
    assert desk("plan", "apply", old).code == 6
    assert desk.sound()


def test_a_copy_of_the_store_is_made_before_and_only_the_newest_is_kept(desk: Desk) -> None:
    desk.write(city="{name: town, was: city, type: string}")
    done = desk("schema", "apply")
    copy = desk.folder / "custrec.before-event-3.db"
    assert "the store as it was: custrec.before-event-3.db" in done.err
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert "Leeds" in desk("list", "--store", str(copy), "--format", "csv").out
    desk("undo", "-q")
    assert not copy.exists()
    assert [p.name for p in desk.folder.glob("*before*")] == ["custrec.before-event-4.db"]
    assert desk("redo", "-q").code == 0
    desk.save(SCHEMA)
    assert desk("schema", "apply", "--no-copy", "--yes", "-q").code == 0
    assert [p.name for p in desk.folder.glob("*before*")] == ["custrec.before-event-5.db"]


def test_a_dry_run_writes_nothing(desk: Desk) -> None:
    before = (desk.folder / "custrec.db").read_bytes()
    desk.write(city="", tel="{name: tel, kind: phone}")
    done = desk("schema", "apply", "-n", "--leave-blank")
    assert done.code == 0
    assert done.err.endswith("nothing was written (dry run)\n")
    assert (desk.folder / "custrec.db").read_bytes() == before
    assert list((desk.folder / "custrec.plans").iterdir()) == []


def test_tags_normal_forms_and_deleted_records_go_along(desk: Desk) -> None:
    desk("delete", "C2", "--yes", "-q")
    desk.write(tel="{name: tel, kind: phone}")
    assert desk("schema", "apply", "--leave-blank", "--yes", "-q").code == 0
    assert desk("undelete", "C2", "-q").code == 0
    assert "+8613800138001" in desk.records()
    assert desk.sound()


def test_what_is_searched_follows_the_schema(desk: Desk) -> None:
    assert "0 found" in desk("find", "shenzhen").err
    desk.write(city="{name: city, kind: person_name}")
    assert desk("schema", "apply", "-q", "--leave-blank", "--yes").code == 0
    assert "深圳" in desk("find", "深圳").out
    assert "深圳" in desk("find", "shenzhen").out
    assert desk("undo", "-q").code == 0
    assert "0 found" in desk("find", "shenzhen").err
