"""Words from data made fit to be drawn: harmless, short enough, on a few lines."""

from __future__ import annotations

import functools
import textwrap
from pathlib import Path

import matplotlib
from matplotlib.ft2font import FT2Font


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
    words = _on_one_line(text)
    if not words.isascii():
        words = "".join(letter if ord(letter) in _glyphs() else "�" for letter in words)
    return words.replace("$", r"\$")


def shorten(text: object, width: int) -> str:
    """At most `width` letters, with an ellipsis in the middle: long names differ at both ends.

    >>> shorten("average_monthly_spending_2024", 16)
    'average_m…g_2024'
    """
    words = _on_one_line(text)
    if len(words) <= width:
        return words
    head = (width - 1) * 3 // 5 if width > 4 else width - 1
    return words[:head] + "…" + words[len(words) - (width - 1 - head) :]


def wrap(text: object, width: int, lines: int = 2) -> str:
    """Text from data on a few lines of at most `width` letters.

    It is broken behind a comma or " · " where that fits, and shortened where nothing does.

    >>> wrap("High income, low spending", 16)
    'High income,\\nlow spending'
    """
    words = _on_one_line(text)
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


def _on_one_line(text: object) -> str:
    return " ".join(str(text).split())


def _broken(words: str, width: int) -> list[str]:
    return textwrap.wrap(words, width, break_long_words=True)


def _joined(parts: list[str]) -> str:
    return "\n".join(plain(part) for part in parts)
