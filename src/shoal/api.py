"""The doors: what a person calls from Python."""

from __future__ import annotations

import dataclasses
import datetime as dt
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from shoal.analysis.features import FILLS, SCALINGS
from shoal.analysis.new_customers import place_all
from shoal.analysis.profile import describe as describe_table
from shoal.analysis.profile.roles import RoleOverrides
from shoal.data import open_table, taken_out
from shoal.engine.local import LocalEngine
from shoal.engine.resources import at_most, memory_of, threads_of
from shoal.engine.table import Table
from shoal.engine.worker import beside
from shoal.errors import OptionError, did_you_mean
from shoal.findings import codes
from shoal.output.atomic import staged
from shoal.output.labels import _write_labelled, label_batches, write_labels
from shoal.pipeline import Tell, _hear, _tell, _unmuted, _walk
from shoal.study import Study
from shoal.text.plain_json import as_json
from shoal.types import Profile

if TYPE_CHECKING:
    from shoal.orders.compare import Comparison
    from shoal.orders.rfm_classes import RfmClasses
    from shoal.orders.types import Customers

Names = str | Sequence[str] | None


def inspect(
    source: Any,
    *,
    id: str | None = None,
    mute: Names = None,
    tell: Tell | None = None,
    **reading: Any,
) -> Profile:
    """The data analysis alone: facts of every column, guessed roles, findings.

    `source` and `reading` are as in `segment`. Raises InputError when the table cannot be read.

    >>> import pandas as pd, shoal
    >>> profile = shoal.inspect(pd.DataFrame({"customer_id": [1, 2, 3], "spent": [10.0, 20.0, 60.0]}))
    >>> [(c.name, c.role, c.mean) for c in profile.columns]
    [('customer_id', 'id', 2.0), ('spent', 'value', 30.0)]
    """
    muted = _known_codes(mute)
    table = open_table(source, reading)
    _known_column(table, "--id", id)
    profile = describe_table(table, RoleOverrides(id=id), tell=_hear(tell, "reading", None))[0]
    return dataclasses.replace(profile, findings=_unmuted(profile.findings, muted))


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
    scale: Literal["auto", "standard", "robust", "none"] = "auto",
    fill: Literal["median", "mean", "zero"] = "median",
    weights: Mapping[str, float] | None = None,
    seed: int = 0,
    orders: bool = False,
    date: str | None = None,
    playbook: str | Path | None = None,
    out: str | Path | None = None,
    mute: Names = None,
    memory: str | int | None = None,
    threads: int | None = None,
    tell: Tell | None = None,
    **reading: Any,
) -> Study:
    """From a table of customers to named, trusted segments.

    Args:
        source: a path, a glob, a database address, or any dataframe (pandas, Polars, PyArrow, DuckDB, Spark); one row a customer.
        id: the column that tells customers apart; guessed when left out, never clustered on.
        by: the columns that form segments; guessed when left out.
        describe: columns that describe segments without forming them.
        value: the money column that shares of value are computed on.
        ignore: columns to leave out altogether.
        k: number of segments; chosen when left out.
        k_max: most segments to consider.
        min_share: no segment smaller than this share of customers (0 .. 0.5) is chosen.
        scale: "auto" (log heavy tails, winsorise for fitting, standardise), "standard", "robust" or "none".
        fill: what stands in for gaps in numbers: "median", "mean" or "zero".
        weights: how much more than once a column counts, by name.
        seed: the same table and seed give the same study.
        orders: rows are orders or order lines; they are summed up to customers first (see `shoal.orders`).
        date: the analysis date of orders, such as "2011-12-10"; the day after the last order when left out.
        playbook: a TOML file of actions in place of the one that ships.
        out: a folder to write report, labels, figures and model into.
        mute: codes of findings that are not to be shown again (docs/findings.md lists them).
        memory: what rows may take before they are kept on disk, such as "1GB"; a quarter of what is free when left out.
        threads: how many processors to use; all of them when left out.
        tell: is told of progress: (step, rows done, rows in all or None).
        reading: options of the reader: sep, decimal, encoding, header, sheet; query for a database; engine="spark" or the
            address of its master ("spark://host:7077") for Parquet files that Spark reads.

    Returns:
        The study: `.segments`, `.choice`, `.trust`, `.labels`, `.assign(new)`, `.plot`, `.report(path)`, `.save(path)`.

    Raises:
        InputError: the table cannot be read, or holds nothing that could be segmented.
        OptionError: an option is wrong or does not fit the table.
        OutputError: the results could not be written.

    >>> import numpy as np, pandas as pd, shoal
    >>> rng = np.random.default_rng(0)
    >>> spent = np.concatenate([rng.normal(m, 1, 60) for m in (10, 30, 50)])
    >>> study = shoal.segment(pd.DataFrame({"spent": spent, "visits": spent * 2 + rng.normal(0, 1, 180)}))
    >>> study.k, sorted(study.segments["size"])
    (3, [60, 60, 60])
    """
    options, muted = _check_options(k, k_max, min_share, scale, fill, seed), _known_codes(mute)
    roles: dict[str, Any] = {
        "id": id,
        "by": by,
        "describe": describe,
        "value": value,
        "ignore": ignore,
    }
    if date is not None and not orders:
        raise OptionError("--date is the analysis date of orders: it needs --orders.")
    engine = LocalEngine(
        threads_of(threads), memory_of(memory), None if out is None else Path(out).parent
    )
    with at_most(threads), beside(out is not None and engine.threads > 1) as helper:
        table, roles, words = (
            _customers(source, date, reading, roles)
            if orders
            else (open_table(source, reading), roles, ())
        )
        table = dataclasses.replace(table, engine=engine) if table.engine.here else table
        _known_column(table, "--id", roles["id"])
        wishes = RoleOverrides(
            roles["id"],
            _names(roles["by"]),
            _names(roles["describe"]),
            roles["value"],
            _names(roles["ignore"]),
        )
        learn = {"scale": scale, "fill": fill, "weights": weights, "playbook": playbook}
        facts, places = _walk(table, wishes, options, learn, words, muted, tell, helper)
        study = Study(facts, places, table)
        if out is not None:
            _tell(tell, "writing")
            study.write(out, helper=helper)
    return study


def _check_options(
    k: int | None, k_max: int, min_share: float, scale: str, fill: str, seed: int
) -> dict[str, Any]:
    if k is not None and k < 2:
        raise OptionError(f"--k {k}: at least 2 segments are needed, such as --k 5.")
    if k_max < 2:
        raise OptionError(
            f"--k-max {k_max}: at least 2 segments must be allowed, such as --k-max 10."
        )
    if not 0 <= min_share <= 0.5:
        raise OptionError(
            f"--min-share {min_share:g} must lie between 0 and 0.5: --min-share 0.05 keeps segments at 5 % of customers or more."
        )
    if scale not in SCALINGS:
        raise OptionError(f'--scale "{scale}" is unknown. Known: {", ".join(SCALINGS)}.')
    if fill not in FILLS:
        raise OptionError(f'--fill "{fill}" is unknown. Known: {", ".join(FILLS)}.')
    if not 0 <= seed < 2**32:
        raise OptionError(f"--seed {seed} must lie between 0 and 4294967295.")
    return {
        "k": k,
        "k_max": k_max,
        "min_share": min_share,
        "scale": scale,
        "fill": fill,
        "seed": seed,
    }


def _customers(
    source: Any, date: Any, reading: Mapping[str, Any], roles: dict[str, Any]
) -> tuple[Table, dict[str, Any], tuple[str, ...]]:
    """Orders summed up to customers, the roles that follow from it unless they were set, and how it was done in words."""
    made = orders(source, date=date, **reading)
    follow = {
        "id": made.id,
        "by": made.by,
        "describe": made.describe,
        "value": made.value,
        "ignore": made.ignore,
    }
    taken = {
        name
        for names in (roles["by"], roles["describe"], roles["ignore"])
        for name in _names(names)
    } | {
        roles["value"],
        roles["id"],
    }
    for role, names in follow.items():
        if not roles[role]:
            roles[role] = (
                names
                if names is None or isinstance(names, str)
                else tuple(n for n in names if n not in taken)
            )
    return made.table, roles, made.facts.words


def _names(names: Names) -> tuple[str, ...]:
    return () if names is None else (names,) if isinstance(names, str) else tuple(names)


def _known_column(table: Table, option: str, name: str | None) -> None:
    if name is not None and name not in table.schema.names:
        raise OptionError(
            f'{option} names "{name}", but {table.name} has no such column. {did_you_mean(name, table.schema.names)}'
        )


def _known_codes(mute: Names) -> tuple[str, ...]:
    for code in _names(mute):
        if code not in (known := codes()):
            raise OptionError(
                f'--mute "{code}" is no code of a finding. {did_you_mean(code, known)}'
            )
    return _names(mute)


def orders(source: Any, *, date: str | dt.date | None = None, **options: Any) -> Customers:
    """One row a customer from a table of orders or order lines: recency, frequency, monetary value, tenure and more.

    Args:
        source: a path, a glob, a dataframe or a database address; one row an order, or an order line.
        date: the analysis date; the day after the last order when left out.
        options: columns by what they are (customer, order, date_column, amount, quantity, price, product, category), the
            rules (returns="apart" or "net", duplicates="keep" or "drop", one_order="auto", "id", "day" or "row"), and
            options of the reader (sep, decimal, encoding, header, sheet, query).

    Returns:
        The customers: `.table`, `.facts` (which column was taken for what, the date, the rules, rows set aside), `.findings`.

    Raises:
        InputError: there is no customer or date column, nothing was bought, or several currencies are mixed.
        OptionError: an option is wrong, or the rows are customers already.

    >>> import pandas as pd, shoal
    >>> lines = pd.DataFrame({"customer": ["ann", "ann", "bob"], "amount": [10.0, 30.0, 5.0],
    ...                       "date": pd.to_datetime(["2024-01-01", "2024-01-11", "2024-01-06"])})
    >>> shoal.orders(lines).column("frequency")
    [2, 1]
    """
    from shoal.orders.customers import customers_from_orders

    return customers_from_orders(open_table(source, taken_out(options)), date=date, **options)


def assign_file(
    model_path: Path,
    new: Any,
    out: Path | None,
    *,
    id: str | None = None,
    tell: Tell | None = None,
    **reading: Any,
) -> dict[str, Any]:
    """Place a table's customers by a saved model and write the labels (CSV on stdout when `out` is None). Returns a summary."""
    from shoal.output.model_file import load

    model, _ = load(model_path)
    table = open_table(new, reading)
    if id is not None and id not in table.schema.names:
        raise OptionError(
            f'--id names "{id}", but {table.name} has no such column. {did_you_mean(id, table.schema.names)}'
        )
    places, placing, notes = place_all(table, model, tell)
    key = id or (model.id_column if model.id_column in table.schema.names else None)
    labelled = int(placing.sizes.sum())
    keyed = dataclasses.replace(model, id_column=key)
    if out is None:
        write_labels(label_batches(table, places, keyed), Path("-.csv"), sys.stdout.buffer)
    else:
        with staged(out.parent, [out.name]) as folder:
            _write_labelled(table, places, keyed, folder / out.name, labelled + placing.aside)
    segments = [
        {"id": i + 1, "name": name, "size": int(size), "share": float(size / max(labelled, 1))}
        for i, (name, size) in enumerate(zip(model.names, placing.sizes, strict=True))
    ]
    return {
        "rows_read": labelled + placing.aside,
        "rows_labelled": labelled,
        "rows_set_aside": placing.aside,
        "segments": segments,
        "unlike_anyone": int(placing.unlike.sum()),
        "expected_unlike": model.far_rate * labelled,
        "findings": as_json(notes),
        "out": str(out) if out is not None else None,
    }


def rfm_classes(source: Any, **options: Any) -> RfmClasses:
    """Put each customer into a named RFM class by quantile or own cut points; every customer is in exactly one.

    Args:
        source: one row a customer with recency, frequency and (where there is money) monetary value, such as
            `shoal.orders(FILE).table`, or a path, a dataframe, a database address.
        options: recency, frequency, monetary, id (columns), bins (5), cuts (own cut points by measure), ties ("low", "high"
            or "plus-one": where a value equal to a cut point goes), classes (a TOML table of classes), and the reader's.

    Returns:
        `.labels`, `.summary` (a DataFrame, one row a class), `.customers` (Arrow, with the scores).

    Raises OptionError when a combination of scores is in no class or in two, InputError when a measure is missing.

    >>> import pandas as pd, shoal
    >>> table = pd.DataFrame({"recency": [5, 90, 300, 10, 40], "frequency": [9, 1, 1, 2, 5], "monetary": [900, 20, 15, 50, 300]})
    >>> shoal.rfm_classes(table).labels[0]
    'Champions'
    """
    from shoal.orders.rfm_classes import rfm_classes as classify

    return classify(open_table(source, taken_out(options)), **options)


def compare_rfm(
    source: Any,
    *,
    date: str | dt.date | None = None,
    k: int | None = None,
    seed: int = 0,
    **options: Any,
) -> Comparison:
    """RFM classes against K-Means segments of the same orders: who moves where, and which parts later spending better.

    Both are learned on the orders before `date` (two thirds of the way when left out) and measured on what came after.
    `options` are those of `shoal.orders`.

    Returns `.table` (classes × segments), `.agreement` (adjusted Rand index), `.of_classes`, `.of_segments`, `.words`.
    Raises InputError when there is no money, or nobody bought later.
    """
    from shoal.api import segment
    from shoal.orders.compare import compare_on_later

    def label(customers: Customers) -> dict[Any, Any]:
        roles = {
            "id": customers.id,
            "by": customers.by,
            "describe": customers.describe,
            "value": customers.value,
        }
        labelled = segment(customers.table, **roles, k=k, seed=seed).customers  # type: ignore[arg-type]
        return dict(zip(labelled[customers.id], labelled["name"], strict=True))

    return compare_on_later(
        open_table(source, taken_out(options)), label, date=date, seed=seed, **options
    )
