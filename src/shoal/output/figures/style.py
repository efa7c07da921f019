"""How every figure looks: colours, paper, panels, headings.

Matplotlib's object API only, so threads and servers are safe.
"""

from __future__ import annotations

import io
import re
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, MaxNLocator

from shoal.errors import OptionError
from shoal.output import columns
from shoal.output.figures.lettering import flowing, wrap
from shoal.output.palette import tint as tint
from shoal.text.numbers import short
from shoal.types import Floats

DPI = 120
CSS_DPI = 96  # pixels of a page to the inch
_SVG_SIZE = re.compile(rb'width="([0-9.]+)pt" height="([0-9.]+)pt"')
SHARP = 2  # pixels of a PNG file to one of the figure, for screens and slides that show more
COMPRESSION = 3  # of zlib: 6 takes twice as long for 4 % less
INK, SOFT, FAINT, PAPER = "#1f2933", "#5b6770", "#d9dee3", "#ffffff"
EVERYBODY = "#c3cad1"
DASHES = (0, (4, 3))


class Picture(Figure):
    """A figure that a notebook shows by itself: it belongs to no window and needs no pyplot."""

    def _repr_png_(self) -> tuple[bytes, dict[str, int]]:
        """Twice as sharp as it is shown."""
        data = png(self)
        width, height = size_of(data)
        return data, {"width": width, "height": height}


def panels(
    size: tuple[float, float],
    shape: tuple[int, int] = (1, 1),
    *,
    left: float,
    right: float,
    bottom: float,
    top: float,
    gap: tuple[float, float] = (0.0, 0.0),
    used: int | None = None,
    **sharing: Any,
) -> tuple[Figure, list[Axes]]:
    """A figure with its own canvas and panels in rows; nothing global is touched.

    Args:
        size: width and height in inches.
        shape: rows and columns of panels.
        left: margin in inches, as right, bottom and top.
        right: margin.
        bottom: margin.
        top: margin, with room for the heading.
        gap: inches between panels, across and down.
        used: how many panels are wanted, row by row; all of them by default.
        sharing: `sharex`, `sharey` of `Figure.subplots`.
    """
    width, height = size
    rows, columns = shape
    figure = Picture(figsize=size, dpi=DPI, facecolor=PAPER)
    FigureCanvasAgg(figure)
    panel_width = (width - left - right - gap[0] * (columns - 1)) / columns
    panel_height = (height - top - bottom - gap[1] * (rows - 1)) / rows
    grid = {
        "left": left / width,
        "right": 1 - right / width,
        "bottom": bottom / height,
        "top": 1 - top / height,
        "wspace": gap[0] / panel_width,
        "hspace": gap[1] / panel_height,
    }
    axes = figure.subplots(rows, columns, squeeze=False, gridspec_kw=grid, **sharing).ravel()
    count = len(axes) if used is None else used
    for spare in axes[count:]:
        spare.remove()
    return figure, list(axes[:count])


def panel(size: tuple[float, float], ax: Axes | None = None, **margins: Any) -> tuple[Figure, Axes]:
    """A figure with one panel, margins as of `panels`; or Axes that were given, with their figure.

    Raises OptionError where `ax` is anything else, or has an axis that is no straight line.
    """
    if ax is None:
        figure, axes = panels(size, **margins)
        return figure, axes[0]
    if not isinstance(ax, Axes):
        raise OptionError(
            f"ax is of type {type(ax).__name__} and must be one Axes of Matplotlib: "
            "figure, ax = plt.subplots()"
        )
    if ax.name != "rectilinear":
        raise OptionError(f'ax is of the projection "{ax.name}": figures need plain Axes.')
    given = ax.get_figure(root=True)
    if given is None:
        raise OptionError("ax belongs to no figure any more. Make another: plt.subplots().")
    return given, ax


def heading(over: Figure | Axes, title: str, note: str = "") -> int:
    """The title at the top left, and a small note at the foot. Returns the title's lines.

    Over Axes that were given both belong to these, so that layouts of Matplotlib find room.
    """
    if isinstance(over, Axes):
        return _heading_of_axes(over, title, note)
    figure = over
    width, height = figure.get_size_inches()
    words = wrap(title, int(width * 9.6), 2)
    figure.suptitle(
        words,
        x=0.14 / width,
        y=1 - 0.12 / height,
        fontsize=12.5,
        fontweight="bold",
        color=INK,
        va="top",
        ha="left",
    )
    if note:
        figure.text(
            0.14 / width,
            0.1 / height,
            wrap(note, int(width * 16.5), 2),
            fontsize=8,
            color=SOFT,
            va="bottom",
            ha="left",
            linespacing=1.25,
        )
    return words.count("\n") + 1


def _heading_of_axes(axes: Axes, title: str, note: str) -> int:
    words = wrap(title, letters(axes, 10.5), 3)
    axes.set_title(words, loc="left", fontsize=11, fontweight="bold", color=INK)
    axes.annotate(
        flowing(note, letters(axes, 17.5)),
        (0, 0),
        xycoords=("axes fraction", axes.xaxis.label),
        xytext=(0, -3),
        textcoords="offset points",
        fontsize=7.5,
        color=SOFT,
        va="top",
        linespacing=1.25,
    )
    return words.count("\n") + 1


def letters(axes: Axes, an_inch: float, *, up: bool = False) -> int:
    """How many letters fit along Axes, of so many to the inch."""
    box = axes.get_window_extent()
    return max(int((box.height if up else box.width) / axes.figure.dpi * an_inch), 20)


class Sign(NamedTuple):
    """A marker of a legend and what it stands for."""

    colour: str
    marker: str
    words: str
    face: str | None = None  # of a hollow marker; else it is filled with its colour


def legend_row(figure: Figure, signs: Sequence[Sign], lines: int = 1) -> None:
    """Signs and what they stand for, in a row below a title of so many lines."""
    width, height = figure.get_size_inches()
    handles = [
        Line2D(
            [],
            [],
            linestyle="",
            marker=sign.marker,
            color=sign.colour,
            markerfacecolor=sign.face or sign.colour,
            markersize=6.5,
            label=sign.words,
        )
        for sign in signs
    ]
    figure.legend(
        handles=handles,
        loc="upper left",
        bbox_to_anchor=(0.1 / width, 1 - (0.21 + 0.2 * lines) / height),
        ncols=len(signs),
        frameon=False,
        fontsize=8.5,
        labelcolor=SOFT,
        borderpad=0,
        borderaxespad=0,
        handletextpad=0.1,
        columnspacing=1.4,
    )


def calm(axes: Axes, spines: str = "") -> None:
    """Only the named spines ("left bottom"), quiet ticks."""
    for side, spine in axes.spines.items():
        spine.set_visible(side in spines)
        spine.set_color(FAINT)
    axes.tick_params(colors=SOFT, labelsize=8.5, length=0, pad=4)


def panel_title(axes: Axes, words: str, width: int = 40, size: float = 8.5) -> None:
    """A panel's title above its left edge, on two lines at most."""
    # Its height is given, or Matplotlib would measure every tick to find one.
    title = axes.set_title(wrap(words, width), loc="left", y=1.0, pad=4)
    title.set(fontsize=size, color=INK, linespacing=1.05)


def name_rows(
    axes: Axes,
    names: Sequence[str],
    places: Any = None,
    *,
    width: int = 27,
    lines: int = 2,
    size: float = 9,
) -> None:
    """Names of segments to the left of a panel, one a row."""
    where = range(len(names)) if places is None else places
    axes.set_yticks(where, [wrap(name, width, lines) for name in names])
    axes.tick_params(axis="y", labelsize=size, labelcolor=INK)


def polygons(axes: Axes, outlines: Sequence[Floats], shades: Any, **how: Any) -> None:
    """Shapes by their outlines (n, 2) in one go; the limits of the axes stay as they are."""
    axes.add_collection(PolyCollection(outlines, color=shades, **how), autolim=False)


def round_ticks(axis: Axis, most: int) -> None:
    """At most so many round numbers along an axis, in few letters; they follow a zoom."""
    axis.set_major_locator(MaxNLocator(most, steps=columns.ROUND))
    axis.set_major_formatter(FuncFormatter(lambda value, _: short(value)))


def say_instead(axes: Axes, words: str) -> None:
    """A sentence in an empty panel, where there is nothing to draw."""
    axes.text(0.5, 0.5, words, ha="center", color=SOFT, transform=axes.transAxes)
    axes.set_xticks([])
    axes.set_yticks([])
    calm(axes)


def png(figure: Figure) -> bytes:
    """The figure as the bytes of a PNG file, at twice its pixels."""
    buffer = io.BytesIO()
    # Letters that are not fitted to the pixels are drawn in less time.
    with rc_context({"text.hinting": "none"}):
        figure.savefig(
            buffer, format="png", dpi=SHARP * DPI, pil_kwargs={"compress_level": COMPRESSION}
        )
    return buffer.getvalue()


def svg(figure: Figure) -> bytes:
    """The figure as the bytes of an SVG file: sharp at any size, its words are words.

    The same figure gives the same bytes.
    """
    buffer = io.BytesIO()
    with rc_context({"svg.fonttype": "none", "svg.hashsalt": "shoal"}):
        figure.savefig(buffer, format="svg", metadata={"Date": None})
    return buffer.getvalue()


def size_of(picture: bytes) -> tuple[int, int]:
    """Width and height of a picture made here, in pixels of a page.

    >>> size_of(b'<svg width="576pt" height="360pt">')
    (768, 480)
    """
    if picture.startswith(b"\x89PNG"):
        width, height = struct.unpack(">II", picture[16:24])
        return width // SHARP * CSS_DPI // DPI, height // SHARP * CSS_DPI // DPI
    found = _SVG_SIZE.search(picture)
    assert found is not None
    across, down = (float(part) * CSS_DPI / 72 for part in found.groups())
    return round(across), round(down)


def save(figure: Figure, path: str | Path) -> Path:
    """Write a figure to a file; the ending says the format (.png .svg .pdf)."""
    target = Path(path)
    if target.suffix.lower() == ".png":
        target.write_bytes(png(figure))
    else:
        figure.savefig(target)
    return target
