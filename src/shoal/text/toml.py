"""Values and reasons as TOML has them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def written(value: Any) -> str:
    r"""A value of TOML: a text, a number, yes or no, a list, or a table in one line.

    >>> written(["a", 'b"c']), written(True), written(1.5), written({"x y": 2})
    ('["a", "b\\"c"]', 'true', '1.5', '{"x y" = 2}')
    """
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, Mapping):
        pairs = (f"{quoted(str(key))} = {written(each)}" for key, each in value.items())
        return f"{{{', '.join(pairs)}}}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(written, value))}]"
    return quoted(str(value))


def quoted(text: str) -> str:
    """A basic string of TOML."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(_escape(c) for c in escaped) + '"'


def _escape(character: str) -> str:
    plain = character.isprintable() or character == " "
    return character if plain else f"\\U{ord(character):08X}"


def one_line(text: str) -> str:
    """A text that may stand in a comment."""
    return "".join(c if c.isprintable() else " " for c in text)
