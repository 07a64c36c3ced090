"""A strict reading of YAML: nodes with places, and every fault at once.

PyYAML's parser gives the events; what is built of them here is stricter and plainer than its loaders:

- scalars mean what the core schema of YAML 1.2 says (https://yaml.org/spec/1.2.2/#103-core-schema): `no`, `off` and
  `12:30` are text, `012` is twelve; each scalar also keeps its text as written;
- anchors, aliases, merge keys and tags other than the core ones are refused, so that nothing multiplies and nothing
  is constructed; keys are plain scalars and stand once;
- size, nesting and the length of numbers are bounded, and nothing here recurses.

This module knows nothing of schemas: see files.schema_shape for what may stand where.
"""

from __future__ import annotations

import codecs
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from custrec.files.printable import printable

if TYPE_CHECKING:
    from yaml.error import MarkedYAMLError
    from yaml.events import Event, MappingStartEvent, ScalarEvent, SequenceStartEvent

MAX_BYTES = 1 << 20
MAX_DEPTH = 24
MAX_SHOWN = 200
_MAX_DIGITS = 40
_SHOWN_LENGTH = 40

_CORE_TAG = "tag:yaml.org,2002:"
_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_BOOLEAN = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_INTEGER = re.compile(r"[-+]?[0-9]+")
_OCTAL_OR_HEX = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_NOT_YAML = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LINE_END = re.compile("\r\n?|\n|\x85|\u2028|\u2029")

Value = str | int | float | bool | None


class Mark(NamedTuple):
    """A place in the file, both counted from 1; the column in characters."""

    line: int
    column: int


@dataclass(slots=True)
class Scalar:
    """One text, and what it means in YAML 1.2."""

    mark: Mark
    text: str
    value: Value


@dataclass(slots=True)
class Sequence:
    """A list of nodes."""

    mark: Mark
    items: list[Node] = field(default_factory=list)


class Entry(NamedTuple):
    """One key of a mapping: where the key stands, and its value."""

    mark: Mark
    node: Node


@dataclass(slots=True)
class Mapping:
    """Entries by the text of their key as written. `dropped` are keys that stood there, but with a faulty value."""

    mark: Mark
    entries: dict[str, Entry] = field(default_factory=dict)
    dropped: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Broken:
    """Something already reported: nothing more is said about it."""

    mark: Mark


Node = Scalar | Sequence | Mapping | Broken


class Faults:
    """What is wrong with a file, each at its place. Beyond `MAX_SHOWN`, faults are only counted."""

    def __init__(self) -> None:
        self.count = 0
        self._lines: list[tuple[Mark, str]] = []

    @property
    def full(self) -> bool:
        """Whether further faults are only counted, so that their sentences need not be made."""
        return len(self._lines) >= MAX_SHOWN

    def add(self, mark: Mark, sentence: str) -> None:
        """Note a fault."""
        self.count += 1
        if not self.full:
            self._lines.append((mark, sentence))

    def lines(self) -> tuple[str, ...]:
        """A line for each fault, in the order of the file, and one that counts those not shown."""
        shown = [f"line {mark.line}, column {mark.column}: {text}" for mark, text in sorted(self._lines)]
        if self.count > len(shown):
            shown.append(f"and {self.count - len(shown):,} more")
        return tuple(shown)


def short(text: str) -> str:
    """A text as it can stand in a sentence: on one line, not long, and nothing that a terminal obeys."""
    return printable(" ".join(text.split()), _SHOWN_LENGTH)


def plain(node: Node) -> object:
    """A node as plain data: dict, list and scalars by their YAML 1.2 meaning."""
    if isinstance(node, Mapping):
        return {key: plain(entry.node) for key, entry in node.entries.items()}
    if isinstance(node, Sequence):
        return [plain(item) for item in node.items]
    return node.value if isinstance(node, Scalar) else None


def decode(raw: bytes, faults: Faults) -> str | None:
    """The text of a file of at most `MAX_BYTES`, which must be UTF-8; a byte order mark is dropped. None at a fault."""
    if len(raw) > MAX_BYTES:
        faults.add(Mark(1, 1), f"the file is larger than {MAX_BYTES:,} bytes")
        return None
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        faults.add(Mark(1, 1), "the file is UTF-16; save it as UTF-8")
        return None
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = raw[: error.start].decode("utf-8", "replace")
        faults.add(_mark_at(before, len(before)), "the bytes here are not UTF-8; save the file as UTF-8")
        return None


def compose(text: str, faults: Faults) -> Node | None:
    """The one document of a YAML text; None where its faults leave nothing to go by."""
    import yaml

    text = text.removeprefix("\ufeff")
    if len(text) > MAX_BYTES:
        faults.add(Mark(1, 1), f"the file is larger than {MAX_BYTES:,} bytes")
        return None
    if _refuse_control_characters(text, faults):
        return None
    builder = _Builder(faults)
    try:
        for event in _events(text):
            builder.take(event)
    except _TooDeepError:
        return None
    except yaml.MarkedYAMLError as error:
        _add_syntax_fault(error, text, faults)
        return None
    if builder.root is None:
        faults.add(Mark(1, 1), "the file is empty")
    return builder.root


def _events(text: str) -> Iterator[Event]:
    import yaml

    return yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


def _refuse_control_characters(text: str, faults: Faults) -> bool:
    if not _NOT_YAML.search(text):
        return False
    for number, line in enumerate(_LINE_END.split(text), start=1):
        for match in _NOT_YAML.finditer(line):
            place = Mark(number, match.start() + 1)
            faults.add(place, f"the control character U+{ord(match[0]):04X} cannot stand in YAML")
    return True


def _mark_at(text: str, index: int) -> Mark:
    ends = list(_LINE_END.finditer(text, 0, index))
    return Mark(len(ends) + 1, index - (ends[-1].end() if ends else 0) + 1)


def _add_syntax_fault(error: MarkedYAMLError, text: str, faults: Faults) -> None:
    at = error.problem_mark or error.context_mark
    mark = Mark(at.line + 1, at.column + 1) if at is not None else Mark(1, 1)
    lines = _LINE_END.split(text)
    line = lines[mark.line - 1] if mark.line <= len(lines) else ""
    if "\t" in line[: len(line) - len(line.lstrip())]:
        faults.add(mark, "a tab stands before the text of this line; YAML is indented with spaces")
        return
    faults.add(mark, "this is not YAML: " + ", ".join(part for part in (error.context, error.problem) if part))


class _TooDeepError(Exception):
    """Nesting beyond the bound; already noted as a fault."""


@dataclass(slots=True)
class _Open:
    """A collection being read, and the key that waits for its value, if it is a mapping."""

    node: Sequence | Mapping
    key: Node | None = None


class _Builder:
    """Makes nodes of parser events."""

    def __init__(self, faults: Faults) -> None:
        self.root: Node | None = None
        self._faults = faults
        self._open: list[_Open] = []
        self._documents = 0

    def take(self, event: Event) -> None:
        """Take the next event of the parser."""
        from yaml import events

        at = event.start_mark
        mark = Mark(at.line + 1, at.column + 1) if at is not None else Mark(1, 1)
        if isinstance(event, events.ScalarEvent):
            self._refuse_anchor(event.anchor, mark)
            self._place(self._scalar(event, mark))
        elif isinstance(event, (events.MappingStartEvent, events.SequenceStartEvent)):
            self._begin(event, mark)
        elif isinstance(event, (events.MappingEndEvent, events.SequenceEndEvent)):
            self._place(self._open.pop().node)
        elif isinstance(event, events.AliasEvent):
            self._faults.add(mark, f"the alias '*{short(event.anchor or '')}' is not read; write the value out")
            self._place(Broken(mark))
        elif isinstance(event, events.DocumentStartEvent):
            self._documents += 1
            if self._documents == 2:
                self._faults.add(mark, "a second document begins here; only one is read")

    def _begin(self, event: MappingStartEvent | SequenceStartEvent, mark: Mark) -> None:
        from yaml import events

        self._refuse_anchor(event.anchor, mark)
        is_mapping = isinstance(event, events.MappingStartEvent)
        if event.tag not in (None, "!", _CORE_TAG + ("map" if is_mapping else "seq")):
            self._refuse_tag(event.tag, mark)
        if len(self._open) >= MAX_DEPTH:
            self._faults.add(mark, f"the nesting is deeper than {MAX_DEPTH} levels")
            raise _TooDeepError
        self._open.append(_Open(Mapping(mark) if is_mapping else Sequence(mark)))

    def _place(self, node: Node) -> None:
        if not self._open:
            self.root = self.root or node
            return
        parent = self._open[-1]
        if isinstance(parent.node, Sequence):
            parent.node.items.append(node)
        elif parent.key is None:
            parent.key = self._key(node)
        else:
            key, parent.key = parent.key, None
            if isinstance(key, Scalar):
                self._enter(parent.node, key, node)

    def _key(self, node: Node) -> Node:
        if isinstance(node, (Mapping, Sequence)):
            self._faults.add(node.mark, "a key must be one word or a quoted text")
            return Broken(node.mark)
        return node

    def _enter(self, mapping: Mapping, key: Scalar, node: Node) -> None:
        if key.text == "<<" and isinstance(key.value, str):
            self._faults.add(key.mark, "merge keys (<<) are not read; write the keys out")
        elif key.text in mapping.entries:
            first = mapping.entries[key.text].mark
            self._faults.add(key.mark, f"the key '{short(key.text)}' stands twice; first in line {first.line}")
        else:
            mapping.entries[key.text] = Entry(key.mark, node)

    def _refuse_anchor(self, anchor: str | None, mark: Mark) -> None:
        if anchor is not None:
            self._faults.add(mark, f"the anchor '&{short(anchor)}' is not read; write the value out where it is wanted")

    def _refuse_tag(self, tag: str, mark: Mark) -> None:
        self._faults.add(mark, f"the tag '{short(tag.replace(_CORE_TAG, '!!'))}' is not read; only plain YAML is")

    def _scalar(self, event: ScalarEvent, mark: Mark) -> Node:
        text: str = event.value
        tag: str | None = event.tag
        if tag is None or tag == "!":
            if tag is None and event.implicit[0]:
                return self._resolved(text, mark)
            return Scalar(mark, text, text)
        if tag == _CORE_TAG + "str":
            return Scalar(mark, text, text)
        node = self._resolved(text, mark)
        if isinstance(node, Scalar) and tag == _CORE_TAG + _tag_of(node.value):
            return node
        if isinstance(node, Scalar):
            self._refuse_tag(tag, mark)
        return Broken(mark)

    def _resolved(self, text: str, mark: Mark) -> Node:
        """A plain scalar by the core schema of YAML 1.2."""
        if text in _NULL:
            return Scalar(mark, text, None)
        if text in _BOOLEAN:
            return Scalar(mark, text, _BOOLEAN[text])
        whole, based = _INTEGER.fullmatch(text), _OCTAL_OR_HEX.fullmatch(text)
        if not (whole or based or _FLOAT.fullmatch(text) or _NOT_FINITE.fullmatch(text)):
            return Scalar(mark, text, text)
        if len(text) > _MAX_DIGITS:
            self._faults.add(mark, f"a number has at most {_MAX_DIGITS} digits; put it in quotes if it is text")
            return Broken(mark)
        if whole or based:
            return Scalar(mark, text, int(text) if whole else int(text, 0))
        number = math.inf if _NOT_FINITE.fullmatch(text) else float(text)
        if not math.isfinite(number):
            self._faults.add(mark, f"'{short(text)}' is not a finite number; put it in quotes if it is text")
            return Broken(mark)
        return Scalar(mark, text, number)


def _tag_of(value: Value) -> str:
    """The name of the core tag of a value."""
    return {bool: "bool", int: "int", float: "float", str: "str"}.get(type(value), "null")
