"""Letters on one page of HTML, each on a sheet of its own when it is printed: what will become of somebody's data,
when, and how to answer. The page is whole in itself: no script, no style or font from elsewhere, and what is shown is
escaped.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape
from typing import NamedTuple

STYLE = """\
body{font:12pt/1.6 system-ui,"Noto Sans CJK SC","PingFang SC","Microsoft YaHei",sans-serif;max-width:42rem;
margin:2rem auto;padding:0 1rem}section{border-top:1px solid #c9c9c9;padding:2rem 0}.small{color:#6a6a6a;font-size:10pt}
.box{display:inline-block;width:1em;height:1em;border:1px solid;margin-right:.6em;vertical-align:-.15em}
@media print{section{border:0;page-break-after:always}}"""


class Sheet(NamedTuple):
    """One letter: to whom, under which reference, what will be done and not before which day, the last day for an
    answer."""

    name: str
    reference: str
    action: str
    day: str
    answer_by: str


WORDS = {
    "en": {
        "title": "About the data that we keep of you",
        "dear": "Dear {name},",
        "nobody": "Dear Sir or Madam,",
        "why": "we keep data of you that we have needed no longer for some time.",
        "trash": "They will be deleted, not before {day}.",
        "anonymise": "What tells who you are will be deleted from them, not before {day}.",
        "purge": "They will be deleted for good, not before {day}.",
        "answer": "If you want us to keep them, tell us by {answer_by}. You need do nothing if you agree.",
        "to": "Answer to: {to}",
        "keep": "Please keep my data.",
        "delete": "Please delete my data now.",
        "reference": "Reference: {reference}",
    },
    "zh": {
        "title": "关于我们保存的您的资料",
        "dear": "尊敬的{name}：",
        "nobody": "尊敬的客户：",
        "why": "我们保存着您的资料，而这些资料已有一段时间不再需要。",
        "trash": "这些资料将被删除，时间不早于{day}。",
        "anonymise": "其中能识别您身份的内容将被删除，时间不早于{day}。",
        "purge": "这些资料将被永久删除，时间不早于{day}。",
        "answer": "如果您希望我们继续保存，请在{answer_by}之前告诉我们；如果您同意删除，则无需答复。",
        "to": "答复方式：{to}",
        "keep": "请继续保存我的资料。",
        "delete": "请立即删除我的资料。",
        "reference": "编号：{reference}",
    },
}
"""The sentences of a letter, by language."""


def page(sheets: Iterable[Sheet], language: str, answer_to: str) -> Iterator[str]:
    """The page, piece by piece. `answer_to` says where answers go. Raises KeyError for a language that has no words."""
    words = WORDS[language]
    yield (
        f'<!doctype html>\n<html lang="{language}"><head><meta charset="utf-8"><title>{escape(words["title"])}</title>'
        f"<style>{STYLE}</style></head><body>\n"
    )
    for sheet in sheets:
        yield _letter(sheet, words, answer_to)
    yield "</body></html>\n"


def _letter(sheet: Sheet, words: dict[str, str], answer_to: str) -> str:
    def said(key: str, **more: str) -> str:
        return escape(words[key].format(**sheet._asdict(), **more))

    lines = [
        f"<h1>{said('title')}</h1>",
        f"<p>{said('dear' if sheet.name else 'nobody')}</p>",
        f"<p>{said('why')} {said(sheet.action)}</p>",
        f"<p>{said('answer')}</p>",
        f'<p><span class="box"></span>{said("keep")}<br><span class="box"></span>{said("delete")}</p>',
        f"<p>{said('to', to=answer_to)}</p>" if answer_to else "",
        f'<p class="small">{said("reference")}</p>',
    ]
    return "<section>\n" + "\n".join(line for line in lines if line) + "\n</section>\n"
