"""Facts become figures: `FIGURES["map"](facts)` is a matplotlib Figure. Nothing is computed that could pass for a result."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from matplotlib.figure import Figure

from shoal.output.figures.analysis import correlations, histograms
from shoal.output.figures.choosing import choice, flow
from shoal.output.figures.maps import map as map_
from shoal.output.figures.pairs import pairs
from shoal.output.figures.profiles import distributions, profile, sizes
from shoal.output.figures.style import colour, png, save
from shoal.output.figures.trusting import gorge, silhouette, stability
from shoal.types import Facts, Profile

FIGURES: dict[str, Callable[[Facts], Figure]] = {
    "map": map_,
    "sizes": sizes,
    "profile": profile,
    "distributions": distributions,
    "choice": choice,
    "stability": stability,
    "silhouette": silhouette,
    "flow": flow,
    "gorge": gorge,
    "correlations": correlations,
    "histograms": histograms,
    "pairs": pairs,
}
"""Every figure by name; each is a function from facts to Figure."""

DEFAULT = ("map", "profile", "distributions", "choice", "stability", "silhouette", "flow", "gorge")
"""Those that the report shows (sizes are bars of the page itself)."""

PROFILE_FIGURES: dict[str, Callable[[Facts | Profile], Figure]] = {
    "histograms": histograms,
    "correlations": correlations,
}
"""Those that the data analysis alone can draw."""


def pictures(facts: Facts, names: Sequence[str] = DEFAULT) -> dict[str, bytes]:
    """The named figures as PNG bytes, for the report and for `figures/`."""
    return {name: png(FIGURES[name](facts)) for name in names}


__all__ = ["DEFAULT", "FIGURES", "PROFILE_FIGURES", "colour", "pictures", "png", "save"]
