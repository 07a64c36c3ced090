"""What the tests of the command line share."""

from __future__ import annotations

from pathlib import Path

import pytest

from terminal import Desk


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """A folder with a new, empty store of `terminal.SCHEMA`."""
    return Desk(tmp_path / "desk")
