"""files.output: rows as streams of data, files whole or not at all."""

import csv
import io
import json
import os
import stat
import subprocess
import sys
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custrec.errors import IoFailure, UsageError
from custrec.files.output import FORMATS, open_output, write_rows

COLUMNS = ("id", "name", "limit")
ROWS = [(1, "张伟", 1.5), (2, 'a "b", c\nd', None), (3, "", 0)]


def written(fmt: str, rows=ROWS, columns=COLUMNS, kind="records") -> str:
    out = io.StringIO(newline="")
    assert write_rows(out, fmt, columns, iter(rows), kind) == len(rows)
    return out.getvalue()


def test_csv_is_rfc_4180_with_plain_line_ends():
    assert written("csv") == 'id,name,limit\n1,张伟,1.5\n2,"a ""b"", c\nd",\n3,,0\n'


def test_tsv_has_tabs():
    assert written("tsv").startswith("id\tname\tlimit\n1\t张伟\t1.5\n")


def test_json_is_one_object_that_names_its_shape():
    assert json.loads(written("json")) == {
        "schema": "custrec.records/1",
        "records": [dict(zip(COLUMNS, row, strict=True)) for row in ROWS],
    }
    assert json.loads(written("json", [], kind="findings")) == {"schema": "custrec.findings/1", "findings": []}
    assert "张伟" in written("json")


def test_each_line_of_jsonl_names_its_shape():
    lines = [json.loads(line) for line in written("jsonl").splitlines()]
    assert lines[0] == {"schema": "custrec.record/1", "id": 1, "name": "张伟", "limit": 1.5}
    assert len(lines) == 3


def test_a_column_named_schema_is_not_overwritten():
    line = json.loads(written("jsonl", [("mine",)], ["schema"]))
    assert line == {"_schema": "custrec.record/1", "schema": "mine"}


def test_ids_are_one_a_line():
    assert written("ids") == "1\n2\n3\n"
    assert written("ids", [("C1", 2)], ["customer_no", "x"]) == "C1\n"
    assert written("ids", [(7, "C1")], ["_id", "id"]) == "7\n"


def test_lists_and_truths_in_csv_are_json():
    assert (
        written("csv", [(True, ["a", "张"], {"b": None})]).splitlines()[1] == 'true,"[""a"", ""张""]","{""b"": null}"'
    )


@given(st.lists(st.tuples(*[st.text(st.sampled_from('a,"\t\r\n 张') | st.characters(exclude_categories=["Cs"]))] * 2)))
def test_csv_and_tsv_read_back_as_they_were(rows):
    for fmt, delimiter in (("csv", ","), ("tsv", "\t")):
        text = written(fmt, rows, ("a", "b"))
        assert list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))[1:] == [list(row) for row in rows]


def test_an_unknown_format_names_the_known():
    with pytest.raises(UsageError, match="csv, tsv, json, jsonl, ids"):
        written("xml")


@pytest.mark.parametrize("fmt", FORMATS)
def test_rows_are_not_kept_in_memory(fmt, tmp_path):
    with open_output(tmp_path / "x") as out:
        tracemalloc.start()
        write_rows(out, fmt, ("id", "text"), ((number, "x" * 100) for number in range(20_000)))
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peak < 1 << 20


def test_a_file_is_there_whole_or_not_at_all(tmp_path):
    path = tmp_path / "out.csv"
    path.write_text("old")
    with pytest.raises(ZeroDivisionError), open_output(path) as out:
        out.write("half")
        1 / 0  # noqa: B018
    assert path.read_text() == "old"
    with open_output(path) as out:
        out.write("新\n\ud800")
        assert path.read_text() == "old"
    assert path.read_bytes() == "新\n\\ud800".encode()
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(os.name != "posix", reason="modes, links and pipes of POSIX")
def test_links_are_followed_modes_kept_and_devices_written(tmp_path):
    real, link, fresh, pipe = (tmp_path / name for name in ("real", "link", "fresh", "pipe"))
    real.write_text("old")
    real.chmod(0o640)
    link.symlink_to(real)
    with open_output(link) as out:
        out.write("new")
    assert link.is_symlink()
    assert real.read_text() == "new"
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    with open_output(fresh):
        pass
    assert stat.S_IMODE(fresh.stat().st_mode) == 0o600
    with open_output("/dev/null") as out:
        out.write("gone")
    os.mkfifo(pipe)
    with subprocess.Popen(["cat", str(pipe)], stdout=subprocess.PIPE) as reader:
        with open_output(pipe) as out:
            out.write("through")
        assert reader.communicate()[0] == b"through"
    assert pipe.is_fifo()


def test_a_full_disk_is_an_error_of_its_own():
    with pytest.raises(IoFailure, match="/dev/full"), open_output("/dev/full") as out:
        out.write("x" * 1_000_000)


def test_standard_output_is_utf8_whatever_the_locale():
    code = (
        "from custrec.files.output import open_output\nwith open_output('-') as out: out.write('张\\n')\nprint('done')"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, "PYTHONIOENCODING": "ascii"}, capture_output=True, check=True
    )
    assert done.stdout.replace(b"\r\n", b"\n") == "张\ndone\n".encode()
