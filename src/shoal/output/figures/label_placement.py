"""Putting labels beside their points so that none lies over another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patheffects import withStroke
from matplotlib.text import Annotation
from matplotlib.transforms import Bbox

from shoal.output.figures.lettering import wrap
from shoal.output.figures.style import INK, PAPER

LEADER = 30  # points from the anchor beyond which a line leads to the label
RING = 7  # half of the room that an anchor's ring takes, in points


class _Spot(NamedTuple):
    """A place for a label: points from the anchor, and which side of the label is tied to it."""

    right: float
    up: float
    ha: str
    va: str


_HORIZONTAL = {-1: "right", 0: "center", 1: "left"}
_VERTICAL = {-1: "top", 0: "center", 1: "bottom"}
_WAYS = ((0, 1), (0, -1), (1, 0), (-1, 0), (0.8, 0.8), (-0.8, 0.8), (0.8, -0.8), (-0.8, -0.8))
_SPOTS = [
    _Spot(x * step, y * step, _HORIZONTAL[round(x)], _VERTICAL[round(y)])
    for step in (9, 20, 34, 50, 70)
    for x, y in _WAYS
]


def place_labels(
    axes: Axes, anchors: Sequence[tuple[float, float]], words: Sequence[str], shades: Sequence[str]
) -> bool:
    """Write each word beside its anchor (data coordinates), with a line to it when it lies far.

    Anchors in the thick of the crowd come first, each label goes to the first free place. Returns
    False, with nothing drawn, if one finds none.
    """
    room = axes.get_window_extent()
    pixels = axes.transData.transform(list(anchors))
    scale = axes.figure.dpi / 72
    taken = [_box(x, y, 2 * RING * scale, 2 * RING * scale, "center", "center") for x, y in pixels]
    made: list[Annotation] = []
    for i in _crowded_first(pixels):
        text = _write(axes, words[i], anchors[i])
        made.append(text)
        size = text.get_window_extent()
        found = _free_spot(pixels[i], (size.width, size.height), scale, room, taken)
        if found is None:
            for label in made:
                label.remove()
            return False
        spot, box = found
        taken.append(box)
        text.set(position=(spot.right, spot.up), ha=spot.ha, va=spot.va)
        if abs(spot.right) + abs(spot.up) > LEADER:
            made.append(_lead(axes, anchors[i], spot, shades[i]))
    return True


def _crowded_first(pixels: np.ndarray) -> list[int]:
    """The order in which anchors are served: those with near neighbours first."""
    squares = ((pixels[:, None] - pixels[None]) ** 2).sum(axis=2)
    nearest = np.sort(squares, axis=1)[:, 1 : 2 + len(pixels) // 4]
    return sorted(range(len(pixels)), key=lambda i: (nearest[i].tolist(), i))


def _write(axes: Axes, words: str, anchor: tuple[float, float]) -> Annotation:
    return axes.annotate(
        wrap(words, 20, 3),
        anchor,
        xytext=(0, 0),
        textcoords="offset points",
        fontsize=9,
        color=INK,
        fontweight="bold",
        ha="left",
        va="bottom",
        linespacing=1.05,
        zorder=6,
        path_effects=[withStroke(linewidth=3, foreground=PAPER)],
    )


def _free_spot(
    pixel: np.ndarray,
    size: tuple[float, float],
    scale: float,
    room: Bbox,
    taken: list[Bbox],
) -> tuple[_Spot, Bbox] | None:
    """The first place beside a pixel that lies in the room and over nothing."""
    for spot in _SPOTS:
        x, y = pixel[0] + spot.right * scale, pixel[1] + spot.up * scale
        box = _box(x, y, *size, spot.ha, spot.va)
        inside = room.contains(box.x0, box.y0) and room.contains(box.x1, box.y1)
        if inside and not any(box.overlaps(other) for other in taken):
            return spot, box
    return None


def _box(x: float, y: float, width: float, height: float, ha: str, va: str) -> Bbox:
    """The box of a text that is tied to (x, y) by these sides."""
    left = x - width * {"left": 0, "center": 0.5, "right": 1}[ha]
    bottom = y - height * {"bottom": 0, "center": 0.5, "top": 1}[va]
    return Bbox.from_bounds(left, bottom, width, height)


def _lead(axes: Axes, anchor: tuple[float, float], spot: _Spot, shade: str) -> Annotation:
    """A line from the anchor to its label."""
    return axes.annotate(
        "",
        anchor,
        xytext=(spot.right, spot.up),
        textcoords="offset points",
        arrowprops={"arrowstyle": "-", "color": shade, "linewidth": 1, "shrinkA": 0, "shrinkB": 0},
        zorder=4,
    )
