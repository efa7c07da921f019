"""How each segment differs from everybody, column by column: effect sizes with intervals, never a
p-value.

The columns that formed the segments differ by construction, so no test is made on them; the
interval of an effect says how finely it is known, not whether it is there.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from shoal.interpret.context import ColumnView, Context
from shoal.sentences import say
from shoal.sentences.interpret import Difference, shown_side
from shoal.stats.few import too_few, untold_shares
from shoal.stats.intervals import Z95, wilson
from shoal.types import Bools, Floats, Ints, Statement, Trait

CLEAR = 0.5  # standardised differences from which a level is called high or low …
STRONG = 1.5  # … and very high or very low
MORE_IS_NEWS = (
    0.6  # what a word that is rarer than elsewhere counts against one that is more frequent
)
TINY_VARIANCE = 1e-12


@dataclass(frozen=True)
class ColumnEffects:
    """One column compared between all k segments."""

    view: ColumnView
    effect: Floats  # (k,) (segment mean - overall mean) / overall sd, on the view's scale
    low: Floats  # (k,) 95 % interval
    high: Floats  # (k,)
    word: Ints  # (k,) the word that stands out (for a flag: on); -1 for numbers
    segment: Floats  # (k, 3) lower quartile, median, upper quartile; for words: interval and share
    everybody: Floats  # (k,) median; for words the overall share of the word that stands out
    means: Floats  # (k + 1,) in original units, everybody last; for words empty
    above: Floats  # (k,) share above everybody's median, with half of those upon it; numbers only
    few: Bools  # (k,) whether the figures are of too few customers to be told

    @property
    def weight(self) -> float:
        """How much the column tells apart, 0..1: the share of its variance that lies between
        segments of equal size.
        """
        return min(1.0, float(np.mean(self.effect**2)))

    def difference(self, segment: int) -> Difference:
        """What is said of one segment (counted from 0)."""
        view, number = self.view, self.view.kind == "number"
        return Difference(
            column=view.column,
            label=view.label,
            kind=view.kind,
            value=float(self.segment[segment][1]),
            everybody=float(self.everybody[segment]),
            mean=float(self.means[segment]) if number else float("nan"),
            mean_of_all=float(self.means[-1]) if number else float("nan"),
            unit=view.unit,
            word=view.words[int(self.word[segment])] if view.words else "",
            scale=view.measured,
        )

    def told(self) -> ColumnEffects:
        """The same, with nothing known where figures are of too few customers."""
        if not self.few.any():
            return self
        few, segment, means = self.few, self.segment.copy(), self.means.copy()
        segment[few] = np.nan
        if len(means):
            means[:-1][few] = np.nan
        effect, low, high = np.where(few, 0.0, [self.effect, self.low, self.high])
        return replace(self, segment=segment, means=means, effect=effect, low=low, high=high)

    def shows(self, segment: int) -> bool:
        """Whether what is printed lies on the side that the effect says.

        A mean of logarithms or ranks may lie above everybody's, and the median below.
        """
        return shown_side(self.difference(segment)) * float(self.effect[segment]) > 0


def level(effect: float) -> str:
    """The level word of an effect.

    >>> [level(e) for e in (-1.7, -0.6, 0.2, 0.5, 1.5)]
    ['very low', 'low', 'middle', 'high', 'very high']
    """
    if abs(effect) < CLEAR:
        return "middle"
    side = "high" if effect > 0 else "low"
    return f"very {side}" if abs(effect) >= STRONG else side


def column_effects(context: Context) -> tuple[ColumnEffects, ...]:
    """Every column compared between the segments."""
    numbers = [v for v in context.views if v.kind == "number"]
    made = {each.view.column: each for each in _numbers(context, numbers)}
    for view in context.views:
        if view.kind != "number":
            made[view.column] = _shares(context, view)
    return tuple(made[view.column] for view in context.views)


# --- numbers --------------------------------------------------------------------------------------


def _numbers(context: Context, views: list[ColumnView]) -> list[ColumnEffects]:
    """All numbers at once: they share the work of splitting the sample into segments."""
    if not views:
        return []
    values = np.column_stack([v.values for v in views])
    scale = np.column_stack([v.scale for v in views])
    quartiles = np.stack([_quartiles(values[rows]) for rows in context.members])  # (k, 3, c)
    known = np.stack([np.isfinite(values[rows]).sum(axis=0) for rows in context.members])  # (k, c)
    moments = [_moments(scale[rows]) for rows in context.members]
    means, margins = (np.stack(parts) for parts in zip(*moments, strict=True))  # (k, c)
    return [
        ColumnEffects(
            view=view,
            effect=means[:, j],
            low=(means - margins)[:, j],
            high=(means + margins)[:, j],
            word=np.full(context.k, -1),
            segment=quartiles[:, :, j],
            everybody=np.full(context.k, view.quartiles[1]),
            means=_averages(context, view),
            above=_above(context, view),
            few=too_few(known[:, j], context.least) | tiny(context),
        )
        for j, view in enumerate(views)
    ]


def tiny(context: Context) -> Bools:
    """(k,) whether a segment as a whole has too few customers to be told of."""
    return too_few(context.totals.sizes, context.least)


def _above(context: Context, view: ColumnView) -> Floats:
    """(k,) how much of each segment lies above everybody's median; those upon it count half."""
    side = (np.sign(view.values - view.quartiles[1]) + 1) / 2
    found = [side[rows][np.isfinite(side[rows])] for rows in context.members]
    return np.array([x.mean() if len(x) else 0.5 for x in found])


def _averages(context: Context, view: ColumnView) -> Floats:
    """Means in original units over all customers, segment by segment and of everybody (k + 1,)."""
    totals = context.totals
    if view.column in totals.columns:
        counts, sums, _ = totals.of(view.column)
    else:
        members = [view.values[rows] for rows in context.members]
        sums = np.array([np.nansum(values) for values in members])
        counts = np.array([np.isfinite(values).sum() for values in members])
    with_all = np.append(sums, sums.sum())
    return np.asarray(with_all / np.maximum(np.append(counts, counts.sum()), 1))


def _moments(scale: Floats) -> tuple[Floats, Floats]:
    """Mean of each column (c,) of standardised values (n, c), and half of its 95 % interval."""
    known = np.isfinite(scale)
    count = np.maximum(known.sum(axis=0).astype(np.float64), 1)
    mean = np.where(known, scale, 0.0).sum(axis=0) / count
    apart = np.where(known, scale - mean, 0.0)
    sd = np.sqrt((apart**2).sum(axis=0) / np.maximum(count - 1, 1))
    return mean, Z95 * np.sqrt(np.maximum(sd**2, TINY_VARIANCE) / count)


def _quartiles(values: Floats) -> Floats:
    """(3, c) quartiles of each column of (n, c), missing values left out.

    NaN for a column of them.
    """
    if not len(values):
        return np.full((3, values.shape[1]), np.nan)
    ordered = np.sort(values, axis=0)  # missing values sort to the end
    count = np.isfinite(ordered).sum(axis=0)
    at = np.array([0.25, 0.5, 0.75])[:, None] * np.maximum(count - 1, 0)[None, :]
    below = np.floor(at).astype(np.int64)
    above = np.minimum(below + 1, len(ordered) - 1)
    part = at - below
    columns = np.arange(values.shape[1])[None, :]
    lower, upper = ordered[below, columns], ordered[above, columns]
    return np.asarray(lower + np.where(part > 0, part * (upper - lower), 0.0))


# --- flags and categories -------------------------------------------------------------------------


def _shares(context: Context, view: ColumnView) -> ColumnEffects:
    """Shares of each word against everybody.

    Each segment speaks of the word that stands out most.
    """
    counts, sizes = word_counts(context, view)
    overall = counts.sum(axis=0) / max(sizes.sum(), 1.0)  # (w,)
    share = counts / np.maximum(sizes, 1.0)[:, None]  # (k, w)
    word = _standing_out(share, overall)
    low, high = wilson(share, sizes[:, None], max(1, len(overall) - 1))
    pick = np.arange(context.k), word
    segment = np.column_stack([low[pick], share[pick], high[pick]])
    segment[sizes == 0] = np.nan  # nobody known: no trait, and no effect to name it by
    everybody = overall[word]
    sd = np.sqrt(np.maximum(overall * (1 - overall), TINY_VARIANCE))[word]
    low_effect, effect, high_effect = np.nan_to_num((segment - everybody[:, None]) / sd[:, None]).T
    return ColumnEffects(
        view=view,
        effect=effect,
        low=low_effect,
        high=high_effect,
        word=word + 1 if view.kind == "flag" else word,
        segment=segment,
        everybody=everybody,
        means=np.empty(0),
        above=np.full(context.k, np.nan),
        few=tiny(context)
        | untold_shares(counts[pick], sizes, context.least, of_two=view.kind == "flag"),
    )


def _standing_out(share: Floats, overall: Floats) -> Ints:
    """(k,) the word furthest from its overall share (w,): rather what is more than what is less."""
    favour = np.where(share > overall, 1.0, MORE_IS_NEWS)
    return np.asarray(np.argmax(np.abs(share - overall) * favour, axis=1))


def word_counts(context: Context, view: ColumnView) -> tuple[Floats, Floats]:
    """Counts (k, words) and sizes (k,) of customers with a value: of all customers where known,
    else the sample's.
    """
    totals = context.totals
    told = totals.categories.get(view.column)
    if told is not None and all(word in told for word in view.words):
        words = view.words if view.kind == "category" else view.words[1:]
        counts = np.array([told[word] for word in words], dtype=np.float64).T
        return counts, np.array(list(told.values()), dtype=np.float64).sum(axis=0)
    if _is_summed(context, view):
        sizes, sums, _ = totals.of(view.column)
        return sums[:, None].astype(np.float64), sizes.astype(np.float64)
    known = np.isfinite(view.scale[:, 0])
    counts = np.stack([np.nansum(view.scale[rows], axis=0) for rows in context.members])
    return counts, np.array([known[rows].sum() for rows in context.members], dtype=np.float64)


def _is_summed(context: Context, view: ColumnView) -> bool:
    """Whether the column's sums over all customers are counts of its being on."""
    zero_one = view.kind == "flag" and not view.text and set(view.words) == {"0", "1"}
    return zero_one and view.column in context.totals.columns


# --- traits ---------------------------------------------------------------------------------------


def traits(effects: tuple[ColumnEffects, ...], segment: int) -> tuple[Trait, ...]:
    """Every column's difference for one segment (counted from 0), the most telling first."""
    made = [_trait(e, segment) for e in effects if np.isfinite(e.segment[segment]).all()]
    return tuple(sorted(made, key=lambda t: -abs(t.effect)))


def _trait(effects: ColumnEffects, segment: int) -> Trait:
    view = effects.view
    low, middle, high = map(float, effects.segment[segment])
    effect = float(effects.effect[segment])
    difference = effects.difference(segment)
    return Trait(
        column=view.column,
        role=view.role,
        kind=view.kind,
        effect=effect,
        effect_low=float(effects.low[segment]),
        effect_high=float(effects.high[segment]),
        segment_value=middle,
        segment_low=low,
        segment_high=high,
        everybody_value=difference.everybody,
        level=level(effect),
        word=difference.word if view.kind == "category" else "",
        statement=_statement(difference, (low, middle, high), view),
        scale=view.measured,
    )


def _statement(
    difference: Difference, quartiles: tuple[float, float, float], view: ColumnView
) -> Statement:
    if difference.kind != "number":
        return say("trait-share", difference=difference)
    return say(
        "trait-spread",
        difference=difference,
        quartiles=quartiles,
        quartiles_of_all=view.quartiles,
    )
