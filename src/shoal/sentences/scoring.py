"""How far a shorter way does what `assign` does."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from shoal.text.nouns import many
from shoal.text.numbers import percent


def _rules_agree(agree: float, none: float, customers: int, held_out: bool) -> str:
    """The shares, and of whom they are.

    >>> _rules_agree(0.87, 0.05, 1234, True)
    'Rules: the segment of 87 % of 1,234 customers held out is the right one; 5 % meet no rule.'
    """
    whom = "held out" if held_out else "(rules of small segments were made from them as well)"
    return (
        f"Rules: the segment of {percent(agree)} of {customers:,} {many()} {whom} is the right "
        f"one; {percent(none)} meet no rule."
    )


def _typing_tool(
    questions: int,
    accuracy: float,
    low: float,
    high: float,
    placed: float,
    placed_rightly: float | None,
    held_out: int,
) -> str:
    """How well questions place.

    >>> _typing_tool(3, 0.9, 0.88, 0.92, 0.8, 0.95, 500)[:72]
    '3 questions place 90 % of 500 customers held out rightly (95 % interval:'
    """
    asked = "1 question places" if questions == 1 else f"{questions} questions place"
    first = (
        f"{asked} {percent(accuracy)} of {held_out:,} {many()} held out rightly (95 % interval: "
        f"{percent(low)} to {percent(high)}), where everybody is placed."
    )
    if placed_rightly is None:
        return f"{first} With the right to abstain nobody is placed."
    return (
        f"{first} With the right to abstain {percent(placed)} are placed, "
        f"{percent(placed_rightly)} of these rightly."
    )


FORMATS = {"pmml": "PMML", "onnx": "ONNX", "sklearn": "scikit-learn"}


def _exported(
    format: str,
    labels: Sequence[str],
    not_carried: Sequence[str],
    without_values: int | None,
) -> str:
    """What a model in another format gives, and what it does not.

    >>> _exported("sklearn", ["segment"], ["margin"], 3)[:60]
    'It gives segment as assign does. scikit-learn does not carry'
    """
    parts = [f"It gives {', '.join(labels)} as assign does."]
    if not_carried:
        parts.append(f"{FORMATS[format]} does not carry {', '.join(not_carried)}.")
    if without_values is not None:
        parts.append(
            "Who has a value in none of the columns has no segment by assign, and segment "
            f"{without_values} by this."
        )
    return " ".join(parts)


SENTENCES: Mapping[str, str | Callable[..., str]] = {
    "rules-agree": _rules_agree,
    "typing-tool": _typing_tool,
    "exported": _exported,
}
