"""After a purge nothing of the person is left in custrec's own files, whatever the history was, and the chain verifies.

Every value of the doomed customer is a word that nobody else has (a canary); after a random history of imports, edits,
merges, splits, undos and saved plans he is purged, and all files that custrec wrote are searched for the canaries, in
UTF-8 and UTF-16, and for what became of them: normalised, in pinyin, folded.
"""

from __future__ import annotations

import contextlib
import random
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from custrec.errors import CustrecError
from custrec.jobs.importing.imports import plan_import
from custrec.jobs.searching import find
from shops import PLENTY, Shop

SCHEMA = """\
version: 1
defaults: {region: CN, currency: CNY, timezone: Asia/Shanghai}
tables:
  - name: customers
    primaryKey: [no]
    fields:
      - {name: no, type: string}
      - {name: name, kind: person_name, constraints: {required: true}}
      - {name: phone, kind: phone}
      - {name: email, kind: email}
      - {name: code, type: string, constraints: {unique: true}}
      - {name: address, kind: address}
      - {name: marks, kind: tags}
  - name: notes
    foreignKeys: [{fields: [no], reference: {resource: customers, fields: [no]}}]
    fields:
      - {name: no, type: string, constraints: {required: true}}
      - {name: text, type: string, constraints: {required: true}, search: true}
"""
CANARIES = (
    *("zebedeequux", "quuxfield", "zq7788", "quuxlane", "quuxmark", "quuxnote", "quuxtown", "zzquux"),
    *("魏蝴蝶", "weihudie", "13877665544", "138 7766 5544"),
)
"""Words of the doomed customer, and what custrec makes of them."""
ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be")
FIRST = (
    "no,name,phone,email,code,address,marks\n"
    "C1,Ann Lee,13800138000,ann@example.com,a1,1 Long Lane,new\n"
    "C2,Bo Diaz,,bo@example.com,,2 Long Lane,\n"
    "X1,Zebedeequux Quuxfield,13877665544,zebedeequux@quuxfield.example,ZQ7788,7 Quuxlane,quuxmark;new\n"
    "X2,魏蝴蝶,,zzquux@example.com,,,\n"
    "C3,王芳,13700137000,,a3,,late\n"
)
DOOMED = (3, 4)
"""The numbers of X1 and X2: lower ones survive a merge with them, and take values of theirs."""
NOTES = "no,text\nX1,quuxnote one\nX1,quuxnote two\nC1,called\nC2,wrote\n"


def files_of(shop: Shop) -> list[Path]:
    """All files that custrec wrote, without what a person did."""
    own = [path for path in shop.folder.rglob("*") if path.is_file()]
    ours = {shop.folder / "schema.yaml", *shop.folder.glob("file*.csv")}
    return [path for path in own if path not in ours]


def found_in(shop: Shop, words: tuple[str, ...] = CANARIES) -> list[str]:
    """Where any of the words stands, in any case and in any of the encodings."""
    found = []
    for path in files_of(shop):
        raw = path.read_bytes()
        both = raw + raw.lower()
        found += [f"{path.name}: {word} ({enc})" for word in words for enc in ENCODINGS if word.encode(enc) in both]
    return found


def ways(shop: Shop, chance: random.Random) -> list[str]:
    """Do a dozen random things, the doomed among them; what was done."""
    done = []
    names = ["X1", "X1", "X2", "C1", "C2", "C3"]
    things = [*("edit", "edit", "import", "merge", "merge", "split", "split"), *("undo", "redo", "save", "reject")]
    for number in range(14):
        one, other = chance.choice(names), chance.choice(["X1", "X2", "C1", "C1"])
        what = chance.choice([*things, "delete", "undelete"])
        with contextlib.suppress(CustrecError, StopIteration):
            if what == "edit":
                shop.edit(one, address=f"{number} quuxtown" if one[0] == "X" else f"{number} Other Road")
            elif what == "import":
                town = "quuxtown" if one[0] == "X" else "York"
                shop.import_csv(f"no,address,marks\n{one},{number} {town},m{number}\n")
            elif what == "merge":
                shop.merge(one, other)
            elif what == "split":
                shop.split(one)
            elif what == "undo":
                shop.undo(chance.choice([None, 1, 2, 3, 4, 5, 6]), partial=True)
            elif what == "redo":
                shop.redo(partial=True)
            elif what == "delete":
                shop.delete(one)
            elif what == "undelete":
                shop.undelete(one)
            elif what == "save":
                shop.save_plan(f"no,name,email\nX1,Zebedeequux Quuxfield,n{number}@quuxfield.example\nC9,New One,\n")
            elif what == "reject":
                bad = "no,name,phone,email\nX1,Zebedeequux Quuxfield,quuxfield,\nC3,Other Person,none at all,\n"
                with shop.session() as session:
                    draft = session.draft()
                    request = shop.request(bad)
                    place = session.rows_path("rejects", draft.plan_id)
                    session.run(plan_import(session.store, replace(request, rejects=place), draft), PLENTY)
            done.append(f"{what} {one} {other}")
    return done


@pytest.mark.parametrize("seed", range(12))
def test_nothing_is_left_of_who_was_purged_after_any_history(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    shop = Shop(tmp_path / "shop", SCHEMA)
    shop.import_csv(FIRST)
    shop.import_csv(NOTES, "notes")
    with shop.session() as session:
        session.refresh_search()
        for word in ("zebedeequux", "weihudie"):
            assert len(list(find(session.store, shop.schema.tables[0], word, [], 10).rows)) == 1
    assert found_in(shop)
    done = ways(shop, chance)
    with contextlib.suppress(CustrecError):
        shop.split("X1")
    with contextlib.suppress(CustrecError):
        shop.split("X2")
    live = shop.rows("SELECT _id, _state FROM customers")
    doomed = [f"#{record}" for record, state in live if record in DOOMED and state >= 0]
    survivors = [f"#{-state}" for record, state in live if record in DOOMED and state < 0]
    report = shop.purge(*doomed, *survivors)
    assert report.wiped is None or report.wiped.done, report.wiped
    left = found_in(shop)
    still = [word for word in CANARIES if any(word in str(row).lower() for row in shop.rows("SELECT * FROM customers"))]
    assert [one for one in left if not any(word in one for word in still)] == [], done
    assert shop.faults() == [], done
    events = [event for (event,) in shop.rows("SELECT id FROM _event ORDER BY id DESC")]
    for event in events:
        with contextlib.suppress(CustrecError):
            shop.undo(event, partial=True)
    assert not [row for row in shop.rows("SELECT * FROM customers") if row[0] in DOOMED], done
    left = found_in(shop)
    assert [one for one in left if not any(word in one for word in still)] == [], done
    assert shop.faults() == [], done


def test_the_store_of_the_test_holds_the_canaries_before(tmp_path: Path) -> None:
    shop = Shop(tmp_path / "shop", SCHEMA)
    shop.import_csv(FIRST)
    assert {one.rpartition(": ")[2].partition(" (")[0] for one in found_in(shop)} >= {"zebedeequux", "zq7788", "魏蝴蝶"}
    with contextlib.closing(sqlite3.connect(shop.path)) as reader:
        assert reader.execute("SELECT count(*) FROM customers").fetchone() == (5,)
