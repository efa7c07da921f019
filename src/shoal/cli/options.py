"""The options that several commands have."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from pathlib import Path
from typing import Any

import click

import shoal
from shoal.cli.command import FILE, Names, Words
from shoal.cli.config import ColumnsFile

Command = Callable[..., Any]
NAMES = Names()


def _codes(_: click.Context, __: click.Parameter, incomplete: str) -> list[str]:
    """The codes of findings that begin so."""
    return [code for code in shoal.codes() if code.startswith(incomplete)]


def reading(command: Command) -> Command:
    """The options of the reader, which most commands have."""
    options = (
        click.option("--sep", help='What separates columns, such as ";" (found by itself).'),
        click.option(
            "--decimal", type=Words((".", ",")), help="The decimal sign (found by itself)."
        ),
        click.option("--encoding", help="Text encoding, such as cp1252 (found by itself)."),
        click.option(
            "--header",
            type=int,
            help="The line of column names, counted from 1; 0: there is none (found by itself).",
        ),
        click.option("--sheet", help="The sheet of an Excel file (the largest table by itself)."),
        click.option(
            "--max-unpacked",
            help="The size that an archive may unpack to (1GB, or 100 times its own).",
        ),
        click.option("--max-line", help="The size that a line of text may have (64MB)."),
        click.option("--max-columns", type=int, help="How many columns a table may have (20000)."),
        click.option(
            "--query", help="A SELECT to read in place of a table, where the source is a database."
        ),
    )
    return reduce(lambda made, option: option(made), reversed(options), command)


def orders_reading(command: Command) -> Command:
    """The options of how orders are summed up; what is not said is guessed, or the usual rule."""
    columns = {
        "--customer": "the customer",
        "--order": "the order number",
        "--date-column": "the order date",
        "--amount": "the amount",
        "--quantity": "the quantity",
        "--price": "the unit price",
        "--product": "the product",
        "--category": "the product category",
        "--status": "the status of an order, which tells what was cancelled",
        "--currency-column": "the currency",
        "--kind-column": "the kind of a row, which tells refunds from sales",
        "--refunded": "what of an order was paid back",
        "--cancelled": "whether or when an order was cancelled",
    }
    rules = {
        "--returns": (
            ("net", "apart"),
            "net: returns are taken off the money; apart: they are not, their share is said (net).",
        ),
        "--duplicates": (
            ("keep", "drop"),
            "what becomes of rows that are equal in every column (keep).",
        ),
        "--one-order": (
            ("auto", "id", "day", "row"),
            "what makes an order: id (its number), day, row, or auto (auto).",
        ),
        "--amount-per": (
            ("auto", "line", "order"),
            "whether the amount is that of a line or of the whole order (auto).",
        ),
    }
    options = (
        click.option("--since", help="Leave out orders before this day."),
        *(
            click.option(n, help=f"Of orders: the column of {w} (guessed).")
            for n, w in columns.items()
        ),
        *(
            click.option(name, type=Words(known), help=f"Of orders: {words}")
            for name, (known, words) in rules.items()
        ),
        click.option(
            "--breadth/--no-breadth",
            default=None,
            help="Of orders: count products, favourites and regularity (up to 20 million rows).",
        ),
    )
    return reduce(lambda made, option: option(made), reversed(options), command)


def resources_of(usual: str) -> Callable[[Command], Command]:
    """The options of what a run may use of this machine; `usual` is its memory when left out."""
    memory = click.option("--memory", help=f"What rows may take before they go to disk ({usual}).")
    threads = click.option(
        "--threads",
        type=int,
        help="How many processors to use (all; no more than 8 to read rows).",
    )
    return lambda command: memory(threads(command))


resources = resources_of("a quarter of what is free")


model_argument = click.argument(
    "model", type=FILE, help="model.json, written by `shoal segment … --out DIR`."
)
id_option = click.option("--id", help="The column that tells customers apart.")
date_option = click.option(
    "--date",
    help=(
        "The day from which days are counted, such as 2011-12-10 (the latest one; of orders the "
        "day after the last)."
    ),
)
columns_option = click.option(
    "--columns",
    type=ColumnsFile(path_type=Path),
    help="A TOML file of what columns stand for, as `shoal inspect --write-columns` writes it.",
)
outcome_option = click.option(
    "--outcome", help='What became of customers, such as Churn or "Churn=Yes" (guessed).'
)
currency_option = click.option("--currency", help="What money is written in, such as EUR.")
mute_option = click.option(
    "--mute",
    multiple=True,
    type=NAMES,
    shell_complete=_codes,
    help="A code of findings not to show; repeatable.",
)
keep_option = click.option(
    "--keep",
    type=Words(("all", "id")),
    default="all",
    show_default=True,
    help="Which columns of the table stand beside the labels: all of them, or the id alone.",
)
min_cell_option = click.option(
    "--min-cell",
    default=5,
    show_default=True,
    help="Figures of fewer customers are not shown; 1 shows all.",
)
orders_option = click.option(
    "--orders", is_flag=True, help="Rows are orders: sum them up to customers first."
)
playbook_option = click.option(
    "--playbook", type=FILE, help="A TOML file of actions in place of the one that ships."
)
force_option = click.option(
    "--force", is_flag=True, help="Replace files in the folder that are not results of shoal's."
)
json_option = click.option(
    "--json",
    "as_json",
    is_flag=True,
    envvar="SHOAL_JSON",
    allow_from_autoenv=False,
    help="Print the result as JSON, and nothing else, on stdout.",
)
engine_option = click.option(
    "--engine",
    help=(
        "spark, or the address of its master (spark://host:7077), which then reads the Parquet "
        "files."
    ),
)
