"""What the columns beside a column say of it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import shoal
from shoal.types import Profile

RNG = np.random.default_rng(3)
N = 300
AMOUNTS = RNG.lognormal(6, 1, N).round(2)
COUNTS = RNG.poisson(8, N) + 3
SURVEY = ("v1_gesamt", "v2_preis_leistung", "v3_beratung", "v4_wartezeit", "v5_auswahl", "v6_tempo")


def profile(**columns: object) -> Profile:
    """Of a table with an id and these columns."""
    ids = [f"C{i:05}" for i in RNG.permutation(N)]
    return shoal.inspect(pd.DataFrame({"customer_id": ids, **columns}))


@pytest.mark.parametrize("name", ["BILL_AMT", "stmt_bal_2024_0", "statement_balance_"])
def test_monthly_statements_beside_a_limit_are_owed_and_never_added_up(name: str) -> None:
    statements = {f"{name}{i}": AMOUNTS + i for i in (1, 2, 3)}
    found = profile(credit_limit=AMOUNTS * 5, **statements)
    assert {(found.column(c).meaning, found.column(c).direction) for c in statements} == {
        ("debt", "bad")
    }
    assert found.value is None


def test_bills_beside_no_limit_are_what_customers_pay() -> None:
    bills = {f"bill_{month}": RNG.lognormal(4, 1, N).round(2) for month in ("jan", "feb", "mar")}
    assert profile(**bills).value == "total spending"


@pytest.mark.parametrize("name", ["saldo_medio", "solde_moyen", "Durchschnittsguthaben"])
def test_what_lies_on_an_account_is_not_owed(name: str) -> None:
    found = profile(
        **{name: AMOUNTS, "limite_credito": AMOUNTS * 3, "disposiciones_efectivo": COUNTS}
    )
    assert (found.column(name).meaning, found.column(name).direction) == ("means", "good")


def test_a_bare_amount_among_loans_is_no_spending() -> None:
    loans = {"loan": AMOUNTS[::-1], "debt_ratio": RNG.beta(2, 4, N), "delinquencies": COUNTS}
    assert profile(VALUE=AMOUNTS, **loans).column("VALUE").meaning == "unknown"
    assert profile(amount_paid=AMOUNTS, **loans).column("amount_paid").meaning == "transfer"
    assert profile(VALUE=AMOUNTS, visits=COUNTS).column("VALUE").meaning == "money_in"


def test_tickets_are_receipts_where_money_comes_by_the_ticket() -> None:
    found = profile(num_tickets=COUNTS, importe_medio_ticket=AMOUNTS)
    assert (found.column("num_tickets").meaning, found.column("num_tickets").direction) == (
        "activity",
        "good",
    )
    assert profile(num_tickets=COUNTS, importe=AMOUNTS).column("num_tickets").meaning == "trouble"


def test_r_f_and_m_that_are_no_scores_are_what_they_stand_for() -> None:
    found = profile(R=COUNTS * 7, F=COUNTS, M=AMOUNTS)
    assert [found.column(c).meaning for c in "RFM"] == ["recency", "activity", "money_in"]
    assert [found.column(c).direction for c in "RFM"] == ["bad", "good", "good"]
    scores = {letter: RNG.integers(1, 6, N) for letter in "RFM"}
    assert {profile(**scores).column(c).meaning for c in "RFM"} == {"old_label"}
    codes = {"Rcode": RNG.integers(1, 5, N), "Fcode": RNG.integers(1, 4, N)}
    assert {profile(**codes).column(c).meaning for c in codes} == {"old_label"}


def test_several_things_that_were_bought_are_no_outcomes() -> None:
    bought = {f"bought_{thing}": RNG.integers(0, 2, N) for thing in ("alpha", "beta", "gamma")}
    found = profile(spend=AMOUNTS, **bought)
    assert {found.column(c).meaning for c in bought} == {"product_category"}


@pytest.mark.parametrize("name", ["num_compte", "numero_conto", "Kontonummer", "nr_rekening"])
def test_the_number_of_an_account_is_an_id(name: str) -> None:
    numbers = RNG.choice(8_000_000, N, replace=False) + 1_000_000
    found = shoal.inspect(pd.DataFrame({name: numbers, "spend": AMOUNTS, "visits": COUNTS}))
    assert found.id == name


def test_what_is_numbered_as_questions_are_is_one_of_them() -> None:
    answers = {name: RNG.integers(1, 6, N) for name in SURVEY}
    found = profile(**answers)
    assert {found.column(name).meaning for name in SURVEY} == {"opinion"}


def test_counts_of_quarters_are_no_questions() -> None:
    orders = {f"q{i}_orders": RNG.integers(0, 6, N) for i in (1, 2, 3, 4)}
    assert {profile(**orders).column(name).meaning for name in orders} == {"activity"}
