"""Would the same segments be found again on other customers?"""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from shoal.output import columns
from shoal.output.figures import style
from shoal.text.numbers import score
from shoal.types import Facts, SegmentTrust

# Cut lines by which a mean bootstrap Jaccard similarity is read (Hennig 2007, the manual of fpc):
# dissolved, doubtful, a pattern, stable, very stable. The verdict, not these, says what to do.
READING = (
    (0.0, 0.5, "#f6dcd3"),
    (0.5, 0.6, "#fbeadf"),
    (0.6, 0.75, "#f4f1e4"),
    (0.75, 0.85, "#e4f0ea"),
    (0.85, 1.0, "#d3e8de"),
)
LOWEST = 0.3  # similarity at the left edge; what is lower is drawn there


def stability(facts: Facts, *, ax: Axes | None = None) -> Figure:
    """Bootstrap Jaccard of each segment with the published cut lines.

    The mean is a dot, with a line down to the 10 % quantile.
    """
    k, trust = facts.segmentation.k, facts.trust
    height = 1.65 + 0.4 * max(k, 3)
    figure, axes = style.panel((8, height), ax, left=2.35, right=1.8, bottom=0.8, top=0.8)
    axes.set_xlim(LOWEST, 1.0)
    axes.set_ylim(k - 0.4, -0.6)
    _draw_reading(axes)
    _draw_segments(axes, trust.segments, facts.segmentation.colours)
    style.calm(axes, "bottom")
    style.name_rows(axes, columns.names(facts))
    axes.set_xticks([0.5, 0.6, 0.75, 0.85, 1.0], [".5", ".6", ".75", ".85", "1"])
    said = f"Jaccard similarity with the same segment found on resampled {facts.noun.many}"
    axes.set_xlabel(said, fontsize=8.5, color=style.SOFT)
    note = f"Dot: mean over {trust.resamples} resamples of {trust.sample_size:,} "
    note += f"{facts.noun.many}; the line"
    note += " goes down to the worst tenth of them. Cut lines: Hennig (2007)."
    style.heading(ax or figure, "How well do the segments come back on resampled customers?", note)
    return figure


def _draw_segments(axes: Axes, segments: Sequence[SegmentTrust], shades: Sequence[str]) -> None:
    """A dot and a line for each segment, and its verdict at the right."""
    rows = range(len(segments))
    means = [max(segment.jaccard, LOWEST + 0.005) for segment in segments]
    lows = [max(segment.jaccard_low, LOWEST) for segment in segments]
    lines = axes.hlines(rows, lows, means, colors=shades, linewidth=3, alpha=0.45)
    lines.set_capstyle("round")
    axes.scatter(means, rows, s=81, c=shades, linewidths=0, zorder=3, clip_on=False)
    for row, segment in enumerate(segments):
        words = f"{score(segment.jaccard)}  {segment.verdict}"
        axes.text(1.02, row, words, fontsize=9, va="center_baseline", color=style.INK)


def _draw_reading(axes: Axes) -> None:
    """How a similarity is read: grounds between the cut lines."""
    for low, high, ground in READING:
        left = max(low, LOWEST)
        axes.axvspan(left, high, color=ground, linewidth=0, zorder=0)
        axes.axvline(low, color="white", linewidth=1.5, zorder=1)
