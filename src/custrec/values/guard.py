"""The formula guard: an apostrophe before a text that a spreadsheet would take for a formula, and its exact inverse.

A cell that begins with = + - @ (or their full-width forms, which East Asian spreadsheets read alike) is a formula to a
spreadsheet, and a formula in a customer's name may do harm (OWASP, CSV injection). Export puts an apostrophe before it
where it is asked to; import takes one apostrophe off whatever looks guarded. Two guards of other programs come off,
too: ="00501", a formula that keeps leading zeros, and '00501, an apostrophe before nothing but digits. A text that
looks guarded by itself (`'=1`) therefore gets one more in every export, so that each text comes back as it was:

    unguarded(guarded(text)) == unguarded(told_apart(text)) == text

Stored texts are clean (values.cleaning), so that tabs and line ends, which hide formulas elsewhere, never stand first.
"""

from __future__ import annotations

import re

_SIGNS = "=+@＝＋＠－-"
_AFTER_APOSTROPHE = frozenset(_SIGNS + "0123456789")
_FORMULA = re.compile(f"'*[{_SIGNS}]").match
_LOOKS_GUARDED = re.compile(f'\'+(?:[{_SIGNS}]|[0-9][0-9 ().-]*\\Z)|="(?:[^"]|"")*"\\Z').match


def guarded(text: str) -> str:
    """The text as a spreadsheet shows it and does not calculate it."""
    return f"'{text}" if _FORMULA(text) or _LOOKS_GUARDED(text) else text


def told_apart(text: str) -> str:
    """The text itself; one that looks guarded is guarded once more, so that import gives it back."""
    return f"'{text}" if _LOOKS_GUARDED(text) else text


def unguarded(text: str) -> str:
    """The text without its guard."""
    if not _LOOKS_GUARDED(text):
        return text
    return text[1:] if text[0] == "'" else text[2:-1].replace('""', '"')


def may_be_guarded(texts: str) -> bool:
    """Whether anything in texts that were joined may look guarded: one look, much cheaper than one at each."""
    if '="' in texts:
        return True
    place = texts.find("'")
    while place >= 0:
        if texts[place + 1 : place + 2] in _AFTER_APOSTROPHE:
            return True
        place = texts.find("'", place + 1)
    return False
