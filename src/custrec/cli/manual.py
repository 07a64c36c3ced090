"""The manual of custrec, told by the app itself: every command with its sentence, synopsis, options, examples, codes.

It is what `custrec man` prints (cli.man_pages) and what docs/commands.md is made of; nothing of it is written twice.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import typer

from custrec.cli.app import SECTIONS, app_for
from custrec.cli.running import COMMON, PAGER, PAGES


@dataclass(frozen=True)
class Entry:
    """An argument or an option: how it is written, and what it is for."""

    written: tuple[str, ...]
    metavar: str
    text: str


@dataclass(frozen=True)
class ManualPage:
    """What there is to say of one command."""

    path: tuple[str, ...]
    """Its words, without `custrec`."""
    synopsis: str
    sentence: str
    arguments: tuple[Entry, ...]
    options: tuple[Entry, ...]
    """Its own options, without those that every command takes."""
    common: tuple[Entry, ...]
    examples: tuple[str, ...]
    codes: tuple[int, ...]

    @property
    def name(self) -> str:
        """The command as it is typed."""
        return " ".join(("custrec", *self.path))


def commands(group: Any = None, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every command of the app with the words that lead to it; one that stands for its group under that one's words."""
    here: Any = group or typer.main.get_command(app_for())
    for name, command in here.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, (*path, name))
        else:
            yield (path if path[-1:] == (name,) else (*path, name)), command


def sections() -> list[tuple[str, list[ManualPage]]]:
    """The manual: the titles under which `custrec --help` lists commands, and the pages of each."""
    pages = [page_of(path, command) for path, command in commands()]
    return [(title, [page for page in pages if page.path[0] in words]) for title, words in SECTIONS.items()]


def page_of(path: tuple[str, ...], command: Any) -> ManualPage:
    """The page of a command."""
    page = PAGES[inspect.unwrap(command.callback)]
    shown = [one for one in command.params if not one.hidden]
    options = [one for one in shown if one.param_type_name == "option"]
    arguments = [one for one in shown if one.param_type_name == "argument"]
    common = {
        name for name in (*COMMON, *PAGER) if name not in inspect.signature(inspect.unwrap(command.callback)).parameters
    }
    own = [one for one in options if one.name not in common]
    words = ["custrec", *path, *(["[OPTIONS]"] if options else []), *(_metavar(one) for one in arguments)]
    return ManualPage(
        path,
        " ".join(words),
        " ".join((command.help or "").split()),
        tuple(Entry((), _metavar(one), one.help or "") for one in arguments),
        tuple(_option(one) for one in own),
        tuple(_option(one) for one in options if one.name in common),
        page.examples,
        page.codes,
    )


def _metavar(argument: Any) -> str:
    metavar = str(argument.metavar)
    return metavar if argument.required or metavar.startswith("[") else f"[{metavar}]"


def _option(option: Any) -> Entry:
    variable = f" [env var: {option.envvar}]" if option.envvar else ""
    names = sorted((*option.opts, *option.secondary_opts), key=lambda name: name.startswith("--"))
    return Entry(tuple(names), "" if option.is_flag else str(option.metavar or ""), (option.help or "") + variable)
