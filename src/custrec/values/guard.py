"""The formula guard: an apostrophe before a text that a spreadsheet would take for a formula, and its exact inverse.

A cell that begins with = + - @ (or their full-width forms, which East Asian spreadsheets read alike) is a formula to a
spreadsheet, and a formula in a customer's name may do harm (OWASP, CSV injection). Export puts an apostrophe before it
where it is asked to; import takes one apostrophe off whatever looks guarded. A text that looks guarded by itself
(`'=1`) therefore gets one more in every export, so that each text comes back as it was:

    unguarded(guarded(text)) == unguarded(told_apart(text)) == text

Stored texts are clean (values.cleaning), so that tabs and line ends, which hide formulas elsewhere, never stand first.
"""

from __future__ import annotations

import re

_SIGNS = "=+@＝＋＠－-"
_SIGN = frozenset(_SIGNS)
_FORMULA = re.compile(f"'*[{_SIGNS}]").match
_LOOKS_GUARDED = re.compile(f"'+[{_SIGNS}]").match


def guarded(text: str) -> str:
    """The text as a spreadsheet shows it and does not calculate it."""
    return f"'{text}" if _FORMULA(text) else text


def told_apart(text: str) -> str:
    """The text itself; one that looks guarded is guarded once more, so that import gives it back."""
    return f"'{text}" if _LOOKS_GUARDED(text) else text


def unguarded(text: str) -> str:
    """The text without its guard."""
    return text[1:] if _LOOKS_GUARDED(text) else text


def may_be_guarded(texts: str) -> bool:
    """Whether anything in texts that were joined may look guarded: one look, much cheaper than one at each."""
    place = texts.find("'")
    while place >= 0:
        if texts[place + 1 : place + 2] in _SIGN:
            return True
        place = texts.find("'", place + 1)
    return False
