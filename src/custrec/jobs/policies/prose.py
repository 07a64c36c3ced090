"""Policies written out for people, in English and in Chinese: what is kept how long, and what happens then.

A line a sentence. Conditions stand as they are written in the schema; fields by their title, where they have one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal, TypeAlias

from custrec.model.anchor import Anchor, Confirmed, End, Extreme, OfChildren, Own, parse_anchor
from custrec.model.calendar import Duration
from custrec.model.expression import to_text
from custrec.model.policy import Action, Capacity, FieldRule, Minimum, Rule, Stale, capacity_of, rules_of, stale_of
from custrec.model.schema import Field, Schema, Table

Language: TypeAlias = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = ("en", "zh")

_WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "stale": "A record is stale {after} after {anchor}{where}.",
        "warn": "It is said to be so soon {warn} before.",
        "protect": "Not where: {conditions}.",
        "rule": "Rule “{name}”{when}:",
        "all": " for all records",
        "when": " for records with {conditions}",
        "step": "{period} after {anchor} they are {done}{why}.",
        "minimum": "They are kept at least {period} from {anchor} on{why}. Until then nothing of them is destroyed: "
        "what would go is restricted, kept and used for nothing.",
        "fields": "What stands in {fields} is emptied {period} after {anchor}{why}.",
        "notify": "The customer is written to {before}and has {grace} to answer; who wants to be kept is asked again "
        "after {again}.",
        "before": "{before} before, ",
        "at_once": "when the day has come, ",
        "auto": "Carried out unasked: {actions}. All else is only proposed.",
        "proposed": "All of it is only proposed.",
        "capacity": "At most {most} are kept; of what is beyond that the longest inactive are proposed to be {done}.",
        "records": "{count:,} active records",
        "bytes": "{count:,} bytes",
        "none": "No rule says what becomes of the records of {table}.",
        "order": "Where rules disagree: a hold keeps a record as it is; else the longest keep wins; a minimum that "
        "runs restricts what would be destroyed; a record without a day to count from is kept.",
        "and": " and ",
        "or": "; ",
        "where": ", of those with {conditions}",
    },
    "zh": {
        "stale": "记录在{anchor}之后满{after}即视为陈旧{where}。",
        "warn": "到期前{warn}开始提醒。",
        "protect": "以下情况除外：{conditions}。",
        "rule": "规则“{name}”{when}：",
        "all": "，适用于全部记录",
        "when": "，适用于满足 {conditions} 的记录",
        "step": "自{anchor}起满{period}后{done}{why}。",
        "minimum": "自{anchor}起至少保存{period}{why}。"
        "在此之前不销毁任何内容；本应销毁的记录改为限制处理：仅保存，不作任何使用。",
        "fields": "{fields}自{anchor}起满{period}后清空{why}。",
        "notify": "{before}书面通知客户，客户有{grace}时间答复；要求保留的，{again}后再次询问。",
        "before": "提前{before}",
        "at_once": "到期时",
        "auto": "以下操作自动执行：{actions}。其余仅作建议。",
        "proposed": "全部仅作建议，不自动执行。",
        "capacity": "最多保存{most}；超出部分中，建议对最久未活动的记录{done}。",
        "records": " {count:,} 条有效记录",
        "bytes": " {count:,} 字节",
        "none": "{table}没有保存期限规则。",
        "order": "规则冲突时：被冻结的记录保持原样；否则以保存期限最长者为准；"
        "法定最短期限未满的，限制处理而不销毁；没有起算日期的记录予以保留。",
        "and": "且",
        "or": "；",
        "where": "（仅限满足 {conditions} 的记录）",
    },
}
_DONE: Mapping[str, Mapping[Action, str]] = {
    "en": {
        Action.FLAG: "flagged with a tag",
        Action.ARCHIVE: "archived",
        Action.RESTRICT: "restricted: kept, and used for nothing",
        Action.TRASH: "put into the trash",
        Action.ANONYMISE: "anonymised",
        Action.PURGE: "destroyed for good",
    },
    "zh": {
        Action.FLAG: "加上标签",
        Action.ARCHIVE: "归档",
        Action.RESTRICT: "限制处理（仅保存，不作任何使用）",
        Action.TRASH: "移入回收站",
        Action.ANONYMISE: "匿名化",
        Action.PURGE: "彻底销毁",
    },
}
_UNITS = {"en": ((12, "year"), (1, "month")), "zh": ((12, "年"), (1, "个月"))}
_ENDS = {
    "en": {"month": "the end of the month of {day}", "quarter": "the end of the quarter of {day}"}
    | {"year": "the end of the year of {day}"},
    "zh": {"month": "{day}所在月的月末", "quarter": "{day}所在季度的季末", "year": "{day}所在年的年末"},
}


def prose(schema: Schema, language: Language) -> Iterator[str]:
    """The policies of all tables, a line each."""
    for number, table in enumerate(schema.tables):
        writer = _Writer(schema, table, language)
        lines = list(writer.lines())
        if lines or number == 0:
            yield _named(table)
            yield from (f"  {line}" for line in lines or [writer.say("none", table=_named(table))])
    if any(rules_of(table) for table in schema.tables):
        yield _WORDS[language]["order"]


def _named(table: Table | Field) -> str:
    return f"{table.title} ({table.name})" if table.title and table.title != table.name else table.name


class _Writer:
    def __init__(self, schema: Schema, table: Table, language: Language) -> None:
        self.schema, self.table, self.language = schema, table, language

    def say(self, key: str, **more: object) -> str:
        return _WORDS[self.language][key].format(**more)

    def lines(self) -> Iterator[str]:
        if stale := stale_of(self.table):
            yield from self.stale(stale)
        for rule in rules_of(self.table):
            yield from self.rule(rule)
        if capacity := capacity_of(self.table):
            yield self.capacity(capacity)

    def stale(self, stale: Stale) -> Iterator[str]:
        where = self.say("where", conditions=stale.where) if stale.where else ""
        yield self.say("stale", after=self.period(stale.after), anchor=self.anchor(stale.anchor), where=where)
        if stale.warn:
            yield self.say("warn", warn=self.period(stale.warn))
        if stale.protect:
            yield self.say("protect", conditions=self.listed(stale.protect, "or"))

    def rule(self, rule: Rule) -> Iterator[str]:
        when = self.say("when", conditions=self.listed(rule.when, "and")) if rule.when else self.say("all")
        yield self.say("rule", name=rule.name, when=when)
        for step in rule.steps:
            said = {"done": _DONE[self.language][step.action], "why": self.why(step.why)}
            yield "  " + self.say("step", period=self.period(step.period), anchor=self.anchor(rule.anchor), **said)
        if rule.minimum:
            yield "  " + self.minimum(rule.minimum, rule.anchor)
        for part in rule.fields:
            yield "  " + self.fields(part, rule)
        if rule.protect:
            yield "  " + self.say("protect", conditions=self.listed(rule.protect, "or"))
        if notice := rule.notice:
            days = notice.before != Duration()
            before = self.say("before", before=self.period(notice.before)) if days else self.say("at_once")
            grace, again = self.period(notice.grace), self.period(notice.again)
            yield "  " + self.say("notify", before=before, grace=grace, again=again)
        actions = self.listed([_DONE[self.language][action] for action in sorted(rule.auto)], "and")
        yield "  " + (self.say("auto", actions=actions) if rule.auto else self.say("proposed"))

    def minimum(self, minimum: Minimum, anchor: str | None) -> str:
        since = self.anchor(minimum.anchor or anchor)
        return self.say("minimum", period=self.period(minimum.period), anchor=since, why=self.why(minimum.why))

    def fields(self, part: FieldRule, rule: Rule) -> str:
        names = self.listed([_named(self.table.by_name[name]) for name in part.fields], "and")
        anchor = self.anchor(part.anchor or rule.anchor)
        return self.say("fields", fields=names, period=self.period(part.period), anchor=anchor, why=self.why(part.why))

    def capacity(self, capacity: Capacity) -> str:
        most = [
            self.say(word, count=count)
            for word, count in (("records", capacity.max_records), ("bytes", capacity.max_bytes))
            if count is not None
        ]
        return self.say("capacity", most=self.listed(most, "and"), done=_DONE[self.language][capacity.action])

    def why(self, why: str) -> str:
        if not why:
            return ""
        return f" ({why})" if self.language == "en" else f"（{why}）"

    def listed(self, words: list[str] | tuple[str, ...], joined: str) -> str:
        return _WORDS[self.language][joined].join(words)

    def period(self, period: Duration) -> str:
        parts: list[tuple[int, str]] = []
        left = period.months
        for size, unit in _UNITS[self.language]:
            if left >= size and (size == 1 or left % size == 0 or left > 2 * size):
                parts.append((left // size, unit))
                left %= size
        if period.days or not parts:
            parts.append((period.days, "day" if self.language == "en" else "天"))
        if self.language == "zh":
            return "".join(f"{count}{unit}" for count, unit in parts)
        return " and ".join(f"{count} {unit}{'' if count == 1 else 's'}" for count, unit in parts)

    def anchor(self, text: str | None) -> str:
        return self.day(parse_anchor(text, self.table, self.schema)) if text else ""

    def day(self, anchor: Anchor) -> str:
        english = self.language == "en"
        match anchor:
            case Own(one):
                return _named(one)
            case Confirmed(known):
                if english:
                    return f"the day on which {_named(known) if known else 'it'} was last confirmed"
                return f"{_named(known) if known else ''}最近一次确认的日期"
            case OfChildren(table, _, one, latest, where):
                child = _named(self.schema.by_name[table])
                meant = self.say("where", conditions=to_text(where)) if where is not None else ""
                if english:
                    return f"the {'latest' if latest else 'earliest'} {_named(one)} of {child}{meant}"
                return f"{child}中{'最晚' if latest else '最早'}的{_named(one)}{meant}"
            case Extreme(latest, parts):
                days = [self.day(part) for part in parts]
                if len(days) == 1:
                    return days[0]
                if english:
                    return f"the {'latest' if latest else 'earliest'} of {', '.join(days)}"
                return f"{'、'.join(days)}中{'最晚' if latest else '最早'}的日期"
            case End(unit, inner):
                return _ENDS[self.language][unit].format(day=self.day(inner))
