"""The commands of segments that stay alive: `shoal rename`."""

from __future__ import annotations

from pathlib import Path

import click

import shoal
from shoal.cli.command import QUIET, Command, asked_for
from shoal.cli.given import print_json
from shoal.cli.options import json_option, model_argument


@click.command(cls=Command, short_help="Give a segment of a saved model another name.")
@model_argument
@click.argument("segment", type=int, help="The number of the segment, counted from 1.")
@click.argument("name", help="What you call it: at most 60 letters, no other segment's name.")
@json_option
def rename(model: Path, segment: int, name: str, as_json: bool) -> None:
    """Give a segment of a saved model another name: labels that it writes from now on have it."""
    before = shoal.load(model)
    after = before.renamed({segment: name})
    after.save(model)
    place = before.ids.index(segment)
    was, now = before.names[place], after.names[place]
    if as_json:
        print_json({"model": str(model), "segment": segment, "name": now, "was": was})
    elif not asked_for(QUIET):
        click.echo(f'{model}: segment {segment} is "{now}" now; it was "{was}".')
