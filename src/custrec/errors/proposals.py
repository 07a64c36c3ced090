"""Errors of proposing a schema from a file."""

from __future__ import annotations

from custrec.errors.branches import Declined, InputError


class HeaderMissing(InputError):
    """The first row holds values, not names of columns."""

    slug = "header-missing"
    sentence = "the first row of {file} looks like a record, not like a header: column {columns} holds a value"
    remedy = "put a row with the names of the columns above it"


class HeaderUnusable(InputError):
    """A column cannot be a field: its header is no name. `reason` says which one, and why."""

    slug = "header-unusable"
    sentence = "the header of {file} cannot become a schema: {reason}"
    remedy = "name the column in the file, or write the schema by hand: custrec init, then edit schema.yaml"


class TooManyColumns(InputError):
    """A table has fewer fields than this file has columns."""

    slug = "too-many-columns"
    sentence = "{file} has {count:,} columns, and a table has at most {limit:,}"
    remedy = "check its delimiter (--delimiter), or leave out the columns that no one needs"


class ProposalNeedsConsent(Declined):
    """A proposed schema was shown, and nobody is there to accept it."""

    slug = "proposal-needs-consent"
    sentence = "the schema proposed for {file} wants a person's consent; nothing was made"
    remedy = "accept it with: {accept}, or write it to a file and edit it: {write}"
