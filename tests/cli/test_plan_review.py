"""Reviewing a saved plan without a terminal: verdicts by name, in a list, all at once; what is applied after it; four
eyes; two people at once; and a review that was altered."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
import stat
from pathlib import Path

import pytest

from terminal import Desk

THREE = "no,name,city,code\nC1,Ann Lee,Leeds,a1\nC2,王芳,深圳,a2\nC3,Bo,York,a3\n"
CHANGED = "no,name,city,code\nC1,Ann Leigh,Rome,a1\nC2,王芳,广州,a2\nC4,New One,Bonn,a4\nC5,New Two,Bonn,a5\n"
REVIEWED = "    review: required\n"


def saved(desk: Desk, content: str = CHANGED, *words: object) -> str:
    desk.write("b.csv", content)
    said = desk.run("import", "b.csv", "--save-plan", "--json", *words)
    assert said.code in (0, 3), said
    plan: str = said.json["plan"]
    return plan


def reviewed(tmp_path: Path, rule: str = REVIEWED) -> Desk:
    """A desk whose customers need a review, with three of them."""
    desk = Desk(tmp_path / "four-eyes")
    text = (desk.folder / "schema.yaml").read_text(encoding="utf-8")
    for file in desk.folder.glob("custrec.db*"):
        file.unlink()
    desk.write("schema.yaml", text.replace("    primaryKey: [no]\n", "    primaryKey: [no]\n" + rule, 1))
    assert desk.run("init", "-q").code == 0
    return desk


def held_back(desk: Desk, *words: object, **more: str) -> str:
    """Run a writer that is stopped for a review; returns the id of the plan that waits."""
    said = desk.run(*words, "--json", **more)
    assert (said.code, said.error["error"]) == (9, "needs-review"), said
    plan: str = desk.run("plan", "list", "--json").json["plans"][-1]["plan"]
    assert plan in said.error["message"]
    assert f"custrec plan review {plan}" in said.error["hint"]
    return plan


def cities(desk: Desk) -> dict[str, str]:
    return dict(desk.rows("SELECT no, city FROM customers ORDER BY no"))


# --- verdicts -------------------------------------------------------------------------------------------------------


def test_what_is_rejected_is_left_out_told_and_kept_in_a_list(desk: Desk) -> None:
    desk.take(THREE)
    plan = saved(desk)
    said = desk.run("plan", "review", plan, "--reject", "C2", "--reject", "line:4", "--approve-all", "--json")
    assert (said.code, said.json["approved"], said.json["rejected"], said.json["open"]) == (0, 2, 2, 0)
    done = desk.run("plan", "apply", plan)
    assert done.code == 0, done
    assert "1 new · 1 changed · 2 rejected in the review" in done.err
    assert "left out, and listed: custrec.declined/2.csv" in done.err
    assert cities(desk) == {"C1": "Rome", "C2": "深圳", "C3": "York", "C5": "Bonn"}
    path = desk.folder / "custrec.declined" / "2.csv"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"))))
    assert [(row["_rule"], row["no"], row["city"]) for row in rows] == [
        ("declined", "C2", "广州"),
        ("declined", "C4", "Bonn"),
    ]
    assert "tester" in rows[0]["_message"]
    assert desk.run("history", "verify").code == 0
    event = json.loads(desk.rows("SELECT detail FROM _event WHERE id = 2")[0])
    assert event["reviewed"][0]["actor"].startswith("tester")
    assert json.loads(desk.rows("SELECT counts FROM _event WHERE id = 2")[0]) == {
        "read": 4,
        "insert": 1,
        "update": 1,
        "delete": 0,
        "declined": 2,
    }
    assert desk.run("undo", "2").code == 0
    assert cities(desk) == {"C1": "Leeds", "C2": "深圳", "C3": "York"}
    assert desk.run("import", "custrec.declined/2.csv", "-n", "--json").json["counts"]["insert"] == 1


def test_a_review_that_is_not_finished_stops_the_plan_and_goes_on_where_it_was(desk: Desk) -> None:
    desk.take(THREE)
    plan = saved(desk)
    first = desk.run("plan", "review", plan, "--approve", "C1")
    assert first.code == 3
    assert "1 approved · 3 open" in first.err
    before = desk.rows()
    stopped = desk.run("plan", "apply", plan, "--json")
    assert (stopped.code, stopped.error["error"]) == (9, "needs-review")
    assert desk.rows() == before
    assert desk.run("plan", "review", plan, "--approve-all").code == 0
    assert desk.run("plan", "apply", plan).code == 0
    assert len(desk.rows()) == 5


def test_without_a_terminal_and_without_a_verdict_it_ends_at_once_with_nine(desk: Desk) -> None:
    plan = saved(desk)
    said = desk.run("plan", "review", plan, "--json")
    assert (said.code, said.error["error"]) == (9, "needs-review")
    assert "--approve-all" in said.error["hint"]
    assert "4 new" in desk.run("plan", "review", plan).err


def test_all_rejected_writes_nothing_and_keeps_the_list(desk: Desk) -> None:
    plan = saved(desk)
    assert desk.run("plan", "review", plan, "--reject-all").code == 0
    done = desk.run("plan", "apply", plan)
    assert done.code == 0
    assert "nothing to change" in done.err
    assert desk.rows() == []
    (path,) = (desk.folder / "custrec.declined").iterdir()
    assert len(path.read_text(encoding="utf-8").splitlines()) == 5
    assert desk.run("plan", "list").err == "no plans are waiting\n"


def test_a_list_is_filled_in_elsewhere_and_read_back(desk: Desk) -> None:
    desk.take(THREE)
    plan = saved(desk)
    assert desk.run("plan", "review", plan, "--export", "rows.csv").code == 0
    rows = list(csv.DictReader(io.StringIO((desk.folder / "rows.csv").read_text(encoding="utf-8-sig"))))
    assert [row["_change"] for row in rows] == ["change", "change", "new", "new"]
    verdicts = {"C1": "approve", "C2": "拒绝", "C4": "reject", "C5": ""}
    for row in rows:
        row["_verdict"] = verdicts[row["no"]]
    rows[3]["city"] = "Köln"
    out = io.StringIO()
    writer = csv.DictWriter(out, rows[0].keys())
    writer.writeheader()
    writer.writerows(rows)
    desk.write("rows.csv", out.getvalue())
    assert desk.run("plan", "review", plan, "--from", "rows.csv").code == 0
    assert desk.run("plan", "apply", plan).code == 0
    assert cities(desk) == {"C1": "Rome", "C2": "深圳", "C3": "York", "C5": "Köln"}
    assert desk.run("history", "verify").code == 0


@pytest.mark.parametrize("encoding", ["gb18030", "utf-16"])
def test_a_list_may_come_back_as_excel_saves_it(desk: Desk, encoding: str) -> None:
    desk.take(THREE)
    plan = saved(desk)
    header, *rows = desk.run("plan", "review", plan, "--export", "-").out.splitlines()
    own = header.split(",").index("_verdict")
    filled = [",".join([*row.split(",")[:own], "拒绝", *row.split(",")[own + 1 :]]) for row in rows]
    (desk.folder / "rows.csv").write_bytes("\r\n".join([header, *filled, ""]).encode(encoding))
    assert "rows.csv: 4 decisions taken" in desk.run("plan", "review", plan, "--from", "rows.csv").err


def test_a_list_of_changes_holds_texts_of_any_length(desk: Desk) -> None:
    desk.take(THREE.replace("York", "York " * 30_000))
    plan = saved(desk)
    listed = desk.run("plan", "review", plan, "--export", "-").out
    desk.write("rows.csv", listed.replace("customers:0,,", "customers:0,approve,"))
    assert "rows.csv: 1 decision taken" in desk.run("plan", "review", plan, "--from", "rows.csv").err


def test_an_edit_in_a_list_is_judged_and_nothing_of_a_faulty_list_is_taken(desk: Desk) -> None:
    desk.take(THREE)
    plan = saved(desk)
    listed = desk.run("plan", "review", plan, "--export", "-").out
    desk.write("rows.csv", listed.replace("customers:0,,", "customers:0,approve,").replace(",a5", ",a3"))
    said = desk.run("plan", "review", plan, "--from", "rows.csv", "--json")
    assert (said.code, said.error["error"]) == (4, "record-invalid")
    assert "not-unique" in json.dumps(said.error)
    assert "0 open" not in desk.run("plan", "show", plan).err
    assert desk.run("plan", "show", plan, "--json").json["review"]["approved"] == 0
    desk.write("rows.csv", "a,b\n1,2\n")
    assert desk.run("plan", "review", plan, "--from", "rows.csv").code == 2


@pytest.mark.parametrize("name", ["C9", "#77", "line:99", "nothing"])
def test_a_change_that_the_plan_does_not_have_is_named(desk: Desk, name: str) -> None:
    plan = saved(desk)
    said = desk.run("plan", "review", plan, "--reject", name, "--json")
    assert (said.code, said.error["error"]) == (2, "row-unknown")


# --- four eyes ------------------------------------------------------------------------------------------------------


def test_a_writer_is_stopped_and_another_person_reviews(tmp_path: Path) -> None:
    desk = reviewed(tmp_path)
    desk.write("a.csv", THREE)
    plan = held_back(desk, "import", "a.csv", CUSTREC_ACTOR="lin")
    assert desk.rows() == []
    own = desk.run("plan", "review", plan, "--approve-all", "--json", CUSTREC_ACTOR="lin")
    assert (own.code, own.error["error"]) == (5, "own-plan")
    assert desk.run("plan", "apply", plan, CUSTREC_ACTOR="wang").code == 9
    assert desk.run("plan", "review", plan, "--approve-all", CUSTREC_ACTOR="wang").code == 0
    assert desk.run("plan", "apply", plan, CUSTREC_ACTOR="lin").code == 0
    assert len(desk.rows()) == 3
    for words in (("edit", "C1", "city=Rome"), ("delete", "C2", "--yes"), ("undo",), ("add", "no=C9", "name=Neun")):
        waiting = held_back(desk, *words, CUSTREC_ACTOR="lin")
        assert desk.run("plan", "drop", waiting).code == 0
    assert len(desk.rows()) == 3
    assert "needs the approval of another person" in desk.run("plan", "show", saved(desk)).err


def test_who_edits_a_change_does_not_approve_it_either(tmp_path: Path) -> None:
    desk = reviewed(tmp_path)
    desk.write("a.csv", THREE)
    plan = held_back(desk, "import", "a.csv", CUSTREC_ACTOR="lin")
    listed = desk.run("plan", "review", plan, "--export", "-").out
    desk.write("rows.csv", listed.replace("Leeds", "Bath"))
    assert desk.run("plan", "review", plan, "--from", "rows.csv", CUSTREC_ACTOR="wang").code == 3
    assert desk.run("plan", "review", plan, "--approve", "C1", CUSTREC_ACTOR="wang").code == 5
    assert desk.run("plan", "review", plan, "--approve-all", CUSTREC_ACTOR="wang").code == 3
    assert desk.run("plan", "apply", plan, CUSTREC_ACTOR="wang").code == 9
    assert desk.run("plan", "review", plan, "--approve", "C1", CUSTREC_ACTOR="lin").code == 0
    assert desk.run("plan", "apply", plan, CUSTREC_ACTOR="wang").code == 0
    assert cities(desk)["C1"] == "Bath"


def test_a_rule_may_name_verbs_and_a_number(tmp_path: Path) -> None:
    desk = reviewed(tmp_path, "    review: {required: [import, delete], above: 2}\n")
    desk.write("a.csv", THREE)
    plan = held_back(desk, "import", "a.csv", CUSTREC_ACTOR="lin")
    assert desk.run("plan", "review", plan, "--approve-all", CUSTREC_ACTOR="wang").code == 0
    assert desk.run("plan", "apply", plan).code == 0
    assert desk.run("edit", "--all", "city=Rome").code == 0
    assert desk.run("delete", "C1", "C2", "--yes").code == 0
    assert desk.run("schema", "check").code == 0
    assert "review" not in desk.run("schema", "check").err


# --- two at once, and tampering -------------------------------------------------------------------------------------


def test_who_comes_second_is_told_who_has_the_plan(desk: Desk) -> None:
    from custrec.store.reviews import held

    plan = saved(desk)
    with held(desk.folder / "custrec.plans" / f"{plan}.db", "wang"):
        for words in (("review", plan, "--approve-all"), ("apply", plan), ("drop", plan), ("apply", plan, "--refresh")):
            said = desk.run("plan", *words, "--json" if words[0] != "drop" else "-q")
            assert said.code == 6, said
            assert "wang" in said.err
    assert desk.run("plan", "apply", plan).code == 0


def tampered(path: Path, statement: str) -> None:
    connection = sqlite3.connect(path)
    connection.execute(statement)
    connection.commit()
    connection.close()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE decision SET word = 'approve' WHERE word = 'reject'",
        "DELETE FROM decision WHERE n = 1",
        "UPDATE decision SET actor = 'wang'",
        "UPDATE meta SET value = 'x'",
        "DROP TABLE decision",
    ],
)
def test_a_review_that_was_altered_is_refused(desk: Desk, statement: str) -> None:
    plan = saved(desk)
    desk.run("plan", "review", plan, "--reject", "C4", "--approve-all")
    tampered(desk.folder / "custrec.plans" / f"{plan}.review", statement)
    for words in (("show", plan), ("apply", plan), ("review", plan, "--approve-all")):
        said = desk.run("plan", *words, "--json")
        assert (said.code, said.error["error"]) == (4, "plan-damaged")
    assert desk.rows() == []
    assert desk.run("plan", "drop", plan).code == 0
    assert list((desk.folder / "custrec.plans").iterdir()) == []


def test_a_review_that_has_gone_is_missed(desk: Desk) -> None:
    plan = saved(desk)
    desk.run("plan", "review", plan, "--reject", "C4", "--approve-all")
    (desk.folder / "custrec.plans" / f"{plan}.review").unlink()
    assert desk.run("plan", "apply", plan).code == 4


# --- expiry ---------------------------------------------------------------------------------------------------------


def test_a_plan_expires_and_can_be_had_again(desk: Desk) -> None:
    desk.take(THREE)
    desk.write("custrec.yaml", "plan_expiry: 1d\n")
    plan = saved(desk)
    shown = desk.run("plan", "show", plan, "--json").json
    assert shown["expired"] is False
    older(desk, plan)
    assert desk.run("plan", "list", "--json").json["plans"][0]["expired"] is True
    assert "expired" in desk.run("plan", "list").out
    for words in (("apply", plan), ("review", plan, "--approve-all")):
        said = desk.run("plan", *words, "--json")
        assert (said.code, said.error["error"]) == (6, "plan-expired")
        assert "--refresh" in said.error["hint"]
    assert len(desk.rows()) == 3
    assert desk.run("plan", "apply", plan, "--refresh").code == 0
    assert len(desk.rows()) == 5


def older(desk: Desk, plan: str) -> None:
    """Let a saved plan have been made long ago, and signed."""
    from custrec.store.plan_signing import sign

    path = desk.folder / "custrec.plans" / f"{plan}.db"
    tampered(path, "UPDATE meta SET value = json_set(value, '$.made_at', '2020-01-01T00:00:00Z') WHERE key = 'plan'")
    sign(path)


def test_maintain_drops_what_expired_long_ago_and_says_so(desk: Desk) -> None:
    plan, fresh = saved(desk), saved(desk)
    older(desk, plan)
    assert desk.run("maintain", "-n", "--json").json["expired_plans"] == [plan]
    assert f"plan {plan} of tester" in desk.run("maintain", "-q").err
    assert [one["plan"] for one in desk.run("plan", "list", "--json").json["plans"]] == [fresh]
