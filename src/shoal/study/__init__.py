"""What a run gives back: the study, and the model that is saved of it."""

from typing import Any

from shoal.study.model import Model
from shoal.study.study import Study
from shoal.types import Shown


def _html(facts: Any) -> str:
    """Pages are made with a library that is loaded when one is first looked at."""
    from shoal.output.notebook import html

    return html(facts)


Shown.drawn_by(_html)

__all__ = ["Model", "Study"]
