"""export --all and load: the whole store in plain texts, back to the very same one, and never to another."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from terminal import Desk, Said, custrec

age = pytest.mark.skipif(not (shutil.which("age") and shutil.which("zstd")), reason="age or zstd is not installed")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """A store with a history: texts that were kept, an edit, trash, a merge, a verdict, undo, and a new schema."""
    desk = Desk(tmp_path_factory.mktemp("world") / "desk")
    desk.take(
        "no,name,city,since\nC1,Ann Lee,Leeds,2024-05-01 10:30\nC2,王芳,深圳,\nC3,Bo Diaz,York,\nC4,Bo Diaz,York,\n"
        "C5,Cy Fox,Hull,\nC6,Di Moss,Hull,\n"
    )
    desk.take("no,text\nC1,called\nC2,wrote\n", "--table", "notes", name="notes.csv")
    for words in (
        ["edit", "C1", "city=Bath"],
        ["delete", "C6", "--yes"],
        ["dedupe", "merge", "C3", "C4"],
        ["dedupe", "different", "C1", "C2"],
        ["edit", "C2", "city=广州"],
        ["undo"],
    ):
        said = desk.run(*words)
        assert said.code == 0, (words, said)
    schema = (desk.folder / "schema.yaml").read_text(encoding="utf-8")
    desk.write("schema.yaml", schema.replace("- {name: city,", "- {name: rank, type: number}\n      - {name: city,"))
    assert desk.run("schema", "apply", "--yes").code == 0
    assert desk.run("edit", "C5", "rank=0.1").code == 0
    assert desk.run("export", "--all", "-o", "../plain").code == 0
    return desk


@pytest.fixture
def lived(world: Desk, tmp_path: Path) -> Desk:
    """A copy of it."""
    return world.copy_to(tmp_path / "desk")


def load(desk: Desk, source: object, *words: object, folder: str = "elsewhere") -> Said:
    """Load into a folder of its own."""
    (desk.folder.parent / folder).mkdir(exist_ok=True)
    return custrec("load", source, *words, cwd=desk.folder.parent / folder)


def tree(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_what_is_loaded_is_the_very_same_store(lived: Desk) -> None:
    assert lived.run("export", "--all", "-o", "plain").code == 0
    said = load(lived, lived.folder / "plain")
    assert said.code == 0, said
    there = lived.folder.parent / "elsewhere"
    assert (there / "schema.yaml").read_bytes() == (lived.folder / "schema.yaml").read_bytes()
    for words in (
        ["history", "head"],
        ["history", "verify"],
        ["history", "--json"],
        ["blame", "C1"],
        ["list", "--format", "csv"],
        ["list", "-t", "notes", "--format", "csv"],
        ["show", "C4", "--json"],
    ):
        assert custrec(*words, cwd=there) == lived.run(*words), words
    assert custrec("doctor", "--full", "-q", cwd=there).code in (0, 3)
    assert custrec("export", "--all", "-o", "again", cwd=there).code == 0
    assert tree(there / "again") == tree(lived.folder / "plain")
    assert custrec("undo", cwd=there).code == 0, "it lives on"


def test_the_texts_are_plain_sorted_and_private(lived: Desk) -> None:
    said = lived.run("export", "--all", "-o", "plain")
    assert "in 2 tables" in said.err
    plain = lived.folder / "plain"
    rows = [json.loads(line) for line in (plain / "customers.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [row["_id"] for row in rows] == [1, 2, 3, 4, 5, 6]
    assert rows[1]["name"] == "王芳"
    assert "phone" not in rows[1]
    for path in plain.rglob("*"):
        assert path.stat().st_mode & 0o077 == 0, path
    if shutil.which("sha256sum"):
        subprocess.run(["sha256sum", "--quiet", "-c", "SHA256SUMS"], cwd=plain, check=True)
    assert not list(lived.folder.glob(".plain.*"))


def test_the_folder_of_a_new_store_is_made(lived: Desk) -> None:
    assert lived.run("export", "--all", "-o", "plain").code == 0
    assert lived.run("load", "plain", "--store", "new/one/custrec.db").code == 0
    assert lived.run("history", "verify", "--store", "new/one/custrec.db").code == 0


def test_nothing_is_written_over(lived: Desk) -> None:
    assert lived.run("export", "--all", "-o", "plain").code == 0
    assert lived.run("export", "--all", "-o", "plain").code == 9
    before = lived.files()
    assert lived.run("load", "plain").code == 9
    assert lived.files() == before
    assert lived.run("export", "--all").code == 2
    assert lived.run("export", "--all", "-o", "other", "--where", "city = York").code == 2
    assert lived.run("load", "nowhere", "--store", "new.db").code == 4


def altered(name: str, old: str, new: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        text = (folder / name).read_text(encoding="utf-8")
        assert old in text
        (folder / name).write_text(text.replace(old, new, 1), encoding="utf-8")

    return change


def without_last(name: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        lines = (folder / name).read_bytes().splitlines(keepends=True)
        (folder / name).write_bytes(b"".join(lines[:-1]))

    return change


FAULTS: dict[str, tuple[Callable[[Path], None], str]] = {
    "a value": (altered("customers.jsonl", "Bath", "Rome"), "customers.jsonl, line 1:"),
    "a number": (altered("customers.jsonl", '"rank":0.1', '"rank":0.2'), "customers.jsonl, line 5:"),
    "another type": (altered("customers.jsonl", '"rank":0.1', '"rank":"x"'), "customers.jsonl, line 5:"),
    "a list": (altered("customers.jsonl", '"rank":0.1', '"rank":[1]'), "customers.jsonl, line 5:"),
    "no JSON": (altered("customers.jsonl", '{"_id":3', '{"_id":3,'), "customers.jsonl, line 3:"),
    "an unknown column": (altered("customers.jsonl", '"name":"王芳"', '"nome":"王芳"'), "customers.jsonl, line 2:"),
    "another form": (altered("customers.jsonl", '{"_id":3,', '{"_id": 3,'), "customers.jsonl, line 3:"),
    "an order": (altered("customers.jsonl", '{"_id":2,', '{"_id":9,'), "customers.jsonl, line 3:"),
    "a key twice": (altered("customers.jsonl", '"no":"C2"', '"no":"C1"'), "customers.jsonl, line 2:"),
    "a parent": (altered("notes.jsonl", '"no":2', '"no":77'), "notes.jsonl, line 2:"),
    "a record less": (without_last("notes.jsonl"), "_change.jsonl, line"),
    "the journal": (altered("_change.jsonl", "Leeds", "Paris"), "_change.jsonl, line 9:"),
    "a line of a source": (altered("_change.jsonl", '"line":2', '"line":3'), "_change.jsonl:"),
    "an event": (altered("_event.jsonl", '"actor":"tester', '"actor":"nobody'), "_event.jsonl, line 1:"),
    "an event less": (without_last("_event.jsonl"), "_event.jsonl:"),
    "the identity": (altered("_meta.jsonl", "identity", "identify"), "_meta.jsonl"),
    "a sequence": (altered("_sequence.jsonl", '"next":7', '"next":8'), "_sequence.jsonl:"),
    "a schema": (altered("_schema.jsonl", "name", "nome"), "_schema.jsonl, line 1:"),
    "no schema": (lambda folder: (folder / "_schema.jsonl").write_bytes(b""), "_schema.jsonl:"),
    "a file beside": (altered("files/schema.yaml", "version", "Version"), "files/schema.yaml:"),
    "a file less": (lambda folder: (folder / "notes.jsonl").unlink(), "notes.jsonl:"),
    "the sums": (lambda folder: (folder / "SHA256SUMS").unlink(), "SHA256SUMS:"),
    "a sum": (altered("SHA256SUMS", "notes.jsonl", "nodes.jsonl"), "notes.jsonl:"),
    "what it is": (altered("custrec.json", "plain/1", "plain/9"), "custrec.json:"),
    "bytes": (lambda folder: (folder / "_event.jsonl").write_bytes(b"\xff\xfe\x00"), "_event.jsonl, line 1:"),
}


@pytest.mark.parametrize("what", FAULTS)
def test_what_is_not_as_it_was_written_is_refused_with_its_place(lived: Desk, world: Desk, what: str) -> None:
    change, place = FAULTS[what]
    plain = shutil.copytree(world.folder.parent / "plain", lived.folder / "plain")
    change(plain)
    said = load(lived, plain)
    assert said.code == 4, said
    assert said.err.startswith(f"custrec: {place}"), said.err
    left = [path for path in (lived.folder.parent / "elsewhere").rglob("*") if path.is_file()]
    assert left == []


@age
def test_one_sealed_file_is_read_by_age_zstd_and_tar_and_loaded(lived: Desk) -> None:
    made = lived.run("key", "init", "--i-accept-data-loss", "-q")
    key = made.out.split()[0]
    assert lived.run("export", "--all", "--to", key, "-o", "shop.tar.zst.age").code == 0
    assert lived.run("export", "--all", "-o", "plain").code == 0
    (lived.folder / "opened").mkdir()
    line = "age -d -i custrec/identity shop.tar.zst.age | zstd -q -d | tar -x -C opened"
    subprocess.run(line, shell=True, cwd=lived.folder, check=True)  # noqa: S602 (a pipe, as people type it)
    assert tree(lived.folder / "opened") == tree(lived.folder / "plain")
    identity = lived.folder / "custrec" / "identity"
    said = load(lived, lived.folder / "shop.tar.zst.age", "--key-file", identity)
    assert said.code == 0, said
    assert custrec("history", "head", cwd=lived.folder.parent / "elsewhere") == lived.run("history", "head")
    poured = lived.run("export", "--all", "--to", key)
    assert poured.raw.startswith(b"age-encryption.org")
    assert list((lived.folder / "custrec.plans").iterdir()) == []


def test_a_sealed_file_that_was_harmed_or_is_for_others_is_refused(lived: Desk) -> None:
    key = lived.run("key", "init", "--i-accept-data-loss", "-q").out.split()[0]
    identity = lived.folder / "custrec" / "identity"
    assert lived.run("export", "--all", "--to", key, "-o", "shop.age").code == 0
    whole = (lived.folder / "shop.age").read_bytes()
    for harmed in (whole[: len(whole) // 2], whole[:-1], whole[:900] + b"x" + whole[901:], b"", b"nothing of ours"):
        lived.write("harmed.age", harmed)
        said = load(lived, lived.folder / "harmed.age", "--key-file", identity)
        assert said.code in (4, 8), said
        assert not (lived.folder.parent / "elsewhere" / "custrec.db").exists()
    assert lived.run("key", "rotate", "-q").code == 0
    assert load(lived, lived.folder / "shop.age", "--key-file", identity).code == 8


def test_whom_the_ledger_names_does_not_come_back(lived: Desk) -> None:
    assert lived.run("export", "--all", "-o", "plain").code == 0
    assert lived.run("purge", "C5", "--confirm", "1", "-q").code == 0
    assert lived.run("export", "--all", "-o", "after").code == 0
    assert "Cy Fox" not in "".join(
        path.read_text(encoding="utf-8") for path in (lived.folder / "after").glob("*.jsonl")
    )
    assert not list((lived.folder / "after" / "files").glob("*ledger*"))
    for path in lived.folder.glob("custrec.db*"):
        path.unlink()
    said = lived.run("load", "plain")
    assert (said.code, lived.store.exists()) == (8, False), said
    said = lived.run("load", "after")
    assert said.code == 0, said
    assert lived.run("history", "verify", "-q").code == 0
    assert lived.run("export", "--all", "-o", "again").code == 0
    assert tree(lived.folder / "again") == tree(lived.folder / "after")


def test_tables_whose_names_are_no_names_of_files_come_back_too(tmp_path: Path) -> None:
    desk = Desk.at(tmp_path / "desk")
    names = ["a/b", "con", "..", "客户", "two words", "table-2", "dot.", "q?*"]
    tables = "".join(f"  - name: '{name}'\n    fields:\n      - {{name: x, type: string}}\n" for name in names)
    desk.write("schema.yaml", f"version: 1\ntables:\n{tables}")
    assert desk.run("init").code == 0
    for name in names:
        assert desk.take(f"x\n{name}\n", "--table", name).code == 0
    assert desk.run("export", "--all", "-o", "plain").code == 0
    assert sorted(path.name for path in (desk.folder / "plain").iterdir() if path.name[0] not in "_cS") == sorted(
        ["files", "客户.jsonl", "two words.jsonl", *(f"table-{n}.jsonl" for n in (1, 2, 3, 6, 7, 8))]
    )
    said = load(desk, desk.folder / "plain")
    assert said.code == 0, said
    assert (
        custrec("list", "-t", "a/b", "--format", "csv", cwd=tmp_path / "elsewhere").out
        == desk.run("list", "-t", "a/b", "--format", "csv").out
    )


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
@pytest.mark.parametrize("what", ["export", "load"])
def test_what_is_killed_leaves_nothing_that_counts(lived: Desk, what: str) -> None:
    assert lived.run("export", "--all", "-o", "ready").code == 0
    words = ["export", "--all", "-o", "plain"] if what == "export" else ["load", "ready", "--store", "new.db"]
    for turn in range(6):
        process = lived.started(*words)
        time.sleep(0.15 + 0.05 * turn)
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=60)
        for made in ("plain", "new.db"):
            path = lived.folder / made
            if path.is_dir():
                assert tree(path) == tree(lived.folder / "ready")
                shutil.rmtree(path)
            elif path.exists():
                assert lived.run("history", "verify", "--store", made).code == 0
                for left in lived.folder.glob("new.*"):
                    shutil.rmtree(left) if left.is_dir() else left.unlink()
    assert lived.run(*words).code == 0
    assert not [path for path in lived.folder.iterdir() if path.name.endswith(".part")]
