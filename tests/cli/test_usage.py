"""The command line itself: help that helps, words that are mistyped, options that make no sense."""

from __future__ import annotations

import re

import pytest

from custrec.cli.app import SECTIONS
from custrec.cli.running import CODES
from terminal import Desk
from walk import COMMANDS


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_every_help_has_a_sentence_at_least_two_examples_of_its_own_and_the_exit_codes(
    desk: Desk, path: tuple[str, ...]
) -> None:
    said = desk.run(*path, "--help")
    assert (said.code, said.err) == (0, "")
    usage, sentence = said.out.split("\n\n")[:2]
    assert usage.startswith(f"Usage: custrec {' '.join(path)} ")
    assert re.fullmatch(r"[A-Z].*\.", " ".join(sentence.split())), sentence
    examples = re.findall(r"^ {4}(.*custrec .*)$", said.out.partition("Examples:")[2], re.MULTILINE)
    assert len(examples) >= 2, said.out
    assert all(f"custrec {' '.join(path)}" in example for example in examples), said.out
    codes = re.findall(r"^ {4}(\d+) +(.*)$", said.out.partition("Exit codes:")[2], re.MULTILINE)
    assert codes
    assert all(CODES[int(code)] == words for code, words in codes)
    assert {"0", "2"} <= {code for code, _ in codes}


@pytest.mark.parametrize("words", [(), ("schema",), ("plan",)])
def test_no_arguments_show_help(desk: Desk, words: tuple[str, ...]) -> None:
    said = desk.run(*words)
    assert said.code == 2
    assert said.err.startswith("Usage: custrec")
    titles = re.findall(r"^([A-Z].*):$", said.err, re.MULTILINE)
    assert titles == (["Options", "Commands"] if words else ["Options", *SECTIONS])


def test_the_version_is_told(desk: Desk) -> None:
    assert re.fullmatch(r"custrec \d+\.\d+\.\d+\S*\n", desk.run("--version").out)


@pytest.mark.parametrize(
    ("words", "what", "meant"),
    [
        (("impotr", "a.csv"), "no such command 'impotr'", "import"),
        (("lst",), "no such command 'lst'", "list"),
        (("schema", "chek"), "no such command 'chek'", "check"),
        (("history", "verfy"), "no such command 'verfy'", "verify"),
        (("list", "--wher", "x"), "no such option: --wher", "--where"),
        (("import", "a.csv", "--on-existin", "skip"), "no such option: --on-existin", "--on-existing"),
        (("import", "a.csv", "--dryrun"), "no such option: --dryrun", "--dry-run"),
        (("list", "--fields", "nmae"), "customers has no field nmae", "name"),
        (("list", "--sort", "-sinse"), "customers has no field sinse", "since"),
        (("list", "-t", "custmers"), "there is no table custmers", "customers"),
    ],
)
def test_a_typo_suggests_the_nearest_word(desk: Desk, words: tuple[str, ...], what: str, meant: str) -> None:
    desk.write("a.csv", "no,name\n")
    said = desk.run(*words)
    assert (said.code, said.err) == (2, f"custrec: {what}\n  did you mean {meant}?\n")


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (("import",), "missing argument 'FILE...'"),
        (("show",), "missing argument 'ID'"),
        (("list", "surplus"), "unexpected extra argument"),
        (("list", "--zzz"), "no such option: --zzz"),
        (("list", "--where"), "option '--where' requires an argument"),
        (("list", "--format", "xml"), "there is no format xml"),
        (("list", "--color", "blue"), "'blue' is not one of 'auto', 'always', 'never'"),
        (("list", "--wait", "soon"), "'soon' is not a valid float"),
        (("list", "--wait", "-1"), "-1.0 is not in the range"),
        (("list", "--wait", "nan"), "'--wait' (env var: 'CUSTREC_WAIT'): nan is not a number"),
        (("dedupe", "list", "--min-probability", "NaN"), "'--min-probability': nan is not a number"),
        (("dedupe", "list", "--min-probability", "inf"), "'--min-probability': inf is not in the range 0<=x<=1"),
        (("dedupe", "merge", "--min-probability", "-nan", "-n"), "'--min-probability': nan is not a number"),
        (("dedupe", "review", "--min-probability=nan"), "'--min-probability': nan is not a number"),
        (("list", "--today", "yesterday"), "--today is not a day"),
        (("import", "a.csv", "--jobs", "0"), "0 is not in the range 1<=x<=8"),
        (("import", "a.csv", "--max-change", "many"), "'many' is not a valid int"),
        (("import", "a.csv", "--on-existing", "upsert"), "--on-existing takes update, fill, skip or fail, not upsert"),
        (("import", "a.csv", "--in-file", "best"), "--in-file takes reject, first or last, not best"),
    ],
)
def test_wrong_use_is_said_in_one_sentence(desk: Desk, words: tuple[str, ...], what: str) -> None:
    desk.write("a.csv", "no,name\n")
    said = desk.run(*words)
    assert (said.code, said.out) == (2, "")
    assert what in said.err
    assert not re.search(r"\.\n|Error", said.err)


@pytest.mark.parametrize(
    ("where", "place", "reason"),
    [
        ("nmae = Ann", 1, 'customers has no field "nmae"'),
        ("city = ", 8, "it ends where a field or a value is missing"),
        ('city = "Paris', 8, ""),
        ("city = Paris Rome", 14, 'there is more, without "and" or "or" before it'),
        ("since > yesterday", 9, ""),
        ("(city = Paris", 14, "it ends where a closing parenthesis is missing"),
        ("no = 1 ; drop table customers", 8, ""),
        ("", 1, "there is nothing in it"),
        ("   ", 4, "there is nothing in it"),
    ],
)
def test_a_condition_that_cannot_be_read_is_shown_with_its_place(
    desk: Desk, where: str, place: int, reason: str
) -> None:
    said = desk.run("list", "--where", where)
    assert said.code == 2
    assert f"the expression is not valid at character {place}: {reason}" in said.err
    if where.strip():
        lines = said.err.splitlines()
        assert lines[1] == f"  {where}"
        assert lines[2].startswith(" " * (place + 1) + "^")


def test_a_record_that_is_not_there_is_named_as_it_was_asked_for(desk: Desk) -> None:
    for name in ("C9", "#9", "99999999999999999999", "#", "%"):
        said = desk.run("show", name)
        assert said.code == 2
        assert f"customers has no record {name}\n" in said.err
        assert "custrec find" in said.err


def test_looking_for_anything_at_all_is_no_error(desk: Desk) -> None:
    desk.take("no,name\nC1,Ann\n")
    for text in ("", '"', "*", "a OR b", "NEAR(", "'; --", "张" * 500, "\N{ZERO WIDTH SPACE}", "x" * 100_000):
        said = desk.run("find", text)
        assert (said.code, said.err) == (0, "0 found\n"), text[:20]
