"""Putting labels beside their points so that none lies over another."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.patheffects import withStroke
from matplotlib.transforms import Bbox

from shoal.output.figures.style import INK, PAPER, wrap

# (dx, dy) in points from the anchor, and how the text is tied to that place
_BESIDE = [
    (
        dx * step,
        dy * step,
        "left" if dx > 0 else "right" if dx < 0 else "center",
        "bottom" if dy > 0 else "top" if dy < 0 else "center",
    )
    for step in (9, 20, 34, 50, 70)
    for dx, dy in (
        (0, 1),
        (0, -1),
        (1, 0),
        (-1, 0),
        (0.8, 0.8),
        (-0.8, 0.8),
        (0.8, -0.8),
        (-0.8, -0.8),
    )
]


def labels(
    axes: Axes, anchors: Sequence[tuple[float, float]], words: Sequence[str], shades: Sequence[str]
) -> bool:
    """Write each word beside its anchor (data coordinates) with a leader line when it lies far; False, and nothing drawn, if one cannot.

    Greedy, from the middle of the crowd outwards being the hardest: anchors with near neighbours are placed first.
    """
    canvas = axes.figure.canvas
    assert isinstance(canvas, FigureCanvasAgg)
    renderer = canvas.get_renderer()  # type: ignore[no-untyped-call]
    room = axes.get_window_extent(renderer)
    spots = axes.transData.transform(list(anchors))
    scale = axes.figure.dpi / 72
    taken = [
        Bbox.from_bounds(x - 7 * scale, y - 7 * scale, 14 * scale, 14 * scale) for x, y in spots
    ]
    crowd = [
        sorted((x - a) ** 2 + (y - b) ** 2 for a, b in spots)[1 : 2 + len(spots) // 4]
        for x, y in spots
    ]
    made = []
    for i in sorted(range(len(spots)), key=lambda i: (crowd[i], i)):
        text = axes.annotate(
            wrap(words[i], 20, 3),
            anchors[i],
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
        made.append(text)
        size = text.get_window_extent(renderer)
        for dx, dy, ha, va in _BESIDE:
            box = _box(
                spots[i][0] + dx * scale, spots[i][1] + dy * scale, size.width, size.height, ha, va
            )
            if _inside(box, room) and not any(box.overlaps(other) for other in taken):
                break
        else:
            for each in made:
                each.remove()
            return False
        taken.append(box)
        text.set(position=(dx, dy), ha=ha, va=va)
        if abs(dx) + abs(dy) > 30:
            away = axes.transData.inverted().transform(
                (spots[i][0] + dx * scale, spots[i][1] + dy * scale)
            )
            axes.plot(*zip(anchors[i], away, strict=True), color=shades[i], linewidth=1, zorder=4)
    return True


def _box(x: float, y: float, width: float, height: float, ha: str, va: str) -> Bbox:
    left = x - (0 if ha == "left" else width if ha == "right" else width / 2)
    bottom = y - (0 if va == "bottom" else height if va == "top" else height / 2)
    return Bbox.from_bounds(left, bottom, width, height)


def _inside(box: Bbox, room: Bbox) -> bool:
    return bool(box.x0 >= room.x0 and box.x1 <= room.x1 and box.y0 >= room.y0 and box.y1 <= room.y1)
