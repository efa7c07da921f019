"""Write docs/reference.md from the command line's own help and the docstrings of public names."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator
from pathlib import Path

import click

import shoal
from shoal.cli.main import app

TARGET = Path(__file__).parents[1] / "docs" / "reference.md"


def _commands(group: click.Group) -> Iterator[tuple[str, click.Command]]:
    """Every command, those of a group by both names."""
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from ((f"{name} {inner}", each) for inner, each in _commands(command))
        else:
            yield name, command


def commands() -> list[str]:
    """Every command with its arguments and options."""
    lines = ["## Commands", ""]
    for name, command in sorted(_commands(app)):
        arguments = [p for p in command.params if p.param_type_name == "argument"]
        lines += [
            "### `" + " ".join(["shoal", name, *(p.name.upper() for p in arguments)]) + "`",
            "",
            inspect.cleandoc(command.help or ""),
            "",
        ]
        lines += [f"- `{p.name.upper()}`: {p.help}" for p in arguments]
        lines += ["", "| option | meaning | default |", "|---|---|---|"]
        for option in command.params:
            if option in arguments:
                continue
            default = f"`{option.default}`" if option.show_default else ""
            text = (option.help or "").replace("|", "\\|")
            opts = [max(option.opts, key=len), *option.secondary_opts]
            lines.append(f"| {', '.join(f'`{opt}`' for opt in opts)} | {text} | {default} |")
        lines.append("")
    return lines


def names() -> list[str]:
    """Every public name with its docstring; of classes the first line of each member's too."""
    lines = ["## Python", ""]
    for name in sorted(shoal.__all__):
        thing = getattr(shoal, name)
        lines += [f"### `shoal.{name}`", ""]
        if inspect.isclass(thing) and not issubclass(thing, Exception):
            lines += _doc(thing)
            for member, value in sorted(_members(thing).items()):
                described = (
                    value.fget if isinstance(value, property) else getattr(value, "func", value)
                )
                if (
                    not member.startswith("_")
                    and inspect.getdoc(described)
                    and (callable(described) or isinstance(value, property))
                ):
                    first = (inspect.getdoc(described) or "").split("\n\n")[0].replace("\n", " ")
                    call = "" if isinstance(value, property) or hasattr(value, "func") else "()"
                    lines.append(f"- `.{member}{call}`: {first}")
            lines.append("")
        else:
            lines += _doc(thing)
    return lines


def _members(kind: type) -> dict[str, object]:
    """What a class has; a study has what is in the class of its facts as well."""
    room = kind.__module__.rpartition(".")[0]
    own = [c for c in reversed(kind.__mro__) if c is kind or c.__module__ == f"{room}.known"]
    return {name: value for each in own for name, value in vars(each).items()}


def _doc(thing: object) -> list[str]:
    return ["```text", inspect.getdoc(thing) or "", "```", ""]


def reference() -> str:
    """The whole page."""
    head = [
        "# Reference",
        "",
        "Written by `scripts/reference.py` from the code; a test fails when it is out of date.",
        "",
    ]
    return "\n".join([*head, *commands(), *names()]).rstrip() + "\n"


if __name__ == "__main__":
    TARGET.write_text(reference(), encoding="utf-8")
    sys.exit(0)
