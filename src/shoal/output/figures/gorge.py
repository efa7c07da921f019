"""Is there a gorge between members and others?"""

from __future__ import annotations

import math

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from shoal.output import columns
from shoal.output.figures import style
from shoal.stats.histograms import counts, similarities
from shoal.types import Bools, Facts, Floats

MOST = 12  # segments
EDGES = np.linspace(0, 1, 26)


def gorge(facts: Facts) -> Figure:
    """Gorge plots: how similar each customer is to each segment's centre.

    Two peaks with a gorge between them, at 0 and at 1, mean a natural segment; a slope means a
    slice of a continuum. Similarity is exp(-distance) relative to the sum over all segments
    (Dolnicar, Grün & Leisch, Market Segmentation Analysis, 2018).
    """
    k = facts.segmentation.k
    shown = min(k, MOST)
    across = min(shown, 3 if shown <= 6 else 4)
    rows = math.ceil(shown / across)
    figure, axes = style.panels(
        (8, 1.2 + 1.42 * rows),
        (rows, across),
        left=0.18,
        right=0.28,
        bottom=0.9,
        top=0.92,
        gap=(0.16, 0.62),
        used=shown,
    )
    similar = similarities(facts.points.matrix, facts.segmentation.centres)[facts.points.of_row]
    for i, (panel, name) in enumerate(zip(axes, columns.names(facts), strict=False)):
        _hills(panel, similar[:, i], facts.labels == i, facts.segmentation.colours[i])
        style.panel_title(panel, name, int(102 / across))
    for lowest in axes[-across:]:
        lowest.set_xticks([0, 0.5, 1], ["0", ".5", "1"])
    title = "Is there a gorge between members and others?"
    if shown < k:
        title += f" The first {shown} of {k} segments"
    note = (
        f"{columns.stated(facts)} Across: similarity to the segment's centre, 0 to 1; colour: its"
    )
    note += f" own {facts.noun.many}, grey: all others (cut off at twice the tallest coloured bar)."
    style.heading(figure, title, note)
    return figure


def _hills(axes: Axes, similar: Floats, own: Bools, shade: str) -> None:
    """A segment's own customers (m,) on top of all others, by their similarity to its centre."""
    inside, outside = counts(similar[own], EDGES), counts(similar[~own], EDGES)
    axes.set_xlim(0, 1)
    axes.set_ylim(0, max(2 * int(inside.max()), 1))
    axes.stairs(inside + outside, EDGES, fill=True, color=shade)
    axes.stairs(outside, EDGES, fill=True, color=style.EVERYBODY)
    axes.set_xticks([])
    axes.set_yticks([])
    style.calm(axes, "bottom")
    axes.tick_params(labelsize=7.5, pad=3)
