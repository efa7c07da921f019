"""What a run gives back: the study, and the model that is saved of it."""

from shoal.study.model import Model
from shoal.study.study import Study

__all__ = ["Model", "Study"]
