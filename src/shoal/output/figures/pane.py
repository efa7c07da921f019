"""Small panels by the dozen: a rectangle of a figure with scales of its own. Matplotlib's axes do more, and take twenty times as long."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from shoal.output.figures import style
from shoal.types import Floats

_POINT = 1 / 72  # inches
_SMALL: dict[str, Any] = {"fontsize": 7.5, "color": style.SOFT}


@dataclass(frozen=True)
class Pane:
    """A rectangle of the figure, and what its edges stand for."""

    figure: Figure
    left: float  # edges in inches from the figure's left and bottom
    bottom: float
    right: float
    top: float
    x: tuple[float, float]  # values at the left and the right edge
    y: tuple[float, float]  # values at the bottom and the top

    def at(self, x: Any, y: Any) -> Floats:
        """The place of values in inches (n, 2)."""
        across = self.left + (np.asarray(x, dtype=float) - self.x[0]) / (self.x[1] - self.x[0]) * (
            self.right - self.left
        )
        up = self.bottom + (np.asarray(y, dtype=float) - self.y[0]) / (self.y[1] - self.y[0]) * (
            self.top - self.bottom
        )
        return np.stack(np.broadcast_arrays(across, up), axis=-1)

    def line(self, x: Any, y: Any, **how: Any) -> None:
        """A line through values; with a marker and no line, dots."""
        self.figure.add_artist(
            Line2D(*self.at(x, y).T, transform=self.figure.dpi_scale_trans, **how)
        )

    def shapes(self, corners: Sequence[Floats], **how: Any) -> None:
        """Polygons, each by its corners (n, 2)."""
        inches = [self.at(each[:, 0], each[:, 1]) for each in corners]
        self.figure.add_artist(PolyCollection(inches, transform=self.figure.dpi_scale_trans, **how))

    def write(
        self, x: float, y: float, words: str, *, right: float = 0.0, up: float = 0.0, **how: Any
    ) -> None:
        """Words at a value, moved by so many points."""
        across, height = self.at(x, y)
        self.figure.text(
            across + right * _POINT,
            height + up * _POINT,
            words,
            transform=self.figure.dpi_scale_trans,
            **how,
        )

    def span(self, low: float, high: float, **how: Any) -> None:
        """A band from the bottom to the top."""
        corners = np.array(
            [(low, self.y[0]), (high, self.y[0]), (high, self.y[1]), (low, self.y[1])]
        )
        self.shapes([corners], linewidths=0, **how)

    def title(self, words: str, **how: Any) -> None:
        """Words above the left edge."""
        self.write(
            self.x[0], self.y[1], words, up=4, color=style.INK, ha="left", va="baseline", **how
        )

    def foot(self, places: Iterable[float] = (), words: Sequence[str] = (), **how: Any) -> None:
        """A quiet line along the bottom, and words below it."""
        self.line(self.x, (self.y[0], self.y[0]), color=style.FAINT, linewidth=0.8, zorder=2.5)
        for place, word in zip(places, words, strict=True):
            self.write(place, self.y[0], word, up=-3, va="top", **{"ha": "center"} | _SMALL | how)

    def side(self, places: Iterable[float], words: Sequence[str], **how: Any) -> None:
        """Words to the left of the left edge."""
        for place, word in zip(places, words, strict=True):
            self.write(
                self.x[0], place, word, right=-3, ha="right", va="center_baseline", **_SMALL | how
            )


def round_numbers(low: float, high: float, most: int) -> list[float]:
    """A few round numbers between two values."""
    slack = (high - low) * 1e-9
    return [
        float(value)
        for value in MaxNLocator(most, steps=[1, 2, 2.5, 5, 10]).tick_values(low, high)
        if low - slack <= value <= high + slack
    ]


def stairs(counts: Any, edges: Floats) -> Floats:
    """The corners (n, 2) of a histogram."""
    return np.column_stack(
        [np.r_[edges[0], np.repeat(edges, 2)[1:-1], edges[-1]], np.r_[0, np.repeat(counts, 2), 0]]
    )
