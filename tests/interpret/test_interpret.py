"""Portraits on eight customers whose answers are worked out on paper, and on the mall file."""

from __future__ import annotations

import dataclasses
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pcm
import pyarrow.csv as pc
import pytest

from interpret_kit import world
from shoal.interpret import interpret
from shoal.types import Statement

SHARED = Path(__file__).parents[3] / "shared" / "data"
MALL = ["Annual Income (k$)", "Spending Score (1-100)"]

MEANT = {
    "Annual Income (k$)": {"meaning": "means", "direction": "good", "confidence": "sure"},
    "Spending Score (1-100)": {"meaning": "opinion", "direction": "good", "confidence": "sure"},
    "Spending": {
        "meaning": "money_in",
        "aspect": "total",
        "direction": "good",
        "confidence": "sure",
    },
}

EIGHT = pa.table(
    {
        "id": ["a", "b", "c", "d", "e", "f", "g", "h"],
        "Annual Income (k$)": [10, 12, 14, 16, 80, 84, 86, 90],
        "Spending": [90.0, 80.0, 70.0, 80.0, 10.0, 20.0, 30.0, 20.0],
        "Gender": ["f", "f", "f", "m", "m", "m", "m", "m"],
    }
)


def eight(**options):
    return world(
        EIGHT,
        ["Annual Income (k$)", "Spending"],
        2,
        labels=[0] * 4 + [1] * 4,
        id_column="id",
        facts=MEANT,
        **options,
    )


def the(portrait, column):
    return next(t for t in portrait.traits if t.column == column)


def test_eight_customers_get_names_value_and_actions():
    first, second = interpret(**eight(value="Spending"))
    assert (first.segment, first.name, second.name) == (
        1,
        "Big spenders, low income",
        "Small spenders, high income",
    )
    assert (first.size, first.share, first.value_sum, first.value_share, first.value_mean) == (
        4,
        0.5,
        320.0,
        0.8,
        80.0,
    )
    assert first.action.title == "Keep and reward"
    assert second.action.title == "Win over"
    assert first.action.text.startswith(
        "They are 50 % of all and hold 80 % of Spending. "
        "Each brings 80 on average (everybody: 50). "
    )
    assert "They bring less on average (index 40 of Spending)." in second.action.text
    assert "Annual Income (k$) 85 k$ (everybody: 48 k$)" in second.action.why
    assert second.action.at_stake is None  # one in ten of four is nobody


def test_eight_customers_get_traits_in_original_units():
    first, _ = interpret(**eight())
    income, gender = the(first, "Annual Income (k$)"), the(first, "Gender")
    assert (income.segment_low, income.segment_value, income.segment_high) == (11.5, 13.0, 14.5)
    assert income.everybody_value == 48.0
    assert income.effect == pytest.approx((13 - 49) / np.std([10, 12, 14, 16, 80, 84, 86, 90]))
    assert income.effect_low < income.effect < income.effect_high
    assert (gender.word, gender.segment_value, gender.everybody_value, gender.role) == (
        "f",
        0.75,
        0.375,
        "describe",
    )
    assert gender.effect == pytest.approx((0.75 - 0.375) / np.sqrt(0.375 * 0.625))
    assert (gender.segment_low, gender.segment_high) == pytest.approx(
        (0.3006, 0.9544), abs=1e-4
    )  # Wilson, 3 of 4
    assert [abs(t.effect) for t in first.traits] == sorted(
        (abs(t.effect) for t in first.traits), reverse=True
    )


def test_eight_customers_are_too_few_to_hold_some_back_and_it_says_so():
    first, _ = interpret(**eight())
    assert first.rule.held_out == 0
    assert "too few to hold some back" in first.rule.text
    assert (first.rule.precision, first.rule.coverage) == (1.0, 1.0)
    assert first.rule.conditions[0].column in ("Annual Income (k$)", "Spending")


def test_typical_customers_are_the_nearest():
    facts = eight() | {"distances": np.array([3.0, 1.0, 2.0, 0.5, 1.0, 1.0, 9.0, 1.0])}
    first, second = interpret(**facts)
    assert (first.typical, first.typical_ids) == ((3, 1, 2), ("d", "b", "c"))
    assert second.typical_ids == ("e", "f", "h")  # equally near: in the sample's order


def test_sizes_values_and_shares_are_those_of_all_customers():
    facts = eight(value="Spending")
    groups = facts["groups"]
    facts["groups"] = dataclasses.replace(
        groups,
        sizes=np.array([30, 70]),
        counts=groups.counts * 10,
        sums=groups.sums * 10,
        categories={"Gender": {"f": (6, 14), "m": (24, 56)}},
    )
    first, second = interpret(**facts)
    assert (first.share, first.value_sum) == (0.3, 3200.0)
    assert {t.segment_value for p in (first, second) for t in p.traits if t.column == "Gender"} <= {
        0.2,
        0.8,
    }


@pytest.fixture(scope="module")
def mall_rows():
    path = SHARED / "mall_customers" / "mall_customers.csv"
    if not path.exists():
        pytest.skip("the mall file is not here")
    return pc.read_csv(path)


@pytest.fixture(scope="module")
def mall(mall_rows):
    return interpret(**world(mall_rows, MALL, 5, id_column="CustomerID", facts=MEANT))


def test_mall_names(mall):
    assert [p.name for p in mall] == [
        "Middle of the road",
        "High income, high spending score",
        "High income, low spending score",
        "Low income, low spending score",
        "Low income, high spending score",
    ]
    assert (
        mall[2].name_evidence[0]
        == '"high income": Annual Income (k$) 85 k$ (everybody: 62 k$), +1.06 standard deviations'
    )


def test_mall_actions(mall):
    assert [p.action.title for p in mall] == [
        "Keep in touch",
        "Look after them",
        "Win over",
        "Plain offers",
        "Keep with small offers",
    ]
    assert all(p.action.at_stake is None for p in mall)


def test_mall_sentences(mall):
    assert (
        the(mall[2], MALL[0]).sentence
        == "Annual Income (k$): half of them between 78 and 98 (everybody: 42 to 78)"
    )
    assert (
        the(mall[2], "Gender").sentence
        == 'Gender: 54 % "Male" (everybody: 44 %, 1.2 times as often)'
    )
    assert (
        "What sets them apart most: spending score 16 (everybody: 50); "
        "income 85 k$ (everybody: 62 k$)." in mall[2].insights
    )
    assert "Who they are: nothing in age or gender tells them from everybody." in mall[2].insights
    assert all(2 <= len(p.insights) <= 5 for p in mall)


def test_mall_rules_hold_on_customers_not_used_to_make_them(mall, mall_rows):
    facts = world(mall_rows, MALL, 5)
    halves = [np.flatnonzero(facts["labels"] == s)[1::2] for s in range(5)]
    held = np.sort(np.concatenate(halves))
    for p in mall:
        inside = np.ones(len(held), dtype=bool)
        for c in p.rule.conditions:
            x = mall_rows[c.column].to_numpy()[held]
            inside &= x >= c.value if c.op == ">=" else x <= c.value
        mine = facts["labels"][held] == p.segment - 1
        assert p.rule.held_out == len(held)
        assert p.rule.precision == pytest.approx((inside & mine).sum() / inside.sum())
        assert p.rule.coverage == pytest.approx((inside & mine).sum() / mine.sum())
        assert min(p.rule.precision, p.rule.coverage) > 0.9
        assert len(p.rule.conditions) <= 3


def test_another_unit_changes_figures_but_neither_names_nor_effects(mall, mall_rows):
    dollars = mall_rows.set_column(3, MALL[0], pcm.multiply(mall_rows[MALL[0]], 1000))
    other = interpret(**world(dollars, MALL, 5, id_column="CustomerID"))
    assert [p.name for p in other] == [p.name for p in mall]
    for a, b in zip(mall, other, strict=True):
        assert [t.effect for t in a.traits] == pytest.approx([t.effect for t in b.traits])
        assert (a.rule.precision, a.rule.coverage) == pytest.approx(
            (b.rule.precision, b.rule.coverage), abs=0.05
        )


def test_names_keep_when_a_tenth_of_the_customers_is_missing(mall, mall_rows):
    rng = np.random.default_rng(5)
    for _ in range(5):
        rows = mall_rows.take(np.sort(rng.permutation(200)[:180]))
        assert {p.name for p in interpret(**world(rows, MALL, 5))} == {p.name for p in mall}


def test_gaps_and_a_segment_that_the_sample_missed():
    rows = EIGHT.set_column(1, "Annual Income (k$)", pa.array([None, 12, 14, 16, 80, None, 86, 90]))
    facts = world(rows, ["Annual Income (k$)", "Spending"], 3, labels=[0] * 4 + [1] * 4)
    first, second, third = interpret(**facts)
    assert (the(first, "Annual Income (k$)").segment_value, third.size) == (14.0, 0)
    assert third.traits == ()
    assert (third.rule.coverage, third.typical) == (0.0, ())
    assert len({first.name, second.name, third.name}) == 3


def test_one_segment_is_everybody():
    (only,) = interpret(**world(EIGHT, ["Annual Income (k$)", "Spending"], 1, labels=[0] * 8))
    assert only.name == "Middle of the road"
    assert (only.share, only.rule.coverage) == (1.0, 1.0)


def test_twenty_thousand_customers_take_about_a_second():
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 10, 20_000)
    matrix = rng.normal(size=(10, 28))[labels] + rng.normal(size=(20_000, 28))
    rows = pa.table(
        {f"c{i}": matrix[:, i] for i in range(28)} | {"sex": rng.choice(["f", "m"], 20_000)}
    )
    facts = world(rows, [f"c{i}" for i in range(20)], 10, labels=labels)
    start = time.perf_counter()
    found = interpret(**facts)
    assert time.perf_counter() - start < 4  # some 0.3 s on an idle machine
    assert len({p.name for p in found}) == 10


def test_effects_are_taken_on_the_log_scale_where_the_recipe_takes_a_log():
    rows = pa.table({"spend": [1.0, 2.0, 4.0, 1000.0, 2000.0, 90000.0], "n": [1, 2, 3, 4, 5, 6]})
    facts = world(rows, ["spend", "n"], 2, labels=[0, 0, 0, 1, 1, 1], log=True)
    offset = next(f.log_offset for f in facts["recipe"].features if f.column == "spend")
    y = np.log(np.array(rows["spend"].to_pylist()) + offset)
    first, _ = interpret(**facts)
    assert the(first, "spend").effect == pytest.approx((y[:3].mean() - y.mean()) / y.std())
    assert the(first, "spend").segment_value == 2.0  # but the figures stay in original units


def test_one_giant_does_not_rule_a_describing_column():
    rows = pa.table(
        {"a": [0.0] * 20 + [9.0] * 20, "orders": [*range(1, 21), *range(30, 49), 10_000_000]}
    )
    low, high = interpret(**world(rows, ["a"], 2, labels=[0] * 20 + [1] * 20))
    assert the(high, "orders").effect == pytest.approx(-the(low, "orders").effect)
    assert the(high, "orders").effect > 0.8


def test_rules_speak_of_flags_words_and_whole_numbers():
    n = 40
    rows = pa.table(
        {
            "member": ["Yes", "No"] * n,
            "plan": ["basic", "basic", "plus", "plus"] * (n // 2),
            "visits": [0, 0, 3, 4] * (n // 2),
            "app": pa.array([True, False] * n),
        }
    )

    def rule(column, labels):
        return interpret(**world(rows, [column], 2, labels=labels))[1].rule

    flag, word, count, app = (
        rule("member", [1, 0] * n),
        rule("plan", [0, 0, 1, 1] * 20),
        rule("visits", [0, 0, 1, 1] * 20),
        rule("app", [1, 0] * n),
    )
    assert [(c.column, c.op, c.value) for r in (flag, word, count, app) for c in r.conditions] == [
        ("member", "==", "Yes"),
        ("plan", "==", "plus"),
        ("visits", ">=", 2.0),
        ("app", "==", 1.0),
    ]
    # 20 of 20 held out: Wilson's interval begins at 20 / (20 + 1.96^2).
    assert flag.precision_range == pytest.approx((0.8389, 1.0), abs=1e-4)
    assert flag.text == (
        "member is yes: 100 % of those it catches are in the segment (95 % sure: 84 % to 100 %), "
        "it finds 100 % of the segment (84 % to 100 %); "
        "measured on 40 customers not used to make it"
    )
    assert word.text.startswith('plan is "plus": ')
    assert count.text.startswith("visits ≥ 2: ")


def test_a_segment_not_to_be_relied_on_is_to_be_tried_first():
    facts = eight()
    trust = facts["trust"]
    doubtful = dataclasses.replace(
        trust.segments[0],
        verdict="do not rely on it",
        why=Statement("dissolved", {}, "it dissolved in 60 of 100 resamples"),
    )
    facts["trust"] = dataclasses.replace(trust, segments=(doubtful, trust.segments[1]))
    first, second = interpret(**facts)
    assert first.insights[-1] == "How sure: do not rely on it. It dissolved in 60 of 100 resamples."
    assert first.action.text.endswith("try it on a small part first.")
    assert "small part first" not in second.action.text


def test_value_that_can_be_negative_has_no_shares():
    rows = EIGHT.append_column("profit", pa.array([-5.0, 1.0, 1.0, 1.0, 4.0, 4.0, 4.0, 4.0]))
    facts = world(
        rows, ["Annual Income (k$)", "Spending"], 2, labels=[0] * 4 + [1] * 4, value="profit"
    )
    first, second = interpret(**facts)
    assert (first.value_sum, first.value_share, second.value_share, second.value_mean) == (
        -2.0,
        None,
        None,
        4.0,
    )


def test_figures_are_shown_on_the_side_that_put_them_there():
    # Ranks put the first segment above everybody, means below, and the medians are the same.
    spend = [10.0] * 60 + [10.0] * 29 + [0.0] * 29 + [400.0] * 2
    rows = pa.table({"spend": spend, "visits": [1.0] * 60 + [2.0] * 60})
    first, second = interpret(**world(rows, ["spend", "visits"], 2, labels=[0] * 60 + [1] * 60))
    assert the(first, "spend").effect > 0.5 > 0 > the(second, "spend").effect
    for portrait in (first, second):
        shown = portrait.statements[1].values["differences"]
        assert [d.column for d in shown] == ["visits"], portrait.statements[1]
        assert "spend" not in portrait.who.text


def test_codes_are_counted_and_never_averaged():
    rows = pa.table({"visits": [1.0] * 50 + [9.0] * 50, "channel": [1, 1, 1, 1, 2] * 10 + [2] * 50})
    labels = [0] * 50 + [1] * 50
    codes = {"channel": {"meaning": "code", "kind": "number"}}
    first, second = interpret(**world(rows, ["visits"], 2, labels=labels, facts=codes))
    (said,) = (s for s in second.statements if s.code == "who-they-are")
    assert said.text == "Who they are: channel 2 100 % (everybody: 60 %)."
    assert the(first, "channel").kind == "category"


def test_standard_deviations_say_what_they_are_of():
    n = 60
    spend = [1.0, 2, 3, 5, 8, 13] * 10 + [100.0, 200, 400, 800, 1600, 9000] * 10
    rows = pa.table({"spend": spend, "age": [20.0, 21, 22] * 20 + [40.0, 41, 42] * 20})
    labels = [0] * n + [1] * n
    first, _ = interpret(**world(rows, ["spend"], 2, labels=labels, log=True))
    assert first.name_evidence[0].endswith("standard deviations of the logarithm")
    assert the(first, "spend").scale == "logarithms"
    first, _ = interpret(**world(rows, ["spend"], 2, labels=labels))
    assert first.name_evidence[0].endswith("standard deviations of the ranks")
    first, _ = interpret(**world(rows, ["age"], 2, labels=labels))
    assert first.name_evidence[0].endswith("standard deviations")
    assert the(first, "age").scale == "values"


def test_what_is_said_carries_its_code_and_its_numbers():
    first, second = interpret(**eight(value="Spending"))
    codes = [each.code for each in first.statements]
    assert codes == ["size-and-value", "differences", "who-unknown", "how-sure"]
    size = first.statements[0].values
    assert (size["size"], size["total"], size["share"], size["mean"]) == (4, 8, 0.8, 80.0)
    income = first.statements[1].values["differences"][0]
    assert (income.column, income.value, income.everybody) == ("Annual Income (k$)", 13.0, 48.0)
    assert [each.code for each in first.evidence] == ["name-column", "name-column"]
    assert (second.action.reason.code, second.action.test.code) == ("play-fits", "trial")
    said = second.action.advice.values["sentences"]
    assert said[1].values["value_index"].value == 40.0
    assert said[0].values["means"].each[0].column == "Annual Income (k$)"
    rule = first.rule
    assert (rule.where.code, rule.measured.code) == ("rule-where", "rule-measured")
    assert rule.text == f"{rule.where}: {rule.measured}"
    assert rule.measured.values == {"precision": 1.0, "coverage": 1.0, "held_out": 0}
    assert "the customers it was made from, too few to hold some back" in rule.text
    assert rule.precision_range is None
    assert the(first, "Gender").statement.code == "trait-share"
