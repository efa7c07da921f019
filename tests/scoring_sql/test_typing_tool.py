"""Questions that place a customer: points are added up again here, from the JSON alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from click.testing import CliRunner

import shoal
import sql_kit as kit
from shoal.cli.main import app


def shop(rows: int = 600) -> pd.DataFrame:
    """Three kinds of customers that two columns tell apart; others say little."""
    rng = np.random.default_rng(3)
    kind = rng.integers(0, 3, rows)
    return pd.DataFrame(
        {
            "customer_id": np.arange(rows) + 1,
            "visits": np.array([2, 20, 20])[kind] + rng.integers(0, 4, rows),
            "spent": np.array([10.0, 10.0, 90.0])[kind] + rng.normal(0, 2, rows).round(2),
            "plan": np.where(rng.random(rows) < 0.9, np.array(["A", "B", "C"])[kind], "A"),
            "member": rng.random(rows) < 0.5,
            "noise": rng.normal(0, 1, rows),
            "full name": [f"Anna Meier{i}" for i in range(rows)],
        }
    )


@pytest.fixture(scope="module")
def made() -> tuple[shoal.Model, Any, pd.DataFrame]:
    table = shop()
    model = shoal.segment(table, by=["visits", "spent"], k=3).model
    return model, model.typing_tool(table), table


def by_hand(tool: dict[str, Any], row: dict[str, Any]) -> int | None:
    """The segment of one customer, as the form tells to find it."""
    sums = list(tool["start"])
    for question in tool["questions"]:
        value = row[question["column"]]
        if value is None or value != value:
            continue
        for answer in question["answers"]:
            if answer["word"] is not None:
                met = value == answer["word"]
            else:
                low, high = answer["low"], answer["high"]
                met = (low is None or float(value) > low) and (high is None or float(value) <= high)
            if met:
                sums = [a + b for a, b in zip(sums, answer["points"], strict=True)]
    best, second = sorted(sums, reverse=True)[:2]
    return tool["segments"][sums.index(best)]["id"] if best - second >= tool["lead"] else None


def test_two_questions_are_enough_where_two_columns_say_all(made: Any) -> None:
    _, tool, _ = made
    assert {q.column for q in tool.questions} <= {"visits", "spent", "plan"}
    assert len(tool.questions) == 2
    assert tool.accuracy.share == 1.0
    assert tool.held_out == 120
    assert [step.questions for step in tool.curve] == list(range(1, len(tool.curve) + 1))
    assert tool.curve[0].accuracy.share < 0.9
    assert all(q.column != "full name" for q in tool.questions)


def test_what_is_measured_is_what_the_form_does(made: Any) -> None:
    """Over all customers, points added up by hand place about as many rightly as was said."""
    model, tool, table = made
    facts = json.loads(json.dumps(tool.to_json()))
    placed = [by_hand(facts, row) for row in table.to_dict("records")]
    right = np.array(placed) == model.assign(table)["segment"].to_numpy()
    assert right.mean() > 0.98


@pytest.mark.parametrize("run", [kit.on_duckdb, kit.on_sqlite])
def test_sql_does_what_the_form_does(made: Any, run: Any) -> None:
    _, tool, table = made
    odd = pd.concat([table[:50], table[:3]], ignore_index=True).astype({"visits": object})
    odd["customer_id"] = range(53)
    odd.loc[50, "visits"], odd.loc[51, "spent"] = None, None
    odd.loc[52, ["visits", "spent", "plan"]] = None
    rows = pa.Table.from_pandas(odd)
    sql = tool.to_sql(run.__name__.removeprefix("on_"), id="customer_id")
    facts = tool.to_json()
    want = [by_hand(facts, row) for row in rows.to_pylist()]
    assert [row[1] for row in sorted(run(rows, sql))] == want
    assert want[52] is None


def test_every_dialect_can_say_it(made: Any) -> None:
    import sqlglot

    from shoal.scoring_sql.dialects import DIALECTS

    for dialect in DIALECTS:
        assert len(sqlglot.parse(made[1].to_sql(dialect), dialect=dialect)) == 1


def test_it_abstains_where_the_answers_do_not_tell() -> None:
    """Segments are formed on a column that nobody is asked for but by a hint."""
    rng = np.random.default_rng(0)
    hidden = np.concatenate([rng.normal(m, 1, 300) for m in (0, 10)])
    hint = np.where(rng.random(600) < 0.8, hidden > 5, hidden <= 5)
    model = shoal.segment(pd.DataFrame({"x": hidden}), k=2).model
    table = pd.DataFrame({"x": np.where(rng.random(600) < 0.5, hidden, np.nan), "hint": hint})
    labels = model.assign(table.assign(x=hidden))["segment"].to_numpy()
    assert len(set(labels)) == 2
    tool = model.typing_tool(table.assign(x=hidden), questions=1)
    assert tool.accuracy.share > 0.95  # it asks for x itself
    assert "right to abstain" in tool.says


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"questions": 0}, "questions=0 must be a number from 1 to 50"),
        ({"sure": 1.0}, "sure=1 must be a share from 0.5"),
    ],
)
def test_wrong_options_are_refused(made: Any, options: dict[str, Any], said: str) -> None:
    model, _, table = made
    with pytest.raises(shoal.OptionError, match=said):
        model.typing_tool(table, **options)


def test_too_few_customers_are_refused(made: Any) -> None:
    model, _, table = made
    with pytest.raises(shoal.InputError, match="too few to find questions"):
        model.typing_tool(table[:60])


def test_the_command_writes_a_form_that_escapes_what_it_shows(made: Any, tmp_path: Path) -> None:
    model, _, table = made
    model.renamed({1: "<b>Bold</b> ones"}).save(tmp_path / "model.json")
    table.to_csv(tmp_path / "c.csv", index=False)
    typed = ["typing-tool", tmp_path / "model.json", tmp_path / "c.csv", "--out", tmp_path / "tool"]
    done = CliRunner().invoke(app, [str(word) for word in typed])
    assert done.exit_code == 0, done.output
    assert "2 questions place" in done.output
    page = (tmp_path / "tool" / "typing-tool.html").read_text("utf-8")
    assert "&lt;b&gt;Bold&lt;/b&gt; ones" in page
    assert "Anna Meier" not in page
    facts = json.loads((tmp_path / "tool" / "typing-tool.json").read_text("utf-8"))
    assert facts["questions"][0]["answers"][0]["points"]
    assert "shoal_answers" in (tmp_path / "tool" / "typing-tool.sql").read_text("utf-8")
