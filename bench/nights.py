"""A year of nightly runs in a loop, one killed and some with broken tables: is all whole at its end?

    python bench/nights.py FOLDER [--nights 365] [--customers 300]

Each night a few customers leave and others of the same kind come, and the last whole run's model
is refreshed. On one night that is done by a process that is killed while it writes; on another the
table comes without one of its columns, and as a Parquet file that breaks off. All are run again with
what is right. At the end every run's files are opened, and numbers and names must be those of the
first night.
"""

from __future__ import annotations

import argparse
import csv
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd

import shoal

COLUMNS = ["spent", "orders", "minutes"]
PLACES = np.array([(120.0, 9.0, 210.0), (25.0, 2.0, 340.0), (310.0, 3.0, 45.0), (45.0, 14.0, 60.0)])
SPREAD = 0.1


class Shop:
    """Customers who change from night to night."""

    def __init__(self, customers: int, seed: int) -> None:
        self.rng = np.random.default_rng(seed)
        self.kind = self.rng.integers(0, len(PLACES), customers)
        self.ids = np.arange(customers)

    def night(self) -> pd.DataFrame:
        """The table of the next night."""
        left = self.rng.random(len(self.ids)) < 0.01
        self.ids[left] = np.arange(self.ids.max() + 1, self.ids.max() + 1 + left.sum())
        x = PLACES[self.kind] * np.exp(SPREAD * self.rng.normal(size=(len(self.kind), 3)))
        table = pd.DataFrame(x.round(2), columns=COLUMNS)
        table.insert(0, "customer_id", self.ids)
        return table


def command(*words: object) -> list[str]:
    """The command line, in a process of its own."""
    return [sys.executable, "-m", "shoal", *map(str, words), "--quiet"]


def killed(words: list[str], runs: Path) -> bool:
    """Start a run and kill it as soon as it writes; whether it was killed in time."""
    run = subprocess.Popen(words, env=os.environ)
    while run.poll() is None:
        if list(runs.glob(".shoal-*")):
            run.send_signal(signal.SIGKILL)
            run.wait()
            return True
        time.sleep(0.005)
    return False


def lacking(file: Path) -> Path:
    """The table without one of its columns."""
    broken = file.with_name("lacking.csv")
    pd.read_csv(file).drop(columns="minutes").to_csv(broken, index=False)
    return broken


def broken_off(file: Path) -> Path:
    """The table as Parquet, of which the last half is missing."""
    broken = file.with_name("broken-off.parquet")
    pd.read_csv(file).to_parquet(broken)
    content = broken.read_bytes()
    broken.write_bytes(content[: len(content) // 2])
    return broken


def main() -> int:
    """Run the nights, and look at what is there."""
    asked = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    asked.add_argument("folder", type=Path)
    asked.add_argument("--nights", type=int, default=365)
    asked.add_argument("--customers", type=int, default=300)
    given = asked.parse_args()
    runs, shop = given.folder / "runs", Shop(given.customers, 3)
    runs.mkdir(parents=True, exist_ok=True)
    kill_on, break_on = given.nights // 3, 2 * given.nights // 3
    before: Path | None = None
    for night in range(given.nights):
        file, out = given.folder / "tonight.csv", runs / f"night-{night + 1}"
        shop.night().to_csv(file, index=False)
        if before is None:
            shoal.segment(file, out=out)
            names = shoal.load(out / "model.json").names
            shoal.load(out / "model.json").renamed({2: "Sleepers"}).save(out / "model.json")
            names = (names[0], "Sleepers", *names[2:])
            before = out
            continue
        words = command("refresh", before / "model.json", file, "--out", out)
        if night == kill_on:
            print(
                f"night {night + 1}: killed while it wrote: {killed(words, runs)}, "
                f"and left no results: {not out.exists()}"
            )
        if night == break_on:
            for broken in (lacking(file), broken_off(file)):
                words[5] = str(broken)
                told = subprocess.run(words, capture_output=True, text=True)
                print(
                    f"night {night + 1}: {broken.name}, exit code {told.returncode}, "
                    f"no results: {not out.exists()}; it says: {told.stderr.strip()}"
                )
            words[5] = str(file)
        shoal.load(before / "model.json").refresh(file, out=out)
        before = out
    return looked_at(runs, given.nights, given.customers, names)


def looked_at(runs: Path, nights: int, customers: int, names: tuple[str, ...]) -> int:
    """Whether every run is there and whole, with the numbers and names of the first night."""
    found = shoal.history(runs)
    wrong = [run.name for run in found.runs[1:] if tuple(s.name for s in run.segments) != names]
    short = []
    for run in found.runs:
        with open(runs / run.name / "customers.csv", newline="", encoding="utf-8") as file:
            if sum(1 for _ in csv.reader(file)) != customers + 1:
                short.append(run.name)
    left = [each.name for each in runs.iterdir() if each.name.startswith(".")]
    refits = sum(bool(run.refitted) for run in found.runs)
    print(
        f"{len(found.runs)} of {nights} runs, {refits} fitted again; other names: {wrong}; "
        f"labels not whole: {short}; left behind: {left}; findings: {len(found.findings)}"
    )
    return int(bool(wrong or short or left or found.findings) or len(found.runs) != nights)


if __name__ == "__main__":
    sys.exit(main())
