"""How a store stands: what is counted, and what waits for somebody."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from time import process_time

from custrec.jobs.importing.imports import plan_import
from custrec.jobs.upkeep.standing import BEHIND, CURRENT, DIFFERS, FAULTY, MISSING, SAME, Standing, standing
from custrec.model.plan import State
from shops import PLENTY, Shop


def stands(shop: Shop) -> Standing:
    with shop.session() as session:
        return standing(session.store, (), session.now)


def with_lists(shop: Shop, text: str) -> None:
    """Import with a rejects list beside the store, as the command does."""
    with shop.session() as session:
        draft = session.draft()
        rejects = session.rows_path("rejects", draft.plan_id)
        session.run(plan_import(session.store, shop.request(text, rejects=rejects), draft), PLENTY)


def test_a_new_store_has_nothing_that_waits(shop: Shop) -> None:
    found = stands(shop)
    assert found.records == {"customers": {State.ACTIVE: 0}, "notes": {State.ACTIVE: 0}}
    assert (found.last_import, found.head, found.writer, found.backup) == (None, None, None, None)
    assert (found.schema_file, found.search, found.waits) == (SAME, MISSING, False)


def test_records_are_counted_by_state(shop: Shop) -> None:
    shop.import_csv("no,name\n" + "".join(f"C{n},Ann Lee\n" for n in range(5)))
    shop.tamper("UPDATE customers SET _state = 2 WHERE _id = 1", "UPDATE customers SET _state = 1 WHERE _id > 3")
    assert stands(shop).records["customers"] == {State.ACTIVE: 2, State.ARCHIVED: 2, State.TRASHED: 1}


def test_a_rejects_list_waits_until_it_is_imported_as_it_is(shop: Shop) -> None:
    with_lists(shop, "no,name\nC1,Ann Lee\nC2,\nC3,\n")
    found = stands(shop)
    assert [(one.path.name, one.rows, one.whole) for one in found.rejects] == [("1.csv", 2, True)]
    assert found.waits
    assert found.last_import is not None
    assert found.last_import[0].counts["rejected"] == 2

    mended = found.rejects[0].path
    mended.write_text(mended.read_text(encoding="utf-8-sig").replace("C2,", "C2,Bo Diaz").replace("C3,", "C3,Cy Ito"))
    assert [one.rows for one in stands(shop).rejects] == [2]
    with shop.session() as session:
        request = replace(shop.request(""), path=str(mended))
        assert session.run(plan_import(session.store, request, session.draft()), PLENTY).plan.counts.rejected == 0
    assert stands(shop).rejects == ()
    assert not stands(shop).waits


def test_lists_stand_newest_first_and_empty_or_foreign_ones_do_not_wait(shop: Shop) -> None:
    folder = shop.folder / "custrec.review"
    folder.mkdir()
    for age, (name, text) in enumerate(
        {"3.csv": "a\n1\n", "1.csv": "a\n1\n2\n", "2.csv": "a\n", ".4.csv": "a\n1\n"}.items()
    ):
        (folder / name).write_text(text)
        os.utime(folder / name, (1e9 - age, 1e9 - age))
    (folder / "p00000000.csv").write_text("a\n1\n")
    (folder / "notes.txt").write_text("a\n1\n")
    assert [(one.path.name, one.rows) for one in stands(shop).review] == [("3.csv", 1), ("1.csv", 2)]


def test_saved_plans_and_a_pending_schema_wait(shop: Shop) -> None:
    plan = shop.save_plan("no,name\nC1,Ann Lee\n")
    assert [one.id for one in stands(shop).plans] == [plan]
    assert stands(shop).waits
    shop.apply_saved(plan)
    assert not stands(shop).waits
    schema = shop.folder / "schema.yaml"
    whole = schema.read_text()
    for text, said in ((whole.replace("city", "town"), DIFFERS), ("tables: [", FAULTY), (whole + "# ours\n", SAME)):
        schema.write_text(text)
        assert (stands(shop).schema_file, stands(shop).waits) == (said, said != SAME)
    schema.unlink()
    assert (stands(shop).schema_file, stands(shop).waits) == (MISSING, False)


def test_the_search_index_is_current_or_behind(shop: Shop) -> None:
    shop.import_csv("no,name\nC1,Ann Lee\n")
    assert stands(shop).search == CURRENT
    index = (shop.folder / "custrec.derived.db").read_bytes()
    for tail in ("-wal", "-shm"):
        (shop.folder / f"custrec.derived.db{tail}").unlink(missing_ok=True)
    shop.import_csv("no,name\nC2,Bo Diaz\n")
    for tail in ("-wal", "-shm"):
        (shop.folder / f"custrec.derived.db{tail}").unlink(missing_ok=True)
    (shop.folder / "custrec.derived.db").write_bytes(index)
    assert stands(shop).search == BEHIND


def test_who_writes_is_told_while_that_process_runs(shop: Shop) -> None:
    note = shop.folder / "custrec.writer"
    note.write_text(json.dumps({"pid": os.getpid(), "actor": "zhang", "verb": "import"}))
    writer = stands(shop).writer
    assert writer is not None
    assert (writer.actor, writer.verb, writer.process) == ("zhang", "import", os.getpid())
    for text in (json.dumps({"pid": 2**22 - 1, "actor": "li", "verb": "undo"}), "no json", "{}"):
        note.write_text(text)
        assert stands(shop).writer is None


def test_counting_reads_along_indexes_only(shop: Shop) -> None:
    """A million records take some milliseconds: a hundred thousand may take a few."""
    with_lists(shop, "no,name\n" + "".join(f"C{n},Ann Lee\n" for n in range(20_000)))
    with shop.session() as session:
        plans = [
            session.store.reader.execute(f"EXPLAIN QUERY PLAN SELECT {what}").fetchone()[3]
            for what in ("count(*) FROM customers", "_state, count(*) FROM customers WHERE _state <> 0 GROUP BY _state")
        ]
        assert "COVERING INDEX" in plans[0]
        assert "_inactive_1" in plans[1]
        began = process_time()
        standing(session.store, (), session.now)
        assert process_time() - began < 0.25


def test_sizes_are_those_of_files_and_folders(shop: Shop, tmp_path: Path) -> None:
    with_lists(shop, "no,name\nC1,Ann Lee\nC2,\n")
    sizes = stands(shop).sizes
    assert sizes["rejects"] == (shop.folder / "custrec.rejects" / "1.csv").stat().st_size
    assert sizes["store"] >= shop.path.stat().st_size
    assert set(sizes) == {"store", "derived.db", "rejects"}
