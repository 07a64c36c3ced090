"""rules/survivorship.py: which value stays, whatever the order of the records."""

from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custrec.model.match import RULES, SurvivorRule
from custrec.model.schema import Field
from custrec.rules.survivorship import Claim, Stored, Undecided, survivor

TEXT = Field("note")
OLD = Claim("aaaa", record=1, set_by=1, source="crm.csv", filled=3)
NEW = Claim("bb", record=2, set_by=5, source="web-2.csv", filled=9)
MID = Claim("bb", record=3, set_by=2, source="shop.csv", filled=1)
BLANK = Claim(None, record=4, set_by=9, source="crm.csv", filled=20)


@pytest.mark.parametrize(
    ("rule", "value"),
    [
        (SurvivorRule("newest"), "bb"),
        (SurvivorRule("oldest"), "aaaa"),
        (SurvivorRule("longest"), "aaaa"),
        (SurvivorRule("most_complete"), "bb"),
        (SurvivorRule("majority"), "bb"),
        (SurvivorRule("sources", ("web*", "crm.csv")), "bb"),
        (SurvivorRule("sources", ("crm.csv", "web*")), "aaaa"),
        (SurvivorRule("sources", ("elsewhere.csv",)), "bb"),
    ],
)
def test_a_rule_keeps_the_same_value_whatever_the_order(rule: SurvivorRule, value: str) -> None:
    for claims in permutations([OLD, NEW, MID, BLANK]):
        assert survivor(TEXT, rule, claims) == value


def test_first_keeps_the_survivors_own_value_unless_it_is_blank() -> None:
    assert survivor(TEXT, SurvivorRule("first"), [BLANK, MID, OLD]) == "bb"


def test_who_was_confirmed_last_is_newest_whenever_it_was_written() -> None:
    seen = Claim("cc", record=9, set_by=1, confirmed="2026-01-01")
    assert survivor(TEXT, SurvivorRule("newest"), [NEW, seen]) == "cc"
    assert survivor(TEXT, SurvivorRule("oldest"), [NEW, seen]) == "bb"


def test_the_newest_day_is_the_latest_one_and_the_oldest_the_earliest() -> None:
    day = Field("made", type="date", kind="date")
    claims = [Claim("2024-05-01", 1, set_by=9), Claim("2025-01-01", 2, set_by=1)]
    assert survivor(day, SurvivorRule("newest"), claims) == "2025-01-01"
    assert survivor(day, SurvivorRule("oldest"), claims) == "2024-05-01"


@pytest.mark.parametrize("title", ["张总", "Mr. Miller"])
@pytest.mark.parametrize("rule", ["newest", "first", "longest", "ask"])
def test_a_form_of_address_gives_way_to_a_name(title: str, rule: str) -> None:
    name = Field("name", kind="person_name")
    claims = [Claim(title, 1, set_by=9, filled=9), Claim("张伟", 2)]
    assert survivor(name, SurvivorRule(rule), claims) == "张伟"
    assert survivor(name, SurvivorRule(rule), claims[:1]) == title
    assert survivor(TEXT, SurvivorRule("newest"), claims) == title, "in a text of any kind it is what it is"


def test_of_what_came_together_the_name_with_its_accents_stays() -> None:
    claims = [Claim("José García", 1, set_by=1, filled=3), Claim("Jose Garcia", 2, set_by=1, filled=3)]
    for some in permutations(claims):
        assert survivor(TEXT, SurvivorRule("newest"), some) == "José García"


def test_of_a_refusal_the_yes_stays() -> None:
    refused = Field("do_not_call", type="boolean", kind="boolean")
    claims = [Claim(1, 1, set_by=1), Claim(0, 2, set_by=9), Claim(None, 3)]
    assert survivor(refused, SurvivorRule("yes"), claims) == 1
    assert survivor(refused, SurvivorRule("yes"), claims[1:]) == 0


def test_the_strictest_is_no_before_yes_and_what_an_enum_declares_first() -> None:
    mail = Field("mail", type="boolean", kind="boolean")
    assert survivor(mail, SurvivorRule("strictest"), [Claim(1, 1, set_by=9), Claim(0, 2), Claim(None, 3)]) == 0
    consent = Field("consent", enum=("none", "post", "all"))
    claims = [Claim("all", 1), Claim("post", 2), Claim("since gone", 3)]
    assert survivor(consent, SurvivorRule("strictest"), claims) == "post"


def test_a_union_joins_tags_and_the_lines_of_texts() -> None:
    tags = Field("tags", kind="tags")
    assert survivor(tags, SurvivorRule("union"), [Claim("b;c", 1), Claim(None, 2), Claim("a;b", 3)]) == "a;b;c"
    assert survivor(TEXT, SurvivorRule("union"), [Claim("x\ny", 1), Claim("y\nz", 2)]) == "x\ny\nz"


def test_whoever_is_to_be_asked_is_asked_only_where_values_differ() -> None:
    assert survivor(TEXT, SurvivorRule("ask"), [NEW, MID, BLANK]) == "bb"
    with pytest.raises(Undecided):
        survivor(TEXT, SurvivorRule("ask"), [NEW, OLD])


values = st.one_of(st.none(), st.sampled_from(["a", "bb", "ccc"]))


@given(st.sampled_from([rule for rule in RULES if rule != "ask"]), st.lists(values, min_size=1, max_size=5))
def test_blanks_never_win_and_nothing_is_made_up(rule: str, said: list[Stored]) -> None:
    field = Field("note", enum=("a", "bb"))
    kept = survivor(field, SurvivorRule(rule), [Claim(value, record) for record, value in enumerate(said, 1)])
    assert (kept is None) == all(value is None for value in said)
    if rule != "union":
        assert kept in said
