"""Plans that wait on disk: shown, applied once, dropped; stale, damaged and unknown ones. Undo and redo, refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from terminal import Desk

TWO = "no,name,city\nC1,Ann,Paris\nC2,Bo,Oslo\n"


def saved(desk: Desk, content: str = TWO, *words: object) -> str:
    """Save the plan of an import; returns its id."""
    said = desk.take(content, "--save-plan", *words)
    assert said.code == 0, said
    assert said.json["applied"] is False
    plan: str = said.json["plan"]
    return plan


def file_of(desk: Desk, plan: str) -> Path:
    """Where a saved plan lies."""
    return desk.folder / "custrec.plans" / f"{plan}.db"


def test_a_saved_plan_is_listed_shown_and_applied_once(desk: Desk) -> None:
    plan = saved(desk)
    assert desk.rows() == []
    assert [one["plan"] for one in desk.run("plan", "list", "--json").json["plans"]] == [plan]
    assert plan in desk.run("plan", "list").out
    shown = desk.run("plan", "show", plan, "--json").json
    assert (shown["schema"], shown["applied"], shown["counts"]["insert"]) == ("custrec.plan/1", False, 2)
    assert {"op": "insert", "table": "customers", "record": None, "field": "city", "before": None, "after": "Oslo"} in (
        shown["sample"]
    )
    assert "2 new" in desk.run("plan", "show", plan).err
    assert desk.run("plan", "apply", plan, "--json").json["event"] == 1
    assert desk.rows("SELECT no FROM customers") == ["C1", "C2"]
    assert desk.run("plan", "list").err == "no plans are waiting\n"
    assert list(file_of(desk, plan).parent.iterdir()) == []


def test_the_words_of_a_saved_plan_say_how_to_apply_it(desk: Desk) -> None:
    desk.write("in.csv", TWO)
    said = desk.run("import", "in.csv", "--save-plan")
    last = said.err.splitlines()[-1]
    command = last.partition("custrec ")[2].split()
    assert desk.run(*command).code == 0
    assert len(desk.rows()) == 2


def test_a_plan_with_rejects_ends_with_three(desk: Desk) -> None:
    desk.write("in.csv", TWO + "C3,,Rome\n")
    plan = desk.run("import", "in.csv", "--save-plan", "--json").json["plan"]
    said = desk.run("plan", "apply", plan, "-q")
    assert (said.code, said.err) == (3, "custrec: 1 row rejected, see custrec.rejects/1.csv\n")


def test_a_dropped_plan_changes_nothing(desk: Desk) -> None:
    plan = saved(desk)
    store = desk.store.read_bytes()
    said = desk.run("plan", "drop", plan)
    assert (said.code, said.err) == (0, f"plan {plan} is dropped; the store was not touched\n")
    assert desk.store.read_bytes() == store
    assert desk.run("plan", "drop", plan).code == 2


def test_a_plan_is_applied_no_second_time(desk: Desk) -> None:
    plan = saved(desk)
    kept = {path: path.read_bytes() for path in file_of(desk, plan).parent.iterdir()}
    desk.run("plan", "apply", plan)
    for path, content in kept.items():
        path.write_bytes(content)
    said = desk.run("plan", "apply", plan)
    assert (said.code, said.err.split("\n")[0]) == (6, f"custrec: plan {plan} was applied already, as event 1")
    assert len(desk.rows()) == 2


@pytest.mark.parametrize("meanwhile", ["no,name,city\nC1,Ann,Bonn\n", "no,name\nC3,Cyril\n"])
def test_a_plan_whose_records_moved_on_is_stale(desk: Desk, meanwhile: str) -> None:
    desk.take(TWO)
    plan = saved(desk, "no,name,city\nC1,Ann,Rome\nC3,Cy,\n")
    desk.take(meanwhile)
    before = desk.rows()
    said = desk.run("plan", "apply", plan)
    assert said.code == 6
    assert f"plan {plan} no longer fits: 1 of its records changed since it was made" in said.err
    assert "nothing was changed" in said.err
    assert desk.rows() == before
    assert desk.run("plan", "drop", plan).code == 0


def test_a_plan_unconcerned_by_what_happened_meanwhile_still_fits(desk: Desk) -> None:
    desk.take(TWO)
    plan = saved(desk, "no,name,city\nC1,Ann,Rome\nC3,Cy,\n")
    desk.take("no,name,city\nC2,Bo,Bonn\n")
    assert desk.run("plan", "apply", plan).code == 0


def test_an_altered_plan_is_refused_and_can_be_dropped(desk: Desk) -> None:
    plan = saved(desk)
    whole = file_of(desk, plan).read_bytes()
    for content in (whole[:-1], whole[:4096], whole.replace(b"Paris", b"Pari\xff")):
        file_of(desk, plan).write_bytes(content)
        for words in (("apply", plan), ("show", plan), ("list",)):
            said = desk.run("plan", *words)
            assert said.code == 4
            assert f"the file of plan {plan} was altered or cut short since it was saved" in said.err
            assert f"custrec plan drop {plan}" in said.err
    assert desk.run("plan", "drop", plan).code == 0
    assert desk.run("plan", "list").code == 0
    assert desk.rows() == []


@pytest.mark.parametrize("name", ["p00000000", "../custrec", "*"])
def test_a_plan_that_is_not_there_is_named(desk: Desk, name: str) -> None:
    for verb in ("show", "apply", "drop"):
        said = desk.run("plan", verb, name)
        assert said.code == 2
        assert said.err.startswith("custrec: there is no saved plan ")
    assert desk.store.exists()


def test_max_change_holds_for_saved_plans_which_stay(desk: Desk) -> None:
    desk.take("no,name,city\n" + "".join(f"C{n},Ann,Paris\n" for n in range(1100)))
    plan = saved(desk, "no,name,city\n" + "".join(f"C{n},Ann,Rome\n" for n in range(1100)))
    assert desk.run("plan", "apply", plan).code == 9
    assert desk.run("plan", "apply", plan, "--max-change", "1100").code == 0


# --- undo and redo ---------------------------------------------------------------------------------------------------


def test_undo_and_redo_say_what_there_is_not(desk: Desk) -> None:
    assert "there is nothing to undo" in desk.run("undo").err
    assert "there is nothing to redo" in desk.run("redo").err
    assert (desk.run("undo").code, desk.run("redo").code) == (6, 6)
    desk.take(TWO)
    assert desk.run("undo", "7", "--json").error["error"] == "event-unknown"
    assert desk.run("redo", "1", "--json").error["error"] == "not-undone"
    assert desk.run("undo", "1").code == 0
    said = desk.run("undo", "1")
    assert (said.code, said.err) == (
        6,
        "custrec: event 1 was undone already, by event 2\n  try: to bring it back: custrec redo 1\n",
    )


@pytest.mark.parametrize("event", ["0", "x", "99999999999999999999", "1.5"])
def test_what_is_no_event_number_is_wrong_use(desk: Desk, event: str) -> None:
    said = desk.run("undo", event)
    assert said.code == 2
    assert "invalid value for '[EVENT]'" in said.err


def test_an_undo_that_is_not_possible_whole_says_how_much_is(desk: Desk) -> None:
    desk.take(TWO)
    desk.take("no,name,city\nC1,Ann,Rome\n")
    before = desk.rows()
    for words in ((), ("-n",)):
        said = desk.run("undo", "1", *words)
        assert said.code == 6
        assert "event 1 cannot be undone whole: 1 reversible, 1 edited since, 0 blocked" in said.err
        assert "--partial" in said.err
    assert desk.rows() == before
    said = desk.run("undo", "1", "--partial")
    assert (said.code, "1 removed · 1 kept (edited since)" in said.err) == (0, True)
    assert desk.rows("SELECT no FROM customers") == ["C1"]


def test_an_undo_of_which_nothing_is_possible_does_not_offer_partial(desk: Desk) -> None:
    desk.take("no,name\nC1,Ann\n")
    desk.take("no,text\nC1,hello\n", "-t", "notes")
    said = desk.run("undo", "1")
    assert said.code == 6
    assert "0 reversible, 0 edited since, 1 blocked" in said.err
    assert "--partial" not in said.err


def test_a_dry_run_of_undo_changes_nothing(desk: Desk) -> None:
    desk.take(TWO)
    before = desk.files()
    said = desk.run("undo", "-n")
    assert (said.code, "2 removed" in said.err, "dry run" in said.err) == (0, True, True)
    assert desk.files() == before


@pytest.mark.parametrize("head", ["x", "1", "1:", ":abc", "²:abc", "99999999999999999999:abc"])
def test_a_kept_head_that_is_none_is_wrong_use(desk: Desk, head: str) -> None:
    said = desk.run("history", "verify", "--head", head)
    assert (said.code, said.err.split("\n")[0]) == (2, "custrec: --head wants EVENT:DIGEST")


def test_a_kept_head_that_is_not_in_the_history_is_a_broken_chain(desk: Desk) -> None:
    desk.take(TWO)
    head = desk.run("history", "head").out.strip()
    assert desk.run("history", "verify", "--head", head).code == 0
    for other in ("1:abcdef", "5:abcdef"):
        said = desk.run("history", "verify", "--head", other, "--json")
        assert (said.code, said.error["error"]) == (7, "chain-broken")
