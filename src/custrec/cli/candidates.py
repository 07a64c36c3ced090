"""What each word of a command line may be, told by its metavar: a TABLE is one of the schema's tables, an ID a key.

`KINDS` says it for all commands, so that a new one is completed without a line of its own. A metavar stands in KINDS,
in FILES, in LISTED or in FREE; a test holds every command to that. Nothing here writes, or looks at a store for long.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from custrec.model.schema import Field, Table
    from custrec.store.database import Store

MOST = 50
"""Records, events and plans that are offered at a time."""
IN_TIME = 0.06
"""Seconds that looking into the store may take."""


class Candidate(NamedTuple):
    """A word that may stand here, and a few words on what it is."""

    text: str
    about: str = ""


@dataclass
class Line:
    """What stands on the line before the word that is being typed, and that word."""

    path: tuple[str, ...]
    """The command's words."""
    options: Mapping[str, str] = field(default_factory=dict)
    """Values of the options that have one, by parameter name."""
    arguments: Sequence[str] = ()
    word: str = ""

    @cached_property
    def store_path(self) -> Path:
        """The store that the command would use."""
        from os import environ

        from custrec.cli.face import Face

        said = self.options.get("store") or environ.get("CUSTREC_STORE")
        return Face(Path(said) if said else None).store_path

    @cached_property
    def store(self) -> Store | None:
        """That store; None where there is none that can be read."""
        from custrec.errors import CustrecError
        from custrec.store.beginnings import hurry
        from custrec.store.database import open_store

        try:
            store = open_store(self.store_path)
        except CustrecError:
            return None
        hurry(store, IN_TIME)
        return store

    @cached_property
    def tables(self) -> list[Table]:
        """The table that --table names, or all tables, the default first."""
        from custrec.errors import TableUnknown
        from custrec.jobs.reading import table_named

        if self.store is None:
            return []
        if (name := self.options.get("table")) is None:
            return list(self.store.schema.tables)
        try:
            return [table_named(self.store.schema, name)]
        except TableUnknown:
            return []


Kind = Callable[[Line], Iterable[Candidate]]


def _tables(line: Line) -> Iterator[Candidate]:
    if line.store is not None:
        for table in line.store.schema.tables:
            yield Candidate(table.name, table.title)


def _fields(line: Line) -> Iterator[Candidate]:
    for table in line.tables[:1]:
        for one in table.fields:
            yield Candidate(one.name, one.title or one.kind)


def _some_fields(line: Line) -> Iterator[Candidate]:
    """One more field of a list: those that stand there already are not offered again."""
    *before, _ = line.word.split(",")
    there = {name.lstrip("-") for name in before}
    descending = "-" if line.word.rpartition(",")[2].startswith("-") else ""
    for name, about in _fields(line):
        if name not in there:
            yield Candidate(",".join([*before, descending + name]), about)


def _assignments(line: Line) -> Iterator[Candidate]:
    """`field=`, and after it what the field takes."""
    from custrec.jobs.candidates import field_values

    name, equals, _ = line.word.partition("=")
    if not equals:
        taken = {word.partition("=")[0] for word in line.arguments if "=" in word}
        for one, about in _fields(line):
            if one not in taken:
                yield Candidate(f"{one}=", about)
        return
    for table in line.tables[:1]:
        if line.store is not None and (chosen := table.by_name.get(name)):
            for value in field_values(line.store, table, chosen):
                yield Candidate(f"{name}={value}")


def _expression(line: Line) -> Iterator[Candidate]:
    """The last word of a condition: a field where one may begin, a value after a field and a sign."""
    from custrec.jobs.candidates import field_values

    before, last = _last_word(line.word)
    words = re.findall(r"[^\s()（）]+", before)
    if not words or words[-1] in ("and", "or", "not"):
        for name, about in _fields(line):
            yield Candidate(before + name, about)
    elif len(words) > 1 and words[-1] in ("=", "!=", "has", "in"):
        for table in line.tables[:1]:
            if line.store is not None and (chosen := table.by_name.get(words[-2])):
                for value in field_values(line.store, table, chosen):
                    yield Candidate(before + (value if value.isalnum() else f'"{value}"'))
    elif not last and (chosen := _field_of(line, words[-1])):
        signs = ("has", "is empty") if chosen.kind == "tags" else ("=", "!=", "in", "is empty", "is not empty")
        for sign in (*signs, *(("<", ">") if chosen.column_type != "TEXT" else ())):
            yield Candidate(before + sign)


def _last_word(text: str) -> tuple[str, str]:
    place = max(text.rfind(sign) for sign in " (（") + 1
    return text[:place], text[place:]


def _field_of(line: Line, name: str) -> Field | None:
    return next((table.by_name[name] for table in line.tables[:1] if name in table.by_name), None)


def _ids(line: Line) -> Iterator[Candidate]:
    """Natural keys: of the first table that has some that begin so."""
    from custrec.jobs.candidates import keys
    from custrec.model.lifecycle import WAYS
    from custrec.model.plan import State

    way = WAYS.get(line.path[0])
    state = way.origins[0] if way else State.ACTIVE
    if line.store is None:
        return
    there = set(line.arguments)
    for table in line.tables:
        found = list(keys(line.store, table, line.word, state, MOST))
        if found:
            yield from (Candidate(key, called) for key, called in found if key not in there)
            return


def _changes(line: Line) -> Iterator[Candidate]:
    """Records, then what is to be changed of them."""
    if "=" not in line.word:
        yield from _ids(line) if line.word or not line.arguments else ()
    if "=" in line.word or line.arguments or "where" in line.options:
        yield from _assignments(line)


def _tags(line: Line) -> Iterator[Candidate]:
    from custrec.jobs.candidates import tags

    if line.store is not None:
        for table in line.tables:
            for tag in tags(line.store, table, line.options.get("field")):
                yield Candidate(tag)


def _events(line: Line) -> Iterator[Candidate]:
    from custrec.jobs.candidates import events

    if line.store is not None:
        verb = "import" if line.path[0] == "import" else None
        yield from (Candidate(str(number), about) for number, about in events(line.store, verb, MOST))


def _verbs(line: Line) -> Iterator[Candidate]:
    from custrec.store.beginnings import verbs

    yield from (Candidate(verb) for verb in verbs(line.store)) if line.store is not None else ()


def _times(line: Line) -> Iterator[Candidate]:
    yield from (Candidate(f"event:{number}", about) for number, about in _events(line)) if line.word else ()


def _plans(line: Line) -> Iterator[Candidate]:
    from custrec.store.place import beside
    from custrec.store.plan_file import saved_plans

    newest = list(saved_plans(beside(line.store_path, "plans")))[::-1][:MOST]
    yield from (Candidate(path.stem) for path in newest)


def _backups(line: Line) -> Iterator[Candidate]:
    """The generations of backups, the newest first, told from the names of their files alone."""
    from custrec.cli.backup_places import places
    from custrec.cli.face import Face
    from custrec.jobs.backups.places import FolderPlace
    from custrec.jobs.backups.targets import stem_of
    from custrec.model.backups import read_name

    named = line.options.get("source")
    face = Face(line.store_path)
    stem = stem_of(line.store_path)
    face.settle_for_reading()
    found = {
        (name.generation, name.at)
        for place in places(face, [named] if named else None)
        if isinstance(place, FolderPlace)  # Tab does not go over a network
        for text in place.listing()
        if (name := read_name(text)) and name.stem == stem and not name.tail
    }
    yield from (Candidate(str(generation), f"{at:%Y-%m-%d %H:%M}Z") for generation, at in sorted(found)[::-1][:MOST])


def _recipients(line: Line) -> Iterator[Candidate]:
    """Whom backups are sealed for, where one of them is to be removed."""
    from custrec.files.age import recipients_in
    from custrec.jobs.backups.keys import RECIPIENTS
    from custrec.store.place import beside

    if line.path[-1] == "remove":
        for one in recipients_in(beside(line.store_path, RECIPIENTS)):
            yield Candidate(one.name or one.key, one.key if one.name else "")


def _clusters(line: Line) -> Iterator[Candidate]:
    from custrec.store.pairs import kept

    if line.store is not None and line.tables and (found := kept(line.store, line.tables[0])) is not None:
        yield from (Candidate(str(number)) for number in found.first_clusters(MOST))
        found.close()


def _maps(line: Line) -> Iterator[Candidate]:
    from custrec.jobs.importing.maps import map_names

    if line.store is not None:
        yield from (Candidate(name) for name in map_names(line.store))


def _campaigns(line: Line) -> Iterator[Candidate]:
    from custrec.store.campaigns import campaigns

    if line.store is not None:
        yield from (Candidate(one.name, one.table.name) for one in campaigns(line.store)[::-1])


def _commands(line: Line) -> Iterator[Candidate]:
    """The next word of a command's name."""
    from custrec.cli.manual import commands

    typed = tuple(line.arguments)
    following = (path[len(typed)] for path, _ in commands() if path[: len(typed)] == typed and len(path) > len(typed))
    yield from (Candidate(word) for word in dict.fromkeys(following))


KINDS: dict[str, Kind] = {
    "COMMAND": _commands,
    "TABLE": _tables,
    "FIELD": _fields,
    "A,B": _some_fields,
    "A,-B": _some_fields,
    "FIELD=VALUE": _assignments,
    "ID": _ids,
    "ID FIELD=VALUE": _changes,
    "EXPR": _expression,
    "TAG": _tags,
    "OLD": _tags,
    "EVENT": _events,
    "TIME": _times,
    "VERB": _verbs,
    "PLAN": _plans,
    "CLUSTER": _clusters,
    "MAP": _maps,
    "CAMPAIGN": _campaigns,
    "BACKUP": _backups,
    "RECIPIENT": _recipients,
}
"""What a word may be, by its metavar without brackets and dots."""

FILES = frozenset({"FILE", "FOLDER"})
"""Metavars of files and folders: the shell knows those best."""

LISTED = frozenset({"ANSWER", "FORMAT", "HOW", "LANG", "PRESET", "ENCODING", "REASON", "WHICH"})
"""Metavars whose words stand in the option's help."""

FREE = frozenset(
    {
        "NAME",
        "P",
        "NEW",
        "TEXT",
        "N",
        "SECONDS",
        "DAY",
        "HH:MM",
        "CHAR",
        "EVENT:DIGEST",
        "FIELD=ID",
        "SPAN",
        "MOMENT",
        "KEY",
        "PROGRAM",
        "-",
    }
)
"""Metavars of what only the person who types knows."""


def kind_of(metavar: str) -> str:
    """A metavar without brackets and dots."""
    return " ".join(re.sub(r"[\[\]…]|\.\.\.", "", metavar).split())


def candidates(parameter: Any, line: Line) -> tuple[list[Candidate], bool]:
    """What a parameter's word may be; and whether it may be the name of a file."""
    metavar = kind_of(parameter.metavar or "")
    if choices := getattr(parameter.type, "choices", None):
        found: Iterable[Candidate] = map(Candidate, map(str, choices))
    elif metavar in LISTED:
        found = map(Candidate, listed_in(parameter.help or ""))
    else:
        found = KINDS[metavar](line) if metavar in KINDS else ()
    return [one for one in found if one.text.startswith(line.word)], metavar in FILES


def listed_in(text: str) -> list[str]:
    """The words that a help lists: 'As it is read: update, fill (blanks only) or skip.' has three."""
    listed = re.sub(r"\([^)]*\)", "", text.rpartition(":")[2].partition(";")[0]).strip(" .…")
    return [word for word in re.split(r"\s*,\s*|\s+or\s+", listed) if re.fullmatch(r"\S+", word) and word != "…"]
