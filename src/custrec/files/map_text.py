"""Writing a proposal for a saved map, for people to edit: YAML with comments that say what is left to decide."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

from custrec.files.printable import printable
from custrec.model.transforms import WORDS

_LONGEST_KEY = 200
"""Characters; YAML wants longer keys to be marked by a question mark."""
_PLAIN = re.compile(r"[^\W\d](?:[\w ()/.-]*[\w)])?")
_NOT_TEXT = frozenset({"null", "true", "false", "yes", "no", "on", "off", "y", "n"})
"""Words that some YAML reader takes for something else than text."""
_UNPRINTABLE = re.compile(r"[^\x20-\x7e]")


@dataclass(frozen=True)
class ProposedColumn:
    """A header, the field it is (None: left out) and what is to be said of it."""

    header: str
    field: str | None
    remark: str = ""


def map_text(
    table: str, source: str, file: str, columns: Sequence[ProposedColumn], unfilled: Sequence[str] = ()
) -> str:
    """The text of a map. `file` is the name of the file it is made of, `unfilled` are required fields without a column.

    `files.map_file.parse_map` reads it back, unless it is too large.
    """
    lines = [
        f"# Which column of {printable(file)} becomes which field of {table}. Edit this file, then: custrec map check",
        "version: 1",
        f"table: {scalar(table)}",
        *([f"source: {scalar(source)}"] if source else []),
        f"columns:{'' if columns else ' {}'} # a field, or null for a column that is left out",
        *(_column(column) for column in columns),
        *(f"# Nothing fills {name} yet, which new records need." for name in unfilled),
        "",
        "# Other ways to fill a field; take off the # from what you want, and name your own columns.",
        "#  A column: {field: name, transform: [trim, {remove: (VIP)}], values: {old: new}} # changed on the way",
        '#  A column: {split: {by: " ", into: [one_field, another]}}',
        "#fields:",
        '#  a_field: {join: [A column, Another], with: " "}',
        "#  a_field: {constant: always the same}",
        "#  a_field: {from: A column} # where one column is several fields",
        "# The words of transform:",
        *(f"#   {name:<10}{word.says}" for name, word in WORDS.items()),
    ]
    return "\n".join(lines) + "\n"


def scalar(text: str) -> str:
    """A text as a YAML scalar that every reader takes for text."""
    if _PLAIN.fullmatch(text) and text.isprintable() and text.casefold() not in _NOT_TEXT:
        return text
    return _UNPRINTABLE.sub(_escaped, json.dumps(text, ensure_ascii=False))


def _escaped(found: re.Match[str]) -> str:
    if found[0].isprintable():
        return found[0]
    code = ord(found[0])
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def _column(column: ProposedColumn) -> str:
    key = scalar(column.header)
    value = "null" if column.field is None else scalar(column.field)
    remark = f" # {column.remark}" if column.remark else ""
    if len(key) > _LONGEST_KEY:
        return f"  ? {key}\n  : {value}{remark}"
    return f"  {key}: {value}{remark}"
