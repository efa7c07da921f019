"""Does `compare` raise an alarm when it should, and only then?

    python bench/drift.py [--reps 100] [--sizes 200 20000 1000000] [--seed 0] [--columns 8] [FILE …]

For each size a table of customers is generated (or as many are drawn from each FILE, with
replacement) and segmented, then compared again and again: with resamples of itself (chance), with a
shift of 2 % of a standard deviation (too small to matter), with one column in another unit, and
with a tenth replaced by another kind, or by customers whose columns belong to nobody. Prints a
Markdown table of how many of the comparisons raised an alarm.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

import shoal

Made = Callable[[int, np.random.Generator], pd.DataFrame]
Change = Callable[[pd.DataFrame, np.random.Generator], pd.DataFrame]


def customers(rows: int, rng: np.random.Generator, columns: int) -> pd.DataFrame:
    """Four kinds of customers, some skewed columns, some counts, one of words, some gaps."""
    kind = rng.choice(4, rows, p=[0.4, 0.3, 0.2, 0.1])
    made: dict[str, object] = {"customer_id": np.arange(rows)}
    for number in range(columns - 1):
        place = np.array([0.0, 2.0, 4.0, 1.0])[(kind + number) % 4]
        x = place + rng.normal(size=rows)
        shapes = [x * 10 + 50, np.exp(x / 2) * 20, np.floor(np.exp(x / 3)), x]
        made[f"c{number}"] = shapes[number % 4]
    gaps = rng.random(rows) < 0.03
    made["c0"] = np.where(gaps, np.nan, made["c0"])  # type: ignore[arg-type]
    made["plan"] = np.array(["free", "basic", "plus", "pro"])[
        np.where(rng.random(rows) < 0.6, kind, rng.integers(0, 4, rows))
    ]
    return pd.DataFrame(made)


def resampled(table: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    again = table.iloc[rng.integers(0, len(table), len(table))].reset_index(drop=True)
    return again.assign(customer_id=np.arange(len(again)))


def measures(table: pd.DataFrame) -> list[str]:
    """The columns of many different numbers."""
    return [c for c in table.select_dtypes(float) if table[c].nunique() > 5]


def too_small(table: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    again, column = resampled(table, rng), measures(table)[0]
    return again.assign(**{column: again[column] + 0.02 * table[column].std()})


def another_unit(table: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    again, column = resampled(table, rng), str(rng.choice(measures(table)))
    return again.assign(**{column: again[column] * rng.choice([100, 0.01, 1000])})


def another_kind(table: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """A tenth are customers with other values in half of the columns: about two deviations off."""
    again, columns = resampled(table, rng), measures(table)
    new = rng.choice(len(again), len(again) // 10, replace=False)
    for column in rng.choice(columns, (len(columns) + 1) // 2, replace=False):
        place = table[column].mean() + rng.choice([-2, 2]) * table[column].std()
        own = place + rng.normal(size=len(new)) * table[column].std() / 3
        again.loc[new, column] = own
    return again


def shuffled(table: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """A tenth are customers whose columns belong to nobody: each is drawn from all, on its own."""
    again = resampled(table, rng)
    new = rng.choice(len(again), len(again) // 10, replace=False)
    for column in [c for c in table if c != "customer_id"]:
        again.loc[new, column] = rng.choice(table[column].to_numpy(), len(new))
    return again


CHANGES: dict[str, tuple[Change, str]] = {
    "resamples": (resampled, "at most 5 %"),
    "shifted by .02 deviations": (too_small, "none at a million"),
    "another unit": (another_unit, "all"),
    "a tenth of another kind": (another_kind, "at least 90 %"),
    "a tenth with columns of others": (shuffled, "–"),
}


def mall(rows: int, rng: np.random.Generator) -> pd.DataFrame:
    """Whole numbers with many ties, a word of two, and money that most do not spend."""
    kind = rng.choice(5, rows, p=[0.4, 0.2, 0.2, 0.1, 0.1])
    income = np.array([55, 87, 25, 26, 88])[kind] + rng.normal(0, 8, rows)
    score = np.array([50, 82, 79, 21, 17])[kind] + rng.normal(0, 8, rows)
    spent = np.where(rng.random(rows) < 0.15, rng.lognormal(3, 1, rows).round(2), 0.0)
    made = {
        "age": rng.normal([43, 33, 25, 45, 41], 9)[kind].round() + rng.integers(-9, 9, rows),
        "income": income.round(),
        "score": score.round(),
        "spent": spent,
        "gender": rng.choice(["Female", "Male"], rows, p=[0.56, 0.44]),
    }
    return pd.DataFrame({"customer_id": np.arange(rows)} | made)


def drawn_from(file: str) -> Made:
    """Customers of a file, its id left out."""
    whole = pd.read_csv(file, sep=None, engine="python")
    whole = whole[[c for c in whole if 1 < whole[c].nunique() < len(whole)]]
    whole = whole.astype(dict.fromkeys(whole.select_dtypes("number"), float))

    def made(rows: int, rng: np.random.Generator) -> pd.DataFrame:
        table = whole.sample(rows, replace=True, random_state=rng).reset_index(drop=True)
        return table.assign(customer_id=np.arange(rows))

    return made


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", nargs="*", metavar="FILE")
    parser.add_argument("--reps", type=int, default=100)
    parser.add_argument("--sizes", type=int, nargs="+", default=[200, 20_000, 1_000_000])
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--columns", type=int, default=8)
    asked = parser.parse_args()
    bases: dict[str, Made] = {
        "generated": partial(customers, columns=asked.columns),
        "like a mall's": mall,
    }
    if asked.files:
        bases = {Path(file).stem: drawn_from(file) for file in asked.files}
    print("| customers | of | " + " | ".join(CHANGES) + " | seconds a comparison |")
    print("|" + "---|" * (len(CHANGES) + 3))
    for size in asked.sizes:
        for name, base in bases.items():
            print(f"| {size:,} | {name} | {told(base, size, asked)} |", flush=True)
    print("| asked for | | " + " | ".join(goal for _, goal in CHANGES.values()) + " | |")


def told(base: Made, size: int, asked: argparse.Namespace) -> str:
    """The alarms of one table, change by change, and how long a comparison took."""
    rng = np.random.default_rng(asked.seed)
    table = base(size, rng)
    study = shoal.segment(table, id="customer_id")
    table = table[["customer_id", *study.recipe.columns]]  # what formed segments is compared
    began, cells = time.perf_counter(), []
    for change, _ in CHANGES.values():
        alarms = sum(study.compare(change(table, rng)).alarm for _ in range(asked.reps))
        cells.append(f"{alarms} of {asked.reps}")
    spent = (time.perf_counter() - began) / (asked.reps * len(CHANGES))
    return f"{' | '.join(cells)} | {spent:.2f}"


if __name__ == "__main__":
    main()
