"""What headers usually mean: from the schemas that ship with custrec, by their names, titles and aliases; and, of what
other systems write and these have no field for (half a name, a number of the state's), by a short list here.

A header is known exactly (手机, E-mail, "Phone (work)", 手机号*), or by its end alone (办公电话, billing address). The
former also gives a field its name; the latter only makes one kind likelier than another.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from custrec.files.headers import fold_header
from custrec.files.presets import preset_names, preset_text
from custrec.files.schema_file import parse_schema
from custrec.jobs.name_halves import FAMILY, GIVEN
from custrec.model.schema import Field, Table
from custrec.values.letters import has_han

_BRACKETS = re.compile(r"[(（\[【<《][^()（）\[\]【】<>《》]*[)）\]】>》]")
_AROUND = re.compile(r"^[\W_]+|[\W_\d]+$")
_WORDS = re.compile(r"[^\W\d_]+?(?=(?<=[a-z])[A-Z])|[^\W\d_]+|\d+")
_KEY_WORDS = frozenset("no nr num number id code key".split())  # noqa: SIM905 (reads better)
_KEY_ENDS = ("编号", "编码", "代码", "号码", "号")
_CURRENCY = re.compile(r"[(（\[,，/ ]\s*([^\W\d_]{1,6}|[€$£¥￥])\s*[)）\]]?\s*$")
_SHORTEST_END = 2
_BESIDES = {
    "person_name": (*GIVEN, *FAMILY, "middle name", "maiden name", "preferred name", "nickname", "英文名"),
    "text": (
        *("ssn", "social security number", "national insurance number", "nino", "tax id", "tax number", "passport"),
        *("passport number", "driver license", "drivers license", "license number", "licence number", "account number"),
        *("routing number", "card number", "护照号", "护照号码", "银行账号", "账号", "卡号"),
    ),
}
"""By kind, headers that no schema here has. They say the same at the end of a longer one: billing first name."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """A field that a header is known to mean, the table it is of, and whether it tells that table's records apart."""

    table: Table
    field: Field

    @property
    def is_key(self) -> bool:
        """Whether it alone is the table's key."""
        return self.table.primary_key == (self.field.name,)


@dataclass(frozen=True, slots=True)
class Hint:
    """What a header makes likely: kinds, the likeliest first; `exact` if the whole header is known."""

    kinds: tuple[str, ...] = ()
    exact: bool = False

    @property
    def is_text(self) -> bool:
        """Whether the header is known for plain text: a number, but not a quantity; a word, but not one of a list."""
        return self.exact and set(self.kinds) == {"text"}


def meanings(header: str) -> tuple[Meaning, ...]:
    """The fields that a header is known to mean, in the order of the presets."""
    return _index().get(fold_header(header)) or _index().get(fold_header(_bare(header))) or ()


def hint(header: str) -> Hint:
    """What a header makes likely of its column."""
    if found := meanings(header):
        return Hint(tuple(dict.fromkeys(meaning.field.kind for meaning in found)), exact=True)
    if kind := _besides().get(fold_header(_bare(header))):
        return Hint((kind,), exact=True)
    for end in _ends(_bare(header)):
        if kind := _besides().get(fold_header(end)):
            return Hint((kind,), exact=True)
        if meant := _index().get(fold_header(end)):
            return Hint(tuple(dict.fromkeys(meaning.field.kind for meaning in meant)))
    return Hint()


def words(header: str) -> list[str]:
    """The words of a header in small letters: ["customer", "id"] of "CustomerID", "Customer-ID" and "customer id"."""
    return [word.lower() for word in _WORDS.findall(unicodedata.normalize("NFKC", header))]


def sounds_like_key(header: str) -> bool:
    """Whether a header has a word for what tells records apart: no, id, code, 编号."""
    return not _KEY_WORDS.isdisjoint(words(header)) or _bare(header).endswith(_KEY_ENDS)


def currency_in(header: str) -> str | None:
    """The currency at the end of a header: "Umsatz (EUR)", "金额（元）", "Amount, USD"."""
    from custrec.values.currencies import NAMES

    found = _CURRENCY.search(header.strip())
    meant = NAMES.get(found[1], frozenset()) if found else frozenset()
    return next(iter(meant)) if len(meant) == 1 else "CNY" if "CNY" in meant else None


def table_called(stem: str) -> Table | None:
    """The table that a file's name speaks of: `customers-july`, `客户名单`, `order`; None where it names none."""
    said = words(stem)
    for table in _tables():
        name = table.name.casefold()
        if any(word in (name, name.removesuffix("s")) for word in said):
            return table
    titled = [table for table in _tables() if table.title and has_han(table.title) and table.title in stem]
    return max(titled, key=lambda table: len(table.title), default=None)


def known_headers() -> frozenset[str]:
    """All known headers, folded: they decide between delimiters."""
    return frozenset((*_index(), *_besides()))


def missing_words() -> frozenset[str]:
    """The words that stand for blank in the presets."""
    return frozenset(word for table in _tables() for word in table.missing_values)


def _bare(header: str) -> str:
    """A header without notes in brackets, and signs and numbers at its end: "Phone 2 (work)*" is "Phone"."""
    return _AROUND.sub("", _BRACKETS.sub(" ", header)).strip()


def _ends(header: str) -> Iterator[str]:
    """The ends of a header that could be words of their own, the longest first."""
    if has_han(header):
        yield from (header[at:] for at in range(1, len(header) - _SHORTEST_END + 1))
    else:
        said = words(header)
        yield from (" ".join(said[at:]) for at in range(1, len(said)) if len("".join(said[at:])) > _SHORTEST_END)


@cache
def _tables() -> tuple[Table, ...]:
    schemas = (parse_schema(preset_text(name), name) for name in preset_names())
    return tuple(table for schema in schemas for table in schema.tables)


@cache
def _besides() -> dict[str, str]:
    """Kinds by folded header."""
    return {fold_header(text): kind for kind, texts in _BESIDES.items() for text in texts}


@cache
def _index() -> dict[str, tuple[Meaning, ...]]:
    """Meanings by folded header."""
    index: dict[str, dict[tuple[str, str], Meaning]] = {}
    for table in _tables():
        for field in table.fields:
            for text in (field.name, field.title, *field.aliases):
                if folded := fold_header(text):
                    index.setdefault(folded, {}).setdefault((table.name, field.name), Meaning(table, field))
    return {folded: tuple(found.values()) for folded, found in index.items()}
