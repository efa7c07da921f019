"""The report's parts for another page, and what a person can point at as plain data."""

from __future__ import annotations

import dataclasses
import json
import re
import subprocess
import sys

import numpy as np
import pytest
from matplotlib.ticker import MaxNLocator

import shoal
from make_facts import make_facts
from shoal.output.columns import round_values
from shoal.output.report import parts, render
from shoal.output.report.live import explorable


@pytest.fixture(scope="module")
def facts():
    return make_facts(k=3)


def test_the_parts_are_those_of_the_report(facts):
    page, given = render(facts), parts(facts)
    whole = (given.answer, given.compared, given.why, given.data, given.how)
    for part in (*whole, *given.cards, given.block):
        assert part.strip() in page
    assert len(given.cards) == 3
    assert [f'id="segment-{no}"' in card for no, card in enumerate(given.cards, 1)] == [True] * 3


def test_parts_may_stand_in_html_as_they_are(facts):
    named = [f"<script>{i}</script>" for i in range(3)]
    portraits = tuple(
        dataclasses.replace(p, name=name) for p, name in zip(facts.portraits, named, strict=True)
    )
    given = parts(dataclasses.replace(facts, portraits=portraits, name='"><img src=x>'))
    for part in (given.answer, *given.cards, given.compared, given.why, given.data, given.block):
        assert "<script>0" not in part
        assert "<img src=x" not in part
    assert "&lt;script&gt;0" in given.cards[0]


def test_a_card_says_what_to_do_and_each_thing_once(mall):
    """Without its figures where there is no room for all; in full below."""
    study = shoal.segment(mall)
    for card, portrait in zip(study.parts().cards, study.portraits, strict=True):
        shown, _, more = card.partition("<details>")
        own = [each for each in portrait.action.advice.values["sentences"] if not each.values]
        assert all(each.template in shown for each in own), portrait.name
        assert portrait.action.text in shown + more
        assert card.count("bootstrap Jaccard") == 1


def test_what_can_be_pointed_at_is_plain_data(sample_table):
    study = shoal.segment(sample_table, k=3)
    told = study.explorable()
    assert json.loads(json.dumps(told)) == told
    page = render(study.facts)
    block = re.search(r'<script type="application/json" id="facts">(.*?)</script>', page, re.S)[1]
    assert json.loads(block) == told
    assert [s["colour"] for s in told["segments"]] == list(study.model.colours)
    assert "ids" not in told["map"]
    ids = study.explorable(ids=True)["map"]["ids"]
    labels = study.customers.set_index("CustomerID")["segment"]
    for no, some in enumerate(ids, 1):
        assert {labels[int(one)] for one in some} == {no}
    assert sum(map(len, ids)) == len(sample_table)
    assert study.parts().block == json.dumps(
        told, ensure_ascii=False, separators=(",", ":")
    ).replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


@pytest.mark.parametrize(("columns", "mapped"), [(["Age"], False), (None, True)])
def test_the_parts_say_whether_there_is_a_map(sample_table, columns, mapped):
    """One column is a line, which a picture shows."""
    given = shoal.segment(sample_table, by=columns, k=3).parts()
    assert given.mapped is mapped
    assert (json.loads(given.block)["map"] is not None) is mapped


def test_the_page_and_the_picture_show_the_same_places(sample_table):
    """A dot of the page lies where the picture has it, within a thousandth of its axes."""
    study = shoal.segment(sample_table, k=3)
    told = study.explorable()["map"]
    axes = study.plot.map().axes[0]
    (left, right), (bottom, top) = axes.get_xlim(), axes.get_ylim()
    drawn = axes.collections[0].get_offsets()
    own = study.facts.labels == 0
    x = (drawn[own, 0] - left) / (right - left) * 1000
    y = (top - drawn[own, 1]) / (top - bottom) * 1000
    flat = told["points"][0]
    assert flat[0::2] == pytest.approx(x.clip(0, 1000), abs=0.51)
    assert flat[1::2] == pytest.approx(y.clip(0, 1000), abs=0.51)
    assert explorable(study.facts, ())["columns"] == []


def test_round_values_are_those_of_matplotlib():
    rng = np.random.default_rng(0)
    for most in (4, 6, 8):
        for _ in range(200):
            low = rng.normal() * 10 ** rng.uniform(-3, 6)
            high = low + abs(low) * 10 ** rng.uniform(-3, 3)
            ticks = MaxNLocator(most, steps=[1, 2, 2.5, 5, 10]).tick_values(low, high)
            inside = ticks[(ticks >= low) & (ticks <= high)]
            assert round_values(low, high, most) == pytest.approx(inside, abs=1e-9 * abs(high))


def test_data_and_parts_need_no_drawing():
    code = (
        "import sys, shoal\n"
        "rows = {'a': [1.0, 2, 3, 50, 51, 52], 'b': [9.0, 8, 9, 1, 2, 1], 'c': list('xyxyxy')}\n"
        "import pandas as pd\n"
        "study = shoal.segment(pd.DataFrame(rows), by=['a', 'b'], k=2).recoloured({1: '#aa3377'})\n"
        "study.explorable(), study.parts(), study.members(1), study.explain(1), study.plays(2)\n"
        "print('matplotlib' in sys.modules)"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "False"
