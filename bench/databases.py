"""Customers read from a database, segmented, written back.

Time and memory, for each kind of database.

    python bench/databases.py [--customers 1000000] [--only postgresql --only mariadb --only sqlite
    --only duckdb]

Starts its own servers (see tests/servers.py), fills a table of generated customers, then in a
process of its own for each database: reads the table, segments it by three columns, writes the
labels to another table, and writes them again in the place of the first. Prints a Markdown table;
peak memory is of the whole process up to the end of that step.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pyarrow as pa

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

KINDS = ("postgresql", "mariadb", "sqlite", "duckdb")
STEPS = ("fill", "read", "segment", "write", "replace")
PART = 100_000


def customers(total: int) -> Iterator[pa.RecordBatch]:
    """Generated customers of four kinds, eight columns, always the same."""
    rng = np.random.default_rng(5)
    for start in range(0, total, PART):
        n = min(PART, total - start)
        kind = rng.integers(0, 4, n)
        orders = rng.poisson(np.array([1, 4, 12, 30])[kind]) + 1
        yield pa.record_batch(
            {
                "customer_id": pa.array(np.arange(start + 1, start + n + 1)),
                "recency": pa.array(np.round(rng.gamma(2, np.array([120, 60, 20, 5])[kind]), 1)),
                "orders": pa.array(orders),
                "spent": pa.array(
                    np.round(orders * rng.lognormal(np.array([3, 3.2, 3.4, 4])[kind], 0.4), 2)
                ),
                "age": pa.array(rng.integers(18, 90, n), mask=rng.random(n) < 0.05),
                "country": pa.array(
                    np.array(["France", "Österreich", "España", "Ελλάδα"])[rng.integers(0, 4, n)]
                ),
                "joined": pa.array(np.datetime64("2020-01-01") + rng.integers(0, 1500, n)),
                "member": pa.array(rng.random(n) < 0.3),
            }
        )


def one_database(url: str, total: int) -> dict[str, tuple[float, int]]:
    """Seconds and peak memory (MB) of each step."""
    import sqlalchemy

    import shoal

    out: dict[str, tuple[float, int]] = {}
    clock = [time.perf_counter()]

    def done(step: str) -> None:
        out[step] = (
            time.perf_counter() - clock[0],
            resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        )
        clock[0] = time.perf_counter()

    engine = sqlalchemy.create_engine(url.replace("mysql://", "mysql+pymysql://"))
    for number, batch in enumerate(customers(total)):
        verb = "append" if number else "replace"
        batch.to_pandas().to_sql("customers", engine, index=False, if_exists=verb, chunksize=10_000)
    done("fill")
    table = shoal.read(url, table="customers")
    done("read")
    study = shoal.segment(table, id="customer_id", by=["recency", "orders", "spent"], k=4)
    done("segment")
    for step in ("write", "replace"):
        written = study.to_database(f"{url}?table=segments", if_exists="replace")
        done(step)
        assert written == total
    counted = "select segment, count(*) as size from segments group by segment order by segment"
    again = shoal.read(url, query=counted).to_arrow()
    assert again["size"].to_pylist() == list(study.segments["size"])
    return out


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--only", action="append", choices=KINDS)
    parser.add_argument(
        "--url", help=argparse.SUPPRESS
    )  # of the one database, for the process that does the work
    asked = parser.parse_args()
    if asked.url:
        print(json.dumps(one_database(asked.url, asked.customers)))
        return
    from servers import mariadb_server, postgres_server

    print(
        "| database | "
        + " | ".join(f"{step}, s" for step in STEPS)
        + " | peak after read, MB | peak in all, MB |"
    )
    print("|---|" + "--:|" * (len(STEPS) + 2))
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        for kind in asked.only or KINDS:
            if kind in ("sqlite", "duckdb"):
                url = f"{kind}:///{folder}/shop.{kind}"
            else:
                url = stack.enter_context(
                    postgres_server() if kind == "postgresql" else mariadb_server()
                ).url()
            command = [sys.executable, __file__, "--customers", str(asked.customers), "--url", url]
            done = json.loads(
                subprocess.run(command, check=True, capture_output=True, text=True).stdout
            )
            times = " | ".join(f"{done[step][0]:.1f}" for step in STEPS)
            print(f"| {kind} | {times} | {done['read'][1]} | {done['replace'][1]} |", flush=True)


if __name__ == "__main__":
    main()
