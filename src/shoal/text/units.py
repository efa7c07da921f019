"""How the figures of one column are written: its unit, and the step to which they are rounded."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from shoal.text.headers import BRACKETS, tokens

_UNIT = re.compile(
    r"^(?:[kKmM]?\s?[$€£¥]|[$€£¥]\s?[kKmM]?|%|k?(?:usd|eur|gbp|chf|inr|brl|k)"
    r"|years?|yrs?|days?|months?|hours?|km|kg|min)$",
    re.I,
)


@dataclass(frozen=True)
class Unit:
    """How a figure of a column is written: what stands before and behind it, and to which step it
    is rounded.
    """

    before: str = ""
    behind: str = ""
    step: float = 1.0
    grouped: bool = True  # thousands separators; a year has none

    def say(self, value: float) -> str:
        """The figure, rounded to the step, with thousands separators and its unit.

        >>> dollars = Unit("$", "", 100.0)
        >>> Unit("", " k$", 1.0).say(86.54), dollars.say(12669.0), Unit(step=0.1).say(-0.04)
        ('87 k$', '$12,700', '0.0')
        """
        return f"{self.before}{self.bare(value)}{self.behind}"

    def bare(self, value: float) -> str:
        """The figure without its unit."""
        if not math.isfinite(value):
            return "unknown"
        decimals = max(0, -math.floor(math.log10(self.step) + 1e-9))
        rounded = math.floor(value / self.step + 0.5 + 1e-9) * self.step
        figure = rounded if abs(rounded) > self.step / 2 else 0.0
        return f"{figure:,.{decimals}f}" if self.grouped else f"{figure:.{decimals}f}"


def unit_of(header: str) -> tuple[str, str]:
    """What stands before and behind figures of this column, read from the brackets of its header.

    >>> [unit_of(h) for h in ("Annual Income (k$)", "Price ($)", "Score (1-100)", "Growth [%]")]
    [('', ' k$'), ('$', ''), ('', ''), ('', ' %')]
    """
    units = (found.strip() for found in BRACKETS.findall(header))
    return around(next((unit for unit in units if _UNIT.match(unit)), ""))


def around(unit: str) -> tuple[str, str]:
    """What stands before and behind figures of this unit.

    >>> around("$"), around("€"), around("days"), around("")
    (('$', ''), ('', ' €'), ('', ' days'), ('', ''))
    """
    if unit in ("$", "£"):
        return unit, ""
    return "", f" {unit}" if unit else ""


def step_of(spread: float) -> float:
    """A round step (a power of ten), at most a thirtieth of the spread, at which differences still
    show.

    >>> step_of(36.5), step_of(13800.0), step_of(0.2)
    (1.0, 100.0, 0.001)
    """
    if not (math.isfinite(spread) and spread > 0):
        return 1.0
    return float(10.0 ** min(6, max(-6, math.floor(math.log10(spread / 30 * 1.0000001)))))


_TIMES = {
    1.0: "day days tag tage tagen dia dias jour jours giorno giorni",
    7.0: "week weeks woche wochen semana semanas semaine semaines settimana settimane",
    30.4375: "month months mon mths monat monate monaten mes meses mois mese mesi",
    365.25: "year years yrs jahr jahre jahren ano anos annee annees anno anni",
}
_DAYS = {word: days for days, words in _TIMES.items() for word in words.split()}


def days_of(unit: str, header: str) -> float | None:
    """How many days the unit of time of a column has; None where none is named, or several are.

    >>> days_of("days", "recency"), days_of("", "Months_on_book"), days_of("", "recency")
    (1.0, 30.4375, None)
    """
    for text in (unit, header):
        found = {_DAYS[word] for word in tokens(text) if word in _DAYS}
        if found:
            return found.pop() if len(found) == 1 else None
    return None


_A_YEAR = {
    52.0: "weekly week",
    12.0: "monthly month mensual mensuel mensuelle mensile mensal monatlich monat monats",
    4.0: "quarterly quarter trimestral trimestriel trimestrale",
    1.0: "annual annually yearly year anual annuel annuelle annuale jahrlich jahr jahres",
}
_PERIODS = {word: times for times, words in _A_YEAR.items() for word in words.split()}


def per_year(header: str) -> float | None:
    """How many periods of this column a year has, where its header names one.

    >>> per_year("MonthlyCharges"), per_year("Annual Spend"), per_year("Monetary")
    (12.0, 1.0, None)
    """
    found = {_PERIODS[word] for word in tokens(header) if word in _PERIODS}
    return found.pop() if len(found) == 1 else None
