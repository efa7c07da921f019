"""`study.plot`: the figures of one study, each a method with its own arguments and text."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Concatenate, NoReturn, ParamSpec

from matplotlib.figure import Figure

from shoal.errors import did_you_mean
from shoal.output import figures
from shoal.types import Facts

Options = ParamSpec("Options")


def _of_facts(
    draw: Callable[Concatenate[Facts, Options], Figure],
) -> Callable[Concatenate[Plots, Options], Figure]:
    """A figure as a method: signature and text are those of the function, without the facts."""

    @functools.wraps(draw)
    def method(plots: Plots, /, *args: Options.args, **options: Options.kwargs) -> Figure:
        return draw(plots.facts, *args, **options)

    return method


class Plots:
    """`study.plot.map()` and its like: each gives a matplotlib Figure. `dir` lists them."""

    map = _of_facts(figures.map.map)
    sizes = _of_facts(figures.sizes.sizes)
    profile = _of_facts(figures.profile.profile)
    distributions = _of_facts(figures.distributions.distributions)
    choice = _of_facts(figures.choice.choice)
    stability = _of_facts(figures.stability.stability)
    silhouette = _of_facts(figures.silhouette.silhouette)
    flow = _of_facts(figures.flow.flow)
    gorge = _of_facts(figures.gorge.gorge)
    correlations = _of_facts(figures.correlations.correlations)
    histograms = _of_facts(figures.histograms.histograms)
    pairs = _of_facts(figures.pairs.pairs)

    def __init__(self, facts: Facts) -> None:
        self.facts = facts

    def __repr__(self) -> str:
        return f"<shoal.Plots of {self.facts.name}: {', '.join(dir(self))}>"

    def _repr_html_(self) -> str:
        from shoal.output.notebook import plots_html

        said = {name: inspect.getdoc(getattr(Plots, name)) or "" for name in dir(self)}
        return plots_html({name: words.partition("\n\n")[0] for name, words in said.items()})

    def __dir__(self) -> list[str]:
        return sorted(figures.FIGURES)

    def __getattr__(self, name: str) -> NoReturn:
        hint = did_you_mean(name, figures.FIGURES)
        raise AttributeError(f'There is no figure "{name}". {hint}')
