"""Peak memory of a run that was given 1 GB.

A CSV, a Parquet file by its path, as a lazy frame of Polars and as a dataset of Arrow, databases,
and orders, each in a process of its own.

    python bench/memory.py [rows] [memory] [doors]    # 5,000,000 rows, 1GB, all when left out
    python bench/memory.py 4000000 300MB parquet,lazy,dataset

Prints one line a source: what the process held at most, beside what was asked, and how long it
took.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

DOORS = {
    "csv": "shoal.segment(f'{here}/customers.csv', k=4, memory=memory, threads=1).labels",
    "parquet": "shoal.segment(f'{here}/customers.parquet', k=4, memory=memory, threads=1).labels",
    "lazy": (
        "import polars; shoal.segment(polars.scan_parquet(f'{here}/customers.parquet'), k=4, "
        "memory=memory, threads=1).labels"
    ),
    "lazy csv": (
        "import polars; shoal.segment(polars.scan_csv(f'{here}/customers.csv')"
        ".filter(polars.col('age') < 99), k=4, memory=memory, threads=1).labels"
    ),
    "dataset": (
        "import pyarrow.dataset; shoal.segment(pyarrow.dataset.dataset(f'{here}/customers.parquet')"
        ", k=4, memory=memory, threads=1).labels"
    ),
    "duckdb": (
        "shoal.segment(f'duckdb:///{here}/shop.duckdb?table=customers', k=4, memory=memory, "
        "threads=1).labels"
    ),
    "sqlite": (
        "shoal.segment(f'sqlite:///{here}/shop.db?table=customers', k=4, memory=memory, "
        "threads=1).labels"
    ),
    "orders": "shoal.orders(f'{here}/lines.csv', memory=memory, threads=1).facts",
    "orders segmented": "shoal.segment(f'{here}/lines.csv', orders=True, k=4, memory=memory, threads=1).labels",
}
MADE = """
CREATE TABLE customers AS SELECT i * 7 + 3 AS customer_id,
    round((i % 4) * 90 + 20 * random() + 5 * random(), 3) AS spend,
    round((hash(i) % 3) * 12 + 4 * random(), 3) AS visits,
    round(18 + 60 * random()) AS age, ['north', 'south', 'east'][1 + i % 3] AS region
FROM range({rows}) AS numbers(i);
CREATE TABLE lines AS SELECT hash(i) % ({rows} // 6) AS customer,
    DATE '2022-01-01' + CAST(900 * random() AS INTEGER) AS day,
    round(3 + 60 * random() * random(), 2) AS amount
FROM range({rows}) AS numbers(i);
"""


def make(folder: Path, rows: int, sqlite: bool) -> None:
    """The same table as CSV, Parquet, DuckDB and SQLite files; and lines of orders as a CSV."""
    import sqlite3

    import duckdb

    with duckdb.connect(folder / "shop.duckdb") as base:
        base.execute("SELECT setseed(0.5)")
        base.execute(MADE.format(rows=rows))
        for table in ("customers", "lines"):
            base.execute(f"COPY {table} TO '{folder}/{table}.csv' (HEADER)")
        base.execute(f"COPY customers TO '{folder}/customers.parquet'")
        if not sqlite:
            return
        reader = base.sql("FROM customers").to_arrow_reader(100_000)
        with sqlite3.connect(folder / "shop.db") as shop:
            shop.execute("CREATE TABLE customers (customer_id, spend, visits, age, region)")
            for batch in reader:
                rows_ = zip(*(column.to_pylist() for column in batch.columns), strict=True)
                shop.executemany("INSERT INTO customers VALUES (?, ?, ?, ?, ?)", rows_)


def measured(door: str, here: str, memory: str) -> tuple[int, float]:
    """Bytes that a process held at most, beside what it holds after `import`, and seconds."""
    code = (
        "import sys, resource, time, shoal, shoal.api\n"
        "here, memory = sys.argv[1:]; began = time.perf_counter()\n"
        f"{DOORS[door]}\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.perf_counter() - began)"
    )
    command = [sys.executable, "-c", code, here, memory]
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    if found.returncode:
        sys.exit(found.stderr)
    kilobytes, seconds = found.stdout.split()[-2:]
    unit = 1 if sys.platform == "darwin" else 1024  # Linux counts in kilobytes
    return int(kilobytes) * unit, float(seconds)


def main() -> None:
    """Make the tables and measure every door."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 5_000_000
    memory = sys.argv[2] if len(sys.argv) > 2 else "1GB"
    doors = sys.argv[3].split(",") if len(sys.argv) > 3 else list(DOORS)
    with tempfile.TemporaryDirectory(prefix="bench-memory-") as folder:
        began = time.perf_counter()
        make(Path(folder), rows, "sqlite" in doors)
        print(f"{rows:,} rows made in {time.perf_counter() - began:.0f} s; {memory} asked")
        for door in doors:
            peak, seconds = measured(door, folder, memory)
            print(f"{door:17} peak {peak / 1e6:7,.0f} MB   {seconds:6.1f} s")


if __name__ == "__main__":
    main()
