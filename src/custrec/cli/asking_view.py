"""One question on the screen: the records that may be one, side by side, and what would become of them.

A line begins with = where all say the same, ~ where they differ; else one of them says it alone. Letters that differ
from the first record's are marked below.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from custrec.cli.side_by_side import Compared, columns, marked, most_columns, ruled
from custrec.cli.tables import broken, one_line
from custrec.jobs.duplicates.answering import Answering, in_words
from custrec.jobs.duplicates.odds import percent
from custrec.jobs.duplicates.reasons import Reason

FEW = 3
"""So many reasons are said for it, and against."""
BECOMES = "becomes"


def question_lines(answering: Answering, title: str, why: Sequence[Reason], width: int) -> list[str]:
    """The lines for a screen of `width` cells."""
    records, texts = answering.question.records, answering.texts
    after, against = answering.becomes()
    key = answering.table.primary_key  # it stands above each column
    said = {name for name in answering.table.by_name if after.get(name) or any(texts[one][name] for one in records)}
    names = [name for name in answering.table.by_name if name in said and name not in key] or list(key)
    lines = ruled(f"{title} · {percent(answering.question.weakest)}", width)
    if why:
        lines += [f"  {part}" for part in broken(_why(why), width - 2)]
    for doubt in answering.question.doubts:
        lines += [f"  {part}" for part in broken(f"look closely: {doubt}", width - 2)]
    room = most_columns(names, width) - bool(after)
    first, *others = records
    size = max(1, room - 1)
    blocks = [others[start : start + size] for start in range(0, len(others), size)]
    for at, block in enumerate(blocks):
        shown = [first, *block]
        last = bool(after) and at == len(blocks) - 1
        heads = [_head(answering, one) for one in shown] + ([_becomes(after, key)] if last else [])
        rows = [_compared(answering, name, shown, after if last else {}) for name in names]
        lines += columns(heads, rows, width)
    if answering.choices:
        chosen = f"chosen: {' · '.join(in_words(answering.choices, answering.question))}"
        lines += [f"  {part}" for part in broken(one_line(chosen), width - 2)]
    return [*lines, *(f"  ! {part}" for line in against for part in broken(line, width - 4))]


def _head(answering: Answering, record: int) -> str:
    place = answering.question.records.index(record) + 1
    return one_line(f"{place} {answering.keys.get(record) or f'#{record}'}")


def _becomes(after: Mapping[str, str], key: Sequence[str]) -> str:
    return one_line(f"{BECOMES} {'/'.join(after[name] for name in key)}".rstrip())


def _compared(answering: Answering, name: str, shown: Sequence[int], after: Mapping[str, str]) -> Compared:
    texts = answering.texts
    said = [texts[record][name] for record in answering.question.records if texts[record][name]]
    sign = " " if len(said) < 2 else "=" if len(set(said)) == 1 else "~"
    first, *others = (one_line(texts[record][name]) for record in shown)
    cells = [marked(first, others[0]) if len(others) == 1 else (first, "")]
    cells += [marked(other, first) for other in others]
    return Compared(sign, name, [*cells, (one_line(after.get(name)), "")] if after else cells)


def _why(why: Sequence[Reason]) -> str:
    """What speaks for it and against it, in a few words."""
    seen = [one for one in why if one.field]
    sides = (
        ("for", [one.what for one in seen if one.bits > 0]),
        ("against", [one.what for one in seen if one.bits < 0]),
    )
    return "; ".join(f"{word}: {', '.join(said[:FEW])}" for word, said in sides if said)
