"""The facts of a study, by their names."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from shoal.engine.table import Table
from shoal.output.answer import Answer
from shoal.output.summary import segments_batch
from shoal.types import (
    Choice,
    Facts,
    Findings,
    Profile,
    Recipe,
    Reliability,
    SegmentProfile,
    Trust,
)

if TYPE_CHECKING:
    import pandas as pd


class StudyFacts:
    """What is known of a segmentation: what a study holds beside its doors."""

    facts: Facts
    _table: Table | None
    _places: Callable[[], Any]

    @property
    def k(self) -> int:
        """Number of segments."""
        return self.facts.segmentation.k

    @property
    def choice(self) -> Choice:
        """Every k that was tried, with the evidence, the reason, the runner-up.

        `choice.structure` is false when there is none.
        """
        return self.facts.choice

    @property
    def trust(self) -> Trust:
        """How far to believe each segment."""
        return self.facts.trust

    @property
    def reliability(self) -> Reliability:
        """How far to believe it all, in one table: kind of groups, k, and each segment's figures.

        It is what page, terminal, workbook and JSON speak from. `trust` holds the details.
        """
        return self.facts.reliability

    @property
    def portraits(self) -> tuple[SegmentProfile, ...]:
        """Each segment's name with its evidence, traits, rule, typical customers and action."""
        return self.facts.portraits

    @property
    def profile(self) -> Profile:
        """The data analysis of the table."""
        return self.facts.profile

    @property
    def recipe(self) -> Recipe:
        """How columns became numbers."""
        return self.facts.segmentation.recipe

    @property
    def findings(self) -> Findings:
        """What a person should know, about the table and about the result."""
        return Findings(self.facts.findings)

    @cached_property
    def answer(self) -> Answer:
        """The first lines of every output: `answer.lines` says what was found and what to do first.

        `answer.everybody` holds the totals.
        """
        return Answer(self.facts)

    @property
    def inertia(self) -> float:
        """Sum of squared distances of all customers to their centres, in encoded units."""
        return self.facts.segmentation.inertia

    @property
    def silhouette(self) -> float | None:
        """Mean silhouette of the choice (over the sample); None for one segment."""
        return self.facts.segmentation.silhouette

    @cached_property
    def labels(self) -> npt.NDArray[np.int16]:
        """(n customers,) the id of each row's segment, in row order; 0 when it was set aside."""
        from shoal.output.labels import segment_of_each

        return segment_of_each(self._table, self._places(), self.facts.segmentation)

    @cached_property
    def segments(self) -> pd.DataFrame:
        """One row a segment, by its id: name, size, shares, stability, verdict, rule, action."""
        frame: pd.DataFrame = segments_batch(self.facts).to_pandas().set_index("id")
        return frame

    @cached_property
    def centroids(self) -> pd.DataFrame:
        """Mean and median of each numeric column that forms segments, by segment (index id).

        They are in the table's own units, and of values that are known: means of all customers,
        medians of the sample, which is everybody in tables of up to 20,000 customers. The columns
        have two levels: `study.centroids["mean"]` has a column for each of the table's.

        >>> study.centroids["median"]                                      # doctest: +SKIP
        """
        from shoal.output.centroids import centroids

        return centroids(self.facts)
