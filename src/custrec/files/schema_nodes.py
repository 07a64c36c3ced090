"""What stands under a key of a mapping that fits the vocabulary: the small words in which schema readers ask."""

from __future__ import annotations

from typing import Any

from custrec.files.strict_yaml import Mapping, Node, Scalar, Sequence


def text_at(node: Mapping, key: str) -> str | None:
    """The text of a scalar as it is written, or None where the key is missing or was faulty."""
    entry = node.entries.get(key)
    return entry.node.text if entry is not None and isinstance(entry.node, Scalar) else None


def value_at(node: Mapping, key: str) -> Any:
    """The YAML 1.2 value of a scalar, or None where the key is missing or was faulty."""
    entry = node.entries.get(key)
    return entry.node.value if entry is not None and isinstance(entry.node, Scalar) else None


def scalars_at(node: Mapping, key: str) -> list[Scalar]:
    """The scalars under a key that takes one or a list of them."""
    entry = node.entries.get(key)
    if entry is None:
        return []
    nodes = entry.node.items if isinstance(entry.node, Sequence) else [entry.node]
    return [item for item in nodes if isinstance(item, Scalar)]


def items_at(node: Mapping, key: str) -> list[Node]:
    """The items of the list under a key; none where it is missing or was faulty."""
    entry = node.entries.get(key)
    return entry.node.items if entry is not None and isinstance(entry.node, Sequence) else []


def mapping_at(node: Mapping, key: str) -> Mapping:
    """The mapping under a key; an empty one where it is missing or was faulty."""
    entry = node.entries.get(key)
    return entry.node if entry is not None and isinstance(entry.node, Mapping) else Mapping(node.mark)
