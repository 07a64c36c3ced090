"""files.ssh_signature: what we sign, ssh-keygen verifies, and the other way round."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from custrec.files.ssh_signature import (
    NAMESPACE,
    PRINCIPAL,
    key_in,
    key_text,
    new_key,
    public_line,
    sign,
    signer_line,
    signer_of,
    signers_in,
)

ssh = pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="the program ssh-keygen is not installed")
KEY = new_key()
SIGNED = sign(b"it", KEY)


@given(st.binary(max_size=300))
@settings(max_examples=50, deadline=None)
def test_the_signer_is_told(message: bytes) -> None:
    assert signer_of(message, sign(message, KEY)) == public_line(KEY)


@given(st.integers(0, len(SIGNED) - 1), st.characters(min_codepoint=32, max_codepoint=126))
@settings(max_examples=300, deadline=None)
def test_whoever_changes_a_signature_signs_nothing(place: int, sign_: str) -> None:
    changed = SIGNED[:place] + sign_ + SIGNED[place + 1 :]
    if "".join(changed.split()) != "".join(SIGNED.split()):
        assert signer_of(b"it", changed) in (None, public_line(KEY) if same_bytes(changed) else None)


def same_bytes(changed: str) -> bool:
    """Whether base64 reads the same: its last sign has bits that count for nothing."""
    import base64

    def body(text: str) -> bytes:
        try:
            return base64.b64decode("".join(text.strip().split("\n")[1:-1]), validate=True)
        except ValueError:
            return b""

    return body(changed) == body(SIGNED)


@given(st.text(max_size=200))
@settings(max_examples=50, deadline=None)
def test_what_is_no_signature_signs_nothing(text: str) -> None:
    assert signer_of(b"it", text) is None


@pytest.mark.parametrize("length", range(0, len(SIGNED) - 30, 23))
def test_what_is_cut_short_signs_nothing(length: int) -> None:
    assert signer_of(b"it", SIGNED[:length] + "\n-----END SSH SIGNATURE-----\n") is None


def test_another_message_was_not_signed() -> None:
    assert signer_of(b"other", SIGNED) is None


def test_a_key_comes_back_from_its_file() -> None:
    assert public_line(key_in(key_text(KEY))) == public_line(KEY)
    for raw in (b"", b"oops", key_text(KEY)[:80]):
        with pytest.raises(ValueError):
            key_in(raw)


def test_signers_are_those_named_for_us(tmp_path: Path) -> None:
    other = public_line(new_key())
    path = tmp_path / "signers"
    path.write_text(
        f"# ours\n{signer_line(public_line(KEY), '安 Ann')}git@host {other} x\n#{PRINCIPAL} {other}\n", encoding="utf-8"
    )
    assert signers_in(path) == [public_line(KEY)]
    assert signers_in(tmp_path / "none") == []


@ssh
def test_ssh_keygen_verifies_what_we_sign(tmp_path: Path) -> None:
    message = b'{"generation": 12}\n' * 50
    (tmp_path / "signers").write_text(signer_line(public_line(KEY), "ann"))
    (tmp_path / "sig").write_text(sign(message, KEY))
    words = ["ssh-keygen", "-Y", "verify", "-f", "signers", "-I", PRINCIPAL, "-n", NAMESPACE, "-s", "sig"]
    assert subprocess.run(words, input=message, cwd=tmp_path, capture_output=True).returncode == 0
    assert subprocess.run(words, input=message + b"x", cwd=tmp_path, capture_output=True).returncode != 0


@ssh
def test_we_verify_what_ssh_keygen_signs(tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_bytes(key_text(KEY))
    key.chmod(0o600)
    (tmp_path / "it").write_bytes(b"message")
    for namespace, signer in ((NAMESPACE, public_line(KEY)), ("git", None)):
        words = ["ssh-keygen", "-q", "-Y", "sign", "-f", key, "-n", namespace, tmp_path / "it"]
        subprocess.run(words, check=True, capture_output=True)
        assert signer_of(b"message", (tmp_path / "it.sig").read_text()) == signer
        (tmp_path / "it.sig").unlink()
