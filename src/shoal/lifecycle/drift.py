"""What was before and what was seen → Comparison: which shifts are real, and which matter.

An alarm asks for both: a shift that chance does not explain between samples of these sizes, and one
large enough to matter. Half of the 5 % of false alarms is for the whole (segments, distances,
customers unlike anyone), half for all columns together, each shared out by Holm's method.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from shoal.engine.table import Table
from shoal.lifecycle.drift_said import told
from shoal.lifecycle.seen import SeenAccumulator
from shoal.output.identity import model_id
from shoal.stats import shift
from shoal.stats.few import too_few
from shoal.stats.intervals import beyond_chance, shares_differ
from shoal.text.persons import nameless
from shoal.types import (
    NOTHING,
    Baseline,
    Bins,
    ColumnBaseline,
    ColumnShift,
    Comparison,
    DriftState,
    Ints,
    Segmentation,
    SegmentShift,
    ShareShift,
    Usual,
)
from shoal.types.drift import worst

PSI_MATTERS = 0.1  # the usual reading: below it nothing, from .25 on much
MOVE_MATTERS = 0.15  # of what two customers differ by on average
SHARE_MATTERS = 0.05  # of customers
LEVEL = 0.025  # of false alarms, for all columns and for the whole each
OUTERMOST = 0.05  # share of customers before who lay farther out than where distances are counted
SHOWN_WORDS = 5
UNKNOWN = Usual(None, None)
NEAR_POWER = 0.02  # how near, in logarithms, the change of a mean is to a power of ten


class Before(NamedTuple):
    """Who was before."""

    baseline: Baseline
    sizes: tuple[int, ...]  # customers of each segment


@dataclass
class Tested:
    """One thing that may have shifted: is it large enough to matter, and does chance explain it?"""

    matters: bool
    chance: float  # how probable as much is where nothing has changed
    real: bool = False

    @property
    def state(self) -> DriftState:
        """Both together."""
        if self.real:
            return "drift" if self.matters else "small"
        return "unsure" if self.matters else "steady"


def settle(tests: Sequence[Tested]) -> None:
    """Say of things looked at together which of them chance does not explain."""
    for test, real in zip(tests, beyond_chance([t.chance for t in tests], LEVEL), strict=True):
        test.real = real


class Share(NamedTuple):
    """So many of so many."""

    events: int
    known: int

    @property
    def share(self) -> float:
        """The one among the other."""
        return self.events / max(self.known, 1)


def _tested(before: Share, after: Share) -> Tested:
    events, known = (np.array(each, dtype=float) for each in zip(before, after, strict=True))
    matters = abs(after.share - before.share) >= SHARE_MATTERS
    return Tested(matters, shares_differ(events, known))


@dataclass
class _Values:
    """How far values or words have shifted."""

    psi: float | None = None
    wasserstein: float | None = None
    usual: Usual = UNKNOWN
    tests: list[Tested] = field(default_factory=list)


def _of_numbers(before: Bins, after: Bins) -> _Values:
    n, m = sum(before.counts), sum(after.counts)
    if n == 0 or m == 0:
        return _Values()
    group = shift.groups(before)
    p, q = shift.grouped(before, group), shift.grouped(after, group)
    index = shift.psi(p, q)
    return _Values(
        index,
        shift.wasserstein(before, after),
        Usual(shift.usual_psi(len(p), n, m), shift.usual_wasserstein(before, n, m)),
        [
            Tested(index >= PSI_MATTERS, shift.chance_of_groups(p, q)),
            _moved(before, after),
            *_beside_a_frequent_value(before, after),
        ],
    )


def _moved(before: Bins, after: Bins) -> Tested:
    """How far values must move for one sample to become the other."""
    moved = shift.wasserstein(before, after)
    matters = moved >= MOVE_MATTERS * shift.spread(before) and moved > 0
    return Tested(matters, shift.chance_of_bins(before, after))


def _beside_a_frequent_value(before: Bins, after: Bins) -> Iterator[Tested]:
    """The same of those who have not the value that many have, where enough are left.

    Of money that few spend, the amounts are hidden from a test of all by everybody's zeros; how
    many spend, the other tests ask (two-part models: Lachenbruch, Biometrics 32, 1976).
    """
    at = shift.frequent(before)
    if at is None:
        return
    rest = [shift.without(bins, at) for bins in (before, after)]
    pairs = zip(rest, (before, after), strict=True)
    if min(sum(few.counts) / sum(every.counts) for few, every in pairs) >= SHARE_MATTERS:
        yield _moved(*rest)


def _of_words(before: Sequence[int], after: Sequence[int]) -> _Values:
    p, q = np.array(before), np.array(after)
    if p.sum() == 0 or q.sum() == 0:
        return _Values()
    index = shift.psi(p, q)
    usual = Usual(shift.usual_psi(int((p > 0).sum()), int(p.sum()), int(q.sum())), None)
    apart = float(np.abs(p / p.sum() - q / q.sum()).sum() / 2)
    matters = index >= PSI_MATTERS and apart >= SHARE_MATTERS  # rare words make large indices
    return _Values(index, None, usual, [Tested(matters, shift.chance_of_groups(p, q))])


class _Column:
    """One column before and after, and what is asked of it."""

    def __init__(
        self, before: ColumnBaseline, after: ColumnBaseline, customers: int, seen: SeenAccumulator
    ) -> None:
        self.before, self.after = before, after
        self.new_words: Mapping[str, int] = seen.new_words.get(before.column, {})
        unknown = sum(self.new_words.values())
        self.missing = (Share(before.missing, customers), Share(after.missing, seen.customers))
        known = seen.customers - after.missing
        self.words = (Share(0, customers - before.missing), Share(unknown, known))
        if before.bins is not None and after.bins is not None:
            self.values = _of_numbers(before.bins, after.bins)
        else:
            self.values = _of_words(before.words, after.words)
        self.missing_test, self.words_test = _tested(*self.missing), _tested(*self.words)

    @property
    def tests(self) -> Iterator[Tested]:
        """Everything that is asked."""
        yield from self.values.tests
        yield self.missing_test
        if self.new_words:
            yield self.words_test

    def told(self, least: int) -> ColumnShift:
        """What was found, once all tests are settled; no figures of fewer than the least."""
        shown = sorted(nameless(self.new_words), key=lambda word: -self.new_words[word])
        means = [None if c.bins is None else shift.mean(c.bins) for c in (self.before, self.after)]
        few = bool(too_few([share.known for share in self.words], least).any())
        values = self.values
        if few:
            means, values = [None, None], _Values(tests=self.values.tests)
        return ColumnShift(
            name=self.before.column,
            psi=values.psi,
            wasserstein=values.wasserstein,
            usual=values.usual,
            state=worst(("steady", *(test.state for test in values.tests))),
            mean_before=means[0],
            mean_after=means[1],
            missing_before=self.missing[0].share,
            missing_after=self.missing[1].share,
            missing_state=self.missing_test.state,
            new_words={word: self.new_words[word] for word in shown[:SHOWN_WORDS]},
            new_word_share=self.words[1].share,
            words_state=self.words_test.state,
            times=_times(*means),
        )


def _times(before: float | None, after: float | None) -> float | None:
    """What a mean was multiplied by, where that is a power of ten: another unit may be why."""
    if not before or not after or after / before <= 0:
        return None
    power = math.log10(after / before)
    near = round(power)
    return 10.0**near if near and abs(power - near) <= NEAR_POWER else None


def _beyond(bins: Bins, before: Bins) -> Share:
    """How many lie in the outermost bins, which held about a twentieth before."""
    counts: Ints = np.array(before.counts)
    outer = np.cumsum(counts[::-1])[::-1] <= OUTERMOST * counts.sum() * (1 + 1e-9)
    outer[-1] = len(counts) > 1
    return Share(int(np.array(bins.counts)[outer].sum()), int(sum(bins.counts)))


class _Whole:
    """What is asked of all customers together."""

    def __init__(self, before: Before, seen: SeenAccumulator) -> None:
        baseline, sizes = before.baseline, np.array(before.sizes)
        self.sizes: Ints = sizes
        self.shares = (sizes / sizes.sum(), seen.sizes / seen.customers)
        self.moved = float(np.abs(self.shares[0] - self.shares[1]).sum() / 2)
        chance = shift.chance_of_groups(sizes, seen.sizes)
        self.segments = Tested(self.moved >= SHARE_MATTERS, chance)
        self.unlike = (
            Share(baseline.unlike, int(sizes.sum())),
            Share(seen.unlike, seen.customers),
        )
        self.outer = tuple(
            _beyond(bins, baseline.distance) for bins in (baseline.distance, seen.distance)
        )
        self.unlike_test, self.outer_test = _tested(*self.unlike), _tested(*self.outer)
        settle([self.segments, self.unlike_test, self.outer_test])

    @property
    def states(self) -> tuple[DriftState, ...]:
        """Of each question."""
        return tuple(test.state for test in (self.segments, self.unlike_test, self.outer_test))

    def of_segments(self, model: Segmentation, sizes: Ints) -> tuple[SegmentShift, ...]:
        """Each segment before and after."""
        shares = (each.tolist() for each in self.shares)
        counts = (self.sizes.tolist(), sizes.tolist())
        rows = zip(model.ids, model.names, *shares, *counts, strict=True)
        return tuple(SegmentShift(*row) for row in rows)


def judged(
    table: Table, before: Before, seen: SeenAccumulator, rows: int, least: int
) -> Comparison:
    """The comparison of all that was seen of a table of so many rows with what was before.

    Figures of a column that is known of fewer than the `least` customers are not told.
    """
    baseline = before.baseline
    columns = [
        _Column(each, seen.column(each.column), baseline.customers, seen)
        for each in baseline.columns
    ]
    settle([test for column in columns for test in column.tests])
    whole, shifts = _Whole(before, seen), tuple(column.told(least) for column in columns)
    distance = _distance(baseline.distance, seen.distance, whole.outer_test, least)
    return told(
        Comparison(
            alarm="drift" in (*(each.worst for each in shifts), *whole.states),
            model_id=model_id(seen.model),
            summary=NOTHING,
            name=table.name,
            customers_before=whole.unlike[0].known,
            customers_after=seen.customers,
            rows_read=rows,
            rows_set_aside=seen.aside,
            columns=shifts,
            segments=whole.of_segments(seen.model, seen.sizes),
            segments_moved=whole.moved,
            segments_state=whole.segments.state,
            distance=distance,
            farther=_share_shift(whole.outer, whole.outer_test),
            unlike_anyone=_share_shift(whole.unlike, whole.unlike_test),
            reasons=(),
            findings=table.findings,
        ),
        least,
    )


def _share_shift(shares: Sequence[Share], test: Tested) -> ShareShift:
    return ShareShift(shares[0].share, shares[1].share, test.state)


def _distance(before: Bins, after: Bins, outer: Tested, least: int) -> ColumnShift:
    """Distances to the own centre as a column; whether they have grown is asked of the farthest."""
    few = bool(too_few([sum(before.counts), sum(after.counts)], least).any())
    values = _Values() if few else _of_numbers(before, after)
    return ColumnShift(
        name="distance to the centre",
        psi=values.psi,
        wasserstein=values.wasserstein,
        usual=values.usual,
        state=outer.state,
        mean_before=None if few else shift.mean(before),
        mean_after=None if few else shift.mean(after),
        missing_before=0.0,
        missing_after=0.0,
        missing_state="steady",
        new_words={},
        new_word_share=0.0,
        words_state="steady",
    )
