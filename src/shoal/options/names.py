"""The names of options, and what is meant by a name that none has."""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Callable, Collection, Iterable
from typing import Any

from msgspec import Struct

from shoal.errors import OptionError, did_you_mean

# What people call an option who know it by the name another library gives it.
_ALSO_CALLED = {
    "segments": "k",
    "n_segments": "k",
    "clusters": "k",
    "n_clusters": "k",
    "max_k": "k_max",
    "columns": "by",
    "features": "by",
    "customer_id": "id",
    "drop": "ignore",
    "exclude": "ignore",
    "scaling": "scale",
    "scaler": "scale",
    "random_state": "seed",
    "delimiter": "sep",
    "separator": "sep",
    "sheet_name": "sheet",
    "sql": "query",
    "n_jobs": "threads",
    "output": "out",
    "tell": "progress",
}


def names_of(door: Callable[..., Any], *kinds: type[Struct]) -> list[str]:
    """What a door may be told by keyword: its own arguments, and these kinds of options."""
    parameters = inspect.signature(door).parameters.values()
    own = [p.name for p in parameters if p.kind is p.KEYWORD_ONLY]
    return [*own, *(name for kind in kinds for name in kind.__struct_fields__)]


def check_names(door: Callable[..., Any], given: Iterable[str], *kinds: type[Struct]) -> None:
    """Raise OptionError for an argument that neither the door nor these options know."""
    known = names_of(door, *kinds)
    for name in given:
        if name not in known:
            raise OptionError(f'{door.__name__}() has no argument "{name}". {meant(name, known)}')


def meant(name: str, known: Collection[str]) -> str:
    """A helping clause for a name that is not known.

    >>> meant("n_clusters", ["k", "seed"])
    'Did you mean "k"?'
    """
    words = {each: each for each in known}
    words |= {alias: each for alias, each in _ALSO_CALLED.items() if each in known}
    near = difflib.get_close_matches(name, words, n=1)
    return f'Did you mean "{words[near[0]]}"?' if near else did_you_mean(name, known)
