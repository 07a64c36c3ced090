"""custrec's matching engine over one labelled set, without store or command: reads, judges, finds, writes.

    python benchmarks/duplicates/engine_door.py FOLDER --out FOLDER

Writes `clusters.csv` (row, cluster; only rows that are in one) and `pairs.csv` (the two rows, probability). Cells that
the kind of their field cannot read count as blank. Everything is as shipped: nothing here sets a threshold or a weight.
"""

from __future__ import annotations

import argparse
import csv
import gc
import math
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from custrec.files.schema_file import load_schema
from custrec.matching.columns import BLANK, encode
from custrec.matching.engine import find
from custrec.values.comparing import comparing_in
from custrec.values.registry import for_field


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    gc.disable()  # texts make no circles
    schema = load_schema(options.folder / "schema.yaml")
    table = schema.tables[0]
    with (options.folder / "rows.csv").open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    cells = dict(zip(header, zip(*rows, strict=True), strict=True))
    numbers = cells.pop(table.primary_key[0])
    columns = []
    for field in table.fields:
        if field.name in cells:
            kind = for_field(field, schema.defaults)
            texts = encode(field.name, kind, [text.strip() or None for text in cells[field.name]])
            judged = encode(field.name, kind, kind.judge_column(list(map(str, texts.values))).values)
            columns.append(replace(judged, codes=np.append(judged.codes, np.int32(BLANK))[texts.codes]))
    with comparing_in(os.cpu_count() or 1):
        found = find(columns)
    write(options.out, numbers, found)


def write(folder: Path, numbers: Sequence[str], found: Any) -> None:
    """Pairs and clusters, by the numbers of the rows."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "clusters.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["row", "cluster"])
        writer.writerows(zip(numbers, found.clusters.tolist(), strict=True))
    with (folder / "pairs.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["row_l", "row_r", "probability"])
        for left, right, odds in zip(found.left.tolist(), found.right.tolist(), found.odds.tolist(), strict=True):
            writer.writerow([numbers[left], numbers[right], 1 / (1 + math.exp(-odds)) if odds > -700 else 0.0])


if __name__ == "__main__":
    main()
