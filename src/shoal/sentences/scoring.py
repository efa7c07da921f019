"""How far a shorter way does what `assign` does."""

from __future__ import annotations

from collections.abc import Callable, Mapping

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


SENTENCES: Mapping[str, str | Callable[..., str]] = {"rules-agree": _rules_agree}
