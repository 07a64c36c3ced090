"""Sheets that customers are sent: what is known of them, room to correct it, and the code that comes back with it.

One page of HTML with a sheet on each printed page (A4), whole in itself: no script, no font or picture from elsewhere,
and whatever is shown is escaped.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape

STYLE = """\
@page{size:A4;margin:18mm 20mm}*{box-sizing:border-box}
body{font:11pt/1.45 system-ui,"Noto Sans","Noto Sans CJK SC","Source Han Sans SC","PingFang SC","Microsoft YaHei",
sans-serif;color:#1b1b1b;background:#fff;max-width:170mm;margin:0 auto;padding:0}
section{break-after:page;padding:1mm 0}section:last-child{break-after:auto}
h1{font-size:15pt;margin:0 0 1mm}p{margin:0 0 3mm}p.who{font-size:11pt;margin:0 0 5mm}
table{border-collapse:collapse;width:100%;table-layout:fixed;margin:4mm 0}
th,td{border:.3mm solid #777;padding:1.6mm 2mm;text-align:left;vertical-align:top;overflow-wrap:anywhere}
tr{break-inside:avoid}thead{display:table-header-group}thead th{background:#eee;font-weight:600}
th:nth-child(1){width:24%}th:nth-child(2){width:38%}tbody td:nth-child(3){height:11mm}td.none{color:#666}
ul{list-style:none;margin:4mm 0;padding:0}li{margin:0 0 2mm;padding-left:7mm;position:relative}
li::before{content:"";position:absolute;left:0;top:.2em;width:3.6mm;height:3.6mm;border:.3mm solid #333}
p.code{break-inside:avoid;border:.3mm solid #333;padding:2mm 3mm;margin:5mm 0}
code{font:600 11.5pt/1.5 ui-monospace,"Noto Sans Mono","DejaVu Sans Mono",Consolas,monospace;white-space:nowrap}
p.sign{margin-top:9mm;display:flex;gap:8mm}p.sign span{flex:1;border-top:.3mm solid #333;padding-top:1mm;color:#555}
p.small{color:#555;font-size:9.5pt}@media screen{body{padding:8mm}section{border-bottom:.3mm dashed #bbb}}"""


@dataclass(frozen=True)
class Words:
    """What a sheet says in one language; `{until}` is the last day for answers, `{to}` where they go."""

    lang: str
    title: str
    intro: str
    how: str
    heads: tuple[str, str, str]
    blank: str
    answers: tuple[str, str, str]
    code: str
    to: str
    sign: tuple[str, str]
    masked: str


ENGLISH = Words(
    "en",
    "Are these details still right?",
    "Please check what we have on record about you, and let us have your answer by {until}.",
    "Leave blank what is right. Write beside it what has changed, or “none” where there is no such thing any more.",
    ("", "What we have", "Please correct here"),
    "nothing",
    (
        "Everything is right.",
        "I have corrected something above.",
        "Please delete my data. (We will be in touch before anything is deleted.)",
    ),
    "Your code, which makes sure that the answer is yours:",
    "Please send your answer to: {to}",
    ("Date", "Signature"),
    "Some details are shown in part only, so that nobody else can read them here.",
)
CHINESE = Words(
    "zh",
    "这些资料还正确吗？",
    "请核对我们登记的您的资料，并于{until}前答复我们。",
    "正确的一栏请留空；有变化的请写在右边；已不再有的请写“无”。",
    ("", "现有资料", "请在此更正"),
    "无",
    ("以上资料全部正确。", "我已在上面更正。", "请删除我的资料。（删除之前我们会与您联系。）"),
    "您的验证码（用以确认答复来自您本人）：",
    "请将答复寄往：{to}",
    ("日期", "签名"),
    "部分资料只显示一部分，以免他人看到。",
)
LANGUAGES = {"en": ENGLISH, "zh": CHINESE}
"""The languages that sheets are written in."""


@dataclass(frozen=True)
class Sheet:
    """One customer's sheet: who it is for, what is known as (title, text) each, and the code."""

    who: str
    rows: Sequence[tuple[str, str]]
    token: str


def page(title: str, words: Words, sheets: Iterable[Sheet], *, until: str, to: str, masked: bool) -> Iterator[str]:
    """The page, in pieces of text, a sheet each. `masked`: some texts are shown in part only."""
    yield (
        f'<!doctype html>\n<html lang="{words.lang}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<title>{escape(title)}</title><style>{STYLE}</style></head><body>\n"
    )
    ahead = f"<h1>{escape(words.title)}</h1>"
    said = [words.intro.format(until=until), words.how, *([words.masked] if masked else [])]
    below = "".join(f"<p>{escape(text)}</p>" for text in said)
    heads = "".join(f'<th scope="col">{escape(text)}</th>' for text in words.heads)
    answers = "".join(f"<li>{escape(text)}</li>" for text in words.answers)
    sent = f"<p>{escape(words.to.format(to=to))}</p>" if to else ""
    sign = "".join(f"<span>{escape(text)}</span>" for text in words.sign)
    for sheet in sheets:
        who = f'<p class="who">{escape(sheet.who)}</p>' if sheet.who else ""
        yield (
            f"<section>{ahead}{who}{below}<table><thead><tr>{heads}</tr></thead><tbody>"
            f"{''.join(_row(name, text, words) for name, text in sheet.rows)}</tbody></table>"
            f"<ul>{answers}</ul>"
            f'<p class="code">{escape(words.code)}<br><code>{escape(sheet.token)}</code></p>{sent}'
            f'<p class="sign">{sign}</p></section>\n'
        )
    yield "</body></html>\n"


def _row(name: str, text: str, words: Words) -> str:
    shown = escape(text).replace("\n", "<br>")
    value = f"<td>{shown}</td>" if text else f'<td class="none">{escape(words.blank)}</td>'
    return f'<tr><th scope="row">{escape(name)}</th>{value}<td></td></tr>'
