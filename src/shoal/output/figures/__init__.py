"""Facts become figures: `FIGURES["map"](facts)` is a matplotlib Figure with real Axes.

Numbers come from the facts and from `shoal.stats`; here they are only drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from matplotlib.figure import Figure

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
from shoal.output.figures.style import colour, png, save
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

PROFILE_FIGURES: dict[str, Callable[[Facts | Profile], Figure]] = {
    "histograms": histograms.histograms,
    "correlations": correlations.correlations,
}
"""Those that the data analysis alone can draw."""


def pictures(facts: Facts, names: Sequence[str] = DEFAULT) -> dict[str, bytes]:
    """The named figures as PNG bytes, for the report and for `figures/`."""
    return {name: png(FIGURES[name](facts)) for name in names}


__all__ = ["DEFAULT", "FIGURES", "PROFILE_FIGURES", "colour", "pictures", "png", "save"]
