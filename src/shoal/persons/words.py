"""What headers and cells say of contacts and consent: words.toml, read once."""

from __future__ import annotations

import functools
import re
import tomllib
from pathlib import Path
from typing import Any

from shoal.text.headers import plain, tokens


@functools.cache
def _words() -> dict[str, Any]:
    return tomllib.loads((Path(__file__).parent / "words.toml").read_text("utf-8"))


@functools.cache
def _pattern(what: str) -> re.Pattern[str]:
    return re.compile(_words()["headers"][what])


@functools.cache
def _cells(answer: str) -> frozenset[str]:
    return frozenset(_words()["cells"][answer].split())


def header_says(name: str, what: str) -> bool:
    """Whether a header says this.

    >>> header_says("E-Mail-Adresse", "email"), header_says("newsletter_optIn", "agreed")
    (True, True)
    """
    return _pattern(what).search(" ".join(tokens(name))) is not None


def says(cell: object, answer: str) -> bool:
    """Whether a cell is one of the words for yes, or for no.

    >>> says("Oui", "yes"), says(True, "yes"), says(0.0, "no"), says("perhaps", "yes")
    (True, True, True, False)
    """
    text = f"{cell:g}" if isinstance(cell, float) else str(cell)
    return re.sub(r"[\s_-]+", "_", plain(text.strip())) in _cells(answer)
