"""Backups in places over a network, against real servers here: there and back, and when the server goes away."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from remote_servers import KINDS, Server, serving
from terminal import Desk, custrec, environment


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """A store with keys, of some hundred kilobytes."""
    desk = Desk(tmp_path_factory.mktemp("world") / "desk")
    desk.take("no,name,city\n" + "".join(f"C{n:05},Ann Lee,{random.Random(n).random()}\n" for n in range(3_000)))
    assert desk.run("key", "init", "-q", "--i-accept-data-loss").code == 0
    return desk


@pytest.fixture
def kept(world: Desk, tmp_path: Path) -> Desk:
    return world.copy_to(tmp_path / "desk")


@pytest.fixture
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Server]:
    with serving(request.param, tmp_path) as server:
        yield server


every = pytest.mark.parametrize("server", KINDS, indirect=True)


def settle(desk: Desk, *targets: str) -> None:
    desk.write("custrec.yaml", f"targets: {json.dumps(targets)}\n")


def arrived(server: Server) -> list[str]:
    return sorted(path.name for path in server.place.iterdir())


@every
def test_a_backup_gets_there_is_seen_there_and_comes_back_from_there(
    kept: Desk, server: Server, tmp_path: Path
) -> None:
    settle(kept, server.url)
    more = server.environment
    for number in (1, 2):
        said = kept.run("backup", "create", **more)
        assert said.code == 0, said
        (sealed,) = server.place.glob(f"custrec-{number:06}-*.age")
        assert max(path.stat().st_ctime_ns for path in server.place.iterdir()) == sealed.stat().st_ctime_ns, "the last"
    assert len(arrived(server)) == 6
    assert arrived(server) == sorted(path.name for path in (kept.folder / "custrec.backups").iterdir())
    listed = kept.run("backup", "list", "--json", **more).json["backups"]
    assert [(one["generation"], one["fault"]) for one in listed] == [(2, None), (1, None)]
    assert listed[0]["path"].startswith(server.url.partition("?")[0])
    assert kept.run("backup", "verify", "--all", **more).code == 0
    assert kept.run("backup", "status", "-q", **more).code == 0
    assert kept.run("backup", "drill", **more).code == 0
    signer = (kept.folder / "custrec.signers").read_text(encoding="utf-8").split()
    key = " ".join(signer[signer.index("ssh-ed25519") :][:2])
    words = [
        "restore",
        "--from",
        server.url,
        "--to",
        "custrec.db",
        "--signer",
        key,
        "--key-file",
        kept.folder / "custrec" / "identity",
    ]
    (tmp_path / "new").mkdir()
    said = custrec(*words, cwd=tmp_path / "new", **more)
    assert said.code == 0, said
    assert len(custrec("list", "--format", "ids", "--all", cwd=tmp_path / "new").out.splitlines()) == 3_000
    for _ in range(3):
        assert kept.run("backup", "create", "-q", **more).code == 0
    said = kept.run("backup", "prune", "--keep-last", "3", **more)
    assert (said.code, len(arrived(server))) == (0, 9), said


@every
def test_a_server_that_is_away_is_said_until_backups_got_there(kept: Desk, server: Server) -> None:
    settle(kept, "custrec.backups", server.url)
    (kept.folder / "custrec.backups").mkdir(exist_ok=True)
    more = server.environment
    assert kept.run("backup", "create", **more).code == 0
    server.stop()
    for _ in range(2):
        said = kept.run("backup", "create", **more)
        assert said.code == 3, said
        assert server.url.partition("?")[0].rstrip("/") in said.err
    for words in (["list", "-q"], ["status"], ["add", "no=N1", "name=Bo Diaz"]):
        said = kept.run(*words, **more)
        assert "did not get to" in said.err + said.out, words
    assert kept.run("backup", "status", "-q", **more).code == 3
    assert kept.run("backup", "push", **more).code == 3
    server.start()
    said = kept.run("backup", "push", **more)
    assert said.code == 0, said
    assert len(arrived(server)) == 9, "what it missed, and no part"
    assert "did not get to" not in kept.run("list", "-q", **more).err
    assert kept.run("backup", "push", **more).code == 0
    server.stop()
    assert kept.run("backup", "create", "-q", **more).code == 3
    server.start()
    assert kept.run("backup", "create", "-q", **more).code == 0
    assert len(arrived(server)) == 15
    assert kept.run("backup", "status", "-q", **more).code == 0


@every
def test_a_server_that_dies_while_it_is_sent_to_shows_nothing_half(kept: Desk, server: Server) -> None:
    settle(kept, "custrec.backups", server.url)
    (kept.folder / "custrec.backups").mkdir(exist_ok=True)
    for turn in range(3):
        process = subprocess.Popen(
            [sys.executable, "-m", "custrec", "backup", "create"],
            cwd=kept.folder,
            env=environment(kept.folder, **server.environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        made = kept.folder / "custrec.backups"
        while process.poll() is None and len(list(made.glob("*.age"))) <= turn:
            time.sleep(0.001)
        time.sleep(0.15 * turn)
        server.stop()
        _, words = process.communicate(timeout=120)
        assert b"Traceback" not in words
        assert process.returncode in (0, 3), words
        sealed = [path for path in server.place.glob("*.age") if not path.name.startswith(".")]
        for path in sealed:
            assert path.read_bytes() == (made / path.name).read_bytes()
            assert path.with_name(path.name + ".json").exists()
        server.start()
    assert kept.run("backup", "create", "-q", **server.environment).code == 0
    assert kept.run("backup", "verify", "--all", **server.environment).code == 0
    assert [name for name in arrived(server) if name.endswith(".part")] == []


LEFT_UNDONE = """\
import asyncio, gc
from custrec.files.remote import Remote
from custrec.model.remote import remote_url

assert not Remote(remote_url("s3://bucket/backups?endpoint=http://127.0.0.1:1")).moves

async def fails():
    raise OSError("the server is gone")

async def sends():
    asyncio.ensure_future(fails())
    await asyncio.sleep(0)

asyncio.run(sends())
gc.collect()
"""


def test_what_a_server_that_went_away_leaves_undone_is_not_told_with_a_traceback() -> None:
    done = subprocess.run([sys.executable, "-c", LEFT_UNDONE], capture_output=True, check=True)
    assert done.stderr == b""


@every
def test_what_was_altered_there_is_noticed_and_not_restored(kept: Desk, server: Server) -> None:
    settle(kept, server.url)
    assert kept.run("backup", "create", "-q", **server.environment).code == 0
    (path,) = server.place.glob("*.age")
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2] ^= 1
    path.write_bytes(raw)
    assert kept.run("backup", "verify", **server.environment).code == 8
    said = kept.run("restore", "--to", "x.db", **server.environment)
    assert (said.code, (kept.folder / "x.db").exists()) == (8, False)


def test_whom_nobody_knows_is_not_sent_to(kept: Desk, tmp_path: Path) -> None:
    with serving("sftp", tmp_path / "a") as server:
        settle(kept, server.url)
        (Path(server.environment["HOME"]) / ".ssh" / "known_hosts").write_text("", encoding="ascii")
        said = kept.run("backup", "create", **server.environment)
        assert (said.code, arrived(server)) == (3, []), said
        assert "known_hosts" in said.err
    with serving("webdavs", tmp_path / "b") as server:
        settle(kept, server.url)
        server.environment.pop("SSL_CERT_FILE")
        said = kept.run("backup", "create", **server.environment)
        assert (said.code, arrived(server)) == (3, []), said
        assert "certificate" in said.err


def test_wrong_secrets_are_said_and_a_place_that_is_not_there(kept: Desk, tmp_path: Path) -> None:
    for kind in ("s3", "webdav"):
        with serving(kind, tmp_path / kind) as server:
            home = Path(server.environment["HOME"])
            (home / ".netrc").write_text("machine 127.0.0.1 login kim password n0tR1ght\n", encoding="ascii")
            settle(kept, server.url)
            more = server.environment | {"AWS_SECRET_ACCESS_KEY": "n0tR1ght"}
            said = kept.run("backup", "create", **more)
            assert (said.code, arrived(server)) == (3, []), said
            assert "n0tR1ght" not in said.err
            settle(kept, server.url.replace("custrec", "nowhere", 1))
            assert kept.run("backup", "create", **server.environment).code == 3


@pytest.mark.parametrize(
    "target",
    [
        "s3://key:secret@bucket/folder",
        "sftp://kim:secret@nas/folder",
        "webdav://cloud.example/folder",
        "http://cloud.example/folder",
        "ftp://nas/folder",
        "s3://bucket?endpoint=http://minio.example",
        "s3://bucket?endpoint=https://kim:secret@minio.example",
        "s3://bucket?key=secret",
        "sftp:///folder",
        "s3://bucket?style=odd",
    ],
)
def test_a_url_with_a_secret_or_in_the_clear_is_refused(kept: Desk, target: str) -> None:
    said = kept.run("backup", "create", "--to", target)
    assert said.code == 2, said
    settle(kept, target)
    said = kept.run("backup", "create")
    assert said.code == 4, said
    assert "secret" not in said.err.replace("holds no secret", "") or "key=secret" in target
    assert list(kept.folder.glob("custrec.backups/*")) == []


def test_without_the_extra_it_says_what_to_install(kept: Desk) -> None:
    (kept.folder / "none").mkdir()
    for module in ("s3fs", "paramiko", "webdav4", "httpx"):
        kept.write(f"none/{module}.py", f"raise ImportError(name={module!r})")
    for url in ("s3://bucket/folder", "sftp://nas/folder", "webdavs://cloud/folder"):
        said = kept.run("backup", "create", "--to", url, cold=True, PYTHONPATH=str(kept.folder / "none"))
        assert said.code == 3, said
        assert "custrec[remote]" in said.err
    assert len(list((kept.folder / "custrec.backups").glob("*.age"))) == 3, "the backup itself is good"
