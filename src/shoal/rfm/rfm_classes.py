"""Classic RFM: scores and named classes, each customer in one, by a table that can be replaced."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from shoal.engine.table import Table
from shoal.errors import InputError, OptionError
from shoal.findings import finding
from shoal.rfm.columns import check_column
from shoal.rfm.fits import NUMBERS, kind_of, tokens
from shoal.rfm.rfm_scores import MEASURES, TIES, Measure, Ties, check_cuts, cut_points, scores
from shoal.rfm.scheme import Scheme, load_scheme
from shoal.sentences import say
from shoal.text.options import option
from shoal.types import Finding, Floats, Ints

BUILT_IN = Path(__file__).with_name("classes.toml")
_NAMES: dict[Measure, frozenset[str]] = {
    "recency": frozenset({"recency"}),
    "frequency": frozenset(
        {"frequency", "orders", "transactions", "purchases", "visits", "invoices"}
    ),
    "monetary": frozenset(
        {"monetary", "revenue", "amount", "spent", "spend", "sales", "value", "total"}
    ),
}
Scores = Mapping[Measure, Ints]
Cuts = Mapping[Measure, Sequence[float]]


@dataclass(frozen=True)
class RfmClasses:
    """Scores and class of each customer."""

    # id, the measures, their scores, rfm_score, class; in the order of the table
    customers: pa.Table
    id: str | None
    measures: tuple[tuple[Measure, str], ...]  # which column was taken for what
    cuts: dict[Measure, tuple[float, ...]]
    ties: str  # the rule in words
    scheme: Scheme
    findings: tuple[Finding, ...]

    @property
    def labels(self) -> tuple[str, ...]:
        """(n,) the class of each customer."""
        return tuple(self.customers["class"].to_pylist())

    @property
    def summary(self) -> Any:
        """One row a class that anybody is in, largest first, as a pandas DataFrame.

        Customers, and where these are measured orders, value and the median of each measure.
        """
        import pandas as pd

        frame = pd.DataFrame(self.customers.to_pydict())  # also where PyArrow knows no pandas
        classes = frame.groupby("class")
        found = pd.DataFrame({"customers": classes.size()})
        found["share"] = found["customers"] / len(frame)
        columns = dict(self.measures)
        if "frequency" in columns:
            found["orders"] = classes[columns["frequency"]].sum()
        if "monetary" in columns:
            found["value"] = classes[columns["monetary"]].sum()
            found["value_share"] = found["value"] / found["value"].sum()
        for column in columns.values():
            found[f"median {column}"] = classes[column].median()
        return found.sort_values("customers", ascending=False, kind="stable")


def rfm_classes(
    customers: Table,
    *,
    recency: str | None = None,
    frequency: str | None = None,
    monetary: str | None = None,
    id: str | None = None,
    bins: int | None = None,
    cuts: Cuts | None = None,
    ties: Ties = "low",
    classes: str | Path | None = None,
) -> RfmClasses:
    """Put each customer into a named RFM class.

    Args:
        customers: one row a customer, as `customers_from_orders` makes it, or any table with such
            columns.
        recency, frequency, monetary, id: columns; guessed from their names when left out. Monetary
            may be missing.
        bins: number of quantile bins of each measure; that of the table of classes when left out.
        cuts: own cut points by measure, in place of quantiles.
        ties: where a value equal to a cut point goes: "low", "high" or "plus-one" (as in the R
            package rfm).
        classes: a TOML file of classes in place of the one that ships.

    Raises:
        InputError: a measure is not in the table, or nobody has all of them.
        OptionError: an option is wrong, or a combination of scores is in no class or in two.

    >>> import pandas as pd
    >>> from shoal.data.read import read
    >>> table = pd.DataFrame({"recency": [5, 90, 300, 10, 40], "frequency": [9, 1, 1, 2, 5],
    ...                       "monetary": [900, 20, 15, 50, 300]})
    >>> rfm_classes(read(table)).labels[2:]
    ('Hibernating', 'Potential loyalists', 'Loyal customers')
    """
    _check_options(ties, bins)
    columns = _measures(customers, (recency, frequency, monetary))
    id_column = _id_column(customers, id, columns)
    check_cuts(cuts or {}, list(columns))
    scheme = load_scheme(Path(classes or BUILT_IN), "monetary" in columns)
    rows = _rows(customers, columns, id_column)
    values = {measure: _floats(rows[column]) for measure, column in columns.items()}
    points = _cut_points(values, cuts or {}, bins, scheme)
    given = {
        m: scores(x, points[m], ties, fewer_is_better=m == "recency") for m, x in values.items()
    }
    return RfmClasses(
        _labelled(rows, given, classed(scheme, given)),
        id_column,
        tuple(columns.items()),
        points,
        say(f"ties-{ties}").text,
        scheme,
        (*_ties(given, points, values), *_gaps(customers, rows)),
    )


def _check_options(ties: str, bins: int | None) -> None:
    if ties not in TIES:
        raise OptionError(f"{option('ties', ties)} is unknown. Known: {', '.join(TIES)}.")
    if bins is not None and not 2 <= bins <= 20:
        raise OptionError(
            f"{option('bins', bins)}: the number of bins must lie between 2 and 20; five is usual."
        )


# --- columns --------------------------------------------------------------------------------------


def _measures(customers: Table, asked: Sequence[str | None]) -> dict[Measure, str]:
    """Which column is which measure, asked for or guessed by name."""
    numeric = [f.name for f in customers.schema if kind_of(f.type) in NUMBERS]
    found: dict[Measure, str] = {}
    for measure, name in zip(MEASURES, asked, strict=True):
        _check_measure(customers, measure, name, numeric)
        free = [column for column in numeric if column not in found.values()]
        column = name or _guess(measure, numeric, free)
        if column is not None:
            found[measure] = column
        elif measure != "monetary":
            raise InputError(
                f"No column of {customers.name} holds the {measure}. "
                f"Name it with {option(measure, 'COLUMN')}. Its numbers: {', '.join(numeric)}."
            )
    return found


def _check_measure(
    customers: Table, measure: Measure, name: str | None, numeric: Sequence[str]
) -> None:
    check_column(option(measure), name, customers)
    if name is not None and name not in numeric:
        raise OptionError(
            f'{option(measure)} "{name}" holds no numbers. '
            f"Columns of numbers: {', '.join(numeric)}."
        )


def _guess(measure: Measure, numeric: Sequence[str], free: Sequence[str]) -> str | None:
    """The column of that very name, else the first with a word for it."""
    exact = [column for column in numeric if column.lower() == measure]
    alike = [column for column in free if _NAMES[measure] & set(tokens(column))]
    return next(iter(exact or alike), None)


def _id_column(customers: Table, asked: str | None, columns: Mapping[Measure, str]) -> str | None:
    known = customers.schema.names
    check_column(option("id"), asked, customers)
    free = {column: set(tokens(column)) for column in known if column not in columns.values()}
    guesses = (c for c, words in free.items() if words & {"id", "customer"})
    return asked or next((c for c in guesses if "category" not in free[c]), None)


def _rows(customers: Table, columns: Mapping[Measure, str], id: str | None) -> pa.Table:
    """The columns that matter, of customers that have all measures."""
    names = [*([id] if id else []), *columns.values()]
    schema = pa.schema([customers.schema.field(name) for name in names])
    rows = pa.Table.from_batches(customers.batches(names), schema)
    measured = np.ones(len(rows), dtype=bool)
    for column in columns.values():
        measured &= np.isfinite(_floats(rows[column]))
    if not measured.any():
        raise InputError(
            f"Nobody in {customers.name} has a value in all of {', '.join(columns.values())}."
        )
    return rows if measured.all() else rows.filter(pa.array(measured))


def _floats(column: pa.ChunkedArray) -> Floats:
    """(n,) numbers, NaN for missing values."""
    return np.asarray(column.cast(pa.float64()).fill_null(np.nan), dtype=np.float64)


# --- scores and classes ---------------------------------------------------------------------------


def _cut_points(
    values: Mapping[Measure, Floats], own: Cuts, bins: int | None, scheme: Scheme
) -> dict[Measure, tuple[float, ...]]:
    """Own cut points or quantiles of each measure.

    Raises OptionError where they give other scores than the classes are made for.
    """
    points: dict[Measure, tuple[float, ...]] = {}
    for measure, of_classes in zip(MEASURES, scheme.bins, strict=True):
        if measure not in values:
            continue
        quantiles = cut_points(values[measure], bins or of_classes)
        points[measure] = tuple(own.get(measure, quantiles))
        if len(points[measure]) + 1 != of_classes:
            raise OptionError(
                f"{measure} has {len(points[measure]) + 1} scores, "
                f"but the classes are made for {of_classes}. Give as many cut points as fit, "
                f"or a file of classes for that many with {option('classes', 'FILE')}."
            )
    return points


def is_frequency(header: str) -> bool:
    """Whether a header speaks of orders, visits and the like."""
    return not _NAMES["frequency"].isdisjoint(tokens(header))


def classed(scheme: Scheme, given: Scores) -> npt.NDArray[np.str_]:
    """(n,) class names; every combination of scores is looked up once."""
    n = len(given["recency"])
    each = np.column_stack([given.get(m, np.ones(n, dtype=np.int64)) for m in MEASURES])
    combinations, of_row = np.unique(each, axis=0, return_inverse=True)
    return np.array([scheme.class_of([int(s) for s in c]) for c in combinations])[of_row.ravel()]


def _labelled(rows: pa.Table, given: Scores, names: npt.NDArray[np.str_]) -> pa.Table:
    for measure, score in given.items():
        rows = rows.append_column(f"{measure}_score", pa.array(score))
    joined = ["".join(map(str, row)) for row in zip(*given.values(), strict=True)]
    rows = rows.append_column("rfm_score", pa.array(joined))
    return rows.append_column("class", pa.array(names))


def _ties(
    given: Scores, points: Mapping[Measure, tuple[float, ...]], values: Mapping[Measure, Floats]
) -> Iterator[Finding]:
    """Where nobody has a score, since many share a value."""
    for measure, score in given.items():
        possible = range(1, len(points[measure]) + 2)
        empty = sorted(set(possible) - set(np.unique(score).tolist()))
        if empty:
            met, counts = np.unique(values[measure], return_counts=True)
            yield finding(
                "rfm-ties",
                measure,
                empty=empty,
                share=counts.max() / len(score),
                value=met[counts.argmax()],
            )


def _gaps(customers: Table, rows: pa.Table) -> Iterator[Finding]:
    total = sum(batch.num_rows for batch in customers.batches([]))
    if total > len(rows):
        yield finding("rfm-gaps", missing=total - len(rows), customers=total)
