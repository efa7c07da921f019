"""Do names keep when a tenth of the customers is missing?

    python bench/names.py DATA [--drops 3] [--table mall_customers --table …]

DATA is a folder of customer tables, each in a folder of its own name (CSV, Parquet); benchmark
sets are left out. Each table is segmented, and again with the same k without a tenth of its rows,
drawn at random. A segment is followed to the one that holds most of its customers; it keeps its
name when that one is called the same. Prints a line a table and the share over all of them.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

import shoal

ENDINGS = (".csv", ".parquet")


def tables(data: Path, wanted: list[str]) -> list[Path]:
    """The first table of each folder."""
    found = []
    for folder in sorted(p for p in data.iterdir() if p.is_dir()):
        files = sorted(f for f in folder.iterdir() if f.suffix in ENDINGS)
        own = [f for f in files if f.stem == folder.name]
        if own and (not wanted or folder.name in wanted):
            found.append(own[0])
    return found


def customers(path: Path) -> tuple[pd.DataFrame, list[str] | None]:
    """The rows, one a customer, and the columns that form segments where orders are summed up."""
    frame = shoal.read(path).to_arrow().to_pandas()
    try:
        made = shoal.orders(frame)
    except shoal.ShoalError:
        return frame, None
    return made.table.to_arrow().to_pandas(), list(made.by)


def kept(
    frame: pd.DataFrame, by: list[str] | None, study: shoal.Study, part: np.ndarray
) -> tuple[int, list[str]]:
    """How many segments keep their names on a part of the rows, and what becomes of the others."""
    again = shoal.segment(frame.iloc[part].reset_index(drop=True), k=study.k, by=by)
    before, after = study.labels[part], again.labels
    same, lost = 0, []
    for number in range(1, study.k + 1):
        inside = after[(before == number) & (after > 0)]
        heir = int(np.bincount(inside).argmax()) if len(inside) else 0
        was = study.segments.loc[number, "name"]
        now = again.segments.loc[heir, "name"] if heir else "nobody"
        same += was == now
        lost += [] if was == now else [f"{was} -> {now}"]
    return same, lost


def main() -> None:
    """Measure, and print the figure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--drops", type=int, default=3)
    parser.add_argument("--table", action="append", default=[])
    given = parser.parse_args()
    names = stayed = 0
    for path in tables(given.data, given.table):
        frame, by = customers(path)
        study = shoal.segment(frame, by=by)
        own, lost = 0, []
        for seed in range(given.drops):
            drawn = np.random.default_rng(seed).permutation(len(frame))
            same, changed = kept(frame, by, study, np.sort(drawn[len(frame) // 10 :]))
            own += same
            lost += changed
        names += study.k * given.drops
        stayed += own
        print(
            f"{path.stem}: {own} of {study.k * given.drops} kept", *lost, sep="\n    ", flush=True
        )
    print(f"{stayed} of {names} names kept: {stayed / max(names, 1):.1%}")


if __name__ == "__main__":
    main()
