"""What is said of a name that somebody proposes, beside the figures."""

from __future__ import annotations

from collections.abc import Callable

from shoal.sentences.interpret import Difference, shown_side
from shoal.text.numbers import percent

WORDS = {
    "highest": "the highest of all segments",
    "high": "high",
    "higher": "higher than everybody's",
    "middle": "about as everybody's",
    "lower": "lower than everybody's",
    "low": "low",
    "lowest": "the lowest of all segments",
}
SHARES = {
    "highest": "more than elsewhere",
    "high": "more than elsewhere",
    "higher": "more than elsewhere",
    "middle": "about as many as elsewhere",
    "lower": "fewer than elsewhere",
    "low": "fewer than elsewhere",
    "lowest": "fewer than elsewhere",
}
CLEARLY = {1: "clearly above", 0: "as", -1: "clearly below"}


def _number(said: str, way: str, holds: bool, difference: Difference, clear: bool) -> str:
    """`clear` says whether the segment lies apart from everybody at all."""
    d = difference
    figures = f"median {d.unit.say(d.value)} against {d.unit.say(d.everybody)} of everybody, mean "
    figures += f"{d.unit.say(d.mean)} against {d.unit.say(d.mean_of_all)}"
    claim = f'"{said}" says that {d.column} is {WORDS[way]}'
    if holds:
        return f"{claim}, and it is: {figures}."
    if way in ("highest", "lowest") and clear:
        return f"{claim}, and the figures do not: {figures}."
    side = CLEARLY[shown_side(d)] if clear else "hardly apart from"
    return f"{claim}, and the figures do not: it is {side} everybody's ({figures})."


def _share(
    said: str, column: str, word: str, way: str, holds: bool, value: float, everybody: float
) -> str:
    figures = f"{percent(value)} against {percent(everybody)} of everybody"
    claim = f'"{said}" says that {column} is {word} for {SHARES[way]}'
    if holds:
        return f"{claim}, and it is: {figures}."
    return f"{claim}, and the figures do not: {figures}."


SENTENCES: dict[str, str | Callable[..., str]] = {
    "claim-number": _number,
    "claim-share": _share,
}
