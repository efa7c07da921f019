"""New customers, seen once: where they belong, and how each column lies in the bins of before."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Self

import numpy as np
import pyarrow as pa

from shoal.analysis.assign import NOBODY, place
from shoal.analysis.features import known_numbers, unknown_words
from shoal.lifecycle.baseline import word_counts
from shoal.stats.shift import bins_of, counted
from shoal.types import Baseline, Bins, ColumnBaseline, Feature, Floats, Ints, Segmentation


class _Tally:
    """Counts and sums in the bins of before."""

    def __init__(self, bins: Bins) -> None:
        self.edges = np.array(bins.edges)
        size = len(bins.counts)
        self.counts: Ints = np.zeros(size, dtype=np.int64)
        self.sums: Floats = np.zeros(size)

    def add(self, values: Floats) -> None:
        """Take the next values, all of them finite."""
        counts, sums = counted(values, self.edges)
        self.counts += counts
        self.sums += sums

    def merge(self, other: _Tally) -> None:
        """Take in what another worker has counted."""
        self.counts += other.counts
        self.sums += other.sums

    @property
    def bins(self) -> Bins:
        return bins_of(self.edges, self.counts, self.sums)


class SeenAccumulator:
    """Counts new customers by segment, bin and word."""

    def __init__(self, model: Segmentation, baseline: Baseline) -> None:
        self.model = model
        self.sizes: Ints = np.zeros(model.k, dtype=np.int64)
        self.unlike = self.aside = 0
        self._distance = _Tally(baseline.distance)
        self._numbers = {c.column: _Tally(c.bins) for c in baseline.columns if c.bins is not None}
        self._words = {c.column: np.array(c.words) * 0 for c in baseline.columns if c.words}
        self.new_words: dict[str, Counter[str]] = defaultdict(Counter)
        self._missing: Counter[str] = Counter()

    @property
    def columns(self) -> list[str]:
        """The columns that must be read."""
        return list(self.model.recipe.columns)

    def update(self, batch: pa.RecordBatch, start: int) -> None:
        """Take the next rows."""
        places = place(batch, self.model)
        able = places.label != NOBODY
        self.aside += int(np.count_nonzero(~able))
        self.sizes += np.bincount(places.label[able], minlength=self.model.k)
        self.unlike += int(np.count_nonzero(places.unlike_anyone))
        self._distance.add(places.distance[able].astype(np.float64))
        if not able.all():
            batch = batch.filter(pa.array(able))
        for feature in self.model.recipe.features:
            self._add(batch.column(feature.column), feature)
        for column, words in unknown_words(batch, self.model.recipe).items():
            self.new_words[column].update(words)

    def _add(self, values: pa.Array, feature: Feature) -> None:
        name = feature.column
        if feature.categories:
            self._words[name] += word_counts(values, feature)
            self._missing[name] += values.null_count
            return
        x = known_numbers(values, feature)
        known = np.isfinite(x)
        if not known.all():
            self._missing[name] += int((~known).sum())
            x = x[known]
        self._numbers[name].add(x)

    def merge(self, other: Self) -> None:
        """Take in what another worker has seen."""
        self.sizes += other.sizes
        self.unlike += other.unlike
        self.aside += other.aside
        self._distance.merge(other._distance)
        for name, tally in other._numbers.items():
            self._numbers[name].merge(tally)
        for name, counts in other._words.items():
            self._words[name] += counts
        for name, words in other.new_words.items():
            self.new_words[name].update(words)
        self._missing.update(other._missing)

    @property
    def customers(self) -> int:
        """How many could be placed."""
        return int(self.sizes.sum())

    @property
    def distance(self) -> Bins:
        """Distances to the own centre, in the bins of before."""
        return self._distance.bins

    def column(self, name: str) -> ColumnBaseline:
        """What was seen of a column, in the bins of before."""
        tally, words = self._numbers.get(name), self._words.get(name)
        return ColumnBaseline(
            name,
            self._missing[name],
            None if tally is None else tally.bins,
            () if words is None else tuple(words.tolist()),
        )
