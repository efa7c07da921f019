"""The file that `shoal run` does, as it is written for a table that was looked at.

What a person said stands in it. What shoal takes the table to be stands there as a comment: made a
line of its own it would be somebody's word, which a guess is not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import structs

from shoal.options import FitOptions
from shoal.text.toml import one_line, quoted, written
from shoal.types import Column, Profile

_HEAD = """\
# What `shoal run` does in this folder. Written by `shoal init`, and yours to change.
# The command line wins over variables such as SHOAL_K, and they win over this file.
# An option behind a # is what shoal does by itself, or an example: take the # away to lay it down.
# All options: shoal segment --help
"""
_FIT = {
    "k": "for example; chosen by evidence when left out",
    "k_max": "most segments to consider",
    "min_share": "no segment smaller than this share, such as 0.05",
    "reruns": "how often to choose k anew on nine tenths of the customers",
    "scale": "auto, standard, robust or none",
    "fill": "what stands in for gaps in numbers: median, mean or zero",
    "seed": "the same table and seed give the same segments",
}
_LIMITS = {
    "memory": ("1GB", "for example; what rows may take before they go to disk"),
    "threads": (2, "for example; all processors when left out, no more than 8 to read rows"),
}
_ORDERS = """\
# Are the rows orders, or customers? Somebody must say: take the # from one of these lines.
# orders = true  # they are summed up to one row a customer
# one_row_a_customer = true
"""


def job_toml(profile: Profile, source: str, out: str, said: Mapping[str, Any]) -> str:
    """The file as text.

    `said` are the options that a person gave when it was written.
    """
    head = [_HEAD, f"source = {written(source)}", f"out = {written(out)}"]
    given = [f"{name} = {written(value)}" for name, value in said.items()]
    parts = [
        _part("How the table is read", _reading(profile), said),
        _part("What its columns are", _columns(profile), said),
        _part("How segments are found", _fit(), said),
        _part("What a run may take", _limits(), said),
    ]
    text = "\n".join([*head, *given]) + "\n" + "".join(parts)
    if any(finding.code == "looks-like-orders" for finding in profile.findings):
        text += "\n" + _ORDERS
    return text + ("" if "columns" in said else "".join(_meanings(profile)))


Row = tuple[str, Any, str]  # an option, its value, and why or what for


def _part(title: str, rows: Iterator[Row], said: Mapping[str, Any]) -> str:
    lines = [
        f"# {name} = {written(value)}" + (f"  # {one_line(why)}" if why else "")
        for name, value, why in rows
        if name not in said
    ]
    return "\n".join([f"\n# {title}", *lines]) + "\n" if lines else ""


def _reading(profile: Profile) -> Iterator[Row]:
    read = profile.read_as
    found: dict[str, Any] = {
        "sep": read.sep,
        "decimal": read.decimal,
        "encoding": read.encoding,
        "header": read.header_row,
        "sheet": read.sheet,
    }
    for name, value in found.items():
        if value is not None:
            yield name, value, ""


def _columns(profile: Profile) -> Iterator[Row]:
    own = [column for column in profile.columns if column.made is None]
    names = {column.name for column in own}
    for column in own:
        if column.role == "id":
            yield "id", column.name, column.role_reason
    basis = [name for name in profile.basis if name in names]
    if basis:
        yield "by", basis, "these form segments"
    if profile.value in names:
        yield "value", profile.value, "shares of value are computed on it"
    if profile.outcome is not None:
        yield "outcome", profile.outcome, "its rate is told of every segment"
    left_out = [column.name for column in own if column.role == "ignore"]
    if left_out:
        yield "ignore", left_out, "left out"
    yield "noun", f"{profile.noun.one}/{profile.noun.many}", "what a row is called"
    if profile.analysis_date:
        yield "date", profile.analysis_date, "from which days are counted: the latest one"


def _fit() -> Iterator[Row]:
    usual = {field.name: field.default for field in structs.fields(FitOptions)}
    for name, what in _FIT.items():
        yield name, 5 if name == "k" else usual[name], what


def _limits() -> Iterator[Row]:
    for name, (value, what) in _LIMITS.items():
        yield name, value, what


def _meanings(profile: Profile) -> Iterator[str]:
    """What columns stand for, where that is understood."""
    known = [c for c in profile.columns if c.made is None and c.confidence in ("sure", "likely")]
    if known:
        yield "\n# What columns stand for; every word of it: docs/meaning.md\n"
    yield from map(_meaning, known)


def _meaning(column: Column) -> str:
    why = f"  # {one_line(column.why_meaning)}" if column.why_meaning else ""
    lines = [f"# [columns.{quoted(column.name)}]", f"# meaning = {quoted(column.meaning)}{why}"]
    if column.direction in ("good", "bad"):
        lines.append(f"# direction = {quoted(column.direction)}")
    return "\n".join(lines) + "\n"
