"""Do verdicts mean what they say? The whole command runs on both halves of tables, again and again.

    python bench/halves.py DATA [--splits 10] [--first 0] [--k chosen|2-6] [--table mall …]
    [--raw cases.csv]

DATA is a folder of customer tables (see TABLES below; those absent are skipped); planted tables are
made anew for each split. The customers of a table are split at random. The command runs on one half
as it would on a table of its own (columns, scaling, logarithms and k are chosen there), and again
on the other; both then place the customers of the other half. A segment is found again when some
segment of the other run has a Jaccard similarity of at least .75 with it there. Both halves take
both parts. With k chosen, a segment is looked for in the other half twice: at the same k, and at
the k that the other half chooses. Prints two Markdown tables: of the segments given each verdict,
how many were found again, and how often each share was told.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

import shoal

Floats = NDArray[np.float64]

VERDICTS = ["act on it", "use with care", "do not rely on it"]
FOUND = 0.75
TOLD = [0, 0.1, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 1.001]  # shares between which told are counted


@dataclass(frozen=True)
class Customers:
    """A table of customers, or of their orders; `key` tells whose row it is."""

    rows: pd.DataFrame
    key: pd.Series
    options: dict[str, Any] = field(default_factory=dict)

    def halves(self, split: int) -> list[Customers]:
        """Two disjoint halves of the customers, their rows in the order of the table."""
        order = np.random.default_rng(split).permutation(self.key.unique())
        parts = (self.key.isin(part) for part in np.array_split(order, 2))
        return [Customers(self.rows[part], self.key[part], self.options) for part in parts]

    def segmented(self, k: int | None) -> shoal.Study:
        """What the whole command makes of these customers."""
        return shoal.segment(self.rows, k=k, seed=0, **self.options)

    def placed(self, study: shoal.Study) -> pd.Series:
        """The segment of each of these customers."""
        if "orders" not in self.options:
            return study.assign(self.rows)["segment"]
        made = shoal.orders(self.rows, date=self.options["date"])
        frame = pd.DataFrame({name: made.column(name) for name in made.table.schema.names})
        return study.assign(frame)["segment"]


def read(path: Path) -> Customers:
    """A table of customers."""
    rows = opened(path)
    return Customers(rows, rows.index.to_series())


def orders(path: Path, key: str, date: str) -> Customers:
    """A table of orders, all customers of which are seen from the day after the last one."""
    rows = opened(path)
    rows = rows[rows[key].notna()]
    last = pd.to_datetime(rows[date]).max().normalize() + pd.Timedelta(days=1)
    return Customers(rows, rows[key], {"orders": True, "date": f"{last:%Y-%m-%d}"})


def opened(path: Path) -> pd.DataFrame:
    if path.suffix == ".parquet":
        return pd.read_parquet(path)
    return pd.read_csv(path, sep=None, engine="python")


def at(name: str, ending: str = "csv") -> str:
    return f"{name}/{name}.{ending}"


Read = Callable[[Path], Customers]
TABLES: dict[str, tuple[str, Read]] = {
    "mall": (at("mall_customers"), read),
    "wholesale": (at("wholesale_customers"), read),
    "ifood": (at("ifood_marketing_campaign"), read),
    "eastwest": (at("eastwest_airlines"), read),
    "365": (at("segmentation_365"), read),
    "mcdonalds": (at("mcdonalds"), read),
    "bank": (at("uci_bank_4521"), read),
    "volunteers": (at("volunteers"), read),
    "ibm": (at("ibm_cust_segmentation"), read),
    "rfm customers": (at("rfm_data_customer", "parquet"), read),
    "rfm orders": (at("rfm_data_orders"), lambda p: orders(p, "customer_id", "order_date")),
    "cdnow": (at("cdnow"), lambda p: orders(p, "customer_id", "date")),
    "superstore": (
        at("superstore", "parquet"),
        lambda p: orders(p, "Customer ID", "Order Date"),
    ),
    "online retail": (
        at("online_retail", "parquet"),
        lambda p: orders(p, "CustomerID", "InvoiceDate"),
    ),
}


def planted(rng: np.random.Generator, groups: int, apart: float, rows: int) -> Floats:
    """Normal groups so many standard deviations apart, one column skewed; 1: no groups at all."""
    centres = rng.normal(size=(groups, 4))
    if groups > 1:
        between = np.linalg.norm(centres[:, None] - centres, axis=2)
        centres *= apart / between[between > 0].min()
    matrix = centres[rng.integers(0, groups, rows)] + rng.normal(size=(rows, 4))
    matrix[:, 0] = np.exp(matrix[:, 0] / matrix[:, 0].std())
    return matrix


PLANTED: dict[str, tuple[int, float, int]] = {
    "planted, four groups 6 sd apart": (4, 6.0, 1_000),
    "planted, five groups 3 sd apart": (5, 3.0, 3_000),
    "planted, six groups 4 sd apart": (6, 4.0, 60_000),
    "planted, no groups": (1, 0.0, 3_000),
    "planted, no groups, many": (1, 0.0, 60_000),
}


def made(split: int, groups: int, apart: float, rows: int) -> Customers:
    matrix = planted(np.random.default_rng((split, groups, rows)), groups, apart, rows)
    frame = pd.DataFrame(matrix, columns=[f"measure_{j}" for j in range(matrix.shape[1])])
    return Customers(frame, frame.index.to_series(), {"by": list(frame)})


def similarities(ours: pd.Series, theirs: pd.Series, k: int) -> Floats:
    """For each of our k segments, the Jaccard similarity of the most similar of theirs."""
    shared = pd.crosstab(ours, theirs).reindex(range(1, k + 1), fill_value=0).to_numpy(dtype=float)
    union = shared.sum(1, keepdims=True) + shared.sum(0) - shared
    return np.asarray((shared / np.maximum(union, 1)).max(axis=1))


def cases(customers: Customers, split: int, ks: list[int | None]) -> Iterator[dict[str, object]]:
    """One row for every segment judged: what was told, and its similarity in the other half."""
    halves = customers.halves(split)
    for k in ks:
        studies = [half.segmented(k) for half in halves]
        for mine, other, there in zip(studies, studies[::-1], halves[::-1], strict=True):
            same = other if other.k == mine.k else there.segmented(mine.k)
            ours = there.placed(mine)
            back = similarities(ours, there.placed(same), mine.k)
            anew = back if same is other else similarities(ours, there.placed(other), mine.k)
            judged = zip(mine.trust.segments, mine.segments["size"], back, anew, strict=True)
            for segment, size, found, chosen in judged:
                facts = {"split": split, "k": mine.k, "others_k": other.k, "size": size}
                facts |= {"kind": mine.choice.structure.value, "asked": k is not None}
                yield facts | {"found": found, "found_chosen": chosen} | vars(segment)


def rate(found: pd.Series) -> str:
    """How many of them were found again."""
    if not len(found):
        return "none"
    back = found >= FOUND
    return f"{back.sum():,} of {len(back):,} ({back.mean():.0%})"


def by_verdict(judged: pd.DataFrame) -> str:
    """Markdown: how many segments got each verdict, and how many of these were found again."""
    chosen = not judged.asked.all()
    heads = [*VERDICTS, *(["act on it, k chosen anew", "k the same"] if chosen else [])]
    lines = ["| table | " + " | ".join(heads) + " |", "|---|" + "---:|" * len(heads)]
    for name, group in [*judged.groupby("table", sort=False), ("**all**", judged)]:
        cells = [rate(group.found[group.verdict == verdict]) for verdict in VERDICTS]
        if chosen:
            halves = group.drop_duplicates(["table", "split"])
            cells.append(rate(group.found_chosen[group.verdict == VERDICTS[0]]))
            cells.append(f"{(halves.k == halves.others_k).mean():.0%}")
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def by_share(judged: pd.DataFrame) -> str:
    """Markdown: what was told of how often a segment is found again, and how often it was."""
    lines = ["| told | found again | segments |", "|---|---:|---:|"]
    for low, high in pairwise(TOLD):
        group = judged[(judged.found_again >= low) & (judged.found_again < high)]
        if len(group):
            back = (group.found >= FOUND).mean()
            lines.append(f"| {low:.0%} to {min(high, 1):.0%} | {back:.0%} | {len(group):,} |")
    return "\n".join(lines)


def asked_ks(words: str) -> list[int | None]:
    """None where k is to be chosen, else those of a range such as 2-6."""
    if words == "chosen":
        return [None]
    low, _, high = words.partition("-")
    return list(range(int(low), int(high or low) + 1))


if __name__ == "__main__":
    cli = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    cli.add_argument("data", type=Path)
    cli.add_argument("--splits", type=int, default=10)
    cli.add_argument("--first", type=int, default=0, help="number of the first split")
    cli.add_argument("--k", default="chosen", help='"chosen", or a range such as 2-6')
    cli.add_argument("--table", action="append", help="only these")
    cli.add_argument("--raw", type=Path, help="every segment judged, as CSV")
    options = cli.parse_args()
    ks, rows = asked_ks(options.k), []
    real = {name: (options.data / path, reader) for name, (path, reader) in TABLES.items()}
    tables: dict[str, Callable[[int], Customers]] = {
        **{n: lambda _, p=p, r=r: r(p) for n, (p, r) in real.items() if p.exists()},
        **{n: lambda split, recipe=recipe: made(split, *recipe) for n, recipe in PLANTED.items()},
    }
    for title, table in tables.items():
        if options.table and title not in options.table:
            continue
        for split in range(options.first, options.first + options.splits):
            rows += [{"table": title} | row for row in cases(table(split), split, ks)]
        if options.raw:
            pd.DataFrame(rows).to_csv(options.raw, index=False)
    result = pd.DataFrame(rows)
    print(by_verdict(result), "", by_share(result), sep="\n")
