"""How a command is defined and run: common options, help with examples, and the register of writers.

`@command(app, …)` gives a function `f(face, …)` the options that every command takes, and its help the examples and
exit codes. A command that writes names its producer; without an entry in jobs.producers it cannot even be defined.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Annotated, Any, Literal, get_type_hints

import typer
from typer.core import TyperCommand

from custrec.cli.face import Face
from custrec.cli.options import Options, a_number
from custrec.cli.summaries import SummaryFile, summarised
from custrec.jobs.producers import PRODUCERS

COMMON: dict[str, tuple[Any, Any]] = {
    "store": (
        Annotated[Path | None, typer.Option("--store", envvar="CUSTREC_STORE", metavar="FILE", help="The store file.")],
        None,
    ),
    "actor": (
        Annotated[str | None, typer.Option("--actor", envvar="CUSTREC_ACTOR", metavar="NAME", help="Who is acting.")],
        None,
    ),
    "wait": (
        Annotated[
            float,
            typer.Option(
                "--wait",
                envvar="CUSTREC_WAIT",
                metavar="SECONDS",
                min=0,
                max=1e6,
                help="How long to wait for a lock.",
                callback=a_number,
            ),
        ],
        60.0,
    ),
    "quiet": (Annotated[bool, typer.Option("-q", "--quiet", help="Say nothing when all is well.")], False),
    "color": (
        Annotated[
            Literal["auto", "always", "never"],
            typer.Option("--color", envvar="CUSTREC_COLOR", metavar="WHEN", help="auto, always or never."),
        ],
        "auto",
    ),
    "today": (
        Annotated[str | None, typer.Option("--today", metavar="DAY", help="Pretend it is this day.", hidden=True)],
        None,
    ),
    "debug": (Annotated[bool, typer.Option("--debug", help="Show a traceback when something goes wrong.")], False),
}
"""The options of every command: annotation and default, by parameter name."""

SUMMARY: dict[str, tuple[Any, Any]] = {"summary_file": (SummaryFile, None)}
"""What commands take besides that a monitor may watch."""

PAGER: dict[str, tuple[Any, Any]] = {
    "no_pager": (Annotated[bool, typer.Option("--no-pager", help="Never show it in a pager.")], False),
}
"""What commands take besides whose output may be longer than a screen."""

CODES = {
    0: "done",
    2: "wrong use of the command line",
    3: "done, with findings (bad rows, or something waits)",
    4: "input cannot be used; nothing changed",
    5: "the actor may not do this, or a record is restricted; nothing changed",
    6: "the store moved on or is busy; nothing changed",
    7: "the store is missing, too new or unwell",
    8: "backup or key missing, or not what it should be",
    9: "declined, or a guard said no",
    10: "disk full or I/O error; nothing changed",
}


@dataclass(frozen=True)
class Page:
    """What a command's help says below its options."""

    examples: tuple[str, ...]
    codes: tuple[int, ...]


PAGES: dict[Callable[..., int | None], Page] = {}
"""The page of every command: filled as commands are defined, for the manual (cli.manual)."""

UNWATCHED = frozenset({"backup", "key", "restore", "status", "doctor", "nightly"})
"""Commands and groups that tell of backups themselves, and so give no warning of them."""

WRITERS: dict[Callable[..., int | None], str] = {}
"""Which command makes plans of which producer: filled as commands are defined, checked by the plan laws."""


def command(
    app: typer.Typer,
    name: str,
    *,
    examples: Sequence[str],
    codes: Sequence[int] = (0, 2, 7),
    writes: str | None = None,
    cls: type[TyperCommand] | None = None,
    summary: bool = False,
    pages: bool = False,
    begins_anew: bool = False,
) -> Callable[[Callable[..., int | None]], Callable[..., None]]:
    """Register `f(face, …) -> exit code | None` as a command.

    `summary`: a monitor may watch it. `pages`: long output is shown in a pager at a terminal. `begins_anew`: it says
    and writes nothing before it has read the derived file, and so may begin once more where that was damaged.

    Raises ValueError where `writes` names no registered producer.
    """
    if writes is not None and writes not in PRODUCERS:
        raise ValueError(f"the command {name} writes through {writes!r}, which is not in jobs.producers")

    def define(function: Callable[..., int | None]) -> Callable[..., None]:
        if writes is not None:
            WRITERS[function] = writes
        PAGES[function] = Page(tuple(examples), tuple(codes))
        options = (SUMMARY if summary else {}) | COMMON | (PAGER if pages else {})
        run = _with_common_options(_undaunted(function) if begins_anew else function, name, options)
        app.command(name, cls=cls, epilog=_epilog(examples, codes))(run)
        return run

    return define


def _with_common_options(
    function: Callable[..., int | None], name: str, options: Mapping[str, tuple[Any, Any]]
) -> Callable[..., None]:
    signature = inspect.signature(function, eval_str=True)
    groups = {p.name: p.annotation for p in signature.parameters.values() if _is_group(p.annotation)}
    own = [one for p in signature.parameters.values() if p.name != "face" for one in _expanded(p)]
    common = [
        inspect.Parameter(option, inspect.Parameter.KEYWORD_ONLY, annotation=annotation, default=default)
        for option, (annotation, default) in options.items()
        if option not in signature.parameters  # the command's own option of that name takes its place
    ]

    @functools.wraps(function)
    def run(ctx: typer.Context, **given: Any) -> None:
        said = {option: given.pop(option) for option in options if option not in signature.parameters}
        flags = {option for option in said if _given_as_flag(ctx, option)}
        watched = UNWATCHED.isdisjoint(ctx.command_path.split()[1:])
        face = Face(
            said["store"],
            {option: said[option] for option in ("actor", "wait", "color") if option in flags},
            said["quiet"],
            said["today"],
            store_from="--store" if "store" in flags else "CUSTREC_STORE",
        )
        for parameter, group in groups.items():
            given[parameter] = group(**{field.name: given.pop(field.name) for field in fields(group)})
        from custrec.store.database import PATIENCE
        from custrec.store.sqlite_errors import translated

        try:
            with (
                summarised(face, name, said.get("summary_file")),
                translated(face.store_path, PATIENCE),  # what SQLite may say at any read
                _pager(face, said, given),  # which leaves no exit code where it is closed before all is printed
            ):
                face.exit_code = function(face, **given) or 0
                if watched:
                    face.watch_backups()
        finally:
            face.close()
        raise typer.Exit(face.exit_code)

    context = inspect.Parameter("ctx", inspect.Parameter.KEYWORD_ONLY, annotation=typer.Context)
    parameters = [context, *(p.replace(kind=inspect.Parameter.KEYWORD_ONLY) for p in own), *common]
    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {p.name: p.annotation for p in parameters}
    return run


def _undaunted(function: Callable[..., int | None]) -> Callable[..., int | None]:
    """A command that begins once more where the derived file was damaged, and is removed by now."""

    @functools.wraps(function)
    def run(face: Face, **given: Any) -> int | None:
        from custrec.errors import DerivedDamaged

        try:
            return function(face, **given)
        except DerivedDamaged as damaged:
            face.warn(damaged.message)
            return function(face, **given)

    return run


def _pager(face: Face, said: Mapping[str, Any], given: Mapping[str, Any]) -> AbstractContextManager[None]:
    """A pager for a command that has that option, where tables and words are printed."""
    plain = given.get("as_json") or given.get("fmt", "table") != "table"
    if said.get("no_pager", True) or face.quiet or plain:
        return nullcontext()
    from custrec.cli.paging import paged

    return paged(face)


def _is_group(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, Options)


def _expanded(parameter: inspect.Parameter) -> list[inspect.Parameter]:
    """A parameter, or the options of the group that it is."""
    group = parameter.annotation
    if not _is_group(group):
        return [parameter]
    hints = get_type_hints(group, include_extras=True)
    return [
        inspect.Parameter(
            field.name, inspect.Parameter.KEYWORD_ONLY, annotation=hints[field.name], default=field.default
        )
        for field in fields(group)
    ]


def _given_as_flag(ctx: typer.Context, name: str) -> bool:
    """Whether an option was written on the command line, not in the environment."""
    source = ctx.get_parameter_source(name)
    return source is not None and source.name == "COMMANDLINE"


def _epilog(examples: Sequence[str], codes: Sequence[int]) -> str:
    lines = ["\b", "Examples:", *(f"  {line}" for line in examples), "", "\b", "Exit codes:"]
    return "\n".join(lines + [f"  {code:<3}{CODES[code]}" for code in codes])
