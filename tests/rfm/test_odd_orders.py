"""Returns, refunds, guests, addresses and dates as shops write them; expected by hand."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

import shoal

DAYS = [f"2024-01-{day:02d}" for day in (1, 5, 9, 13, 17, 21, 25, 29)]


def table(**columns) -> pd.DataFrame:
    """Eight orders of ann, bob and cy of 10, 20 … 80; columns come on top."""
    made = {
        "order_no": range(1001, 1009),
        "customer": ["ann", "bob", "cy", "ann", "bob", "cy", "ann", "bob"],
        "order_date": pd.to_datetime(DAYS),
        "amount": [10.0, 20.0, 30.0, 40.0, 50.0, 60.0, 70.0, 80.0],
    }
    return pd.DataFrame(made | columns)


def measured(rows: pd.DataFrame, **options) -> dict:
    """Orders and money of each customer."""
    found = shoal.orders(rows, **options)
    columns = zip(
        found.column(found.id), found.column("frequency"), found.column("monetary"), strict=True
    )
    return {who: (orders, money) for who, orders, money in columns}


ALL = {"ann": (3, 120.0), "bob": (3, 150.0), "cy": (2, 90.0)}
# The sixth row, cy's 60, is a return of what was bought for 30 by cy: nothing is left.
CY_RETURNED = {"ann": (3, 120.0), "bob": (3, 150.0), "cy": (1, 0.0)}
# It never was an order.
CY_CANCELLED = {"ann": (3, 120.0), "bob": (3, 150.0), "cy": (1, 30.0)}
SIXTH = [0, 0, 0, 0, 0, 1, 0, 0]


def of_sixth(usual: object, sixth: object) -> list:
    return [sixth if each else usual for each in SIXTH]


@pytest.mark.parametrize(
    ("column", "usual", "sixth", "wanted"),
    [
        ("transaction_type", "Sale", "Refund", CY_RETURNED),
        ("Belegart", "Rechnung", "Gutschrift", CY_RETURNED),
        ("Type de document", "Facture", "Avoir", CY_RETURNED),
        ("document type", "Invoice", "Credit note", CY_RETURNED),
        ("event_type", "purchase", "view", CY_CANCELLED),
        ("type", "charge", "payout", CY_CANCELLED),
        ("status", "paid", "Cancelled", CY_CANCELLED),
        ("Financial Status", "paid", "refunded", CY_CANCELLED),
        ("Bestellstatus", "versendet", "Storniert", CY_CANCELLED),
        ("statut", "expédiée", "Annulée", CY_CANCELLED),
        ("estado", "enviado", "devuelto", CY_CANCELLED),
        ("stato", "spedito", "reso", CY_CANCELLED),
        ("order_status", "verzonden", "Geannuleerd", CY_CANCELLED),
        ("status", "wysłane", "Zwrócone", CY_CANCELLED),
        ("Cancelled at", None, pd.Timestamp("2024-01-22"), CY_CANCELLED),
        ("is_returned", False, True, CY_CANCELLED),
        ("cancelled", 0, 1, CY_CANCELLED),
        ("storno", "", "X", CY_CANCELLED),
        ("amount refunded", 0.0, 45.0, ALL | {"cy": (2, 45.0)}),
        ("refunded_amount", 0.0, -45.0, ALL | {"cy": (2, 45.0)}),
        ("payment_type", "credit card", "bank transfer", ALL),
        ("status", "paid", "not returned", ALL),
        ("customer_type", "regular", "returning", ALL),
    ],
)
def test_what_says_that_an_order_was_none(column, usual, sixth, wanted):
    assert measured(table(**{column: of_sixth(usual, sixth)})) == wanted


@pytest.mark.parametrize(
    ("usual", "sixth", "wanted"),
    [
        ("INV-", "CN-", CY_RETURNED),
        ("RE", "GS", CY_RETURNED),
        ("", "C", CY_RETURNED),
        ("F-", "AV-", CY_RETURNED),
        ("A", "C", ALL),  # two shops
        ("WEB-", "APP-", ALL),
    ],
)
def test_credit_notes_by_their_number(usual, sixth, wanted):
    numbers = [f"{head}{1001 + i}" for i, head in enumerate(of_sixth(usual, sixth))]
    assert measured(table(order_no=numbers)) == wanted


def test_a_return_before_a_purchase_and_beyond_it_is_not_taken_off():
    rows = table(amount=[-10.0, 20.0, 30.0, 40.0, -50.0, 60.0, 70.0, 80.0])
    # ann's first row comes before her first purchase; bob has 20 + 80 less 50
    assert measured(rows) == {"ann": (2, 110.0), "bob": (2, 50.0), "cy": (2, 90.0)}
    found = shoal.orders(rows)
    assert (found.facts.money.bought, found.facts.money.returned) == (300.0, 60.0)
    said = next(f.message for f in found.findings if f.code == "returns")
    assert "Bought for 300.00, returned for 60.00, of which 50.00 is taken off" in said
    assert "The other 10.00 came back before a first purchase" in said
    assert measured(rows, returns="apart")["bob"] == (2, 100.0)


def test_a_refund_of_a_cancelled_order_is_not_taken_off_twice():
    rows = table(status=of_sixth("paid", "refunded"))
    refund = rows.iloc[[5]].assign(amount=-60.0, order_date=pd.Timestamp("2024-01-23"))
    assert measured(pd.concat([rows, refund])) == CY_CANCELLED


def test_a_part_refunded_keeps_the_order_and_is_said_where_nobody_knows_how_much():
    rows = table(status=of_sixth("paid", "Partially refunded"))
    assert measured(rows) == ALL
    assert "partly-refunded" in [f.code for f in shoal.orders(rows).findings]
    whole = table(
        status=of_sixth("paid", "refunded"), amount_refunded=of_sixth(0.0, 45.0)
    )  # refunded, but for 15
    assert measured(whole) == ALL | {"cy": (2, 45.0)}


@pytest.mark.parametrize(
    ("ids", "guest"),
    [
        ([0, 101, 102], "0"),
        ([-1, 1, 2], "-1"),
        (["Guest", "A1", "A2"], "guest"),
        (["unknown", "A1", "A2"], "unknown"),
        (["anonymous", "A1", "A2"], "anonymous"),
        (["gast", "A1", "A2"], "gast"),
        ([0, 1, 2], None),  # a number like the others
        (["Guesthouse Sue", "A1", "A2"], None),
    ],
)
def test_guests_are_not_one_customer(ids, guest):
    rows = table(customer=[ids[i] for i in (0, 1, 2, 0, 1, 2, 0, 1)])
    found = shoal.orders(rows)
    assert found.facts.customers == (3 if guest is None else 2)
    said = [f for f in found.findings if f.code == "guests"]
    assert [f.values["words"] for f in said] == ([] if guest is None else [(guest,)])
    aside = dict(found.facts.set_aside).get("of guests, who are not one customer", 0)
    assert aside == (0 if guest is None else 3)
    assert found.facts.rows == found.facts.sales + found.facts.returns + aside


def test_an_address_in_two_cases_is_one_customer():
    mails = ["Ann@x.de", "bob@x.de", "cy@x.de", "ann@x.de", "bob@x.de", "CY@X.DE"]
    rows = table(customer=[*mails, "ann@x.de", "bob@x.de"]).rename(columns={"customer": "email"})
    assert measured(rows) == {f"{who}@x.de": each for who, each in ALL.items()}
    assert "one-address" in [f.code for f in shoal.orders(rows).findings]
    same = table(customer=[f"{w.title()}@x.de" for w in table()["customer"]])
    assert "Ann@x.de" in measured(same)  # one spelling stays as it is


def test_a_currency_in_several_spellings_is_one():
    assert measured(table(currency=["EUR", "eur", "Eur ", "EURO", "€", *["EUR"] * 3])) == ALL
    with pytest.raises(shoal.InputError, match=r"mixes 2 currencies"):
        shoal.orders(table(currency=["EUR", "€", "US$", *["EUR"] * 5]))


@pytest.mark.parametrize(
    ("who", "guest", "said"),
    [
        ("CASH", True, False),
        ("Kasse", True, False),
        ("99999", True, False),
        ("4711", False, True),
        ("Cashmere Ltd", False, True),
    ],
)
def test_one_customer_with_half_of_all_orders_is_a_till_or_asked_for(who, guest, said):
    ids = [f"{i % 20 + 100}" for i in range(40)] + [who] * 40
    days = pd.date_range("2024-01-01", periods=80)
    rows = pd.DataFrame({"customer": ids, "order_date": days, "amount": 10.0})
    found = shoal.orders(rows)
    assert found.facts.customers == (20 if guest else 21)
    asked = [f for f in found.findings if f.code == "busiest-customer"]
    assert [f.values["orders"] for f in asked] == ([40] if said else [])
    few = rows.assign(customer=["cash" if i == 5 else c for i, c in enumerate(ids[:40])] * 2)
    assert shoal.orders(few).facts.customers == 21  # a name like the others


@pytest.mark.parametrize("odd", ["2042-01-01", "1903-04-05"])
def test_a_date_years_from_all_others_is_set_aside(odd):
    dates = pd.date_range("2024-01-01", periods=24, freq="3D").tolist()
    rows = pd.DataFrame(
        {
            "customer": ["ann", "bob", "cy"] * 8,
            "order_date": [pd.Timestamp(odd), *dates[1:]],
            "amount": np.arange(24) + 1.0,
        }
    )
    found = shoal.orders(rows)
    assert found.facts.date == dt.date(2024, 3, 11)  # 2024-01-01 and 69 days, and one
    assert dict(found.facts.set_aside) == {"dated years from all others": 1}
    assert [f.severity for f in found.findings if f.code == "far-dates"] == ["warning"]
    asked = {"date": "2042-01-02"} if odd > "2024" else {"since": "1900-01-02"}
    assert shoal.orders(rows, **asked).facts.set_aside == ()


def test_dates_beyond_the_calendar_are_set_aside(tmp_path):
    days = np.array([*DAYS[:6], "0000-01-01", "29999-01-01"], dtype="M8[s]")
    rows = table().drop(columns="order_date")
    rows["order_date"] = days
    found = shoal.orders(rows)
    assert dict(found.facts.set_aside) == {
        "with a date that stands for none, such as 1900-01-01": 2
    }
    assert [f.severity for f in found.findings if f.code == "orders-set-aside"] == ["warning"]
    assert found.facts.date == dt.date(2024, 1, 22)


def test_without_money_the_trend_weighs_every_order_alike():
    rows = pd.DataFrame(
        {
            "member": [1] * 5,
            "date": pd.to_datetime(["2024-01-01", *["2024-01-02"] * 3, "2024-01-05"]),
            "item": list("abcde"),
        }
    )
    found = shoal.orders(rows)  # orders on the days 0, 1 and 4: their middle is 5/3 of 4 days
    assert found.column("trend") == [pytest.approx(2 * (5 / 3) / 4 - 1, abs=1e-4)]


@pytest.mark.parametrize(
    ("column", "cells", "code"),
    [
        ("customer", ["AB-1", "AB-2", "ab-1", "AB-1", "AB-2", "ab-1", "AB-1", "AB-2"], True),
        ("customer", ["7", "8", "007", "7", "8", "007", "7", "8"], True),
        ("customer", ["7", "8", "7.0", "7", "8", "7.0", "7", "8"], True),
        ("customer", ["AB-1", "AB-2", "cd-1", "AB-1", "AB-2", "cd-1", "AB-1", "AB-2"], False),
        ("debit_credit", ["D", "D", "D", "C", "D", "D", "D", "D"], True),
        ("debit_credit", ["yes", "no"] * 4, False),
    ],
)
def test_what_is_left_as_it_is_though_it_may_be_meant_otherwise_is_said(column, cells, code):
    found = shoal.orders(table(**{column: cells}))
    wanted = {"customer": "two-spellings", "debit_credit": "debits-and-credits"}[column]
    assert [f.code for f in found.findings if f.code == wanted] == ([wanted] if code else [])
    assert found.facts.customers == 3


@pytest.mark.parametrize("guest", ["guest@shop.example", "NoReply@shop.example", "(not set)"])
def test_a_mailbox_of_nobody_is_a_guest(guest):
    rows = table().rename(columns={"customer": "email"})
    rows["email"] = [guest if who == "cy" else f"{who}@x.de" for who in rows["email"]]
    assert measured(rows) == {"ann@x.de": ALL["ann"], "bob@x.de": ALL["bob"]}


def test_dates_that_were_not_read_are_shown(tmp_path):
    path = tmp_path / "roman.csv"
    rows = ["customer,order_date,ship_date,amount", "A,3.I.2024,2024-01-09,5"] + [
        f"B,{day}.II.2024,2024-02-0{day},7" for day in range(2, 6)
    ]
    path.write_text("\n".join(rows))
    with pytest.raises(
        shoal.InputError, match=r'"order_date" holds text such as "3\.I\.2024"'
    ) as raised:
        shoal.orders(path)
    assert "2024-12-31 11:13:25" in str(raised.value)
    assert shoal.orders(path, date_column="ship_date").facts.customers == 2


@pytest.mark.parametrize("word", ["Returning", "Returning customer"])
def test_who_returns_is_no_return(word):
    found = shoal.orders(table(type=["New", word, *["New"] * 6]))
    assert found.facts.returns == 0
    assert found.facts.orders == 8


def test_sales_and_returns_are_told_under_any_header():
    found = shoal.orders(table(SaleOrReturn=["Sale"] * 6 + ["Return", "Sale"]))
    assert (found.facts.returns, found.facts.orders) == (1, 7)


def test_words_of_returns_that_tell_none_are_said():
    found = shoal.orders(table(description=["Order"] * 5 + ["Refund for order"] + ["Gift"] * 2))
    (said,) = [f for f in found.findings if f.code == "returns-untold"]
    assert found.facts.returns == 0
    assert said.message == (
        '"description" says "Refund for order" on some rows, yet all rows count as purchases. '
        'If it tells returns, name it with kind_column="description".'
    )
    named = shoal.orders(
        table(description=["Order"] * 5 + ["Refund for order"] + ["Gift"] * 2),
        kind_column="description",
    )
    assert named.facts.returns == 1


@pytest.mark.parametrize(
    "pair",
    [
        ("Ann  Lee7", "Ann Lee7"),
        ("Ann\u00a0Lee7", "Ann Lee7"),
        ("C7\u200b", "C7"),
        ("Caf\u00e97", "Cafe\u03017"),
    ],
)
def test_spellings_that_nobody_sees_apart_are_told(pair):
    found = shoal.orders(table(customer=[*pair * 2, "x1", "x2", "x3", "x4"]))
    assert [f.code for f in found.findings if f.code == "two-spellings"] == ["two-spellings"]
    assert found.facts.customers == 6


@pytest.mark.parametrize(
    "guest", ["nieznany", "Perakende Müşteri", "00000000-0000-0000-0000-000000000000", "Gastkonto"]
)
def test_guests_in_more_languages(guest):
    found = shoal.orders(table(customer=[guest, "b", "c", guest, "b", "c", "a", guest]))
    assert found.facts.customers == 3
    assert dict(found.facts.set_aside) == {"of guests, who are not one customer": 3}


@pytest.mark.parametrize(
    ("ours", "other"), [("¥", "JPY"), ("kr", "SEK"), ("Fr.", "CHF"), ("＄", "USD")]
)
def test_a_sign_that_several_currencies_share_is_the_one_beside_it(ours, other):
    assert measured(table(currency=of_sixth(ours, other))) == ALL


def test_a_shared_sign_beside_two_currencies_is_refused():
    three = ["kr", "SEK", "NOK", "kr", "kr", "kr", "kr", "kr"]
    with pytest.raises(shoal.InputError, match="mixes 3 currencies"):
        shoal.orders(table(currency=three))


@pytest.mark.parametrize(
    ("column", "usual", "sixth"),
    [
        ("Type", "ACCREC", "ACCRECCREDIT"),
        ("AUART", "TA", "RE"),
        ("交易类型", "销售", "退款"),
        ("取引区分", "売上", "返品"),
    ],
)
def test_returns_in_the_words_of_more_systems(column, usual, sixth):
    assert measured(table(**{column: of_sixth(usual, sixth)})) == CY_RETURNED


@pytest.mark.parametrize(
    ("usual", "sixth"),
    [("SIN10", "SCN10"), ("ORD-", "RFND-"), ("RE-2024-", "GU-2024-")],
)
def test_credit_notes_by_more_marks(usual, sixth):
    numbers = [f"{mark}{i}" for i, mark in enumerate(of_sixth(usual, sixth))]
    assert measured(table(order_no=numbers)) == CY_RETURNED


def test_credit_notes_by_what_stands_behind_their_number():
    numbers = [f"A-100{i}{tail}" for i, tail in enumerate(of_sixth("", "-REF"))]
    found = shoal.orders(table(order_no=numbers))
    assert measured(table(order_no=numbers)) == CY_RETURNED
    assert '"order_no" ends with -REF' in found.facts.returns_rule


@pytest.mark.parametrize(
    ("column", "usual", "sixth"),
    [("TYPE", "SI", "SC"), ("tran_code", "S", "R"), ("refund_id", None, "R77")],
)
def test_what_may_tell_returns_is_said(column, usual, sixth):
    found = shoal.orders(table(**{column: of_sixth(usual, sixth)}))
    assert "returns-untold" in [f.code for f in found.findings]


@pytest.mark.parametrize("status", ["Kısmi iade", "Delvist refunderet", "Částečně vráceno"])
def test_a_part_refunded_in_more_languages_keeps_the_order(status):
    assert measured(table(status=of_sixth("paid", status))) == ALL


def test_refunds_that_are_off_the_amount_already_are_not_taken_off_again():
    gross = np.array([10.0, 20, 30, 40, 50, 60, 70, 80])
    back = np.array(of_sixth(0.0, -5.0))
    rows = table().drop(columns="amount")
    rows = rows.assign(**{"Gross Sales": gross, "Refunds": back, "Net Sales": gross + back})
    assert measured(rows) == {"ann": (3, 120.0), "bob": (3, 150.0), "cy": (2, 85.0)}


def test_several_orders_years_behind_all_others_are_warned_of():
    days = pd.date_range("2024-01-01", periods=40, freq="6D").tolist()
    days[4], days[8] = pd.Timestamp("2031-03-01"), pd.Timestamp("2035-05-01")
    rows = pd.DataFrame(
        {"customer": [f"C{i % 4}" for i in range(40)], "order_date": days, "amount": 10.0}
    )
    found = {f.code: f for f in shoal.orders(rows).findings}
    assert found["analysis-date"].severity == "warning"
    assert found["late-dates"].values["rows"] == 2
    assert 'date="2024-08-23"' in found["late-dates"].message
    assert "late-dates" not in [f.code for f in shoal.orders(rows, date="2024-09-01").findings]


def test_what_was_odd_in_reading_orders_is_among_their_findings(tmp_path):
    path = tmp_path / "orders.csv"
    moments = ["2024-01-03 10:00:00Z", "2024-01-04 10:00:00", "2024-01-05 10:00:00"]
    path.write_text("customer,order_date,amount\n" + "".join(f"a,{m},5\n" for m in moments))
    assert "zones-mixed" in [f.code for f in shoal.orders(path).findings]


@pytest.mark.parametrize(
    "pair", [("A-7", "A–7"), ("'4711", "4711"), ("#4711", "4711"), ("1,004", "1004")]
)
def test_ids_that_differ_in_dashes_or_marks_alone_are_told(pair):
    first, second = pair
    ids = [first, "x1", "x2", second, "x1", "x2", first, second]
    found = shoal.orders(table(customer=ids))
    assert "two-spellings" in [f.code for f in found.findings]


@pytest.mark.parametrize("guest", ["[deleted]", "Unassigned", "TBD", "no name", "???"])
def test_placeholders_are_no_customers(guest):
    found = shoal.orders(table(customer=[guest, "b", "c", "a", "b", "c", "a", "b"]))
    assert guest not in found.column(found.id)


@pytest.mark.parametrize("who", ["Cash", "99999", "xxxx"])
def test_a_customer_called_as_a_till_who_has_most_orders_is_asked_about(who):
    found = shoal.orders(table(customer=[who, "b", "c", who, "e", "f", who, "b"]))
    assert "busiest-customer" in [f.code for f in found.findings]
    found = shoal.orders(table(customer=["ann", "b", "c", "ann", "e", "f", "ann", who]))
    assert "busiest-customer" not in [f.code for f in found.findings]
