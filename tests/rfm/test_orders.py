"""Orders → customers: the published tables, and small ones with answers on paper."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import shoal
from shoal.data.read import read
from shoal.engine.table import Table
from shoal.errors import InputError, OptionError
from shoal.rfm.columns import understand

DATA = Path(__file__).parents[3] / "shared" / "data"
published = pytest.mark.skipif(
    not DATA.exists(), reason="the tables with published results are not here"
)


def made(source, **options) -> pd.DataFrame:
    return frame(shoal.orders(read(source), **options))


def frame(customers) -> pd.DataFrame:
    return (
        pa.Table.from_batches(customers.table.batches(), customers.table.schema)
        .to_pandas()
        .set_index(customers.id)
    )


def orders(**columns) -> pd.DataFrame:
    table = pd.DataFrame(columns)
    table["date"] = pd.to_datetime(table["date"])
    return table


# --- published tables -----------------------------------------------------------------------------


@published
def test_the_online_shop_equals_the_published_table_of_customers():
    wanted = pd.read_csv(DATA / "online_retail" / "published_rfm_segments_mwoitek.csv").set_index(
        "CustomerID"
    )
    apart = shoal.orders(read(DATA / "online_retail" / "online_retail.parquet"), returns="apart")
    found = frame(apart).loc[wanted.index]
    by_default = shoal.orders(read(DATA / "online_retail" / "online_retail.parquet"))
    # Summed up by pandas: purchases, returns since each customer's first purchase, up to them.
    assert frame(by_default)["monetary"].sum() == pytest.approx(8_320_721.324, abs=0.01)
    assert by_default.facts.money.bought == pytest.approx(8_911_407.904, abs=0.01)
    assert by_default.facts.money.returned == pytest.approx(611_342.09, abs=0.01)
    assert by_default.facts.money.beyond == 4
    assert by_default.facts.rows == 541_909
    assert by_default.facts.customers == len(wanted) == 4338
    assert by_default.facts.set_aside == (
        ("without a customer", 135_080),
        ("free of charge (price or quantity zero)", 40),
    )
    assert by_default.facts.sales + by_default.facts.returns + 135_080 + 40 == 541_909
    assert by_default.facts.date == dt.date(2011, 12, 10)
    assert (found["frequency"] == wanted["Frequency"]).all()
    assert np.allclose(found["monetary"], wanted["Monetary"], atol=0.005, rtol=0)
    assert (wanted["Recency"] - found["recency"] == 1).all()
    theirs = made(
        DATA / "online_retail" / "online_retail.parquet", date="2011-12-11", breadth=False
    )
    assert (theirs["recency"].loc[wanted.index] == wanted["Recency"]).all()


@published
@pytest.mark.parametrize(
    ("file", "customers", "orders", "money"),
    [
        ("cdnow/cdnow.csv", 23_570, 69_659, 2_500_315.63),
        ("superstore/superstore.parquet", 793, 5_009, 2_297_200.86),
        ("groceries_members/groceries_members.csv", 3_898, 14_963, None),
        ("rfm_data_orders/rfm_data_orders.csv", 995, 4_906, 464_158.0),
    ],
)
def test_counts_and_sums_of_public_tables(file, customers, orders, money):
    found = shoal.orders(read(DATA / file))
    assert (found.facts.customers, found.facts.orders) == (customers, orders)
    if money is None:
        assert found.value is None
        assert "no-amounts" in [f.code for f in found.findings]
    else:
        assert frame(found)["monetary"].sum() == pytest.approx(money, abs=0.01)


@published
@pytest.mark.parametrize("name", ["cdnow", "rfm_data_orders"])
def test_the_first_customers_are_as_computed_elsewhere(name):
    wanted = json.loads((DATA / name / "reference.json").read_text())["reference"]["rfm_first5"]
    found = made(DATA / name / f"{name}.csv")
    for who, (recency, frequency, monetary) in wanted.items():
        row = found.loc[int(who) if name == "cdnow" else who]
        assert (row["recency"], row["frequency"]) == (recency, frequency)
        assert row["monetary"] == pytest.approx(monetary)


# --- on paper -------------------------------------------------------------------------------------


def test_every_measure_of_one_customer():
    table = orders(
        customer=["ann"] * 3,
        order_id=[1, 2, 3],
        date=["2024-01-01", "2024-01-11", "2024-01-31"],
        amount=[10.0, 20.0, 60.0],
    )
    row = made(table, date="2024-02-10").loc["ann"]
    assert (
        row["recency"],
        row["tenure"],
        row["frequency"],
        row["monetary"],
        row["average_order"],
    ) == (10, 40, 3, 90.0, 30.0)
    assert row["days_between"] == 15.0  # 10 and 20 days
    assert row["regularity"] == 0.75  # 15 / (15 + 5): mean and standard deviation of the gaps
    assert row["trend"] == pytest.approx(2 * (20 * 10 + 60 * 30) / 90 / 30 - 1, abs=1e-4)
    assert (row["first_order"], row["last_order"]) == (dt.date(2024, 1, 1), dt.date(2024, 1, 31))


def test_lines_become_orders_and_a_customer_who_came_once_is_kept():
    table = orders(
        customer=["ann", "ann", "ann", "bob"],
        invoice_no=["7", "7", "8", "9"],
        date=["2024-01-01", "2024-01-01", "2024-01-05", "2024-01-02"],
        sku=["a", "b", "a", "c"],
        category=["fruit", "milk", "milk", "fruit"],
        quantity=[2, 1, 1, 3],
        unit_price=[1.0, 5.0, 4.0, 2.0],
    )
    found = shoal.orders(read(table))
    rows = frame(found)
    assert found.facts.reading.kind == "lines"
    assert rows["frequency"].to_dict() == {"ann": 2, "bob": 1}
    assert rows["monetary"].to_dict() == {"ann": 11.0, "bob": 6.0}
    assert rows["products"].to_dict() == {"ann": 2, "bob": 1}
    assert rows["favourite_category"].to_dict() == {"ann": "milk", "bob": "fruit"}
    assert pd.isna(rows.loc["bob", "days_between"])
    assert "days_between" not in found.by
    assert found.facts.one_time == 1


RETURNS = orders(
    customer=["ann", "ann", "ann", "bob"],
    order=["1", "2", "C3", "C4"],
    date=["2024-01-01", "2024-01-02", "2024-01-03", "2024-01-03"],
    amount=[30.0, 10.0, -10.0, -5.0],
)


def test_returns_are_kept_apart_or_taken_off():
    apart, net = (
        shoal.orders(read(RETURNS), returns="apart"),
        shoal.orders(read(RETURNS)),
    )
    assert frame(apart).loc[
        "ann", ["frequency", "monetary", "return_share", "recency"]
    ].tolist() == [2, 40.0, 0.25, 1]
    assert frame(net).loc["ann", ["frequency", "monetary", "return_share"]].tolist() == [
        2,
        30.0,
        0.25,
    ]
    assert list(frame(apart).index) == ["ann"]
    assert apart.facts.without_purchase == 1
    assert apart.facts.returns == 2


def test_a_status_says_what_was_cancelled():
    table = orders(
        customer=[1, 1, 2],
        date=["2024-01-01", "2024-01-02", "2024-01-03"],
        amount=[5.0, 15.0, 7.0],
        order_status=["paid", "Cancelled", "paid"],
    )
    for rule in ("apart", "net"):
        rows = made(table, returns=rule)
        assert rows["monetary"].to_dict() == {1: 5.0, 2: 7.0}
        assert rows["return_share"].to_dict() == {1: 0.75, 2: 0.0}


def test_every_row_is_used_or_set_aside_with_a_reason():
    table = orders(
        customer=["ann", None, "bob", "bob", "cy", "cy"],
        order=[1, 2, 3, 4, 5, 6],
        date=["2024-01-01", "2024-01-01", None, "2024-03-01", "2024-01-02", "2024-01-03"],
        quantity=[1, 1, 1, 1, 1, 0],
        price=[2.0, 2.0, 2.0, 2.0, 0.0, 3.0],
    )
    facts = shoal.orders(read(table), date="2024-02-01").facts
    assert dict(facts.set_aside) == {
        "without a customer": 1,
        "without a date": 1,
        "after the analysis date": 1,
        "free of charge (price or quantity zero)": 2,
    }
    assert facts.rows == 6
    assert facts.sales == 1


def test_equal_rows_are_kept_and_counted_or_dropped():
    table = orders(customer=[1, 1, 2], date=["2024-01-01"] * 3, amount=[5.0, 5.0, 5.0])
    kept, dropped = (
        shoal.orders(read(table)),
        shoal.orders(read(table), duplicates="drop"),
    )
    assert frame(kept)["monetary"].to_dict() == {1: 10.0, 2: 5.0}
    assert frame(dropped)["monetary"].to_dict() == {1: 5.0, 2: 5.0}
    assert "1 rows are equal" in kept.facts.duplicates_rule
    assert dict(dropped.facts.set_aside) == {"exact duplicates": 1}
    assert dropped.facts.rows == 3


def test_without_order_numbers_items_of_one_day_are_one_order():
    table = orders(
        member=[1, 1, 1], date=["2024-01-01", "2024-01-01", "2024-01-03"], item=["a", "b", "a"]
    )
    assert made(table)["frequency"].to_dict() == {1: 2}
    assert made(table, one_order="row")["frequency"].to_dict() == {1: 3}


def test_a_total_repeated_on_every_line_is_counted_once():
    n = 60
    table = orders(
        customer_id=np.repeat(np.arange(n) % 7, 3),
        order_id=np.repeat(np.arange(n), 3),
        product_id=np.arange(3 * n) % 11,
        date=np.repeat(pd.date_range("2024-01-01", periods=n), 3),
        order_total=np.repeat(np.arange(n) + 10.0, 3),
    )
    found = shoal.orders(read(table))
    assert frame(found)["monetary"].sum() == pytest.approx((np.arange(n) + 10.0).sum())
    assert "order-total-repeated" in [f.code for f in found.findings]


def test_several_currencies_are_refused():
    table = orders(
        customer=[1, 2, 3],
        date=["2024-01-01"] * 3,
        amount=[1.0, 2.0, 3.0],
        currency=["EUR", "USD", "EUR"],
    )
    with pytest.raises(
        InputError, match=r'mixes 2 currencies in "currency": EUR \(2 rows\), USD \(1 rows\)'
    ):
        shoal.orders(read(table))


@pytest.mark.parametrize(
    ("columns", "options", "error", "message"),
    [
        (
            {"date": ["2024-01-01"], "amount": [1.0]},
            {},
            InputError,
            'tells who ordered. Name it with customer="COLUMN"',
        ),
        (
            {"customer": [1], "date": ["2024-01-01"], "amount": [1.0]},
            {"amount": "amuont"},
            OptionError,
            'Did you mean "amount"',
        ),
        (
            {"customer": [1], "date": ["2024-01-01"], "amount": [1.0]},
            {"amount": "date"},
            OptionError,
            'amount "date" holds dates, not numbers',
        ),
        (
            {"customer": [1], "date": ["2024-01-01"], "amount": [1.0]},
            {"date": "tomorrow"},
            OptionError,
            "Write it as year-month-day",
        ),
        (
            {"customer": [1], "date": ["2024-01-01"], "amount": [1.0]},
            {"returns": "drop"},
            OptionError,
            "Known: apart, net",
        ),
        (
            {"customer": [1], "date": ["2024-01-01"], "amount": [1.0]},
            {"memory": "much"},
            OptionError,
            "800MB or 4GB",
        ),
        (
            {"customer": [1], "date": ["2024-01-01"], "amount": [1.0]},
            {"date": "2023-01-01"},
            InputError,
            "Nothing was bought in table: 1 after",
        ),
        (
            {"customer": [1], "date": ["2024-01-01"], "amount": [-1.0]},
            {},
            InputError,
            "1 returned or cancelled",
        ),
    ],
)
def test_what_cannot_be_done_is_refused_with_what_would_do(columns, options, error, message):
    with pytest.raises(error, match=message):
        shoal.orders(read(orders(**columns)), **options)


@pytest.mark.parametrize(
    ("headers", "wanted"),
    [
        (
            ["InvoiceNo", "CustomerID", "InvoiceDate", "UnitPrice", "Quantity"],
            "order customer date price quantity",
        ),
        (
            [
                "order_id",
                "customer_unique_id",
                "order_purchase_timestamp",
                "payment_value",
                "order_item_id",
            ],
            "order customer date amount -",
        ),
        (
            ["Bestellnummer", "Kundennummer", "Bestelldatum", "Umsatz", "Menge"],
            "order customer date amount quantity",
        ),
        (
            ["Transaction ID", "Customer ID", "Date", "Total Amount", "Price per Unit"],
            "order customer date amount -",
        ),
        (
            ["id_pedido", "id_cliente", "fecha", "importe", "cantidad"],
            "order customer date amount quantity",
        ),
        (
            ["household_key", "BASKET_ID", "TRANS_DATE", "SALES_VALUE", "QUANTITY"],
            "customer order date amount quantity",
        ),
        (
            ["user_id", "order_number", "created_at", "order_date", "total_price"],
            "customer order - date amount",
        ),
        (
            ["client", "ticket", "jour", "montant", "quantite"],
            "customer order date amount quantity",
        ),
    ],
)
def test_columns_are_known_by_their_names_in_several_languages(headers, wanted):
    dates = {"date", "datum", "fecha", "jour", "timestamp"}
    whats = wanted.split()
    columns = {}
    for name, what in zip(headers, whats, strict=True):
        is_date = what == "date" or name == "created_at" or any(d in name.lower() for d in dates)
        columns[name] = (
            pd.to_datetime(["2024-01-01", "2024-01-02", "2024-01-03"]) if is_date else [3, 4, 4]
        )
    reading = understand(read(pd.DataFrame(columns)), {})
    assert {t.column: t.what for t in reading.taken} == {
        n: w for n, w in zip(headers, whats, strict=True) if w != "-"
    }


# --- at any size, in any order --------------------------------------------------------------------


def many(rows: int = 20_000) -> pd.DataFrame:
    random = np.random.default_rng(5)
    order = random.integers(0, rows // 4, rows)
    return pd.DataFrame(
        {
            "customer_id": order % 397,
            "order_id": order,
            "date": pd.Timestamp("2023-01-01") + pd.to_timedelta(order % 700, "D"),
            "quantity": random.integers(-1, 5, rows),
            "price": random.integers(0, 900, rows) / 100,
        }
    )


def test_sums_equal_those_of_pandas():
    table = many()
    sold = table[(table["quantity"] > 0) & (table["price"] > 0)].assign(
        value=lambda t: t["quantity"] * t["price"]
    )
    wanted = sold.groupby("customer_id").agg(
        frequency=("order_id", "nunique"), monetary=("value", "sum"), last=("date", "max")
    )
    found = made(table, returns="apart")
    assert list(found.index) == list(wanted.index)
    assert (found["frequency"] == wanted["frequency"]).all()
    assert np.allclose(found["monetary"], wanted["monetary"])
    assert (
        found["recency"] == (sold["date"].max() + pd.Timedelta("1D") - wanted["last"]).dt.days
    ).all()


def test_neither_the_order_of_rows_nor_the_way_they_come_matters():
    table = many()
    whole = made(table)
    pd.testing.assert_frame_equal(made(table.sample(frac=1, random_state=1)), whole)
    seen = read(table)
    streamed = Table(
        seen.name, seen.schema, seen.read_as, seen.stream
    )  # no scan: rows can only be had one batch after another
    pd.testing.assert_frame_equal(frame(shoal.orders(streamed)), whole)


def odd_names() -> pd.DataFrame:
    return orders(
        customer=["o'neil", "o'neil", "o'neil", 'the "boss"'],
        date=["2024-01-01", "2024-01-02", "2024-01-03", "2024-01-04"],
        order_status=["paid", "paid", "cancelled by 'us'", "paid"],
        amount=[1.0, 2.0, 4.0, 8.0],
        product=["baker's dozen", 'a "b"', "baker's dozen", "c"],
        category=["it's", 'so "so"', "it's", "it's"],
        country=["Côte d'Ivoire"] * 3 + ["Curaçao"],
    ).rename(columns=lambda name: f"""{name} of the "shop's" list""")


@pytest.mark.parametrize("way", ["scanned", "streamed", "spilled"])
def test_names_and_paths_may_hold_quotes_of_any_kind(tmp_path, monkeypatch, way):
    folder = tmp_path / """it's a "folder's" own"""
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    odd_names().to_parquet(folder / "o'neil.parquet")
    table = read(folder / "o'neil.parquet")
    if way == "streamed":
        table = Table(table.name, table.schema, table.read_as, table.stream)
    if way == "spilled":
        monkeypatch.setattr("shoal.rfm.customers.IN_MEMORY", 0)
    options = {what: f"""{what} of the "shop's" list""" for what in ("customer", "amount")}
    found = shoal.orders(table, date_column="""date of the "shop's" list""", **options)
    rows = frame(found)
    assert rows["monetary"].to_dict() == {"o'neil": 3.0, 'the "boss"': 8.0}
    assert rows["products"].to_dict() == {"o'neil": 2, 'the "boss"': 1}
    assert rows["favourite_category"].to_dict() == {"o'neil": 'so "so"', 'the "boss"': "it's"}
    assert rows["""country of the "shop's" list"""].to_dict() == {
        "o'neil": "Côte d'Ivoire",
        'the "boss"': "Curaçao",
    }
    assert found.facts.returns == 1


def test_what_was_done_is_data_with_its_sentence():
    facts = shoal.orders(read(RETURNS), returns="net", date="2024-02-01").facts
    assert (facts.date_from.code, facts.date_reason) == ("date-set", "set by you")
    assert facts.value_rule.values == {"amount": "amount"}
    assert facts.return_rule.values == {
        "quantity": None,
        "money": True,
        "order": ("order", ("C",)),
        "tails": (),
        "status": (None, ()),
        "kind": (None, ()),
        "cancelled": None,
        "refunded": None,
        "pieces": False,
        "net": True,
    }
    assert facts.returns_rule == (
        'A row is a return when the value is negative, or "order" starts with C before digits. '
        "Returns are no orders, and are taken off what was bought before them."
    )
    assert [t.why.code for t in facts.reading.taken] == ["column-named"] * 4


def test_findings_carry_their_numbers():
    found = {f.code: f for f in shoal.orders(read(RETURNS), date="2024-01-03").findings}
    assert found["orders-summed"].values == {
        "rows": 4,
        "table": "table",
        "customers": 1,
        "orders": 2,
    }
    assert found["no-purchase"].values == {"customers": 1}
    assert found["returns"].values["returns"] == 2


def test_more_customers_than_are_held_in_memory(monkeypatch):
    table = many()
    whole = made(table)
    monkeypatch.setattr("shoal.rfm.customers.IN_MEMORY", 100)
    on_disk = shoal.orders(read(table))
    assert "read_parquet" in on_disk.table.scan.sql
    pd.testing.assert_frame_equal(frame(on_disk), whole)


def test_little_memory_is_enough(tmp_path):
    path = tmp_path / "lines.parquet"
    duckdb.sql(
        "SELECT i % 200000 AS customer_id, i // 4 AS order_id, "
        "TIMESTAMP '2024-01-01' + INTERVAL 1 SECOND * i AS date, 1.5 AS amount "
        "FROM range(2000000) t(i)"
    ).write_parquet(str(path))
    found = shoal.orders(read(path), memory="100MB")
    assert (found.facts.customers, found.facts.rows) == (200_000, 2_000_000)


def test_whole_numbers_that_came_as_fractions_stay_whole_as_ids():
    table = orders(
        customer_id=[12346.0, 12347.0, np.nan], date=["2024-01-01"] * 3, amount=[1.0, 2.0, 3.0]
    )
    found = shoal.orders(read(table))
    assert found.column("customer_id") == [12346, 12347]
    assert str(found.table.schema.field("customer_id").type) == "int64"


@published
def test_segments_of_the_online_shop_are_such_as_a_shopkeeper_can_use():
    import shoal

    found = shoal.orders(read(DATA / "online_retail" / "online_retail.parquet"))
    study = shoal.segment(
        frame(found).reset_index(), id=found.id, by=found.by, value=found.value, ignore=found.ignore
    )
    assert study.segments["share"].max() < 0.5
    assert study.segments["size"].sum() == 4338  # nobody is dropped for having ordered once
    assert study.segments.iloc[0]["value_share"] > 3 * study.segments.iloc[0]["share"]


def test_the_analysis_date_may_be_a_day_or_a_moment_in_another_time_zone():
    table = orders(customer=[1], date=["2024-01-01"], amount=[1.0])
    assert made(table, date="2024-01-02T01:00:00+02:00")["recency"].tolist() == [0]
    assert made(table, date=dt.date(2024, 1, 3))["recency"].tolist() == [2]
