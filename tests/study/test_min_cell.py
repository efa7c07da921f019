"""Figures of segments that are of fewer than five customers stand in no output."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest

import shoal

N = 300
PICTURES = re.compile(r"data:image/[^\"]*|<svg.*?</svg>", re.DOTALL)
MONEY = re.compile(r"(?<!\d)(50[678]\d|5,0[678]\d|5\.0[678]\d|5k)(?!\d)")  # of the three


def table() -> pd.DataFrame:
    """150, 147 and 3 customers; three of the first have the newsletter, two of them are gone."""
    rng, row = np.random.default_rng(0), np.arange(N)
    group = np.repeat([0, 1, 2], [150, 147, 3])
    second = (group == 1) & (rng.random(N) < 0.4)
    return pd.DataFrame(
        {
            "customer_id": [f"K{n:04d}" for n in range(N)],
            "spent": np.array([100, 400, 5077.0])[group] + rng.normal(0, 2, N).round(2),
            "visits": np.array([2, 9, 60])[group] + rng.integers(0, 3, N),
            "newsletter": np.where((row < 3) | second, "yes", "no"),
            "region": np.where(row % 50 == 7, "Elba", np.where(row % 3 > 0, "north", "south")),
            "churn": np.where((row % 75 == 0) & (row < 150) | second & (row % 2 > 0), "yes", "no"),
        }
    )


def made(least: int, folder: Path) -> shoal.Study:
    by = ["spent", "visits"]
    return shoal.segment(table(), k=3, by=by, out=folder, min_cell=least, mute="far-out")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("few")


@pytest.fixture(scope="module")
def five(folder: Path) -> shoal.Study:
    return made(5, folder / "five")


@pytest.fixture(scope="module")
def every(folder: Path) -> shoal.Study:
    return made(1, folder / "every")


def test_a_segment_of_three_has_its_name_and_size_and_no_figures(
    five: shoal.Study, every: shoal.Study
) -> None:
    few, known = five.segments.loc[2], every.segments.loc[2]
    assert (few["name"], few["size"]) == (known["name"], 3)
    empty = ["value_share", "value_sum", "value_mean", "value_median", "value_index"]
    empty += ["rule_precision", "rule_coverage", "churn_rate", "at_stake"]
    assert few[empty].isna().all()
    assert known[empty[:6]].notna().all()
    assert few["rule"] == few["who"] == few["test"] == ""
    portrait = five.portraits[1]
    assert portrait.traits == portrait.typical == portrait.outcomes == ()
    assert "Figures of fewer than 5 customers are not shown." in portrait.insights
    assert not any(re.search(r"\d{2}", each.partition(": ")[2]) for each in portrait.name_evidence)


def test_a_share_of_three_is_not_told_where_the_segment_is_large(five: shoal.Study) -> None:
    first = five.portraits[2]
    assert (first.size, first.not_shown) == (150, ("churn", "newsletter", "region"))
    assert {trait.column for trait in first.traits} == {"spent", "visits"}
    assert math.isnan(five.segments.loc[3, "churn_rate"])
    rate = table()["churn"].iloc[150:297].eq("yes").mean()
    assert five.segments.loc[1, "churn_rate"] == pytest.approx(rate)


def test_totals_and_labels_are_of_all_customers(five: shoal.Study, every: shoal.Study) -> None:
    assert five.answer.everybody.value_sum == pytest.approx(table()["spent"].sum())
    assert five.customers.equals(every.customers)
    assert five.segments["name"].tolist() == every.segments["name"].tolist()


def texts(folder: Path) -> dict[str, str]:
    """All that is said of segments, but for what the data analysis says of the whole table."""
    book = openpyxl.load_workbook(folder / "segments.xlsx", read_only=True)
    sheets = [book[name] for name in book.sheetnames[:2]]
    cells = [cell for sheet in sheets for row in sheet.iter_rows(values_only=True) for cell in row]
    page = (folder / "report.html").read_text("utf-8")
    said = json.loads((folder / "summary.json").read_text("utf-8"))
    return {
        "report": PICTURES.sub("", page.partition('id="data"')[0]),
        "page": PICTURES.sub("", (folder / "summary.html").read_text("utf-8")),
        "workbook": "|".join("" if cell is None else str(cell) for cell in cells),
        "json": json.dumps(said["segments"]),
        "table": (folder / "segments.csv").read_text("utf-8"),
        "figure": (folder / "figures" / "profile.svg").read_text("utf-8"),
    }


def test_no_output_tells_what_three_customers_spend(
    five: shoal.Study, every: shoal.Study, folder: Path
) -> None:
    shown, told = texts(folder / "five"), texts(folder / "every")
    assert [name for name, text in shown.items() if MONEY.search(text)] == []
    assert [name for name, text in told.items() if MONEY.search(text)] == list(told)


def test_figures_have_no_hill_and_no_bar_of_three(five: shoal.Study, every: shoal.Study) -> None:
    heights = []
    for study in (five, every):
        outlines = study.plot.distributions(most=1).axes[0].collections[1].get_paths()[1].vertices
        heights.append(np.ptp(outlines[:, 1]))
    assert heights[0] == 0 < heights[1]
    for study, bars in ((five, 0.0), (every, 3 * 5077 / table()["spent"].sum())):
        bar = study.plot.sizes().axes[1].patches[1]
        assert bar.get_width() == pytest.approx(bars, abs=1e-3)


def test_it_is_said_once(five: shoal.Study, every: shoal.Study) -> None:
    said = [finding for finding in five.findings if finding.code == "few"]
    assert [finding.message for finding in said] == [
        "Figures of fewer than 5 customers are not shown: all of segment 2, and single ones of "
        'others in "region", "churn" and "newsletter". Customers are labelled all the same; '
        "min_cell=1 shows all."
    ]
    assert not any(finding.code == "few" for finding in every.findings)


def test_another_action_and_another_k_keep_to_it(five: shoal.Study) -> None:
    assert five.with_action({2: five.plays(2)[0].play}).portraits[1].action.at_stake is None
    assert all(p.not_shown or p.size >= 5 for p in five.with_k(4).portraits)


@pytest.mark.parametrize("wrong", [0, -1, 1001, "few"])
def test_a_wrong_number_is_refused(wrong: object) -> None:
    with pytest.raises(shoal.OptionError, match=r"min_cell=.* must lie from 1, which shows all"):
        shoal.segment(table(), min_cell=wrong)
