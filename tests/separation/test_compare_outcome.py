"""How far segments separate an outcome, against tables whose truth is known."""

from __future__ import annotations

import functools
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from sklearn.metrics import adjusted_rand_score, brier_score_loss

import shoal
from shoal.cli.main import app
from shoal.stats.explained import explained, means_of

RATES = np.array([0.05, 0.3, 0.8])


@functools.cache
def customers() -> pd.DataFrame:
    """1,200 customers in three groups that stand apart, with outcomes of every kind."""
    rng = np.random.default_rng(7)
    group = np.arange(1200) % 3
    recency = np.array([300, 60, 5])[group] + rng.integers(0, 20, 1200)
    return pd.DataFrame(
        {
            "customer_id": np.arange(1200) + 50_000,
            "recency": recency,
            "frequency": np.array([1, 6, 20])[group] + rng.integers(0, 3, 1200),
            "monetary": np.array([20.0, 150.0, 700.0])[group] + rng.normal(0, 9, 1200),
            "age": rng.integers(20, 70, 1200),
            "segment": np.array(["C", "A", "B"])[group],
            "churned": np.where(rng.random(1200) < RATES[group], "yes", "no"),
            "coin": np.where(rng.random(1200) < 0.5, "yes", "no"),
            "later_spending": np.array([5.0, 50.0, 400.0])[group] + rng.normal(0, 40, 1200),
            "hint": rng.normal(0, 1, 1200),
        }
    )


BY = ("recency", "frequency", "monetary")


@functools.cache
def compared(outcome: str) -> shoal.Separation:
    return shoal.compare_outcome(customers(), outcome=outcome, by=list(BY), id="customer_id")


def test_what_is_explained_is_the_brier_skill_score() -> None:
    rng = np.random.default_rng(0)
    y = (rng.random(300) < 0.3).astype(float)
    predicted = np.clip(0.3 + 0.2 * (y - 0.3) + rng.normal(0, 0.1, 300), 0, 1)
    found, drawn = explained(y, predicted[:, None], 0.25)
    by_hand = 1 - brier_score_loss(y, predicted) / brier_score_loss(y, np.full(300, 0.25))
    assert found[0] == pytest.approx(by_hand)
    assert drawn[:, 0].mean() == pytest.approx(by_hand, abs=0.02)


def test_means_are_drawn_to_everybodys_by_one_customer() -> None:
    means = means_of(np.array([0, 0, 0, 1]), np.array([1.0, 1.0, 0.0, 1.0]), 2, 0.2)
    assert means == pytest.approx([2.2 / 4, 1.2 / 2])


def test_segments_that_separate_an_outcome_say_so_with_its_rates() -> None:
    found = compared("churned")
    truth = RATES.var() / (
        RATES.mean() * (1 - RATES.mean())
    )  # the share of variance between groups
    assert (found.measured, found.learned) == (600, 600)
    assert found.segments.separates
    assert found.segments.low < truth < found.segments.high
    for rate, group in zip(RATES, found.segments.groups, strict=True):
        assert group.low < rate < group.high
        assert 150 < group.customers < 250
    assert found.event == "yes"
    assert "On 600 customers that no segment was formed of" in found.lines[0]


def test_rates_are_those_of_the_half_that_was_put_aside() -> None:
    found = compared("churned")
    everybody = sum(g.value * g.customers for g in found.segments.groups) / found.measured
    assert found.everybody.value == pytest.approx(everybody)
    assert found.everybody.customers == 600


def test_an_outcome_of_chance_is_not_separated() -> None:
    found = compared("coin")
    assert not found.segments.separates
    assert "do not separate coin" in found.lines[0]
    assert all(not grouping.separates for grouping in found.others)


def test_a_number_is_an_outcome_as_well() -> None:
    found = compared("later_spending")
    means = [5, 50, 400]
    assert found.event == ""
    for mean, group in zip(means, found.segments.groups, strict=True):
        assert group.low - 3 < mean < group.high + 3
    between = np.var(means)
    assert found.segments.explained == pytest.approx(between / (between + 1600), abs=0.02)


def test_rfm_one_column_and_an_earlier_segmentation_stand_beside() -> None:
    found = compared("churned")
    rfm, column, earlier = found.others
    assert [g.kind for g in found.others] == ["rfm", "column", "old_label"]
    assert column.column in BY
    assert earlier.column == "segment"
    assert earlier.agreement == pytest.approx(1.0)
    assert earlier.difference == pytest.approx(0.0, abs=1e-9)
    assert sum(map(sum, earlier.crosswalk)) == 600
    assert sorted(max(row) for row in earlier.crosswalk) == sorted(map(sum, earlier.crosswalk))
    assert 0 < rfm.agreement < 1
    assert "no difference to segments beyond chance" in " ".join(found.lines)


def test_agreement_is_that_of_scikit_learn() -> None:
    found = compared("churned")
    for grouping in (found.others[0], found.others[2]):
        pairs = [
            (row, column)
            for row, counts in enumerate(grouping.crosswalk)
            for column, count in enumerate(counts)
            for _ in range(count)
        ]
        one, other = zip(*pairs, strict=True)
        assert grouping.agreement == pytest.approx(adjusted_rand_score(one, other))


def test_a_column_that_tells_more_wins_and_is_said_to() -> None:
    frame = customers().assign(tell=lambda f: np.where(f.coin == "yes", "heads", "tails"))
    found = shoal.compare_outcome(frame, outcome="coin", by=list(BY), id="customer_id")
    column = next(g for g in found.others if g.kind == "column")
    assert column.column == "tell"
    assert column.explained > 0.99
    assert column.difference_high < 0
    assert "points more than segments" in " ".join(found.lines)


def test_the_order_of_rows_changes_nothing() -> None:
    shuffled = customers().sample(frac=1, random_state=4)
    found = shoal.compare_outcome(shuffled, outcome="churned", by=list(BY), id="customer_id")
    assert found.lines == compared("churned").lines


def test_a_saved_model_is_measured_on_other_customers(tmp_path: Path) -> None:
    first, later = customers().iloc[:600], customers().iloc[600:]
    study = shoal.segment(first, by=list(BY), id="customer_id")
    first.to_csv(tmp_path / "first.csv", index=False)
    later.to_csv(tmp_path / "later.csv", index=False)
    study.save(tmp_path / "model.json")
    paths = [str(tmp_path / "model.json"), str(tmp_path / "later.csv")]
    done = CliRunner().invoke(app, ["compare-outcome", *paths, "--outcome", "churned", "--json"])
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert told["segment_names"] == sorted(study.model.names)
    assert told["measured"] == 300
    assert told["segments"]["low"] > 0
    wrong = CliRunner().invoke(app, ["compare-outcome", *paths, "--k", "3"])
    assert "--k" in str(wrong.exception)
    shown = CliRunner().invoke(app, ["compare-outcome", *paths, "--outcome", "churned"])
    assert "Customers in both" in shown.output
    assert "that no segment was formed of" not in shown.output
    assert "cannot be seen from here" in " ".join(shown.output.split())


@pytest.mark.parametrize(
    ("frame", "outcome", "said"),
    [
        (lambda f: f, "nothing", 'names "nothing", which'),
        (lambda f: f[["recency", "frequency", "monetary"]], None, "no column that is known"),
        (lambda f: f.head(60), "churned", "at least 50 are needed"),
        (lambda f: f.assign(churned="no"), "churned", "churned"),
        (lambda f: f.assign(mail=[f"a{i}@x.example" for i in range(1200)]), "mail=x", "mail"),
    ],
)
def test_what_cannot_be_measured_is_said(frame, outcome, said) -> None:
    with pytest.raises(shoal.ShoalError, match=said):
        shoal.compare_outcome(frame(customers()), outcome=outcome, by=list(BY))


def test_an_outcome_that_formed_the_segments_is_refused() -> None:
    by = ["recency", "later_spending"]
    model = shoal.segment(customers(), by=by, id="customer_id", k=3).model
    with pytest.raises(shoal.OptionError, match="formed the segments"):
        shoal.compare_outcome(customers(), outcome="later_spending", model=model)


def test_groups_of_few_are_not_shown(tmp_path: Path) -> None:
    """Of the lowest segment hardly anybody left: three, who are not told of."""
    group = np.repeat([0, 1, 2], 100)
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {"spent": rng.normal(10 + 40 * group), "visits": rng.normal(5 + 9 * group)}
    )
    at = np.arange(300) % 100
    frame["left"] = np.where(at < np.array([6, 40, 80])[group], "yes", "no")
    frame["old_segment"] = np.where(at < 8, "Z", np.array(["A", "B", "C"])[group])
    file = tmp_path / "t.csv"
    frame.to_csv(file, index=False)
    study = shoal.segment(file, by=["spent", "visits"], k=3, k_max=3)
    options = {"outcome": "left", "model": study.save(tmp_path / "model.json")}
    found = shoal.compare_outcome(file, **options)
    few = [g for g in found.segments.groups if round(g.value * g.customers) in (1, 2, 3, 4)]
    assert len(few) == 1
    assert few[0].name not in found.lines[0]
    assert few[0].name in shoal.compare_outcome(file, **options, min_cell=1).lines[0]
    typed = ["compare-outcome", str(options["model"]), str(file), "--outcome", "left"]
    screen = CliRunner().invoke(app, typed)
    assert screen.exit_code == 0, screen.output
    row = next(line for line in screen.output.splitlines() if line.startswith(few[0].name))
    assert row.split()[-2:] == ["–", "–"]
