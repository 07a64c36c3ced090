"""Proposals for files that are written as columns: what tests of the proposing jobs share."""

from __future__ import annotations

from collections.abc import Sequence

from custrec.jobs.proposals.file_samples import FileSample
from custrec.jobs.proposals.proposing import propose_for
from custrec.model.proposal import Proposal, ProposedField
from custrec.model.schema import Field


def sample(header: Sequence[str], rows: Sequence[Sequence[str]], name: str = "file.csv") -> FileSample:
    """A file that was read whole."""
    return FileSample(name, tuple(header), list(range(2, len(rows) + 2)), [list(row) for row in rows])


def column(header: str, values: Sequence[str], *others: tuple[str, Sequence[str]], name: str = "file.csv") -> Field:
    """The field proposed for a column, with others beside it."""
    return proposed(header, values, *others, name=name).field


def proposed(
    header: str, values: Sequence[str], *others: tuple[str, Sequence[str]], name: str = "file.csv"
) -> ProposedField:
    """What is proposed for the first column."""
    return of((header, values), *others, name=name).fields[0]


def of(*columns: tuple[str, Sequence[str]], name: str = "file.csv") -> Proposal:
    """The proposal for a file with these columns."""
    rows = list(zip(*(values for _, values in columns), strict=True))
    return propose_for(sample([header for header, _ in columns], rows, name))


def repeated(*values: str, times: int = 10) -> list[str]:
    """The values, over and over."""
    return list(values) * times


def numbered(pattern: str, count: int = 30) -> list[str]:
    """`pattern` with the numbers from 1 on."""
    return [pattern.format(number) for number in range(1, count + 1)]
