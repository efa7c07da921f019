"""Order lines to customers beside DuckDB's own plain GROUP BY.

`python bench/orders.py [LINES] [PAIRS]`.

Generates a Parquet file (seeded; 50 million lines of 10 million orders of about 0.9 million
customers by default), then runs both in pairs in one process and prints wall clock, processor
seconds and the largest resident memory.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import duckdb

import shoal


def generate(path: Path, lines: int) -> None:
    """Lines of five to an order; customers differ in how often they order."""
    duckdb.connect().execute(
        f"""COPY (SELECT (hash(o * 7 + 1) % 1000000 * (hash(o * 13 + 5) % 1000) // 1000)::BIGINT AS customer_id, o AS order_id,
            TIMESTAMP '2022-01-01' + INTERVAL 1 SECOND * (o * 9) AS order_date, (hash(i * 3 + 1) % 20000)::INTEGER AS product_id,
            (1 + hash(i * 5 + 2) % 4)::INTEGER AS quantity, round(1 + (hash(i * 11) % 9900) / 100.0, 2) AS unit_price
            FROM (SELECT i, i // 5 AS o FROM range({lines}) t(i))) TO '{path}' (FORMAT parquet)"""
    )


def plain(path: Path) -> None:
    base = duckdb.connect(config={"memory_limit": "600MB"})
    query = f"SELECT customer_id, count(*), sum(quantity * unit_price), max(order_date) FROM '{path}' GROUP BY 1"
    for _ in base.sql(query).to_arrow_reader(65_536):
        pass
    base.close()


def ours(path: Path) -> None:
    shoal.orders(path)


def timed(work: Callable[[Path], None], path: Path) -> tuple[float, float]:
    def cpu() -> float:
        used = resource.getrusage(resource.RUSAGE_SELF)
        return used.ru_utime + used.ru_stime

    wall, processor = time.perf_counter(), cpu()
    work(path)
    return time.perf_counter() - wall, cpu() - processor


def main() -> None:
    lines = int(sys.argv[1]) if len(sys.argv) > 1 else 50_000_000
    pairs = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "lines.parquet"
        generate(path, lines)
        for _ in range(pairs):
            a, b = timed(plain, path), timed(ours, path)
            memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            print(
                f"{lines:,} lines: plain {a[0]:.2f} s ({a[1]:.2f} cpu), orders to customers "
                f"{b[0]:.2f} s ({b[1]:.2f} cpu), "
                f"ratio {b[0] / a[0]:.2f} ({b[1] / a[1]:.2f} cpu), at most {memory:.0f} MB",
                flush=True,
            )


if __name__ == "__main__":
    main()
