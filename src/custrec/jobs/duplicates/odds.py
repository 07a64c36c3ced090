"""Probabilities, their odds, and how people read them."""

from __future__ import annotations

from math import exp, inf, log


def log_odds(given: float) -> float:
    """The natural log odds of a probability; infinite for 0 and 1."""
    if 0 < given < 1:
        return log(given / (1 - given))
    return inf if given >= 1 else -inf


def probability(odds: float) -> float:
    """The probability of natural log odds."""
    return 1 / (1 + exp(-max(-700.0, min(700.0, odds))))


def percent(given: float | None) -> str:
    """A probability as people read it; never rounded up to certainty."""
    if given is None:
        return "?"
    cut = int(given * 10_000) / 100
    return f"{min(cut, 99.99):.2f} %" if cut >= 99 else f"{cut:.1f} %"
