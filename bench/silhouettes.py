"""Is every silhouette that a study states scikit-learn's?

    python bench/silhouettes.py FOLDER_OR_FILES… [--k-max 5] [--largest 30000000]

Each table is segmented (orders are summed up first), and the silhouette of every k that was tried
is worked out again by scikit-learn over all customers of the sample, far-out values drawn in as in
the fit. Right is: the same to nine digits where shoal looked at every pair, and within .01 where it
states that it looked at a part of them.
"""

from __future__ import annotations

import argparse
import sys
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.metrics import silhouette_score

import shoal

ENDINGS = (".csv", ".parquet", ".xlsx", ".xls", ".tsv", ".txt")


def segmented(path: Path, k_max: int) -> Any:
    """The study of a table; of orders where its rows are such."""
    try:
        return shoal.segment(path, k_max=k_max)
    except shoal.InputError as wrong:
        if "orders=True" not in str(wrong):
            raise
        return shoal.segment(path, k_max=k_max, orders=True)


def compared(study: Any) -> tuple[float, int, float, int]:
    """The largest difference, and how many k, where every pair was looked at; then elsewhere."""
    points = study.facts.points
    rows = np.repeat(np.arange(len(points.matrix)), np.rint(points.weights).astype(int))
    exact, drawn = [], []
    for evidence in study.choice.evidence:
        if evidence.silhouette is None:
            continue
        labels = study.choice.fits[evidence.k].labels
        theirs = silhouette_score(points.matrix[rows], labels[rows])
        whole = evidence.silhouette_rows == len(rows)
        (exact if whole else drawn).append(abs(evidence.silhouette - theirs))
    return max(exact, default=0.0), len(exact), max(drawn, default=0.0), len(drawn)


def main() -> int:
    cli = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    cli.add_argument("files", type=Path, nargs="+")
    cli.add_argument("--k-max", type=int, default=5)
    cli.add_argument("--largest", type=int, default=30_000_000, help="bytes of a file")
    options = cli.parse_args()
    warnings.simplefilter("ignore")
    given = [sorted(f.rglob("*")) if f.is_dir() else [f] for f in options.files]
    files = [f for some in given for f in some if f.suffix in ENDINGS]
    worst, tables, refused, began = [0.0, 0.0], 0, 0, time.perf_counter()
    counts = [0, 0]
    for file in (f for f in files if f.stat().st_size <= options.largest):
        try:
            same, many, near, more = compared(segmented(file, options.k_max))
        except shoal.ShoalError as wrong:
            refused += 1
            print(f"{file.name}: refused: {str(wrong)[:100]}", flush=True)
            continue
        tables += 1
        worst = [max(worst[0], same), max(worst[1], near)]
        counts = [counts[0] + many, counts[1] + more]
        told = f"{many} k of all pairs {same:.1e}, {more} k of a part {near:.4f}"
        print(f"{file.name}: {told}", flush=True)
    print(
        f"{tables} tables ({refused} refused) in {time.perf_counter() - began:.0f} s: over all "
        f"pairs at most {worst[0]:.1e} apart ({counts[0]} k), over a part {worst[1]:.4f} "
        f"({counts[1]} k)"
    )
    return int(worst[0] > 1e-9 or worst[1] > 0.01)


if __name__ == "__main__":
    sys.exit(main())
