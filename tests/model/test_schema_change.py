"""What changes between two schemas: what is the same, which ids it keeps, and the words for it."""

from __future__ import annotations

from custrec.model.schema import Field, Schema, Table
from custrec.model.schema_change import SchemaChange, differences, limits, numbered


def table(name: str, *fields: Field, number: int = 0, was: tuple[str, ...] = (), key: tuple[str, ...] = ()) -> Table:
    return Table(name, id=number, was=was, fields=fields, primary_key=key)


APPLIED = Schema((table("people", Field("no", id=1), Field("tel", id=4), number=2, key=("no",)),))
GIVEN = {2: 6, 3: 1}
"""A third table was once there, and the second had six fields."""


def change(*tables: Table, keeps: bool = True) -> SchemaChange:
    return numbered(APPLIED, Schema(tables), GIVEN, lambda *_: keeps)


def ids(found: SchemaChange) -> dict[str, tuple[int, dict[str, int]]]:
    return {t.name: (t.id, {f.name: f.id for f in t.fields}) for t in found.after.tables}


def test_what_is_known_by_name_or_by_a_former_name_keeps_its_id() -> None:
    found = change(table("clients", Field("phone", was=("tel",)), Field("no"), was=("people",)))
    assert ids(found) == {"clients": (2, {"phone": 4, "no": 1})}
    assert [d.what for d in differences(found)] == ["renamed-table", "key", "renamed-field", "order"]


def test_what_is_new_never_gets_an_id_that_was_given_before() -> None:
    found = change(table("people", Field("no"), Field("tel"), Field("city")), table("calls", Field("at")))
    assert ids(found) == {"people": (2, {"no": 1, "tel": 4, "city": 7}), "calls": (4, {"at": 1})}


def test_a_field_whose_values_mean_something_else_gets_another_id() -> None:
    found = change(table("people", Field("no"), Field("tel", kind="integer")), keeps=False)
    assert ids(found)["people"][1] == {"no": 7, "tel": 8}
    assert all(pair.anew for pair in found.tables[0].fields)


def test_a_former_name_that_another_field_takes_is_a_rename_and_a_new_field() -> None:
    found = change(table("people", Field("no"), Field("phone", was=("tel",)), Field("tel")))
    assert ids(found)["people"][1] == {"no": 1, "phone": 4, "tel": 7}


def test_a_former_name_of_what_is_known_by_its_own_says_nothing() -> None:
    found = change(table("people", Field("no", was=("tel",)), Field("tel")))
    assert ids(found)["people"][1] == {"no": 1, "tel": 4}


def test_a_name_that_stands_nowhere_any_more_goes() -> None:
    found = change(table("people", Field("no"), key=("no",)))
    assert [(d.field, d.what) for d in differences(found)] == [("tel", "dropped-field")]


def test_limits_are_told_as_wider_or_narrower() -> None:
    def told(was: Field, will: Field) -> list[str]:
        return [what for what, _ in limits(was, will)]

    assert told(Field("a", max_length=5), Field("a", max_length=9)) == ["wider"]
    assert told(Field("a", max_length=9), Field("a", max_length=5)) == ["narrower"]
    assert told(Field("a", min_length=9), Field("a")) == ["wider"]
    assert told(Field("a", enum=("x",)), Field("a", enum=("x", "y"))) == ["wider"]
    assert told(Field("a", enum=("x", "y")), Field("a", enum=("y", "z"))) == ["wider", "narrower"]
    assert told(Field("a"), Field("a", enum=("y",))) == ["narrower"]
    assert told(Field("a", enum=("y",)), Field("a")) == ["wider"]
    assert told(Field("a", minimum="1"), Field("a", minimum="0")) == ["narrower"]
    assert told(Field("a", pattern="x"), Field("a")) == ["wider"]
