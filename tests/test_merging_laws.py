"""Laws of merging: whatever was merged, edited, taken apart and undone, the store is whole, and all comes back."""

from __future__ import annotations

import contextlib
import random
import subprocess
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from custrec.errors import CustrecError
from shops import Shop, environment
from terminal import started

PEOPLE = "no,name,company,code,city,visits,credit\n" + "".join(
    f"C{n},Name {n},{'' if n % 2 else f'Firm {n} Ltd'},{f'k{n}' if n % 3 else ''},{'Leeds' if n % 2 else ''},{n},\n"
    for n in range(1, 6)
)
NOTES = "no,text\n" + "".join(f"C{n},note {n}\n" for n in range(1, 6))
NAMES = [f"C{n}" for n in range(1, 6)]

names = st.sampled_from(NAMES)
steps = st.one_of(
    st.tuples(st.just("merge"), st.lists(names, min_size=2, max_size=3, unique=True)),
    st.tuples(st.just("split"), st.lists(names, min_size=1, max_size=2, unique=True)),
    st.tuples(st.just("edit"), st.tuples(names, st.sampled_from(["York", "Hull", ""]))),
    st.tuples(st.just("note"), names),
    st.tuples(st.just("code"), st.tuples(names, st.sampled_from(["k1", "k2", "x", ""]))),
    st.tuples(st.just("different"), st.lists(names, min_size=2, max_size=2, unique=True)),
    st.tuples(st.just("undo"), st.none()),
    st.tuples(st.just("redo"), st.none()),
)


def take(shop: Shop, what: str, said: object) -> None:
    """One step; what cannot be done is refused, and that is well."""
    with contextlib.suppress(CustrecError):
        match what, said:
            case "merge", [*records]:
                shop.merge(*map(str, records))
            case "split", [first, *others]:
                shop.split(str(first), *map(str, others))
            case "edit", (record, city):
                shop.edit(str(record), city=str(city))
            case "code", (record, code):
                shop.edit(str(record), code=str(code))
            case "note", record:
                shop.import_csv(f"no,text\n{record},since\n", "notes")
            case "different", [*records]:
                shop.differ(*map(str, records))
            case "undo", _:
                shop.undo()
            case _:
                shop.redo()


def broken(shop: Shop) -> list[object]:
    """What no store may hold: a pointer to what is no survivor, an active child of a merged record, two that are said
    to be different and are one."""
    return [
        *shop.rows(
            "SELECT 'pointer', m._id FROM customers m LEFT JOIN customers s ON s._id = -m._state "
            "WHERE m._state < 0 AND (s._id IS NULL OR s._state < 0)"
        ),
        *shop.rows(
            "SELECT 'child', n._id FROM notes n JOIN customers c ON c._id = n.no WHERE n._state = 0 AND c._state < 0"
        ),
        *shop.rows(
            "SELECT 'different', v._id FROM _verdict v JOIN customers a ON a._id = v.one JOIN customers b "
            "ON b._id = v.other WHERE iif(a._state < 0, -a._state, a._id) = iif(b._state < 0, -b._state, b._id)"
        ),
    ]


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(steps, min_size=1, max_size=8))
def test_whatever_was_done_the_store_is_whole_and_undoing_all_of_it_gives_it_back(
    done: list[tuple[str, object]],
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        shop = Shop(Path(folder) / "shop")
        shop.import_csv(PEOPLE)
        shop.import_csv(NOTES, "notes")
        before = shop.tables()
        first = shop.rows("SELECT max(id) FROM _event")[0][0]
        for what, said in done:
            take(shop, what, said)
            assert broken(shop) == []
        assert shop.faults() == []
        for (event,) in shop.rows("SELECT id FROM _event WHERE id > ? ORDER BY id DESC", first):
            shop.undo(event)
        assert shop.tables() == before
        assert shop.faults() == []


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.lists(names, min_size=2, max_size=4, unique=True), min_size=1, max_size=3),
    st.permutations(NAMES),
)
@example([["C2", "C4"], ["C1", "C5", "C2"]], ["C3", "C4", "C5", "C2", "C1"])
def test_taking_everything_apart_gives_the_records_back_as_they_were(merges: list[list[str]], order: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        shop = Shop(Path(folder) / "shop")
        shop.import_csv(PEOPLE)
        shop.import_csv(NOTES, "notes")
        before = shop.tables()
        for records in merges:
            with contextlib.suppress(CustrecError):
                shop.merge(*records)
        for name in order:
            with contextlib.suppress(CustrecError):
                shop.split(order[0], name)
            with contextlib.suppress(CustrecError):
                shop.split(name)
        assert shop.tables() == before
        assert shop.faults() == []


def test_a_merge_that_is_killed_has_happened_or_not(tmp_path: Path) -> None:
    shop = Shop(tmp_path / "shop")
    shop.import_csv("no,name,city\n" + "".join(f"C{n},Name {n},Town {n}\n" for n in range(8_000)))
    clusters = tmp_path / "clusters.jsonl"
    clusters.write_text(
        "".join(f'{{"members": [{{"id": {n}}}, {{"id": {n + 4_000}}}]}}\n' for n in range(1, 4_001)), encoding="utf-8"
    )
    words = ["dedupe", "merge", "--from", clusters, "--store", shop.path, "--max-change", "99999"]
    dice, before = random.Random(7), shop.tables()
    for _ in range(5):
        process = started(words, tmp_path, environment())
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(dice.uniform(0.1, 1.6))
        process.kill()
        process.wait()
        if shop.tables() != before:
            assert shop.rows("SELECT count(*) FROM customers WHERE _state < 0") == [(4_000,)]
            assert shop.undo().plan.counts.update == 8_000
        assert shop.tables() == before
        assert shop.faults() == []
