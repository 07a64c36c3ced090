"""The commands of custrec, put together. Each stands in a module of its own under this package.

A command must start at once, so only the module of the command that is called (or completed) is loaded; all of them for
help, and where a word is no command.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from custrec import __version__

MODULES: dict[str, tuple[str, ...]] = {
    "founding": ("init",),
    "schemas": ("schema",),
    "imports": ("import",),
    "maps": ("map",),
    "validation": ("validate",),
    "normalizing": ("normalize",),
    "exports": ("export",),
    "loading": ("load",),
    "adding": ("add", "note"),
    "editing": ("edit",),
    "tagging": ("tag",),
    "moving": ("archive", "unarchive", "delete", "undelete", "restrict", "unrestrict"),
    "trash": ("trash",),
    "purging": ("purge", "anonymise"),
    "deduping": ("dedupe",),
    "holding": ("hold",),
    "staling": ("stale",),
    "retention": ("retention",),
    "policies": ("policy",),
    "confirming": ("confirm",),
    "records": ("list", "show", "find"),
    "blames": ("blame",),
    "histories": ("history", "undo", "redo"),
    "plans": ("plan",),
    "keys": ("key",),
    "backups": ("backup",),
    "restoring": ("restore",),
    "upkeep": ("status", "doctor", "maintain"),
    "checking": ("check",),
    "nightly": ("nightly",),
    "scheduling": ("schedule",),
    "configuring": ("config",),
    "demo": ("demo",),
    "completions": ("completion",),
    "man_pages": ("man",),
}
"""The words that each module's commands begin with, in the order of the help."""


SECTIONS: dict[str, tuple[str, ...]] = {
    "Begin": ("init", "schema", "config"),
    "Take in and hand out": ("import", "map", "validate", "normalize", "export", "load"),
    "Records": ("list", "show", "find", "add", "edit", "note", "tag", "dedupe"),
    "Life of a record": (
        "archive",
        "unarchive",
        "delete",
        "undelete",
        "trash",
        "restrict",
        "unrestrict",
        "hold",
        "purge",
        "anonymise",
        "confirm",
        "stale",
        "retention",
        "policy",
    ),
    "Look back and take back": ("history", "blame", "undo", "redo", "plan"),
    "Look after the store": (
        "status",
        "check",
        "nightly",
        "schedule",
        "doctor",
        "maintain",
        "backup",
        "restore",
        "key",
    ),
    "Comfort": ("demo", "man", "completion"),
}
"""The words of all commands as the help and the manual group them."""


def app_for(arguments: Sequence[str] = ()) -> typer.Typer:
    """The app with the command that these arguments call; with all commands where they call none."""
    word = next((text for text in arguments if not text.startswith("-")), None)
    for module, words in MODULES.items():
        if word in words:
            return _app([module])
    return _app(MODULES)


class _Grouped(TyperGroup):
    """The root of all commands; its help lists them by sections."""

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002 (as the group is asked)
        """Write the commands under the titles of their sections, one that has none yet at the end."""
        placed = {word for words in SECTIONS.values() for word in words}
        width = max(map(len, self.commands), default=0)
        room = formatter.width - 6 - width
        for title, words in (*SECTIONS.items(), ("More", tuple(word for word in self.commands if word not in placed))):
            rows = [
                (word.ljust(width), self.commands[word].get_short_help_str(room))
                for word in words
                if word in self.commands and not self.commands[word].hidden
            ]
            if rows:
                with formatter.section(title):
                    formatter.write_dl(rows)


def _app(modules: Iterable[str]) -> typer.Typer:
    app = typer.Typer(
        name="custrec",
        cls=_Grouped,
        help="A records manager for customer files. Every change is a plan that can be previewed, and undone.",
        no_args_is_help=True,
        add_completion=False,  # custrec completion prints scripts of our own, which know tables, keys and tags
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(root)
    for name in modules:
        import_module(f"custrec.cli.{name}").register(app)
    return app


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"custrec {__version__}")
        raise typer.Exit


def root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """A records manager for customer files. Every change is a plan that can be previewed, and undone."""
