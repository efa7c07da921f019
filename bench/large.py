"""Whole processes on big tables.

The whole job of shoal against one plain fit, a sweep over k, and other libraries' k-means.

    # a row for each, in turn
    python bench/large.py TABLE.parquet [--runs 5] [--peers plain sweep minibatch faiss]
    # a table to run it on
    python bench/large.py --make 1e7 TABLE.parquet [--csv]
    # inertia against ten full fits
    python bench/large.py --quality TABLE.parquet
    # time and memory against rows
    python bench/large.py --figure docs/performance.csv docs/performance.png

Contenders take turns, so that a machine's drift meets all of them alike; ratios are taken round by
round, and their median is what to quote. A peer reads, standardises, fits and writes a label for
each customer. Shoal does that, and chooses k, examines, names, draws and reports. Peak memory is
that of the largest process. `faiss` needs the package faiss-cpu.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

K = 7
COLUMNS = ["age", "income", "spend", "orders", "score", "recency_days", "visits", "basket"]

PEER = """
import sys
import numpy as np
import pandas as pd
from sklearn.preprocessing import StandardScaler
name, path, out, k, columns = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]), sys.argv[5].split(",")
table = pd.read_csv(path) if path.endswith(".csv") else pd.read_parquet(path)
x = StandardScaler().fit_transform(table[columns])
if name == "faiss":
    import faiss
    x = np.ascontiguousarray(x, dtype=np.float32)
    fit = faiss.Kmeans(x.shape[1], k, niter=25, seed=1, max_points_per_centroid=10**9)
    fit.train(x)
    labels = fit.index.search(x, 1)[1][:, 0]
elif name == "minibatch":
    from sklearn.cluster import MiniBatchKMeans
    labels = MiniBatchKMeans(k, random_state=0).fit(x).labels_
elif name == "sweep":
    from sklearn.cluster import KMeans
    labels = min((KMeans(j, n_init=10, random_state=0).fit(x) for j in range(2, 11)), key=lambda fit: abs(fit.n_clusters - k)).labels_
else:
    from sklearn.cluster import KMeans
    labels = KMeans(k, n_init=1, random_state=0).fit(x).labels_
table.assign(segment=labels)[["customer_id", "segment"]].to_parquet(out, index=False)
"""


def make(rows: int, path: Path, csv: bool) -> None:
    """Seven planted groups in eight columns; none of these customers exists."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.csv
    import pyarrow.parquet as pq

    rng = np.random.default_rng(7)
    centres, spreads = (
        rng.uniform(-3, 3, (K, len(COLUMNS))),
        rng.uniform(0.5, 1.2, (K, len(COLUMNS))),
    )
    shares = rng.dirichlet(np.full(K, 4.0))
    writer = None
    for start in range(0, rows, 500_000):
        n = min(500_000, rows - start)
        group = rng.choice(K, n, p=shares)
        z = centres[group] + rng.standard_normal((n, len(COLUMNS))) * spreads[group]
        whole = {
            "age": (45, 7),
            "score": (50, 11),
            "recency_days": (120, 30),
            "visits": (20, 5),
            "orders": (12, 3),
        }
        data = {
            "customer_id": (np.arange(start, start + n) * 48_271) % (2**40 + 15),
            "region": rng.choice(["north", "south", "web"], n),
        }
        for j, name in enumerate(COLUMNS):
            if name in whole:
                middle, step = whole[name]
                data[name] = np.maximum(middle + step * z[:, j], 0).round().astype("int32")
            else:
                data[name] = np.exp(4 + 0.4 * z[:, j]).round(2)
        batch = pa.table(data)
        if writer is None:
            writer = (
                pyarrow.csv.CSVWriter(path, batch.schema)
                if csv
                else pq.ParquetWriter(path, batch.schema)
            )
        writer.write_table(batch)
    if writer is not None:
        writer.close()


def command(name: str, table: Path, folder: Path) -> list[str]:
    if name == "shoal":
        return [
            sys.executable,
            "-m",
            "shoal",
            "segment",
            str(table),
            "--out",
            str(folder / "results"),
        ]
    if name == "shoal --memory 1GB":
        return [*command("shoal", table, folder), "--memory", "1GB"]
    return [
        sys.executable,
        "-c",
        PEER,
        name,
        str(table),
        str(folder / "labels.parquet"),
        str(K),
        ",".join(COLUMNS),
    ]


def measured(name: str, table: Path) -> tuple[float, float]:
    """Seconds and peak MB of one whole process."""
    with tempfile.TemporaryDirectory(dir=table.parent) as folder:
        start = time.perf_counter()
        child = subprocess.Popen(
            command(name, table, Path(folder)), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
        said = child.stderr.read() if child.stderr else b""
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode:
            sys.exit(f"{name} failed: {said.decode()[-500:]}")
        return time.perf_counter() - start, used.ru_maxrss / 1024


def compare(table: Path, peers: list[str], runs: int) -> None:
    import pyarrow.parquet as pq

    contenders = ["shoal", *peers]
    rows = (
        pq.read_metadata(table).num_rows
        if table.suffix == ".parquet"
        else sum(1 for _ in table.open("rb")) - 1
    )
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in contenders}
    for _ in range(runs):
        for name in contenders:
            found[name].append(measured(name, table))
    print(
        f"rows,contender,seconds,peak_mb,time_ratio,memory_ratio  # {table.suffix}, {runs} "
        f"rounds, {os.cpu_count()} processors"
    )
    for name in contenders:
        seconds, peak = (statistics.median(side) for side in zip(*found[name], strict=True))
        pairs = list(zip(found["shoal"], found[name], strict=True))
        times, memory = (
            statistics.median(a[0] / b[0] for a, b in pairs),
            statistics.median(a[1] / b[1] for a, b in pairs),
        )
        print(f"{rows},{name},{seconds:.2f},{peak:.0f},{times:.2f},{memory:.2f}", flush=True)


def quality(table: Path) -> None:
    """Inertia per customer of shoal's segments and of the best of ten full fits.

    On the same standardised columns.
    """
    import pandas as pd
    from sklearn.cluster import KMeans
    from sklearn.preprocessing import StandardScaler

    import shoal

    x = StandardScaler().fit_transform(pd.read_parquet(table)[COLUMNS])
    best = KMeans(K, n_init=10, random_state=0).fit(x).inertia_
    labels = shoal.segment(table, by=COLUMNS, k=K, scale="standard").labels
    ours = sum(((x[labels == j] - x[labels == j].mean(axis=0)) ** 2).sum() for j in range(1, K + 1))
    print(
        f"inertia per customer: shoal {ours / len(x):.6f}, best of ten full fits "
        f"{best / len(x):.6f}, ratio {ours / best:.6f}"
    )


def figure(source: Path, goal: Path) -> None:
    """Time and memory against rows, both axes logarithmic, from lines as `compare` prints them."""
    import matplotlib.pyplot as plt
    import pandas as pd

    lines = pd.read_csv(
        source,
        comment="#",
        names=["rows", "contender", "seconds", "peak", "times", "memory"],
        skiprows=1,
    )
    panes = plt.subplots(1, 2, figsize=(10, 4), layout="constrained")
    for pane, column, label in zip(
        panes[1], ("seconds", "peak"), ("whole process, seconds", "peak memory, MB"), strict=True
    ):
        for name, part in lines.groupby("contender", sort=False):
            pane.plot(
                part["rows"],
                part[column],
                marker="o",
                linewidth=2.5 if name.startswith("shoal") else 1.2,
                label=name,
            )
        pane.set(xscale="log", yscale="log", xlabel="customers", ylabel=label)
        pane.grid(True, which="both", alpha=0.2)
    panes[1][0].legend(frameon=False)
    panes[0].savefig(goal, dpi=110)


def main() -> None:
    asked = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    asked.add_argument("table", type=Path)
    asked.add_argument("goal", type=Path, nargs="?")
    asked.add_argument("--make", type=float)
    asked.add_argument("--csv", action="store_true")
    asked.add_argument("--runs", type=int, default=5)
    asked.add_argument("--peers", nargs="*", default=["plain"])
    asked.add_argument("--quality", action="store_true")
    asked.add_argument("--figure", action="store_true")
    options = asked.parse_args()
    if options.make:
        make(int(options.make), options.table, options.csv)
    elif options.quality:
        quality(options.table)
    elif options.figure:
        figure(options.table, options.goal)
    else:
        compare(options.table, options.peers, options.runs)


if __name__ == "__main__":
    main()
