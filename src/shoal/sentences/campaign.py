"""What is said of campaigns: what a plan can show, and what a campaign did."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from shoal.text.nouns import many, one
from shoal.text.numbers import number


def share(value: float) -> str:
    """A share or a lift of one, finer than `percent`, since lifts are small.

    >>> share(0.0123), share(-0.2)
    ('1.23 %', '-20 %')
    """
    return f"{value * 100:.3g} %"


def _as(kind: str, value: float) -> str:
    return share(value) if kind == "rate" else number(value)


def _points(value: float, sign: str = "") -> str:
    """A difference of shares, in points of a hundred.

    >>> _points(0.01), _points(-0.025, "+")
    ('1 point', '-2.5 points')
    """
    told = f"{value * 100:{sign}.3g}"
    return f"{told} point" if told.lstrip("+-") == "1" else f"{told} points"


def _signed(kind: str, value: float) -> str:
    points = _points(value, "+")
    return points if kind == "rate" else f"{'+' if value > 0 else ''}{number(value)}"


def _drawn(*, target: int, hold_out: int, segments: int) -> str:
    noun = "segment" if segments == 1 else "segments"
    return f"{target:,} {many()} are the target, {hold_out:,} are held out, in {segments} {noun}."


def _assumed(*, rate: float) -> str:
    return (
        f"Nobody said how many would have the outcome anyway: {share(rate)} is assumed. "
        "Say it, since everything below hangs on it."
    )


def _can_show(
    *, name: str, rate: float, smallest: float, power: float, lift: float, needed: int | None
) -> str:
    told = (
        f"{name}: where {share(rate)} would anyway, a lift of {_points(smallest)} is "
        f"shown in {power * 100:.0f} of 100 campaigns"
    )
    if needed is None:
        return f"{told}; {_points(lift)} would take more {many()} than there can be."
    return f"{told}; {_points(lift)} would take {needed:,} {many()}."


def _shows_nothing(*, name: str, rate: float, lift: float, needed: int | None) -> str:
    told = f"{name}: too few to show any lift where {share(rate)} would anyway"
    if needed is None:
        return f"{told}."
    return f"{told}; {_points(lift)} would take {needed:,} {many()}."


def _can_show_money(*, name: str, value: str, smallest: float, mean: float, power: float) -> str:
    return (
        f'{name}: where money spreads as "{value}" before (mean {number(mean)}), a lift of '
        f"{number(smallest)} a {one()} is shown in {power * 100:.0f} of 100 campaigns."
    )


def _money_unknown(*, name: str, value: str, payers: int) -> str:
    return (
        f'{name}: of money no lift can be promised, with {payers:,} {many()} whose "{value}" is '
        "known and not 0, and so few held out."
    )


def _rate(kind: str, value: float | str, least: int) -> str:
    """A rate or a mean; of too few to be told of, that they are."""
    if isinstance(value, str):
        return f"fewer than {least}" if value == "few" else f"all but fewer than {least}"
    return _as(kind, value)


def _means(kind: str, lift: float | None, low: float, high: float, beyond_before: bool) -> str:
    between = f"{_signed(kind, low)} to {_signed(kind, high)}"
    if lift is None:
        return f"a lift of {between} (95 % interval)"
    # It is not the difference of the two means that stand beside it then.
    how = ", with the money that each brought before taken into account" if beyond_before else ""
    return f"{_signed(kind, lift)} (95 % interval {between}{how})"


def _told(verdict: str) -> Callable[..., str]:
    """The sentence of a verdict; a rate in place of which a word stands is of too few."""

    def said(
        *,
        kind: str,
        name: str,
        target: float | str,
        hold_out: float | str,
        lift: float | None,
        low: float,
        high: float,
        beyond_before: bool,
        least: int,
    ) -> str:
        own, other = (_rate(kind, value, least) for value in (target, hold_out))
        means = _means(kind, lift, low, high, beyond_before)
        start = f"{name}: {own} of the target, {other} of those held out"
        return f"{start}. {verdict.format(means)}"

    return said


def _too_few(*, name: str, target: int, hold_out: int) -> str:
    return (
        f"{name}: cannot tell, too few had the outcome or are known "
        f"({target:,} of the target, {hold_out:,} held out)."
    )


SENTENCES: Mapping[str, str | Callable[..., str]] = {
    "plan-drawn": _drawn,
    "plan-rate-assumed": _assumed,
    "plan-shows": _can_show,
    "plan-shows-nothing": _shows_nothing,
    "plan-shows-money": _can_show_money,
    "plan-shows-no-money": _money_unknown,
    "campaign-works": _told("It works: {}."),
    "campaign-harms": _told("It harms: {}."),
    "campaign-cannot-tell": _told("Cannot tell: {} may be chance."),
    "campaign-too-few": _too_few,
}
