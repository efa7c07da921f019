"""How an option is named to whoever asked: in Python, in the shell, or on a page."""

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
_OF_SHELL: Mapping[str, str] = {}  # a page that has no words of its own is the command line
# Who does not speak Python says so once, at the start of a process of its own.
_words: Mapping[str, str] | None = None


def speaking_shell() -> AbstractContextManager[None]:
    """Name options as the shell has them, `--k-max 10`, for as long as this lasts."""
    return _speaking(_OF_SHELL)


def speaking_python() -> AbstractContextManager[None]:
    """Name options as arguments, `k_max=10`, for as long as this lasts."""
    return _speaking(None)


def speaking_words(words: Mapping[str, str]) -> AbstractContextManager[None]:
    """Name options by what a page has for them, for as long as this lasts; others as the shell's.

    >>> with speaking_words({"by": "the box beside a column"}):
    ...     option("by", "COLUMN"), option("decimal", ",")
    ('the box beside a column', '--decimal , of the command line')
    >>> with speaking_words({"k": "number of segments"}):
    ...     option("k"), option("k", 7)
    ('number of segments', 'number of segments 7')
    """
    return _speaking(words)


@contextmanager
def _speaking(words: Mapping[str, str] | None) -> Iterator[None]:
    global _words
    before, _words = _words, words
    try:
        yield
    finally:
        _words = before


def whoever_asks(*, shell: str, python: str, page: str) -> str:
    """What to do next, in the words of whoever reads it.

    >>> whoever_asks(shell="shoal inspect FILE", python="shoal.inspect(table)", page="")
    'shoal.inspect(table)'
    """
    if _words is None:
        return python
    return shell if _words is _OF_SHELL else page


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
    if _words is None:
        return name if value is None else f"{name}={_in_python(value)}"
    if name in _words:
        number = isinstance(value, int) and not isinstance(value, bool)
        return f"{_words[name]} {value}" if number else _words[name]
    shown = "--" + _SHELL_NAMES.get(name, name).strip("_").replace("_", "-")
    shown = shown if value is None or value is True else f"{shown} {_in_shell(value)}"
    return shown if _words is _OF_SHELL else f"{shown} of the command line"


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
