"""What is measured of each customer, from the sums over their orders."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from shoal.options import Returns
from shoal.rfm.sql import Lines
from shoal.rfm.types import Money
from shoal.sentences import say
from shoal.sentences.orders import SENTENCES
from shoal.types import Floats, Ints

DAY = 86_400.0  # seconds
SAME = 1e-9  # of an amount: what sums may be off
FORMING = ("recency", "frequency", "monetary")
IN_DAYS = ("recency", "tenure", "days_between")
_EPOCH = dt.datetime(1970, 1, 1)


@dataclass(frozen=True)
class _Sums:
    """Sums over the orders of n customers, each (n,); moments in seconds since 1970."""

    orders: Ints
    value: Floats
    moment: Floats  # the sum of value × moment
    first: Floats
    last: Floats


def customer_columns(
    batch: pa.RecordBatch, lines: Lines, moment: dt.datetime, returns: Returns, id_name: str
) -> pa.RecordBatch:
    """The measures of a batch of n customers, under the names of their columns.

    Args:
        batch: what `Lines.customers` gives: c, orders, value, first, last, moment, times and more.
        lines: how columns were used.
        moment: that of the analysis, to which days are counted.
        returns: "net" takes them off the monetary value.
        id_name: the column of the customer.
    """
    sums = _sums(batch)
    now = (moment - _EPOCH).total_seconds()
    columns = {
        id_name: batch.column("c"),
        "recency": _whole_days(now - sums.last),
        "frequency": sums.orders,
        **(_money(batch, sums, lines.returning and returns == "net") if lines.money else {}),
        "tenure": _whole_days(now - sums.first),
        "days_between": np.round(_days_between(sums), 2),
        **_regularity_of(batch, sums.orders),
        "trend": np.round(_trend(sums), 4),
        **(_return_share(batch, sums.value, lines.money) if lines.returning else {}),
        **_breadth(batch, lines),
        "first_order": batch.column("first").cast(pa.date32(), safe=False),
        "last_order": batch.column("last").cast(pa.date32(), safe=False),
    }
    arrays = [v if isinstance(v, pa.Array) else arrow(v) for v in columns.values()]
    return pa.RecordBatch.from_arrays(arrays, names=list(columns))


def _sums(batch: pa.RecordBatch) -> _Sums:
    return _Sums(
        orders=np.asarray(batch.column("orders")).astype(np.int64),
        value=_floats(batch, "value"),
        moment=_floats(batch, "moment"),
        first=_seconds(batch.column("first")),
        last=_seconds(batch.column("last")),
    )


def arrow(x: Floats | Ints) -> pa.Array:
    """A NumPy array as Arrow without a copy; NaN becomes a missing value.

    `pa.array` would load pandas for it.
    """
    kind = pa.int64() if x.dtype.kind == "i" else pa.float64()
    known = ~np.isnan(x)
    bits = None
    if not known.all():
        bits = pa.py_buffer(np.packbits(known, bitorder="little").tobytes())
    return pa.Array.from_buffers(kind, len(x), [bits, pa.py_buffer(np.ascontiguousarray(x))])


def _seconds(column: pa.Array) -> Floats:
    return np.asarray(column.cast(pa.timestamp("us")).cast(pa.int64())).astype(np.float64) / 1e6


def _floats(batch: pa.RecordBatch, name: str) -> Floats:
    return np.asarray(batch.column(name).cast(pa.float64()).fill_null(0.0), dtype=np.float64)


def _whole_days(seconds: Floats) -> Ints:
    return np.floor(seconds / DAY).astype(np.int64)


def _digits(x: Floats) -> Floats:
    """Twelve digits: sums over rows in another order are then the same."""
    with np.errstate(divide="ignore"):
        places = 11 - np.floor(np.log10(np.abs(x)))
    scale = 10.0 ** np.where(np.isfinite(places), np.clip(places, -15, 15), 0)
    return np.asarray(np.round(x * scale) / scale + 0.0)


def _money(batch: pa.RecordBatch, sums: _Sums, net: bool) -> dict[str, Floats]:
    value = _digits(sums.value) - taken_off(batch) if net else sums.value
    return {"monetary": _digits(value), "average_order": _digits(value / sums.orders)}


def taken_off(batch: pa.RecordBatch) -> Floats:
    """The value returned since each customer's first purchase, at most what was bought."""
    value, off = _digits(_floats(batch, "value")), _digits(_floats(batch, "off"))
    return np.where(off >= value * (1 - SAME), value, off)


def money_of(batch: pa.RecordBatch) -> Money:
    """What these customers bought and returned, those without a purchase included."""
    value, off = _floats(batch, "value"), _floats(batch, "off")
    return Money(
        bought=float(value.sum()),
        returned=float(_floats(batch, "back").sum()),
        taken_off=float(taken_off(batch).sum()),
        beyond=int((off > value * (1 + SAME)).sum()),
    )


def _days_between(sums: _Sums) -> Floats:
    """Mean days from one order to the next; NaN for one order."""
    mean = (sums.last - sums.first) / DAY / np.maximum(sums.orders - 1, 1)
    return np.where(sums.orders > 1, mean, np.nan)


def _regularity_of(batch: pa.RecordBatch, orders: Ints) -> dict[str, Floats]:
    if "times" not in batch.schema.names:
        return {}
    return {"regularity": np.round(_regularity(batch.column("times"), orders), 4)}


def _regularity(times: pa.Array, orders: Ints) -> Floats:
    """1 / (1 + coefficient of variation of the days between orders), NaN below three orders.

    1 is like clockwork. `times` holds the minutes of each customer's orders, in any order.
    """
    owner, gaps = _gaps(times, orders)
    number = np.maximum(orders - 1, 1)
    mean = np.bincount(owner, gaps, len(orders)) / number
    squares = np.bincount(owner, (gaps - mean[owner]) ** 2, len(orders))
    deviation = np.sqrt(squares / number)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where((orders > 2) & (mean > 0), mean / (mean + deviation), np.nan)


def _gaps(times: pa.Array, orders: Ints) -> tuple[Ints, Floats]:
    """Minutes from each order to the next of the same customer, and that customer's number."""
    minutes = np.asarray(times.flatten()).astype(np.int64)
    owner = np.repeat(np.arange(len(orders)), orders)
    # Both in one number, which sorts faster than two columns.
    key = np.sort((owner << np.int64(32)) | (minutes + 2**31))
    owner = key >> np.int64(32)
    minutes = key & np.int64(0xFFFFFFFF)
    same = owner[1:] == owner[:-1]
    return owner[1:][same], np.diff(minutes.astype(np.float64))[same]


def _trend(sums: _Sums) -> Floats:
    """Where the middle of the money lies between first (-1) and last order (+1).

    NaN when no time lies between them, or nothing was spent.
    """
    known = (sums.last > sums.first) & (sums.value > 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        middle = (sums.moment / sums.value - sums.first) / (sums.last - sums.first)
        return np.where(known, np.clip(2 * middle - 1, -1, 1), np.nan)


def _return_share(batch: pa.RecordBatch, value: Floats, money: bool) -> dict[str, Floats]:
    """Value that came back of the value bought, at most 1; rows where there is no money."""
    if money:
        undone = _floats(batch, "undone")
        bought = value + undone
        back = _floats(batch, "back") + undone
        share = np.minimum(1.0, back / np.where(bought > 0, bought, 1.0))
        share = np.where(bought > 0, share, 0.0)
    else:
        share = _floats(batch, "back_rows") / np.maximum(_floats(batch, "n"), 1)
    return {"return_share": np.round(share, 4)}


def _breadth(batch: pa.RecordBatch, lines: Lines) -> dict[str, pa.Array]:
    names = {"products": "products", "favourite": "favourite_category"}
    names |= {f"w{i}": n for i, n in enumerate(lines.reading.kept)}
    found = {new: batch.column(old) for old, new in names.items() if old in batch.schema.names}
    if "products" in found:
        found["products"] = found["products"].fill_null(0)
    return found


def roles(names: Sequence[str], id_name: str) -> dict[str, Any]:
    """The roles of these columns: by (form segments), describe, value (the money), ignore.

    Recency, frequency and value are there for everybody. Days between orders, regularity and trend
    are not: who ordered once has none, and a stand-in for half of the customers would make a
    segment of its own.
    """
    forming = tuple(n for n in FORMING if n in names)
    dates = ("first_order", "last_order")
    rest = tuple(n for n in names if n not in (*forming, *dates, id_name))
    value = "monetary" if "monetary" in names else None
    return {"by": forming, "describe": rest, "value": value, "ignore": dates}


def column_words(
    names: Sequence[str], lines: Lines, returns: Returns
) -> tuple[tuple[str, str], ...]:
    """What each column says, in the order of the table."""
    return tuple((name, _said(name, lines, returns)) for name in names)


def _said(name: str, lines: Lines, returns: Returns) -> str:
    code = f"measure-{name}"
    if code not in SENTENCES:
        code = "measure-kept" if name in lines.reading.kept else "measure-id"
    return say(code, money=lines.money, net=returns == "net").text
