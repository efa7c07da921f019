"""Facts become figures: `FIGURES["map"](facts)` is a matplotlib Figure with real Axes.

Numbers come from the facts and from `shoal.stats`; here they are only drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from matplotlib.figure import Figure

from shoal.engine.progress import pulse
from shoal.output.figures import (
    choice,
    correlations,
    distributions,
    flow,
    gorge,
    histograms,
    map,
    pairs,
    profile,
    silhouette,
    sizes,
    stability,
)
from shoal.output.figures.style import png, save, svg
from shoal.types import Facts, Profile

FIGURES: dict[str, Callable[[Facts], Figure]] = {
    "map": map.map,
    "sizes": sizes.sizes,
    "profile": profile.profile,
    "distributions": distributions.distributions,
    "choice": choice.choice,
    "stability": stability.stability,
    "silhouette": silhouette.silhouette,
    "flow": flow.flow,
    "gorge": gorge.gorge,
    "correlations": correlations.correlations,
    "histograms": histograms.histograms,
    "pairs": pairs.pairs,
}
"""Every figure by name; each is a function from facts to Figure."""

DEFAULT = ("map", "profile", "distributions", "choice", "stability", "silhouette", "flow", "gorge")
"""Those that the report shows (sizes are bars of the page itself)."""

DOTS = ("map", "pairs")
"""Thousands of dots are smaller and quicker as pixels; every other figure is drawn as SVG."""

PROFILE_FIGURES: dict[str, Callable[[Facts | Profile], Figure]] = {
    "histograms": histograms.histograms,
    "correlations": correlations.correlations,
}
"""Those that the data analysis alone can draw."""


def image(figure: Figure, name: str) -> bytes:
    """A named figure as the bytes of a file: PNG where it is made of dots, else SVG."""
    return png(figure) if name in DOTS else svg(figure)


def pictures(facts: Facts, names: Sequence[str] = DEFAULT) -> dict[str, bytes]:
    """The named figures as bytes, for the report and for `figures/`."""
    drawn = {}
    for name in names:
        pulse()
        drawn[name] = image(FIGURES[name](facts), name)
    return drawn


__all__ = [
    "DEFAULT",
    "FIGURES",
    "PROFILE_FIGURES",
    "image",
    "pictures",
    "png",
    "save",
    "svg",
]
