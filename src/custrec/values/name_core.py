"""What a person's name is behind titles, notes, order and case: the part that identifies, and how it sounds.

`core_of` takes a stored name apart for `keys` and for values.name_likeness. It is not used in judging.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from custrec.values.honorifics import core_words, han_core
from custrec.values.letters import HAN, fold, has_han, has_letter, words
from custrec.values.sounds import compound_surnames, is_full_name, is_surname, name_sounds, sound, split_han

_NOTE = re.compile(r"\([^()]*\)")
_NOT_HAN = re.compile(f"[^{HAN}]+")
_FAMILIAR = re.compile(f"^[老小阿大](?=[{HAN}]$)")
_GENERATIONS = {"jr": "jr", "junior": "jr", "sr": "sr", "senior": "sr", "ii": "ii", "iii": "iii", "iv": "iv"}
_GENERATION_APART = re.compile(rf",\s*((?:{'|'.join(_GENERATIONS)})\b\.?)(?=\s*(?:,|$))", re.IGNORECASE)
"""Roe, Jr. and Roe, Jr., Jane: a comma behind which no given name follows."""
_MEMORY = 1 << 17


@dataclass(frozen=True, slots=True)
class NameCore:
    """A name taken apart.

    `han` are its Han characters (欧阳娜娜), `words` its other words, folded, the given names first where a comma says
    so; `surname_only` where a title stands for the given name (王总, Mr. Smith); `generation` is jr, sr, ii, iii, iv
    or "".
    """

    han: str = ""
    words: tuple[str, ...] = ()
    surname_only: bool = False
    generation: str = ""

    @property
    def sound(self) -> tuple[str, str]:
        """Surname and given name of the Han name in pinyin."""
        return sound(self.han, "") if self.surname_only else sound(*split_han(self.han))

    @property
    def initials(self) -> str:
        """The first letters of the syllables of the Han name: lxl of 林晓玲; "" where it has none."""
        return found[1] if (found := name_sounds(self.han)) else ""

    @property
    def parts(self) -> tuple[str, ...]:
        """What a Han name may be cut down to: its initials, its given name."""
        return tuple(filter(None, (self.initials, "" if self.surname_only else split_han(self.han)[1])))

    @property
    def keys(self) -> tuple[str, ...]:
        """What stands in `keys_of`."""
        return _keys_of(self)


@lru_cache(maxsize=_MEMORY)
def core_of(name: str) -> NameCore:
    """The core of a stored name."""
    text = _NOTE.sub(" ", name)
    if not has_letter(text):
        text = name  # (张伟)
    if not has_han(text):
        return _latin_core(text) or NameCore()
    head, _, note = text.partition("-")
    if has_han(note) and is_full_name(head.strip()):
        text = head  # 张伟-采购
    written = _NOT_HAN.sub("", text.replace("·", ""))
    han = _FAMILIAR.sub("", han_core(written))
    alone = len(han) == 1 or han in compound_surnames()
    rest = words(_NOT_HAN.sub(lambda run: run[0], "".join(" " if has_han(c) else c for c in fold(text))))
    return NameCore(han, core_words(rest) if rest else (), surname_only=han != written and alone and is_surname(han))


def _latin_core(text: str) -> NameCore | None:
    """The core of a name without Han characters; None where it has no words."""
    text = _GENERATION_APART.sub(r" \1", text)
    last, comma, first = text.partition(",")
    parts = words((f"{first} {last}" if comma else text).replace("'", "").replace("’", "").replace(".", " "))
    generation = next((_GENERATIONS[part] for part in parts[1:] if part in _GENERATIONS), "")
    named = tuple(part for at, part in enumerate(parts) if not (at and part in _GENERATIONS)) if generation else parts
    if not named:
        return None
    core = core_words(named)
    return NameCore("", core, surname_only=len(core) == 1 < len(named), generation=generation)


def keys_of(name: str) -> tuple[str, ...]:
    """Folded name, sound, and surname with the initial of the given name; 张伟 and Zhang Wei share the last two."""
    return core_of(name).keys


def _keys_of(core: NameCore) -> tuple[str, ...]:
    if core.han:
        surname, given = core.sound
        if not given:
            return (core.han, surname)
        return _each_once(core.han, " ".join(sorted((surname, given))), f"{surname} {given[0]}")
    parts = core.words
    whole = " ".join(sorted(parts))
    if len(parts) < 2:
        return (whole,) if whole else ()
    ends = (f"{parts[-1]} {parts[0][0]}", f"{parts[0]} {parts[-1][0]}", f"{parts[0]} {parts[1][0]}")
    joined = (" ".join(sorted((parts[0], "".join(parts[1:])))), " ".join(sorted((parts[-1], "".join(parts[:-1])))))
    return _each_once(whole, *ends, *(joined if len(parts) == 3 else ()))


def _each_once(*keys: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(keys))
