"""What stands around a name and is no part of it: titles before and after, degrees, 先生 and 总经理.

What is clearly a title beside a full name goes: 张伟先生 is 张伟, Dr. Jane Roe is Jane Roe. A surname with its title
(王总, Mr. Smith) is all that is known of that person and stays; for comparison `han_core` and `core_words` look
behind it.
"""

# ruff: noqa: SIM905 -- a list of short words reads better as text

from __future__ import annotations

import re

from custrec.values.sounds import is_full_name, is_surname

_HAN_TITLES = (
    "先生 女士 小姐 太太 夫人 老师 老師 教授 副教授 博士 硕士 医生 醫生 大夫 主治医师 医师 护士 护士长 律师"
    " 律師 法官 检察官 会计师 同志 师傅 師傅 总经理 副总经理 副总 经理 副经理 總經理 副總經理 經理 副經理 总监"
    " 副总监 總監 总裁 副总裁 總裁 董事长 董事長 副董事长 董事 主任 副主任 主管 部长 副部长 部長 处长 副处长"
    " 科长 副科长 局长 副局长 厂长 副厂长 院长 副院长 校长 副校长 会长 会長 理事长 秘书长 秘书 书记 工程师"
    " 高级工程师 总工程师 总工 店长 行长 镇长 市长 县长 区长 村长 班长 组长 站长 社长 台长 馆长 园长 所长 队长"
    " 船长 老板 老闆 师母 总编 主编 编辑 记者"
).split()
_HAN_SHORT_TITLES = "总總工董局处科哥姐叔姨爷嫂"
"""Titles of one character: seen through in comparison, never cut off, because 李文工 may be a name."""

_BEFORE = "mr mrs ms miss mx mister dr doctor prof professor sir madam madame herr frau monsieur mme mlle señor señora"
_BEFORE_DOTTED = "hon rev ing dipl-ing dipl-kfm dipl sr sra fr pfr mag med phil jur rer nat habil"
_AFTER = "phd md mba esq cpa dds dvm rn jd llm bsc msc frcs fca cfa pe obe cbe"

HAN_TITLE_ENDS = "".join(sorted({title[-1] for title in _HAN_TITLES}))
"""The characters that titles of two and more end with, for a quick look."""

_ALTERNATIVES = "|".join(sorted(_HAN_TITLES, key=len, reverse=True))
_HAN_AFTER = re.compile(f" ?(?:{_ALTERNATIVES})$")
_HAN_SHORT = re.compile(f"[{_HAN_SHORT_TITLES}]$")
_TITLES_BEFORE, _TITLES_DOTTED, _TITLES_AFTER = map(
    frozenset, (_BEFORE.split(), _BEFORE_DOTTED.split(), _AFTER.split())
)
_JOINED = re.compile(r"(?<=^[MD][rs]\.)(?=[^\W\d_]{2})|(?<=^Mrs\.)(?=[^\W\d_]{2})|(?<=^Prof\.)(?=[^\W\d_]{2})")
_MOST_TITLES = 2  # 张伟博士先生
_SUFFIXES = frozenset("jr sr ii iii iv".split())


def without_han_title(name: str) -> str:
    """A Han name without the titles behind it, if what stands before is a full name (also 买买提·艾力)."""
    bare = name
    for _ in range(_MOST_TITLES):
        bare = _HAN_AFTER.sub("", bare)
    return bare if is_full_name(bare) or "·" in bare else name


def han_core(name: str) -> str:
    """A Han name behind any title: 王 of 王总 and 王经理, 张伟 of 张伟总; the name itself where nothing remains."""
    bare = name
    for _ in range(_MOST_TITLES):
        bare = _HAN_AFTER.sub("", bare) or bare
    short = _HAN_SHORT.sub("", bare)
    if short != bare and (is_surname(short) or (bare[-1] in "总總" and is_full_name(short))):
        return short
    return bare


def without_latin_titles(name: str) -> str:
    """A Latin name without titles and degrees, if two words of it remain."""
    words = _JOINED.sub(" ", name).split(" ")
    last = 0
    while last < len(words) and is_title_before(words[last]):
        last += 1
    end = len(words)
    while end > last and is_degree(words[end - 1]):
        end -= 1
    kept = words[last:end]
    if len(kept) > 1 and kept[0].endswith(",") and is_title_before(kept[1]):  # Smith, Dr. John
        kept = [kept[0], *kept[2:]]
    if kept and end < len(words):
        kept[-1] = kept[-1].rstrip(",")
    names = [word for word in kept if bare(word) not in _SUFFIXES and word not in ("&", "and", "und", "et", "+")]
    return " ".join(kept) if len(names) > 1 and len(names) >= len(kept) - 1 and kept[0] == names[0] else name


def is_title_before(word: str) -> bool:
    """Whether a word is a title that stands before names. Those that are names too (Rev, Sr) need their point."""
    plain = bare(word)
    return plain in _TITLES_BEFORE or (plain in _TITLES_DOTTED and word.endswith("."))


def is_degree(word: str) -> bool:
    """Whether a word is a degree or an order that stands behind names. In small letters (Md, Pe) it is a name."""
    plain = bare(word)
    return plain in ("phd", "esq") or (plain in _TITLES_AFTER and sum(map(str.isupper, word)) > 1)


def core_words(words: tuple[str, ...]) -> tuple[str, ...]:
    """The folded words of a Latin name without titles; all of them where none would remain."""
    return tuple(word for word in words if word not in _TITLES_BEFORE and word not in _TITLES_AFTER) or words


def bare(word: str) -> str:
    """A word in small letters without points and commas: ph.d., → phd."""
    return word.casefold().replace(".", "").strip(",")
