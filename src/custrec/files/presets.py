"""The schemas that ship with custrec: `default`, and presets for kinds of business to start from."""

from __future__ import annotations

from importlib import resources

PRESETS = ("default", "cn-b2b", "retail", "membership")
"""The names of the schemas in the package, in the order in which they are offered."""


def preset_names() -> tuple[str, ...]:
    """The names that `preset_text` takes."""
    return PRESETS


def preset_text(name: str) -> str:
    """The YAML of a preset, comments included. Raises KeyError for a name that is not in `preset_names()`."""
    if name not in PRESETS:
        raise KeyError(name)
    path = resources.files("custrec").joinpath("data", "schemas", f"{name}.yaml")
    return path.read_text(encoding="utf-8")
