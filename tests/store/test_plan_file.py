"""Plans on disk: what lies there, who may read it, what a crash leaves and who tidies up, what damage does."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from custrec.errors import CustrecError, PlanDamaged, PlanUnknown, SchemaMoved
from custrec.session.waiting_plans import WaitingPlans
from custrec.store.leftovers import sweep
from custrec.store.plan_file import PlanFile
from shops import Shop

TWO = "no,name\nC1,Ann Lee\nC2,Bo Diaz\n"


def process_that_died() -> int:
    """The id of a process that is no more."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def plans(shop: Shop) -> Path:
    return shop.folder / "custrec.plans"


def leave(folder: Path, *names: str) -> None:
    folder.mkdir(exist_ok=True)
    for name in names:
        (folder / name).write_bytes(b"Ann Lee")


def test_a_plan_is_gone_after_it_was_applied_or_refused_or_dropped(shop: Shop) -> None:
    shop.import_csv(TWO)
    assert shop.leftovers() == []
    with pytest.raises(CustrecError):
        shop.import_csv("no,nonsense\nC1,x\n")
    assert shop.leftovers() == []
    with shop.session() as session:
        file = shop.plan_csv(session, "no,city\nC1,York\n")
        assert len(shop.leftovers()) == 3
        file.drop()
    assert shop.leftovers() == []


def test_only_the_owner_may_read_a_plan(shop: Shop) -> None:
    with shop.session() as session:
        file = shop.plan_csv(session, TWO)
        assert stat.S_IMODE(plans(shop).stat().st_mode) == 0o700
        modes = {path.suffix: stat.S_IMODE(path.stat().st_mode) for path in plans(shop).iterdir()}
        assert modes == {".db": 0o600, ".part": 0o600, ".making": 0o600}
        file.settle()
    modes = {path.suffix: stat.S_IMODE(path.stat().st_mode) for path in plans(shop).iterdir()}
    assert modes == {".db": 0o600, ".sha256": 0o600}


def test_a_saved_plan_waits_and_is_found_again(shop: Shop) -> None:
    names = [shop.save_plan(TWO), shop.save_plan("no,name\nC3,New One\n")]
    with shop.session() as session:
        assert [plan.id for _, plan in WaitingPlans(session).plans()] == names
        assert [plan.counts.insert for _, plan in WaitingPlans(session).plans()] == [2, 1]
    assert shop.apply_saved(names[1]).event is not None
    with shop.session() as session:
        assert [plan.id for _, plan in WaitingPlans(session).plans()] == names[:1]


def test_a_plan_that_was_not_saved_is_not_among_those_that_wait(shop: Shop) -> None:
    with shop.session() as session:
        file = shop.plan_csv(session, TWO)
        assert list(WaitingPlans(session).plans()) == []
        file.drop()


@pytest.mark.parametrize("damage", ["cut short", "altered", "unsigned", "emptied"])
def test_a_saved_plan_that_is_not_what_was_saved_is_refused_but_can_be_dropped(shop: Shop, damage: str) -> None:
    name = shop.save_plan(TWO)
    path = plans(shop) / f"{name}.db"
    whole = path.read_bytes()
    if damage == "unsigned":
        path.with_suffix(".sha256").write_text("", encoding="ascii")
    else:
        altered = whole.replace(b"Ann Lee", b"Eve Lee")
        assert altered != whole
        path.write_bytes({"cut short": whole[:-512], "altered": altered, "emptied": b""}[damage])
    before = shop.digest()
    with pytest.raises(PlanDamaged):
        shop.apply_saved(name)
    assert shop.digest() == before
    with shop.session() as session:
        WaitingPlans(session).drop(name)
    assert shop.leftovers() == []


def test_a_plan_that_nobody_saved_is_unknown(shop: Shop) -> None:
    with pytest.raises(PlanUnknown):
        shop.apply_saved("p00000000")
    with pytest.raises(PlanUnknown):
        shop.apply_saved("../../etc/passwd")


def test_a_plan_of_another_schema_is_refused(shop: Shop) -> None:
    name = shop.save_plan(TWO)
    shop.tamper("INSERT INTO _schema SELECT 2, at, text FROM _schema")
    before = shop.digest()
    with pytest.raises(SchemaMoved):
        shop.apply_saved(name)
    assert shop.digest() == before


def test_the_next_plan_sweeps_what_dead_processes_left(shop: Shop) -> None:
    saved = shop.save_plan(TWO)
    dead = process_that_died()
    leave(plans(shop), "p1.db", "p1.0.part", "p1.1.part", "p1.source", f"p1.{dead}.making")
    leave(plans(shop), "p2.3.part")  # of a worker that outlived its parent
    leave(plans(shop), "p3.db", "p3.sha256", f"p3.{dead}.making")  # died while saving: nobody was told of it
    shop.import_csv("no,name\nC3,New One\n")
    assert shop.leftovers() == [f"{saved}.db", f"{saved}.sha256"]


def test_a_sweep_leaves_alone_what_is_saved_being_made_or_not_ours(shop: Shop) -> None:
    saved = shop.save_plan(TWO)
    living = os.getppid()
    others = ["p1.db", "p1.0.part", f"p1.{living}.making", "README", "notes.txt", "x.making.bak"]
    leave(plans(shop), *others)
    sweep(plans(shop))
    assert shop.leftovers() == sorted([*others, f"{saved}.db", f"{saved}.sha256"])


def test_two_plans_are_made_at_once_without_sweeping_each_other(shop: Shop) -> None:
    with shop.session() as one, shop.session() as other:
        first = shop.plan_csv(one, TWO)
        second = shop.plan_csv(other, "no,name\nC3,New One\n")
        assert first.plan.counts.insert == 2
        first.drop()
        assert second.plan.counts.insert == 1
        second.drop()


def test_a_link_in_place_of_a_plan_is_replaced_and_not_followed(shop: Shop) -> None:
    elsewhere = shop.folder / "elsewhere"
    elsewhere.write_text("mine", encoding="utf-8")
    plans(shop).mkdir()
    (plans(shop) / "p1.db").symlink_to(elsewhere)
    PlanFile.create(plans(shop), "p1", shop.schema).close()
    assert elsewhere.read_text(encoding="utf-8") == "mine"
    assert not (plans(shop) / "p1.db").is_symlink()
