"""Which blocks are worth their pairs: the most matches for the budget.

The pilot knows for each likely match under which keys, and in blocks of what size, its records meet. Cells (a key's
blocks of one size) are taken in the order of matches not yet covered for each pair they cost: the greedy rule of
budgeted maximum coverage (Khuller, Moss & Naor 1999). So rare blocks come first by themselves, and a key that finds
what others have found already gets no share.
"""

from __future__ import annotations

import numpy as np

from custrec.matching.columns import Floats
from custrec.matching.pilot import Cell, Pilot

LEAST_YIELD = 1 / 3_000
"""Cells of fewer matches a pair are not worth it …"""
FLOOR = 500_000
"""… unless there are so few pairs altogether that it does not matter."""
FILL = 200_000
"""So many pairs are compared where the budget has them: of small tables the pilot does not see all matches."""


def select(pilot: Pilot, matches: Floats, budget: float) -> list[Cell]:
    """The cells to take, best first. `matches` says for each pair of the pilot how many matches it stands for."""
    cells = [pilot.cells[place] for place in sorted(pilot.cells)]
    number = np.full((len(pilot.keys), 32), -1, np.int64)
    for at, cell in enumerate(cells):
        number[cell.key, cell.bucket] = at
    worth = np.flatnonzero(matches > 1e-3)
    met = pilot.met[:, worth]
    inside = number[np.arange(len(pilot.keys))[:, None], met]  # bucket -1 is column 31: no cell
    pair, of = np.nonzero(inside.T >= 0)
    cell_of = inside.T[pair, of]
    order = np.argsort(cell_of, kind="stable")
    by_cell, starts = pair[order], np.searchsorted(cell_of[order], np.arange(len(cells) + 1))
    first = np.searchsorted(pair, np.arange(len(worth) + 1))
    value = matches[worth].copy()
    gains = np.bincount(cell_of, weights=value[pair], minlength=len(cells))
    costs = np.array([max(cell.pairs, 1.0) for cell in cells])
    taken: list[Cell] = []
    spent, whole = 0.0, budget
    open_ = np.ones(len(cells), np.bool_)
    while open_.any():
        rates = np.where(open_ & (costs <= budget), gains / costs, -1.0)
        best = int(np.argmax(rates))
        if rates[best] < (LEAST_YIELD if spent > FLOOR else LEAST_YIELD / 100):
            break
        open_[best] = False
        budget -= costs[best]
        spent += costs[best]
        taken.append(cells[best])
        for one in by_cell[starts[best] : starts[best + 1]]:
            if value[one]:
                gains[cell_of[first[one] : first[one + 1]]] -= value[one]
                value[one] = 0.0
    for at in np.argsort(costs, kind="stable").tolist():  # what the pilot did not happen to see
        spent += costs[at] if open_[at] else 0.0
        if spent > min(FILL, whole):
            break
        if open_[at]:
            taken.append(cells[at])
    return taken
