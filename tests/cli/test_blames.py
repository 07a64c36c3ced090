"""blame, show and list as of some time, and the history by conditions, as they are typed and as they read."""

from __future__ import annotations

import pytest

from custrec.model.plan import Op
from terminal import Desk


@pytest.fixture
def lived(desk: Desk) -> Desk:
    """Three customers and fourteen notes; one city changed, and changed back."""
    desk.take("no,name,city,phone\nC1,Ann Lee,Leeds,138 0013 8000 转 5\nC2,Bo Diaz,Rome,\n", name="first.csv")
    desk.take("no,text\n" + "".join(f"C1,call {n}\n" for n in range(12)) + "C2,a\nC2,b\n", "-t", "notes")
    desk.take("no,name,city\nC1,Ann Lee,York\nC3,Di Ng,Hull\n", "--actor", "lin", name="July Export.csv")
    desk.run("undo", "3")
    return desk


def test_blame_reads_naturally_in_eighty_columns(lived: Desk) -> None:
    said = lived.run("blame", "C1", COLUMNS="80")
    assert said.code == 0
    lines = [line.rstrip() for line in said.out.splitlines()]
    assert lines[:9] == [
        "customers #1",
        "field  value                 set by    line  read as",
        "─" * 58,
        "no     C1                    import 1     2  text 2",
        "name   Ann Lee               import 1     2  person_name 2",
        "city   Leeds                 import 1     2  text 2",
        "  given back by undo 4",
        "phone  +8613800138000;ext=5  import 1     2  phone 2",
        "",
    ]
    assert [line.split()[:2] for line in lines[-2:]] == [["import", "1"], ["undo", "4"]]
    assert max(map(len, said.out.splitlines())) <= 80
    assert "is kept only where reading it lost something" in said.err


def test_blame_for_programs_says_all_that_is_known(lived: Desk) -> None:
    said = lived.run("blame", "C1", "--json").json
    assert said["schema"] == "custrec.blame/1"
    assert (said["table"], said["record"], said["state"], said["removed_by"]) == ("customers", 1, "active", None)
    city = next(field for field in said["fields"] if field["field"] == "city")
    assert {name: city[name] for name in ("value", "event", "verb", "source", "line", "typed", "kind")} == {
        "value": "Leeds",
        "event": 1,
        "verb": "import",
        "source": "first.csv",
        "line": 2,
        "typed": None,
        "kind": "text",
    }
    assert city["given_back_by"]["verb"] == "undo"
    story = lived.run("blame", "C1", "city", "--json").json["story"]
    assert [(one["value"], one["event"], one["undone_by"], one["stands"]) for one in story] == [
        ("Leeds", 4, None, True),
        ("York", 3, 4, False),
        ("Leeds", 1, None, False),
    ]
    assert {one["op"] for one in story} == {Op.INSERT.name.lower(), Op.UPDATE.name.lower()}


def test_a_story_marks_what_was_undone(lived: Desk) -> None:
    lines = [line.rstrip() for line in lived.run("blame", "C1", "city", COLUMNS="80").out.splitlines()]
    assert lines[0] == "customers #1: city"
    assert "  stands · gives back what import 1 set · text 2" in lines
    assert "  undone by event 4 · July Export.csv line 2 · text 2" in lines


def test_blame_tells_of_a_record_that_is_gone(lived: Desk) -> None:
    said = lived.run("blame", "C3")
    assert said.code == 0
    assert said.out.startswith("customers #3, removed by undo 4: its last values\n")
    assert lived.run("show", "C3").code == 2


def test_show_has_the_children_in_time_order_and_says_where_the_rest_is(lived: Desk) -> None:
    said = lived.run("show", "C1")
    assert "notes (12)" in said.out
    assert "call 1\n" not in said.out.replace(" \n", "\n")
    assert said.out.splitlines()[-1] == "… 2 more: custrec list -t notes --where 'no = C1'"
    assert lived.run("list", "-t", "notes", "--where", "no = C1", "--format", "ids").out.count("\n") == 12
    whole = lived.run("show", "C1", "--json").json
    assert [note["text"] for note in whole["children"]["notes"]] == [f"call {n}" for n in range(12)]
    assert whole["_children"] == {"notes": 12}


def test_show_puts_a_mark_behind_each_value(lived: Desk) -> None:
    assert "York" not in lived.run("show", "C1", "--blame").out
    lines = lived.run("show", "C1", "--blame", "--as-of", "event:3").out.splitlines()
    assert lines[0] == "customers #1, as of event 3"
    assert [line.split()[-2:] for line in lines[1:5]] == [
        ["import", "1"],
        ["import", "1"],
        ["import", "3"],
        ["import", "1"],
    ]
    said = lived.run("show", "C1", "--blame", "--json").json
    assert said["_blame"]["city"]["event"] == 1


def test_show_as_of_shows_record_and_children_as_they_were(lived: Desk) -> None:
    lived.run("undo", "2")
    assert "children" not in lived.run("show", "C1").out
    assert lived.run("show", "C1", "--json").json["children"] == {}
    then = lived.run("show", "C1", "--as-of", "event:4", "--json").json
    assert (then["_as_of"], len(then["children"]["notes"]), then["city"]) == (4, 12, "Leeds")
    assert lived.run("show", "C1", "--as-of", "event:3", "--json").json["city"] == "York"
    said = lived.run("show", "C1", "--as-of", "event:3")
    assert said.out.splitlines()[-1] == "… 2 more: custrec list -t notes --where 'no = C1' --as-of event:3"
    assert lived.run("show", "C1", "--as-of", "2020-01-01").code == 2


def test_list_as_of_takes_conditions_fields_sort_and_formats(lived: Desk) -> None:
    def listed(*words: str) -> str:
        return lived.run("list", "--format", "csv", "--fields", "no,city", *words).out

    assert listed("--as-of", "event:3") == "_id,no,city\n1,C1,York\n2,C2,Rome\n3,C3,Hull\n"
    assert listed("--as-of", "event:3", "--sort", "-city") == "_id,no,city\n1,C1,York\n2,C2,Rome\n3,C3,Hull\n"
    assert listed("--as-of", "event:3", "--where", "city = York") == "_id,no,city\n1,C1,York\n"
    assert listed("--as-of", "event:1", "--where", "city = York") == "_id,no,city\n"
    assert listed("--as-of", "event:0") == "_id,no,city\n"
    assert listed("--as-of", "2020-05-01") == "_id,no,city\n"
    assert listed("--as-of", "2100-05-01") == listed()
    said = lived.run("list", "--as-of", "event:3")
    assert said.err.endswith("3 records as of event 3\n")
    notes = lived.run("list", "-t", "notes", "--as-of", "event:2", "--where", "no = C2", "--format", "csv")
    assert notes.out == "_id,no,text,id\n13,C2,a,\n14,C2,b,\n"
    assert lived.run("list", "--as-of", "event:9").code == 2
    assert lived.run("list", "--as-of", "then").code == 2


def test_the_history_is_asked_by_record_actor_time_verb_and_file(lived: Desk) -> None:
    def events(*words: str) -> list[int]:
        return [event["id"] for event in lived.run("history", "list", "--json", *words).json["events"]]

    assert events() == [4, 3, 2, 1]
    assert events("--record", "C1") == [4, 3, 1]
    assert events("--record", "C3") == [4, 3]
    assert events("--record", "#13", "-t", "notes") == [2]
    assert events("--actor", "lin") == [3]
    assert events("--verb", "import") == [3, 2, 1]
    assert events("--file", "july") == [3]
    assert events("--since", "2020-01-01", "--until", "2100-01-01") == [4, 3, 2, 1]
    assert events("--until", "2020-01-01") == []
    assert events("--since", "event:2", "--until", "event:3") == [3, 2]
    assert events("--record", "C1", "--verb", "import", "--file", "FIRST") == [1]
    said = lived.run("history", "--actor", "nobody")
    assert (said.code, said.out, said.err) == (0, "", "no event meets all of these conditions\n")
    assert lived.run("history", "-t", "notes").code == 2


def test_an_event_is_shown_with_its_first_changes(lived: Desk) -> None:
    said = lived.run("history", "show", "3")
    assert "July Export.csv" in said.out
    assert ["update", "C1", "city", "Leeds", "York"] in [line.split() for line in said.out.splitlines()]
    shown = lived.run("history", "show", "4", "--json").json
    assert shown["schema"] == "custrec.event/1"
    assert shown["sample"][0] == {
        "op": "update",
        "table": "customers",
        "record": 1,
        "key": "C1",
        "field": "city",
        "before": "York",
        "after": "Leeds",
    }
    assert lived.run("history", "show", "9").code == 2


def test_looking_back_changes_nothing(lived: Desk) -> None:
    before = lived.files()
    for words in (
        ("blame", "C1"),
        ("blame", "C3", "city"),
        ("show", "C1", "--as-of", "event:2"),
        ("history", "show", "2"),
    ):
        assert lived.run(*words).code == 0
    assert lived.run("list", "--as-of", "event:1").code == 0
    assert lived.files() == before
