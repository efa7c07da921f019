"""How every figure looks: colours, words, paper. Matplotlib's object API only, so threads and servers are safe."""

from __future__ import annotations

import functools
import io
import textwrap
from pathlib import Path

import matplotlib
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure
from matplotlib.ft2font import FT2Font
from PIL import Image

DPI = 120
LEVEL = 3  # of zlib: 6 takes twice as long for 4 % less
INK, SOFT, FAINT, PAPER = "#1f2933", "#5b6770", "#d9dee3", "#ffffff"

# Okabe & Ito's colours, then darker and violet ones. Any two differ by at least 16 in CIE Lab, also as seen with
# protanopia, deuteranopia or tritanopia (Machado et al. 2009); tests/test_draw.py holds it.
COLOURS = (
    "#0072b2",
    "#d55e00",
    "#009e73",
    "#e69f00",
    "#cc79a7",
    "#332288",
    "#56b4e9",
    "#570408",
    "#a56eff",
    "#882255",
    "#6929c4",
    "#000000",
)


def colour(segment: int) -> str:
    """The colour of a segment, by its id from 1: the same in every figure and in the report.

    >>> colour(1), colour(13) == colour(1)
    ('#0072b2', False)
    """
    turn, place = divmod(segment - 1, len(COLOURS))
    return COLOURS[place] if turn == 0 else tint(COLOURS[place], 0.62 ** min(turn, 4))


def tint(shade: str, strength: float) -> str:
    """A colour mixed with white; strength 1 leaves it as it is.

    >>> tint("#000000", 0.5)
    '#808080'
    """
    red, green, blue = (1 - strength * (1 - part) for part in to_rgb(shade))
    return str(to_hex((red, green, blue)))


@functools.cache
def _glyphs() -> frozenset[int]:
    """Every character that DejaVu Sans can draw."""
    path = Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf"
    return frozenset(FT2Font(str(path)).get_charmap())


def plain(text: object) -> str:
    r"""Text from data, safe to draw: one line, no mathtext, no letters that the font lacks.

    >>> plain("Income (k$)")
    'Income (k\\$)'
    """
    words = " ".join(str(text).split())
    if not words.isascii():
        words = "".join(letter if ord(letter) in _glyphs() else "�" for letter in words)
    return words.replace("$", r"\$")


def shorten(text: object, width: int) -> str:
    """At most `width` letters, with an ellipsis in the middle: long column names differ at both ends.

    >>> shorten("average_monthly_spending_2024", 16)
    'average_m…g_2024'
    """
    words = " ".join(str(text).split())
    if len(words) <= width:
        return words
    head = (width - 1) * 3 // 5 if width > 4 else width - 1
    return words[:head] + "…" + words[len(words) - (width - 1 - head) :]


def wrap(text: object, width: int, lines: int = 2) -> str:
    """Text from data on a few lines of at most `width` letters; broken at " · " if that fits, shortened if nothing does.

    >>> wrap("High income · low spending", 16)
    'High income ·\\nlow spending'
    """
    words = " ".join(str(text).split())
    if len(words) <= width:
        return plain(words)
    held = words.replace(
        " · ", "\u00a0· "
    )  # a line does not begin with the dot, if that can be had
    for phrase in (held.replace("· ", "·\n"), held, words):
        parts = [
            part
            for line in phrase.split("\n")
            for part in textwrap.wrap(line, width, break_long_words=True)
        ]
        if len(parts) <= lines:
            return "\n".join(plain(part) for part in parts)
    room = width * lines
    while len(parts) > lines and room > width // 2:
        room -= 2
        parts = textwrap.wrap(shorten(words, room), width, break_long_words=True)
    return "\n".join(plain(part) for part in parts[:lines])


def canvas(width: float = 8.0, height: float = 5.0) -> Figure:
    """An empty figure with its own canvas; nothing global is touched."""
    figure = Figure(figsize=(width, height), dpi=DPI, facecolor=PAPER)
    FigureCanvasAgg(figure)
    return figure


def panel(figure: Figure, left: float, bottom: float, right: float, top: float) -> Axes:
    """Axes whose edges lie at these inches from the figure's left and bottom edge."""
    width, height = figure.get_size_inches()
    return figure.add_axes(
        (left / width, bottom / height, (right - left) / width, (top - bottom) / height)
    )


def heading(figure: Figure, title: str, note: str = "") -> None:
    """The title at the top left, and a small note at the foot."""
    width, height = figure.get_size_inches()
    letters = int(width * 9.6)
    figure.text(
        0.14 / width,
        1 - 0.12 / height,
        wrap(title, letters, 2),
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


def calm(axes: Axes, spines: str = "") -> None:
    """Only the named spines ("left bottom"), quiet ticks."""
    for side, spine in axes.spines.items():
        spine.set_visible(side in spines)
        spine.set_color(FAINT)
    axes.tick_params(colors=SOFT, labelsize=8.5, length=0, pad=4)


def png(figure: Figure) -> bytes:
    """The figure as the bytes of a PNG file."""
    canvas = figure.canvas
    assert isinstance(canvas, FigureCanvasAgg)
    with rc_context(
        {"text.hinting": "none"}
    ):  # letters that are not fitted to the pixels are drawn in less time
        canvas.draw()  # type: ignore[no-untyped-call]
    pixels = canvas.buffer_rgba()  # type: ignore[no-untyped-call]
    image = Image.frombuffer(
        "RGBA", canvas.get_width_height(physical=True), pixels, "raw", "RGBA", 0, 1
    )
    buffer = io.BytesIO()
    image.convert("RGB").save(
        buffer, "png", compress_level=LEVEL, dpi=(DPI, DPI)
    )  # paper is opaque: no alpha
    return buffer.getvalue()


def save(figure: Figure, path: str | Path) -> Path:
    """Write a figure to a file; the ending says the format (.png .svg .pdf)."""
    target = Path(path)
    if target.suffix.lower() == ".png":
        target.write_bytes(png(figure))
    else:
        figure.savefig(target)
    return target
