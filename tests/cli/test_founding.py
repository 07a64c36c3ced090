"""custrec init --from FILE: a schema is proposed, shown, accepted or not; then the file imports."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from terminal import PATIENCE, Said, custrec, environment

CUSTOMERS = """\
Kunden-Nr.;Name;E-Mail;Telefon;Kunde seit;Umsatz (EUR)
00501;Anna Müller;anna@firma.de;030 1234567;24.12.2019;1.234,50
00502;Max Groß;max@firma.de;(089) 9876543;01.02.2020;99,00
00503;Eva Koch;k.A.;+49 171 1234567;31.05.2021;-
00504;Uwe Wolf;uwe@firma.de;0171 7654321;30.06.2021;12,25
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a file and nothing else."""
    (tmp_path / "kunden.csv").write_text(CUSTOMERS, encoding="utf-8")
    return tmp_path


def names(folder: Path) -> list[str]:
    """What lies in the folder."""
    return sorted(path.name for path in folder.iterdir())


def test_the_proposal_is_a_table_and_needs_consent(folder: Path) -> None:
    said = custrec("init", "--from", "kunden.csv", cwd=folder, COLUMNS="80")
    assert said.code == 9
    assert all(len(line) <= 80 for line in said.out.splitlines())
    assert [line.split()[:2] for line in said.out.splitlines()[2:4]] == [["Kunden-Nr.", "kunden_nr"], ["Name", "name"]]
    assert "wants a person's consent; nothing was made" in said.err
    assert "custrec init --from kunden.csv --yes" in said.err
    assert "custrec init --from kunden.csv -n > schema.yaml" in said.err
    assert names(folder) == ["kunden.csv"]


def test_with_yes_the_store_is_made_and_the_file_imports_as_announced(folder: Path) -> None:
    said = custrec("init", "--from", "kunden.csv", "--yes", cwd=folder)
    assert said.code == 0
    assert names(folder) == ["custrec.db", "custrec.ledger", "custrec.ledger-key", "kunden.csv", "schema.yaml"]
    schema = (folder / "schema.yaml").read_text(encoding="utf-8")
    assert "primaryKey: [kunden_nr]" in schema
    assert 'missingValues: ["", "k.A.", "-"]' in schema
    assert schema.count("values fit") == 6
    assert "do not" not in schema
    assert custrec("import", "kunden.csv", cwd=folder).code == 0
    listed = custrec("list", "--json", "--fields", "kunden_nr,telefon,kunde_seit,umsatz_eur", cwd=folder).json
    assert listed["records"][0] | {"_id": 1} == {
        "_id": 1,
        "kunden_nr": "00501",
        "telefon": "+49301234567",
        "kunde_seit": "2019-12-24",
        "umsatz_eur": "1234,50",
    }


def test_dry_run_prints_the_schema_alone_and_init_then_takes_it(folder: Path) -> None:
    said = custrec("init", "--from", "kunden.csv", "-n", cwd=folder)
    assert (said.code, said.err) == (0, "")
    assert names(folder) == ["kunden.csv"]
    (folder / "schema.yaml").write_bytes(said.raw)
    assert custrec("schema", "check", "schema.yaml", cwd=folder).code == 0
    assert custrec("init", cwd=folder).code == 0
    assert custrec("import", "kunden.csv", cwd=folder).code in (0, 3)


def test_what_is_there_is_never_overwritten(folder: Path) -> None:
    (folder / "schema.yaml").write_text("mine", encoding="utf-8")
    said = custrec("init", "--from", "kunden.csv", "--yes", cwd=folder)
    assert (said.code, said.err.split("\n")[0]) == (
        9,
        "custrec: schema.yaml exists already; nothing was overwritten",
    )
    assert (folder / "schema.yaml").read_text(encoding="utf-8") == "mine"
    (folder / "schema.yaml").unlink()
    custrec("init", cwd=folder)
    assert custrec("init", "--from", "kunden.csv", "--yes", cwd=folder).code == 9


def test_another_folder_table_and_encoding(folder: Path) -> None:
    (folder / "alt.csv").write_text(CUSTOMERS, encoding="cp1252")
    words = ("init", "shop", "--from", "alt.csv", "--table", "leads", "--encoding", "cp1252", "--yes")
    said = custrec(*words, cwd=folder)
    assert said.code == 0
    assert "next: custrec import alt.csv --encoding cp1252 --store shop/custrec.db -n" in said.err
    shown = custrec("schema", "show", "--store", "shop/custrec.db", cwd=folder)
    assert shown.out.startswith("leads\n")


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (("--from", "none.csv"), 4, "there is no file none.csv"),
        (("--from", "kunden.csv", "--preset", "retail"), 2, "--from proposes a schema, --preset names one"),
        (("--yes",), 2, "go with --from FILE"),
        (("--from", "kunden.csv", "--table", "_own", "--yes"), 2, "a table cannot be called '_own'"),
        (("--from", "empty.csv"), 4, "empty.csv is empty: there is not even a header"),
        (("--from", "headless.csv"), 4, "the first row of headless.csv looks like a record"),
        (("--from", "twice.csv"), 4, "twice.csv has 1 field of twice in more than one column"),
    ],
)
def test_what_cannot_be_is_said_and_nothing_made(folder: Path, words: tuple[str, ...], code: int, message: str) -> None:
    (folder / "empty.csv").write_text("")
    (folder / "headless.csv").write_text("Ann,ann@example.com\nBob,bob@example.com\n")
    (folder / "twice.csv").write_text("Name,name\na,b\n")
    before = names(folder)
    said = custrec("init", *words, cwd=folder)
    assert said.code == code
    assert message in said.err
    assert names(folder) == before


def test_a_header_alone_is_enough(folder: Path) -> None:
    (folder / "new.csv").write_text("Customer No,E-mail\n")
    said = custrec("init", "--from", "new.csv", "--yes", cwd=folder)
    assert said.code == 0
    assert "there are no rows to tell it from" in said.err
    assert custrec("import", "new.csv", cwd=folder).code == 0


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="there are no pseudo terminals")
@pytest.mark.parametrize(("answer", "code"), [("y\n", 0), ("n\n", 9), ("\n", 9)])
def test_at_a_terminal_it_asks(folder: Path, answer: str, code: int) -> None:
    said = _at_a_terminal("init", "--from", "kunden.csv", folder=folder, answer=answer)
    assert said.code == code
    assert "make the store with this schema? [y/N]" in said.err
    assert names(folder) == (
        ["custrec.db", "custrec.ledger", "custrec.ledger-key", "kunden.csv", "schema.yaml"]
        if code == 0
        else ["kunden.csv"]
    )


def _at_a_terminal(*words: str, folder: Path, answer: str) -> Said:
    """Run a command whose standard input is a terminal at which somebody types."""
    ours, theirs = os.openpty()
    try:
        os.write(ours, answer.encode())
        done = subprocess.run(
            [sys.executable, "-m", "custrec", *words],
            stdin=theirs,
            capture_output=True,
            cwd=folder,
            env=environment(folder),
            timeout=PATIENCE,
            check=False,
        )
    finally:
        for end in (ours, theirs):
            with contextlib.suppress(OSError):
                os.close(end)
    return Said(done.returncode, done.stdout, done.stderr.decode())
