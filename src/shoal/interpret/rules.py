"""A rule for each segment: at most three comparisons, found on one half of the sample and measured
on the other.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal

import numpy as np

from shoal.engine.worker import Each, in_turn
from shoal.interpret.context import ColumnView, Context
from shoal.sentences import say
from shoal.sentences.interpret import Comparison
from shoal.stats.intervals import wilson_of
from shoal.types import Bools, Condition, Floats, Ints, Rule, Statement

Op = Literal[">=", "<="]
CUTS = 48  # thresholds tried for each column
LEARN = 4000  # customers on which rules are sought, at most
BEAM = 8  # rules that are carried on to the next condition
GAIN = 0.02  # by which a further condition must better a rule
MOVED = 0.04  # share of a column's spread by which rounding may move a threshold
FEWEST = 5  # members of a segment on each half, below which none are held back


@dataclass(frozen=True)
class Cut:
    """One comparison being tried, on an input of the search."""

    at: int  # the input
    op: Op
    value: float


@dataclass(frozen=True)
class Input:
    """What the search looks at: a numeric column, or an indicator of one word."""

    view: ColumnView
    word: int  # -1 for a number
    values: Floats  # (m,)


@dataclass(frozen=True)
class Bins:
    """The customers to learn from, with every value replaced by the number of thresholds at or
    below it.
    """

    rows: Ints  # (n,) of the sample
    codes: Ints  # (n, inputs) offset by input, so that one count does for all
    cuts: tuple[Floats, ...]
    width: int
    known: Bools  # (n, inputs)


@dataclass(frozen=True)
class Split:
    """The rows of the sample that rules are sought on, and those they are measured on."""

    bins: Bins
    test: Ints  # (t,) rows that were held back; empty where there are too few to hold some back


def rules(context: Context, each: Each = in_turn) -> tuple[Rule, ...]:
    """One rule a segment, on the columns that formed the segments."""
    inputs = [i for view in context.basis or context.views for i in _inputs(view)]
    learn, test = _halves(context)
    enough = [len(rows) >= 2 * FEWEST for rows in context.members]
    halved = Split(_bins(inputs, learn), test)
    whole = halved
    if not all(enough):
        whole = Split(_bins(inputs, np.arange(len(context.labels))), test[:0])
    tasks = [(s, halved if ok else whole) for s, ok in enumerate(enough)]
    return tuple(each(partial(_rule, context.labels, inputs), tasks))


def _inputs(view: ColumnView) -> list[Input]:
    if view.kind == "number":
        return [Input(view, -1, view.values)]
    words = [1] if len(view.words) == 2 else range(len(view.words))
    known = np.isfinite(view.values)
    return [Input(view, w, np.where(known, view.values == w, np.nan)) for w in words]


def _only(inputs: list[Input], rows: Ints) -> list[Input]:
    return [replace(each, values=each.values[rows]) for each in inputs]


def _halves(context: Context) -> tuple[Ints, Ints]:
    """Every other member of each segment: the sample's order is by a hash, so each half is drawn by
    chance.
    """
    learn = np.sort(np.concatenate([rows[0::2] for rows in context.members]))
    test = np.sort(np.concatenate([rows[1::2] for rows in context.members]))
    return learn, test


def _bins(inputs: list[Input], learn: Ints) -> Bins:
    rows = learn[:: max(1, math.ceil(len(learn) / LEARN))]
    cuts = tuple(_cuts(each.values[rows]) for each in inputs)
    width = CUTS + 2
    codes = np.column_stack(
        [
            np.searchsorted(c, each.values[rows], side="right")
            for c, each in zip(cuts, inputs, strict=True)
        ]
    )
    known = np.column_stack([np.isfinite(each.values[rows]) for each in inputs])
    return Bins(rows, codes + np.arange(len(inputs)) * width, cuts, width, known)


def _cuts(values: Floats) -> Floats:
    """Thresholds halfway between neighbouring values, at most CUTS of them, evenly spread over the
    customers.
    """
    known = np.unique(values[np.isfinite(values)])
    halfway = (known[1:] + known[:-1]) / 2
    if len(halfway) <= CUTS:
        return halfway
    spread = np.unique(np.nanquantile(values, np.linspace(0, 1, CUTS + 2)[1:-1], method="lower"))
    evenly = np.minimum(np.searchsorted(known, spread), len(halfway) - 1)
    return np.asarray(halfway[np.unique(evenly)])


def _rule(labels: Ints, inputs: list[Input], task: tuple[int, Split]) -> Rule:
    """The best rule for a segment (counted from 0), measured on the rows held back, or on all where
    none are.
    """
    segment, split = task
    wanted = labels[split.bins.rows] == segment
    learn = _only(inputs, split.bins.rows)
    best = _needed(_search(split.bins, wanted), learn)
    best = _round(best, learn, wanted)
    measured = split.test if len(split.test) else np.arange(len(labels))
    return _said(best, inputs, measured, labels[measured] == segment, len(split.test))


@dataclass(frozen=True)
class Candidate:
    """A rule on the way."""

    f1: float
    cuts: tuple[Cut, ...]
    inside: Bools  # (n,) customers that meet every cut but the last


def _search(bins: Bins, wanted: Bools) -> tuple[Cut, ...]:
    """Beam search for the conditions with the best F1 on the learning half."""
    share = float(wanted.mean())
    best = Candidate(2 * share / (1 + share), (), np.ones(len(wanted), dtype=np.bool_))
    beam = [best]
    for _ in range(3):
        grown = [
            Candidate(f1, (*each.cuts, cut), each.inside)
            for each in beam
            for f1, cut in _next(bins, wanted, each.inside)
        ]
        unlike = _best_unlike(grown)
        if not unlike or unlike[0].f1 < best.f1 + GAIN:
            break
        best = unlike[0]
        beam = [replace(c, inside=c.inside & _meets(bins, c.cuts[-1])) for c in unlike]
    return best.cuts


def _best_unlike(grown: list[Candidate]) -> list[Candidate]:
    """The best candidates, best first.

    Of those with the same cuts in another order the best, in the place of the first.
    """
    ranked = sorted(grown, key=lambda c: c.f1)
    unlike = {frozenset(c.cuts): c for c in ranked}
    return list(unlike.values())[: -BEAM - 1 : -1]


def _needed(cuts: tuple[Cut, ...], inputs: list[Input]) -> tuple[Cut, ...]:
    """The conditions that exclude anybody whom the others let in."""
    for cut in cuts:
        rest = tuple(c for c in cuts if c != cut)
        if np.array_equal(_catches(rest, inputs), _catches(cuts, inputs)):
            return _needed(rest, inputs)
    return cuts


def _next(bins: Bins, wanted: Bools, inside: Bools) -> list[tuple[float, Cut]]:
    """(F1, comparison) for the best comparisons to add for the customers that are still inside."""
    caught = _counts(bins, inside)
    hits = _counts(bins, inside & wanted)
    found = []
    directions: tuple[tuple[Op, Callable[[Ints], Ints]], ...] = ((">=", _from), ("<=", _upto))
    for op, so_far in directions:
        f1 = 2 * so_far(hits) / np.maximum(so_far(caught) + int(wanted.sum()), 1)
        for place in np.argsort(-f1, axis=None)[: 2 * BEAM]:
            at, cut = divmod(int(place), bins.width - 1)
            if cut < len(bins.cuts[at]):
                found.append((float(f1[at, cut]), Cut(at, op, float(bins.cuts[at][cut]))))
    return found


def _counts(bins: Bins, rows: Bools) -> Ints:
    """(inputs, width) how many of these rows lie between two thresholds."""
    codes, known = bins.codes[rows], bins.known[rows]
    size = bins.codes.shape[1] * bins.width
    return np.bincount(codes[known], minlength=size)[:size].reshape(-1, bins.width)


def _from(counts: Ints) -> Ints:
    """Customers at or above each threshold."""
    return np.asarray(counts[:, ::-1].cumsum(axis=1)[:, ::-1][:, 1:])


def _upto(counts: Ints) -> Ints:
    """Customers below each threshold (which lies between two values)."""
    return np.asarray(counts.cumsum(axis=1)[:, :-1])


def _meets(bins: Bins, cut: Cut) -> Bools:
    code = bins.codes[:, cut.at] - cut.at * bins.width
    place = int(np.searchsorted(bins.cuts[cut.at], cut.value))
    met = code > place if cut.op == ">=" else code <= place
    return np.asarray(bins.known[:, cut.at] & met)


def _round(cuts: tuple[Cut, ...], inputs: list[Input], wanted: Bools) -> tuple[Cut, ...]:
    """The roundest thresholds that cost next to no accuracy on the learning half, one after the
    other.
    """
    for i, cut in enumerate(cuts):
        if inputs[cut.at].word < 0:
            cuts = _rounded(cuts, i, inputs, wanted)
    return cuts


def _rounded(cuts: tuple[Cut, ...], i: int, inputs: list[Input], wanted: Bools) -> tuple[Cut, ...]:
    full = _f1(cuts, inputs, wanted)
    values = inputs[cuts[i].at].values
    low, high = _gap(cuts, i, inputs)
    middle = _whole((low + high) / 2, cuts[i].op, values)
    room = max(_room(middle, values), (high - low) / 4)
    for value in _rounder(middle, room):
        tried = _with_value(cuts, i, value)
        if _f1(tried, inputs, wanted) >= full - GAIN / 4:
            return tried
    return _with_value(cuts, i, middle)


def _with_value(cuts: tuple[Cut, ...], i: int, value: float) -> tuple[Cut, ...]:
    return (*cuts[:i], replace(cuts[i], value=value), *cuts[i + 1 :])


def _gap(cuts: tuple[Cut, ...], i: int, inputs: list[Input]) -> tuple[float, float]:
    """The two customers between whom a threshold may lie, among those who meet the other
    conditions.

    In its middle the threshold errs least on customers not yet seen.
    """
    cut = cuts[i]
    values = inputs[cut.at].values[_catches((*cuts[:i], *cuts[i + 1 :]), inputs)]
    above = values >= cut.value if cut.op == ">=" else values > cut.value
    below = ~above & np.isfinite(values)
    if not above.any() or not below.any():
        return cut.value, cut.value
    return float(values[below].max()), float(values[above].min())


def _whole(value: float, op: str, values: Floats) -> float:
    """For whole numbers "at least 1" in place of "at least 0.5"."""
    if np.any(values[np.isfinite(values)] % 1 != 0):
        return value
    return float(math.ceil(value) if op == ">=" else math.floor(value))


def _room(value: float, values: Floats) -> float:
    """How far rounding may move a threshold."""
    low, high = np.nanpercentile(values, [5, 95])
    return max(MOVED * min(float(high - low), 2.5 * abs(value)), 1e-9)


def _rounder(value: float, room: float) -> list[float]:
    """Rounder and less round neighbours of a threshold, all within reach.

    >>> _rounder(63.5, 3.0), _rounder(12669.0, 400.0)
    ([65.0, 64.0, 63.5], [13000.0, 12500.0, 12700.0, 12650.0, 12670.0, 12669.0])
    """
    found: list[float] = []
    top = math.floor(math.log10(max(abs(value), room))) + 1
    for power in range(top, top - 8, -1):
        for step in (5 * 10.0**power, 10.0**power):
            near = round(round(value / step) * step, max(0, -power))
            if abs(near - value) <= room and near not in found:
                found.append(near)
    return found


def _catches(cuts: tuple[Cut, ...], inputs: list[Input]) -> Bools:
    inside = np.ones(len(inputs[0].values), dtype=np.bool_)
    for cut in cuts:
        values = inputs[cut.at].values
        inside &= (values >= cut.value) if cut.op == ">=" else (values <= cut.value)
    return inside


def _f1(cuts: tuple[Cut, ...], inputs: list[Input], wanted: Bools) -> float:
    inside = _catches(cuts, inputs)
    return float(2 * np.sum(inside & wanted) / max(int(inside.sum() + wanted.sum()), 1))


# --- what is said ---------------------------------------------------------------------------------


def _said(cuts: tuple[Cut, ...], inputs: list[Input], rows: Ints, wanted: Bools, held: int) -> Rule:
    """The rule.

    Measured on these rows of the sample, of which the wanted ones are in the segment.
    """
    cuts = tuple(sorted(cuts, key=lambda c: (c.at, c.op == "<=")))
    inside = _catches(cuts, _only(inputs, rows))
    hits, caught, members = (int(x.sum()) for x in (inside & wanted, inside, wanted))
    precision, coverage = hits / max(caught, 1), hits / max(members, 1)
    ranges = {"precision_range": wilson_of(precision, caught)} if held and caught else {}
    ranges |= {"coverage_range": wilson_of(coverage, members)} if held and members else {}
    return Rule(
        conditions=tuple(_condition(cut, inputs[cut.at]) for cut in cuts),
        where=_where(cuts, inputs),
        measured=say(
            "rule-measured", precision=precision, coverage=coverage, held_out=held, **ranges
        ),
        precision=precision,
        coverage=coverage,
        held_out=held,
        **ranges,
    )


def _condition(cut: Cut, source: Input) -> Condition:
    column = source.view.column
    if source.word < 0:
        return Condition(column, cut.op, cut.value)
    word = source.view.words[source.word]
    return Condition(
        column, "==" if cut.op == ">=" else "!=", word if source.view.text else float(word)
    )


def _where(cuts: tuple[Cut, ...], inputs: list[Input]) -> Statement:
    """The cuts in words; two of one number, which stand beside each other, are said together."""
    if not cuts:
        return say("rule-everybody")
    found: dict[tuple[int, int], Comparison] = {}
    for i, cut in enumerate(cuts):
        source = inputs[cut.at]
        if source.word >= 0:
            found[cut.at, i] = _word_comparison(source, cut.op == ">=")
            continue
        place = (cut.at, -1)
        known = found.get(place, Comparison(source.view.label))
        if cut.op == ">=":
            found[place] = replace(known, at_least=cut.value)
        else:
            found[place] = replace(known, at_most=cut.value)
    return say("rule-where", comparisons=tuple(found.values()))


def _word_comparison(source: Input, holds: bool) -> Comparison:
    """Of two words the one that holds is named, of more the one that holds or does not."""
    view = source.view
    if view.yes_no:
        return Comparison(view.label, word="yes" if holds else "no", quoted=False)
    if len(view.words) == 2:
        return Comparison(view.label, word=view.words[source.word if holds else 1 - source.word])
    return Comparison(view.label, word=view.words[source.word], holds=holds)
