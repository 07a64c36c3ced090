"""Rows that are taken and doubted, in the plan's file: what is noted of a row stands together (store.suspects)."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing

from custrec.store.coded_columns import AT_ONCE
from custrec.store.newcomers import lines_of
from custrec.store.plan_file import CHUNK_BITS, PlanFile
from custrec.store.suspects import suspect, suspected, suspects
from shops import Shop


def test_a_row_that_is_doubted_twice_stands_there_once_with_both_faults_in_their_order(shop: Shop) -> None:
    folder = shop.folder / "custrec.plans"
    folder.mkdir(exist_ok=True)
    with closing(PlanFile.create(folder, "p1", shop.schema)) as file:
        assert list(suspects(file)) == [] and suspected(file, "maybe-duplicate") == 0
        second = 1 << CHUNK_BITS
        suspect(file, "erased-before", ("by",), [(second, 40, "phone")])
        suspect(
            file, "maybe-duplicate", ("of", "chance"), [(3, 5, 'line "2"', "91.0 %"), (second, 40, "a #7", "99.99 %")]
        )
        found = [(line, chunk, cells, json.loads(faults)) for line, chunk, cells, faults in suspects(file)]
        assert found == [
            (5, 0, None, [[None, "maybe-duplicate", {"of": 'line "2"', "chance": "91.0 %"}]]),
            (
                40,
                1,
                None,
                [
                    [None, "erased-before", {"by": "phone"}],
                    [None, "maybe-duplicate", {"of": "a #7", "chance": "99.99 %"}],
                ],
            ),
        ]
        assert [suspected(file, rule) for rule in ("maybe-duplicate", "erased-before", "erased-value")] == [2, 1, 0]


def test_the_lines_of_many_rows_are_those_of_few() -> None:
    with closing(sqlite3.connect(":memory:")) as db:
        db.execute("CREATE TABLE rows (_seq INTEGER PRIMARY KEY, _line INTEGER)")
        db.executemany("INSERT INTO rows VALUES (?, ?)", ((seq, 2 * seq) for seq in range(AT_ONCE + 10)))
        assert lines_of(db, ["rows"], [3, 7]) == {3: 6, 7: 14}
        many = lines_of(db, ["rows"], range(AT_ONCE + 5))
        assert all(many[seq] == 2 * seq for seq in range(AT_ONCE + 5))
