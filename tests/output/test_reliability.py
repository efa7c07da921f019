"""One table of facts about trust, and one wording for each, wherever it is said."""

from __future__ import annotations

import dataclasses

import pytest

from make_facts import make_facts
from shoal.analysis.stability import agreed
from shoal.output.answer import Answer
from shoal.output.report import render
from shoal.output.summary import segment_rows, summary
from shoal.sentences import say
from shoal.types import Facts, SegmentTrust, Structure, Trust


def with_trust(facts: Facts, **more: list) -> Facts:
    """The same facts with other figures of each segment."""
    told = [dict(zip(more, values, strict=True)) for values in zip(*more.values(), strict=True)]
    segments = zip(facts.trust.segments, told, strict=True)
    changed = tuple(dataclasses.replace(s, **values) for s, values in segments)
    return dataclasses.replace(facts, trust=dataclasses.replace(facts.trust, segments=changed))


@pytest.mark.parametrize(
    ("structure", "again", "said"),
    [
        ("natural", [0.99, 0.97], "Your 200 customers form two clearly separated segments."),
        (
            "reproducible",
            [0.99, 0.92],
            "Your 200 customers fall into two segments that return on other customers.",
        ),
        (
            "reproducible",
            [0.62, 0.86],
            "Your 200 customers fall into two segments; each returns in 62 % to 86 % of re-runs.",
        ),
        (
            "constructed",
            [0.97, 0.96],
            "No groups found: these are two convenient slices of your 200 customers.",
        ),
        (
            "none",
            [0.2, 0.3],
            "No groups found: these are two convenient slices of your 200 customers.",
        ),
    ],
)
def test_the_headline_follows_from_the_figures(structure, again, said):
    facts = make_facts(k=2, structure=Structure(structure))
    facts = with_trust(facts, found_again=again, border_share=[0.1, 0.3])
    answer, (first, second) = Answer(facts), facts.portraits
    assert answer.found.text == said
    near = 0.1 * first.share + 0.3 * second.share
    assert answer.basis.values["near_border"] == pytest.approx(near)
    assert bool(answer.cuts.text) is (structure == "constructed")
    page = render(facts, None)
    for share in again:
        assert f"found again in {round(share * 100)} % of re-runs" in page
    body = summary(facts)
    assert body["reliability"]["kind"] == structure
    assert [s["found_again"] for s in body["reliability"]["segments"]] == again
    assert [row["found_again"] for row in segment_rows(facts)] == again
    assert [row[-1].rpartition(": ")[2] for row in answer.table[1:-1]] == [
        f"found again in {round(share * 100)} % of re-runs" for share in again
    ]


def test_groups_are_claimed_only_where_all_segments_return():
    facts = make_facts(k=2, structure=Structure.reproducible)
    why = say("comes-back", jaccard=0.9, low=0.9, found_again=0.95, size=99, border=0.1)
    fine: SegmentTrust = dataclasses.replace(facts.trust.segments[0], why=why, verdict="act on it")
    fallen = dataclasses.replace(fine, segment=2, verdict="do not rely on it")
    steady = Trust((fine, dataclasses.replace(fine, segment=2)), 100, 200, facts.trust.agreement)
    assert agreed(facts.choice, steady) == (facts.choice, steady)
    second = say("runner-up-apart", k=3, jaccard=0.9)
    natural = dataclasses.replace(facts.choice, runner_up=3, runner_up_why=second)
    choice, trust = agreed(natural, Trust((fine, fallen), 100, 200, facts.trust.agreement))
    assert str(choice.runner_up_why).startswith("Each of 3 segments comes back")
    assert choice.structure is Structure.constructed
    assert choice.why.code == "k-unsteady"
    assert choice.why.values["fallen"] == 1
    assert [s.verdict for s in trust.segments] == ["use with care", "do not rely on it"]
    assert trust.segments[0].why.code == "a-slice"


@pytest.mark.parametrize("code", ["k-none", "k-constructed"])
def test_of_a_number_that_was_asked_for_nothing_is_said_of_others(code):
    """Another number of segments may show groups, and stand beside it."""
    assert " here" in say(code, k=3, asked=False).text
    asked = say(code, k=3, asked=True).text
    assert " with this number" in asked
    assert " here" not in asked


def test_slices_that_return_are_said_to_be_cuts():
    all_of_them = str(say("cuts-return", low=0.95, high=1.0))
    assert all_of_them.startswith("That they come back in 95 % to 100 % of re-runs shows that the")
    some = str(say("cuts-return", low=0.71, high=1.0))
    assert some.startswith("That some come back in up to 100 % of re-runs shows that such a cut")


def test_what_may_hide_groups_is_named():
    said = str(say("hidden-groups", bundles=(("a", "b", "c"),), columns=5))
    assert said.startswith('"a", "b" and "c" go together closely and count three times: keep one')
    assert "Columns that tell nobody apart drown groups" in said
    assert str(say("hidden-groups", bundles=(), columns=2)) == ""


def test_how_sure_k_is():
    facts = make_facts(k=2)
    assert Answer(facts).reruns.text == ""
    choice = dataclasses.replace(facts.choice, reruns=((4, 60), (3, 35), (5, 5)))
    assert Answer(dataclasses.replace(facts, choice=choice)).reruns.text == (
        "Re-runs, each on nine tenths of the customers, chose 4 segments in 60 of 100, 3 in 35 and "
        "5 in 5."
    )
    large = dataclasses.replace(facts.sample, total=1_000_000)
    said = Answer(dataclasses.replace(facts, choice=choice, sample=large)).reruns.text
    n = len(facts.sample.index)
    assert said.startswith(f"Re-runs, each on nine tenths of the {n:,} sampled customers that k is")
