"""files.age: sealing and opening, as the program `age` does; and everything that must not be opened."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from custrec.errors import (
    BackupDamaged,
    IdentityInvalid,
    IdentityLoose,
    IdentityMissing,
    KeyOpensNothing,
    RecipientInvalid,
    RecipientIsSecret,
)
from custrec.files.age import (
    Identity,
    compressing,
    decompressing,
    identities_in,
    identity_text,
    new_identity,
    recipient,
    recipients_in,
    seal,
    sealed_by_passphrase,
    unseal,
)

age = pytest.mark.skipif(shutil.which("age") is None, reason="the program age is not installed")
ssh = pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="the program ssh-keygen is not installed")
PLAIN = os.urandom(200_000)


def nobody(_: Path) -> str:
    raise AssertionError("nobody is to be asked")


def sealed(plain: bytes, *keys: str) -> bytes:
    target = io.BytesIO()
    seal(io.BytesIO(plain), target, keys)
    return target.getvalue()


def opened(raw: bytes, *identities: Identity) -> bytes:
    target = io.BytesIO()
    unseal(io.BytesIO(raw), target, identities, "it")
    return target.getvalue()


def key_file(path: Path, content: str | bytes, mode: int = 0o600) -> Path:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    path.chmod(mode)
    return path


@given(st.binary(max_size=200))
@settings(max_examples=25, deadline=None)
def test_what_is_sealed_for_several_is_opened_by_each(plain: bytes) -> None:
    one, other = new_identity(), new_identity()
    raw = sealed(plain, one.public, other.public)
    assert opened(raw, one) == opened(raw, other) == plain


def test_compressed_and_sealed_comes_back_through_both() -> None:
    key = new_identity()
    target, back = io.BytesIO(), io.BytesIO()
    seal(compressing(io.BytesIO(PLAIN * 9), len(PLAIN) * 9, 2), target, [key.public])
    unseal(io.BytesIO(target.getvalue()), decompressing(back), [key], "it")
    assert back.getvalue() == PLAIN * 9


@pytest.mark.parametrize("length", [0, 1, 21, 100, 165, 166, 1000, 65_700, 131_000])
def test_what_is_cut_short_is_not_opened(length: int) -> None:
    key = new_identity()
    with pytest.raises(BackupDamaged):
        opened(sealed(PLAIN, key.public)[:length], key)


@pytest.mark.parametrize("place", [0, 30, 120, 180, 200, 5_000, 70_000, 199_999, -1])
def test_a_bit_that_flips_is_noticed(place: int) -> None:
    key = new_identity()
    raw = bytearray(sealed(PLAIN, key.public))
    raw[place] ^= 1
    with pytest.raises((BackupDamaged, KeyOpensNothing)):
        opened(bytes(raw), key)


def test_bytes_that_follow_are_noticed() -> None:
    key = new_identity()
    with pytest.raises(BackupDamaged):
        opened(sealed(PLAIN, key.public) + b"x", key)


def test_another_key_opens_nothing() -> None:
    with pytest.raises(KeyOpensNothing):
        opened(sealed(PLAIN, new_identity().public), new_identity())


class Full(io.RawIOBase):
    """A disk that is full after some bytes."""

    def __init__(self, room: int) -> None:
        self.room = room

    def write(self, data: object) -> int:
        self.room -= len(bytes(data))  # type: ignore[call-overload]
        if self.room < 0:
            raise OSError(28, "No space left on device")
        return len(bytes(data))  # type: ignore[call-overload]


@pytest.mark.parametrize("room", [0, 100, 5_000, 150_000])
def test_a_full_disk_is_raised_while_sealing_and_while_opening(room: int) -> None:
    key = new_identity()
    with pytest.raises(OSError, match="No space left"):
        seal(io.BytesIO(PLAIN), Full(room), [key.public])
    with pytest.raises(OSError, match="No space left"):
        unseal(io.BytesIO(sealed(PLAIN, key.public)), Full(room), [key], "it")


def test_a_key_file_is_read_as_it_was_written(tmp_path: Path) -> None:
    key = new_identity()
    path = key_file(tmp_path / "密钥", "\ufeff" + identity_text(key, "2026-06-01T00:00:00Z") + "\r\n")
    assert [one.public for one in identities_in(path, nobody)] == [key.public]
    assert "SECRET" not in repr(identities_in(path, nobody))


def test_a_key_file_sealed_with_a_passphrase_asks_for_it(tmp_path: Path) -> None:
    key = new_identity()
    path = key_file(tmp_path / "key", sealed_by_passphrase(identity_text(key, "now"), "密码 words"))
    assert [one.public for one in identities_in(path, lambda _: "密码 words")] == [key.public]
    with pytest.raises(IdentityInvalid, match="not the right one"):
        identities_in(path, lambda _: "other")


@pytest.mark.skipif(os.name != "posix", reason="no file modes here")
@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660])
def test_a_key_that_others_may_read_is_not_used(tmp_path: Path, mode: int) -> None:
    with pytest.raises(IdentityLoose, match=f"{mode:o}"):
        identities_in(key_file(tmp_path / "key", identity_text(new_identity(), "now"), mode), nobody)


@pytest.mark.parametrize(
    "content", ["", "# nothing\n", "AGE-SECRET-KEY-1QQQ", "\x00\xff", "-----BEGIN OPENSSH PRIVATE KEY-----"]
)
def test_what_is_no_key_says_so_and_not_what_it_is(tmp_path: Path, content: str) -> None:
    with pytest.raises(IdentityInvalid) as caught:
        identities_in(key_file(tmp_path / "key", content), nobody)
    assert "QQQ" not in caught.value.message


def test_a_key_that_is_not_there_says_where(tmp_path: Path) -> None:
    with pytest.raises(IdentityMissing, match="nowhere"):
        identities_in(tmp_path / "nowhere", nobody)


def test_recipients_keep_their_names(tmp_path: Path) -> None:
    one, other = new_identity().public, new_identity().public
    path = tmp_path / "recipients"
    path.write_text(f"# Who can open them.\n\n# 办公室\n{one}\n\n{other}\n", encoding="utf-8")
    assert [(found.key, found.name) for found in recipients_in(path)] == [(one, "办公室"), (other, "")]
    assert recipients_in(tmp_path / "none") == []


def test_a_secret_key_is_never_taken_for_a_public_one() -> None:
    secret = str(new_identity().secret)
    with pytest.raises(RecipientIsSecret) as caught:
        recipient(secret, "--recovery")
    assert secret not in caught.value.message
    for text in ("", "age1qqq", "ssh-rsa AAAA", "ssh-ed25519 AAAA", new_identity().public[:-1]):
        with pytest.raises(RecipientInvalid):
            recipient(text, "--recovery")


@age
def test_age_opens_what_we_seal_and_we_open_what_age_seals(tmp_path: Path) -> None:
    key = new_identity()
    path = key_file(tmp_path / "key", identity_text(key, "now"))
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    ours.write_bytes(sealed(PLAIN, key.public))
    back = subprocess.run(["age", "-d", "-i", path, ours], capture_output=True, check=True).stdout
    assert back == PLAIN
    subprocess.run(["age", "-r", key.public, "-o", theirs], input=PLAIN, check=True)
    assert opened(theirs.read_bytes(), key) == PLAIN


@age
@ssh
def test_ssh_keys_open_too(tmp_path: Path) -> None:
    path = tmp_path / "id"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "ann@desk", "-f", path], check=True)
    public = recipient(path.with_suffix(".pub").read_text(), "it")
    assert public.name == "ann@desk"
    raw = sealed(PLAIN, public.key)
    assert opened(raw, *identities_in(path, nobody)) == PLAIN
    (tmp_path / "raw").write_bytes(raw)
    assert subprocess.run(["age", "-d", "-i", path, tmp_path / "raw"], capture_output=True, check=True).stdout == PLAIN
