"""Campaigns: who is drawn, what a plan promises, and what is told afterwards."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

import shoal
from shoal.cli.main import app
from shoal.stats.lift import Moments, means_apart, power_of_rates, rates_apart, smallest_rate_lift
from shoal.stats.lognormal import Hurdle, lognormals_apart


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, pd.DataFrame]:
    """A model of two plain segments, and its customers, ids with zeros in front."""
    folder = tmp_path_factory.mktemp("campaign")
    rng = np.random.default_rng(0)
    kind = np.arange(1200) % 3 == 0
    table = pd.DataFrame(
        {
            "customer_id": [f"{i:05d}" for i in range(1200)],
            "spent": (rng.gamma(4, 10, 1200) + 300 * kind).round(2),
            "visits": rng.poisson(3, 1200) + 30 * kind,
        }
    )
    study = shoal.segment(table, k=2, k_max=2, out=folder / "results")
    assert sorted(study.segments["size"]) == [400, 800]
    return folder / "results" / "model.json", table


def test_intervals_are_those_of_the_books() -> None:
    """Newcombe (1998), table II, case (a), method 10: 56/70 and 48/80 → .0524 to .3339."""
    found = rates_apart((np.array([56.0]), np.array([48.0])), (np.array([70.0]), np.array([80.0])))
    assert np.round([float(x[0]) for x in found], 4).tolist() == [0.2, 0.0524, 0.3339]
    rng = np.random.default_rng(1)
    one, two = rng.normal(10, 2, 4000), rng.normal(9, 3, 1000)
    low, high = (float(x) for x in means_apart(Moments.of(one), Moments.of(two))[1:])
    error = (one.var(ddof=1) / 4000 + two.var(ddof=1) / 1000) ** 0.5  # Welch's
    lift = one.mean() - two.mean()
    assert (low, high) == pytest.approx((lift - 1.96 * error, lift + 1.96 * error), abs=0.002)


def test_power_is_that_of_drawn_campaigns() -> None:
    smallest = smallest_rate_lift(0.05, 1600, 400, 0.8)
    assert smallest is not None
    assert power_of_rates(0.05, 0.05 + smallest, 1600, 400) == pytest.approx(0.8, abs=0.005)
    rng = np.random.default_rng(2)
    yes = rng.binomial(1600, 0.05 + smallest, 9000), rng.binomial(400, 0.05, 9000)
    known = np.full(9000, 1600.0), np.full(9000, 400.0)
    low = rates_apart((yes[0].astype(float), yes[1].astype(float)), known)[1]
    assert (low > 0).mean() == pytest.approx(0.8, abs=0.02)
    assert smallest_rate_lift(0.05, 1, 1, 0.8) is None


def test_a_plan_is_drawn_once_and_the_same_in_any_order(
    made: tuple[Path, pd.DataFrame], tmp_path: Path
) -> None:
    model, table = made
    plan = shoal.campaign.plan(model, table, hold_out=0.25, rate=0.1, out=tmp_path / "p")
    sizes = {each.n_target + each.n_hold_out: each.n_hold_out for each in plan.segments}
    assert sizes == {400: 100, 800: 200}
    assert (plan.rows_read, plan.rows_planned, plan.rows_set_aside) == (1200, 1200, 0)
    groups = plan.groups.to_pandas().set_index("customer_id").sort_index()
    assert groups.index[0] == "00000"
    assert groups.loc["00000", "before"] == table.spent[0]
    other = shoal.campaign.plan(model, table.sample(frac=1, random_state=1), hold_out=0.25)
    assert other.groups.to_pandas().set_index("customer_id").sort_index().equals(groups)
    before = {f.name: f.read_bytes() for f in (tmp_path / "p").iterdir()}
    shoal.campaign.plan(model, table, hold_out=0.25, rate=0.1, out=tmp_path / "p")
    with pytest.raises(shoal.OptionError, match="never drawn anew"):
        shoal.campaign.plan(model, table, hold_out=0.2, rate=0.1, out=tmp_path / "p")
    assert {f.name: f.read_bytes() for f in (tmp_path / "p").iterdir()} == before


def test_what_cannot_be_drawn_is_counted(made: tuple[Path, pd.DataFrame]) -> None:
    model, table = made
    odd = pd.concat([table, table.iloc[[3]]], ignore_index=True)
    odd.loc[0, "customer_id"] = None
    plan = shoal.campaign.plan(model, odd, segment=1)
    rows = (plan.rows_planned, plan.rows_in_other_segments, plan.rows_set_aside)
    assert sum(rows) == plan.rows_read == 1201
    assert rows[2] == 2 - sum(1 for i in (0, 3) if not _in_segment(model, table, i))
    for option in ({"hold_out": 0}, {"hold_out": 1}, {"rate": 2}, {"lift": -1}, {"segment": 9}):
        with pytest.raises(shoal.OptionError):
            shoal.campaign.plan(model, table, **option)


def _in_segment(model: Path, table: pd.DataFrame, row: int) -> bool:
    return int(shoal.load(model).assign(table.iloc[[row]]).segment.iloc[0]) == 1


def test_outcomes_are_read_by_id_and_what_is_odd_is_said(
    made: tuple[Path, pd.DataFrame], tmp_path: Path
) -> None:
    model, table = made
    plan = shoal.campaign.plan(model, table, hold_out=0.5, out=tmp_path / "p")
    groups = plan.groups.to_pandas()
    held = groups.group == "hold_out"
    rank = groups.groupby(["segment", "group"]).cumcount()
    yes = np.where(held, rank < 20, (rank < 80) & (groups.segment == 1) | (rank < 20))
    outcomes = pd.DataFrame({"customer_id": groups.customer_id, "bought": yes.astype(int)})
    outcomes = pd.concat([outcomes, pd.DataFrame({"customer_id": ["no one"], "bought": [1]})])
    found = shoal.campaign.read(tmp_path / "p", outcomes.iloc[5:], cost=0.5, worth=10)
    assert found.kind == "rate"
    counts = found.counts
    assert (counts.not_in_plan, counts.missing_target + counts.missing_hold_out) == (1, 5)
    assert {f.code for f in found.findings} >= {"not-in-plan", "not-in-outcomes"}
    whole = shoal.campaign.read(plan, outcomes, cost=0.5, worth=10)
    first, second = whole.segments
    n = first.n_target
    assert first.lift == pytest.approx(80 / n - 20 / first.n_hold_out)
    assert (first.verdict, second.verdict, second.lift) == ("works", "cannot tell", 0)
    assert first.profit == pytest.approx(n * (first.lift * 10 - 0.5))
    assert first.low < first.low_alone < first.lift < first.high_alone < first.high
    buyers = outcomes[outcomes.bought == 1][["customer_id"]]
    alone = shoal.campaign.read(plan, buyers)
    assert [each.lift for each in alone.segments] == [each.lift for each in whole.segments]
    assert alone.missing == "zero"
    assert "buyers-alone" in {f.code for f in alone.findings}


def test_money_is_compared_beyond_money_before(made: tuple[Path, pd.DataFrame]) -> None:
    model, table = made
    plan = shoal.campaign.plan(model, table, hold_out=0.5)
    groups = plan.groups.to_pandas()
    noise = np.random.default_rng(3).normal(0, 2, len(groups))
    spent = groups.before + noise + np.where(groups.group == "target", 5.0, 0.0)
    outcomes = pd.DataFrame({"customer_id": groups.customer_id, "spent": spent})
    found = shoal.campaign.read(plan, outcomes, cost=1)
    assert found.kind == "money"
    for each in found.segments:
        assert each.verdict == "works"
        assert each.lift == pytest.approx(5, abs=0.5)
        assert each.profit == pytest.approx(each.n_target * (each.lift - 1))
    # What is said is not the difference of the two means beside it, and the sentence says why.
    told = [each.said.text for each in (*found.segments, found.total)]
    assert all(", with the money that each brought before taken into account" in t for t in told)
    bought = pd.DataFrame({"customer_id": groups.customer_id, "bought": spent > spent.median()})
    rates = shoal.campaign.read(plan, bought)
    assert not any("before" in each.said.text for each in (*rates.segments, rates.total))


def test_groups_that_somebody_changed_are_said(
    made: tuple[Path, pd.DataFrame], tmp_path: Path
) -> None:
    model, table = made
    shoal.campaign.plan(model, table, out=tmp_path / "p")
    lines = (tmp_path / "p" / "groups.csv").read_text("utf-8").splitlines()
    held = next(line for line in lines if "hold_out" in line)
    lines.append(held.replace("hold_out", "target"))
    (tmp_path / "p" / "groups.csv").write_text("\n".join(lines) + "\n", "utf-8")
    found = shoal.campaign.read(tmp_path / "p", table[["customer_id"]].iloc[:50])
    assert found.counts.in_both == 1
    assert {"plan-changed", "ids-in-both"} <= {f.code for f in found.findings}


def test_the_commands(made: tuple[Path, pd.DataFrame], tmp_path: Path) -> None:
    model, table = made
    table.to_csv(tmp_path / "c.csv", index=False)
    words = f"campaign plan {model} {tmp_path / 'c.csv'} --segment 1 --hold-out 0.2"
    told = CliRunner().invoke(app, [*words.split(), "--out", str(tmp_path / "p"), "--json"])
    assert json.loads(told.stdout)["segments"][0]["id"] == 1
    pd.DataFrame({"customer_id": table.customer_id, "y": ["no", "yes", "no"] * 400}).to_csv(
        tmp_path / "o.csv", index=False
    )
    told = CliRunner().invoke(
        app, ["campaign", "read", str(tmp_path / "p"), str(tmp_path / "o.csv"), "--json"]
    )
    keys = {"id", "lift", "low", "high", "verdict", "n_target", "n_hold_out"}
    assert keys <= set(json.loads(told.stdout)["segments"][0])
    told = CliRunner().invoke(app, ["campaign", "read", str(tmp_path), str(tmp_path / "o.csv")])
    assert isinstance(told.exception, shoal.InputError)


def test_lognormal_money_of_few_is_told_by_its_logarithms(
    made: tuple[Path, pd.DataFrame],
) -> None:
    """Intervals by Monte Carlo: generalised ones of Chen & Zhou (2006), drawn here."""
    model, table = made
    plan = shoal.campaign.plan(model, table, segment=1, hold_out=0.4)
    groups = plan.groups.to_pandas()
    rng = np.random.default_rng(4)
    paid = np.where(rng.random(len(groups)) < 0.2, rng.lognormal(3, 1.2, len(groups)), 0.0)
    found = shoal.campaign.read(plan, groups[["customer_id"]].assign(paid=paid)).segments[0]
    assert found.method == "lognormal"
    sides = [paid[groups.group == side] for side in ("target", "hold_out")]
    assert found.lift == pytest.approx(sides[0].mean() - sides[1].mean())
    assert found.low_alone < found.lift < found.high_alone
    drawn = []
    for side in sides:
        logs, many = np.log(side[side > 0]), 200_000
        spread = (len(logs) - 1) * logs.var(ddof=1) / rng.chisquare(len(logs) - 1, many)
        place = logs.mean() + rng.normal(size=many) * np.sqrt(spread / len(logs))
        share = rng.beta(len(logs) + 0.5, len(side) - len(logs) + 0.5, many)
        drawn.append(share * np.exp(place + spread / 2))
    low, high = np.quantile(drawn[0] - drawn[1], (0.025, 0.975))
    width = high - low
    assert (found.low_alone, found.high_alone) == pytest.approx((low, high), abs=0.04 * width)


def test_the_lift_of_money_that_a_plan_promises_is_found(
    made: tuple[Path, pd.DataFrame],
) -> None:
    """Campaigns are drawn here, and read by intervals that other tests hold against drawn ones."""
    model, table = made
    rng = np.random.default_rng(5)
    before = np.where(rng.random(1200) < 0.5, rng.lognormal(3, 1, 1200), 0.0)
    plan = shoal.campaign.plan(model, table.assign(paid=before), value="paid", hold_out=0.5)
    each = max(plan.segments, key=lambda segment: segment.n_target)
    own = plan.groups.to_pandas().query(f"segment == {each.id}").before.to_numpy()
    logs, share = np.log(own[own > 0]), (own > 0).mean()
    mean = share * np.exp(logs.mean() + logs.var(ddof=1) / 2)
    more, sides = 1 + each.smallest_money_lift / mean, []
    for n, times in ((each.n_target, more), (each.n_hold_out, 1.0)):
        payers = rng.binomial(n, share * times**0.5, 20_000).astype(float)
        place = logs.mean() + np.log(times) / 2 + logs.std() * rng.normal(size=20_000) / payers**0.5
        spread = logs.var() * rng.chisquare(payers - 1) / (payers - 1)
        sides.append(Hurdle(np.array(float(n)), payers, place, spread))
    shown = (lognormals_apart(sides[0], sides[1], 2)[1] > 0).mean()
    assert shown == pytest.approx(0.8, abs=0.03)


def test_what_cannot_be_promised_of_money_is_said(made: tuple[Path, pd.DataFrame]) -> None:
    model, table = made
    few = table.assign(paid=np.where(np.arange(1200) % 100 == 0, 9.5, 0.0))
    plan = shoal.campaign.plan(model, few, value="paid")
    assert [each.smallest_money_lift for each in plan.segments] == [None, None]
    assert sum("no lift can be promised" in said.text for said in plan.summary) == 2
    groups = shoal.campaign.plan(model, table, hold_out=0.3).groups.to_pandas()
    paid = np.where(np.arange(1200) % 10 == 0, [9.5, 20.0, 100.0] * 400, 0.0)
    read = shoal.campaign.read(
        shoal.campaign.plan(model, table, hold_out=0.3), groups.assign(paid=paid), outcome="paid"
    )
    assert "few-payers" in {f.code for f in read.findings}


def test_outcomes_that_say_nothing_are_refused_and_odd_ones_read(
    made: tuple[Path, pd.DataFrame],
) -> None:
    model, table = made
    plan = shoal.campaign.plan(model, table)
    ids = table.customer_id
    wrong = [
        ({"customer_id": ids, "y": np.nan}, "not known in any"),
        ({"customer_id": ids, "y": np.inf}, "not known in any"),
        ({"customer_id": "+" + ids, "y": 1}, "of anybody in the plan"),
        ({"customer_id": ids, "y": "maybe"}, "neither yes nor no"),
    ]
    for columns, message in wrong:
        with pytest.raises(shoal.InputError, match=message):
            shoal.campaign.read(plan, pd.DataFrame(columns))
    for value in (0, 1, 5, -2.5):  # the same of everybody
        found = shoal.campaign.read(plan, pd.DataFrame({"customer_id": ids, "y": value}))
        assert [(each.lift, each.verdict) for each in found.segments] == [(0, "cannot tell")] * 2
        assert {f.code for f in found.findings} <= {"codes"}
    found = shoal.campaign.read(plan, table[["customer_id", "spent"]])
    assert "outcome-is-before" in {f.code for f in found.findings}
    assert {each.verdict for each in found.segments} == {"cannot tell"}
