"""Reading a saved map: every fault at once, each with line and column, or a `SavedMap`.

    version: 1
    table: customers
    source: 金蝶 export                  # free text, optional
    columns:                             # a header of their file, and what becomes of it
      客户代码: customer_no
      姓名: {field: name, transform: [trim, {remove: "(VIP)"}]}
      地址: {split: {by: " ", into: [city, address]}}       # the last takes the rest; null leaves a part out
      内部ID: null                       # left out on purpose
    fields:                              # fields that are made of something else
      address: {join: [省, 市, 街道], with: ""}             # blanks are passed over
      status: {constant: active}
      owner: {from: 业务员, transform: [lower], values: {张: zhang, 李: li}}

`transform` and `values` may follow any rule but a constant, and change what it gives: first the words of
model.transforms one after the other, then the table of replacements; what that does not hold stays as it is. Of a
split they change each part. A blank, which is also what the table's missingValues say, stays blank. Each field is
filled once. Headers are told apart as import does (files.headers). The shapes stand in data/map.json.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, TypeAlias

from custrec.errors import FileUnreadable, MapInvalid
from custrec.files.headers import header_key
from custrec.files.schema_nodes import items_at, mapping_at, scalars_at, text_at
from custrec.files.schema_shape import Shape, Spec
from custrec.files.strict_yaml import (
    MAX_BYTES,
    Faults,
    Mapping,
    Mark,
    Node,
    Scalar,
    Sequence,
    compose,
    decode,
    short,
)
from custrec.model.mapping import Beginning, Constant, Joined, Part, Recipe, SavedMap, Taken
from custrec.model.nearest import did_you_mean
from custrec.model.schema import Schema, Table
from custrec.model.transforms import WORDS, Step

_Changes: TypeAlias = tuple[tuple[Step, ...], tuple[tuple[str, str], ...]]


def load_map(path: Path, schema: Schema) -> SavedMap:
    """The map that a file holds, named as the file is. Raises FileUnreadable, MapInvalid."""
    try:
        with path.open("rb") as stream:
            raw = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise FileUnreadable(path=path.name, reason=(error.strerror or "I/O error").lower()) from error
    faults = Faults()
    text = decode(raw, faults)
    if text is None:
        raise _invalid(path.name, faults)
    return parse_map(text, path.stem, schema)


def parse_map(text: str, name: str, schema: Schema) -> SavedMap:
    """The map that a text holds, for a table of the schema. Raises MapInvalid."""
    faults = Faults()
    document = compose(text, faults)
    root = None if document is None else Shape(map_vocabulary(), faults).fitting(document)
    read = _Reader(root, name, schema, faults).map() if isinstance(root, Mapping) else None
    if read is None or faults.count:
        raise _invalid(f"{name}.yaml", faults)
    return read


@cache
def map_vocabulary() -> Spec:
    """The JSON Schema of maps, read once."""
    text = resources.files("custrec").joinpath("data", "map.json").read_text(encoding="utf-8")
    read: Spec = json.loads(text)
    return read


def _invalid(name: str, faults: Faults) -> MapInvalid:
    return MapInvalid(name=name, count=faults.count, details=faults.lines())


class _Reader:
    """Makes a map of a node of the right shape, and notes what does not go together."""

    def __init__(self, root: Mapping, name: str, schema: Schema, faults: Faults) -> None:
        self.root, self.name, self.schema, self.faults = root, name, schema, faults
        self.recipes: dict[str, Recipe] = {}
        self.first: dict[str, Mark] = {}
        self.left_out: list[str] = []

    def map(self) -> SavedMap | None:
        """The map; None where its table is not known. It is of no use where faults were noted."""
        table = self._table()
        if table is None:
            return None
        self.table = table
        self._columns(mapping_at(self.root, "columns"))
        self._fields(mapping_at(self.root, "fields"))
        if not self.recipes and not self.faults.count:
            self.faults.add(self.root.mark, "the map fills no field")
        source = text_at(self.root, "source") or ""
        return SavedMap(self.name, table, source, self.recipes, tuple(self.left_out))

    def _table(self) -> Table | None:
        name = text_at(self.root, "table")
        table = self.schema.by_name.get(name or "")
        if name is not None and table is None:
            meant = did_you_mean(name, self.schema.by_name)
            known = ", ".join(self.schema.by_name)
            place = self.root.entries["table"].node.mark
            self.faults.add(place, f"the store has no table '{short(name)}'{meant or f'; there are: {known}'}")
        return table

    # --- rules -----------------------------------------------------------------------------------------------------

    def _columns(self, node: Mapping) -> None:
        first: dict[str, Mark] = {}
        for header, (mark, rule) in node.entries.items():
            key = header_key(header)
            if not key:
                self.faults.add(mark, "a header is blank")
            elif key in first:
                self.faults.add(mark, f"the column '{short(header)}' stands twice; first in line {first[key].line}")
            else:
                first[key] = mark
                self._column(header, rule)

    def _column(self, header: str, rule: Node) -> None:
        if isinstance(rule, Mapping):
            chosen = self._one_of(rule, ("field", "split"), f"the column '{short(header)}'")
            changes = self._changes(rule)
            if chosen == "field":
                self._fill(rule.entries["field"].node, Taken(header), changes)
            elif chosen == "split":
                self._split(header, mapping_at(rule, "split"), changes)
        elif isinstance(rule, Scalar) and rule.value is not None:
            self._fill(rule, Taken(header))
        else:
            self.left_out.append(header)

    def _split(self, header: str, split: Mapping, changes: _Changes) -> None:
        by, into = text_at(split, "by"), split.entries.get("into")
        parts = [item for item in items_at(split, "into") if isinstance(item, Scalar)]
        if by is None or into is None:
            return
        if all(part.value is None for part in parts):
            self.faults.add(into.mark, "'into' names no field")
        for number, part in enumerate(parts):
            if part.value is not None:
                self._fill(part, Part(header, by, number, len(parts)), changes)

    def _fields(self, node: Mapping) -> None:
        for name, (mark, rule) in node.entries.items():
            if not isinstance(rule, Mapping):
                continue
            chosen = self._one_of(rule, ("from", "join", "constant"), f"the field '{short(name)}'")
            if "with" in rule.entries and chosen is not None and chosen != "join":
                self.faults.add(rule.entries["with"].mark, "'with' belongs to 'join'")
            if chosen == "constant" and {"transform", "values"} & rule.entries.keys():
                self.faults.add(rule.mark, "a constant is written as it should be; it takes no transform or values")
            changes, beginning = self._changes(rule), self._beginning(rule, chosen)
            if beginning is not None:
                self._fill(Scalar(mark, name, name), beginning, changes)

    def _beginning(self, rule: Mapping, chosen: str | None) -> Beginning | None:
        headers = [self._header(item) for item in scalars_at(rule, chosen)] if chosen in ("from", "join") else []
        if chosen == "from" and headers:
            return Taken(headers[0])
        if chosen == "join" and headers:
            return Joined(tuple(headers), text_at(rule, "with") or "")
        if chosen == "constant":
            return Constant(text_at(rule, "constant") or "")
        return None

    def _header(self, node: Scalar) -> str:
        if not header_key(node.text):
            self.faults.add(node.mark, "a header is blank")
        return node.text

    def _one_of(self, rule: Mapping, keys: tuple[str, ...], label: str) -> str | None:
        """The one of these keys that a rule has; None, with a fault noted, where it has none or several."""
        found = [key for key in keys if key in rule.entries]
        if len(found) == 1 and not rule.dropped & set(keys):
            return found[0]
        if not rule.dropped & set(keys):
            words = f"{', '.join(keys[:-1])} or {keys[-1]}"
            self.faults.add(rule.mark, f"{label} needs {words}" + (", and only one of them" if found else ""))
        return None

    def _fill(self, node: Node, beginning: Beginning, changes: _Changes = ((), ())) -> None:
        """Note what fills a field, which must exist and be filled by nothing else."""
        if not isinstance(node, Scalar):
            return
        name = node.text
        if name not in self.table.by_name:
            meant = "" if self.faults.full else did_you_mean(name, self.table.by_name)
            self.faults.add(node.mark, f"{self.table.name} has no field '{short(name)}'{meant}")
        elif name in self.first:
            line = self.first[name].line
            self.faults.add(node.mark, f"the field '{short(name)}' is filled twice; first in line {line}")
        else:
            self.first[name] = node.mark
            self.recipes[name] = Recipe(beginning, *changes)

    # --- what changes texts ----------------------------------------------------------------------------------------

    def _changes(self, rule: Mapping) -> _Changes:
        """The steps and the table of replacements of a rule."""
        values = _pairs(mapping_at(rule, "values"))
        return self._steps(rule), tuple((old.strip(), new) for old, new in values)

    def _steps(self, rule: Mapping) -> tuple[Step, ...]:
        entry = rule.entries.get("transform")
        if entry is None:
            return ()
        nodes = entry.node.items if isinstance(entry.node, Sequence) else [entry.node]
        steps = (self._named(node) if isinstance(node, Scalar) else self._with_arguments(node) for node in nodes)
        return tuple(step for step in steps if step is not None)

    def _named(self, node: Scalar) -> Step | None:
        word = WORDS.get(node.text)
        if word is None:
            meant = "" if self.faults.full else did_you_mean(node.text, WORDS)
            self.faults.add(node.mark, f"unknown transform '{short(node.text)}'{meant or _known()}")
        elif word.takes != "nothing":
            self.faults.add(node.mark, f"'{node.text}' needs something behind it: {{{node.text}: …}}")
        else:
            return Step(node.text)
        return None

    def _with_arguments(self, node: Node) -> Step | None:
        if not isinstance(node, Mapping) or node.dropped:
            return None
        if len(node.entries) != 1:
            self.faults.add(node.mark, "a transform is one word; begin the next with '- ' or a comma in the list")
            return None
        ((word, (_, argument)),) = node.entries.items()
        if isinstance(argument, Mapping) and argument.dropped:
            return None
        arguments = _ARGUMENTS[WORDS[word].takes](argument)
        if word == "replace" and (not arguments or not all(old for old, _ in arguments)):
            self.faults.add(node.mark, "'replace' needs texts to look for, none of them empty")
            return None
        if word == "pad" and len(arguments[1]) != 1:
            self.faults.add(node.mark, "'pad' fills up with one character")
            return None
        return Step(word, arguments)


def _known() -> str:
    return f"; known: {', '.join(WORDS)}"


def _texts(node: Node) -> tuple[str, ...]:
    nodes = node.items if isinstance(node, Sequence) else [node]
    return tuple(item.text for item in nodes if isinstance(item, Scalar))


def _pairs(node: Node) -> tuple[tuple[str, str], ...]:
    """Keys and the texts under them; null is the empty text."""
    entries = node.entries.items() if isinstance(node, Mapping) else ()
    scalars = [(old, entry.node) for old, entry in entries if isinstance(entry.node, Scalar)]
    return tuple((old, "" if new.value is None else new.text) for old, new in scalars)


def _count(node: Node) -> tuple[int]:
    assert isinstance(node, Scalar)  # of the shape of a count
    assert isinstance(node.value, (int, float))
    return (int(node.value),)


def _pad(node: Node) -> tuple[int, str]:
    assert isinstance(node, Mapping)
    filling = text_at(node, "with")
    return (*_count(node.entries["to"].node), "0" if filling is None else filling)


_ARGUMENTS: dict[str, Callable[[Node], tuple[Any, ...]]] = {
    "text": _texts,
    "texts": _texts,
    "pairs": _pairs,
    "count": _count,
    "pad": _pad,
}
