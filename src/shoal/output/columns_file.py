"""What each column was taken to be, as a file that a person can correct and give back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from shoal.options.columns import DATE_OF
from shoal.output.atomic import replace_file
from shoal.text.toml import one_line, quoted
from shoal.types import Column, Profile

_HEAD = """\
# What shoal took each column to be. Correct what is wrong and give the file back with --columns.
# role: id, basis (forms segments), describe, value, date, ignore.
# direction: is a high value good for the seller? good, bad, none, unknown.
# Also: label (what people call it), unit, part_of (the total that it is a part of),
# as (of a date: recency, tenure, time until). Lines that are right anyway may go.
"""
_BECOMES = {aspect: becomes for becomes, aspect in DATE_OF.items()}


def columns_toml(profile: Profile) -> str:
    """The file as text: a part for each column of the table, with the reason as a comment."""
    own = [column for column in profile.columns if column.made is None]
    return _HEAD + "".join(_part(column) for column in own)


def write_columns(profile: Profile, path: Path) -> Path:
    """Write the file, whole or not at all. Raises OutputError when it cannot be written."""
    return replace_file(path, columns_toml(profile).encode())


def _part(column: Column) -> str:
    why = f"  # {column.why_meaning}" if column.why_meaning else ""
    lines = [f"\n[{quoted(column.name)}]", f"role = {quoted(column.role)}"]
    lines.append(f"meaning = {quoted(column.meaning)}{one_line(why)}")
    lines += [f"{name} = {quoted(word)}" for name, word in _further(column) if word]
    return "\n".join(lines) + "\n"


def _further(column: Column) -> Iterator[tuple[str, str]]:
    yield "direction", column.direction
    yield "label", column.label
    yield "unit", column.unit
    yield "part_of", column.part_of or ""
    yield "as", _BECOMES.get(column.aspect, "") if column.kind == "date" else ""
