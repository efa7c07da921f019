"""One table through five doors.

File formats, many files, a database and a dataframe lead to the same segments.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import shoal
import shoal.data.csv.reader

N = 60_000  # three times the sample, so that most customers are met by passes alone
RNG = np.random.default_rng(5)


@pytest.fixture(scope="module")
def customers() -> pd.DataFrame:
    group = RNG.integers(0, 4, N)
    return pd.DataFrame(
        {
            "customer_id": RNG.permutation(N) * 17 + 5,
            "age": np.clip(30 + 9 * group + RNG.normal(0, 4, N), 18, 95).round().astype("int64"),
            "spend": np.exp(3 + 0.8 * (group % 2) + RNG.normal(0, 0.3, N)).round(2),
            "visits": np.where(
                RNG.random(N) < 0.01, None, (5 + 6 * (group // 2) + RNG.normal(0, 1.5, N)).round(3)
            ).astype(float),
            "region": RNG.choice(["north", "south", "east"], N),
        }
    )


def through_csv(frame: pd.DataFrame, folder: Path) -> Any:
    frame.to_csv(folder / "customers.csv", index=False)
    return folder / "customers.csv"


def through_parquet(frame: pd.DataFrame, folder: Path) -> Any:
    frame.to_parquet(folder / "customers.parquet", index=False)
    return folder / "customers.parquet"


def through_fifty_files(frame: pd.DataFrame, folder: Path) -> Any:
    (folder / "parts").mkdir()
    whole = pa.Table.from_pandas(frame, preserve_index=False)
    for i, rows in enumerate(np.array_split(np.arange(N), 50)):
        pq.write_table(whole.slice(rows[0], len(rows)), folder / "parts" / f"{i:02}.parquet")
    return folder / "parts"


def through_duckdb(frame: pd.DataFrame, folder: Path) -> Any:
    with duckdb.connect(str(folder / "shop.duckdb")) as con:
        con.register("frame", frame)
        con.execute("CREATE TABLE customers AS SELECT * FROM frame")
    return f"duckdb:///{folder / 'shop.duckdb'}?table=customers"


def through_polars(frame: pd.DataFrame, folder: Path) -> Any:
    return pytest.importorskip("polars", reason="Polars is not installed").from_pandas(frame)


def segments(source: Any) -> np.ndarray:
    """The segment of each customer, in the order of their ids."""
    table = shoal.segment(source, id="customer_id", k=4).customers
    table = table if isinstance(table, pd.DataFrame) else table.to_pandas()
    return table.sort_values("customer_id")["segment"].to_numpy()


@pytest.fixture(scope="module")
def expected(customers: pd.DataFrame) -> np.ndarray:
    return segments(customers)


@pytest.mark.parametrize(
    "door", [through_csv, through_parquet, through_fifty_files, through_duckdb, through_polars]
)
def test_every_door_leads_to_the_same_segments(
    door: Any,
    customers: pd.DataFrame,
    expected: np.ndarray,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(shoal.data.csv.reader, "PARSE_ONCE", 1_000_000)
    np.testing.assert_array_equal(segments(door(customers, tmp_path)), expected)


def test_a_text_read_by_every_pass_leads_there_too(
    customers: pd.DataFrame, expected: np.ndarray, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shoal.data.csv.reader, "PARSE_ONCE", 1 << 60)
    np.testing.assert_array_equal(
        segments(through_csv(customers.sample(frac=1, random_state=1), tmp_path)), expected
    )
