"""SQL against `assign`: every row of real tables on every database that runs here, and the time.

    python bench/sql.py tables [--only duckdb] [FILE …]
    python bench/sql.py time [--rows 10000000] [--columns 8]

`tables` segments each file (all that are beside the project where none is named), adds rows that
nobody has seen, scores them in DuckDB, SQLite, PostgreSQL, MariaDB and Spark, and counts the rows
where segment, name, runner-up or flag are not those of `assign` (and margins that differ by more
than 0.0001). Servers are its own (see tests/servers.py). `time` scores generated customers in
DuckDB, into a table, and by `assign`, from one Parquet file, and compares them row by row.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

import shoal

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))
SHARED = ROOT.parent / "shared" / "data"
ENGINES = ("duckdb", "sqlite", "postgres", "mysql", "spark")
ORDERS = {"cdnow", "online_retail", "rfm_data_orders", "superstore", "groceries_members"}
CHUNK = 500_000


def files() -> Iterator[Path]:
    """The tables of customers and orders, surveys and benchmarks beside the project."""
    for folder in sorted(SHARED.glob("*/")):
        for ending in ("csv", "csv.gz", "parquet", "txt", "xls", "xlsx"):
            yield from sorted(folder.glob(f"*.{ending}"))


def table_of(path: Path) -> pa.Table:
    """One row a customer."""
    if path.parent.name in ORDERS:
        return shoal.orders(path).table.to_arrow()
    return shoal.read(path).to_arrow()


def engines(names: list[str], stack: ExitStack) -> dict[str, Callable[[pa.Table, str], Any]]:
    """What scores a table by a statement, by the names of dialects."""
    import servers
    import sql_kit as kit

    made: dict[str, Callable[[pa.Table, str], Any]] = {
        "duckdb": kit.on_duckdb,
        "sqlite": kit.on_sqlite,
    }
    if "postgres" in names:
        postgres = stack.enter_context(servers.postgres_server())
        made["postgres"] = lambda table, sql: kit.on_postgres(postgres, table, sql)
    if "mysql" in names:
        mariadb = stack.enter_context(servers.mariadb_server())
        made["mysql"] = lambda table, sql: kit.on_mariadb(mariadb, table, sql)
    if "spark" in names:
        from pyspark.sql import SparkSession

        settings = {"spark.ui.enabled": "false", "spark.sql.session.timeZone": "UTC"}
        session = SparkSession.builder.master("local[2]").config(map=settings).getOrCreate()
        session.sparkContext.setLogLevel("ERROR")
        made["spark"] = partial(on_spark, session)
    return {name: made[name] for name in names}


def on_spark(session: Any, table: pa.Table, sql: str) -> list[tuple[Any, ...]]:
    """The rows of a statement over a table of Spark."""
    import sql_kit as kit

    session.createDataFrame(table).createOrReplaceTempView(kit.TABLE)
    return [tuple(row) for row in session.sql(sql).collect()]


def compared(path: Path, runs: dict[str, Callable[[pa.Table, str], Any]]) -> bool | None:
    """Print how each database does on a table; whether all are as `assign`; None: not segmented."""
    import sql_kit as kit

    try:
        own = table_of(path)
        model = shoal.segment(own, one_row_a_customer=True).model
    except shoal.ShoalError as error:
        print(f"| {path.name} | not segmented: {str(error)[:80]} |", flush=True)
        return None
    table = kit.with_odd_rows(own, model)
    kinds = [f.kind for f in model.segmentation.recipe.features]
    told = ", ".join(f"{kinds.count(k)} {k}" for k in dict.fromkeys(kinds))
    results = []
    for dialect, run in runs.items():
        given = kit.without_infinite(table) if dialect == "mysql" else table
        rows = run(given, model.to_sql(dialect, table=kit.TABLE, id=kit.KEY))
        found = kit.differences(rows, model.assign(given, id=kit.KEY))
        results.append({name: n for name, n in found.items() if n})
    shown = " | ".join(str(result) if result else "all" for result in results)
    print(f"| {path.name} | {len(table):,} | {model.k} | {told} | {shown} |", flush=True)
    return not any(results)


def all_tables(only: list[str], paths: list[Path]) -> int:
    names = only or list(ENGINES)
    print(f"| table | rows | k | columns | {' | '.join(names)} |")
    print("|---" * (4 + len(names)) + "|")
    with ExitStack() as stack:
        runs = engines(names, stack)
        found = [compared(path, runs) for path in paths or files()]
    same = [each for each in found if each is not None]
    print(f"{sum(same)} of {len(same)} tables are the same row by row.")
    return 0 if all(same) else 1


def generate(rows: int, columns: int, path: Path) -> None:
    """Customers of five groups, a tenth of their cells missing in every other column."""
    rng = np.random.default_rng(0)
    centres = rng.uniform(-4, 4, (5, columns))
    writer = None
    for start in range(0, rows, CHUNK):
        n = min(CHUNK, rows - start)
        x = 50 + 8 * (centres[rng.integers(0, 5, n)] + rng.standard_normal((n, columns)))
        cells = {
            f"x{j}": pa.array(x[:, j], mask=rng.random(n) < 0.1 if j % 2 else None)
            for j in range(columns)
        }
        part = pa.table({"customer_id": np.arange(start, start + n), **cells})
        writer = writer or pq.ParquetWriter(path, part.schema)
        writer.write_table(part)
    assert writer is not None
    writer.close()


def timed(rows: int, columns: int) -> int:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = folder / "customers.parquet"
        generate(rows, columns, path)
        by = [f"x{j}" for j in range(columns)]
        model = shoal.segment(next(pq.ParquetFile(path).iter_batches(20_000)), by=by).model
        file = model.save(folder / "model.json")
        start = time.perf_counter()
        shoal.assign(file, path, out=folder / "assigned.parquet", keep="id")
        assign = time.perf_counter() - start
        sql = model.to_sql("duckdb", table="customers")
        con = duckdb.connect()
        con.execute(f"CREATE VIEW customers AS SELECT * FROM '{path}'")
        start = time.perf_counter()
        con.execute(f"COPY ({sql}) TO '{folder / 'scored.parquet'}' (FORMAT parquet)")
        by_sql = time.perf_counter() - start
        apart = con.execute(
            f"SELECT count(*) FROM '{folder / 'scored.parquet'}' AS s JOIN "
            f"'{folder / 'assigned.parquet'}' AS a USING (customer_id) WHERE s.segment <> a.segment "
            "OR s.runner_up <> a.runner_up OR s.unlike_anyone <> a.unlike_anyone "
            "OR abs(s.margin - a.margin) > 0.000101"
        ).fetchone()
    assert apart is not None
    print(f"{rows:,} x {columns}, k={model.k}: assign {assign:.1f} s, DuckDB {by_sql:.1f} s")
    print(f"{by_sql / assign:.2f} times; {apart[0]:,} rows differ")
    return 0 if not apart[0] else 1


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("tables", "time"))
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--only", action="append", default=[], choices=ENGINES)
    parser.add_argument("--rows", type=float, default=1e7)
    parser.add_argument("--columns", type=int, default=8)
    given = parser.parse_args()
    warnings.simplefilter("ignore", UserWarning)
    if given.what == "time":
        return timed(int(given.rows), given.columns)
    return all_tables(given.only, given.files)


if __name__ == "__main__":
    sys.exit(main())
