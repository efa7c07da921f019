"""Is there a valley between two segments, or was one crowd cut in two?

Two neighbouring segments are seen along the direction that tells them apart best (Fisher's
discriminant). Two normal curves are fitted there, and their valley is then filled in the way that
suits the customers best: the likelihood lost by filling it is the evidence for the gap. A crowd
without a gap (normal, uniform, skewed) loses nothing, however many customers it has.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np

from shoal.analysis.choose_k.lattice import blurred, in_steps, spread, unshared
from shoal.analysis.kmeans.search import nearest_two, search
from shoal.engine.worker import Each, in_turn
from shoal.types import Bools, Fit, Floats, Ints, Points

BINS = 96
STEPS = 60  # of the fit of two normal curves
LEVELS = np.linspace(0, 1, 16)  # heights at which a valley is filled, as shares of its depth
MOST_ROWS = 10_000  # customers looked at
# A valley half as deep as the lower hill: cut out of an even spread it stays shallower, however
# many customers.
DEEP = 0.5
INSISTED = 5.0  # likelihood units that filling the valleys must cost in all: 150 to 1 for gaps
NOT_DENIED = -1.0  # likelihood units for one valley below which the customers speak against it
TWO_CURVES = 7.0  # likelihood units by which two curves must beat one
AXES = 6  # columns and principal axes along which a gap inside a segment is looked for
FEW = 3  # customers on either side without whom there is nothing to see
FEWEST = 20  # different values in which a gap can be seen
FEWEST_BESIDE = 2  # customers on either side of a gap in a whole column
HALVED = 2  # times that a column is halved: eight hills are two in each quarter
# A gap in one of six halves and quarters is found by chance, and between heaps of round numbers,
# more easily: a twentieth of all stand on either side, and nearly nobody between.
A_SIDE = 20
EMPTY = 0.9
THIN = 4.0  # times the room that customers usually take, without which nothing is empty
INSISTED_WITHIN = 10.0
VISIBLE = 0.08  # depth of a valley that is taken for one on customers not used to find it
SHALLOW = 0.04  # … and where fewer segments are clearly apart: such customers are asked afterwards


@dataclass(frozen=True)
class Gaps:
    """What lies between two neighbours, one entry a pair."""

    depth: Floats  # of the valley between the fitted curves: 0 none .. 1 empty
    evidence: Floats  # likelihood units lost when the valley is filled
    gain: Floats  # likelihood units won by two curves over one

    @property
    def weakest(self) -> float:
        """Depth of the shallowest valley: the separation of the whole solution."""
        return float(self.depth.min()) if len(self.depth) else 0.0

    @property
    def clear(self) -> bool:
        """Every pair lies apart, and the customers insist on it."""
        return self._all_at_least(DEEP) and bool(self.evidence.sum() >= INSISTED)

    @property
    def likely(self) -> bool:
        """No pair speaks against a gap: enough where fewer segments are clear already."""
        return self._all_at_least(SHALLOW)

    def only(self, pair: int) -> Gaps:
        """What lies between one pair."""
        return Gaps(self.depth[[pair]], self.evidence[[pair]], self.gain[[pair]])

    def _all_at_least(self, depth: float) -> bool:
        every = (self.depth >= depth) & (self.evidence >= NOT_DENIED) & (self.gain >= TWO_CURVES)
        return bool(len(every) and every.all())


@dataclass(frozen=True)
class Inside:
    """A gap inside a segment."""

    segment: int  # from 0
    evidence: float  # likelihood units lost when it is filled
    halves: Floats  # (2, d) centres on either side


@dataclass(frozen=True)
class Crowd:
    """The customers that separation is looked for in.

    Rows (r, d), steps of a lattice blurred, and their points (r,).
    """

    rows: Floats
    point: Ints
    steps: Bools | None = None  # (d,) columns that only take certain values, or none is known to


def crowd(points: Points, seed: int) -> Crowd:
    """At most 10,000 customers of the sample. Counts, scores and flags are spread over their steps.

    Between 0 and 1 child lies nothing, for everybody: that is no gap between customers.
    """
    rng = np.random.default_rng(seed)
    point = points.of_row
    if len(point) > MOST_ROWS:
        point = np.sort(rng.choice(point, MOST_ROWS, replace=False))
    rows = points.matrix[point]
    steps = np.array([in_steps(column) for column in rows.T])
    for each in np.flatnonzero(steps):
        rows[:, each] = blurred(rows[:, each], rng)
    return Crowd(rows, point, steps)


def gaps(fit: Fit, crowd: Crowd) -> Gaps:
    """What lies between each two neighbouring segments of a solution."""
    labels = fit.labels[crowd.point]
    pairs = _neighbours(crowd.rows, fit.centres)
    groups = _groups(crowd.rows, labels, len(fit.centres))
    pairs = [(a, b) for a, b in pairs if len(groups[a].rows) and len(groups[b].rows)]
    if not pairs:
        return Gaps(np.zeros(0), np.zeros(0), np.zeros(0))
    return valleys(np.stack([_along(groups[a], groups[b]) for a, b in pairs]))


def gaps_seen_by(ours: tuple[Floats, Ints], theirs: tuple[Floats, Ints], centres: Floats) -> Gaps:
    """What lies between neighbours, seen by others along the directions that we give.

    Both are rows (r, d) and labels (r,). Pairs of which a side holds hardly anybody are left out.
    """
    counts = []
    own, others = (_groups(*half, len(centres)) for half in (ours, theirs))
    for a, b in _neighbours(theirs[0], centres):
        if min(len(side.rows) for side in (own[a], own[b], others[a], others[b])) >= FEW:
            axis = np.linalg.solve(_covariance_within(own[a], own[b]), own[b].mean - own[a].mean)
            counts.append(binned(others[a].rows @ axis, others[b].rows @ axis))
    if not counts:
        return Gaps(np.zeros(0), np.zeros(0), np.zeros(0))
    return valleys(np.stack(counts))


def inside(
    fit: Fit, crowd: Crowd, seed: int, *, between_steps: bool = True, each: Each = in_turn
) -> list[Inside]:
    """The segments of a solution that have a clear gap inside, the clearest first.

    Besides two means, which cut along whatever spreads most, a few columns and principal axes are
    tried. Where columns that take steps are to tell nothing (`between_steps`), only the others are
    looked at.
    """
    labels = fit.labels[crowd.point]
    told = np.ones(crowd.rows.shape[1], dtype=bool)
    if crowd.steps is not None and not between_steps:
        told = ~crowd.steps
    found = each(
        partial(_inside, told, seed),
        [crowd.rows[labels == segment] for segment in range(len(fit.centres))],
    )
    gaps = [Inside(segment, *gap) for segment, gap in enumerate(found) if gap is not None]
    return sorted(gaps, key=lambda gap: -gap.evidence)


def _inside(told: Bools, seed: int, everything: Floats) -> tuple[float, Floats] | None:
    """The evidence for the clearest gap inside a crowd (r, d), and the centres (2, d) beside it."""
    rows = everything[:, told]
    # Few customers in many columns always fall apart in some direction.
    if not rows.shape[1] or len(rows) < max(20, 4 * rows.shape[1]):
        return None
    sides = [side for side in _cuts(rows, seed) if 2 <= side.sum() <= len(side) - 2]
    if not sides:  # at most one customer stands off from a crowd that is alike
        return None
    seen = valleys(np.stack([_along(_Group(rows[~side]), _Group(rows[side])) for side in sides]))
    best = int(np.where(seen.depth >= DEEP, seen.evidence, -np.inf).argmax())
    if not seen.only(best).clear:
        return None
    side = sides[best]
    halves = np.stack([everything[~side].mean(0), everything[side].mean(0)])
    return float(seen.evidence[best]), halves


def _cuts(rows: Floats, seed: int) -> Iterator[Bools]:
    """Ways (r,) to cut a crowd in two.

    Two means, and the columns and principal axes that fall apart best.
    """
    yield search(rows, np.ones(len(rows)), 2, seed=seed, starts=3, thorough=False).labels == 1
    away = rows - rows.mean(0)
    seen = np.hstack([away, away @ np.linalg.eigh(away.T @ away)[1]])
    ordered = np.sort(seen, axis=0)
    between = _between_two_means(ordered)
    # The share of an axis' variance that two means tell.
    share = between.max(0) / np.maximum((seen**2).sum(0), 1e-300)
    for axis in np.argsort(-share, kind="stable")[:AXES]:
        cut = between[:, axis].argmax()
        yield seen[:, axis] > ordered[cut : cut + 2, axis].mean()


def _between_two_means(ordered: Floats) -> Floats:
    """Sums of squares between the means on either side of each place.

    Shape (r - 1, axes), in sorted, centred columns.
    """
    below = np.arange(1, len(ordered))[:, None]
    above = len(ordered) - below
    return np.asarray(np.cumsum(ordered, axis=0)[:-1] ** 2 * (1 / below + 1 / above))


def without_gaps(ordered: Floats) -> Floats:
    """Sorted columns (n, d) with clear gaps filled: one hill each, the same mean and spread.

    Values that far more customers share than others stay (nothing bought, the top mark): such a
    step is a step for everybody.
    """
    single = [unshared(column) for column in ordered.T]
    apart = _fall_apart([column[s] for column, s in zip(ordered.T, single, strict=True)])
    filled = ordered.copy()
    for each in np.flatnonzero(apart):
        filled[single[each], each] = _one_hill(ordered[single[each], each])
        filled[:, each].sort()
    return filled


def columns_with_gaps(points: Points) -> tuple[int, ...]:
    """The columns along which customers fall apart already when only one is looked at."""
    ordered = np.sort(points.matrix[points.of_row], axis=0)
    apart = _fall_apart([column[unshared(column)] for column in ordered.T])
    return tuple(int(column) for column in np.flatnonzero(apart))


def _fall_apart(columns: Sequence[Floats]) -> Bools:
    """Which of some sorted columns have a clear gap somewhere; all are looked at together."""
    apart, counts, of, whole = np.zeros(len(columns), dtype=bool), [], [], []
    for each, ordered in enumerate(columns):
        if len(np.unique(ordered)) < FEWEST:
            continue
        even = spread(ordered) if in_steps(ordered) else ordered
        for stretch, least in _stretches(even):
            for cut in _places_of_gaps(stretch, least):
                counts.append(_along(_Group(stretch[:cut]), _Group(stretch[cut:])))
                of.append(each)
                whole.append(len(stretch) == len(even))
    if counts:
        seen = valleys(np.stack(counts))
        clear = np.array([seen.only(place).clear for place in range(len(of))])
        empty = (seen.depth >= EMPTY) & (seen.evidence >= INSISTED_WITHIN)
        apart[np.array(of)[clear & (whole | empty)]] = True
    return apart


def _stretches(ordered: Floats) -> Iterator[tuple[Floats, int]]:
    """A sorted column (n,) and parts of it, and how many customers each side of a gap must hold.

    Two curves are blind to the gap between them where each side is several hills. So the column is
    cut between two means, and each half once more.
    """
    least = max(FEWEST, len(ordered) // A_SIDE)
    yield ordered[:, None] - ordered.mean(), FEWEST_BESIDE
    parts = [ordered]
    for _ in range(HALVED):
        parts = [half for part in parts for half in _halves(part) if len(half) >= 2 * least]
        yield from ((half[:, None] - half.mean(), least) for half in parts if _thins_out(half))


def _thins_out(ordered: Floats) -> bool:
    """Whether somewhere in the middle of a sorted column (n,) far fewer stand than elsewhere."""
    widths = _widths(ordered)
    return bool(widths.max() >= THIN * np.median(widths))


def _widths(ordered: Floats) -> Floats:
    """How much room each fiftieth of a sorted column (n,) takes, in its middle four fifths."""
    few, tenth = max(1, len(ordered) // 50), len(ordered) // 10
    return (ordered[few:] - ordered[:-few])[tenth:-tenth]


def _halves(ordered: Floats) -> tuple[Floats, Floats]:
    cut = _between(ordered[:, None] - ordered.mean())
    return ordered[:cut], ordered[cut:]


def _between(column: Floats) -> int:
    """How many of a sorted, centred column (n, 1) are nearer to the lower one of two means."""
    return int(_between_two_means(column)[:, 0].argmax()) + 1


def _places_of_gaps(column: Floats, least: int) -> list[int]:
    """Ranks at which a sorted, centred column (n, 1) may fall apart, so many on either side.

    Between two means, and where the fewest stand within its middle four fifths.
    """
    few, tenth = max(1, len(column) // 50), len(column) // 10
    places = (_between(column), tenth + int(_widths(column[:, 0]).argmax()) + -(-few // 2))
    return [place for place in places if least <= place <= len(column) - least]


def _one_hill(ordered: Floats) -> Floats:
    """Sorted values whose distances grow towards both ends, as near to the old ones as can be."""
    steps = np.diff(ordered)
    tenth = max(1, len(ordered) // 10)
    top = int((ordered[tenth:] - ordered[:-tenth]).argmin()) + tenth // 2
    left, right = _growing(steps[:top][::-1])[::-1], _growing(steps[top:])
    hill = np.cumsum(np.r_[0.0, left, right])
    return np.asarray(ordered.mean() + (hill - hill.mean()) * (ordered.std() / hill.std()))


def _growing(steps: Floats) -> Floats:
    """The nearest growing numbers (pool adjacent violators; Barlow et al. 1972)."""
    means: list[float] = []
    sizes: list[int] = []
    for step in steps:
        means.append(float(step))
        sizes.append(1)
        while len(means) > 1 and means[-2] >= means[-1]:
            size = sizes[-2] + sizes[-1]
            mean = (means[-2] * sizes[-2] + means.pop() * sizes.pop()) / size
            means[-1], sizes[-1] = mean, size
    return np.repeat(means, sizes)


def _neighbours(rows: Floats, centres: Floats) -> list[tuple[int, int]]:
    """Pairs of segments between which at least one customer stands."""
    near, _ = nearest_two(rows, centres)
    pairs = np.unique(near.min(1) * len(centres) + near.max(1))
    return [(int(pair) // len(centres), int(pair) % len(centres)) for pair in pairs]


@dataclass(frozen=True)
class _Group:
    """Customers of one segment (n, d), and how they spread, worked out once for all pairs."""

    rows: Floats

    @cached_property
    def mean(self) -> Floats:
        return np.asarray(self.rows.mean(0))

    @cached_property
    def away(self) -> Floats:
        return np.asarray(self.rows - self.mean)

    @cached_property
    def scatter(self) -> Floats:
        return np.asarray(self.away.T @ self.away)


def _groups(rows: Floats, labels: Ints, k: int) -> list[_Group]:
    return [_Group(rows[labels == each]) for each in range(k)]


def _along(one: _Group, two: _Group) -> Floats:
    """Counts (2, bins) of two groups along Fisher's discriminant, evenly binned from end to end.

    Each customer is seen along the direction that the others give: its own pull on the direction
    would tear gaps into any crowd with many columns.
    """
    inverse = np.asarray(np.linalg.inv(_covariance_within(one, two)), dtype=np.float64)
    axis = inverse @ (two.mean - one.mean)
    first = one.rows @ axis + _own_pull(one.away, inverse)
    second = two.rows @ axis - _own_pull(two.away, inverse)
    return binned(first, second)


def binned(one: Floats, two: Floats) -> Floats:
    """Counts (2, bins) of two groups along a line, evenly binned from end to end."""
    low, high = min(one.min(), two.min()), max(one.max(), two.max())
    width = (high - low) / BINS or 1.0
    return np.stack([_counts(one, low, width), _counts(two, low, width)])


def _covariance_within(one: _Group, two: _Group) -> Floats:
    """The covariance (d, d) within two groups.

    Of few customers in many columns drawn towards a sphere.
    """
    n, d = len(one.rows) + len(two.rows), one.rows.shape[1]
    within = (one.scatter + two.scatter) / n
    trust = max(0.0, 1 - d / n)
    sphere = max(np.trace(within) / d, 1e-12) * np.eye(d)
    return np.asarray(trust * within + (1 - trust + 1e-3) * sphere)


def _own_pull(away: Floats, inverse: Floats) -> Floats:
    found: Floats = np.einsum("ij,ij->i", away @ inverse, away) / max(len(away) - 1, 1)
    return found


def _counts(values: Floats, low: float, width: float) -> Floats:
    place = np.minimum(((values - low) / width).astype(int), BINS - 1)
    return np.bincount(place, minlength=BINS).astype(float)


X = np.arange(BINS) + 0.5


def valleys(counts: Floats) -> Gaps:
    """The gaps of many pairs at once; counts (pairs, 2, bins)."""
    both = counts.sum(1)
    share, mean, variance = _two_curves(counts)
    density = _density(share, mean, variance).sum(1) + 1e-12
    density /= density.sum(1, keepdims=True)
    depth, filled = _fill(density, mean, both)
    likelihood = _likelihood(both, density)
    return Gaps(depth, likelihood - filled, likelihood - _one_curve(both))


def _density(share: Floats, mean: Floats, variance: Floats) -> Floats:
    """Normal curves (pairs, curves, bins), up to a constant."""
    away = (X - mean[:, :, None]) ** 2 / variance[:, :, None]
    found: Floats = (share / np.sqrt(variance))[:, :, None] * np.exp(-0.5 * away)
    return found


def _two_curves(counts: Floats) -> tuple[Floats, Floats, Floats]:
    """Shares, means and variances (pairs, 2) by expectation maximisation, begun at the segments.

    Dempster, Laird & Rubin, Journal of the Royal Statistical Society B 39, 1977.
    """
    both = counts.sum(1)
    total = both.sum(1)
    _, overall = _moments(both)
    floor = 0.01 * overall[:, None]
    belongs = counts
    for _ in range(STEPS):
        size = belongs.sum(2) + 1e-9
        mean = (belongs * X).sum(2) / size
        spread = (belongs * (X - mean[:, :, None]) ** 2).sum(2) / size
        variance = np.maximum(spread + 1 / 12, floor)
        curves = _density(size / total[:, None], mean, variance)
        belongs = curves * (both / (curves.sum(1) + 1e-300))[:, None, :]
    return size / total[:, None], mean, variance


def _moments(both: Floats) -> tuple[Floats, Floats]:
    """Mean and variance (pairs,) of counts (pairs, bins); a bin is as wide as 1."""
    total = both.sum(1)
    mean = (both * X).sum(1) / total
    return mean, (both * (X - mean[:, None]) ** 2).sum(1) / total + 1 / 12


def _one_curve(both: Floats) -> Floats:
    """The likelihood (pairs,) of one normal curve."""
    mean, variance = _moments(both)
    density = np.exp(-0.5 * (X - mean[:, None]) ** 2 / variance[:, None]) + 1e-12
    return _likelihood(both, density)


def _likelihood(both: Floats, density: Floats) -> Floats:
    """The log-likelihood (pairs,) of counts under densities (pairs, bins).

    Densities need not add up to 1.
    """
    density = density / density.sum(1, keepdims=True)
    return np.asarray((both * np.log(density)).sum(1))


def _fill(density: Floats, mean: Floats, both: Floats) -> tuple[Floats, Floats]:
    """Depth of each valley, and the best likelihood of the customers once it is filled.

    The lower hill is cut to match.
    """
    bins, every = np.arange(BINS), np.arange(len(density))
    between = (mean.min(1)[:, None] - 0.5 <= X) & (mean.max(1)[:, None] + 0.5 >= X)
    valley = np.where(between, density, np.inf).argmin(1)
    left = bins <= valley[:, None]
    hills = np.where(left, density, 0), np.where(left, 0, density)
    tops = hills[0].max(1), hills[1].max(1)
    bottom, lower = density[every, valley], np.minimum(*tops)
    cut = np.where((tops[0] < tops[1])[:, None], left, bins >= valley[:, None])
    fill = (bins >= hills[0].argmax(1)[:, None]) & (bins <= hills[1].argmax(1)[:, None])
    best = np.full(len(density), -np.inf)
    for level in LEVELS:
        height = (bottom + level * (lower - bottom))[:, None]
        flat = np.where(cut, np.minimum(density, height), density)
        flat = np.where(fill, np.maximum(flat, height), flat)
        best = np.maximum(best, _likelihood(both, flat))
    return np.clip(1 - bottom / lower, 0, 1), best
