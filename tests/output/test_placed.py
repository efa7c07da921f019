"""New customers: rows that are elsewhere, and records that a program holds."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import shoal
from shoal.data import open_table
from shoal.engine.local import LocalEngine
from shoal.engine.table import Table
from shoal.options import ReadingOptions
from shoal.output.labels import placed_frame
from shoal.types import ReadAs

N = 90


class Elsewhere:
    """Rows that are not here: what is made of them is asked of this engine."""

    here = False

    def __init__(self, rows: pa.Table) -> None:
        self.rows = rows

    def run(self, batches, accumulators, columns, progress):
        return LocalEngine(threads=1).run(batches, accumulators, columns, progress)

    def mapped(self, work, columns, schema, *, keep=False):
        made = [work(batch.select(columns), 0) for batch in self.rows.to_batches()]
        return there(pa.Table.from_batches(made, schema))


def there(rows: pa.Table) -> Table:
    stream = lambda columns: iter(rows.select(columns).to_batches())  # noqa: E731
    return Table("far", rows.schema, ReadAs("parquet"), stream, engine=Elsewhere(rows))


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    """Customers who differ in a sum of parts, a date, a flag and a word."""
    rng = np.random.default_rng(3)
    group = np.arange(N) % 3
    level = np.array([10.0, 60.0, 200.0])[group]
    days = np.array([20, 200, 700])[group] + rng.integers(0, 15, N)
    return pd.DataFrame(
        {
            "customer_id": [f"c{i}" for i in range(N)],
            "spend_wine": level + rng.normal(0, 1, N),
            "spend_meat": 2 * level + rng.normal(0, 1, N),
            "spend_fish": level / 2 + rng.normal(0, 1, N),
            "last_purchase": pd.Timestamp("2024-06-30") - pd.to_timedelta(days, "D"),
            "member": np.where(group == 2, "yes", "no"),
            "plan": np.array(["basic", "plus", "gold"])[group],
        }
    )


@pytest.fixture(scope="module")
def study(table: pd.DataFrame) -> shoal.Study:
    by = ["total spending", "days since last purchase", "member", "plan"]
    return shoal.segment(table, id="customer_id", k=3, date="2024-06-30", by=by)


def same(rows: list[dict[str, object]], frame: pd.DataFrame) -> None:
    for name in frame.columns:
        told = [None if value != value else value for value in frame[name].tolist()]
        assert [row[name] for row in rows] == told, name
    assert list(rows[0]) == list(frame.columns)


def test_rows_that_are_elsewhere_are_placed_with_their_made_columns(table, study):
    here = study.assign(table)
    assert study.model.segmentation.made
    far = there(open_table(table, ReadingOptions()).to_arrow())
    placed, notes = placed_frame(far, study.model.segmentation, None)
    pd.testing.assert_frame_equal(placed, here)
    assert notes == ()


def test_records_are_placed_as_a_table_of_them_is(table, study):
    gaps = table.assign(spend_fish=table["spend_fish"].where(table.index % 7 > 0))
    gaps.loc[4, ["member", "plan", "last_purchase"]] = None
    gaps.loc[5, "plan"] = "platinum"
    records = gaps.to_dict("records")
    for one in records:
        if isinstance(one["last_purchase"], pd.Timestamp):
            one["last_purchase"] = one["last_purchase"].date().isoformat()
    placed = study.model.place(records)
    there = study.assign(gaps)
    same(placed, there)
    assert [note.code for note in placed.findings] == ["gaps", "gaps", "unknown-words", "gaps"]
    assert sorted(map(str, placed.findings)) == sorted(map(str, there.attrs["findings"]))
    alone = [study.model.place([one])[0] for one in records[6:12]]
    same(alone, there.iloc[6:12])


def test_columns_are_placed_as_their_records_are(table, study):
    records = table.drop(columns="last_purchase").to_dict("records")
    for one, day in zip(records, table["last_purchase"].tolist(), strict=True):
        one["last_purchase"] = None if pd.isna(day) else day
    columns = {name: [one[name] for one in records] for name in records[0]}
    placed = study.model.place(columns)
    assert (placed, placed.findings) == ((there := study.model.place(records)), there.findings)


@pytest.mark.parametrize(
    ("columns", "says"),
    [
        ({}, "There are no records: there is nobody to place."),
        ({"spend_wine": []}, "There are no records: there is nobody to place."),
        (
            {"spend_wine": 60},
            '"spend_wine" must be a list of values, one a customer; it is of type int.',
        ),
        ({"plan": "plus"}, '"plan" must be a list of values, one a customer; it is of type str.'),
        (
            {"spend_wine": [60, 70], "plan": ["plus"]},
            'Columns must have one value a customer each, but "spend_wine" has 2 and "plan" has 1.',
        ),
    ],
)
def test_columns_that_are_no_lists_of_one_length_are_refused(study, columns, says):
    with pytest.raises(shoal.InputError) as told:
        study.model.place(columns)
    assert says in str(told.value)


def test_a_record_without_a_value_is_set_aside(study):
    nobody = dict.fromkeys(("spend_wine", "spend_meat", "spend_fish", "member", "plan"))
    placed = study.model.place([nobody | {"last_purchase": None}])
    assert placed == [
        {
            "row": 1,
            "segment": None,
            "name": "",
            "runner_up": "",
            "margin": 0.0,
            "unlike_anyone": False,
        }
    ]
    assert "set-aside" in [note.code for note in placed.findings]


WHOLE = {
    "spend_wine": 60,
    "spend_meat": 120.5,
    "spend_fish": np.float64(30),
    "last_purchase": dt.datetime(2023, 12, 3),
    "member": "no",
    "plan": "plus",
}


@pytest.mark.parametrize(
    ("records", "says"),
    [
        ([], "There are no records: there is nobody to place."),
        (["x"], 'A record is a str, but must map columns to values, such as {"'),
        (
            [{"spent": 1}],
            'the list of records lacks "last_purchase", of which "days since last purchase" is made',
        ),
        (
            [{**WHOLE, "plam": 1} | {"plan": 7}],
            '"plan" of the list of records was read as int64, but the',
        ),
        ([WHOLE | {"plan": "free"}], 'holds no word that the model knows, but "free" (1).'),
        (
            [WHOLE, WHOLE | {"spend_wine": "a"}],
            '"spend_wine" of the list of records holds int and str.',
        ),
        ([WHOLE | {"spend_wine": [1]}], '"spend_wine" of the list of records holds list.'),
        (
            [WHOLE | {"last_purchase": "soon"}],
            '"last_purchase" of the list of records was read as string',
        ),
        ([{n: v for n, v in WHOLE.items() if n != "plan"}], 'lacks "plan", which the model needs.'),
    ],
)
def test_records_that_cannot_be_placed(study, records, says):
    with pytest.raises(shoal.InputError) as refused:
        study.model.place(records)
    assert says in str(refused.value)


def test_numbers_of_any_kind_are_numbers(study):
    same_again = WHOLE | {"spend_wine": 60.0, "spend_fish": 30, "spend_meat": 241 / 2}
    huge = WHOLE | {"spend_wine": 2**70}
    first, second, third = study.model.place([WHOLE, same_again, huge])
    assert first == second | {"row": 1}
    assert third["unlike_anyone"]
