"""The numbers that documents name are those in the code."""

from __future__ import annotations

from pathlib import Path

import pytest

from shoal.analysis.choose_k import (
    along,
    decision,
    evidence,
    held_out,
    lattice,
    null_model,
    resampling,
    separation,
)
from shoal.analysis.kmeans import search
from shoal.analysis.stability import verdict
from shoal.stats import silhouette

DECISIONS = Path(__file__).parents[1] / "docs" / "decisions"
CHOOSING_K = [
    ("lower hill (depth {})", separation.DEEP),
    ("two curves beat one by {} likelihood units", separation.TWO_CURVES),
    ("speaks against its valley ({} or more)", separation.NOT_DENIED),
    ("together cost {} units to fill", separation.INSISTED),
    ("shallow valleys (depth {})", separation.SHALLOW),
    ("bootstrap Jaccard at least {} and", decision.RETURNS),
    ("prediction strength at least {}. The largest", decision.PREDICTED),
    ("surely come back (worst Jaccard ≥ {})", decision.SURE_JACCARD),
    ("come back (worst Jaccard ≥ {}, above", evidence.HOLDS),
    ("above {} segments ≥ .8 with", decision.MANY),
    ("above 6 segments ≥ {} with", decision.SURE_JACCARD),
    ("with a prediction strength ≥ {}) and are", decision.STRONG),
    ("every pair (depth {}, two curves", separation.VISIBLE),
    ("two curves better by {} units", held_out.TWO_CURVES),
    ("customers see as well (depth {})", separation.DEEP),
    ("joined to their {} nearest neighbours", along.NEIGHBOURS),
    ("more steps than {} roots", along.LONG),
    ("none longer than {} of it", along.EVEN),
    ("a value that {} % of the customers or more share", round(100 * lattice.SHARED)),
    ("and {} times as many as those beside it", lattice.SPIKE),
    ("the {} beside it on either side say", lattice.BESIDE),
    ("tighter, by {} standard errors", decision.BEYOND_CHANCE),
    ("by itself, in at most {} rounds", null_model.ROUNDS),
    ("There are {}, of 1,000 customers", null_model.COPIES),
    ("There are 4, of {} customers", evidence.COPIED),
    ("of the bar) {} further draws", null_model.MORE),
    ("within {} standard errors of the bar", null_model.OPEN),
    ("tighter than the copies at {} k or more", decision.TWICE),
    ("most columns have {} values or fewer", decision.FEW_STEPS),
    ("is taken: Jaccard ≥ {} and", decision.SURE_JACCARD),
    ("prediction strength ≥ {}, above", decision.SURE_PREDICTED),
    ("above 6 segments ≥ {} (the published cut)", decision.STRONG),
    ("the mean over {} divisions", resampling.DIVISIONS),
    ("where the weakest Jaccard is below {}, which", resampling.RETURNS),
    ("of 3 to {} the fewest within", decision.MANY),
    ("3 to {} slices", decision.MOST_SLICES),
    ("the fewest that come back within {} of the best", decision.TIED),
    ("is at most {} times the least", decision.NEARLY),
    ("every pair up to {} distinct points", silhouette.EXACT),
    ("on about {} customers drawn evenly", silhouette.DRAWN),
    ("at least {} of each", silhouette.LEAST),
    ("Of more than {} centres", search.TRIED),
]


def written(number: float) -> str:
    """As the documents write it: .75, 7, 2,000."""
    if number == int(number):
        return f"{int(number):,}"
    return f"{number:g}".replace("0.", ".", 1)


@pytest.mark.parametrize(("words", "number"), CHOOSING_K)
def test_how_k_is_chosen_names_the_constants_of_the_code(words: str, number: float) -> None:
    document = " ".join((DECISIONS / "choosing-k.md").read_text("utf-8").split())
    assert words.format(written(number)) in document


@pytest.mark.parametrize(
    ("words", "number"),
    [
        ("Jaccard similarity of at least {} with it", verdict.RETURNED),
        ("in at least {} % of cases", 100 * verdict.SURE),
        ("a Jaccard similarity of at least {}, and", verdict.STABLE),
        ("bootstrap Jaccard below {}, or", verdict.DOUBTFUL),
        ("at least {} sampled customers", verdict.FEW),
    ],
)
def test_the_rule_of_verdicts_names_the_constants_of_the_code(words: str, number: float) -> None:
    document = " ".join((DECISIONS.parent / "trust-in-halves.md").read_text("utf-8").split())
    assert words.format(written(number)) in document
    assert verdict.LIKELY == 0.5
    assert "found again in less than half of the cases" in document
