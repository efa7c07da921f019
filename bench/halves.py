"""Do verdicts mean what they say? Real tables are split in halves, again and again.

    python bench/halves.py DATA [--splits 50] [--first 0] [--k chosen|2-6] [--table mall --table …]
    [--raw cases.csv]

DATA is a folder of customer tables (see TABLES below for the files looked for; those absent are
skipped). Each table is split at random; segments are formed and judged on one half, and formed anew
on the other. All customers are placed by both. A segment is found again when some segment of the
other half has a Jaccard similarity of at least .75 with it. Prints a Markdown table: of the
segments given each verdict, how many were found again.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

import shoal

Floats = NDArray[np.float64]

VERDICTS = ["act on it", "use with care", "do not rely on it"]
FOUND = 0.75


def standardised(frame: pd.DataFrame) -> Floats:
    """Gaps filled by the median, z-scores."""
    values = frame.astype(float).fillna(frame.astype(float).median())
    return ((values - values.mean()) / values.std(ddof=0)).to_numpy()


def logged(frame: pd.DataFrame) -> Floats:
    """The same after a log of the heavy-tailed columns, relative to each one's own scale."""
    values = frame.astype(float).fillna(frame.astype(float).median())
    for name in values:
        column = values[name]
        if column.min() >= 0 and column.nunique() > 2 and column.skew() > 1:
            values[name] = np.log(column + 0.1 * column[column > 0].median())
    return standardised(values)


def yes(frame: pd.DataFrame) -> Floats:
    """Yes and no as 1 and 0, as they are."""
    return frame.replace({"Yes": 1, "No": 0}).to_numpy(dtype=float)


Pick = Callable[[pd.DataFrame], pd.DataFrame]
TABLES: dict[str, tuple[str, Pick, Callable[[pd.DataFrame], Floats]]] = {
    "mall, income and score": ("mall_customers", lambda t: t.iloc[:, 3:5], standardised),
    "mall, with age": ("mall_customers", lambda t: t.iloc[:, 2:5], standardised),
    "wholesale": ("wholesale_customers", lambda t: t.iloc[:, 2:8], standardised),
    "wholesale, log": ("wholesale_customers", lambda t: t.iloc[:, 2:8], logged),
    "ifood, spending": ("ifood_marketing_campaign", lambda t: t.filter(like="Mnt"), logged),
    "eastwest": (
        "eastwest_airlines",
        lambda t: t.drop(columns=[c for c in t if c.startswith(("ID", "Award"))]),
        logged,
    ),
    "365": ("segmentation_365", lambda t: t.drop(columns="ID"), standardised),
    "mcdonalds": ("mcdonalds", lambda t: t.iloc[:, :11], yes),
    "bank": ("uci_bank_4521", lambda t: t[["age", "balance", "duration", "campaign"]], logged),
    "volunteers": ("volunteers", lambda t: t.loc[:, t.nunique() == 2].select_dtypes("number"), yes),
    "ibm": (
        "ibm_cust_segmentation",
        lambda t: t[["Age", "Edu", "Years Employed", "Income", "Card Debt", "Other Debt"]],
        logged,
    ),
}


def segmented(customers: pd.DataFrame, k: int | None) -> shoal.Study:
    """The segments of some customers, on columns that are encoded already."""
    return shoal.segment(customers, by=list(customers), k=k, scale="none", seed=0)


def similarities(ours: pd.Series, theirs: pd.Series) -> Floats:
    """For each of our segments, the Jaccard similarity of the most similar of theirs."""
    shared = pd.crosstab(ours, theirs).to_numpy(dtype=float)
    union = shared.sum(1, keepdims=True) + shared.sum(0) - shared
    return np.asarray((shared / np.maximum(union, 1)).max(axis=1))


def cases(
    name: str, matrix: Floats, splits: range, ks: list[int] | None
) -> Iterator[dict[str, object]]:
    """One row for every segment judged: its stability, and its similarity on the other half."""
    everybody = pd.DataFrame(matrix, columns=[f"x{j}" for j in range(matrix.shape[1])])
    for split in splits:
        order = np.random.default_rng(split).permutation(len(everybody))
        halves = [everybody.iloc[np.sort(part)] for part in np.array_split(order, 2)]
        for mine, other in (halves, halves[::-1]):
            for k in ks or [None]:
                study = segmented(mine, k)
                rival = segmented(other, study.k)
                ours, theirs = (each.assign(everybody)["segment"] for each in (study, rival))
                similar = similarities(ours, theirs)
                judged = zip(study.trust.segments, study.segments["size"], similar, strict=True)
                for segment, size, back in judged:
                    facts = {"table": name, "split": split, "k": study.k, "size": size}
                    yield facts | {"found": back} | vars(segment)


def summary(judged: pd.DataFrame) -> str:
    """Markdown: how many segments got each verdict, and how many of these were found again."""
    lines = ["| table | " + " | ".join(VERDICTS) + " |", "|---|" + "---:|" * len(VERDICTS)]
    for name, group in [*judged.groupby("table", sort=False), ("**all**", judged)]:
        cells = []
        for verdict in VERDICTS:
            found = group.found[group.verdict == verdict] >= FOUND
            cells.append(
                f"{found.sum():,} of {len(found):,} ({found.mean():.0%})" if len(found) else "none"
            )
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


if __name__ == "__main__":
    cli = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    cli.add_argument("data", type=Path)
    cli.add_argument("--splits", type=int, default=50)
    cli.add_argument(
        "--first",
        type=int,
        default=0,
        help="number of the first split: others than a rule was set on",
    )
    cli.add_argument("--k", default="chosen", help='"chosen", or a range such as 2-6')
    cli.add_argument("--table", action="append", help="only these")
    cli.add_argument("--raw", type=Path, help="every segment judged, as CSV")
    options = cli.parse_args()
    asked = None
    if options.k != "chosen":
        low, _, high = options.k.partition("-")
        asked = list(range(int(low), int(high or low) + 1))
    splits = range(options.first, options.first + options.splits)
    rows: list[dict[str, object]] = []
    for title, (stem, pick, encode) in TABLES.items():
        path = options.data / stem / f"{stem}.csv"
        if path.exists() and (not options.table or title in options.table):
            rows += cases(
                title, encode(pick(pd.read_csv(path, sep=None, engine="python"))), splits, asked
            )
    result = pd.DataFrame(rows)
    if options.raw:
        result.to_csv(options.raw, index=False)
    print(summary(result))
