"""Errors of policies: rules that judge records by the day."""

from __future__ import annotations

from custrec.errors.branches import Declined, InputError


class ClockUnlikely(Declined):
    """The day by which records would be judged lies before what the store knows, or far beyond it."""

    slug = "clock-unlikely"
    sentence = "today would be {today}, which is {how} the last event of the store: the clock may be wrong"
    remedy = "set the clock; to look ahead: custrec retention forecast --as-of {today}"


class NoPolicy(InputError):
    """Nothing in the schema says what is asked for."""

    slug = "no-policy"
    sentence = "the schema has no {section} section{of}"
    remedy = "add one to schema.yaml (docs/retention.md says how), then: custrec schema apply"


class CasesInvalid(InputError):
    """A file of cases for policies cannot be read; `details` holds a line for each fault."""

    slug = "cases-invalid"
    sentence = "{name} has {count:,} fault{s}"
    remedy = "mend them; docs/retention.md shows the form"
