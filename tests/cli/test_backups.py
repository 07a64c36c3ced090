"""custrec key, backup and restore at the command line: what they make, say, and refuse."""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
import stat
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyrage
import pytest
import zstandard

from custrec.files import ssh_signature
from custrec.files.age import identities_in, recipients_in
from custrec.model.backups import read_name
from terminal import Desk

age = pytest.mark.skipif(not (shutil.which("age") and shutil.which("zstd")), reason="age or zstd is not installed")
THREE = "no,name,city\nC1,Ann Lee,Leeds\nC2,王芳,深圳\nC3,Bo Diaz,York\n"


@pytest.fixture
def kept(desk: Desk) -> Desk:
    """A desk with three customers, keys and a recovery key on a stick."""
    desk.take(THREE)
    assert desk.run("key", "init", "--new-recovery", "stick/recovery.txt").code == 0
    return desk


def sealed(desk: Desk, folder: str = "custrec.backups") -> list[Path]:
    """The sealed files, the newest last."""
    return sorted((desk.folder / folder).glob("*.age"))


def create(desk: Desk, *words: object) -> Path:
    said = desk.run("backup", "create", *words)
    assert said.code == 0, said
    return sealed(desk)[-1]


def facts(desk: Desk) -> list[tuple[str, dict[str, object]]]:
    rows = desk.rows("SELECT verb, detail FROM _event ORDER BY id")
    return [(verb, json.loads(detail)) for verb, detail in rows]


KEYRING = {"PYTHON_KEYRING_BACKEND": "keyrings.alt.file.PlaintextKeyring"}


def test_a_key_may_lie_in_the_keyring_of_the_machine(desk: Desk) -> None:
    pytest.importorskip("keyrings.alt")
    desk.take(THREE)
    said = desk.run("key", "init", "--keyring", "--i-accept-data-loss", cold=True, **KEYRING)
    assert said.code == 0, said
    identity = desk.folder / "custrec" / "identity"
    assert "SECRET" not in identity.read_text(encoding="utf-8")
    create(desk)
    assert desk.run("backup", "drill", cold=True, **KEYRING).code == 0
    assert desk.run("key", "rotate", cold=True, **KEYRING).code == 0
    assert "SECRET" not in identity.read_text(encoding="utf-8")
    (old,) = identity.parent.glob("identity.until-*")
    assert desk.run("backup", "drill", "1", "--key-file", old, cold=True, **KEYRING).code == 0
    create(desk)
    assert desk.run("restore", "--to", "back.db", cold=True, **KEYRING).code == 0


def test_a_machine_without_a_keyring_says_so_and_makes_nothing(desk: Desk) -> None:
    none = {"PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"}
    before = desk.files()
    said = desk.run("key", "init", "--keyring", "--i-accept-data-loss", cold=True, **none)
    assert said.code == 8, said
    assert "custrec[keyring]" in said.err
    assert desk.files() == before


# --- keys -------------------------------------------------------------------------------------------------------------


def test_keys_are_made_once_and_completed_later(desk: Desk) -> None:
    assert desk.run("key", "init").code == 9
    made = desk.run("key", "init", "--new-recovery", "recovery.txt")
    assert made.code == 0
    assert len(made.out.splitlines()) == 2
    for name in ("custrec.signing-key", "recovery.txt", "custrec/identity", "custrec.recipients"):
        assert stat.S_IMODE((desk.folder / name).stat().st_mode) == 0o600, name
    before = desk.files()
    again = desk.run("key", "init")
    assert (again.code, desk.files()) == (0, before)
    assert desk.run("key", "init", "--new-recovery", "recovery.txt").code == 9
    shown = desk.run("key", "show", "--json").json
    assert [len(shown["recipients"]), len(shown["signers"]), shown["signs"]] == [2, 1, True]
    assert "SECRET" not in made.out + made.err + desk.run("key", "show").out


def test_recipients_come_and_go(kept: Desk) -> None:
    public = "age1zqx27warnhc44vsl02ga8832dspzfsa7qawk8lqp2fym57t8m9tspv3fd8"
    assert kept.run("key", "add", public, "--name", "办公室").code == 0
    assert kept.run("key", "add", public).code == 0
    assert [one["name"] for one in kept.run("key", "show", "--json").json["recipients"]][2:] == ["办公室"]
    assert kept.run("key", "remove", "办公室").code == 0
    assert kept.run("key", "remove", "办公室").code == 4


def test_who_rotates_keeps_the_old_key_for_the_older_backups(kept: Desk) -> None:
    create(kept)
    assert kept.run("key", "rotate").code == 0
    create(kept)
    assert kept.run("backup", "drill").code == 0
    assert kept.run("backup", "drill", "1").code == 8
    (old,) = (kept.folder / "custrec").glob("identity.until-*")
    assert kept.run("backup", "drill", "1", "--key-file", old).code == 0
    assert kept.run("backup", "drill", "2", "--key-file", old).code == 8


def test_a_key_comes_from_a_program_or_an_open_file_but_only_one_way(kept: Desk) -> None:
    create(kept)
    stick = kept.folder / "stick" / "recovery.txt"
    assert kept.run("backup", "drill", "--key-command", f"cat '{stick}'").code == 0
    assert kept.run("backup", "drill", "--key-command", "false").code == 8
    assert kept.run("backup", "drill", "--key-fd", "77").code == 8
    assert kept.run("backup", "drill", "--key-fd", "77", "--key-file", stick).code == 2


# --- create, list, verify, drill --------------------------------------------------------------------------------------


def test_a_backup_is_three_private_files_and_a_line_of_history(kept: Desk) -> None:
    said = kept.run("backup", "create", "--json")
    assert said.code == 0
    manifest = said.json["manifest"]
    assert (manifest["rows"]["customers"], manifest["generation"], manifest["ledger"]) == (3, 1, None)
    files = sorted((kept.folder / "custrec.backups").iterdir())
    assert [path.name.partition(".")[2] for path in files] == ["db.zst.age", "db.zst.age.json", "db.zst.age.json.sig"]
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    assert facts(kept)[-1][0] == "backup"
    assert facts(kept)[-1][1]["sha256"] == manifest["sealed"]["sha256"]
    assert not list((kept.folder / "custrec.plans").iterdir())
    assert "王芳".encode() not in b"".join(path.read_bytes() for path in files)


def test_generations_count_on_whatever_became_of_the_files(kept: Desk) -> None:
    for path in (create(kept), create(kept)):
        path.unlink()
    name = read_name(create(kept).name)
    assert name is not None
    assert name.generation == 3
    assert len(list((kept.folder / "custrec.backups").iterdir())) == 3, "manifests of what is gone are swept"


def test_everything_is_said_in_a_way_for_people_and_one_for_programs(kept: Desk) -> None:
    create(kept)
    for words in (["list"], ["verify"], ["verify", "--all"], ["drill"], ["status"], ["prune", "--keep-last", "3"]):
        assert kept.run("backup", *words).code == 0
        said = kept.run("backup", *words, "--json")
        assert said.json["schema"].startswith("custrec.")
        assert kept.run("backup", *words, "-q").err == ""
    narrow = kept.run("backup", "list", COLUMNS="80").out.splitlines()
    assert max(map(len, narrow)) <= 80
    assert kept.run("backup", "create", "-q").err == ""


def test_undo_passes_over_what_only_tells_of_backups(kept: Desk) -> None:
    create(kept)
    kept.run("backup", "drill")
    assert kept.run("undo", "2", "--json").error["error"] == "nothing-to-undo"
    assert kept.run("undo").code == 0
    assert kept.rows("SELECT count(*) FROM customers") == [0]


def test_folders_with_chinese_names_and_several_of_them(kept: Desk) -> None:
    for name in ("备份 甲", "备份乙"):
        (kept.folder / name).mkdir()
    (kept.folder / "custrec.yaml").write_text("targets: [备份 甲, 备份乙]\n", encoding="utf-8")
    said = kept.run("backup", "create", "--json")
    assert (said.code, len(said.json["places"])) == (0, 2)
    one, other = (sealed(kept, name)[0] for name in ("备份 甲", "备份乙"))
    assert one.read_bytes() == other.read_bytes()
    shutil.rmtree(kept.folder / "备份乙")
    assert kept.run("backup", "status").code == 0
    said = kept.run("backup", "create", "-q")
    assert said.code == 3
    assert "备份乙" in said.err
    assert kept.run("backup", "status", "-q").code == 3
    assert "did not get to" in kept.run("list", "-q").err
    shutil.rmtree(kept.folder / "备份 甲")
    assert kept.run("backup", "create").code == 8


def test_the_sealed_file_goes_to_standard_output_alone(kept: Desk) -> None:
    said = kept.run("backup", "create", "--stdout")
    assert said.code == 0
    assert said.raw.startswith(b"age-encryption.org/v1")
    assert sealed(kept) == []
    assert list((kept.folder / "custrec.backups").iterdir()) == []
    assert facts(kept)[-1][1]["places"] == ["-"]
    assert kept.run("backup", "create", "--stdout", "--json").code == 2


@age
def test_age_and_zstd_alone_make_a_store_of_it(kept: Desk) -> None:
    path = create(kept)
    plain = subprocess.run(["age", "-d", "-i", "stick/recovery.txt", path], cwd=kept.folder, capture_output=True)
    store = subprocess.run(["zstd", "-d"], input=plain.stdout, capture_output=True, check=True).stdout
    (kept.folder / "by-hand.db").write_bytes(store)
    assert kept.run("list", "--store", "by-hand.db").out == kept.run("list").out
    assert kept.run("history", "verify", "--store", "by-hand.db").code == 0


@pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="ssh-keygen is not installed")
def test_ssh_keygen_alone_verifies_the_manifest(kept: Desk) -> None:
    manifest = f"{create(kept)}.json"
    words = ["ssh-keygen", "-Y", "verify", "-f", "custrec.signers", "-I", "custrec", "-n", "custrec-backup"]
    with Path(manifest).open("rb") as stream:
        done = subprocess.run([*words, "-s", f"{manifest}.sig"], stdin=stream, cwd=kept.folder, capture_output=True)
    assert done.returncode == 0, done.stderr


# --- what follows -----------------------------------------------------------------------------------------------------


def test_a_hook_gets_words_and_no_shell_and_a_heart_beats(kept: Desk) -> None:
    lines = [
        "post_hook: [cp, '{file}', '{manifest}', '{signature}', 'away; touch oops']",
        "backup_heartbeat: beat.json",
    ]
    (kept.folder / "custrec.yaml").write_text("\n".join(lines) + "\n")
    (kept.folder / "away; touch oops").mkdir()
    path = create(kept)
    assert (kept.folder / "away; touch oops" / path.name).exists()
    assert json.loads((kept.folder / "beat.json").read_text())["generation"] == 1
    shutil.rmtree(kept.folder / "away; touch oops")
    assert kept.run("backup", "create", "-q").code == 3
    assert json.loads((kept.folder / "beat.json").read_text())["generation"] == 1, "no heart beats for half of it"
    assert "post_hook" in kept.run("backup", "status").out


def test_every_command_warns_when_the_last_backup_is_too_old(kept: Desk) -> None:
    (kept.folder / "custrec.yaml").write_text("backup_max_age: 26h\n")
    assert "no backup was ever made" in kept.run("list", "-q").err
    assert kept.run("status").code == 3
    assert kept.run("backup", "status", "-q").code == 3
    create(kept)
    assert kept.run("list", "-q").err == ""
    assert (kept.run("status").code, kept.run("doctor", "-q").code) == (0, 0)
    back_date(kept, timedelta(hours=30))
    assert "30 hours old" in kept.run("list", "-q").err
    assert "30 hours old" in kept.run("status").out
    assert kept.run("doctor", "-q").code == 3
    create(kept)
    assert kept.run("list", "-q").err == ""


def back_date(desk: Desk, by: timedelta) -> None:
    """Let the events have happened earlier; the chain of digests is not looked at here."""
    at = (datetime.now(UTC) - by).strftime("%Y-%m-%dT%H:%M:%SZ")
    with sqlite3.connect(desk.store) as store:
        for (name,) in store.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = '_event'"):
            store.execute(f'DROP TRIGGER "{name}"')
        store.execute("UPDATE _event SET at = ?", (at,))


def test_who_has_only_one_key_is_told_by_the_doctor(desk: Desk) -> None:
    desk.run("key", "init", "--i-accept-data-loss")
    assert "one key alone" in desk.run("doctor").out


# --- prune ------------------------------------------------------------------------------------------------------------


def test_prune_says_why_and_a_dry_run_drops_nothing(kept: Desk) -> None:
    for _ in range(5):
        create(kept)
    said = kept.run("backup", "prune", "--keep-last", "1", "-n")
    assert (said.code, len(sealed(kept))) == (0, 5)
    assert "among the newest 3" in said.out
    assert kept.run("backup", "prune").code == 4
    assert kept.run("backup", "prune", "--keep-within", "sometimes").code == 2
    assert kept.run("backup", "prune", "--keep-last", "1").code == 0
    assert len(sealed(kept)) == 3
    assert len(list((kept.folder / "custrec.backups").iterdir())) == 9
    assert facts(kept)[-1] == ("prune", {"generations": [1, 2]})
    (kept.folder / "custrec.yaml").write_text("backup_keep: last 3, monthly 12\n")
    assert kept.run("backup", "prune", "-q").code == 0


def test_prune_leaves_alone_what_is_dated_ahead_or_not_ours(kept: Desk) -> None:
    for _ in range(4):
        create(kept)
    first = sealed(kept)[0]
    stranger = first.with_name(first.name.replace("-000001-", "-000099-"))
    shutil.copy(first, stranger)
    assert kept.run("backup", "prune", "--keep-last", "1").code == 0
    assert stranger.exists(), "nobody can say what it is"
    assert not first.exists()


# --- restore ----------------------------------------------------------------------------------------------------------


def test_a_restored_store_is_as_the_old_one_was(kept: Desk) -> None:
    before = kept.run("export", "-o", "-").out
    create(kept)
    kept.take("no,name\nC9,Late\n")
    assert kept.run("restore", "--to", "before.db").code == 0
    assert kept.run("export", "-o", "-", "--store", "before.db").out == before
    findings = json.loads(kept.run("doctor", "--store", "before.db", "--full", "--json").out)["findings"]
    assert [one["check"] for one in findings if one["level"] != "ok"] == ["search"], (
        "the index is made by the first find"
    )
    assert kept.run("history", "verify", "--store", "before.db").code == 0
    assert kept.run("restore", "--to", "before.db").code == 9
    assert kept.rows("SELECT count(*) FROM customers") == [4], "the live store is untouched"


def test_a_restored_store_knows_which_backup_it_was_made_of(kept: Desk) -> None:
    kept.write("custrec.yaml", "backup_max_age: 26h\n")
    create(kept)
    assert kept.run("restore", "--replace", "--yes", "-q").code == 0
    assert kept.run("list", "-q").err == ""
    assert kept.run("status", "-q").code == 0
    verb, said = facts(kept)[-1]
    assert (verb, said["generation"]) == ("restore", 1)
    name = read_name(create(kept).name)
    assert name is not None
    assert name.generation == 2


def test_ids_are_given_once_after_a_restore_too(kept: Desk) -> None:
    create(kept)
    kept.take("no,name\nC9,Late\n")
    create(kept)
    for words in (["--to", "one.db"], ["--replace", "--yes"]):
        assert kept.run("restore", "1", *words).code == 0
    for store in ("one.db", "custrec.db"):
        kept.run("import", kept.write("x.csv", "no,name\nX1,New\n"), "--store", store)
        with sqlite3.connect(kept.folder / store) as reader:
            assert reader.execute("SELECT _id FROM customers WHERE no = 'X1'").fetchone() == (5,)


def test_replacing_wants_consent_and_keeps_the_old_store(kept: Desk) -> None:
    create(kept)
    kept.take("no,name\nC9,Late\n")
    assert kept.run("restore", "--replace").code == 9
    assert kept.run("restore").code == 2
    said = kept.run("restore", "--replace", "--yes", "--json")
    assert (said.code, said.json["records"]) == (0, 3)
    assert kept.rows("SELECT count(*) FROM customers") == [3]
    assert len(kept.run("list", "--json", "--store", said.json["aside"]).json["records"]) == 4
    assert facts(kept)[-1][0] == "restore"
    assert kept.run("find", "Late").out.strip() == ""
    assert kept.run("doctor").code == 0


def test_a_plan_for_the_store_of_before_is_refused(kept: Desk) -> None:
    create(kept)
    kept.take("no,name\nC9,Late\n")
    kept.run("edit", "C1", "city=York", "--save-plan")
    (name,) = [path.stem for path in (kept.folder / "custrec.plans").glob("*.db")]
    assert kept.run("restore", "--replace", "--yes").code == 0
    assert kept.run("plan", "apply", name, "--json").error["error"] == "store-replaced"
    for n in range(4):  # as many events as there were, with other digests
        kept.take(f"no,name\nD{n},Other\n")
    assert kept.run("plan", "apply", name, "--json").error["error"] == "store-replaced"
    assert kept.rows("SELECT city FROM customers WHERE no = 'C1'") == ["Leeds"]


def test_a_new_machine_gets_back_what_lay_beside_the_store(kept: Desk, tmp_path: Path) -> None:
    (kept.folder / "custrec.yaml").write_text("backup_max_age: 26h\n")
    (kept.folder / "custrec.maps").mkdir()
    (kept.folder / "custrec.maps" / "某店.yaml").write_text("version: 1\n")
    create(kept)
    signer = (kept.folder / "custrec.signers").read_text().split(maxsplit=2)[2]
    new = Desk(tmp_path / "new")
    for path in new.folder.iterdir():
        path.unlink()
    words = ["restore", "--to", "custrec.db", "--from", kept.folder / "custrec.backups"]
    key = ["--key-file", kept.folder / "stick" / "recovery.txt"]
    assert new.run(*words, *key).code == 8, "nobody knows who signed it"
    assert new.run(*words, *key, "--signer", signer).code == 0
    for name in ("schema.yaml", "custrec.yaml", "custrec.recipients", "custrec.signers", "custrec.maps/某店.yaml"):
        assert (new.folder / name).read_bytes() == (kept.folder / name).read_bytes()
    assert not (new.folder / "custrec.signing-key").exists()
    assert new.rows() == kept.rows()
    assert new.run("backup", "create", "-q").code == 0


def test_the_folder_that_a_store_is_restored_to_is_made(kept: Desk) -> None:
    create(kept)
    assert kept.run("restore", "--to", "new/one/custrec.db").code == 0
    assert kept.run("list", "--format", "ids", "--store", "new/one/custrec.db").code == 0


def test_as_of_before_the_first_backup_says_so(kept: Desk) -> None:
    create(kept)
    said = kept.run("restore", "--to", "then.db", "--as-of", "2001-01-01T00:00:00Z")
    assert (said.code, "no backup of this store from before 2001-01-01T00:00:00Z" in said.err) == (8, True)


@pytest.mark.parametrize(("zone", "moment", "generation"), [
    ("UTC", "2026-05-01", 1), ("UTC", "2026-05-02", 2), ("UTC", "2026-05-02 10:00", 1),
    ("UTC", "2026-05-02 10:00:30", 2), ("Asia/Shanghai", "2026-05-02 10:00", 1), ("Asia/Shanghai", "2026-05-01", 1),
    ("Asia/Shanghai", "2026-05-02 18:01", 2),
    ("Asia/Shanghai", "2026-05-02T10:00:30Z", 2), ("America/New_York", "2026-05-02 06:01", 2),
])  # fmt: skip
def test_as_of_goes_by_the_zone_of_who_asks(kept: Desk, zone: str, moment: str, generation: int) -> None:
    for at in ("20260430T230000Z", "20260502T100030Z"):
        redate(create(kept), at, kept)
    said = kept.run("restore", "--to", "then.db", "--as-of", moment, "--json", TZ=zone)
    assert (said.code, said.json["generation"]) == (0, generation)


def redate(path: Path, at: str, desk: Desk) -> None:
    """Let a backup have been made at another time: its manifest is signed anew with the host's key."""
    manifest = json.loads(path.with_name(f"{path.name}.json").read_text())
    old = path.name.split("-")[2].partition(".")[0]
    new = path.with_name(path.name.replace(old, at))
    when = datetime.strptime(at, "%Y%m%dT%H%M%SZ").strftime("%Y-%m-%dT%H:%M:%SZ")
    for tail in (".json", ".json.sig", ""):
        path.with_name(path.name + tail).replace(new.with_name(new.name + tail))
    sign(desk, new, manifest | {"file": new.name, "at": when})


def sign(desk: Desk, file: Path, manifest: dict[str, object]) -> None:
    """Give a sealed file a manifest, signed with the host's key."""
    raw = json.dumps(manifest).encode()
    key = ssh_signature.key_in((desk.folder / "custrec.signing-key").read_bytes())
    Path(f"{file}.json").write_bytes(raw)
    Path(f"{file}.json.sig").write_text(ssh_signature.sign(raw, key), encoding="ascii")


def test_generations_give_the_order_when_clocks_do_not(kept: Desk) -> None:
    redate(create(kept), "20270101T000000Z", kept)
    redate(create(kept), "20200101T000000Z", kept)
    found = kept.run("backup", "list", "--json").json["backups"]
    assert [one["generation"] for one in found] == [2, 1]
    status = kept.run("backup", "status", "--json", "--max-age", "26h")
    assert (status.code, status.json["newest"]["generation"]) == (3, 2)
    assert status.json["age_seconds"] > 5 * 365 * 86400, "one that is dated ahead is passed over"
    assert read_name(create(kept).name).generation == 3  # type: ignore[union-attr]


def test_a_path_names_a_backup_wherever_it_lies(kept: Desk) -> None:
    path = create(kept)
    (kept.folder / "U盘").mkdir()
    for one in path.parent.iterdir():
        shutil.move(one, kept.folder / "U盘" / one.name)
    assert kept.run("restore", "--to", "x.db").code == 8
    assert kept.run("restore", kept.folder / "U盘" / path.name, "--to", "x.db").code == 0
    assert kept.run("restore", "1", "--from", "U盘", "--to", "y.db").code == 0


# --- what is wrong ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "harm",
    ["empty", "cut", "flip", "grown", "swapped", "replayed", "unsigned", "no manifest", "forged", "foreign", "link"],
)
def test_what_is_not_what_was_made_is_refused_and_nothing_changes(kept: Desk, harm: str) -> None:
    path, second = create(kept), create(kept)
    raw = second.read_bytes()
    match harm:
        case "empty":
            second.write_bytes(b"")
        case "cut":
            second.write_bytes(raw[:-1])
        case "flip":
            second.write_bytes(raw[:2000] + bytes([raw[2000] ^ 1]) + raw[2001:])
        case "grown":
            second.write_bytes(raw + b"x")
        case "swapped":
            second.write_bytes(path.read_bytes())
        case "replayed":
            for tail in ("", ".json", ".json.sig"):
                shutil.copy(f"{path}{tail}", f"{second}{tail}")
        case "unsigned":
            Path(f"{second}.json.sig").unlink()
        case "no manifest":
            Path(f"{second}.json").unlink()
        case "forged":
            said = json.loads(Path(f"{second}.json").read_bytes())
            said["sealed"]["sha256"] = "0" * 64
            Path(f"{second}.json").write_text(json.dumps(said), encoding="utf-8")
        case "foreign":
            other = Desk(kept.folder.parent / "other")
            assert other.run("key", "init", "-q", "--i-accept-data-loss").code == 0
            assert other.run("backup", "create", "-q").code == other.run("backup", "create", "-q").code == 0
            for one in (sealed(other)[-1].parent).glob("*-000002-*"):
                shutil.copy(one, second.parent / (second.name + one.name.partition(".age")[2]))
        case "link":
            shutil.move(second, kept.folder / "elsewhere")
            second.symlink_to(kept.folder / "elsewhere")
    before = kept.files()
    for words in (["backup", "verify", "2"], ["backup", "drill", "2"], ["restore", "2", "--to", "x.db"]):
        said = kept.run(*words)
        assert said.code == 8, (words, said)
    assert kept.run("restore", "2", "--replace", "--yes").code == 8
    assert kept.files() == before
    assert kept.run("backup", "verify", "1").code == 0
    assert not (kept.folder / "x.db").exists()


def signed_anew(desk: Desk, file: Path, **changes: object) -> None:
    """Give a sealed file, as it is by now, a manifest with other facts."""
    said = json.loads(Path(f"{file}.json").read_bytes())
    sign(desk, file, said | {"sealed": content(file.read_bytes())} | changes)


def content(raw: bytes) -> dict[str, object]:
    return {"size": len(raw), "sha256": hashlib.sha256(raw).hexdigest()}


@pytest.mark.parametrize(
    ("harm", "reason"),
    [
        ("other bytes", "not what its manifest says"),
        ("other rows", "not what its manifest says"),
        ("a page of zeros", "SQLite"),
        ("no store", "no custrec store"),
        ("no database", "no SQLite database"),
        ("not packed", "cannot be unpacked"),
        ("not sealed", "cannot be decrypted"),
    ],
)
def test_what_is_signed_and_is_no_store_all_the_same_is_refused(kept: Desk, harm: str, reason: str) -> None:
    path = create(kept)
    said = json.loads(Path(f"{path}.json").read_bytes())
    plain = zstandard.ZstdDecompressor().decompressobj().decompress(unsealed(kept, path))
    match harm:
        case "other bytes":
            signed_anew(kept, path, plain=said["plain"] | {"sha256": "0" * 64})
        case "other rows":
            signed_anew(kept, path, rows=said["rows"] | {"customers": 4})
        case "not sealed":
            path.write_bytes(plain)
            signed_anew(kept, path)
        case "not packed":
            seal_in(kept, path, plain)
            signed_anew(kept, path)
        case _:
            if harm == "a page of zeros":
                plain = plain[:8192] + bytes(4096) + plain[12288:]
            elif harm == "no store":
                plain = plain[:68] + bytes(4) + plain[72:]  # application_id (https://sqlite.org/fileformat.html)
            else:
                plain = b"no,name" * 5000
            seal_in(kept, path, zstandard.compress(plain))
            signed_anew(kept, path, plain=content(plain))
    before = kept.files()
    assert kept.run("backup", "verify").code == 0
    for words in (["backup", "drill"], ["restore", "--to", "x.db"], ["restore", "--records", "C1", "--yes"]):
        refused = kept.run(*words)
        assert refused.code == 8, (words, refused)
        assert reason in refused.err, words
    assert kept.files() == before


def unsealed(desk: Desk, file: Path) -> bytes:
    secrets = identities_in(desk.folder / "custrec" / "identity", lambda _: "")
    return bytes(pyrage.decrypt(file.read_bytes(), [one.secret for one in secrets]))


def seal_in(desk: Desk, file: Path, packed: bytes) -> None:
    public = [one.key for one in recipients_in(desk.folder / "custrec.recipients")]
    file.write_bytes(pyrage.encrypt(packed, [pyrage.x25519.Recipient.from_str(key) for key in public]))


@pytest.mark.parametrize("what", ["wrong", "missing", "loose", "none of ours"])
def test_without_the_right_key_nothing_is_opened_and_nothing_changes(kept: Desk, what: str) -> None:
    create(kept)
    key = kept.folder / "custrec" / "identity"
    match what:
        case "wrong":
            other = Desk(kept.folder.parent / "other")
            assert other.run("key", "init", "-q", "--i-accept-data-loss").code == 0
            shutil.copy(other.folder / "custrec" / "identity", key)
        case "missing":
            key.unlink()
        case "loose":
            key.chmod(0o644)
        case "none of ours":
            key.write_text("hello", encoding="utf-8")
    before = kept.files()
    for words in (["backup", "drill"], ["restore", "--to", "x.db"], ["restore", "--replace", "--yes"]):
        said = kept.run(*words)
        assert said.code == 8, (words, said)
        assert "try:" in said.err
    assert kept.files() == before


def test_a_link_at_the_place_of_a_backup_is_not_followed(kept: Desk) -> None:
    victim = kept.write("victim", "precious")
    (kept.folder / "custrec.backup-lock").unlink(missing_ok=True)
    (kept.folder / "custrec.backup-lock").symlink_to(victim)
    said = kept.run("backup", "create")
    assert said.code in (8, 10), said
    assert victim.read_text() == "precious"


def test_a_symbolic_link_as_the_destination_is_refused(kept: Desk) -> None:
    create(kept)
    (kept.folder / "x.db").symlink_to(kept.folder / "nowhere.db")
    assert kept.run("restore", "--to", "x.db").code == 9
    assert not (kept.folder / "nowhere.db").exists()


def test_a_target_that_is_a_file_or_gone_says_so(kept: Desk) -> None:
    kept.write("file", "x")
    assert kept.run("backup", "create", "--to", "file").code == 8
    assert kept.run("backup", "create", "--to", "gone").code == 8
    assert kept.run("backup", "list", "--from", "gone").code == 0


def test_standard_input_is_never_waited_for(kept: Desk) -> None:
    create(kept)
    assert kept.run("restore", "--replace", stdin=b"").code == 9
    assert kept.run("key", "init", "--passphrase", "--key-file", "new", "--i-accept-data-loss").code == 8


def test_the_runbook_is_filled_in(kept: Desk) -> None:
    before = kept.run("backup", "runbook").out
    assert "never: custrec backup drill" in before
    path = create(kept)
    kept.run("backup", "drill")
    page = kept.run("backup", "runbook").out
    signer = " ".join((kept.folder / "custrec.signers").read_text().split()[2:4])
    for text in (str(kept.store.resolve()), path.name, f'--signer "{signer}"', "recovery", "zstd -d > custrec.db"):
        assert text in page
    assert "never" not in page
    assert max(map(len, page.splitlines())) <= 120 + len(str(kept.folder))


# --- single records ---------------------------------------------------------------------------------------------------


def test_single_records_come_back_as_a_plan_that_can_be_undone(kept: Desk) -> None:
    create(kept)
    kept.run("edit", "C1", "city=Hull", "-q")
    kept.run("delete", "C2", "-q", "--yes")
    before = kept.files()
    dry = kept.run("restore", "--records", "C1", "--records", "C2", "-n", "--json")
    assert (dry.code, dry.json["counts"]["update"]) == (0, 2)
    assert {name: raw for name, raw in kept.files().items() if "lock" not in name} == {
        name: raw for name, raw in before.items() if "lock" not in name
    }
    said = kept.run("restore", "--records", "C1", "--records", "C2", "--yes")
    assert said.code == 0, said
    assert kept.rows("SELECT no, city, _state FROM customers ORDER BY no")[:2] == [
        ("C1", "Leeds", 0),
        ("C2", "深圳", 0),
    ]
    assert kept.run("undo", "-q").code == 0
    assert kept.rows("SELECT no, city, _state FROM customers ORDER BY no")[:2] == [("C1", "Hull", 0), ("C2", "深圳", 2)]
    assert kept.run("history", "verify", "-q").code == 0


def test_a_record_that_is_gone_comes_back_under_its_id_unless_its_key_is_taken(kept: Desk) -> None:
    kept.take("no,name\nC7,Seven\n")
    create(kept)
    assert kept.run("undo", "-q").code == 0
    assert kept.run("restore", "--records", "C7", "-q").code == 0
    assert kept.rows("SELECT _id FROM customers WHERE no = 'C7'") == [4]
    assert kept.run("undo", "-q").code == 0
    kept.take("no,name\nC7,Another\n")
    kept.run("restore", "--records", "C7", "-q")
    assert kept.rows("SELECT name FROM customers WHERE no = 'C7'") == ["Another"]


def test_what_the_backup_does_not_know_is_said(kept: Desk) -> None:
    create(kept)
    assert kept.run("restore", "--records", "C99").code == 2
    assert kept.run("restore", "--records", "C1", "--replace").code == 2
    assert kept.run("restore", "--to", "x.db", "-n").code == 2
    with sqlite3.connect(kept.store) as store:
        store.execute("INSERT INTO _schema SELECT version + 1, at, text FROM _schema")
    assert kept.run("restore", "--records", "C1", "--json").error["error"] == "backup-of-other-schema"
