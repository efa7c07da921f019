"""The numbers that documents name are those in the code."""

from __future__ import annotations

from pathlib import Path

import pytest

from contradiction_kit import PAIRS
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
from shoal.analysis.profile import sample
from shoal.analysis.stability import bootstrap, borders, verdict
from shoal.engine import distinct
from shoal.exports import onnx_graph
from shoal.interpret import effects
from shoal.lifecycle import drift, joined, succession
from shoal.output import workbook
from shoal.rfm import customers
from shoal.rfm import findings as rfm_findings
from shoal.scoring_sql import dialects, questions
from shoal.stats import distances, distribution, explained, shift, silhouette
from shoal.web.assistants import settings as of_assistants
from shoal.web.page import child
from shoal.web.page import settings as of_page
from shoal.web.service import guard
from shoal.web.service import options as of_service

ROOT = Path(__file__).parents[1]
DECISIONS = ROOT / "docs" / "decisions"
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


ELSEWHERE = [
    ("README.md", "(up to {} customers and", workbook.MOST_CUSTOMERS),
    ("README.md", "customers and {} cells;", workbook.MOST_CELLS),
    ("ARCHITECTURE.md", "the {} customers with the smallest hash", sample.SAMPLE_ROWS),
    ("docs/app.md", "columns ({}) and cells", of_page.MOST_COLUMNS),
    ("docs/app.md", "cells ({} million)", of_page.MOST_CELLS / 1e6),
    ("docs/app.md", "unpacked size ({} times that)", of_page.UNPACKED),
    ("docs/app.md", "more than {} % of the machine's memory", 100 * child.PART),
    ("docs/assistants.md", "at most some {} letters", of_assistants.MOST_LETTERS),
    ("docs/decisions/any-size.md", "Blocks of {} rows", distances.BLOCK),
    ("docs/decisions/export.md", "Opset {} and", onnx_graph.OPSET),
    ("docs/decisions/export.md", "and IR {} are known", onnx_graph.IR),
    ("docs/decisions/facts-of-trust.md", "Re-runs search {} customers", bootstrap.DRAWN),
    ("docs/decisions/facts-of-trust.md", "up to {} of Lloyd's steps", bootstrap.MORE_STEPS),
    ("docs/decisions/facts-of-trust.md", "checks {} pairs that cannot be said", len(PAIRS)),
    ("docs/decisions/recipe.md", "has more than {} values,", distribution.FEW_VALUES),
    ("docs/decisions/recipe.md", "is skewed (above {})", distribution.HEAVY),
    ("docs/decisions/recipe.md", "loses at least {} %", 100 - 100 * distribution.CURED),
    ("docs/decisions/sample-by-hash.md", "the sample is the {} rows", sample.SAMPLE_ROWS),
    ("docs/drift-and-moves.md", "A PSI of at least {};", drift.PSI_MATTERS),
    ("docs/drift-and-moves.md", "lie at least {} of what", drift.MOVE_MATTERS),
    ("docs/drift-and-moves.md", "at least {} of 100 customers", 100 * drift.SHARE_MATTERS),
    ("docs/drift-and-moves.md", "up to {} bins", shift.MOST_BINS),
    ("docs/drift-and-moves.md", "a shadow value of {})", borders.BORDER),
    ("docs/drift-and-moves.md", "({} MB when left out)", joined.MEMORY / 1e6),
    ("docs/export.md", "double precision, opset {}", onnx_graph.OPSET),
    ("docs/lifecycle.md", "similarity of at least {}, Hennig", succession.LEAST_ALIKE),
    ("docs/lifecycle.md", "are less than {} % smaller", 100 * succession.MOST_LOSS),
    ("docs/orders.md", "and {} times those of the others on average", rfm_findings.BUSY_TIMES),
    ("docs/orders.md", "within `memory` ({} MB)", customers.MEMORY / 1e6),
    ("docs/orders.md", "Above {} million rows", customers.MANY_ROWS / 1e6),
    ("docs/outcome.md", "95 % of {} resamples", explained.DRAWS),
    ("docs/playbook.md", '`"high"` from 0{},', effects.CLEAR),
    ("docs/playbook.md", '`"very high"` from {}', effects.STRONG),
    ("docs/service.md", "| {} requests, or", guard.MOST_AT_ONCE),
    ("docs/service.md", "Tokens have {} letters or more", of_service.SHORTEST),
    ("docs/spark.md", "at most {} distinct rows", distinct.MOST),
    ("docs/sql.md", "SQL Server holds at most {} encoded", dialects.Tsql.widest),
    ("docs/sql.md", "SQLite {},", dialects.Sqlite.widest),
    ("docs/sql.md", "PostgreSQL and Redshift {},", dialects.Postgres.widest),
    ("docs/sql.md", "others {};", dialects.Dialect.widest),
    ("docs/typing-tool.md", "{} × the natural logarithm", questions.SCALE),
    ("docs/typing-tool.md", "asked as they are ({} at most)", questions.MOST_WORDS),
]


@pytest.mark.parametrize(("page", "words", "number"), ELSEWHERE)
def test_documents_name_the_constants_of_the_code(page: str, words: str, number: float) -> None:
    document = " ".join((ROOT / page).read_text("utf-8").split())
    assert words.format(written(round(number, 9))) in document


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
