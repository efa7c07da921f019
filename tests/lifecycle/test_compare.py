"""Drift: alarms where something changed that matters, none by chance, exit codes, old models."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner, Result

import shoal
from shoal.cli.main import app
from shoal.sentences import say

MODELS = Path(__file__).parents[1] / "output" / "models"


def customers(rows: int, seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    group = rng.integers(0, 3, rows)
    return pd.DataFrame(
        {
            "customer_id": np.arange(rows),
            "spent": np.exp(rng.normal(3 + group, 0.4)).round(2),
            "visits": rng.poisson(3 + 5 * group),
            "age": rng.normal(45, 12, rows).round(),
            "plan": np.array(["basic", "plus", "pro"])[
                np.where(rng.random(rows) < 0.7, group, rng.integers(0, 3, rows))
            ],
        }
    )


TABLE = customers(2000, 0)
STUDY = shoal.segment(TABLE, by=["spent", "visits", "age", "plan"], k=3)


def no_change(t: pd.DataFrame) -> pd.DataFrame:
    return t


def another_unit(t: pd.DataFrame) -> pd.DataFrame:
    return t.assign(spent=t.spent * 100)


def another_kind(t: pd.DataFrame) -> pd.DataFrame:
    new = np.arange(len(t)) % 10 == 0
    return t.assign(age=np.where(new, 95.0, t.age), visits=np.where(new, 40, t.visits))


def missing(t: pd.DataFrame) -> pd.DataFrame:
    return t.assign(age=t.age.where(np.arange(len(t)) % 5 != 0))


def new_words(t: pd.DataFrame) -> pd.DataFrame:
    return t.assign(plan=t.plan.where(np.arange(len(t)) % 5 != 0, "gold"))


def all_new_words(t: pd.DataFrame) -> pd.DataFrame:
    return t.assign(plan=t.plan + "-2025")


def other_shares(t: pd.DataFrame) -> pd.DataFrame:
    return t[(t.spent > t.spent.quantile(0.33)) | (np.arange(len(t)) % 2 == 0)]


def a_little_more(t: pd.DataFrame) -> pd.DataFrame:
    return t.assign(spent=t.spent * 1.01)


@pytest.mark.parametrize(
    ("change", "alarm", "said"),
    [
        (no_change, False, "No drift: nothing that was looked at has shifted"),
        (a_little_more, False, "No drift: nothing that was looked at has shifted"),
        (another_unit, True, "The mean is about 100 times what it was"),
        (another_kind, True, "of customers are unlike anyone"),
        (missing, True, '"age" is missing for 20 % of customers; before it was 0 %.'),
        (new_words, True, 'never seen, in 20 % of its cells: "gold" (600).'),
        (all_new_words, True, "never seen, in 100 % of its cells"),
        (other_shares, True, "would have to be in another segment"),
    ],
)
def test_an_alarm_is_raised_where_something_changed_that_matters(
    change: Callable[[pd.DataFrame], pd.DataFrame], alarm: bool, said: str
) -> None:
    found = STUDY.compare(change(customers(3000, 1)))
    assert found.alarm is alarm
    assert said in found.verdict
    assert found.verdict.startswith("Drift: ") is alarm


def test_what_is_told_of_columns_and_segments() -> None:
    later = another_unit(customers(3000, 1))
    told = STUDY.compare(later).to_json()
    by_name = {column["name"]: column for column in told["columns"]}
    assert list(by_name) == ["age", "plan", "spent", "visits"]
    spent = by_name["spent"]
    assert spent["mean_before"] == pytest.approx(TABLE.spent.mean())
    assert spent["mean_after"] == pytest.approx(later.spent.mean())
    assert spent["wasserstein"] == pytest.approx(later.spent.mean() - TABLE.spent.mean(), rel=1e-3)
    assert spent["psi"] > 1 > 0.05 > spent["usual"]["psi"] > 0
    assert by_name["plan"]["wasserstein"] is None
    assert by_name["age"]["psi"] < 2 * by_name["age"]["usual"]["psi"]
    placed = STUDY.assign(later)["segment"].value_counts()
    for segment in told["segments"]:
        assert segment["size_before"] == STUDY.segments.loc[segment["id"], "size"]
        assert segment["size_after"] == placed.get(segment["id"], 0)
    assert sum(s["share_after"] for s in told["segments"]) == pytest.approx(1)
    json.dumps(told, allow_nan=False)


def test_one_thing_and_several_are_spoken_of_as_such() -> None:
    several = "the shares of the segments"
    assert '"age" has shifted' in say("drift-found", what=['"age"']).text
    assert f"{several} have shifted" in say("drift-found", what=[several]).text
    assert "seem shifted" in say("drift-unsure", what=[several], before=9, after=9).text


def test_few_customers_are_told_as_too_few() -> None:
    found = STUDY.compare(customers(400, 2).head(12).assign(age=lambda t: t.age + 6))
    assert not found.alarm
    assert "chance may do as much" in found.verdict


@pytest.mark.parametrize("times", [100, 0.01])
def test_another_unit_of_money_that_few_spend_is_told(times: float) -> None:
    """Of 200 customers 22 spend; of those drawn from them, 22 or so."""
    rng = np.random.default_rng(0)
    spent = np.r_[np.zeros(178), np.exp(rng.normal(3, 1, 22))]
    table = pd.DataFrame({"visits": rng.normal(50, 9, 200), "spent": spent})
    study = shoal.segment(table, by=["visits", "spent"], k=2)
    again = table.sample(200, replace=True, random_state=1).reset_index(drop=True)
    assert not study.compare(again).alarm
    found = study.compare(again.assign(spent=again["spent"] * times))
    assert found.alarm
    assert {each.name: each.state for each in found.columns}["spent"] == "drift"


def test_old_customers_stand_in_for_those_of_the_model() -> None:
    changed = another_unit(customers(1500, 1))
    same = STUDY.compare(another_unit(customers(3000, 4)), old=changed)
    assert not same.alarm
    assert same.customers_before == 1500
    assert STUDY.compare(changed, old=customers(1500, 5)).alarm


def test_the_order_of_rows_and_a_saved_model_change_nothing(tmp_path: Path) -> None:
    later = customers(3000, 1)
    model = shoal.load(STUDY.save(tmp_path / "model.json"))
    shuffled = model.compare(later.sample(frac=1, random_state=0)).to_json()
    told = STUDY.compare(later).to_json()
    assert [s["size_after"] for s in shuffled["segments"]] == [
        s["size_after"] for s in told["segments"]
    ]
    for a, b in zip(told["columns"], shuffled["columns"], strict=True):
        assert a["psi"] == b["psi"]
    whole = (tmp_path / "model.json").read_text("utf-8")
    assert "customer_id" in whole
    assert str(TABLE.spent.max()) not in whole


def test_rows_that_cannot_be_placed_are_counted() -> None:
    later = customers(1000, 1)
    later.loc[:49, ["spent", "visits", "age", "plan"]] = None
    found = STUDY.compare(later)
    assert (found.rows_read, found.rows_set_aside, found.customers_after) == (1000, 50, 950)


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["compare", *map(str, arguments)])


def test_the_command(tmp_path: Path) -> None:
    model = STUDY.save(tmp_path / "model.json")
    for name, table in {
        "same": customers(900, 1),
        "other": another_unit(customers(900, 1)),
        "less": customers(900, 1).drop(columns="age"),
    }.items():
        table.to_csv(tmp_path / f"{name}.csv", index=False)
    same, other = tmp_path / "same.csv", tmp_path / "other.csv"
    assert run(model, same, "--fail-on", "drift").exit_code == 0
    assert run(model, other).exit_code == 0
    alarmed = run(model, other, "--fail-on", "drift", "--json")
    assert alarmed.exit_code == 3
    told = json.loads(alarmed.stdout)
    assert told["alarm"] is True
    assert told["verdict"].startswith("Drift: ")
    assert "stability index" in run(model, other).stdout
    assert run(model, same, "--old", other, "--fail-on", "drift").exit_code == 3


def test_what_is_refused(tmp_path: Path) -> None:
    with pytest.raises(shoal.InputError, match='lacks "age"'):
        STUDY.compare(TABLE.drop(columns="age"))
    with pytest.raises(shoal.InputError, match="but no rows"):
        STUDY.compare(TABLE.head(0))
    with pytest.raises(shoal.InputError, match="nobody to compare"):
        STUDY.compare(TABLE.assign(spent=None, visits=None, age=None, plan=None))
    old = shoal.load(MODELS / "made.json")
    with pytest.raises(shoal.InputError, match="keeps nothing of the customers"):
        old.compare(MODELS / "made.csv")
    assert not old.compare(MODELS / "made.csv", old=MODELS / "made.csv").alarm
    STUDY.save(tmp_path / "m.json")
    with pytest.raises(shoal.OptionError, match="drift"):
        CliRunner().invoke(
            app,
            ["compare", str(tmp_path / "m.json"), "x.csv", "--fail-on", "x"],
            catch_exceptions=False,
        )


def test_a_model_whose_account_of_customers_does_not_fit_is_refused(tmp_path: Path) -> None:
    whole = json.loads(STUDY.save(tmp_path / "model.json").read_text("utf-8"))
    for wrong in ({"unlike": -1}, {"columns": []}, {"customers": -5}):
        broken = json.loads(json.dumps(whole))
        broken["model"]["baseline"] |= wrong
        with pytest.raises(shoal.InputError, match="damaged"):
            shoal.load(json.dumps(broken).encode())
