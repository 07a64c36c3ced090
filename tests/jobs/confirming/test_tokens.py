"""Tokens: what one key gave comes back however it is typed, and nothing else is one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custrec.jobs.confirming.tokens import EPOCH, Signer, Ticket, TokenRefused

KEY, OTHER = b"k" * 32, b"o" * 32
SIGNER = Signer(KEY, "store")
numbers = st.integers(0, 2**40)
tickets = st.builds(Ticket, numbers, numbers, numbers, st.dates(EPOCH, date(2200, 1, 1)))
TYPINGS: list[Callable[[str], str]] = [
    str,
    str.lower,
    lambda text: text.replace("-", " "),
    lambda text: text.replace("-", ""),
    lambda text: f"  {text}\t",
    lambda text: text.replace("0", "o").replace("1", "l"),
    lambda text: text.translate({sign: sign + 0xFEE0 for sign in range(33, 127)}),
]
typed = st.sampled_from(TYPINGS)


@given(tickets, typed)
def test_a_ticket_comes_back_however_its_token_is_typed(ticket: Ticket, typing: Callable[[str], str]) -> None:
    assert SIGNER.ticket(typing(SIGNER.token(ticket))) == ticket


@given(tickets, st.data())
def test_a_token_with_one_other_sign_is_none(ticket: Ticket, data: st.DataObject) -> None:
    token = SIGNER.token(ticket)
    place = data.draw(st.sampled_from([n for n, sign in enumerate(token) if sign != "-"]))
    sign = data.draw(st.sampled_from([sign for sign in "0123456789ABCDEFGHJKMNPQRSTVWXYZ" if sign != token[place]]))
    with pytest.raises(TokenRefused):
        SIGNER.ticket(token[:place] + sign + token[place + 1 :])


@given(st.text(max_size=80))
def test_no_text_is_a_token_by_chance_and_none_raises_anything_else(text: str) -> None:
    with pytest.raises(TokenRefused):
        SIGNER.ticket(text)


@pytest.mark.parametrize(
    ("other", "rule"), [(Signer(OTHER, "store"), "token-foreign"), (Signer(KEY, "another"), "token-forged")]
)
def test_a_token_of_another_key_or_store_is_refused(other: Signer, rule: str) -> None:
    with pytest.raises(TokenRefused) as refused:
        SIGNER.ticket(other.token(Ticket(1, 2, 3, date(2026, 12, 31))))
    assert refused.value.rule == rule


def test_a_token_is_short_and_names_no_value() -> None:
    token = SIGNER.token(Ticket(3, 100_000, 4_000, date(2026, 12, 31)))
    assert len(token) <= 42
    assert set(token) <= set("0123456789ABCDEFGHJKMNPQRSTVWXYZ-")
