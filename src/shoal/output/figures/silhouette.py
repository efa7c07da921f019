"""How clearly each customer belongs to its segment."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from shoal.output import columns
from shoal.output.figures import style
from shoal.output.figures.flow import parted
from shoal.stats.silhouette import Silhouette
from shoal.stats.silhouette import silhouette as measured
from shoal.text.numbers import score
from shoal.types import Facts, Floats

GAP = 0.015  # of all customers, between two segments
LINE = 0.16  # inches that a line of a name takes
STEPS = 400  # of a blade at most: more cannot be told apart
TITLE = "How clearly each {one} belongs to its segment"


def silhouette(facts: Facts, *, ax: Axes | None = None) -> Figure:
    """Customers' silhouettes, sorted within each segment.

    1 is far from the next segment, 0 on the border (Rousseeuw, Journal of Computational and Applied
    Mathematics 20, 1987).
    """
    k = facts.segmentation.k
    height = 4.9 if k <= 8 else 5.8
    figure, axes = style.panel((8, height), ax, left=2.35, right=0.3, bottom=0.92, top=0.48)
    if k == 1:
        style.say_instead(axes, "With one segment there is no next one to compare with.")
        style.heading(ax or figure, TITLE.format(one=facts.noun.one))
        return figure
    found = _silhouettes(facts)
    middles = _draw_blades(axes, facts, found)
    axes.axvline(found.mean, color=style.INK, linewidth=1, linestyle=style.DASHES)
    low, end = min(-0.1, float(found.values.min())), axes.get_ylim()[0]
    axes.set_xlim(low, 1.0)
    style.calm(axes, "bottom")
    lines = 2 if k <= 12 else 1
    step = end * LINE * lines / (axes.bbox.height / figure.dpi)
    style.name_rows(axes, columns.names(facts), parted(middles, step, end), lines=lines)
    style.round_ticks(axes.xaxis, 6)
    said = "1: at home · 0: on the border · below 0: nearer to another segment"
    axes.set_xlabel(said, fontsize=8.5, color=style.SOFT)
    note = f"{_looked_at(facts, found)} Dashed: the mean, {score(found.mean)}; on the right each "
    style.heading(ax or figure, TITLE.format(one=facts.noun.one), f"{note}segment's.")
    return figure


def _silhouettes(facts: Facts) -> Silhouette:
    """The silhouette of the points, each in the segment of a customer that stands on it."""
    points = facts.points
    labels = np.zeros(len(points.matrix), dtype=np.int64)
    labels[points.of_row] = facts.labels
    return measured(points.matrix, points.weights, labels, facts.segmentation.k)


def _draw_blades(axes: Axes, facts: Facts, found: Silhouette) -> Floats:
    """Each segment's silhouettes in falling order, one below the other; their middles (k,)."""
    labels = np.empty(len(facts.points.matrix), dtype=np.int64)
    labels[facts.points.of_row] = facts.labels
    gap = GAP * found.customers
    middles = []
    start = 0.0
    for i in range(facts.segmentation.k):
        own = labels[found.points] == i
        values, edges = _blade(found.values[own], found.counts[own])
        if len(values):
            shade = facts.segmentation.colours[i]
            axes.stairs(values, start + edges, orientation="horizontal", fill=True, color=shade)
        middle = start + edges[-1] / 2
        words = score(float(found.segments[i])) if len(values) else "–"
        axes.text(
            1.0,
            middle,
            words,
            fontsize=8.5,
            va="center_baseline",
            ha="right",
            color=style.INK,
        )
        middles.append(middle)
        start += float(edges[-1]) + gap
    axes.set_ylim(start, -gap)
    return np.array(middles)


def _blade(values: Floats, counts: Floats) -> tuple[Floats, Floats]:
    """Silhouettes (n,) in falling order, and the n + 1 edges between them, in customers.

    Of many values no more are kept than can be told apart.

    >>> values, edges = _blade(np.array([0.1, 0.5]), np.array([2.0, 1.0]))
    >>> values.tolist(), edges.tolist()
    ([0.5, 0.1], [0.0, 1.0, 3.0])
    """
    order = np.argsort(-values, kind="stable")
    edges = np.r_[0.0, np.cumsum(counts[order])]
    kept = np.unique(np.linspace(0, len(values) - 1, min(len(values), STEPS)).round().astype(int))
    return values[order][kept], np.r_[edges[kept], edges[-1]]


def _looked_at(facts: Facts, found: Silhouette) -> str:
    """On how many customers the silhouette was measured."""
    if found.exact:
        return columns.stated(facts)
    return f"Measured on {found.customers:,} of {facts.sample.total:,} {facts.noun.many}."
