"""`shoal serve`: customers over HTTP. What answers is loaded by this command alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from shoal import OptionError
from shoal.cli.command import FILE, QUIET, VERBOSE, Command, asked_for
from shoal.cli.options import NAMES, model_argument


@click.command(cls=Command)
@model_argument
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    help="The address to listen at; one that others can reach needs a token.",
)
@click.option("--port", default=8000, show_default=True, help="The port; 0: one that is free.")
@click.option(
    "--token-file", type=FILE, help="Tokens, one a line (those in SHOAL_TOKENS count as well)."
)
@click.option(
    "--allow-host",
    multiple=True,
    type=NAMES,
    help="A name by which the service may be called; repeatable (of this machine; any, if public).",
)
@click.option(
    "--max-customers", default=100_000, show_default=True, help="Most customers in one request."
)
@click.option("--max-megabytes", default=64, show_default=True, help="The size of a body, at most.")
@click.option(
    "--seconds",
    default=30.0,
    show_default=True,
    help="How long a request may take to arrive, and to be answered.",
)
@click.option(
    "--drain",
    default=2.0,
    show_default=True,
    help="How long to go on taking connections after SIGTERM, in seconds.",
)
def serve(model: Path, token_file: Path | None, **options: Any) -> None:
    """Place customers over HTTP by a saved model. Ends at SIGTERM or Ctrl-C, with code 0."""
    try:
        from shoal.web.service import run_service
    except ModuleNotFoundError as error:
        raise OptionError(
            f"`shoal serve` needs {error.name}, which is not installed: pip install 'shoal[serve]'"
        ) from None
    from shoal.cli.lean import arrow_alone

    arrow_alone()
    run_service(model, token_file, quiet=asked_for(QUIET), verbose=asked_for(VERBOSE), **options)
