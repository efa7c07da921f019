"""How far to believe the segments: silhouette, stability under resampling, gorge plots."""

from __future__ import annotations

import math

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from shoal.draw import look, style
from shoal.nouns import Facts, Floats

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
    axes = style.panel(figure, 2.35, 0.8, 6.2, height - 0.8)
    grounds = ("#f6dcd3", "#fbeadf", "#f4f1e4", "#e4f0ea", "#d3e8de")
    for (low, high, words), ground in zip(READING, grounds, strict=True):
        axes.axvspan(low, high, color=ground, linewidth=0, zorder=0)
        if low:
            axes.axvline(low, color="white", linewidth=1.5, zorder=1)
        spot = (max(low, 0.3) + high) / 2
        axes.text(
            spot,
            -0.72,
            words if words != "a pattern, blurred" else "a pattern,\nblurred",
            fontsize=8,
            color=style.SOFT,
            ha="center",
            va="bottom",
            linespacing=1,
        )
    for i, trust in enumerate(facts.trust.segments):
        shade = style.colour(i + 1)
        axes.plot(
            [max(trust.jaccard_low, 0.3), max(trust.jaccard, 0.3)],
            [i, i],
            color=shade,
            linewidth=3,
            alpha=0.45,
            solid_capstyle="round",
            zorder=2,
        )
        axes.plot(max(trust.jaccard, 0.305), i, "o", color=shade, markersize=9, zorder=3, clip_on=False)
        axes.text(1.02, i, f"{trust.jaccard:.2f}  {trust.verdict}", fontsize=9, va="center", color=style.INK)
    axes.set_xlim(0.3, 1.0)
    axes.set_ylim(k - 0.4, -0.6)
    style.calm(axes)
    axes.set_xticks([0.5, 0.6, 0.75, 0.85, 1.0], [".5", ".6", ".75", ".85", "1"])
    axes.set_yticks(range(k), [style.wrap(name, 27, 2) for name in names], fontsize=9, color=style.INK)
    axes.set_xlabel("Jaccard similarity with the same segment found on resampled customers", fontsize=8.5, color=style.SOFT)
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
    axes = style.panel(figure, 2.35, 0.92, 7.7, 4.42 if k <= 8 else 5.32)
    if k > 1:
        scores = _silhouettes(_distances(facts), facts)
        start, total, middles = 0.0, len(scores), []
        gap = total * 0.015
        for i in range(k):
            own = np.sort(scores[facts.labels == i])[::-1]
            y = start + np.arange(len(own) + 1)
            axes.fill_betweenx(
                y, 0, np.r_[own, own[-1:]] if len(own) else np.zeros(1), step="post", color=style.colour(i + 1), linewidth=0
            )
            middles.append(start + len(own) / 2)
            axes.text(
                1.0, middles[-1], f"{own.mean():.2f}" if len(own) else "–", fontsize=8.5, va="center", ha="right", color=style.INK
            )
            start += len(own) + gap
        mean = float(scores.mean())
        axes.axvline(mean, color=style.INK, linewidth=1, linestyle=(0, (4, 3)))
        axes.set_ylim(start, -gap)
        axes.set_yticks(_parted(middles, start / 24), [style.wrap(name, 27, 2) for name in names], fontsize=9)
        note = f"{look.stated(facts)} Simplified silhouette, from the distances to the own and the next centre; dashed: mean {mean:.2f}; on the right each segment's."
    else:
        note = "With one segment there is no next one to compare with."
    axes.set_xlim(min(-0.1, axes.get_xlim()[0]), 1.0)
    style.calm(axes, "bottom")
    axes.tick_params(axis="y", labelcolor=style.INK)
    axes.set_xlabel("1: at home · 0: on the border · below 0: nearer to another segment's centre", fontsize=8.5, color=style.SOFT)
    style.heading(figure, "How clearly each customer belongs to its segment", note)
    return figure


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
        axes = style.panel(figure, 0.18 + column * width, top - 0.8, 0.02 + (column + 1) * width, top)
        _gorge(axes, similarity[:, i], facts.labels == i, edges, style.colour(i + 1))
        axes.set_title(style.wrap(names[i], int(13.5 * (width - 0.16)), 2), fontsize=8.5, color=style.INK, loc="left", pad=3)
    title = "Is there a gorge between members and others?" + (f" The first {shown} of {k} segments" if shown < k else "")
    note = f"{look.stated(facts)} Across: similarity to the segment's centre, 0 to 1; colour: its own customers, grey: all others (cut off at twice the tallest coloured bar)."
    style.heading(figure, title, note)
    return figure


def _gorge(axes: Axes, similarity: Floats, own: np.ndarray[tuple[int], np.dtype[np.bool_]], edges: Floats, shade: str) -> None:
    inside, outside = (np.histogram(similarity[part], edges)[0] for part in (own, ~own))
    axes.stairs(inside + outside, edges, fill=True, color=shade, linewidth=0)
    axes.stairs(outside, edges, fill=True, color="#c3cad1", linewidth=0)
    axes.set_xlim(0, 1)
    axes.set_ylim(0, max(int(inside.max()) * 2, 1))
    style.calm(axes, "bottom")
    axes.set_yticks([])
    axes.set_xticks([0, 0.5, 1], ["0", ".5", "1"])
    axes.tick_params(labelsize=7.5, pad=2)
