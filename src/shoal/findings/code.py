"""A code of a finding: how grave it is, what it means, and its sentence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from shoal.types import Severity


@dataclass(frozen=True)
class Code:
    """What every finding of one code shares.

    The sentence is a format string with the names of the values, such as `"{rows:,} rows of
    {column} …"`, or a function of the values where one string cannot say it.
    """

    severity: Severity  # unless the finding itself is graver or lighter
    meaning: str  # one line, as docs/findings.md lists it
    sentence: str | Callable[..., str] = ""
