"""Reviewing duplicates at a terminal, a real one: letters and words for each question, values chosen, undo, Ctrl-C, a
terminal that is closed, going on later, narrow windows and Chinese."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest
from rich.cells import cell_len

from answering import WAYS_OUT, answer, ended, leave
from terminal import Desk

pytest.importorskip("pexpect")

SCHEMA = """\
version: 1
defaults: {region: CN}
tables:
  - name: people
    primaryKey: [no]
    fields:
      - {name: no, type: string}
      - {name: name, kind: person_name, constraints: {required: true}}
      - {name: phone, kind: phone}
      - {name: city, type: string}
      - {name: mail, kind: email}
      - {name: owner, type: string}
    match: {fields: {name: {}, phone: {}, mail: {}}, survivor: {owner: ask}}
"""
DOUBLED = [
    "P1,张伟,13800138000,深圳市南山区科技园中区一号楼十八层西侧,zw@example.com,",
    "P2,张 伟,13800138000,深圳,zw@example.com,Kim",
    "P3,李娜,13900139001,北京,lina@example.com,",
    "P4,李娜,13900139001,,lina@example.com,Kim",
    "P5,Otto Meier,13700137002,Bonn,om@example.com,Lee",
    "P6,Otto Meier,13700137002,Köln,om@example.com,Kim",
]
OTHERS = [
    f"Q{n},{family}{given},138{n * 791_9317 % 99_999_999:08},York,q{n}@example.org,Lee"
    for n, (family, given) in enumerate((f, g) for f in "王刘陈杨赵黄周吴徐孙" for g in ("芳", "敏", "静", "丽", "强"))
]


@pytest.fixture
def found(desk: Desk) -> Desk:
    """A store in which three people stand twice, and a search that found them."""
    for file in desk.folder.iterdir():
        file.unlink()
    rows = DOUBLED + OTHERS
    desk.write("schema.yaml", SCHEMA)
    desk.write("people.csv", "\n".join(["no,name,phone,city,mail,owner", *rows]) + "\n")
    assert desk.run("init", "-q").code == 0
    assert desk.run("import", "people.csv", "-q").code == 0
    search = desk.run("dedupe", "find", "--json")
    assert search.json["clusters"] == 3
    return desk


def review(sit: Any, *words: str, **more: Any) -> Any:
    return sit("dedupe", "review", *words, **more)


def people(desk: Desk) -> dict[str, tuple[str, ...]]:
    """The records that double ones became or are, by key."""
    rows = desk.rows("SELECT no, phone, city, owner FROM people WHERE _state = 0 AND no LIKE 'P%' ORDER BY no")
    return {row[0]: tuple(row[1:]) for row in rows}


def until(child: Any, key: str, open_before: int) -> str:
    """Skip until the question about a record; returns what it looks like."""
    for left in range(open_before):
        child.expect(rf"{open_before} open \[[^\]]*\] ")
        if re.search(rf"1 {key}\b", child.before):
            return str(child.before)
        child.sendline("s")
        assert left < open_before
    raise AssertionError(key)


def test_records_stand_side_by_side_and_are_merged(found: Desk, sit: Any) -> None:
    child = review(sit)
    seen = until(child, "P3", 3)
    assert re.search(r"── people · 2 records · 9\d\.\d+ % ─", seen)
    assert "for: " in seen
    assert re.search(r"1 P3 +2 P4 +becomes", seen)
    assert re.search(r"= name +李娜 +李娜 +李娜", seen)
    assert re.search(r"  owner +Kim +Kim", seen)
    child.sendline("m")
    child.expect("u takes it back")
    child.sendline("q")
    assert ended(child) == 3
    assert people(found)["P3"] == ("+8613900139001", "北京", "Kim")
    assert "P4" not in people(found)
    assert found.run("history", "verify").code == 0


def test_what_makes_a_question_doubtful_is_said(found: Desk, sit: Any) -> None:
    found.run("dedupe", "merge", "P3", "P4", "-q")
    found.run("dedupe", "split", "P3", "-q")
    child = review(sit)
    assert re.search(r"look closely: #4 was taken out of #3 \(event 3\)", until(child, "P3", 3))
    child.sendline("q")
    assert ended(child) == 3


def test_what_differs_is_marked_below_its_letters(found: Desk, sit: Any) -> None:
    child = review(sit, columns=140)
    seen = until(child, "P1", 3)
    lines = seen.replace("\r", "").split("\n")
    at = next(n for n, line in enumerate(lines) if line.startswith("~ city"))
    assert lines[at + 1].strip("^ ") == ""
    start = cell_len(lines[at][: lines[at].index("市南山区")])
    assert lines[at + 1].index("^") == start
    child.sendline("q")
    assert ended(child) == 3


@pytest.mark.parametrize("columns", [60, 80])
def test_of_a_value_that_takes_several_lines_what_differs_is_said_below_all_of_them(
    found: Desk, sit: Any, columns: int
) -> None:
    found.run("edit", "P2", "city=深圳市南山区科技园中区二号楼十八层西侧", "-q")
    child = review(sit, columns=columns)
    lines = until(child, "P1", 3).replace("\r", "").split("\n")
    at = next(n for n, line in enumerate(lines) if line.startswith("~ city"))
    end = next(n for n, line in enumerate(lines) if n > at and line[:1] in "=~" and line)
    cells = [line[9:].split() for line in lines[at:end]]
    assert re.fullmatch(r"\^ 一 +\^ 二", lines[end - 1].strip())
    first = "".join(cell[0] for cell in cells[:-1])
    assert first == "深圳市南山区科技园中区一号楼十八层西侧"
    child.sendline("q")
    assert ended(child) == 3


def test_values_are_chosen_before_a_merge_that_asks_for_them(found: Desk, sit: Any) -> None:
    child = review(sit)
    seen = until(child, "P5", 3)
    assert "! people #5, #6: owner differs; say which one stays" in seen
    child.sendline("m")
    child.expect("owner differs; say which one stays")
    answer(child, "owner=2", 3)
    assert re.search(r"~ owner +Lee +Kim +Kim", answer(child, "city=Wien", 3))
    assert re.search(r"~ city +Bonn +Köln +Wien", answer(child, "no=2", 3))
    child.expect("is the key")
    answer(child, "ghost=1", 3)
    child.expect("ghost")
    answer(child, "合并", 3)
    child.expect("2 open")
    child.sendline("退出")
    assert ended(child) == 3
    assert people(found)["P5"] == ("+8613700137002", "Wien", "Kim")


def test_a_text_is_taken_as_it_is_typed_and_in_quotes_where_it_could_be_a_place(found: Desk, sit: Any) -> None:
    child = review(sit)
    until(child, "P5", 3)
    child.sendline("owner='2'")
    assert "chosen: owner='2'" in answer(child, "city='t Hooft", 3)
    assert "chosen: owner='2' · city='t Hooft" in answer(child, "m", 3)
    child.expect("u takes it back")
    child.sendline("q")
    assert ended(child) == 3
    assert people(found)["P5"] == ("+8613700137002", "'t Hooft", "2")


def test_a_value_of_a_record_that_is_left_out_is_not_dropped_unsaid(found: Desk, sit: Any) -> None:
    found.run("add", "no=P7", "name=张伟", "phone=13800138000", "mail=zw@example.com", "city=珠海")
    child = review(sit)
    until(child, "P1", 3)
    child.sendline("city=2")
    answer(child, "m 1 3", 3)
    child.expect("city was to be that of record 2, which is not among these")
    child.expect("r city for what the rules say")
    answer(child, "r city", 3)
    answer(child, "m 1 3", 3)
    child.expect("u takes it back")
    child.sendline("q")
    assert ended(child) == 3
    assert people(found)["P1"][1] == "珠海" and "P7" not in people(found) and "P2" in people(found)


def test_the_last_decisions_are_taken_back_one_by_one(found: Desk, sit: Any) -> None:
    before = people(found)
    child = review(sit)
    until(child, "P3", 3)
    child.sendline("d")
    answer(child, "u", 2)
    child.expect("event 2 is undone")
    assert "1 P3" in answer(child, "m", 3)
    answer(child, "u", 2)
    assert "1 P3" in answer(child, "u", 3)
    for _ in range(2):  # what was skipped on the way comes back too
        answer(child, "u", 3)
    child.expect("nothing was decided in this review yet")
    answer(child, "q", 3)
    child.expect("0 merges · 0 said to be different · 3 open")
    assert ended(child) == 3
    assert people(found) == before
    assert found.run("history", "verify").code == 0


def test_what_was_decided_is_not_asked_again(found: Desk, sit: Any) -> None:
    child = review(sit)
    answer(child, "d", 3)
    answer(child, "不同", 2)
    answer(child, "d", 1)
    child.expect("0 merges · 3 said to be different · 0 open")
    assert ended(child) == 0
    assert found.run("dedupe", "verdicts", "--format", "csv").out.count("\n") == 4
    assert "nothing is open" in found.run("dedupe", "review").err
    assert found.run("dedupe", "find").code == 0
    assert "nothing is open" in found.run("dedupe", "review").err


@pytest.mark.parametrize("how", WAYS_OUT)
def test_nothing_decided_is_lost_however_it_ends(found: Desk, sit: Any, how: str) -> None:
    child = review(sit)
    answer(child, "d", 3)
    child.expect(r"2 open \[[^\]]*\] ")
    leave(child, how)
    again = review(sit)
    answer(again, "q", 2)
    assert ended(again) == 3
    assert found.run("dedupe", "verdicts", "--format", "csv").out.count("\n") == 2


@pytest.mark.parametrize("columns", [60, 80, 140])
def test_no_line_is_wider_than_the_window(found: Desk, sit: Any, columns: int) -> None:
    child = review(sit, columns=columns)
    for _ in range(3):
        child.expect(r"open \[[^\]]*\] ")
        shown = child.before.replace("\r", "").split("── people", 1)[1]
        lines = f"── people{shown}".split("\n")
        assert max(map(cell_len, lines)) <= columns
        child.sendline("s")
    assert ended(child) == 3


def test_nobody_at_a_terminal_is_no_hang(found: Desk) -> None:
    done = found.run("dedupe", "review", stdin=b"m\n")
    assert done.code == 9
    assert "3 questions about people wait, and nobody is at a terminal" in done.err
    assert "--export" in done.err


def test_what_was_skipped_is_not_asked_again_until_it_is_asked_for(found: Desk, sit: Any) -> None:
    child = review(sit)
    first = answer(child, "s", 3)
    answer(child, "跳过", 3)
    third = answer(child, "q", 3)
    assert first != third
    assert ended(child) == 3

    child = review(sit)
    child.expect("2 put off: custrec dedupe review --skipped asks again")
    answer(child, "d", 1)
    assert ended(child) == 0
    assert found.run("dedupe", "review").code == 0  # nothing is asked, so nobody need be at the terminal

    child = review(sit, "--skipped")
    answer(child, "d", 2)
    answer(child, "q", 1)
    assert ended(child) == 3
    assert "1 put off" in found.run("dedupe", "review").err
    assert "1 put off" in found.run("dedupe", "review", "--export", "pairs.csv").err


def test_a_skip_is_taken_back_like_an_answer(found: Desk, sit: Any) -> None:
    child = review(sit)
    answer(child, "s", 3)
    answer(child, "u", 3)
    answer(child, "q", 3)
    assert ended(child) == 3
    assert "put off" not in found.run("dedupe", "review").err


def test_a_decision_bears_the_time_at_which_it_was_made(found: Desk, sit: Any) -> None:
    child = review(sit)
    child.expect(r"3 open \[[^\]]*\] ")
    time.sleep(1.1)  # times are told to the second
    assert found.run("edit", "Q1", "city=Bonn", "-q").code == 0
    child.sendline("d")
    answer(child, "q", 2)
    assert ended(child) == 3
    times = found.rows("SELECT at FROM _event ORDER BY id")
    assert len(times) == 3 and times == sorted(times)


ELSEWHERE = (
    (("edit", "P4", "city=Rome", "-q"), r"#4 \(P4\) changed meanwhile \(event 2\)", 3),
    (("archive", "P4", "-q"), r"#4 \(P4\) changed meanwhile, and is archived \(event 2\)", 3),
    (("delete", "P4", "-q", "--yes"), r"#4 \(P4\) is in the trash now \(event 2\)", 2),
    (("dedupe", "merge", "P3", "P4", "-q"), r"#4 \(P4\) was merged into #3 meanwhile \(event 2\)", 2),
    (("dedupe", "merge", "Q1", "P3", "-q"), r"#3 \(P3\) changed meanwhile \(event 2\)", 3),
    (("dedupe", "different", "P3", "P4", "-q"), r"#3 and #4 were said to be different meanwhile \(event 2\)", 2),
    (("purge", "P4", "--reason", "mistake", "--confirm", "1", "-q"), "#4 is not there any more", 2),
)
"""What somebody does in another terminal to #3 and #4, what a review says of it, and how many are open then."""


@pytest.mark.parametrize("said", ["m", "d", "city=2", "city=Wien"])
@pytest.mark.parametrize("done, words, left", ELSEWHERE, ids=[done[0] + "-" + done[1] for done, _, _ in ELSEWHERE])
def test_what_changed_behind_a_question_is_said_and_asked_anew(
    found: Desk, sit: Any, done: tuple[str, ...], words: str, left: int, said: str
) -> None:
    child = review(sit)
    until(child, "P3", 3)
    did = found.run(*done)
    assert did.code == 0, did.err
    before = found.rows("SELECT count(*) FROM _event")
    child.sendline(said)
    child.expect(f"not done: people {words}")
    seen = answer(child, "q", left)
    assert ("1 P3" in seen) == (left == 3)
    assert "Traceback" not in seen and "said to be different, and would be one" not in seen
    child.expect(rf"0 merges · 0 said to be different · {left} open")
    assert ended(child) == 3
    assert found.rows("SELECT count(*) FROM _event") == before
    assert found.run("history", "verify").code == 0


def test_what_is_asked_anew_shows_what_there_is_now_and_can_be_answered(found: Desk, sit: Any) -> None:
    child = review(sit)
    until(child, "P3", 3)
    found.run("edit", "P4", "city=上海", "name=王芳", "phone=13700137999", "mail=other@example.com", "-q")
    child.sendline("m")
    child.expect("not done: people #4")
    seen = answer(child, "m", 3)
    assert re.search(r"~ city +北京 +上海", seen)
    chance = re.search(r"── people · 2 records · (\S+) %", seen)
    assert chance and float(chance[1]) < 50
    child.expect("u takes it back")
    child.sendline("q")
    assert ended(child) == 3
    assert "P4" not in people(found)


def test_of_three_records_those_are_asked_anew_that_are_left(found: Desk, sit: Any) -> None:
    found.run("add", "no=P7", "name=张伟", "phone=13800138000", "mail=zw@example.com", "city=珠海")
    child = review(sit)
    assert "3 records" in until(child, "P1", 3)
    found.run("delete", "P2", "-q", "--yes")
    child.sendline("m")
    child.expect(r"not done: people #2 \(P2\) is in the trash now")
    assert re.search(r"1 P1 +2 P7", answer(child, "m", 3))
    child.expect("u takes it back")
    child.sendline("q")
    assert ended(child) == 3
    assert "P7" not in people(found) and found.rows("SELECT _state FROM people WHERE no = 'P2'") == [2]


def test_a_question_that_others_settled_before_its_turn_is_passed_over(found: Desk, sit: Any) -> None:
    child = review(sit)
    first = answer(child, "?", 3)
    others = [pair for pair in (("P1", "P2"), ("P3", "P4"), ("P5", "P6")) if f"1 {pair[0]}" not in first]
    for one, other in others:
        assert found.run("dedupe", "different", one, other, "-q").code == 0
    child.expect(r"open \[")
    child.sendline("d")
    for _ in others:
        child.expect(r"people #\d and #\d were said to be different meanwhile")
    child.expect("0 merges · 1 said to be different · 0 open")
    assert ended(child) == 0


def test_an_answer_can_be_taken_back_after_its_records_were_changed_elsewhere(found: Desk, sit: Any) -> None:
    child = review(sit)
    until(child, "P3", 3)
    child.sendline("d")
    child.expect("2 open")
    found.run("delete", "P4", "-q", "--yes")
    child.sendline("u")
    child.expect("event 2 is undone")
    seen = answer(child, "q", 2)
    assert "1 P3" not in seen
    assert ended(child) == 3


def test_a_blank_value_blanks_the_field_as_set_does(found: Desk, sit: Any) -> None:
    child = review(sit)
    until(child, "P3", 3)
    child.sendline("phone=")
    seen = answer(child, "m", 3)
    assert "chosen: phone=\r\n" in seen
    assert re.search(r"= phone +\+8613900139001 +\+8613900139001\r\n", seen)
    child.expect("u takes it back")
    child.sendline("q")
    assert ended(child) == 3
    assert people(found)["P3"] == (None, "北京", "Kim")


def test_what_was_chosen_is_said_also_where_nothing_can_become_of_it_yet(found: Desk, sit: Any) -> None:
    child = review(sit)
    until(child, "P5", 3)
    child.sendline("city=2")
    answer(child, "phone=", 3)
    assert "chosen: city=2 · phone=\r\n" in answer(child, "规则 city", 3)
    assert "chosen: phone=\r\n" in answer(child, "r", 3)
    assert "chosen" not in answer(child, "r ghost", 3)
    child.expect("ghost")
    answer(child, "q", 3)
    assert ended(child) == 3


def test_a_required_field_is_not_blanked(found: Desk, sit: Any) -> None:
    child = review(sit)
    until(child, "P3", 3)
    child.sendline("name=")
    child.expect("name: required")
    assert "chosen" not in answer(child, "q", 3)
    assert ended(child) == 3


@pytest.fixture
def three(found: Desk) -> Desk:
    """One of the people stands there three times."""
    found.run("add", "no=P7", "name=张伟", "phone=13800138000", "mail=zw@example.com", "city=珠海")
    return found


def chosen(sit: Any, *words: str) -> Any:
    """A review in which somebody types this to the question about the three."""
    child = review(sit)
    assert "3 records" in until(child, "P1", 3)
    child.sendline(words[0])
    for word in words[1:]:
        answer(child, word, 3)
    return child


def test_what_was_chosen_is_kept_for_what_is_left_of_a_question(three: Desk, sit: Any) -> None:
    child = chosen(sit, "city=3", "owner=Lee", "d 2")
    child.expect("u takes it back")
    seen = answer(child, "m", 3)
    assert "chosen: city=2 · owner=Lee\r\n" in seen
    assert re.search(r"~ city .* 珠海 .* 珠海", seen)
    answer(child, "q", 2)
    assert ended(child) == 3
    assert people(three)["P1"] == ("+8613800138000", "珠海", "Lee")


def test_what_was_chosen_goes_with_a_record_that_became_part_of_another(three: Desk, sit: Any) -> None:
    child = chosen(sit, "city=3", "m 1 3")
    assert "chosen: city=1\r\n" in answer(child, "u", 3)
    assert "chosen: city=3\r\n" in answer(child, "q", 3)
    assert ended(child) == 3


def test_what_was_chosen_of_a_record_that_is_asked_about_no_more_is_said_to_be_dropped(three: Desk, sit: Any) -> None:
    child = chosen(sit, "city=2", "owner=Lee", "d 2")
    child.expect("no longer chosen: city=2")
    assert "chosen: owner=Lee\r\n" in answer(child, "u", 3)
    assert "chosen: city=2 · owner=Lee\r\n" in answer(child, "q", 3)
    assert ended(child) == 3


def test_what_was_chosen_outlasts_a_change_in_another_terminal(found: Desk, sit: Any) -> None:
    child = review(sit)
    until(child, "P3", 3)
    child.sendline("city=Wien")
    answer(child, "m", 3)  # seen before the change
    child.expect("u takes it back")
    child.sendline("u")
    child.expect("is undone")
    child.expect(r"3 open \[")
    found.run("edit", "P4", "city=Rome", "-q")
    child.sendline("m")
    child.expect("not done: people #4")
    assert "chosen: city=Wien\r\n" in answer(child, "q", 3)
    assert ended(child) == 3


def test_a_choice_that_somebody_else_made_impossible_does_not_end_the_review(found: Desk, sit: Any) -> None:
    schema = SCHEMA.replace(
        "kind: phone}", "kind: phone}\n      - {name: card, type: string, constraints: {unique: true}}"
    )
    found.write("schema.yaml", schema)
    assert found.run("schema", "apply", "-q", "--yes").code == 0
    child = review(sit)
    until(child, "P3", 3)
    child.sendline("card=K1")
    assert found.run("edit", "Q1", "card=K1", "-q").code == 0
    answer(child, "city=1", 3)
    seen = answer(child, "q", 3)
    assert "! card: not-unique (it is people #8)" in seen
    assert ended(child) == 3
