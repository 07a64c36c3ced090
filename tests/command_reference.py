"""The command reference, made of what the app knows of itself.

python tests/command_reference.py            say what is not up to date (exit code 1)
python tests/command_reference.py --write    write it: docs/commands.md, and the table under "Commands" in README.md
"""

from __future__ import annotations

import difflib
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from custrec.cli.app import SECTIONS, app_for
from custrec.cli.manual import Entry, ManualPage, sections
from custrec.cli.running import CODES

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
REFERENCE = ROOT / "docs" / "commands.md"

_TABLE = re.compile(r"(?<=<!-- commands: tests/command_reference\.py -->\n).*?(?=<!-- end of commands -->)", re.DOTALL)


def reference() -> str:
    """docs/commands.md."""
    return "\n".join(_reference()) + "\n"


def readme(text: str) -> str:
    """README.md with the table of commands as it should be. ValueError where its place is not marked."""
    table = "\n".join(_table()) + "\n"
    now, places = _TABLE.subn(lambda _: table, text)
    if places != 1:
        raise ValueError("README.md has no place for the table of commands")
    return now


def _table() -> Iterator[str]:
    app: Any = typer.main.get_command(app_for())
    for title, words in SECTIONS.items():
        yield from ("", f"| {title} | |", "|---|---|")
        for word in words:
            command = app.commands[word]
            names = "".join(f" · {name}" for name in getattr(command, "commands", ()) if name != word)
            yield f"| [`{word}`](docs/commands.md#custrec-{word}){names} | {_cell(command.help or '')} |"
    yield ""


def _reference() -> Iterator[str]:
    app: Any = typer.main.get_command(app_for())
    yield from (
        "# Commands",
        "",
        "Written by `python tests/command_reference.py --write`; `custrec man` shows the same.",
        "",
    )
    yield " · ".join(f"[{title}](#{_anchor(title)})" for title in SECTIONS)
    for title, pages in sections():
        yield from ("", f"## {title}")
        groups = {page.path[0]: [one for one in pages if one.path[0] == page.path[0]] for page in pages}
        for word, some in groups.items():
            if some[0].path != (word,) and (word,) not in {page.path for page in some}:
                yield from ("", f"### custrec {word}", "", " ".join((app.commands[word].help or "").split()))
            for page in sorted(some, key=lambda page: len(page.path)):
                yield from _page(page)
    yield from (
        "",
        "## Options of every command",
        "",
        *_entries(next(page.common for _, p in sections() for page in p)),
    )
    yield from ("", "## Exit codes", "", "| code | meaning |", "|---|---|")
    yield from (f"| {code} | {_cell(words)} |" for code, words in sorted(CODES.items()))


def _page(page: ManualPage) -> Iterator[str]:
    yield from ("", f"{'###' if len(page.path) == 1 else '####'} {page.name}", "", page.sentence, "")
    yield from ("```text", page.synopsis, "```")
    if entries := (*page.arguments, *page.options):
        yield from ("", *_entries(entries))
    yield from ("", "```sh", *page.examples, "```", "")
    yield f"Exit codes: {', '.join(map(str, page.codes))}."


def _entries(entries: tuple[Entry, ...]) -> Iterator[str]:
    yield from ("| option or argument | |", "|---|---|")
    for one in entries:
        written = ", ".join(f"`{name}`" for name in one.written)
        yield f"| {' '.join(filter(None, (written, f'`{one.metavar}`' if one.metavar else '')))} | {_cell(one.text)} |"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")


def _anchor(title: str) -> str:
    return title.lower().replace(" ", "-")


def main() -> int:
    """Compare, or write."""
    stale = False
    for path, before, now in (
        (README, README.read_text(encoding="utf-8"), readme(README.read_text(encoding="utf-8"))),
        (REFERENCE, REFERENCE.read_text(encoding="utf-8") if REFERENCE.exists() else "", reference()),
    ):
        if "--write" in sys.argv[1:]:
            path.write_text(now, encoding="utf-8", newline="\n")
        else:
            sys.stdout.writelines(difflib.unified_diff(before.splitlines(True), now.splitlines(True), path.name, "now"))
            stale |= before != now
    return int(stale)


if __name__ == "__main__":
    sys.exit(main())
