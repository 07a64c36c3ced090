"""Answering a shell that asks how the line goes on which somebody is typing.

The shell's script (data/completion) calls custrec with the line up to the cursor in the environment. The answer's first
line says how its candidates are meant (`files`: file names may stand here too; `nospace`: no space after it), then
comes one candidate a line, for shells that show it with a tab and a few words on it. Whatever is wrong, with the line,
the store or its schema, nothing is said of it: who presses Tab wants to hear of no errors.
"""

from __future__ import annotations

import contextlib
import os
import re
import signal
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from custrec.cli.candidates import Candidate, Line, candidates

ASKED = "_CUSTREC_COMPLETE"
"""The variable by which a shell asks; it names the shell."""
LONGEST = 3
"""Seconds after which there is no answer, whatever the reason (a network disk, a store under repair)."""


class Typed(NamedTuple):
    """A line, as a shell takes it apart: the whole words, and the one that is being typed."""

    words: list[str]
    last: str
    """The last word without quotes; "" after a space."""
    raw: str
    """The same as it is typed."""
    quote: str
    """The quote that is open at its end, or "". """
    opened: int
    """Where in `raw` what is quoted so begins."""


def answer(environment: Mapping[str, str]) -> str:
    """What a shell is told. Raises nothing."""
    if hasattr(signal, "setitimer"):
        signal.signal(signal.SIGALRM, lambda *_: os._exit(0))
        signal.setitimer(signal.ITIMER_REAL, LONGEST)
    try:
        shell, typed = environment[ASKED], taken_apart(environment.get("_CUSTREC_LINE", ""))
        found, files = completed(typed.words, typed.last, described=shell != "bash")
    except (Exception, SystemExit):  # of whatever kind: it is not the time for it
        return "\n"
    found = [one for one in dict.fromkeys(found) if one.text.isprintable()]
    how = ["files"] if files else []
    if found and all(one.text.endswith("=") for one in found):
        how.append("nospace")
    if shell == "bash":
        lines = for_bash([one.text for one in found], typed, environment.get("_CUSTREC_BREAKS", ""))
    else:
        lines = [f"{one.text}\t{' '.join(one.about.split())}" if one.about else one.text for one in found]
    return "".join(f"{line}\n" for line in (" ".join(how), *lines))


def taken_apart(line: str) -> Typed:
    """A line's words, by the quotes and backslashes that the shells have in common. What stands before the program's
    name (`NAME=value`) is no word of it, nor is that name."""
    words: list[str] = []
    word, began, quote, opened, inside = "", 0, "", 0, False
    place = 0
    while place < len(line):
        sign = line[place]
        if quote:
            if sign == quote:
                quote = ""
            elif sign == "\\" and quote == '"' and line[place + 1 : place + 2] in ('"', "\\", "$", "`"):
                place += 1
                word += line[place]
            else:
                word += sign
        elif sign in " \t\n":
            if inside:
                words.append(word)
            word, inside = "", False
        else:
            if not inside:
                began, inside = place, True
            if sign in "'\"":
                quote, opened = sign, place + 1 - began
            elif sign == "\\" and place + 1 < len(line):
                place += 1
                word += line[place]
            else:
                word += sign
        place += 1
    name = next((at for at, one in enumerate(words) if not re.match(r"[A-Za-z_]\w*=", one)), len(words))
    return Typed(words[name + 1 :], word if inside else "", line[began:] if inside else "", quote, opened)


def completed(words: Sequence[str], last: str, described: bool) -> tuple[list[Candidate], bool]:
    """What the last word may be after these words; and whether it may be the name of a file."""
    from custrec.cli.app import MODULES, app_for

    if not words and not described and not last.startswith("-"):
        return [Candidate(word) for some in MODULES.values() for word in some if word.startswith(last)], False
    import typer

    command: Any = typer.main.get_command(app_for(words))
    path: list[str] = []
    rest = list(words)
    found: list[Candidate] = []
    while commands := getattr(command, "commands", None):
        while rest and rest[0].startswith("-") and not hasattr(command, "stands_for"):
            rest.pop(0)
        if rest and rest[0] in commands:
            path.append(rest.pop(0))
            command = commands[path[-1]]
            continue
        if not rest:
            found += [Candidate(name, one.get_short_help_str(80)) for name, one in commands.items() if not one.hidden]
        if (own := getattr(command, "stands_for", None)) is None:
            found += _options(command) if last.startswith("-") else []
            return [one for one in found if one.text.startswith(last) and one.text != own], False
        found = [one for one in found if one.text != own and one.text.startswith(last)]
        command = commands[own]
        break
    own_words, files = _after(command, tuple(path), rest, last)
    return found + own_words, files


def _after(command: Any, path: tuple[str, ...], words: Sequence[str], last: str) -> tuple[list[Candidate], bool]:
    """What the last word may be among a command's own options and arguments."""
    by_option = {name: one for one in command.params for name in (*one.opts, *one.secondary_opts)}
    line, waiting, only_arguments = _read(by_option, path, words)
    if waiting is None and not only_arguments and last.startswith("--") and "=" in last:
        name, _, value = last.partition("=")
        line.word = value
        found, files = candidates(by_option[name], line) if name in by_option else ([], False)
        return [Candidate(f"{name}={one.text}", one.about) for one in found], files
    if waiting is None and not only_arguments and last.startswith("-"):
        short = [Candidate(last, by_option[last].help or "")] if last in by_option and not last.startswith("--") else []
        return short + [one for one in _options(command) if one.text.startswith(last)], False
    parameter = waiting
    if parameter is None:
        places = [one for one in command.params if one.param_type_name == "argument"]
        for used, one in enumerate(places):
            if one.nargs == -1 or used == len(line.arguments):
                parameter = one
                break
    if parameter is None:
        return [], False
    line.word = last
    return candidates(parameter, line)


def _read(by_option: Mapping[str, Any], path: tuple[str, ...], words: Sequence[str]) -> tuple[Line, Any | None, bool]:
    """What stands on a line already; the option that still waits for its value; whether `--` ended the options."""
    options: dict[str, str] = {}
    arguments: list[str] = []
    waiting, only_arguments = None, False
    for word in words:
        if waiting is not None:
            options[waiting.name] = word
            waiting = None
        elif only_arguments or not word.startswith("-") or word == "-":
            arguments.append(word)
        elif word == "--":
            only_arguments = True
        else:
            name, equals, value = word.partition("=") if word.startswith("--") else (word[:2], word[2:], word[2:])
            one = by_option.get(name)
            if one is not None and not one.is_flag:
                if equals:
                    options[one.name] = value
                else:
                    waiting = one
    return Line(path, options, arguments), waiting, only_arguments


def _options(command: Any) -> Iterator[Candidate]:
    for one in command.params:
        if one.param_type_name == "option" and not one.hidden:
            names = [name for name in (*one.opts, *one.secondary_opts) if name.startswith("--")] or one.opts
            yield from (Candidate(name, one.help or "") for name in names)
    yield Candidate("--help", "Show this message and exit.")


def for_bash(found: Sequence[str], typed: Typed, breaks: str) -> list[str]:
    """Candidates as bash wants them: without what it does not replace (up to the last sign that breaks words, or to the
    open quote), and with what is special to it behind backslashes."""
    if typed.quote:
        kept = len(_unquoted(typed.raw[: typed.opened - 1]))
        special = r'(["\\$`])' if typed.quote == '"' else None
        return [
            re.sub(special, r"\\\1", one[kept:]) if special else one[kept:]
            for one in found
            if special or "'" not in one
        ]
    kept = len(_unquoted(_up_to_break(typed.raw, breaks)))
    return [re.sub(r"""([\s"'\\$`&|;<>()*?\[\]{}!~#])""", r"\\\1", one[kept:]) for one in found]


def _up_to_break(raw: str, breaks: str) -> str:
    """What of a word stands before the part that bash replaces."""
    place, end = 0, 0
    quote = ""
    while place < len(raw):
        sign = raw[place]
        if quote:
            quote = "" if sign == quote else quote
        elif sign == "\\":
            place += 1
        elif sign in "'\"":
            quote = sign
        elif sign in breaks and not sign.isspace():
            end = place + 1
        place += 1
    return raw[:end]


def _unquoted(raw: str) -> str:
    return taken_apart(f"custrec {raw}").last


def main() -> int:
    """Answer on standard output; the exit code, which is always 0."""
    said = answer(os.environ).encode("utf-8", "replace")
    with contextlib.suppress(OSError):  # a shell that has gone; past Python's buffer, which would complain at the end
        while said:
            said = said[os.write(sys.stdout.fileno(), said) :]
    return 0
