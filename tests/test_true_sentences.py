"""Every sentence of plays, insights and names, reckoned again with pandas on real tables."""

from __future__ import annotations

import importlib.resources
from functools import cache
from pathlib import Path

import pytest

from truth_kit import World, check, with_playbook, world_of

TABLES = {
    "mall": "mall_customers/mall_customers.csv",
    "ifood": "ifood_marketing_campaign/ifood_marketing_campaign.csv",
    "wholesale": "wholesale_customers/wholesale_customers.csv",
    "seg365": "segmentation_365/segmentation_365.csv",
    "bank": "uci_bank_4521/uci_bank_4521.csv",
    "airline": "eastwest_airlines/eastwest_airlines.csv",
    "ibm": "ibm_cust_segmentation/ibm_cust_segmentation.csv",
    "mcdonalds": "mcdonalds/mcdonalds.csv",
    "volunteers": "volunteers/volunteers.csv",
    "telco": "dirty/telco_mixed_delimiters.csv",
    "churners": "dirty/churners_pipe.csv",
    "orders": "rfm_data_orders/rfm_data_orders.csv",
    "superstore": "superstore/superstore.parquet",
    "groceries": "groceries_members/groceries_members.csv",
    "customers": "rfm_data_customer/rfm_data_customer.parquet",
    "cdnow": "cdnow/cdnow.csv",
    "retail": "online_retail/online_retail.parquet",
    "flo": "dirty/flo_semicolon_dmy.csv",
    "shoppers": "dirty/shoppers_thousand_dots_mangled.csv",
    "bank600": "dirty/bank_600_customers.xlsx",
    "questions": "dirty/mall_812_question_marks.csv",
    "gaps": "dirty/mall_age_missing.csv",
    "negative": "dirty/mall_negative_ages_dups.csv",
    "headless": "dirty/mall_no_header_semicolon.csv",
    "spanish": "dirty/mall_spanish.csv",
    "notes": "dirty/wholesale_notes_beside_table.csv",
    "adventure": "dirty/adventureworks_3_header_rows_latin1.csv",
    "baskets": "dirty/transactions_pipe.csv",
    "nft": "dirty/currency_thousands_nft.csv",
}
OF_ORDERS = ("orders", "superstore", "groceries", "cdnow", "retail", "baskets")


@cache
def read(folder: Path, name: str) -> World:
    options = {"orders": True} if name in OF_ORDERS else {}
    return world_of(folder / TABLES[name], **options)


@pytest.mark.parametrize("name", TABLES)
def test_no_sentence_is_false(shared, name):
    world = read(shared, name)
    assert check(world, world.study.portraits) > 5


# A mutant of the playbook, and the tables one of which must catch it.
MUTANTS = [
    ("keep-and-reward", 'value_index = ">= 120"', 'value_index = ">= 20"', "ifood telco"),
    ("win-back", 'value_index = ">= 100"', 'value_index = "< 100"', "orders"),
    ("win-back", 'late = ">= 0.5"', 'late = "< 0.5"', "orders"),
    ("let-go", 'value_share = "<= 0.05"', 'value_share = "<= 0.5"', "orders"),
    ("remind", 'late = ">= 0.5"', 'late = "<= 1"', "orders"),
    ("win-over", 'means = "high", value', 'means = "low", value', "ifood churners"),
    ("find-out", 'means = "high"', 'means = "low"', "seg365"),
    ("mind-the-budget", 'means = "low"', 'means = "high"', "seg365"),
    ("advise-on-debt", 'debt = "high"', 'debt = "low"', "ibm churners"),
    ("offer-more", 'activity = "high"', 'activity = "low"', "airline"),
    ("ask-what-keeps-them", 'tenure = "high"', 'tenure = "low"', "telco"),
    ("raise-the-basket", 'activity = "high"', 'activity = "low"', "ifood orders"),
    ("plain-offers", "They bring less on average", "They bring as much as others", "ifood"),
    ("small-offers", "They score higher", "They score lower", "mall"),
    ("win-over", "more means than others", "fewer means than others", "mall ifood"),
]


@pytest.mark.parametrize(("play", "right", "wrong", "tables"), MUTANTS)
def test_mutants_of_the_playbook_are_caught(shared, tmp_path, play, right, wrong, tables):
    text = importlib.resources.files("shoal.interpret").joinpath("playbook.toml").read_text("utf-8")
    at = text.index(f'key = "{play}"')
    end = text.index("[[plays]]", at)
    assert right in text[at:end]
    mutant = text[at:end].replace(right, wrong)
    path = tmp_path / "mutant.toml"
    # It comes first, so that it is tried on every segment.
    path.write_text("[[plays]]\n" + mutant + "[[plays]]\n" + text[text.index("key =") :], "utf-8")

    def passes(name: str) -> bool:
        world = read(shared, name)
        try:
            check(world, with_playbook(world, path))
        except AssertionError:
            return False
        return True

    assert not all(passes(name) for name in tables.split())
