"""jobs.proposals.file_samples: the rows by which a file is judged."""

from __future__ import annotations

from pathlib import Path

from custrec.jobs.proposals.file_samples import read_sample
from custrec.jobs.proposals.proposing import propose


def test_a_large_file_is_sampled_from_everywhere(tmp_path: Path) -> None:
    path = tmp_path / "big.csv"
    with path.open("w", encoding="utf-8") as out:
        out.write("no,text\n")
        for number in range(200_000):
            out.write(f'C{number},"two\nlines of text to fill the row with something, {number}"\n')
    found = read_sample(str(path))
    assert not found.whole
    assert found.lines[-1] > 350_000
    assert all(row[0] == f"C{(line - 2) // 2}" for line, row in zip(found.lines, found.rows, strict=True))
    assert propose(str(path)).rows == 5000
