"""Options from a job file: between the command line, which wins over it, and what is usual."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

import shoal
from shoal.cli.command import CONFIG, FILE, GROUPS

IN_PAIRS = {"weights": "weight", "names": "name"}  # as the shell calls them: NAME=VALUE, repeatable
OF_A_RUN = GROUPS["Results"]  # what these say of one command is not so of another
RUNS = ("segment", "run")


class ColumnsFile(click.Path):
    """A TOML file of columns; in a job file they may stand themselves."""

    def convert(self, value: Any, param: Any, ctx: Any) -> Any:
        """The path, or the columns."""
        return value if isinstance(value, Mapping) else super().convert(value, param, ctx)


def configured(command: Any) -> Any:
    """A command whose options a job file may hold: --config names it, --no-config leaves it."""
    config = click.option(
        "--config",
        type=FILE,
        is_eager=True,
        expose_value=False,
        callback=_configure,
        help="A job file (shoal.toml, or [tool.shoal] in pyproject.toml of this folder).",
    )
    no_config = click.option(
        "--no-config",
        is_flag=True,
        is_eager=True,
        expose_value=False,
        callback=_leave_alone,
        help="Leave the job file of this folder alone.",
    )
    return no_config(config(command))


def _leave_alone(ctx: click.Context, _: click.Parameter, asked: bool) -> None:
    if asked:
        ctx.default_map = None
        ctx.meta[CONFIG] = None


def _configure(ctx: click.Context, param: click.Parameter, file: Path | None) -> None:
    if ctx.resilient_parsing or CONFIG in ctx.meta:
        return
    job = shoal.read_job(file)
    if job is None:
        return
    ctx.meta[CONFIG] = job.file
    known = {p.name: p for p in ctx.command.params if _takes(ctx, p)}
    asked = {IN_PAIRS.get(name, name): value for name, value in job.options.items()}
    given = {name: _as_typed(known[name], asked[name]) for name in asked if name in known}
    if ctx.info_name == "run" and job.source is not None:
        given["source"] = job.source
    ctx.default_map = given


def _takes(ctx: click.Context, param: click.Parameter) -> bool:
    """Whether what a job file says of an option is meant for this command."""
    of_results = param.name in OF_A_RUN and ctx.info_name not in RUNS
    return isinstance(param, click.Option) and not of_results


def _as_typed(param: click.Parameter, value: Any) -> Any:
    """A value of TOML as it would be typed, so that it is checked as such."""
    if isinstance(value, Mapping) and param.multiple:
        return [f"{key}={each}" for key, each in value.items()]
    if param.multiple:
        return [str(each) for each in (value if isinstance(value, list) else [value])]
    is_itself = isinstance(value, Mapping) or getattr(param, "is_flag", False)
    return value if is_itself else str(value)
