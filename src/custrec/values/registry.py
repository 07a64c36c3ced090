"""The way from a field of the schema to its value type.

`KINDS` names the module and class of every kind; a module is imported when a field first needs it. A kind that is not
there may come from another package, through an entry point of the group `custrec.value_types`.
"""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module

from custrec import plugins
from custrec.model.schema import Defaults, Field
from custrec.values.protocol import ValueType

KINDS: dict[str, str] = {
    "text": "custrec.values.text:Text",
    "person_name": "custrec.values.person_name:PersonName",
    "org_name": "custrec.values.org_name:OrgName",
    "email": "custrec.values.email:Email",
    "phone": "custrec.values.phone:Phone",
    "date": "custrec.values.date:Date",
    "datetime": "custrec.values.moment:Moment",
    "choice": "custrec.values.choice:Choice",
    "tags": "custrec.values.tags:Tags",
    "integer": "custrec.values.integer:Integer",
    "number": "custrec.values.number:Number",
    "boolean": "custrec.values.boolean:Boolean",
    "money": "custrec.values.money:Money",
    "identifier": "custrec.values.identifier:Identifier",
    "address": "custrec.values.address:Address",
    "country": "custrec.values.country:Country",
    "url": "custrec.values.url:Url",
}


def plugin_kinds() -> frozenset[str]:
    """The kinds that installed packages bring besides; none of them is loaded for that."""
    from importlib.metadata import entry_points  # reads every installed package: only for a kind that is not ours

    return frozenset(entry.name for entry in entry_points(group=plugins.VALUE_TYPES)) - KINDS.keys()


def versions(fields: Iterable[Field]) -> dict[str, int]:
    """The version of each kind that the fields have, by kind: what an import records to tell later how it was judged.

    ValueError where there is no such kind.
    """
    return {kind: _type_of(kind).version for kind in sorted({kind_of(field) for field in fields})}


def for_field(field: Field, defaults: Defaults) -> ValueType:
    """The value type of a field, with its options read. A text with an enum is a choice.

    ValueError says what is wrong with the kind or an option, for the one who checks the schema.
    """
    return _type_of(kind_of(field))(field, defaults)


def kind_of(field: Field) -> str:
    """The name of the kind whose values a field holds."""
    return "choice" if field.kind == "text" and field.enum else field.kind


def _type_of(kind: str) -> type[ValueType]:
    if place := KINDS.get(kind):
        module, _, name = place.partition(":")
        found: object = getattr(import_module(module), name)
    else:
        found = _from_plugin(kind)
    if not (isinstance(found, type) and issubclass(found, ValueType)):
        raise ValueError(f"the kind {kind} is no value type")
    return found


def _from_plugin(kind: str) -> object:
    from importlib.metadata import entry_points  # reads every installed package: only for a kind that is not ours

    for entry in entry_points(group=plugins.VALUE_TYPES, name=kind):
        try:
            return entry.load()
        except (ImportError, AttributeError) as broken:
            raise ValueError(f"the kind {kind} cannot be loaded from {entry.value}") from broken
    raise ValueError(f"there is no kind {kind}")
