"""What is measured of each customer, from the sums over their orders."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from shoal.options import Returns
from shoal.rfm.sql import Lines
from shoal.types import Floats, Ints

DAY = 86_400.0
FORMING = ("recency", "frequency", "monetary")


def customer_columns(
    batch: pa.RecordBatch, lines: Lines, moment: dt.datetime, returns: Returns, id_name: str
) -> pa.RecordBatch:
    """Measures of a batch of customers: c, orders, value, first, last, moment, times and more → named columns."""
    orders = np.asarray(batch.column("orders")).astype(np.int64)
    first, last = (_seconds(batch.column(n)) for n in ("first", "last"))
    now = (moment - dt.datetime(1970, 1, 1)).total_seconds()
    value, centre = _floats(batch, "value"), _floats(batch, "moment")
    between: Floats = np.where(orders > 1, (last - first) / DAY / np.maximum(orders - 1, 1), np.nan)
    out: dict[str, Any] = {
        id_name: batch.column("c"),
        "recency": np.floor((now - last) / DAY).astype(np.int64),
        "frequency": orders,
    }
    if lines.money:
        back = (
            _floats(batch, "back")
            if lines.returning and returns == "net"
            else np.zeros(len(orders))
        )
        out["monetary"] = _digits(value - back)
        out["average_order"] = _digits((value - back) / orders)
    out["tenure"] = np.floor((now - first) / DAY).astype(np.int64)
    out["days_between"] = np.round(between, 2)
    if "times" in batch.schema.names:
        out["regularity"] = np.round(_regularity(batch.column("times"), orders), 4)
    out["trend"] = np.round(_trend(value, centre, first, last), 4)
    if lines.returning:
        out["return_share"] = np.round(_return_share(batch, value, lines.money), 4)
    out |= _breadth(batch, lines)
    out["first_order"], out["last_order"] = (
        batch.column("first").cast(pa.date32(), safe=False),
        batch.column("last").cast(pa.date32(), safe=False),
    )
    arrays = [v if isinstance(v, pa.Array) else arrow(v) for v in out.values()]
    return pa.RecordBatch.from_arrays(arrays, names=list(out))


def arrow(x: Floats | Ints) -> pa.Array:
    """A NumPy array as Arrow without a copy; NaN becomes a gap. (`pa.array` would load pandas for it.)"""
    kind = pa.int64() if x.dtype.kind == "i" else pa.float64()
    known = ~np.isnan(x) if x.dtype.kind == "f" else None
    bits = (
        None
        if known is None or known.all()
        else pa.py_buffer(np.packbits(known, bitorder="little").tobytes())
    )
    return pa.Array.from_buffers(kind, len(x), [bits, pa.py_buffer(np.ascontiguousarray(x))])


def _seconds(column: pa.Array) -> Floats:
    return np.asarray(column.cast(pa.timestamp("us")).cast(pa.int64())).astype(np.float64) / 1e6


def _floats(batch: pa.RecordBatch, name: str) -> Floats:
    return np.asarray(batch.column(name).cast(pa.float64()).fill_null(0.0), dtype=np.float64)


def _digits(x: Floats) -> Floats:
    """Twelve digits: sums over rows in another order are then the same."""
    with np.errstate(divide="ignore"):
        places = 11 - np.floor(np.log10(np.abs(x)))
    scale = 10.0 ** np.where(np.isfinite(places), np.clip(places, -15, 15), 0)
    return np.asarray(np.round(x * scale) / scale + 0.0)


def _regularity(times: pa.Array, orders: Any) -> Floats:
    """1 / (1 + coefficient of variation of the days between orders): 1 like clockwork; NaN below three orders."""
    values = np.asarray(times.flatten()).astype(np.int64)
    who = np.repeat(np.arange(len(orders)), orders)
    key = np.sort((who << np.int64(32)) | (values + 2**31))
    who, minutes = key >> np.int64(32), (key & np.int64(0xFFFFFFFF)).astype(np.float64)
    same = who[1:] == who[:-1]
    gaps, owner = np.diff(minutes)[same], who[1:][same]
    number = np.maximum(orders - 1, 1)
    mean = np.bincount(owner, gaps, len(orders)) / number
    spread = np.sqrt(np.bincount(owner, (gaps - mean[owner]) ** 2, len(orders)) / number)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where((orders > 2) & (mean > 0), mean / (mean + spread), np.nan)


def _trend(value: Floats, moment: Floats, first: Floats, last: Floats) -> Floats:
    """Where the middle of the money lies between first (-1) and last order (+1); NaN when there is no way between them."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(
            (last > first) & (value > 0),
            np.clip(2 * (moment / value - first) / (last - first) - 1, -1, 1),
            np.nan,
        )


def _return_share(batch: pa.RecordBatch, value: Floats, money: bool) -> Floats:
    """Value that came back of the value bought (rows where there is no money), at most 1."""
    if not money:
        return _floats(batch, "back_rows") / np.maximum(_floats(batch, "n"), 1)
    undone = _floats(batch, "undone")
    bought = value + undone
    return np.where(
        bought > 0,
        np.minimum(1.0, (_floats(batch, "back") + undone) / np.where(bought > 0, bought, 1.0)),
        0.0,
    )


def _breadth(batch: pa.RecordBatch, lines: Lines) -> dict[str, Any]:
    names = {"products": "products", "favourite": "favourite_category"}
    names |= {f"w{i}": n for i, n in enumerate(lines.reading.kept)}
    found = {new: batch.column(old) for old, new in names.items() if old in batch.schema.names}
    if "products" in found:
        found["products"] = found["products"].fill_null(0)
    return found


def roles(
    names: Sequence[str], id_name: str
) -> tuple[tuple[str, ...], tuple[str, ...], str | None, tuple[str, ...]]:
    """(columns that should form segments, that describe them, the money, that are left alone).

    Recency, frequency and value are there for everybody. Days between orders, regularity and trend are not: who ordered
    once has none, and a stand-in for half of the customers would make a segment of its own.
    """
    forming = tuple(n for n in FORMING if n in names)
    dates = ("first_order", "last_order")
    rest = tuple(n for n in names if n not in (*forming, *dates, id_name))
    return forming, rest, "monetary" if "monetary" in names else None, dates


def column_words(
    names: Sequence[str], lines: Lines, returns: Returns
) -> tuple[tuple[str, str], ...]:
    """What each column says, in the order of the table."""
    net = "less what came back" if returns == "net" else "returns kept apart"
    says = {
        "recency": "whole days from the last order to the analysis date",
        "frequency": "number of orders",
        "monetary": f"value of all orders, {net}",
        "average_order": "monetary value of one order",
        "tenure": "whole days from the first order to the analysis date",
        "days_between": "mean days from one order to the next; a gap for those who ordered once",
        "regularity": "1 when orders come like clockwork, near 0 when in bursts; a gap below three orders",
        "trend": (
            "where the middle of the spending lies"
            if lines.money
            else "where the middle of the orders lies"
        )
        + " between first (-1) and last order (+1)",
        "return_share": "share of the value bought that came back"
        if lines.money
        else "share of rows that are returns",
        "products": "number of different products bought",
        "favourite_category": "category with the most " + ("value" if lines.money else "rows"),
        "first_order": "day of the first order",
        "last_order": "day of the last order",
    }
    return tuple(
        (n, says.get(n, "as in the last order" if n in lines.reading.kept else "the customer"))
        for n in names
    )
