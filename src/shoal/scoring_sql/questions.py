"""Questions that place a customer: each a column with a few answers, each answer with points."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from shoal.stats.distribution import numbers
from shoal.types import Bools, Column, Floats, Ints

ANSWERS = 5  # ranges of a number
MOST_WORDS = 12  # of a column that is asked for
NO_YES = ("no", "yes")
SCALE = 5.0  # points for one unit of log likelihood, which are rounded
SMOOTH = 1.0  # customers that each answer of each segment is given beforehand


@dataclass(frozen=True)
class Answer:
    """One answer to a question: a range (low, high] of a number, or a word."""

    text: str
    points: tuple[int, ...]  # for each segment, in the order of their ids
    low: float | None = None
    high: float | None = None
    word: str | None = None


@dataclass(frozen=True)
class Question:
    """One column to be asked for. Nobody who does not know the answer gets points for it."""

    column: str
    label: str
    answers: tuple[Answer, ...]
    yes_no: bool = False  # the column holds booleans, or 0 and 1


def question(
    column: Column, values: pa.ChunkedArray, labels: Ints, train: Bools, k: int
) -> Question | None:
    """The question for a column, learned from `train` of the sample; None where it tells nothing.

    Points are what an answer says for each segment: the logarithm of how much more common it is
    there than everywhere (naive Bayes), times five, rounded.
    """
    words = pa.types.is_string(values.type)
    drafts = _words(column) if words else _ranges(column, values, labels, train)
    if len(drafts) < 2:
        return None
    yes_no = not words and column.kind == "flag" and set(np.unique(numbers(values))) >= {0.0, 1.0}
    if yes_no:
        drafts = [replace(each, text=said) for each, said in zip(drafts, NO_YES, strict=True)]
    blank = Question(column.name, column.label or column.name, tuple(drafts), yes_no)
    given = answered(blank, values)[train]
    counts = np.zeros((len(drafts), k))
    known = given >= 0
    np.add.at(counts, (given[known], labels[train][known]), 1)
    share = (counts + SMOOTH) / (counts.sum(axis=0) + SMOOTH * len(drafts))
    every = (counts.sum(axis=1) + SMOOTH) / (counts.sum() + SMOOTH * len(drafts))
    points = np.rint(SCALE * np.log(share / every[:, None])).astype(int)
    told = [
        Answer(d.text, tuple(map(int, row)), d.low, d.high, d.word)
        for d, row in zip(drafts, points, strict=True)
    ]
    return replace(blank, answers=tuple(told))


def _words(column: Column) -> list[Answer]:
    words = [word for word, _ in column.top][: MOST_WORDS + 1]
    return [Answer(word, (), word=word) for word in words] if len(words) <= MOST_WORDS else []


def _ranges(column: Column, values: pa.ChunkedArray, labels: Ints, train: Bools) -> list[Answer]:
    """Ranges between the cuts that tell segments apart best, as a small tree finds them."""
    from sklearn.tree import DecisionTreeClassifier

    x = numbers(values)
    rows = train & np.isfinite(x)
    if len(np.unique(x[rows])) < 2:
        return []
    least = max(5, int(rows.sum() // 50))
    tree = DecisionTreeClassifier(
        max_leaf_nodes=ANSWERS, min_samples_leaf=least, random_state=0, criterion="entropy"
    ).fit(x[rows, None], labels[rows])
    found = sorted(tree.tree_.threshold[tree.tree_.feature >= 0])
    cuts = sorted({_rounded(float(cut), x[rows], column.whole) for cut in found})
    ends = [None, *cuts, None]
    return [Answer(_range(low, high, column.whole), (), low, high) for low, high in pairwise(ends)]


def _rounded(cut: float, x: Floats, whole: bool) -> float:
    """The roundest number that parts the same customers, but for one in a hundred."""
    if whole:
        return float(math.floor(cut))
    below = (x <= cut).sum()
    for digits in range(1, 7):
        power = digits - 1 - math.floor(math.log10(abs(cut) or 1.0))
        tried = round(cut, power)
        if abs(int((x <= tried).sum()) - int(below)) <= len(x) // 100:
            return float(tried)
    return cut


def _written(value: float | None) -> str:
    """A number with all the digits that it has been rounded to."""
    return "" if value is None else f"{value:,.12g}"


def _range(low: float | None, high: float | None, whole: bool) -> str:
    """A range in words: "up to 20", "21 to 40", "more than 40".

    >>> _range(20, 40, True), _range(20, 20.5, False), _range(None, 3, True), _range(3, None, True)
    ('21 to 40', 'more than 20, up to 20.5', 'up to 3', 'more than 3')
    """
    if low is None:
        return f"up to {_written(high)}"
    if high is None:
        return f"more than {_written(low)}"
    if whole:
        first = _written(low + 1)
        return first if low + 1 == high else f"{first} to {_written(high)}"
    return f"more than {_written(low)}, up to {_written(high)}"


def answered(asked: Question, values: pa.ChunkedArray | pa.Array) -> Ints:
    """Which answer (n,) each customer gives, -1 for none of them."""
    if asked.answers[0].word is not None:
        known = pa.array([each.word for each in asked.answers], pa.string())
        found = pc.index_in(values.cast(pa.string()), value_set=known)
        return np.asarray(pc.fill_null(found, -1)).astype(np.int64)
    cuts = [each.high for each in asked.answers[:-1]]
    x = numbers(values)
    places = np.searchsorted(np.array(cuts, float), x, side="left")
    return np.where(np.isfinite(x), places, -1).astype(np.int64)


def points_of(asked: Question, values: pa.ChunkedArray | pa.Array) -> Ints:
    """The points (n, k) that each customer's answer gives."""
    none = np.zeros((1, len(asked.answers[0].points)), dtype=np.int64)
    table = np.vstack([np.array([each.points for each in asked.answers]), none])
    return np.asarray(table[answered(asked, values)])


def totals(start: Sequence[int], given: Sequence[Ints], rows: int) -> Ints:
    """The points (n, k) of all answers together."""
    made = np.tile(np.array(start, dtype=np.int64), (rows, 1))
    for points in given:
        made += points
    return made
