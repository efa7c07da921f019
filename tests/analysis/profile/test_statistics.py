"""Column facts worked out in blocks and by several workers.

Against the plainest arithmetic on the same values.
"""

from __future__ import annotations

import copy
import datetime as dt
import math
import pickle

import numpy as np
import pyarrow as pa
import pytest

from shoal.analysis.profile.statistics import ColumnFacts, Tally

N = 40_000  # more than two blocks


def columns() -> dict[str, pa.Array]:
    r = np.random.default_rng(7)
    gaps = r.random(N) < 0.1
    float_with_all = r.normal(size=N)
    float_with_all[::1000], float_with_all[::1007], float_with_all[5], float_with_all[6] = (
        0.0,
        -0.0,
        np.inf,
        -np.inf,
    )
    return {
        "far from zero": pa.array(1e9 + r.normal(size=N)),
        "all kinds": pa.array(float_with_all),
        "with gaps": pa.array(np.round(r.lognormal(3, 1, N), 2), mask=gaps),
        "few": pa.array(r.integers(-3, 4, N)),
        "few with gaps": pa.array(r.integers(0, 3, N), mask=gaps),
        "beyond 2**53": pa.array(2**60 + np.arange(N) % 3000),
        "flag": pa.array(r.random(N) < 0.3, mask=gaps),
        "zeros": pa.array(np.zeros(N)),
        "empty": pa.nulls(N, pa.float64()),
    }


COLUMNS = columns()


def absorbed(table: pa.Table, workers: int, batch: int) -> dict[str, Tally]:
    passes = [copy.deepcopy(ColumnFacts(table.schema, table.schema.names)) for _ in range(workers)]
    for i, part in enumerate(table.to_batches(max_chunksize=batch)):
        passes[i % workers].update(part, 0)
    first, *others = (pickle.loads(pickle.dumps(each)) for each in passes)
    for other in others:
        first.merge(other)
    return first.tallies


@pytest.fixture(
    scope="module",
    params=[(1, N), (1, 999), (3, 7001)],
    ids=["one batch", "small batches", "three workers"],
)
def tallies(request) -> dict[str, Tally]:
    return absorbed(pa.table(COLUMNS), *request.param)


@pytest.mark.parametrize("name", COLUMNS)
def test_facts_are_those_of_plain_arithmetic(tallies: dict[str, Tally], name: str) -> None:
    tally = tallies[name]
    present = [v for v in COLUMNS[name].to_pylist() if v is not None]
    x = [float(v) for v in present if math.isfinite(v)]
    assert (tally.rows, tally.missing, tally.count) == (N, N - len(present), len(x))
    assert tally.infinite == len(present) - len(x)
    assert tally.zeros == sum(v == 0 for v in x)
    assert tally.negatives == sum(v < 0 for v in x)
    if not x:
        assert (tally.low, tally.high, tally.distinct.estimate()) == (None, None, (0, True))
        return
    assert (tally.low, tally.high) == (min(x), max(x))
    mean = math.fsum(x) / len(x)
    assert tally.sum == pytest.approx(math.fsum(x), rel=1e-12, abs=1e-9)
    assert tally.mean == pytest.approx(mean, rel=1e-12, abs=1e-13)
    if name != "beyond 2**53":  # where neighbouring floats are 256 apart, a mean can be no better
        assert tally.squares == pytest.approx(math.fsum((v - mean) ** 2 for v in x), rel=1e-9)
    estimate, exact = tally.distinct.estimate()
    assert estimate == (len(set(present)) if exact else pytest.approx(len(set(present)), rel=0.06))
    assert exact == (len(set(present)) < 4096)


def test_words_and_dates() -> None:
    days = [
        dt.date(2024, 1, 1) + dt.timedelta(int(i))
        for i in np.random.default_rng(1).integers(0, 900, N)
    ]
    days[3] = None
    names = [f"customer {i % 3000}" for i in range(N)]
    few = [["north", "south", None][i % 3] for i in range(N)]
    long = ["x" * 4094 + f"{i % 7:03d}" for i in range(500)] * (N // 500)
    table = pa.table(
        {
            "day": days,
            "moment": pa.array(days).cast(pa.timestamp("us")),
            "name": names,
            "few": pa.array(few, pa.large_string()),
            "long": long,
        }
    )
    for workers, batch in ((1, 131_072), (3, 1_000)):
        found = absorbed(table, workers, batch)
        for name in ("day", "moment"):
            assert found[name].distinct.estimate() == (len(set(days) - {None}), True)
            assert str(found[name].low).startswith("2024-01-01")
            assert found[name].missing == 1
        assert found["name"].distinct.estimate() == (3000, True)
        assert (found["name"].low, found["name"].high) == ("customer 0", "customer 999")
        assert found["few"].distinct.estimate() == (2, True)
        assert (found["few"].low, found["few"].high, found["few"].missing) == (
            "north",
            "south",
            N // 3,
        )
        assert found["long"].distinct.estimate() == (7, True)


PATTERNS = {
    "counted up": lambda i: i,
    "multiples of 2**33": lambda i: i * 2**33,
    "beyond 2**53": lambda i: 2**60 + i,
    "halves": lambda i: i / 2,
    "cents": lambda i: np.round(i / 100, 2),
    "reciprocals": lambda i: 1 / (i + 1),
    "powers": lambda i: np.exp(i / 1e4),
}


@pytest.mark.parametrize("pattern", PATTERNS)
def test_distinct_numbers_of_a_regular_kind_are_counted_well(pattern: str) -> None:
    values = PATTERNS[pattern](np.arange(200_000))
    tally = absorbed(pa.table({"x": values}), 2, 50_000)["x"]
    estimate, exact = tally.distinct.estimate()
    assert not exact
    assert estimate == pytest.approx(len(np.unique(values)), rel=0.05)  # three standard errors


def test_whole_numbers_count_alike_as_integers_and_as_floats() -> None:
    i = np.arange(-50_000, 50_000)
    both = absorbed(pa.table({"integer": i, "float": i.astype(float)}), 1, 131_072)
    assert both["integer"].distinct.estimate() == both["float"].distinct.estimate()
