"""shoal: from a table of customers to segments people can act on.

>>> import shoal
>>> study = shoal.segment("customers.csv")              # doctest: +SKIP
>>> study.segments                                      # doctest: +SKIP
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from shoal.api import (
        assign,
        compare_rfm,
        inspect,
        load,
        orders,
        read,
        rfm_classes,
        segment,
        write_customers,
    )
    from shoal.errors import (
        InputError,
        OptionError,
        OutputError,
        ShoalError,
        Stopped,
        did_you_mean,
        showable,
        without_addresses,
    )
    from shoal.estimator import Segmenter
    from shoal.findings import codes
    from shoal.job import init, read_job, run
    from shoal.lifecycle.campaign import CampaignPlan, CampaignRead, campaign
    from shoal.lifecycle.history import History, history
    from shoal.lifecycle.moves import Moves, moves
    from shoal.opened import Opened, open
    from shoal.output.contracts import schema
    from shoal.output.report.live import script as report_script
    from shoal.output.report.live import style as report_style
    from shoal.persons.audiences import audience
    from shoal.persons.forget import forget
    from shoal.separation import compare_outcome
    from shoal.study import Model, Study
    from shoal.text.numbers import number, percent
    from shoal.text.options import speaking_python, speaking_shell, speaking_words
    from shoal.types import Comparison, NameCheck, Refresh, Separation
    from shoal.types.plain_json import as_json

__version__ = "0.1.0"

_HOME = {
    "segment": "api",
    "inspect": "api",
    "load": "api",
    "open": "opened",
    "Opened": "opened",
    "orders": "api",
    "read": "api",
    "assign": "api",
    "write_customers": "api",
    "audience": "persons.audiences",
    "forget": "persons.forget",
    "as_json": "types.plain_json",
    "codes": "findings",
    "report_script": "output.report.live:script",
    "report_style": "output.report.live:style",
    "number": "text.numbers",
    "percent": "text.numbers",
    "speaking_python": "text.options",
    "speaking_shell": "text.options",
    "speaking_words": "text.options",
    "rfm_classes": "api",
    "compare_rfm": "api",
    "compare_outcome": "separation",
    "Separation": "types",
    "run": "job",
    "read_job": "job",
    "init": "job",
    "Study": "study",
    "Model": "study",
    "NameCheck": "types",
    "Segmenter": "estimator",
    "ShoalError": "errors",
    "InputError": "errors",
    "OptionError": "errors",
    "OutputError": "errors",
    "Stopped": "errors",
    "did_you_mean": "errors",
    "showable": "errors",
    "without_addresses": "errors",
    "schema": "output.contracts",
    "CampaignPlan": "lifecycle.campaign",
    "CampaignRead": "lifecycle.campaign",
    "campaign": "lifecycle.campaign",
    "Comparison": "types",
    "Moves": "lifecycle.moves",
    "moves": "lifecycle.moves",
    "Refresh": "types",
    "History": "lifecycle.history",
    "history": "lifecycle.history",
}

__all__ = [
    "CampaignPlan",
    "CampaignRead",
    "Comparison",
    "History",
    "InputError",
    "Model",
    "Moves",
    "NameCheck",
    "Opened",
    "OptionError",
    "OutputError",
    "Refresh",
    "Segmenter",
    "Separation",
    "ShoalError",
    "Stopped",
    "Study",
    "as_json",
    "assign",
    "audience",
    "campaign",
    "codes",
    "compare_outcome",
    "compare_rfm",
    "did_you_mean",
    "forget",
    "history",
    "init",
    "inspect",
    "load",
    "moves",
    "number",
    "open",
    "orders",
    "percent",
    "read",
    "read_job",
    "report_script",
    "report_style",
    "rfm_classes",
    "run",
    "schema",
    "segment",
    "showable",
    "speaking_python",
    "speaking_shell",
    "speaking_words",
    "without_addresses",
    "write_customers",
]


def __getattr__(name: str) -> Any:
    """Names are looked up where they live when they are first used: `import shoal` stays quick."""
    if name not in _HOME:
        raise AttributeError(f"module 'shoal' has no attribute {name!r}")
    home, _, own = _HOME[name].partition(":")
    return getattr(importlib.import_module(f"shoal.{home}"), own or name)


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
