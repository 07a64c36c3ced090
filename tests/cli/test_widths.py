"""What commands print fits the terminal, whatever its width, with names as long as Chinese ones can be."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from rich.cells import cell_len

from pseudo_terminal import on_terminal
from terminal import BIN, custrec, environment

EXAMPLES = Path(__file__).parent.parent.parent / "examples"
LONG = """\
编号,姓名,公司,状态,标签,地址,信用额度,电话
C0900,欧阳娜娜·阿不都热西提买买提,深圳市前海深港现代服务业合作区管理局国际贸易有限责任公司,有效,华南；重点客户；年度返利,\
广东省深圳市南山区粤海街道科技园社区科苑路15号科兴科学园A栋3单元1201室之二,123456789.00,13800138999
C0901,王,上海,潜在,,北京,1,13800138998
"""
WORDS = [
    ("list",), ("list", "--all", "-t", "contacts"), ("list", "--fields", "customer_no,name,company,address,tags"),
    ("list", "--where", "customer_no = none"), ("show", "C0900"), ("show", "C0900", "--blame"), ("show", "C0001"),
    ("find", "深圳"), ("blame", "C0900"), ("blame", "C0900", "owner"), ("history",), ("history", "show", "1"),
    ("history", "show", "5"), ("history", "list", "--record", "C0900"), ("import", "list"), ("import", "show", "2"),
    ("tag", "list"), ("plan", "list"), ("map", "list"), ("map", "show", "kingdee", "long.csv"), ("schema", "show"),
    ("schema", "show", "customers"), ("validate", "long.csv", "--show-values", "--fix-suggestions"),
    ("edit", "C0900", "owner=王强", "-n"), ("edit", "--where", "status = active", "owner=欧阳李静王强赵敏", "-n"),
    ("import", "customers-july.csv", "-n"), ("delete", "--where", "status = former", "-n"),
]  # fmt: skip
"""Commands that print tables, or names and values."""
UNBREAKABLE = re.compile(r"[0-9a-f]{64}|/\S+")
"""What is not to be broken, so that it can be copied: digests and paths. Only the terminal breaks them."""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shop with long texts in it."""
    folder = tmp_path_factory.mktemp("widths") / "shop"
    folder.mkdir()
    for file in EXAMPLES.glob("*.csv"):
        shutil.copy(file, folder / file.name)
    (folder / "long.csv").write_text(LONG, encoding="utf-8")
    note = "因为原来的负责人已经离职，现在由华南区总经理直接负责这个客户的所有事务，直到找到新的人为止"
    for words in (
        ("init",),
        ("import", "customers.csv"),
        ("import", "long.csv"),
        ("import", "contacts.csv", "-t", "contacts"),
        ("note", "C0900", f"打过电话：{note}"),
        ("edit", "C0900", "owner=欧阳李静王强赵敏", "--note", note),
        ("edit", "C0900", "tags=", "--save-plan"),
        ("map", "create", "kingdee", "--from", "long.csv"),
    ):
        assert custrec(*words, cwd=folder).code in (0, 3), words
    return folder


@pytest.mark.parametrize("words", WORDS, ids=" ".join)
def test_tables_fit_a_pipe_of_any_width_and_line_up(shop: Path, words: tuple[str, ...]) -> None:
    for columns in (60, 80, 140):
        said = custrec(*words, cwd=shop, COLUMNS=str(columns))
        assert said.code in (0, 3), said
        lines = said.out.splitlines()
        rules = [number for number, line in enumerate(lines) if line.startswith("───")]
        for number in rules:
            assert cell_len(lines[number]) == cell_len(lines[number - 1]) <= columns, (columns, lines[number - 1])
        if rules and len(rules) == 1 and words[0] in ("list", "find", "history", "tag", "plan", "map"):
            table = [line for line in lines[rules[0] + 1 :] if line and not line.startswith("  ")]
            assert {cell_len(line) for line in table if words[:2] != ("map", "show")} <= {cell_len(lines[rules[0]])}


@pytest.mark.parametrize("columns", [60, 80, 140])
def test_nothing_is_wider_than_the_terminal(shop: Path, columns: int) -> None:
    here = environment(shop, CUSTREC_PAGER="", LC_ALL="C.UTF-8")
    for words in (
        ("show", "C0900"),
        ("show", "C0900", "--blame"),
        ("history", "show", "1"),
        ("blame", "C0900"),
        ("list",),
    ):
        code, seen = on_terminal([str(BIN / "custrec"), *words, "-q"], shop, here, columns=columns)
        assert code == 0
        plain = re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", seen).replace("\r", "")
        wide = [line for line in plain.split("\n") if cell_len(line) > columns and not UNBREAKABLE.search(line)]
        assert not wide, (columns, words)


@pytest.mark.parametrize(
    ("more", "styled"),
    [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False), ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, False)],
)
def test_colours_on_a_terminal(shop: Path, more: dict[str, str], styled: bool) -> None:
    here = environment(shop, **{"CUSTREC_PAGER": "", "LC_ALL": "C.UTF-8"} | more)
    _, seen = on_terminal([str(BIN / "custrec"), "list"], shop, here)
    assert ("\x1b[1m" in seen) == styled


def test_colours_in_a_pipe_only_where_they_are_asked_for(shop: Path) -> None:
    assert "\x1b" not in custrec("list", cwd=shop).out
    assert "\x1b[1m" in custrec("list", cwd=shop, FORCE_COLOR="1").out


@pytest.mark.parametrize(
    "words",
    ["list", "find x", "history", "import list", "plan list", "map list", "tag list", "status", "validate", "export"],
)
def test_an_empty_store_is_no_trouble(tmp_path: Path, words: str) -> None:
    assert custrec("init", cwd=tmp_path).code == 0
    said = custrec(*words.split(), cwd=tmp_path, COLUMNS="60")
    assert said.code == 0
    assert said.out or said.err
