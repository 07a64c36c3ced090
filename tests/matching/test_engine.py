"""The engine from columns to clusters (matching/engine.py): quality floors, laws, and lists that are hardly lists."""

from __future__ import annotations

import json
import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from custrec.matching.engine import Found, Options, Verdicts, find
from custrec.matching.explanation import explain
from custrec.matching.incremental import judge_pairs, record_keys
from custrec.matching.model import Model
from custrec.model.schema import Defaults, Field
from custrec.values.comparing import comparing_in
from custrec.values.registry import for_field
from doubled_lists import (
    ARTICLE_KINDS,
    FIRM_KINDS,
    FIRMS,
    FIRST,
    KINDS,
    LAST,
    MEMBER_KINDS,
    OFFICE_KINDS,
    STREETS,
    SYLLABLES,
    TOWN_KINDS,
    Record,
    articles,
    columns_of,
    firms,
    households,
    members,
    offices,
    pairwise,
    townsfolk,
)


def groups(found: Found, names: list[int]) -> set[frozenset[int]]:
    """The clusters as sets of the records' own numbers."""
    by_label: dict[int, set[int]] = {}
    for row, label in enumerate(found.clusters.tolist()):
        by_label.setdefault(label, set()).add(names[row])
    return {frozenset(some) for some in by_label.values()}


@pytest.mark.parametrize("people", [300, 2000])
def test_relatives_are_told_from_copies(people):
    records, truth = households(people)
    found = find(columns_of(records))
    precision, recall = pairwise(truth, found.clusters.tolist())
    assert precision > 0.97
    assert recall > 0.92


def test_colleagues_at_one_office_are_told_from_copies():
    records, truth = offices(2500)
    found = find(columns_of(records, OFFICE_KINDS))
    precision, recall = pairwise(truth, found.clusters.tolist())
    assert precision > 0.95
    assert recall > 0.95
    sure = found.probability >= 0.99
    assert (np.array(truth)[found.left] == np.array(truth)[found.right])[sure].mean() > 0.99


def test_colleagues_are_told_apart_where_one_field_has_the_whole_name_and_addresses_are_made_of_it():
    records, truth = offices(4000, seed=2)
    whole = [{**record, "name": f"{record['first']} {record['last']}"} for record in records]
    kinds = {"name": "person_name"} | {
        name: OFFICE_KINDS[name] for name in OFFICE_KINDS.keys() - {"first", "last", "born"}
    }
    precision, recall = pairwise(truth, find(columns_of(whole, kinds)).clusters.tolist())
    assert precision > 0.97
    assert recall > 0.98


def test_forty_who_share_all_but_their_names_are_forty():
    chance = random.Random(1)
    office: Record = {
        "street": "1 main street",
        "phone": "+13125550100",
        "mail": "info@harbor.com",
        "firm": "Harbor Foods",
    }
    records: list[Record] = []
    for number in range(600):
        name = f"{chance.choice(FIRST)} {''.join(chance.choices(SYLLABLES, k=3))}"
        one: Record = {"name": name, "street": f"{number} {chance.choice(STREETS)} street"}
        one |= {"phone": f"+1312{chance.randint(2000000, 9999999)}", "mail": f"u{number}@example.com"}
        one["firm"] = chance.choice(FIRMS)
        records += [one, {**one, "name": name[:-2] + name[-1] + name[-2]}] if number % 12 == 0 else [one]
    records += [{**office, "name": f"{first} {last}"} for first in FIRST[:8] for last in LAST[:5]]
    kinds = {"name": "person_name"} | {name: OFFICE_KINDS[name] for name in ("mail", "street", "phone", "firm")}
    clusters = find(columns_of(records, kinds)).clusters.tolist()
    assert len(set(clusters[-40:])) == 40
    assert len(set(clusters)) == 640


def colleagues() -> tuple[list[Record], dict[str, str]]:
    """Fifteen hundred strangers, some twice, and forty colleagues with an extension each at one switchboard."""
    chance = random.Random(4)
    surnames, given = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗", "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华"
    records: list[Record] = []
    for number in range(1500):
        name = chance.choice(surnames) + "".join(chance.choices(given, k=2))
        one: Record = {"name": name, "firm": f"{chance.choice('华恒金宏瑞')}{chance.choice('泰信辉远丰')}贸易有限公司"}
        one |= {"phone": f"+861{chance.randint(30, 39)}{chance.randint(10**7, 10**8 - 1)}"}
        one |= {"street": f"北京市海淀区{chance.choice('文和平新')}化路{number}号"}
        records += [one, {**one, "firm": None}] if number % 10 == 0 else [one]
    office: Record = {"firm": "成都蜀汉科技有限公司", "street": "成都市武侯区科华北路1号"}
    names = sorted({a + b + c for a in "王李刘" for b in given[:12] for c in given[:12]})
    records += [
        {**office, "name": name, "phone": f"+862885551234;ext={801 + at}"}
        for at, name in enumerate(chance.sample(names, 40))
    ]
    return records, {"name": "person_name", "firm": "org_name", "phone": "phone", "street": "address"}


def test_colleagues_with_an_extension_each_are_no_likelier_one_than_those_with_one_number():
    records, kinds = colleagues()
    found = find(columns_of(records, kinds))
    assert len(set(found.clusters.tolist()[-40:])) == 40
    types = {name: for_field(Field(name, kind=kind), Defaults()) for name, kind in kinds.items()}
    one, two = records[-2:]
    bits = {
        number: explain(found.model, types, {**one, "phone": number}, {**two, "phone": number}).fields
        for number in ("+862885551234", one["phone"])
    }
    apart = explain(found.model, types, one, two)
    (phone,) = [field for field in apart.fields if field.name == "phone"]
    assert phone.level == "the same line, another extension"
    assert phone.frequency is not None and 0.01 < phone.frequency < 0.04
    for same in bits.values():
        assert all(phone.bits < field.bits for field in same if field.name == "phone")


def test_who_is_told_with_his_extension_and_without_is_found():
    records, kinds = colleagues()
    copies = [{**one, "phone": "+862885551234"} for one in records[-40::4]]
    found = find(columns_of(records + copies, kinds))
    clusters = found.clusters.tolist()
    assert len(set(clusters[-50:-10])) == 40
    joined = [copy == original for copy, original in zip(clusters[-10:], clusters[-50:-10:4], strict=True)]
    assert sum(joined) >= 8 and len(set(clusters[-50:])) == 40 + joined.count(False)


def test_namesakes_of_one_town_are_told_from_copies_and_the_moved_are_found():
    records, truth = townsfolk(6000)
    found = find(columns_of(records, TOWN_KINDS))
    precision, recall = pairwise(truth, found.clusters.tolist())
    assert precision > 0.96
    assert recall > 0.84
    same = np.array(truth)[found.left] == np.array(truth)[found.right]
    assert same[found.probability >= 0.75].mean() > 0.95


def test_members_of_a_family_are_told_apart_where_one_field_has_the_whole_name():
    records, truth = members(4000)
    found = find(columns_of(records, MEMBER_KINDS))
    precision, recall = pairwise(truth, found.clusters.tolist())
    assert precision > 0.83
    assert recall > 0.93
    sure = found.probability >= 0.999
    assert (np.array(truth)[found.left] == np.array(truth)[found.right])[sure].mean() > 0.98


def test_articles_of_one_line_are_not_taken_for_one_where_nobody_could_tell_them_apart():
    records, truth = articles(2000)
    found = find(columns_of(records, ARTICLE_KINDS))
    wrong = np.array(truth)[found.left] != np.array(truth)[found.right]
    assert (wrong & (found.probability >= 0.75)).sum() < 0.01 * len(records)


def test_what_goes_on_hides_no_copies_in_lists_of_a_dozen():
    kinds = {name: KINDS[name] for name in ("first", "last", "born")}
    kinds |= {"visits": "integer", "points": "integer", "owner": "text", "since": "date"}
    met = copies = 0
    for seed in range(10):
        chance = random.Random(seed)
        records, truth = households(8, seed)
        for record in records:
            record["visits"], record["points"] = chance.randrange(40), chance.randrange(5000)
            record["owner"] = chance.choice(["Mary Major", "Richard Roe", "the branch in the station"])
            record["since"] = f"{chance.randint(2012, 2026)}-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}"
        precision, recall = pairwise(truth, find(columns_of(records, kinds)).clusters.tolist())
        assert precision == 1 or recall == 0
        copies += len(records) - len(set(truth))
        met += round(recall * (len(records) - len(set(truth))))
    assert met > 0.75 * copies


@pytest.mark.parametrize("count", [8, 15, 30, 60])
@pytest.mark.parametrize("kind", ["org_name", "text"])
def test_firms_of_one_town_are_not_one_in_a_short_list(count, kind):
    met = copies = 0
    for seed in range(8):
        records, truth = firms(count, seed)
        found = find(columns_of(records, {**FIRM_KINDS, "firm": kind}))
        wrong = np.array(truth)[found.left] != np.array(truth)[found.right]
        assert not (wrong & (found.probability >= 0.75)).any()
        copies += len(truth) - len(set(truth))
        met += round(pairwise(truth, found.clusters.tolist())[1] * (len(truth) - len(set(truth))))
    assert kind == "text" or met > 0.8 * copies


def test_firms_that_go_by_other_names_are_found_in_a_long_list():
    chance = random.Random(3)
    records, truth = firms(3000, seed=3)
    for firm, record in list(zip(truth, records, strict=True)):
        if chance.random() < 0.3:
            known_as = "".join(chance.choices(SYLLABLES, k=3)).title() if chance.random() < 0.4 else record["firm"]
            records.append({**record, "firm": known_as, "trade": chance.choice(["retail", "services"])})
            truth.append(firm)
    precision, recall = pairwise(truth, find(columns_of(records, FIRM_KINDS)).clusters.tolist())
    assert precision > 0.95
    assert recall > 0.95


def test_rare_names_alone_say_who_is_the_same_and_frequent_ones_do_not():
    records, truth = townsfolk(2500, seed=3)
    names = [{"name": f"{record['first']} {record['last']}"} for record in records]
    precision, recall = pairwise(truth, find(columns_of(names, {"name": "person_name"})).clusters.tolist())
    assert precision > 0.95
    assert recall > 0.2


def test_less_of_a_budget_compares_fewer_pairs_and_finds_the_surest():
    records, truth = offices(2500, seed=6)
    columns = columns_of(records, OFFICE_KINDS)
    free, bound = (find(columns, Options(pairs_per_record=some)) for some in (12.0, 0.05))
    assert bound.compared < free.compared
    assert pairwise(truth, bound.clusters.tolist())[0] > 0.95


def test_a_frozen_model_makes_the_keys_that_it_was_learned_with():
    records, _ = households(900, seed=3)
    model = find(columns_of(records)).model
    longer = [{**record, "street": f"{record['street']}, the second house behind the church"} for record in records]
    once = find(columns_of(records + longer), model=model)
    kept = record_keys(columns_of(records + longer), model)
    met = {at for at in range(len(model.keys)) if (once.keys == at).any()}
    for left, right, key in zip(once.left.tolist(), once.right.tolist(), once.keys.tolist(), strict=True):
        assert key < 0 or set(kept[:, left].tolist()) & set(kept[:, right].tolist()) - {0}
    assert met


def test_probabilities_are_about_what_they_say():
    records, truth = households(2000, seed=2)
    found = find(columns_of(records))
    right = np.array(truth)[found.left] == np.array(truth)[found.right]
    sure = found.probability >= 0.9
    assert right[sure].mean() > 0.9
    assert abs(right[sure].mean() - found.probability[sure].mean()) < 0.05


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 1000))
def test_the_order_of_rows_changes_nothing(seed):
    records, _ = households(120, seed)
    order = list(range(len(records)))
    random.Random(seed).shuffle(order)
    one, two = find(columns_of(records)), find(columns_of([records[at] for at in order]))
    identity = list(range(len(records)))
    weighed = {
        tuple(sorted((order[a], order[b]))): p
        for a, b, p in zip(two.left.tolist(), two.right.tolist(), two.odds.tolist(), strict=True)
    }
    assert weighed == {
        (a, b): p for a, b, p in zip(one.left.tolist(), one.right.tolist(), one.odds.tolist(), strict=True)
    }
    assert len(groups(one, identity)) == len(groups(two, order))


def test_the_order_of_rows_changes_nothing_where_keys_are_chosen():
    records, _ = households(900, seed=5)
    assert len(records) > 1000
    turned = records[::-1]
    one, two = find(columns_of(records)), find(columns_of(turned))
    last = len(records) - 1
    assert one.model.document() == two.model.document()
    assert {(last - b, last - a) for a, b in zip(two.left.tolist(), two.right.tolist(), strict=True)} == set(
        zip(one.left.tolist(), one.right.tolist(), strict=True)
    )


def test_what_a_pair_is_worth_depends_neither_on_who_comes_first_nor_on_who_else_is_looked_at():
    chance = random.Random(3)
    records, _ = households(500, seed=6)
    for record in records:
        record["mobile"], record["phone"] = f"+4477{chance.randrange(10**3):08d}", f"+44113{chance.randrange(60):07d}"
        if chance.random() < 0.3:
            record["first"], record["last"] = record["last"], record["first"]
        if chance.random() < 0.3:
            record["mobile"], record["phone"] = record["phone"], record["mobile"]
    kinds = {**KINDS, "mobile": "phone", "phone": "phone"}
    columns = columns_of(records, kinds)
    found = find(columns)
    assert len(found.left) > 100
    for left, right, odds in zip(found.left.tolist(), found.right.tolist(), found.odds.tolist(), strict=True):
        for rows in ([left, right], [right, left]):
            alone = judge_pairs(columns_of([records[row] for row in rows], kinds), found.model, [0], [1])
            assert alone.odds[0] == pytest.approx(odds, abs=1e-9)


@pytest.mark.parametrize("threads", [2, 5])
def test_the_number_of_threads_changes_nothing(threads):
    records, _ = households(1500)
    one = find(columns_of(records))
    with comparing_in(threads):
        two = find(columns_of(records))
    assert one.model.document() == two.model.document()
    for name in ("left", "right", "odds", "levels", "keys", "clusters"):
        assert np.array_equal(getattr(one, name), getattr(two, name))


def test_a_frozen_model_comes_back_from_json_and_judges_alike():
    records, _ = households(900, seed=3)
    found = find(columns_of(records))
    again = Model.of(json.loads(json.dumps(found.model.document())))
    frozen = find(columns_of(records), model=again)
    assert frozen.left.tolist() == found.left.tolist()
    assert frozen.odds == pytest.approx(found.odds)
    assert frozen.clusters.tolist() == found.clusters.tolist()


def test_what_people_said_holds():
    records, _ = households(300)
    columns = columns_of(records)
    found = find(columns)
    sure = int(np.argmax(found.odds))
    one, two = int(found.left[sure]), int(found.right[sure])
    apart = find(columns, verdicts=Verdicts(apart=[(two, one)]))
    assert found.clusters[one] == found.clusters[two]
    assert apart.clusters[one] != apart.clusters[two]
    strangers = next(row for row in range(len(records)) if found.clusters[row] not in (found.clusters[one],))
    joined = find(columns, verdicts=Verdicts(together=[(one, strangers)]))
    assert joined.clusters[one] == joined.clusters[strangers]


def test_a_veto_keeps_records_apart():
    records = [{"first": "ann", "last": "lee", "mail": f"ann{n}@example.com", "street": "1 oak street"} for n in (1, 1)]
    records[0]["born"], records[1]["born"] = "1980-01-01", "1955-07-23"
    records += households(200)[0]
    found = find(columns_of(records), Options(veto=("born",), keep=1e-6))
    assert found.clusters[0] != found.clusters[1]


@pytest.mark.parametrize(
    "records",
    [
        [{"first": "ann", "last": "lee"}],
        [{"first": "ann", "last": "lee"}] * 2,
        [{"first": "ann", "last": "lee", "mail": "a@example.com"}] * 1500,
        [{"first": None}] * 5,
        [{"mail": f"m{n}@example.com"} for n in range(1200)],
    ],
    ids=["one row", "two rows", "all the same", "all blank", "one field"],
)
def test_lists_that_are_hardly_lists_give_plain_results(records):
    found = find(columns_of(records))
    assert len(found.clusters) == len(records)


def test_a_switchboard_brings_nobody_together():
    chance = random.Random(4)
    kinds = {"name": "person_name", "phone": "phone"}
    letters = "abcdefghijklmnopqrstuvwxyz"
    names = ["".join(chance.choices(letters, k=6)) + " " + "".join(chance.choices(letters, k=8)) for _ in range(6000)]
    records = [{"name": name, "phone": "+8675512345678"} for name in names]
    found = find(columns_of(records, kinds))
    assert len(found.left) == 0


def test_a_missing_column_is_no_error():
    records, _ = households(200)
    found = find(columns_of([{**record, "mail": None} for record in records]))
    assert [field.name for field in found.model.fields] == [name for name in KINDS if name != "mail"]
