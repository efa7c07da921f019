"""`shoal init` writes a job file, `shoal run` does it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

import shoal
from shoal import OptionError
from shoal.cli.command import CONFIG, Command, Table, tell
from shoal.cli.options import (
    columns_option,
    currency_option,
    date_option,
    id_option,
    outcome_option,
    reading,
)
from shoal.cli.steps import progress_line

FILE = "shoal.toml"


def run_command(segment: click.Command) -> click.Command:
    """`shoal run`: as `shoal segment`, but for the table, which may stand in the file."""
    source = click.Argument(
        ["source"], type=Table(), required=False, help="Another table than that of the file."
    )
    options = [p for p in segment.params if isinstance(p, click.Option) and _is_own(p)]
    return Command(
        "run",
        params=[source, *options],
        callback=_done_by(segment.callback),
        short_help="Do what the job file of this folder says.",
        help="Do what the job file of this folder says, as `shoal segment` with its options.",
    )


def _is_own(param: click.Parameter) -> bool:
    """Whether an option is not one that every command has."""
    return param.name not in ("quiet", "verbose")


def _done_by(segment: Callable[..., Any] | None) -> Callable[..., Any]:
    @click.pass_context
    def run(context: click.Context, /, source: str | None, **options: Any) -> Any:
        file = context.meta.get(CONFIG)
        if file is None:
            raise OptionError(
                f"There is no {FILE} here, and no [tool.shoal] in pyproject.toml. "
                "Write one with: shoal init TABLE"
            )
        if source is None:
            raise OptionError(f'{file} names no table. Add a line: source = "customers.csv"')
        assert segment is not None
        return segment(source=source, **options)

    return run


@click.command(cls=Command, short_help="Write a job file for a table.")
@click.argument(
    "source", type=Table(), help="The table that the job is about, as `shoal segment` takes it."
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path(FILE),
    show_default=True,
    help="The file to write.",
)
@click.option("--force", is_flag=True, help="Replace a file that is there.")
@id_option
@columns_option
@outcome_option
@currency_option
@date_option
@reading
def init(source: str, out: Path, force: bool, **options: Any) -> None:
    """Look at a table and write a job file for it, to be corrected and done by `shoal run`."""
    with progress_line():
        file = shoal.init(source, out, force=force, **options)
    tell(f"Written: {file}. Look through it, then type: shoal run")
