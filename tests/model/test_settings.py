"""What each setting takes, and what a limit means."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custrec.model.settings import SETTINGS, Limit, shown


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("20%", Limit(20, 0)),
        ("12.5 %", Limit(12.5, 0)),
        ("1000", Limit(0, 1000)),
        ("0", Limit(0, 0)),
        ("20% or 1000", Limit(20, 1000)),
        ("100%", Limit(100, 0)),
    ],
)
def test_a_limit_is_a_share_rows_or_both(text: str, limit: Limit) -> None:
    assert SETTINGS["max_change"].read(text) == limit


@pytest.mark.parametrize(
    ("name", "text"),
    [
        *(("max_change", text) for text in ("", "%", "101%", "-1", "1.5", "20%1000", "or 1000", "1000 or 20%", "many")),
        *(("wait", text) for text in ("soon", "-1", "nan", "inf", "1e7", "")),
        *(("color", text) for text in ("blue", "", "Auto")),
        *(("plan_expiry", text) for text in ("0d", "30", "d", "1.5d", "4000d", "never ", "3m")),
        *(("jobs", text) for text in ("0", "9", "1.5", "-2", "two", "", "²", "9" * 5000)),
        *(("actor", text) for text in ("", "  ", "a\nb", "\x1b[31m", "x" * 201)),
    ],
)
def test_what_a_setting_does_not_take_is_refused(name: str, text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        SETTINGS[name].read(text)


@given(
    st.integers(0, 10_000).map(lambda n: n / 100),
    st.integers(0, 10**9),
    st.integers(0, 10**9),
)
def test_a_limit_reads_back_as_it_is_shown_and_is_the_larger_of_the_two(percent: float, rows: int, total: int) -> None:
    limit = Limit(percent, rows)
    assert SETTINGS["max_change"].read(str(limit)).of(total) == limit.of(total)
    assert limit.of(total) == max(rows, int(total * percent / 100))


def test_defaults_are_shown_as_one_would_write_them() -> None:
    told = {name: shown(one.default) for name, one in SETTINGS.items() if one.default is not None}
    assert told == {"max_change": "20% or 1000", "wait": "60", "color": "auto", "plan_expiry": "30d"}
    assert all(str(SETTINGS[name].read(text)) for name, text in told.items())
