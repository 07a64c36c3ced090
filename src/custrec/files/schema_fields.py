"""One field of schema.yaml: from a node of the right shape to a `Field`, with what its keys must mean together.

What only the kind knows (its options, whether a limit is a value of it) the value type is asked. Names of other fields
(regionField, currencyField) are checked where all fields are known, in files.schema_tables.
"""

from __future__ import annotations

import re
import warnings
from functools import cache
from typing import TYPE_CHECKING, Any

from custrec.files.headers import fold_header
from custrec.files.schema_nodes import mapping_at, scalars_at, text_at, value_at
from custrec.files.schema_vocabulary import KIND_TYPES, OPTION_KEYS, PLUGIN_TYPE, READ_BY, TYPE_KINDS
from custrec.files.strict_yaml import Faults, Mapping, Mark, Scalar, short
from custrec.model.nearest import did_you_mean
from custrec.model.schema import Defaults, Field
from custrec.values.cleaning import clean

if TYPE_CHECKING:
    from custrec.values.protocol import Stored, ValueType

_STANDARD_TEXT_FORMATS = {"default": "text", "email": "email"}
_DATE_WORDS = ("default", "any")
_STRPTIME = re.compile(r"%[a-zA-Z%]")
_LONGEST_REASON = 200


def read_field(node: Mapping, number: int, defaults: Defaults, faults: Faults) -> Field | None:
    """The field of a node that fits the vocabulary; None where it has no name to go by."""
    name = text_at(node, "name")
    if name is None:
        return None
    faults_before = faults.count
    reader = _FieldReader(node, faults)
    kind = reader.kind()
    limits = mapping_at(node, "constraints")
    reader.refuse_keys_not_read(kind)
    reader.check_lengths()
    field = Field(
        name=name,
        id=number,
        type=KIND_TYPES.get(kind, PLUGIN_TYPE),
        kind=kind,
        title=text_at(node, "title") or "",
        description=text_at(node, "description") or "",
        aliases=reader.aliases(),
        was=reader.former_names(),
        required=bool(value_at(limits, "required")),
        unique=bool(value_at(limits, "unique")),
        enum=reader.enum(),
        minimum=text_at(limits, "minimum"),
        maximum=text_at(limits, "maximum"),
        min_length=_whole(value_at(limits, "minLength")),
        max_length=_whole(value_at(limits, "maxLength")),
        pattern=reader.pattern(),
        region_field=text_at(node, "regionField"),
        currency_field=text_at(node, "currencyField"),
        classification=text_at(node, "classification"),
        search=bool(value_at(node, "search")),
        options=reader.options(kind),
    )
    if faults.count == faults_before and not node.dropped and not limits.dropped:
        reader.ask_value_type(field, defaults)
    return field


class _FieldReader:
    """Reads the parts of one field and notes what is wrong with them."""

    def __init__(self, node: Mapping, faults: Faults) -> None:
        self._node = node
        self._limits = mapping_at(node, "constraints")
        self._faults = faults

    def kind(self) -> str:
        """The kind: named, or implied by the type, by an enum, or by Frictionless' format email."""
        kind, type_ = text_at(self._node, "kind"), text_at(self._node, "type")
        implied = None if kind is None else KIND_TYPES.get(kind, PLUGIN_TYPE)
        if implied is not None and type_ is not None and implied != type_:
            place = self._node.entries["type"].node.mark
            self._faults.add(place, f"type '{type_}' and kind '{kind}' disagree: {kind} has the type {implied}")
        if kind is None:
            kind = TYPE_KINDS[type_ or "string"]
            kind = _STANDARD_TEXT_FORMATS.get(text_at(self._node, "format") or "", kind) if kind == "text" else kind
        return "choice" if kind == "text" and "enum" in self._limits.entries else kind

    def refuse_keys_not_read(self, kind: str) -> None:
        """Note keys that this kind does not read: silence would promise what does not happen."""
        if "kind" in self._node.dropped or ("type" in self._node.dropped and "kind" not in self._node.entries):
            return
        for holder in (self._node, self._limits):
            for key, (mark, _) in holder.entries.items():
                readers = READ_BY.get(key)
                if readers is not None and kind not in readers and kind in KIND_TYPES:
                    self._faults.add(mark, f"'{key}' does not apply to kind {kind}, only to {', '.join(readers)}")
        if kind == "choice" and not {"enum"} & (self._limits.entries.keys() | self._limits.dropped):
            self._faults.add(self._node.mark, "kind choice needs constraints: {enum: [...]}")

    def aliases(self) -> tuple[str, ...]:
        """The other headers of the field."""
        return tuple(alias.text for alias in scalars_at(self._node, "aliases"))

    def former_names(self) -> tuple[str, ...]:
        """The names that the field had before."""
        return tuple(dict.fromkeys(name.text for name in scalars_at(self._node, "was")))

    def enum(self) -> tuple[str, ...]:
        """The allowed values, each once and none blank."""
        seen: dict[str, Mark] = {}
        for item in scalars_at(self._limits, "enum"):
            if not item.text.strip():
                self._faults.add(item.mark, "a value of 'enum' is blank; leave out 'required' to allow no value")
            elif item.text in seen:
                line = seen[item.text].line
                self._faults.add(item.mark, f"'{short(item.text)}' stands twice in 'enum'; first in line {line}")
            else:
                seen[item.text] = item.mark
        return tuple(seen)

    def pattern(self) -> str | None:
        """The regular expression, if it is one."""
        pattern = text_at(self._limits, "pattern")
        if pattern is None:
            return None
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                re.compile(pattern)
        except (re.error, OverflowError, RecursionError) as error:
            reason = error.msg if isinstance(error, re.error) else "it is too large"
            self._faults.add(self._limits.entries["pattern"].node.mark, f"'pattern' is no regular expression: {reason}")
            return None
        return pattern

    def check_lengths(self) -> None:
        """The shortest is not longer than the longest."""
        shortest, longest = value_at(self._limits, "minLength"), value_at(self._limits, "maxLength")
        if shortest is not None and longest is not None and shortest > longest:
            self._faults.add(self._limits.entries["minLength"].mark, "'minLength' is above 'maxLength'")

    def ask_value_type(self, field: Field, defaults: Defaults) -> None:
        """Let the kind itself judge the options, and the values that the constraints name."""
        from custrec.values.registry import for_field

        try:
            value_type = for_field(field, defaults)
        except ValueError as error:
            self._say_refused(field, str(error))
            return
        if value_type.beside is not None:  # an amount in the currency of its row: no value without the row
            return
        bounds: list[Any] = []
        for key in ("minimum", "maximum"):
            bounds += [
                value_type.order(value) for value in self._judged(scalars_at(self._limits, key), key, value_type)
            ]
        if len(bounds) == 2 and bounds[0] > bounds[1]:
            self._faults.add(self._limits.entries["minimum"].mark, "'minimum' is above 'maximum'")
        if value_type.kind not in ("choice", "tags"):
            self._judged(scalars_at(self._limits, "enum"), "enum", value_type)

    def _judged(self, words: list[Scalar], key: str, value_type: ValueType) -> list[Stored]:
        """What the kind makes of each word; what is no value of the kind is a fault and left out."""
        values: list[Stored] = []
        for word in words:
            text = clean(word.text, frozenset())
            value = None if text is None else value_type.judge(text).value
            if value is None:
                self._faults.add(word.mark, f"'{short(word.text)}' in '{key}' is no value of kind {value_type.kind}")
            else:
                values.append(value)
        return values

    def _say_refused(self, field: Field, reason: str) -> None:
        place, meant = self._node.mark, ""
        if field.kind == "identifier" and "format" in self._node.entries:
            place = self._node.entries["format"].node.mark
            meant = "" if self._faults.full else did_you_mean(field.options["format"], _identifier_formats())
        self._faults.add(place, f"{reason[:_LONGEST_REASON]}{meant}")

    def options(self, kind: str) -> dict[str, Any]:
        """The keys that only some kinds read."""
        options: dict[str, Any] = {}
        for key in OPTION_KEYS:
            if key not in self._node.entries:
                continue
            if key == "labels":
                options[key] = self._labels()
            elif key in ("trueValues", "falseValues"):
                options[key] = [word.text for word in scalars_at(self._node, key)]
            elif key == "decimals":
                options[key] = int(value_at(self._node, key))
            else:
                options[key] = text_at(self._node, key)
        if "format" in options:
            self._check_format(kind, options["format"])
        return options

    def _labels(self) -> dict[str, list[str]]:
        known = {item.text for item in scalars_at(self._limits, "enum")}
        labels = mapping_at(self._node, "labels")
        owners = {fold_header(value): value for value in known}
        for key, (mark, _) in labels.entries.items():
            if key not in known and "enum" not in self._limits.dropped:
                meant = "" if self._faults.full else did_you_mean(key, known)
                self._faults.add(mark, f"'labels' names '{short(key)}', which is not an allowed value{meant}")
            for label in scalars_at(labels, key):
                owner = owners.setdefault(fold_header(label.text), key)
                if owner != key:
                    self._faults.add(label.mark, f"'{short(label.text)}' already means '{short(owner)}'")
        return {key: [item.text for item in scalars_at(labels, key)] for key in labels.entries}

    def _check_format(self, kind: str, format_: str) -> None:
        mark = self._node.entries["format"].node.mark
        if kind in ("text", "email") and format_ not in _STANDARD_TEXT_FORMATS:
            self._faults.add(mark, f"unknown format '{short(format_)}' for text; known: default, email")
        elif kind in ("date", "datetime") and format_ not in _DATE_WORDS and not _STRPTIME.search(format_):
            self._faults.add(mark, f"unknown format '{short(format_)}' for a {kind}: any, or such as %d/%m/%Y")


def _whole(value: float | None) -> int | None:
    return None if value is None else int(value)


@cache
def _identifier_formats() -> list[str]:
    """The names of python-stdnum's modules, as schemas write them (the package `is_` is the country is)."""
    import pkgutil

    import stdnum

    modules = pkgutil.walk_packages(stdnum.__path__, "stdnum.")
    return [module.name.removeprefix("stdnum.").replace("_.", ".") for module in modules if not module.ispkg]
