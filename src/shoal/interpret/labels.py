"""From column headers and numbers to words that people read: short labels, units, rounded figures."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from shoal.text.headers import BRACKETS, plain, words

FILLERS = re.compile(
    r"total|num|number|nr|count|cnt|ct|annual|yearly|anual|anuel(le)?|annuel(le)?|jahrlich(e[rs]?)?|amount|amt|mnt|montant|importe|importo|"
    r"betrag|avg|average|mean|sum|of|the|per|ever|customers?|cust|clients?|clientes?|kunden?"
)
EXPANSIONS = {
    "trans": "transactions",
    "txn": "transactions",
    "txns": "transactions",
    "qty": "quantity",
    "bal": "balance",
    "edu": "education",
    "freq": "frequency",
    "cmp": "campaign",
    "chng": "change",
    "prods": "products",
    "prod": "product",
    "pct": "percent",
    "amt": "amount",
    "mnt": "amount",
    "ct": "count",
    "cnt": "count",
    "num": "number",
    "avg": "average",
    "mon": "months",
}
COUNTS = frozenset({"num", "number", "count", "cnt", "ct"})
TIMES = frozenset({"day", "week", "month", "mon", "quarter", "year"})
PERIOD = re.compile(r"^\d+(mo|m|mon|months?|d|days?|w|weeks?|y|years?)?$")
UNIT = re.compile(
    r"^(?:[kKmM]?\s?[$€£¥]|[$€£¥]\s?[kKmM]?|%|k?(?:usd|eur|gbp|chf|inr|brl|k)|years?|yrs?|days?|months?|hours?|km|kg|min)$",
    re.I,
)


@dataclass(frozen=True)
class Unit:
    """How a figure of a column is written: what stands before and behind it, and to which step it is rounded."""

    before: str = ""
    behind: str = ""
    step: float = 1.0
    grouped: bool = True  # thousands separators; a year has none

    def say(self, value: float) -> str:
        """The figure, rounded to the step, with thousands separators and its unit.

        >>> Unit("", " k$", 1.0).say(86.54), Unit("$", "", 100.0).say(12669.0), Unit(step=0.1).say(-0.04)
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

    >>> unit_of("Annual Income (k$)"), unit_of("Price ($)"), unit_of("Spending Score (1-100)"), unit_of("Growth [%]")
    (('', ' k$'), ('$', ''), ('', ''), ('', ' %'))
    """
    for found in BRACKETS.findall(header):
        unit = found.strip()
        if unit in ("$", "£"):
            return unit, ""
        if UNIT.match(unit):
            return "", f" {unit}"
    return "", ""


def step_of(spread: float) -> float:
    """A round step (a power of ten), at most a thirtieth of the spread, at which differences still show.

    >>> step_of(36.5), step_of(13800.0), step_of(0.2)
    (1.0, 100.0, 0.001)
    """
    if not (math.isfinite(spread) and spread > 0):
        return 1.0
    return float(10.0 ** min(6, max(-6, math.floor(math.log10(spread / 30 * 1.0000001)))))


def short(header: str) -> str:
    """What people call the column: units, periods and filler words are left out where something remains.

    >>> short("Annual Income (k$)"), short("Spending Score (1-100)"), short("MntWines"), short("Flight_miles_12mo")
    ('income', 'spending', 'wines', 'flight miles')
    >>> short("order_num_total_ever_online"), short("NumWebPurchases"), short("Total_Trans_Ct")
    ('orders online', 'web purchases', 'transactions')
    """
    found = term(header).split()
    if len(found) == 2 and found[0].startswith("spend") and found[1] == "score":
        return found[0]
    return " ".join(found)


def term(header: str) -> str:
    """The label used in rules: like `short`, but a score is called a score.

    >>> term("Spending Score (1-100)")
    'spending score'
    """
    every = words(header)
    counted = [
        i
        for i, w in enumerate(every)
        if w in COUNTS or (w == "no" and every[i + 1 : i + 2] == ("of",))
    ]
    last = len(every) - 1
    kept = [
        i
        for i, w in enumerate(every)
        if not FILLERS.fullmatch(plain(w))
        and i not in counted
        and not (i and PERIOD.match(w))
        and not (counted and i == last and w in TIMES)
    ]
    if not kept or all(every[i].isdigit() for i in kept):
        return " ".join(every)
    plural = (
        {i - 1 for i in counted if i}
        if counted and counted[0]
        else ({kept[-1]} if counted else set())
    )
    return " ".join(_plural(_expand(every[i])) if i in plural else _expand(every[i]) for i in kept)


def _expand(word: str) -> str:
    stem = word.rstrip("0123456789")
    return (
        EXPANSIONS[stem] + (" " + word[len(stem) :] if len(stem) < len(word) else "")
        if stem in EXPANSIONS
        else word
    )


def _plural(word: str) -> str:
    if word.endswith(("s", "children", "people")) or not word.isascii() or not word.isalpha():
        return word
    return word[:-1] + "ies" if word.endswith("y") and word[-2:-1] not in "aeiou" else word + "s"


def labels(headers: Sequence[str], shorten: bool = True) -> dict[str, str]:
    """A label for each header, no two alike: where two would collapse, both say more.

    >>> labels(["Total_Trans_Amt", "Total_Trans_Ct", "Age"])
    {'Total_Trans_Amt': 'total transactions amount', 'Total_Trans_Ct': 'total transactions count', 'Age': 'age'}
    """
    ways = (
        short if shorten else term,
        term,
        lambda h: " ".join(map(_expand, words(h))),
        lambda h: h,
    )
    made = {h: ways[0](h) for h in headers}
    for way in ways[1:]:
        taken = list(made.values())
        made = {h: way(h) if taken.count(label) > 1 else label for h, label in made.items()}
    return made
