"""How an option is named to whoever asked: an argument in Python, an option in the shell."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import PurePath
from typing import Any

_SHELL_NAMES = {
    "weights": "weight",
    "names": "name",
}  # where an option of the shell is named in the singular
MOST_SHOWN = 5  # values of a list
_speaks_shell = False  # the command line is a process of its own: it says so once, at its start


def speaking_shell() -> AbstractContextManager[None]:
    """Name options as the shell has them, `--k-max 10`, for as long as this lasts."""
    return _speaking(True)


def speaking_python() -> AbstractContextManager[None]:
    """Name options as arguments, `k_max=10`, for as long as this lasts."""
    return _speaking(False)


@contextmanager
def _speaking(shell: bool) -> Iterator[None]:
    global _speaks_shell
    before, _speaks_shell = _speaks_shell, shell
    try:
        yield
    finally:
        _speaks_shell = before


def option(name: str, value: Any = None) -> str:
    """An option as the reader of a message would type it; of a mapping its first pair.

    >>> option("k_max"), option("k_max", 10), option("decimal", ","), option("orders", True)
    ('k_max', 'k_max=10', 'decimal=","', 'orders=True')
    >>> with speaking_shell():
    ...     option("k_max"), option("k_max", 10), option("decimal", ","), option("orders", True)
    ('--k-max', '--k-max 10', '--decimal ,', '--orders')
    >>> option("names", {3: "Weekend families"})
    'names={3: "Weekend families"}'
    >>> with speaking_shell():
    ...     option("names", {3: "Weekend families"})
    '--name 3="Weekend families"'
    """
    if not _speaks_shell:
        return name if value is None else f"{name}={_in_python(value)}"
    shown = "--" + _SHELL_NAMES.get(name, name).strip("_").replace("_", "-")
    return shown if value is None or value is True else f"{shown} {_in_shell(value)}"


def _in_python(value: Any) -> str:
    if isinstance(value, Mapping):
        pairs = (f"{_in_python(key)}: {_in_python(each)}" for key, each in value.items())
        return f"{{{', '.join(pairs)}}}"
    return f'"{value}"' if isinstance(value, str) else _number(value)


def _in_shell(value: Any) -> str:
    """As one word: in quotes where a shell would cut it or take it for something else."""
    if isinstance(value, Mapping):
        return next((f"{_in_shell(key)}={_in_shell(each)}" for key, each in value.items()), "")
    return f'"{value}"' if re.search(r"[^\w.,:/+-]", str(value)) else _number(value)


def _number(value: Any) -> str:
    """A plain value as it was given; of a table only what it is, for it holds cells."""
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, list | tuple) and len(value) <= MOST_SHOWN:
        return str(value)
    plain = isinstance(value, str | int | dt.date | PurePath | bytes | type(None))
    return str(value) if plain else f"<{type(value).__name__}>"
