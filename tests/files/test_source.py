"""files.source: what can be wrong with a name, and what reading gives."""

import gc
import io
import os
import subprocess
import sys
import threading
import warnings
import zipfile

import pytest

from custrec.errors import FileEmpty, FileIsDirectory, FileMissing, FileUnreadable, IoFailure
from custrec.files.dialect import SAMPLE_SIZE
from custrec.files.source import Source, open_source


def everything(source) -> bytes:
    return b"".join(iter(lambda: source.read(1000), b""))


@pytest.mark.parametrize("size", [1, SAMPLE_SIZE - 1, SAMPLE_SIZE, SAMPLE_SIZE + 1, 3 * SAMPLE_SIZE])
def test_a_file_is_read_from_its_start_after_the_sample(tmp_path, size):
    path = tmp_path / "a.csv"
    path.write_bytes(os.urandom(size))
    with open_source(path) as source:
        assert (source.size, source.path, source.name) == (size, path, str(path))
        assert source.sample == path.read_bytes()[:SAMPLE_SIZE]
        assert source.complete == (size < SAMPLE_SIZE)
        assert everything(source) == path.read_bytes()


def test_what_is_wrong_with_a_name_is_said(tmp_path):
    with pytest.raises(FileMissing, match="there is no file"):
        open_source(tmp_path / "no.csv")
    with pytest.raises(FileIsDirectory):
        open_source(tmp_path)
    with pytest.raises(FileUnreadable):
        open_source("a\0b")
    with pytest.raises(FileUnreadable, match="name too long"):
        open_source("x" * 5000)
    (tmp_path / "empty.csv").touch()
    with pytest.raises(FileEmpty):
        open_source(tmp_path / "empty.csv")
    (tmp_path / "file").write_text("x")
    with pytest.raises(FileUnreadable):
        open_source(tmp_path / "file" / "a.csv")


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may read everything")
def test_a_file_one_may_not_read_is_said(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("x")
    path.chmod(0)
    with pytest.raises(FileUnreadable, match="permission denied"):
        open_source(path)


def test_a_name_with_escape_sequences_is_printed_safely(tmp_path):
    with pytest.raises(FileMissing) as caught:
        open_source(tmp_path / "\x1b[31mred\udcff")
    assert caught.value.message.isprintable()


@pytest.mark.skipif(os.name != "posix", reason="named pipes of POSIX")
def test_a_named_pipe_is_read_once(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    data = os.urandom(SAMPLE_SIZE * 2)
    writer = threading.Thread(target=pipe.write_bytes, args=(data,))
    writer.start()
    with open_source(pipe) as source:
        assert source.size is None
        assert everything(source) == data
    writer.join()


READ = """
from custrec.files.source import open_source
source, size = open_source("-"), 0
while block := source.read(999):
    size += len(block)
print(size, source.path)
"""


def test_standard_input_in_small_pieces_is_read_whole():
    with subprocess.Popen([sys.executable, "-c", READ], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as reader:
        for _ in range(50):
            reader.stdin.write(b"a,b\n")
            reader.stdin.flush()
        assert reader.communicate()[0] == b"200 None\n"


@pytest.mark.skipif(os.name != "posix", reason="non-blocking pipes of POSIX")
def test_a_non_blocking_standard_input_is_waited_for():
    out, into = os.pipe()
    os.set_blocking(out, False)
    with subprocess.Popen([sys.executable, "-c", READ], stdin=out, stdout=subprocess.PIPE) as reader:
        timer = threading.Timer(0.3, lambda: (os.write(into, b"a,b\n" * 10), os.close(into)))
        timer.start()
        assert reader.communicate()[0] == b"40 None\n"
        timer.join()
    os.close(out)


def test_a_closed_or_empty_standard_input_is_said(monkeypatch):
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(FileUnreadable, match="standard input"):
        open_source("-")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"")))
    with pytest.raises(FileEmpty, match="standard input"):
        open_source("-")


def test_what_must_be_jumped_about_in_is_copied_once(tmp_path):
    data, copy = os.urandom(SAMPLE_SIZE * 2), tmp_path / "copy"
    path = tmp_path / "a.bin"
    path.write_bytes(data)
    with open_source(path) as source:
        assert source.settled(copy) == path
        assert not copy.exists()
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as zipped:
        zipped.write(path, "a.bin")
    with open_source(f"{tmp_path / 'a.zip'}#a.bin") as source:
        assert (source.size, source.path) == (len(data), None)
        assert source.settled(copy) == copy == source.settled(copy)
        assert copy.read_bytes() == data
        assert copy.stat().st_mode & 0o777 == 0o600


def test_what_is_kept_is_all_that_was_read(tmp_path):
    data = os.urandom(SAMPLE_SIZE + 5)
    source = Source(io.BytesIO(data), "a pipe")
    source.keep(tmp_path / "copy")
    assert everything(source) == data
    assert source.settled(tmp_path / "copy").read_bytes() == data
    source.close()
    with pytest.raises(IoFailure):
        Source(io.BytesIO(b"x"), "a pipe").keep(tmp_path / "copy")


def test_a_copy_for_which_there_is_no_room_is_not_begun(tmp_path):
    source = Source(io.BytesIO(b"x" * 10), "a.zip#huge", size=1 << 60)
    with pytest.raises(IoFailure, match=r"no room for a copy of a\.zip#huge"):
        source.settled(tmp_path / "copy")
    assert list(tmp_path.iterdir()) == []


def test_a_source_that_fails_at_once_is_closed(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as zipped:
        zipped.writestr("a.csv", "no,name\n" * 1000)
    raw = bytearray((tmp_path / "a.zip").read_bytes())
    raw[40:44] = b"\xff" * 4
    (tmp_path / "a.zip").write_bytes(raw)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(FileUnreadable, match=r"a\.zip#a\.csv"):
            open_source(f"{tmp_path / 'a.zip'}#a.csv")
        gc.collect()
