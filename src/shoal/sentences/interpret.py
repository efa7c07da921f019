"""What is said of segments: traits, evidence of names, rules, insights."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from shoal.text.headers import plain
from shoal.text.nouns import many
from shoal.text.numbers import listed, number, percent
from shoal.text.units import Unit, step_of
from shoal.types import EffectScale

SHOWN = 5  # that are named where more are meant
WHO_SHOWN = 4
WORTH_SAYING = 0.01  # share of a class of RFM
LIFT = 1.15  # from here on a share is said to come so many times as often
UNITLESS = Unit()
GENDER = ("gender", "sex", "genero", "geschlecht", "sexe", "sexo")


@dataclass(frozen=True)
class Difference:
    """A segment against everybody in one column."""

    column: str
    label: str  # the column as people call it
    kind: Literal["number", "flag", "category"]
    value: float  # the segment's median; of words the share of the one that stands out
    everybody: float
    mean: float = float("nan")  # of numbers: the segment's mean
    mean_of_all: float = float("nan")
    unit: Unit = UNITLESS
    word: str = ""  # the category that stands out
    scale: EffectScale = "values"  # that its effect is measured on


@dataclass(frozen=True)
class Item:
    """One column in who a segment is."""

    column: str
    text: str  # "age 32", "61 % women"
    value: float  # the segment's median, or a share
    everybody: float
    effect: float  # in standard deviations of everybody
    is_median: bool = False


@dataclass(frozen=True)
class Comparison:
    """One column of a rule."""

    term: str  # the column as people call it
    at_least: float | None = None
    at_most: float | None = None
    word: str = ""  # the word that is compared with; yes and no are said without quotes
    quoted: bool = True
    holds: bool = True  # False: any other word


@dataclass(frozen=True)
class Known:
    """How a segment stands in one meaning, and the columns that say so."""

    meaning: str
    level: str
    differences: tuple[Difference, ...]  # the largest ones
    more: int  # columns beside them


def shown_side(d: Difference) -> int:
    """On which side of everybody the figures lie that are printed: 1 above, -1 below.

    >>> shown_side(Difference("income", "income", "number", 87.0, 62.0))
    1
    """
    own, everybody = (d.mean, d.mean_of_all) if _alike(d) else (d.value, d.everybody)
    return int(own > everybody) - int(own < everybody)


def _alike(d: Difference) -> bool:
    """Whether the medians are as good as the same, so that means are printed.

    Not where means would hide what medians show, as of few orders with a heavy tail.
    """
    if d.kind != "number" or abs(d.value - d.everybody) > 2 * d.unit.step:
        return False
    apart, of_means = d.value - d.everybody, d.mean - d.mean_of_all
    return not (abs(of_means) < abs(apart) / 2 or apart * of_means < 0)


def against(d: Difference) -> str:
    """The difference in few words; means where medians are alike.

    >>> against(Difference("income", "income", "number", 87.0, 62.0, unit=Unit("", " k$")))
    '87 k$ (everybody: 62 k$)'
    >>> against(Difference("visits", "visits", "number", 4.0, 2.0, 5.1, 3.2))
    '5.1 on average (everybody: 3.2)'
    >>> against(Difference("visits", "visits", "number", 4.0, 2.0, 4.38, 4.27))
    '4 (everybody: 2)'
    """
    if d.kind != "number":
        return f"{percent(d.value)} (everybody: {percent(d.everybody)})"
    if _alike(d):
        mean, overall = _means(d)
        return f"{mean} on average (everybody: {overall})"
    return f"{d.unit.say(d.value)} (everybody: {d.unit.say(d.everybody)})"


def _means(d: Difference) -> tuple[str, str]:
    """Both means, as finely as it takes to see them apart."""
    finer = min(d.unit.step, step_of(10 * abs(d.mean - d.mean_of_all)))
    unit = replace(d.unit, step=finer)
    return unit.say(d.mean), unit.say(d.mean_of_all)


# --- traits ---------------------------------------------------------------------------------------


def _share(difference: Difference) -> str:
    d = difference
    lift = ""
    if d.everybody > 0 and d.value / d.everybody >= LIFT:
        lift = f", {d.value / d.everybody:.1f} times as often"
    said = "yes" if d.kind == "flag" else f'"{d.word}"'
    return f"{d.column}: {percent(d.value)} {said} (everybody: {percent(d.everybody)}{lift})"


def _spread(
    difference: Difference,
    quartiles: tuple[float, float, float],
    quartiles_of_all: tuple[float, float, float],
) -> str:
    d, say = difference, difference.unit.bare
    low, middle, high = map(say, quartiles)
    low_of_all, middle_of_all, high_of_all = map(say, quartiles_of_all)
    half = f"half of them between {low} and {high}"
    if low == high:
        half = f"half of them or more have {middle}"
    elif (low, middle, high) != (low_of_all, middle_of_all, high_of_all):
        return f"{d.column}: {half} (everybody: {low_of_all} to {high_of_all})"
    mean, overall = _means(d)
    return f"{d.column}: {half}, {mean} on average (everybody: {overall} on average)"


# --- names ----------------------------------------------------------------------------------------


def _named_by_column(said: str, difference: Difference, effect: float) -> str:
    apart = deviations(effect, difference.scale)
    return f'"{said}": {difference.column} {against(difference)}, {apart}'


def _compared_names(
    said: str, difference: Difference, others: Sequence[tuple[int, Difference]], effect: float
) -> str:
    """Against the segments that would have the same name."""
    shown = others[:SHOWN]
    beside = ", ".join(f"segment {segment}: {d.unit.say(d.value)}" for segment, d in shown)
    own = f"{difference.column} {difference.unit.say(difference.value)} ({beside})"
    return f'"{said}": {own}, {deviations(effect, difference.scale)} from everybody'


def deviations(effect: float, *scales: EffectScale) -> str:
    """An effect in words that say what its standard deviations are of.

    >>> deviations(0.9, "values"), deviations(-0.9, "logarithms")
    ('+0.90 standard deviations', '-0.90 standard deviations of the logarithm')
    >>> deviations(0.9, "ranks", "values")
    '+0.90 standard deviations (of ranks and values)'
    """
    kinds = sorted(set(scales))
    if len(kinds) > 1:
        return f"{effect:+.2f} standard deviations (of {listed(kinds)})"
    return f"{effect:+.2f} standard deviations{_OF[kinds[0]]}"


_OF: dict[str, str] = {"values": "", "logarithms": " of the logarithm", "ranks": " of the ranks"}


def _named_by_family(
    said: str, agree: int, columns: int, effect: float, scales: Sequence[EffectScale]
) -> str:
    apart = deviations(effect, *scales)
    return f'"{said}": {agree} of {columns} columns differ that way, on average by {apart}'


def _middle(said: str, column: str, effect: float, scale: EffectScale) -> str:
    return (
        f'"{said}": no column differs clearly from everybody for most of them; '
        f"the most different is {column} ({deviations(effect, scale)})"
    )


def _rfm_class(
    said: str, shares: Sequence[tuple[str, float]], medians: Sequence[tuple[str, float]]
) -> str:
    """The classes of RFM that its customers fall in, the largest first."""
    large = [(name, share) for name, share in shares[:SHOWN] if share >= WORTH_SAYING]
    mixed = ", ".join(f"{percent(share)} {name}" for name, share in large)
    middle = ", ".join(f"{column} {number(value)}" for column, value in medians)
    return f'"{said}": by classes of RFM they are {mixed}; medians: {middle}'


# --- who they are ---------------------------------------------------------------------------------


def _who_short(items: Sequence[Item]) -> str:
    """The items in a line; the first number says that numbers are medians."""
    first = next((i for i, item in enumerate(items) if item.is_median), None)
    said = [f"median {x.text}" if i == first else x.text for i, x in enumerate(items)]
    return ", ".join(said) or "like everybody"


# --- rules ----------------------------------------------------------------------------------------


def _where(comparisons: Sequence[Comparison]) -> str:
    return " and ".join(map(_compared, comparisons))


def _compared(c: Comparison) -> str:
    if c.word:
        word = f'"{c.word}"' if c.quoted else c.word
        return f"{c.term} is {'' if c.holds else 'not '}{word}"
    if c.at_least is None:
        return f"{c.term} ≤ {number(c.at_most, 6)}"
    if c.at_most is None:
        return f"{c.term} ≥ {number(c.at_least, 6)}"
    return f"{c.term} between {number(c.at_least, 6)} and {number(c.at_most, 6)}"


def _measured(
    precision: float,
    coverage: float,
    held_out: int,
    precision_range: tuple[float, float] | None = None,
    coverage_range: tuple[float, float] | None = None,
) -> str:
    how = f"measured on {held_out:,} {many()} not used to make it"
    if not held_out:
        how = f"measured on the {many()} it was made from, too few to hold some back: "
        how += "of others it will hold less often"
    return (
        f"{percent(precision)} of those it catches are in the segment"
        f"{_between('95 % sure: ', precision_range)}, "
        f"it finds {percent(coverage)} of the segment{_between('', coverage_range)}; {how}"
    )


def _between(sure: str, bounds: tuple[float, float] | None) -> str:
    return "" if bounds is None else f" ({sure}{percent(bounds[0])} to {percent(bounds[1])})"


# --- insights -------------------------------------------------------------------------------------


def _size(size: int, total: int) -> str:
    return f"{size:,} of {total:,} {many()} ({percent(size / total)})."


def _differences(differences: Sequence[Difference]) -> str:
    return f"What sets them apart most: {'; '.join(map(labelled, differences))}."


def _like_everybody(largest: Difference | None) -> str:
    text = "They are close to everybody in every column that formed the segments"
    if largest is None:
        return f"{text}."
    return f"{text}; the largest difference is {labelled(largest)}."


def labelled(d: Difference) -> str:
    """The difference with the name of its column."""
    if d.kind == "flag":
        return f"{d.label} yes {against(d)}"
    if d.kind == "number":
        return f"{d.label} {against(d)}"
    if plain(d.label) in GENDER and d.word.isalpha():
        return f"{percent(d.value)} {d.word} (everybody: {percent(d.everybody)})"
    return f"{d.label} {d.word} {against(d)}"


def _who(differences: Sequence[Difference]) -> str:
    return f"Who they are: {'; '.join(map(labelled, differences))}."


def _who_unknown(labels: Sequence[str]) -> str:
    told = listed(labels[:WHO_SHOWN], last="or")
    more = " or other columns" if len(labels) > WHO_SHOWN else ""
    return f"Who they are: nothing in {told}{more} tells them from everybody."


# --- levels ---------------------------------------------------------------------------------------


MEANINGS = {  # whose own word says something else to people
    "means": "income, savings or limits",
    "money_in": "the money they bring",
    "money_out": "the money they cost",
    "since_trouble": "the time since trouble",
}


def level(known: Known) -> str:
    """How a segment stands in one meaning, with the columns that say so."""
    more = f" and {known.more} more" if known.more else ""
    shown = ", ".join(f"{d.column} {against(d)}" for d in known.differences)
    meaning = MEANINGS.get(known.meaning, known.meaning.replace("_", " "))
    verb = "are" if meaning.endswith("s") else "is"
    return f"{meaning} {verb} {known.level}: {shown}{more}"


SENTENCES: dict[str, str | Callable[..., str]] = {
    "trait-share": _share,
    "trait-spread": _spread,
    "name-column": _named_by_column,
    "name-rfm": _rfm_class,
    "name-asked": '"{said}": so you named it',
    "name-kept": '"{said}": so it was called before; what sets it apart now is "{now}"',
    "name-compared": _compared_names,
    "name-family": _named_by_family,
    "name-middle": _middle,
    "name-few": '"{said}": some figures it rests on are of fewer than {least} {many}, not shown',
    "few": "Figures of fewer than {least} {many} are not shown.",
    "who-short": _who_short,
    "rule-where": _where,
    "rule-everybody": "every {one} (no simple rule tells this segment apart)",
    "rule-measured": _measured,
    "size": _size,
    "differences": _differences,
    "like-everybody": _like_everybody,
    "who-they-are": _who,
    "who-unknown": _who_unknown,
}
