"""Records as JSON, handed over at once: one object, an array of objects, or an object a line; a key a field.

What lists, numbers and truths are as texts is said where files of them are read (files.json_lines, files.cells).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, NoReturn

from custrec.errors import ObjectsUnreadable
from custrec.files.cells import Number, Written, text_rows
from custrec.files.json_lines import LIST_MARK
from custrec.files.rows import ParsedRows
from custrec.values.protocol import Native

Object = dict[str, Any]


def read_objects(data: bytes) -> list[Object]:
    """The objects of a JSON text. Raises ObjectsUnreadable."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ObjectsUnreadable(why=f"the byte at place {error.start + 1} is not UTF-8") from error
    if not text.strip():
        raise ObjectsUnreadable(why="there is nothing")
    try:
        found = _loads(text)
    except (ValueError, RecursionError):
        return _lines(text)
    return [_object(one, place) for place, one in enumerate(found if isinstance(found, list) else [found], 1)]


def keys_of(objects: Sequence[Object]) -> list[str]:
    """The keys of objects, in the order of their first standing."""
    return list(dict.fromkeys(key for one in objects for key in one))


def as_texts(objects: Sequence[Object], keys: Sequence[str], written: Written) -> ParsedRows:
    """Objects as rows of texts; `lines` count the objects from 1."""
    rows = [[_cell(one.get(key)) for key in keys] for one in objects]
    return text_rows(rows, range(1, len(rows) + 1), len(keys), Native.NUMBER, written)


def _lines(text: str) -> list[Object]:
    found = []
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            try:
                one = _loads(line)
            except (ValueError, RecursionError) as error:
                raise ObjectsUnreadable(why=f"line {number} is no JSON") from error
            found.append(_object(one, number))
    return found


def _object(one: Any, place: int) -> Object:
    if not isinstance(one, dict):
        raise ObjectsUnreadable(why=f"record {place} is no object")
    return one


def _cell(cell: Any) -> Any:
    """A list of plain values as one text; what is none of these stays what it is, and is refused as a cell."""
    if type(cell) is list and all(type(item) in (str, Number) and LIST_MARK not in item for item in cell):
        return LIST_MARK.join(cell)
    return cell


def _loads(text: str) -> Any:
    return json.loads(text, object_pairs_hook=_pairs, parse_float=Number, parse_int=Number, parse_constant=_refuse)


def _pairs(pairs: Sequence[tuple[str, Any]]) -> Object:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ObjectsUnreadable(why="a key stands twice in one object")
    return found


def _refuse(word: str) -> NoReturn:
    raise ValueError(word)
