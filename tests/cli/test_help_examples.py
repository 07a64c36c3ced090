"""The examples of every --help, run for real: each in a folder of its own with a shop, its files and its history.

Commands and examples are found in the help itself. What an example needs that the shop does not have stands here: its
files in `shop`, what is done before in BEFORE, which keys are pressed in KEYS.
"""

from __future__ import annotations

import functools
import re
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest
import xlsxwriter

from pseudo_terminal import on_terminal
from terminal import custrec, environment, path_with_custrec
from walk import COMMANDS

EXAMPLES = Path(__file__).parent.parent.parent / "examples"
WELL = (0, 3)
"""Exit codes of an example that works: 3 says that some rows of the example files are bad, or that something waits."""

OFFICE = "age1pa7jxhyzj59tlqgtxpcyy9rmxawys8q253u42xadvdumpe04c9fqwhafr0"
"""Somebody's public key."""
NO_KEYS = "rm -r custrec custrec.recipients custrec.sign*"
"""What it takes until keys can be made."""
TWINS = [
    "custrec edit C0005 name=李娜 phone=13900138001 email=li.na@example.cn address=上海市浦东新区世纪大道88号",
    "custrec dedupe find || [ $? = 3 ]",
]
"""C0005 becomes another C0002, and is found."""
FOUND = "custrec dedupe find || [ $? = 3 ]"
ANSWERED = """\
custrec dedupe find || [ $? = 3 ]
{
    echo one,other,verdict
    for one in 5 7 9 11 13 15 17 19 21 23; do echo "#$one,#$((one + 1)),same"; done
    for other in 2 3 4 5 7 9 11 13 15 17; do echo "#1,#$other,different"; done
} | custrec dedupe apply - --max-change 100"""
"""Ten pairs of customers are said to be the same, and ten not to be."""
RULED = "sed -i 's/^    #: /    /' schema.yaml && custrec schema apply -q"
"""The rules that the default schema offers in comments are taken up."""
CASES = """\
cat > cases.yaml <<END
cases:
  - {name: a lead, on: 2026-01-01, record: {status: lead}, expect: keep}
END"""
WRITTEN = (
    "sed -i 's/^    #: /    /; s/when: status = former/when: status is not empty/; "
    "s/anchor: max(contract_end.*/anchor: created_at/; "
    "s/archive: 2y/trash: 1mo\\n        notify: {grace: 30d}/; /keep_at_least/d' schema.yaml && "
    "custrec schema apply -q && custrec retention notify --csv answers.csv -q"
)
"""A rule that nearly everybody meets, and the letters that it asks for."""

BEGUN = "custrec confirm start 2026Q4 --by owner"
"""A campaign."""

ANSWERS = [
    BEGUN,
    "custrec confirm letters 2026Q4 -o mails --format csv",
    "sed 's/,,/,confirmed,/' mails/2026Q4.csv > replies.csv",
]
"""Customers who answered their letters."""

BEFORE = {
    "custrec init": ["rm custrec.db schema.yaml"],
    "custrec init --from customers.csv": ["rm custrec.db schema.yaml"],
    "custrec retention plan": [RULED],
    "custrec retention plan --rule 'former customers' --format csv > due.csv": [RULED],
    "custrec retention explain C0002": [RULED],
    "custrec retention explain '#12' --json": [RULED],
    "custrec retention forecast --as-of 2030-01-01": [RULED],
    "custrec retention forecast --as-of 2030-01-01 --json": [RULED],
    "custrec retention run": [RULED],
    "custrec retention run --proposed --rule 'former customers' --yes": [RULED],
    "custrec retention notify --html letters.html --csv answers.csv": [RULED],
    "custrec retention notify --html letters.html --lang zh --answer-to 'privacy@example.cn' -n": [RULED],
    "custrec retention reply C0012 keep": [WRITTEN],
    "custrec retention reply --from answers.csv": [WRITTEN],
    "custrec hold release C0002": ["custrec hold add C0002 --reason audit"],
    "custrec policy test cases.yaml": [CASES],
    "custrec policy test cases.yaml --schema new.yaml --json": [CASES],
    "custrec policy diff old.yaml new.yaml --as-of 2030-01-01": ["cp schema.yaml old.yaml"],
    "custrec redo 41": ["custrec undo 41"],
    "custrec redo -n": ["custrec undo 41"],
    "custrec undelete C0002": ["custrec delete C0002 --yes"],
    "custrec unarchive --from custrec.archive/*/*.age C0002 -n": ["custrec archive C0002 --seal"],
    "custrec schedule print --launchd --only nightly > ~/Library/LaunchAgents/custrec.nightly.plist": [
        "mkdir -p ~/Library/LaunchAgents"
    ],
    "custrec key init --new-recovery /media/usb/custrec-recovery.txt": [NO_KEYS, "rm usb/*"],
    "custrec key init --recovery age1yv6…": [NO_KEYS],
    "custrec key remove office": [f"custrec key add {OFFICE} --name office"],
    "custrec key remove age1yv6…": [f"custrec key add {OFFICE}"],
    "custrec load plain --store copy.db": ["custrec export --all -o plain"],
    "custrec load shop.tar.zst.age --store copy.db --key-file /media/usb/custrec-recovery.txt": [
        "custrec export --all --to $(grep -o 'age1.*' usb/custrec-recovery.txt) -o shop.tar.zst.age"
    ],
    "custrec backup prune -q": ["echo 'backup_keep: last 3' > custrec.yaml"],
    "custrec confirm list 2026Q4": [BEGUN],
    "custrec confirm letters 2026Q4 -o letters --lang zh --reply-to '深圳市南山区科技路1号'": [BEGUN],
    "custrec confirm letters 2026Q4 -o mails --format csv --mask phone,email": [BEGUN],
    "custrec confirm import replies.csv -n": ANSWERS,
    "custrec confirm import replies.csv --on-moved keep": ANSWERS,
    "custrec confirm list 2026Q4 --owner 李静 --open --format csv": [BEGUN],
    "custrec confirm status 2026Q4 --json": [BEGUN],
    "custrec confirm record C0002 --fields phone,address": [BEGUN],
    "custrec confirm extend 2026Q4 --until 2027-01-31": [BEGUN],
    "custrec confirm extend 2026Q4 -n": [BEGUN],
    "custrec confirm close 2026Q4": [BEGUN],
    "custrec confirm close 2026Q4 --note 'all that answered'": [BEGUN],
    "custrec dedupe review": [FOUND],
    "custrec dedupe review --export pairs.csv": [FOUND],
    "custrec dedupe review --min-probability 0.3 --export -": [FOUND],
    "custrec dedupe tune -n": [ANSWERED],
    "custrec dedupe tune --yes --json": [ANSWERED],
    "custrec map create kingdee --from july.csv --source '金蝶 export'": ["rm custrec.maps/kingdee.yaml"],
    "custrec dedupe list --where 'status = active'": TWINS,
    "custrec dedupe list --min-probability 0.95 --format jsonl > clusters.jsonl": TWINS,
    "custrec dedupe show 2": TWINS,
    "custrec dedupe show C0002 --html cluster.html": TWINS,
    "custrec dedupe explain C0002 C0005": TWINS,
    "custrec dedupe explain '#2' '#5' --json": TWINS,
    "custrec dedupe merge --auto -n": TWINS,
    "custrec dedupe merge --from clusters.jsonl --max-change 100000": [
        *TWINS,
        "custrec dedupe list --format jsonl > clusters.jsonl",
    ],
    "custrec dedupe split C0002 -n": ["custrec dedupe merge C0002 C0005"],
    "custrec dedupe split C0002 --member C0005": ["custrec dedupe merge C0002 C0005"],
    "custrec dedupe merge cluster:2 --note 'seen by Kim'": TWINS,
}
"""Commands that come before an example."""

KEYS = {
    "custrec init --from customers.csv": "y\n",
    "custrec delete C0002 C0003": "y\n",
    "custrec add --table contacts": "C0001\nAnn Lee\n" + "\n" * 20,
    "custrec undelete --where": "y\n",
    "custrec demo": "q\n",
    "custrec plan review p1a2b3c4": "q\n",
    "less": "q",
    "--replace": "y\n",
}
"""What is typed at the terminal, by a part of the example."""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shop as the examples mean it: C0001 and others, 41 events with an import at last, a saved plan, a map,
    keys and three backups."""
    folder = tmp_path_factory.mktemp("examples") / "shop"
    folder.mkdir()
    for name in ("customers.csv", "contacts.csv"):
        shutil.copy(EXAMPLES / name, folder / name)
    july = (EXAMPLES / "customers-july.csv").read_text(encoding="utf-8")
    (folder / "july.csv").write_text(july, encoding="utf-8")
    (folder / "orders.csv").write_text("编号,姓名\nC0700,Ann Lee\n", encoding="utf-8")
    (folder / "pairs.csv").write_text("verdict,one,other\ndifferent,C0002,C0005\n,C0003,C0004\n", encoding="utf-8")
    (folder / "golden.csv").write_text("one,other,expected\nC0002,C0005,different\n", encoding="utf-8")
    (folder / "inbox").mkdir()
    shutil.copy(EXAMPLES / "customers.csv", folder / "inbox" / "monday.csv")
    with zipfile.ZipFile(folder / "july.zip", "w") as archive:
        archive.writestr("july.csv", july)
    with xlsxwriter.Workbook(folder / "book.xlsx") as book:
        sheet = book.add_worksheet("客户")
        sheet.write_row(0, 0, ["编号", "姓名"])
        sheet.write_row(1, 0, ["C0800", "王小明"])
    run(folder, "init")
    shutil.copy(folder / "schema.yaml", folder / "new.yaml")
    run(folder, "import", "customers.csv", codes=WELL)
    run(folder, "import", "contacts.csv", "-t", "contacts", codes=WELL)
    (folder / ".ssh").mkdir()
    (folder / ".ssh" / "id_ed25519.pub").write_text(
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIMQpnXG/tVqQyN3pSMXtFMxB2hA4DYrZfJAHSrPPo5lw me@here\n", encoding="utf-8"
    )
    (folder / "usb").mkdir()
    (folder / "nas").mkdir()
    run(folder, "key", "init", "--new-recovery", "usb/custrec-recovery.txt")
    for _ in range(3):
        run(folder, "backup", "create")
    for number in range(6, 41):
        run(folder, "note", "C0002", f"call {number}")
    run(folder, "import", "july.csv", codes=WELL)
    run(folder, "map", "create", "kingdee", "--from", "july.csv")
    owners = "".join(f"C000{number},王强\n" for number in range(1, 9))
    (folder / "owners.csv").write_text(f"客户编号,负责人\n{owners}", encoding="utf-8")
    run(folder, "import", "owners.csv", "--save-plan")
    (folder / "clusters.jsonl").write_text('{"members": [{"id": 1}, {"id": 3}]}\n', encoding="utf-8")
    (folder / "head.txt").write_bytes(custrec("history", "head", cwd=folder).raw)
    return folder


def run(folder: Path, *words: str, codes: tuple[int, ...] = (0,)) -> None:
    """A command that prepares the shop."""
    said = custrec(*words, cwd=folder)
    assert said.code in codes, (words, said)


@functools.cache
def helped(command: str) -> str:
    """What a command says of itself."""
    return custrec(*command.split(), "--help", cwd=EXAMPLES).out


def examples() -> list[tuple[str, str]]:
    """Every command with each of its examples, as its help shows them."""
    found = []
    for path in COMMANDS:
        said = helped(" ".join(path))
        listed = said.partition("Examples:")[2].partition("Exit codes:")[0]
        found += [(" ".join(path), line) for line in re.findall(r"^ {4}(.*)$", listed, re.MULTILINE)]
    return found


@pytest.mark.skipif(shutil.which("bash") is None, reason="the examples are lines of a shell")
@pytest.mark.parametrize(("command", "example"), examples(), ids=lambda words: words)
def test_an_example_works(shop: Path, tmp_path: Path, command: str, example: str) -> None:
    folder = tmp_path / "shop"
    shutil.copytree(shop, folder)
    programs = re.findall(r"(?:^|\| *)([a-z]\w*)", example)
    if missing := [program for program in programs if program not in ("eval", "custrec") and not shutil.which(program)]:
        pytest.skip(f"{missing[0]} is not installed")
    (plan,) = {path.stem for path in (folder / "custrec.plans").glob("*.db")}
    there = {"p1a2b3c4": plan, "/media/usb": "usb", "/mnt/nas/custrec": "nas", "age1yv6…": OFFICE}
    line = functools.reduce(lambda text, name: text.replace(name, there[name]), there, example)
    plain = re.sub(r"\s+#.*", "", example)
    keys = next((keys for part, keys in KEYS.items() if part in plain), "")
    shell = ["bash", "-o", "pipefail", "-c"]
    here = environment(folder, HOME=str(folder), PATH=path_with_custrec(), LC_ALL="C.UTF-8")
    here |= {"EDITOR": "true", "VISUAL": "true", "PAGER": "cat", "MANPAGER": "cat"}
    for words in BEFORE.get(plain, ()):
        subprocess.run([*shell, words], cwd=folder, env=here, check=True, timeout=60)
    code, shown = on_terminal([*shell, line], folder, here, keys)
    named = re.findall(r"^ {4}(\d+) +\S", helped(command), re.MULTILINE)
    assert code in WELL and str(code) in named, (
        f"the example of `custrec {command} --help`\n    {example}\nended with exit code {code} (its help names "
        f"{', '.join(named)}; an example that works ends with 0 or 3) and showed:\n{shown}\nMend the example, or give "
        f"it what it needs in {Path(__file__).name}: files in the fixture `shop`, BEFORE, KEYS."
    )
