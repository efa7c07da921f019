"""The command line: `shoal segment | inspect | assign | rename | orders | app | serve | demo`.

Results go to stdout, everything else to stderr.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

import click

import shoal
from shoal import OutputError, ShoalError, __version__
from shoal.cli.assistants import mcp
from shoal.cli.campaign import campaign
from shoal.cli.command import FILE, Command, Table, Words, tell
from shoal.cli.config import configured
from shoal.cli.given import check_table_file, names, print_json, processes_of, weights
from shoal.cli.jobs import init, run_command
from shoal.cli.lifecycle import compare, history, moves, refresh, rename
from shoal.cli.options import (
    NAMES,
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
    resources_of,
)
from shoal.cli.outcome import compare_outcome
from shoal.cli.page import page
from shoal.cli.persons import audience, forget
from shoal.cli.schema import schema
from shoal.cli.scoring import export, sql, typing_tool
from shoal.cli.serve import serve
from shoal.cli.steps import progress_line
from shoal.cli.streams import standard_stream, write_into_nothing

SOURCE = (
    "A table, one row a customer: a file (CSV, TSV, Excel, Parquet, Arrow, JSON, JSON lines), a "
    "glob of such, - for standard input, a web address (https://, s3://), or a database "
    "(postgresql://user@host/shop?table=customers)."
)


class InOrder(click.Group):
    """Commands as they stand in this file, not by the alphabet."""

    command_class = Command

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Their names."""
        return list(self.commands)

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; what stops it, Ctrl-C or a request to end, is said in words."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt as stopped:
            _say(
                "stopped. Results are whole or not there: nothing half-written was left. "
                "Run the same command to start again."
            )
            raise click.exceptions.Exit(_EXIT_CODES[type(stopped)]) from None


class Terminated(KeyboardInterrupt):
    """Somebody asked the process to end, as a shutdown or a scheduler does."""


_EXIT_CODES: dict[type[BaseException], int] = {
    KeyboardInterrupt: 128 + signal.SIGINT,
    Terminated: 128 + signal.SIGTERM,
}


SETTINGS = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


EXIT_CODES = (
    "Exit codes: 0 done · 2 the input or an option is wrong · 3 an alarm that was asked for "
    "(--fail-on) · 1 a fault of shoal's or of the disk · 130 Ctrl-C · 143 asked to end"
)


@click.group(cls=InOrder, no_args_is_help=True, context_settings=SETTINGS, epilog=EXIT_CODES)
@click.version_option(
    __version__, prog_name="shoal", message="%(prog)s %(version)s", help="Print the version."
)
def app() -> None:
    """From a table of customers to segments people can act on."""
    click.get_current_context().with_resource(shoal.speaking_shell())


@app.command(short_help="Find segments, name them, say how sure they are.")
@configured
@click.argument("source", type=Table(), help=SOURCE)
@click.option(
    "--out",
    type=FILE,
    help="Folder for report, workbook, labelled customers, segments, figures and model.",
)
@id_option
@click.option(
    "--by",
    multiple=True,
    type=NAMES,
    help="A column that forms segments; repeat for several (guessed).",
)
@click.option(
    "--describe",
    multiple=True,
    type=NAMES,
    help="A column that describes segments without forming them; repeatable.",
)
@click.option("--value", help="The money column that shares of value are computed on.")
@click.option("--ignore", multiple=True, type=NAMES, help="A column to leave out; repeatable.")
@columns_option
@outcome_option
@currency_option
@click.option(
    "--totals/--no-totals",
    default=True,
    help="Add up parts of spending to a total, which is the value (yes).",
)
@click.option("--k", type=int, help="Number of segments (chosen by evidence).")
@click.option("--k-max", default=10, show_default=True, help="Most segments to consider.")
@click.option(
    "--min-share",
    default=0.0,
    show_default=True,
    help="No segment smaller than this share of customers, such as 0.05.",
)
@click.option(
    "--reruns", default=0, help="How often to choose k anew on nine tenths of the customers (0)."
)
@click.option(
    "--scale",
    type=Words(("auto", "standard", "robust", "none")),
    default="auto",
    show_default=True,
    help="How columns are brought to one scale; auto: log heavy tails, winsorise, standardise.",
)
@click.option(
    "--fill",
    type=Words(("median", "mean", "zero")),
    default="median",
    show_default=True,
    help="What stands in for missing numbers.",
)
@click.option(
    "--weight",
    multiple=True,
    type=NAMES,
    help='How much more a column counts: "Income=2"; repeatable.',
)
@click.option(
    "--seed", default=0, show_default=True, help="The same table and seed give the same segments."
)
@playbook_option
@click.option(
    "--name",
    multiple=True,
    type=NAMES,
    help='What you call a segment: 3="Weekend families"; repeatable.',
)
@click.option(
    "--show-ids",
    is_flag=True,
    help="Let ids of customers stand in the report (left out, since reports are mailed).",
)
@force_option
@orders_option
@click.option(
    "--one-row-a-customer",
    is_flag=True,
    help="Every row is a customer, although the rows look like orders.",
)
@keep_option
@click.option(
    "--previous",
    type=FILE,
    help="An earlier model.json: the report says how customers have shifted, and who moved.",
)
@min_cell_option
@click.option(
    "--noun",
    help='What a row is called, such as session or "person/people" (guessed from the id).',
)
@date_option
@orders_reading
@click.option("--to", help="A database address with ?table= to write the labelled customers into.")
@click.option(
    "--if-exists",
    type=Words(("fail", "replace", "append")),
    default="fail",
    show_default=True,
    help="What becomes of that table if it is there.",
)
@resources
@mute_option
@json_option
@reading
@engine_option
def segment(
    source: str,
    out: Path | None,
    threads: int | None,
    weight: Sequence[str],
    name: Sequence[str],
    to: str | None,
    if_exists: Any,
    as_json: bool,
    **options: Any,
) -> None:
    """Find segments in a table of customers, name them, and say how far to believe them."""
    said = {name: value for name, value in options.items() if value not in (None, ())}
    with progress_line() as progress:
        study = shoal.segment(
            source,
            out=out,
            threads=threads,
            processes=1 if out is None else processes_of(threads),
            weights=weights(weight),
            names=names(name),
            progress=progress,
            **said,
        )
        if to is not None:
            study.to_database(to, if_exists=if_exists)
    if as_json:
        print_json(study.summary() | {"outputs": study.outputs})
        return
    from shoal.cli.terminal import show_study

    show_study(study)


@app.command(short_help="Show what a table holds; nothing is segmented.")
@configured
@click.argument("source", type=Table(), help=SOURCE)
@id_option
@click.option(
    "--out", type=FILE, help="Also write the data analysis with its pictures as one HTML file."
)
@columns_option
@outcome_option
@currency_option
@date_option
@click.option(
    "--write-columns",
    type=FILE,
    help="Write what each column was taken to be as a TOML file, to be corrected.",
)
@resources
@mute_option
@json_option
@reading
@engine_option
def inspect(source: str, out: Path | None, as_json: bool, **options: Any) -> None:
    """Show what a table holds: columns, roles, missing values, ranges, findings."""
    with progress_line() as progress:
        profile = shoal.inspect(source, out=out, progress=progress, **options)
    from shoal.cli.terminal import profile_summary, show_profile

    if as_json:
        print_json(profile_summary(profile))
    else:
        show_profile(profile, out)


@app.command(short_help="Place customers by a saved model.")
@configured
@model_argument
@click.argument(
    "new",
    type=Table(),
    help="A table, as `shoal segment` takes it, with the columns that formed them.",
)
@click.option(
    "--out", type=FILE, help="A .csv or .parquet file for the labels (CSV on stdout when left out)."
)
@id_option
@keep_option
@resources
@json_option
@reading
@engine_option
def assign(model: Path, new: str, out: Path | None, as_json: bool, **options: Any) -> None:
    """Place customers into the segments of a saved model. Nothing is learned."""
    check_table_file(out)
    with progress_line() as progress:
        placed = shoal.assign(model, new, out=out, progress=progress, **options)
    if as_json:
        print_json(placed)
    elif out is not None:
        from shoal.cli.terminal import show_placed

        show_placed(placed)


app.add_command(rename)
app.add_command(refresh)
app.add_command(compare)
app.add_command(moves)
app.add_command(history)


@app.command(short_help="Sum orders up to customers.")
@configured
@click.argument(
    "source",
    type=Table(),
    help="A table of orders or order lines: a file, a glob, - for standard input, a web address, "
    "or a database.",
)
@click.option(
    "--out", type=FILE, help="A .csv or .parquet file for the customers (only shown when left out)."
)
@date_option
@orders_reading
@resources_of("600MB")
@click.option("--rfm", is_flag=True, help="Also put each customer into a classic RFM class.")
@click.option(
    "--classes", type=FILE, help="A TOML table of RFM classes in place of the one that ships."
)
@json_option
@reading
def orders(
    source: str, out: Path | None, rfm: bool, classes: Path | None, as_json: bool, **options: Any
) -> None:
    """Sum orders up to customers: recency, frequency, monetary value, tenure and more."""
    check_table_file(out)
    with progress_line() as progress:
        progress("summing up", 0, None)
        said = {name: value for name, value in options.items() if value is not None}
        customers = shoal.orders(source, **said)
        classed = None
        if rfm or classes:
            classed = shoal.rfm_classes(customers.table, id=customers.id, classes=classes)
        if out is not None:
            shoal.write_customers(customers, out, classed, source=source)
    from shoal.cli.terminal import orders_summary, show_orders

    if as_json:
        print_json(orders_summary(customers, classed, out))
    else:
        show_orders(customers, classed, out)


@app.command(short_help="Segment a generated sample.")
@click.option(
    "--out",
    type=FILE,
    default=Path("shoal-demo"),
    show_default=True,
    help="Folder for the sample and its results.",
)
@json_option
@click.pass_context
def demo(context: click.Context, out: Path, as_json: bool) -> None:
    """Segment a sample of customers that shoal generates: none of them exists."""
    from shoal.cli.demo_data import STATEMENT, write

    try:
        sample = write(out / "sample_customers.csv")
    except OSError as error:
        raise OutputError(
            f"Cannot write into {out}: {error.strerror}. Choose another folder with --out."
        ) from None
    tell(f"{STATEMENT} It is in {sample}.")
    context.invoke(segment, source=str(sample), out=out / "results", as_json=as_json)


app.add_command(sql)
app.add_command(export)
app.add_command(typing_tool)
app.add_command(serve)
app.add_command(init)
app.add_command(run_command(segment))
app.add_command(page)
app.add_command(mcp)
app.add_command(compare_outcome)
app.add_command(schema)
app.add_command(audience)
app.add_command(campaign)
app.add_command(forget)


def _say(message: str) -> None:
    click.echo(f"shoal: {message}", err=True)


def main() -> int:
    """Run the command line and give its exit code.

    0 done, 2 the input or the options are wrong, 1 a fault of shoal's or of the disk.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # rows are shared out among threads already
    try:
        app(standalone_mode=True)
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except ShoalError as error:
        _say(str(error))
        return error.exit_code
    except MemoryError:
        _say(
            "this machine has too little memory for the table. "
            "Try fewer columns with --by and --ignore."
        )
        return 1
    except Exception as error:
        if os.environ.get("SHOAL_DEBUG"):
            raise
        _say(
            f"a fault of shoal's own ({type(error).__name__}). Nothing half-written was left. "
            "SHOAL_DEBUG=1 shows where, and what it says, which may quote the table."
        )
        return 1
    return 0


def run() -> NoReturn:
    """The command line as a process of its own.

    Both streams are UTF-8 whatever the platform says, and may be closed by who reads them.
    """
    sys.stdout, sys.stderr = standard_stream(1, (BrokenPipeError,)), standard_stream(2, (OSError,))
    signal.signal(signal.SIGTERM, _terminate)
    code = main()
    for late in (signal.SIGINT, signal.SIGTERM):
        signal.signal(late, signal.SIG_IGN)  # all is said: a late Ctrl-C changes nothing
    try:
        sys.stdout.flush()
    except OSError as error:
        write_into_nothing(1)  # Python flushes again at its end, and would complain
        _say(f"the result could not be written: {error.strerror}.")
        code = code or 1
    sys.exit(code)


def _terminate(*_: object) -> NoReturn:
    raise Terminated


if __name__ == "__main__":
    run()
