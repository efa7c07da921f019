"""The command line: `shoal segment | inspect | assign | orders | demo`. Results go to stdout, everything else to stderr."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Annotated, Any

import typer

from shoal.beside import begin
from shoal.errors import OptionError, OutputError, ShoalError

app = typer.Typer(
    name="shoal",
    help="From a table of customers to segments people can act on.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

Source = Annotated[
    str, typer.Argument(help="A table, one row a customer: CSV, TSV, Excel, Parquet, JSON lines, or a glob of such files.")
]
Id = Annotated[str | None, typer.Option("--id", help="The column that tells customers apart.")]
Mute = Annotated[list[str] | None, typer.Option(help="A code of findings not to show; repeatable.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON, and nothing else, on stdout.")]
Query = Annotated[str | None, typer.Option(help="A SELECT to read in place of a table, where the source is a database.")]
Date = Annotated[str | None, typer.Option(help="The analysis date of orders, such as 2011-12-10 (the day after the last order).")]
To = Annotated[str | None, typer.Option(help="A database address with ?table= to write the labelled customers into.")]
IfExists = Annotated[str, typer.Option(help="What becomes of that table if it is there: fail, replace or append.")]
Engine = Annotated[
    str | None,
    typer.Option(
        help="spark, or the address of its master (spark://host:7077): it reads the Parquet files and labels everybody."
    ),
]
Sep = Annotated[str | None, typer.Option(help='What separates columns, such as ";" (found by itself).')]
Decimal = Annotated[str | None, typer.Option(help='The decimal sign, "." or "," (found by itself).')]
Encoding = Annotated[str | None, typer.Option(help="Text encoding, such as cp1252 (found by itself).")]
Header = Annotated[int | None, typer.Option(help="The line of column names, counted from 1; 0: there is none (found by itself).")]
Sheet = Annotated[str | None, typer.Option(help="The sheet of an Excel file (the largest table by itself).")]


def _version(asked: bool) -> None:
    if asked:
        from shoal import __version__

        typer.echo(f"shoal {__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")] = False,
) -> None:
    """From a table of customers to segments people can act on."""


@app.command()
def segment(
    source: Source,
    out: Annotated[
        Path | None, typer.Option(help="Folder for report.html, labelled customers, segments, figures, model.json.")
    ] = None,
    id: Id = None,
    by: Annotated[list[str] | None, typer.Option(help="A column that forms segments; repeat for several (guessed).")] = None,
    describe: Annotated[
        list[str] | None, typer.Option(help="A column that describes segments without forming them; repeatable.")
    ] = None,
    value: Annotated[str | None, typer.Option(help="The money column that shares of value are computed on.")] = None,
    ignore: Annotated[list[str] | None, typer.Option(help="A column to leave out; repeatable.")] = None,
    k: Annotated[int | None, typer.Option("--k", help="Number of segments (chosen by evidence).")] = None,
    k_max: Annotated[int, typer.Option(help="Most segments to consider.")] = 10,
    min_share: Annotated[float, typer.Option(help="No segment smaller than this share of customers, such as 0.05.")] = 0.0,
    scale: Annotated[
        str, typer.Option(help="auto (log heavy tails, winsorise, standardise), standard, robust or none.")
    ] = "auto",
    fill: Annotated[str, typer.Option(help="What stands in for gaps in numbers: median, mean or zero.")] = "median",
    weight: Annotated[list[str] | None, typer.Option(help='How much more a column counts: "Income=2"; repeatable.')] = None,
    seed: Annotated[int, typer.Option(help="The same table and seed give the same segments.")] = 0,
    playbook: Annotated[Path | None, typer.Option(help="A TOML file of actions in place of the one that ships.")] = None,
    orders: Annotated[bool, typer.Option("--orders", help="Rows are orders: sum them up to customers first.")] = False,
    date: Date = None,
    to: To = None,
    if_exists: IfExists = "fail",
    memory: Annotated[
        str | None, typer.Option(help="What rows may take before they go to disk (a quarter of what is free).")
    ] = None,
    threads: Annotated[int | None, typer.Option(help="How many processors to use (all).")] = None,
    mute: Mute = None,
    as_json: AsJson = False,
    sep: Sep = None,
    decimal: Decimal = None,
    encoding: Encoding = None,
    header: Header = None,
    sheet: Sheet = None,
    query: Query = None,
    engine: Engine = None,
) -> None:
    """Find segments in a table of customers, name them, and say how far to believe them."""
    if out is not None and threads != 1:
        begin()
    with _telling() as tell:
        from shoal.road import segment as find

        study = find(
            source, id=id, by=by, describe=describe, value=value, ignore=ignore, k=k, k_max=k_max, min_share=min_share,
            scale=scale, fill=fill, weights=_weights(weight or []), seed=seed, playbook=playbook, mute=mute, tell=tell,  # type: ignore[arg-type]
            orders=orders, date=date, out=out, memory=memory, threads=threads,
            sep=sep, decimal=decimal, encoding=encoding, header=header, sheet=sheet, query=query, engine=engine,
        )  # fmt: skip
        outputs = dict(study.outputs)
        if to is not None:
            from shoal.databases import redact

            study.to_database(to, if_exists=if_exists)  # type: ignore[arg-type]
            outputs["database"] = redact(to)
    if as_json:
        _print_json(study.summary() | {"outputs": outputs})
        return
    from shoal.apps.terminal import show_study

    show_study(study.facts, outputs)


@app.command()
def inspect(
    source: Source,
    id: Id = None,
    out: Annotated[Path | None, typer.Option(help="Also write the data analysis with its pictures as one HTML file.")] = None,
    mute: Mute = None,
    as_json: AsJson = False,
    sep: Sep = None,
    decimal: Decimal = None,
    encoding: Encoding = None,
    header: Header = None,
    sheet: Sheet = None,
    query: Query = None,
    engine: Engine = None,
) -> None:
    """Show what a table holds: columns, roles, gaps, ranges, and findings. Nothing is segmented."""
    with _telling() as tell:
        from shoal.road import inspect as look

        profile = look(
            source, id=id, mute=mute, tell=tell, sep=sep, decimal=decimal, encoding=encoding, header=header, sheet=sheet, query=query, engine=engine,
        )  # fmt: skip
        if out is not None:
            from shoal.outputs import write_profile

            write_profile(profile, out)
    if as_json:
        from shoal.study import profile_summary

        _print_json(profile_summary(profile))
        return
    from shoal.apps.terminal import show_profile

    show_profile(profile, out)


@app.command()
def assign(
    model: Annotated[Path, typer.Argument(help="model.json, written by `shoal segment … --out DIR`.")],
    new: Annotated[str, typer.Argument(help="A table of customers with the columns that formed the segments.")],
    out: Annotated[
        Path | None, typer.Option(help="A .csv or .parquet file for the labels (CSV on stdout when left out).")
    ] = None,
    id: Id = None,
    as_json: AsJson = False,
    sep: Sep = None,
    decimal: Decimal = None,
    encoding: Encoding = None,
    header: Header = None,
    sheet: Sheet = None,
    query: Query = None,
    engine: Engine = None,
) -> None:
    """Place customers into the segments of a saved model. Nothing is learned."""
    _check_table_file(out)
    with _telling() as tell:
        from shoal.outputs import assign_file

        placed = assign_file(
            model, new, out, id=id, tell=tell, sep=sep, decimal=decimal, encoding=encoding, header=header, sheet=sheet, query=query, engine=engine,
        )  # fmt: skip
    if as_json:
        _print_json(placed)
    elif out is not None:
        from shoal.apps.terminal import show_placed

        show_placed(placed)


@app.command()
def orders(
    source: Annotated[str, typer.Argument(help="A table of orders or order lines: a file, a glob, or a database address.")],
    out: Annotated[
        Path | None, typer.Option(help="A .csv or .parquet file for the customers (only shown when left out).")
    ] = None,
    date: Date = None,
    since: Annotated[str | None, typer.Option(help="Leave out orders before this day.")] = None,
    customer: Annotated[str | None, typer.Option(help="The column of the customer (guessed, as are the next ones).")] = None,
    order: Annotated[str | None, typer.Option(help="The column of the order number.")] = None,
    date_column: Annotated[str | None, typer.Option(help="The column of the order date.")] = None,
    amount: Annotated[str | None, typer.Option(help="The column of the amount.")] = None,
    quantity: Annotated[str | None, typer.Option(help="The column of the quantity.")] = None,
    price: Annotated[str | None, typer.Option(help="The column of the unit price.")] = None,
    product: Annotated[str | None, typer.Option(help="The column of the product.")] = None,
    category: Annotated[str | None, typer.Option(help="The column of the product category.")] = None,
    returns: Annotated[
        str, typer.Option(help="apart: returns are no spending, their share is said; net: they are taken off.")
    ] = "apart",
    duplicates: Annotated[str, typer.Option(help="keep or drop rows that are equal in every column.")] = "keep",
    one_order: Annotated[str, typer.Option(help="What makes an order: id (its number), day, row, or auto.")] = "auto",
    amount_per: Annotated[
        str, typer.Option(help="Whether the amount is that of a line or of the whole order: line, order, auto.")
    ] = "auto",
    breadth: Annotated[
        bool | None, typer.Option(help="Count products, favourites and regularity (up to 20 million rows).")
    ] = None,
    memory: Annotated[str, typer.Option(help="What may be used before spilling to disk.")] = "600MB",
    rfm: Annotated[bool, typer.Option("--rfm", help="Also put each customer into a classic RFM class.")] = False,
    classes: Annotated[Path | None, typer.Option(help="A TOML table of RFM classes in place of the one that ships.")] = None,
    as_json: AsJson = False,
    sep: Sep = None,
    decimal: Decimal = None,
    encoding: Encoding = None,
    header: Header = None,
    sheet: Sheet = None,
    query: Query = None,
) -> None:
    """Sum orders up to customers: recency, frequency, monetary value, tenure and more."""
    _check_table_file(out)
    with _telling() as tell:
        tell("summing up", 0, None)
        from shoal.outputs import write_customers
        from shoal.sources import orders as sum_up

        made = sum_up(
            source, date=date, since=since, customer=customer, order=order, date_column=date_column, amount=amount, quantity=quantity,
            price=price, product=product, category=category, returns=returns, duplicates=duplicates,
            one_order=one_order, amount_per=amount_per, breadth=breadth, memory=memory,
            sep=sep, decimal=decimal, encoding=encoding, header=header, sheet=sheet, query=query,
        )  # fmt: skip
        classed = None
        if rfm or classes:
            from shoal.classic import rfm_classes

            classed = rfm_classes(made.table, id=made.id, classes=classes)
        if out is not None:
            write_customers(made.table, out, None if classed is None else classed.labels)
    from shoal.apps.terminal import orders_summary, show_orders

    if as_json:
        _print_json(orders_summary(made, classed, out))
    else:
        show_orders(made, classed, out)


@app.command()
def demo(
    out: Annotated[Path, typer.Option(help="Folder for the sample and its results.")] = Path("shoal-demo"),
    as_json: AsJson = False,
) -> None:
    """Segment a sample of customers that shoal generates: none of them exists."""
    from shoal.demo import STATEMENT, write

    try:
        sample = write(out / "sample_customers.csv")
    except OSError as error:
        raise OutputError(f"Cannot write into {out}: {error.strerror}. Choose another folder with --out.") from None
    typer.echo(f"{STATEMENT} It is in {sample}.", err=True)
    segment(str(sample), out=out / "results", as_json=as_json)


def _check_table_file(out: Path | None) -> None:
    if out is not None and out.suffix not in (".csv", ".parquet"):
        raise OptionError(f'--out "{out}" must end in .csv or .parquet.')


def _weights(pairs: list[str]) -> dict[str, float]:
    weights = {}
    for pair in pairs:
        name, equals, number = pair.rpartition("=")
        try:
            weights[name] = float(number)
        except ValueError:
            equals = ""
        if not equals or not name:
            raise OptionError(f'--weight "{pair}" must be COLUMN=NUMBER, such as --weight "Income=2".')
    return weights


def _print_json(body: Any) -> None:
    typer.echo(json.dumps(body, ensure_ascii=False, allow_nan=False, indent=1))


@contextmanager
def _telling() -> Iterator[Callable[[str, int, int | None], None]]:
    """Progress on stderr, once a second has gone by and only where somebody watches; Ctrl-C said in words."""
    from shoal.lean import arrow_alone

    arrow_alone()
    progress = None
    if sys.stderr.isatty():
        from shoal.apps.terminal import Progress

        progress = Progress()
    try:
        yield progress.tell if progress else lambda step, rows, total: None
    except KeyboardInterrupt:
        typer.echo("shoal: stopped. Nothing half-written was left; run the same command to start again.", err=True)
        raise typer.Exit(130) from None
    finally:
        if progress:
            progress.stop()


def main() -> None:
    """Run the command line: exit 0 done · 2 the input or the options are wrong · 1 a fault of shoal's or of the disk."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # rows are shared out among threads already
    try:
        app(standalone_mode=True)
    except ShoalError as error:
        typer.echo(f"shoal: {error}", err=True)
        sys.exit(error.exit_code)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the reader of a pipe left early: no fault
        sys.exit(0)
    except MemoryError:
        typer.echo("shoal: this machine has too little memory for the table. Try fewer columns with --by and --ignore.", err=True)
        sys.exit(1)
    except Exception as error:
        if os.environ.get("SHOAL_DEBUG"):
            raise
        typer.echo(
            f"shoal: a fault of shoal's own ({type(error).__name__}: {error}). Nothing half-written was left. SHOAL_DEBUG=1 shows where.",
            err=True,
        )
        sys.exit(1)
    finally:
        with suppress(ValueError):  # not the main thread: no keyboard reaches it
            signal.signal(signal.SIGINT, signal.SIG_IGN)  # all is said: a late Ctrl-C must not change how the work ended


if __name__ == "__main__":
    main()
