"""Figures of fewer than five customers are shown to nobody; tables for programs hold them."""

from __future__ import annotations

import csv
import json
from decimal import Decimal
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest
from click.testing import CliRunner

import shoal
from shoal.cli.main import app
from shoal.lifecycle.lifts import Group, Price, lifts

SECRET = 4321.75  # each of three who moved brought so much, and a thousand less afterwards


def period(later: bool) -> pd.DataFrame:
    """Segment 1 and 2 of sixty; three went from 1 to 2, nine from 2 to 1, four are gone."""
    ids, segment = np.arange(120), np.repeat([1, 2], 60)
    spent = np.where(ids < 3, SECRET - 1000 * later, 10.0 + ids % 7 * later)
    if later:
        segment = np.where(ids < 3, 2, np.where((ids >= 60) & (ids < 69), 1, segment))
    table = pd.DataFrame({"id": ids, "segment": segment, "spent": spent})
    return table[ids < 116] if later else table


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("periods")
    for name, later in (("before.csv", False), ("after.csv", True)):
        period(later).to_csv(folder / name, index=False)
    return folder / "before.csv", folder / "after.csv"


# What the three brought, together: before, after, and the change.
TELLING = ("12,965.25", "9,965.25", "-3,000", "12965.25", "9965.25", "-3000")


def test_moves_of_few_are_not_shown(files: tuple[Path, Path], tmp_path: Path) -> None:
    found = shoal.moves(*files, out=tmp_path / "m", value="spent")
    screen = CliRunner().invoke(app, ["moves", *map(str, files), "--value", "spent"])
    assert screen.exit_code == 0
    sheet = openpyxl.load_workbook(tmp_path / "m" / "moves.xlsx").active
    cells = [[cell.value for cell in row] for row in sheet.iter_rows()]
    flows = {(row[0], row[1]): row for row in cells if row[2] in ("stayed", "moved", "departed")}
    few = next(row for (start, end), row in flows.items() if start[-1] == "1" and end[-1] == "2")
    assert few[3:7] == ["fewer than 5", "–", "–", "–"]
    gone = next(row for (_, end), row in flows.items() if end == "there no more")
    assert gone[3] == "fewer than 5"
    assert next(row for row in cells if row[0] == "Together")[3] == 120
    seen = {
        "report": (tmp_path / "m" / "moves.html").read_text("utf-8"),
        "figure": (tmp_path / "m" / "moves.svg").read_text("utf-8"),
        "terminal": screen.output,
        "notebook": str(found._repr_html_()),
        "sentences": " ".join(said.text for said in (*found.summary, *found.worries)),
        "workbook": json.dumps(cells, default=str),
    }
    for place, text in seen.items():
        assert not [each for each in TELLING if each in text], place
        assert "fewer than 5" in text, place
    assert found.summary[0].text == (
        "116 customers are in both tables: 104 stayed in their segment, 12 moved. "
        "4 are there no more, 0 are new."
    )
    assert [f.code for f in found.findings if f.code == "few-moves"] == ["few-moves"]


def test_tables_for_programs_hold_them_and_add_up(files: tuple[Path, Path], tmp_path: Path) -> None:
    found = shoal.moves(*files, out=tmp_path / "m", value="spent")
    with (tmp_path / "m" / "moves.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert sum(int(row["customers"]) for row in rows) == 120
    assert sum(Decimal(row["money_before"]) for row in rows) == Decimal("14135.25")
    told = found.to_json()
    assert told["min_cell"] == 5
    assert {3, 4, 9} <= {flow["customers"] for flow in told["flows"]}
    whole = shoal.moves(*files, value="spent", min_cell=1)
    assert whole.flows == found.flows
    assert "fewer than" not in str(whole._repr_html_())
    assert any("3 customers with 12,965.25" in said.text for said in whole.worries)
    with pytest.raises(shoal.OptionError, match="min_cell=0 must lie from 1"):
        shoal.moves(*files, min_cell=0)


def test_columns_that_few_have_are_not_compared_in_figures() -> None:
    rng = np.random.default_rng(0)
    old = pd.DataFrame(rng.normal([10, 50], 3, (300, 2)), columns=["spent", "visits"])
    study = shoal.segment(old, by=["spent", "visits"], k=2)
    new = pd.DataFrame(rng.normal([10, 50], 3, (200, 2)), columns=["spent", "visits"])
    new.loc[3:, "spent"] = None  # known of three, who spend much
    new.loc[:2, "spent"] = 31.25
    found = study.compare(new)
    column = next(each for each in found.columns if each.name == "spent")
    assert (column.mean_after, column.psi, column.wasserstein) == (None, None, None)
    assert "31.2" not in found.verdict + str(found._repr_html_())
    assert "missing for" in found.verdict
    shown = next(c for c in study.compare(new, min_cell=1).columns if c.name == "spent")
    assert shown.mean_after == pytest.approx(31.25)


def rates(yes: dict[tuple[int, bool], int], size: int = 100) -> Group:
    """Two segments of so many in target and hold-out, of whom so many had the outcome."""
    keys = [(segment, held) for segment in (1, 2) for held in (False, True)]
    amounts = [np.arange(size) < yes[key] for key in keys]
    return Group(
        np.repeat([key[0] for key in keys], size),
        np.repeat([key[1] for key in keys], size),
        np.concatenate(amounts).astype(float),
        None,
    )


# of the target, held out → what is said of each, and whether the lift is
RATES = [
    (30, 20, "30 % of the target, 20 % of those held out", True),
    (30, 3, "30 % of the target, fewer than 5 of those held out. It works: a lift of ", False),
    (97, 60, "all but fewer than 5 of the target, 60 % of those held out", False),
    (30, 0, "30 % of the target, 0 % of those held out", True),
]


@pytest.mark.parametrize(("target", "held", "said", "lift"), RATES)
def test_rates_of_few_in_campaigns_are_not_said(
    target: int, held: int, said: str, lift: bool
) -> None:
    group = rates({(1, False): target, (1, True): held, (2, False): 40, (2, True): 40})
    names = {1: "One", 2: "Two"}
    (one, two), total = lifts(group, names, "rate", Price(1.0, 10.0), 5)
    assert one.said.text.startswith(f"One: {said}")
    assert (f"{target - held} points (95 %" in one.said.text) == lift
    assert one.not_shown != lift
    assert (one.target, one.lift) == (target / 100, pytest.approx((target - held) / 100))
    assert not two.not_shown
    assert not total.not_shown
    (all_said, _), _ = lifts(group, names, "rate", Price(1.0, 10.0), 1)
    assert f"{target - held} points (95 %" in all_said.said.text


def test_a_history_shows_what_its_runs_show(tmp_path: Path) -> None:
    """Three who spend much are a segment of their own: its size is told, its value is not."""
    rng = np.random.default_rng(1)
    places = np.repeat([[10.0, 5.0], [60.0, 25.0], [SECRET, 400.0]], [60, 60, 3], axis=0)
    table = pd.DataFrame(places + rng.normal(0, 0.5, (123, 2)), columns=["spent", "visits"])
    options = {"by": ["spent", "visits"], "value": "spent", "k": 3, "scale": "none"}
    shoal.segment(table, **options, out=tmp_path / "runs" / "1")
    found = shoal.history(tmp_path / "runs")
    values = {each.size: each.value_share for each in found.runs[0].segments}
    assert set(values) == {3, 60}
    assert values[3] is None
    assert values[60] is not None
    page = found.html(tmp_path / "history.html").read_text("utf-8")
    much = table.spent.iloc[120:].sum() / table.spent.sum()
    assert f"{much * 100:.0f} %" not in page
