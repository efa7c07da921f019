"""Findings and errors quote words that tell what is wrong, and none that names a person."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

import shoal
from shoal.data.databases.query import in_words
from shoal.data.databases.url import Address
from shoal.rfm.findings import busiest_customer, two_spellings

FACTS = SimpleNamespace(customers=200, orders=1000)
DATABASE = Address("postgresql", "postgresql", "", "", "host", None, "shop", None, ())


def table(plan: str) -> pd.DataFrame:
    spent = np.repeat([1.0, 50.0, 99.0], 20) + np.tile([0.0, 1.0], 30)
    plans = np.repeat(["Basic", "Gold", "Free"], 20).astype(object)
    plans[:3] = plan or plans[:3]
    return pd.DataFrame({"spent": spent, "plan": plans})


def test_unknown_words_that_name_persons_are_counted_and_not_shown() -> None:
    model = shoal.segment(table(""), k=3, by=["spent", "plan"]).model
    for word, shown in (("Silver", True), ("Anna Schmidt", False), ("ann@shop.example", False)):
        (found,) = model.assign(table(word)).attrs["findings"]
        assert found.code == "unknown-words"
        assert (word in repr(found)) == shown
        assert ("in 3 cells; they may name persons" in found.message) != shown
    with pytest.raises(shoal.InputError, match="no word that the model knows, but what may name"):
        model.assign(table("").assign(plan="Anna Schmidt"))


def test_ids_that_are_names_are_not_shown() -> None:
    for who, shown in (("KASSE 1", True), ("Anna Schmidt", False), ("+49 30 555000", False)):
        (found,) = busiest_customer(FACTS, "customer", 900, who)  # type: ignore[arg-type]
        assert (who in repr(found)) == shown
    for pair, shown in ((("c1x", "C1X"), True), (("anna schmidt", "Anna Schmidt"), False)):
        (found,) = two_spellings("customer", 1, pair)
        assert (pair[0] in repr(found)) == shown


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        (
            'invalid input syntax for type numeric: "Anna ""A"" Schmidt"',
            "invalid input syntax for type numeric: …",
        ),
        (
            'duplicate key value violates unique constraint "pk" DETAIL: Key (name)=(Anna (A)) exists',
            'duplicate key value violates unique constraint "pk" DETAIL: Key (name)=… exists',
        ),
        ("Duplicate entry 'O''Anna' for key 'pk'", "Duplicate entry … for key 'pk'"),
        ("Could not convert string 'Anna' to INT32", "Could not convert string … to INT32"),
        ("Incorrect integer value: 'Anna' for column 'n'", "value: … for column 'n'"),
        ('DETAIL: Failing row contains (1, Anna, "x)").', "Failing row contains …."),
        ('column "Anna" does not exist', 'column "Anna" does not exist'),
    ],
)
def test_drivers_are_quoted_without_cells(said: str, shown: str) -> None:
    assert shown in in_words(DATABASE, RuntimeError(said))
