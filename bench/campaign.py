"""Do the intervals of campaigns cover the truth, and do plans keep what they promise?

    python bench/campaign.py [--campaigns 1000] [--seed 0] [--kind "money, tail 1"]

Simulates campaigns of 3 to 8 segments of 1,000 to 50,000 customers (evenly in logarithms), of whom
10 to 50 % are held out: rates of 1 to 30 %, and money of which 90 % is zero and the rest lognormal,
with or without money before that explains some of it. Each is planned and read by the public
functions, once with no effect and once with the smallest lifts of its plan, half by more buyers and
half by larger amounts. Prints a Markdown table, with twice the standard error of each share:

- one covers: how often the interval of a segment alone (`low_alone`, `high_alone`) holds the truth,
  without an effect and with one;
- all cover: how often all adjusted ones (`low`, `high`) of a campaign do;
- false alarms: how often anything is said to work or harm where nothing does;
- found: how often a lift is said to work that the plan promised for 80 of 100.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa

import shoal

PAYING = 0.1
SEGMENTS = range(3, 9)
HELD_OUT = (0.1, 0.5)
SIZES = (1_000, 50_000)
NO_PROMISE = 0.5  # the lift, as a share of the mean, where a plan promises none


class Truth(NamedTuple):
    """What there is without a campaign, and with one: rates, or shares of payers and times."""

    rate: float | None
    tail: float
    explained: bool  # whether money before is of the same payers


KINDS = {f"rate {rate:.0%}": Truth(rate, 0.0, False) for rate in (0.01, 0.03, 0.1, 0.3)}
KINDS |= {f"money, tail {tail:g}": Truth(None, tail, False) for tail in (1.0, 1.25, 1.5)}
KINDS["money, tail 1, some explained"] = Truth(None, 1.0, True)


class Told(NamedTuple):
    """What one campaign showed."""

    one: list[bool]
    one_with_effect: list[bool]
    every: list[bool]
    alarms: list[bool]
    found: list[bool]


def customers(sizes: np.ndarray, rng: np.random.Generator) -> pa.Table:
    """So many of each kind, far apart."""
    kind = np.repeat(np.arange(len(sizes)), sizes)
    far = 20.0 * kind + rng.uniform(-1, 1, len(kind))
    return pa.table({"customer_id": np.arange(len(kind)), "a": far, "b": 10 * far + 5})


def paid(more: np.ndarray, tail: float, latent: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Money, `more` times as much on average; `latent` (n,) is how much a customer likes to pay."""
    pays = rng.random(len(more)) < PAYING * np.sqrt(more)
    return np.where(pays, np.exp(3 + tail * latent) * np.sqrt(more), 0.0)


def planned(
    models: dict[int, shoal.Model], truth: Truth, rng: np.random.Generator
) -> tuple[shoal.CampaignPlan, Callable[[np.ndarray], np.ndarray]]:
    """A plan, and what comes of lifts (n,) of its customers."""
    many = int(rng.choice(SEGMENTS))
    sizes = np.exp(rng.uniform(*np.log(SIZES), many)).astype(int)
    table, hold_out = customers(sizes, rng), float(rng.uniform(*HELD_OUT))
    if truth.rate is not None:
        plan = shoal.campaign.plan(models[many], table, hold_out=hold_out, rate=truth.rate)
        return plan, lambda lift: (rng.random(len(lift)) < truth.rate + lift).astype(int)
    n, ones = table.num_rows, np.ones(table.num_rows)
    liking = rng.normal(size=n)
    pays = rng.random(n) < PAYING
    before = np.where(pays, np.exp(3 + truth.tail * liking), 0.0)
    known = table.append_column("before", pa.array(before))
    plan = shoal.campaign.plan(models[many], known, hold_out=hold_out, value="before")
    mean = mean_of(truth)
    rows = plan.groups.column("customer_id").cast("int64").to_numpy()

    def outcome(lift: np.ndarray) -> np.ndarray:
        more = ones[: len(lift)] + lift / mean
        if not truth.explained:
            return paid(more, truth.tail, rng.normal(size=len(lift)), rng)
        again = paid(more, truth.tail, liking[rows], rng)
        stays = pays[rows] & (rng.random(len(lift)) < 0.9)  # and whoever paid pays again, mostly
        return np.where(stays, before[rows] * more, again * (rng.random(len(lift)) < 0.1))

    return plan, outcome


def mean_of(truth: Truth) -> float:
    if truth.rate is not None:
        return truth.rate
    own = PAYING * float(np.exp(3 + truth.tail**2 / 2))
    return own * (0.9 + 0.1 * (1 - 0.9 * PAYING)) if truth.explained else own


def campaign(name: str, models: dict[int, shoal.Model], seed: int) -> Told:
    """One campaign of a kind, read without an effect and with one."""
    truth, rng = KINDS[name], np.random.default_rng([seed, list(KINDS).index(name)])
    plan, outcome = planned(models, truth, rng)
    groups = plan.groups
    target = groups.column("group").to_numpy() == "target"
    number, ids = groups.column("segment").to_numpy(), groups.column("customer_id").cast("int64")
    promised = {s.id: lift_of(s, truth) for s in plan.segments}
    lifts = {i: x or NO_PROMISE * mean_of(truth) for i, x in promised.items()}
    told = Told([], [], [], [], [])
    for times in (0.0, 1.0):
        lift = np.array([lifts.get(i, 0.0) for i in range(max(lifts) + 1)])[number] * times
        table = pa.table({"customer_id": ids, "outcome": outcome(np.where(target, lift, 0.0))})
        read = shoal.campaign.read(plan, table, missing="aside")
        looked = [s for s in read.segments if s.low is not None]
        told.every.append(all(s.low <= times * lifts[s.id] <= s.high for s in looked))
        one = [s.low_alone <= times * lifts[s.id] <= s.high_alone for s in looked]
        (told.one_with_effect if times else told.one).extend(one)
        if not times:
            told.alarms.append(any(s.verdict != "cannot tell" for s in read.segments))
        else:
            told.found.extend(s.verdict == "works" for s in read.segments if promised[s.id])
    return told


def lift_of(segment: object, truth: Truth) -> float | None:
    return segment.smallest_lift if truth.rate is not None else segment.smallest_money_lift


def shares(told: list[Told]) -> Iterator[str]:
    """Each with twice its standard error; segments of a campaign are taken as independent."""
    for name in Told._fields:
        seen = [yes for each in told for yes in getattr(each, name)]
        share = float(np.mean(seen))
        yield f"{share:.1%} ± {2 * np.sqrt(share * (1 - share) / len(seen)):.1%}"


def models_of(folder: Path) -> dict[int, shoal.Model]:
    """A model for each number of segments."""
    made = {}
    for many in SEGMENTS:
        table = customers(np.full(many, 500), np.random.default_rng(0))
        made[many] = shoal.segment(table, k=many, k_max=many, out=folder / str(many)).model
    return made


def main() -> None:
    asked = argparse.ArgumentParser()
    asked.add_argument("--campaigns", type=int, default=1000)
    asked.add_argument("--seed", type=int, default=0)
    asked.add_argument("--kind", choices=list(KINDS), action="append")
    given = asked.parse_args()
    kinds = given.kind or list(KINDS)
    began, each = time.perf_counter(), given.campaigns // len(kinds)
    print(
        "| outcome | campaigns | one covers | … with an effect | all cover | false alarms | found |"
    )
    print("|---|---|---|---|---|---|---|")
    seeds = range(given.seed * each, (given.seed + 1) * each)
    with tempfile.TemporaryDirectory() as folder:
        models = models_of(Path(folder))
        for name in kinds:
            told = [campaign(name, models, seed) for seed in seeds]
            print(f"| {name} | {each} | {' | '.join(shares(told))} |", flush=True)
    print(f"\n{time.perf_counter() - began:.0f} s")


if __name__ == "__main__":
    main()
