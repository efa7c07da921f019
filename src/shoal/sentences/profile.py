"""Why a column has its role, and how it becomes a number."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from shoal.text.nouns import many
from shoal.text.numbers import named, number, percent


def _id_by_name(unique: bool) -> str:
    doubt = "" if unique else ", although values repeat"
    return f"its name says that it tells {many()} apart{doubt}"


def _number(
    column: str,
    gaps: int,
    fill: str,
    stand_in: float,
    log_offset: float | None,
    drawn_in: int | None,
    scaling: str,
    weight: float,
) -> str:
    words = []
    if gaps:
        means = "number" if fill == "zero" else fill
        words.append(f"{gaps:,} gaps filled with the {means} {number(stand_in, 6)}")
    if log_offset == 0:
        words.append("logarithm taken (heavy tail)")
    elif log_offset is not None:
        shift = number(log_offset, 4)
        words.append(f"logarithm of the value + {shift} taken (heavy tail)")
    if drawn_in is not None:
        values = "value" if drawn_in == 1 else "values"
        words.append(f"{drawn_in:,} far-out {values} drawn in while fitting")
    words.append(_SCALINGS[scaling])
    return f'"{column}": ' + ", ".join([*words, *_weighted(weight)]) + "."


_SCALINGS = {
    "none": "taken as it is",
    "robust": "centred at the median and scaled by the interquartile range",
    "standard": "standardised",
}


def _flag(column: str, gaps: int, fill: str | float, scaling: str, weight: float) -> str:
    words = [f"{gaps:,} gaps filled with {fill}"] if gaps else []
    words.append(_FLAG_SCALINGS.get(scaling, _FLAG_SCALED))
    return f'"{column}": ' + ", ".join([*words, *_weighted(weight)]) + "."


_FLAG_SCALINGS = {"none": "0 or 1 as it is", "standard": "standardised"}
_FLAG_SCALED = "0 or 1 around its share, scaled so that a rare yes does not outweigh a number"


def _category(column: str, words: int, gaps: int, weight: float) -> str:
    said = f"{words} words, one yes-or-no each, together weighing as much as one number"
    filled = [f"{gaps:,} gaps placed at everybody's average"] if gaps else []
    return f'"{column}": ' + "; ".join([said, *filled, *_weighted(weight)]) + "."


def _weighted(weight: float) -> list[str]:
    return [] if weight == 1.0 else [f"weighted {weight:g} times"]


def _by_name(meaning: str, aspect: str, words: Sequence[str]) -> str:
    return f"its name says {named(words)}"


def _by_cells(meaning: str, aspect: str, words: Sequence[str]) -> str:
    return "its cells look like it"


def _total(parts: Sequence[str]) -> str:
    return f"the sum of {named(parts)}"


def _money(aspect: str) -> str:
    closer = _ASPECTS.get(aspect, "")
    return f"money that customers bring{closer}: shares of value are computed on it"


_ASPECTS = {
    "period": " in a period",
    "lifetime": " over their lifetime",
    "margin": ", as margin",
    "part": ", a part of it",
}


def _constant(value: float | str) -> str:
    shown = value if isinstance(value, str) else f"{value:.15g}"
    return f"it is constant ({shown})"


SENTENCES: dict[str, str | Callable[..., str]] = {
    "role-unknown": "",
    "role-empty": "it is empty",
    "role-constant": _constant,
    "role-missing": lambda share: f"{percent(share)} of it is missing",
    "role-id-by-name": _id_by_name,
    "role-id-by-values": "every value is different",
    "role-id-by-digits": "whole numbers of 15 digits and more, every one different",
    "role-id-in-front": "every value is a different whole number, in the first column",
    "role-counts-rows": "it counts the rows",
    "role-numbers-rows": "it numbers the rows, one by one",
    "role-earlier-result": "it looks like the result of an earlier analysis",
    "role-date": "its values are dates",
    "role-identifier": "its name says that it is an identifier",
    "role-private": "it names a person or how to reach one",
    "role-code": "it is a code, not a measure",
    "role-free-text": "it is free text ({distinct} different values)",
    "role-demographic": "who {many} are describes segments, it does not form them",
    "role-outcome": "an outcome describes segments, it does not form them",
    "role-category": "a category of {distinct} words describes segments",
    "role-flag": "a yes-or-no describes segments",
    "role-flag-forms": ("a yes-or-no forms segments here, since the table has hardly any amounts"),
    "role-class": "its numbers are codes of a class, not amounts",
    "role-measure": "a number that says what {many} do or have",
    "role-money": _money,
    "role-money-made": lambda parts: f"made: {_total(parts)}; shares of value are computed on it",
    "role-leak": "it is the score of a model",
    "role-date-as-number": "its numbers are dates",
    "role-days": 'made of "{column}", counted on {day}',
    "meaning-constant": "all its cells are the same",
    "meaning-persons": "its cells name persons or tell how to reach them",
    "meaning-unknown": "neither its name nor its cells say it",
    "meaning-by-name": _by_name,
    "meaning-by-cells": _by_cells,
    "meaning-stated": "you said so",
    "meaning-kept": "as before",
    "meaning-survey": "one of {questions} yes-or-no questions",
    "meaning-scale": "one of {questions} questions answered on a scale up to {top:g}",
    "meaning-basket": "one of {goods} columns named by goods: what was bought of each",
    "meaning-owed-on-a-card": "a balance beside a credit limit is owed",
    "meaning-rfm-scores": "R, F and M on a scale are scores of an earlier analysis",
    "meaning-rfm-values": "R, F and M, which are no scores: recency, orders and money",
    "meaning-receipts": 'tickets are receipts, as "{money}" says',
    "meaning-paid-back": "what is paid beside loans is paid back",
    "meaning-first-to-last": (
        'it is nowhere more than "{age}", and 0 where nobody bought again: '
        "from the first purchase to the last one"
    ),
    "meaning-total": _total,
    "meaning-days": '{kind} "{column}", counted on {day}',
    "role-doubles": 'it says the same as "{earlier}" (Spearman {r:.3f})',
    "set-role": "set by you",
    "role-kept": "as before",
    "value-kept": "as before: shares of value are computed on it",
    "set-value": "set by you: shares of value are computed on it",
    "orders-role": "it follows from the orders",
    "orders-value": "it follows from the orders: shares of value are computed on it",
    "set-basis-money": (
        "set by you to form segments; as money, shares of value are computed on it"
    ),
    "set-other-id": "another column was set as the id",
    "set-other-value": "another column was set as the value",
    "set-other-basis": "it was not asked to form segments",
    "feature-number": _number,
    "feature-flag": _flag,
    "feature-category": _category,
}
