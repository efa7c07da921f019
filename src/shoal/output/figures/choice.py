"""Why this number of segments: the evidence for every k."""

from __future__ import annotations

import math
from typing import NamedTuple

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from shoal.output.figures import style
from shoal.types import Choice, Facts

ACROSS = 3  # panels in a row
PICK, SECOND, OTHER, LINE, DEFENSIBLE = "#0072b2", "#e69f00", "#8a949d", "#aab3bb", "#e9f0f6"


class Measure(NamedTuple):
    """What a panel shows: a field of `Evidence`, its title, the published cut line if any."""

    name: str
    title: str
    cut: float | None = None


MEASURES = (
    Measure("silhouette", "Silhouette"),
    Measure("separation", "Dip between neighbours"),
    Measure("prediction_strength", "Prediction strength", 0.8),
    Measure("worst_jaccard", "Least stable segment (Jaccard)", 0.75),
    Measure("stability", "Agreement of resamples (ARI)"),
    Measure("fit_inertia", "Inertia while fitting"),
    Measure("reference_gap", "Against no structure (s.e.)"),
    Measure("smallest_share", "Smallest segment"),
)
MOST = 6


def choice(facts: Facts) -> Figure:
    """The evidence for every k in small panels.

    Pick, runner-up and defensible range are marked; k = 1 is the reference.
    """
    chosen = facts.choice
    shown = [measure for measure in MEASURES if len(_seen(chosen, measure)) > 1][:MOST]
    rows = max(math.ceil(len(shown) / ACROSS), 1)
    figure, axes = style.panels(
        (8, 1.2 + 1.75 * rows),
        (rows, ACROSS),
        left=0.5,
        right=0.28,
        bottom=0.8,
        top=0.95,
        gap=(0.34, 0.55),
        used=len(shown),
    )
    for panel, measure in zip(axes, shown, strict=True):
        _evidence(panel, chosen, measure)
    for lowest in axes[-ACROSS:]:
        lowest.set_xticks(_told(chosen))
    style.legend_row(figure, _legend(chosen), lines=style.heading(figure, *_heading(facts)))
    return figure


def _heading(facts: Facts) -> tuple[str, str]:
    chosen = facts.choice
    title = f"How many segments? k = {chosen.k} was {'asked for' if chosen.asked else 'picked'}"
    if len(chosen.defensible) > 1:
        title += f"; defensible: {', '.join(map(str, chosen.defensible))}"
    found_on = "all" if facts.sample.whole else "a sample of"
    note = f"Found on {found_on} {chosen.sample_size:,} {facts.noun.many}. "
    note += "Across: the number of segments k."
    note += " Dashed: the published cut-off (prediction strength .8, Jaccard .75)."
    return title, note


def _seen(chosen: Choice, measure: Measure) -> list[tuple[int, float]]:
    """Each k for which something was measured, and its value."""
    every = [(each.k, getattr(each, measure.name)) for each in chosen.evidence]
    return [(k, float(value)) for k, value in every if value is not None]


def _evidence(axes: Axes, chosen: Choice, measure: Measure) -> None:
    """One measure for every k."""
    seen = _seen(chosen, measure)
    _prepare(axes, chosen, [value for _, value in seen])
    low, high = axes.get_ylim()
    if measure.cut is not None and low <= measure.cut <= high:
        axes.axhline(measure.cut, color=OTHER, linewidth=0.9, linestyle=style.DASHES)
    axes.plot([k for k, _ in seen], [value for _, value in seen], color=LINE, linewidth=1.3)
    marked = (1, chosen.k, chosen.runner_up)
    _dots(axes, [each for each in seen if each[0] not in marked], OTHER, 4.5)
    _dots(axes, [each for each in seen if each[0] == 1], OTHER, 4.5, face="white")
    _dots(axes, [each for each in seen if each[0] == chosen.runner_up], SECOND, 7.5)
    _dots(axes, [each for each in seen if each[0] == chosen.k], PICK, 7.5)
    style.panel_title(axes, measure.title, size=9)


def _prepare(axes: Axes, chosen: Choice, values: list[float]) -> None:
    """Room for these values of every k, with the defensible range marked."""
    span = (max(values) - min(values)) or abs(max(values)) or 1.0
    axes.set_xlim(chosen.evidence[0].k - 0.6, chosen.evidence[-1].k + 0.6)
    axes.set_ylim(min(values) - 0.12 * span, max(values) + 0.16 * span)
    if len(chosen.defensible) > 1:
        for k in chosen.defensible:
            axes.axvspan(k - 0.5, k + 0.5, color=DEFENSIBLE, linewidth=0, antialiased=False)
    axes.set_xticks([])
    style.calm(axes, "bottom")
    style.round_ticks(axes.yaxis, 4)
    axes.tick_params(labelsize=8, pad=3)


def _dots(
    axes: Axes, seen: list[tuple[int, float]], shade: str, size: float, face: str | None = None
) -> None:
    if seen:
        x, y = zip(*seen, strict=True)
        axes.plot(x, y, "o", color=shade, markerfacecolor=face or shade, markersize=size)


def _told(chosen: Choice) -> list[int]:
    """The k that stand below the panels: a dozen at most, the pick among them."""
    every, pick = [each.k for each in chosen.evidence], chosen.k
    step = math.ceil(len(every) / 12)
    told = {*every[::step], pick}
    if step > 1:
        told -= {pick - 1, pick + 1}
    return sorted(told)


def _legend(chosen: Choice) -> list[style.Sign]:
    signs = [style.Sign(PICK, "o", f"pick {chosen.k}")]
    if chosen.runner_up is not None:
        signs.append(style.Sign(SECOND, "o", f"runner-up {chosen.runner_up}"))
    if any(each.k == 1 for each in chosen.evidence):
        signs.append(style.Sign(OTHER, "o", "k = 1: nobody is grouped", face="white"))
    if len(chosen.defensible) > 1:
        signs.append(style.Sign("#c9d6e2", "s", "defensible"))
    return signs
