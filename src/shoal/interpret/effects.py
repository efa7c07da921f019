"""How each segment differs from everybody, column by column: effect sizes with intervals, never a p-value.

The columns that formed the segments differ by construction, so no test is made on them; the interval of an effect says
how finely it is known, not whether it is there.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from statistics import NormalDist

import numpy as np

from shoal.interpret.context import ColumnView, Context
from shoal.interpret.labels import step_of
from shoal.text.numbers import percent
from shoal.types import Floats, Ints, Trait

CLEAR = 0.5  # standardised differences from which a level is called high or low …
STRONG = 1.5  # … and very high or very low
Z95 = 1.959963984540054


@dataclass(frozen=True)
class Contrast:
    """One column compared between all k segments."""

    view: ColumnView
    effect: Floats  # (k,) (segment mean - overall mean) / overall sd, on the view's scale
    low: Floats  # (k,) 95 % interval
    high: Floats  # (k,)
    word: Ints  # (k,) the word that stands out (for a flag: on); -1 for numbers
    segment: Floats  # (k, 3) lower quartile, median, upper quartile; for words: interval and share
    everybody: Floats  # (k,) median; for words the overall share of the word that stands out
    means: Floats  # (k + 1,) in original units, everybody last; for words empty

    @property
    def weight(self) -> float:
        """Share of the column's variance that lies between segments of equal size, 0..1: how much the column tells apart."""
        return min(1.0, float(np.mean(self.effect**2)))


def level(effect: float) -> str:
    """The level word of an effect.

    >>> [level(e) for e in (-1.7, -0.6, 0.2, 0.5, 1.5)]
    ['very low', 'low', 'middle', 'high', 'very high']
    """
    if abs(effect) < CLEAR:
        return "middle"
    return ("very " if abs(effect) >= STRONG else "") + ("high" if effect > 0 else "low")


def contrasts(scene: Context) -> tuple[Contrast, ...]:
    """Every column compared between the segments."""
    numbers = [v for v in scene.views if v.kind == "number"]
    made = {c.view.column: c for c in _numbers(scene, numbers)} if numbers else {}
    made |= {v.column: _shares(scene, v) for v in scene.views if v.kind != "number"}
    return tuple(made[v.column] for v in scene.views)


def _numbers(scene: Context, views: list[ColumnView]) -> list[Contrast]:
    values = np.column_stack([v.values for v in views])
    scale = np.column_stack([v.scale for v in views])
    quartiles = np.stack([_quartiles(values[rows]) for rows in scene.members])  # (k, 3, c)
    means, sds, counts = (
        np.stack(a) for a in zip(*(_moments(scale[rows]) for rows in scene.members), strict=True)
    )
    margin = Z95 * np.sqrt(np.maximum(sds**2, 1e-12) / np.maximum(counts, 1))
    nothing = np.full(scene.k, -1)
    averages = [_averages(scene, v) for v in views]
    return [
        Contrast(
            v,
            means[:, j],
            (means - margin)[:, j],
            (means + margin)[:, j],
            nothing,
            quartiles[:, :, j],
            np.full(scene.k, v.quartiles[1]),
            averages[j],
        )
        for j, v in enumerate(views)
    ]


def _averages(scene: Context, view: ColumnView) -> Floats:
    """Means in original units over all customers, segment by segment and of everybody."""
    groups = scene.groups
    if view.column in groups.columns:
        place = groups.columns.index(view.column)
        sums, counts = groups.sums[:, place], groups.counts[:, place]
    else:
        sums = np.array([np.nansum(view.values[rows]) for rows in scene.members])
        counts = np.array([np.isfinite(view.values[rows]).sum() for rows in scene.members])
    return np.asarray(np.append(sums, sums.sum()) / np.maximum(np.append(counts, counts.sum()), 1))


def _moments(scale: Floats) -> tuple[Floats, Floats, Floats]:
    known = np.isfinite(scale)
    count = known.sum(axis=0).astype(np.float64)
    safe = np.maximum(count, 1)
    mean = np.where(known, scale, 0.0).sum(axis=0) / safe
    spread = np.where(known, scale - mean, 0.0)
    return mean, np.sqrt((spread**2).sum(axis=0) / np.maximum(safe - 1, 1)), count


def _quartiles(values: Floats) -> Floats:
    """(3, c) quartiles of each column, gaps left out; NaN for a column of gaps."""
    ordered = np.sort(values, axis=0)  # gaps sort to the end
    count = np.isfinite(ordered).sum(axis=0)
    spots = np.array([0.25, 0.5, 0.75])[:, None] * np.maximum(count - 1, 0)[None, :]
    below = np.floor(spots).astype(np.int64)
    if not len(ordered):
        return np.full((3, values.shape[1]), np.nan)
    above = np.minimum(below + 1, len(ordered) - 1)
    columns = np.arange(values.shape[1])[None, :]
    part = spots - below
    lower = ordered[below, columns]
    return np.asarray(lower + np.where(part > 0, part * (ordered[above, columns] - lower), 0.0))


def _shares(scene: Context, view: ColumnView) -> Contrast:
    """Shares of each word in each segment against everybody, over all customers where the sums hold them."""
    counts, sizes = _exact(scene, view)
    overall = counts.sum(axis=0) / max(sizes.sum(), 1.0)  # (w,)
    share = counts / np.maximum(sizes, 1.0)[:, None]  # (k, w)
    sd = np.sqrt(np.maximum(overall * (1 - overall), 1e-12))
    favour = np.where(share > overall, 1.0, 0.6)  # rather what is more than what is less
    word = np.argmax(np.abs(share - overall) * favour, axis=1)
    low, high = _wilson(share, sizes[:, None], max(1, len(overall) - 1))
    pick = np.arange(scene.k), word
    told = np.column_stack([low[pick], share[pick], high[pick]])
    centre, scale = overall[word], sd[word]
    words = word + 1 if view.kind == "flag" else word
    told[sizes == 0] = np.nan  # nobody known: no trait, and no effect to name it by
    low, effect, high = np.nan_to_num((told - centre[:, None]) / scale[:, None]).T
    return Contrast(view, effect, low, high, words, told, centre, np.empty(0))


def _exact(scene: Context, view: ColumnView) -> tuple[Floats, Floats]:
    """Counts (k, words) and sizes (k,) of customers with a value: over all customers where known, else the sample's."""
    groups = scene.groups
    told = groups.categories.get(view.column)
    if told is not None and all(w in told for w in view.words):
        counts = np.array(
            [told[w] for w in (view.words if view.kind == "category" else view.words[1:])],
            dtype=np.float64,
        ).T
        return counts, np.array(list(told.values()), dtype=np.float64).sum(axis=0)
    if (
        view.kind == "flag"
        and not view.text
        and set(view.words) == {"0", "1"}
        and view.column in groups.columns
    ):
        place = groups.columns.index(view.column)
        return groups.sums[:, [place]].astype(np.float64), groups.counts[:, place].astype(
            np.float64
        )
    known = np.isfinite(view.scale[:, 0])
    counts = np.stack([np.nansum(view.scale[rows], axis=0) for rows in scene.members])
    return counts, np.array([known[rows].sum() for rows in scene.members], dtype=np.float64)


def _wilson(share: Floats, n: Floats, looks: int) -> tuple[Floats, Floats]:
    """The 95 % interval of a share (Wilson 1927), which holds for small segments and for shares near 0 and 1.

    The word that stands out is picked among several `looks`, so the interval holds for all of them together (Bonferroni).
    """
    z = NormalDist().inv_cdf(1 - 0.025 / looks)
    n = np.maximum(n, 1.0)
    middle = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    return middle - half, middle + half


def traits(found: tuple[Contrast, ...], segment: int) -> tuple[Trait, ...]:
    """Every column's difference for one segment (counted from 0), the most telling first."""
    made = [trait(c, segment) for c in found if np.isfinite(c.segment[segment]).all()]
    return tuple(sorted(made, key=lambda t: -abs(t.effect)))


def trait(found: Contrast, segment: int) -> Trait:
    """One column's difference for one segment, with its sentence."""
    view = found.view
    low, middle, high = (float(x) for x in found.segment[segment])
    effect = float(found.effect[segment])
    word = view.words[int(found.word[segment])] if view.words else ""
    return Trait(
        column=view.column,
        role=view.role,
        kind=view.kind,
        effect=effect,
        effect_low=float(found.low[segment]),
        effect_high=float(found.high[segment]),
        segment_value=middle,
        segment_low=low,
        segment_high=high,
        everybody_value=float(found.everybody[segment]),
        level=level(effect),
        word=word if view.kind == "category" else "",
        sentence=_sentence(found, segment, word),
    )


def _sentence(found: Contrast, segment: int, word: str) -> str:
    view = found.view
    low, middle, high = (float(x) for x in found.segment[segment])
    if view.kind != "number":
        share, everybody = middle, float(found.everybody[segment])
        lift = (
            f", {share / everybody:.1f} times as often"
            if everybody > 0 and share / everybody >= 1.15
            else ""
        )
        said = "yes" if view.kind == "flag" else f'"{word}"'
        return f"{view.column}: {percent(share)} {said} (everybody: {percent(everybody)}{lift})"
    say = view.unit.bare
    all_low, all_middle, all_high = map(say, view.quartiles)
    if say(low) == say(high) or (say(low), say(middle), say(high)) == (
        all_low,
        all_middle,
        all_high,
    ):
        mean, overall = _mean_words(found, segment)
        half = (
            f"half of them or more have {say(middle)}"
            if say(low) == say(high)
            else f"half of them between {say(low)} and {say(high)}"
        )
        return f"{view.column}: {half}, {mean} on average (everybody: {overall} on average)"
    return f"{view.column}: half of them between {say(low)} and {say(high)} (everybody: {all_low} to {all_high})"


def _mean_words(found: Contrast, segment: int) -> tuple[str, str]:
    mean, overall = float(found.means[segment]), float(found.means[-1])
    unit = found.view.unit
    finer = replace(unit, step=min(unit.step, step_of(10 * abs(mean - overall))))
    return finer.say(mean), finer.say(overall)


def against(found: Contrast, segment: int) -> str:
    """The difference in few words: "87 k$ (everybody: 62 k$)"; means where medians are alike."""
    view, value, everybody = (
        found.view,
        float(found.segment[segment][1]),
        float(found.everybody[segment]),
    )
    if view.kind != "number":
        return f"{percent(value)} (everybody: {percent(everybody)})"
    if abs(value - everybody) <= 2 * view.unit.step:
        mean, overall = _mean_words(found, segment)
        return f"{mean} on average (everybody: {overall})"
    return f"{view.unit.say(value)} (everybody: {view.unit.say(everybody)})"
