"""custrec completion: the script by which a shell completes custrec's command lines."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from custrec.cli.face import Face
from custrec.cli.running import command


class Shell(StrEnum):
    """The shells that are known."""

    BASH = "bash"
    ZSH = "zsh"
    FISH = "fish"
    POWERSHELL = "powershell"


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    command(
        app,
        "completion",
        codes=(0, 2),
        examples=[
            'eval "$(custrec completion bash)"      # in ~/.bashrc',
            "custrec completion zsh > _custrec      # in a folder of $fpath",
            "custrec completion fish > custrec.fish # in ~/.config/fish/completions",
        ],
    )(print_completion)


def print_completion(
    face: Face,
    shell: Annotated[Shell, typer.Argument(metavar="SHELL", help="bash, zsh, fish or powershell.", show_default=False)],
) -> None:
    """Print the script that completes commands, fields, tags, keys and files in a shell."""
    from importlib import resources

    script = (resources.files("custrec") / "data" / "completion" / shell).read_text(encoding="utf-8")
    face.out(script.rstrip())
