"""Can one walk from one segment to another over customers, without a gap on the way?

A valley on the straight line between two centres is no gap in the data: a wave, a ring or a spiral
leaves the line empty and has no gap anywhere along it. So customers are joined to their nearest
neighbours, distances are measured along these ways (as in Isomap: Tenenbaum, de Silva & Langford,
Science 290, 2000), and the valley is looked for there. A long, even way in small steps is a thread,
however thin it is in its middle.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from shoal.analysis.choose_k.separation import (
    DEEP,
    NOT_DENIED,
    VISIBLE,
    Crowd,
    Gaps,
    binned,
    valleys,
)
from shoal.types import Bools, Fit, Floats, Ints

MOST_ROWS = 1_000  # customers that ways are looked for among
NEIGHBOURS = 10
LONG = 0.75  # steps of a way, in roots of the customers of both segments, from which it is a thread
EVEN = 0.15  # share of a way that its longest step may be where it is a thread
_Steps = list[list[tuple[int, float]]]


@dataclass(frozen=True)
class _Ways:
    """The shortest ways from one customer to all: how long, and over whom the last step leads."""

    length: Floats  # (n,), infinite where none leads there
    before: Ints  # (n,), -1 at the start

    def steps(self, end: int) -> Floats:
        """The lengths of the steps to one customer."""
        passed = [end]
        while self.before[passed[-1]] >= 0:
            passed.append(int(self.before[passed[-1]]))
        return -np.diff(self.length[passed])


def run_together(fit: Fit, crowd: Crowd, seed: int) -> bool:
    """Whether some two segments of a solution are one crowd when seen along the data."""
    if crowd.rows.shape[1] < 2:
        return False  # along one column there is only the straight way
    rows, labels = _some(fit, crowd, seed)
    near, distance = _nearest(rows)
    middles, steps = _middles(rows, labels, fit.centres), _steps(near, distance)
    ways = {segment: _ways_from(steps, row) for segment, row in middles.items()}
    pairs = [pair for pair in _touching(labels, near) if pair[0] in ways and pair[1] in ways]
    return any(_one_crowd(labels, ways, middles, pair) for pair in pairs)


def _some(fit: Fit, crowd: Crowd, seed: int) -> tuple[Floats, Ints]:
    rng = np.random.default_rng((seed, 4))
    chosen = rng.permutation(len(crowd.rows))[:MOST_ROWS]
    return crowd.rows[chosen], fit.labels[crowd.point[chosen]]


def _nearest(rows: Floats) -> tuple[Ints, Floats]:
    """The nearest neighbours (n, 10) of every customer, and how far they are."""
    square = (rows**2).sum(axis=1)
    apart = np.maximum(square[:, None] + square - 2 * rows @ rows.T, 0)
    np.fill_diagonal(apart, np.inf)
    count = min(NEIGHBOURS, len(rows) - 1)
    near = np.argpartition(apart, count - 1, axis=1)[:, :count]
    return near, np.sqrt(np.take_along_axis(apart, near, axis=1))


def _middles(rows: Floats, labels: Ints, centres: Floats) -> dict[int, int]:
    """The customer nearest to the centre of each segment that has any."""
    middles = {}
    for segment, centre in enumerate(centres):
        members = np.flatnonzero(labels == segment)
        if len(members):
            away = ((rows[members] - centre) ** 2).sum(axis=1)
            middles[segment] = int(members[away.argmin()])
    return middles


def _touching(labels: Ints, near: Ints) -> Iterator[tuple[int, int]]:
    """Pairs of segments of which somebody has a near neighbour in the other."""
    own = np.repeat(labels, near.shape[1])
    other = labels[near.ravel()]
    pairs = np.unique(np.sort(np.stack([own, other], axis=1), axis=1), axis=0)
    return ((int(a), int(b)) for a, b in pairs if a != b)


def _steps(near: Ints, distance: Floats) -> _Steps:
    """To whom one can go from each customer, and how far; near is near in both directions."""
    both: _Steps = [[] for _ in near]
    for one, (others, lengths) in enumerate(zip(near.tolist(), distance.tolist(), strict=True)):
        for other, length in zip(others, lengths, strict=True):
            both[one].append((other, length))
            both[other].append((one, length))
    return both


def _ways_from(steps: _Steps, start: int) -> _Ways:
    """Dijkstra's algorithm."""
    length, before = np.full(len(steps), np.inf), np.full(len(steps), -1)
    length[start] = 0.0
    waiting = [(0.0, start)]
    while waiting:
        passed, here = heapq.heappop(waiting)
        if passed > length[here]:
            continue
        for there, step in steps[here]:
            if passed + step < length[there]:
                length[there], before[there] = passed + step, here
                heapq.heappush(waiting, (passed + step, there))
    return _Ways(length, before)


def _one_crowd(
    labels: Ints, ways: dict[int, _Ways], middles: dict[int, int], pair: tuple[int, int]
) -> bool:
    one, two = pair
    between = ways[one].length[middles[two]]
    if not np.isfinite(between) or not between:
        return False
    reached = np.isfinite(ways[one].length)
    sides = [_places(ways, pair, reached & (labels == segment)) / between for segment in pair]
    seen = valleys(binned(*sides)[None])
    return _denied(seen) or _thread(ways[one].steps(middles[two]), sum(map(len, sides)))


def _denied(seen: Gaps) -> bool:
    """Whether there is no valley, or customers speak against one so deep."""
    depth, evidence = seen.depth[0], seen.evidence[0]
    return bool(depth < VISIBLE or (depth < DEEP and evidence < NOT_DENIED))


def _places(ways: dict[int, _Ways], pair: tuple[int, int], who: Bools) -> Floats:
    """Straight through space this is the place along the line from middle to middle."""
    one, two = (ways[segment].length[who] for segment in pair)
    return (one**2 - two**2) / 2


def _thread(steps: Floats, customers: int) -> bool:
    """Whether a way is long and even: many small steps for so many customers."""
    return bool(len(steps) > LONG * np.sqrt(customers) and steps.max() <= EVEN * steps.sum())
