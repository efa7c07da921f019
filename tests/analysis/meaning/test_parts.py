"""Money that customers bring: what is the value, and what adds up to it."""

from __future__ import annotations

import numpy as np
import pandas as pd

import shoal

RNG = np.random.default_rng(5)
N = 300
IDS = [f"C{i:05}" for i in RNG.permutation(N)]


def test_fees_beside_many_purchases_are_not_their_total() -> None:
    months = {f"purchases_2024_0{i}": RNG.lognormal(6, 1, N).round(2) for i in (1, 2, 3)}
    fees = {f"{kind}_charged": RNG.lognormal(2, 1, N).round(2) for kind in ("fees", "interest")}
    profile = shoal.inspect(pd.DataFrame({"id": IDS, **months, **fees}))
    assert profile.value == "total spending"
    made = profile.column("total spending").made
    assert made is not None
    assert made.columns == tuple(months)


def test_what_they_may_spend_is_never_the_value() -> None:
    table = {"id": IDS, "Umsatzpotenzial": RNG.lognormal(9, 1, N), "Besuche": RNG.poisson(4, N)}
    assert shoal.inspect(pd.DataFrame(table)).value is None


def test_parts_are_told_by_compounds_too() -> None:
    parts = {f"{what}umsatz": RNG.lognormal(5, 1, N).round(2) for what in ("Logis", "Wellness")}
    assert shoal.inspect(pd.DataFrame({"id": IDS, **parts})).value == "total spending"
    spans = {f"{span}umsatz": RNG.lognormal(5, 1, N).round(2) for span in ("Jahres", "Monats")}
    assert shoal.inspect(pd.DataFrame({"id": IDS, **spans})).value != "total spending"


def test_what_is_paid_in_comes_after_what_is_earned() -> None:
    money = {"TotalDeposits": RNG.lognormal(6, 1, N), "NGR": RNG.lognormal(5, 1, N)}
    assert shoal.inspect(pd.DataFrame({"id": IDS, **money})).value == "NGR"
    assert shoal.inspect(pd.DataFrame({"id": IDS, "deposits": money["NGR"]})).value == "deposits"


def test_what_is_hardly_ever_more_than_a_monthly_fee_is_not_the_total() -> None:
    fee = RNG.uniform(20, 60, N).round(2)
    bar = (fee * RNG.beta(1, 9, N)).round(2)
    table = {"id": IDS, "monthly_fee": fee, "shop_spend": bar}
    assert shoal.inspect(pd.DataFrame(table)).value == "monthly_fee"
    table["shop_spend"] = bar + 100
    assert shoal.inspect(pd.DataFrame(table)).value == "shop_spend"


def test_spending_under_a_strange_word_beside_regular_fees_may_be_some_of_it() -> None:
    fee, spent = RNG.uniform(20, 60, N).round(2), RNG.lognormal(4, 1, N).round(2)
    table = {"id": IDS, "monthly_fee": fee}
    assert shoal.inspect(pd.DataFrame(table | {"zorblax_spend": spent})).value is None
    assert shoal.inspect(pd.DataFrame(table | {"total_spend": spent})).value == "total_spend"
