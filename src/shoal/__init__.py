"""shoal: from a table of customers to segments people can act on.

>>> import shoal
>>> study = shoal.segment("customers.csv")              # doctest: +SKIP
>>> study.segments                                      # doctest: +SKIP
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from shoal.api import compare_rfm, inspect, orders, rfm_classes, segment
    from shoal.errors import InputError, OptionError, OutputError, ShoalError
    from shoal.estimator import Segmenter
    from shoal.study import Model, Study

__version__ = "0.1.0"

_HOME = {
    "segment": "api",
    "inspect": "api",
    "orders": "api",
    "rfm_classes": "api",
    "compare_rfm": "api",
    "Study": "study",
    "Model": "study",
    "Segmenter": "estimator",
    "ShoalError": "errors",
    "InputError": "errors",
    "OptionError": "errors",
    "OutputError": "errors",
}

__all__ = [
    "InputError",
    "Model",
    "OptionError",
    "OutputError",
    "Segmenter",
    "ShoalError",
    "Study",
    "compare_rfm",
    "inspect",
    "load",
    "orders",
    "rfm_classes",
    "segment",
]


def load(path: Any) -> Model:
    """Read a saved model: `shoal.load("results/model.json").assign(new)`. Raises InputError when it is none."""
    from shoal.output.model_file import load as load_file
    from shoal.study import Model

    return Model(*load_file(path))


def __getattr__(name: str) -> Any:
    """Names are looked up where they live when they are first used: `import shoal` stays quick."""
    if name not in _HOME:
        raise AttributeError(f"module 'shoal' has no attribute {name!r}")
    return getattr(importlib.import_module(f"shoal.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
