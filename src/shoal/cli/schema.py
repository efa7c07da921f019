"""`shoal schema`: what is promised of JSON and files, for machines."""

from __future__ import annotations

import json

import click

import shoal
from shoal.cli.command import Command, Words

FILES = ("model", "columns", "job")
NAMES = (
    *("segment", "inspect", "orders", "assign", "rename", "refresh", "history", "compare"),
    *(
        "compare-outcome",
        "moves",
        "audience",
        "campaign-plan",
        "campaign-read",
        "forget",
        "sql",
        "export",
        "typing-tool",
    ),
    *FILES,
)


@click.command(cls=Command, short_help="Print the JSON Schema of a result or a file.")
@click.argument(
    "name",
    type=Words(NAMES),
    metavar="NAME",
    help=f"A command with --json ({', '.join(NAMES[: -len(FILES)])}), or a file: model "
    "(model.json), columns (columns.toml), job (shoal.toml).",
)
def schema(name: str) -> None:
    """Print the JSON Schema of what a command prints with --json, or of a file."""
    click.echo(json.dumps(shoal.schema(name), indent=1))
