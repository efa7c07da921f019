"""Whole processes in pairs on a small table.

`shoal segment` against the usual notebook, and what imports cost.

    python bench/small.py [--pairs 5]

The notebook (elbow and silhouette over k, five clusters, three figures) gets the same generated
customers. Ratios are taken pair by pair, since a machine's speed drifts; the median is what to
quote.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

NOTEBOOK = """
import sys
import matplotlib
matplotlib.use("Agg")
import matplotlib.pyplot as plt
import pandas as pd
import seaborn as sns
from sklearn.cluster import KMeans
from sklearn.metrics import silhouette_score
table = pd.read_csv(sys.argv[1])
x = table[["Annual Income (k$)", "Spending Score (1-100)"]]
fits = {k: KMeans(k, n_init=10, random_state=42).fit(x) for k in range(1, 11)}
scores = {k: silhouette_score(x, fits[k].labels_) for k in fits if k > 1}
for name, line in {"elbow": {k: f.inertia_ for k, f in fits.items()}, "silhouette": scores}.items():
    sns.lineplot(x=list(line), y=list(line.values()), marker="o")
    plt.savefig(f"{sys.argv[2]}/{name}.png")
    plt.close()
table["cluster"] = fits[5].labels_
sns.scatterplot(table, x=x.columns[0], y=x.columns[1], hue="cluster", palette="Set2")
plt.savefig(f"{sys.argv[2]}/clusters.png")
table.to_csv(f"{sys.argv[2]}/customers.csv", index=False)
"""
IMPORTS = "import matplotlib.pyplot, pandas, seaborn, sklearn.cluster, sklearn.metrics"


def seconds(command: list[str]) -> float:
    start = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - start


def pairs(title: str, ours: list[str], theirs: list[str], count: int) -> None:
    seconds(ours), seconds(theirs)  # warm the disk's cache
    found = [(seconds(ours), seconds(theirs)) for _ in range(count)]
    ratio = statistics.median(a / b for a, b in found)
    a, b = (statistics.median(side) for side in zip(*found, strict=True))
    print(f"| {title} | {a:.2f} s | {b:.2f} s | {ratio:.2f} |", flush=True)


def main() -> None:
    cli = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    cli.add_argument("--pairs", type=int, default=5)
    count = cli.parse_args().pairs
    python, shoal = sys.executable, str(Path(sys.executable).with_name("shoal"))
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([shoal, "demo", "--out", folder], check=True, capture_output=True)
        table = str(Path(folder) / "sample_customers.csv")
        print("| | shoal | notebook | ratio (median of pairs) |\n|---|---|---|---|")
        pairs(
            "whole job",
            [shoal, "segment", table, "--out", f"{folder}/out"],
            [python, "-c", NOTEBOOK, table, folder],
            count,
        )
        pairs(
            "`shoal --help` against the notebook's imports",
            [shoal, "--help"],
            [python, "-c", IMPORTS],
            count,
        )
        pairs(
            "`import shoal` against them",
            [python, "-c", "import shoal"],
            [python, "-c", IMPORTS],
            count,
        )


if __name__ == "__main__":
    main()
