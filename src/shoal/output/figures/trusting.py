"""How far to believe the segments: silhouette, stability under resampling, gorge plots."""

from __future__ import annotations

import math

import numpy as np
from matplotlib.figure import Figure

from shoal.output.figures import look, style
from shoal.output.figures.pane import Pane, round_numbers, stairs
from shoal.text.numbers import short
from shoal.types import Facts, Floats

# Hennig (2007) and the manual of fpc: how a mean bootstrap Jaccard similarity is read
READING = (
    (0.0, 0.5, "dissolved"),
    (0.5, 0.6, "doubtful"),
    (0.6, 0.75, "a pattern, blurred"),
    (0.75, 0.85, "stable"),
    (0.85, 1.0, "very\nstable"),
)


def stability(facts: Facts) -> Figure:
    """Bootstrap Jaccard of each segment with the published cut lines: the mean as a dot, a line down to the 10 % quantile."""
    names, k = look.names(facts), facts.segmentation.k
    height = 1.65 + 0.4 * max(k, 3)
    figure = style.canvas(8, height)
    pane = Pane(figure, 2.35, 0.8, 6.2, height - 0.8, x=(0.3, 1.0), y=(k - 0.4, -0.6))
    grounds = ("#f6dcd3", "#fbeadf", "#f4f1e4", "#e4f0ea", "#d3e8de")
    for (low, high, words), ground in zip(READING, grounds, strict=True):
        pane.span(max(low, 0.3), high, facecolors=ground, zorder=0)
        if low:
            pane.line([low, low], pane.y, color="white", linewidth=1.5, zorder=1)
        said = words if words != "a pattern, blurred" else "a pattern,\nblurred"
        pane.write(
            (max(low, 0.3) + high) / 2,
            -0.72,
            said,
            fontsize=8,
            color=style.SOFT,
            ha="center",
            va="bottom",
            linespacing=1,
        )
    for i, trust in enumerate(facts.trust.segments):
        shade, ends = style.colour(i + 1), [max(trust.jaccard_low, 0.3), max(trust.jaccard, 0.3)]
        pane.line(
            ends, [i, i], color=shade, linewidth=3, alpha=0.45, solid_capstyle="round", zorder=2
        )
        pane.line(
            [max(trust.jaccard, 0.305)],
            [i],
            marker="o",
            linestyle="",
            color=shade,
            markersize=9,
            zorder=3,
        )
        pane.write(
            1.02,
            i,
            f"{trust.jaccard:.2f}  {trust.verdict}",
            fontsize=9,
            va="center_baseline",
            color=style.INK,
        )
    pane.side(range(k), [style.wrap(name, 27, 2) for name in names], fontsize=9, color=style.INK)
    pane.foot([0.5, 0.6, 0.75, 0.85, 1.0], [".5", ".6", ".75", ".85", "1"], fontsize=8.5)
    said = "Jaccard similarity with the same segment found on resampled customers"
    pane.write(0.65, pane.y[0], said, up=-17, fontsize=8.5, color=style.SOFT, ha="center", va="top")
    note = f"Dot: mean over {facts.trust.resamples} resamples of {facts.trust.sample_size:,} customers; the line goes down to the worst tenth of them. Cut lines: Hennig (2007)."
    style.heading(figure, "Would the same segments be found again?", note)
    return figure


def _distances(facts: Facts) -> Floats:
    """From every point to every centre, in encoded units (p, k)."""
    centres, matrix = facts.segmentation.centres, facts.points.matrix
    squares = (matrix**2).sum(1)[:, None] - 2 * matrix @ centres.T + (centres**2).sum(1)
    return np.asarray(np.sqrt(np.maximum(squares, 0.0)))


def silhouette(facts: Facts) -> Figure:
    """Each drawn customer's simplified silhouette, sorted within its segment: 1 far from the next segment, 0 on the border.

    It compares the distances to the own and to the next centre (Hruschka et al. 2004), so its cost is n × k.
    """
    k, names = facts.segmentation.k, look.names(facts)
    figure = style.canvas(8, 4.9 if k <= 8 else 5.8)
    box = 2.35, 0.92, 7.7, 4.42 if k <= 8 else 5.32
    if k == 1:
        figure.text(
            0.5,
            0.5,
            "With one segment there is no next one to compare with.",
            ha="center",
            color=style.SOFT,
        )
        style.heading(figure, "How clearly each customer belongs to its segment")
        return figure
    scores = _silhouettes(_distances(facts), facts)
    mean, gap = float(scores.mean()), len(scores) * 0.015
    groups = [np.sort(scores[facts.labels == i])[::-1] for i in range(k)]
    starts = np.cumsum([0, *(len(own) + gap for own in groups)])
    pane = Pane(figure, *box, x=(min(-0.1, float(scores.min())), 1.0), y=(float(starts[-1]), -gap))
    middles = [float(start) + len(own) / 2 for start, own in zip(starts, groups, strict=False)]
    shapes = [
        _cliff(own, float(start)) for start, own in zip(starts, groups, strict=False) if len(own)
    ]
    pane.shapes(
        shapes,
        facecolors=[style.colour(i + 1) for i, own in enumerate(groups) if len(own)],
        linewidths=0,
    )
    for middle, own in zip(middles, groups, strict=True):
        said = f"{own.mean():.2f}" if len(own) else "–"
        pane.write(
            1.0, middle, said, fontsize=8.5, va="center_baseline", ha="right", color=style.INK
        )
    pane.line([mean, mean], pane.y, color=style.INK, linewidth=1, linestyle=(0, (4, 3)))
    places = _parted(middles, float(starts[-1]) / 24)
    pane.side(places, [style.wrap(name, 27, 2) for name in names], fontsize=9, color=style.INK)
    ticks = round_numbers(*pane.x, 6)
    pane.foot(ticks, [short(tick) for tick in ticks], fontsize=8.5)
    said = "1: at home · 0: on the border · below 0: nearer to another segment's centre"
    pane.write(
        sum(pane.x) / 2,
        pane.y[0],
        said,
        up=-17,
        fontsize=8.5,
        color=style.SOFT,
        ha="center",
        va="top",
    )
    note = f"{look.stated(facts)} Simplified silhouette, from the distances to the own and the next centre; dashed: mean {mean:.2f}; on the right each segment's."
    style.heading(figure, "How clearly each customer belongs to its segment", note)
    return figure


def _cliff(own: Floats, start: float) -> Floats:
    """The outline (n, 2) of scores in falling order, one below the other; of many no more than can be told apart."""
    kept = np.unique(np.linspace(0, len(own) - 1, min(len(own), 400)).round().astype(int))
    rows = np.append(kept, len(own)).astype(float)
    return np.column_stack(
        [np.r_[0, np.repeat(own[kept], 2), 0], start + np.r_[0, np.repeat(rows, 2)[1:-1], len(own)]]
    )


def _silhouettes(away: Floats, facts: Facts) -> Floats:
    rows = away[facts.points.of_row]
    own = rows[np.arange(len(rows)), facts.labels]
    others = rows.copy()
    others[np.arange(len(rows)), facts.labels] = np.inf
    next_one = others.min(1)
    top = np.maximum(own, next_one)
    return np.asarray(np.divide(next_one - own, top, out=np.zeros_like(top), where=top > 0))


def _parted(places: list[float], step: float) -> list[float]:
    """Places in rising order, at least a step apart."""
    for i in range(1, len(places)):
        places[i] = max(places[i], places[i - 1] + step)
    return places


def gorge(facts: Facts) -> Figure:
    """Gorge plots (Dolnicar, Grün & Leisch 2018): how similar each customer is to each segment's centre.

    Two peaks with a gorge between them, at 0 and at 1, mean a natural segment; a slope means a slice of a continuum.
    Similarity is exp(-d) relative to the sum over all segments.
    """
    k, names = facts.segmentation.k, look.names(facts)
    shown = min(k, 12)
    across = min(shown, 3 if shown <= 6 else 4)
    rows = math.ceil(shown / across)
    height = 1.2 + 1.42 * rows
    figure = style.canvas(8, height)
    away = _distances(facts)
    near = np.exp(-(away - away.min(1, keepdims=True)))
    similarity = (near / near.sum(1, keepdims=True))[facts.points.of_row]
    edges = np.linspace(0, 1, 26)
    width = 7.7 / across
    for i in range(shown):
        row, column = divmod(i, across)
        top = height - 0.92 - row * 1.42
        own = facts.labels == i
        inside, outside = (np.histogram(similarity[part, i], edges)[0] for part in (own, ~own))
        high = max(int(inside.max()) * 2, 1)
        pane = Pane(
            figure,
            0.18 + column * width,
            top - 0.8,
            0.02 + (column + 1) * width,
            top,
            x=(0, 1),
            y=(0, high),
        )
        hills = [stairs(np.minimum(counts, high), edges) for counts in (inside + outside, outside)]
        pane.shapes(hills, facecolors=[style.colour(i + 1), "#c3cad1"], linewidths=0)
        pane.foot([0, 0.5, 1], ["0", ".5", "1"])
        pane.title(style.wrap(names[i], int(13.5 * (width - 0.16)), 2), fontsize=8.5)
    title = "Is there a gorge between members and others?" + (
        f" The first {shown} of {k} segments" if shown < k else ""
    )
    note = f"{look.stated(facts)} Across: similarity to the segment's centre, 0 to 1; colour: its own customers, grey: all others (cut off at twice the tallest coloured bar)."
    style.heading(figure, title, note)
    return figure
