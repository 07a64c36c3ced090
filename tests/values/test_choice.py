"""values/choice.py and values/tags.py"""

from __future__ import annotations

from custrec.model.schema import Defaults, Field
from custrec.values.choice import Choice
from custrec.values.protocol import Agreement
from custrec.values.tags import Tags

STATUS = Choice(
    Field(
        "status",
        kind="choice",
        enum=("lead", "active"),
        options={"labels": {"active": ["活跃", "在用"], "lead": "线索"}},
    ),
    Defaults(),
)
TAGS = Tags(Field("tags", kind="tags"), Defaults())


def test_a_label_means_its_value():
    assert [STATUS.judge(text).value for text in ("活跃", "在用", "线索", "Active")] == [
        "active",
        "active",
        "lead",
        "active",
    ]


def test_a_label_of_two_values_means_neither():
    unclear = Choice(Field("f", kind="choice", enum=("a", "b"), options={"labels": {"a": "x", "b": "X"}}), Defaults())
    assert unclear.judge("x").fault.rule == "not-a-choice"


def test_a_fault_lists_the_choices():
    assert STATUS.judge("aktiv").fault.message == "the value is none of lead, active"


def test_tags_agree_by_what_they_share():
    assert TAGS.compare("VIP;华东", "VIP;华东") is Agreement.SAME
    assert TAGS.compare("VIP;华东", "VIP") is Agreement.CLOSE
    assert TAGS.compare("VIP;a;b;c", "VIP;d") is Agreement.WEAK
    assert TAGS.compare("VIP", "华东") is Agreement.DIFFERENT


def test_every_tag_is_a_key():
    assert TAGS.keys("VIP;华东") == ("VIP", "华东")
