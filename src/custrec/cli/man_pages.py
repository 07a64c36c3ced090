"""custrec man: the manual pages of all commands, made of what the app knows of itself, in troff (the macros of man(7)).

On a terminal a page is shown by `man`, elsewhere its source is printed; `--to DIR` writes all pages as files.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from custrec import __version__
from custrec.cli.face import Face
from custrec.cli.running import CODES, command

if TYPE_CHECKING:
    from custrec.cli.manual import Entry, ManualPage


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    command(
        app,
        "man",
        codes=(0, 2, 10),
        examples=["custrec man import", "custrec man --to ~/.local/share/man/man1", "custrec man history list | less"],
    )(show_man_page)


def show_man_page(
    face: Face,
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[COMMAND…]", help="The command's words; custrec itself without any.", show_default=False
        ),
    ] = None,
    to: Annotated[
        Path | None, typer.Option("--to", metavar="FOLDER", help="Write the pages of all commands there.")
    ] = None,
) -> None:
    """Show the manual page of a command, or write all pages as files."""
    from custrec.cli.manual import sections
    from custrec.errors import UsageError

    pages = {page.path: page for _, some in sections() for page in some}
    day = (face.today_said or date.today()).isoformat()
    if to is not None:
        if words:
            raise UsageError(what="--to writes the pages of all commands", hint="leave the command out")
        _write(
            face,
            to,
            {"custrec": overview(day), **{_file_name(path): page_source(page, day) for path, page in pages.items()}},
        )
        return
    path = tuple(words or ())
    if path in pages:
        _show(page_source(pages[path], day))
    elif not path or any(one[: len(path)] == path for one in pages):
        _show(overview(day, path))
    else:
        from custrec.model.nearest import nearest

        meant = nearest(" ".join(path), [" ".join(one) for one in pages])
        raise UsageError(
            what=f"there is no command {' '.join(path)}", hint=f"did you mean {meant}?" if meant else "custrec --help"
        )


def _file_name(path: Sequence[str]) -> str:
    return "-".join(("custrec", *path))


def _write(face: Face, folder: Path, sources: dict[str, str]) -> None:
    from custrec.errors import IoFailure

    folder = folder.expanduser()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, source in sources.items():
            (folder / f"{name}.1").write_text(source, encoding="utf-8", newline="\n")
    except OSError as error:
        raise IoFailure(path=str(folder), reason=(error.strerror or "it cannot be written").lower()) from error
    face.say(f"{len(sources)} manual pages → {folder}")


def _show(source: str) -> None:
    """Let man show a page where somebody sits at a terminal and has it; print its source elsewhere."""
    import shutil
    import subprocess
    import sys

    if sys.stdout.isatty() and (man := shutil.which("man")) is not None:
        from tempfile import TemporaryDirectory

        with TemporaryDirectory(prefix="custrec-man-") as place:
            path = Path(place) / "custrec.1"
            path.write_text(source, encoding="utf-8")
            if subprocess.run([man, "-l", str(path)], check=False).returncode == 0:
                return
    sys.stdout.write(source)


def overview(day: str, path: Sequence[str] = ()) -> str:
    """The page of custrec itself, or of a group of commands, as of a day: what each command does, in one line."""
    from custrec.cli.manual import sections

    name = " ".join(("custrec", *path))
    purpose = "a records manager for customer files" if not path else f"the commands of {name}"
    lines = [*_head(name, purpose, day), ".SH SYNOPSIS", *_synopsis(f"{name} COMMAND [OPTIONS] [ARGUMENTS]")]
    for title, pages in sections():
        chosen = [page for page in pages if page.path[: len(path)] == tuple(path)]
        if chosen:
            lines.append(f".SH {_quoted(title.upper())}")
            for page in chosen:
                lines += [".TP", f"\\fB{_text(page.name)}\\fR", _text(page.sentence)]
    lines += [".SH EXIT STATUS", *_codes(sorted(CODES))]
    return _joined([*lines, ".SH SEE ALSO", _text("custrec COMMAND --help, custrec man COMMAND")])


def page_source(page: ManualPage, day: str) -> str:
    """The manual page of a command, as of a day."""
    lines = [*_head(page.name, page.sentence.rstrip("."), day), ".SH SYNOPSIS", *_synopsis(page.synopsis)]
    lines += [".SH DESCRIPTION", _text(page.sentence)]
    for title, entries in (("ARGUMENTS", page.arguments), ("OPTIONS", page.options), ("COMMON OPTIONS", page.common)):
        if entries:
            lines += [f".SH {_quoted(title)}", *(line for entry in entries for line in _entry(entry))]
    lines += [".SH EXAMPLES", ".nf", *(_text(example) for example in page.examples), ".fi"]
    return _joined([*lines, ".SH EXIT STATUS", *_codes(page.codes), ".SH SEE ALSO", "custrec(1)"])


def _head(name: str, purpose: str, day: str) -> Iterator[str]:
    title = name.replace(" ", "-")
    yield f'.TH {_quoted(title.upper())} 1 "{day}" {_quoted(f"custrec {__version__}")} "User Commands"'
    yield from (".nh", ".ad l", ".SH NAME", f"{_text(title)} \\- {_text(purpose)}")


def _synopsis(line: str) -> Iterator[str]:
    command, _, rest = line.partition(" [")
    yield f"\\fB{_text(command)}\\fR{_text(f' [{rest}') if rest else ''}"


def _entry(entry: Entry) -> Iterator[str]:
    yield ".TP"
    written = ", ".join(f"\\fB{_text(name)}\\fR" for name in entry.written)
    yield f"{written} \\fI{_text(entry.metavar)}\\fR".strip() if entry.metavar else written
    yield _text(entry.text)


def _codes(codes: Sequence[int]) -> Iterator[str]:
    for code in codes:
        yield from (".TP", f"\\fB{code}\\fR", _text(CODES[code]))


def _quoted(text: str) -> str:
    return '"' + _text(text).replace('"', "\\(dq") + '"'


def _text(text: str) -> str:
    """Text that troff takes for nothing else: no escape, no request, and hyphens that can be copied as such."""
    plain = text.replace("\\", "\\(rs").replace("-", "\\-").replace("'", "\\(aq").replace("`", "\\(ga")
    plain = plain.replace("^", "\\(ha").replace("~", "\\(ti")
    return re.sub(r"^(?=[.])", r"\\&", plain, flags=re.MULTILINE)


def _joined(lines: Sequence[str]) -> str:
    return "\n".join(lines) + "\n"
