"""What holds of every kind of value, over the registry: of any text, however odd."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from custrec.model.problem import SENTENCES
from custrec.model.schema import Defaults, Field
from custrec.values.cleaning import clean
from custrec.values.protocol import Agreement, ValueType
from custrec.values.registry import KINDS, for_field

DEFAULTS = Defaults(region="CN", currency="CNY", timezone="Asia/Shanghai")
ENUM = ("lead", "active", "former", "深圳")
VARIANTS: dict[str, list[dict[str, object]]] = {
    "date": [{}, {"dateOrder": "dmy"}, {"format": "%d.%m.%Y"}],
    "number": [{}, {"decimals": 2}, {"decimalChar": ","}],
    "money": [{}, {"currency": "JPY"}, {"decimalChar": ","}],
    "integer": [{}, {"decimalChar": ","}],
    "identifier": [{}, {"format": "cn.uscc"}, {"format": "iban"}],
    "boolean": [{}, {"trueValues": ["有"], "falseValues": ["无"]}],
    "datetime": [{}, {"dateOrder": "mdy"}],
    "choice": [{}, {"labels": {"active": ["活跃", "在用"]}}],
}


def variants() -> list[ValueType]:
    """Every kind with its options, and those that read a cell beside once more with one."""
    made = []
    for kind in KINDS:
        enum = ENUM if kind == "choice" else ()
        fields = [Field("f", kind=kind, enum=enum, options=options) for options in VARIANTS.get(kind, [{}])]
        made += [for_field(field, DEFAULTS) for field in fields]
    made.append(for_field(Field("f", kind="tags", enum=ENUM), DEFAULTS))
    made.append(for_field(Field("f", kind="phone", region_field="country"), DEFAULTS))
    made.append(for_field(Field("f", kind="money", currency_field="currency"), DEFAULTS))
    return made


TYPES = variants()
BESIDE = {
    "country": ["CN", "United States", "德国", "Atlantis", None],
    "currency": ["CNY", "JPY", "美元", "Taler", None],
}
LABELLED = {
    path.stem: [row.split("\t")[0] for row in path.read_text("utf-8").splitlines() if row and not row.startswith("# ")]
    for path in (Path(__file__).parent / "labelled").glob("*.tsv")
    if not path.stem.endswith(".pairs")
}
EVERY_LABELLED = sorted({text for texts in LABELLED.values() for text in texts})

odd = st.text(max_size=30)
typed = st.text("0123456789 -+.,/()¥$元万年月日:@abcEeZTＡ１　张伟先生有限公司（）;、；·\n", max_size=24)
texts = (odd | typed | st.sampled_from(EVERY_LABELLED)).map(lambda text: clean(text, frozenset()))
some_type = st.sampled_from(TYPES)


def besides(value_type: ValueType) -> st.SearchStrategy[str | None]:
    return st.sampled_from(BESIDE[value_type.beside]) if value_type.beside else st.none()


def name_of(value_type: ValueType) -> str:
    return f"{value_type.kind}-{dict(value_type.field.options) or value_type.beside or ''}"


@pytest.mark.parametrize("value_type", TYPES, ids=name_of)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_what_is_shown_is_read_as_the_same_value_and_shown_the_same(value_type: ValueType, data: st.DataObject):
    text, near = data.draw(texts), data.draw(besides(value_type))
    if text is None:
        return
    reading = value_type.judge(text, near)
    if reading.fault is not None:
        assert reading.value is None
        assert reading.fault.rule in SENTENCES and reading.fault.message
    elif reading.value is not None:
        shown = value_type.show(reading.value, near)
        again = value_type.judge(shown, near)
        assert again.value == reading.value
        assert type(again.value) is type(reading.value)
        assert not again.lossy


@pytest.mark.parametrize("value_type", TYPES, ids=name_of)
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_a_column_is_judged_as_its_rows_are(value_type: ValueType, data: st.DataObject):
    own = st.sampled_from(LABELLED[value_type.kind])
    column = data.draw(st.lists(texts | own, max_size=12))
    column += column[:3]
    near = data.draw(st.lists(besides(value_type), min_size=len(column), max_size=len(column)))
    beside = near if value_type.beside else None
    for _ in range(2):  # also from memory
        judged = value_type.judge_column(column, beside)
        assert len(judged.values) == len(column)
        for row, text in enumerate(column):
            if text is None:
                assert judged.values[row] is None and row not in judged.faults
                continue
            one = value_type.judge(text, near[row])
            assert judged.values[row] == one.value
            assert judged.faults.get(row) == one.fault
            assert (row in judged.lossy) == one.lossy


@pytest.mark.parametrize("value_type", TYPES, ids=name_of)
def test_every_labelled_text_is_judged_alike_in_a_column(value_type: ValueType):
    judged = value_type.judge_column(EVERY_LABELLED, ["CN"] * len(EVERY_LABELLED) if value_type.beside else None)
    for row, text in enumerate(EVERY_LABELLED):
        one = value_type.judge(text, "CN" if value_type.beside else None)
        assert (judged.values[row], judged.faults.get(row), row in judged.lossy) == (one.value, one.fault, one.lossy)


@pytest.mark.parametrize("value_type", TYPES, ids=name_of)
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_a_mask_never_holds_the_value(value_type: ValueType, data: st.DataObject):
    text = data.draw(texts | st.sampled_from(LABELLED[value_type.kind]))
    value = None if text is None else value_type.judge(text, "CN" if value_type.beside else None).value
    if value is None:
        assert value_type.mask(None) == ""
        return
    mask, shown = value_type.mask(value), value_type.show(value, "CNY" if value_type.kind == "money" else None)
    if set(shown) - set("*-"):
        assert shown not in mask
        if len(str(value)) > 4:
            assert str(value)[1:] not in mask and str(value)[:-1] not in mask
    assert "*" in mask


@pytest.mark.parametrize("value_type", TYPES, ids=name_of)
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_comparison_is_symmetric_and_equals_are_the_same(value_type: ValueType, data: st.DataObject):
    own = texts | st.sampled_from(LABELLED[value_type.kind])
    one, two = (
        None if text is None else value_type.judge(text, "CN" if value_type.kind == "phone" else None).value
        for text in (data.draw(own), data.draw(own))
    )
    assert value_type.compare(one, two) is value_type.compare(two, one)
    assert value_type.compare(one, one) is (Agreement.UNKNOWN if one is None else Agreement.SAME)
    if one is None or two is None:
        assert value_type.compare(one, two) is Agreement.UNKNOWN


@pytest.mark.parametrize("value_type", TYPES, ids=name_of)
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_keys_are_texts_and_equal_values_share_them_all(value_type: ValueType, data: st.DataObject):
    text = data.draw(texts | st.sampled_from(LABELLED[value_type.kind]))
    value = None if text is None else value_type.judge(text, None).value
    keys = value_type.keys(value)
    assert isinstance(keys, tuple) and all(isinstance(key, str) and key for key in keys)
    assert keys == value_type.keys(value)


@pytest.mark.parametrize("value_type", TYPES, ids=name_of)
def test_a_blank_has_no_keys_no_text_and_no_order(value_type: ValueType):
    assert value_type.keys(None) == ()
    assert value_type.show(None) == ""
    assert value_type.order(None) is None


@pytest.mark.parametrize("value_type", TYPES, ids=name_of)
def test_every_kind_describes_itself(value_type: ValueType):
    description = value_type.describe()
    assert description.title and description.takes and description.example


@given(some_type, texts)
def test_no_fault_repeats_the_text(value_type: ValueType, text: str | None):
    if text is None or len(text) < 4 or not text.isalpha():
        return
    fault = value_type.judge(text, None).fault
    if fault is not None and not value_type.field.enum:
        assert text not in str(dict(fault.params))
