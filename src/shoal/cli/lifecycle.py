"""The commands of segments that stay alive: `shoal refresh | compare | moves | history …`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

import shoal
from shoal import OptionError
from shoal.cli.command import FILE, QUIET, Command, Table, Words, asked_for
from shoal.cli.given import print_json, processes_of
from shoal.cli.options import (
    columns_option,
    currency_option,
    date_option,
    engine_option,
    force_option,
    id_option,
    json_option,
    keep_option,
    min_cell_option,
    model_argument,
    mute_option,
    orders_option,
    orders_reading,
    outcome_option,
    playbook_option,
    reading,
    resources,
)
from shoal.cli.steps import progress_line

ALARM = 3  # the exit code of an alarm that was asked for


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
        told = {"model": str(model), "model_id": after.id, "segment": segment}
        print_json(told | {"name": now, "was": was})
    elif not asked_for(QUIET):
        click.echo(f'{model}: segment {segment} is "{now}" now; it was "{was}".')


@click.command(cls=Command, short_help="Say whether customers have shifted since the model.")
@model_argument
@click.argument("new", type=Table(), help="A table with the columns that formed the segments.")
@click.option(
    "--old", type=Table(), help="Compare with this table (with the customers who formed the model)."
)
@click.option(
    "--fail-on", type=Words(("drift",)), help="drift: end with exit code 3 where there is any."
)
@min_cell_option
@id_option
@resources
@json_option
@reading
@engine_option
def compare(model: Path, new: str, fail_on: str | None, as_json: bool, **options: Any) -> None:
    """Compare new customers with those who formed a model: shifts beyond chance that matter."""
    if fail_on not in (None, "drift"):
        raise OptionError(f'--fail-on "{fail_on}" is unknown. Known: drift.')
    with progress_line() as progress:
        found = shoal.load(model).compare(new, progress=progress, **options)
    if as_json:
        print_json(found.to_json())
    elif not asked_for(QUIET):
        from shoal.cli.alive import show_comparison

        show_comparison(found)
    if fail_on and found.alarm:
        raise click.exceptions.Exit(ALARM)


@click.command(cls=Command, short_help="Say who moved between two periods, and what it cost.")
@click.argument("before", type=Table(), help="Labelled customers, or a table that a model places.")
@click.argument("after", type=Table(), help="The same of the later period.")
@click.option("--model-before", type=FILE, help="The model.json of the earlier period.")
@click.option(
    "--model-after",
    type=FILE,
    help="That of the later period (where there is one model, it places both).",
)
@click.option("--value", help="The column of money (that of the model, or guessed).")
@click.option("--out", type=FILE, help="Folder for report, workbook, table and figure.")
@min_cell_option
@id_option
@resources
@json_option
@reading
def moves(before: str, after: str, out: Path | None, as_json: bool, **options: Any) -> None:
    """Who moved between two periods, why, and what it cost: customers are followed by their id."""
    with progress_line() as progress:
        found = shoal.moves(before, after, out=out, progress=progress, **options)
    if as_json:
        print_json(found.to_json())
    elif not asked_for(QUIET):
        from shoal.cli.alive import show_moves

        show_moves(found, out)


@click.command(cls=Command, short_help="Keep the segments on the customers of now.")
@model_argument
@click.argument("new", type=Table(), help="The customers of now, as `shoal segment` takes a table.")
@click.option(
    "--out",
    type=FILE,
    required=True,
    help="Folder for what `shoal segment` writes, and crosswalk.csv.",
)
@click.option(
    "--old",
    type=Table(),
    help="The customers of before, labelled or not: segments are matched by shared ids.",
)
@click.option("--refit", is_flag=True, help="Fit again even where the old segments serve.")
@id_option
@columns_option
@outcome_option
@currency_option
@orders_option
@click.option(
    "--noun", help='What a row is called, such as session or "person/people" (as before).'
)
@date_option
@keep_option
@click.option("--show-ids", is_flag=True, help="Let ids of customers stand in the report.")
@min_cell_option
@force_option
@playbook_option
@orders_reading
@resources
@mute_option
@json_option
@reading
@engine_option
def refresh(model: Path, new: str, threads: int | None, as_json: bool, **options: Any) -> None:
    """Keep segments where they serve the customers of now, else fit again under the same ids."""
    said = {name: value for name, value in options.items() if value not in (None, ())}
    with progress_line() as progress:
        found = shoal.load(model).refresh(
            new,
            threads=threads,
            processes=processes_of(threads),
            progress=progress,
            **said,
        )
    if as_json:
        print_json(found.to_json())
    elif not asked_for(QUIET):
        from shoal.cli.alive import show_refresh

        show_refresh(found)


@click.command(cls=Command, short_help="Show many runs: shares, value, stability, fates.")
@click.argument("dir", type=FILE, help="The folder in which the folders of runs are.")
@click.option("--out", type=FILE, help="Also write figure and table as one HTML file.")
@json_option
def history(dir: Path, out: Path | None, as_json: bool) -> None:
    """Show what became of segments, run after run.

    In the order of the folders' names, such as 2024-02; as they were written where names hold no
    numbers.
    """
    found = shoal.history(dir)
    if out is not None:
        found.html(out)
    if as_json:
        print_json(found.to_json())
    elif not asked_for(QUIET):
        from shoal.cli.alive import show_history

        show_history(found, out)
