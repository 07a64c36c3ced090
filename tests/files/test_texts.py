"""files.texts: a file that a person names is read in whatever encoding it was saved."""

from __future__ import annotations

from pathlib import Path

import pytest

from custrec.errors import FileIsDirectory, FileMissing, FileUnreadable
from custrec.files.texts import text_of

LIST = "编号,姓名\r\n1,张伟\r\n2,欧阳静\r\n3,上海分公司\r\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_list_reads_the_same_in_each_encoding_that_excel_saves(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "list.csv").write_bytes(LIST.encode(encoding))
    assert text_of(str(tmp_path / "list.csv")) == ("list.csv", LIST.replace("\r\n", "\n"))


def test_what_is_not_there_or_no_text_is_said(tmp_path: Path) -> None:
    with pytest.raises(FileMissing):
        text_of(str(tmp_path / "none.csv"))
    with pytest.raises(FileIsDirectory):
        text_of(str(tmp_path))
    (tmp_path / "picture").write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\xff\xfe\xfd")
    with pytest.raises(FileUnreadable):
        text_of(str(tmp_path / "picture"))
