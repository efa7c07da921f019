"""The doors: what a person calls from Python."""

from __future__ import annotations

import dataclasses
import datetime as dt
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shoal.analysis.new_customers import place_all, with_key, with_made_columns
from shoal.analysis.profile import describe as describe_table
from shoal.data import local_files, open_table
from shoal.engine.progress import Progress, begin, counting, listening
from shoal.engine.resources import limited
from shoal.engine.table import Table
from shoal.errors import OptionError
from shoal.findings import known_codes, unmuted
from shoal.options import (
    Fill,
    Keep,
    Meanings,
    Names,
    OrdersOptions,
    ReadingOptions,
    RoleOverrides,
    Scaling,
    check_names,
    made,
    options_of,
)
from shoal.output.atomic import spare, staged
from shoal.output.columns_file import write_columns as write_columns_file
from shoal.output.folder import check_folder, write_profile
from shoal.output.identity import beside, write_beside
from shoal.output.labels import customer_batches, write_batches, write_labelled
from shoal.output.labels import write_customers as write_table
from shoal.output.summary import placed_summary
from shoal.study import Model, Study
from shoal.study.run import carried_out, known_column
from shoal.text.options import option
from shoal.types import Profile

if TYPE_CHECKING:
    from shoal.rfm.compare import Comparison
    from shoal.rfm.rfm_classes import RfmClasses
    from shoal.rfm.types import Customers

Memory = str | int | None


def read(
    source: Any, *, memory: Memory = None, threads: int | None = None, **reading: Any
) -> Table:
    """The table as shoal reads it: `.to_arrow()` gives its rows, `.findings` what was odd about it.

    `source` and `reading` are as in `segment`. Raises InputError when the table cannot be read.

    >>> import pandas as pd, shoal
    >>> table = shoal.read(pd.DataFrame({"income": ["$15,000", "$9,500"]}))
    >>> table.to_arrow()["income"].to_pylist(), [f.code for f in table.findings]
    ([15000, 9500], ['currency', 'thousands-marks'])
    """
    check_names(read, reading, ReadingOptions)
    options = options_of(memory=memory, threads=threads, **reading)
    with limited(options.resources):
        return open_table(source, options.reading)


def inspect(
    source: Any,
    *,
    id: str | None = None,
    date: str | dt.date | None = None,
    mute: Names = None,
    out: str | Path | None = None,
    write_columns: str | Path | None = None,
    memory: Memory = None,
    threads: int | None = None,
    progress: Progress | None = None,
    **reading: Any,
) -> Profile:
    """The data analysis alone: facts of every column, what it stands for, its role, findings.

    `out` writes it with its pictures as one HTML file, `write_columns` what each column was taken
    to be as a TOML file, to be corrected and given back as `columns`; all else is as in `segment`.
    Raises InputError when the table cannot be read.

    >>> import pandas as pd, shoal
    >>> table = pd.DataFrame({"customer_id": [1, 2, 3], "spent": [10.0, 20.0, 60.0]})
    >>> [(c.name, c.role, c.mean) for c in shoal.inspect(table).columns]
    [('customer_id', 'id', 2.0), ('spent', 'value', 30.0)]
    """
    check_names(inspect, reading, ReadingOptions, Meanings)
    spare(local_files(source), [out, write_columns])
    options = options_of(
        id=id,
        date=date,
        mute=known_codes(mute),
        memory=memory,
        threads=threads,
        **reading,
    )
    with limited(options.resources), listening(progress) as listener:
        begin(listener, "reading")
        table = open_table(source, options.reading)
        known_column(table, id)
        heard = counting(listener, "reading", None)
        profile, _ = describe_table(table, options.roles, options.meanings, progress=heard)
        profile = dataclasses.replace(profile, findings=unmuted(profile.findings, options.mute))
        if out is not None:
            write_profile(profile, Path(out))
        if write_columns is not None:
            write_columns_file(profile, Path(write_columns))
    return profile


def segment(
    source: Any,
    *,
    id: str | None = None,
    by: Names = None,
    describe: Names = None,
    value: str | None = None,
    ignore: Names = None,
    k: int | None = None,
    k_max: int = 10,
    min_share: float = 0.0,
    scale: Scaling = "auto",
    fill: Fill = "median",
    weights: Mapping[str, float] | None = None,
    seed: int = 0,
    reruns: int = 0,
    orders: bool = False,
    one_row_a_customer: bool = False,
    date: str | dt.date | None = None,
    playbook: str | Path | None = None,
    names: Mapping[int, str] | None = None,
    out: str | Path | None = None,
    show_ids: bool = False,
    force: bool = False,
    keep: Keep = "all",
    min_cell: int = 5,
    previous: Any = None,
    noun: str | None = None,
    mute: Names = None,
    memory: Memory = None,
    threads: int | None = None,
    processes: int = 1,
    progress: Progress | None = None,
    **reading: Any,
) -> Study:
    """From a table of customers to named, trusted segments.

    Args:
        source: a path, a glob, a list of paths, an address of the web or of a database, "-" for
            standard input, an open file or bytes, or a dataframe (pandas, Polars, PyArrow, DuckDB,
            dask, narwhals, Spark), dict of columns, list of records or array of NumPy; one row a
            customer. What of these is a stream or lazy is copied to the disk part by part
            (docs/frames.md).
        id: the column that tells customers apart; guessed when left out, never clustered on.
        by: the columns that form segments; guessed when left out.
        describe: columns that describe segments without forming them.
        value: the money column that shares of value are computed on.
        ignore: columns to leave out altogether.
        k: number of segments; chosen when left out.
        k_max: most segments to consider.
        min_share: no segment smaller than this share of customers (0 .. 0.5) is chosen.
        scale: "auto" (log heavy tails, winsorise, standardise), "standard", "robust" or "none".
        fill: what stands in for missing numbers: "median", "mean" or "zero".
        weights: how much more than once a column counts, by name.
        seed: the same table and seed give the same study.
        reruns: how often k is chosen anew on nine tenths of the sample (`.choice.reruns`).
        orders: rows are orders or order lines; they are summed up to customers first (see
            `shoal.orders`, whose options are taken as well).
        one_row_a_customer: rows are customers although they look like orders (a customer stands on
            many of them, beside a date and an amount, a product or an order number).
        date: the day from which days since and until are counted, such as "2011-12-10"; when left
            out, the latest date of the table's customers, of orders the day after the last one.
        playbook: a TOML file of actions in place of the one that ships.
        names: what you call segments, by their numbers: {3: "Weekend families"}; the others get
            names from what sets them apart.
        out: a folder to write report, workbook, labels, figures and model into.
        force: whether files in `out` that are not shoal's may be replaced.
        show_ids: whether ids of customers may stand in the report, which is often mailed on.
        keep: which columns stand beside the labels in customers.csv: "all" of the table, or "id"
            alone.
        min_cell: figures of segments that are of fewer customers are not shown in any output
            (shares, rates, medians, sums); 1 shows all. Labels are not touched.
        previous: an earlier model (the path of a model.json, or a `Model`), of which the report
            says under *Since last time* whether customers have shifted, and who moved where the
            customers that it labelled lie beside it. Segments are formed anew: `Model.refresh`
            keeps those of before.
        noun: what one row is called, such as "person/people"; guessed from the header of the id.
        mute: codes of findings that are not to be shown again (docs/findings.md lists them).
        memory: what rows may take before they are kept on disk, such as "1GB"; a quarter of what
            is free when left out.
        threads: how many processors to use; all of them when left out, but no more than 8 to
            read rows.
        processes: how many processes share choosing k, stability and figures, as `n_jobs` does in
            scikit-learn: beyond 1 a script needs `if __name__ == "__main__":` around its main part.
        progress: is called with (step, done, of how many or None): rows, or rounds of choosing k
            and examining. It is called several times a second, with what it was told last where
            nothing is new, and may raise `shoal.Stopped` to end the run.
        reading: what is known of the columns and the source.
            columns: what columns stand for, in place of what would be guessed: the path of a TOML
            file as `inspect(write_columns=…)` writes it, or a mapping such as
            {"claims": {"meaning": "money_out"}}. outcome: the column that says what became of
            customers (churn, response …), such as "Churn" or "Churn=Yes": it never forms segments,
            and its rate is told of each. currency: what money is written in, such as "EUR".
            totals=False: parts of spending are not added up to a column that is made, the value.
            Options of the reader: sep, decimal, encoding, header, sheet; max_unpacked, max_line,
            max_columns (bounds); table or query of a database; engine="spark" or the address of
            its master ("spark://host:7077") for Parquet files that Spark reads.

    Returns:
        The study: `.segments`, `.choice`, `.trust`, `.labels`, `.assign(new)`, `.plot`,
        `.report(path)`, `.save(path)`.

    Raises:
        InputError: the table cannot be read, holds nothing that could be segmented, or looks like
            orders while nobody said so.
        OptionError: an option is wrong or does not fit the table.
        OutputError: the results could not be written.

    >>> import numpy as np, pandas as pd, shoal
    >>> rng = np.random.default_rng(0)
    >>> spent = np.concatenate([rng.normal(m, 1, 60) for m in (10, 30, 50)])
    >>> table = pd.DataFrame({"spent": spent, "visits": spent * 2 + rng.normal(0, 1, 180)})
    >>> study = shoal.segment(table)
    >>> study.k, sorted(study.segments["size"])
    (3, [60, 60, 60])
    """
    given = dict(locals())  # all arguments by their names
    check_names(segment, reading, ReadingOptions, OrdersOptions, Meanings)
    _check_about_orders(given)
    _check_results(source, out, show_ids, force)
    folder = None if out is None else Path(out).parent
    options = options_of(**given | reading | {"mute": known_codes(mute), "folder": folder})
    return carried_out(source, options, given)


def _check_about_orders(given: Mapping[str, Any]) -> None:
    """Raise OptionError where something is said about orders, and the rows are none."""
    if given["orders"] and given["one_row_a_customer"]:
        raise OptionError(
            f"{option('orders', True)} and {option('one_row_a_customer', True)} are contraries: "
            "say what the rows are with one of them."
        )
    if given["orders"]:
        return
    needs = f"it needs {option('orders', True)}."
    for name in given["reading"]:
        if name in OrdersOptions.__struct_fields__ and name not in Meanings.__struct_fields__:
            raise OptionError(f"{option(name)} says how orders are summed up: {needs}")


def _check_results(source: Any, out: str | Path | None, show_ids: bool, force: bool) -> None:
    """Raise OptionError where results cannot go there, or are spoken of, and none are written."""
    if out is not None:
        check_folder(out, force, local_files(source))
    elif show_ids:
        shown = option("show_ids", True)
        raise OptionError(f"{shown} says what the report shows: it needs {option('out')}.")


def orders(
    source: Any,
    *,
    date: str | dt.date | None = None,
    memory: Memory = None,
    threads: int | None = None,
    **options: Any,
) -> Customers:
    """One row a customer from orders or order lines: recency, frequency, monetary value and more.

    Args:
        source: as in `segment`, but that one row is an order, or an order line.
        date: the analysis date, at whose first moment recency and tenure are counted; later orders
            are set aside. The day after the last order when left out.
        memory, threads: as in `segment`, but memory is 600MB when left out.
        options: since (orders before this day are set aside); columns by what they are (customer,
            order, date_column, amount, quantity, price, product, category, status,
            currency_column, kind_column, refunded, cancelled); the rules: returns="net" (taken off
            what was bought before them) or "apart" (not taken off, their share is said),
            duplicates="keep" or "drop" (rows equal in every column),
            one_order="auto", "id" (the order number), "day" (what a customer bought on one day) or
            "row", amount_per="auto", "line" or "order" (the total of an order stands on each of
            its lines), breadth (products, favourite category, regularity: up to 20 million rows
            when left out); and options of the reader (sep, decimal, encoding, header, sheet,
            query).

    Returns:
        The customers: `.table`, `.facts` (which column was taken for what, the date, the rules,
        rows set aside), `.findings`.

    Raises:
        InputError: there is no customer or date column, nothing was bought, or several currencies
            are mixed.
        OptionError: an option is wrong, or the rows are customers already.

    >>> import pandas as pd, shoal
    >>> lines = pd.DataFrame({"customer": ["ann", "ann", "bob"], "amount": [10.0, 30.0, 5.0],
    ...                       "date": pd.to_datetime(["2024-01-01", "2024-01-11", "2024-01-06"])})
    >>> shoal.orders(lines).column("frequency")
    [2, 1]
    """
    from shoal.rfm.customers import customers_from_orders

    check_names(orders, options, ReadingOptions, OrdersOptions)
    wanted = options_of(date=date, memory=memory, threads=threads, **options)
    with limited(wanted.resources):
        return customers_from_orders(open_table(source, wanted.reading), wanted.orders)


def load(path: str | Path | bytes) -> Model:
    """Read a saved model, a file or the bytes of one: `shoal.load("results/model.json")`.

    Raises InputError when it is none.
    """
    from shoal.output.model_file import load as load_file

    return Model(*load_file(path))


def assign(
    model: str | Path,
    new: Any,
    *,
    out: str | Path | None = None,
    keep: Keep = "all",
    id: str | None = None,
    memory: Memory = None,
    threads: int | None = None,
    progress: Progress | None = None,
    **reading: Any,
) -> dict[str, Any]:
    """Place a table's customers by a saved model, and write their labels into a file.

    Args:
        model: the path of a model.json.
        new: the table; it and all that follows is as in `segment`.
        out: a .csv or .parquet file for the labels; as CSV on stdout when left out.
        keep: which columns stand beside the labels: "all" of the table, or "id" alone.
        id: the column that tells customers apart; that of the model when left out.
        memory, threads, progress, reading: as in `segment`.

    Returns:
        How many rows were read, labelled and set aside, the size of each segment, and findings.

    Raises:
        InputError: there is no model, or the table lacks a column that it needs.
        OutputError: the labels could not be written.
    """
    check_names(assign, reading, ReadingOptions)
    saved = load(model)
    segmentation = saved.segmentation
    spare([*local_files(new), model], [out])
    path = None if out is None else Path(out)
    key = id or segmentation.id_column
    options = options_of(keep=keep, memory=memory, threads=threads, **reading | {"id": key})
    with limited(options.resources), listening(progress) as heard:
        begin(heard, "reading")
        opened = open_table(new, options.reading)
        keyed = with_key(segmentation, opened, id)
        table = with_made_columns(opened, segmentation)
        kept, placing, notes = place_all(table, keyed, heard)
        rows = int(placing.sizes.sum()) + placing.aside
        if path is None:
            batches = customer_batches(table, lambda: kept, keyed, options.keep)
            write_batches(batches, Path("-.csv"), sys.stdout.buffer)
        else:
            near = beside(path)
            names = [path.name] if near is None else [path.name, near.name]
            with staged(path.parent, names) as folder:
                write_labelled(table, lambda: kept, keyed, folder / path.name, rows, options.keep)
                write_beside(folder / path.name, segmentation)
    return placed_summary(segmentation, saved.noun, placing, notes, path)


def write_customers(
    customers: Customers,
    path: str | Path,
    classes: RfmClasses | None = None,
    source: Any = None,
) -> Path:
    """Write customers that orders were summed up to as .csv or .parquet, whole or not at all.

    Args:
        customers: what `shoal.orders` gave; `path`: the file.
        classes: what `shoal.rfm_classes` gave for them, for a last column `rfm_class`.
        source: what they were made from, which is never written over.

    Returns the path. Raises OutputError when they could not be written.
    """
    spare(local_files(source), [Path(path)])
    write_table(customers.table, Path(path), None if classes is None else classes.labels)
    return Path(path)


def rfm_classes(source: Any, **options: Any) -> RfmClasses:
    """Put each customer into a named RFM class; every customer is in exactly one.

    Args:
        source: one row a customer with recency, frequency and (where there is money) monetary
            value, such as `shoal.orders(FILE).table`, or a path, a dataframe, a database address.
        options: recency, frequency, monetary, id (columns), bins (5), cuts (own cut points by
            measure), ties ("low", "high" or "plus-one": where a value equal to a cut point goes),
            classes (a TOML table of classes), and the reader's.

    Returns:
        `.labels`, `.summary` (a DataFrame, one row a class), `.customers` (Arrow, with the scores).

    Raises OptionError when a combination of scores is in no class or in two, InputError when a
    measure is missing.

    >>> import pandas as pd, shoal
    >>> table = pd.DataFrame({"recency": [5, 90, 300], "frequency": [9, 1, 1],
    ...                       "monetary": [900, 20, 15]})
    >>> shoal.rfm_classes(table).labels[0]
    'Champions'
    """
    from shoal.rfm.rfm_classes import rfm_classes as classify

    check_names(classify, options, ReadingOptions)
    table = open_table(source, made(ReadingOptions, options))
    read_only = set(ReadingOptions.__struct_fields__) - {"id"}
    own = {n: v for n, v in options.items() if n not in read_only}
    return classify(table, **own)


def compare_rfm(
    source: Any,
    *,
    date: str | dt.date | None = None,
    k: int | None = None,
    seed: int = 0,
    **options: Any,
) -> Comparison:
    """RFM classes against K-Means segments of the same orders.

    Who moves where, and which parts later spending better. Both are learned on the orders before
    `date` (two thirds of the way when left out) and measured on what came after. `options` are
    those of `shoal.orders`.

    Returns `.table` (classes × segments), `.agreement` (adjusted Rand index), `.of_classes`,
    `.of_segments`, `.words`. Raises InputError when there is no money, or nobody bought later.
    """
    from shoal.rfm.compare import compare_on_later

    check_names(compare_rfm, options, ReadingOptions, OrdersOptions)
    wanted = options_of(k=k, seed=seed, **options)

    def label(customers: Customers) -> dict[Any, Any]:
        roles = customers.roles(RoleOverrides())
        study = segment(
            customers.table,
            id=roles.id,
            by=roles.by or None,
            describe=roles.describe,
            value=roles.value,
            k=k,
            seed=seed,
        )
        labelled = study.customers
        return dict(zip(labelled[customers.id], labelled["name"], strict=True))

    table = open_table(source, wanted.reading)
    return compare_on_later(table, label, date=date, seed=seed, options=wanted.orders)
