"""Is the same said of nine tenths of the customers? The whole command runs again on parts of tables.

    python bench/again.py DATA [--times 20] [--table wholesale --table …]

DATA is a folder of customer tables (see TABLES below; those absent are skipped). Prints a Markdown
table: k and kind of groups of the whole table, and in what share of the re-runs on a random nine
tenths of its rows, with columns, recipe and k learned anew, both were the same.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

import shoal

TABLES = {
    "mall_customers": {},
    "wholesale_customers": {},
    "ibm_cust_segmentation": {},
    "segmentation_365": {},
    "mcdonalds": {},
    "volunteers": {},
    "ifood_marketing_campaign": {},
    "uci_bank_4521": {},
    "eastwest_airlines": {},
    "rfm_data_orders": {"orders": True},
}
PART = 0.9


def said(frame: pd.DataFrame, **options: bool) -> tuple[int, str]:
    """(k, kind of groups) of the whole command."""
    study = shoal.segment(frame, seed=0, **options)
    return study.k, study.choice.structure.value


def parts(frame: pd.DataFrame, times: int) -> Iterator[pd.DataFrame]:
    """Random nine tenths of the rows; of orders, of the customers."""
    key = frame["customer_id"] if "order_date" in frame else frame.index.to_series()
    everybody = key.unique()
    for turn in range(times):
        rng = np.random.default_rng(turn)
        drawn = rng.choice(everybody, int(PART * len(everybody)), replace=False)
        yield frame[key.isin(drawn)]


def counted(numbers: Counter[object]) -> str:
    """The most often chosen first."""
    return ", ".join(f"{value} ({times})" for value, times in numbers.most_common())


if __name__ == "__main__":
    cli = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    cli.add_argument("data", type=Path)
    cli.add_argument("--times", type=int, default=20)
    cli.add_argument("--table", action="append", help="only these")
    asked = cli.parse_args()
    print("| table | k | kind | k of the re-runs (times) | same k | kinds | same kind |")
    print("|---|---:|---|---|---:|---|---:|")
    same = []
    for name, options in TABLES.items():
        path = asked.data / name / f"{name}.csv"
        if not path.exists() or (asked.table and name not in asked.table):
            continue
        whole = pd.read_csv(path, sep=None, engine="python")
        k, kind = said(whole, **options)
        again = [said(part, **options) for part in parts(whole, asked.times)]
        ks, kinds = (Counter(one) for one in zip(*again, strict=True))
        same.append((ks[k] / asked.times, kinds[kind] / asked.times))
        print(
            f"| {name} | {k} | {kind} | {counted(ks)} | {same[-1][0]:.0%} | {counted(kinds)} | "
            f"{same[-1][1]:.0%} |",
            flush=True,
        )
    k_same, kind_same = np.mean(same, axis=0)
    print(f"| **all** | | | | {k_same:.0%} | | {kind_same:.0%} |")
