"""Do the intervals of campaigns cover the truth, and do plans keep what they promise?

    python bench/campaign.py [--reps 1000] [--seed 0]

Simulates campaigns of three segments with a fifth held out: rates of 1 to 30 %, and money of which
90 % is zero and the rest is lognormal. Each is planned and read by the public functions, with no
effect and with the smallest lift that the plan says is shown in 80 of 100. Prints a Markdown table:
how often a segment's own interval covers the truth, how often all adjusted ones do together, how
often anything is said to work or harm where nothing does, and how often a true lift is found.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

import shoal

RATES = (0.01, 0.03, 0.1, 0.3)
TAILS = (0.8, 1.0, 1.2)  # of the logarithm of an amount above zero
PAYING = 0.1
SEGMENTS = 3


def customers(size: int, rng: np.random.Generator) -> pd.DataFrame:
    kind = np.arange(size) % SEGMENTS
    far = 20.0 * kind + rng.normal(size=size)
    return pd.DataFrame({"customer_id": np.arange(size), "a": far, "b": 10 * far + 5})


def amounts(size: int, tail: float, more: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Money of which most is zero; `more` times as much, half by more buyers, half by more each."""
    pays = rng.random(size) < PAYING * np.sqrt(more)
    return np.where(pays, rng.lognormal(3, tail, size) * np.sqrt(more), 0.0)


def truth_of(tail: float) -> float:
    return float(PAYING * np.exp(3 + tail**2 / 2))


class Told:
    """What was counted over many campaigns of a kind."""

    def __init__(self) -> None:
        self.covered: list[bool] = []
        self.together: list[bool] = []
        self.alarms: list[bool] = []
        self.found: list[bool] = []

    def add(self, read: shoal.CampaignRead, lift: float) -> None:
        segments = read.segments
        self.covered += [s.low_alone <= lift <= s.high_alone for s in segments]
        self.together.append(all(s.low <= lift <= s.high for s in segments))
        verdicts = [s.verdict for s in segments]
        if lift == 0:
            self.alarms.append(any(v != "cannot tell" for v in verdicts))
        else:
            self.found += [v == "works" for v in verdicts]

    def row(self, name: str) -> str:
        shares = (self.covered, self.together, self.alarms, self.found)
        return f"| {name} | " + " | ".join(f"{np.mean(s):.1%}" for s in shares) + " |"


def rates(plan: shoal.CampaignPlan, rate: float, rng: np.random.Generator) -> Iterator[tuple]:
    groups = plan.groups.to_pandas()
    target = (groups["group"] == "target").to_numpy()
    for lift in (0.0, plan.segments[0].smallest_lift):
        yes = rng.random(len(groups)) < rate + lift * target
        ids = groups["customer_id"]
        yield lift, pd.DataFrame({"customer_id": ids, "bought": yes.astype(int)})


def money(plan: shoal.CampaignPlan, tail: float, rng: np.random.Generator) -> Iterator[tuple]:
    groups = plan.groups.to_pandas()
    target = (groups["group"] == "target").to_numpy()
    mean = truth_of(tail)
    for lift in (0.0, plan.segments[0].smallest_money_lift):
        more = np.where(target, 1 + lift / mean, 1.0)
        paid = amounts(len(groups), tail, more, rng)
        yield lift, pd.DataFrame({"customer_id": groups["customer_id"], "paid": paid})


def main() -> None:
    asked = argparse.ArgumentParser()
    asked.add_argument("--reps", type=int, default=1000)
    asked.add_argument("--size", type=int, default=15_000)
    asked.add_argument("--seed", type=int, default=0)
    given = asked.parse_args()
    rng = np.random.default_rng(given.seed)
    table = customers(given.size, rng)
    print("| outcome | one interval covers | all cover | false alarms | found |")
    print("|---|---|---|---|---|")
    each = given.reps // (len(RATES) + len(TAILS))
    with tempfile.TemporaryDirectory() as folder:
        model = shoal.segment(table, k=SEGMENTS, k_max=SEGMENTS, out=Path(folder)).model
        for rate in RATES:
            told, plan = Told(), shoal.campaign.plan(model, table, rate=rate)
            for _ in range(each):
                for lift, outcomes in rates(plan, rate, rng):
                    told.add(shoal.campaign.read(plan, outcomes, missing="aside"), lift)
            print(told.row(f"rate {rate:.0%}"), flush=True)
        for tail in TAILS:
            told = Told()
            for number in range(each):
                if number % 20 == 0:  # another past now and then: what a plan knows is a sample
                    before = amounts(len(table), tail, np.ones(len(table)), rng)
                    known = table.assign(paid_before=before)
                    plan = shoal.campaign.plan(model, known, value="paid_before")
                for lift, outcomes in money(plan, tail, rng):
                    told.add(shoal.campaign.read(plan, outcomes, missing="aside"), lift)
            print(told.row(f"money, tail {tail:g}"), flush=True)


if __name__ == "__main__":
    main()
