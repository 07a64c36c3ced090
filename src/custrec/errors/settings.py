"""Errors of custrec.yaml and the user's config.yaml."""

from __future__ import annotations

from custrec.errors.branches import InputError


class SettingsInvalid(InputError):
    """A file of settings has faults; `details` holds a line for each, with its line and column."""

    slug = "settings-invalid"
    sentence = "{name} has {count:,} fault{s}"
    remedy = "mend the places named, then: custrec config show"
