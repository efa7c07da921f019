"""Dataframes of every kind, read for what they hold.

What is right was written out by hand for each.
"""

from __future__ import annotations

import datetime as dt
import decimal
import pickle
import warnings
from collections.abc import Callable
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.dataset
import pytest
from pandas.io.stata import StataMissingValue

import shoal
from shoal import InputError, OptionError

HUGE = 10**24
DAY = dt.datetime(2024, 1, 1)
DECIMAL_256 = pa.decimal256(76, 0)


def of(**columns: Any) -> pd.DataFrame:
    return pd.DataFrame({"id": ["a", "b", "c"], **columns})


def categories(cells: list[Any], known: list[Any] | None = None) -> pd.Categorical:
    return pd.Categorical(cells, categories=known)


Want = dict[str, list[Any]]
FRAMES: dict[str, tuple[Callable[[], Any], Want]] = {
    "half floats": (lambda: of(x=np.array([1, 2, 3], "float16")), {"x": [1.0, 2.0, 3.0]}),
    "half floats of Arrow": (
        lambda: pa.table({"x": pa.array(np.array([1, 2], "float16"))}).to_reader(),
        {"x": [1.0, 2.0]},
    ),
    "decimals of 256 bits": (
        lambda: pa.table({"x": pa.array([decimal.Decimal("1.5"), None], pa.decimal256(76, 38))}),
        {"x": [1.5, None]},
    ),
    "whole decimals of 256 bits": (
        lambda: pa.table({"x": pa.array([str(HUGE), str(HUGE + 1)]).cast(DECIMAL_256)}),
        {"x": [str(HUGE), str(HUGE + 1)]},
    ),
    "beyond 64 bits": (lambda: of(x=[HUGE, HUGE + 1, 1]), {"x": [str(HUGE), str(HUGE + 1), "1"]}),
    "beyond 64 bits of Polars": (
        lambda: pl.DataFrame({"x": pl.Series([HUGE, HUGE + 1], dtype=pl.Int128)}),
        {"x": [str(HUGE), str(HUGE + 1)]},
    ),
    "within 64 bits of Polars": (
        lambda: pl.DataFrame({"x": pl.Series([7, None], dtype=pl.Int128)}),
        {"x": [7, None]},
    ),
    "beyond 64 bits of DuckDB": (
        lambda: duckdb.sql(f"SELECT {2**128 - 1}::UHUGEINT AS x, {HUGE}::HUGEINT AS y"),
        {"x": [str(2**128 - 1)], "y": [str(HUGE)]},
    ),
    "bands": (
        lambda: of(x=pd.cut(pd.Series([1, 5, 9]), [0, 4, 10])),
        {"x": ["(0, 4]", "(4, 10]", "(4, 10]"]},
    ),
    "intervals": (
        lambda: of(x=pd.interval_range(0, 3)),
        {"x": ["(0, 1]", "(1, 2]", "(2, 3]"]},
    ),
    "bands from pandas by Arrow": (
        lambda: pa.Table.from_pandas(of(x=pd.interval_range(0, 3))),
        {"x": ["(0, 1]", "(1, 2]", "(2, 3]"]},
    ),
    "months": (
        lambda: of(x=pd.period_range("2024-01", periods=3, freq="M")),
        {"x": [DAY, dt.datetime(2024, 2, 1), dt.datetime(2024, 3, 1)]},
    ),
    "words with unused ones": (
        lambda: of(x=categories(["p", "q", None], ["p", "q", "r"])),
        {"x": ["p", "q", None]},
    ),
    "categories of numbers": (lambda: of(x=categories([1, 2, 1])), {"x": [1, 2, 1]}),
    "categories of days": (lambda: of(x=categories([DAY] * 3)), {"x": [DAY] * 3}),
    "sparse": (
        lambda: of(
            x=pd.arrays.SparseArray([0, 0, 1]), y=pd.arrays.SparseArray([True, False, True])
        ),
        {"x": [0, 0, 1], "y": [True, False, True]},
    ),
    "missing in pandas' ways": (
        lambda: of(x=pd.array([1, None, 3], "Int64"), y=[pd.NA, pd.NaT, None], z=[1.5, np.nan, 2]),
        {"x": [1, None, 3], "y": [None, None, None], "z": [1.5, None, 2.0]},
    ),
    "missing in Stata's way": (
        lambda: of(x=[1.5, StataMissingValue(101), StataMissingValue(102)]),
        {"x": [1.5, None, None]},
    ),
    "thousands among numbers": (lambda: of(x=[1200, "1.201", 1203]), {"x": [1200, 1201, 1203]}),
    "two-level names": (
        lambda: pd.DataFrame({("x", "sum"): [1, 2], ("x", "count"): [3, 4], ("y", ""): [5, 6]}),
        {"x sum": [1, 2], "x count": [3, 4], "y": [5, 6]},
    ),
    "names that differ in case": (
        lambda: pd.DataFrame([[1, 2], [3, 4]], columns=["x", "X"]),
        {"x": [1, 3], "X": [2, 4]},
    ),
    "a name in braces": (lambda: pd.DataFrame({"{src}": [1, 2]}), {"{src}": [1, 2]}),
    "an index with a name": (
        lambda: of(x=[1, 2, 3]).set_index("id"),
        {"id": ["a", "b", "c"], "x": [1, 2, 3]},
    ),
    "an index of several levels": (
        lambda: of(shop=["s"] * 3, x=[1, 2, 3]).set_index(["shop", "id"]),
        {"shop": ["s"] * 3, "id": ["a", "b", "c"], "x": [1, 2, 3]},
    ),
    "an index of words": (
        lambda: pd.DataFrame({"x": [1, 2]}, index=["a", "b"]),
        {"id": ["a", "b"], "x": [1, 2]},
    ),
    "an index that says nothing": (lambda: of(x=[1, 2, 3]).drop(columns="id")[1:], {"x": [2, 3]}),
    "a Series": (
        lambda: pd.Series([1.5, 2], index=pd.Index(["a", "b"], name="who"), name="x"),
        {"who": ["a", "b"], "x": [1.5, 2.0]},
    ),
    "a Series of Polars": (lambda: pl.Series("x", [1, 2]), {"x": [1, 2]}),
    "a lazy frame": (lambda: pl.LazyFrame({"x": [1, 2]}), {"x": [1, 2]}),
    "a dataset": (
        lambda: pyarrow.dataset.dataset(pa.table({"x": [1, 2]})),
        {"x": [1, 2]},
    ),
    "columns": (lambda: {"x": [1, 2], "y": ["p", "q"]}, {"x": [1, 2], "y": ["p", "q"]}),
    "records": (lambda: [{"x": 1}, {"x": 2, "y": "q"}], {"x": [1, 2], "y": [None, "q"]}),
    "one record": (lambda: {"x": 1, "y": None}, {"x": [1], "y": [None]}),
    "an array": (
        lambda: np.array([[1.5, 2], [3, 4]]),
        {"column_1": [1.5, 3.0], "column_2": [2.0, 4.0]},
    ),
    "a structured array": (
        lambda: np.array([(1, 2.5)], [("x", "i4"), ("y", "f8")]),
        {"x": [1], "y": [2.5]},
    ),
}


@pytest.mark.parametrize("name", FRAMES)
def test_every_kind_of_column_is_read_for_what_it_holds(name: str) -> None:
    make, want = FRAMES[name]
    read = shoal.read(make()).to_arrow()
    assert {column: read[column].to_pylist() for column in want} == want


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (5, "An int is no table"),
        (pa.array([1, 2]), "An Int64Array is no table"),
        ([[1, 2], [3, 4]], "but for one of records"),
        (np.arange(3), "of 1 dimensions is no table: it needs two"),
        ({"x": [1, 2], "y": [1]}, "A dict is no table"),
        (pd.DataFrame(index=[1, 2]), "has no columns"),
        (pd.DataFrame({"x": []}), "but no rows"),
    ],
)
def test_what_is_no_table_is_refused(given: Any, why: str) -> None:
    with pytest.raises(InputError, match=why):
        shoal.read(given)


def test_an_option_acts_on_frames_or_is_refused() -> None:
    frame = of(x=["1.201", "1.202", "1.203"])
    assert shoal.read(frame).to_arrow()["x"].to_pylist() == [1.201, 1.202, 1.203]
    assert shoal.read(frame, decimal=",").to_arrow()["x"].to_pylist() == [1201, 1202, 1203]
    with pytest.raises(OptionError, match="sheet is for files"):
        shoal.read(frame, sheet="one")


def test_a_fault_of_duckdb_does_not_spoil_the_process() -> None:
    """A fault inside DuckDB closes its database: the next table has a new one."""
    from shoal.engine.database import shared_database
    from shoal.engine.resources import NOTHING_ASKED

    bands = pa.Table.from_pandas(of(x=pd.cut(pd.Series([1, 5, 9]), 3)))
    spoilt = shared_database(NOTHING_ASKED).cursor()
    spoilt.register("bands", bands.rename_columns(["id", "x"]))
    with pytest.raises(duckdb.Error):
        spoilt.sql("SELECT * FROM bands").fetchall()
    assert shoal.read(of(x=[1, 2, 3])).to_arrow()["x"].to_pylist() == [1, 2, 3]


def test_a_made_column_without_differences_forms_nothing(tmp_path: Any) -> None:
    """A last purchase at the end of time: days since it are the same for all others."""
    end = [dt.datetime(9999, 12, 31), *[DAY] * 89]
    study = shoal.segment(three_groups().assign(last_purchase=end), k=3)
    assert study.summary()["basis"] == ["spent", "visits"]
    assert study.report(tmp_path / "report.html").exists()


def test_long_whole_numbers_are_ids_and_keep_every_digit() -> None:
    """Numbers of cards or accounts as a second id; moments since 1970 are none."""
    cards = [4_000_000_000_000_001 + 7 * i for i in range(90)]
    roles = {c.name: c.role for c in shoal.inspect(three_groups().assign(card=cards)).columns}
    assert roles["card"] == "ignore"
    moments = [1_600_000_000_000_000 + 10**12 * (i % 45) for i in range(90)]
    known = {c.name: c.meaning for c in shoal.inspect(three_groups().assign(at=moments)).columns}
    assert known["at"] != "id"
    ids = shoal.read(of(customer_id=[1200, "1.201", "1.10"])).to_arrow()["customer_id"]
    assert ids.to_pylist() == ["1200", "1.201", "1.10"]


def three_groups() -> pd.DataFrame:
    group = np.arange(90) % 3
    columns = {"spent": group * 300 + np.arange(90) % 7, "visits": group * 9 + np.arange(90) % 2}
    return pd.DataFrame({"customer_id": [f"K{i:02d}" for i in range(90)], **columns})


@pytest.mark.parametrize(
    "change",
    [
        lambda frame: frame,
        lambda frame: frame[frame.visits > 8],
        lambda frame: frame.sample(frac=0.6, random_state=1),
        lambda frame: frame.set_index("customer_id", drop=False).rename_axis(None),
        lambda frame: frame.assign(shop="s").set_index(["shop", "visits"]),
    ],
    ids=["whole", "filtered", "sampled", "by name", "two levels"],
)
def test_what_comes_back_has_the_index_of_the_frame(change: Callable[..., Any]) -> None:
    frame = change(three_groups())
    study = shoal.segment(frame, by=["spent"], k=2)
    customers = study.customers
    assert customers.index.equals(frame.index)
    assert list(customers["customer_id"]) == list(frame["customer_id"])
    low = customers.groupby("segment").apply(lambda part: frame.loc[part.index, "spent"].max())
    assert low.min() < frame["spent"].max()
    assert study.assign(frame)["segment"].tolist() == customers["segment"].tolist()
    assert study.assign(frame).index.equals(frame.index)
    again = pickle.loads(pickle.dumps(study))
    assert again.customers.equals(customers)
    assert again.renamed({1: "Others"}).customers.index.equals(frame.index)


def test_an_index_with_a_name_holds_the_ids() -> None:
    customers = shoal.segment(three_groups().set_index("customer_id"), k=3).customers
    assert customers["customer_id"].tolist()[:2] == ["K00", "K01"]
    assert customers.index.tolist()[:2] == ["K00", "K01"]
    assert customers.groupby("customer_id").size().eq(1).all()


@pytest.mark.parametrize(
    "library", [pd.DataFrame, pl.DataFrame, list], ids=["pandas", "polars", "list"]
)
def test_one_customer_with_a_gap_is_placed(library: Callable[..., Any]) -> None:
    frame = three_groups().assign(plan=["Basic", "Plus", "Pro"] * 30)
    model = shoal.segment(frame, by=["spent", "visits", "plan"], k=3).model
    places = model.assign(frame)["segment"]
    for gap in ("spent", "visits", "plan"):
        record = {**frame.iloc[2].to_dict(), gap: None}
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            placed = model.assign(library([record]))
        assert list(placed["segment"]) == [places[2]]
        if library is pl.DataFrame:
            assert [f'"{gap}" is missing' in str(w.message) for w in said] == [True]
        else:
            assert [(f.code, f.column) for f in placed.attrs["findings"]] == [("gaps", gap)]


def _in_two_parts() -> pa.Table:
    """A long part whose text takes work, then a short one, which is done first."""
    cells = np.array([" abc ", "x", "NA ", " yy"])[np.random.default_rng(0).integers(0, 4, 1550)]
    table = pa.table({**{f"text{j}": cells for j in range(12)}, "number": np.arange(1550)})
    return pa.concat_tables([table.slice(0, 1500), table.slice(1500)])


@pytest.mark.parametrize(
    "made",
    [
        lambda table: table,
        lambda table: table.to_reader(),
        lambda table: pl.from_arrow(table, rechunk=False),
        lambda table: pd.concat([table[:1500].to_pandas(), table[1500:].to_pandas()]),
        lambda table: duckdb.arrow(table),
    ],
    ids=["Arrow", "a reader", "Polars", "pandas", "DuckDB"],
)
def test_rows_of_a_frame_in_parts_keep_their_order(made: Callable[[pa.Table], Any]) -> None:
    found = shoal.read(made(_in_two_parts())).to_arrow()
    assert found["number"].to_pylist() == list(range(1550))
