"""Everything that shoal raises on purpose.

    ShoalError              shoal says no, and says why (exit code 2 on the command line)
    ├── InputError          the table cannot be read, or holds nothing to segment
    ├── OptionError         an option is wrong, or does not fit this table
    └── OutputError         the result could not be written (exit code 1): nothing half-written is
    left

A message says what is wrong (with the value), what would be right, and what to type next.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class ShoalError(Exception):
    """Base of every error raised on purpose; its text is meant for the person at the keyboard."""

    exit_code = 2


class InputError(ShoalError, ValueError):
    """The table cannot be read, or holds nothing that could be segmented."""


class OptionError(ShoalError, ValueError):
    """An option is wrong in itself, or does not fit this table."""


class OutputError(ShoalError):
    """The result could not be written (disk full, no permission)."""

    exit_code = 1


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A helping clause for a misspelt word: the nearest known ones, or all of them when few.

    >>> did_you_mean("incme", ["income", "score"])
    'Did you mean "income"?'
    """
    names = list(known)
    near = difflib.get_close_matches(word, names, n=1, cutoff=0.6)
    if not near:
        lowered = {name.lower(): name for name in names}
        near = [
            lowered[m] for m in difflib.get_close_matches(word.lower(), lowered, n=1, cutoff=0.5)
        ]
    if near:
        return f'Did you mean "{near[0]}"?'
    return (
        "Known: "
        + ", ".join(f'"{name}"' for name in names[:30])
        + ("…" if len(names) > 30 else "")
        + "."
    )
