"""The fewest questions that place a new customer, measured on customers held out."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from shoal.analysis.assign import NOBODY, place
from shoal.analysis.new_customers import ready_for
from shoal.analysis.profile import describe
from shoal.engine.table import Table
from shoal.errors import InputError, OptionError
from shoal.output.atomic import staged
from shoal.output.identity import model_id
from shoal.output.labels import LABELS
from shoal.output.typing_form import form_html
from shoal.scoring_sql.questions import (
    SCALE,
    SMOOTH,
    Question,
    points_of,
    question,
    totals,
)
from shoal.scoring_sql.typing_sql import statement
from shoal.sentences import say
from shoal.stats.intervals import wilson_of
from shoal.text.nouns import many
from shoal.text.options import option
from shoal.types import Bools, Column, Ints, MadeColumn, Profile, Segmentation
from shoal.types.plain_json import as_json

MOST = 10  # questions that are tried
ENOUGH = 0.01  # accuracy that a further question must bring
FEWEST = 100  # customers, of whom some choose and some measure
SURE = 0.9  # of those who are placed, the share that shall be placed rightly
NOT_ASKED = ("outcome", "leak", "old_label", "id", "order_id", "row_number", "contact", "text")
FORM, FACTS, SQL = "typing-tool.html", "typing-tool.json", "typing-tool.sql"


@dataclass(frozen=True)
class Measured:
    """A share of customers held out, with its 95 % interval (Wilson 1927)."""

    share: float
    low: float
    high: float


@dataclass(frozen=True)
class Step:
    """How many customers held out are placed rightly by the first so many questions."""

    questions: int
    column: str  # the last of them
    accuracy: Measured


@dataclass(frozen=True)
class TypingTool:
    """Questions that place a new customer by points: `model.typing_tool(source)` makes one.

    Each answer gives points to each segment; they are added to `start`, and the segment with the
    most is taken, the first of equal ones. Where it leads the next by fewer than `lead` points, the
    tool cannot tell.
    """

    segments: tuple[tuple[int, str], ...]  # (number, name)
    start: tuple[int, ...]
    questions: tuple[Question, ...]
    lead: int
    curve: tuple[Step, ...]  # of all questions that were tried, on customers held out
    accuracy: Measured  # of the questions that were taken, where everybody is placed
    accuracy_placed: Measured | None  # … of those who are placed; None: nobody is
    placed: float  # the share of those whom the tool places
    held_out: int
    model_id: str  # of the model that it stands for
    made: tuple[MadeColumn, ...] = ()

    def __repr__(self) -> str:
        return f"<shoal.TypingTool of {len(self.questions)} questions: {self.says}>"

    @property
    def says(self) -> str:
        """How well it places, in words."""
        return say(
            "typing-tool",
            questions=len(self.questions),
            accuracy=self.accuracy.share,
            low=self.accuracy.low,
            high=self.accuracy.high,
            placed=self.placed,
            placed_rightly=self.accuracy_placed and self.accuracy_placed.share,
            held_out=self.held_out,
        ).text

    def to_json(self) -> dict[str, Any]:
        """All of it as plain JSON types."""
        body: dict[str, Any] = as_json(self)
        segments = [{"id": number, "name": name} for number, name in self.segments]
        return body | {"segments": segments, "says": self.says}

    def html(self) -> str:
        """A form to print: questions, answers with their points, and how they are added up."""
        return form_html(self.to_json())

    def to_sql(self, dialect: str, *, table: str = "customers", id: str | None = None) -> str:
        """The same as one SQL statement over a table that has the answers.

        It gives the id (all columns asked for where there is none), segment and name; neither where
        the tool cannot tell. Raises OptionError as `Model.to_sql` does.
        """
        return statement(self, dialect, table, id)

    def write(self, out: str | Path, *, dialect: str = "duckdb") -> dict[str, str]:
        """Write form, facts and statement into a folder, whole or not at all: what is where."""
        folder = Path(out)
        files = {"form": FORM, "facts": FACTS, "sql": SQL}
        texts = self.html(), _json(self.to_json()), self.to_sql(dialect) + "\n"
        with staged(folder, list(files.values())) as inside:
            for name, text in zip(files.values(), texts, strict=True):
                (inside / name).write_text(text, encoding="utf-8")
        return {what: str(folder / name) for what, name in files.items()}


def _json(body: dict[str, Any]) -> str:
    return json.dumps(body, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


@dataclass(frozen=True)
class _Asked:
    """The customers of the sample with their segments, in three parts drawn by chance."""

    labels: Ints
    train: Bools  # points are learned from them
    choose: Bools  # questions and the lead are chosen on them
    test: Bools  # all is measured on them
    k: int


def typing_tool(
    table: Table, model: Segmentation, most: int = MOST, sure: float = SURE
) -> TypingTool:
    """The questions for a table's customers; what is asked and raised tells `Model.typing_tool`."""
    _check(most, sure)
    table = ready_for(table, model)
    profile, sample = describe(table)
    places = place(sample.rows, model)
    able = places.label != NOBODY
    rows, labels = sample.rows.filter(pa.array(able)), places.label[able].astype(np.int64)
    if len(labels) < FEWEST:
        raise InputError(
            f"{table.name} has {len(labels):,} {many()} who can be placed: too few to find "
            f"questions and to measure them on others. At least {FEWEST} are needed."
        )
    turn = np.arange(len(labels)) % 5  # the sample's order is by a hash
    asked = _Asked(labels, turn < 3, turn == 3, turn == 4, model.k)
    tried = [
        q
        for column in _candidates(profile, model)
        if (q := question(column, rows[column.name], labels, asked.train, model.k)) is not None
    ]
    if not tried:
        raise InputError(f"No column of {table.name} tells segments apart by a few answers.")
    return _tool(model, asked, tried, rows, most, sure)


def _check(most: int, sure: float) -> None:
    if not 1 <= most <= 50:
        raise OptionError(f"{option('questions', most)} must be a number from 1 to 50.")
    if not 0.5 <= sure < 1:
        raise OptionError(f"{option('sure', sure)} must be a share from 0.5 to below 1.")


def _candidates(profile: Profile, model: Segmentation) -> list[Column]:
    """Columns that a customer may be asked about: those that form segments, and who they are."""
    labels = {name for name, _ in LABELS}
    known = {each.name for each in model.made}
    return [
        column
        for column in profile.columns
        if column.name in model.recipe.columns
        or (
            column.role in ("basis", "describe", "value")
            and column.meaning not in NOT_ASKED
            and not column.private
            and column.name not in labels
            and (column.made is None or column.name in known)
        )
        if column.kind in ("number", "flag", "category")
    ]


def _tool(
    model: Segmentation,
    asked: _Asked,
    tried: Sequence[Question],
    rows: pa.Table,
    most: int,
    sure: float,
) -> TypingTool:
    start = _start(asked)
    given = {q.column: points_of(q, rows[q.column]) for q in tried}
    order, taken = _chosen(asked, start, tried, given, most)

    def points(questions: Sequence[Question], part: Bools) -> Ints:
        return totals(start, [given[q.column][part] for q in questions], int(part.sum()))

    curve = tuple(
        Step(n, q.column, _measured(_right(points(order[:n], asked.test), asked)))
        for n, q in enumerate(order, 1)
    )
    lead = _lead(points(taken, asked.choose), asked.labels[asked.choose], sure)
    reached = points(taken, asked.test)
    right, told = _right(reached, asked), _leads(reached) >= lead
    return TypingTool(
        segments=tuple(zip(model.ids, model.names, strict=True)),
        start=start,
        questions=tuple(taken),
        lead=lead,
        curve=curve,
        accuracy=_measured(right),
        accuracy_placed=_measured(right[told]) if told.any() else None,
        placed=float(told.mean()),
        held_out=len(right),
        model_id=model_id(model),
        made=_made_for(model, taken),
    )


def _right(points: Ints, asked: _Asked) -> Bools:
    """Which of those held out are placed rightly."""
    return np.asarray(points.argmax(axis=1) == asked.labels[asked.test])


def _made_for(model: Segmentation, questions: Sequence[Question]) -> tuple[MadeColumn, ...]:
    names = {each.column for each in questions}
    return tuple(each for each in model.made if each.name in names)


def _start(asked: _Asked) -> tuple[int, ...]:
    """Points beforehand: larger segments are likelier."""
    sizes = np.bincount(asked.labels[asked.train], minlength=asked.k) + SMOOTH
    return tuple(int(p) for p in np.rint(SCALE * np.log(sizes / sizes.sum() * asked.k)))


def _chosen(
    asked: _Asked,
    start: tuple[int, ...],
    tried: Sequence[Question],
    given: dict[str, Ints],
    most: int,
) -> tuple[list[Question], list[Question]]:
    """Questions in the order in which they are worth asking, and the first that are enough.

    A question that looked best at first may be told by two later ones: it is left out again.
    """

    def share(questions: Sequence[Question]) -> float:
        each = [given[q.column][asked.choose] for q in questions]
        points = totals(start, each, int(asked.choose.sum()))
        return float((points.argmax(axis=1) == asked.labels[asked.choose]).mean())

    order = _order(share, [], tried, most)
    reached = [share(order[:n]) for n in range(1, len(order) + 1)]
    enough = max(reached) - ENOUGH
    taken = order[: 1 + next(i for i, each in enumerate(reached) if each >= enough)]
    for one in list(taken):
        fewer = [q for q in taken if q is not one]
        taken = fewer if fewer and share(fewer) >= enough else taken
    taken = _order(share, [], taken, most)
    return _order(share, taken, tried, most), taken


def _order(
    share: Callable[[Sequence[Question]], float],
    first: Sequence[Question],
    tried: Sequence[Question],
    most: int,
) -> list[Question]:
    """These questions first, then at each step the one that places most customers rightly."""
    order = list(first)
    left = [q for q in tried if q not in order]
    while left and len(order) < most:
        best = max(left, key=lambda q: share([*order, q]))
        order.append(best)
        left.remove(best)
    return order


def _leads(points: Ints) -> Ints:
    """By how many points (n,) the first segment leads the second."""
    if points.shape[1] == 1:
        return np.full(len(points), np.iinfo(np.int64).max)
    two = np.partition(points, -2, axis=1)[:, -2:]
    return np.asarray(two[:, 1] - two[:, 0])


def _lead(points: Ints, labels: Ints, sure: float) -> int:
    """The smallest lead from which on so large a share is placed rightly; the best one else."""
    leads, right = _leads(points), points.argmax(axis=1) == labels
    tried = [
        int(each) for each in np.unique(np.minimum(leads, 1000)) if (leads >= each).sum() >= 20
    ]
    shares = [float(right[leads >= each].mean()) for each in tried]
    enough = [each for each, share in zip(tried, shares, strict=True) if share >= sure]
    return enough[0] if enough else tried[int(np.argmax(shares))]


def _measured(right: Bools) -> Measured:
    share = float(right.mean())
    low, high = wilson_of(share, len(right))
    return Measured(share, low, high)
