"""Refresh under planted conditions: how often numbers stay, and how often fates are named rightly.

Each condition plants segments in a table, and in the table of the next month changes what its name
says: customers are replaced by others of the same kind, noise is added, a segment goes, one comes,
one falls into two, two become one, columns are in other units, one is called otherwise. Plans
differ: 3 to 8 segments in 3 to 10 columns, 600 to 5,000 customers, far apart or nearer, columns even
or with a long tail. Half of the refreshes are given the labelled customers of before (`old`), and
half of the first months are told the number of segments.

    python bench/refresh.py                 # all conditions, 500 refreshes
    python bench/refresh.py --rounds 3      # a few of each
    python bench/refresh.py --first 100000  # other seeds
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd

import shoal

ROUNDS = 50  # of each of ten conditions
# What columns are called, what they may be called next month, their middle, and their unit.
COLUMNS = {
    "spent": ("Total spent", 400.0, 12.0),
    "visits": ("n_visits", 90.0, 3.0),
    "age": ("q7", 120.0, 5.0),
    "basket": ("basket_eur", 700.0, 20.0),
    "discount": ("Discount given", 20.0, 0.4),
    "minutes": ("MINUTES", 3000.0, 80.0),
    "returns": ("x12", 55.0, 1.0),
    "distance": ("distance km", 250.0, 6.0),
    "emails": ("emails_opened", 35.0, 0.7),
    "stock": ("v_final2", 10000.0, 300.0),
}
SHARP, SOFT = 7.0, 4.8  # standard deviations between the two nearest segments


@dataclass(frozen=True)
class Plan:
    """What is planted: where segments lie, how wide they are, and whom they have."""

    places: np.ndarray  # (k, d)
    sizes: np.ndarray  # (k,)
    between: float  # the least distance of places
    tailed: np.ndarray  # (d,) columns with a long tail
    rng: np.random.Generator

    @property
    def columns(self) -> list[str]:
        """The columns that segments are formed on."""
        return list(COLUMNS)[: self.places.shape[1]]


@dataclass(frozen=True)
class Month:
    """A month: the table, and each customer's planted segment, by the order of the index."""

    table: pd.DataFrame
    truth: np.ndarray


@dataclass(frozen=True)
class Expected:
    """What is right: what each planted segment of the new month is of, and its fate."""

    of: dict[int, list[int]]  # new planted segment → the old ones
    fates: dict[int, str]
    gone: tuple[int, ...] = ()


def plan(seed: int) -> Plan:
    """Segments of a month, no two of them nearer than they shall be."""
    rng = np.random.default_rng(seed)
    k, d = int(rng.integers(3, 9)), int(rng.integers(3, 11))
    between = float(rng.choice([SHARP, SOFT]))
    while True:
        places = rng.uniform(-1, 1, (k, d)) * between * 1.7
        if apart(places) >= between:
            break
    customers = np.exp(rng.uniform(np.log(600), np.log(5000)))
    shares = rng.uniform(1, 2.5, k)
    sizes = np.maximum(shares / shares.sum() * customers, 40).astype(int)
    return Plan(places, sizes, between, rng.random(d) < 0.3, rng)


def apart(places: np.ndarray) -> float:
    """The least distance between two places."""
    between = np.linalg.norm(places[:, None] - places[None], axis=2)
    return float(between[~np.eye(len(places), dtype=bool)].min())


def month(made: Plan, places: np.ndarray, of: np.ndarray, ids: np.ndarray) -> Month:
    """Customers with these ids, each around the place of their segment."""
    x = places[of] + made.rng.normal(size=(len(of), places.shape[1]))
    table = pd.DataFrame({"customer": ids})
    for at, name in enumerate(made.columns):
        _, middle, unit = COLUMNS[name]
        even = middle + unit * x[:, at]
        table[name] = middle * np.exp(0.12 * x[:, at]) if made.tailed[at] else even
    return Month(table.sample(frac=1, random_state=int(made.rng.integers(2**31))), of)


def labels(sizes: np.ndarray) -> np.ndarray:
    """The segment of each customer."""
    return np.repeat(np.arange(len(sizes)), sizes)


def stay(k: int, gone: tuple[int, ...] = ()) -> Expected:
    """Every segment is kept but those that went."""
    left = [i for i in range(k) if i not in gone]
    return Expected({i: [i] for i in left}, dict.fromkeys(left, "kept"), gone)


def replaced(share: float) -> Callable[[Plan], tuple[Month, Expected]]:
    """A share of the customers is replaced by others of the same kind."""

    def made(plan: Plan) -> tuple[Month, Expected]:
        of = labels(plan.sizes)
        ids = np.arange(len(of))
        new = plan.rng.random(len(of)) < share
        ids[new] += 100_000
        return month(plan, plan.places, of, ids), stay(len(plan.sizes))

    return made


def noise(plan: Plan) -> tuple[Month, Expected]:
    """Every value is read with noise, and a tenth of the customers with ten times of it."""
    of = labels(plan.sizes)
    found = month(plan, plan.places, of, np.arange(len(of)))
    table = found.table.copy()
    spread = table[plan.columns].std().to_numpy()
    often = np.where(plan.rng.random(len(table)) < 0.05, 5.0, 1.0)[:, None]
    shaken = plan.rng.normal(size=(len(table), len(plan.columns))) * spread * 0.08 * often
    table[plan.columns] += shaken
    return Month(table, of), stay(len(plan.sizes))


def removed(plan: Plan) -> tuple[Month, Expected]:
    """A segment's customers are there no more."""
    of = labels(plan.sizes)
    gone = int(plan.rng.integers(len(plan.sizes)))
    left = of != gone
    found = month(plan, plan.places, of[left], np.arange(len(of))[left])
    return found, stay(len(plan.sizes), (gone,))


def added(plan: Plan) -> tuple[Month, Expected]:
    """Customers of another kind come."""
    k = len(plan.sizes)
    while True:
        place = plan.rng.uniform(-2.2, 2.2, (1, plan.places.shape[1])) * plan.between
        places = np.vstack([plan.places, place])
        if apart(places) >= plan.between:
            break
    of = labels(np.append(plan.sizes, plan.rng.choice(plan.sizes)))
    ids = np.arange(len(of))
    ids[of == k] += 100_000
    wanted = stay(k)
    return month(plan, places, of, ids), Expected(
        wanted.of | {k: []}, wanted.fates | {k: "born"}, ()
    )


def split(plan: Plan) -> tuple[Month, Expected]:
    """A segment's customers go apart, to both sides."""
    k, d = plan.places.shape
    one = int(plan.rng.integers(k))
    while True:
        way = plan.rng.normal(size=d)
        way *= plan.between * 0.54 / np.linalg.norm(way)
        places = np.vstack([plan.places, plan.places[one] - way])
        places[one] = plan.places[one] + way
        if apart(places) >= plan.between * 0.85:
            break
        one = int(plan.rng.integers(k))
    of = labels(plan.sizes)
    other = (of == one) & (np.arange(len(of)) % 2 == 0)
    of = np.where(other, k, of)
    wanted = stay(k)
    return month(plan, places, of, np.arange(len(of))), Expected(
        wanted.of | {k: [one]}, wanted.fates | {one: "split", k: "split"}
    )


def merged(plan: Plan) -> tuple[Month, Expected]:
    """The two that are nearest meet half-way."""
    between = np.linalg.norm(plan.places[:, None] - plan.places[None], axis=2)
    np.fill_diagonal(between, np.inf)
    one, other = (int(i) for i in np.unravel_index(between.argmin(), between.shape))
    places = plan.places.copy()
    places[one] = (places[one] + places[other]) / 2
    of = np.where(labels(plan.sizes) == other, one, labels(plan.sizes))
    left = [i for i in range(len(plan.sizes)) if i != other]
    fates = {i: "merged" if i == one else "kept" for i in left}
    parts = {i: sorted([one, other]) if i == one else [i] for i in left}
    return month(plan, places, of, np.arange(len(of))), Expected(parts, fates)


def rescaled(plan: Plan) -> tuple[Month, Expected]:
    """One or all columns are in another unit."""
    found, wanted = replaced(0.1)(plan)
    factors = [100.0, 0.01, 1000.0, 12.0, 1 / 60, 0.001, 7.3]
    every = plan.rng.random() < 0.3
    columns = plan.columns if every else [str(plan.rng.choice(plan.columns))]
    table = found.table.assign(
        **{name: found.table[name] * float(plan.rng.choice(factors)) for name in columns}
    )
    return Month(table, found.truth), wanted


def called_otherwise(plan: Plan) -> tuple[Month, Expected]:
    """A column has another name, which may say nothing."""
    found, wanted = replaced(0.1)(plan)
    name = str(plan.rng.choice(plan.columns))
    return Month(found.table.rename(columns={name: COLUMNS[name][0]}), found.truth), wanted


CONDITIONS: dict[str, Callable[[Plan], tuple[Month, Expected]]] = {
    "5 % replaced": replaced(0.05),
    "20 % replaced": replaced(0.2),
    "50 % replaced": replaced(0.5),
    "noise": noise,
    "one removed": removed,
    "one added": added,
    "one split": split,
    "two merged": merged,
    "rescaled": rescaled,
    "renamed": called_otherwise,
}


SAID = {"rescaled": "unit-changed", "renamed": "column-renamed"}  # what a person must be told


def majority(found: pd.Series, truth: np.ndarray) -> dict[int, int]:
    """The segment that most customers of each planted one are in."""
    return {
        int(i): Counter(found[truth == i].dropna().astype(int)).most_common(1)[0][0]
        for i in np.unique(truth)
    }


@dataclass
class Tried:
    """What one refresh came to."""

    numbers: list[bool]  # whether the number of each segment is right
    fates: list[bool]
    told: bool  # whether a person is told what there is to tell
    refitted: bool


def tried(name: str, seed: int, with_old: bool, with_k: bool) -> Tried | None:
    """A refresh under a condition; None where the first month did not find what was planted."""
    made = plan(seed)
    of = labels(made.sizes)
    before = month(made, made.places, of, np.arange(len(of)))
    k = len(made.sizes)
    found = shoal.segment(
        before.table, id="customer", by=made.columns, k=k if with_k else None, k_max=k + 2
    )
    was = majority(in_order(found, before), of)
    if len(set(was.values())) < k or found.choice.k != k:
        return None
    after, wanted = CONDITIONS[name](made)
    refresh = reopened(found).refresh(after.table, old=found.customers if with_old else None)
    now = majority(in_order(refresh.study, after), after.truth)
    fates = {each.id: each.fate for each in refresh.segments}
    right = [is_right(i, was, now, wanted) for i in wanted.of]
    named = [fates.get(now[i]) == fate for i, fate in wanted.fates.items()]
    named += [fates.get(was[i]) == "gone" for i in wanted.gone]
    said = {finding.code for finding in refresh.study.findings}
    return Tried(right, named, SAID.get(name) in {None, *said}, refresh.refitted)


def reopened(study: shoal.Study) -> shoal.Model:
    """The study's model as its file holds it: what a later month begins from."""
    with TemporaryDirectory() as folder:
        return shoal.load(study.save(Path(folder) / "model.json"))


def is_right(i: int, was: dict[int, int], now: dict[int, int], wanted: Expected) -> bool:
    """Whether a segment has a number that it should have."""
    ids = {was[part] for part in wanted.of[i]}
    if not ids:
        return now[i] not in was.values()
    if wanted.fates[i] == "split":
        other = next(j for j in wanted.of if j != i and wanted.of[j] == wanted.of[i])
        return (now[i] in ids) != (now[other] in ids)
    return now[i] in ids


def in_order(study: shoal.Study, month: Month) -> pd.Series:
    """The segment of each customer, in the order in which the truth stands."""
    return study.customers["segment"].iloc[month.table.index.argsort()].reset_index(drop=True)


@dataclass
class Sums:
    """What the refreshes under a condition came to."""

    numbers: list[bool] = field(default_factory=list)
    fates: list[bool] = field(default_factory=list)
    told: list[bool] = field(default_factory=list)
    refits: int = 0
    not_found: int = 0

    def add(self, one: Tried | None) -> None:
        """Take the next refresh."""
        if one is None:
            self.not_found += 1
            return
        self.numbers += one.numbers
        self.fates += one.fates
        self.told.append(one.told)
        self.refits += one.refitted

    @property
    def passes(self) -> bool:
        """Whether numbers and fates are right as often as they shall be."""
        return bool(np.mean(self.numbers) >= 0.95 and np.mean(self.fates) >= 0.90)


def main() -> int:
    """Try all conditions, and tell the shares."""
    asked = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    asked.add_argument("--rounds", type=int, default=ROUNDS, help="refreshes of each condition")
    asked.add_argument("--first", type=int, default=0, help="the first seed")
    asked.add_argument("--only", choices=CONDITIONS, help="one condition")
    asked.add_argument("--show", action="store_true", help="name the seeds that went wrong")
    given = asked.parse_args()
    began = time.perf_counter()
    sums: dict[str, Sums] = defaultdict(Sums)
    for round_ in range(given.rounds):
        for name in [given.only] if given.only else CONDITIONS:
            seed = given.first + 1000 * list(CONDITIONS).index(name) + round_
            one = tried(name, seed, round_ % 2 == 1, round_ % 4 < 2)
            sums[name].add(one)
            if given.show and (one is None or not all([*one.numbers, *one.fates, one.told])):
                print(f"  {name}, seed {seed}, round {round_}: {one}", flush=True)
    print(f"{'condition':16}{'numbers':>9}{'fates':>9}{'told':>9}{'refitted':>10}{'no start':>10}")
    for name, each in sums.items():
        shares = (np.mean(each.numbers), np.mean(each.fates), np.mean(each.told))
        told = "".join(f"{share:9.1%}" for share in shares)
        print(f"{name:16}{told}{each.refits:10}{each.not_found:10}")
    print(f"{given.rounds} refreshes of each, {time.perf_counter() - began:.0f} seconds")
    return int(not all(each.passes for each in sums.values()))


if __name__ == "__main__":
    sys.exit(main())
