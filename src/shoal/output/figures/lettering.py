"""Words from data made fit to be drawn: harmless, short enough, on a few lines."""

from __future__ import annotations

import functools
import textwrap
from pathlib import Path

import matplotlib
from matplotlib.ft2font import FT2Font

from shoal.text.shorten import on_one_line, shorten


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
    words = on_one_line(text)
    if not words.isascii():
        words = "".join(letter if ord(letter) in _glyphs() else "�" for letter in words)
    return words.replace("$", r"\$")


def wrap(text: object, width: int, lines: int = 2) -> str:
    """Text from data on a few lines of at most `width` letters.

    It is broken behind a comma or " · " where that fits, and shortened where nothing does.

    >>> wrap("High income, low spending", 16)
    'High income,\\nlow spending'
    """
    words = on_one_line(text)
    if len(words) <= width:
        return plain(words)
    dot_kept = words.replace(" · ", "\u00a0· ")  # no line begins with the dot
    parted = dot_kept.replace("· ", "·\n").replace(", ", ",\n")
    for phrase in (parted, dot_kept, words):
        parts = [part for line in phrase.split("\n") for part in _broken(line, width)]
        if len(parts) <= lines:
            return _joined(parts)
    room = width * lines
    while len(parts) > lines and room > width // 2:
        room -= 2
        parts = _broken(shorten(words, room), width)
    return _joined(parts[:lines])


def flowing(text: str, width: int) -> str:
    """Sentences on as many lines of at most `width` letters as they take."""
    return _joined(_broken(on_one_line(text), width))


def _broken(words: str, width: int) -> list[str]:
    return textwrap.wrap(words, width, break_long_words=True)


def _joined(parts: list[str]) -> str:
    return "\n".join(plain(part) for part in parts)
