"""One page of HTML that shows why records are taken for one: for each cluster its records, and a waterfall of bits.

The page is whole in itself: no script, no style, font or picture from elsewhere, and whatever is shown is escaped. A
waterfall is inline SVG: from the prior on the left each piece of evidence moves the sum to the right (for) or to the
left (against); the line at 0 bits is even odds. Direction is told by the sign and by where a bar stands, not by colour
alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from unicodedata import east_asian_width

WIDTH, LABEL, ROW, PAD = 600, 170, 26, 56
"""Pixels: of the picture, of the names on its left, of a row, and of the numbers beside the longest bars."""

STYLE = """\
:root{color-scheme:light dark;--ink:#1b1b1b;--pale:#6a6a6a;--line:#c9c9c9;--for:#1a6f5a;--against:#b0452c;--sum:#44546a;
--back:#fff}@media(prefers-color-scheme:dark){:root{--ink:#e8e8e8;--pale:#a0a0a0;--line:#444;--for:#4fb89a;
--against:#e08163;--sum:#93a8c4;--back:#161616}}body{font:15px/1.45 system-ui,"Noto Sans CJK SC","PingFang SC",
"Microsoft YaHei",sans-serif;color:var(--ink);background:var(--back);max-width:1000px;margin:2rem auto;padding:0 1rem}
h1{font-size:1.4rem}h2{font-size:1.1rem;margin-top:2.5rem;border-top:1px solid var(--line);padding-top:1rem}
p,caption,figcaption{color:var(--pale)}div.wide{overflow-x:auto}table{border-collapse:collapse;margin:.5rem 0}
th,td{border-bottom:1px solid var(--line);padding:.2rem .7rem .2rem 0;text-align:left;vertical-align:top}
th[scope=row]{position:sticky;left:0;background:var(--back)}td.other{font-weight:600}figure{margin:1rem 0}
svg{width:100%;max-width:600px;height:auto}svg text{fill:var(--ink);font-size:15px;paint-order:stroke;
stroke:var(--back);stroke-width:3px}
svg text.pale{fill:var(--pale)}.for{fill:var(--for)}.against{fill:var(--against)}.sum{fill:var(--sum)}
line{stroke:var(--line)}line.even{stroke:var(--pale);stroke-dasharray:3 3}"""


@dataclass(frozen=True)
class Step:
    """One piece of evidence: its name, what it is in words, and what it weighs in bits."""

    name: str
    words: str
    bits: float


@dataclass(frozen=True)
class Waterfall:
    """The evidence on two records: in order, and what comes of it in words."""

    title: str
    steps: Sequence[Step]
    outcome: str


@dataclass(frozen=True)
class Picture:
    """A cluster: its heading, what is said of it, its records as columns of a table whose rows are (field, mark,
    *values), and waterfalls of some of its pairs."""

    title: str
    words: Sequence[str]
    records: Sequence[str]
    rows: Sequence[Sequence[str]]
    waterfalls: Sequence[Waterfall]


def page(title: str, words: str, pictures: Iterable[Picture]) -> Iterator[str]:
    """The page, in pieces of text."""
    yield (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<title>{escape(title)}</title><style>{STYLE}</style></head><body>\n"
        f"<h1>{escape(title)}</h1><p>{escape(words)}</p>\n"
    )
    for picture in pictures:
        yield "".join(_section(picture))
    yield "</body></html>\n"


def _section(picture: Picture) -> Iterator[str]:
    yield f"<section><h2>{escape(picture.title)}</h2>"
    for words in picture.words:
        yield f"<p>{escape(words)}</p>"
    heads = "".join(f'<th scope="col">{escape(name)}</th>' for name in picture.records)
    yield f'<div class="wide"><table><thead><tr><th scope="col"></th><th scope="col"></th>{heads}</tr></thead><tbody>'
    for field, mark, *values in picture.rows:
        other = ' class="other"' if mark else ""
        cells = "".join(f"<td{other}>{escape(value)}</td>" for value in values)
        yield f'<tr><th scope="row">{escape(field)}</th><td>{escape(mark)}</td>{cells}</tr>'
    yield "</tbody></table></div>"
    for waterfall in picture.waterfalls:
        yield from _figure(waterfall)
    yield "</section>\n"


def _figure(waterfall: Waterfall) -> Iterator[str]:
    sums = [0.0]
    for step in waterfall.steps:
        sums.append(sums[-1] + step.bits)
    low, high = min(sums), max(sums)
    scale = (WIDTH - LABEL - 2 * PAD) / max(high - low, 1.0)

    def across(bits: float) -> float:
        return LABEL + PAD + (bits - low) * scale

    height = ROW * (len(waterfall.steps) + 1) + 8
    said = f"{waterfall.title}: {waterfall.outcome}"
    yield f"<figure><figcaption>{escape(said)}</figcaption>"
    size = f'viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}"'
    yield f'<svg {size} role="img"><title>{escape(said)}</title>'
    zero = across(0)
    yield f'<line class="even" x1="{zero:.1f}" y1="0" x2="{zero:.1f}" y2="{height}"/>'
    for at, step in enumerate(waterfall.steps):
        yield from _bar(at, step.name, step.words, (across(sums[at]), across(sums[at + 1])), step.bits, "")
    yield from _bar(len(waterfall.steps), "sum", "", (zero, across(sums[-1])), sums[-1], "sum")
    yield "</svg></figure>"


def _bar(at: int, name: str, words: str, ends: tuple[float, float], bits: float, kind: str) -> Iterator[str]:
    top, (begin, end) = at * ROW + 4, ends
    left, width = min(begin, end), max(abs(end - begin), 1.0)
    kind = kind or ("for" if bits >= 0 else "against")
    hint = f"{name}: {words}" if words else name
    yield f"<g><title>{escape(hint)} ({signed(bits)} bits)</title>"
    yield f'<text x="{LABEL - 8}" y="{top + 14}" text-anchor="end">{escape(_cut(name))}</text>'
    yield f'<rect class="{kind}" x="{left:.1f}" y="{top}" width="{width:.1f}" height="{ROW - 8}"/>'
    if bits >= 0:
        yield f'<text x="{left + width + 5:.1f}" y="{top + 13}">{signed(bits)}</text></g>'
    else:
        yield f'<text x="{left - 5:.1f}" y="{top + 13}" text-anchor="end">{signed(bits)}</text></g>'


def signed(bits: float) -> str:
    """Bits with their sign: a true minus, so that it is not taken for a dash."""
    text = f"{abs(bits):.1f}"
    return text if text == "0.0" else f"{'+' if bits > 0 else '−'}{text}"


def _cut(name: str) -> str:
    """A name as far as there is room for it: 20 letters, or 10 wide characters."""
    taken = 0
    for place, character in enumerate(name):
        taken += 2 if east_asian_width(character) in "WF" else 1
        if taken > 20:
            return name[: place - 1] + "…"
    return name
