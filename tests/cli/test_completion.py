"""What Tab does: in real shells on a terminal, and what custrec answers them whatever they ask."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import shells
from custrec.cli.candidates import FILES, FREE, KINDS, LISTED, MOST, kind_of, listed_in
from custrec.cli.completing import taken_apart
from custrec.files.presets import preset_names
from terminal import BIN, Desk, custrec, environment
from walk import COMMANDS

SCHEMA = """\
version: 1
tables:
  - name: customers
    primaryKey: [no]
    fields:
      - {name: no, type: string}
      - {name: name, kind: person_name}
      - {name: status, type: string, constraints: {enum: [lead, active, former]}}
      - {name: tags, kind: tags}
      - {name: open, kind: boolean}
      - {name: full name, type: string}
  - name: orders
    primaryKey: [number]
    fields:
      - {name: number, type: integer}
      - {name: no, type: string}
    foreignKeys: [{fields: [no], reference: {resource: customers, fields: [no]}}]
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with what can be completed: records, tags, events, a saved plan, a map, files."""
    place = tmp_path_factory.mktemp("completion")
    (place / "schema.yaml").write_text(SCHEMA, encoding="utf-8")
    (place / "customers.csv").write_text(
        "no,name,status,tags\nC1,张伟,lead,VIP;老客户\nC2,Ann Lee,active,long time\nD 3,Bo,former,it's\nD$4,王,lead,\n",
        encoding="utf-8",
    )
    (place / "orders.csv").write_text("number,no\n12,C1\n120,C1\n13,C2\n7,C2\n", encoding="utf-8")
    for words in (
        ("init",),
        ("import", "customers.csv"),
        ("import", "orders.csv", "-t", "orders"),
        ("map", "create", "kingdee", "--from", "customers.csv"),
        ("tag", "add", "new", "C1", "--save-plan"),
        ("delete", "D$4", "--yes"),
    ):
        assert custrec(*words, cwd=place).code == 0, words
    return place


def asked(folder: Path, line: str, shell: str = "zsh", **more: str) -> list[str]:
    """What custrec answers a shell: the first line, and the candidates without what is said of them."""
    said = custrec(cwd=folder, _CUSTREC_COMPLETE=shell, _CUSTREC_LINE=line, _CUSTREC_BREAKS="\t\n\"'><=;|&(: ", **more)
    assert (said.code, said.err) == (0, "")
    how, *found = said.out.split("\n")[:-1]
    return (
        [f":{how}", *(line.partition("\t")[0] for line in found)]
        if how
        else [text.partition("\t")[0] for text in found]
    )


@pytest.fixture(scope="module", params=shells.STARTED)
def terminal(request: pytest.FixtureRequest, folder: Path) -> Iterator[shells.Terminal]:
    """One of the shells, with completion switched on as its script says."""
    if not shells.there(request.param):
        pytest.skip(f"{request.param} is not installed")
    path = f"{BIN}{os.pathsep}{os.environ['PATH']}"
    with shells.Terminal(request.param, folder, environment(folder, PATH=path, LC_ALL="C.UTF-8")) as opened:
        yield opened


LINES = [
    ("val", ["validate"]),
    ("history ver", ["history", "verify"]),
    ("list --table cust", ["list", "--table", "customers"]),
    ("list --format=jsonl", ["list", "--format=jsonl"]),
    ("list --where 'status = act", ["list", "--where", "status = active"]),
    ("show D", ["show", "D 3"]),
    ("undelete D", ["undelete", "D$4"]),
    ("edit C1 stat", ["edit", "C1", "status="]),
    ("edit C1 status=f", ["edit", "C1", "status=former"]),
    ("tag remove 老", ["tag", "remove", "老客户"]),
    ("import custo", ["import", "customers.csv"]),
]
"""Lines, and the words that they have after Tab, in every shell."""

MORE_LINES = [
    ("map sho", ["map", "show"]),
    ("list --whe", ["list", "--where"]),
    ("list --fields name,sta", ["list", "--fields", "name,status"]),
    ("list --sort -stat", ["list", "--sort", "-status"]),
    ("list --where stat", ["list", "--where", "status"]),
    ('list --where "not tags has V', ["list", "--where", "not tags has VIP"]),
    ("show C2", ["show", "C2"]),
    ("show -t orders 1", ["show", "-t", "orders", "1"]),
    ("blame C1 sta", ["blame", "C1", "status"]),
    ("edit C1 'status=f", ["edit", "C1", "status=former"]),
    ("edit C1 open=t", ["edit", "C1", "open=true"]),
    ("tag add V", ["tag", "add", "VIP"]),
    ("tag remove lon", ["tag", "remove", "long time"]),
    ("map show king", ["map", "show", "kingdee"]),
    ("import orders.csv --on-existing fi", ["import", "orders.csv", "--on-existing", "fill"]),
    ("import orders.csv --map k", ["import", "orders.csv", "--map", "kingdee"]),
    ("export --output ord", ["export", "--output", "orders.csv"]),
    ("completion zs", ["completion", "zsh"]),
    ("man his", ["man", "history"]),
]
"""The same for bash alone, whose words custrec itself takes apart and quotes; it would take too long in all of them."""


@pytest.mark.parametrize(("line", "words"), LINES)
def test_tab_goes_on_with_the_line(terminal: shells.Terminal, line: str, words: list[str]) -> None:
    now, _ = terminal.pressed(f"custrec {line}")
    assert now == ["custrec", *words]


@pytest.mark.parametrize(("line", "words"), MORE_LINES)
@pytest.mark.parametrize("terminal", ["bash"], indirect=True)
def test_tab_goes_on_with_any_line(terminal: shells.Terminal, line: str, words: list[str]) -> None:
    now, _ = terminal.pressed(f"custrec {line}")
    assert now == ["custrec", *words]


def test_tab_shows_what_there_is_to_choose_from(terminal: shells.Terminal) -> None:
    words, shown = terminal.pressed("custrec show C")
    assert words == ["custrec", "show", "C"]
    assert "C1" in shown
    assert "C2" in shown
    assert ("张伟" in shown) == (terminal.shell != "bash")  # bash has no room for more than the words themselves


def test_tab_is_silent_where_there_is_no_store(terminal: shells.Terminal, tmp_path: Path) -> None:
    words, shown = terminal.pressed(f"custrec show --store {tmp_path / 'none.db'} C")
    assert words[-1] == "C"
    assert "custrec:" not in shown


@pytest.mark.parametrize("script", ["bash", "zsh", "fish", "powershell"])
def test_the_script_of_each_shell_says_how_it_is_switched_on(folder: Path, script: str) -> None:
    said = custrec("completion", script, cwd=folder)
    assert (said.code, said.err) == (0, "")
    assert f"custrec completion {script}" in said.out
    if shells.there(script):
        path = folder / f"script.{script}"
        path.write_text(said.out, encoding="utf-8")
        subprocess.run([script, "-n", str(path)], check=True, timeout=60)


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("custrec show 1", ["12", "13", "120"]),
        ("custrec show -t orders 12", ["12", "120"]),
        ("custrec list --table=", ["--table=customers", "--table=orders"]),
        ("custrec list -t", ["-t"]),
        ("custrec undo ", ["3", "2", "1"]),
        ("custrec import show ", ["2", "1"]),
        ("custrec history list --verb ", ["import", "delete"]),
        ("custrec list --as-of event:1", ["event:1"]),
        (
            "custrec list --where 'status ",
            ["status =", "status !=", "status in", "status is empty", "status is not empty"],
        ),
        ("custrec edit --where 'status = lead' ta", ["tags="]),
        ("custrec edit C1 status=lead stat", []),
        ("custrec delete C1 C", ["C2"]),
        ("FOO=1 /usr/bin/custrec show C2", ["C2"]),
        ("custrec init --preset ", list(preset_names())),
        ("custrec show -- C2", ["C2"]),
        ("custrec nonsense ", []),
        ("custrec show C1 C", []),
        ("custrec 'sho", ["show"]),
    ],
)
def test_what_is_offered(folder: Path, line: str, found: list[str]) -> None:
    assert [one for one in asked(folder, line) if not one.startswith(":")] == found


def test_saved_plans_are_offered(folder: Path) -> None:
    (path,) = (folder / "custrec.plans").glob("*.db")
    assert asked(folder, "custrec plan apply ") == [path.stem]


def test_all_commands_are_offered_but_hidden_options_are_not(folder: Path) -> None:
    assert set(asked(folder, "custrec ")) == {path[0] for path in COMMANDS} == set(asked(folder, "custrec ", "bash"))
    assert "--store" in asked(folder, "custrec list --")
    assert "--today" not in asked(folder, "custrec list --")


def test_file_names_are_left_to_the_shell(folder: Path) -> None:
    assert asked(folder, "custrec export -o ") == [":files"]
    assert asked(folder, "custrec import ") == [":files", "list", "show"]
    assert asked(folder, "custrec edit C1 st") == [":nospace", "status="]


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("custrec edit C1 status=f", ["former"]),
        ("custrec edit C1 'status=f", ["status=former"]),
        ("custrec edit C1 status='f", ["former"]),
        ("custrec show D", [r"D\ 3"]),
        ('custrec undelete "D', [r"D\$4"]),
        ("custrec tag add it", [r"it\'s"]),
        ("custrec tag add 'it", []),
    ],
)
def test_bash_is_given_what_it_puts_in_for_the_word_that_it_takes_out(
    folder: Path, line: str, found: list[str]
) -> None:
    assert asked(folder, line, "bash") == found


def test_no_more_than_some_are_offered(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "schema.yaml").write_text(SCHEMA, encoding="utf-8")
    (tmp_path / "many.csv").write_text("no\n" + "".join(f"C{number:05}\n" for number in range(3000)), encoding="utf-8")
    assert custrec("init", cwd=tmp_path).code == 0
    assert custrec("import", "many.csv", cwd=tmp_path).code == 0
    assert asked(tmp_path, "custrec show C") == [f"C{number:05}" for number in range(MOST)]
    assert asked(tmp_path, "custrec show C0299") == [f"C{number:05}" for number in range(2990, 3000)]


@pytest.mark.parametrize(
    "line", ["", " ", "custrec", "custrec show '", "custrec show \\", "custrec list --where '((", "'", "= ="]
)
@pytest.mark.parametrize("shell", ["bash", "zsh", "fish", "powershell", "nonsense"])
def test_a_line_that_is_no_line_is_answered_too(folder: Path, line: str, shell: str) -> None:
    asked(folder, line, shell)


@pytest.mark.parametrize("store", ["none", "empty", "text", "folder", "damaged", "newer"])
def test_nothing_is_said_of_a_store_that_cannot_be_read(desk: Desk, store: str) -> None:
    if store == "none":
        desk.store.unlink()
    elif store == "folder":
        desk.store.unlink()
        desk.store.mkdir()
    elif store == "damaged":
        whole = desk.store.read_bytes()
        desk.store.write_bytes(whole[:100] + bytes(len(whole) - 100))
    elif store == "newer":
        whole = bytearray(desk.store.read_bytes())
        whole[60:64] = (9999).to_bytes(4, "big")
        desk.store.write_bytes(bytes(whole))
    else:
        desk.store.write_bytes(b"" if store == "empty" else b"no store at all\n" * 100)
    for line in ("custrec show C", "custrec list --table ", "custrec tag add ", "custrec undo ", "custrec plan apply "):
        assert asked(desk.folder, line) == []
    assert "show" in asked(desk.folder, "custrec ")


def test_completion_writes_nothing(desk: Desk) -> None:
    desk.take("no,name\nC1,Ann\n")
    before = desk.files()
    for line in (
        "custrec show C",
        "custrec find ",
        "custrec undo ",
        "custrec import ",
        "custrec doctor --f",
        "custrec init ",
    ):
        asked(desk.folder, line)
    assert desk.files() == before


def test_an_answer_to_a_shell_that_has_gone_is_no_error(folder: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "custrec"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=folder,
        env=environment(folder, _CUSTREC_COMPLETE="zsh", _CUSTREC_LINE="custrec "),
    )
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait(timeout=60) == 0


@pytest.mark.parametrize(
    ("line", "words", "last"),
    [
        ("custrec list 'a b' c", ["list", "a b"], "c"),
        ("custrec a\\ b", [], "a b"),
        ('custrec "a \\" b" \'c\\d', ['a " b'], "c\\d"),
        ("custrec x ", ["x"], ""),
        ("custrec '' x", [""], "x"),
    ],
)
def test_a_line_is_taken_apart_as_shells_do(line: str, words: list[str], last: str) -> None:
    typed = taken_apart(line)
    assert (typed.words, typed.last) == (words, last)


PARAMETERS = [
    (" ".join(path), one)
    for path, command in COMMANDS.items()
    for one in command.params
    if not one.hidden and not getattr(one, "is_flag", False)
]


@pytest.mark.parametrize(("command", "parameter"), PARAMETERS, ids=[f"{path} {one.name}" for path, one in PARAMETERS])
def test_every_word_of_every_command_is_completed_or_known_to_be_free(command: str, parameter: Any) -> None:
    """For a new metavar: say in custrec.cli.candidates what such a word may be (KINDS, FILES, LISTED), or that only the
    person who types it knows (FREE). What has choices of its own needs no entry."""
    kind = kind_of(parameter.metavar or "")
    known = kind in KINDS or kind in FILES or kind in LISTED or kind in FREE
    assert known or getattr(parameter.type, "choices", None), (
        f"custrec {command}: {parameter.opts[0]} takes a {kind!r}, which custrec.cli.candidates does not know: enter "
        "it in KINDS, FILES, LISTED or FREE"
    )
    if kind in LISTED:
        assert len(listed_in(parameter.help or "")) > 1, f"the help of {parameter.opts[0]} lists no words"
