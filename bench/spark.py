"""Whole processes on Spark, local[2]: a study with k given by shoal against MLlib's KMeans alone.

    python bench/spark.py [--rows 1e6] [--pairs 1] [--master 'local[2]'] [--memory 4g]

Both read the same generated Parquet files, 8 columns of 7 groups, and fit k = 7. shoal does all of
its pipeline (facts, sample, fit, trust, sums of everybody, portraits); MLlib assembles, standardises,
caches and fits, as its guide has it. Both sides' inertia is taken over all rows in standardised
columns, by NumPy. Needs pip install "shoal[spark]".
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

K, WIDTH, CHUNK = 7, 8, 500_000
BY = [f"x{j}" for j in range(WIDTH)]


def generate(rows: int, folder: Path) -> None:
    """So many customers of seven groups, in files of half a million."""
    rng = np.random.default_rng(0)
    centres, spread = rng.uniform(-4, 4, (K, WIDTH)), rng.uniform(0.6, 1.4, (K, WIDTH))
    folder.mkdir()
    for number, start in enumerate(range(0, rows, CHUNK)):
        n = min(CHUNK, rows - start)
        group = rng.integers(0, K, n)
        x = 50 + 8 * (centres[group] + rng.standard_normal((n, WIDTH)) * spread[group])
        ids = (np.arange(start, start + n, dtype=np.int64) * 2_654_435_761) % (1 << 40)
        pq.write_table(
            pa.table({"customer_id": ids, **dict(zip(BY, x.T, strict=True))}),
            folder / f"part{number:03}.parquet",
        )


def by_shoal(folder: str, out: str) -> None:
    """Segment, and keep the model."""
    import shoal

    shoal.segment(folder, engine="spark", by=BY, k=K).save(out)


def by_mllib(folder: str, out: str) -> None:
    """Fit, and keep the centres in the columns' units."""
    from pyspark.ml.clustering import KMeans
    from pyspark.ml.feature import StandardScaler, VectorAssembler
    from pyspark.sql import SparkSession

    spark = SparkSession.builder.getOrCreate()
    frame = VectorAssembler(inputCols=BY, outputCol="raw").transform(
        spark.read.parquet(f"file://{Path(folder).absolute()}")
    )
    scaler = StandardScaler(inputCol="raw", outputCol="features", withMean=True).fit(frame)
    ready = scaler.transform(frame).select("features").cache()
    fit = KMeans(k=K, seed=1).fit(ready)
    centres = np.array(fit.clusterCenters()) * scaler.std.toArray() + scaler.mean.toArray()
    Path(out).write_text(json.dumps(centres.tolist()))


def inertia(folder: Path, centres: np.ndarray) -> float:
    """The sum of squared distances of all rows to the nearest of these centres.

    In standardised columns.
    """
    table = pq.read_table(folder, columns=BY)
    x = np.column_stack([table[name].to_numpy() for name in BY])
    mean, std = x.mean(axis=0), x.std(axis=0)
    total, c = 0.0, (centres - mean) / std
    for start in range(0, len(x), CHUNK):
        z = (x[start : start + CHUNK] - mean) / std
        total += float(((z**2).sum(axis=1) + ((c**2).sum(axis=1) - 2 * z @ c.T).min(axis=1)).sum())
    return total


def of_shoal(out: Path) -> np.ndarray:
    """The centres of a model in the columns' units."""
    model = json.loads(out.read_text("utf-8"))["model"]
    features = model["recipe"]["features"]
    assert all(feature["log_offset"] is None for feature in features)
    middle, scale = (np.array([f[name] for f in features]) for name in ("centre", "scale"))
    return np.array(model["centres"]) * scale + middle


def seconds(side: str, folder: Path, out: Path, environment: dict[str, str]) -> float:
    start = time.perf_counter()
    command = [sys.executable, __file__, "--side", side, str(folder), str(out)]
    subprocess.run(command, check=True, env=environment, stderr=subprocess.DEVNULL)
    return time.perf_counter() - start


def main() -> None:
    cli = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    cli.add_argument("--rows", type=float, default=1e6)
    cli.add_argument("--pairs", type=int, default=1)
    cli.add_argument("--master", default="local[2]")
    cli.add_argument("--memory", default="4g", help="of the driver, for both sides")
    cli.add_argument("--side", nargs=3, help=argparse.SUPPRESS)
    options = cli.parse_args()
    if options.side:
        {"shoal": by_shoal, "mllib": by_mllib}[options.side[0]](*options.side[1:])
        return
    conf = f"--master {options.master} --driver-memory {options.memory} --conf spark.ui.enabled=false pyspark-shell"
    environment = os.environ | {"PYSPARK_SUBMIT_ARGS": conf, "PYSPARK_PYTHON": sys.executable}
    with tempfile.TemporaryDirectory() as name:
        folder, ours, theirs = (
            Path(name) / "customers",
            Path(name) / "model.json",
            Path(name) / "mllib.json",
        )
        generate(int(options.rows), folder)
        times = [
            (
                seconds("shoal", folder, ours, environment),
                seconds("mllib", folder, theirs, environment),
            )
            for _ in range(options.pairs)
        ]
        a, b = (statistics.median(side) for side in zip(*times, strict=True))
        mine, other = (
            inertia(folder, of_shoal(ours)),
            inertia(folder, np.array(json.loads(theirs.read_text()))),
        )
    print("| rows | shoal | MLlib | ratio | inertia, shoal to MLlib |\n|---|---|---|---|---|")
    print(
        f"| {options.rows:,.0f} | {a:.1f} s | {b:.1f} s | "
        f"{statistics.median(x / y for x, y in times):.2f} | {mine / other:.5f} |"
    )


if __name__ == "__main__":
    main()
