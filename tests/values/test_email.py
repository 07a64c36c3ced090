"""values/email.py"""

from __future__ import annotations

import random

import pytest
from email_validator import EmailNotValidError, validate_email
from hypothesis import given, settings
from hypothesis import strategies as st

from custrec.model.schema import Defaults, Field
from custrec.values.email import Email
from custrec.values.protocol import Agreement

EMAIL = Email(Field("email", kind="email"), Defaults())
GOOD_DOMAINS = [
    "163.com",
    "QQ.com",
    "example.com",
    "x-y.io",
    "b.c",
    "sub.domain.co.uk",
    f"{'d' * 63}.com",
    "xn--80ak.com",
]
ODD_DOMAINS = ["b", "a..b", "-a.com", "a-.com", "x.test", "localhost", "例子.中国", "xn--fsqu00a.xn--fiqs8s"]
ODD_DOMAINS += ["1.2.3.4", "[1.2.3.4]", "a b.com", "example.com.", "ex_ample.com", "", "müller.de", "xn--a.com"]
ODD_DOMAINS += [f"{'d' * 64}.com", f"{'d.' * 120}com", "a.b@c.com", "ab--cd.com", "b.c0m", "c.c0"]
GOOD_PIECES = ["a", "Z", "9", ".", "_", "-", "+", "'", "%", "{", "info", "POSTMASTER", "Info", "wang"]
ODD_PIECES = [" ", '"', "\\", "(", ",", ":", "@", "é", "张", "<", ">"]


def by_library(text: str) -> str | None:
    try:
        return validate_email(text, check_deliverability=False, strict=True).normalized
    except EmailNotValidError:
        return None


def some_address(rng: random.Random) -> str:
    """An address that is mostly good, with odd characters and odd domains strewn in."""
    if rng.random() < 0.2:
        local = rng.choice(["info", "INFO", "Sales", "a" * 64, "a" * 65, "a.b", "webmaster", "wang.li99"])
    else:
        size = rng.randint(0, 8)
        local = "".join(rng.choice(GOOD_PIECES if rng.random() < 0.95 else ODD_PIECES) for _ in range(size))
    domain = rng.choice(GOOD_DOMAINS if rng.random() < 0.6 else ODD_DOMAINS)
    return local + ("@" if rng.random() < 0.97 else "") + domain


def test_the_quick_answer_is_the_librarys_answer():
    rng = random.Random(20_260_601)
    addresses = [some_address(rng) for _ in range(12_000)]
    column = EMAIL.judge_column(addresses)
    quick = 0
    for row, text in enumerate(addresses):
        answer = EMAIL.plain(text, None)
        if answer is not None:
            quick += 1
            assert answer == by_library(text), text
            assert column.values[row] == answer
    assert quick > 2_000


@settings(max_examples=200, deadline=None)
@given(st.emails())
def test_addresses_of_the_standard_are_judged_as_the_library_judges_them(text):
    assert EMAIL.judge(text).value == by_library(text)


def test_a_column_reads_no_address_where_there_is_none():
    column = EMAIL.judge_column(["name@", "plain", "@", "a@b.com", "name@"])
    assert [column.values[row] for row in range(5)] == [None, None, None, "a@b.com", None]
    assert {fault.rule for fault in column.faults.values()} == {"email-invalid"}


def test_training_domains_are_accepted_and_unreachable_ones_are_not():
    assert EMAIL.judge("a@example.com").fault is None
    assert EMAIL.judge("a@mail.example.org").fault is None
    for domain in ("x.test", "x.invalid", "printer.local", "localhost"):
        assert EMAIL.judge(f"a@{domain}").fault.rule == "email-invalid"


@pytest.mark.parametrize(
    ("one", "two", "agreement"),
    [
        ("a@b.com", "A@b.com", Agreement.SAME),
        ("jane.roe@gmail.com", "janeroe@gmail.com", Agreement.CLOSE),
        ("jane.roe@example.com", "janeroe@example.com", Agreement.WEAK),
        ("jane+news@example.com", "jane@example.com", Agreement.CLOSE),
        ("janeroe@example.com", "janeroe@example.org", Agreement.WEAK),
        ("info@example.com", "info@example.org", Agreement.DIFFERENT),
        ("wang001@example.com", "wang002@example.com", Agreement.DIFFERENT),
        ("jane@example.com", "john@example.com", Agreement.DIFFERENT),
    ],
)
def test_addresses_are_told_apart(one, two, agreement):
    assert EMAIL.compare(one, two) is agreement


def test_a_mask_keeps_a_letter_and_the_top_level_domain():
    assert EMAIL.mask("li.na@example.com") == "l***@***.com"
    assert EMAIL.mask("a@b.cn") == "***@***.cn"


def test_addresses_of_one_person_meet():
    assert EMAIL.keys("Jane.Roe+x@googlemail.com") == EMAIL.keys("janeroe@gmail.com")
