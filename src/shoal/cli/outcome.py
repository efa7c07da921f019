"""`shoal compare-outcome`: do the segments matter?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

import shoal
from shoal import OptionError, percent
from shoal.cli.command import QUIET, Command, Table, asked_for
from shoal.cli.given import print_json
from shoal.cli.options import (
    NAMES,
    columns_option,
    currency_option,
    date_option,
    id_option,
    json_option,
    min_cell_option,
    reading,
    resources,
)
from shoal.cli.steps import progress_line

if TYPE_CHECKING:
    from shoal import Separation


@click.command(
    "compare-outcome", cls=Command, short_help="Say how well segments separate an outcome."
)
@click.argument(
    "source",
    type=Table(),
    help="A table of customers, half of whom segments are formed on; or a model.json.",
)
@click.argument(
    "new",
    type=Table(),
    required=False,
    help="After a model.json: the table of customers who did not form it.",
)
@click.option(
    "--outcome", help='What became of customers: Churn, "Churn=Yes", or a number (guessed).'
)
@id_option
@click.option(
    "--by", multiple=True, type=NAMES, help="A column that forms segments; repeatable (guessed)."
)
@click.option("--ignore", multiple=True, type=NAMES, help="A column to leave out; repeatable.")
@click.option("--value", help="The money column.")
@columns_option
@currency_option
@date_option
@click.option("--k", type=int, help="Number of segments (chosen by evidence).")
@click.option("--seed", default=0, show_default=True, help="The same seed finds the same segments.")
@min_cell_option
@resources
@json_option
@reading
def compare_outcome(
    source: str,
    new: str | None,
    by: Sequence[str],
    ignore: Sequence[str],
    as_json: bool,
    **options: Any,
) -> None:
    """Say how far segments separate an outcome that did not form them, on customers not used.

    Beside them stand RFM classes, the best single column, and an earlier segmentation in the table.
    """
    said = {name: value for name, value in options.items() if value is not None}
    if new is not None:
        _check_model_alone(by, ignore, options)
        said["model"] = source
    with progress_line() as progress:
        found = shoal.compare_outcome(
            new or source, by=by or None, ignore=ignore or None, progress=progress, **said
        )
    if as_json:
        print_json(shoal.as_json(found.to_json()))
    elif not asked_for(QUIET):
        _show(found)


def _check_model_alone(by: Sequence[str], ignore: Sequence[str], options: dict[str, Any]) -> None:
    """Raise OptionError for options of forming segments, where a model has formed them."""
    given = {"by": by, "ignore": ignore} | options
    for name in ("by", "ignore", "value", "columns", "k"):
        if given.get(name) not in (None, ()):
            raise OptionError(
                f"--{name} says how segments are formed, and the model has formed them: leave it "
                "out, or name the table alone."
            )


def _show(found: Separation) -> None:
    from shoal.cli.terminal import escape, say, screen_of_output, table_of

    screen = screen_of_output()
    for line in found.lines:
        say(screen, escape(line))
    numbers = ("Customers", found.outcome, "95 %")
    for grouping in (found.segments, *found.others):
        made = table_of(escape(_title(grouping)), *map(escape, numbers), right=numbers)
        for group in grouping.groups:
            value, low, high = (_value(x, found) for x in (group.value, group.low, group.high))
            figures = (value, f"{low} to {high}") if found.is_told(group) else ("–", "–")
            made.add_row(escape(group.name), found.counted(group.customers), *figures)
        screen.print(made)
        if grouping.kind == "old_label":
            screen.print(_crosswalk(found, grouping))


def _title(grouping: Any) -> str:
    names = {"segments": "Segment", "rfm": "RFM class"}
    return names.get(grouping.kind) or str(grouping.column)


def _value(value: float, found: Separation) -> str:
    return percent(value) if found.event else f"{value:,.4g}"


def _crosswalk(found: Separation, grouping: Any) -> Any:
    from shoal.cli.terminal import escape, table_of

    made = table_of("Customers in both", *map(escape, grouping.crossed), right=grouping.crossed)
    for name, row in zip(found.segment_names, grouping.crosswalk, strict=True):
        made.add_row(escape(name), *(found.counted(count) if count else "" for count in row))
    return made
