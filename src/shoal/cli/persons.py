"""The commands about customers as persons: `shoal audience | forget`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import click

import shoal
from shoal import showable
from shoal.cli.command import FILE, QUIET, Command, Words, asked_for
from shoal.cli.given import print_json
from shoal.cli.options import id_option, json_option, model_argument, reading, resources
from shoal.cli.steps import progress_line


@click.command(cls=Command, short_help="Write a file of whom to write to.")
@model_argument
@click.argument("customers", help="A table of customers with the columns that formed the segments.")
@click.option("--out", type=FILE, required=True, help="Folder for the files.")
@click.option(
    "--segment",
    type=int,
    multiple=True,
    help="The number of a segment; repeatable (all of them).",
)
@click.option(
    "--hold-out",
    default=0.0,
    show_default=True,
    help="The share that is not to be written to, such as 0.1: the same customers every time.",
)
@click.option(
    "--format",
    type=Words(("csv", "google", "meta")),
    default="csv",
    show_default=True,
    help="csv as it is, or as a platform takes it: its headers, SHA-256.",
)
@click.option(
    "--keep",
    type=Words(("all", "contact")),
    default="all",
    show_default=True,
    help="Of csv: all columns of the table, or those of contacts alone.",
)
@click.option(
    "--country", help="The country of telephone numbers that do not say theirs, such as DE."
)
@click.option("--consent", help="The column that says who agreed (found by its header).")
@click.option("--email", help="The column of e-mail addresses (found by its cells).")
@click.option("--phone", help="The column of telephone numbers (found by its header).")
@click.option(
    "--seed", default=0, show_default=True, help="The same seed holds out the same customers."
)
@id_option
@resources
@json_option
@reading
def audience(
    model: Path, customers: str, segment: Sequence[int], as_json: bool, **options: Any
) -> None:
    """Write whom to write to, a file for each segment: consent respected, some held out."""
    said = {name: value for name, value in options.items() if value is not None}
    with progress_line() as progress:
        made = shoal.audience(model, customers, segment=segment or None, progress=progress, **said)
    if as_json:
        print_json(made)
    elif not asked_for(QUIET):
        _show_audience(made)


def _show_audience(made: dict[str, Any]) -> None:
    """What was written, and who was set aside for which reason."""
    from shoal.cli.terminal import show_findings

    click.echo(
        f"{made['rows_read']:,} rows read = {made['rows_written']:,} written "
        f"+ {made['rows_in_other_segments']:,} in other segments "
        f"+ {made['rows_set_aside']:,} set aside."
    )
    for reason, rows in made["reasons"].items():
        click.echo(f"Set aside: {rows:,}, {reason}.")
    for each in made["audiences"]:
        held = f", {each['held_out']:,} held out" if each["held_out"] else ""
        click.echo(
            f"Segment {each['segment']} ({showable(each['name'])}): "
            f"{each['size']:,} in {each['file']}{held}."
        )
    show_findings([SimpleNamespace(**f) for f in made["findings"]])


@click.command(cls=Command, short_help="Take a customer out of folders of results.")
@click.argument("id", help="The customer's id, to the letter.")
@click.argument("folder", type=FILE, help="Results or audiences; folders in it as well.")
@json_option
def forget(id: str, folder: Path, as_json: bool) -> None:
    """Take a customer out of a folder of results: labels, workbook, audiences."""
    made = shoal.forget(id, folder)
    if as_json:
        print_json(made)
    elif not asked_for(QUIET):
        _show_forgotten(made)


def _show_forgotten(made: dict[str, Any]) -> None:
    """What went from where, and what is left to do."""
    for each in made["files"]:
        rows = "1 row" if each["rows"] == 1 else f"{each['rows']:,} rows"
        click.echo(f"{showable(each['file'])}: {rows} taken out ({each['kind']}).")
    for report in made["make_anew"]:
        click.echo(f"{showable(report)} shows this id: delete it, or segment anew.")
    click.echo("Counts, figures and the model are as they were; so is the table itself.")
