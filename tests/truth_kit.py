"""Reads what shoal says back as codes and numbers, and reckons them again with pandas.

Nothing here calls the code that made the sentences: figures come from the table, the labels and
the facts of columns (what they stand for, their direction, how a column is logged).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

import shoal
from shoal.interpret import interpret, load
from shoal.sentences import say
from shoal.sentences.interpret import Difference
from shoal.sentences.plays import Figure, Sentence
from shoal.text.nouns import speaking_of
from shoal.types import OutcomeRate, SegmentProfile

TABLES = {
    "mall": "mall_customers/mall_customers.csv",
    "ifood": "ifood_marketing_campaign/ifood_marketing_campaign.csv",
    "wholesale": "wholesale_customers/wholesale_customers.csv",
    "seg365": "segmentation_365/segmentation_365.csv",
    "bank": "uci_bank_4521/uci_bank_4521.csv",
    "airline": "eastwest_airlines/eastwest_airlines.csv",
    "ibm": "ibm_cust_segmentation/ibm_cust_segmentation.csv",
    "mcdonalds": "mcdonalds/mcdonalds.csv",
    "volunteers": "volunteers/volunteers.csv",
    "telco": "dirty/telco_mixed_delimiters.csv",
    "churners": "dirty/churners_pipe.csv",
    "orders": "rfm_data_orders/rfm_data_orders.csv",
    "orders4": "rfm_data_orders/rfm_data_orders.csv",
    "superstore": "superstore/superstore.parquet",
    "groceries": "groceries_members/groceries_members.csv",
    "customers": "rfm_data_customer/rfm_data_customer.parquet",
    "cdnow": "cdnow/cdnow.csv",
    "retail": "online_retail/online_retail.parquet",
    "flo": "dirty/flo_semicolon_dmy.csv",
    "shoppers": "dirty/shoppers_thousand_dots_mangled.csv",
    "bank600": "dirty/bank_600_customers.xlsx",
    "questions": "dirty/mall_812_question_marks.csv",
    "gaps": "dirty/mall_age_missing.csv",
    "negative": "dirty/mall_negative_ages_dups.csv",
    "headless": "dirty/mall_no_header_semicolon.csv",
    "spanish": "dirty/mall_spanish.csv",
    "notes": "dirty/wholesale_notes_beside_table.csv",
    "adventure": "dirty/adventureworks_3_header_rows_latin1.csv",
    "baskets": "dirty/transactions_pipe.csv",
    "nft": "dirty/currency_thousands_nft.csv",
}
OF_ORDERS = ("orders", "orders4", "superstore", "groceries", "cdnow", "retail", "baskets")
AT_K = {"orders4": 4}  # some are late there who hold more than a little of the money
CLEAR = 0.5
DAYS = {"day": 1.0, "week": 7.0, "month": 30.4375, "year": 365.25}


def close(a: float, b: float, tolerance: float = 1e-6) -> bool:
    return math.isclose(a, b, rel_tol=tolerance, abs_tol=1e-9)


@dataclass(frozen=True)
class World:
    """A segmented table, as pandas sees it."""

    study: Any
    frame: pd.DataFrame  # every labelled customer
    label: pd.Series  # the segment of each, from 1
    # Those of them that medians, quartiles and shares of late and new ones are taken from: all,
    # or the sample where there are more.
    sampled: Any

    def column(self, name: str) -> Any:
        return self.study.profile.column(name)

    def numbers(self, name: str) -> pd.Series:
        return pd.to_numeric(self.frame[name].astype(object), errors="coerce").astype(float)

    def of(self, values: pd.Series, segment: int) -> pd.Series:
        return values[self.label[values.index] == segment]

    def median(self, x: pd.Series, segment: int | None = None) -> float:
        mine = self.sampled if segment is None else self.sampled & (self.label == segment)
        return float(x[mine].median())

    @cached_property
    def value(self) -> pd.Series | None:
        name = self.study.profile.value
        return None if name is None else self.numbers(name)

    def share_of(self, name: str, word: str, segment: int | None = None) -> float:
        """The share of a word (or of yes) among known cells."""
        cells = self.frame[name] if segment is None else self.of(self.frame[name], segment)
        known = cells.dropna()
        try:
            happened = known.astype(float) == float(word.replace("True", "1"))
        except (TypeError, ValueError):
            happened = known.astype(str) == word
        return float(happened.mean())

    def effect(self, name: str, segment: int) -> float:
        """The standardised difference of a column that formed segments, as the recipe has it."""
        feature = next(f for f in self.study.recipe.features if f.column == name)
        x = self.numbers(name)
        if feature.log_offset is not None:
            x = np.log(np.maximum(x + feature.log_offset, np.finfo(float).tiny))
        elif abs(self.column(name).skew or 0) > 2:
            x = x.rank()
        if feature.low is not None and (
            feature.log_offset is not None or abs(self.column(name).skew or 0) <= 2
        ):
            x = x.clip(feature.low, feature.high)
        return float((self.of(x, segment).mean() - x.mean()) / x.std(ddof=0))


def world_of(source: Any, **options: Any) -> World:
    """A table segmented, and the same table as pandas has it, with made columns reckoned anew."""
    study = shoal.segment(source, **options)
    rows = shoal.orders(source).table if options.get("orders") else shoal.read(source)
    frame = rows.to_arrow().to_pandas()
    for name, never in study.profile.never.items():
        frame[name] = frame[name].where(frame[name] != never)
    for column in study.profile.columns:
        if column.made is not None and column.name not in frame:
            frame[column.name] = _made(frame, column.made)
    labels = pd.Series(np.asarray(study.labels), index=frame.index)
    sampled = pd.Series(np.isin(np.arange(len(frame)), study.facts.sample.index))
    held = [x[labels > 0].reset_index(drop=True) for x in (frame, labels, sampled)]
    return World(study, *held)


@cache
def read(folder: Path, name: str) -> World:
    """A shared table by its name, segmented once for all tests."""
    return world_of(folder / TABLES[name], orders=name in OF_ORDERS, k=AT_K.get(name))


def _made(frame: pd.DataFrame, made: Any) -> pd.Series:
    if made.kind == "total":
        return frame[list(made.columns)].astype(float).sum(axis=1, min_count=1)
    day, cells = pd.Timestamp(made.day), frame[made.columns[0]]
    if made.held == "years":
        known = cells.where(cells.between(1901, 2099))
        return day.year - known if made.kind == "years since" else known - day.year
    days = (day - pd.to_datetime(cells)).dt.days
    return (days if made.kind == "days since" else -days).astype(float)


def with_playbook(world: World, playbook: Path) -> tuple[SegmentProfile, ...]:
    """What another playbook says of the same segments."""
    facts = world.study.facts
    with speaking_of(facts.profile.noun):
        return _interpreted(facts, playbook)


def _interpreted(facts: Any, playbook: Path) -> tuple[SegmentProfile, ...]:
    return interpret(
        recipe=facts.segmentation.recipe,
        id_column=facts.segmentation.id_column,
        groups=facts.groups,
        unlike_anyone=np.zeros(facts.segmentation.k, dtype=np.int64),
        sample=facts.sample,
        labels=facts.labels,
        distances=facts.distances,
        trust=facts.trust,
        profile=facts.profile,
        value=facts.value,
        playbook=load(playbook),
    )


# --- what is checked ------------------------------------------------------------------------------


def check(world: World, portraits: tuple[SegmentProfile, ...]) -> int:
    """Raises AssertionError where a sentence is false; gives how many numbers were reckoned."""
    checked = 0
    for portrait in portraits:
        action, told = portrait.action, [*portrait.statements, *portrait.evidence]
        for statement in (*told, action.advice, action.reason, action.stake, action.test):
            if statement.code:
                with speaking_of(world.study.profile.noun):
                    again = say(statement.code, **statement.values)
                assert statement.text == again.text
            for thing in _things(statement.values):
                _check_thing(world, portrait, thing)
                checked += 1
        _check_size(world, portrait)
        _check_rule(world, portrait)
        _check_claims(world, portrait)
        _check_play(world, portrait)
        _check_stake(world, portrait)
        _check_trial(world, portrait)
        _check_outcomes(world, portrait)
    return checked


def _things(values: Any) -> Iterator[Any]:
    """Every difference (of another segment with its number), rate and named figure inside."""
    if isinstance(values, Difference | OutcomeRate) or _of_another(values):
        yield values
    elif isinstance(values, Mapping):
        for name, each in values.items():
            if isinstance(each, Figure):
                yield name, each
            else:
                yield from _things(each)
    elif isinstance(values, list | tuple):
        for each in values:
            yield from _things(each)
    elif isinstance(values, Sentence):
        yield from _things(values.values)
    elif hasattr(values, "each") or hasattr(values, "differences"):
        yield from _things(getattr(values, "each", None) or getattr(values, "differences", ()))


def _of_another(values: Any) -> bool:
    """Whether it is a difference of another segment, with its number."""
    kinds = [type(v) for v in values] if isinstance(values, tuple) else []
    return kinds == [int, Difference]


def _check_thing(world: World, portrait: SegmentProfile, thing: Any) -> None:
    if isinstance(thing, Difference):
        _check_difference(world, portrait.segment, thing)
    elif _of_another(thing):
        _check_difference(world, *thing)
    elif isinstance(thing, tuple):
        name, figure = thing
        right = figure_of(world, portrait, name)
        assert right is None or close(figure.value, right), (portrait.segment, name, figure, right)


def _check_difference(world: World, segment: int, d: Difference) -> None:
    where = (segment, d)
    if d.kind != "number":
        assert close(d.value, world.share_of(d.column, d.word, segment)), where
        assert close(d.everybody, world.share_of(d.column, d.word)), where
        return
    x = world.numbers(d.column)
    own = world.of(x, segment)
    assert close(d.value, world.median(x, segment)), where
    assert close(d.everybody, world.median(x)), where
    assert close(d.mean, own.mean()), where
    assert close(d.mean_of_all, x.mean()), where


def figure_of(world: World, portrait: SegmentProfile, name: str) -> float | None:
    """A figure of the playbook, reckoned anew; None for those that are no number of the table."""
    s, x = portrait.segment, world.value
    own = None if x is None else world.of(x, s)
    if name in ("size", "customers"):
        size = int((world.label == s).sum())
        return size if name == "size" else size / len(world.label)
    if name.startswith("value_"):
        assert x is not None
        assert own is not None
        return {
            "value_share": lambda: own.sum() / x.sum(),
            "value_index": lambda: 100 * own.mean() / x.mean(),
            "value_mean": own.mean,
            "value_median": lambda: world.median(x, s),
            "value_everybody": x.mean,
            "value_rank": lambda: _rank(x[world.sampled].dropna(), world.median(x, s)),
        }[name]()
    if name in ("late", "in_time"):
        return _rhythm(world, s, name)
    if name == "new":
        tenures = _in_days(world, "tenure")
        return float(
            (
                world.of(pd.concat(tenures, axis=1).max(axis=1, skipna=False)[world.sampled], s)
                <= 90
            ).mean()
        )
    if "_outcome_" in name:
        rate = outcome_of(world, portrait, name.partition("_")[0])
        own_share = world.share_of(rate.column, rate.event, s)
        all_of_them = world.share_of(rate.column, rate.event)
        kind = name.rpartition("_")[2]
        figures = {"rate": own_share, "everybody": all_of_them}
        return figures.get(kind, 100 * own_share / all_of_them)
    return {"late_after": 2.0, "new_days": 90.0}.get(name)


def _rank(x: pd.Series, median: float) -> float:
    return float(((x < median).mean() + (x <= median).mean()) / 2)


def outcome_of(world: World, portrait: SegmentProfile, direction: str) -> OutcomeRate:
    told = [o for o in portrait.outcomes if o.direction == direction and o.low > o.everybody]
    now = [o for o in told if world.column(o.column).aspect != "past" and o.differs]
    return now[0]


def _in_days(world: World, meaning: str) -> list[pd.Series]:
    found = []
    for column in world.study.profile.columns:
        stands = column.aspect if meaning == "time between" else column.meaning
        words = (column.unit + " " + column.name.lower().replace("_", " ")).split()
        days = {DAYS[w.rstrip("s")] for w in words if w.rstrip("s") in DAYS}
        used = column.role in ("basis", "describe", "value")
        if stands == meaning and used and len(days) == 1 and column.direction != "unknown":
            found.append(world.numbers(column.name) * days.pop())
    return found


def _rhythm(world: World, segment: int, name: str) -> float:
    (own,) = _in_days(world, "time between")
    since = pd.concat(_in_days(world, "recency"), axis=1)
    late = since.min(axis=1) > 2 * own
    said = late if name == "late" else since.max(axis=1) <= own
    return float(world.of(said[world.sampled], segment).mean())


def _check_size(world: World, portrait: SegmentProfile) -> None:
    said = portrait.statements[0]
    assert said.values["size"] == portrait.size == (world.label == portrait.segment).sum()
    assert said.values["total"] == len(world.label)
    for name in ("mean", "median", "share", "index"):
        if name in said.values and said.values[name] is not None:
            right = figure_of(world, portrait, f"value_{name}")
            assert right is not None
            assert close(said.values[name], right), (portrait.segment, name)


def _check_rule(world: World, portrait: SegmentProfile) -> None:
    """Of all customers about as many as were found among those held out; else just as many."""
    rule, own = portrait.rule, world.sampled & (world.label == portrait.segment)
    inside = world.sampled.copy()
    for condition in rule.conditions:
        inside &= _meets(world, condition)
    hits = float((inside & own).sum())
    for found, share, bounds in (
        (inside.sum(), rule.precision, rule.precision_range),
        (own.sum(), rule.coverage, rule.coverage_range),
    ):
        if bounds is None:
            assert rule.held_out or close(share, hits / max(found, 1)), (portrait.segment, rule)
        else:
            assert bounds[0] - 0.03 <= hits / found <= bounds[1] + 0.03, (portrait.segment, rule)


def _meets(world: World, condition: Any) -> pd.Series:
    cells, wanted = world.frame[condition.column], condition.value
    if isinstance(wanted, str):
        same = cells.astype(str) == wanted
        return same if condition.op == "==" else ~same & cells.notna()
    x = world.numbers(condition.column)
    return {"==": x.eq, "!=": x.ne, ">=": x.ge, "<=": x.le}[condition.op](wanted) & x.notna()


def _check_outcomes(world: World, portrait: SegmentProfile) -> None:
    for rate in portrait.outcomes:
        known = world.of(world.frame[rate.column], portrait.segment).dropna()
        assert close(rate.rate, world.share_of(rate.column, rate.event, portrait.segment))
        right = stats.binomtest(round(rate.rate * len(known)), len(known))
        interval = right.proportion_ci(method="wilson")
        assert close(rate.low, interval.low, 1e-4)
        assert close(rate.high, interval.high, 1e-4)
        assert rate.known == len(known)


# --- words ----------------------------------------------------------------------------------------

MORE = (  # what says of columns that their values lie above everybody's …
    "more means than others",
    "more active than others",
    "more trouble than others",
    "cost more",
    "owe more",
    "spend more than others",
    "longer than others",
    "longer ago than others",
    "less recently",
    "what troubles them",
)
LESS = (  # … and below
    "fewer means",
    "less active",
    "less trouble",
    "cost less",
    "owe less",
    "spend less",
    "shorter time",
    "more recently",
    "less long ago",
)


def _check_claims(world: World, portrait: SegmentProfile) -> None:
    """What the words around the numbers say."""
    for sentence in portrait.action.advice.values["sentences"]:
        sides = _sides(sentence.template)
        differences = [d for v in sentence.values.values() for d in getattr(v, "each", ())]
        assert differences or not sides, sentence
        if len(sides) == 1:
            for d in differences:
                assert _side(d) == sides[0], (portrait.segment, str(sentence))
        if "score" in sentence.template:
            wanted = 1 if "higher" in sentence.template else -1
            for d in differences:
                turned = -1 if world.column(d.column).direction == "bad" else 1
                assert _side(d) * turned == wanted, str(sentence)
        _check_worth(world, portrait, sentence.template)


def _sides(template: str) -> list[int]:
    """Of one that says both, the lists of parts are checked by the law of the play."""
    found = [1 for words in MORE if words in template] + [-1 for words in LESS if words in template]
    return [] if "{parts_high}" in template and "{parts_low}" in template else found


def _side(d: Difference) -> int:
    own, everybody = (d.value, d.everybody) if d.kind != "number" else (d.mean, d.mean_of_all)
    if d.kind == "number" and (d.value - d.everybody) * (own - everybody) < 0:
        return 0  # mean and median contradict each other
    return int(np.sign(own - everybody))


def _check_worth(world: World, portrait: SegmentProfile, template: str) -> None:
    if "bring less" in template:
        assert figure_of(world, portrait, "value_index") < 100
        assert figure_of(world, portrait, "value_rank") < 0.5 or "use means" in template
    if "as much as others" in template:
        assert figure_of(world, portrait, "value_index") >= 100
    if "near everybody's" in template:
        assert 80 <= figure_of(world, portrait, "value_index") < 120
    if "close to everybody in all" in template:
        basis = [world.column(f.column) for f in world.study.recipe.features if f.kind == "number"]
        for column in basis:
            if column.confidence != "none" and column.meaning != "unknown":
                assert abs(world.effect(column.name, portrait.segment)) < CLEAR + 1e-6, column.name
    if "waited more than" in template:
        assert figure_of(world, portrait, "late") >= 0.5
    if "within the last" in template:
        assert figure_of(world, portrait, "new") >= 0.5


def _check_play(world: World, portrait: SegmentProfile) -> None:
    """The laws of plays, whatever the playbook says."""
    play = portrait.action.play

    def figure(name: str) -> float:
        found = figure_of(world, portrait, name)
        assert found is not None, (play, name)
        return found

    if play == "let-go":
        assert figure("late") >= 0.5
        assert figure("value_index") < 50
        assert figure("value_share") <= 0.05
    if play in ("win-back", "remind"):
        assert figure("late") >= 0.5
    if play == "win-back":
        assert figure("value_index") >= 100
    if play == "welcome":
        assert figure("new") >= 0.5
    if play == "keep-and-reward":
        assert figure("value_index") >= 120
        assert figure("value_rank") >= 0.5
    if play in ("wake", "grow", "plain-offers", "raise-the-basket") and world.value is not None:
        assert figure("value_index") < 100 or portrait.action.advice.text.find("active") > 0
    if play in ("save", "ask-first"):
        rate = outcome_of(world, portrait, "bad" if play == "save" else "good")
        assert rate.index >= 120
        assert _probability(world, rate) < 0.05
    if play in LEVELS:
        side, topics = LEVELS[play]
        for known in portrait.action.reason.values["known"]:
            if known.meaning in topics:
                assert all(_side(d) == side for d in known.differences), (portrait.segment, play)


LEVELS = {  # on which side of everybody a play's topics must lie
    "repair": (1, ("trouble",)),
    "invite-back": (1, ("recency",)),
    "win-over": (1, ("means",)),
    "small-offers": (-1, ("means",)),
    "look-after": (1, ("means",)),
    "plain-offers": (-1, ("means",)),
    "find-out": (1, ("means",)),
    "mind-the-budget": (-1, ("means",)),
    "advise-on-debt": (1, ("debt",)),
    "lend-first": (-1, ("debt",)),
    "check-costs": (1, ("money_out",)),
    "raise-the-basket": (1, ("activity",)),
    "offer-more": (1, ("activity",)),
    "ask-what-keeps-them": (1, ("tenure",)),
    "grow": (-1, ("tenure",)),
    "newer": (-1, ("tenure",)),
}


def _probability(world: World, rate: OutcomeRate) -> float:
    """Chi-squared over all segments."""
    known = world.frame[rate.column].notna()
    table = []
    for segment in range(1, world.study.k + 1):
        n = int((known & (world.label == segment)).sum())
        met = round(world.share_of(rate.column, rate.event, segment) * n)
        table.append([met, n - met])
    return float(stats.chi2_contingency(table, correction=False).pvalue)


# --- money and tests ------------------------------------------------------------------------------


def _check_stake(world: World, portrait: SegmentProfile) -> None:
    action = portrait.action
    if action.at_stake is None:
        assert action.stake.code == ""
        return
    x, told = world.value, action.stake.values
    assert x is not None
    own = world.of(x, portrait.segment).dropna()
    times = {"Month": 12}.get(world.study.profile.value[:5], 1) if told["a_year"] else 1
    customers = round(told["share"] * len(own))
    assert told["customers"] == customers
    if action.stake.code == "stake-keep":
        assert close(action.at_stake, times * customers * own.mean())
    else:
        above, middle = world.median(x, told["better"]), world.median(x, portrait.segment)
        assert close(action.at_stake, times * customers * (above - middle))
        medians = [world.median(x, s) for s in range(1, world.study.k + 1)]
        assert above == min(m for m in medians if m > middle)
    assert 0 <= action.at_stake_low <= action.at_stake <= action.at_stake_high
    assert action.at_stake_high <= times * own.sum() * (1 + 1e-9)


def _check_trial(world: World, portrait: SegmentProfile) -> None:
    told = portrait.action.test.values
    z = stats.norm.ppf(0.975), stats.norm.ppf(told["power"])
    base, changed = told["base"].value, told["changed"].value
    if told["base"].kind == "change":
        mean = (base + changed) / 2
        apart = z[1] * np.sqrt(base * (1 - base) + changed * (1 - changed))
        n = ((z[0] * np.sqrt(2 * mean * (1 - mean)) + apart) / (base - changed)) ** 2
    else:
        assert world.value is not None
        own = world.of(world.value, portrait.segment)
        assert close(base, own.mean())
        n = 2 * ((z[0] + z[1]) * own.std(ddof=0) / (changed - base)) ** 2
    assert abs(told["per_arm"] - max(30, n)) <= 1
    assert told["size"] == portrait.size
