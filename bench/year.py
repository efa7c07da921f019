"""A year of monthly tables, generated: who the customers of a shop of subscriptions are.

    python bench/year.py FOLDER            # twelve CSV files, 2025-01.csv to 2025-12.csv
    python bench/year.py FOLDER --run      # and a run a month beside them: refresh after refresh

In each month a tenth of the customers leave and others of the same kind come; some spend more. From
May on money is in cents; from July on there is a kind of customer that was not there before; from
October on two kinds have become one.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

import shoal

MONTHS = [f"2025-{month:02}" for month in range(1, 13)]
SEED = 7
# kind → spent a month, orders a quarter, minutes in the app, months since the first order
KINDS = {
    "regulars": (120.0, 9.0, 210.0, 30.0),
    "browsers": (25.0, 2.0, 340.0, 14.0),
    "bulk": (310.0, 3.0, 45.0, 22.0),
    "new": (45.0, 2.5, 120.0, 2.0),
    "gift": (200.0, 14.0, 30.0, 6.0),
}
SPREAD = (0.12, 0.15, 0.15, 0.15)


def kinds_of(month: int) -> dict[str, tuple[float, ...]]:
    """The kinds that there are in a month, counted from 0, and where each is."""
    there = {name: place for name, place in KINDS.items() if name != "gift" or month >= 6}
    if month >= 9:  # browsers and new ones are alike from then on
        both = tuple((a + b) / 2 for a, b in zip(there["browsers"], there["new"], strict=True))
        there |= {"browsers": both, "new": both}
    return there


def months(customers: int = 1500, seed: int = SEED) -> dict[str, pd.DataFrame]:
    """The tables by month."""
    rng = np.random.default_rng(seed)
    names = list(KINDS)
    kind = rng.choice(4, customers, p=[0.35, 0.3, 0.2, 0.15])
    ids, next_id, made = np.arange(customers), customers, {}
    for number, name in enumerate(MONTHS):
        left = rng.random(len(ids)) < 0.1
        ids[left] = np.arange(next_id, next_id + left.sum())
        next_id += int(left.sum())
        if number == 6:
            come = np.arange(next_id, next_id + customers // 6)
            next_id += len(come)
            ids, kind = np.append(ids, come), np.append(kind, np.full(len(come), 4))
        places = kinds_of(number)
        place = np.array([places.get(each, KINDS[each]) for each in names])[kind]
        x = place * np.exp(rng.normal(size=place.shape) * SPREAD)
        table = pd.DataFrame(x.round(2), columns=["spent", "orders", "minutes", "tenure_months"])
        if number >= 4:
            table["spent"] = (100 * table["spent"]).round()
        table.insert(0, "customer_id", ids)
        made[name] = table
    return made


def main() -> None:
    """Write the tables, and run where that is asked for."""
    asked = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    asked.add_argument("folder", type=Path)
    asked.add_argument("--run", action="store_true")
    given = asked.parse_args()
    given.folder.mkdir(exist_ok=True, parents=True)
    before: Path | None = None
    for name, table in months().items():
        file = given.folder / f"{name}.csv"
        table.to_csv(file, index=False)
        if not given.run:
            continue
        out = given.folder / "runs" / name
        if before is None:
            shoal.segment(file, out=out)
        else:
            model = shoal.load(before / "model.json")
            found = model.refresh(file, old=before / "customers.csv", out=out)
            print(name, found)
        before = out
    if given.run:
        shoal.history(given.folder / "runs").html(given.folder / "history.html")


if __name__ == "__main__":
    main()
