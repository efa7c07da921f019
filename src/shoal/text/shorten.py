"""Words from data made short enough to be shown, on one line."""

from __future__ import annotations


def shorten(text: object, width: int) -> str:
    """At most `width` letters, with an ellipsis in the middle: long names differ at both ends.

    >>> shorten("average_monthly_spending_2024", 16)
    'average_m…g_2024'
    """
    words = on_one_line(text)
    if len(words) <= width:
        return words
    head = (width - 1) * 3 // 5 if width > 4 else width - 1
    return words[:head] + "…" + words[len(words) - (width - 1 - head) :]


def on_one_line(text: object) -> str:
    """Text with single blanks in place of line breaks and of several blanks."""
    return " ".join(str(text).split())
