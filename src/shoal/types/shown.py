"""What a notebook shows of facts: they are data, so who draws them registers itself here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar


class Shown:
    """Facts that a notebook shows as a page of HTML, once somebody draws them."""

    _drawn_by: ClassVar[Callable[[Any], str] | None] = None

    @staticmethod
    def drawn_by(draw: Callable[[Any], str]) -> None:
        """From now on notebooks show facts as this function makes them: HTML, escaped."""
        Shown._drawn_by = staticmethod(draw)

    def _repr_html_(self) -> str | None:
        """The HTML of it; None, which notebooks take for their word, where nobody draws."""
        draw = Shown._drawn_by
        return None if draw is None else draw(self)
