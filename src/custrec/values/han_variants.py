"""Han characters in their simplified form: 張偉 and 张伟 are one name. For comparison, never for storing.

The table traditional.tsv is read when first asked for.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files


def simplified(text: str) -> str:
    """The text with each traditional character as its simplified one."""
    return text if text.isascii() else text.translate(_simplified())


@cache
def _simplified() -> dict[int, str]:
    lines = files("custrec.values").joinpath("traditional.tsv").read_text("utf-8").splitlines()
    rows = (line.split("\t") for line in lines if not line.startswith("#"))
    return {ord(written): simple for simple, variants in rows for written in variants}
