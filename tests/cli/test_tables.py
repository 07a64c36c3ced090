"""cli.tables: how wide columns are."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from custrec.cli.tables import GAP, LEAST, LEAST_LEADING, broken, fit

WIDTHS = st.lists(st.integers(0, 300), min_size=1, max_size=30)


@given(WIDTHS, st.integers(1, 400))
def test_columns_fit_and_are_never_wider_than_natural(natural: list[int], width: int) -> None:
    widths = fit(natural, width)
    assert 1 <= len(widths) <= len(natural)
    assert sum(widths) + GAP * (len(widths) - 1) <= width
    assert all(given <= max(wanted, 1) for given, wanted in zip(widths, natural, strict=False))


@given(WIDTHS, st.integers(1, 400))
def test_room_is_used_up(natural: list[int], width: int) -> None:
    """Either every shown column has its natural width, or no cell is left over."""
    widths = fit(natural, width)
    used = sum(widths) + GAP * (len(widths) - 1)
    assert widths == natural[: len(widths)] or used == width or (len(widths) == 1 and natural[0] == 0)


@given(WIDTHS, st.integers(1, 400))
def test_a_column_is_left_out_rather_than_made_too_narrow(natural: list[int], width: int) -> None:
    widths = fit(natural, width)
    if len(widths) > 1:
        for place, (given_width, wanted) in enumerate(zip(widths, natural, strict=False)):
            assert given_width >= min(wanted, LEAST_LEADING if place < 2 else LEAST)


def test_short_columns_keep_their_width_and_long_ones_share_the_rest() -> None:
    assert fit([5, 40, 40, 10], 80) == [5, 35, 24, 10]
    assert fit([5, 40, 16, 10], 80) == [5, 40, 16, 10]


def test_where_there_is_room_for_nothing_one_column_is_left() -> None:
    assert fit([40, 40], 3) == [3]


@given(st.text(st.sampled_from("ab 张·，é"), max_size=200), st.integers(LEAST, 60))
def test_a_broken_line_fits_and_nothing_but_spaces_is_lost(line: str, width: int) -> None:
    parts = broken(line, width)
    assert all(cell_len(part) <= width for part in parts)
    assert "".join("".join(parts).split()) == "".join(line.split())
