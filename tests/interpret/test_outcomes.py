"""How often outcomes were met in segments, worked out on paper and by SciPy."""

from __future__ import annotations

import dataclasses

import numpy as np
import pyarrow as pa
import pytest
from scipy import stats

from interpret_kit import world
from shoal.interpret import interpret

N = 100  # customers of each of two segments; 60 and 20 of them left
LEFT = [True] * 60 + [False] * 40 + [True] * 20 + [False] * 80
BAD = {"meaning": "outcome", "aspect": "now", "direction": "bad", "confidence": "sure"}


def table(**columns):
    return pa.table(
        {"spend": [1.0 + i % 7 for i in range(N)] + [50.0 + i % 7 for i in range(N)]} | columns
    )


def told(columns, facts, outcome=None):
    rows = table(**columns)
    return interpret(
        **world(rows, ["spend"], 2, labels=[0] * N + [1] * N, facts=facts, outcome=outcome)
    )


@pytest.mark.parametrize(
    ("cells", "event"),
    [
        (["Yes" if x else "No" for x in LEFT], "Yes"),
        (LEFT, "True"),
        ([int(x) for x in LEFT], "1"),
        ([float(x) for x in LEFT], "1"),
        ([1 - x for x in LEFT], "0"),
        (["stayed" if not x else "Attrited Customer" for x in LEFT], "Attrited Customer"),
        ([2 - x for x in LEFT], "1"),
    ],
)
def test_an_outcome_is_counted_whatever_its_cells_are(cells, event):
    first, second = told({"churn": cells}, {"churn": BAD | {"event": event}}, "churn")
    (left,), (stayed,) = first.outcomes, second.outcomes
    assert (left.rate, stayed.rate, left.everybody, left.known) == (0.6, 0.2, 0.4, 100)
    assert left.index == pytest.approx(150)
    right = stats.binomtest(60, 100).proportion_ci(method="wilson")
    assert (left.low, left.high) == pytest.approx((right.low, right.high))
    assert (left.main, left.differs, left.direction, left.column) == (True, True, "bad", "churn")
    assert left.event == event


def test_customers_whose_answer_is_missing_do_not_count():
    cells = [1.0] * 30 + [None] * 50 + [0.0] * 20 + [1.0] * 20 + [0.0] * 80
    first, _ = told({"churn": cells}, {"churn": BAD | {"event": "1"}}, "churn")
    assert (first.outcomes[0].rate, first.outcomes[0].known) == (0.6, 50)


def test_the_sentence_says_how_much_and_what_chance_explains():
    alike = [i % 5 == 0 for i in range(2 * N)]
    columns = {"churn": LEFT, "reply": alike}
    facts = {
        "churn": BAD | {"event": "True"},
        "reply": BAD | {"event": "True", "direction": "good"},
    }
    first, _ = told(columns, facts, "reply")
    assert [(o.column, o.main, o.differs) for o in first.outcomes] == [
        ("reply", True, False),
        ("churn", False, True),
    ]
    said = next(s for s in first.statements if s.code == "outcomes")
    assert said.text == (
        'What became of them: reply "True": 20 % (95 % sure: 13 % to 29 %; everybody: 20 %; '
        'chance explains the difference); churn "True": 60 % (95 % sure: 50 % to 69 %; '
        "everybody: 40 %, index 150)."
    )


def test_an_outcome_that_formed_the_segments_is_not_reported():
    rows = table(churn=LEFT)
    facts = {"churn": BAD | {"event": "True"}}
    found = interpret(
        **world(rows, ["spend", "churn"], 2, labels=[0] * N + [1] * N, facts=facts, outcome="churn")
    )
    assert [p.outcomes for p in found] == [(), ()]


def test_an_outcome_with_words_that_were_not_counted_is_not_reported():
    cells = ["Yes" if x else "No" for x in LEFT]
    facts = {"churn": BAD | {"event": "Yes", "distinct": 3}}
    assert told({"churn": cells}, facts, "churn")[0].outcomes == ()


def test_who_they_are_does_not_repeat_the_outcome():
    first, _ = told({"churn": LEFT}, {"churn": BAD | {"event": "True"}}, "churn")
    assert not any(s.code.startswith("who") for s in first.statements)


def test_many_outcomes_are_held_to_holm():
    rng = np.random.default_rng(0)
    columns = {f"o{i}": (rng.random(2 * N) < 0.3).tolist() for i in range(12)}
    facts = {name: BAD | {"event": "True"} for name in columns}
    first, second = told(columns, facts)
    pairs = zip(first.outcomes, second.outcomes, strict=True)
    right = [
        stats.chi2_contingency(
            [[a.rate * N, N - a.rate * N], [b.rate * N, N - b.rate * N]], correction=False
        ).pvalue
        for a, b in pairs
    ]
    smallest = min(right)
    assert any(o.differs for o in first.outcomes) == (smallest <= 0.05 / 12)
    assert not any(o.main for o in first.outcomes)


def test_segments_that_are_empty_have_no_rate():
    rows = table(churn=LEFT)
    facts = {"churn": BAD | {"event": "True"}}
    found = interpret(
        **world(rows, ["spend"], 3, labels=[0] * N + [1] * N, facts=facts, outcome="churn")
    )
    assert found[2].outcomes == ()
    assert dataclasses.asdict(found[0].outcomes[0])["rate"] == 0.6
