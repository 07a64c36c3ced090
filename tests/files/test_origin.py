"""files.origin: which file, member and part a text means, also for names and archives that mean harm."""

from __future__ import annotations

import warnings
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from custrec.errors import ArchiveUnusable, CustrecError, FileMissing, FileUnreadable, PartUnknown, PartUnnamed
from custrec.files.origin import Origin, expanded, is_archive, members, origin, single
from custrec.files.source import open_source


def archive(path: Path, *names: str, content: str = "no,name\nC1,Ann\n") -> Path:
    with warnings.catch_warnings(), zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as zipped:
        warnings.simplefilter("ignore")  # of a name that stands twice
        for name in names:
            zipped.writestr(name, content)
    return path


def test_a_part_stands_behind_the_name_of_a_file_that_is_there(tmp_path: Path) -> None:
    book = tmp_path / "book.xlsx"
    book.write_bytes(b"x")
    assert origin(f"{book}#客户") == Origin(str(book), None, "客户")
    assert origin(f"{book}#a#b") == Origin(str(book), None, "a#b")
    assert origin(str(book)) == Origin(str(book))
    assert origin(f"{book}#a").text == f"{book}#a"
    assert origin(f"{book}#a\x1b").name == "book.xlsx#a\\x1b"


def test_the_sign_may_stand_in_the_names_of_files_and_folders(tmp_path: Path) -> None:
    folder = tmp_path / "a#b"
    folder.mkdir()
    (folder / "list#2.csv").write_text("x")
    assert origin(str(folder / "list#2.csv")) == Origin(str(folder / "list#2.csv"))
    assert origin(str(folder / "list#2.csv#t")) == Origin(str(folder / "list#2.csv"), None, "t")
    (tmp_path / "a").mkdir()
    lost = str(tmp_path / "a#c" / "lost.csv")
    assert origin(lost) == Origin(lost), "the folder `a` is not the file that is meant"
    with pytest.raises(FileMissing, match=r"a#c/lost\.csv"):
        open_source(lost)


def test_standard_input_may_have_a_part() -> None:
    assert origin("-") == Origin("-")
    assert origin("-#客户") == Origin("-", None, "客户")
    assert (origin("-").name, origin("-#客户").name) == ("standard input", "standard input")


@pytest.mark.parametrize("text", ["", "#", "##", "a\0b", "a\0#b", "x" * 5000, "\udcff#\udcff", "no such#file#at#all"])
def test_a_name_of_nothing_is_that_name(text: str) -> None:
    assert origin(text) == Origin(text)
    assert expanded(text) == [text]


def test_an_archive_means_its_files_in_the_order_of_their_names(tmp_path: Path) -> None:
    names = ["b.csv", "a.csv", "sub/c.csv", "__MACOSX/._a.csv", ".DS_Store", "sub/~$c.xlsx", "empty/"]
    path = archive(tmp_path / "july.zip", *names)
    assert expanded(str(path)) == [f"{path}#{name}" for name in ("a.csv", "b.csv", "sub/c.csv")]
    assert origin(f"{path}#sub/c.csv") == Origin(str(path), "sub/c.csv")
    assert origin(f"{path}#a.csv#Sheet1") == Origin(str(path), "a.csv", "Sheet1")
    assert origin(f"{path}#a.csv").name == "july.zip#a.csv"
    with pytest.raises(PartUnknown) as caught:
        origin(f"{path}#d.csv")
    assert caught.value.details == ("a.csv", "b.csv", "sub/c.csv")
    with pytest.raises(PartUnnamed, match="has 3 files"):
        single(str(path))
    assert single(str(archive(tmp_path / "one.zip", "a.csv"))) == f"{tmp_path / 'one.zip'}#a.csv"


def test_of_members_that_begin_alike_the_whole_name_is_meant(tmp_path: Path) -> None:
    path = archive(tmp_path / "a.zip", "a", "a#b", "a#b#c")
    assert origin(f"{path}#a#b#c") == Origin(str(path), "a#b#c")
    assert origin(f"{path}#a#b") == Origin(str(path), "a#b")
    assert origin(f"{path}#a#x") == Origin(str(path), "a", "x")


def test_names_of_chinese_windows_are_read(tmp_path: Path) -> None:
    path = tmp_path / "gbk.zip"
    archive(path, "0123456789.csv")
    raw = path.read_bytes()
    assert raw.count(b"0123456789.csv") == 2
    path.write_bytes(raw.replace(b"0123456789.csv", "客户名单一".encode("gbk") + b".csv"))
    assert members(path) == ["客户名单一.csv"]
    with open_source(f"{path}#客户名单一.csv") as source:
        assert source.read(100) == b"no,name\nC1,Ann\n"
        assert source.size == 15


@pytest.mark.parametrize("name", ["/etc/passwd", "../../../up.csv", "C:\\a.csv", "a\x1b[31m.csv"])
def test_a_name_that_leads_elsewhere_is_only_a_name(tmp_path: Path, name: str) -> None:
    path = archive(tmp_path / "a.zip", name)
    (found,) = expanded(str(path))
    with open_source(found) as source:
        assert source.read(100) == b"no,name\nC1,Ann\n"
        assert source.name.isprintable()
    assert [one.name for one in tmp_path.iterdir()] == ["a.zip"]


def test_what_is_wrong_with_an_archive_is_said(tmp_path: Path) -> None:
    with pytest.raises(ArchiveUnusable, match="there is no file in it"):
        expanded(str(archive(tmp_path / "empty.zip", "sub/", ".hidden")))
    with pytest.raises(ArchiveUnusable, match="two files in it have one name"):
        expanded(str(archive(tmp_path / "twice.zip", "a.csv", "a.csv")))
    locked = archive(tmp_path / "locked.zip", "a.csv")
    raw = bytearray(locked.read_bytes())
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        raw[raw.index(mark) + place] |= 1
    locked.write_bytes(raw)
    with pytest.raises(ArchiveUnusable, match="protected with a password"):
        expanded(str(locked))


def test_a_damaged_member_is_said_when_it_is_read(tmp_path: Path) -> None:
    path = archive(tmp_path / "a.zip", "a.csv", content="no,name\n" + "C1,Ann\n" * 9000)
    raw = bytearray(path.read_bytes())
    raw[60:70] = bytes(10)
    path.write_bytes(raw)
    with pytest.raises(FileUnreadable), open_source(f"{path}#a.csv") as source:
        while source.read(1 << 16):
            pass


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_no_damage_is_anything_but_an_error_of_custrec(
    tmp_path_factory: pytest.TempPathFactory, method: int, data: st.DataObject
) -> None:
    path = tmp_path_factory.mktemp("zip") / "a.zip"
    with zipfile.ZipFile(path, "w", method) as zipped:
        zipped.writestr("a.csv", "no,name\nC1,Ann\n" * 20)
        zipped.writestr("客户.csv", "no,name\nC2,Bo\n")
    raw = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(raw[: data.draw(st.integers(4, len(raw)) | st.just(len(raw)))])
    try:
        for found in expanded(str(path)):
            with open_source(found) as source:
                while source.read(1000):
                    pass
    except CustrecError:
        pass


@pytest.mark.parametrize("part", ["xl/workbook.xml", "[Content_Types].xml", "META-INF/manifest.xml"])
def test_an_office_file_is_no_archive_of_files(tmp_path: Path, part: str) -> None:
    assert not is_archive(archive(tmp_path / "a.zip", part))
    assert is_archive(archive(tmp_path / "b.zip", "xl/customers.csv", "word/list.csv"))
    assert not is_archive(tmp_path)
    assert not is_archive(tmp_path / "none")
