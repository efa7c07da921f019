"""A rule for each segment: at most three comparisons, found on one half of the sample and measured on the other."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal

import numpy as np
import numpy.typing as npt

from shoal.engine.worker import Each, in_turn
from shoal.interpret.context import ColumnView, Context
from shoal.text.numbers import number, percent
from shoal.types import Condition, Floats, Ints, Rule

Bools = npt.NDArray[np.bool_]
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
    op: Literal[">=", "<="]
    value: float


@dataclass(frozen=True)
class Input:
    """What the search looks at: a numeric column, or an indicator of one word."""

    view: ColumnView
    word: int  # -1 for a number
    values: Floats  # (m,)


@dataclass(frozen=True)
class Bins:
    """The customers to learn from, with every value replaced by the number of thresholds at or below it."""

    rows: Ints  # (n,) of the sample
    codes: Ints  # (n, inputs) offset by input, so that one count does for all
    cuts: tuple[Floats, ...]
    width: int
    known: Bools  # (n, inputs)


def rules(scene: Context, each: Each = in_turn) -> tuple[Rule, ...]:
    """One rule a segment, on the columns that formed the segments."""
    inputs = _inputs(scene.basis or scene.views)
    learn, test = _halves(scene)
    enough = [len(rows) >= 2 * FEWEST for rows in scene.members]
    halved = _bins(inputs, learn)
    everybody = halved if all(enough) else _bins(inputs, np.arange(len(scene.labels)))
    ways = {True: (halved, test), False: (everybody, test[:0])}
    return tuple(each(partial(_rule, scene.labels, inputs, ways), list(enumerate(enough))))


def _inputs(views: tuple[ColumnView, ...]) -> list[Input]:
    found = []
    for v in views:
        if v.kind == "number":
            found.append(Input(v, -1, v.values))
        else:
            wanted = [1] if len(v.words) == 2 else range(len(v.words))
            found += [
                Input(v, w, np.where(np.isfinite(v.values), (v.values == w) * 1.0, np.nan))
                for w in wanted
            ]
    return found


def _halves(scene: Context) -> tuple[Ints, Ints]:
    """Every other member of each segment: the sample's order is by a hash, so each half is drawn by chance."""
    learn = np.sort(np.concatenate([rows[0::2] for rows in scene.members]))
    test = np.sort(np.concatenate([rows[1::2] for rows in scene.members]))
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
    """Thresholds halfway between neighbouring values, at most CUTS of them, evenly spread over the customers."""
    known = np.unique(values[np.isfinite(values)])
    halfway = (known[1:] + known[:-1]) / 2
    if len(halfway) <= CUTS:
        return halfway
    spread = np.unique(np.nanquantile(values, np.linspace(0, 1, CUTS + 2)[1:-1], method="lower"))
    evenly = np.minimum(np.searchsorted(known, spread), len(halfway) - 1)
    return np.asarray(halfway[np.unique(evenly)])


def _rule(
    labels: Ints,
    inputs: list[Input],
    ways: dict[bool, tuple[Bins, Ints]],
    segment: tuple[int, bool],
) -> Rule:
    """The best rule for a segment (its number, whether some are held back) on the rows of the bins, measured on the test rows or on all."""
    bins, test = ways[segment[1]]
    wanted = labels[bins.rows] == segment[0]
    learn = [replace(each, values=each.values[bins.rows]) for each in inputs]
    best = _round(_needed(_search(bins, wanted), learn), learn, wanted)
    measured = test if len(test) else np.arange(len(labels))
    return _said(best, inputs, measured, labels[measured] == segment[0], len(test))


def _search(bins: Bins, wanted: Bools) -> tuple[Cut, ...]:
    """Beam search for the conditions with the best F1 on the learning half."""
    beam: list[tuple[float, tuple[Cut, ...], Bools]] = [
        (0.0, (), np.ones(len(wanted), dtype=np.bool_))
    ]
    best: tuple[Cut, ...] = ()
    score = 2 * float(wanted.mean()) / (1 + float(wanted.mean()))  # of no rule at all
    for _ in range(3):
        grown = [
            (found, (*cuts, cut), inside)
            for _, cuts, inside in beam
            for found, cut in _next(bins, wanted, inside)
        ]
        grown.sort(key=lambda g: g[0])
        unlike = list({frozenset(g[1]): g for g in grown}.values())[: -BEAM - 1 : -1]
        if not unlike or unlike[0][0] < score + GAIN:
            break
        score, best = unlike[0][0], unlike[0][1]
        beam = [(found, cuts, inside & _meets(bins, cuts[-1])) for found, cuts, inside in unlike]
    return best


def _needed(cuts: tuple[Cut, ...], inputs: list[Input]) -> tuple[Cut, ...]:
    """The conditions that exclude anybody whom the others let in."""
    for cut in cuts:
        rest = tuple(c for c in cuts if c != cut)
        if np.array_equal(_catches(rest, inputs), _catches(cuts, inputs)):
            return _needed(rest, inputs)
    return cuts


def _next(bins: Bins, wanted: Bools, inside: Bools) -> list[tuple[float, Cut]]:
    """The best comparisons to add for the customers that are still inside."""
    size = bins.codes.shape[1] * bins.width
    codes, known = bins.codes[inside], bins.known[inside]
    hits = _counts(codes[wanted[inside]], known[wanted[inside]], size).reshape(-1, bins.width)
    caught = _counts(codes, known, size).reshape(-1, bins.width)
    found = []
    total = int(wanted.sum())
    for op, hit, all_ in ((">=", _from(hits), _from(caught)), ("<=", _upto(hits), _upto(caught))):
        score = 2 * hit / np.maximum(all_ + total, 1)
        for place in np.argsort(-score, axis=None)[: 2 * BEAM]:
            at, cut = divmod(int(place), bins.width - 1)
            if cut < len(bins.cuts[at]):
                found.append((float(score[at, cut]), Cut(at, op, float(bins.cuts[at][cut]))))  # type: ignore[arg-type]
    return found


def _counts(codes: Ints, known: Bools, size: int) -> Ints:
    return np.bincount(codes[known], minlength=size)[:size]


def _from(counts: Ints) -> Ints:
    """Customers at or above each threshold."""
    return np.asarray(counts[:, ::-1].cumsum(axis=1)[:, ::-1][:, 1:])


def _upto(counts: Ints) -> Ints:
    """Customers below each threshold (which lies between two values)."""
    return np.asarray(counts.cumsum(axis=1)[:, :-1])


def _meets(bins: Bins, cut: Cut) -> Bools:
    code = bins.codes[:, cut.at] - cut.at * bins.width
    place = int(np.searchsorted(bins.cuts[cut.at], cut.value))
    return np.asarray(
        bins.known[:, cut.at] & ((code > place) if cut.op == ">=" else (code <= place))
    )


def _round(cuts: tuple[Cut, ...], inputs: list[Input], wanted: Bools) -> tuple[Cut, ...]:
    """The roundest thresholds that cost next to no accuracy on the learning half, one after the other."""
    for i, cut in enumerate(cuts):
        if inputs[cut.at].word >= 0:
            continue
        full = _f1(cuts, inputs, wanted)
        low, high = _gap(cuts, i, inputs)
        values = inputs[cut.at].values
        cut = replace(cut, value=_whole((low + high) / 2, cut.op, values))
        cuts = (*cuts[:i], cut, *cuts[i + 1 :])
        for value in _rounder(cut.value, max(_room(cut.value, values), (high - low) / 4)):
            tried = (*cuts[:i], replace(cut, value=value), *cuts[i + 1 :])
            if _f1(tried, inputs, wanted) >= full - GAIN / 4:
                cuts = tried
                break
    return cuts


def _gap(cuts: tuple[Cut, ...], i: int, inputs: list[Input]) -> tuple[float, float]:
    """The two customers between whom a threshold may lie, among those who meet the other conditions.

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


def _said(cuts: tuple[Cut, ...], inputs: list[Input], rows: Ints, wanted: Bools, held: int) -> Rule:
    cuts = tuple(sorted(cuts, key=lambda c: (c.at, c.op == "<=")))
    inside = _catches(cuts, [replace(each, values=each.values[rows]) for each in inputs])
    hits = int(np.sum(inside & wanted))
    precision, coverage = hits / max(int(inside.sum()), 1), hits / max(int(wanted.sum()), 1)
    measured = (
        f"measured on {held:,} customers not used to make it"
        if held
        else "measured on the customers it was made from: too few to hold some back"
    )
    text = (
        f"{_text(cuts, inputs)}: {percent(precision)} of those it catches are in the segment, "
        f"it finds {percent(coverage)} of the segment ({measured})"
    )
    return Rule(tuple(_condition(c, inputs[c.at]) for c in cuts), text, precision, coverage, held)


def _condition(cut: Cut, source: Input) -> Condition:
    if source.word < 0:
        return Condition(source.view.column, cut.op, cut.value)
    word = source.view.words[source.word]
    return Condition(
        source.view.column,
        "==" if cut.op == ">=" else "!=",
        word if source.view.text else float(word),
    )


def _text(cuts: tuple[Cut, ...], inputs: list[Input]) -> str:
    if not cuts:
        return "every customer (no simple rule tells this segment apart)"
    said: list[str] = []
    for i, cut in enumerate(cuts):
        before = cuts[i - 1] if i else None
        if (
            before
            and before.at == cut.at
            and inputs[cut.at].word < 0
            and before.op == ">="
            and cut.op == "<="
        ):
            said[-1] = (
                f"{inputs[cut.at].view.term} between {number(before.value, 6)} and {number(cut.value, 6)}"
            )
        else:
            said.append(_compared(cut, inputs[cut.at]))
    return " and ".join(said)


def _compared(cut: Cut, source: Input) -> str:
    view = source.view
    if source.word < 0:
        return f"{view.term} {'≥' if cut.op == '>=' else '≤'} {number(cut.value, 6)}"
    if view.yes_no:
        return f"{view.term} is {'yes' if cut.op == '>=' else 'no'}"
    if len(view.words) == 2:
        return f'{view.term} is "{view.words[source.word if cut.op == ">=" else 1 - source.word]}"'
    return f'{view.term} is {"" if cut.op == ">=" else "not "}"{view.words[source.word]}"'
