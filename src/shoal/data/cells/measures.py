"""Numbers with a unit or another word: 12.5 kg, $9.99/mo, BTC 0.5, and times such as 0:15."""

from __future__ import annotations

import re
from collections.abc import Sequence

from shoal.data.cells.numbers import CURRENCY

MEASURE = re.compile(
    rf"(?:[<>≥≤] ?)?(?P<money>{CURRENCY} ?)?[-+]?\d{{1,12}}(?P<part>[.,]\d{{1,6}})?(?P<more>\+?)"
    r"(?P<gap> ?)(?P<word>/?[^\W\d_]{1,12}\.?)(?P<rest> \d{1,4} ?[^\W\d_]{1,12})?"
    r"|\d{1,3}(?::\d\d){1,2}|\d{1,5} days?,? \d{1,2}:\d\d(?::\d\d(?:\.\d{1,9})?)?"
)
# … with one word before them, such as a currency: "BTC 0.5"
LED = re.compile(r"(?P<word>[^\W\d_]{1,6}[./]?|[^\w\s.,+\-]) ?[-+]?\d{1,12}(?P<part>[.,]\d{1,6})?")
FEW_UNITS = 6  # different words behind the numbers of one column


def measures(cells: Sequence[str]) -> bool:
    """Whether all cells are a number with one of a few words, or a time such as 0:15.

    A code (85123A) has neither a blank nor a fraction, nor money before it.

    >>> measures(["12.5 kg", "3 kg"]), measures(["0:15:00", "1:02:30"]), measures(["85A", "7B"])
    (True, True, False)
    >>> measures(["$9.99/mo", "$5/mo"]), measures(["11m 5s", "2m 40s"])
    (True, True)
    """
    if not cells or len(set(cells)) < 2:
        return False
    found = [MEASURE.fullmatch(cell) for cell in cells]
    if not all(found):
        return _are_led(cells)
    words = {m["word"] for m in found if m and m["word"]}
    signs = ("gap", "part", "money", "more", "rest")
    apart = any(m and m["word"] and any(m[each] for each in signs) for m in found)
    return len(words) <= FEW_UNITS and (apart or not words)


def _are_led(cells: Sequence[str]) -> bool:
    """Whether one and the same word stands before all numbers, some of which have fractions."""
    found = [LED.fullmatch(cell) for cell in cells]
    known = [m for m in found if m]
    one_word = len(known) == len(cells) and len({m["word"] for m in known}) == 1
    return one_word and any(m["part"] for m in known)
