"""The commands of campaigns: `shoal campaign plan | read`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

import shoal
from shoal import number, showable
from shoal.cli.command import FILE, QUIET, Command, Table, Words, asked_for
from shoal.cli.given import print_json
from shoal.cli.options import (
    id_option,
    json_option,
    min_cell_option,
    model_argument,
    reading,
    resources,
)
from shoal.cli.steps import progress_line


@click.group(short_help="Draw target and hold-out; read what a campaign did.")
def campaign() -> None:
    """Draw target and hold-out before a campaign, and read afterwards what it did."""


@campaign.command(cls=Command, short_help="Draw target and hold-out, say what they can show.")
@model_argument
@click.argument("customers", type=Table(), help="A table with the columns that formed segments.")
@click.option(
    "--segment",
    type=int,
    multiple=True,
    help="The number of a segment; repeatable (all of them).",
)
@click.option(
    "--hold-out",
    default=0.2,
    show_default=True,
    help="The share of each segment that is left alone.",
)
@click.option("--out", type=FILE, required=True, help="Folder for the plan; never drawn anew.")
@click.option(
    "--rate",
    type=float,
    help="The share that would have the outcome without the campaign (0.05 is assumed).",
)
@click.option(
    "--lift", type=float, help="The lift to be shown, 0.01 for one point (a fifth of the rate)."
)
@click.option("--value", help="The column of money before the campaign (that of the model).")
@click.option(
    "--seed", default=0, show_default=True, help="The same seed holds out the same customers."
)
@id_option
@resources
@json_option
@reading
def plan(
    model: Path, customers: str, segment: Sequence[int], as_json: bool, **options: Any
) -> None:
    """Draw target and hold-out of a campaign, and say which lift they can show."""
    said = {name: value for name, value in options.items() if value is not None}
    with progress_line() as progress:
        made = shoal.campaign.plan(
            model, customers, segment=segment or None, progress=progress, **said
        )
    if as_json:
        print_json(made.to_json())
    elif not asked_for(QUIET):
        _show(made)
        click.echo(
            f"{made.rows_read:,} rows read = {made.rows_planned:,} planned "
            f"+ {made.rows_in_other_segments:,} in other segments "
            f"+ {made.rows_set_aside:,} set aside."
        )


@campaign.command(cls=Command, short_help="Lift of each segment, profit, and a verdict.")
@click.argument("plan", type=FILE, help="The folder that `shoal campaign plan` has written.")
@click.argument(
    "outcomes", type=Table(), help="A table of ids and outcomes: yes and no, money, or buyers."
)
@click.option("--cost", type=float, help="What the campaign costs for one customer of the target.")
@click.option(
    "--worth", type=float, help="Profit of one yes, or of one unit of money (1 for money)."
)
@click.option("--outcome", help="The column of the outcome, where there are several.")
@click.option(
    "--missing",
    type=Words(("zero", "aside")),
    help="Who is not in the outcomes: had none (zero), or is left out (aside).",
)
@min_cell_option
@id_option
@resources
@json_option
@reading
def read(plan: Path, outcomes: str, as_json: bool, **options: Any) -> None:
    """Read what a campaign did: lift of each segment with intervals, profit, a verdict."""
    found = shoal.campaign.read(plan, outcomes, **options)
    if as_json:
        print_json(found.to_json())
    elif not asked_for(QUIET):
        _show(found)
        for each in (*found.segments, found.total):
            if each.profit is not None and (each.id is not None or len(found.segments) > 1):
                between = f"{number(each.profit_low)} to {number(each.profit_high)}"
                made = between if each.not_shown else f"{number(each.profit)} ({between})"
                name = showable(each.name)
                click.echo(f"{name}: profit {made}, cost {number(each.cost)}.")


def _show(found: Any) -> None:
    """Sentences, then findings."""
    from shoal.cli.terminal import show_findings

    for said in found.summary:
        click.echo(showable(said.text))
    show_findings(found.findings)
