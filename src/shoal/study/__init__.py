"""What a run gives back: the study, and the model that is saved of it."""

from collections.abc import Mapping
from typing import Any

from shoal.study.model import Model
from shoal.study.study import Study
from shoal.types import Refresh, Shown


def _html(facts: Any) -> str:
    """Pages are made with a library that is loaded when one is first looked at."""
    from shoal.output.notebook import html

    return html(facts)


def _refresh(model: Model, new: Any, given: Mapping[str, Any]) -> Refresh:
    """A refresh gives a study back, of which models know nothing."""
    from shoal.study.refresh import refresh

    return refresh(model, new, given)


Shown.drawn_by(_html)
Model.refreshed_by(_refresh)

__all__ = ["Model", "Study"]
