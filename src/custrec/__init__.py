"""custrec: a records manager for a company's customers, over local files.

The command is the product; see `custrec --help`. What is importable from here is meant for people's own scripts.
"""

from __future__ import annotations

__all__ = ["__version__"]

__version__ = "0.1.0"
